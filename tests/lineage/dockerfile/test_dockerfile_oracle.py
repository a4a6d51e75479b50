"""What we read equals what BuildKit's own parser reads, as the PyPI package `dockerfile` (BuildKit 0.12.5) has it."""

from collections import Counter
from pathlib import Path
from random import Random

import pytest

from compare_oracle import REASONS, compare, texts_of
from generated_dockerfiles import FEATURES, WRITTEN, generated, mutated, smallest

FIXTURES = Path(__file__).parents[3] / "fixtures"


def agree(text: str) -> str | None:
    """The reason of a known difference, None where both agree; fails for any other."""
    difference = compare(text)
    if difference is None:
        return None
    if difference.reason not in REASONS:
        text = smallest(text, lambda less: (found := compare(less)) is not None and found.reason not in REASONS)
        difference = compare(text)
        assert difference is not None
        pytest.fail(f"{text!r}\nours:   {difference.ours}\ntheirs: {difference.theirs}")
    return difference.reason


def test_fixtures_and_written_examples_agree() -> None:
    reasons = Counter(agree(content.decode()) for _, content in texts_of(FIXTURES))
    assert reasons.total() > 20
    assert reasons.keys() <= {None, "exec-tail"}
    assert [agree(text) for text in WRITTEN] == [None] * len(WRITTEN)


def test_generated_dockerfiles_agree_and_every_feature_is_among_them() -> None:
    seen: Counter[str] = Counter()
    reasons: Counter[str | None] = Counter()
    for number in range(2000):
        sample = generated(Random(number))
        seen.update(sample.features)
        reasons[agree(sample.text)] += 1
    assert {feature: seen[feature] for feature in FEATURES if seen[feature] < 200} == {}
    assert reasons[None] > 0.9 * reasons.total()


def test_mutated_dockerfiles_agree() -> None:
    reasons = Counter(agree(mutated(Random(number))) for number in range(700))
    assert reasons[None] > 0.9 * reasons.total()


@pytest.mark.parametrize(
    ("reason", "text"),
    [
        ("exec-tail", 'FROM a\nENTRYPOINT ["/init"]\'\n'),
        ("exec-tail", 'FROM a\nCMD ["a", 1]x\n'),
        ("check-directive", "# check=skip=all\n# escape=`\nFROM a\nRUN x `\n y\n"),
        ("heredoc-blank", "FROM a\nRUN cat << EOF\nx\nEOF\n"),
        ("nul", "FROM a\nRUN x\0y\n"),
        ("not-utf-8", "FROM a\nHEALTHCHECK à b\n"),
    ],
)
def test_each_known_difference_is_one(reason: str, text: str) -> None:
    assert agree(text) == reason
