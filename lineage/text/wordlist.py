"""Lists of words, written as one text."""


def words_of(text: str) -> tuple[str, ...]:
    """The words between the blanks of a text."""
    return tuple(text.split())
