"""Parents that are real images: configured, asked for, locked; a locked parent tells what the parent's source tells."""

import json
import subprocess
from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from ctlint.lineage.remote import transport
from ctlint.lint.cli import main
from oci_images import Item, Made, docker_archive, file, folder, image, layout, link
from registry_server import RegistryServer, forget_proxies, registry

BASE: Mapping[str, tuple[str, int]] = {
    "etc/cont-init.d/40-user.sh": (
        '#!/usr/bin/with-contenv sh\nid -u "$USER_NAME" >/dev/null 2>&1 || useradd -m -u $USER_ID $USER_NAME\n',
        0o755,
    ),
    "etc/services.d/desk/run": ("#!/bin/sh\nexec /usr/bin/desk\n", 0o755),
    "usr/bin/desk": ("\x7fELF\0", 0o755),
    "usr/bin/with-contenv": ("#!/bin/execlineb -S0\n", 0o755),
    "usr/bin/dash": ("\x7fELF\0dash", 0o755),
    "usr/bin/useradd": ("\x7fELF\0", 0o755),
    "usr/bin/cp": ("\x7fELF\0", 0o755),
    "usr/bin/chown": ("\x7fELF\0", 0o755),
    "etc/passwd": ("root:x:0:0:root:/root:/bin/sh\napp:x:900:900::/home/app:/bin/sh\n", 0o644),
    "etc/s6/init/init-stage1": ("#!/bin/execlineb -S0\n", 0o755),
    "usr/bin/with-contenv-legacy": ("", 0o755),
}
"""The files of a parent; its Dockerfile copies them, and so its image has them."""
CHILD = {
    "Dockerfile": ("FROM acme/base:1\nCOPY root/ /\nRUN mkdir /opt/x\nENV A=$UNSET\nCMD desk\n"),
    "root/etc/cont-init.d/30-early.sh": (
        "#!/usr/bin/with-contenv sh\nmkdir -p /home/$USER_NAME/Desktop\ncp -n /headless/x.desktop /home/$USER_NAME/Desktop/\n"
        "chown $USER_NAME: /home/$USER_NAME/Desktop\n"
    ),
    "root/etc/cont-init.d/50-late.sh": "#!/bin/sh\nmkdir -p /home/$USER_NAME/late\n",
    "root/etc/services.d/desk/run": "#!/bin/sh\n/usr/bin/desk &\n",
    "root/headless/x.desktop": "[Desktop Entry]\nType=Application\nName=X\nExec=/opt/nothing\n",
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RegistryServer]:
    with registry(tmp_path_factory.mktemp("registry")) as server:
        yield server


@pytest.fixture(autouse=True)
def no_delays(monkeypatch: pytest.MonkeyPatch) -> None:
    forget_proxies(monkeypatch)
    monkeypatch.setattr(transport, "_FIRST_DELAY", 0.0)


def write(top: Path, files: Mapping[str, str]) -> Path:
    for path, text in files.items():
        (top / path).parent.mkdir(parents=True, exist_ok=True)
        (top / path).write_text(text)
    return top


def built(base: Mapping[str, tuple[str, int]] = BASE) -> Made:
    """The image that the parent's source makes."""
    links: list[Item] = [link("bin", "usr/bin"), link("usr/bin/sh", "dash")]
    init = file("init", "#!/bin/execlineb -S0\n", 0o755)
    copied = [file(path, text, mode) for path, (text, mode) in base.items()]
    return image(
        [*links, init, folder("etc/s6/init")],
        copied,
        settings={"Entrypoint": ["/init"], "Env": ["PATH=/usr/bin:/bin", "USER_NAME=", "USER_ID=1000"]},
        history=[
            {"created_by": "ADD https://github.com/x/s6-overlay/releases/download/v2.2.0.3/s6-overlay-amd64.tar.gz /"},
            {"created_by": "COPY root/ / # buildkit"},
            {"created_by": "ENV PATH=/usr/bin:/bin USER_NAME= USER_ID=1000", "empty_layer": True},
            {"created_by": 'ENTRYPOINT ["/init"]', "empty_layer": True},
        ],
    )


def source(top: Path, base: Mapping[str, tuple[str, int]] = BASE) -> Path:
    """The parent's repository."""
    write(
        top,
        {
            "Dockerfile": (
                "FROM scratch\n"
                "ADD https://github.com/just-containers/s6-overlay/releases/download/v2.2.0.3/s6-overlay-amd64.tar.gz /tmp/\n"
                "COPY root/ /\nENV PATH=/usr/bin:/bin USER_NAME= USER_ID=1000\n"
                'RUN tar xzf /tmp/s6-overlay-amd64.tar.gz -C /\nENTRYPOINT ["/init"]\n'
            ),
            "Makefile": "build:\n\tdocker build -t acme/base:1 .\n",
            **{f"root/{path}": text for path, (text, _) in base.items()},
        },
    )
    for path, (_, mode) in base.items():
        (top / "root" / path).chmod(mode)
    return top


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    code = main([str(argument) for argument in arguments])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def findings(capsys: pytest.CaptureFixture[str], *arguments: object) -> set[tuple[str, str, int, str]]:
    """The child's findings: rule, path in its repository, line, message."""
    _, out, _ = run(capsys, "lint", "--format", "json", "--ignore", "CT501", *arguments)
    found: list[dict[str, Any]] = json.loads(out)["findings"]
    own = [one for one in found if "/base/" not in f"/{one['path']}"]
    return {(one["rule"], one["path"].removeprefix("app/"), one["line"], one["message"]) for one in own}


def push(made: Made, tmp_path: Path, server: RegistryServer, name: str, tag: str = "1") -> str:
    plain = layout(tmp_path / f"pushed-{tag}-{len(list(tmp_path.iterdir()))}", {"x": made})
    reference = f"{server.host}/{name}:{tag}"
    subprocess.run(
        ["skopeo", "copy", "--dest-tls-verify=false", f"oci:{plain}:x", f"docker://{reference}"],
        check=True,
        capture_output=True,
    )
    return reference


def test_offline_lint_with_a_lock_finds_what_lint_beside_the_parents_source_finds(
    tmp_path: Path, server: RegistryServer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    name = f"{server.host}/acme/base"
    child = {path: text.replace("acme/base", name) for path, text in CHILD.items()}
    both = write(tmp_path / "both" / "app", child).parent
    source(both / "base")
    (both / "base" / "Makefile").write_text(f"build:\n\tdocker build -t {name}:1 .\n")
    (both / "ctlint.toml").write_text("workspace = true\n")
    monkeypatch.chdir(both)
    beside = findings(capsys)
    assert {rule for rule, *_ in beside} >= {"CT404", "CT205"}

    lone = write(tmp_path / "lone" / "app", child)
    monkeypatch.chdir(lone)
    unknown = findings(capsys)
    assert unknown < beside
    push(built(), tmp_path, server, "acme/base")
    code, out, _ = run(capsys, "lock", "--cache-dir", tmp_path / "cache")
    assert (code, out.split()[:2]) == (0, ["locked", f"{name}:1"])
    assert findings(capsys, "--offline", "--cache-dir", tmp_path / "none") == beside
    data = json.loads(run(capsys, "lint", "--format", "json")[1])
    assert [one["known"] for one in data["images"]] == ["full"]
    assert data["skipped"] == []

    moved = {**BASE, "etc/cont-init.d/20-user.sh": BASE["etc/cont-init.d/40-user.sh"]}
    del moved["etc/cont-init.d/40-user.sh"]
    push(built(moved), tmp_path, server, "acme/base")
    assert findings(capsys, "--offline") == beside
    code, out, _ = run(capsys, "lock", "--check", "--cache-dir", tmp_path / "cache")
    assert code == 1
    assert out.startswith(f"moved  {name}:1: sha256:")
    code, _, _ = run(capsys, "lock", "--refresh", "--cache-dir", tmp_path / "cache")
    assert code == 0
    for file_ in (both / "base" / "root" / "etc" / "cont-init.d").iterdir():
        file_.rename(file_.with_name("20-user.sh"))
    after = findings(capsys, "--offline")
    monkeypatch.chdir(both)
    assert after == findings(capsys)
    assert "CT404" not in {rule for rule, *_ in after}
    monkeypatch.chdir(lone)
    assert len(list((lone / "ctlint.lock.d").iterdir())) == 1
    assert run(capsys, "lock", "--check", "--cache-dir", tmp_path / "cache")[:2] == (0, "1 parent as locked.\n")


@pytest.fixture
def lone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The child alone, and beside it a layout and an archive with its parent."""
    top = write(tmp_path / "app", CHILD)
    layout(tmp_path / "images", {"acme/base:1": built()})
    docker_archive(tmp_path / "saved.tar", {"acme/base:1": built()}, as_layout=True)
    monkeypatch.chdir(top)
    return top


def test_an_account_that_a_child_adds_to_a_real_image_does_not_make_a_service_doubtful(
    lone: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(
        lone,
        {
            "Dockerfile": "FROM acme/base:1\nRUN useradd -u 1500 -M kim\nCOPY root/ /\n",
            "root/etc/services.d/web/finish": "#!/bin/sh\nsleep 2\n",
        },
    )
    out = run(capsys, "lint", "--parents-from", "oci:../images", "--format", "concise")[1]
    assert "root/etc/services.d/web/finish:1:1: error: CT103" in out


def test_a_lock_of_a_configured_layout_holds_where_the_layout_is_not(
    lone: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (lone / "ctlint.toml").write_text('[parents]\n"acme/base" = "oci:../images"\n')
    beside = findings(capsys)
    assert run(capsys, "lock")[0] == 0
    committed = [lone / "ctlint.lock", *(lone / "ctlint.lock.d").iterdir()]
    assert [json.dumps("oci:../images") in file_.read_text() for file_ in committed] == [True, True]
    assert [str(tmp_path) in file_.read_text() for file_ in committed] == [False, False]

    (tmp_path / "images").rename(tmp_path / "away")
    assert findings(capsys) == beside
    code, out, err = run(capsys, "lint", "--format", "concise")
    assert ("CT501" in out, "CT001" in out, err, code) == (False, False, "", 1)
    assert run(capsys, "lock", "--check")[0] == 3


def test_a_lock_follows_the_configuration_to_another_image(
    lone: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    early = {**BASE, "etc/cont-init.d/20-user.sh": BASE["etc/cont-init.d/40-user.sh"]}
    layout(tmp_path / "images", {"acme/base:1": built(), "acme/base:early": built(early)})
    for name, found in (("1", True), ("early", False)):
        (lone / "ctlint.toml").write_text(f'[parents]\n"acme/base" = "oci:../images:acme/base:{name}"\n')
        assert ("CT404" in {rule for rule, *_ in findings(capsys)}) is found
        code, out, _ = run(capsys, "lock", "--check")
        assert (code, out.split()[0]) == (1, "missing" if name == "1" else "moved")
        assert run(capsys, "lock")[1].startswith("locked  acme/base:1")
        assert run(capsys, "lock", "--check")[:2] == (0, "1 parent as locked.\n")
        assert ("CT404" in {rule for rule, *_ in findings(capsys)}) is found


@pytest.mark.parametrize("place", ["oci:../images", "oci:../images:acme/base:1", "docker-archive:../saved.tar"])
def test_parents_come_from_where_the_command_line_says(
    lone: Path, place: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = run(capsys, "lint", "--parents-from", place, "--format", "concise")
    assert "CT404" in out
    assert (code, err) == (1, "")
    assert "CT404" not in run(capsys, "lint", "--format", "concise")[1]


def test_a_configured_parent_is_read_from_its_layout(lone: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (lone / "ctlint.toml").write_text('[parents]\n"acme/base" = "oci:../images"\n')
    assert "CT404" in run(capsys, "lint", "--format", "concise")[1]
    assert '"oci:' in run(capsys, "config")[1].replace("'", '"')
    (lone / "ctlint.toml").write_text('[parents]\n"acme/base" = "oci:nowhere"\n')
    code, _, err = run(capsys, "lint", "--format", "concise")
    out = run(capsys, "lint", "--format", "json")[1]
    assert code == 3
    assert "there is no such folder" in err + out


def test_a_plain_run_asks_no_registry_that_the_configuration_names(
    lone: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (lone / "ctlint.toml").write_text('[parents]\n"acme/base" = "registry:localhost:1/acme/base:1"\n')
    assert run(capsys, "lint", "--format", "json")[0] != 3
    assert run(capsys, "lint", "--parents-from", "registry", "--format", "json")[0] == 3


def test_a_lock_pins_a_tag_that_moves(lone: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    layout(tmp_path / "moving", {"acme/base:latest": built()})
    (lone / "Dockerfile").write_text(CHILD["Dockerfile"].replace("base:1", "base:latest"))
    assert "CT501" in run(capsys, "lint", "--format", "concise")[1]
    assert run(capsys, "lock", "--parents-from", "oci:../moving")[0] == 0
    assert "CT501" not in run(capsys, "lint", "--format", "concise")[1]


def test_a_check_asks_the_place_that_the_user_names(
    lone: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(capsys, "lock", "--parents-from", "oci:../images")[0] == 0
    moved = {**BASE, "etc/more": ("x\n", 0o644)}
    layout(tmp_path / "newer", {"acme/base:1": built(moved)})
    layout(tmp_path / "without", {"acme/nothing:1": built()})
    assert run(capsys, "lock", "--check")[0] == 0
    code, out, _ = run(capsys, "lock", "--check", "--parents-from", "oci:../newer")
    assert (code, out.split()[:2]) == (1, ["moved", "acme/base:1:"])
    code, _, err = run(capsys, "lock", "--check", "--parents-from", "oci:../without")
    assert code == 3
    assert "oci:../without does not have it" in err


def test_a_lock_that_was_tampered_with_makes_the_parent_unknown(lone: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "lock", "--parents-from", "oci:../images")[0] == 0
    (facts,) = (lone / "ctlint.lock.d").iterdir()
    text = facts.read_text()
    for changed, reason in ((text.replace("useradd", "true"), "not what ctlint.lock says"), (None, "is missing")):
        if changed is None:
            facts.unlink()
        else:
            facts.write_text(changed)
        out = json.loads(run(capsys, "lint", "--format", "json")[1])
        assert [one["known"] for one in out["images"]] == ["partial"]
        assert any(reason in one["reason"] for one in out["skipped"])
    (lone / "ctlint.lock").write_text("{}")
    code, _, err = run(capsys, "lint", "--format", "concise")
    assert code == 3
    assert "schema" in err + run(capsys, "lint", "--format", "concise")[1]


@pytest.mark.parametrize(
    "wrong",
    [
        {"folders": {"/etc": {"l 777 0:0 0": {"a": {"b": "c"}}}}},
        {"folders": {"/etc": {"l 777 0:0 0": {"a": None}}}},
        {"history": [{"by": "RUN x", "layer": {"a": 1}}]},
        {"history": [{"by": "RUN x", "layer": "0"}]},
        {"created": [1]},
        {"config": {"Env": [{}], "User": 5, "Labels": ["a"]}},
    ],
)
def test_facts_of_wrong_types_end_no_run(lone: Path, capsys: pytest.CaptureFixture[str], wrong: dict[str, Any]) -> None:
    """Whoever may write the facts can write the checksum of the lock, too."""
    assert run(capsys, "lock", "--parents-from", "oci:../images")[0] == 0
    (facts,) = (lone / "ctlint.lock.d").iterdir()
    before = facts.read_bytes()
    now = json.dumps({**json.loads(before), **wrong}).encode()
    facts.write_bytes(now)
    lock = lone / "ctlint.lock"
    lock.write_text(lock.read_text().replace(sha256(before).hexdigest(), sha256(now).hexdigest()))
    for command in ("lint", "inspect", "graph"):
        code, out, err = run(capsys, command)
        assert code in (0, 1, 3)
        assert "defect" not in out + err


def test_a_parent_that_cannot_be_locked_is_said_and_the_others_are_locked(
    lone: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (lone / "Dockerfile").write_text("FROM acme/other:1 AS o\nFROM acme/base:1\nCOPY --from=o /a /a\n")
    code, out, err = run(capsys, "lock", "--parents-from", "oci:../images")
    assert code == 3
    assert "locked  acme/base:1" in out
    assert "acme/other:1 is not locked: oci:../images does not have it." in err
    assert run(capsys, "lock", "--check")[:2] == (1, "missing  acme/other:1: not locked\n")


@pytest.mark.parametrize("target", ["oci:../images", "docker-archive:../saved.tar"])
def test_a_real_image_is_a_target(lone: Path, target: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "inspect", target, "--format", "json")
    found = json.loads(out)
    assert code == 0
    assert (found["image"], found["known"], found["s6"]) == ("acme/base", "full", "2.2.0.3")
    assert found["entrypoint"]["path"].startswith("acme/base@sha256:")
    assert found["entrypoint"]["line"] == 4
    assert [step["name"] for step in found["boot"]] == ["40-user.sh", "desk"]
    code, out, _ = run(capsys, "lint", target, "--format", "json")
    assert code in (0, 1)
    assert json.loads(out)["images"][0]["known"] == "full"
    assert run(capsys, "graph", target, "--format", "json")[0] == 0


def test_a_real_image_among_the_targets_is_a_parent(lone: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "CT404" in run(capsys, "lint", ".", "oci:../images", "--format", "concise")[1]


@pytest.mark.parametrize("how", ["again", "moved", "no parent"])
def test_a_link_in_the_place_of_the_facts_folder_leads_to_no_file_that_is_taken_away(
    lone: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], how: str
) -> None:
    """A stranger's repository would choose which files of this machine `ctlint lock` writes and deletes."""
    layout(tmp_path / "images", {"acme/base:1": built()})
    assert run(capsys, "lock", "--parents-from", f"oci:{tmp_path / 'images'}")[0] == 0
    outside = tmp_path / "outside"
    (lone / "ctlint.lock.d").rename(outside)
    (outside / "mine.json").write_text("{}")
    held = {path.name: path.read_bytes() for path in outside.iterdir()}
    (lone / "ctlint.lock.d").symlink_to(outside)
    if how == "no parent":
        (lone / "Dockerfile").write_text("FROM scratch\n")
    if how == "moved":
        (lone / "ctlint.lock").unlink()
    run(capsys, "lock", "--parents-from", f"oci:{tmp_path / 'images'}")
    assert {path.name: path.read_bytes() for path in outside.iterdir()} == held
