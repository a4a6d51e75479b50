"""`ctlint init`: makes ctlint a gate of a repository: configuration, pre-commit hook, CI."""

import os
import textwrap
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import TextIO

from ...lineage.late.dataclasses import dataclass
from ...lineage.repository.plain_file import LARGEST_LIST, LARGEST_SETTINGS, read_plain
from ...lineage.text.errors import UsageError
from ..config.files import find_config, shown
from ..fixing.files import refuse_outside, replace_file
from ..installed_from import requirement
from ..output.terminal import say
from .init_files import BASELINE, configuration, github, gitlab, hook, jenkins
from .precommit_file import with_hook

_WORKFLOW = Path(".github/workflows/ctlint.yml")
_PRE_COMMIT = (".pre-commit-config.yaml", ".pre-commit-config.yml")
_NO_GATE = """
No pre-commit hook and no CI workflow was written: this ctlint came from a folder of this
machine, and they need an address to install it from. Name one:
    ctlint init --from 'ctlint @ git+https://HOST/OWNER/ctlint@COMMIT'"""

_ONLY_HERE = """
`--from` names a place of this machine: pre-commit and CI of others cannot install ctlint from
it. Name an address before you commit this (--force replaces what was written):
    ctlint init --force --from 'ctlint @ git+https://HOST/OWNER/ctlint@COMMIT'"""


@dataclass(frozen=True, slots=True)
class _Init:
    root: Path
    force: bool
    requirement: str
    """What CI and pre-commit install ctlint from."""

    def write(self, name: Path, text: str) -> str:
        """Write a file, unless it is there and may not be replaced; the sentence about it."""
        path = self.root / name
        refuse_outside(path)
        if os.path.lexists(path) and not self.force:
            return f"Kept {shown(path)}, which is there already (--force replaces it)."
        verb = "Replaced" if path.exists() else "Wrote"
        if verb == "Replaced" and read_plain(path, LARGEST_LIST) == text.encode("utf-8"):
            return f"Kept {shown(path)}, which is as it would be written."
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_file(path, text.encode("utf-8"))
        return f"{verb} {shown(path)}."


def init(folder: Path, force: bool, source: str | None, out: TextIO) -> int:
    """Write what is not there yet, and say of each file what became of it. Raises UsageError for a folder that is none, and for
    a source that no line of a workflow can hold.

    The files go to the top of the git checkout that `folder` lies in. Files of other programs are never replaced:
    an entry is added to pre-commit's, and what goes into a GitLab or Jenkins file is printed. `source` is the requirement
    that CI and pre-commit install ctlint from; by default what this one was installed from. Where that is a folder that
    no other machine knows, only the configuration is written, and the exit code is 2: no gate was made.
    """
    if not folder.is_dir():
        raise UsageError(f"{folder} is no folder.")
    if source is not None and (not source.strip() or not source.isprintable() or "${{" in source):
        raise UsageError("What --from names is to be one line of printable characters without `${{`.")
    known = source or requirement()
    work = _Init(_top(folder), force, known or "")
    gates = chain(_pre_commit(work), _ci(work)) if known is not None else (_NO_GATE,)
    for paragraph in chain(_configuration(work), gates):
        say(paragraph, out)
    if source is not None and _is_of_this_machine(source):
        say(_ONLY_HERE, out)
    out.write(
        "\nNext: `ctlint lint`. What cannot be mended now is listed by\n"
        "`ctlint lint --write-baseline ctlint-baseline.json`, and hidden by `baseline` in the\nconfiguration.\n"
    )
    return 0 if known is not None else 2


def _is_of_this_machine(requirement: str) -> bool:
    """Whether a requirement names a folder or file that no other machine has."""
    place = requirement.rpartition(" @ ")[2].strip()
    return "file:" in place or place.startswith(("/", ".", "~"))


def _top(folder: Path) -> Path:
    start = folder.absolute()
    return next((each for each in (start, *start.parents) if (each / ".git").exists()), start)


def _configuration(work: _Init) -> Iterator[str]:
    there = find_config(work.root)
    if there is not None and there != work.root / "ctlint.toml":
        yield f"Kept {shown(there)}, which configures ctlint here; no ctlint.toml is needed."
        return
    yield work.write(Path("ctlint.toml"), configuration(baseline=(work.root / BASELINE).is_file()))
    if (work.root / "pyproject.toml").exists():
        yield "  Its keys may stand in pyproject.toml instead, below [tool.ctlint]."


def _pre_commit(work: _Init) -> Iterator[str]:
    path = next((work.root / name for name in _PRE_COMMIT if (work.root / name).exists()), None)
    if path is None:
        yield work.write(Path(_PRE_COMMIT[0]), f"repos:\n{textwrap.indent(hook(work.requirement), '  ')}")
        return
    refuse_outside(path)
    item = hook(work.requirement)
    before = read_plain(path, LARGEST_SETTINGS)
    after = with_hook(before, item, anew=work.force)
    if after is None and with_hook(before, item) == before:
        yield f"Kept {shown(path)}, whose ctlint hook shares its entry with others. It is to be:\n\n{_quoted(item)}"
    elif after is None:
        yield f"Kept {shown(path)}, whose `repos` is not written as a list of lines. Add to it:\n\n{_quoted(item)}"
    elif after == before:
        yield (
            f"Kept {shown(path)}, whose hook of ctlint is as it would be written."
            if work.force
            else f"Kept {shown(path)}, which has a hook of ctlint already (--force replaces it)."
        )
    elif work.force and with_hook(before, item) == before:
        replace_file(path, after)
        yield f"Replaced the hook of ctlint in {shown(path)}."
    else:
        replace_file(path, after)
        yield f"Added ctlint to {shown(path)}."


def _ci(work: _Init) -> Iterator[str]:
    of_gitlab, of_jenkins = work.root / ".gitlab-ci.yml", work.root / "Jenkinsfile"
    elsewhere = of_gitlab.exists() or of_jenkins.exists()
    if (work.root / ".github").is_dir() or not elsewhere:
        yield work.write(_WORKFLOW, github(work.requirement))
    if of_gitlab.exists():
        yield f"For {shown(of_gitlab)}, which stays as it is:\n\n{_quoted(gitlab(work.requirement))}"
    if of_jenkins.exists():
        yield f"For {shown(of_jenkins)}, which stays as it is:\n\n{_quoted(jenkins(work.requirement))}"


def _quoted(text: str) -> str:
    return textwrap.indent(text, "    ")
