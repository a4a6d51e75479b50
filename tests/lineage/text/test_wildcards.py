"""The linear matcher against regular expressions, and in the time that it takes."""

import re
import sys
import time
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctlint.lineage.commands.patterns import pattern_matches
from ctlint.lineage.repository.dockerignore import DockerIgnore
from ctlint.lineage.repository.gitignore import GitIgnore
from ctlint.lineage.text.globs import go_match
from ctlint.lineage.text.wildcards import ALL, FOLDERS, MANY, Wildcard, wildcard

PIECES = st.sampled_from(["a", "b", "/", "[^/]", ".", "[ab]", "[^a]", "(?!/)[^b]", MANY, ALL, FOLDERS])


@given(st.lists(PIECES, max_size=12), st.text("ab/c\n", max_size=14))
def test_it_matches_what_the_regular_expression_matches(pieces: list[str], text: str) -> None:
    expected = re.fullmatch("".join(pieces), text, re.DOTALL) is not None
    assert Wildcard(pieces).matches(text) is expected
    assert Wildcard([*pieces, MANY, ALL, MANY, ALL]).matches(text) is (
        re.fullmatch("".join([*pieces, ALL]), text, re.DOTALL) is not None
    ), "followed by stars, so that it is never a regular expression"


def test_a_piece_that_is_no_expression() -> None:
    assert wildcard(("[z-a]",)) is None
    assert wildcard(("[z-a]", MANY, "a", MANY, "a", MANY)) is None


def gitignore(pattern: str) -> Callable[[str], object]:
    ignore = GitIgnore()
    ignore.add("", pattern)
    return lambda text: ignore.ignored(text, False)


READERS: tuple[Callable[[str], Callable[[str], object]], ...] = (
    gitignore,
    lambda pattern: DockerIgnore([pattern]).excluded,
    go_match,
    lambda pattern: lambda text: pattern_matches(pattern, text),
)


def steps(work: Callable[[], object]) -> int:
    """How many functions are called, which is the same on every machine."""
    count = 0

    def note(*_: object) -> None:
        nonlocal count
        count += 1

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(before)
    return count


def test_no_pattern_takes_long() -> None:
    begin = time.process_time()
    for reader in READERS:
        for unit in ("*a", "**/a/", "**a", "?*a", "[ab]*a", "a*/**/"):
            for times in (8, 100):
                matches = reader(unit * times + "b")
                for text in ("a" * 250, "a/" * 120 + "a", "a" * 100 + "/" + "a" * 100):
                    matches(text)
    assert time.process_time() - begin < 5


def test_time_grows_with_the_text() -> None:
    pattern = Wildcard(["a", MANY, "b", ALL, "a", FOLDERS, "c"] * 5)
    counted = [steps(lambda length=length: pattern.matches("ab/a" * length)) for length in (200, 400, 800)]
    assert counted[2] < 2.2 * counted[1] < 2.2 * 2.2 * counted[0]


def test_nobody_is_warned_of_what_a_set_may_mean_some_day(recwarn: pytest.WarningsRecorder) -> None:
    ignore = GitIgnore()
    ignore.add("", "x[[a]\nx[a&&b]\nx[+--]\nx[a~~b]\n")
    assert [ignore.ignored(name, False) for name in ("x[", "x&", "x-", "x~", "xc")] == [True, True, True, True, False]
    made = go_match("[[]x[a||b]")
    assert made is not None
    assert made("[x|")
    assert not recwarn.list
