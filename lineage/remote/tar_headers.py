"""The headers of tar archives, for whoever reads one as a stream: numbers, names, checksums and extended records.

Formats: POSIX pax and ustar (IEEE Std 1003.1, pax Interchange Format) with GNU's long names and large numbers. What is
malformed raises MalformedHeaderError; the reader says of what.
"""

from ..text.numbers import natural

BLOCK = 512


class MalformedHeaderError(ValueError):
    """A header, or a record of an extended one, is not as the format has it."""


def number(field: bytes) -> int:
    """A header's number: octal digits up to a NUL, or base 256 where the first bit is set (GNU)."""
    if field[0] == 0x80:
        return int.from_bytes(field[1:], "big")
    digits = field.split(b"\0", 1)[0].strip(b" ")
    found = natural(digits, 8) if digits else 0
    if found is None:
        raise MalformedHeaderError(field)
    return found


def decimal(value: bytes) -> int:
    """The number of an extended record."""
    found = natural(value)
    if found is None:
        raise MalformedHeaderError(value)
    return found


def checksum_fits(block: bytes) -> bool:
    """Whether a header's checksum is the sum of its bytes, be they counted as unsigned or, as old programs did, signed."""
    stated = number(block[148:156])
    unsigned = sum(block) - sum(block[148:156]) + 8 * 32
    if stated == unsigned:
        return True
    negative = sum(byte > 127 for byte in block[:148] + block[156:])
    return stated == unsigned - 256 * negative


def records(data: bytes) -> dict[str, bytes]:
    """The records `LENGTH KEY=VALUE\\n` of an extended header."""
    found: dict[str, bytes] = {}
    position = 0
    while position < len(data):
        space = data.find(b" ", position, position + 12)
        length = natural(data[position:space]) if space >= 0 else None
        if length is None:
            raise MalformedHeaderError(data)
        end = position + length
        key, equals, value = data[space + 1 : end - 1].partition(b"=")
        if end > len(data) or end <= space + 1 or data[end - 1 : end] != b"\n" or not equals:
            raise MalformedHeaderError(data)
        found[key.decode("utf-8", "replace")] = value
        position = end
    return found


def name(header: bytes) -> bytes:
    """The name in a header, with ustar's prefix."""
    written = header[:100].split(b"\0", 1)[0]
    prefix = header[345:500].split(b"\0", 1)[0] if header[257:263] == b"ustar\0" else b""
    return prefix + b"/" + written if prefix else written


def padded(size: int) -> int:
    """The size in whole blocks."""
    return size + -size % BLOCK
