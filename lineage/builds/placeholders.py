"""Text of build files in which some pieces are not known: `$(shell …)`, `${{ inputs.image }}`, a loop's variable.

A piece that is not known is a hole, named by the expression that stood there, so that the same expression in a build
context and in a tag can be seen to be the same.
"""

import re
from collections.abc import Callable, Mapping

from ..late.patterns import pattern
from ..text.budget import LONGEST_VALUE, grown, spend

_OPEN, _CLOSE = "\ue000", "\ue001"
TOP = "\ue002"
"""What a path begins with that is counted from the repository's top, whatever folder a command runs in."""
_HOLE = pattern(f"{_OPEN}([^{_OPEN}{_CLOSE}]*){_CLOSE}")
_DEEPEST = 20


def hole(expression: str) -> str:
    """A hole for an expression. What means something to a shell or in a path is left out of its name, and a `/` that
    a shell pattern takes off the end makes no difference.
    """
    name = re.sub(r"[^\w.@*#?!%:,=+-]+", "·", expression.strip().removesuffix("%/"))
    return f"{_OPEN}{name}{_CLOSE}"


def has_hole(text: str) -> bool:
    return _OPEN in text


def is_hole(text: str) -> bool:
    """Whether all of the text is one hole."""
    return _HOLE.fullmatch(text) is not None


def hole_names(text: str) -> tuple[str, ...]:
    return tuple(_HOLE.findall(text))


def filled(text: str, values: Mapping[str, str]) -> str:
    """The text with the holes filled whose values are given."""
    if _OPEN not in text or not values:
        return text
    return _HOLE.sub(lambda match: values.get(match[1], match[0]), text)


def match(template: str, text: str) -> Mapping[str, str] | None:
    """What the holes stand for if the template is the text, each for one path component; None if it cannot be."""
    if _OPEN not in template:
        return {} if template == text else None
    names: dict[str, str] = {}
    pattern, position = "", 0
    for found in _HOLE.finditer(template):
        pattern += re.escape(template[position : found.start()])
        if found[1] in names:
            pattern += f"(?P={names[found[1]]})"
        else:
            names[found[1]] = f"h{len(names)}"
            pattern += f"(?P<{names[found[1]]}>[^/]+)"
        position = found.end()
    matched = re.fullmatch(pattern + re.escape(template[position:]), text)
    return {name: matched[group] for name, group in names.items()} if matched else None


def expand_make(text: str, variables: Mapping[str, str], expanded: dict[str, str] | None = None) -> str:
    """Make's references in a text expanded; `$$` becomes `$`; functions and unknown variables become holes.

    `expanded` keeps the values of variables that were expanded before. A variable that needs itself, or that grows
    beyond all reason, is a hole.
    """
    known: dict[str, str] = {} if expanded is None else expanded
    out: list[str] = []
    position = length = 0
    while True:
        dollar = text.find("$", position)
        if dollar < 0 or dollar + 1 == len(text):
            return grown("".join((*out, text[position:])))
        length += len(out[-1]) if out else 0
        if length > LONGEST_VALUE:
            grown("".join(out))
        spend()
        out.append(text[position:dollar])
        follows = text[dollar + 1]
        if follows in "({":
            end = _closing(text, dollar + 1)
            out.append(_make_reference(text[dollar + 2 : end], variables, known))
            position = end + 1
        else:
            out.append("$" if follows == "$" else hole(follows))
            position = dollar + 2


def _make_reference(inside: str, variables: Mapping[str, str], known: dict[str, str]) -> str:
    if inside in ("PWD", "CURDIR"):
        return "."
    if inside in variables:
        if inside not in known:
            known[inside] = hole(inside)
            known[inside] = expand_make(variables[inside], variables, known)
        return known[inside]
    if re.match(r"strip\s", inside):
        return expand_make(inside[6:], variables, known).strip()
    if inside.startswith("shell ") and inside.split() in (["shell", "pwd"], ["shell", "/bin/pwd"]):
        return "."
    return hole(inside)


def expand_shell(text: str, variables: Mapping[str, str], run: Callable[[str], str] = hole, depth: int = 0) -> str:
    """A shell's parameter expansions in a text without quotes. `run` gives the output of a command substitution.

    `depth` is how many expansions this one stands in.
    """
    if "$" not in text:
        return text
    out: list[str] = []
    position = length = 0
    while True:
        dollar = text.find("$", position)
        if dollar < 0 or dollar + 1 == len(text):
            return grown("".join((*out, text[position:])))
        length += len(out[-1]) if out else 0
        if length > LONGEST_VALUE:
            grown("".join(out))
        spend()
        out.append(text[position:dollar])
        follows = text[dollar + 1]
        if follows == "{":
            end = _closing(text, dollar + 1)
            out.append(_shell_reference(text[dollar + 2 : end], variables, run, depth))
            position = end + 1
        elif follows == "(":
            end = _closing(text, dollar + 1)
            out.append(run(text[dollar + 2 : end]))
            position = end + 1
        elif follows == "_" or follows.isalpha():
            name = re.match(r"\w+", text[dollar + 1 :], re.ASCII)
            taken = name[0] if name else follows
            out.append(variables.get(taken, hole(taken)))
            position = dollar + 1 + len(taken)
        else:
            out.append(hole(follows))
            position = dollar + 2


def _shell_reference(inside: str, variables: Mapping[str, str], run: Callable[[str], str], depth: int) -> str:
    found = re.fullmatch(r"(\w+)(?:(:?[-=?+])(.*))?", inside, re.ASCII | re.DOTALL)
    if not found or depth > _DEEPEST:
        return hole(inside[:80])
    name, operator, word = found.groups()
    return shell_parameter(
        name, operator or "", word or "", variables, lambda text: expand_shell(text, variables, run, depth + 1)
    )


def shell_parameter(
    name: str, operator: str, word: str, variables: Mapping[str, str], expanded: Callable[[str], str]
) -> str:
    """What `${NAME<operator><word>}` is worth; a hole where that is not known. `expanded` makes the word's expansions."""
    value = variables.get(name)
    kind = operator.removeprefix(":")
    if kind in ("-", "="):
        return value if value and not has_hole(value) else expanded(word)
    if kind == "+":
        return expanded(word) if value else ""
    if kind in ("", "?"):
        return hole(name) if value is None else value
    before = {"length": "#", "indirect": "!"}.get(operator)
    return hole((f"{before}{name}" if before else f"{name}{operator}{word}")[:80])


def _closing(text: str, start: int) -> int:
    """Where the bracket that opens at `start` closes; the text's end where it does not."""
    opening = text[start]
    closing = {"(": ")", "{": "}"}[opening]
    depth = 0
    for position in range(start, len(text)):
        if text[position] == opening:
            depth += 1
        elif text[position] == closing:
            depth -= 1
            if depth == 0:
                return position
    return len(text)
