"""One command as the readers of effects see it: its options and operands, and the pipeline and downloads around it."""

from collections.abc import Collection, Iterator, Sequence
from typing import Any, TypeVar

from ..commands.find_listing import FOUND, find_roots
from ..commands.model import Command, Sight, Word, Wrapper
from ..commands.printed_text import fed
from ..families.read import families
from ..late.patterns import pattern
from ..text.numbers import is_digits
from ..text.symbolic import Opaque, Piece, Text, Var
from ..text.symbolic_paths import join
from .model import Effect, NeedAccount, Opens

EffectT = TypeVar("EffectT", bound=Effect)

_OPTION_NAME = pattern(r"(?i)\$\{?\w{0,99}(?:opt|flag|arg|verbose|quiet)\w{0,99}(?::?[-+][^}]*)?\}?")
_GLOB = pattern(r"[*?[]")
_NUMERIC_NAME = pattern(r"(?i)(\A|_|P|USER|GROUP)(UID|GID|ID)\Z")


class SplitOptions:
    """Words split as getopt_long does: `flags` seen, `values` by option, operands."""

    def __init__(self, words: Sequence[Word], short: str, long: Collection[str], *, permute: bool = True) -> None:
        self.flags: set[str] = set()
        self.values: dict[str, list[Word]] = {}
        self.operands: list[Word] = []
        at = 0
        while at < len(words):
            word = words[at]
            text = word.text.prefix
            at += 1
            if text == "--" and word.literal == "--":
                self.operands.extend(words[at:])
                break
            if is_option_variable(word):
                continue
            if not text.startswith("-") or word.literal == "-":
                self.operands.append(word)
                if not permute:
                    self.operands.extend(words[at:])
                    break
                continue
            following = words[at] if at < len(words) else None
            taken = self._long(word, long, following) if text.startswith("--") else self._short(word, short, following)
            at += taken

    def _long(self, word: Word, long: Collection[str], following: Word | None) -> int:
        name, equals, _ = word.text.prefix.partition("=")
        self.flags.add(name)
        if equals:
            self.values.setdefault(name, []).append(_behind(word, len(name) + 1))
            return 0
        if name in long and following is not None:
            self.values.setdefault(name, []).append(following)
            return 1
        return 0

    def _short(self, word: Word, short: str, following: Word | None) -> int:
        text = word.text.prefix
        for index, letter in enumerate(text[1:], 1):
            self.flags.add("-" + letter)
            if letter not in short:
                continue
            whole = index == len(text) - 1 and len(word.text.pieces) == 1
            if not whole:
                self.values.setdefault("-" + letter, []).append(_behind(word, index + 1))
                return 0
            if following is not None:
                self.values.setdefault("-" + letter, []).append(following)
                return 1
        return 0

    def has(self, *names: str) -> bool:
        return any(name in self.flags for name in names)

    def value(self, *names: str) -> Word | None:
        """The last value given to any of the options."""
        for name in names:
            if name in self.values:
                return self.values[name][-1]
        return None

    def text(self, *names: str) -> Text | None:
        word = self.value(*names)
        return None if word is None else word.text


def is_option_variable(word: Word) -> bool:
    """Whether a word is an unquoted variable of unknown value whose name says that it holds options."""
    return not word.quoted and word.literal is None and bool(_OPTION_NAME.fullmatch(word.raw))


def _behind(word: Word, length: int) -> Word:
    text = Text.of(word.text.prefix[length:], *word.text.pieces[1:])
    return Word(text, word.raw, word.place, word.quoted, word.globs, word.variables)


class Operation:
    """A command whose effects are being read. `before` are the commands of its pipeline that feed it, nearest last."""

    def __init__(
        self,
        command: Command,
        before: Sequence[Command],
        downloads: dict[str, str],
        sight: Sight | None = None,
    ) -> None:
        self.command = command
        self.sight = sight
        self.before = before
        self.downloads = downloads
        """Absolute path → address, of files that earlier commands fetched."""
        self.name = command.name
        self.does = families().commands.get(command.name, command.name)
        """The command that it does the same as: its own name, but for the commands that a family of images brings."""
        self.words = command.arguments

    def options(self, short: str = "", long: Collection[str] = (), *, permute: bool = True) -> SplitOptions:
        return SplitOptions(self.words, short, long, permute=permute)

    def path(self, word: Word | Text) -> Text:
        """The absolute path that a word names."""
        text = word.text if isinstance(word, Word) else word
        if text.literal == "{}" and self.found is not None:
            roots = find_roots(self.found)
            return join(self.command.directory, Text.of(roots[0].text if roots else ".", "/", Opaque(FOUND)))
        return join(self.command.directory, text)

    def one_path(self, word: Word) -> Text:
        """The path of one file: of a name that stands for each match of a glob, only the directory is known."""
        path = self.path(word)
        if not word.globs:
            return path
        pieces: list[Piece] = []
        for piece in path.pieces:
            match = _GLOB.search(piece) if isinstance(piece, str) else None
            if match and isinstance(piece, str):
                pieces += (piece[: piece.rfind("/", 0, match.start()) + 1], Opaque("a file that a glob matches"))
                break
            pieces.append(piece)
        return Text.of(*pieces)

    def file_path(self, word: Word) -> Text:
        """The path of one file that is written: a slash at its end stays, for there no file can come into being."""
        path = self.one_path(word)
        return path + "/" if (word.literal or "/").endswith("/") and word.literal != "/" and path.literal else path

    @property
    def found(self) -> Wrapper | None:
        """The find that runs this command for what it finds."""
        last = self.command.wrappers[-1] if self.command.wrappers else None
        return last if last is not None and last.name == "find" else None

    def make(self, kind: type[EffectT], word: Word | None = None, **fields: Any) -> EffectT:
        """An effect at a word's place (default: the command's)."""
        place = word.place if word is not None else self.command.place
        fields.setdefault("sure", self.command.sure)
        return kind(place=place, user=self.command.user, command=self.command, **fields)

    def need(self, word: Word, account: Text, by: str = "") -> Iterator[NeedAccount]:
        """That an account exists, unless it is a number or the superuser."""
        if account.pieces and account.literal != "root" and not is_number(account) and not _unknown(account):
            yield self.make(NeedAccount, word, name=account, by=by or self.name)

    def opens(
        self,
        does: str,
        below: Sequence[Text | str] = ("/",),
        spares: tuple[str, ...] = (),
        *,
        touches: Sequence[Text] = (),
        may_remove: bool = False,
        by: str | None = None,
        fetched: str | None = None,
        handles: tuple[str, ...] = (),
        accounts: bool = False,
    ) -> Opens:
        """That the command may write `below`, sparing what is not at, above or below a place that it `touches`."""
        places = tuple(
            dict.fromkeys(_known_part(self.path(one) if isinstance(one, Text) else Text.of(one)) for one in below)
        )
        touched = [*(_known_part(self.path(text)) for text in touches), *handles]
        kept = tuple(spare for spare in spares if not any(_related(spare, one) for one in touched))
        return self.make(
            Opens,
            reason=f"{self.command.place} {does}",
            below=places or ("/",),
            spares=kept,
            may_remove=may_remove,
            by=by,
            fetched=fetched,
            handles=handles,
            accounts=accounts,
        )

    @property
    def input(self) -> Text | None:
        """What the command reads on its standard input, where that is known."""
        return fed(self.command, self.before, self.sight)

    def home(self) -> Text:
        """HOME as the command sees it."""
        return self.command.home


def is_number(account: Text) -> bool:
    """Whether an account is given by number, as far as the text or the name of its variable tells."""
    literal = account.literal
    if literal is not None:
        return is_digits(literal)
    if len(account.pieces) != 1 or not isinstance(account.pieces[0], Var):
        return False
    variable = account.pieces[0]
    return bool(_NUMERIC_NAME.search(variable.name)) or is_digits(variable.default)


def _unknown(text: Text) -> bool:
    return len(text.pieces) == 1 and isinstance(text.pieces[0], Opaque)


def _known_part(path: Text) -> str:
    """The directory that a path surely lies in or is."""
    literal = path.literal
    if literal is not None:
        return literal if literal.startswith("/") else "/"
    prefix = path.prefix
    return (prefix.rpartition("/")[0] or "/") if prefix.startswith("/") else "/"


def _related(one: str, other: str) -> bool:
    """Whether two paths are equal or one lies below the other; `/` alone is related to nothing."""
    if other == "/":
        return False
    return one == other or one.startswith(other + "/") or other.startswith(one + "/")
