"""Fixes on every fixture that has any: they cure their finding, once, and the image means the same otherwise."""

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ctlint.lint.cli import main
from ctlint.rules.base import Finding
from expectations import FIXED, FLEET, PAIRS, expected_in, named
from linting import run_on


def may_be_fixable(fixture: Path) -> bool:
    """Whether it expects a finding of a rule that offers fixes: of all others no fix comes, as another test holds."""
    return any(code in FIXED for _, _, code in expected_in(fixture))


WITH_FIXES = [fixture for fixture in [*PAIRS, FLEET] if may_be_fixable(fixture)]


@dataclass(frozen=True)
class State:
    """A folder as it lies there, what is found in it, and what its images are."""

    files: dict[str, tuple[bytes, bool]]
    findings: tuple[Finding, ...]
    images: dict[str, dict[str, Any]]


def files_here() -> dict[str, tuple[bytes, bool]]:
    return {
        path.as_posix(): (path.read_bytes(), os.access(path, os.X_OK))
        for path in Path().rglob("*")
        if path.is_file() and ".git" not in path.parts
    }


def state() -> State:
    run = run_on(Path())
    workspace = run.workspace
    images: dict[str, dict[str, Any]] = {}
    for source in workspace.selected:
        image = workspace.effective(source)
        images[source.id] = {
            "chain": [link.name for link in image.chain],
            "env": {name: value.value for name, value in image.env.items()},
            "user": image.user and image.user.value,
            "workdir": image.workdir and image.workdir.value,
            "entrypoint": image.entrypoint and image.entrypoint.value,
            "cmd": image.cmd and image.cmd.value,
            "exposed": [port.value for port in image.exposed],
            "accounts": {a.name.canonical for a in workspace.boot(source).accounts},
            "steps": [step.name for step in workspace.boot(source).steps],
            "tree": {
                path: (node.kind, node.mode, node.blob.digest, node.target, node.owner, node.source)
                for path, node in image.tree.nodes.items()
            },
        }
    return State(files_here(), tuple(run.findings()), images)


def _key(found: Finding) -> tuple[str, str, str]:
    return found.rule, found.place.path, found.image


def linted(*argv: str) -> int:
    return main(["lint", "--format", "json", "-o", os.devnull, *argv])


@pytest.fixture
def copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Path:
    folder = tmp_path / "x"
    shutil.copytree(request.param, folder, symlinks=True)
    for expectations in folder.rglob("expect.txt"):
        expectations.unlink()
    monkeypatch.chdir(folder)
    return Path(request.param)


@pytest.mark.parametrize("copied", WITH_FIXES, ids=named, indirect=True)
def test_fixes_cure_their_findings_once_and_nothing_else_changes(copied: Path) -> None:
    """First those that are safe, then the others where there are any."""
    left = after_fixes(state())
    if any(found.fix is not None for found in left.findings):
        after_fixes(left, "--unsafe-fixes")


def after_fixes(before: State, *options: str) -> State:
    """The state after `--fix` with these options, of which all is asserted."""
    wanted = [found for found in before.findings if found.fix and (options or found.fix.applicability == "safe")]
    linted("--fix", *options)
    after = state()

    was = [_key(found) for found in before.findings]
    remaining = list(was)
    for found in wanted:
        remaining.remove(_key(found))
    edits = [edit for found in wanted if found.fix for edit in found.fix.edits]
    mended = {(edit.place.path, edit.place.line) for edit in edits}
    for new in (found for found in after.findings if _key(found) not in was):
        assert (new.place.path, new.place.line) in mended, "what one defect hid of another may come to light, no more"
        remaining.append(_key(new))
    assert sorted(map(_key, after.findings)) == sorted(remaining), "what has a fix is cured, and all else is as it was"

    linted("--fix", *options)
    assert files_here() == after.files, "a second --fix changes nothing"

    renamed = {edit.place.path: edit.to for edit in edits if edit.kind == "rename"}
    touched = {edit.place.path for edit in edits} | set(renamed.values())
    changed = {path for path in before.files | after.files if before.files.get(path) != after.files.get(path)}
    assert changed <= {path for path in changed if any(_within(path, each) for each in touched)}
    assert before.images.keys() == after.images.keys()
    for image, earlier in before.images.items():
        _same_image(earlier, after.images[image], touched, {found.rule for found in wanted})
    return after


def _within(path: str, other: str) -> bool:
    return path == other or path.startswith(f"{other}/")


def _same_image(was: dict[str, Any], now: dict[str, Any], touched: set[str], rules: set[str]) -> None:
    may_change = {
        "entrypoint": {"CT602", "CT603"},
        "cmd": {"CT602", "CT603"},
        "chain": {"CT502"},
        "steps": {"CT119", "CT203", "CT602", "CT603", "CT105"},
        "accounts": {"CT105"},
    }
    for key in was.keys() - {"tree"}:
        assert was[key] == now[key] or may_change.get(key, set()) & rules, key
    for path in was["tree"].keys() | now["tree"].keys():
        old, new = was["tree"].get(path), now["tree"].get(path)
        if old == new:
            continue
        source = (old or new)[-1]
        assert source is not None, path
        assert any(_within(source, each) for each in touched), path
        if old is not None and new is not None:
            assert (old[0], old[3:5]) == (new[0], new[3:5]), "kind, target and owner stay"


@pytest.mark.parametrize("copied", [f for f in WITH_FIXES if "ct104" in f.parts], ids=named, indirect=True)
def test_mode_fixes_tell_git_and_stage_nothing_else(copied: Path) -> None:
    def git(*arguments: str) -> str:
        identity = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
        done = subprocess.run(["git", *identity, *arguments], capture_output=True, text=True, check=True)
        return done.stdout

    git("init", "-q")
    git("config", "core.fileMode", "false")
    git("add", ".")
    git("commit", "-qm", "first")
    mended = [edit.place.path for found in run_on(Path()).findings() if found.fix for edit in found.fix.edits]
    assert mended
    with Path("Dockerfile").open("a") as file:
        file.write("# a change of the user's that is not staged\n")
    linted("--fix", "--select", "CT104")
    staged = git("diff", "--cached", "--summary").splitlines()
    assert staged == [f" mode change 100644 => 100755 {path}" for path in sorted(mended)]
    assert git("diff", "--cached", "--numstat").split() == [
        word for path in sorted(mended) for word in ("0", "0", path)
    ]
    assert git("diff", "--name-only") == "Dockerfile\n"
    assert linted("--select", "CT104") == 0
    git("checkout", "-q", "--", ".")
    assert linted("--select", "CT104") == 0, "the mode is in the index, whatever the disk says"


def test_every_kind_of_fix_is_among_them() -> None:
    """One fixture for each, so that all need not be linted again."""
    for name, kind in (("ct205/bad", "text"), ("ct104/bad", "chmod"), ("ct119/bad", "rename")):
        (fixture,) = (path for path in WITH_FIXES if named(path) == name)
        found = run_on(fixture).findings()
        assert kind in {edit.kind for each in found if each.fix is not None for edit in each.fix.edits}
