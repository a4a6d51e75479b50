"""A repository whose git configuration runs programs: whatever is asked of it, none of them is run."""

import ast
import os
import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import ctlint
from checkouts import Checkout
from ctlint.lineage.oci import credentials
from ctlint.lineage.repository import git_run
from ctlint.lineage.repository.disk import read_folder
from ctlint.lineage.repository.git_commands import Git
from ctlint.lineage.repository.git_files import checkout_at
from ctlint.lineage.text.errors import CtlintError
from ctlint.lint.cli import main
from ctlint.lint.judging import processes, shellcheck

FILES = {
    "Dockerfile": "FROM lscr.io/linuxserver/baseimage-alpine:3.20\nCOPY run.sh /etc/services.d/y/run\n",
    "run.sh": "#!/bin/sh\nexec sleep 1\n",
    ".gitattributes": "* filter=evil diff=evil merge=evil text=auto\n",
}
HOOKS = (
    "applypatch-msg pre-applypatch post-applypatch pre-commit pre-merge-commit prepare-commit-msg commit-msg post-commit "
    "pre-rebase post-checkout post-merge pre-push pre-receive update proc-receive post-receive post-update "
    "reference-transaction push-to-checkout pre-auto-gc post-rewrite sendemail-validate fsmonitor-watchman "
    "p4-changelist p4-prepare-changelist p4-post-changelist p4-pre-submit post-index-change"
).split()
RUNS_PROGRAMS = re.compile(
    r"command$|cmd$|driver$|textconv$|\.clean$|smudge$|\.process$|program$|pager$|editor$|helper$|askpass$|fsmonitor$"
    r"|gitproxy$|diff\.external$|<tool>\.path$|uploadpack$|receivepack$|remote\.<name>\.vcs$|browser$|packobjectshook$"
    r"|diff\.tool$|merge\.tool$|guitool$|difffilter$|^alias\.|^pager\.|submodule\.<name>\.update$|hookspath$",
    re.IGNORECASE,
)
"""Which of git's settings name a program or a script."""
SWITCHES = ("advice.", "color.", "diff.<driver>.cachetextconv")
MORE = (
    "filter.<driver>.process",
    "filter.<driver>.required",
    "credential.<url>.helper",
    "trailer.<token>.command",
    "trailer.<token>.cmd",
    "hook.<name>.command",
    "remote.<name>.vcs",
)
"""Settings that `git help --config` of some release leaves out."""


def executable_settings() -> list[str]:
    """The settings that this git knows to run something, with `evil` for the variable part of their names."""
    known = subprocess.run(["git", "help", "--config"], capture_output=True, text=True, check=True).stdout.split()
    found = {name for name in known if RUNS_PROGRAMS.search(name) and not name.startswith(SWITCHES)} | set(MORE)
    return sorted(re.sub(r"<[^>]*>|\*", "evil", name) for name in found)


@pytest.fixture
def trap(tmp_path: Path) -> Path:
    """A program that leaves a file `ran` beside itself."""
    program = tmp_path / "trap"
    program.write_text(f'#!/bin/sh\necho "$0 $*" >> {tmp_path}/ran\n')
    program.chmod(0o755)
    return program


def planted(root: Path, trap: Path, *, included: bool) -> Checkout:
    """A checkout with a tracked script of the wrong mode, in which everything that can run a program runs the trap."""
    checkout = Checkout.of(root, FILES)
    checkout.git("branch", "base")
    checkout.append("Dockerfile", "RUN true\n")
    checkout.commit("second")
    checkout.append("Dockerfile", "RUN true\n")
    lines = [
        f'[remote "origin"]\n\tpromisor = true\n\turl = ext::{trap}\n',
        '[hook "evil"]\n\tevent = post-index-change\n',
    ]
    for name in executable_settings():
        section, _, key = name.rpartition(".")
        first, _, rest = section.partition(".")
        value = "true" if key == "required" else ("!" if first in ("alias", "submodule") else "") + str(trap)
        value = str(trap.parent / "hooks") if key.lower() == "hookspath" else value
        heading = f'{first} "{rest}"' if rest else first
        lines.append(f"[{heading}]\n\t{key} = {value}\n")
    config = "".join(lines)
    if included:
        (root / ".git" / "more").write_text(config)
        config = "[include]\n\tpath = more\n"
    with (root / ".git" / "config").open("a") as file:
        file.write(config)
    (trap.parent / "hooks").mkdir()
    for folder in (root / ".git" / "hooks", trap.parent / "hooks"):
        for hook in HOOKS:
            (folder / hook).unlink(missing_ok=True)
            (folder / hook).symlink_to(trap)
    return checkout


def ran(trap: Path) -> list[str]:
    log = trap.parent / "ran"
    return log.read_text().splitlines() if log.exists() else []


def test_the_traps_work(tmp_path: Path, trap: Path) -> None:
    """git itself, asked plainly, falls into them: else no other test here would say anything."""
    checkout = planted(tmp_path / "work", trap, included=True)
    subprocess.run(["git", "status"], cwd=checkout.root, capture_output=True, check=False)
    plain = ("-c", "filter.evil.required=false", "-c", "filter.evil.process=", "-c", "filter.evil.clean=")
    checkout.git(*plain, "update-index", "--chmod=+x", "run.sh")
    subprocess.run(["git", "diff", "base"], cwd=checkout.root, capture_output=True, check=False)
    names = {Path(line.split()[0]).name for line in ran(trap)}
    assert {"trap", "post-index-change"} <= names, "a program of the configuration, and a hook"


def questions(checkout: Checkout, head: str) -> Iterator[Callable[[], object]]:
    """Everything that is asked of git."""
    found = checkout_at(checkout.root)
    assert found is not None
    git = Git(found)
    absent = "1" * 40
    yield lambda: read_folder(checkout.root)
    yield lambda: git.commit("HEAD")
    yield lambda: git.merge_base(head, "base")
    yield lambda: git.partial
    yield lambda: git.tree(head)
    yield lambda: git.files(head, ["Dockerfile"])
    yield lambda: git.sizes([head, absent])
    yield lambda: git.contents([head, absent])
    yield lambda: git.staged("base")
    yield lambda: git.normalises("Dockerfile")
    yield lambda: git_run.set_index_mode(found.git_dir, found.root, "run.sh", executable=True)


@pytest.mark.parametrize("included", [False, True])
def test_no_question_runs_a_program_of_the_repository(tmp_path: Path, trap: Path, included: bool) -> None:
    safe = Checkout.of(tmp_path / "other", FILES)
    head = safe.git("rev-parse", "HEAD")
    checkout = planted(tmp_path / "work", trap, included=included)
    checkout.git = lambda *_: head  # type: ignore[method-assign]
    refused: list[str] = []
    for ask in questions(checkout, head):
        try:
            ask()
        except CtlintError as error:
            refused.append(str(error))
        assert ran(trap) == []
    assert len(refused) == 1, refused
    assert "partial clone that lacks files" in refused[0]


@pytest.mark.parametrize("included", [False, True])
@pytest.mark.parametrize("split", [False, True])
def test_a_fix_of_a_mode_runs_no_program_of_the_repository(
    tmp_path: Path, trap: Path, monkeypatch: pytest.MonkeyPatch, included: bool, split: bool
) -> None:
    if split:
        Checkout.of(tmp_path / "work", FILES).git("update-index", "--split-index")
    checkout = planted(tmp_path / "work", trap, included=included)
    (trap.parent / "ran").unlink(missing_ok=True)
    monkeypatch.chdir(checkout.root)
    assert main(["lint", "--select", "CT104", "--fix"]) == 0
    assert main(["lint", "--select", "CT104", "--since", "base"]) == 0
    assert ran(trap) == []
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "core.fsmonitor")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", "false")
    listed = subprocess.run(["git", "ls-files", "-s", "run.sh"], capture_output=True, text=True, check=True).stdout
    assert listed.startswith("100755 "), "the mode is in the index"


def test_hooks_of_the_configuration_are_taken_out_of_every_event() -> None:
    """Releases of git that know them read `hook.NAME.event`; an empty one ends the list, `enabled` is asked as well."""
    named = git_run._silenced(b"hook.a b.c.command\0hook.a b.c.event\0core.bare\0filter.lfs.clean\0")  # pyright: ignore[reportPrivateUsage]
    pairs = {
        named[f"GIT_CONFIG_KEY_{n}"]: named[f"GIT_CONFIG_VALUE_{n}"] for n in range(int(named["GIT_CONFIG_COUNT"]))
    }
    assert {key: value for key, value in pairs.items() if key.startswith("hook.")} == {
        "hook.a b.c.event": "",
        "hook.a b.c.enabled": "false",
    }
    assert pairs["filter.lfs.process"] == ""


@pytest.mark.parametrize("entry", ["", ".", "bin"])
def test_git_of_the_repository_is_not_taken_for_git(
    tmp_path: Path, trap: Path, monkeypatch: pytest.MonkeyPatch, entry: str
) -> None:
    checkout = Checkout.of(tmp_path / "work", FILES)
    for folder in ("", "bin"):
        (checkout.root / folder).mkdir(exist_ok=True)
        (checkout.root / folder / "git").symlink_to(trap)
    monkeypatch.chdir(checkout.root)
    monkeypatch.setenv("PATH", os.pathsep.join([entry, os.environ["PATH"]]))
    assert main(["lint", "--select", "CT104", "--since", "HEAD"]) == 0
    assert ran(trap) == []


STARTERS = re.compile(
    r"^(subprocess|pty|multiprocessing|_posixsubprocess|asyncio\.subprocess|asyncio\.create_subprocess_\w+"
    r"|os\.(system|popen|startfile|fork\w*|exec[lv]\w*|(posix_)?spawn\w*)"
    r"|import (pygit2|git|dulwich|sh|plumbum|webbrowser|runpy|ctypes))(\.|$)"
)


def test_there_is_one_way_to_git() -> None:
    """Programs are started in three places alone: git, ShellCheck, and the helpers that the user's own docker names; and
    ctlint itself, several times, in a fourth."""
    allowed = {Path(module.__file__ or "").resolve() for module in (git_run, shellcheck, credentials, processes)}
    package = Path(ctlint.__file__).parent
    sources = [Path(folder, name) for folder, _, names in os.walk(package, followlinks=True) for name in names]
    python = [path for path in sources if path.suffix == ".py"]
    assert len(python) > 300
    starting = {path.resolve() for path in python if any(map(STARTERS.search, named_in(path)))}
    assert starting == allowed


def named_in(path: Path) -> Iterator[str]:
    """The modules that a file imports, and the dotted names that it uses."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name for alias in node.names for name in (alias.name, f"import {alias.name}"))
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
            yield f"import {node.module}"
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            yield f"{node.value.id}.{node.attr}"


def test_a_mode_that_git_could_not_record_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    checkout = Checkout.of(tmp_path / "work", FILES)
    (checkout.root / ".git" / "index.lock").touch()
    monkeypatch.chdir(checkout.root)
    assert main(["lint", "--select", "CT104", "--fix"]) == 3
    told = capsys.readouterr().err
    assert "Fixed" not in told
    assert "run.sh" in told
    assert "index.lock" in told
