"""What ctlint writes, judged by its readers' own means: Microsoft's SARIF validator, the schemas, GitHub's decoder."""

import json
import os
import re
import shutil
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from ctlint.lineage.text.places import Place, Span
from ctlint.lint.cli import main
from ctlint.lint.output.report import ImageSummary, Report
from ctlint.lint.output.report_formats import render
from ctlint.rules.base import Edit, Finding, Fix, Related, Severity

ROOT = Path(__file__).parents[3]
TOOLS = ROOT / "build" / "tools"
MULTITOOL = TOOLS / "sarif-multitool" / "Sarif.Multitool"
SARIF_SCHEMA = MULTITOOL.with_name("sarif-2.1.0.json")
JUNIT_SCHEMA = TOOLS / "jenkins-junit.xsd"
BREAKS_A_RULE_OF_GITHUB = {
    "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
    "version": "2.1.0",
    "runs": [
        {
            "tool": {"driver": {"name": "x", "version": "1.0.0", "rules": [{"id": "X1"}]}},
            "results": [{"ruleId": "X1", "ruleIndex": 0, "message": {"text": "It has no place."}}],
        }
    ],
}
CODE_QUALITY = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["description", "check_name", "fingerprint", "severity", "location"],
        "properties": {
            "description": {"type": "string", "minLength": 1},
            "check_name": {"type": "string", "minLength": 1},
            "fingerprint": {"type": "string", "minLength": 1},
            "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
            "location": {
                "type": "object",
                "required": ["path", "lines"],
                "properties": {
                    "path": {"type": "string", "pattern": r"^(?!\./|/).+"},
                    "lines": {
                        "type": "object",
                        "required": ["begin"],
                        "properties": {
                            "begin": {"type": "integer", "minimum": 1},
                            "end": {"type": "integer", "minimum": 1},
                        },
                    },
                },
            },
        },
    },
}
"""GitLab's documentation of a custom tool's Code Quality report: the fields it needs, and no `./` before a path."""

STRANGE = Report(
    (ImageSummary("x/Dockerfile", "acme/x", "x/Dockerfile", None, ("acme/x",), None, "partial"),),
    tuple(
        Finding(
            rule=rule,
            name="a-name",
            severity=severity,
            message="bytes \udcff, \x00 and\r\nmore: 50% of a,b]]> & <c> \x1b[1m 👍",
            help="See `a`\x0b.",
            place=Place("röot/a b,c:d%\udcff.sh", Span(4, 2, 4, 9)),
            image="acme/x",
            fingerprint="f" * 32,
            related=(Related(Place("base/40 x.sh", Span(7, 3, 7, 9)), "the account\nis made here"),),
            fix=Fix("Replace it", (Edit("text", Place("röot/a b,c:d%\udcff.sh", Span(1, 1, 1, 4)), "#!\x00\n"),)),
        )
        for rule, severity in (("CT205", Severity.ERROR), ("CT001", Severity.ERROR), ("CT999", Severity.INFO))
    ),
)


def unreadable(folder: Path) -> None:
    for name, content in (("a", b"FROM debian:12\nRUN <<EOF\n"), ("b", b"FROM debian:12\nENV \xff=1\nCOPY x\n")):
        (folder / name).mkdir(parents=True)
        (folder / name / "Dockerfile").write_bytes(content)
    shutil.copytree(ROOT / "fixtures" / "ct202" / "bad", folder / "c")


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Path]]:
    """Reports by case and format: of the fleet, of nothing, with unreadable inputs, and of whatever may stand in one."""
    folder = tmp_path_factory.mktemp("reports")
    unreadable(folder / "unreadable")
    (folder / "nothing").mkdir()
    cases = {
        "fleet": (ROOT / "fixtures" / "fleet", ["."]),
        "inherited": (ROOT / "fixtures" / "fleet", [".", "--inherited"]),
        "fixes": (ROOT / "fixtures", ["ct111/bad", "ct205/bad", "ct603/bad"]),
        "nothing": (folder / "nothing", ["."]),
        "unreadable": (folder / "unreadable", ["a", "b", "c", "no such place"]),
    }
    written: dict[str, dict[str, Path]] = {"strange": {}}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("ctlint.lint.installed_from.PUBLISHED", "https://github.com/acme/ctlint")
        for name in ("sarif", "junit", "gitlab", "github"):
            for case, (where, arguments) in cases.items():
                file = folder / f"{case}.{name}"
                patch.chdir(where)
                expected = {"nothing": 0, "unreadable": 3}.get(case, 1)
                assert main(["lint", *arguments, "--format", name, "-o", str(file)]) == expected
                written.setdefault(case, {})[name] = file
            written["strange"][name] = folder / f"strange.{name}"
            written["strange"][name].write_text(render(STRANGE, name), "utf-8", newline="")
    return written


def judged(files: list[Path], verdict: Path) -> list[tuple[str, str, str]]:
    """What the validator says against SARIF files, as (file, rule, message); notes, which are advice, left out."""
    asked = [MULTITOOL, "validate", *files, "--rule-kind", "Sarif;Ghas", "--level", "Error;Warning", "-o", verdict]
    environment = {**os.environ, "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT": "1"}
    ran = subprocess.run(asked, capture_output=True, text=True, env=environment)
    assert "Analysis completed successfully" in ran.stdout, ran.stdout + ran.stderr
    assert f"{len(files)} files scanned" in ran.stdout
    (run,) = json.loads(verdict.read_text("utf-8-sig"))["runs"]
    return [
        (
            Path(each["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]).name,
            each["ruleId"],
            " ".join(each["message"].get("arguments", [])),
        )
        for each in run["results"]
    ]


def test_microsofts_validator_has_nothing_against_the_sarif(
    reports: dict[str, dict[str, Path]], tmp_path: Path
) -> None:
    assert MULTITOOL.exists(), "`make unit` brings it: tools/sarif-multitool build/tools/sarif-multitool"
    assert MULTITOOL.stat().st_mode & stat.S_IXUSR
    broken = tmp_path / "broken.sarif"
    broken.write_text(json.dumps(BREAKS_A_RULE_OF_GITHUB), "utf-8")
    found = judged([*(report["sarif"] for report in reports.values()), broken], tmp_path / "verdict.json")
    of_broken = {rule for name, rule, _ in found if name == broken.name}
    assert {"GH1015", "SARIF2005"} <= of_broken, "GitHub's rules and SARIF's are both asked"
    assert [each for each in found if each[0] != broken.name] == []


def test_sarif_is_valid_against_its_schema(reports: dict[str, dict[str, Path]]) -> None:
    schema = json.loads(SARIF_SCHEMA.read_text("utf-8-sig"))
    validator = jsonschema.validators.validator_for(schema)(schema)
    for report in reports.values():
        validator.validate(json.loads(report["sarif"].read_text("utf-8")))
    assert not validator.is_valid({"version": "2.1.0"})


def test_the_reports_hold_what_the_validators_are_to_see(reports: dict[str, dict[str, Path]]) -> None:
    runs = {case: json.loads(report["sarif"].read_text("utf-8"))["runs"][0] for case, report in reports.items()}
    assert runs["nothing"]["results"] == []
    assert len(runs["fleet"]["results"]) > 20
    assert any("relatedLocations" in result for result in runs["fleet"]["results"])
    assert any("fixes" in result for result in runs["fixes"]["results"])
    assert any(run["invocations"][0]["toolExecutionNotifications"] for run in runs.values())
    codes = [result["ruleId"] for result in runs["unreadable"]["results"]]
    assert codes.count("CT001") == 3
    assert "CT202" in codes, "what can be read is reported beside what cannot"


def test_junit_is_valid_against_the_schema_of_jenkins(reports: dict[str, dict[str, Path]]) -> None:
    schema = etree.XMLSchema(etree.parse(JUNIT_SCHEMA))
    for report in reports.values():
        document = etree.parse(report["junit"])
        schema.assertValid(document)
        for holder in (document.getroot(), *document.getroot().iter("testsuite")):
            for name, path in (("tests", "testcase"), ("failures", "failure"), ("errors", "error")):
                assert holder.get(name) == str(len(list(holder.iter(path)))), "newer schemas, and Jenkins, count"
    assert not schema.validate(etree.fromstring("<testsuites><testcase/></testsuites>"))


def test_junits_names_are_unique_so_that_no_finding_hides_another(reports: dict[str, dict[str, Path]]) -> None:
    for case in ("fleet", "inherited", "fixes", "unreadable"):
        found = [
            (each.get("classname"), each.get("name")) for each in etree.parse(reports[case]["junit"]).iter("testcase")
        ]
        assert len(set(found)) == len(found)


def test_gitlabs_reports_are_as_its_documentation_says(reports: dict[str, dict[str, Path]]) -> None:
    for report in reports.values():
        issues = json.loads(report["gitlab"].read_text("utf-8"))
        jsonschema.Draft202012Validator(CODE_QUALITY).validate(issues)
        assert len({issue["fingerprint"] for issue in issues}) == len(issues)


def decoded(line: str) -> tuple[str, dict[str, str], str]:
    """A workflow command as GitHub's runner reads it (actions/runner, src/Runner.Common/ActionCommand.cs, TryParseV2)."""
    line = line.lstrip()
    assert line.startswith("::")
    head, closed, data = line[2:].partition("::")
    assert closed
    command, _, rest = head.partition(" ")
    properties: dict[str, str] = {}
    for pair in filter(None, rest.strip().split(",")):
        key, _, value = pair.partition("=")
        if value := value.lstrip("="):  # what .NET's Split makes of `file==x` when it drops empty entries
            properties[key] = unescaped(value, {"%0D": "\r", "%0A": "\n", "%3A": ":", "%2C": ",", "%25": "%"})
    return command, properties, unescaped(data, {"%0D": "\r", "%0A": "\n", "%25": "%"})


def unescaped(text: str, table: dict[str, str]) -> str:
    for escape, character in table.items():
        text = text.replace(escape, character)
    return text


def runner_lines(output: str) -> Iterator[str]:
    """The lines of a step's output as the runner's reader (.NET StreamReader.ReadLine) divides them."""
    yield from filter(None, re.split(r"\r\n|\r|\n", output))


pieces = [
    "%",
    ":",
    ",",
    "=",
    "\r",
    "\n",
    "\t",
    " ",
    "0",
    "D",
    "a",
    ";",
    "]",
    "::",
    "%0A",
    "%25",
    "é",
    "\u2028",
    "\udcff",
]
awkward = st.lists(st.sampled_from(pieces), max_size=12).map("".join)


def printed(text: str) -> str:
    """The text with what moves a terminal's cursor or its writing direction replaced."""
    return "".join(c if c.isprintable() or c in "\t\r\n" else "\ufffd" for c in text)


@settings(deadline=None)
@given(path=awkward, message=awkward, help_=awkward, related=awkward)
def test_github_reads_back_what_was_meant(path: str, message: str, help_: str, related: str) -> None:
    finding = Finding(
        rule="CT205",
        name="init-environment-missing",
        severity=Severity.WARNING,
        message=message,
        help=help_,
        place=Place(path, Span(4, 2, 4, 9)),
        image="acme/x",
        fingerprint="f" * 32,
        related=(Related(Place("base.sh", Span(7)), related),),
    )
    (line,) = runner_lines(render(Report((), (finding,)), "github"))
    command, properties, text = decoded(line)
    expected = {
        "title": "CT205 init-environment-missing",
        "file": printed(path).lstrip("="),
        "line": "4",
        "endLine": "4",
        "col": "2",
        "endColumn": "9",
    }
    assert command == "warning"
    assert properties == {key: value for key, value in expected.items() if value}
    first = render(Report((), (finding,)), "concise").removesuffix("\n")
    assert text == printed("\n".join(filter(None, [first, help_, f"base.sh:7: {related}"])))


def test_annotations_are_one_a_finding_and_name_files(reports: dict[str, dict[str, Path]]) -> None:
    for case, report in reports.items():
        lines = [decoded(line) for line in runner_lines(report["github"].read_bytes().decode("utf-8"))]
        results: list[Any] = json.loads(report["sarif"].read_text("utf-8"))["runs"][0]["results"]
        findings = [line for line in lines if line[1]["title"] != "ctlint: not decided"]
        assert len(findings) == len(results), case
        assert all(properties["file"] for _, properties, _ in lines)
        assert all(properties["title"].startswith("CT") for _, properties, _ in findings)
