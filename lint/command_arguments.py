"""What the arguments of several commands have in common."""

import argparse
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

from ..lineage.errors import UsageError

EXIT_CODES = """exit codes:
  0  nothing at or above --fail-on
  1  findings
  2  wrong use or configuration
  3  something could not be read or fetched; all the rest is reported
"""


class Parser(argparse.ArgumentParser):
    """An argument parser whose complaints are UsageErrors."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message}. `{self.prog} --help` shows how it is used.")


def command(commands: Any, name: str, summary: str, run: Callable[[argparse.Namespace], int], example: str) -> Any:
    parser = commands.add_parser(
        name,
        help=summary,
        description=summary[0].upper() + summary[1:] + ".",
        epilog=f"examples:\n{example}\n\n{EXIT_CODES}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(run=run)
    parser.add_argument("--color", choices=("auto", "always", "never"), default="auto", help="paint the output (auto)")
    parser.add_argument("-q", "--quiet", action="store_true", help="findings only, no summary")
    parser.add_argument("-v", "--verbose", action="store_true", help="say what could not be decided, and why")
    return parser


def add_targets(parser: Any, *, several: bool = True) -> None:
    if several:
        parser.add_argument(
            "targets",
            nargs="*",
            metavar="TARGET",
            help="repository, workspace, Dockerfile, github:OWNER[/REPO[@REF]] or - (.)",
        )
    parser.add_argument(
        "--stdin-filename", default="", metavar="PATH", help="what the Dockerfile on standard input is called"
    )
    parser.add_argument("--build-arg", action="append", default=[], metavar="NAME=VALUE", help="as for docker build")
    parser.add_argument("--target", metavar="STAGE", help="the stage to build")
    parser.add_argument("--config", type=Path, metavar="FILE", help="configuration file")
    parser.add_argument("--cache-dir", type=Path, metavar="DIR", help="where fetched repositories are kept")
    parser.add_argument("--offline", action="store_true", help="never use the network")
    parser.add_argument("--fetch-parents", action="store_true", help="fetch the repositories of unknown parent images")
    parser.add_argument(
        "--include", action="append", default=[], metavar="GLOB", help="of a github: target, only these repositories"
    )
    parser.add_argument(
        "--exclude", action="append", default=[], metavar="GLOB", help="of a github: target, not these repositories"
    )
    parser.add_argument("--no-archived", action="store_true", help="of a github: owner, no archived repositories")
    parser.add_argument("--no-forks", action="store_true", help="of a github: owner, no forks")
    parser.add_argument("--no-progress", action="store_true", help="no progress bar")
    parser.add_argument("--jobs", type=int, default=8, metavar="N", help="parallel downloads (8)")


def request_of(options: argparse.Namespace) -> Any:
    """What the options ask to be opened."""
    from .open import Request

    pairs: list[tuple[str, str]] = []
    for given in options.build_arg:
        name, sign, value = given.partition("=")
        pairs.append((name, value if sign else os.environ.get(name, "")))
    return Request(
        targets=tuple(options.targets) or (".",),
        build_args=tuple(pairs),
        target=options.target,
        stdin_filename=options.stdin_filename,
        cache_dir=options.cache_dir,
        offline=options.offline,
        fetch_parents=options.fetch_parents,
        archived=not options.no_archived,
        forks=not options.no_forks,
        include=tuple(options.include),
        exclude=tuple(options.exclude),
        config=options.config,
        jobs=options.jobs,
        progress=not options.no_progress,
    )
