"""What commands print, as far as that follows from their words: for `$(basename …)`, `$(ls *.sh)` and their like."""

from ..text.numbers import is_digits
from ..text.platforms import BY_GO
from ..text.symbolic import Text
from ..text.symbolic_paths import base_name, directory_name
from .model import Command, Word


def output_of(command: Command, machine: str = "") -> tuple[Text, bool] | None:
    """What a command prints, where that follows from its words; and whether it stands for each match of a glob.

    `machine` is the architecture it runs on, as Go calls it; empty where it is not known.
    """
    words = command.arguments
    told = _machine(command, machine)
    if told is not None:
        return Text.of(told), False
    operands = [word for word in words if not (word.literal or "").startswith("-")]
    if command.name in ("basename", "dirname") and operands and len(words) == len(operands):
        return _name_output(command.name, operands)
    if command.name == "ls" and operands and len(operands) == 1 and operands[0].globs:
        options = [word.literal or "" for word in words if word is not operands[0]]
        if all(set(option[1:]) <= set("1rtd") for option in options):
            return operands[0].text, True
    if command.name == "ls" and operands and all(_matched_by_glob(word) for word in operands):
        return Text.of("\n".join(word.literal or "" for word in operands)), False
    if command.name == "pwd":
        return command.directory, False
    if command.name == "whoami" and command.user.literal:
        return command.user, False
    if command.name == "id" and [word.literal for word in words] == ["-u"]:
        user = command.user.literal or ""
        return (Text.of("0" if user == "root" else user), False) if user == "root" or is_digits(user) else None
    if command.name == "echo" and not any((word.literal or "").startswith("-") or word.globs for word in words):
        pieces = [piece for word in words for piece in (word.text, " ")][:-1]
        text = Text.of(*pieces)
        return None if "\\" in text.canonical else (text, False)
    return None


def _machine(command: Command, machine: str) -> str | None:
    """The architecture as uname, arch, dpkg and apk name it."""
    platform = BY_GO.get(machine)
    if platform is None or not platform.machine:
        return None
    words = [word.literal for word in command.arguments]
    if (command.name, words) in (("uname", ["-m"]), ("arch", []), ("apk", ["--print-arch"])):
        return platform.machine
    if command.name == "dpkg" and words == ["--print-architecture"]:
        return platform.debian
    return None


def _matched_by_glob(word: Word) -> bool:
    """Whether a word is one of the files that a glob was found to match."""
    return word.literal is not None and not word.globs and "*" in word.raw and "*" not in word.literal


def _name_output(name: str, operands: list[Word]) -> tuple[Text, bool] | None:
    if name == "dirname":
        return directory_name(operands[0].text), False
    base = base_name(operands[0].text)
    if len(operands) == 2:
        suffix, last = operands[1].literal, base.pieces[-1] if base.pieces else None
        if suffix is None or not isinstance(last, str):
            return None
        if last.endswith(suffix) and len(base.canonical) > len(suffix):
            base = Text.of(*base.pieces[:-1], last[: len(last) - len(suffix)])
    return base, operands[0].globs
