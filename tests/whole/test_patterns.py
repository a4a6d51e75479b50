"""No pattern of the source takes polynomially long for a text that somebody else writes: each is pumped with pieces of itself."""

import warnings
from pathlib import Path

from pumping import FoundPattern, grows, patterns

ROOT = Path(__file__).parent.parent.parent


def growing(*rooms: Path) -> dict[tuple[str, str], str]:
    found: dict[tuple[str, str], str] = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for one in patterns(*rooms):
            text = grows(one)
            if text is not None:
                found[one.place, one.name] = text
    return found


def test_no_pattern_looks_at_the_same_text_again_and_again() -> None:
    """A new one fails here: bound what it repeats, or let it begin where nothing of its own can stand before it."""
    assert growing(ROOT / "lineage", ROOT / "lint", ROOT / "rules") == {}


def test_a_pattern_that_grows_is_found(tmp_path: Path) -> None:
    (tmp_path / "new_rule.py").write_text(
        "from x import pattern\n"
        "_BLANKS = pattern(r'\\s+[#;].*\\Z')\n"
        "_TWICE = pattern(r'(a+)+b')\n"
        "_BOUND = pattern(r'[^\\n]{0,300}x')\n"
        "_PLAIN = pattern(r'\\bword\\b')\n"
        "_ALL = pattern(r'a+b')\n"
        "_INSIDE = {'x': pattern(r'c+d')}\n"
        "def look(text):\n    return _BLANKS.search(text), _TWICE.search(text), _BOUND.search(text), _PLAIN.search(text)\n"
        "def at(text):\n    return _ALL.fullmatch(text), pattern(r'e+f').match(text), pattern(r'g+h').search(text)\n"
    )
    (tmp_path / "other.py").write_text("_ALL = pattern(r'x')\ndef look(text):\n    return _ALL.search(text)\n")
    assert {name for _, name in growing(tmp_path)} == {"_BLANKS", "_TWICE", "_INSIDE", ""}


def test_all_patterns_are_seen() -> None:
    found = list(patterns(ROOT / "lineage", ROOT / "lint", ROOT / "rules"))
    assert len(found) > 500
    assert all(isinstance(one, FoundPattern) and one.text for one in found)
