"""Simple commands as a shell would run them: words after expansion, conditions, users, redirections.

This is what reading a script gives (`interpret`, `execline`), and what the readers of effects and the rules work on.
"""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Literal, NamedTuple, Protocol

from ..late.dataclasses import dataclass, field
from ..shell.shebang import Dialect
from ..text.paths import S6_PATH
from ..text.places import MappedText, Place
from ..text.symbolic import Text

LoopKind = Literal["literal", "glob", "unbounded"]
"""`literal`: unrolled over known words; `glob`: once, standing for each file that matches; `unbounded`: unknown turns.
"""

ROOT = Text.of("root")


@dataclass(frozen=True, slots=True)
class Word:
    """One argument after expansion, splitting and brace expansion.

    `globs` says that the text holds unquoted glob characters (or stands for each match of a loop over a glob).
    `variables` are the variables of the environment, not of the script, that were expanded in it, also where their
    value is known or empty. Words split off one written word have the same `raw` and `place`.
    """

    text: Text
    raw: str
    place: Place
    quoted: bool = False
    globs: bool = False
    variables: tuple[str, ...] = ()
    offset: int = field(default=-1, compare=False, repr=False)
    """Where it begins in the text of its script; -1 for words that are not written there."""

    @property
    def literal(self) -> str | None:
        return self.text.literal

    def __str__(self) -> str:
        return self.text.canonical


class Test(NamedTuple):
    """A test that a condition makes: `op` is `-f`, `-d`, `-e`, `-L`, `-z`, `-n`, `=`, `-eq`, `<`, `=~` … as in
    test(1), or `user` (id NAME, getent passwd NAME, grep NAME /etc/passwd), `group`, `command` (command -v NAME, which
    NAME), `match` (case), `grep` (pattern, file). `!=` is `=` negated. `-h` is `-L`, `==` is `=`.
    """

    op: str
    operands: tuple[Text, ...]
    negated: bool = False
    globs: bool = False

    def inverted(self) -> "Test":
        return Test(self.op, self.operands, not self.negated, self.globs)

    def __str__(self) -> str:
        words = " ".join(operand.canonical or "''" for operand in self.operands)
        return f"{'! ' if self.negated else ''}{self.op} {words}"


class Guard(NamedTuple):
    """A condition under which a command runs.

    `kind` is the construct: `if`, `&&`, `||`, `case`, `while`, `until`, `for`, or `exit` (something before may have
    ended the script, the function or the turn of the loop). The guard holds when `test` is true (with `negated`:
    false). `test` is None where the condition is no test that can be read; then `alternatives`, if any, are tests of
    which at least one holds (`negated` is then already taken into account). `presumed`: the condition is that an
    ordinary command before succeeds, as in `mkdir x && cp y x`.
    """

    kind: str
    place: Place
    test: Test | None = None
    negated: bool = False
    alternatives: tuple[Test, ...] = ()
    presumed: bool = False

    @property
    def holds(self) -> Test | None:
        """The test in the sense in which it holds, None where it cannot be read."""
        return None if self.test is None else self.test.inverted() if self.negated else self.test


class Redirect(NamedTuple):
    """`operator` as written without descriptor: `>`, `>>`, `<`, `>|`, `<>`, `>&`, `<&`, `&>`, `&>>`, `<<`, `<<-`,
    `<<<`.

    `fd` is the descriptor it changes (for `&>` 1). A here-document has its `document`; if its delimiter was quoted,
    `quoted`, and nothing in it was expanded.
    """

    operator: str
    fd: int
    place: Place
    target: Word | None = None
    document: Text | None = None
    quoted: bool = False
    begins: tuple[int, int] = (1, 1)
    """The line and column of the document's first character."""

    @property
    def writes(self) -> bool:
        """Whether it opens a file for writing."""
        return self.operator in (">", ">>", ">|", "<>", "&>", "&>>")


class Wrapper(NamedTuple):
    """A program that runs the command given to it: sudo, su, env, exec, s6-setuidgid, timeout, find -exec, sh -c …"""

    name: str
    argv: tuple[Word, ...]
    """The wrapper's own words, without those of the command it runs."""
    place: Place
    user: Text | None = None
    """The account it switches to."""


@dataclass(frozen=True, slots=True)
class Pipe:
    """The place in a pipeline: `index` of `length`; commands of one pipeline share `number`."""

    number: int
    index: int
    length: int
    outer: "Pipe | None" = None
    """The place of the whole pipeline in one that it is a part of."""


@dataclass(frozen=True, slots=True)
class Command:
    """A simple command as it would be run. `argv` is empty for bare assignments and bare redirections.

    `name` is the base name of the program, empty where it cannot be known. `sure` says that it runs on every path of
    a script that is started, presuming that ordinary commands before it succeed.
    """

    argv: tuple[Word, ...]
    name: str
    place: Place
    user: Text = ROOT
    directory: Text = field(default_factory=lambda: Text.of("/"))
    guards: tuple[Guard, ...] = ()
    sure: bool = True
    wrappers: tuple[Wrapper, ...] = ()
    assignments: tuple[tuple[str, Text], ...] = ()
    redirects: tuple[Redirect, ...] = ()
    exec: bool = False
    background: bool = False
    subshell: bool = False
    substitution: bool = False
    """It runs within `$(…)`, backquotes or `<(…)`: its output goes into a word."""
    pipe: Pipe | None = None
    ignores_failure: bool = False
    """Its failure ends nothing: `|| true`, in a condition, or no errexit (and, in a RUN, not the last command)."""
    errexit: bool = False
    loop: LoopKind | None = None
    function: bool = False
    """argv[0] is a function of the script; the commands of its body follow."""
    loaded: bool = False
    """argv names a script whose commands follow, read through `load`."""
    compound: bool = False
    """No command but the redirections of `{ … }`, a loop or another compound command, before its body."""
    dialect: Dialect = "sh"
    home: Text = field(default_factory=lambda: Text.of("/root"))
    """HOME as the command sees it."""
    callers: tuple[Place, ...] = ()
    """Where the script that this command stands in was run or sourced, outermost first."""
    umask: int | None = 0o022
    """None where it cannot be known."""
    printed: Text | None = field(default=None, compare=False, repr=False)
    """What the body of a compound command prints, where that is known."""
    variables: Mapping[str, Text] = field(
        default_factory=lambda: MappingProxyType[str, Text]({}), compare=False, repr=False
    )
    """What the script has set when the command runs, exported or not (prefix assignments not included)."""

    @property
    def arguments(self) -> tuple[Word, ...]:
        return self.argv[1:]

    @property
    def in_pipeline(self) -> bool:
        return self.pipe is not None

    def __str__(self) -> str:
        return " ".join(word.text.canonical for word in self.argv)


class VariableMention(NamedTuple):
    """A place where a script expands a variable that it has not set itself before. `defaulted`: with `:-`, `-`, `:=`,
    `=`, `:+`, `+`.
    """

    name: str
    place: Place
    defaulted: bool = False
    tested: bool = False
    """It stands in a condition (`[ -z "$X" ]`, `case $X`)."""
    ends: bool = False
    """The script ends here where the variable is unset: `set -u` is on, and nothing unread may have set it."""


class LoadedScript(NamedTuple):
    """A script that the image holds: `path` as shown to the user, its text, and which shell reads it where it has no
    `#!`.
    """

    path: str
    text: MappedText
    dialect: Dialect = "sh"


class Unread(NamedTuple):
    """A part of a script that was not read (syntax error, too many steps): it may do anything. `limit` says that it asks
    for more than is followed."""

    place: Place
    reason: str
    limit: bool = False

    @classmethod
    def behind(cls, error: Place, *, deep: bool) -> "Unread":
        """What stands behind the place where a script cannot be read on; `deep`: it is nested deeper than is followed."""
        return cls(error, "the script is nested too deeply to be followed" if deep else "syntax error", deep)


@dataclass(frozen=True, slots=True)
class Reading:
    """All that reading a script gave. `ends` is how it ends: None at its end, `exec`, `exit`, or `loop` (never)."""

    commands: tuple[Command, ...]
    mentions: tuple[VariableMention, ...] = ()
    unread: tuple[Unread, ...] = ()
    variables: Mapping[str, Text] = field(default_factory=lambda: MappingProxyType[str, Text]({}))
    aliases: tuple[str, ...] = ()
    ends: Literal["exec", "exit", "loop"] | None = None
    directory: Text = field(default_factory=lambda: Text.of("/"))


@dataclass(frozen=True, slots=True)
class Environment:
    """What a script finds set when it starts.

    `values` are the image's (or the build's) variables. `runtime` are names that are given when the container starts,
    whatever their value in the image. `missing` says what any other name is: `empty` (nothing else can set it),
    `unknown` (a parent image of unknown variables), or `given` (the user may give it when the container starts;
    variables that are empty in the image count as given, too).
    """

    values: Mapping[str, str] = field(default_factory=lambda: MappingProxyType[str, str]({}))
    runtime: frozenset[str] = frozenset()
    missing: Literal["empty", "unknown", "given"] = "empty"
    machine: str = ""
    """The architecture that a build is for, as Go calls it; empty where it is not known, as when a container starts."""

    @classmethod
    def at_build(cls, values: Mapping[str, str], *, open: bool = False) -> "Environment":
        """A RUN: `values` are ENV and ARG; `open` where the parent's ENV is not known."""
        return cls(values, frozenset(), "unknown" if open else "empty")

    @classmethod
    def at_start(cls, values: Mapping[str, str], runtime: frozenset[str] = frozenset()) -> "Environment":
        """A start script that sees the container's environment (with-contenv, S6_KEEP_ENV, entrypoint scripts)."""
        return cls(values, runtime, "given")

    @classmethod
    def cleared(cls, path: str = S6_PATH) -> "Environment":
        """A start script that s6 runs without with-contenv: PATH only."""
        return cls({"PATH": path}, frozenset(), "empty")


class Sight(Protocol):
    """What is known of an image's files."""

    def text(self, path: str) -> str | None:
        """The text of a file; None where it is not known."""
        ...

    def kind(self, path: str, *, follow: bool = True) -> Literal["file", "directory", "link", "nothing"] | None:
        """What is at a path; None where that cannot be known."""
        ...

    def home(self, name: str) -> str | None:
        """The home of an account, where it is known."""
        ...

    def below(self, path: str) -> Sequence[tuple[str, str]] | None:
        """(path, kind) of everything below a directory; None where not all of it is known."""
        ...


class KnownFiles(Sight, Protocol):
    """What is known of the files of the image at the moment at which a command of a RUN runs."""

    def catch_up(self, commands: Sequence[Command]) -> bool:
        """Take in what the commands do that were not taken in yet; whether there were any. Called with all commands
        so far, before each of the questions below."""
        ...

    def revise(self, index: int, command: Command) -> None:
        """Take in that of the command with that index more is known now than when it was taken in."""
        ...

    def mode(self, path: str) -> int | None:
        """The permission bits at a path; None where they cannot be known."""
        ...

    def account(self, name: str) -> bool | None:
        """Whether an account exists; None where that cannot be known."""
        ...

    def refused(self) -> bool:
        """Whether the image as it is leaves the last command nothing but to fail."""
        ...

    def may_deny(self, path: str, user: Text, permission: int) -> bool:
        """Whether a user may lack a permission (4 to read, 1 to enter) of what is at a path."""
        ...

    def has_program(self, name: str) -> bool:
        """Whether a program is known to be there, or a package that was installed may have brought it."""
        ...


Load = Callable[[str], LoadedScript | None]
"""Absolute path in the image → the script there; None where there is none or it is not known."""
Glob = Callable[[str], tuple[str, ...] | None]
"""Absolute glob pattern → sorted paths that match, None where that cannot be known."""
