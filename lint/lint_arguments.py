"""The arguments of `ctlint lint`."""

import argparse
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .command_arguments import add_targets, command, request_of

_FORMATS = ("text", "concise", "json", "sarif", "github", "gitlab", "junit")


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


def add_lint(commands: Any) -> None:
    parser = command(commands, "lint", "report what goes wrong when the images start", _lint, _LINT_EXAMPLES)
    add_targets(parser)
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


_LINT_EXAMPLES = """  ctlint lint                               this repository
  ctlint lint --select CT2,CT3 images/      two families of rules
  ctlint lint --format sarif -o out.sarif   for code scanning
  ctlint lint --fix                         apply safe fixes
  ctlint lint github:helxplatform           a whole organisation"""
