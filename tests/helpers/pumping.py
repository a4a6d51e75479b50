"""The regular expressions of the product, and texts that make those slow that look at the same character again and again."""

import ast
import re
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from re import _constants as c  # type: ignore[attr-defined]  # no public way to a parsed pattern
from re import _parser  # type: ignore[attr-defined]
from typing import Any, AnyStr, cast

_METHODS = ("search", "match", "fullmatch", "finditer", "findall", "sub", "subn", "split")
_STAND_IN = "zq"
_OF_CATEGORY = {c.CATEGORY_DIGIT: "1", c.CATEGORY_SPACE: " ", c.CATEGORY_WORD: "a", c.CATEGORY_NOT_WORD: "-"}


@dataclass(frozen=True)
class FoundPattern:
    """A pattern of the source: its text, flags, where it stands and how it is held against a text."""

    text: str | bytes
    flags: int
    place: str
    name: str
    uses: frozenset[str]


def patterns(*rooms: Path) -> Iterator[FoundPattern]:
    """All patterns that stand in the modules below the folders; what is put into them when they are made is a word."""
    sources = {file: file.read_text("utf-8") for room in rooms for file in sorted(room.rglob("*.py"))}
    used: dict[tuple[Path | None, str], set[str]] = {}
    for file, source in sources.items():
        for name, method in re.findall(rf"\b(\w+)\.({'|'.join(_METHODS)})\b", source):
            used.setdefault((_home(file, name), name), set()).add(method)
    for file, source in sources.items():
        tree = ast.parse(source)
        named = {id(call): (name, value) for name, value in _assigned(tree) for call in ast.walk(value)}
        constants = dict(_assigned(tree, tree.body))
        at_once = {id(node.value): node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
        for node in ast.walk(tree):
            how = _how(node)
            if how is None:
                continue
            call = cast("ast.Call", node)
            text = _text(call.args[0], constants)
            if text is None:
                continue
            name, value = named.get(id(call), ("", call))
            if how in _METHODS:
                uses = {how}
            elif id(call) in at_once:
                uses = {at_once[id(call)]}
            else:
                uses = used.get((_home(file, name), name), set()) if value is call else set()
            yield FoundPattern(
                text, _flags(call), f"{file.parent.name}/{file.name}", name, frozenset(uses or {"search"})
            )


def _home(file: Path, name: str) -> Path | None:
    """The file that a name belongs to; None for one that other files take."""
    return None if name.isupper() and not name.startswith("_") else file


def _assigned(tree: ast.Module, among: Iterable[ast.stmt] | None = None) -> Iterator[tuple[str, ast.expr]]:
    for node in ast.walk(tree) if among is None else among:
        if isinstance(node, ast.Assign):
            yield from ((target.id, node.value) for target in node.targets if isinstance(target, ast.Name))


def _how(node: ast.AST) -> str | None:
    if not isinstance(node, ast.Call) or not node.args:
        return None
    function = node.func
    if isinstance(function, ast.Name):
        return "compile" if function.id == "pattern" else None
    of_re = isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name) and function.value.id == "re"
    return function.attr if of_re and function.attr in ("compile", *_METHODS) else None  # type: ignore[union-attr]


def _flags(call: ast.Call) -> int:
    found = 0
    for given in (*call.args[1:], *(keyword.value for keyword in call.keywords)):
        for node in ast.walk(given):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "re":
                found |= int(getattr(re, node.attr))
    return found


def _text(node: ast.expr, constants: dict[str, ast.expr]) -> str | bytes | None:
    """The text of a pattern, with a word for what is only known when it is made."""
    match node:
        case ast.Constant(value=str() | bytes() as value):
            return value
        case ast.Name() if node.id in constants:
            return _text(constants[node.id], constants)
        case ast.JoinedStr():
            parts = (one.value if isinstance(one, ast.FormattedValue) else one for one in node.values)
            return "".join(str(_text(one, constants) or _STAND_IN) for one in parts)
        case ast.BinOp(op=ast.Add()):
            left, right = _text(node.left, constants), _text(node.right, constants)
            other = left if left is not None else right
            put: Any = _STAND_IN if isinstance(other, str) else _STAND_IN.encode()
            return (left if left is not None else put) + (right if right is not None else put)
        case ast.BinOp(op=ast.Mod()):
            left, right = _text(node.left, constants), _text(node.right, constants)
            put = right if isinstance(right, str) else _STAND_IN
            return re.sub(r"%(?:\(\w+\))?[sd]", lambda _: put, left) if isinstance(left, str) else left
        case ast.Call(func=ast.Attribute(attr="encode", value=inner)):
            text = _text(inner, constants)
            return text.encode() if isinstance(text, str) else None
        case ast.Call(func=ast.Attribute(attr="escape")):
            return _STAND_IN
        case _:
            return None


def pumps(found: FoundPattern) -> Iterator[tuple[str, str]]:
    """What such a text begins with, and what it repeats: pieces of the pattern itself, and one that is like what it matches."""
    tree = _parser.parse(found.text, found.flags)
    pieces = sorted(
        {piece for piece in _pieces(tree) if piece} | {" ", "\n", "a", "/", "0"}, key=lambda one: (len(one), one)
    )
    example = _example(tree)
    for piece in pieces[:6]:
        yield "", piece
        yield example[: len(example) // 2], piece
    yield "", example
    yield "", example[: len(example) // 2]
    yield "", example[1:]


def _pieces(tree: Any) -> Iterator[str]:
    run = ""
    for op, value in tree:
        if op is c.LITERAL:
            run += chr(value)
            continue
        yield run
        run = ""
        if op is c.IN:
            yield from _members(value)
        elif op in (c.MAX_REPEAT, c.MIN_REPEAT, c.POSSESSIVE_REPEAT):
            yield from _pieces(value[2])
            yield _example(value[2])
        elif op is c.SUBPATTERN:
            yield from _pieces(value[3])
        elif op is c.BRANCH:
            for branch in value[1][:8]:
                yield from _pieces(branch)
        elif op in (c.ASSERT, c.ASSERT_NOT):
            yield from _pieces(value[1])
    yield run


def _members(value: Any) -> list[str]:
    found: list[str] = []
    negated = False
    for op, one in value:
        if op is c.NEGATE:
            negated = True
        elif op is c.LITERAL:
            found.append(chr(one))
        elif op is c.RANGE:
            found.append(chr(one[0]))
        elif op is c.CATEGORY:
            found.append(_OF_CATEGORY.get(one, "a"))
    return [one for one in "a1 /\n" if one not in found][:1] if negated else found[:4]


def _example(tree: Any) -> str:
    """A text that a pattern is likely to match."""
    made = ""
    for op, value in tree:
        if op is c.LITERAL:
            made += chr(value)
        elif op is c.IN:
            made += (_members(value) or [""])[0]
        elif op is c.ANY:
            made += "a"
        elif op in (c.MAX_REPEAT, c.MIN_REPEAT, c.POSSESSIVE_REPEAT):
            made += _example(value[2]) * min(max(value[0], min(1, value[1])), 20)
        elif op is c.SUBPATTERN:
            made += _example(value[3])
        elif op is c.BRANCH:
            made += _example(value[1][0])
    return made


def grows(found: FoundPattern) -> str | None:
    """A text for which a pattern takes far more than eight times as long when there is eight times as much of it; else None.

    What looks at each character a few hundred times takes long, too, but grows as the text does.
    """
    compiled = re.compile(found.text, found.flags)  # type: ignore[type-var]
    whole = "fullmatch" in found.uses and len(found.uses) == 1
    begin = "match" in found.uses and found.uses <= {"match", "fullmatch"}
    look = compiled.fullmatch if whole else compiled.match if begin else compiled.search
    for head, pump in {one: 0 for one in pumps(found) if one[1]}:
        few, some, many = (_text_of(found, head, pump, size) for size in (_FEW, _SOME, 8 * _SOME))
        if _time(look, few) > _EXPONENTIAL and _time(look, few) > _EXPONENTIAL:
            return f"{head[:40]!r} and {pump[:40]!r} {_FEW} characters long"
        short = _time(look, some)
        if short > _HOPELESS or (_time(look, many) > _LONG and _time(look, many) > 20 * min(short, _time(look, some))):
            return f"{head[:40]!r} and many {pump[:40]!r}"
    return None


_FEW, _SOME = 22, 1000
_EXPONENTIAL = 0.03
_LONG, _HOPELESS = 0.01, 0.5
"""Seconds of the processor."""


def _text_of(found: FoundPattern, head: str, pump: str, size: int) -> Any:
    text = head + pump * (size // len(pump)) + "\x01"
    return text.encode("utf-8", "replace") if isinstance(found.text, bytes) else text


def _time(look: Any, text: AnyStr) -> float:
    begin = time.process_time()
    look(text)
    return time.process_time() - begin
