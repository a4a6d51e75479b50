"""Text that is only partly known before the container starts.

A start script says `useradd -d /home/$USER_NAME`: the variable has no value yet, and still two mentions of that home are
the same place. So a text is a row of literal pieces, variables and opaque pieces, with a canonical form to compare by.
"""

from collections.abc import Iterable, Iterator

from ..late.dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Var:
    """A variable whose value is given when the container starts. `default` is what the script puts in its place if empty.

    Two mentions of a variable are equal whatever their defaults.
    """

    name: str
    default: str | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Opaque:
    """A piece that cannot be known, for instance the output of a command; `reason` says why. No two are equal."""

    reason: str = field(compare=False)
    identity: object = field(default_factory=object, repr=False)


Piece = str | Var | Opaque


@dataclass(frozen=True, slots=True)
class Text:
    """A row of pieces; neighbouring literals are joined and empty ones dropped by `Text.of`."""

    pieces: tuple[Piece, ...] = ()

    @classmethod
    def of(cls, *pieces: "Piece | Text") -> "Text":
        if len(pieces) == 1 and isinstance(pieces[0], str):
            return cls((pieces[0],)) if pieces[0] else cls()
        flat: list[Piece] = []
        for piece in _flatten(pieces):
            if isinstance(piece, str):
                if not piece:
                    continue
                if flat and isinstance(flat[-1], str):
                    flat[-1] = flat[-1] + piece
                    continue
            flat.append(piece)
        return cls(tuple(flat))

    @property
    def literal(self) -> str | None:
        """The text, where all of it is known; else None."""
        pieces = self.pieces
        if len(pieces) == 1:
            piece = pieces[0]
            return piece if isinstance(piece, str) else None
        return None if pieces else ""

    @property
    def canonical(self) -> str:
        """The text with `${NAME}` for a variable and `${?}` for what cannot be known."""
        return "".join(
            piece if isinstance(piece, str) else f"${{{piece.name}}}" if isinstance(piece, Var) else "${?}"
            for piece in self.pieces
        )

    @property
    def variables(self) -> tuple[str, ...]:
        """The names of the variables in it, in order of appearance, each once."""
        return tuple(dict.fromkeys(piece.name for piece in self.pieces if isinstance(piece, Var)))

    @property
    def opaque(self) -> bool:
        """Whether any piece cannot be known even when the variables are."""
        return any(isinstance(piece, Opaque) for piece in self.pieces)

    @property
    def prefix(self) -> str:
        """The literal text before the first piece that is not one."""
        return self.pieces[0] if self.pieces and isinstance(self.pieces[0], str) else ""

    def __add__(self, other: "Text | Piece") -> "Text":
        return Text.of(self, other)

    def __str__(self) -> str:
        return self.canonical


def _flatten(pieces: "Iterable[Piece | Text]") -> Iterator[Piece]:
    for piece in pieces:
        if isinstance(piece, Text):
            yield from piece.pieces
        else:
            yield piece
