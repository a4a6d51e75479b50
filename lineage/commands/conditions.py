"""Conditions of a shell script: what is tested, what is decided already, and the guards they put on commands."""

from typing import Literal, NamedTuple

from ..text.places import Place
from ..text.symbolic import Text, Var
from .model import Guard, Test


class Condition(NamedTuple):
    """The exit status of a command as a formula. `value` is True or False where it is decided."""

    kind: Literal["leaf", "and", "or", "not"]
    place: Place
    value: bool | None = None
    test: Test | None = None
    parts: tuple["Condition", ...] = ()
    presumed: bool = False
    """It is the success of an ordinary command, which is presumed."""


def constant(value: bool, place: Place) -> Condition:
    return Condition("leaf", place, value)


def negation(condition: Condition) -> Condition:
    value = None if condition.value is None else not condition.value
    return Condition("not", condition.place, value, parts=(condition,))


def both(left: Condition, right: Condition) -> Condition:
    if left.value is not None:
        return right if left.value else left
    value = False if right.value is False else None
    parts = _parts(left, "and")
    if _is_ordinary(parts[-1]) and _is_ordinary(right):
        parts = parts[:-1]  # that each of a hundred commands before succeeded says no more than that the last one did
    return Condition("and", left.place, value, parts=(*parts, right))


def either(left: Condition, right: Condition) -> Condition:
    if left.value is not None:
        return left if left.value else right
    value = True if right.value is True else None
    return Condition("or", left.place, value, parts=(*_parts(left, "or"), right))


def _is_ordinary(condition: Condition) -> bool:
    return condition.kind == "leaf" and condition.presumed and condition.test is None and condition.value is None


def _parts(condition: Condition, kind: str) -> tuple[Condition, ...]:
    return condition.parts if condition.kind == kind and condition.value is None else (condition,)


def guards_when(condition: Condition, holds: bool, kind: str) -> tuple[Guard, ...]:
    """The guards that hold after a condition turned out true (`holds`) or false."""
    if condition.value is not None:
        return ()
    if condition.kind == "leaf":
        presumed = condition.presumed and holds
        return (Guard(kind, condition.place, condition.test, not holds, presumed=presumed),)
    if condition.kind == "not":
        return guards_when(condition.parts[0], not holds, kind)
    if (condition.kind == "and") == holds:
        last = condition.parts[-1]
        telling = [part for part in condition.parts if part is last or not (holds and part.presumed)]
        return tuple(guard for part in telling for guard in guards_when(part, holds, kind))
    alternatives: list[Test] = []
    for part in condition.parts:
        guards = guards_when(part, holds, kind)
        found = guards[0].holds if len(guards) == 1 else None
        if found is not None:
            alternatives.append(found)
        elif len(guards) == 1 and guards[0].alternatives:
            alternatives.extend(guards[0].alternatives)
        else:
            return (Guard(kind, condition.place, None, not holds),)
    return (Guard(kind, condition.place, None, False, tuple(alternatives)),)


def inverted(guards: tuple[Guard, ...], place: Place) -> Guard:
    """The guard that at least one of several does not hold: what follows an exit that stood under them."""
    tests: list[Test] = []
    for guard in guards:
        if guard.holds is None:
            if len(guards) == 1 and guard.negated and not guard.alternatives:
                return Guard("exit", guard.place, presumed=guard.kind == "||")
            return Guard("exit", place)
        tests.append(guard.holds.inverted())
    if len(tests) == 1:
        guard = guards[0]
        return Guard("exit", guard.place, guard.test, not guard.negated)
    return Guard("exit", place, alternatives=tuple(tests))


def tested_variable(condition: Condition) -> tuple[str, Text] | None:
    """The variable whose emptiness a condition tests, and its value: `[ -z "$X" ]`, `[ -n "$X" ]`."""
    while condition.kind == "not":
        condition = condition.parts[0]
    test = condition.test
    if test is None or test.op not in ("-z", "=") or len(test.operands[0].pieces) != 1:
        return None
    piece = test.operands[0].pieces[0]
    return (piece.name, test.operands[0]) if isinstance(piece, Var) else None
