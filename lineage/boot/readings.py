"""What start scripts do, read once for the same answers.

The images of a lineage hold the same start scripts, and one image's are read for its boot plan, for what leads to `/init`
and under those who run it. What a reading gives hangs on the script, on who runs it with which arguments, and on what it
asks on its way: variables of the environment, scripts by path, files that match a pattern. Each question is noted with its
answer, and a reading is used again where all of them are answered the same.
"""

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence

from ..commands.model import Environment, Glob, Load, LoadedScript, Reading
from ..effects.model import Effect
from ..late.dataclasses import dataclass, field, replace
from ..text.symbolic import Text

MOST_COMMANDS = 20_000
"""Commands of the readings that are kept: of those that were asked for last."""
_MOST_VARIANTS = 8
"""Readings of one script that are kept, each for other answers."""

Interpret = Callable[[Environment, Load, Glob], Reading]
"""Reads a script in that environment, with those who answer what the image holds."""


class _Values(Mapping[str, str]):
    """The values of variables; which were asked for is noted."""

    def __init__(self, values: Mapping[str, str], asked: "_Asked") -> None:
        self._values = values
        self._asked = asked

    def __getitem__(self, name: str) -> str:
        self._asked.variables.add(name)
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        self._asked.all_variables = True
        return iter(self._values)

    def __len__(self) -> int:
        self._asked.all_variables = True
        return len(self._values)


class _Names(frozenset[str]):
    """The names that are given when the container starts; which were asked for is noted. It is asked for members alone."""

    asked: "_Asked"

    def __contains__(self, name: object) -> bool:
        if isinstance(name, str):
            self.asked.variables.add(name)
        return super().__contains__(name)


@dataclass(slots=True)
class _Asked:
    """What a reading asked, with the answers."""

    variables: set[str] = field(default_factory=lambda: set[str]())
    all_variables: bool = False
    scripts: dict[str, LoadedScript | None] = field(default_factory=lambda: dict[str, LoadedScript | None]())
    patterns: dict[str, tuple[str, ...] | None] = field(default_factory=lambda: dict[str, tuple[str, ...] | None]())


@dataclass(frozen=True, slots=True)
class _Known:
    """A reading with its effects, and the answers for which it holds."""

    environment: Environment
    asked: _Asked
    reading: Reading
    effects: tuple[Effect, ...]

    @property
    def cost(self) -> int:
        return 1 + len(self.reading.commands)

    def holds(self, environment: Environment, load: Load, glob: Glob) -> bool:
        """Whether everything that the reading asked is answered the same. Raises what `load` raises."""
        before = self.environment
        if self.asked.all_variables and (before.values, before.runtime) != (environment.values, environment.runtime):
            return False
        return (
            all(_variable(before, name) == _variable(environment, name) for name in self.asked.variables)
            and all(load(path) == script for path, script in self.asked.scripts.items())
            and all(glob(pattern) == paths for pattern, paths in self.asked.patterns.items())
        )


def _variable(environment: Environment, name: str) -> tuple[str | None, bool]:
    return environment.values.get(name), name in environment.runtime


class Readings:
    """The readings of start scripts that were made last."""

    def __init__(self, most: int = MOST_COMMANDS) -> None:
        self.most = most
        self._known: dict[Hashable, list[_Known]] = {}
        self._cost = 0

    def read(
        self,
        script: Hashable,
        environment: Environment,
        user: Text,
        arguments: Sequence[Text] | None,
        load: Load,
        glob: Glob,
        interpret: Interpret,
        effects_of: Callable[[Reading], tuple[Effect, ...]],
    ) -> tuple[Reading, tuple[Effect, ...]]:
        """What `interpret` and then `effects_of` give.

        `script` stands for the text with its place and its shell, and for what `interpret` takes besides the environment,
        `load` and `glob`. With arguments that are not known nothing is used again: each time they are others. Raises what
        `interpret` raises, and keeps nothing then.
        """
        if arguments is None:
            reading = interpret(environment, load, glob)
            return reading, effects_of(reading)
        key = (script, user, tuple(arguments), environment.missing, environment.machine)
        variants = self._known.pop(key, [])
        for known in variants:
            if known.holds(environment, load, glob):
                self._known[key] = variants  # the last that was asked for is the last to go
                return known.reading, known.effects
        asked = _Asked()
        reading = interpret(_noting(environment, asked), _scripts(load, asked), _patterns(glob, asked))
        known = _Known(environment, asked, reading, effects_of(reading))
        self._known[key] = [*variants[1 - _MOST_VARIANTS :], known]
        self._cost += known.cost - sum(one.cost for one in variants[: 1 - _MOST_VARIANTS])
        while self._cost > self.most:
            oldest = next(iter(self._known))
            self._cost -= sum(one.cost for one in self._known.pop(oldest))
        return known.reading, known.effects

    def forget(self) -> None:
        """Drop all readings."""
        self._known.clear()
        self._cost = 0


def _noting(environment: Environment, asked: _Asked) -> Environment:
    names = _Names(environment.runtime)
    names.asked = asked
    return replace(environment, values=_Values(environment.values, asked), runtime=names)


def _scripts(load: Load, asked: _Asked) -> Load:
    def noting(path: str) -> LoadedScript | None:
        asked.scripts[path] = found = load(path)
        return found

    return noting


def _patterns(glob: Glob, asked: _Asked) -> Glob:
    def noting(pattern: str) -> tuple[str, ...] | None:
        asked.patterns[pattern] = found = glob(pattern)
        return found

    return noting


READINGS = Readings()
"""The readings of this process."""
