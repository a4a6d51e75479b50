"""What the arguments of several commands have in common."""

import argparse
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NoReturn

from ...lineage.text.errors import UsageError
from ...lineage.text.spelling import exchanged, nearest
from .help_format import HelpFormatter

EXIT_CODES = """exit codes:
  0  nothing at or above --fail-on
  1  findings
  2  wrong use or configuration
  3  something could not be read or fetched; all the rest is reported
"""


DONE_CODES = """exit codes:
  0  done
  2  wrong use or configuration
  3  something could not be read or fetched; all the rest was done
"""


CHECK_CODES = """exit codes:
  0  done; with --check, nothing moved
  1  with --check: something moved, or is not there
  2  wrong use or configuration
  3  something could not be read or fetched; all the rest was done
"""


VERIFY_CODES = """exit codes:
  0  every claim is right
  1  a claim is wrong
  2  wrong use or configuration
  3  something could not be read or fetched
"""


class Parser(argparse.ArgumentParser):
    """An argument parser whose complaints are UsageErrors, with the nearest word that would have been right."""

    def error(self, message: str) -> NoReturn:
        stop = "" if message.endswith("?") else "."
        prog = self.prog.removesuffix(" help")  # what `ctlint help` does not know, the list of commands shows
        raise UsageError(f"{message}{stop} `{prog} --help` shows how it is used.")

    def parse_args(self, args: Any = None, namespace: Any = None) -> Any:  # pyright: ignore[reportIncompatibleMethodOverride]
        found, unknown = self.parse_known_args(args, namespace)
        if unknown:
            of_command: Parser = getattr(found, "parser", self)
            option = next((each for each in unknown if each.startswith("-")), unknown[0]).partition("=")[0]
            of_command.error(f"there is no option {option}{_did_you_mean(option, of_command.options())}")
        return found

    def options(self) -> list[str]:
        """All options that begin with two hyphens."""
        return [option for option in self._option_string_actions if option.startswith("--")]

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        if action.choices is None or value in action.choices:
            return
        known = [str(each) for each in action.choices]
        what = f"is none of {', '.join(known)}"
        if action.nargs == argparse.PARSER or action.metavar == "COMMAND":
            what = "is no command"
        elif action.option_strings:
            what = f"is no value of {action.option_strings[-1]} ({', '.join(known)})"
        raise argparse.ArgumentError(None, f"`{value}` {what}{_did_you_mean(str(value), known)}")


def _did_you_mean(word: str, known: Iterable[str]) -> str:
    names = tuple(known)
    near = exchanged(word, names) or nearest(word, names)
    return f"; did you mean {near}?" if near is not None else ""


def output_file(text: str) -> Path | None:
    """The value of -o: None for `-`, which is standard output."""
    return None if text == "-" else Path(text)


def command(
    commands: Any,
    name: str,
    summary: str,
    run: Callable[[argparse.Namespace], int],
    example: str,
    *,
    detail: str = "",
    exits: str = DONE_CODES,
) -> Any:
    """Add a command. `example` are lines of two columns: a command line, and what it is for. `detail` is what a
    newcomer has to know beyond the summary.
    """
    parser = commands.add_parser(
        name,
        help=summary,
        description=summary[0].upper() + summary[1:] + "." + (f"\n\n{detail}" if detail else ""),
        epilog=f"examples:\n{example}\n\n{exits}",
        formatter_class=HelpFormatter,
    )
    parser.set_defaults(run=run, parser=parser)
    output = parser.add_argument_group("output")
    output.add_argument("--color", choices=("auto", "always", "never"), default="auto", help="paint the output (auto)")
    output.add_argument("-q", "--quiet", action="store_true", help="findings only, no summary")
    output.add_argument("-v", "--verbose", action="store_true", help="say what could not be decided, and why")
    return parser


def add_targets(parser: Any, *, several: bool = True, builds: bool = True) -> None:
    """Add the targets and what decides how they are opened: how images are built, where repositories come from.

    `several` says that all arguments are targets, `builds` that it matters how their images are built.
    """
    parser.usage = f"%(prog)s [options] [TARGET{' ...' if several else ' [IMAGE]'}]"
    if several:
        parser.add_argument(
            "targets",
            nargs="*",
            metavar="TARGET",
            help="a repository, a folder of repositories, a Dockerfile, a start script, github:OWNER, "
            "github:OWNER/REPO[@REF], a real image (oci:DIR[:TAG], docker-archive:FILE, registry:REF), or - for a "
            "Dockerfile on standard input (.)",
        )
    parser.add_argument(
        "--config", type=Path, metavar="FILE", help="configuration file (the nearest ctlint.toml or pyproject.toml)"
    )
    if builds:
        _add_builds(parser)
    else:
        parser.set_defaults(build_arg=[], target=None, stdin_filename="")
    remote = parser.add_argument_group("repositories on GitHub")
    remote.add_argument("--fetch-parents", action="store_true", help="fetch the repositories of unknown parent images")
    remote.add_argument(
        "--fetch-from",
        action="append",
        default=[],
        metavar="OWNER",
        help="with --fetch-parents, also from this owner where a repository's configuration names it (without the token)",
    )
    remote.add_argument(
        "--include", action="append", default=[], metavar="GLOB", help="of a github: owner, only these repositories"
    )
    remote.add_argument(
        "--exclude", action="append", default=[], metavar="GLOB", help="of a github: owner, not these repositories"
    )
    remote.add_argument("--no-archived", action="store_true", help="of a github: owner, no archived repositories")
    remote.add_argument("--no-forks", action="store_true", help="of a github: owner, no forks")
    remote.add_argument("--offline", action="store_true", help="use what was fetched before, never the network")
    remote.add_argument("--cache-dir", type=Path, metavar="DIR", help="where fetched repositories are kept")
    remote.add_argument(
        "--jobs", type=int, metavar="N", help="downloads at a time (8), and processes that lint (the machine's cores)"
    )
    remote.add_argument("--no-progress", action="store_true", help="no progress bar")


def add_parents(parser: Any, *, platform: bool = True) -> None:
    """Add what says where real images of parents come from. `platform` is false for a command that has the option."""
    parents = parser.add_argument_group("real images of parents")
    parents.add_argument(
        "--parents-from",
        action="append",
        default=[],
        metavar="PLACE",
        help="read parents that are not at hand from their real images: registry, oci:DIR or docker-archive:FILE",
    )
    if platform:
        parents.add_argument(
            "--platform",
            default="linux/amd64",
            metavar="OS/ARCH",
            help="the platform of real images (linux/amd64)",
        )


def _add_builds(parser: Any) -> None:
    builds = parser.add_argument_group("how the images are built")
    builds.add_argument(
        "--build-arg",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="a build argument, as for docker build; NAME alone takes its value from the environment",
    )
    builds.add_argument("--target", metavar="STAGE", help="the stage to build, as for docker build (the last)")
    builds.add_argument(
        "--stdin-filename", default="", metavar="PATH", help="what the Dockerfile on standard input is called"
    )


def request_of(options: argparse.Namespace) -> Any:
    """What the options ask to be opened."""
    from ..opening.request import DOWNLOADS, Request

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
        fetch_from=tuple(options.fetch_from),
        archived=not options.no_archived,
        forks=not options.no_forks,
        include=tuple(options.include),
        exclude=tuple(options.exclude),
        config=options.config,
        jobs=options.jobs,
        downloads=DOWNLOADS if options.jobs is None else options.jobs,
        progress=not options.no_progress,
        parents_from=tuple(getattr(options, "parents_from", ())),
        with_parent=tuple(_stand_in(text) for text in getattr(options, "with_parent", ())),
        platform=getattr(options, "platform", "linux/amd64"),
    )


def _stand_in(text: str) -> tuple[str, str]:
    name, sign, reference = text.partition("=")
    if not sign or not name or not reference:
        raise UsageError(f"--with-parent {text}: it must be NAME=REF, as in acme/base=registry:acme/base:2.")
    return name, reference
