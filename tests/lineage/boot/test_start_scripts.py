"""What can be started and what cannot, who runs as a child, what a check runs, and what a step needs of an account."""

from collections.abc import Mapping

import pytest

from ctlint.lineage.boot.account_needs import needs_of
from ctlint.lineage.boot.healthcheck import commands_of_healthcheck
from ctlint.lineage.boot.main_command import argument_vector
from ctlint.lineage.boot.plan import BootPlan
from ctlint.lineage.boot.slash_init import child_starts, main_program, reading_of_main, sees_environment
from ctlint.lineage.boot.start_commands import StartCommands
from ctlint.lineage.boot.startable import SpawnProblem, spawn_problem, spawned
from ctlint.lineage.repository.snapshot import FileSpec
from ctlint.lineage.s6.release import S6Release
from ctlint.lineage.text.errors import Unknown
from folding import Files, image_of, plan_of, program

RELEASE = "https://github.com/just-containers/s6-overlay/releases/download"
RC = "etc/s6-overlay/s6-rc.d"


def overlay(version: str) -> str:
    parts = ("amd64.tar.gz",) if version.startswith("2.") else ("noarch.tar.xz", "x86_64.tar.xz")
    return "".join(
        f"ADD {RELEASE}/v{version}/s6-overlay-{part} /tmp/\nRUN tar xf /tmp/s6-overlay-{part} -C /\n" for part in parts
    )


def booted(
    version: str, files: Mapping[str, str | FileSpec], lines: str = 'ENTRYPOINT ["/init"]\n', base: str = "debian:12"
) -> BootPlan:
    context: Files = {f"root/{path}": program(data) if isinstance(data, str) else data for path, data in files.items()}
    return plan_of(f"FROM {base}\n{overlay(version)}COPY root/ /\n{lines}", context)


ROWS: list[tuple[str, str, str, str | None]] = [
    # (release, path, its text, what is wrong with it)
    ("3.1.6.2", "etc/cont-init.d/a", "#!/bin/sh\n", None),
    ("3.1.6.2", "etc/cont-init.d/a", "#!/bin/bash\n", None),
    ("3.1.6.2", "etc/cont-init.d/a", "#!/bin/zsh\n", "interpreter"),
    ("3.1.6.2", "etc/cont-init.d/a", "#!/usr/bin/env bash\n", None),
    ("3.1.6.2", "etc/cont-init.d/a", "#!/usr/bin/env with-contenv bash\n", "env-contenv"),
    ("3.1.6.2", "etc/cont-init.d/a", "#!/usr/bin/env bash -e\n", "arguments"),
    ("3.1.6.2", "etc/cont-init.d/a", "#!/usr/bin/env -S bash -e\n", None),
    ("3.1.6.2", "etc/cont-init.d/a", "#!/usr/bin/env A=1 bash\n", None),
    ("3.1.6.2", "etc/cont-init.d/a", "#!/command/with-contenv bash\n", None),
    ("3.1.6.2", "etc/cont-init.d/a", "#!/command/with-contenv bash -e\n", "arguments"),
    ("3.1.6.2", "etc/cont-init.d/a", "#!/command/with-contenv zsh\n", "interpreter"),
    ("3.1.6.2", "etc/cont-init.d/a", "#!/command/with-contenv s6-setuidgid\n", None),
    ("3.1.6.2", "etc/cont-init.d/a", "#!/command/with-contenv /bin/sh\n", None),
    ("3.1.6.2", "etc/cont-init.d/a", "#!/command/with-contenv /bin/zsh\n", "interpreter"),
    ("3.1.6.2", "etc/cont-init.d/a", "#!/command/with-contenv ./x\n", None),
    ("3.1.6.2", "etc/cont-init.d/a", "#!/usr/bin/with-contenv bash\n", "contenv-place"),
    ("2.2.0.3", "etc/cont-init.d/a", "#!/usr/bin/with-contenv bash\n", None),
    ("2.2.0.3", "etc/cont-init.d/a", "#!/command/with-contenv bash\n", "contenv-place"),
    ("3.1.6.2", "etc/cont-init.d/a", "echo a\n", None),
    ("2.2.0.3", "etc/cont-init.d/a", "echo a\n", "no-shebang"),
    ("2.2.0.3", "etc/cont-init.d/a", "\n", None),
    ("3.1.6.2", "etc/cont-finish.d/a", "echo a\n", "no-shebang"),
    ("3.1.6.2", "etc/services.d/a/run", "echo a\n", "no-shebang"),
    ("3.1.6.2", "etc/services.d/a/run", "\x7fELF", None),
    ("3.1.6.2", "etc/services.d/a/run", "a\0b", None),
    ("3.1.6.2", "etc/cont-init.d/a", "#!/bin/bash\r\n", "crlf"),
    ("3.1.6.2", "etc/cont-init.d/a", "\ufeff#!/bin/sh\n", None),
    ("3.1.6.2", "etc/cont-init.d/a", "\ufeff#!/bin/bash\n", "bom"),
    ("2.2.0.3", "etc/cont-init.d/a", "\ufeff#!/bin/sh\n", "bom"),
    ("3.1.6.2", "etc/services.d/a/run", "\ufeff#!/bin/sh\n", "bom"),
]


@pytest.mark.parametrize(
    ("version", "path", "text", "code"), ROWS, ids=[f"{row[0]} {row[1]} {row[2]!r}" for row in ROWS]
)
def test_what_cannot_be_started(version: str, path: str, text: str, code: str | None) -> None:
    plan = booted(version, {path: text}, 'RUN apt-get install -y bash\nENTRYPOINT ["/init"]\n')
    assert isinstance(plan.s6, S6Release)
    (one,) = spawned(plan.image, plan)
    assert one.path == f"/{path}"
    problem = spawn_problem(plan.image, plan.s6, one)
    if isinstance(problem, Unknown) and code == "interpreter":
        return  # a package may bring another one
    assert not isinstance(problem, Unknown)
    assert (problem.code if isinstance(problem, SpawnProblem) else None) == code


def test_a_program_that_is_surely_not_there() -> None:
    plan = booted("3.1.6.2", {"etc/cont-init.d/a": "#!/command/with-contenv bash\n"}, base="scratch")
    assert isinstance(plan.s6, S6Release)
    (one,) = spawned(plan.image, plan)
    problem = spawn_problem(plan.image, plan.s6, one)
    assert isinstance(problem, SpawnProblem)
    assert (problem.code, problem.missing) == ("interpreter", "bash")


@pytest.mark.parametrize(
    ("line", "open_"),
    [
        ("RUN dos2unix /etc/cont-init.d/*\n", True),
        ("RUN sed -i 's/\\r$//' /etc/cont-init.d/a\n", True),
        ("RUN sed -i 's/a/b/' /etc/other || true\n", False),
    ],
)
def test_line_ends_that_the_build_mends(line: str, open_: bool) -> None:
    plan = booted("3.1.6.2", {"etc/cont-init.d/a": "#!/bin/sh\r\n"}, f'{line}ENTRYPOINT ["/init"]\n')
    assert isinstance(plan.s6, S6Release)
    one = next(iter(spawned(plan.image, plan)))
    assert isinstance(spawn_problem(plan.image, plan.s6, one), Unknown) is open_


def test_all_that_is_started_once_each() -> None:
    sh = "#!/bin/sh\n"
    files = {
        "etc/cont-init.d/a": sh + "/opt/tool x\n/opt/tool y\n",
        "etc/cont-init.d/.hidden": sh,
        "etc/cont-finish.d/z": sh,
        "etc/services.d/web/run": sh,
        "etc/services.d/web/finish": sh,
        "etc/services.d/web/log/run": sh,
        "etc/services.d/off/run": sh,
        "etc/services.d/off/down": "",
        "etc/services.d/.svc/run": sh,
        "opt/tool": sh,
        f"{RC}/long/type": "longrun",
        f"{RC}/long/run": sh,
        f"{RC}/long/finish": sh,
        f"{RC}/once/type": "oneshot",
        f"{RC}/once/up": "/opt/once",
        f"{RC}/given/type": "oneshot",
        f"{RC}/given/up": "bash /opt/given",
        f"{RC}/idle/type": "longrun",
        f"{RC}/idle/run": sh,
        "opt/once": sh,
        "opt/given": sh,
    }
    files |= {f"{RC}/user/contents.d/{name}": "" for name in ("long", "once", "given")}
    plan = booted("3.1.6.2", files)
    assert [(one.kind, one.path.rpartition("/etc/")[2]) for one in spawned(plan.image, plan)] == [
        ("cont-init", "cont-init.d/a"),
        ("cont-finish", "cont-finish.d/z"),
        ("services.d", "services.d/web/run"),
        ("services.d", "services.d/web/finish"),
        ("services.d", "services.d/web/log/run"),
        ("longrun", "s6-overlay/s6-rc.d/long/run"),
        ("longrun", "s6-overlay/s6-rc.d/long/finish"),
        ("oneshot", "/opt/once"),
        ("called", "/opt/tool"),
    ]


def test_every_command_of_the_start_with_what_it_belongs_to() -> None:
    files = {
        "etc/cont-init.d/a": "#!/bin/sh\nfirst\n/opt/tool\n",
        "opt/tool": "#!/bin/sh\ninside\n",
        "etc/services.d/web/run": "#!/usr/bin/execlineb -P\nserve --all\n",
        "etc/services.d/web/finish": "#!/bin/sh\nended\n",
        f"{RC}/once/type": "oneshot",
        f"{RC}/once/up": "prepare x",
        f"{RC}/user/contents.d/once": "",
        f"{RC}/idle/type": "oneshot",
        f"{RC}/idle/up": "never x",
    }
    plan = booted("3.1.6.2", files)
    found = [(one.name, one.command.name) for one in StartCommands.of(plan.image, plan)]
    assert sorted(found) == [
        ("a", "first"),
        ("a", "inside"),
        ("a", "tool"),
        ("once", "prepare"),
        ("web", "ended"),
        ("web", "serve"),
    ]


@pytest.mark.parametrize(
    ("lines", "script", "expected"),
    [
        ('ENTRYPOINT ["/init"]', "", []),
        ('ENTRYPOINT ["tini", "--", "/init"]', "", ["tini"]),
        ('ENTRYPOINT ["/sbin/tini", "--"]\nCMD ["/init"]', "", ["tini"]),
        ('ENTRYPOINT ["tini", "--", "/run"]', "", []),
        ('ENTRYPOINT ["sh", "-c", "/init"]', "", ["sh"]),
        ('ENTRYPOINT ["sh", "-c", " /init x"]', "", ["sh"]),
        ('ENTRYPOINT ["sh", "-c", "/init-other"]', "", []),
        ('ENTRYPOINT ["sh", "-c", "exec /init"]', "", []),
        ('ENTRYPOINT ["bash", "-c", "/init"]', "", []),
        ('ENTRYPOINT ["sh", "/run.sh"]', "/init", ["run.sh"]),
        ('ENTRYPOINT ["/run.sh"]', "/init", ["run.sh"]),
        ('ENTRYPOINT ["/run.sh"]', "exec /init", []),
        ('ENTRYPOINT ["/run.sh"]', "exec tini -- /init", ["tini"]),
        ('ENTRYPOINT ["/run.sh"]', "tini -- /init", ["tini"]),
        ('ENTRYPOINT ["/run.sh"]', "if test -e /x; then /init; fi", []),
        ('ENTRYPOINT ["/run.sh"]', "while true; do /init; done", []),
        ('ENTRYPOINT ["/run.sh"]', "/other", []),
        ('CMD ["/run.sh"]', "/init", ["run.sh"]),
        ("ENTRYPOINT /init", "", []),
        ("", "", []),
    ],
)
def test_init_as_a_child(lines: str, script: str, expected: list[str]) -> None:
    files = {"run.sh": program(f"#!/bin/sh\n{script}\n")}
    image = image_of(f"FROM debian:12\n{overlay('2.2.0.3')}COPY run.sh /\n{lines}\n", files)
    assert [one.by for one in child_starts(image)] == expected


@pytest.mark.parametrize(
    ("lines", "words", "commands", "sees"),
    [
        ('ENTRYPOINT ["/init"]', None, None, False),
        ('ENTRYPOINT ["/init"]\nCMD ["serve", "-x"]', ("serve", "-x"), ["serve"], False),
        ('ENTRYPOINT ["/init", "serve"]', ("serve",), ["serve"], False),
        ('ENTRYPOINT ["/init"]\nCMD ["sh", "-c", "a; b"]', ("sh", "-c", "a; b"), ["a", "b"], False),
        ('ENTRYPOINT ["/init"]\nCMD ["bash", "-lc", "a"]', ("bash", "-lc", "a"), ["a"], False),
        ('ENTRYPOINT ["/init"]\nCMD ["sh"]', ("sh",), None, False),
        ('ENTRYPOINT ["/init"]\nCMD ["sh", "/plain.sh"]', ("sh", "/plain.sh"), ["plain"], False),
        ('ENTRYPOINT ["/init"]\nCMD ["/plain.sh"]', ("/plain.sh",), ["plain"], False),
        ('ENTRYPOINT ["/init"]\nCMD ["/sees.sh"]', ("/sees.sh",), ["seen"], True),
        ('ENTRYPOINT ["/init"]\nCMD ["with-contenv", "serve"]', ("with-contenv", "serve"), ["serve"], True),
        ('ENTRYPOINT ["/init"]\nCMD ["s6-setuidgid", "app", "/plain.sh"]', ("s6-setuidgid", "app", "/plain.sh"), ["plain"], False),
        ('ENTRYPOINT ["/init"]\nCMD ["nice", "/sees.sh"]', ("nice", "/sees.sh"), ["seen"], True),
        ('ENTRYPOINT ["/hand.sh"]\nCMD ["serve"]', ("serve",), ["serve"], False),
        ('ENTRYPOINT ["/plain.sh"]\nCMD ["serve"]', None, None, False),
        ('CMD ["serve"]', None, None, False),
    ],
)  # fmt: skip
def test_what_init_is_given_to_run(
    lines: str, words: tuple[str, ...] | None, commands: list[str] | None, sees: bool
) -> None:
    files = {
        "plain.sh": program("#!/bin/sh\nplain\n"),
        "sees.sh": program("#!/usr/bin/with-contenv sh\nseen\n"),
        "hand.sh": program('#!/bin/sh\nexec /init "$@"\n'),
    }
    image = image_of(f"FROM debian:12\n{overlay('2.2.0.3')}COPY *.sh /\n{lines}\n", files)
    main = main_program(image)
    assert (main and main.words) == words
    if main is not None:
        reading = reading_of_main(image, main)
        assert (reading and [command.name for command in reading.commands]) == commands
        assert sees_environment(image, main) is sees


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("", None),
        ('CMD ["a"]', ("a",)),
        ('ENTRYPOINT ["a"]\nCMD ["b", "c"]', ("a", "b", "c")),
        ('ENTRYPOINT a b\nCMD ["c"]', ("/bin/sh", "-c", "a b")),
        ('ENTRYPOINT ["a"]\nCMD b', ("a", "/bin/sh", "-c", "b")),
    ],
)
def test_entrypoint_and_cmd_are_joined(lines: str, expected: tuple[str, ...] | None) -> None:
    assert argument_vector(image_of(f"FROM scratch\n{lines}\n")) == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("HEALTHCHECK NONE", []),
        ("HEALTHCHECK CMD curl -f x || exit 1", ["curl"]),
        ("HEALTHCHECK CMD test -e /x && pgrep a", ["pgrep"]),
        ('HEALTHCHECK CMD ["curl", "-f"]', ["curl"]),
        ('HEALTHCHECK CMD ["test", "-e", "/x"]', ["test"]),
        ('SHELL ["pwsh", "-Command"]\nHEALTHCHECK CMD Get-X', []),
        ('SHELL ["/bin/bash", "-c"]\nHEALTHCHECK CMD [[ -e /x ]] && wget x', ["wget"]),
    ],
)
def test_the_programs_that_a_health_check_runs(line: str, expected: list[str]) -> None:
    image = image_of(f"FROM debian:12\n{line}\n")
    found = commands_of_healthcheck(image, image.steps[-1])
    assert [command.name for command in found] == expected
    assert all(command.place.line == image.steps[-1].instruction.line.position(0)[0] for command in found)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("chown $NAME /srv", ["`chown` needs the account"]),
        ("chown root /srv", []),
        ("su $NAME -c id", ["`su` needs the account"]),
        ("mkdir /home/$NAME", []),
        ("mkdir /home/$NAME/Desktop", ["it works below the home of the account"]),
        ("touch /home/$NAME/x", ["it works below the home of the account"]),
        ("cp /a /home/$NAME/", ["it works below the home of the account"]),
        ("ln -s /a /home/$NAME/l", ["it works below the home of the account"]),
        ("touch /srv/x", []),
        ("touch /home/other/x", []),
        ("[ -e /home/$NAME/x ] || touch /home/$NAME/x", ["it works below the home of the account"]),
        ("[ -e /home/$NAME/x ] && touch /home/$NAME/x", []),
        ("[ -e /srv/x ] || touch /home/$NAME/x", []),
        ('[ "$MODE" = x ] || touch /home/$NAME/x', []),
        ("until [ -e /home/$NAME/x ]; do touch /home/$NAME/x; done", []),
    ],
)
def test_what_a_step_needs_of_the_account(line: str, expected: list[str]) -> None:
    files = {
        "etc/cont-init.d/10-a": f"#!/usr/bin/with-contenv sh\n{line}\n",
        "etc/cont-init.d/20-b": "#!/usr/bin/with-contenv sh\nuseradd -m -d /home/$NAME $NAME\n",
    }
    plan = booted("2.2.0.3", files)
    assert list(dict.fromkeys(need.how for need in needs_of(plan, plan.steps[0]))) == expected
