"""`lint --with-parent NAME=REF --compare`: what the images gain, lose and break when a base moves."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from ctlint.lint.cli import main
from ctlint.lint.output.json_schema import schema
from oci_images import Item, Made, file, folder, image, layout, link

PASSWD = "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534::/nonexistent:/bin/false\n"
PLAIN: dict[str, Item] = {
    "bin": link("bin", "usr/bin"),
    "sh": link("usr/bin/sh", "dash"),
    **{
        name: file(f"usr/bin/{name}", "\x7fELF\0", 0o755)
        for name in ("dash", "bash", "mkdir", "useradd", "sleep", "s6-setuidgid", "rm", "chown")
    },
    "passwd": file("etc/passwd", f"{PASSWD}app:x:900:900::/home/app:/bin/sh\n"),
    "home": folder("home"),
    "opt": folder("opt"),
}
TWO: dict[str, Item] = {
    "init": file("init", "#!/bin/execlineb -S0\n", 0o755),
    "stage1": folder("etc/s6/init"),
    "legacy": file("usr/bin/with-contenv-legacy", "", 0o755),
    "contenv": file("usr/bin/with-contenv", "#!/bin/execlineb -S0\n", 0o755),
}
_RC = "etc/s6-overlay/s6-rc.d"
THREE: dict[str, Item] = {
    "init": file("init", "#!/bin/sh -e\nexec /package/admin/s6-overlay/libexec/preinit\n", 0o755),
    "package": folder("package/admin/s6-overlay-3.2.1.0"),
    "contenv": file("command/with-contenv", "#!/command/execlineb -S0\n", 0o755),
    "svscan": file("command/s6-svscan", "\x7fELF\0", 0o755),
    "top": folder(_RC),
    "base": file(f"{_RC}/base/type", "bundle\n"),
    "base-contents": folder(f"{_RC}/base/contents.d"),
    "db": file(f"{_RC}/svc-db/type", "longrun\n"),
    "db-run": file(f"{_RC}/svc-db/run", "#!/bin/sh\nexec sleep 9\n", 0o755),
    "user": file(f"{_RC}/user/type", "bundle\n"),
    "user-db": file(f"{_RC}/user/contents.d/svc-db", ""),
}
OF_TWO = {**PLAIN, **TWO}
OF_THREE = {**PLAIN, **THREE}


def without(base: Mapping[str, Item], *names: str) -> dict[str, Item]:
    return {name: item for name, item in base.items() if name not in names}


def built(base: Mapping[str, Item], **settings: Any) -> Made:
    given = {"Entrypoint": ["/init"], "Env": ["PATH=/command:/usr/bin:/bin", "MODE=one"], **settings}
    return image(list(base.values()), settings=given, history=[{"created_by": "ADD base /"}])


_HEALTHY = {"Dockerfile": "FROM acme/base:1\nRUN mkdir /opt/thing\nENV OTHER=1\n"}
_ACCOUNTS = {"Dockerfile": "FROM acme/base:1\nRUN useradd -u 1000 kim\n"}
_S6 = {
    "Dockerfile": "FROM acme/base:1\nCOPY root/ /\n",
    "root/etc/cont-init.d/10-x": "#!/usr/bin/with-contenv sh\nmkdir -p /opt/x\n",
}
_SERVICE = {
    "Dockerfile": "FROM acme/base:1\nCOPY root/ /\n",
    f"root/{_RC}/svc-own/type": "longrun\n",
    f"root/{_RC}/svc-own/run": "#!/bin/sh\nexec sleep 9\n",
    f"root/{_RC}/svc-own/dependencies.d/svc-db": "",
    f"root/{_RC}/user/contents.d/svc-own": "",
}
_BASH = {
    "Dockerfile": "FROM acme/base:1\nCOPY root/ /\nRUN chmod 0755 /etc/cont-init.d/10-x\n",
    "root/etc/cont-init.d/10-x": "#!/bin/bash\nmkdir -p /opt/x\n",
}
_RENUMBERED = file("etc/passwd", f"{PASSWD}app:x:1000:1000::/home/app:/bin/sh\n")
_TAKEN = file("etc/passwd", f"{PASSWD}app:x:900:900::/home/app:/bin/sh\nubuntu:x:1000:1000::/home/ubuntu:/bin/sh\n")
BUMPS: dict[str, tuple[dict[str, str], Mapping[str, Item], Mapping[str, Item], str, tuple[str, str]]] = {
    "accounts renumbered": (_ACCOUNTS, OF_TWO, {**OF_TWO, "passwd": _RENUMBERED}, "CT714", ("account", "app")),
    "s6 2 to 3": (_S6, OF_TWO, OF_THREE, "CT105", ("s6", "s6-overlay")),
    "a service removed": (
        _SERVICE,
        OF_THREE,
        without(OF_THREE, "db", "db-run", "user-db"),
        "CT107",
        ("step", "longrun svc-db"),
    ),
    "bash gone": (_BASH, OF_TWO, without(OF_TWO, "bash"), "CT105", ("path", "/usr/bin/bash")),
    "a UID taken": (_ACCOUNTS, OF_TWO, {**OF_TWO, "passwd": _TAKEN}, "CT714", ("account", "ubuntu")),
}


@pytest.fixture
def fleet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def made(top: Path, broken: Mapping[str, str], before: Mapping[str, Item], after: Made) -> None:
    for name, files in (("broken", broken), ("healthy", _HEALTHY)):
        for path, text in files.items():
            (top / name / path).parent.mkdir(parents=True, exist_ok=True)
            (top / name / path).write_text(text)
    (top / "ctlint.toml").write_text('workspace = true\n[parents]\n"acme/base" = "oci:old"\n')
    layout(top / "old", {"acme/base:1": built(before)})
    layout(top / "new", {"acme/base:2": after})


def compared(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, Any]:
    code = main(["lint", "--with-parent", "acme/base=oci:new", "--compare", "--format", "json", *arguments])
    captured = capsys.readouterr()
    assert captured.err == ""
    found = json.loads(captured.out)
    jsonschema.validate(found, json.loads(schema("lint")))
    return code, found


@pytest.mark.parametrize("name", BUMPS)
def test_a_base_that_breaks_a_child_names_it(fleet: Path, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    broken, before, after, rule, difference = BUMPS[name]
    made(fleet, broken, before, built(after))
    code, found = compared(capsys)
    assert code == 1
    assert rule in {one["rule"] for one in found["findings"]}
    assert {one["path"].partition("/")[0] for one in found["findings"]} == {"broken"}
    (parent,) = found["bump"]["parents"]
    assert difference in [(one["kind"], one["name"]) for one in parent["differences"]]
    assert len(parent["children"]) == 2
    assert main(["lint", "--with-parent", "acme/base=oci:new", "--compare"]) == 1
    out = capsys.readouterr().out
    assert rule in out
    assert difference[1] in out


@pytest.mark.parametrize("name", BUMPS)
def test_a_healthy_bump_is_silent(fleet: Path, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    broken, before, *_ = BUMPS[name]
    more = {**before, "tool": file("usr/bin/tool", "\x7fELF\0 2", 0o755)}
    made(fleet, broken, before, built(more, Env=["PATH=/command:/usr/bin:/bin", "MODE=two"]))
    code, found = compared(capsys)
    assert (code, found["findings"], found["bump"]["gone"]) == (0, [], [])
    differences = [(one["kind"], one["name"]) for one in found["bump"]["parents"][0]["differences"]]
    assert differences == [("env", "MODE"), ("path", "/usr/bin/tool")]


def test_what_a_newer_base_mends_is_gone(fleet: Path, capsys: pytest.CaptureFixture[str]) -> None:
    broken, before, after, rule, _ = BUMPS["bash gone"]
    made(fleet, broken, after, built(before))
    code, found = compared(capsys)
    assert (code, found["findings"]) == (0, [])
    assert [one["rule"] for one in found["bump"]["gone"]] == [rule]


def test_without_compare_everything_is_linted_with_the_other_parent(
    fleet: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken, before, after, rule, _ = BUMPS["bash gone"]
    made(fleet, broken, before, built(after))
    assert main(["lint", "--with-parent", "acme/base=oci:new", "--format", "concise"]) == 1
    assert rule in capsys.readouterr().out
    assert main(["lint", "--format", "concise"]) == 0


@pytest.mark.parametrize("reference", ["parent", "acme/base:2"])
def test_a_parent_moves_to_another_commit_or_another_name(
    fleet: Path, reference: str, capsys: pytest.CaptureFixture[str]
) -> None:
    made(fleet, _BASH, OF_TWO, built(OF_TWO))
    (fleet / "parent").mkdir()
    (fleet / "parent" / "Dockerfile").write_text("FROM scratch\nCMD x\n")
    (fleet / "parent" / "Makefile").write_text("b:\n\tdocker build -t acme/base:2 .\n")
    code = main(
        ["lint", "--with-parent", f"acme/base={reference}", "--compare", "--format", "json", "broken", "parent"]
    )
    found = json.loads(capsys.readouterr().out)
    assert code in (0, 1)
    assert ("setting", "ENTRYPOINT") in [
        (one["kind"], one["name"]) for one in found["bump"]["parents"][0]["differences"]
    ]


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--compare"], "--compare goes with --with-parent"),
        (["--with-parent", "acme/base"], "it must be NAME=REF"),
    ],
)
def test_wrong_use_is_said(fleet: Path, arguments: list[str], reason: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lint", *arguments]) == 2
    assert reason in capsys.readouterr().err


def test_a_parent_that_cannot_be_read_is_a_failure(fleet: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made(fleet, _BASH, OF_TWO, built(OF_TWO))
    assert main(["lint", "--with-parent", "acme/base=oci:nowhere", "--format", "json"]) == 3
    assert "there is no such folder" in capsys.readouterr().out
