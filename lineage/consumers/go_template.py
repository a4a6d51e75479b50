"""Go templates as Helm charts use them, read into a tree: text, actions, `if`, `with`, `range`, `define`.

Implements the lexical part of Go's text/template (actions, trim markers, comments, pipelines) for charts that are well
formed; what does not fit is refused.
"""

import re
from collections.abc import Iterator
from typing import Literal

from ..late.dataclasses import dataclass, field
from ..late.patterns import pattern

_ACTION = pattern(
    r"\{\{(?P<left>-(?=\s))?(?P<body>(?:`[^`]*`|\"(?:[^\"\\]|\\.)*\"|(?!\{\{|[`\"]).)*?)(?P<right>\s-)?\}\}", re.DOTALL
)
_TOKEN = pattern(
    r"""\s*(?:(?P<string>"(?:[^"\\]|\\.)*"|`[^`]*`)|(?P<number>-?\d+(?:\.\d+)?)|(?P<declare>:=|=)|(?P<open>\()
    |(?P<close>\)(?:\.\w+)*)|(?P<pipe>\|)|(?P<comma>,)|(?P<field>\$\w*(?:\.\w+)*|\.(?:\w+(?:\.\w+)*)?|[A-Za-z_]\w*))""",
    re.VERBOSE,
)

Kind = Literal["string", "number", "field", "open", "close", "pipe", "declare", "comma"]


class Malformed(Exception):  # noqa: N818
    """A template that cannot be read."""


@dataclass(frozen=True, slots=True)
class TemplateToken:
    kind: Kind
    text: str


@dataclass(frozen=True, slots=True)
class TextPart:
    text: str
    line: int


@dataclass(frozen=True, slots=True)
class Action:
    """A pipeline whose value is put out; with `variable`, it is only assigned."""

    tokens: tuple[TemplateToken, ...]
    line: int
    source: str
    variable: str | None = None


@dataclass(slots=True)
class TemplateBlock:
    """`if`, `with` or `range` with its branches: each a pipeline (None for `else`) and what stands in it."""

    kind: str
    line: int
    branches: list[tuple[tuple[TemplateToken, ...] | None, tuple[str, ...], list["Part"]]] = field(
        default_factory=lambda: list[tuple[tuple[TemplateToken, ...] | None, tuple[str, ...], list["Part"]]]()
    )


Part = TextPart | Action | TemplateBlock


@dataclass(slots=True)
class Template:
    """The parts of a file, and the templates that it defines."""

    parts: list[Part]
    defined: dict[str, list[Part]]


def parse_template(text: str) -> Template:
    """The tree of a template. Raises Malformed."""
    defined: dict[str, list[Part]] = {}
    top: list[Part] = []
    stack: list[tuple[str, TemplateBlock | None, list[Part]]] = []
    current = top
    for kind, body, line in _pieces(text):
        if kind == "text":
            current.append(TextPart(body, line))
            continue
        word, _, rest = body.partition(" ")
        if word in ("if", "with", "range"):
            block = TemplateBlock(word, line)
            current.append(block)
            stack.append((word, block, current))
            current = _branch(block, word, rest)
        elif word == "else":
            if not stack or stack[-1][1] is None:
                raise Malformed("`else` without `if`")
            block = stack[-1][1]
            inner, _, condition = rest.strip().partition(" ")
            current = _branch(block, inner or "else", condition)
        elif word in ("define", "block"):
            stack.append((word, None, current))
            name = rest.strip().split()[0].strip('"`') if rest.strip() else ""
            current = defined.setdefault(name, [])
        elif word == "end":
            if not stack:
                raise Malformed("`end` without a beginning")
            _, _, current = stack.pop()
        elif not body.startswith("/*") and word not in ("break", "continue", "template"):
            current.append(_action(body, line))
        elif word == "template":
            current.append(_action(f"include {rest}", line))
    if stack:
        raise Malformed(f"`{stack[-1][0]}` without `end`")
    return Template(top, defined)


def _branch(block: TemplateBlock, word: str, condition: str) -> list[Part]:
    parts: list[Part] = []
    if word == "else" and not condition:
        block.branches.append((None, (), parts))
        return parts
    names, tokens = _declared(tokenise(condition))
    block.branches.append((tokens, names, parts))
    return parts


def _action(body: str, line: int) -> Action:
    names, tokens = _declared(tokenise(body))
    return Action(tokens, line, body, names[0] if names else None)


def _declared(tokens: list[TemplateToken]) -> tuple[tuple[str, ...], tuple[TemplateToken, ...]]:
    """The variables that a pipeline declares, and the pipeline."""
    index = next((number for number, token in enumerate(tokens[:4]) if token.kind == "declare"), None)
    if index is None:
        return (), tuple(tokens)
    names = tuple(token.text for token in tokens[:index] if token.kind == "field")
    return names, tuple(tokens[index + 1 :])


def tokenise(text: str) -> list[TemplateToken]:
    """The tokens of a pipeline. Raises Malformed."""
    found: list[TemplateToken] = []
    position = 0
    text = text.strip()
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None or match.end() == position or match.lastgroup is None:
            raise Malformed(f"`{text}` cannot be read")
        found.append(TemplateToken(match.lastgroup, match[match.lastgroup]))  # type: ignore[arg-type]
        position = match.end()
    return found


def _pieces(text: str) -> Iterator[tuple[str, str, int]]:
    """(`text` or `action`, its text, its line), the white space that trim markers take off already gone."""
    position, trim = 0, False
    for match in _ACTION.finditer(text):
        before = text[position : match.start()]
        yield from _text(before, text, position, trim, match["left"] is not None)
        yield "action", match["body"].strip(), text.count("\n", 0, match.start()) + 1
        position, trim = match.end(), match["right"] is not None
    yield from _text(text[position:], text, position, trim, False)


def _text(piece: str, text: str, position: int, left: bool, right: bool) -> Iterator[tuple[str, str, int]]:
    line = text.count("\n", 0, position) + 1
    if left:
        stripped = piece.lstrip()
        line += piece[: len(piece) - len(stripped)].count("\n")
        piece = stripped
    if right:
        piece = piece.rstrip()
    if piece:
        yield "text", piece, line
