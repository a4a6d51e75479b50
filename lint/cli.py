"""The command line: arguments in, exit code out."""

import gc
import os
import sys
from collections.abc import Sequence
from io import TextIOWrapper
from typing import TYPE_CHECKING, NoReturn

from .kept.replay import replayed

if TYPE_CHECKING:
    import argparse


def run() -> NoReturn:
    """The console script. What a run holds is left to the end of the process: to look for cycles in it, and to take it
    down object by object, is a good part of the time that a small repository takes.
    """
    gc.set_threshold(1_000_000, 30, 100)
    for name in ("stdout", "stderr"):  # None where the caller closed them
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115 - until the process ends
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    code = replayed(sys.argv[1:])
    if code is None:
        code = _run_anew(sys.argv[1:])
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except OSError:
        code = code or 3
    os._exit(code)


def _run_anew(words: Sequence[str]) -> int:
    import argparse

    from .kept.keep import kept

    held = argparse.Namespace()
    return kept(words, lambda: main(words, held))


def main(argv: Sequence[str], held: "argparse.Namespace | None" = None) -> int:
    """Run `ctlint` with these arguments and return its exit code; never raises for a user's mistake.

    `held` takes up the options, and with them what a command leaves there so that it outlives the command.
    """
    import argparse

    from ..lineage.text.crash import Crash
    from ..lineage.text.errors import CtlintError
    from .arguments.parser import parser
    from .output.complaints import complain, sentence

    try:
        options = parser(argv).parse_args(argv, argparse.Namespace() if held is None else held)
        if "run" not in options:
            parser().print_help()
            return 2
        code = int(options.run(options))
        sys.stdout.flush()
    except SystemExit as done:  # argparse's --help and --version
        return int(done.code or 0)
    except KeyboardInterrupt:
        complain("interrupted.")
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except CtlintError as error:
        complain(sentence(error))
        return error.exit_code
    except OSError as error:
        name = f"{error.filename}: " if error.filename else ""
        complain(f"{name}{error.strerror or error}.")
        return 3
    except Exception as crash:
        if "CTLINT_TRACEBACK" in os.environ:
            raise
        complain(
            f"{Crash('a defect of ctlint ended the run', crash)}. Please report it; CTLINT_TRACEBACK=1 shows more."
        )
        return 3
    return code
