"""How lists, loops and `case` are read: contexts of the commands in a list, turns of a loop, arms that match."""

from collections.abc import Sequence
from typing import Literal

from ..commands.model import (
    Guard,
    Test,
    Word,
)
from ..commands.patterns import pattern_matches
from ..text.places import Place
from ..text.symbolic import Text, Var
from .flow import Context


def looked_at(context: Context, trailing: Sequence[str]) -> Context:
    """The context of a command in a list, by the operators behind it."""
    if not trailing:
        return context
    if context.checked and "||" not in trailing:
        return context
    return context._replace(tolerated=True, checked=False)


def presumed(guard: Guard) -> Guard:
    return (
        guard if guard.presumed else Guard(guard.kind, guard.place, guard.test, guard.negated, guard.alternatives, True)
    )


def kind_of_loop(word: Word) -> Literal["literal", "glob", "unbounded"]:
    """How often a loop over one written word turns."""
    if word.globs:
        return "glob"
    if word.quoted:
        return "literal"
    return (
        "unbounded"
        if word.text.opaque or (len(word.text.pieces) == 1 and isinstance(word.text.pieces[0], Var))
        else "literal"
    )


def matching(subject: Text, patterns: list[Word]) -> tuple[bool | None, list[Test]]:
    """Whether a `case` pattern matches, and what it tests where that cannot be said."""
    tests: list[Test] = []
    undecided = False
    for pattern in patterns:
        if pattern.literal == "*" and pattern.globs:
            return True, []
        value: bool | None = None
        if subject.literal is not None and pattern.literal is not None:
            value = (
                pattern_matches(pattern.literal, subject.literal)
                if pattern.globs
                else pattern.literal == subject.literal
            )
        if value:
            return True, []
        if value is None:
            undecided = True
            if pattern.literal == "":
                tests.append(Test("-z", (subject,)))
            else:
                tests.append(Test("match" if pattern.globs else "=", (subject, pattern.text), False, pattern.globs))
    return (None if undecided else False), tests


def case_guards(tests: list[Test], missed: list[Test], place: Place, matched: bool | None) -> tuple[Guard, ...]:
    before = tuple(Guard("case", place, test.inverted() if test.negated else test, test.negated) for test in missed)
    if matched:
        return before
    if len(tests) == 1:
        return (*before, Guard("case", place, tests[0]))
    return (*before, Guard("case", place, alternatives=tuple(tests)))
