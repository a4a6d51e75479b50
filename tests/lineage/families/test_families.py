"""A family of images is a data file: what it says is enough for its names, places and commands to be understood."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from ctlint.lineage.families.read import families, read_families

ROOT = Path(__file__).parents[3]
INVENTED = {
    "name": "Acme",
    "page": "https://images.acme.example/",
    "mirrors": {"hub.acme.example/images/": "docker.io/acme/"},
    "renamed": {"docker.io/acmelabs/": "docker.io/acme/"},
    "built-by": [
        {
            "images": "acme/*",
            "repository": "acme-corp/image-*",
            "architectures": ["riscv"],
            "tags": {"latest": "", "release-(.+)": "{1}", "(?!\\d).*": "{0}"},
        }
    ],
    "branch-tags": {"file": "acme.yml", "key": "channel", "tags": ["{}", "riscv-{}"]},
    "named-by-variables": [{"file": "acme.vars", "registry": ["HUB"], "name": "CALLED", "tag": ["AT"]}],
    "named-in-documents": [
        {"files": ["acme.json"], "called": "pack", "image": "is", "tag": "at", "each": "for", "has": ["title"]}
    ],
    "named-in-pipelines": ["ACME_IMAGE"],
    "places": ["/acme"],
    "start-directories": {"/acme-init.d": "bash"},
    "left-to-others": ["/acme-tools"],
    "commands": {"acmeown": "chown", "acmegroup": "chgrp", "acmemove": "mv", "acmewrite": "tee"},
    "harmless": ["acme::say"],
    "interpreters": {"acmesh": {"dialect": "bash", "new-container-each-start": True, "root": True}},
}
PROGRAM = """
import json, sys
from ctlint.lineage.builds.published_names import published
from ctlint.lineage.effects.places import IMAGE_PLACES, S6_PLACES
from ctlint.lineage.remote.publishing_repository import repository_of
from ctlint.lineage.repository.snapshot import Snapshot
from ctlint.lineage.shell.shebang import read_shebang
from ctlint.lineage.text.reference import parse
from ctlint.lineage.text.renamed import left_for
from ctlint.lint.judging.engine import run_rules
from ctlint.lineage.workspace.workspace import Workspace
from ctlint.rules.discover import all_rules

repository = Snapshot.from_mapping(
    "acme-corp/image-desk", {"Dockerfile": "FROM debian:12\\n", "acme.yml": "channel: edge\\n"},
    remotes={"origin": "https://github.com/acme-corp/image-desk"},
)
named = Snapshot.from_mapping("named", {
    "Dockerfile": "FROM debian:12\\n", "acme.vars": "HUB=acme\\nCALLED=desk\\nAT=2\\n",
    "acme.json": '{"title": "Desk", "is": "acme/desk-{for}", "at": 3, "for": ["arm"]}',
    "Jenkinsfile": "env.ACME_IMAGE = 'acme/piped'\\n",
})
child = Snapshot.from_mapping("child", {
    "Dockerfile": "FROM debian:12\\nRUN useradd desk && mkdir /acme && acmeown desk /acme && apt-get install -y bash\\n"
    "RUN touch /acme/a /acme/c && acmegroup desk /acme/c && acmemove /acme/a /acme/b"
    " && echo 'two:x:7:7::/:/bin/sh' | acmewrite -a /etc/passwd\\n"
    "USER desk\\n",
})
workspace = Workspace([(child, ["Dockerfile"])])
image = workspace.effective(workspace.images[0])
node = image.tree.find("/acme")
print(json.dumps({
    "identity": parse("hub.acme.example/images/desk:1").identity,
    "renamed": left_for(parse("acmelabs/desk")),
    "built": [repository_of(f"acme/desk:{tag}") for tag in ("latest", "release-edge", "beta", "riscv-beta", "12")],
    "published": [[name.name, name.tags] for name in published(repository, "Dockerfile", ["Dockerfile"]) if not name.assumed],
    "s6": "/acme-init.d" in S6_PLACES,
    "places": "/acme" in IMAGE_PLACES,
    "dialect": read_shebang(b"#!/usr/bin/acmesh\\n").dialect,
    "owner": node.owner,
    "like others": [image.tree.find("/acme/a") is None, image.tree.find("/acme/b").kind, image.tree.find("/acme/c").owner,
                    "two" in image.accounts.known],
    "named": sorted({name.name + ":" + name.tags[0] for name in published(named, "Dockerfile", ["Dockerfile"])}),
}))
"""


def with_family(tmp_path: Path, said: dict[str, object], program: str) -> subprocess.CompletedProcess[str]:
    """What a program comes to with a copy of ctlint that has one more family."""
    package = tmp_path / "ctlint"
    shutil.copytree(ROOT / "src" / "ctlint", package, ignore=shutil.ignore_patterns("__pycache__"))
    (package / "lineage" / "families" / "acme.json").write_text(json.dumps(said), "utf-8")
    return subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        env={"PYTHONPATH": str(tmp_path), "PATH": "/usr/bin:/bin"},
    )


def test_a_command_of_a_family_that_does_what_is_not_read_is_refused_and_not_dropped(tmp_path: Path) -> None:
    done = with_family(
        tmp_path, {**INVENTED, "commands": {"acmedo": "frobnicate"}}, "import ctlint.lineage.effects.read"
    )
    assert done.returncode == 1
    last = done.stderr.splitlines()[-1]
    assert "`acmedo` does what `frobnicate` does, and effects of that are not read" in last


def test_a_family_that_nobody_knew_is_understood_from_its_data_file_alone(tmp_path: Path) -> None:
    done = with_family(tmp_path, INVENTED, PROGRAM)
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said == {
        "identity": "acme/desk",
        "renamed": "acme/desk",
        "built": [
            "acme-corp/image-desk",
            "acme-corp/image-desk@edge",
            "acme-corp/image-desk@beta",
            "acme-corp/image-desk@beta",
            None,
        ],
        "published": [["acme/desk", ["edge", "riscv-edge"]]],
        "s6": True,
        "places": True,
        "dialect": "bash",
        "owner": "desk",
        "like others": [True, "file", "root", True],
        "named": ["acme/desk-arm:3", "acme/desk:2", "acme/piped:*"],
    }


def test_the_bundled_families_have_a_page_that_documents_them() -> None:
    for path in sorted((ROOT / "lineage" / "families").glob("*.json")):
        data = json.loads(path.read_text("utf-8"))
        assert data["name"]
        assert data["page"].startswith("https://")
        known = read_families([json.dumps(data)])
        assert any(getattr(known, name) for name in known.__slots__), f"{path.name} says nothing"


@pytest.mark.parametrize(
    ("name", "repository"),
    [("linuxserver/webtop", "linuxserver/docker-webtop"), ("helxplatform/webtop/base", "helxplatform/webtop-base")],
)
def test_a_name_leads_to_the_repository_that_builds_it(name: str, repository: str) -> None:
    assert [found for rule in families().built_by if (found := rule.repository_of(name))] == [repository]
