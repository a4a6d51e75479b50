"""The arguments of every command. What a command does is loaded only when it runs."""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NoReturn

from ..lineage.errors import UsageError
from ..lineage.version import VERSION

EXIT_CODES = """exit codes:
  0  nothing at or above --fail-on
  1  findings
  2  wrong use or configuration
  3  something could not be read or fetched; all the rest is reported
"""


_FORMATS = ("text", "concise", "json", "sarif", "github", "gitlab", "junit")


class _Parser(argparse.ArgumentParser):
    """An argument parser whose complaints are UsageErrors."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message}. `{self.prog} --help` shows how it is used.")


def parser() -> argparse.ArgumentParser:
    """The parser of all commands."""
    top = _Parser(
        prog="ctlint",
        description="Lineage and linting for s6-based desktop images: what an image is after its whole FROM chain, "
        "and what will go wrong when it starts.",
        epilog=EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    top.add_argument("--version", action="version", version=f"ctlint {VERSION}")
    commands = top.add_subparsers(title="commands", metavar="COMMAND", parser_class=_Parser)
    _add_lint(commands)
    _add_graph(commands)
    _add_inspect(commands)
    _add_rule(commands)
    _add_parse(commands)
    _add_config(commands)
    _add_fetch(commands)
    _add_cache(commands)
    return top


def _command(commands: Any, name: str, summary: str, run: Callable[[argparse.Namespace], int], example: str) -> Any:
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


def _targets(parser: Any, *, several: bool = True) -> None:
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


def _codes(given: Sequence[str] | None) -> tuple[str, ...] | None:
    if given is None:
        return None
    return tuple(code.strip() for item in given for code in item.split(",") if code.strip())


def _severity(text: str) -> Any:
    from ..rules.base import Severity

    try:
        return Severity.parse(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _add_lint(commands: Any) -> None:
    parser = _command(commands, "lint", "report what goes wrong when the images start", _lint, _LINT_EXAMPLES)
    _targets(parser)
    parser.add_argument("--format", choices=_FORMATS, help="output format (text; github in GitHub Actions)")
    parser.add_argument("-o", "--output", type=Path, metavar="FILE", help="write the report to a file")
    parser.add_argument(
        "--select", action="append", metavar="CODES", help="only these rules (CT2, CT205, a rule's name, ALL)"
    )
    parser.add_argument("--ignore", action="append", metavar="CODES", help="not these rules")
    parser.add_argument("--extend-select", action="append", metavar="CODES", help="these rules too")
    parser.add_argument(
        "--fail-on", type=_severity, metavar="error|warning|info", help="lowest severity that fails (warning)"
    )
    parser.add_argument("--preview", action="store_true", help="also rules that are not settled yet")
    parser.add_argument("--inherited", action="store_true", help="also findings that a parent image owns")
    parser.add_argument("--statistics", action="store_true", help="only counts by rule")
    parser.add_argument("--fix", action="store_true", help="apply safe fixes")
    parser.add_argument("--unsafe-fixes", action="store_true", help="apply (or show) fixes that need a look, too")
    parser.add_argument("--diff", action="store_true", help="show the fixes instead of applying them")
    parser.add_argument("--baseline", type=Path, metavar="FILE", help="hide the findings that this file lists")
    parser.add_argument("--write-baseline", type=Path, metavar="FILE", help="list today's findings in a file")
    parser.add_argument("--add-ignores", metavar="REASON", help="write an ignore comment for every finding")


def _lint(options: argparse.Namespace) -> int:
    from .lint_command import LintOptions, lint

    given = options.format or (
        "github" if os.environ.get("GITHUB_ACTIONS") == "true" and not options.output else "text"
    )
    return lint(
        LintOptions(
            request=request_of(options),
            format=given,
            output=options.output,
            select=_codes(options.select),
            ignore=_codes(options.ignore),
            extend_select=_codes(options.extend_select),
            fail_on=options.fail_on,
            preview=options.preview,
            inherited=options.inherited,
            statistics=options.statistics,
            quiet=options.quiet,
            verbose=options.verbose,
            color=options.color,
            fix=options.fix,
            unsafe_fixes=options.unsafe_fixes,
            diff=options.diff,
            baseline=options.baseline,
            write_baseline=options.write_baseline,
            add_ignores=options.add_ignores,
        )
    )


def _add_graph(commands: Any) -> None:
    def start(options: argparse.Namespace) -> int:
        from .graph_command import graph

        return graph(options, request_of(options))

    parser = _command(commands, "graph", "draw which image descends from which", start, _GRAPH_EXAMPLES)
    _targets(parser)
    formats = ("tree", "dot", "mermaid", "svg", "html", "json", "graphml")
    parser.add_argument("--format", choices=formats, default="tree", help="output format (tree)")
    parser.add_argument("-o", "--output", type=Path, metavar="FILE", help="write to a file")
    parser.add_argument("--select", action="append", metavar="SELECTOR", help='"name", "+name", "name+", "2+name+1"')
    parser.add_argument("--focus", action="append", metavar="IMAGE", help="an image and what two hops reach from it")
    parser.add_argument("--invert", action="store_true", help="each image with its parents below")
    parser.add_argument("--depth", type=int, metavar="N", help="so many levels of the tree")
    parser.add_argument("--stages", action="store_true", help="the stages of multi-stage builds too")
    parser.add_argument(
        "--consumers", action="store_true", help="compose files, Kubernetes and app specs that use images"
    )
    parser.add_argument("--lint", action="store_true", help="count each image's findings")
    asked = parser.add_mutually_exclusive_group()
    asked.add_argument("--why", nargs=2, metavar=("A", "B"), help="the lines by which one descends from the other")
    asked.add_argument("--impact", action="append", metavar="IMAGE", help="what to rebuild after it, in build order")
    asked.add_argument("--cycles", action="store_true", help="images that descend from themselves")
    asked.add_argument("--drift", action="store_true", help="where images that belong together have parted")


def _add_inspect(commands: Any) -> None:
    def start(options: argparse.Namespace) -> int:
        from .inspect_command import inspect

        return inspect(options, request_of(options))

    parser = _command(commands, "inspect", "show the effective image and its boot plan", start, _INSPECT_EXAMPLES)
    _targets(parser, several=False)
    parser.add_argument(
        "targets",
        nargs="*",
        metavar="TARGET [IMAGE]",
        help="repository, workspace or Dockerfile (.), and an image of it",
    )
    parser.add_argument("--format", choices=("text", "json"), default="text")
    parser.add_argument("--files", nargs="?", const="*", metavar="GLOB", help="list the file tree with its origin")
    parser.add_argument("--export-profile", type=Path, metavar="FILE", help="write the image's facts as a profile")


def _add_rule(commands: Any) -> None:
    def start(options: argparse.Namespace) -> int:
        from .rule_command import rule

        return rule(options.rule, options.all, options.format, options.color)

    parser = _command(
        commands,
        "rule",
        "explain a rule, or list them all",
        start,
        "  ctlint rule CT205\n  ctlint rule --all --format markdown",
    )
    parser.add_argument("rule", nargs="?", metavar="RULE", help="code or name of a rule")
    parser.add_argument("--all", action="store_true", help="every rule's page")
    parser.add_argument("--format", choices=("text", "json", "markdown"), default="text")


def _add_parse(commands: Any) -> None:
    def start(options: argparse.Namespace) -> int:
        from .parse import parse_files

        return parse_files(options.files, sys.stdout, sys.stderr)

    parser = _command(
        commands,
        "parse",
        "print the instructions as BuildKit reads them, one JSON object a file",
        start,
        "  ctlint parse Dockerfile\n  ctlint parse - < Dockerfile",
    )
    parser.add_argument("files", nargs="+", metavar="FILE")


def _add_config(commands: Any) -> None:
    def start(options: argparse.Namespace) -> int:
        from .config_command import config

        return config(options.schema, options.config, sys.stdout)

    parser = _command(
        commands,
        "config",
        "show the effective configuration and where each value comes from",
        start,
        "  ctlint config\n  ctlint config --schema lint",
    )
    parser.add_argument(
        "--schema",
        nargs="?",
        const="config",
        metavar="NAME",
        help="the JSON Schema of the configuration, or of lint, graph or parse output",
    )
    parser.add_argument("--config", type=Path, metavar="FILE", help="configuration file")


def _add_fetch(commands: Any) -> None:
    def start(options: argparse.Namespace) -> int:
        from .remote import fetch_command

        return fetch_command(options)

    parser = _command(
        commands,
        "fetch",
        "bring repositories from GitHub into the cache",
        start,
        "  ctlint fetch github:helxplatform",
    )
    _targets(parser)


def _add_cache(commands: Any) -> None:
    def start(options: argparse.Namespace) -> int:
        from .remote import cache_command

        return cache_command(options)

    parser = _command(
        commands,
        "cache",
        "show or clear the cache of fetched repositories",
        start,
        "  ctlint cache\n  ctlint cache clear",
    )
    parser.add_argument("action", nargs="?", choices=("show", "where", "size", "clear"), default="show")
    parser.add_argument("what", nargs="?", metavar="OWNER[/REPO]", help="what to clear; everything by default")
    parser.add_argument("--cache-dir", type=Path, metavar="DIR", help="where fetched repositories are kept")


_LINT_EXAMPLES = """  ctlint lint                               this repository
  ctlint lint --select CT2,CT3 images/      two families of rules
  ctlint lint --format sarif -o out.sarif   for code scanning
  ctlint lint --fix                         apply safe fixes
  ctlint lint github:helxplatform           a whole organisation"""
_GRAPH_EXAMPLES = """  ctlint graph                              the tree of this folder's images
  ctlint graph --select "cloudtop+"         an image and all that descends from it
  ctlint graph --why cloudtop-ohif tomcat   the FROM lines between two images
  ctlint graph --impact cloudtop            what to rebuild after a change, in build order
  ctlint graph --format html -o lineage.html"""
_INSPECT_EXAMPLES = """  ctlint inspect                            this repository's image
  ctlint inspect . cloudtop-ohif --files '/etc/cont-init.d/*'"""
