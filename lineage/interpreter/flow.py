"""In what circumstances a command runs, and what comes after it: contexts, and ways out of a script."""

from typing import Literal, NamedTuple

from ..commands.conditions import Condition
from ..commands.model import Guard, LoopKind, Pipe, Redirect, Word, Wrapper
from ..shell.parse import Script
from ..text.places import Place
from ..text.symbolic import Text

Scope = Literal["exit", "return", "break", "continue"]
Ends = Literal["exec", "exit", "loop"]


class Expanded(NamedTuple):
    """A simple command when its words are expanded (POSIX.1, Shell Command Language, 2.9.1)."""

    words: tuple[Word, ...]
    place: Place
    redirects: tuple[Redirect, ...] = ()
    assignments: tuple[tuple[str, Text], ...] = ()
    """The variables that it alone is given (`NAME=value command`)."""


class Context(NamedTuple):
    """The circumstances that commands inherit from the constructs around them."""

    script: Script
    guards: tuple[Guard, ...] = ()
    loop: LoopKind | None = None
    wrappers: tuple[Wrapper, ...] = ()
    callers: tuple[Place, ...] = ()
    pipe: Pipe | None = None
    background: bool = False
    subshell: bool = False
    substitution: bool = False
    exec: bool = False
    external: bool = False
    """The command is run by a program, not by the shell: no functions, no built-in commands."""
    tolerated: bool = False
    """Its failure is looked at or thrown away (condition, left of `||`)."""
    excused: bool = False
    """What fails may end the shell that runs it, and who started that shell goes on."""
    checked: bool = False
    """Its failure is the failure of the script, which nobody would go on from (a RUN)."""
    depth: int = 0
    frames: tuple[str, ...] = ()
    """Functions and files being run, against recursion."""

    def under(self, guards: tuple[Guard, ...]) -> "Context":
        return self._replace(guards=self.guards + guards) if guards else self


class Leak(NamedTuple):
    """A way out: `exit` of the script, `return`, `break` or `continue`, with the guards under which it is taken."""

    scope: Scope
    guards: tuple[Guard, ...]
    ends: Ends = "exit"


class Flow(NamedTuple):
    """What running a node came to: its exit status, whether anything can follow, and the ways out it may have taken."""

    condition: Condition
    alive: bool = True
    leaks: tuple[Leak, ...] = ()
    ending: Condition | None = None
    """What decides whether a shell with `-e` goes on, where that is not the exit status: in a list only its last command does."""

    @property
    def lasting(self) -> Condition:
        """The condition under which a shell with `-e` goes on."""
        return self.condition if self.ending is None else self.ending

    def absorbing(self, *scopes: Scope) -> "Flow":
        """Beyond a boundary that some ways out do not cross: what left by them goes on there."""
        if not self.leaks and self.alive:
            return self
        kept = tuple(leak for leak in self.leaks if leak.scope not in scopes)
        return Flow(self.condition, self.alive or len(kept) < len(self.leaks), kept, self.ending)
