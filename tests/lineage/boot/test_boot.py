"""What starts an image, in which order, as whom."""

from collections.abc import Mapping

import pytest

from ctlint.lineage.boot.plan import BootPlan
from ctlint.lineage.boot.steps import StartStep
from ctlint.lineage.repository.snapshot import FileSpec
from ctlint.lineage.text.errors import Unknown
from folding import Files, plan_of, program

RELEASE = "https://github.com/just-containers/s6-overlay/releases/download"
ACCOUNT = "#!/usr/bin/with-contenv sh\nuseradd -m -d /home/$USER_NAME -u $USER_ID $USER_NAME\n"


def overlay(version: str) -> str:
    """The lines that install a release of s6-overlay on a bare image."""
    if version.startswith(("1.", "2.")):
        return (
            f"ADD {RELEASE}/v{version}/s6-overlay-amd64.tar.gz /tmp/\nRUN tar xzf /tmp/s6-overlay-amd64.tar.gz -C /\n"
        )
    return "".join(
        f"ADD {RELEASE}/v{version}/s6-overlay-{part}.tar.xz /tmp/\nRUN tar -C / -Jxpf /tmp/s6-overlay-{part}.tar.xz\n"
        for part in ("noarch", "x86_64")
    )


def booted(version: str, files: Mapping[str, str | FileSpec], lines: str = 'ENTRYPOINT ["/init"]\n') -> BootPlan:
    """The plan of an image with that release; the files stand below the image's root."""
    context: Files = {f"root/{path}": program(data) if isinstance(data, str) else data for path, data in files.items()}
    copied = "COPY root/ /\n" if files else ""
    return plan_of(f"FROM scratch\n{overlay(version)}{copied}{lines}", context)


def names(plan: BootPlan) -> list[str]:
    return [f"{step.kind} {step.name}" for step in plan.steps]


def step(plan: BootPlan, name: str) -> StartStep:
    return next(step for step in plan.steps if step.name == name)


class TestOrder:
    @pytest.mark.parametrize("version", ["1.20.0.0", "1.22.1.0", "2.2.0.3", "3.1.6.2"])
    def test_init_scripts_run_in_byte_order_then_services_then_cmd(self, version: str) -> None:
        scripts = ["10-b", "100-c", "9-a", "A", "Z", "_u", "a", ".hidden", "b.bak"]
        files = {f"etc/cont-init.d/{name}": "#!/bin/sh\n" for name in scripts}
        files |= {
            "etc/services.d/web/run": "#!/bin/sh\n",
            "etc/services.d/off/run": "#!/bin/sh\n",
            "main": "#!/bin/sh\n",
        }
        files["etc/services.d/off/down"] = ""
        plan = booted(version, files, 'ENTRYPOINT ["/init"]\nCMD ["/main", "x"]\n')
        assert names(plan) == [
            *(f"cont-init {name}" for name in ("10-b", "100-c", "9-a", "A", "Z", "_u", "a", "b.bak")),
            "services.d web",
            "cmd main",
        ]
        first, last = step(plan, "10-b"), step(plan, "100-c")
        assert (plan.precedes(first, last), plan.precedes(last, first)) == (True, False)
        assert plan.precedes(last, step(plan, "web")) is True
        assert plan.precedes(step(plan, "web"), step(plan, "main")) is True

    @pytest.mark.parametrize("version", ["1.20.0.0", "2.2.0.3"])
    def test_s6_rc_definitions_mean_nothing_before_v3(self, version: str) -> None:
        base = "etc/s6-overlay/s6-rc.d"
        files = {f"{base}/x/type": "longrun\n", f"{base}/x/run": "#!/bin/sh\n", f"{base}/user/contents.d/x": ""}
        plan = booted(version, files)
        assert (names(plan), plan.database) == ([], None)

    def test_s6_rc_services_start_in_the_order_of_their_dependencies(self) -> None:
        base = "etc/s6-overlay/s6-rc.d"
        files = {
            f"{base}/zeta/type": "oneshot\n",
            f"{base}/zeta/up": "/scripts/zeta\n",
            f"{base}/zeta/dependencies.d/base": "",
            f"{base}/alpha/type": "longrun\n",
            f"{base}/alpha/run": "#!/bin/sh\n",
            f"{base}/alpha/dependencies.d/zeta": "",
            f"{base}/idle/type": "longrun\n",
            f"{base}/idle/run": "#!/bin/sh\n",
            f"{base}/user/contents.d/alpha": "",
            "scripts/zeta": ACCOUNT,
            "etc/cont-init.d/10-x": "#!/bin/sh\n",
            "etc/services.d/web/run": "#!/bin/sh\n",
        }
        plan = booted("3.1.6.2", files)
        assert [name for name in names(plan) if "idle" in name] == []
        assert names(plan).index("oneshot zeta") < names(plan).index("longrun alpha")
        zeta, alpha, init = step(plan, "zeta"), step(plan, "alpha"), step(plan, "10-x")
        assert plan.precedes(zeta, alpha) is True
        assert plan.precedes(alpha, zeta) is False
        assert plan.precedes(init, step(plan, "web")) is True
        assert zeta.script is not None
        assert zeta.script.path == "/scripts/zeta"

    def test_an_image_without_s6_starts_its_entrypoint_and_cmd(self) -> None:
        plan = plan_of(
            'FROM scratch\nCOPY bin/ /bin/\nUSER me\nENTRYPOINT ["/bin/enter"]\nCMD ["work"]\n',
            {"bin/enter": program(), "bin/work": program()},
        )
        assert (names(plan), plan.s6) == (["entrypoint enter", "cmd work"], None)
        assert plan.steps[0].user.literal == "me"


class TestEntrypoint:
    @pytest.mark.parametrize(
        ("lines", "script"),
        [
            ('ENTRYPOINT ["/init"]', ""),
            ('CMD ["/init"]', ""),
            ('ENTRYPOINT ["/enter"]', 'exec /init "$@"'),
            ('ENTRYPOINT ["/enter"]', "/init"),
            ('ENTRYPOINT ["/enter"]\nCMD ["/init"]', 'exec "$@"'),
            ('ENTRYPOINT ["/enter", "/init"]', 'shift 0; exec "$@"'),
            ('ENTRYPOINT ["/enter"]', 'set -- /init "$@"\nexec "$@"'),
            ('ENTRYPOINT ["/enter"]', 'if [ -n "$DEBUG" ]; then exec sleep 9; fi\nexec /init'),
            ('ENTRYPOINT ["sh", "-c", "/enter && /init"]', "true"),
            ('ENTRYPOINT ["sh", "-c", "exec /init"]', ""),
            ('ENTRYPOINT ["env", "A=1", "/init"]', ""),
            ('ENTRYPOINT ["tini", "--", "/enter"]', "exec /init"),
            ("ENTRYPOINT exec /init", ""),
            ('ENTRYPOINT ["/enter"]', "exec /second"),
            ('ENTRYPOINT ["/link"]', ""),
        ],
    )
    def test_it_leads_to_init(self, lines: str, script: str) -> None:
        files: dict[str, str | FileSpec] = {
            "enter": f"#!/bin/sh\n{script}\n",
            "second": "#!/bin/sh\nexec /init\n",
            "link": FileSpec(kind="link", target="/init", mode=0o777),
            "etc/cont-init.d/1": "#!/bin/sh\n",
        }
        plan = booted("2.2.0.3", files, f"{lines}\n")
        assert plan.starts_init is True
        assert "cont-init 1" in names(plan)

    @pytest.mark.parametrize(
        ("lines", "script"),
        [
            ('ENTRYPOINT ["/enter"]', "while true; do sleep 1; done"),
            ('ENTRYPOINT ["/enter"]\nCMD ["/init"]', "echo '/init' # /init"),
            ('ENTRYPOINT ["/enter"]', "exec nginx -g 'daemon off;'"),
            ('ENTRYPOINT ["/program"]', ""),
            ("", ""),
        ],
    )
    def test_it_does_not_lead_to_init(self, lines: str, script: str) -> None:
        files: dict[str, str | FileSpec] = {
            "enter": f"#!/bin/sh\n{script}\n",
            "program": FileSpec(b"\x7fELF\0", 0o755),
            "etc/cont-init.d/1": "#!/bin/sh\n",
        }
        plan = booted("2.2.0.3", files, f"{lines}\n")
        assert plan.starts_init is False
        assert "cont-init 1" not in names(plan)

    @pytest.mark.parametrize(
        ("lines", "script"),
        [
            ('ENTRYPOINT ["/enter"]', "#!/usr/bin/env python3\nimport os"),
            ('ENTRYPOINT ["/enter"]', '#!/bin/sh\nexec "$START"'),
            ('ENTRYPOINT ["/enter"]', "#!/bin/sh\nexec /fetched"),
            ('ENTRYPOINT ["somewhere"]', ""),
            ('ENTRYPOINT ["/usr/bin/fetched"]', ""),
            ('ENTRYPOINT ["fetched", "--", "/init"]', ""),
        ],
    )
    def test_whether_it_does_cannot_be_known(self, lines: str, script: str) -> None:
        fetched = "ADD https://example.org/x /fetched\nADD https://example.org/x /usr/bin/fetched\n"
        plan = booted("2.2.0.3", {"enter": script}, f"{fetched}{lines}\n")
        assert isinstance(plan.starts_init, Unknown)

    @pytest.mark.parametrize("entrypoint", ['"/bin/date"', '"date"', '"/bin/date", "+%s"'])
    def test_a_program_of_the_base_does_not(self, entrypoint: str) -> None:
        plan = plan_of(f"FROM alpine:3.18\n{overlay('3.1.6.2')}ENTRYPOINT [{entrypoint}]\n")
        assert plan.starts_init is False

    def test_a_script_before_init_is_the_first_step(self) -> None:
        files = {"enter": ACCOUNT + 'exec /init "$@"\n', "etc/cont-init.d/1": "#!/bin/sh\n"}
        plan = booted("3.1.6.2", files, 'ENTRYPOINT ["/enter"]\n')
        assert names(plan) == ["entrypoint enter", "cont-init 1"]
        assert plan.accounts[0].step.name == "enter"
        assert plan.precedes(step(plan, "enter"), step(plan, "1")) is True


class TestAccounts:
    def test_the_account_is_made_by_the_script_and_its_home_is_known(self) -> None:
        plan = booted(
            "1.20.0.0", {"etc/cont-init.d/40-user": ACCOUNT}, 'ENV USER_NAME="" USER_ID=1000\nENTRYPOINT ["/init"]\n'
        )
        (account,) = plan.accounts
        assert (account.name.canonical, account.home.canonical) == ("${USER_NAME}", "/home/${USER_NAME}")
        assert account.step.name == "40-user"
        assert account.uid is not None
        assert account.uid.variables == ("USER_ID",)

    def test_a_default_does_not_hide_that_the_name_is_given_at_start(self) -> None:
        plan = booted("1.20.0.0", {"etc/cont-init.d/40-user": ACCOUNT}, 'ENV USER_NAME=user\nENTRYPOINT ["/init"]\n')
        assert plan.accounts[0].name.variables == ("USER_NAME",)

    @pytest.mark.parametrize(
        ("shebang", "sees"),
        [("#!/bin/sh", False), ("#!/usr/bin/with-contenv bash", True), ("#!/command/with-contenv sh", True)],
    )
    def test_a_script_sees_the_environment_only_through_with_contenv(self, shebang: str, sees: bool) -> None:
        plan = booted("3.1.6.2", {"etc/cont-init.d/1": f"{shebang}\n"})
        (one,) = plan.steps
        assert one.script is not None
        assert one.script.sees_environment is sees

    @pytest.mark.parametrize(
        ("interpreter", "sees"),
        [
            ('#!/bin/sh\nexec with-contenv bash "$@"\n', True),
            ('#!/bin/sh\nexec bash "$@"\n', False),
        ],
    )
    def test_an_interpreter_of_the_image_counts_only_where_it_goes_through_with_contenv(
        self, interpreter: str, sees: bool
    ) -> None:
        files = {"etc/cont-init.d/1": "#!/usr/bin/wrapper\n", "usr/bin/wrapper": FileSpec(interpreter.encode(), 0o755)}
        plan = booted("3.1.6.2", files)
        (one,) = plan.steps
        assert one.script is not None
        assert one.script.sees_environment is sees

    def test_an_interpreter_that_is_not_known_is_not_taken_for_either(self) -> None:
        plan = booted("3.1.6.2", {"etc/cont-init.d/1": "#!/usr/bin/nobody-knows\n"})
        (one,) = plan.steps
        assert one.script is not None
        assert isinstance(one.script.sees_environment, Unknown)

    def test_s6_keep_env_lets_every_script_see_it(self) -> None:
        plan = booted("3.1.6.2", {"etc/cont-init.d/1": "#!/bin/sh\n"}, 'ENV S6_KEEP_ENV=1\nENTRYPOINT ["/init"]\n')
        assert plan.steps[0].script is not None
        assert plan.steps[0].script.sees_environment is True


class TestOpenness:
    def test_a_bare_image_is_wholly_known(self) -> None:
        assert booted("3.1.6.2", {}).open is None

    def test_an_unknown_parent_is_not(self) -> None:
        plan = plan_of(f'FROM private/thing\n{overlay("2.2.0.3")}ENTRYPOINT ["/init"]\n')
        assert isinstance(plan.open, Unknown)

    def test_without_any_s6_there_is_no_release(self) -> None:
        plan = plan_of("FROM debian:12\nCOPY root/ /\n", {"root/etc/cont-init.d/1": program()})
        assert plan.s6 is None
        assert isinstance(plan_of("FROM private/thing\n").s6, Unknown)


def test_a_relative_command_is_looked_for_in_the_working_directory() -> None:
    plan = plan_of(
        'FROM debian:12\nWORKDIR /srv/app\nCOPY start.sh .\nCMD ["./start.sh"]\n',
        {"start.sh": program("useradd joe\n")},
    )
    assert [step.path for step in plan.steps] == ["/srv/app/start.sh"]
    assert [account.name.literal for account in plan.accounts] == ["joe"]


def test_what_an_account_is_made_from_is_an_input_also_by_way_of_another_variable() -> None:
    script = program('USERID=${PUID}\nNUMBER=$USERID\nuseradd -u "$NUMBER" joe\n')
    plan = plan_of('FROM debian:12\nENV PUID=1000\nCOPY start.sh /\nCMD ["/start.sh"]\n', {"start.sh": script})
    uid = plan.accounts[0].uid
    assert uid is not None
    assert uid.variables == ("PUID",)


def test_a_command_without_arguments_is_an_empty_text_for_the_shell() -> None:
    assert not plan_of("FROM debian:12\nCMD\n").steps


def test_a_file_that_a_program_is_given_is_no_start_script() -> None:
    files = {
        "web.conf": "(snippet) {\n}\n",
        "start.sh": program("#!/bin/sh\nuseradd joe\n"),
        "plain.sh": "useradd ann\n",
    }
    text = "FROM debian:12\nCOPY web.conf start.sh plain.sh /\n"
    assert not plan_of(text + 'CMD ["caddy", "run", "--config", "/web.conf"]\n', files).steps
    assert [step.name for step in plan_of(text + 'CMD ["tini", "--", "/start.sh"]\n', files).steps] == ["start.sh"]
    assert [step.name for step in plan_of(text + 'CMD ["sh", "-e", "/plain.sh"]\n', files).steps] == ["plain.sh"]


class TestArguments:
    SCRIPT = '#!/bin/sh\nif [ "$1" = work ]; then touch /run/working; fi\nexec "$@"\nrm -rf /srv\n'

    @pytest.mark.parametrize(
        ("lines", "sure", "last"),
        [
            ('ENTRYPOINT ["/bin/enter"]\nCMD ["work", "hard"]\n', ["touch", "work"], ["work", "hard"]),
            ('ENTRYPOINT ["/bin/enter", "rest"]\n', ["rest"], ["rest"]),
            ('CMD ["/bin/enter", "work"]\n', ["touch", "work"], ["work"]),
        ],
    )
    def test_a_script_has_the_words_behind_it_and_those_of_cmd(
        self, lines: str, sure: list[str], last: list[str]
    ) -> None:
        plan = plan_of(f"FROM scratch\nCOPY bin/ /bin/\n{lines}", {"bin/enter": program(self.SCRIPT)})
        script = step(plan, "enter").script
        assert script is not None
        commands = [one for one in script.commands if one.name != "["]
        assert [one.name for one in commands if one.sure] == sure
        assert [word.literal for word in commands[-1].argv] == last

    def test_arguments_that_are_given_when_the_container_starts_are_not_known(self) -> None:
        plan = plan_of(
            'FROM scratch\nCOPY bin/ /bin/\nENTRYPOINT ["/bin/enter"]\n', {"bin/enter": program(self.SCRIPT)}
        )
        script = step(plan, "enter").script
        assert script is not None
        assert [one.name for one in script.commands if one.sure and one.name != "["] == [""]
        assert "rm" not in [one.name for one in script.commands]
