"""Whose start steps there are, in which order, and where it cannot be known which."""

from collections.abc import Mapping

import pytest

from ctlint.lineage.boot.plan import BootPlan
from ctlint.lineage.boot.rc_services import source_tree
from ctlint.lineage.effects.model import Write
from ctlint.lineage.text.symbolic import Text
from folding import Files, image_of, plan_of, program

RELEASE = "https://github.com/just-containers/s6-overlay/releases/download"
RC = "etc/s6-overlay/s6-rc.d"
SH = "#!/bin/sh\n"
V2 = f"ADD {RELEASE}/v2.2.0.3/s6-overlay-amd64.tar.gz /tmp/\nRUN tar xzf /tmp/s6-overlay-amd64.tar.gz -C /\n"
V3 = "".join(
    f"ADD {RELEASE}/v3.1.6.2/s6-overlay-{part}.tar.xz /tmp/\nRUN tar -C / -Jxpf /tmp/s6-overlay-{part}.tar.xz\n"
    for part in ("noarch", "x86_64")
)


def booted(
    files: Mapping[str, str], lines: str = 'ENTRYPOINT ["/init"]\n', overlay: str = V3, base: str = "scratch"
) -> BootPlan:
    context: Files = {f"root/{path}": program(data) for path, data in files.items()}
    copied = "COPY root/ /\n" if files else ""
    return plan_of(f"FROM {base}\n{overlay}{copied}{lines}", context)


def names(plan: BootPlan) -> list[str]:
    return [f"{step.kind} {step.name}" for step in plan.steps]


def test_names_with_blanks_are_split_by_generation_3_alone() -> None:
    files = {"etc/cont-init.d/10 a": SH, "etc/services.d/my svc/run": SH, "etc/cont-init.d/20-b": SH}
    assert names(booted(files)) == ["cont-init 20-b"]
    assert names(booted(files, overlay=V2)) == ["cont-init 10 a", "cont-init 20-b", "services.d my svc"]


def test_a_folder_among_the_init_scripts_and_a_service_without_run_start_nothing() -> None:
    files = {"etc/cont-init.d/lib/x": SH, "etc/services.d/none/finish": SH, "etc/services.d/file": SH}
    assert names(booted(files)) == []


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ('ENTRYPOINT ["/init"]\nCMD ["/main"]\n', ["cont-init a", "cmd main"]),
        ('ENTRYPOINT ["/enter"]\nCMD ["/main"]\n', ["entrypoint enter", "cont-init a", "cmd main"]),
        ('CMD ["/init"]\n', ["cont-init a"]),
        ('CMD ["/main"]\n', ["cmd main"]),
        ('ENTRYPOINT ["/main"]\nCMD ["/init"]\n', ["entrypoint main"]),
        ("", []),
    ],
)
def test_what_starts_by_entrypoint_and_cmd(lines: str, expected: list[str]) -> None:
    files = {"etc/cont-init.d/a": SH, "main": SH, "enter": SH + 'exec /init "$@"\n'}
    assert names(booted(files, lines)) == expected
    assert names(booted(files, lines, V2)) == expected


def test_the_main_program_sees_the_environment_up_to_generation_2() -> None:
    lines = 'ENTRYPOINT ["/init"]\nCMD ["/main"]\n'
    seen = [booted({"main": SH}, lines, overlay).steps[-1].script for overlay in (V2, V3)]
    assert [script.sees_environment for script in seen if script is not None] == [True, False]


def test_order_within_the_database_and_around_it() -> None:
    files = {
        f"{RC}/b/type": "longrun",
        f"{RC}/b/run": SH,
        f"{RC}/b/dependencies.d/legacy-cont-init": "",
        f"{RC}/a/type": "oneshot",
        f"{RC}/a/up": "/opt/a",
        f"{RC}/user/contents.d/a": "",
        f"{RC}/user/contents.d/b": "",
        "opt/a": SH,
        "etc/cont-init.d/10": SH,
        "etc/cont-init.d/20": SH,
        "etc/services.d/s/run": SH,
        "main": SH,
        "enter": SH + 'exec /init "$@"\n',
    }
    plan = booted(files, 'ENTRYPOINT ["/enter"]\nCMD ["/main"]\n')
    step = {one.name: one for one in plan.steps}
    order = [one.name for one in plan.steps]
    assert (order[0], order[-1]) == ("enter", "main")
    assert order.index("10") < order.index("20") < order.index("b") < order.index("s")
    precedes = {
        ("10", "20"): True,
        ("20", "10"): False,
        ("10", "b"): True,
        ("b", "10"): False,
        ("a", "b"): False,
        ("a", "s"): True,
        ("enter", "10"): True,
        ("s", "main"): True,
        ("10", "10"): False,
    }
    assert {pair: plan.precedes(step[pair[0]], step[pair[1]]) for pair in precedes} == precedes


def test_a_longrun_without_its_program_and_a_service_that_is_not_listed_are_no_steps() -> None:
    files = {
        f"{RC}/a/type": "longrun",
        f"{RC}/b/type": "longrun",
        f"{RC}/b/run": SH,
        f"{RC}/c/type": "longrun",
        f"{RC}/c/run": SH,
        f"{RC}/user/contents.d/a": "",
        f"{RC}/user/contents.d/b": "",
    }
    assert names(booted(files)) == ["longrun b"]


@pytest.mark.parametrize(
    ("up", "script", "sees", "arguments"),
    [
        ("/opt/a x y", "/opt/a", False, ["x", "y"]),
        ("with-contenv /opt/a", "/opt/a", True, []),
        ("/command/with-contenv sh /opt/a x", "/opt/a", True, ["x"]),
        ("bash -e /opt/a", "/opt/a", False, []),
        ("touch /made", f"/{RC}/a/up", False, None),
        ("/opt/missing", f"/{RC}/a/up", False, None),
    ],
)
def test_the_script_of_a_oneshot(up: str, script: str, sees: bool, arguments: list[str] | None) -> None:
    files = {f"{RC}/a/type": "oneshot", f"{RC}/a/up": up, f"{RC}/user/contents.d/a": "", "opt/a": SH + 'show "$@"\n'}
    (step,) = booted(files).steps
    assert step.script is not None
    assert (step.script.path, step.script.sees_environment) == (script, sees)
    if arguments is not None:
        assert [word.literal for word in step.script.commands[-1].argv[1:]] == arguments


@pytest.mark.parametrize(
    ("up", "script", "changed"),
    [
        ("if { test -e /x } touch /y", f"/{RC}/a/up", {"/y"}),
        ("sed -i -e s/a/b/ /etc/app.conf", f"/{RC}/a/up", {"/etc/app.conf"}),
        ('case ${X} { "yes" { sed -i s/a/b/ /etc/app.conf } }\ntouch /y', f"/{RC}/a/up", {"/etc/app.conf", "/y"}),
        ("foreground { sed -i s/a/b/ /etc/app.conf } /opt/a", "/opt/a", {"/etc/app.conf", "/made"}),
        ("foreground { /opt/a } /opt/b", f"/{RC}/a/up", {"/made", "/bred"}),
    ],
)
def test_what_a_oneshot_gives_to_a_program_it_does_not_run(up: str, script: str, changed: set[str]) -> None:
    files = {
        f"{RC}/a/type": "oneshot",
        f"{RC}/a/up": up,
        f"{RC}/user/contents.d/a": "",
        "opt/a": SH + "touch /made\n",
        "opt/b": SH + "touch /bred\n",
        "etc/app.conf": "a\n",
    }
    (step,) = booted(files).steps
    assert step.script is not None
    assert step.script.path == script
    assert {effect.path.literal for effect in step.effects if isinstance(effect, Write)} == changed


def test_links_among_the_definitions() -> None:
    lines = (
        f"FROM scratch\n{V3}COPY src/ /src/\nRUN mkdir -p /{RC}/dead /{RC}/one && ln -s /src/whole /{RC}/whole"
        f" && ln -s /src/run /{RC}/one/run && ln -s /gone /{RC}/dead/run && ln -s /proc/x/y /{RC}/dead/up\n"
    )
    tree = source_tree(image_of(lines, {"src/whole/type": "longrun", "src/whole/data/x": "1", "src/run": SH}))
    found = {name: dict(one.entries) for name, one in tree.rc.definitions.items() if name in ("whole", "one", "dead")}
    assert {path: entry.kind for path, entry in found["whole"].items() if path} == {
        "type": "file",
        "data": "directory",
        "data/x": "file",
    }
    assert found["whole"]["type"].data == b"longrun"
    assert found["one"]["run"].data == SH.encode()
    assert found["dead"]["run"].kind == "dangling"


@pytest.mark.parametrize(
    ("lines", "is_open"),
    [("", False), ("ENV S6_STAGE2_HOOK=/hook\n", True), ("RUN curl x | tar x -C /etc/s6-overlay/s6-rc.d\n", True)],
)
def test_what_may_change_the_definitions(lines: str, is_open: bool) -> None:
    plan = booted({"hook": SH}, f'{lines}ENTRYPOINT ["/init"]\n')
    assert plan.database is not None
    assert (plan.database.open is not None or source_tree(plan.image).rc.open is not None) is is_open


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        ("", None),
        ("RUN curl x | tar x -C /etc/cont-init.d\n", "/etc/cont-init.d may hold more"),
        ("RUN curl x | tar x -C /etc/services.d\n", "/etc/services.d may hold more"),
        ("RUN curl x | tar x -C /etc/s6-overlay/s6-rc.d\n", "/etc/s6-overlay/s6-rc.d may hold more"),
        ("RUN curl x | tar x -C /srv\n", None),
    ],
)
def test_where_other_steps_may_be(lines: str, reason: str | None) -> None:
    plan = booted({}, f'{lines}ENTRYPOINT ["/init"]\n')
    assert (plan.open.reason.startswith(reason) if plan.open is not None and reason else plan.open) == (reason and True)
    if "s6-rc.d" in lines:
        assert booted({}, f'{lines}ENTRYPOINT ["/init"]\n', V2).open is None


def test_the_folders_of_an_unknown_init_count_where_they_speak_s6() -> None:
    base = "FROM acme/nobody\nCOPY root/ /\n"
    for shebang, expected in (("#!/usr/bin/with-contenv sh\n", ["cont-init a"]), (SH, [])):
        assert names(plan_of(base, {"root/etc/cont-init.d/a": program(shebang)})) == expected


def test_the_account_of_a_name_and_of_a_home() -> None:
    script = (
        "#!/usr/bin/with-contenv sh\nuseradd -r sys\nuseradd -m -d /home/$NAME -u $ID $NAME\nchmod 700 /home/$NAME\n"
    )
    plan = booted({"etc/cont-init.d/a": script}, overlay=V2, base="debian:12")
    (account,) = plan.accounts
    assert account.name.variables == ("NAME",)
    assert [type(change).__name__ for change in plan.changes] == ["ChangeMode"]
    assert plan.account(account.name) is account
    assert plan.account(Text.of("other")) is None
    assert plan.home(account.home) is account
    assert plan.home(Text.of("/home/x")) is None
    assert plan.home(Text.of("/srv")) is None


def test_what_an_init_of_a_family_runs_before_the_services() -> None:
    files = {"etc/my_init.d/20-b": SH, "etc/my_init.d/10-a": SH, "etc/other.d/x": SH, "main": SH}
    for line, expected in (
        ('CMD ["/sbin/my_init"]\n', ["entrypoint 10-a", "entrypoint 20-b"]),
        ('ENTRYPOINT ["/sbin/my_init", "--"]\nCMD ["/main"]\n', ["entrypoint 10-a", "entrypoint 20-b", "cmd main"]),
        ('CMD ["/main"]\n', ["cmd main"]),
    ):
        assert names(booted(files, line, "")) == expected
