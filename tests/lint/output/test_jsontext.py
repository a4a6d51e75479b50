"""Indented JSON, against the standard library's."""

import json
import re
import unicodedata

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ctlint.lint.output.json_text import indented
from ctlint.lint.output.terminal import harmless_json

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner) | st.tuples(inner, inner),
)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(VALUES)
def test_it_is_what_the_standard_library_writes(value: object) -> None:
    """But for what does not print, which is escaped."""
    assert indented(value) == harmless_json(json.dumps(value, indent=2, ensure_ascii=False))


@given(
    st.text() | st.lists(st.sampled_from(["##", "[", "#", "x", "\u202e", "\x9b", "\U000e0041", "\\", "é"])).map("".join)
)
def test_what_does_not_print_is_escaped_and_means_the_same(text: str) -> None:
    document = harmless_json(json.dumps({"key": text}, ensure_ascii=False))
    assert json.loads(document) == {"key": text}
    assert not re.search("##[a-z]*\\[", document)
    assert all(
        character.isprintable() or unicodedata.category(character) in ("Cn", "Co", "Zs", "Cs", "Cf")
        for character in document
    )
    assert not set(document) & set("\x9b\u202e\u2066\u2028\x7f\U000e0041")
