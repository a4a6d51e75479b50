"""A late pattern does what `re.compile`'s does, and compiles nothing before."""

import re
from typing import Any

import pytest

from ctlint.lineage.late.patterns import pattern


def test_a_pattern_answers_as_a_compiled_one() -> None:
    late, ready = (
        pattern(r"(?P<name>[a-z]+)=(\d+)", re.IGNORECASE),
        re.compile(r"(?P<name>[a-z]+)=(\d+)", re.IGNORECASE),
    )
    text = "A=1, bc=22"
    assert late.findall(text) == ready.findall(text)
    assert late.sub(r"\2", text) == ready.sub(r"\2", text)
    assert [found.span() for found in late.finditer(text, 3)] == [found.span() for found in ready.finditer(text, 3)]
    assert late.fullmatch(text) is None
    assert (late.pattern, late.flags, late.groupindex) == (ready.pattern, ready.flags, ready.groupindex)
    assert repr(late) == repr(ready)


def test_bytes_are_searched_by_patterns_of_bytes() -> None:
    found = pattern(rb"\d+").search(b"a 12")
    assert found is not None
    assert found[0] == b"12"


def test_it_is_compiled_at_its_first_use_and_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []

    def recorded(text: Any, flags: Any = 0) -> Any:
        asked.append(text)
        return compiled(text, flags)

    compiled = re.compile
    monkeypatch.setattr(re, "compile", recorded)
    late = pattern("a+")
    assert asked == []
    assert [bool(late.search(text)) for text in ("a", "b", "aa")] == [True, False, True]
    assert asked == ["a+"]


def test_a_wrong_one_is_told_at_its_first_use() -> None:
    late = pattern("(")
    with pytest.raises(re.error):
        late.search("")
