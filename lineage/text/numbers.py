"""Numbers in other people's text: the one place that makes an integer of digits.

`int` takes more than programs do (`²` and `٣` are digits to Python, blanks and `_` are passed over) and refuses what
they print (more than 4,300 digits), so no reader calls it on text.
"""

_MOST_DIGITS = 18
_DIGITS = {8: frozenset("01234567"), 10: frozenset("0123456789"), 16: frozenset("0123456789abcdefABCDEF")}


def natural(text: str | bytes | None, base: int = 10) -> int | None:
    """The number that a text of digits is; None for any other text, and for more than 18 digits."""
    digits = text.decode("latin-1") if isinstance(text, bytes) else text
    if not digits or len(digits) > _MOST_DIGITS or not _DIGITS[base].issuperset(digits):
        return None
    return int(digits, base)


def integer(text: str | None) -> int | None:
    """The number that a text of digits with a sign before it or none is; blanks around it do not count."""
    written = (text or "").strip(" \t\n")
    number = natural(written.lstrip("+-") if written[1:2] not in ("+", "-") else None)
    return -number if number is not None and written.startswith("-") else number


def is_digits(text: str | None) -> bool:
    """Whether a text is ASCII digits, however many."""
    return bool(text) and _DIGITS[10].issuperset(text or "")
