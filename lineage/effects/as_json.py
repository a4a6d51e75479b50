"""Effects and symbolic texts as JSON data, for profiles: what they mean, without the command they were read off."""

from functools import cache
from typing import Any, cast

from ..late.dataclasses import MISSING, fields
from ..late.patterns import pattern
from ..text.errors import InputError
from ..text.numbers import natural
from ..text.places import Place, Span
from ..text.symbolic import Opaque, Piece, Text, Var
from . import model as effect_types
from .model import Effect, Write

Json = dict[str, Any]

LONGEST_CONTENT = 60
"""Characters up to which a written content is kept: account names and paths, no configuration files."""
_KEPT_APART = frozenset(
    ("place", "user", "sure", "command", "groups", "new_group", "new_gid", "old_group", "fails_if_there")
)
_PIECE = pattern(r"\$\{([A-Za-z_][A-Za-z0-9_]*|\?)(?::-([^${}]*))?\}")


def text_to_json(text: Text) -> str:
    """The text with `${NAME}` or `${NAME:-default}` for a variable and `${?}` for what cannot be known."""
    return "".join(_piece_to_json(piece) for piece in text.pieces)


def _piece_to_json(piece: Piece) -> str:
    if isinstance(piece, str):
        return piece
    if isinstance(piece, Opaque):
        return "${?}"
    plain = piece.default is not None and not set(piece.default) & set("${}")
    return f"${{{piece.name}:-{piece.default}}}" if plain else f"${{{piece.name}}}"


def text_from_json(data: str) -> Text:
    """The text that `text_to_json` wrote."""
    if "${" not in data:
        return Text.of(data)
    pieces: list[Piece] = []
    end = 0
    for match in _PIECE.finditer(data):
        pieces.append(data[end : match.start()])
        name = match.group(1)
        pieces.append(Opaque("a profile does not tell") if name == "?" else Var(name, match.group(2)))
        end = match.end()
    return Text.of(*pieces, data[end:])


def place_from_json(data: str) -> Place:
    """`path:line` as a place; without a line, the first."""
    path, _, line = data.rpartition(":")
    return Place(path, Span(number)) if path and (number := natural(line)) else Place(data, Span(1))


def effect_to_json(effect: Effect, at: str) -> Json:
    """An effect as data: its type, its place (`at`), and the fields that differ from their defaults.

    What a script writes into a file is dropped but for a short line that is no comment.
    """
    data: Json = {"do": type(effect).__name__, "at": at}
    if effect.user.canonical != "root":
        data["user"] = text_to_json(effect.user)
    if not effect.sure:
        data["sure"] = False
    for name, default, _ in _fields(type(effect).__name__):
        value = getattr(effect, name)
        if isinstance(effect, Write) and name == "content" and not _is_short(value):
            continue
        if default is MISSING or value != default:
            data[name] = _value_to_json(value)
    return data


def _is_short(content: Text | None) -> bool:
    if content is None:
        return False
    canonical = content.canonical
    literal = any(isinstance(piece, str) and "${" in piece for piece in content.pieces)
    if canonical.startswith(("#", ";")):
        return False  # a comment, which states no fact
    return len(canonical) <= LONGEST_CONTENT and "\n" not in canonical.rstrip("\n") and not literal


def _value_to_json(value: object) -> object:
    if isinstance(value, Text):
        return text_to_json(value)
    if isinstance(value, tuple):
        return [_value_to_json(item) for item in cast("tuple[object, ...]", value)]
    return value


def effect_from_json(data: Json, place: Place) -> Effect:
    """The effect that `effect_to_json` wrote, at a place. Raises InputError for a type that is none."""
    kind = getattr(effect_types, str(data.get("do")), None)
    if not (isinstance(kind, type) and issubclass(kind, Effect)):
        raise InputError(f"the profile names an effect {data.get('do')!r} that this version of ctlint does not know")
    values: Json = {
        name: _value_from_json(data[name], is_text) for name, _, is_text in _fields(kind.__name__) if name in data
    }
    return kind(
        place=place,
        user=text_from_json(data.get("user", "root")),
        sure=data.get("sure", True),
        **values,
    )


def _value_from_json(value: Any, is_text: bool) -> Any:
    if isinstance(value, list):
        return tuple(_value_from_json(item, is_text) for item in value)  # pyright: ignore[reportUnknownVariableType]
    return text_from_json(value) if is_text and isinstance(value, str) else value


@cache
def _fields(name: str) -> tuple[tuple[str, Any, bool], ...]:
    """(name, default, whether it holds texts) of the own fields of the type of effect with that name."""
    kind: type[Effect] = getattr(effect_types, name)
    return tuple(
        (item.name, item.default, Text.__name__ in str(item.annotation))
        for item in fields(kind)
        if item.name not in _KEPT_APART
    )
