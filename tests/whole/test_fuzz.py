"""A short run of the fuzzer over every reader and the whole of lint; `make fuzz` is the long one."""

import importlib.util
import re
import sys
from pathlib import Path
from types import ModuleType

import pytest

TOOL = Path(__file__).parent.parent.parent / "tools" / "fuzz.py"


def loaded() -> ModuleType:
    if "fuzz_tool" not in sys.modules:
        spec = importlib.util.spec_from_file_location("fuzz_tool", TOOL)
        assert spec is not None
        assert spec.loader is not None
        sys.modules["fuzz_tool"] = module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    return sys.modules["fuzz_tool"]


@pytest.mark.parametrize("target", list(loaded().TARGETS))
def test_no_input_ends_a_reader(target: str) -> None:
    """A hundred changed inputs, the same at every run, and all that failed before."""
    fuzz = loaded()
    read, made = fuzz.TARGETS[target]
    for name, data in fuzz.corpus(target):
        assert fuzz.attempt(read, data) is None, name
    base = made()
    assert base
    chance = fuzz.random.Random(target)
    for number in range(30 if target == "lint" else 100):
        data = fuzz.changed(chance.choice(base), base, chance)
        reason = fuzz.attempt(read, data)
        assert reason is None, (number, reason)


def test_the_fuzzer_finds_what_fails() -> None:
    fuzz = loaded()

    def brittle(data: bytes) -> None:
        if b"(" in data:
            raise IndexError("seeded")

    assert "IndexError" in fuzz.attempt(brittle, b"a(b")
    assert fuzz.smaller(brittle, b"some text ( and more text", "IndexError") == b"("


def test_the_branches_of_each_reader_are_counted() -> None:
    fuzz = loaded()
    assert set(fuzz.READS) == set(fuzz.TARGETS)
    for target, patterns in fuzz.READS.items():
        for pattern in patterns:
            assert list((fuzz.ROOT / "lineage").glob(f"{pattern.removesuffix('*')}*.py")), (target, pattern)
    taken = fuzz.Branches("reference")
    fuzz.read_reference(b"counted.acme.test/branches:7")  # what was read before is remembered, and takes no branch
    few, counted = re.match(r"(\d+) of (\d+) branches", taken.told()).groups()  # type: ignore[union-attr]
    assert 0 < int(few) < int(counted)


@pytest.mark.parametrize("target", sorted(loaded().READS))
def test_what_a_target_begins_with_reaches_its_reader(target: str) -> None:
    """Whatever is changed at random is passed over at the first look where nothing of it is what the reader reads."""
    fuzz = loaded()
    read, made = fuzz.TARGETS[target]
    taken = fuzz.Branches(target)
    given = made()
    for data in given[:: len(given) // 8 + 1]:
        fuzz.attempt(read, data)
    assert not taken.told().endswith(fuzz.NO_BRANCH)
