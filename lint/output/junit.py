"""JUnit XML, as Jenkins' xunit plugin describes it (junit-10.xsd) and GitLab reads it."""

from collections.abc import Iterator
from xml.sax.saxutils import escape, quoteattr

from ...rules.base import Finding, Severity
from ..config.selection import NEVER_IGNORED
from .format_text import by_path, one_line
from .report import ImageSummary, Report, Skipped
from .terminal import row


def junit(report: Report, fail_on: Severity) -> str:
    """A suite for the images that are clean, one for the checks that were not decided (skipped tests), and one for every
    file with findings; a test case a finding.

    Findings below `fail_on` and inherited ones are passed tests with output, as they do not fail the run either.
    Failures of the run itself (CT001, CT002) are errors.
    """
    found = {finding.image for finding in report.findings}
    clean = [image for image in report.images if image.image not in found]
    suites = [_suite("ctlint", "".join(map(_passed, clean)), len(clean), 0, 0)] if clean or not report.findings else []
    undecided = "".join(_undecided(each) for each in report.skipped)
    if undecided:
        suites.append(_suite("not decided", undecided, len(report.skipped), 0, 0, skipped=len(report.skipped)))
    totals = [len(clean) + len(report.skipped), 0, 0]
    for path, findings in by_path(report.findings):
        outcomes = [_outcome(finding, fail_on) for finding in findings]
        counts = len(findings), outcomes.count("failure"), outcomes.count("error")
        totals = [total + count for total, count in zip(totals, counts, strict=True)]
        suites.append(_suite(path, "".join(_cases(findings, outcomes)), *counts))
    tests, failures, errors = totals
    head = f'<testsuites name="ctlint" tests="{tests}" failures="{failures}" errors="{errors}">'
    return "\n".join(['<?xml version="1.0" encoding="UTF-8"?>', head, *suites, "</testsuites>\n"])


def _suite(name: str, cases: str, tests: int, failures: int, errors: int, *, skipped: int = 0) -> str:
    counts = f'tests="{tests}" failures="{failures}" errors="{errors}" skipped="{skipped}"'
    head = f"  <testsuite name={_attribute(name)} {counts}>"
    return f"{head}\n{cases}  </testsuite>"


def _undecided(each: Skipped) -> str:
    head = f"    <testcase name={_attribute(f'{each.rule} on {each.image}')} classname={_attribute(each.image)}>"
    return f"{head}\n      <skipped>{_text(each.reason)}</skipped>\n    </testcase>\n"


def _passed(image: ImageSummary) -> str:
    return f"    <testcase name={_attribute(image.id)} classname={_attribute(image.image)}/>\n"


def _outcome(finding: Finding, fail_on: Severity) -> str:
    if finding.rule in NEVER_IGNORED:
        return "error"
    return "failure" if finding.severity >= fail_on and finding.inherited_from is None else "system-out"


def _cases(findings: list[Finding], outcomes: list[str]) -> Iterator[str]:
    for finding, outcome in zip(findings, outcomes, strict=True):
        span = finding.place.span
        image = f" in {finding.image}" if finding.image else ""
        name = f"{finding.rule} {finding.name} at {span.line}:{span.column}{image}"
        attributes = f" message={_attribute(one_line(finding.message))} type={_attribute(finding.rule)}"
        yield f"    <testcase name={_attribute(name)} classname={_attribute(finding.place.path)}>\n"
        yield f"      <{outcome}{attributes if outcome != 'system-out' else ''}>{_text(_body(finding))}</{outcome}>\n"
        yield "    </testcase>\n"


def _body(finding: Finding) -> str:
    place = f"{finding.place}:{finding.place.span.column}: {finding.severity.label}: {finding.message}"
    return "\n".join([place, finding.help, *(f"{each.place}: {each.message}" for each in finding.related)])


def _attribute(text: str) -> str:
    return quoteattr(row(one_line(text)))


def _text(text: str) -> str:
    return escape("\n".join(row(line) for line in text.split("\n")))
