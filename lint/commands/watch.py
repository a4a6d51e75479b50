"""`ctlint lint --watch`: lints again whenever a file changes."""

import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from ...lineage.repository.discover import remote_target
from ...lineage.text.errors import CtlintError, UsageError
from ..output.complaints import complain, sentence
from .lint import LintOptions, lint

_PAUSE = 0.5
"""Seconds between two looks."""
_CLEAR = "\x1b[H\x1b[2J\x1b[3J"
_LEFT_OUT = (".git", "node_modules", ".venv", "__pycache__")

State = dict[str, tuple[int, int]]
"""Of each file, when it was changed (in nanoseconds) and its size (in bytes)."""


def watch(options: LintOptions, sleep: Callable[[float], object] = time.sleep) -> int:
    """Lint until `sleep`, which waits for so many seconds, is interrupted; then the exit code of the last run.

    Raises UsageError for what writes files, and for targets that are not folders or files of this machine.
    """
    if options.fix or options.write_baseline is not None or options.add_ignores is not None:
        raise UsageError("--watch looks on; --fix, --write-baseline and --add-ignores write files.")
    if any(target == "-" or remote_target(target) is not None for target in options.request.targets):
        raise UsageError("--watch looks at folders and files of this machine.")
    roots = [Path(target) for target in options.request.targets]
    code = 0
    try:
        while True:
            seen = state(roots)
            if sys.stdout.isatty():
                sys.stdout.write(_CLEAR)
            code = _linted(options)
            sys.stdout.flush()
            complain("watching; Ctrl-C ends it.")
            while state(roots) == seen:
                sleep(_PAUSE)
    except KeyboardInterrupt:
        return code


def _linted(options: LintOptions) -> int:
    """Lint once; a configuration that is wrong for now does not end the watch."""
    try:
        return lint(options)
    except CtlintError as error:
        complain(sentence(error))
        return error.exit_code


def state(roots: Iterable[Path]) -> State:
    """What there is below the roots, git's own files and those of package managers left out."""
    found: State = {}
    for path in _files(roots):
        try:
            at = os.lstat(path)
        except OSError:
            continue
        found[path] = at.st_mtime_ns, at.st_size
    return found


def _files(roots: Iterable[Path]) -> Iterator[str]:
    for root in roots:
        if not root.is_dir():
            yield str(root)
        for folder, folders, names in os.walk(root):
            folders[:] = [name for name in folders if name not in _LEFT_OUT]
            yield from (os.path.join(folder, name) for name in names)
