"""Programs that print what their words say, or a changed copy of what they read, where that is simple enough to tell.

Each reader takes the program's arguments and gives (what it makes of a text, the files it reads), or, where it reads
nothing, (None, [what it prints]); None for options that are not modelled.
"""

import re
from collections.abc import Callable, Sequence

from ..text.numbers import integer, natural
from .sed import Parsed, joined, lines_of, posix_expression, sed

_CLASSES = {
    "[:upper:]": "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "[:lower:]": "abcdefghijklmnopqrstuvwxyz",
    "[:digit:]": "0123456789",
}


def _count(words: Sequence[str]) -> tuple[str, list[str]] | None:
    """The number of `-n N`, `-nN`, `-N`, and the operands, of head and tail."""
    number, files = "10", list[str]()
    at = 0
    while at < len(words):
        word = words[at]
        at += 1
        if word in ("-n", "--lines") and at < len(words):
            number = words[at]
            at += 1
        elif match := re.fullmatch(r"-(?:n|-lines=)?([-+]?[0-9]+)", word):
            number = match.group(1)
        elif word.startswith("-") and word != "-":
            return None
        else:
            files.append(word)
    return (number, files) if integer(number) is not None and number.isascii() else None


def _head(words: Sequence[str]) -> Parsed | None:
    counted = _count(words)
    if counted is None:
        return None
    number = integer(counted[0]) or 0

    def change(text: str) -> str:
        kept = text.splitlines(keepends=True)
        return "".join(kept[:number])

    return change, counted[1]


def _tail(words: Sequence[str]) -> Parsed | None:
    counted = _count(words)
    if counted is None:
        return None
    written = counted[0]
    number = natural(written.lstrip("+-")) or 0

    def change(text: str) -> str:
        kept = text.splitlines(keepends=True)
        if written.startswith("+"):
            return "".join(kept[max(number - 1, 0) :])
        return "".join(kept[-number:] if number else [])

    return change, counted[1]


def _sort(words: Sequence[str]) -> Parsed | None:
    flags = [word for word in words if word.startswith("-") and word != "-"]
    letters = "".join(flag[1:] for flag in flags)
    if set(letters) - set("urn"):
        return None
    files = [word for word in words if word not in flags]

    def change(text: str) -> str | None:
        lines = lines_of(text)
        if any(not line.isascii() for line in lines):
            return None
        if "n" in letters:
            if not all(natural(line) is not None for line in lines):
                return None
            lines.sort(key=lambda line: natural(line) or 0, reverse="r" in letters)
        else:
            plain = all(re.fullmatch(r"[a-z]*|[0-9]*|[A-Z]*", line) for line in lines)
            if not plain or len({line[:1].isalpha() and line[:1].isupper() for line in lines}) > 1:
                return None  # the order depends on the locale
            lines.sort(reverse="r" in letters)
        if "u" in letters:
            lines = list(dict.fromkeys(lines))
        return joined(lines)

    return change, files


def _uniq(words: Sequence[str]) -> Parsed | None:
    if len(words) > 1 or any(word.startswith("-") and word != "-" for word in words):
        return None

    def change(text: str) -> str:
        kept: list[str] = []
        for line in lines_of(text):
            if not kept or kept[-1] != line:
                kept.append(line)
        return joined(kept)

    return change, list(words)


def _tr(words: Sequence[str]) -> Parsed | None:
    deletes = bool(words) and words[0] == "-d"
    sets = [_tr_set(word) for word in (words[1:] if deletes else words)]
    if any(one is None for one in sets) or len(sets) != (1 if deletes else 2):
        return None
    first = sets[0] or ""
    if deletes:
        return (lambda text: "".join(character for character in text if character not in first)), []
    second = sets[1] or ""
    if not second:
        return None
    second = second.ljust(len(first), second[-1])
    table = {ord(one): other for one, other in reversed(list(zip(first, second, strict=False)))}
    return (lambda text: text.translate(table)), []


def _tr_set(written: str) -> str | None:
    for name, characters in _CLASSES.items():
        written = written.replace(name, characters)
    if "[" in written or not written.isascii():
        return None
    written = re.sub(r"\\([ntr\\])", lambda match: {"n": "\n", "t": "\t", "r": "\r", "\\": "\\"}[match[1]], written)
    if "\\" in written:
        return None
    return re.sub(
        r"([A-Za-z0-9])-([A-Za-z0-9])",
        lambda match: "".join(map(chr, range(ord(match[1]), ord(match[2]) + 1))),
        written,
    )


def _cut(words: Sequence[str]) -> Parsed | None:
    delimiter, fields, characters, files = "\t", "", "", list[str]()
    at = 0
    while at < len(words):
        word = words[at]
        at += 1
        letter = word[1:2] if word.startswith("-") and len(word) > 1 else ""
        if letter and letter in "dfcb":
            value = word[2:]
            if not value:
                if at >= len(words):
                    return None
                value = words[at]
                at += 1
            if letter == "d":
                delimiter = value
            elif letter == "f":
                fields = value
            else:
                characters = value
        elif letter:
            return None
        else:
            files.append(word)
    chosen = _ranges(fields or characters)
    if chosen is None or len(delimiter) != 1:
        return None

    def change(text: str) -> str | None:
        made: list[str] = []
        for line in lines_of(text):
            if characters:
                if not line.isascii():
                    return None
                made.append("".join(one for number, one in enumerate(line, 1) if chosen(number)))
            elif delimiter not in line:
                made.append(line)
            else:
                parts = line.split(delimiter)
                made.append(delimiter.join(one for number, one in enumerate(parts, 1) if chosen(number)))
        return joined(made)

    return change, files


def _ranges(written: str) -> Callable[[int], bool] | None:
    spans: list[tuple[int, int]] = []
    for part in written.split(","):
        match = re.fullmatch(r"([0-9]{0,9})(-?)([0-9]{0,9})", part)
        if match is None or not (match[1] or match[3]):
            return None
        first = natural(match[1] or "1") or 1
        last = (natural(match[3]) or 0) if match[3] else (1 << 30 if match[2] else first)
        spans.append((first, last))
    return lambda number: any(first <= number <= last for first, last in spans)


def _grep(words: Sequence[str]) -> Parsed | None:
    flags = "".join(word[1:] for word in words if word.startswith("-"))
    operands = [word for word in words if not word.startswith("-")]
    if set(flags) - set("vFiE") or not 1 <= len(operands) <= 2:
        return None
    pattern = posix_expression(operands[0], extended="E" in flags) if "F" not in flags else re.escape(operands[0])
    if pattern is None:
        return None
    expression = re.compile(pattern, re.IGNORECASE if "i" in flags else 0)

    def change(text: str) -> str:
        return joined([line for line in lines_of(text) if bool(expression.search(line)) != ("v" in flags)])

    return change, operands[1:]


def _seq(words: Sequence[str]) -> Parsed | None:
    separator = "\n"
    numbers = list(words)
    if len(numbers) > 2 and numbers[0] == "-s":
        separator = numbers[1]
        numbers = numbers[2:]
    if not 1 <= len(numbers) <= 3 or not all(re.fullmatch(r"-?[0-9]{1,6}", one) for one in numbers):
        return None
    values = [integer(one) or 0 for one in numbers]
    first, step, last = (1, 1, values[0]) if len(values) == 1 else (values[0], 1, values[1])
    if len(values) == 3:
        first, step, last = values
    if (
        not step
        or abs(last - first) // abs(step) > 5000
        or any(one.lstrip("-").startswith("0") for one in numbers if len(one) > 1)
    ):
        return None
    found = range(first, last + (1 if step > 0 else -1), step)
    text = separator.join(map(str, found))
    return None, [text + "\n" if text else ""]


def _rev(words: Sequence[str]) -> Parsed | None:
    return (lambda text: joined([line[::-1] for line in lines_of(text)])), list(words)


def _tac(words: Sequence[str]) -> Parsed | None:
    return (lambda text: "".join(reversed(text.splitlines(keepends=True)))), list(words)


def _wc(words: Sequence[str]) -> Parsed | None:
    if list(words) not in (["-l"], ["-c"]):
        return None
    counts = words[0] == "-l"
    return (lambda text: f"{text.count(chr(10)) if counts else len(text.encode('utf-8', 'surrogateescape'))}\n"), []


FILTERS: dict[str, Callable[[Sequence[str]], Parsed | None]] = {
    "head": _head,
    "tail": _tail,
    "sort": _sort,
    "uniq": _uniq,
    "tr": _tr,
    "cut": _cut,
    "grep": _grep,
    "sed": sed,
    "seq": _seq,
    "rev": _rev,
    "tac": _tac,
    "wc": _wc,
}
