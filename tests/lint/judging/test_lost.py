"""What a change below an image takes from it: `ctlint lint --since --downstream` on a base and what is built on it."""

import json
import re
import shutil
from pathlib import Path

import pytest

from checkouts import Checkout, forget_hooks
from ctlint.lint.cli import main

RC = "root/etc/s6-overlay/s6-rc.d"
BASE = {
    "Dockerfile": "FROM lscr.io/linuxserver/webtop:amd64-ubuntu-mate-version-8d2fdc51\n"
    "RUN sed -i '/^#!/a /at-login.sh' /defaults/startwm.sh\n"
    "ENV SHARED_DATA=/srv/shared\n"
    "COPY root/ /\n"
    "RUN rm -rf /app && userdel abc\n",
    "docker-compose.yml": "services:\n  base:\n    build: .\n    image: acme/desk:1\n",
    "root/at-login.sh": '#!/bin/bash\nset -e\nTASKS=/login.d\nfor task in "$TASKS"/*.sh; do\n  "$task"\ndone\n',
    "root/login.d/10-quiet.sh": "#!/bin/bash\nxset s off\n",
    f"{RC}/init-adduser/run": '#!/usr/bin/with-contenv bash\nOWNER=${OWNER:-desk}\nuseradd -m "$OWNER" -s /bin/bash || exit 1\n',
    f"{RC}/svc-web/run": "#!/usr/bin/with-contenv bash\nOWNER=${OWNER:-desk}\ncd /gclient\nexec s6-setuidgid $OWNER node app.js\n",
}
CHILD = {
    "Dockerfile": "FROM acme/desk:1\nCOPY root/ /\n",
    "root/login.d/50-tool.sh": '#!/bin/bash\nmkdir -p "$HOME/Desktop"\nln -sf "$SHARED_DATA" "$HOME/Desktop/shared"\n',
}
SCRIPTS = ("root/at-login.sh", "root/login.d/10-quiet.sh", f"{RC}/init-adduser/run", f"{RC}/svc-web/run")


@pytest.fixture
def base(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Checkout:
    """A base and an image built on it, side by side; the working directory is the folder of both."""
    forget_hooks(monkeypatch)
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.chdir(tmp_path)
    made = []
    for name, files in (("desk", BASE), ("tool", CHILD)):
        checkout = Checkout.of(tmp_path / name, files)
        for path in files:
            if path.endswith((".sh", "/run")):
                checkout.git("update-index", "--chmod=+x", path)
        checkout.git("commit", "--quiet", "--amend", "-m", "first")
        made.append(checkout)
    return made[0]


def lost(capsys: pytest.CaptureFixture[str], *argv: str) -> dict[str, str]:
    """What is told as lost, by the place where the image suffers."""
    main(["lint", "--since", "HEAD", "--downstream", "--format", "json", *argv])
    found = json.loads(capsys.readouterr().out)["findings"]
    return {f"{one['path']}:{one['line']}": one["message"] for one in found if one["rule"] == "CT004"}


def undecided(capsys: pytest.CaptureFixture[str]) -> list[str]:
    main(["lint", "--since", "HEAD", "--downstream", "--format", "json"])
    skipped = json.loads(capsys.readouterr().out)["skipped"]
    return [one["reason"] for one in skipped if one["rule"] == "CT004"]


def change(base: Checkout, path: str, old: str, new: str) -> None:
    text = (base.root / path).read_text()
    assert old in text
    base.write({path: text.replace(old, new)})


TASK = "tool/root/login.d/50-tool.sh:1"


def test_a_change_of_a_comment_takes_nothing(base: Checkout, capsys: pytest.CaptureFixture[str]) -> None:
    change(base, "root/at-login.sh", "set -e\n", "set -e\n# every script of the folder\n")
    assert lost(capsys) == {}
    assert undecided(capsys) == []


def test_the_script_that_ran_it_is_deleted(base: Checkout, capsys: pytest.CaptureFixture[str]) -> None:
    (base.root / "root/at-login.sh").unlink()
    told = lost(capsys)
    assert told[TASK] == (
        "50-tool.sh does not run at start any more: at-login.sh, which ran it, is not in the image any more."
    )
    assert told["desk/Dockerfile:2"].startswith("/at-login.sh, which is run here, is not in the image")
    assert "desk/root/login.d/10-quiet.sh:1" in told


def test_the_line_that_ran_it_is_gone(base: Checkout, capsys: pytest.CaptureFixture[str]) -> None:
    change(base, "Dockerfile", "RUN sed -i '/^#!/a /at-login.sh' /defaults/startwm.sh\n", "")
    assert lost(capsys)[TASK].endswith(
        "at-login.sh, which ran it, does not run any more either: the line that was put into startwm.sh and that ran it is gone."
    )


def test_another_folder_is_read(base: Checkout, capsys: pytest.CaptureFixture[str]) -> None:
    base.git("mv", "root/login.d", "root/tasks.d")
    change(base, "root/at-login.sh", "TASKS=/login.d", "TASKS=/tasks.d")
    assert lost(capsys) == {
        TASK: "50-tool.sh does not run at start any more: at-login.sh, which ran it, runs what is in /tasks.d now."
    }
    main(["lint", "--since", "HEAD", "--downstream"])
    assert "= help: Move it to /tasks.d, or put back what ran it." in capsys.readouterr().out


def test_nothing_makes_the_account(base: Checkout, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.rmtree(base.root / RC / "init-adduser")
    told = lost(capsys)
    assert told[f"desk/{RC}/svc-web/run:4"].startswith("Nothing makes the account ${OWNER}, which svc-web asks for")
    assert told["tool/Dockerfile:1"].startswith("Nothing makes the account ${OWNER}")
    main(["inspect", ".", "tool"])
    sessions = [line for line in capsys.readouterr().out.splitlines() if "session" in line]
    assert sessions
    assert all("as ${OWNER}" in line for line in sessions)


@pytest.mark.parametrize(("script", "asked"), [("svc-web", "${DESK_OWNER}"), ("init-adduser", "${OWNER}")])
def test_one_script_of_two_has_another_name(
    base: Checkout, capsys: pytest.CaptureFixture[str], script: str, asked: str
) -> None:
    change(base, f"{RC}/{script}/run", "OWNER", "DESK_OWNER")
    told = lost(capsys)
    assert told[f"desk/{RC}/svc-web/run:4"].startswith(f"Nothing makes the account {asked}, which svc-web asks for")
    assert "tool/Dockerfile:1" in told


def test_both_scripts_have_another_name(base: Checkout, capsys: pytest.CaptureFixture[str]) -> None:
    for script in ("svc-web", "init-adduser"):
        change(base, f"{RC}/{script}/run", "OWNER", "DESK_OWNER")
    assert lost(capsys) == {}


def test_a_variable_is_gone(base: Checkout, capsys: pytest.CaptureFixture[str]) -> None:
    change(base, "Dockerfile", "ENV SHARED_DATA=/srv/shared\n", "")
    assert lost(capsys) == {"tool/root/login.d/50-tool.sh:3": "SHARED_DATA is empty here: it was /srv/shared."}


def test_a_file_that_another_script_makes_at_start_is_not_gone(
    base: Checkout, capsys: pytest.CaptureFixture[str]
) -> None:
    base.write(
        {"root/srv/seed.conf": "a=b\n", "root/login.d/20-seed.sh": "#!/bin/bash\ncp /srv/seed.conf /tmp/seed.conf\n"}
    )
    base.git("add", "--all")
    base.git("update-index", "--chmod=+x", "root/login.d/20-seed.sh")
    base.git("commit", "--quiet", "-m", "seed")
    base.git("mv", "root/srv/seed.conf", "root/srv/seed.conf.in")
    assert "desk/root/login.d/20-seed.sh:2" in lost(capsys)
    base.write({"root/login.d/10-quiet.sh": "#!/bin/bash\nxset s off\ncp /srv/seed.conf.in /srv/seed.conf\n"})
    assert lost(capsys) == {}


def test_a_script_that_is_called_otherwise_takes_nothing(base: Checkout, capsys: pytest.CaptureFixture[str]) -> None:
    base.git("mv", "root/at-login.sh", "root/session-tasks.sh")
    change(base, "Dockerfile", "/at-login.sh", "/session-tasks.sh")
    assert lost(capsys) == {}


@pytest.mark.parametrize(
    "loop", ["run-parts --regex '.*' /login.d", 'find /login.d -name "*.sh" -exec {} \\;', "exec tasks --of /login.d"]
)
def test_a_loop_that_is_written_otherwise_is_not_told(
    base: Checkout, capsys: pytest.CaptureFixture[str], loop: str
) -> None:
    base.write({"root/at-login.sh": f"#!/bin/bash\nset -e\n{loop}\n"})
    assert TASK not in lost(capsys)


def test_an_edit_that_cannot_be_read_is_not_decided(base: Checkout, capsys: pytest.CaptureFixture[str]) -> None:
    change(base, "Dockerfile", "'/^#!/a /at-login.sh'", "'s#^exec .*#/at-login.sh; &#'")
    assert TASK not in lost(capsys)
    assert "what /defaults/startwm.sh runs is not known any more" in undecided(capsys)


def test_what_the_image_removes_itself_is_no_loss(base: Checkout, capsys: pytest.CaptureFixture[str]) -> None:
    (base.root / "../tool/root/login.d/50-tool.sh").unlink()
    (base.root / "root/login.d/10-quiet.sh").unlink()
    assert lost(capsys) == {}


def test_an_own_script_that_runs_no_more_is_information(base: Checkout, capsys: pytest.CaptureFixture[str]) -> None:
    change(base, "root/at-login.sh", "TASKS=/login.d", "TASKS=/tasks.d")
    base.write({"root/tasks.d/10-loud.sh": "#!/bin/bash\nxset s on\n"})
    assert main(["lint", "--since", "HEAD", "--select", "CT004", "desk", "tool"]) == 0
    assert "info[CT004 lost-by-change]\n  10-quiet.sh does not run" in capsys.readouterr().out


def test_an_own_script_that_ran_others_fails_the_run(base: Checkout, capsys: pytest.CaptureFixture[str]) -> None:
    change(base, "Dockerfile", "RUN sed -i '/^#!/a /at-login.sh' /defaults/startwm.sh\n", "")
    assert main(["lint", "--since", "HEAD", "--select", "CT004", "desk", "tool"]) == 1
    out = capsys.readouterr().out
    assert "warning[CT004 lost-by-change]\n  at-login.sh does not run" in out
    assert "info[CT004 lost-by-change]\n  10-quiet.sh does not run" in out


def test_an_account_that_is_gone_is_told_at_the_own_script_with_all_that_ask_for_it(
    base: Checkout, capsys: pytest.CaptureFixture[str]
) -> None:
    tool = Checkout(base.root.parent / "tool")
    for name in ("svc-a", "svc-b", "svc-c"):
        tool.write({f"{RC}/{name}/run": "#!/usr/bin/with-contenv bash\nexec s6-setuidgid $OWNER sleep 9\n"})
        tool.write({f"{RC}/{name}/type": "longrun\n", f"{RC}/user/contents.d/{name}": ""})
    tool.commit("services")
    shutil.rmtree(base.root / RC / "init-adduser")
    told = lost(capsys)
    assert "tool/Dockerfile:1" not in told
    (mine,) = (message for place, message in told.items() if place.startswith("tool/"))
    assert re.search(r"\$\{OWNER\}, which (?:[\w-]+, ){2}[\w-]+ and 1 more ask for: init-adduser", mine)
    main(["lint", "--since", "HEAD", "--downstream"])
    out = " ".join(capsys.readouterr().out.split())
    assert "run:1: this runs in its place" in out
    assert "it is asked for, or" not in out


def test_it_is_selected_and_ignored_as_a_rule_is(base: Checkout, capsys: pytest.CaptureFixture[str]) -> None:
    (base.root / "root/at-login.sh").unlink()
    assert lost(capsys, "--ignore", "CT004") == {}
    assert TASK in lost(capsys, "--select", "CT004")
    tool = Checkout(base.root.parent / "tool")
    script = (tool.root / "root/login.d/50-tool.sh").read_text()
    tool.write(
        {"root/login.d/50-tool.sh": script.replace("bash\n", "bash\n# ctlint: ignore-file[CT004] run by hand\n", 1)}
    )
    assert TASK not in lost(capsys)


def test_a_parent_that_moves_takes_the_same(base: Checkout, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """With --compare, too: and a finding that went away because its script runs no more is no improvement."""
    task = tmp_path / "tool/root/login.d/50-tool.sh"
    task.write_text(task.read_text().replace("bash\n", "bash\nset -e\n").replace("ln -sf", "ln -s"))
    main(["lint", "tool", "desk"])
    assert "--> tool/root/login.d/50-tool.sh" in capsys.readouterr().out
    shutil.copytree(base.root, tmp_path / "later")
    (tmp_path / "later/root/at-login.sh").unlink()
    parents = f'parents = {{ "acme/desk" = "{base.root}" }}\n'
    (tmp_path / "tool/ctlint.toml").write_text(parents)
    main(["lint", "tool", "--with-parent", "acme/desk=later", "--compare"])
    out = " ".join(capsys.readouterr().out.split())
    assert "50-tool.sh does not run at start any more: at-login.sh, which ran it, is not in the image any more." in out
    assert "gone CT" not in out
