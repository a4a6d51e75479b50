"""Text as Go's standard library sees it, where Python's own string methods differ.

BuildKit is written in Go: what counts as white space, how a string is quoted in a message and how letters change case
follow `unicode`, `strconv` and `strings` of Go, not `str`. Bytes that are not UTF-8 are held as lone surrogates
(`surrogateescape`), one character a byte, and appear outside as U+FFFD, as Go shows them.
"""

from ..late.patterns import pattern

SPACE = "\t\n\v\f\r \x85\xa0\u1680" + "".join(map(chr, range(0x2000, 0x200B))) + "\u2028\u2029\u202f\u205f\u3000"
"""unicode.IsSpace. (`str.isspace` also takes U+001C to U+001F.)"""

_SURROGATE = pattern("[\ud800-\udfff]")
_ESCAPES = {
    "\a": "\\a", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\v": "\\v", '"': '\\"', "\\": "\\\\",
}  # fmt: skip


def trimmed(text: str) -> tuple[int, int]:
    """Start and end of `text` without white space around it (strings.TrimSpace); its length twice if all is space."""
    end = len(text.rstrip(SPACE))
    if end == 0:
        return len(text), len(text)
    return len(text) - len(text.lstrip(SPACE)), end


def presentable(text: str) -> str:
    """`text` with U+FFFD for every byte that was not UTF-8."""
    return text if text.isascii() else _SURROGATE.sub("\ufffd", text)


def as_bytes(text: str) -> str:
    """`text` with one character (U+0000 to U+00FF) for each byte of its UTF-8 form, for code that walks over bytes."""
    return text if text.isascii() else text.encode("utf-8", "surrogateescape").decode("latin-1")


def from_bytes(text: str) -> str:
    """The reverse of `as_bytes`, also for a part of such a text that begins or ends inside a character."""
    return text if text.isascii() else text.encode("latin-1").decode("utf-8", "surrogateescape")


def lower(text: str) -> str:
    """strings.ToLower, which maps each character to one character."""
    return text.lower() if text.isascii() else text.replace("\u0130", "i").lower()


def upper(text: str) -> str:
    """strings.ToUpper, which maps each character to one character."""
    if text.isascii():
        return text.upper()
    return "".join(up if len(up := char.upper()) == 1 else char for char in text)


def quoted(text: str) -> str:
    """strconv.Quote, the `%q` of a message."""
    return '"' + "".join(map(_quoted_char, text)) + '"'


def _quoted_char(char: str) -> str:
    if char in _ESCAPES:
        return _ESCAPES[char]
    if char.isprintable():
        return char
    code = ord(char)
    if code < 0x20 or code == 0x7F:
        return f"\\x{code:02x}"
    if 0xDC80 <= code <= 0xDCFF:
        return f"\\x{code - 0xDC00:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
