"""The arguments of every command. What a command does is loaded only when it runs."""

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from ..version import VERSION
from .completion import SHELLS, PrintCompletion
from .graph import add_graph
from .help_format import HelpFormatter
from .lint import add_lint
from .shared import (
    CHECK_CODES,
    EXIT_CODES,
    VERIFY_CODES,
    Parser,
    add_parents,
    add_targets,
    command,
    request_of,
)


def parser(words: Sequence[str] = ()) -> argparse.ArgumentParser:
    """The parser of all commands; where the first of `words` is a command's name, that of this command alone."""
    top = Parser(
        prog="ctlint",
        usage="%(prog)s COMMAND [options] [TARGET ...]",
        description="Lineage and linting for container images with s6-overlay and without: what an image is after its whole FROM "
        "chain, and what will go wrong when it starts.",
        epilog=f"{_EXAMPLES}\n\n{EXIT_CODES}",
        formatter_class=HelpFormatter,
    )
    top.add_argument("-V", "--version", action="version", version=f"ctlint {VERSION}")
    top.add_argument(
        "--print-completion",
        choices=SHELLS,
        action=PrintCompletion,
        metavar="SHELL",
        help="print the completion script of bash, zsh or fish (needs ctlint[completion])",
    )
    commands = top.add_subparsers(
        title="commands",
        metavar="COMMAND",
        prog="ctlint",
        parser_class=Parser,
        description="`ctlint COMMAND --help` shows each.",
    )
    adding: dict[str, Callable[[Any], None]] = {
        "lint": add_lint,
        "graph": add_graph,
        "inspect": _add_inspect,
        "rule": _add_rule,
        "parse": _add_parse,
        "config": _add_config,
        "init": _add_init,
        "lock": _add_lock,
        "verify": _add_verify,
        "fetch": _add_fetch,
        "cache": _add_cache,
        "lsp": _add_lsp,
    }
    if words and words[0] in adding:
        adding[words[0]](commands)
        return top
    for add in adding.values():
        add(commands)
    _add_help(commands, top)
    return top


def _add_help(commands: Any, top: Parser) -> None:
    def start(options: argparse.Namespace) -> int:
        asked = top if options.command is None else commands.choices[options.command]
        asked.print_help()
        return 0

    parser = command(
        commands, "help", "show how a command is used", start, "  ctlint help lint    as `ctlint lint --help`"
    )
    parser.add_argument("command", nargs="?", choices=tuple(commands.choices), metavar="COMMAND", help="a command")


def _add_inspect(commands: Any) -> None:
    def start(options: argparse.Namespace) -> int:
        from ..commands.inspect import inspect

        return inspect(options, request_of(options))

    parser = command(
        commands,
        "inspect",
        "show the effective image and its boot plan",
        start,
        _INSPECT_EXAMPLES,
        detail="What the image is after its whole FROM chain: variables, users, entry point and files, each with the line "
        "that set it, and what starts in which order, as which user. Where a parent is not known, it says so.",
    )
    add_targets(parser, several=False)
    add_parents(parser)
    parser.add_argument(
        "targets",
        nargs="*",
        metavar="TARGET [IMAGE]",
        help="repository, workspace or Dockerfile (.), and an image of it",
    )
    parser.add_argument("--format", choices=("text", "json"), default="text", help="output format (text)")
    parser.add_argument("--files", nargs="?", const="*", metavar="GLOB", help="list the file tree with its origin")
    moments = parser.add_argument_group("moments of the build")
    asked = moments.add_mutually_exclusive_group()
    asked.add_argument(
        "--at", metavar="LINE", help="the image after a line's instruction, after STAGE:N, after a real image's step N"
    )
    asked.add_argument("--why", metavar="PATH|NAME", help="what made a path, variable, setting or account what it is")
    asked.add_argument(
        "--diff",
        nargs=2,
        metavar=("A", "B"),
        help="what differs between two images (names, real images) or two moments of this one",
    )
    parser.add_argument(
        "--as",
        dest="run_by",
        metavar="CONSUMER",
        help="the image as a service, container or add-on runs it: its FILE, FILE:LINE or name",
    )
    parser.add_argument("--export-profile", type=Path, metavar="FILE", help="write the image's facts as a profile")


def _add_rule(commands: Any) -> None:
    def start(options: argparse.Namespace) -> int:
        from ..commands.rule import rule

        return rule(options.rule, options.all, options.format, options.color)

    parser = command(
        commands,
        "rule",
        "explain a rule, or list them all",
        start,
        "  ctlint rule                            one line a rule\n"
        "  ctlint rule CT205                      its page\n"
        "  ctlint rule init-environment-missing   the same page, by its name\n"
        "  ctlint rule --all --format markdown    the whole reference",
        detail="A page says what the rule reports, what happens at run time, and when to ignore it, with an example that "
        "fails and one that is right. Lines with a finding are marked `>`.",
    )
    parser.add_argument("rule", nargs="?", metavar="RULE", help="code or name of a rule")
    parser.add_argument("--all", action="store_true", help="every rule's page")
    parser.add_argument(
        "--format",
        choices=("text", "json", "markdown"),
        default="text",
        help="output format (text; pages are Markdown)",
    )


def _add_parse(commands: Any) -> None:
    def start(options: argparse.Namespace) -> int:
        from ..commands.parse import parse_files

        return parse_files(options.files, sys.stdout, sys.stderr)

    parser = command(
        commands,
        "parse",
        "print the instructions as BuildKit reads them, one JSON object a file",
        start,
        "  ctlint parse Dockerfile        one file\n  ctlint parse - < Dockerfile    standard input",
    )
    parser.add_argument("files", nargs="+", metavar="FILE", help="a Dockerfile, or - for standard input")


def _add_config(commands: Any) -> None:
    def start(options: argparse.Namespace) -> int:
        from ..commands.config import config

        return config(options.schema, options.config, sys.stdout)

    parser = command(
        commands,
        "config",
        "show the effective configuration and where each value comes from",
        start,
        "  ctlint config                  what is in force here\n"
        "  ctlint config --schema         for an editor that checks ctlint.toml\n"
        "  ctlint config --schema lint    for a program that reads `ctlint lint --format json`",
        detail="The nearest ctlint.toml, .ctlint.toml or pyproject.toml with [tool.ctlint] counts, from this folder upwards. "
        "Without any, the defaults are shown.",
    )
    parser.add_argument(
        "--schema",
        nargs="?",
        const="config",
        metavar="NAME",
        help="print the JSON Schema of the configuration, or of what lint, graph, inspect, parse, rule or verify print",
    )
    parser.add_argument("--config", type=Path, metavar="FILE", help="configuration file")


def _add_init(commands: Any) -> None:
    def start(options: argparse.Namespace) -> int:
        from ..commands.init import init

        return init(options.folder, options.force, options.source, sys.stdout)

    parser = command(
        commands,
        "init",
        "write configuration, pre-commit hook and CI workflow for a repository",
        start,
        "  ctlint init            what is there already is kept\n"
        "  ctlint init --force    ctlint's own files are written anew",
        detail="An entry is added to an existing .pre-commit-config.yaml; what would go into a GitLab or Jenkins file is "
        "printed.",
    )
    parser.add_argument(
        "folder", nargs="?", type=Path, default=Path(), metavar="DIR", help="a folder of the repository (.)"
    )
    parser.add_argument(
        "--from",
        dest="source",
        metavar="REQUIREMENT",
        help="what CI and pre-commit install ctlint from, as for pip (what this one was installed from)",
    )
    parser.add_argument(
        "--force",
        action="store_true",
        help="replace ctlint.toml, ctlint's hook and its workflow (nothing of other programs)",
    )


def _add_lock(commands: Any) -> None:
    def start(options: argparse.Namespace) -> int:
        from ..commands.lock import lock

        return lock(options, request_of(options))

    parser = command(
        commands,
        "lock",
        "write down the parents' digests and facts, to be committed",
        start,
        "  ctlint lock                                parents from their registries\n"
        "  ctlint lock --parents-from oci:images      from an OCI layout\n"
        "  ctlint lock --check                        what moved since\n"
        "  ctlint lock --refresh                      ask for every parent again",
        detail="ctlint.lock names every parent that no repository at hand makes, with tag, digest, platform and date; "
        "ctlint.lock.d/ holds what ctlint reads of it. With both committed, lint knows these parents for certain, offline "
        "and the same everywhere. Registries are asked with the credentials of docker or podman.",
        exits=CHECK_CODES,
    )
    add_targets(parser)
    add_parents(parser)
    parser.add_argument(
        "--check", action="store_true", help="write nothing; fail where a parent moved or is not locked"
    )
    parser.add_argument("--refresh", action="store_true", help="also parents that are locked already")


def _add_verify(commands: Any) -> None:
    def start(options: argparse.Namespace) -> int:
        from ..commands.verify import verify_command

        return verify_command(options, request_of(options))

    parser = command(
        commands,
        "verify",
        "hold the predicted image against a real one, claim by claim",
        start,
        "  ctlint verify registry:acme/desk:2                  the image of this repository that is called so\n"
        "  ctlint verify docker-archive:desk.tar images desk   one of several\n"
        "  ctlint verify oci:build --format json               for programs",
        detail="Every claim that ctlint makes of an image is held against what was really built: paths with kind, mode, owner, "
        "target and content, variables, settings, accounts. A wrong claim means that ctlint errs, or that the image was not "
        "built from this source; the image's history tells which.",
        exits=VERIFY_CODES,
    )
    parser.add_argument(
        "image", metavar="IMAGE", help="the real image: oci:DIR[:NAME], docker-archive:FILE, registry:REF"
    )
    add_targets(parser, several=False)
    add_parents(parser)
    parser.usage = "%(prog)s [options] IMAGE [TARGET [IMAGE]]"
    parser.add_argument(
        "targets",
        nargs="*",
        metavar="TARGET [IMAGE]",
        help="repository, workspace or Dockerfile (.), and an image of it",
    )
    parser.add_argument("--format", choices=("text", "json"), default="text", help="output format (text)")


def _add_fetch(commands: Any) -> None:
    def start(options: argparse.Namespace) -> int:
        from ..commands.fetch import fetch_command

        return fetch_command(options)

    parser = command(
        commands,
        "fetch",
        "bring repositories from GitHub into the cache",
        start,
        "  ctlint fetch github:helxplatform                      all of an owner\n"
        "  ctlint fetch github:helxplatform --include 'cloud*'   some of them\n"
        "  ctlint fetch github:helxplatform/cloudtop@v1.4.2      one, at a tag",
        detail="What was fetched is asked for again only where it changed; an interrupted run goes on where it was. "
        "GITHUB_TOKEN, where set, raises GitHub's limit. `lint` and `graph` fetch their github: targets by themselves.",
    )
    add_targets(parser, builds=False)


def _add_cache(commands: Any) -> None:
    def start(options: argparse.Namespace) -> int:
        from ..commands.cache import cache_command

        return cache_command(options)

    parser = command(
        commands,
        "cache",
        "show or clear the cache of fetched repositories",
        start,
        "  ctlint cache                       which repositories there are\n"
        "  ctlint cache size                  how much room they take\n"
        "  ctlint cache clear helxplatform    without those of one owner",
    )
    parser.add_argument(
        "action",
        nargs="?",
        choices=("show", "where", "size", "clear"),
        default="show",
        help="list the repositories (show), print the folder (where) or its size, or clear it",
    )
    parser.add_argument("what", nargs="?", metavar="OWNER[/REPO]", help="what to clear; everything by default")
    parser.add_argument("--cache-dir", type=Path, metavar="DIR", help="where fetched repositories are kept")


def _add_lsp(commands: Any) -> None:
    def start(_: argparse.Namespace) -> int:
        from ..commands.lsp import lsp

        return lsp()

    parser = command(
        commands,
        "lsp",
        "serve editors: findings while typing, fixes, hover, go to parent",
        start,
        "  ctlint lsp                    an editor starts this and speaks over standard input and output",
    )
    parser.add_argument("--stdio", action="store_true", help="as many editors say it; there is no other way")


_INSPECT_EXAMPLES = """  ctlint inspect                                this repository's image
  ctlint inspect . cloudtop-ohif                one of several
  ctlint inspect --files '/etc/cont-init.d/*'   where files come from
  ctlint inspect --at 12                        the image after line 12's instruction
  ctlint inspect --why /etc/passwd              every instruction that made it what it is, through the parents
  ctlint inspect --diff debian:12 debian:13     what differs between two images
  ctlint inspect --format json                  for programs"""

_EXAMPLES = """examples:
  ctlint lint         what goes wrong in this repository's images
  ctlint rule CT205   what a finding means
  ctlint graph        which image descends from which
  ctlint inspect      what starts in which order, as which user
  ctlint init         make it a gate of this repository"""
