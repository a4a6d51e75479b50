"""The command line: arguments in, exit code out."""

import gc
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

from ..lineage.errors import CtlintError
from .arguments import parser
from .complaints import complain, sentence


def run() -> NoReturn:
    """The console script. What a run holds is left to the end of the process: to look for cycles in it, and to take it
    down object by object, is a good part of the time that a small repository takes.
    """
    gc.set_threshold(100_000, 30, 100)
    code = main(sys.argv[1:])
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except OSError:
        code = code or 3
    os._exit(code)


def main(argv: Sequence[str]) -> int:
    """Run `ctlint` with these arguments and return its exit code; never raises for a user's mistake."""
    try:
        options = parser().parse_args(argv)
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
    return code
