"""The formats that other programs read: valid whatever is in them, and saying what the report says."""

import json
import re
from dataclasses import replace
from typing import Any
from urllib.parse import unquote
from xml.etree import ElementTree

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ctlint import __version__
from ctlint.lineage.text.errors import UsageError
from ctlint.lineage.text.places import Place, Span
from ctlint.lint.output.json_schema import schema
from ctlint.lint.output.report import DoubtfulParent, ImageSummary, Report, Skipped
from ctlint.lint.output.report_format_names import FORMATS
from ctlint.lint.output.report_formats import render
from ctlint.rules.base import Edit, Finding, Fix, Related, Rule, Severity


def place(path: str, line: int = 1, column: int = 1, end_line: int = 0, end_column: int = 0) -> Place:
    return Place(path, Span(line, column, end_line, end_column))


def rule(code: str, name: str, severity: Severity) -> Rule:
    return Rule(code, name, severity, f"What {code} finds\n\nWhy it matters\n--------------\nText.", lambda: ())


RULES = (
    rule("CT104", "s6-not-executable", Severity.ERROR),
    rule("CT205", "init-environment-missing", Severity.ERROR),
    rule("CT122", "s6-stage2-policy", Severity.INFO),
)
TEXT_FIX = Fix(
    "Run it under with-contenv",
    (
        Edit("text", place("röot/60 x.sh", 3, 1, 3, 1), "# b\n"),
        Edit("text", place("röot/60 x.sh", 1, 1, 1, 10), "#!/usr/bin/with-contenv sh"),
    ),
)
MODE_FIX = Fix(
    "Make it run", (Edit("chmod", place("a.sh"), mode="755"), Edit("rename", place("a.sh"), to="b.sh")), "unsafe"
)


def finding(code: str, severity: Severity, at: Place, **more: Any) -> Finding:
    base = Finding(
        rule=code,
        name=next((each.name for each in RULES if each.code == code), "unreadable-input"),
        severity=severity,
        message="`USER_NAME` is empty here: 100%, so nothing is copied.",
        help="Use `#!/usr/bin/with-contenv sh`.",
        place=at,
        image="acme/x",
        fingerprint="f" * 32,
    )
    return replace(base, **more)


FINDINGS = (
    finding("CT104", Severity.ERROR, place("a.sh"), fix=MODE_FIX, inherited_from="acme/base"),
    finding("CT001", Severity.ERROR, place("bad\udcff.sh"), image="", message="bytes \udcff, \x00 and\r\nmore"),
    finding(
        "CT205",
        Severity.ERROR,
        place("röot/60 x.sh", 4, 6, 4, 16),
        fix=TEXT_FIX,
        related=(Related(place("base/40.sh", 7, 3, 7, 9), "the account is made here"),),
    ),
    finding("CT122", Severity.INFO, place("röot/60 x.sh", 9, 1, 12, 3), message='less <than> & "more" 👍'),
)
IMAGES = (
    ImageSummary("x/Dockerfile", "acme/x", "x/Dockerfile", None, ("acme/x", "acme/base"), "1.20.0.0", "full"),
    ImageSummary(
        "y/Dockerfile#run",
        "acme/y",
        "y/Dockerfile",
        "run",
        ("acme/y", "acme/base"),
        None,
        "partial",
        (
            DoubtfulParent(
                "acme/base:1", "unknown", Place("y/Dockerfile", Span(3)), "the parent acme/base:1 is not known"
            ),
        ),
    ),
)
REPORT = Report(IMAGES, FINDINGS, (Skipped("CT403", "acme/y", "parent acme/base:1 is unknown"),), 21, 2, 1)
EMPTY = Report((), ())
CLEAN = Report(IMAGES, (), files=3)


def as_json(report: Report) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(render(report, "json"))
    jsonschema.Draft202012Validator(json.loads(schema("lint"))).validate(document)
    return document


def test_json_says_all_that_the_report_knows() -> None:
    document = as_json(REPORT)
    assert list(document) == ["schema", "tool", "images", "findings", "skipped", "summary"]
    assert document["tool"] == {"name": "ctlint", "version": __version__}
    assert document["images"][1] == {
        "id": "y/Dockerfile#run",
        "image": "acme/y",
        "dockerfile": "y/Dockerfile",
        "target": "run",
        "chain": ["acme/y", "acme/base"],
        "s6": None,
        "known": "partial",
        "doubtful_parents": [
            {
                "reference": "acme/base:1",
                "grade": "unknown",
                "path": "y/Dockerfile",
                "line": 3,
                "reason": "the parent acme/base:1 is not known",
            }
        ],
    }
    assert document["findings"][2] == {
        "rule": "CT205",
        "name": "init-environment-missing",
        "severity": "error",
        "message": "`USER_NAME` is empty here: 100%, so nothing is copied.",
        "help": "Use `#!/usr/bin/with-contenv sh`.",
        "path": "röot/60 x.sh",
        "line": 4,
        "column": 6,
        "end_line": 4,
        "end_column": 16,
        "image": "acme/x",
        "inherited_from": None,
        "related": [{"path": "base/40.sh", "line": 7, "message": "the account is made here"}],
        "fix": {
            "applicability": "safe",
            "title": "Run it under with-contenv",
            "edits": [
                {
                    "kind": "text",
                    "path": "röot/60 x.sh",
                    "line": line,
                    "column": 1,
                    "end_line": line,
                    "end_column": end,
                    "text": text,
                }
                for line, end, text in ((3, 1, "# b\n"), (1, 10, "#!/usr/bin/with-contenv sh"))
            ],
        },
        "fingerprint": "f" * 32,
    }
    assert document["findings"][0]["fix"]["edits"] == [
        {"kind": "chmod", "path": "a.sh", "mode": "755"},
        {"kind": "rename", "path": "a.sh", "to": "b.sh"},
    ]
    assert document["findings"][3]["fix"] is None
    assert document["skipped"] == [{"rule": "CT403", "image": "acme/y", "reason": "parent acme/base:1 is unknown"}]
    assert document["summary"] == {
        "error": 3,
        "warning": 0,
        "info": 1,
        "images": 2,
        "files": 21,
        "suppressed": 2,
        "skipped": 1,
        "failed": 1,
    }


def test_concise_is_a_line_a_finding_as_compilers_print_them() -> None:
    lines = render(REPORT, "concise").splitlines()
    assert lines[2] == ("röot/60 x.sh:4:6: error: CT205 [*] `USER_NAME` is empty here: 100%, so nothing is copied.")
    assert lines[0].startswith("a.sh:1:1: error: CT104 `USER"), "an unsafe fix is not offered with a mark"
    assert lines[len(FINDINGS) :] == [
        "y/Dockerfile:3:1: note: The parent acme/base:1 is not known to ctlint (the parent acme/base:1 is not known). "
        "1 image stands on it; 1 check of it was not decided."
    ]
    assert lines[1] == "bad\ufffd.sh:1:1: error: CT001 bytes \ufffd, and more"
    verbose = render(REPORT, "concise", verbose=True).splitlines()
    assert verbose[: len(lines)] == lines
    assert verbose[len(lines) :] == [
        "y/Dockerfile:1:1: note: Not decided: parent acme/base:1 is unknown: CT403 on acme/y."
    ]


def commands(text: str) -> list[tuple[str, dict[str, str], str]]:
    """GitHub's own way back: the runner's parser of workflow commands."""
    found: list[tuple[str, dict[str, str], str]] = []
    for line in text.splitlines():
        match = re.fullmatch(r"::([a-z]+) ([^:]*)::(.*)", line)
        assert match, line
        properties = dict(part.split("=", 1) for part in match[2].split(","))
        plain = {key: unescaped(value.replace("%3A", ":").replace("%2C", ",")) for key, value in properties.items()}
        found.append((match[1], plain, unescaped(match[3])))
    return found


def unescaped(text: str) -> str:
    return text.replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%")


def test_github_annotations_are_escaped_and_carry_place_cure_and_related_places() -> None:
    strange = finding("CT205", Severity.WARNING, place("a,b:c%.sh", 2, 3, 2, 5), message="50%: a,\r\nb::c")
    found = commands(render(replace(REPORT, findings=(*FINDINGS, strange)), "github"))
    level, properties, text = found[2]
    assert level == "error"
    assert properties == {
        "title": "CT205 init-environment-missing",
        "file": "röot/60 x.sh",
        "line": "4",
        "endLine": "4",
        "col": "6",
        "endColumn": "16",
    }
    assert text.endswith("\nUse `#!/usr/bin/with-contenv sh`.\nbase/40.sh:7: the account is made here")
    assert found[3][0] == "notice"
    assert found[3][1]["endLine"] == "12"
    assert "col" not in found[3][1], "GitHub refuses columns of a span over lines"
    assert found[4][0] == "warning"
    assert found[4][1]["file"] == "a,b:c%.sh"
    assert "50%: a, b::c" in found[4][2]
    assert render(EMPTY, "github") == ""


def gitlab(report: Report) -> list[dict[str, Any]]:
    issues: list[dict[str, Any]] = json.loads(render(report, "gitlab"))
    return issues


def test_gitlab_has_what_code_quality_requires_with_fingerprints_of_their_own() -> None:
    issues = gitlab(REPORT)
    assert len({issue["fingerprint"] for issue in issues}) == len(FINDINGS) + 1
    assert issues[0]["fingerprint"] == "f" * 32
    assert [issue["severity"] for issue in issues] == ["major", "major", "major", "info", "info"]
    assert issues[-1]["check_name"] == "not-decided"
    assert issues[-1]["location"] == {"path": "y/Dockerfile", "lines": {"begin": 3, "end": 3}}
    for issue in issues:
        assert {"description", "check_name", "fingerprint", "severity", "location"} <= set(issue)
        assert issue["location"]["lines"]["begin"] >= 1
    assert issues[2]["location"] == {"path": "röot/60 x.sh", "lines": {"begin": 4, "end": 4}}
    assert issues[2]["check_name"] == "CT205 init-environment-missing"
    assert gitlab(EMPTY) == []


def junit(report: Report, **options: Any) -> ElementTree.Element:
    return ElementTree.fromstring(render(report, "junit", **options).encode("utf-8"))


def test_junit_fails_what_fails_the_run_and_counts_right() -> None:
    root = junit(REPORT)
    assert root.attrib == {"name": "ctlint", "tests": "6", "failures": "1", "errors": "1"}
    (skipped,) = root.findall("testsuite[@name='not decided']/testcase/skipped")
    assert skipped.text == "parent acme/base:1 is unknown"
    for suite in root:
        cases = suite.findall("testcase")
        assert suite.get("tests") == str(len(cases))
        assert suite.get("failures") == str(len(suite.findall("testcase/failure")))
        assert suite.get("errors") == str(len(suite.findall("testcase/error")))
    failure = root.find(".//failure")
    assert failure is not None
    assert failure.get("type") == "CT205"
    assert "base/40.sh:7: the account is made here" in (failure.text or "")
    inherited = root.find("testsuite[@name='a.sh']/testcase/system-out")
    assert inherited is not None, "an inherited finding passes, as the run does"


def test_junit_takes_the_level_that_fails_from_fail_on() -> None:
    assert junit(REPORT, fail_on=Severity.INFO).get("failures") == "2"


def test_junit_of_a_clean_run_names_the_images_and_of_an_empty_one_is_a_report() -> None:
    assert [case.get("name") for case in junit(CLEAN).iter("testcase")] == ["x/Dockerfile", "y/Dockerfile#run"]
    assert junit(EMPTY).find("testsuite") is not None


def sarif(report: Report) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(render(report, "sarif", rules=RULES))
    assert document["version"] == "2.1.0"
    assert document["$schema"].endswith("sarif-2.1.0.json")
    (run,) = document["runs"]
    return dict(run)


def test_sarif_describes_all_rules_and_results_point_at_theirs() -> None:
    run = sarif(REPORT)
    driver = run["tool"]["driver"]
    assert driver["semanticVersion"] == __version__
    assert [each["id"] for each in driver["rules"]] == ["CT001", "CT104", "CT122", "CT205"]
    for each in driver["rules"]:
        assert each["shortDescription"]["text"].endswith(".")
        assert each["help"]["text"]
        assert each["help"]["markdown"]
        assert re.fullmatch(r"[A-Z][A-Za-z0-9]+", each["name"])
    for result in run["results"]:
        assert driver["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["message"]["text"].endswith(".")
        assert result["partialFingerprints"] == {"ctlint/v1": "f" * 32}
    assert [result["level"] for result in run["results"]] == ["error", "error", "error", "note"]


def test_sarif_places_count_characters_and_name_files_by_relative_uri() -> None:
    run = sarif(REPORT)
    result = run["results"][2]
    physical = result["locations"][0]["physicalLocation"]
    assert run["columnKind"] == "unicodeCodePoints"
    assert physical["artifactLocation"] == {"uri": "r%C3%B6ot/60%20x.sh", "uriBaseId": "%SRCROOT%"}
    assert "%SRCROOT%" in run["originalUriBaseIds"]
    assert physical["region"] == {"startLine": 4, "startColumn": 6, "endLine": 4, "endColumn": 16}
    related = result["relatedLocations"][0]
    assert related["message"]["text"] == "the account is made here."
    assert related["physicalLocation"]["artifactLocation"]["uri"] == "base/40.sh"


def test_sarif_gives_text_fixes_whole_and_leaves_out_what_it_cannot_say() -> None:
    results = sarif(REPORT)["results"]
    (fix,) = results[2]["fixes"]
    (change,) = fix["artifactChanges"]
    assert unquote(change["artifactLocation"]["uri"]) == "röot/60 x.sh"
    assert [each["insertedContent"]["text"] for each in change["replacements"]] == [
        "#!/usr/bin/with-contenv sh",
        "# b\n",
    ]
    assert change["replacements"][1]["deletedRegion"] == {
        "startLine": 3,
        "startColumn": 1,
        "endLine": 3,
        "endColumn": 1,
    }
    assert "fixes" not in results[0]


def test_sarif_tells_whether_the_run_was_whole_and_what_was_skipped() -> None:
    (invocation,) = sarif(REPORT)["invocations"]
    assert invocation["executionSuccessful"] is False
    assert "CT403 was skipped for acme/y" in invocation["toolExecutionNotifications"][0]["message"]["text"]
    assert sarif(CLEAN)["invocations"][0]["executionSuccessful"] is True
    assert sarif(EMPTY)["results"] == []


def test_an_unknown_format_is_wrong_use() -> None:
    with pytest.raises(UsageError, match="`yaml` is no output format; known are text, concise"):
        render(REPORT, "yaml")


anything = st.text(st.characters(), max_size=12)
spans = st.builds(Span, st.integers(1, 9), st.integers(1, 9), st.integers(0, 9), st.integers(0, 9))
places = st.builds(Place, anything, spans)
edits = st.one_of(
    st.builds(Edit, st.just("text"), places, anything),
    st.builds(Edit, st.just("chmod"), places, mode=st.just("755")),
    st.builds(Edit, st.just("rename"), places, to=anything),
)
fixes = st.builds(
    Fix, anything, st.lists(edits, min_size=1, max_size=2).map(tuple), st.sampled_from(["safe", "unsafe"])
)
findings = st.builds(
    Finding,
    rule=st.sampled_from(["CT001", "CT104", "CT205", "CT999"]),
    name=st.just("a-name"),
    severity=st.sampled_from(list(Severity)),
    message=anything,
    help=anything,
    place=places,
    image=anything,
    fingerprint=st.sampled_from(["a", "b"]),
    inherited_from=st.none() | anything,
    related=st.lists(st.builds(Related, places, anything), max_size=2).map(tuple),
    fix=st.none() | fixes,
)


@settings(deadline=None)
@given(found=st.lists(findings, max_size=3), failed=st.integers(0, 2), reason=anything)
def test_whatever_stands_in_a_report_the_output_is_valid(found: list[Finding], failed: int, reason: str) -> None:
    report = Report(IMAGES[:1], tuple(found), (Skipped("CT403", reason, reason),), failed=failed)
    for name in FORMATS:
        text = render(report, name, rules=RULES)
        assert text.encode("utf-8") == render(report, name, rules=RULES).encode("utf-8")
        assert not text or text.endswith("\n")
    assert len(as_json(report)["findings"]) == len(found)
    assert len(sarif(report)["results"]) == len(found)
    issues = gitlab(report)
    assert len({issue["fingerprint"] for issue in issues}) == len(found)
    assert junit(report).get("tests") == str(len(list(junit(report).iter("testcase"))))
    assert len(render(report, "concise").splitlines()) == len(found)
    assert len(re.findall(r"^::", render(report, "github"), re.MULTILINE)) == len(found)
