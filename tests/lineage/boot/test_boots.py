"""The boot plan held against what the real `/init` of s6-overlay did with the same fixtures (`python -m tools.oracle boots`)."""

import json
from pathlib import Path
from typing import Any

import pytest
from tools.oracle.boots import Plan, wrong_of
from tools.oracle.fixtures import opened

from ctlint.lineage.desktop.launchers import Launchers
from expectations import FIXTURES

BOOTS: dict[str, dict[str, Any]] = json.loads((Path(__file__).parent / "boots.json").read_text())


def plan_of(name: str) -> Plan:
    workspace, _ = opened(FIXTURES / name)
    source = workspace.images[0]
    image, boot = workspace.effective(source), workspace.boot(source)
    return Plan(image, boot, Launchers.of(image, boot))


@pytest.mark.parametrize("name", BOOTS)
def test_a_boot_is_as_the_plan_says(name: str) -> None:
    plan = plan_of(name)
    assert plan.given() == BOOTS[name]["given"]
    count, wrong = wrong_of(plan, BOOTS[name])
    assert wrong == []
    assert count or not BOOTS[name]["alive"]


def test_the_boots_show_every_kind_of_thing() -> None:
    for kind in ("ran", "accounts", "database", "supervised", "launchers"):
        assert sum(bool(facts.get(kind)) for facts in BOOTS.values()) >= 3, kind


def test_a_plan_that_is_wrong_is_told() -> None:
    name = next(name for name, facts in BOOTS.items() if len(facts["ran"]) > 1 and facts["alive"])
    facts = BOOTS[name]
    plan = plan_of(name)
    assert wrong_of(plan, {**facts, "ran": facts["ran"][::-1]})[1]
    assert wrong_of(plan, {**facts, "accounts": {**facts["accounts"], "nobodyelse": ["1", "/"]}})[1] or plan.open


def test_services_that_a_hook_brings_leave_the_plan_open() -> None:
    plan = plan_of("ct101/good-relative")
    assert plan.more
    assert not plan.open
    facts = {"given": {}, "ran": [], "alive": True, "accounts": {}, "launchers": [], "supervised": []}
    services = {"database": ["heartbeat"], "up": ["heartbeat"]}
    assert wrong_of(plan, {**facts, **services})[1] == []
    assert wrong_of(plan_of("ct101/good"), {**facts, "database": ["other"], "up": ["other"]})[1]
