"""The arguments of `ctlint lint`."""

import argparse
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ...lineage.repository.asked import worth_keeping
from ...lineage.text.errors import UsageError
from ..output.report_format_names import FORMATS
from .shared import EXIT_CODES, add_parents, add_targets, command, output_file, request_of


def _codes(given: Sequence[str] | None) -> tuple[str, ...] | None:
    if given is None:
        return None
    return tuple(code.strip() for item in given for code in item.split(",") if code.strip())


def _severity(text: str) -> Any:
    from ...rules.base import Severity

    try:
        return Severity.parse(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def add_lint(commands: Any) -> None:
    parser = command(
        commands,
        "lint",
        "report what goes wrong when the images start",
        _lint,
        _LINT_EXAMPLES,
        detail=_LINT_DETAIL,
        exits=EXIT_CODES,
    )
    add_targets(parser)
    add_parents(parser)
    rules = parser.add_argument_group("which rules and findings")
    fixes = parser.add_argument_group("fixing")
    known = parser.add_argument_group("findings that are there already")
    change = parser.add_argument_group("what a change does")
    parser.add_argument("--format", choices=("text", *FORMATS), help="output format (text; github in GitHub Actions)")
    parser.add_argument("-o", "--output", type=output_file, metavar="FILE", help="write the report to a file")
    rules.add_argument(
        "--select",
        action="append",
        metavar="CODES",
        help="only these rules: codes (CT205; SC2086 for ShellCheck's), families (CT2) or names, separated by commas",
    )
    rules.add_argument("--ignore", action="append", metavar="CODES", help="not these rules")
    rules.add_argument("--extend-select", action="append", metavar="CODES", help="these rules too")
    rules.add_argument(
        "--fail-on",
        type=_severity,
        metavar="SEVERITY",
        help="the lowest severity that fails: error, warning or info (warning)",
    )
    rules.add_argument(
        "--require-known",
        nargs="?",
        const="known",
        choices=("known", "proved"),
        help="fail where a parent, or a run image that a rule asks something of, is not known; =proved: or only assumed",
    )
    rules.add_argument("--preview", action="store_true", help="also rules that are not settled yet")
    rules.add_argument("--inherited", action="store_true", help="also findings that a parent image owns")
    parser.add_argument("--no-cache", action="store_true", help="lint anew, and keep no result for the next run")
    parser.add_argument("--watch", action="store_true", help="lint again whenever a file changes, until Ctrl-C")
    parser.add_argument("--statistics", action="store_true", help="only how many findings of each rule")
    rules.add_argument(
        "--shellcheck",
        action="store_true",
        help="also run ShellCheck on the images' start scripts (needs ctlint[shellcheck])",
    )
    fixes.add_argument("--fix", action="store_true", help="apply safe fixes, and report what is left")
    fixes.add_argument(
        "--fix-only",
        action="store_true",
        help="apply safe fixes, and say nothing of what is left (for a hook before another)",
    )
    fixes.add_argument("--unsafe-fixes", action="store_true", help="apply (or show) fixes that need a look, too")
    fixes.add_argument("--diff", action="store_true", help="show the fixes instead of applying them")
    fixes.add_argument(
        "--exit-non-zero-on-fix", action="store_true", help="with --fix, fail where something was fixed, too"
    )
    known.add_argument("--baseline", type=Path, metavar="FILE", help="hide the findings that this file lists")
    known.add_argument(
        "--write-baseline", type=Path, metavar="FILE", help="list today's findings in a file for --baseline"
    )
    change.add_argument(
        "--since",
        metavar="REV",
        help="only what the change since REV (its merge base with HEAD, up to the working tree) touches: findings in "
        "changed files, and new ones of images that take a changed file in",
    )
    change.add_argument(
        "--downstream", action="store_true", help="with --since, also what the change breaks in child images"
    )
    change.add_argument(
        "--no-local-silence",
        action="store_true",
        help="with --since, what the change itself silences (configuration, baseline, comments) is reported all the same",
    )
    change.add_argument(
        "--with-parent",
        action="append",
        default=[],
        metavar="NAME=REF",
        help="lint as if the parent NAME were REF: a real image, a path, github:OWNER/REPO@REF, or another image's name",
    )
    change.add_argument(
        "--compare",
        action="store_true",
        help="with --with-parent, only what changes: how the parents differ, findings that are new and those that are gone",
    )
    change.add_argument(
        "--skip-unaffected",
        action="store_true",
        help="as a pre-commit hook: do nothing where no image takes in what is committed",
    )
    known.add_argument(
        "--add-ignores", metavar="REASON", help="write an ignore comment with this reason for every finding"
    )


def _lint(options: argparse.Namespace) -> int:
    if options.skip_unaffected:
        from ..judging.unaffected import nothing_affected

        if nothing_affected(options):
            return 0
    if _tells_the_same_again(options):
        worth_keeping()
    from ..commands.lint import LintOptions, lint

    given = options.format or (
        "github" if os.environ.get("GITHUB_ACTIONS") == "true" and not options.output else "text"
    )
    wanted = LintOptions(
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
        fix=options.fix or options.fix_only,
        fix_only=options.fix_only,
        unsafe_fixes=options.unsafe_fixes,
        diff=options.diff,
        baseline=options.baseline,
        write_baseline=options.write_baseline,
        add_ignores=options.add_ignores,
        exit_non_zero_on_fix=options.exit_non_zero_on_fix,
        since=_since(options),
        shellcheck=options.shellcheck,
        no_local_silence=options.no_local_silence,
        require_known=options.require_known,
        compare=_compare(options),
    )
    if not options.watch:
        return lint(wanted)
    from ..commands.watch import watch

    return watch(wanted)


def _tells_the_same_again(options: argparse.Namespace) -> bool:
    """Whether the run only reads files of this machine and tells what is wrong: all other options are left alone."""
    return all(
        value == options.parser.get_default(name) for name, value in vars(options).items() if name not in _ONLY_TELLING
    )


def _compare(options: argparse.Namespace) -> bool:
    if options.compare and not options.with_parent:
        raise UsageError("--compare goes with --with-parent NAME=REF: it tells what changes when NAME is REF.")
    return bool(options.compare)


def _since(options: argparse.Namespace) -> Any:
    if options.since is None:
        if options.downstream:
            raise UsageError("--downstream goes with --since REV: it tells what the change since then breaks.")
        if options.no_local_silence:
            raise UsageError("--no-local-silence goes with --since REV: silences that REV does not have do not count.")
        return None
    from ..judging.since import Since, check_targets

    check_targets(options.targets)
    return Since(options.since, options.downstream)


_ONLY_TELLING = frozenset(
    "parser run targets config build_arg target format select ignore extend_select fail_on require_known preview inherited "
    "statistics color quiet verbose baseline offline jobs no_progress".split()
)
"""The options that decide what is told, and do nothing else."""

_LINT_DETAIL = """Each image is put together from its whole FROM chain, as far as that can be known, and every rule is
checked on what it is then: files, users, environment, and the order in which things start. `ctlint rule CT205` explains
a rule with an example; `# ctlint: ignore[CT205] reason` above a line hides a finding there."""

_LINT_EXAMPLES = """  ctlint lint                               this repository
  ctlint lint --select CT2,CT3 images/      two families of rules
  ctlint lint --format sarif -o out.sarif   for code scanning
  ctlint lint --fix                         apply safe fixes
  ctlint lint --since origin/main           only what this branch touches
  ctlint lint --since HEAD --downstream ..  the same in its children, too
  ctlint lint --with-parent acme/base=registry:acme/base:2 --compare   what a newer base breaks
  ctlint lint github:helxplatform           a whole organisation

what --since reports:
  The change is what differs between the merge base of REV and HEAD (as in `git diff REV...`) and the working tree:
  commits, what is staged and what is not, deleted and renamed files, and untracked files that git does not ignore.
  An image is touched if the change holds one of its inputs: its Dockerfile, a file that a COPY, ADD or bind mount can
  take and .dockerignore does not leave out, the .dockerignore, the build file that says how it is built or called, or
  ctlint's configuration. Reported are
  - findings in changed files;
  - of touched images, findings with a related place in a changed file, and those that REV did not have;
  - with --downstream, of the images built on touched ones, too, those that REV did not have. Give the folder that
    holds all repositories as TARGET: REV is looked up in each, and one that does not know it counts as unchanged;
  - what these images had at start and lose (CT004): scripts that nothing runs any more, accounts, files, variables.
  A finding is known again by its fingerprint, wherever its line has gone. What a baseline hid at REV is not new.
  In CI the history has to be there (fetch-depth: 0 for actions/checkout).

--skip-unaffected is for pre-commit hooks. With a commit being made (the index differs from HEAD) or a range being
checked (PRE_COMMIT_FROM_REF, PRE_COMMIT_TO_REF), it ends at once with 0 if no image can take in what differs. Where
nothing differs, as with `pre-commit run --all-files` in CI, and wherever there is doubt, everything is linted."""
