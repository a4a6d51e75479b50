"""The arguments of every command. What a command does is loaded only when it runs."""

import argparse
import sys
from pathlib import Path
from typing import Any

from ..lineage.version import VERSION
from .command_arguments import EXIT_CODES, Parser, add_targets, command, request_of
from .graph_arguments import add_graph
from .lint_arguments import add_lint


def parser() -> argparse.ArgumentParser:
    """The parser of all commands."""
    top = Parser(
        prog="ctlint",
        description="Lineage and linting for s6-based desktop images: what an image is after its whole FROM chain, "
        "and what will go wrong when it starts.",
        epilog=EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    top.add_argument("--version", action="version", version=f"ctlint {VERSION}")
    commands = top.add_subparsers(title="commands", metavar="COMMAND", parser_class=Parser)
    add_lint(commands)
    add_graph(commands)
    _add_inspect(commands)
    _add_rule(commands)
    _add_parse(commands)
    _add_config(commands)
    _add_fetch(commands)
    _add_cache(commands)
    return top


def _add_inspect(commands: Any) -> None:
    def start(options: argparse.Namespace) -> int:
        from .inspect_command import inspect

        return inspect(options, request_of(options))

    parser = command(commands, "inspect", "show the effective image and its boot plan", start, _INSPECT_EXAMPLES)
    add_targets(parser, several=False)
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

    parser = command(
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

    parser = command(
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

    parser = command(
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

    parser = command(
        commands,
        "fetch",
        "bring repositories from GitHub into the cache",
        start,
        "  ctlint fetch github:helxplatform",
    )
    add_targets(parser)


def _add_cache(commands: Any) -> None:
    def start(options: argparse.Namespace) -> int:
        from .remote import cache_command

        return cache_command(options)

    parser = command(
        commands,
        "cache",
        "show or clear the cache of fetched repositories",
        start,
        "  ctlint cache\n  ctlint cache clear",
    )
    parser.add_argument("action", nargs="?", choices=("show", "where", "size", "clear"), default="show")
    parser.add_argument("what", nargs="?", metavar="OWNER[/REPO]", help="what to clear; everything by default")
    parser.add_argument("--cache-dir", type=Path, metavar="DIR", help="where fetched repositories are kept")


_INSPECT_EXAMPLES = """  ctlint inspect                            this repository's image
  ctlint inspect . cloudtop-ohif --files '/etc/cont-init.d/*'"""
