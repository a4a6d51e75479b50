"""Snapshots: what a repository holds, with the modes of git, and what cannot be known."""

import hashlib
import os
import socket
import struct
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ctlint.lineage.repository.disk import read_folder
from ctlint.lineage.repository.dockerignore import DockerIgnore, read_patterns
from ctlint.lineage.repository.git_files import checkout_at, github_name, parse_index
from ctlint.lineage.repository.gitignore import GitIgnore
from ctlint.lineage.repository.snapshot import FileSpec, Snapshot
from ctlint.lineage.text.errors import InputError, Unknown
from operations import growth


def git(folder: Path, *arguments: str) -> str:
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    identity = ("-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "init.defaultBranch=main")
    done = subprocess.run(
        ("git", *identity, *arguments), cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode in (0, 1), done.stderr
    return done.stdout


def write(root: Path, files: dict[str, str | bytes]) -> None:
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    root = tmp_path / "desktop"
    write(root, {"Dockerfile": "FROM scratch\n", "root/etc/run": "#!/bin/sh\n", "notes/a b.txt": "x"})
    git(root, "init", "-q")
    git(root, "config", "core.fileMode", "false")
    git(root, "add", "-A")
    git(root, "update-index", "--chmod=+x", "root/etc/run")
    return root


@pytest.fixture(scope="module")
def empty_checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("patterns")
    git(folder, "init", "-q")
    return folder


def kinds(snapshot: Snapshot) -> dict[str, str]:
    return {path: entry.kind for path, entry in snapshot.entries.items()}


class TestModes:
    def test_modes_are_those_of_the_index_on_a_checkout_that_lost_them(self, checkout: Path) -> None:
        (checkout / "root/etc/run").chmod(0o644)
        (checkout / "Dockerfile").chmod(0o777)
        snapshot = read_folder(checkout)
        assert snapshot.entries["root/etc/run"].mode == 0o755
        assert snapshot.entries["Dockerfile"].mode == 0o644

    def test_untracked_files_have_the_mode_of_the_disk(self, checkout: Path) -> None:
        write(checkout, {"new.sh": "x", "plain": "y"})
        (checkout / "new.sh").chmod(0o700)
        (checkout / "plain").chmod(0o664)
        snapshot = read_folder(checkout)
        assert (snapshot.entries["new.sh"].mode, snapshot.entries["plain"].mode) == (0o755, 0o644)

    def test_a_folder_below_the_top_has_the_modes_of_its_checkout(self, checkout: Path) -> None:
        (checkout / "root/etc/run").chmod(0o644)
        snapshot = read_folder(checkout / "root", "root/")
        assert snapshot.entries["etc/run"].mode == 0o755
        assert snapshot.show("etc/run") == "root/etc/run"

    @pytest.mark.parametrize("version", ["2", "3", "4"])
    def test_every_version_of_the_index_is_read(self, checkout: Path, version: str) -> None:
        write(checkout, {f"deep/{number}/file-{number}": "x" for number in range(200)})
        git(checkout, "add", "-A")
        if version == "3":
            git(checkout, "add", "-N", "--", "deep/1/file-1")
            write(checkout, {"intended": "x"})
            git(checkout, "add", "-N", "intended")
        git(checkout, "update-index", "--index-version", version)
        index = parse_index((checkout / ".git/index").read_bytes())
        assert index is not None
        assert list(index) == git(checkout, "ls-files").replace('"', "").splitlines()
        assert index["root/etc/run"].mode == 0o100755

    def test_a_split_index_is_asked_of_git(self, checkout: Path) -> None:
        git(checkout, "update-index", "--split-index")
        write(checkout, {"later": "x"})
        git(checkout, "add", "later")
        (checkout / "root/etc/run").chmod(0o644)
        assert parse_index((checkout / ".git/index").read_bytes()) is None
        assert read_folder(checkout).entries["root/etc/run"].mode == 0o755

    def test_a_sha256_repository(self, tmp_path: Path) -> None:
        write(tmp_path / "r", {"run": "x"})
        git(tmp_path / "r", "init", "-q", "--object-format=sha256")
        git(tmp_path / "r", "add", "run")
        git(tmp_path / "r", "update-index", "--chmod=+x", "run")
        assert read_folder(tmp_path / "r").entries["run"].mode == 0o755

    def test_a_linked_work_tree(self, checkout: Path, tmp_path: Path) -> None:
        git(checkout, "commit", "-qm", "x")
        git(checkout, "worktree", "add", "-q", str(tmp_path / "linked"))
        (tmp_path / "linked/root/etc/run").chmod(0o644)
        snapshot = read_folder(tmp_path / "linked")
        assert snapshot.entries["root/etc/run"].mode == 0o755
        assert snapshot.commit == git(checkout, "rev-parse", "HEAD").strip()

    def test_links_and_their_text_where_the_file_system_has_none(self, checkout: Path) -> None:
        (checkout / "link").symlink_to("root/etc")
        git(checkout, "add", "link")
        (checkout / "link").unlink()
        (checkout / "link").write_text("root/etc")
        snapshot = read_folder(checkout)
        assert snapshot.entries["link"].kind == "link"
        assert snapshot.read("link/run") == b"#!/bin/sh\n"

    @pytest.mark.parametrize("damage", [b"", b"DIRC", b"DIRC\0\0\0\x02\0\0\xff\xff" + b"x" * 40, b"\0" * 400])
    def test_a_damaged_index_is_survived(self, checkout: Path, damage: bytes) -> None:
        (checkout / ".git/index").write_bytes(damage)
        assert "Dockerfile" in read_folder(checkout).entries

    def test_nothing_of_the_repository_is_executed(self, checkout: Path, tmp_path: Path) -> None:
        hook = tmp_path / "hook"
        hook.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
        hook.chmod(0o755)
        git(checkout, "update-index", "--split-index")
        git(checkout, "config", "core.fsmonitor", str(hook))
        read_folder(checkout)
        assert not (tmp_path / "ran").exists()


class TestGit:
    def test_commit_of_a_branch_a_packed_ref_and_a_detached_head(self, checkout: Path) -> None:
        assert read_folder(checkout).commit is None
        git(checkout, "commit", "-qm", "x")
        commit = git(checkout, "rev-parse", "HEAD").strip()
        assert read_folder(checkout).commit == commit
        git(checkout, "pack-refs", "--all")
        assert read_folder(checkout).commit == commit
        git(checkout, "checkout", "-q", "--detach")
        assert read_folder(checkout).commit == commit

    def test_remotes_origin_first(self, checkout: Path) -> None:
        git(checkout, "remote", "add", "fork", "git@github.com:me/desktop.git")
        git(checkout, "remote", "add", "origin", "https://github.com/acme/desktop")
        remotes = read_folder(checkout).remotes
        assert list(remotes) == ["origin", "fork"]

    @pytest.mark.parametrize(
        ("address", "name"),
        [
            ("https://github.com/acme/desktop.git", "acme/desktop"),
            ("https://token@github.com/acme/desktop", "acme/desktop"),
            ("git@github.com:acme/desk.top.git", "acme/desk.top"),
            ("ssh://git@github.com:22/acme/desktop", "acme/desktop"),
            ("https://gitlab.com/acme/desktop", None),
            ("https://example.org/github.com/acme/desktop", None),
            ("../desktop", None),
        ],
    )
    def test_github_name(self, address: str, name: str | None) -> None:
        assert github_name(address) == name

    def test_a_sparse_checkout_does_not_miss_what_it_left_out(self, checkout: Path) -> None:
        git(checkout, "commit", "-qm", "x")
        git(checkout, "sparse-checkout", "set", "--no-cone", "/Dockerfile")
        snapshot = read_folder(checkout)
        assert list(snapshot.entries) == ["Dockerfile"]
        assert isinstance(snapshot.holds("root/etc/run"), Unknown)
        assert snapshot.holds("root/etc/other") is False

    def test_a_tracked_file_that_is_not_on_disk_is_not_claimed_missing(self, checkout: Path) -> None:
        (checkout / "root/etc/run").unlink()
        assert isinstance(read_folder(checkout).holds("root/etc/run"), Unknown)

    def test_submodules_and_nested_checkouts_are_opaque(self, checkout: Path) -> None:
        git(checkout, "update-index", "--add", "--cacheinfo", "160000", "1" * 40, "module")
        write(checkout, {"module/file": "x", "nested/file": "x"})
        git(checkout / "nested", "init", "-q")
        snapshot = read_folder(checkout)
        assert kinds(snapshot)["module"] == kinds(snapshot)["nested"] == "submodule"
        assert isinstance(snapshot.holds("module/other"), Unknown)
        assert snapshot.holds("module") is True
        assert snapshot.is_directory("nested")

    def test_a_folder_without_git(self, tmp_path: Path) -> None:
        write(tmp_path / "plain", {"Dockerfile": "FROM scratch\n", ".gitignore": "dist/\n", "dist/x": ""})
        assert checkout_at(tmp_path / "plain") is None
        snapshot = read_folder(tmp_path / "plain", use_git=False)
        assert list(snapshot.entries) == [".gitignore", "Dockerfile"]
        assert isinstance(snapshot.holds("dist/y"), Unknown)
        assert (snapshot.name, snapshot.commit) == ("plain", None)

    def test_without_git_a_file_that_git_would_ignore_is_there(self, tmp_path: Path) -> None:
        write(tmp_path / "plain", {"Dockerfile": "FROM scratch\n", ".gitignore": ".env\n", ".env": "A=1\n"})
        assert ".env" in read_folder(tmp_path / "plain").entries


class TestIgnored:
    def test_what_git_ignores_is_neither_there_nor_missing(self, checkout: Path) -> None:
        write(checkout, {".gitignore": "*.jar\nbuild/\n!keep.jar\n", "root/.gitignore": "/secret\n"})
        write(checkout, {"app.jar": "x", "build/out": "x", "keep.jar": "x", "root/secret": "x"})
        write(checkout, {".git/info/exclude": "local\n", "local": "x"})
        snapshot = read_folder(checkout)
        assert "keep.jar" in snapshot.entries
        for path in ("app.jar", "build/out", "build", "root/secret", "local", "root/deep/other.jar"):
            assert path not in snapshot.entries
            assert snapshot.holds(path) == Unknown(f"a .gitignore names {path}")
        assert snapshot.holds("root/deep/secret") is False
        assert snapshot.holds_match("", "*.jar") is True
        assert isinstance(snapshot.holds_match("root", "*.jar"), Unknown)
        assert snapshot.holds_match("root", "*.war") is False

    def test_tracked_files_are_there_though_a_pattern_is_for_them(self, checkout: Path) -> None:
        write(checkout, {"node_modules/a/index.js": "x"})
        git(checkout, "add", "-f", "node_modules")
        write(checkout, {".gitignore": "node_modules\n", "node_modules/a/other.js": "x"})
        snapshot = read_folder(checkout)
        assert snapshot.holds("node_modules/a/index.js") is True
        assert "node_modules/a/other.js" not in snapshot.entries

    def test_patterns_above_a_target_folder_count(self, checkout: Path) -> None:
        write(checkout, {".gitignore": "/root/out\n*.tmp\n", "root/out/x": "", "root/etc/a.tmp": ""})
        snapshot = read_folder(checkout / "root")
        assert list(snapshot.entries) == ["etc/run"]
        assert isinstance(snapshot.holds("out/x"), Unknown)

    def test_a_target_that_its_checkout_ignores_is_read_as_a_folder_of_its_own(self, checkout: Path) -> None:
        write(checkout, {".gitignore": "scratch\n", "scratch/app/Dockerfile": "FROM scratch\n"})
        assert list(read_folder(checkout / "scratch/app").entries) == ["Dockerfile"]

    def test_ignore_files_of_a_mapping_count(self) -> None:
        snapshot = Snapshot.from_mapping("a/b", {".gitignore": "dist\n", "x/.gitignore": "*.whl"})
        assert isinstance(snapshot.holds("x/y.whl"), Unknown)
        assert isinstance(snapshot.holds("dist/app"), Unknown)
        assert snapshot.holds("y.whl") is False

    _part = st.text(st.sampled_from("abc*?[]!^-\\ #.x"), min_size=1, max_size=4)
    _line = st.builds(
        lambda negated, first, parts, last: negated + first + "/".join(parts) + last,
        st.sampled_from(["", "", "", "!", "\\!"]),
        st.sampled_from(["", "", "/", "**/"]),
        st.lists(st.one_of(_part, st.sampled_from(["**", "a", "b", "c*"])), min_size=1, max_size=3),
        st.sampled_from(["", "", "/", "/**", " ", "\\ "]),
    )

    @given(lines=st.lists(_line, min_size=1, max_size=4))
    @settings(max_examples=150, deadline=None)
    def test_patterns_agree_with_git(self, empty_checkout: Path, lines: list[str]) -> None:
        paths = [
            "a",
            "b",
            "c",
            "a/b",
            "a/x",
            "b/a",
            "b/b/c",
            "a/b/c",
            "c/a/b/x",
            "x",
            "a.x",
            "a b",
            "abc/ab",
            "-",
            "!a",
        ]
        (empty_checkout / ".gitignore").write_text("\n".join(lines) + "\n")
        done = subprocess.run(
            ("git", "check-ignore", "--no-index", "--stdin", "-z"),
            cwd=empty_checkout,
            input="\0".join(paths).encode(),
            capture_output=True,
            check=False,
        )
        rules = GitIgnore()
        rules.add("", "\n".join(lines) + "\n")
        assert {path for path in paths if rules.ignored(path, False)} == set(done.stdout.decode().split("\0")) - {""}


class TestLinks:
    def test_links_inside_are_followed_and_links_outwards_never(self, checkout: Path, tmp_path: Path) -> None:
        (tmp_path / "outside").write_text("secret")
        links = {
            "inside": "root",
            "file": "inside/etc/run",
            "passwd": "/etc/passwd",
            "up": "../outside",
            "gone": "none",
        }
        for name, target in links.items():
            (checkout / name).symlink_to(target)
        snapshot = read_folder(checkout)
        assert snapshot.read("file") == b"#!/bin/sh\n"
        assert snapshot.is_directory("inside/etc")
        assert snapshot.children("inside") == ("etc",)
        assert snapshot.holds("gone") is False
        for name in ("passwd", "up", "up/x"):
            assert isinstance(snapshot.holds(name), Unknown)
            assert isinstance(snapshot.content(name), Unknown)
            with pytest.raises(InputError):
                snapshot.read(name)
        assert snapshot.entries["passwd"].target == "/etc/passwd"

    def test_a_file_that_became_a_link_after_the_listing_is_not_followed(self, checkout: Path, tmp_path: Path) -> None:
        (tmp_path / "outside").write_text("secret")
        snapshot = read_folder(checkout)
        (checkout / "Dockerfile").unlink()
        (checkout / "Dockerfile").symlink_to(tmp_path / "outside")
        with pytest.raises(InputError):
            snapshot.read("Dockerfile")

    def test_cycles_end(self, checkout: Path) -> None:
        (checkout / "a").symlink_to("b")
        (checkout / "b").symlink_to("a")
        (checkout / "self").symlink_to(".")
        snapshot = read_folder(checkout)
        assert snapshot.holds("a") is False
        assert snapshot.holds("self/self/self/Dockerfile") is True


class TestHostile:
    def test_fifos_sockets_and_unreadable_files(self, checkout: Path) -> None:
        os.mkfifo(checkout / "fifo")
        with socket.socket(socket.AF_UNIX) as end:
            end.bind(str(checkout / "socket"))
        snapshot = read_folder(checkout)
        assert kinds(snapshot)["fifo"] == kinds(snapshot)["socket"] == "special"
        assert isinstance(snapshot.content("fifo"), Unknown)
        (checkout / "Dockerfile").unlink()
        with pytest.raises(InputError) as raised:
            snapshot.read("Dockerfile")
        assert raised.value.path == "Dockerfile"
        assert "cannot be read" in str(raised.value)

    def test_large_files_are_known_by_size_only(self, checkout: Path) -> None:
        write(checkout, {"large": b"x" * 2000})
        snapshot = read_folder(checkout, largest=1000)
        assert snapshot.entries["large"].size == 2000
        assert snapshot.holds("large") is True
        assert isinstance(snapshot.content("large"), Unknown)

    def test_lfs_pointers_are_there_and_their_content_is_unknown(self) -> None:
        pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'0' * 64}\nsize 3\n"
        snapshot = Snapshot.from_mapping("a/b", {"model.bin": pointer})
        assert snapshot.holds("model.bin") is True
        assert isinstance(snapshot.content("model.bin"), Unknown)

    def test_names_that_are_no_utf8(self, checkout: Path) -> None:
        (checkout / os.fsdecode(b"caf\xe9 \n.sh")).write_text("x")
        snapshot = read_folder(checkout)
        path = next(path for path in snapshot.entries if path.startswith("caf"))
        assert snapshot.read(path) == b"x"
        snapshot.show(path).encode()

    def test_a_thousand_levels_and_more_than_a_path_may_have(self, checkout: Path) -> None:
        here = os.getcwd()
        try:
            os.chdir(checkout)
            for _ in range(1000):
                os.mkdir("dddddd")
                os.chdir("dddddd")
            Path("file").write_text("x")
        finally:
            os.chdir(here)
        snapshot = read_folder(checkout)
        assert "Dockerfile" in snapshot.entries
        assert isinstance(snapshot.holds("dddddd/" * 1000 + "file"), Unknown)
        subprocess.run(("rm", "-rf", str(checkout / "dddddd")), check=True)

    def test_a_folder_that_is_not_there(self, tmp_path: Path) -> None:
        with pytest.raises(InputError):
            read_folder(tmp_path / "none")

    def test_a_large_repository_is_listed_in_a_moment(self, tmp_path: Path) -> None:
        for number in range(100):
            folder = tmp_path / "big" / str(number % 20) / str(number)
            folder.mkdir(parents=True)
            for name in range(100):
                os.close(os.open(folder / str(name), os.O_CREAT | os.O_WRONLY))
        started = time.process_time()
        snapshot = read_folder(tmp_path / "big", use_git=False)
        assert len(snapshot.entries) == 10_000
        assert time.process_time() - started < 1


class TestMapping:
    def test_a_mapping_is_sorted_labelled_and_read_when_asked(self) -> None:
        asked: list[str] = []

        def fetch() -> bytes:
            asked.append("b")
            return b"caf\xe9"

        files: dict[str, bytes | str | FileSpec] = {
            "b": FileSpec(fetch, 0o755),
            "a/x": "text",
            "l": FileSpec(kind="link", target="a/x"),
        }
        snapshot = Snapshot.from_mapping("acme/app", files, commit="1" * 40, unknown={"far": "not fetched"})
        assert list(snapshot.entries) == ["a/x", "b", "l"]
        assert snapshot.show("b") == "acme/app/b"
        assert asked == []
        assert snapshot.text("b") == "caf\ufffd" == snapshot.text("b")
        assert asked == ["b"]
        assert snapshot.text("l") == "text"
        assert snapshot.holds("far/away") == Unknown("not fetched")
        assert [entry.path for entry in snapshot.files_below("")] == ["a/x", "b", "l"]
        assert [entry.path for entry in snapshot.files_below("a")] == ["a/x"]
        assert snapshot.get("a") is None
        with pytest.raises(InputError, match="directory"):
            snapshot.read("a")
        with pytest.raises(InputError, match="no such file"):
            snapshot.read("none")

    def test_digests_are_those_of_git(self, checkout: Path) -> None:
        snapshot = read_folder(checkout)
        assert snapshot.digest("root/etc/run") == git(checkout, "hash-object", "root/etc/run").strip()
        given = Snapshot.from_mapping(
            "x", {"l": FileSpec(kind="link", target="a"), "f": FileSpec(b"", digest="5" * 40)}
        )
        assert given.digest("l") == hashlib.sha1(b"blob 1\0a").hexdigest()
        assert given.digest("f") == "5" * 40

    def test_an_overlay_changes_what_an_editor_holds(self, checkout: Path) -> None:
        snapshot = read_folder(checkout).overlaid({"root/etc/run": b"new", "Dockerfile": None, "more": b""})
        assert snapshot.read("root/etc/run") == b"new"
        assert snapshot.entries["root/etc/run"].mode == 0o755
        assert snapshot.holds("Dockerfile") is False
        assert snapshot.read("notes/a b.txt") == b"x"

    def test_a_path_cannot_climb_out(self) -> None:
        snapshot = Snapshot.from_mapping("x", {"a/b": ""})
        assert isinstance(snapshot.holds("../a/b"), Unknown)
        assert snapshot.holds("a/./../a//b/") is True
        assert snapshot.holds("a/b/c") is False


class TestDockerIgnore:
    @pytest.mark.parametrize(
        ("lines", "path", "excluded"),
        [
            ("docs", "docs/guide/a.md", True),
            ("/docs/", "docs/a.md", True),
            ("docs/", "other/docs", False),
            ("*.md", "a.md", True),
            ("*.md", "docs/a.md", False),
            ("**/*.md", "a.md", True),
            ("**/*.md", "docs/deep/a.md", True),
            ("*\n!root", "root/etc/run", False),
            ("*\n!root\nroot/etc", "root/etc/run", True),
            ("!root\n*", "root/etc/run", True),
            ("root/**\n!root/etc/*.sh", "root/etc/a.sh", False),
            ("root/**\n!root/etc/*.sh", "root/etc/a.py", True),
            ("  spaced  ", "spaced", True),
            ("# docs\n#docs", "docs", False),
            (" # docs", "# docs", True),
            ("a/../b", "b", True),
            ("./a//b", "a/b/c", True),
            ("a?c", "abc", True),
            ("a?c", "a/c", False),
            ("a\\*c", "a*c", True),
            ("[a-c]x", "bx", True),
            ("[^a-c]x", "bx", False),
            ("**", "anything/at/all", True),
            ("**/x/**", "a/x/b", True),
            ("**/x/**", "a/x", False),
            ("a**b", "a/c/b", True),
            ("x.y", "xzy", False),
            ("dir/**", "dir", False),
            ("\ufeffdocs", "docs", True),
            ("Dockerfile", "Dockerfile", True),
            ("! docs\n\n", "docs", False),
            (".", "a", False),
        ],
    )
    def test_patterns(self, lines: str, path: str, excluded: bool) -> None:
        assert DockerIgnore(read_patterns(lines)).excluded(path) is excluded

    @pytest.mark.parametrize("pattern", ["!", "a[", "[]a]", "[-x]", "[x-]", "a\\", "[a-b-c]", "[^]"])
    def test_what_docker_refuses_excludes_nothing_and_says_so(self, pattern: str) -> None:
        rules = DockerIgnore(["docs", pattern])
        assert rules.error
        assert not rules.excluded("docs")

    def test_the_file_beside_the_dockerfile_wins(self) -> None:
        snapshot = Snapshot.from_mapping(
            "x", {"app/.dockerignore": "a", ".dockerignore": "b", "app/Dockerfile.dockerignore": "c", "app/Other": ""}
        )
        assert DockerIgnore.for_build(snapshot, "app", "app/Dockerfile").excluded("c")
        assert DockerIgnore.for_build(snapshot, "app", "app/Other").excluded("a")
        assert DockerIgnore.for_build(snapshot, "", "app/Other").excluded("b")
        assert not DockerIgnore.for_build(snapshot, "docs", "Other")


def test_an_index_whose_entry_says_it_is_longer_than_the_file() -> None:
    data = struct.pack(">4sII", b"DIRC", 2, 5) + b"\0" * 62 + b"name"
    assert parse_index(data) is None


def test_the_folders_below_one_cost_nothing_beside_it() -> None:
    def work(count: int) -> Callable[[], object]:
        snapshot = Snapshot.from_mapping("r", {f"app{number}/some/folder/file": "" for number in range(count)})
        return lambda: [sorted(snapshot.folders_below(f"app{number}")) for number in range(count)]

    found = growth(work, 50)
    assert found.rate < 2.2, found


def test_folders_below_the_top_and_below_one() -> None:
    snapshot = Snapshot.from_mapping("r", {"a/b/c/x": "", "a/y": "", "ab/z": "", "top": ""})
    assert sorted(snapshot.folders_below("")) == ["a", "a/b", "a/b/c", "ab"]
    assert sorted(snapshot.folders_below("a")) == ["a/b", "a/b/c"]
    assert list(snapshot.folders_below("a/y")) == []
