"""Conditions that the files and accounts of the image decide, as they are when the command runs."""

from ..text.paths import DEFAULT_PATH, is_of_the_kernel
from .conditions import Condition, both, either, negation
from .model import KnownFiles, Test

_KINDS = {"-e": ("file", "directory", "link"), "-f": ("file",), "-d": ("directory",)}


def decided(condition: Condition, files: KnownFiles) -> Condition:
    """The condition with the value of each test that is known by now."""
    if condition.value is not None:
        return condition
    if condition.kind == "not":
        return negation(decided(condition.parts[0], files))
    if condition.kind in ("and", "or"):
        first, *rest = (decided(part, files) for part in condition.parts)
        for part in rest:
            first = both(first, part) if condition.kind == "and" else either(first, part)
        return first
    if condition.test is None:
        return condition
    value = _value(condition.test, files)
    return condition if value is None else condition._replace(value=value)


def _value(test: Test, files: KnownFiles) -> bool | None:
    if test.globs or not test.operands:
        return None
    literal = test.operands[0].literal
    if literal is None:
        return None
    value: bool | None = None
    if test.op in ("-e", "-f", "-d", "-L", "-s", "-x", "-r", "-w") and literal.startswith("/"):
        value = _file_test(test.op, literal, files)
    elif test.op == "user":
        value = files.account(literal)
    elif test.op == "command" and "/" not in literal:
        value = True if any(_is_program(f"{folder}/{literal}", files) for folder in DEFAULT_PATH.split(":")) else None
    return value if value is None or not test.negated else not value


def _is_program(path: str, files: KnownFiles) -> bool:
    mode = files.mode(path) if files.kind(path) == "file" else None
    return mode is not None and bool(mode & 0o111)


def _file_test(op: str, path: str, files: KnownFiles) -> bool | None:
    if is_of_the_kernel(path):
        return None
    kind = files.kind(path, follow=op != "-L")
    if kind is None or kind == "nothing":
        return None if kind is None else False
    if op == "-L":
        return kind == "link"
    if op == "-s":
        text = files.text(path) if kind == "file" else None
        return None if text is None else bool(text)
    if op in ("-r", "-w"):
        return None
    if op == "-x":
        mode = files.mode(path)
        return None if mode is None else bool(mode & 0o111)
    return kind in _KINDS[op]
