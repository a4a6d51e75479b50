"""The conditions of `[ … ]`, test(1) and `[[ … ]]` (POSIX test, Bash's manual)."""

from collections.abc import Sequence

from ..text.numbers import integer
from ..text.places import Place
from ..text.spelling import words_of
from ..text.symbolic import Text
from ..text.symbolic_paths import join
from .conditions import Condition, both, constant, either, negation
from .model import Test, Word
from .parameters import surely_nonempty
from .patterns import pattern_matches

_FILE_TESTS = frozenset(words_of("""-a -b -c -d -e -f -g -h -k -p -r -s -u -w -x -G -L -N -O -S"""))


_UNARY = _FILE_TESTS | {"-z", "-n", "-t", "-v", "-o", "-R"}


_BINARY = frozenset(words_of("""= == != < > <= >= -eq -ne -lt -le -gt -ge -nt -ot -ef =~"""))


_NUMERIC = {"-eq": 0, "-ne": 0, "-lt": 0, "-le": 0, "-gt": 0, "-ge": 0}


def read_test(words: Sequence[Word], directory: Text, place: Place, *, extended: bool = False) -> Condition:
    """The condition of `[ … ]` (without the brackets) or, `extended`, of `[[ … ]]`."""
    try:
        return _TestReader(words, directory, place, extended=extended).read()
    except _MisreadError:
        return Condition("leaf", place)


class _MisreadError(Exception):
    """The words are no expression that test(1) knows."""


class _TestReader:
    def __init__(self, words: Sequence[Word], directory: Text, place: Place, *, extended: bool) -> None:
        self.words = list(words)
        self.directory = directory
        self.place = place
        self.extended = extended
        self.at = 0

    def read(self) -> Condition:
        if not self.words:
            return constant(False, self.place)
        if not self.extended and len(self.words) <= 3:
            return self.short()
        condition = self.disjunction(0)
        if self.at != len(self.words):
            raise _MisreadError
        return condition

    def short(self) -> Condition:
        """POSIX: up to three arguments are decided by their number."""
        words = self.words
        first = words[0].literal
        if len(words) == 1:
            return self.unary("-n", words[0])
        if len(words) == 2:
            if first == "!":
                return negation(self.unary("-n", words[1]))
            if first in _UNARY:
                return self.unary(first, words[1])
            raise _MisreadError
        middle = words[1].literal
        if middle in _BINARY:
            return self.binary(words[0], middle, words[2])
        if middle in ("-a", "-o"):
            left, right = self.unary("-n", words[0]), self.unary("-n", words[2])
            return both(left, right) if middle == "-a" else either(left, right)
        if first == "!" and words[1].literal in _UNARY:
            return negation(self.unary(words[1].literal or "", words[2]))
        raise _MisreadError

    def peek(self, ahead: int = 0) -> str | None:
        index = self.at + ahead
        if index >= len(self.words):
            return None
        word = self.words[index]
        return word.literal if not (self.extended and word.quoted) else None

    def take(self) -> Word:
        if self.at >= len(self.words):
            raise _MisreadError
        self.at += 1
        return self.words[self.at - 1]

    def disjunction(self, depth: int) -> Condition:
        condition = self.conjunction(depth)
        while self.peek() == ("||" if self.extended else "-o"):
            self.at += 1
            condition = either(condition, self.conjunction(depth))
        return condition

    def conjunction(self, depth: int) -> Condition:
        condition = self.negated(depth)
        while self.peek() == ("&&" if self.extended else "-a"):
            self.at += 1
            condition = both(condition, self.negated(depth))
        return condition

    def negated(self, depth: int) -> Condition:
        if depth > 50:
            raise _MisreadError
        if self.peek() == "!":
            self.at += 1
            return negation(self.negated(depth + 1))
        if self.peek() == "(":
            self.at += 1
            condition = self.disjunction(depth + 1)
            if self.peek() != ")":
                raise _MisreadError
            self.at += 1
            return condition
        return self.primary()

    def primary(self) -> Condition:
        operator, following = self.peek(), self.peek(1)
        if following in _BINARY and self.at + 2 < len(self.words):
            left, _, right = self.take(), self.take(), self.take()
            return self.binary(left, following or "", right)
        if operator in _UNARY and self.at + 1 < len(self.words):
            self.at += 1
            return self.unary(operator or "", self.take())
        return self.unary("-n", self.take())

    def unary(self, operator: str, word: Word) -> Condition:
        text = word.text
        operator = {"-h": "-L", "-a": "-e"}.get(operator, operator)
        value: bool | None = None
        if operator in ("-z", "-n"):
            if not text.pieces:
                value = operator == "-z"
            elif surely_nonempty(text):
                value = operator == "-n"
            if operator == "-n":
                return negation(self.leaf("-z", (text,), None if value is None else not value))
        elif operator in _FILE_TESTS:
            if not text.pieces:
                value = False
            text = join(self.directory, text) if text.pieces else text
        return self.leaf(operator, (text,), value, globs=word.globs)

    def leaf(self, operator: str, operands: tuple[Text, ...], value: bool | None, *, globs: bool = False) -> Condition:
        return Condition("leaf", self.place, value, Test(operator, operands, globs=globs))

    def binary(self, left: Word, operator: str, right: Word) -> Condition:
        if operator == "!=":
            return negation(self.binary(left, "=", right))
        operator = "=" if operator == "==" else operator
        if operator == "=":
            return self.equality(left, right)
        value = None
        if operator in _NUMERIC:
            value = _compared(left.literal, operator, right.literal)
        return self.leaf(operator, (left.text, right.text), value)

    def equality(self, left: Word, right: Word) -> Condition:
        one, other = left.text, right.text
        matches = self.extended and right.globs
        if matches:
            known = one.literal is not None and other.literal is not None
            value = pattern_matches(other.literal or "", one.literal or "") if known else None
            return self.leaf("match", (one, other), value)
        return equal(one, other, self.place)


def equal(one: Text, other: Text, place: Place) -> Condition:
    """The condition that two texts are equal; a comparison with the empty text is `-z`."""
    if one == other and not one.opaque:
        return Condition("leaf", place, True, Test("=", (one, other)))
    first, second = one.literal, other.literal
    if first is not None and second is not None:
        return Condition("leaf", place, first == second, Test("=", (one, other)))
    if first is not None:
        one, other, second = other, one, first
    if second is not None:
        rest = _after_prefix(one, second)
        if rest is None:
            return Condition("leaf", place, False, Test("=", (one, other)))
        one, other = rest
        if not other.pieces:
            decided = False if surely_nonempty(one) else None
            return Condition("leaf", place, decided, Test("-z", (one,)))
    return Condition("leaf", place, None, Test("=", (one, other)))


def _after_prefix(one: Text, literal: str) -> tuple[Text, Text] | None:
    """Both without the literal text they begin with (`"x$A" = "xb"`); None where they differ in it."""
    prefix = one.prefix
    if not prefix:
        return one, Text.of(literal)
    if not literal.startswith(prefix):
        return None
    return Text.of(*one.pieces[1:]), Text.of(literal[len(prefix) :])


def _compared(left: str | None, operator: str, right: str | None) -> bool | None:
    one, other = integer(left), integer(right)
    if one is None or other is None:
        return None
    return {
        "-eq": one == other,
        "-ne": one != other,
        "-lt": one < other,
        "-le": one <= other,
        "-gt": one > other,
        "-ge": one >= other,
    }[operator]
