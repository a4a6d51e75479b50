"""Edits of sed whose result they find and edit again: `s/port=/port=80/` makes `port=8080` of `port=80`."""

from ....lineage.commands.model import Command
from ....lineage.late.patterns import pattern

_META = pattern(r"(?<!\\)[*\[\]$^+?(){}|]|\\[^./&!#,@:;| -]")
"""What makes a pattern of sed match another text than itself, or another one than it is written as."""
_LONGEST = 2000
_IN_PLACE = pattern(r"-[a-zA-Z]{0,9}i|--in-place")
_NO_SCRIPT = frozenset(("-f", "--file", "-n", "--quiet", "--silent"))


def grows_again(command: Command) -> bool:
    """Whether a `sed -i` puts something behind a text that it looks for and leaves as it is, with nothing that it looks for
    behind: the next run finds the text again, and puts the same behind it once more.
    """
    if command.name != "sed" or any(word.raw in _NO_SCRIPT for word in command.arguments):
        return False
    if not any(_IN_PLACE.match(word.raw) for word in command.arguments):
        return False  # what it prints is made anew
    scripts: list[str] = []
    takes = False
    for word in command.arguments:
        text = word.text.canonical
        if takes:
            scripts.append(text)
        takes = text in ("-e", "--expression")
    operands = [word.text.canonical for word in command.arguments if not word.raw.startswith("-")]
    scripts = scripts or operands[:1]
    return len(scripts) == 1 and _grows(scripts[0])  # another one may undo it


def _grows(script: str) -> bool:
    """Whether a script is one `s` whose replacement begins with what it looks for, and goes on."""
    script = script.strip()
    if not 4 <= len(script) <= _LONGEST or script[0] != "s" or script[1].isalnum() or script[1] in "\\\n ":
        return False
    parts = _split(script[2:], script[1])
    if parts is None:
        return False
    wanted, given = parts
    wanted = wanted.removeprefix("^")
    if not wanted.strip() or _META.search(wanted):
        return False
    plain = _plain(wanted)
    rest = given[1:] if given.startswith("&") else _plain(given).removeprefix(plain)
    return bool(rest.strip()) and (given.startswith("&") or _plain(given).startswith(plain))


def _split(text: str, mark: str) -> tuple[str, str] | None:
    """What stands before the first and the second unescaped `mark`; None where flags behind say more than `g` and a letter."""
    parts: list[str] = [""]
    position = 0
    while position < len(text) and len(parts) < 3:
        character = text[position]
        if character == "\\" and position + 1 < len(text):
            parts[-1] += text[position : position + 2]
            position += 2
            continue
        if character == mark:
            parts.append("")
        else:
            parts[-1] += character
        position += 1
    flags = text[position:]
    return (parts[0], parts[1]) if len(parts) == 3 and flags in ("", "g", "1", "I", "gI") else None


def _plain(text: str) -> str:
    """The text without the backslashes that take a meaning away."""
    return text.replace("\\", "")
