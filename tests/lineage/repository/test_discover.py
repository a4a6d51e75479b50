"""From targets to repositories and their Dockerfiles."""

import os
from pathlib import Path

import pytest

from ctlint.lineage.builds.build_files import builds
from ctlint.lineage.consumers.files import consumers
from ctlint.lineage.repository.discover import (
    Opened,
    RemoteTarget,
    open_stdin,
    open_target,
    open_targets,
    remote_target,
)
from ctlint.lineage.repository.dockerfiles import dockerfiles, is_dockerfile_name, passed_over
from ctlint.lineage.repository.snapshot import Snapshot
from ctlint.lineage.text.errors import InputError, Unknown

FROM = "# syntax=docker/dockerfile:1\nARG A=1\nFROM scratch\n"


def write(root: Path, *names: str, text: str = FROM) -> None:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def checkout(root: Path, *names: str) -> None:
    """A checkout as git makes it, with nothing tracked yet."""
    write(root, *names)
    (root / ".git").mkdir()
    write(root, ".git/HEAD", text="ref: refs/heads/main\n")


def opened(found: list[Opened | InputError]) -> list[Opened]:
    assert all(isinstance(each, Opened) for each in found), found
    return [each for each in found if isinstance(each, Opened)]


def shown(found: list[Opened | InputError]) -> list[str]:
    return [each.snapshot.show(path) for each in opened(found) for path in each.dockerfiles]


class TestOtherReaders:
    """Files that BuildKit does not read as they stand are passed over, and named with the reason."""

    @pytest.mark.parametrize(
        "text",
        [
            "# syntax = acme/dockerfile-more:1\n\nINCLUDE base.dockerfile\nFROM runtime\n",
            'FROM {{ base }}\nCMD ["a"]\n',
            "{%- if alpine %}\nFROM alpine:3.20\n{%- endif %}\n",
            "<?php $release = '3.20'; ?>\nFROM alpine:3.20\n<? if ($more) { ?>\nUSER nobody\n<? } ?>\n",
            "FROM alpine:<?= $release ?>\n",
            "FROM debian:%%SUITE%%\n",
            "FROM @BASE@\n",
            "FROM alpine:3.20\nCOPY __NAME__.conf /etc/\n",
            "FROM alpine:3.20\nUSER [[ account ]]\n",
            "FROM alpine:3.20\nEXPOSE ##PORT##\n",
            "FROM alpine:3.20\nWORKDIR /srv/%NAME%\n",
            "FROM ##BASE##\n",
        ],
    )
    def test_passed_over(self, text: str) -> None:
        snapshot = Snapshot.from_mapping("acme", {"Dockerfile": text.encode(), "app/Dockerfile": FROM.encode()})
        assert dockerfiles(snapshot) == ("app/Dockerfile",)
        assert [path for path, _ in passed_over(snapshot)] == ["Dockerfile"]

    def test_what_another_frontend_includes_is_no_dockerfile_of_its_own(self) -> None:
        files = {
            "docker/app.dockerfile": b"# syntax = acme/dockerfile-more:1\nINCLUDE docker/base.dockerfile\nFROM base\n",
            "docker/base.dockerfile": b"FROM alpine:3.20 AS base\n",
            "docker/other.dockerfile": b"FROM alpine:3.20\n",
        }
        assert dockerfiles(Snapshot.from_mapping("acme", files)) == ("docker/other.dockerfile",)

    @pytest.mark.parametrize(
        "text",
        [
            "# syntax=docker.io/docker/dockerfile:1.9@sha256:" + "0" * 64 + "\nFROM alpine:3.20\n",
            "# syntax=mirror.example.net/docker/dockerfile-upstream:master\nFROM alpine:3.20\n",
            "FROM alpine:3.20\nRUN docker ps --format '{{ .Names }}' \\\n  | sort\n",
            "FROM alpine:3.20\nCOPY <<EOF /page\n{{ title }}\nEOF\n",
            "FROM alpine:3.20\nCOPY <<EOF /srv/index.php\n<?php\necho 1;\nEOF\n",
        ],
    )
    def test_read(self, text: str) -> None:
        snapshot = Snapshot.from_mapping("acme", {"Dockerfile": text.encode()})
        assert dockerfiles(snapshot) == ("Dockerfile",)
        assert not list(passed_over(snapshot))


class TestNames:
    @pytest.mark.parametrize(
        "name",
        ["Dockerfile", "Dockerfile.arm64", "app.Dockerfile", "app.dockerfile", "Docker.octave", "Containerfile",
         "Containerfile.dev", "dockerfile", "Dockerfile.s6.aarch64"],
    )  # fmt: skip
    def test_names_of_dockerfiles(self, name: str) -> None:
        assert is_dockerfile_name(name)

    @pytest.mark.parametrize(
        "name",
        ["Dockerfile.dockerignore", "Dockerfile.j2", "Dockerfile.tmpl", "Dockerfile~", "Dockerfile.md", "mydockerfile",
         "Dockerfile.swp", "dockerfile.yml", "Dockerfile.json", "docker-compose.yml", "Dockerfiles", "dockerfile.txt.bak"],
    )  # fmt: skip
    def test_names_of_other_files(self, name: str) -> None:
        assert not is_dockerfile_name(name)


class TestRepositories:
    def test_a_repository(self, tmp_path: Path) -> None:
        write(tmp_path / "r", "Dockerfile", "apps/x/Docker.x", "b/Containerfile", "lower/a.dockerfile")
        write(tmp_path / "r", "node_modules/p/Dockerfile", "vendor/p/Dockerfile", ".venv/x/Dockerfile", "Dockerfile.md")
        write(tmp_path / "r", "Dockerfile.nanorc", text="set nowrap\n# FROM x\n")
        write(tmp_path / "r", "Dockerfile.py", text="from os import path\n")
        write(tmp_path / "r", "Dockerfile.gen", text="#!/bin/sh\ncat <<X\nFROM scratch\nX\n")
        found = open_target("r", tmp_path)
        assert shown(found) == ["r/Dockerfile", "r/apps/x/Docker.x", "r/b/Containerfile", "r/lower/a.dockerfile"]
        assert opened(found)[0].snapshot.name == "r"
        assert shown(open_target(".", tmp_path / "r"))[0] == "Dockerfile"
        assert shown(open_target(str(tmp_path / "r"), tmp_path / "r/apps"))[0] == "../Dockerfile"
        assert shown(open_target("r", tmp_path, exclude=lambda _: ["apps/", "*.dockerfile"])) == [
            "r/Dockerfile",
            "r/b/Containerfile",
        ]

    @pytest.mark.parametrize("content", [b"", b"\n\n", b"\xff\xfeF\0R\0O\0M\0", b"\0\1"])
    def test_a_dockerfile_that_is_empty_or_binary_is_given_so_that_it_is_reported(
        self, tmp_path: Path, content: bytes
    ) -> None:
        (tmp_path / "Dockerfile").write_bytes(content)
        (tmp_path / "Dockerfile.other").write_bytes(content)
        assert shown(open_target(".", tmp_path)) == ["Dockerfile"]

    def test_a_byte_order_mark_and_tabs_before_from(self, tmp_path: Path) -> None:
        (tmp_path / "Dockerfile.a").write_bytes(b"\xef\xbb\xbf\tfrom scratch\r\n")
        assert shown(open_target(".", tmp_path)) == ["Dockerfile.a"]

    def test_a_link_to_another_dockerfile_is_not_taken_twice(self, tmp_path: Path) -> None:
        write(tmp_path, "Dockerfile", "deep/real")
        (tmp_path / "Dockerfile.arm").symlink_to("Dockerfile")
        (tmp_path / "Dockerfile.deep").symlink_to("deep/real")
        (tmp_path / "Dockerfile.out").symlink_to("/etc/hostname")
        assert shown(open_target(".", tmp_path)) == ["Dockerfile", "Dockerfile.deep", "Dockerfile.out"]

    def test_a_folder_without_dockerfiles(self, tmp_path: Path) -> None:
        assert shown(open_target(".", tmp_path)) == []

    def test_a_checkout_is_one_repository_however_many_it_holds(self, tmp_path: Path) -> None:
        checkout(tmp_path, "Dockerfile", "a/Dockerfile")
        checkout(tmp_path / "inner", "Dockerfile")
        assert shown(open_target(".", tmp_path)) == ["Dockerfile", "a/Dockerfile"]


class TestWorkspaces:
    def test_a_folder_of_checkouts(self, tmp_path: Path) -> None:
        for name in ("b", "a"):
            checkout(tmp_path / "work" / name, "Dockerfile")
        write(tmp_path / "work", "loose/Dockerfile")
        found = open_target("work", tmp_path)
        assert shown(found) == ["work/loose/Dockerfile", "work/a/Dockerfile", "work/b/Dockerfile"]
        assert [each.snapshot.name for each in opened(found)] == ["work", "a", "b"]

    @pytest.mark.parametrize("name", ["ctlint.toml", ".ctlint.toml"])
    def test_a_folder_that_says_it_is_one(self, tmp_path: Path, name: str) -> None:
        write(tmp_path, "a/Dockerfile", "b/c/Dockerfile", ".hidden/Dockerfile")
        write(tmp_path, name, text="workspace = true\n")
        assert [each.snapshot.name for each in opened(open_target(".", tmp_path))] == ["a", "b"]
        write(tmp_path, "Dockerfile")
        assert shown(open_target(".", tmp_path)) == ["Dockerfile", "a/Dockerfile", "b/c/Dockerfile"]
        write(tmp_path, name, text="workspace = false\n")
        assert len(open_target(".", tmp_path)) == 1
        write(tmp_path, name, text="workspace = = true\n")
        assert len(open_target(".", tmp_path)) == 1


class TestFiles:
    def test_one_dockerfile_in_its_checkout(self, tmp_path: Path) -> None:
        checkout(tmp_path / "r", "Dockerfile", "a/Dockerfile")
        found = opened(open_target("r/a/Dockerfile", tmp_path))[0]
        assert (found.snapshot.name, found.dockerfiles, found.only) == ("r", ("a/Dockerfile",), ())
        assert found.snapshot.holds("Dockerfile") is True

    def test_one_dockerfile_in_a_member_of_a_workspace(self, tmp_path: Path) -> None:
        checkout(tmp_path / "r", "Dockerfile", "fleet/a/deep/Dockerfile")
        write(tmp_path / "r", "fleet/ctlint.toml", text="workspace = true\n")
        found = opened(open_target("r/fleet/a/deep/Dockerfile", tmp_path))[0]
        assert (found.snapshot.name, found.dockerfiles) == ("a", ("deep/Dockerfile",))

    def test_one_dockerfile_in_a_folder_of_its_own(self, tmp_path: Path) -> None:
        write(tmp_path, "r/a/image.txt", "r/Dockerfile")
        found = opened(open_target("r/a/image.txt", tmp_path))[0]
        assert (found.snapshot.name, found.dockerfiles) == ("a", ("image.txt",))

    def test_one_dockerfile_that_git_ignores(self, tmp_path: Path) -> None:
        checkout(tmp_path / "r", "a/Dockerfile")
        write(tmp_path / "r", ".gitignore", text="a/\n")
        found = opened(open_target("r/a/Dockerfile", tmp_path))[0]
        assert (found.snapshot.label, found.dockerfiles) == ("r/a/", ("Dockerfile",))

    def test_a_start_script_or_launcher_stands_for_its_images(self, tmp_path: Path) -> None:
        checkout(tmp_path / "r", "Dockerfile", "b/Dockerfile")
        write(tmp_path / "r", "root/etc/cont-init.d/50-x.sh", text="#!/bin/sh\n")
        found = opened(open_target("r/root/etc/cont-init.d/50-x.sh", tmp_path))[0]
        assert found.only == ("root/etc/cont-init.d/50-x.sh",)
        assert found.dockerfiles == ("Dockerfile", "b/Dockerfile")

    def test_what_cannot_be_read_is_an_answer_and_the_rest_goes_on(self, tmp_path: Path) -> None:
        write(tmp_path, "a/Dockerfile")
        (tmp_path / "dangling").symlink_to("none")
        os.mkfifo(tmp_path / "fifo")
        found = open_targets(["none", "a", "dangling", "fifo"], tmp_path)
        errors = [each for each in found if isinstance(each, InputError)]
        assert [(error.path, str(error)) for error in errors] == [
            ("none", "there is no such file or folder"),
            ("dangling", "is no file or folder"),
            ("fifo", "is no file or folder"),
        ]
        assert shown([each for each in found if isinstance(each, Opened)]) == ["a/Dockerfile"]


class TestTogether:
    def test_a_repository_named_twice_is_opened_once(self, tmp_path: Path) -> None:
        checkout(tmp_path / "r", "Dockerfile", "a/Dockerfile", "b/Dockerfile", "start.sh", "other.sh")
        for name in ("start.sh", "other.sh"):
            write(tmp_path / "r", name, text="#!/bin/sh\n")
        both = opened(open_targets(["r/a/Dockerfile", "r/b/Dockerfile"], tmp_path))
        assert [each.dockerfiles for each in both] == [("a/Dockerfile", "b/Dockerfile")]
        assert len(opened(open_targets([".", "r", "r/a/Dockerfile", str(tmp_path / "r")], tmp_path))) == 1
        narrowed = opened(open_targets(["r/start.sh", "r/other.sh"], tmp_path))
        assert [each.only for each in narrowed] == [("other.sh", "start.sh")]
        widened = opened(open_targets(["r/start.sh", "r/a/Dockerfile"], tmp_path))
        assert [(each.only, each.dockerfiles) for each in widened] == [((), ("a/Dockerfile",))]

    def test_repositories_of_one_name_are_told_apart(self, tmp_path: Path) -> None:
        for folder in ("x/app", "y/app", "z/y/app"):
            write(tmp_path, f"{folder}/Dockerfile")
        found = opened(open_targets(["x/app", "y/app", "z/y/app"], tmp_path))
        assert [each.snapshot.name for each in found] == ["app", "y/app", "y/app-2"]


class TestStandardInput:
    def test_alone_its_context_is_unknown(self, tmp_path: Path) -> None:
        found = opened(open_targets(["-"], tmp_path, stdin=b"FROM scratch\nCOPY a /\n"))[0]
        assert found.dockerfiles == ("-",)
        assert found.snapshot.read("-").startswith(b"FROM")
        assert isinstance(found.snapshot.holds("a"), Unknown)

    def test_with_a_file_name_it_stands_in_that_repository(self, tmp_path: Path) -> None:
        checkout(tmp_path / "r", "a/Dockerfile", "file")
        found = open_stdin(b"FROM other\n", "r/a/Dockerfile", tmp_path)
        assert isinstance(found, Opened)
        assert found.snapshot.read("a/Dockerfile") == b"FROM other\n"
        assert found.snapshot.show("a/Dockerfile") == "r/a/Dockerfile"
        assert found.snapshot.holds("file") is True

    def test_with_the_name_of_a_folder_that_is_not_there(self, tmp_path: Path) -> None:
        assert isinstance(open_stdin(b"", "none/Dockerfile", tmp_path), InputError)


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("github:acme", RemoteTarget("acme")),
        ("github:acme/app", RemoteTarget("acme", "app")),
        ("github:acme/app@v1/x", RemoteTarget("acme", "app", "v1/x")),
        ("https://github.com/acme/app.git", RemoteTarget("acme", "app")),
        ("https://github.com/acme/app/tree/dev", RemoteTarget("acme", "app", "dev")),
        ("http://www.github.com/acme/", RemoteTarget("acme")),
        ("https://gitlab.com/acme/app", None),
        ("github:", None),
        ("./github", None),
    ],
)
def test_targets_on_github(target: str, expected: RemoteTarget | None) -> None:
    assert remote_target(target) == expected


def test_what_is_excluded_says_nothing_about_the_images_but_can_be_copied(tmp_path: Path) -> None:
    files = {
        "Dockerfile": "FROM scratch\nCOPY examples/compose.yaml /\n",
        "examples/compose.yaml": "services:\n  a:\n    image: acme/gone:1\n    build: ..\n",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    for exclude, expected in (((), 1), (("/examples/",), 0)):
        (found,) = open_target(".", tmp_path, exclude=lambda _, exclude=exclude: exclude)
        assert isinstance(found, Opened)
        assert len(consumers(found.snapshot)) == len(builds(found.snapshot)) == expected
        assert found.snapshot.get("examples/compose.yaml") is not None
