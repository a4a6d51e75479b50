"""Seeded defects: each is found by exactly the rule that owns it, at its line, once, and the intact organisations are clean."""

from collections import Counter

import pytest

from ctlint.rules.discover import all_rules
from expectations import ORGANISATIONS
from linting import found_in
from mutations import MUTATIONS
from seeding import NAMES, Mutation, line_of, linted, mutated

IDS = [f"{mutation.rule}-{number}-{'-'.join(mutation.kinds)}" for number, mutation in enumerate(MUTATIONS)]


@pytest.mark.parametrize("organisation", NAMES)
def test_the_intact_organisation_is_clean_whether_from_disk_or_from_memory(organisation: str) -> None:
    report = linted(organisation)
    assert report.findings == ()
    assert {image.known for image in report.images} == {"full"}
    assert found_in(next(path for path in ORGANISATIONS if path.name == organisation)) == []


@pytest.mark.parametrize("mutation", MUTATIONS, ids=IDS)
def test_a_seeded_defect_is_found_once_by_the_rule_that_owns_it_and_nothing_else_is(mutation: Mutation) -> None:
    files = mutated(mutation)

    def place(path: str, anchor: str) -> tuple[str, int]:
        return path, line_of(files[path][0].decode(), anchor, path)

    findings = linted(mutation.organisation, files).findings
    found = [(finding.rule, (finding.place.path, finding.place.line)) for finding in findings]
    assert found == [(mutation.rule, place(mutation.path, mutation.anchor))]
    related = {(related.place.path, related.place.line) for related in findings[0].related}
    assert {place(path, anchor) for path, anchor in mutation.related} <= related


def test_every_rule_has_at_least_two_seeded_defects_of_different_make() -> None:
    made = Counter(mutation.rule for mutation in MUTATIONS)
    assert {rule.code for rule in all_rules() if made[rule.code] < 2} == set()
    edits = Counter((mutation.rule, mutation.edits) for mutation in MUTATIONS)
    assert [edit for edit, times in edits.items() if times > 1] == []
