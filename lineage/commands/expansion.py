"""Written words → fields, as a shell expands them (POSIX XCU 2.6): parameters, substitutions, splitting, braces,
tilde.
"""

import re
from collections.abc import Callable, Sequence
from posixpath import normpath

from ..late.patterns import pattern
from ..shell.word_parts import (
    Arithmetic,
    Literal,
    Parameter,
    Part,
    Substitution,
    document_parts,
    split_braces,
    word_parts,
)
from ..text.places import MappedText, Place
from ..text.symbolic import Opaque, Piece, Text
from ..text.symbolic_paths import join
from .arithmetic import calculated
from .model import Glob, Word
from .parameters import Field, Parameters
from .state import Notes, ShellArgument, State

_PLAIN = pattern(r"[A-Za-z0-9_./:=@%,+-]+")


_GLOB = pattern(r"[*?]|\[[^]]")


_STAND_IN = "\U000f0000"


_SAFE_ARITHMETIC = pattern(r"(?:0[xX][0-9A-Fa-f]+(?![0-9A-Fa-f])|(?!0[xX])[-+*/%()<>=!&|^~ \t0-9])+")


Run = Callable[[Substitution, MappedText], tuple[Text, bool]]
"""Runs a command substitution; gives its output and whether that stands for each match of a glob."""


class Expander(Parameters):
    """Expands the words of one script in one state. `text` is the script, so that substitutions keep their places."""

    def __init__(
        self,
        state: State,
        notes: Notes,
        text: MappedText,
        path: str,
        run: Run,
        *,
        bash: bool,
        glob: Glob | None,
        certain: bool,
    ) -> None:
        super().__init__(state, notes, text, path, bash=bash)
        self.run = run
        self.glob = glob
        self.home: Callable[[str], str | None] | None = None
        """The home of an account, for `~NAME`."""
        self.certain = certain
        """Whether the files that `glob` looks at are those of this very moment."""

    def words(self, start: int, end: int) -> list[Word]:
        """The fields of the word written at `start`…`end`."""
        raw = self.text.text[start:end]
        self.start, self.end = start, end
        place = self.place
        if not self.notes.pieces and _PLAIN.fullmatch(raw):
            return [Word(Text((raw,)), raw, place, offset=start)]
        found: list[Word] = []
        for one in split_braces(raw) if self.bash and "{" in raw else (raw,):
            for built in self.fields(word_parts(one), len(one) == len(raw)):
                found.extend(self.globbed(built, raw, place))
        return found

    def globbed(self, built: Field, raw: str, place: Place) -> list[Word]:
        pieces = built.pieces
        text = Text((pieces[0],)) if len(pieces) == 1 and pieces[0] else Text.of(*pieces)
        names = tuple(dict.fromkeys(built.names)) if built.names else ()
        built.globs = built.globs and not self.state.noglob
        if built.globs and self.glob is not None:
            pattern = join(self.state.directory, text).literal
            matches = self.glob(pattern) if pattern else None
            if matches:
                paths = self.as_written(text.literal or "", matches)
                return [Word(Text.of(path), raw, place, built.quoted, False, names, self.start) for path in paths]
            if matches == () and self.certain:
                return [Word(text, raw, place, built.quoted, False, names, self.start)]  # it stays as it is
        return [Word(text, raw, place, built.quoted, built.globs, names, self.start)]

    def as_written(self, written: str, matches: Sequence[str]) -> list[str]:
        """The paths that match, as the shell gives them: what stands before the pattern stays as it was written."""
        if written.startswith("/"):
            return list(matches)
        fixed = written[: min((written.find(one) for one in "*?[" if one in written), default=0)]
        before = fixed[: fixed.rfind("/") + 1]
        start = normpath(f"{self.state.directory.literal or '/'}/{before}").rstrip("/") + "/"
        return [before + match[len(start) :] if match.startswith(start) else match for match in matches]

    def declared(self, start: int, end: int) -> list[Word]:
        """The arguments that `export name=value` makes: not split, unless Bash expands braces in it."""
        raw = self.text.text[start:end]
        if self.bash and "{" in raw and len(split_braces(raw)) > 1:
            return self.words(start, end)
        return [self.word(start, end)]

    def word(self, start: int, end: int) -> Word:
        """One field without splitting, as in an assignment or a redirection."""
        raw = self.text.text[start:end]
        self.start, self.end = start, end
        built = self.single(word_parts(raw), tilde_after_colon=True)
        text = Text.of(*built.pieces)
        names = tuple(dict.fromkeys(built.names))
        return Word(text, raw, self.place, built.quoted, built.globs, names, start)

    def value(self, start: int, end: int) -> tuple[Text, bool]:
        """The value of an assignment, and whether it stands for each match of a glob."""
        self.start, self.end = start, end
        built = self.single(word_parts(self.text.text[start:end]), tilde_after_colon=True)
        return Text.of(*built.pieces), bool(built.globs and built.names == ["*"])

    def document(self, start: int, end: int, *, quoted: bool, strips: bool) -> Text:
        """A here-document's text."""
        raw = self.text.text[start:end]
        if strips:
            raw = re.sub(r"(?m)^\t+", "", raw)
        self.start, self.end = start, end
        if quoted:
            return self.with_pieces(raw)
        return Text.of(*self.single(document_parts(raw)).pieces)

    def mapped(self, start: int, end: int) -> tuple[str, MappedText] | None:
        """The word as the text of an inner script, with stand-ins for what is not known; None where all of it is
        unknown.
        """
        self.start, self.end = start, end
        line = self.text.position(start)
        texts: list[str] = []
        anchors: list[tuple[int, int, int]] = []
        length = 0
        known = False
        for part in word_parts(self.text.text[start:end]):
            built = self.single((part,))
            known = known or isinstance(part, Literal) or any(isinstance(piece, str) for piece in built.pieces)
            position = self.text.position(start + part.at)
            for piece in built.pieces:
                text = piece if isinstance(piece, str) else self.stand_in(piece)
                anchors.append((length, *position))
                if isinstance(part, Literal):
                    anchors.extend(self.line_anchors(text, length, start + part.at))
                texts.append(text)
                length += len(text)
        if not known:
            return None
        whole = "".join(texts)
        return whole, MappedText(whole, tuple(anchors) or ((0, *line),))

    def line_anchors(self, text: str, length: int, at: int) -> list[tuple[int, int, int]]:
        found: list[tuple[int, int, int]] = []
        newline = text.find("\n")
        while newline >= 0:
            found.append((length + newline + 1, *self.text.position(at + newline + 1)))
            newline = text.find("\n", newline + 1)
        return found

    def stand_in(self, piece: Piece) -> str:
        character = chr(ord(_STAND_IN) + len(self.notes.pieces))
        self.notes.pieces[character] = piece
        return character

    def with_pieces(self, text: str) -> Text:
        """Literal text in which stand-ins become the pieces they stand for."""
        if not self.notes.pieces or not any(character >= _STAND_IN for character in text):
            return Text.of(text)
        return Text.of(*(self.notes.pieces.get(character, character) for character in text))

    def fields(self, parts: Sequence[Part], tilde: bool = True) -> list[Field]:
        if len(parts) == 1 and isinstance(parts[0], Literal) and not self.notes.pieces:
            text, quoted = parts[0].text, parts[0].quoted
            if quoted or text[:1] != "~":
                return [Field([text], True, quoted, not quoted and bool(_GLOB.search(text)))]
        fields = [Field()]
        for index, part in enumerate(parts):
            if isinstance(part, Literal):
                self.literal(part, fields[-1], tilde=tilde and index == 0, sole=len(parts) == 1)
                continue
            values, joined = self.values(part, fields[-1])
            if part.quoted:
                _append_quoted(fields, values, keep=joined)
            else:
                self.append_split(fields, values)
        return [built for built in fields if built.present or built.pieces]

    def single(self, parts: Sequence[Part], *, tilde_after_colon: bool = False) -> Field:
        built = Field()
        for index, part in enumerate(parts):
            if isinstance(part, Literal):
                self.literal(part, built, tilde=index == 0 and tilde_after_colon, sole=len(parts) == 1)
                continue
            values, _ = self.values(part, built)
            for number, value in enumerate(values):
                if number:
                    built.pieces.append(" ")
                built.pieces.extend(value.text.pieces)
                if value.globs:
                    built.globs = True
                    built.names.append("*")
            built.quoted = built.quoted or part.quoted
        if "*" in built.names:
            built.names = ["*"]
        return built

    def literal(self, part: Literal, built: Field, *, tilde: bool, sole: bool) -> None:
        text = part.text
        if part.quoted:
            built.quoted = True
        elif _GLOB.search(text):
            built.globs = True
        built.present = True
        if tilde and not part.quoted and text.startswith("~"):
            name, slash, rest = text[1:].partition("/")
            if slash or sole:
                home = self.home_of(name)
                if home is not None:
                    built.pieces.extend(home.pieces)
                    text = slash + rest
        built.pieces.extend(self.with_pieces(text).pieces if self.notes.pieces else (text,))

    def home_of(self, name: str) -> Text | None:
        if not name:
            return self.state.value("HOME")
        if name == "root":
            return Text.of("/root")
        if name in ("+", "-"):
            return self.state.directory if name == "+" else None
        known = self.home(name) if self.home is not None else None
        if known is not None:
            return Text.of(known)
        return Text.of("/home/", name) if re.fullmatch(r"[a-z_][\w-]*", name) else None

    def values(self, part: Part, built: Field) -> tuple[list[ShellArgument], bool]:
        """The values of an expansion, and whether several are joined into one field when quoted."""
        if isinstance(part, Substitution):
            text, globs = self.run(part, self.inner_text(part))
            return [ShellArgument(text, globs)], True
        if isinstance(part, Arithmetic):
            return [ShellArgument(self.arithmetic(part))], True
        assert isinstance(part, Parameter)
        return self.parameter(part, built)

    def inner_text(self, part: Substitution) -> MappedText:
        at = self.start + part.at + (part.inner - part.at)
        if self.text.text.startswith(part.source, at):
            return sliced(self.text, at, at + len(part.source))
        return MappedText.whole(part.source, *self.text.position(self.start))

    def arithmetic(self, part: Arithmetic) -> Text:
        source = Text.of(*self.single(document_parts(part.source)).pieces).literal
        if source is not None:
            source = re.sub(r"\b[A-Za-z_]\w*\b", lambda match: self.number(match.group()), source)
            if _SAFE_ARITHMETIC.fullmatch(source):
                number = calculated(source)
                if number is not None:
                    return Text.of(str(number))
        return Text.of(Opaque("the result of arithmetic"))

    def number(self, name: str) -> str:
        value = self.state.value(name)
        literal = value.literal if value is not None else "0"
        return (literal or "0") if literal is not None else "?"

    def append_split(self, fields: list[Field], values: list[ShellArgument]) -> None:
        separators = self.separators()
        for number, value in enumerate(values):
            if number:
                fields.append(Field())
            self.split_one(fields, value, separators)

    def split_one(self, fields: list[Field], value: ShellArgument, separators: str) -> None:
        for piece in value.text.pieces:
            if not isinstance(piece, str):
                fields[-1].pieces.append(piece)
                continue
            if not any(character in separators for character in piece):
                fields[-1].pieces.append(piece)
                fields[-1].globs = fields[-1].globs or value.globs or bool(_GLOB.search(piece))
                continue
            parts = re.split(f"[{re.escape(separators)}]+", piece)
            for index, part in enumerate(parts):
                if index and (fields[-1].present or fields[-1].pieces):
                    fields.append(Field(names=list(fields[-1].names)))
                if part:
                    fields[-1].pieces.append(part)
                    fields[-1].globs = fields[-1].globs or value.globs or bool(_GLOB.search(part))
        if value.globs and fields[-1].pieces:
            fields[-1].globs = True

    def separators(self) -> str:
        value = self.state.variables.get("IFS")
        if value is None:
            return " \t\n"
        return value.literal or ""


def _append_quoted(fields: list[Field], values: list[ShellArgument], *, keep: bool) -> None:
    fields[-1].quoted = True
    for number, value in enumerate(values):
        if number and keep:
            fields[-1].pieces.append(" ")
        elif number:
            fields.append(Field(quoted=True))
        fields[-1].pieces.extend(value.text.pieces)
        fields[-1].present = True
        fields[-1].globs = fields[-1].globs or value.globs
    if keep:
        fields[-1].present = True


def sliced(text: MappedText, start: int, end: int) -> MappedText:
    """A part of a text that still knows where its characters stand."""
    anchors = [(0, *text.position(start))]
    anchors.extend((at - start, line, column) for at, line, column in text.anchors if start < at < end)
    return MappedText(text.text[start:end], tuple(anchors))
