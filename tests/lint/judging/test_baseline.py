"""Baselines: what is accepted stays accepted through edits, and what is new shows."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ctlint.lineage.text.errors import UsageError
from ctlint.lineage.text.places import Place, Span
from ctlint.lint.judging.baseline import (
    Baseline,
    apply_baseline,
    fingerprint,
    number_repeats,
    read_baseline,
    render_baseline,
    write_baseline,
)
from ctlint.rules.base import Finding, Severity


def finding(
    path: str, line: int, rule: str = "CT303", text: str = "", subject: str = "", message: str = "m"
) -> Finding:
    own = fingerprint(rule, path, subject, text)
    return Finding(rule, "n", Severity.ERROR, message, "h", Place(path, Span(line)), "acme/x", own)


def found_in(path: str, text: str) -> tuple[Finding, ...]:
    """A rule that dislikes every line with `bad`, as the engine stamps it."""
    rows = enumerate(text.split("\n"), 1)
    return number_repeats(finding(path, number, text=row) for number, row in rows if "bad" in row)


def test_fingerprints_differ_by_rule_path_subject_line_and_occurrence() -> None:
    own = {
        fingerprint("CT303", "a", "", "x"),
        fingerprint("CT304", "a", "", "x"),
        fingerprint("CT303", "b", "", "x"),
        fingerprint("CT303", "a", "", "y"),
        fingerprint("CT303", "a", "x", ""),
        fingerprint("CT303", "a", "", "x", 1),
        fingerprint("CT303", "a", "", "x", 2),
    }
    assert len(own) == 7
    assert all(len(each) == 32 for each in own)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("RUN bad x", "  RUN   bad\tx  "),
        ("RUN bad x", "RUN bad x \\"),
        ("RUN bad x && \\", "RUN bad x; \\"),
        ("    bad x", " && bad x \\"),
        ("FROM acme/bad:1 AS build", "from  acme/bad:1  as builder"),
        ("FROM bad AS final", "FROM worse"),
        ("COPY --from=build /bad /b", "COPY --from=builder /bad /b"),
        ("RUN --mount=type=bind,from=a,target=/x bad", "RUN --mount=type=bind,from=b,target=/x bad"),
    ],
)
def test_layout_and_names_of_stages_do_not_count(before: str, after: str) -> None:
    assert fingerprint("CT303", "a", "", before) == fingerprint("CT303", "a", "", after)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("FROM acme/bad:1", "FROM acme/bad:2"),
        ("COPY --from=acme/tools:1 /a /b", "COPY --from=acme/tools:2 /a /b"),
        ("RUN bad x", "RUN bad y"),
    ],
)
def test_what_is_meant_counts(before: str, after: str) -> None:
    assert fingerprint("CT303", "a", "", before) != fingerprint("CT303", "a", "", after)


def test_a_subject_makes_the_line_irrelevant() -> None:
    assert fingerprint("CT303", "a", "USER_NAME", "x") == fingerprint("CT303", "a", "USER_NAME", "y")


def test_equal_findings_at_several_places_are_numbered_and_shared_ones_are_not() -> None:
    first, shared, second = number_repeats([finding("a", 1), finding("a", 1), finding("a", 5)])
    assert first.fingerprint == shared.fingerprint
    assert second.fingerprint == fingerprint("CT303", "a", "", "", 1)


@settings(deadline=None)
@given(
    texts=st.lists(st.sampled_from(["RUN bad x", "RUN bad y", "RUN fine", "", "# note"]), min_size=1, max_size=10),
    where=st.integers(0, 10),
    what=st.sampled_from(["", "RUN fine too", "# other", "RUN new bad"]),
    indent=st.sampled_from(["", "  ", "\t"]),
)
def test_moves_and_layout_bring_no_old_finding_back_and_a_new_one_shows(
    texts: list[str], where: int, what: str, indent: str
) -> None:
    baseline = Baseline.of(found_in("Dockerfile", "\n".join(texts)))
    edited = [indent + text.replace(" ", "  ") for text in texts]
    edited.insert(min(where, len(texts)), what)
    kept, suppressed = apply_baseline(found_in("Dockerfile", "\n".join(edited)), baseline)
    assert [each.place.line for each in kept] == ([min(where, len(texts)) + 1] if "bad" in what else [])
    assert suppressed == sum("bad" in text for text in texts)


def test_one_more_of_the_same_kind_shows_once() -> None:
    baseline = Baseline.of(found_in("a", "RUN bad\nRUN bad"))
    kept, suppressed = apply_baseline(found_in("a", "RUN bad\nRUN bad\nRUN bad"), baseline)
    assert (len(kept), suppressed) == (1, 2)


def test_the_file_is_sorted_and_the_same_for_the_same_findings(tmp_path: Path) -> None:
    findings = [finding("b", 1, message="ü"), finding("a", 9, "CT401"), finding("a", 3), finding("a", 4)]
    text = render_baseline(findings)
    assert text == render_baseline(reversed(findings))
    document = json.loads(text)
    assert [(each["path"], each["rule"]) for each in document["findings"]] == [
        ("a", "CT303"),
        ("a", "CT401"),
        ("b", "CT303"),
    ]
    write_baseline(tmp_path / "known.json", findings)
    assert (tmp_path / "known.json").read_text("utf-8") == text
    assert read_baseline(tmp_path / "known.json") == Baseline.of(findings)
    assert [each.name for each in tmp_path.iterdir()] == ["known.json"]


def test_failures_of_the_run_are_neither_written_nor_hidden() -> None:
    broken = finding("a", 1, "CT001")
    assert not Baseline.of([broken]).entries
    forged = Baseline(Baseline.of([finding("a", 1)]).entries)
    assert apply_baseline([broken], forged) == ((broken,), 0)


def test_stale_entries_are_those_that_are_cured() -> None:
    old, new = finding("a", 1), finding("b", 1)
    assert [entry.path for entry in Baseline.of([old, new]).stale([new], {"CT303"})] == ["a"]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (None, "cannot be read: No such file or directory; --write-baseline makes it"),
        ("{", "is no baseline of ctlint"),
        ("[]", "is no baseline of ctlint"),
        ('{"schema": 1}', "is no baseline of ctlint"),
        ('{"schema": 1, "findings": [{"path": "a", "rule": "b", "fingerprint": 3, "message": ""}]}', "is no baseline"),
        ('{"schema": 2, "findings": []}', "is a baseline of another version"),
    ],
)
def test_what_is_no_baseline_is_told(tmp_path: Path, content: str | None, expected: str) -> None:
    path = tmp_path / "known.json"
    if content is not None:
        path.write_text(content, "utf-8")
    with pytest.raises(UsageError, match=expected):
        read_baseline(path)


def test_a_baseline_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="the baseline cannot be written"):
        write_baseline(tmp_path / "nowhere" / "known.json", [])
