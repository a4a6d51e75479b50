"""No pattern of the source takes polynomially long for a text that somebody else writes: each is pumped with pieces of itself."""

import warnings
from pathlib import Path

from pumping import FoundPattern, grows, patterns

ROOT = Path(__file__).parent.parent.parent
KNOWN = {
    ("boot/losses.py", "_PLACE"),
    ("commands/sed.py", ""),
    ("consumers/container_run.py", "_IMAGE"),
    ("consumers/ports_and_mounts.py", ""),
    ("consumers/ports_and_mounts.py", "_PORT"),
    ("consumers/reading.py", "_JINJA"),
    ("dockerfile/exec_form.py", ""),
    ("dockerfile/exec_form.py", "_ONE_STRING"),
    ("dockerfile/heredoc.py", "_MARK"),
    ("effects/read.py", "_FETCHES"),
    ("output/rule_examples.py", "_INLINE"),
    ("output/rule_examples.py", "_LISTED"),
    ("repository/dockerfiles.py", ""),
    ("rules/ct301_user_named_at_build.py", "_NAME"),
    ("rules/ct320_start_user_missing.py", "_NAME"),
    ("rules/ct613_cron_job_not_run.py", "_NO_ACCOUNT"),
    ("scripts/word_slips.py", "_STARTS"),
    ("services/uncopied_trees.py", "_WATCHED"),
    ("shared/subjects.py", "_NAME"),
    ("shared/subjects.py", "_PATH"),
    ("users/own_user.py", "_LENDS"),
    ("users/secrets.py", ""),
    ("users/secrets.py", "_SETTING"),
    ("workspace/siblings.py", ""),
}
"""File and name of the patterns that grew with the square of a word or a line when this test was made: none may join them."""


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
    found = growing(ROOT / "lineage", ROOT / "lint", ROOT / "rules")
    assert {place: text for place, text in found.items() if place not in KNOWN} == {}


def test_a_pattern_that_grows_is_found(tmp_path: Path) -> None:
    (tmp_path / "new_rule.py").write_text(
        "from x import pattern\n"
        "_BLANKS = pattern(r'\\s+[#;].*\\Z')\n"
        "_TWICE = pattern(r'(a+)+b')\n"
        "_BOUND = pattern(r'[^\\n]{0,300}x')\n"
        "_PLAIN = pattern(r'\\bword\\b')\n"
        "def look(text):\n    return _BLANKS.search(text), _TWICE.search(text), _BOUND.search(text), _PLAIN.search(text)\n"
    )
    assert {name for _, name in growing(tmp_path)} == {"_BLANKS", "_TWICE"}


def test_all_patterns_are_seen() -> None:
    found = list(patterns(ROOT / "lineage", ROOT / "lint", ROOT / "rules"))
    assert len(found) > 500
    assert all(isinstance(one, FoundPattern) and one.text for one in found)
