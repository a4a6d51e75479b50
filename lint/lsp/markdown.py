"""Text of a repository within Markdown that an editor draws: it never becomes a picture, which would be fetched, or a link."""

from ...lineage.late.patterns import pattern

_MEANS = pattern(r"[\\`*_\[\]<>!&|~#]")
_TICKS = pattern("`+")


def code(text: str) -> str:
    """A text as code, whatever it holds (CommonMark 0.31, "Code spans")."""
    shown = _printable(text)
    fence = "`" * (1 + max((len(run) for run in _TICKS.findall(shown)), default=0))
    pad = " " if shown[:1] in "` " or shown[-1:] in "` " else ""
    return f"{fence}{pad}{shown}{pad}{fence}"


def plain(text: str) -> str:
    """A text as it is, with nothing in it taken for markup."""
    return _MEANS.sub(lambda found: f"\\{found[0]}", _printable(text))


def _printable(text: str) -> str:
    return "".join(each if each.isprintable() else repr(each)[1:-1] for each in text)
