"""Image references of consumers, in which placeholders and variables may stand."""

from ..builds.placeholders import expand_shell, has_hole, hole, hole_names
from ..late.patterns import pattern
from ..text.reference import InvalidReference, parse

_PLACEHOLDER = pattern(
    r"\{\{(?:(?!\{\{|\}\}).)*\}\}|\{%(?:(?!\{%|%\}).)*%\}|<[A-Z_][A-Z0-9_ -]*>|\$\([\w.]+\)|\{arch\}"
)


def read_image(written: str) -> tuple[str | None, str | None, bool]:
    """(familiar name, tag, whether the registry is a placeholder) of a reference that may have placeholders.

    The name is None where a placeholder hides a part of it, or it is no name.
    """
    text = _PLACEHOLDER.sub(lambda found: hole(found[0]), written.strip())
    text = expand_shell(text, {})
    head, slash, last = text.rpartition("/")
    last = last.partition("@")[0]
    last, colon, tag = last.partition(":")
    is_open = False
    parts = head.split("/") if slash else []
    if parts and has_hole(parts[0]) and (len(parts) > 1 or "regist" in parts[0].lower()):
        is_open, parts = True, parts[1:]
    name = "/".join((*parts, last))
    known_tag = tag if colon and not has_hole(tag) else None
    if has_hole(name):
        return None, known_tag, is_open or bool(hole_names(name))
    parsed = parse(name)
    if isinstance(parsed, InvalidReference):
        return None, known_tag, is_open
    return parsed.familiar, known_tag, is_open
