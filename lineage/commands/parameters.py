"""`$name` and `${name<operator>word}`: the values of parameters (POSIX XCU 2.6.2, and Bash's substrings, cases and
arrays).
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence

from ..late.dataclasses import dataclass, field
from ..shell.word_parts import Parameter, Part, argument_parts
from ..text.numbers import integer, is_digits, natural
from ..text.places import MappedText, Place
from ..text.symbolic import Opaque, Piece, Text, Var
from .patterns import replaced, split_replacement, trimmed
from .state import EMPTY, Notes, ShellArgument, State, default_of


@dataclass(slots=True)
class Field:
    pieces: list[Piece] = field(default_factory=list[Piece])
    present: bool = False
    """It counts as a word although it may be empty."""
    quoted: bool = False
    globs: bool = False
    names: list[str] = field(default_factory=list[str])


class Parameters(ABC):
    """What an expander does with parameters. `expand_parts` is the expander's own, for the words in `${name:-word}`."""

    def __init__(self, state: State, notes: Notes, text: MappedText, path: str, *, bash: bool) -> None:
        self.state = state
        self.notes = notes
        self.text = text
        self.path = path
        self.bash = bash
        self.start = 0
        self.end = 0

    @property
    def place(self) -> Place:
        return Place(self.path, self.text.span(self.start, self.end))

    @abstractmethod
    def single(self, parts: Sequence[Part], *, tilde_after_colon: bool = False) -> Field: ...

    def parameter(self, part: Parameter, built: Field) -> tuple[list[ShellArgument], bool]:
        name, state = part.name, self.state
        if name in ("@", "*") or part.subscript in ("@", "*"):
            return self.several(part), name == "*" or part.subscript == "*"
        if part.subscript is not None and part.operator != "indirect":
            return [self.element(part)], True
        text = self.special(name)
        globs = name in state.globbed
        if text is None and not is_digits(name):
            text = state.value(name)
            if not state.is_set_here(name):
                built.names.append(name)
                defaulted = part.operator.lstrip(":") in ("-", "=", "+") and part.operator != ""
                ends = state.nounset and not state.opened and not defaulted
                self.notes.mention(name, self.place, defaulted=defaulted, ends=ends)
        elif is_digits(name) and name != "0":
            number = natural(name)
            argument = self.positional(number) if number is not None else None
            text, globs = (argument.text, argument.globs) if argument else (None, False)
        if not part.operator:
            return [ShellArgument(text if text is not None else EMPTY, globs)], True
        result, keeps = self.operated(part, text)
        return [ShellArgument(result, globs and keeps)], True

    def positional(self, number: int) -> ShellArgument | None:
        arguments = self.state.arguments
        if arguments is None:
            return ShellArgument(self.state.never_known(f"argument {number}"))
        return arguments[number - 1] if number <= len(arguments) else None

    def special(self, name: str) -> Text | None:
        if name == "0":
            return self.state.script
        if name == "#":
            arguments = self.state.arguments
            unsure = arguments is None or any(argument.text.opaque for argument in arguments)
            return Text.of(Opaque("the number of arguments") if unsure else str(len(arguments or ())))
        if name in ("?", "$", "!", "-"):
            return Text.of(Opaque(f"the value of ${name}"))
        return None

    def several(self, part: Parameter) -> list[ShellArgument]:
        if part.name in ("@", "*"):
            arguments = self.state.arguments
            if arguments is None:
                return [ShellArgument(self.state.never_known("the arguments"))]
            return list(arguments[1:] if part.operator == ":" and part.argument.strip() == "2" else arguments)
        items = self.state.arrays.get(part.name)
        if part.operator == "length":
            return [ShellArgument(Text.of(str(len(items)) if items is not None else Opaque("the length of an array")))]
        if items is not None and not part.operator:
            return list(items)
        value = self.state.value(part.name) if items is None else None
        if items is None and value is None:
            return []
        return [ShellArgument(Text.of(Opaque(f"the elements of {part.name}")))]

    def element(self, part: Parameter) -> ShellArgument:
        items = self.state.arrays.get(part.name)
        subscript = part.subscript or ""
        if items is not None and is_digits(subscript) and not part.operator:
            index = natural(subscript)
            return items[index] if index is not None and index < len(items) else ShellArgument(EMPTY)
        return ShellArgument(Text.of(Opaque(f"an element of {part.name}")))

    def operated(self, part: Parameter, text: Text | None) -> tuple[Text, bool]:
        """The value under `${NAME<operator>…}`, and whether a value that stands for glob matches still does."""
        operator = part.operator
        if operator in (":-", "-", ":=", "="):
            return self.defaulted(part, text), True
        if operator in (":+", "+"):
            return self.alternative(part, text), False
        if operator in (":?", "?"):
            return (EMPTY if text is None else text), True
        if operator == "indirect":
            named = text.literal if text is not None else None
            value = self.state.value(named) if named and named.isidentifier() else None
            return (value if value is not None else Text.of(Opaque("an indirect expansion"))), False
        if text is None and operator.startswith("/"):
            return EMPTY, False  # bash replaces in a parameter that is set, be it empty
        value = EMPTY if text is None else text
        if operator == "length":
            literal = value.literal
            unsure = literal is None or not (self.bash or literal.isascii())
            return Text.of(Opaque("the length of a value") if unsure else str(len(literal or ""))), False
        return self.cut(part, value), True

    def defaulted(self, part: Parameter, text: Text | None) -> Text:
        colon = part.operator.startswith(":")
        if text is not None:
            if surely_nonempty(text) or (not colon and not text.pieces):
                return text
            if text.opaque:
                return text
        default = Text.of(*self.single(argument_parts(part.argument, part.quoted), tilde_after_colon=True).pieces)
        if text is None or not text.pieces:
            result = default
        elif len(text.pieces) == 1 and isinstance(text.pieces[0], Var):
            variable = text.pieces[0]
            result = Text((Var(variable.name, variable.default or default_of(default)),))
        else:
            result = text
        if "=" in part.operator and not is_digits(part.name):
            self.state.assign(part.name, result)
        return result

    def alternative(self, part: Parameter, text: Text | None) -> Text:
        colon = part.operator.startswith(":")
        if text is None or (colon and not text.pieces):
            return EMPTY
        if surely_nonempty(text) or not colon:
            known = not any(isinstance(piece, Var) for piece in text.pieces) or surely_nonempty(text)
            if known:
                return Text.of(*self.single(argument_parts(part.argument, part.quoted)).pieces)
        return Text.of(Opaque(f"whether {part.name} is set"))

    def cut(self, part: Parameter, value: Text) -> Text:
        operator, literal = part.operator, value.literal
        written, replacement = split_replacement(part.argument) if operator.startswith("/") else (part.argument, "")
        pattern = Text.of(*self.single(argument_parts(written, part.quoted)).pieces).literal
        if pattern is not None:
            if operator in ("#", "##", "%", "%%"):
                return trimmed(value, operator, pattern)
            if literal is not None:
                if operator.startswith("/"):
                    text = Text.of(*self.single(argument_parts(replacement, part.quoted)).pieces).literal
                    return replaced(literal, operator, pattern, text)
                if operator in ("^", "^^", ",", ",,") and not pattern:
                    return Text.of(_cased(literal, operator))
                if operator == ":":
                    return _sliced(literal, pattern)
        return Text.of(Opaque(f"a part of {part.name}"))


def surely_nonempty(text: Text) -> bool:
    """Whether a text is not empty whatever the variables in it are."""
    return any(
        (isinstance(piece, str) and piece != "") or (isinstance(piece, Var) and bool(piece.default))
        for piece in text.pieces
    )


def _cased(literal: str, operator: str) -> str:
    if operator == "^^":
        return literal.upper()
    if operator == ",,":
        return literal.lower()
    return (literal[:1].upper() if operator == "^" else literal[:1].lower()) + literal[1:]


def _sliced(literal: str, argument: str) -> Text:
    first, colon, second = argument.partition(":")
    start = integer(first.strip() or "0")
    length = integer(second.strip() or "0") if colon else None
    if start is None or (length is None and colon):
        return Text.of(Opaque("a part of a value"))
    start = max(start + len(literal), 0) if start < 0 else start
    if length is None:
        return Text.of(literal[start:])
    return Text.of(literal[start : start + length] if length >= 0 else literal[start:length])
