"""The page of bundled profiles says of each how it was made; a real image makes a profile that tells what it is."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from ctlint.lineage.image.tree import Node
from ctlint.lineage.profiles.find import find_profile
from ctlint.lineage.profiles.read import image_from_json
from ctlint.lint.cli import main
from oci_images import file, folder, image, layout, link

ROOT = Path(__file__).parents[3]


def test_the_page_says_of_every_profile_how_it_was_made() -> None:
    made = subprocess.run(
        [sys.executable, ROOT / "tools" / "profile_sources.py"], capture_output=True, text=True, check=True
    )
    assert (ROOT / "docs" / "profiles.md").read_text("utf-8") == made.stdout
    for path in (ROOT / "lineage" / "profiles").glob("*.json"):
        assert path.name.startswith("index") or f"| {path.stem} | " in made.stdout


@pytest.mark.parametrize(
    ("tag", "path", "mode", "owner"),
    [
        ("12", "/root", 0o700, "root"),
        ("13-slim", "/var/tmp", 0o1777, "root"),
        ("12", "/usr/bin/newgrp", 0o4755, "root"),
        ("13", "/usr/bin/chage", 0o2755, "root"),
        ("12-slim", "/usr/bin/md5sum", 0o755, "root"),
        ("13", "/etc/gshadow", 0o640, "root"),
    ],
)
def test_debians_profiles_have_the_modes_of_its_packages(tag: str, path: str, mode: int, owner: str) -> None:
    found = find_profile("debian", tag)
    assert found is not None
    node = found[0].tree.get(path)
    assert isinstance(node, Node)
    assert (node.mode, node.owner) == (mode, owner)


def test_a_real_image_makes_a_profile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    files = [
        folder("etc"),
        file("etc/passwd", "root:x:0:0::/root:/bin/sh\nkim:x:77:77::/k:/bin/sh\n"),
        file("usr/bin/dash", "\x7fELF\0", 0o755),
        link("usr/bin/sh", "dash"),
        link("bin", "usr/bin"),
        file("init", "#!/bin/sh\n", 0o755),
        folder("package/admin/s6-overlay-3.2.1.0"),
        file("etc/cont-init.d/40-user", "#!/command/with-contenv sh\nuseradd -u 1000 $USER_NAME\n", 0o755),
    ]
    layout(tmp_path / "images", {"acme/base:2": image(files, settings={"Entrypoint": ["/init"], "Env": ["A=b"]})})
    assert main(["inspect", "oci:images", "--export-profile", "base.json"]) == 0
    data = json.loads((tmp_path / "base.json").read_text())
    assert data["source"].startswith("acme/base@sha256:")
    assert data["tags"] == ["2"]
    read = image_from_json(data)
    assert (read.known, read.sh, read.env["A"].value) == ("full", "dash", "b")
    assert getattr(read.accounts.get("kim"), "uid", None) == 77
    assert read.accounts.get("lee") is None
    script = read.tree.get("/etc/cont-init.d/40-user")
    assert isinstance(script, Node)
    assert script.facts is not None
    assert "MakeAccount" in [type(effect).__name__ for effect in script.facts.effects]
    assert read.tree.get("/usr/bin/bash") is None
