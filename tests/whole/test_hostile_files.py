"""Files of a repository that are not what their names say: what is written, and what is opened."""

import json
import os
import re
import resource
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

import ctlint
from checkouts import Checkout
from ctlint.lint.cli import main

FILES = {"Dockerfile": 'FROM debian:12.8-slim\nCMD ["/bin/true"]\n'}


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository, beside a file and a folder that are not its."""
    checkout = Checkout.of(tmp_path / "work", FILES)
    (tmp_path / "mine").write_text("mine\n")
    (tmp_path / "folder").mkdir()
    monkeypatch.chdir(checkout.root)
    return checkout.root


@pytest.mark.parametrize(
    "argv",
    [
        ("lint", "--format", "json", "-o"),
        ("lint", "-o"),
        ("graph", "--format", "json", "-o"),
        ("lint", "--write-baseline"),
        ("inspect", "--export-profile"),
    ],
)
@pytest.mark.parametrize("link", ["report", "out/report", "chain"])
def test_nothing_is_written_through_a_link_that_leads_out(
    work: Path, capsys: pytest.CaptureFixture[str], argv: tuple[str, ...], link: str
) -> None:
    (work / "report").symlink_to("../mine")
    (work / "chain").symlink_to("report")
    (work / "out").symlink_to("../folder")
    assert main([*argv, link]) in (2, 3)
    assert "leads out of the repository" in capsys.readouterr().err
    assert (work.parent / "mine").read_text() == "mine\n"
    assert list((work.parent / "folder").iterdir()) == []


@pytest.mark.parametrize("argv", [("lint", "-o"), ("graph", "--format", "json", "-o"), ("lint", "--write-baseline")])
@pytest.mark.parametrize("link", [".git/config", ".git/hooks/post-checkout", "way"])
def test_nothing_is_written_through_a_link_to_gits_own_files(
    work: Path, capsys: pytest.CaptureFixture[str], argv: tuple[str, ...], link: str
) -> None:
    """Whoever writes a repository would choose what git runs the next time."""
    (work / "report").symlink_to("way/config" if link == "way" else link)
    (work / "way").symlink_to(".git")
    before = (work / ".git/config").read_bytes()
    assert main([*argv, "report"]) in (2, 3)
    assert "a link leads to git's own files" in capsys.readouterr().err
    assert (work / ".git/config").read_bytes() == before
    assert not (work / ".git/hooks/post-checkout").exists()


def test_a_fix_changes_none_of_gits_own_files(work: Path) -> None:
    (work / "Dockerfile").write_text("FROM lscr.io/linuxserver/baseimage-alpine:3.20\nCOPY run /etc/services.d/y/run\n")
    (work / ".git/hooks/post-checkout").write_text("#!/bin/sh\nexec sleep 1\n")
    (work / "run").symlink_to(".git/hooks/post-checkout")
    main(["lint", "--select", "CT104", "--fix"])
    assert not os.access(work / ".git/hooks/post-checkout", os.X_OK)


def test_a_link_inside_and_a_path_outside_are_written(work: Path, tmp_path: Path) -> None:
    (work / "report").symlink_to("real")
    assert main(["lint", "-o", "report"]) == 0
    assert (work / "report").is_symlink()
    assert (work / "real").read_text()
    (tmp_path / "latest").symlink_to("folder/one")
    assert main(["lint", "-o", str(tmp_path / "latest")]) == 0
    assert (tmp_path / "folder" / "one").read_text(), "the user named a link of their own"


@pytest.mark.parametrize("link", ["ctlint.toml", ".github", ".github/workflows", ".pre-commit-config.yaml"])
def test_init_writes_through_no_link_that_leads_out(work: Path, capsys: pytest.CaptureFixture[str], link: str) -> None:
    (work / link).parent.mkdir(exist_ok=True)
    outside = work.parent / ("folder" if ".github" in link else "mine")
    (work / link).symlink_to(outside)
    assert main(["init", "--force", "--from", "ctlint==1"]) == 3
    assert "leads out of the repository" in capsys.readouterr().err
    assert (work.parent / "mine").read_text() == "mine\n"
    assert list((work.parent / "folder").iterdir()) == []


DEVICES = ("fifo", "zero", "dangling", "socket")


def odd(path: Path, kind: str) -> None:
    """Something that is no plain file, for a path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.is_dir():
        shutil.rmtree(path)
    path.unlink(missing_ok=True)
    if kind == "fifo":
        os.mkfifo(path)
    elif kind == "socket":
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(os.path.relpath(path))
    else:
        path.symlink_to("/dev/zero" if kind == "zero" else "nowhere")


def bounded(*argv: str) -> int:
    """ctlint's exit code; fails where it waits, or takes more memory than an endless file would give it."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    signal.alarm(20)
    try:
        return main(list(argv))
    finally:
        signal.alarm(0)
        assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 300 << 10


@pytest.mark.parametrize("kind", DEVICES)
@pytest.mark.parametrize(
    "name", ["ctlint.toml", ".ctlint.toml", "pyproject.toml", "ctlint-baseline.json", "shared.toml"]
)
def test_a_configuration_that_is_no_plain_file_is_wrong(
    work: Path, capsys: pytest.CaptureFixture[str], name: str, kind: str
) -> None:
    if name == "ctlint-baseline.json":
        (work / "ctlint.toml").write_text('baseline = "ctlint-baseline.json"\n')
    if name == "shared.toml":
        (work / "ctlint.toml").write_text('extend = "shared.toml"\n')
    odd(work / name, kind)
    assert bounded("lint") == 2
    assert name in capsys.readouterr().err


@pytest.mark.parametrize("kind", ["fifo", "zero"])
@pytest.mark.parametrize(
    "name",
    ["config", "index", "info/exclude", "commondir", "packed-refs", "shallow", "info/attributes", "config.worktree"],
)
def test_a_file_of_git_that_is_no_plain_file_is_told(
    work: Path, capsys: pytest.CaptureFixture[str], name: str, kind: str
) -> None:
    odd(work / ".git" / name, kind)
    assert bounded("lint", "--since", "HEAD") == 2, "there is nothing to compare"
    capsys.readouterr()
    for argv in (("lint",), ("inspect",), ("lint", "--fix"), ("lint", "-o", "report")):
        assert bounded(*argv) == 3
        out, err = capsys.readouterr()
        assert f"git's own {name.rpartition('/')[2]} is no plain file" in (out + err), argv


@pytest.mark.parametrize("kind", ["fifo", "zero"])
@pytest.mark.parametrize(
    "name",
    [
        "objects/info/alternates", "objects/info/commit-graph", "objects/pack/multi-pack-index", "info/grafts", "refs/replace/x",
        f"objects/pack/pack-{'1' * 40}.idx", f"objects/11/{'1' * 38}", "logs/HEAD",
    ],
)  # fmt: skip
def test_git_is_not_run_where_it_would_open_a_pipe(
    work: Path, capsys: pytest.CaptureFixture[str], name: str, kind: str
) -> None:
    (work / "Dockerfile").write_text(FILES["Dockerfile"] + "ENV A=b\n")
    odd(work / ".git" / name, kind)
    assert bounded("lint", "--since", "HEAD") == 3
    assert f"one that is no plain file ({work}/.git/{name})" in capsys.readouterr().err


def test_git_is_not_run_where_another_place_of_objects_has_a_pipe(
    work: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    odd(work / "other" / "pack" / f"pack-{'1' * 40}.idx", "fifo")
    (work / ".git/objects/info/alternates").write_text("../../other\n")
    assert bounded("lint", "--since", "HEAD") == 3
    assert "one that is no plain file" in capsys.readouterr().err


def test_a_file_of_git_that_is_always_empty_is_fine(work: Path) -> None:
    with (work / ".git/config").open("a") as config:
        config.write("[core]\n\texcludesFile = /dev/null\n\tattributesFile = /dev/null\n")
    (work / ".git/info/exclude").unlink(missing_ok=True)
    (work / ".git/info/exclude").symlink_to("/dev/null")
    assert bounded("lint", "--since", "HEAD") == 0


@pytest.mark.parametrize(
    "how", ["[include]\n\tpath = pipe\n", '[include] path = "pipe" # x\n', "[core]\n  ExcludesFile=pipe\n"]
)
def test_git_is_given_no_configuration_that_has_it_open_a_pipe(
    work: Path, capsys: pytest.CaptureFixture[str], how: str
) -> None:
    with (work / ".git" / "config").open("a") as config:
        config.write("[include]\n\tpath = more\n")
    (work / ".git" / "more").write_text(how)
    odd(work / ".git" / "pipe", "fifo")
    assert bounded("lint", "--since", "HEAD") == 2
    assert bounded("lint") == 3
    assert "git's own pipe is no plain file" in capsys.readouterr().out


@pytest.mark.parametrize("kind", DEVICES)
@pytest.mark.parametrize(
    "name",
    [
        ".git", ".git/HEAD", ".git/refs/heads/main", ".gitignore", ".dockerignore", ".gitattributes", "docker-compose.yml",
        "Makefile", "docker-bake.hcl", ".env", ".github/workflows/x.yml", "run.sh", "README.md", ".gitlab-ci.yml",
    ],
)  # fmt: skip
def test_any_other_file_that_is_no_plain_one_does_not_hold_a_run_up(work: Path, name: str, kind: str) -> None:
    (work / "Dockerfile").write_text(FILES["Dockerfile"] + "COPY . /x/\n")
    odd(work / name, kind)
    assert bounded("lint") in (0, 1, 3)
    assert bounded("graph", "--consumers") in (0, 3)


def test_files_are_opened_in_one_place() -> None:
    """Nothing else opens a file by its name for reading, but what was written in the same breath and package data."""
    package = Path(ctlint.__file__).parent
    allowed = {
        "lineage/repository/plain_file.py",
        "lineage/remote/cache.py",  # writes: a partial file, "xb"
        "lineage/repository/asked.py",  # once more what was read before: a plain file, no more of it than then
        "lineage/late/package_files.py",  # package data
        "lint/kept/keep.py",  # writes
        "lint/kept/replay.py",  # what that wrote: the user's own plain file, no link, bounded
        "lint/cli.py",  # os.devnull
        "lint/fixing/files.py",  # writes
        "lint/commands/parse.py",  # the user's own pipe
        "lint/output/rule_examples.py",  # package data, as are all that `files(…)` gives
    }
    opening = re.compile(r"(?<![\w.])open\(|os\.open\(|(?<!\))\.read_(bytes|text)\(|Path\([^)]*\)\.open\(|\.open\(\"r")
    found = {
        file.relative_to(package).as_posix()
        for folder in ("lineage", "rules", "lint")
        for file in (package / folder).rglob("*.py")
        for line in file.read_text("utf-8").splitlines()
        if opening.search(line) and "distribution(" not in line and not line.lstrip().startswith(("def ", '"', "#"))
    }
    assert found <= allowed, found - allowed


@pytest.mark.parametrize("name", ["argparse", "json", "rich", "tomllib"])
def test_python_m_runs_no_module_of_the_repository(work: Path, name: str) -> None:
    """`python -m` looks into the working directory first."""
    (work / f"{name}.py").write_text("raise SystemExit('planted')\n")
    environment = {**os.environ, "PYTHONPATH": str(Path(ctlint.__file__).parents[1])}
    done = subprocess.run(
        [sys.executable, "-m", "ctlint", "lint"], env=environment, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


OUTSIDE = ("/", "..", "/etc", "~", "oci:/etc", "docker-archive:/etc/passwd", "out")


@pytest.mark.parametrize("value", OUTSIDE)
def test_a_repository_names_no_place_of_this_machine_as_a_parent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], value: str
) -> None:
    """Whoever writes a pull request would choose what of this machine is read and shown, and `/` has no end."""
    folder = tmp_path / "work" / "app"
    files = {"Dockerfile": "FROM acme/base:1\n", "ctlint.toml": f'[parents]\n"acme/base" = "{value}"\n'}
    Checkout.of(folder, files)
    (folder / "out").symlink_to("/etc")
    monkeypatch.chdir(folder)
    opened: list[object] = []
    monkeypatch.setattr("ctlint.lint.opening.configured_parents.open_targets", lambda *given, **_: opened.append(given))
    assert main(["lint", "--no-cache", "--format", "json"]) == 3
    (told,) = [one for one in json.loads(capsys.readouterr().out)["findings"] if one["rule"] == "CT001"]
    assert (told["path"], told["line"]) == ("ctlint.toml", 2)
    assert "neither in it nor beside it" in told["message"]
    assert opened == []


@pytest.mark.parametrize("value", ["../base", "base"])
def test_a_folder_of_the_repository_or_beside_it_stands_for_a_parent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], value: str
) -> None:
    folder = tmp_path / "work" / "app"
    base = {f"{value}/Dockerfile": "FROM debian:12.8-slim\n"}
    Checkout.of(folder, {"Dockerfile": "FROM acme/base:1\n", "ctlint.toml": f'[parents]\n"acme/base" = "{value}"\n'})
    Checkout(folder).write(base)
    monkeypatch.chdir(folder)
    assert main(["lint", "--no-cache", "--format", "json"]) == 0
    assert "does not know" not in capsys.readouterr().err


def test_a_configuration_from_outside_names_any_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = Checkout.of(tmp_path / "work" / "app", {"Dockerfile": "FROM acme/base:1\n"}).root
    Checkout(tmp_path).write({"far/base/Dockerfile": "FROM debian:12.8-slim\n"})
    (tmp_path / "mine.toml").write_text('[parents]\n"acme/base" = "far/base"\n')
    monkeypatch.chdir(folder)
    assert main(["lint", "--no-cache", "--config", str(tmp_path / "mine.toml")]) == 0
    assert "does not know" not in capsys.readouterr().out
