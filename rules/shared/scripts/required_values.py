"""Whether a variable that is given when the container starts may be empty where a command uses it.

A value is sure where the image has a default for it, where a test or `${NAME:?}` before the command ends the script
without it, or where an earlier step of the boot fails without it and the boot then goes no further.
"""

import re
from collections.abc import Iterable, Iterator
from functools import cached_property

from ....lineage.boot.plan import BootPlan
from ....lineage.boot.steps import StartStep
from ....lineage.commands.model import Command, Guard, Test
from ....lineage.image.image import EffectiveImage
from ....lineage.image.script_files import text_of
from ....lineage.late.dataclasses import dataclass
from ....lineage.late.patterns import pattern
from ....lineage.text.errors import Unknown
from ....lineage.text.numbers import is_digits
from ....lineage.text.symbolic import Text, Var

_NUMERIC = ("-eq", "-ne", "-lt", "-le", "-gt", "-ge")
_FAIL_ON_EMPTY = frozenset(
    ("useradd", "adduser", "groupadd", "addgroup", "usermod", "id", "getent", "chpasswd", "passwd")
)
_SET_NOTHING = frozenset(("echo", "export", "local", "printf", "readonly", "unset"))
"""Commands that may be handed a variable's name and give it no value."""
_NOUNSET = pattern(r"(?m)^[^#\n]*\bset\s+(?:-o\s+nounset|-[a-zA-Z]*u)")
_MUST = r"\$\{%s:?\?"


@dataclass(frozen=True)
class Given:
    """What is known of the values of runtime variables in an image's start steps."""

    image: EffectiveImage
    plan: BootPlan

    def empty(self, text: Text, step: StartStep, command: Command) -> bool | Unknown:
        """Whether all of `text` may be empty when `command` runs; Unknown where a variable's default is not known."""
        if not text.pieces:
            return False
        doubt: Unknown | None = None
        for piece in text.pieces:
            if not isinstance(piece, Var) or piece.default:
                return False
            unset = self._unset(piece.name)
            if unset is False or self._checked(piece.name, step, command):
                return False
            if isinstance(unset, Unknown):
                doubt = unset
        return doubt if doubt is not None else True

    def _unset(self, name: str) -> bool | Unknown:
        value = self.image.variable(name)
        if isinstance(value, Unknown):
            return value
        return not value

    def _checked(self, name: str, step: StartStep, command: Command) -> bool:
        if any(_implies(guard, name) for guard in command.guards):
            return True
        if step.script is not None and self._checked_in(name, step, command):
            return True
        return any(self._stops_at(other, step) and fails_without(other, name) for other in self.plan.steps)

    def _checked_in(self, name: str, step: StartStep, command: Command) -> bool:
        """Whether an earlier line of the script ends it where the variable is empty."""
        script = step.script
        assert script is not None
        text = text_of(script.node)
        if text is not None and command.place.path == script.place.path:
            above = text.text[: text.lines(command.place.span)[1]]
            if re.search(_MUST % re.escape(name), above):
                return True
            if name not in self.image.env and _NOUNSET.search(above):
                return True
        before = list(_before(script.commands, command))
        return any(_fails_when_empty(one, name) for one in before) or may_be_set_by_name(before, name)

    @cached_property
    def _ends_on_failure(self) -> bool:
        return self.image.variable("S6_BEHAVIOUR_IF_STAGE2_FAILS") in ("1", "2")

    def _stops_at(self, other: StartStep, step: StartStep) -> bool:
        """Whether `step` surely does not run when `other` failed."""
        if other is step or self.plan.precedes(other, step) is not True:
            return False
        if step.kind == "session" or other.kind in ("oneshot", "entrypoint"):
            return True
        if other.kind != "cont-init" or not self._ends_on_failure:
            return False
        generation = getattr(self.plan.s6, "generation", 3)
        return generation < 3 or (
            step.kind != "cont-init" and self.image.variable("S6_BEHAVIOUR_IF_STAGE2_FAILS") == "2"
        )


def default_number(image: EffectiveImage, number: Text) -> str | None:
    """The decimal digits that a uid or gid has where the container is given none; None where that is not known."""
    literal = number.literal
    if literal is None and len(number.pieces) == 1 and isinstance(number.pieces[0], Var):
        variable = number.pieces[0]
        value = image.variable(variable.name)
        literal = value if isinstance(value, str) and value else variable.default
    return literal if is_digits(literal) else None


def fails_without(step: StartStep, name: str) -> bool:
    """Whether the step ends with an error when the variable is empty."""
    script = step.script
    if script is None:
        return False
    must = re.compile(_MUST % re.escape(name))
    for command in script.commands:
        if any(must.search(word.raw) for word in command.argv) and _only_accounts(command.guards):
            return True
        if _fails_when_empty(command, name) and _only_accounts(command.guards):
            return True
        if command.name == "exit" and len(command.argv) > 1 and command.argv[1].literal not in (None, "0"):
            tests = [guard.holds for guard in command.guards if not guard.presumed]
            if len(tests) == 1 and tests[0] is not None and _is_empty_test(tests[0], name):
                return True
    return False


def may_be_set_by_name(commands: Iterable[Command], name: str) -> bool:
    """Whether a command is handed the bare name of a variable, in which it may leave a value (`read_setting port PORT`)."""
    return any(
        word.literal == name for command in commands if command.name not in _SET_NOTHING for word in command.arguments
    )


def _only_accounts(guards: Iterable[Guard]) -> bool:
    """Whether nothing but the test that the account or group is missing stands before the command."""
    return all(
        guard.presumed or (guard.holds is not None and guard.holds.op in ("user", "group") and guard.holds.negated)
        for guard in guards
    )


def _before(commands: Iterable[Command], command: Command) -> Iterator[Command]:
    """The commands that have run on every path that leads to `command`."""
    for one in commands:
        if one is command:
            return
        if all(guard.presumed or guard in command.guards for guard in one.guards):
            yield one


def _fails_when_empty(command: Command, name: str) -> bool:
    """Whether the command ends the script under errexit when the variable is empty."""
    if not command.errexit or command.ignores_failure:
        return False
    if command.name in ("test", "["):
        words = [word for word in command.argv[1:] if word.literal != "]"]
        return len(words) == 2 and words[0].literal == "-n" and _is_variable(words[1].text, name)
    return command.name in _FAIL_ON_EMPTY and any(_is_variable(word.text, name) for word in command.arguments)


def _is_variable(text: Text, name: str) -> bool:
    return len(text.pieces) == 1 and isinstance(text.pieces[0], Var) and text.pieces[0].name == name


def _is_empty_test(test: Test, name: str) -> bool:
    return test.op == "-z" and not test.negated and _is_variable(test.operands[0], name)


def _implies(guard: Guard, name: str) -> bool:
    """Whether the variable has a value where the guard holds."""
    if guard.holds is not None:
        return _gives(guard.holds, name)
    return bool(guard.alternatives) and all(_gives(test, name) for test in guard.alternatives)


def _gives(test: Test, name: str) -> bool:
    if not any(_is_variable(operand, name) for operand in test.operands):
        return False
    if test.op == "-z":
        return test.negated
    if test.op in _NUMERIC:
        return True
    if test.negated:
        return False
    return test.op in ("=", "match", "=~", "user", "group", "-v")
