"""What a shell knows while it runs a script: variables, working directory, options, functions."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from ..shell.parse import Function, Script
from ..text.numbers import is_digits
from ..text.places import Place
from ..text.spelling import words_of
from ..text.symbolic import Opaque, Piece, Text, Var
from .model import ROOT, Environment, VariableMention, Word

EMPTY = Text()
_MOST_ARGUMENTS = 1000


class ShellArgument(NamedTuple):
    """A positional parameter or an element of an array; `globs`: it stands for each file that matches."""

    text: Text
    globs: bool = False


class State:
    """The mutable state of one shell. Mappings are replaced, never changed, so that copies are cheap."""

    __slots__ = (
        "aliases",
        "allexport",
        "arguments",
        "arrays",
        "before",
        "directories",
        "directory",
        "environment",
        "errexit",
        "exported",
        "functions",
        "globbed",
        "home",
        "noglob",
        "nounset",
        "opened",
        "pipefail",
        "script",
        "shown",
        "umask",
        "unknown",
        "user",
        "variables",
    )

    def __init__(self, environment: Environment, user: Text, directory: Text, script: str) -> None:
        self.environment = environment
        self.variables: Mapping[str, Text | None] = MappingProxyType({})
        self.arrays: Mapping[str, tuple[ShellArgument, ...]] = MappingProxyType({})
        self.globbed: frozenset[str] = frozenset()
        self.exported: frozenset[str] = frozenset()
        self.arguments: tuple[ShellArgument, ...] | None = ()
        self.directory = directory
        self.functions: Mapping[str, tuple[Function, Script]] = MappingProxyType({})
        self.aliases: tuple[str, ...] = ()
        self.errexit = False
        self.nounset = False
        self.pipefail = False
        self.noglob = False
        self.allexport = False
        """Variables were exported as they were set, at least for a time (`set -a`)."""
        self.opened = False
        """Something unread was sourced: names that nothing here sets are unknown."""
        self.user = user
        self.home: Text | None = None
        """HOME as a switch of user has set it."""
        self.script = Text.of(script)
        """`$0`."""
        self.umask: int | None = 0o022
        self.before: Text | None = None
        """The working directory before the last cd."""
        self.directories: tuple[Text, ...] = ()
        """What pushd has kept, the last first."""
        self.unknown: dict[str, Text] = {}
        self.shown: tuple[Mapping[str, Text | None], Mapping[str, Text]] | None = None
        """The variables that `known` was last asked for, and its answer."""

    def copy(self) -> "State":
        other = State.__new__(State)
        other.take(self)
        return other

    def take(self, other: "State") -> None:
        """Becomes equal to another state."""
        self.environment = other.environment
        self.variables = other.variables
        self.arrays = other.arrays
        self.globbed = other.globbed
        self.exported = other.exported
        self.arguments = other.arguments
        self.directory = other.directory
        self.functions = other.functions
        self.aliases = other.aliases
        self.errexit = other.errexit
        self.nounset = other.nounset
        self.pipefail = other.pipefail
        self.noglob = other.noglob
        self.allexport = other.allexport
        self.opened = other.opened
        self.user = other.user
        self.home = other.home
        self.script = other.script
        self.umask = other.umask
        self.before = other.before
        self.directories = other.directories
        self.unknown = other.unknown
        self.shown = other.shown

    def child(self) -> "State":
        """The state of a new shell that this one starts: what is exported, and nothing else of the script's."""
        other = State(self.environment, self.user, self.directory, "")
        other.script = self.script
        inherited = self.exported | self.variables.keys() if self.allexport else self.exported
        other.opened = self.opened and self.allexport
        other.variables = {
            name: value for name, value in self.variables.items() if name in inherited or self.is_inherited(name)
        }
        other.exported = inherited
        other.globbed = self.globbed
        other.home = self.home
        other.umask = self.umask
        other.unknown = self.unknown
        return other

    def take_options(self, words: Sequence[Word]) -> None:
        """Turn on what the options of a shell's command line do: `-e`, `-o errexit`, `-o pipefail`."""
        for at, word in enumerate(words):
            literal = word.literal or ""
            if not literal.startswith("-") or literal.startswith("--"):
                continue
            named = words[at + 1].literal if at + 1 < len(words) and literal.endswith("o") else None
            self.errexit = self.errexit or "e" in literal or named == "errexit"
            self.pipefail = self.pipefail or named == "pipefail"

    def is_inherited(self, name: str) -> bool:
        """Whether a variable comes from the environment, so that its changes are exported by themselves."""
        return name in self.environment.values or name in self.environment.runtime

    def assign(self, name: str, value: Text | None, *, globs: bool = False) -> None:
        if value is not None and is_too_long(value):
            value = Text((Opaque(f"the value of {name} is too long"),))
        self.variables = {**self.variables, name: value}
        if globs != (name in self.globbed):
            self.globbed = self.globbed | {name} if globs else self.globbed - {name}
        if name in self.arrays:
            self.arrays = {key: items for key, items in self.arrays.items() if key != name}

    def assign_array(self, name: str, items: tuple[ShellArgument, ...]) -> None:
        self.assign(name, items[0].text if items else None)
        self.arrays = {**self.arrays, name: items}

    def set_arguments(self, arguments: tuple[ShellArgument, ...]) -> None:
        """Sets the positional parameters; too many of them are not followed."""
        self.arguments = arguments if len(arguments) <= _MOST_ARGUMENTS else None

    def is_set_here(self, name: str) -> bool:
        return name in self.variables

    def value(self, name: str) -> Text | None:
        """The value of a named variable, None where it is unset."""
        if name in self.variables:
            return self.variables[name]
        if name == "HOME" and self.home is not None:
            return self.home
        if name == "PWD":
            return self.directory
        environment = self.environment
        if name in environment.runtime:
            return Text((Var(name),))
        value = environment.values.get(name)
        if value:
            return Text((value,))
        if name in ("IFS", "OPTIND"):
            return Text((" \t\n" if name == "IFS" else "1",))
        if name in ("UID", "EUID"):
            return Text.of("0") if self.user == ROOT else self.never_known(name)
        if name in _OWN:
            return self.never_known(name)
        if environment.missing == "given":
            return Text((Var(name),))
        if value is not None:
            return EMPTY
        return self.never_known(name) if self.opened or environment.missing == "unknown" else None

    def never_known(self, name: str) -> Text:
        if name not in self.unknown:
            self.unknown[name] = Text((Opaque(f"the value of {name}"),))
        return self.unknown[name]

    def known(self) -> Mapping[str, Text]:
        """The variables the script has set."""
        if self.shown is None or self.shown[0] is not self.variables:
            known = {name: value for name, value in self.variables.items() if value is not None}
            self.shown = (self.variables, known)
        return self.shown[1]


_OWN = frozenset(
    words_of("""RANDOM SECONDS LINENO HOSTNAME PPID BASHPID BASH_SOURCE BASH_VERSION BASH_VERSINFO FUNCNAME OSTYPE
        HOSTTYPE MACHTYPE OLDPWD REPLY OPTARG SRANDOM EPOCHSECONDS PIPESTATUS DIRSTACK GROUPS SHLVL
        BASH""")
)


_LONGEST = 1 << 16
_MOST_PIECES = 256


def is_too_long(value: Text) -> bool:
    """Whether a value has grown beyond what is followed (`x=$x$x` in a loop)."""
    if len(value.pieces) == 1 and isinstance(value.pieces[0], str):
        return len(value.pieces[0]) > _LONGEST
    return len(value.pieces) > _MOST_PIECES or sum(len(one) for one in value.pieces if isinstance(one, str)) > _LONGEST


def join_states(states: list[State], tested: tuple[str, Text] | None = None) -> State:
    """One state for what may have come about on several paths: what differs is unknown from here on.

    `tested`: a variable whose emptiness the condition tested; a value that is only put in where it is empty becomes its
    default.
    """
    first = states[0]
    if len(states) == 1:
        return first
    joined = first.copy()
    for state in states[1:]:
        _join_variables(joined, state, tested)
        if state.directory != joined.directory:
            joined.directory = Text.of(Opaque("the working directory differs by the path taken"))
        if state.before != joined.before:
            joined.before = None
        if state.directories != joined.directories:
            joined.directories = ()
        if state.umask != joined.umask:
            joined.umask = None
        if state.arguments != joined.arguments:
            joined.arguments = None
        if state.functions is not joined.functions:
            joined.functions = {**state.functions, **joined.functions}
        joined.exported = joined.exported | state.exported
        joined.globbed = joined.globbed | state.globbed
        joined.errexit = joined.errexit and state.errexit
        joined.nounset = joined.nounset and state.nounset
        joined.pipefail = joined.pipefail and state.pipefail
        joined.opened = joined.opened or state.opened
        joined.aliases = tuple(dict.fromkeys((*joined.aliases, *state.aliases)))
    return joined


def _join_variables(joined: State, state: State, tested: tuple[str, Text] | None) -> None:
    if state.arrays is not joined.arrays and state.arrays != joined.arrays:
        joined.arrays = {name: items for name, items in joined.arrays.items() if state.arrays.get(name) == items}
    if state.variables is joined.variables:
        return
    merged: dict[str, Text | None] = {}
    for name in dict.fromkeys((*joined.variables, *state.variables)):
        one = joined.value(name)
        other = state.value(name)
        if one == other:
            merged[name] = _with_default(one, other)
        else:
            merged[name] = _either(name, one, other, tested)
    joined.variables = merged


def _with_default(one: Text | None, other: Text | None) -> Text | None:
    if one is None or other is None:
        return one
    defaults = [piece.default for text in (one, other) for piece in text.pieces if isinstance(piece, Var)]
    return one if any(defaults[: len(defaults) // 2]) else other


def _either(name: str, one: Text | None, other: Text | None, tested: tuple[str, Text] | None) -> Text:
    if tested is not None and tested[0] == name:
        for given, put in ((one, other), (other, one)):
            if given is None or put is None or len(given.pieces) != 1:
                continue
            variable, default = given.pieces[0], default_of(put)
            if isinstance(variable, Var) and default is not None:
                return Text((Var(variable.name, default),))
    return Text((Opaque(f"{name} differs by the path taken"),))


def default_of(text: Text) -> str | None:
    """The text where every variable in it has a default or none is in it."""
    pieces: list[str] = []
    for piece in text.pieces:
        if isinstance(piece, str):
            pieces.append(piece)
        elif isinstance(piece, Var) and piece.default is not None:
            pieces.append(piece.default)
        else:
            return None
    return "".join(pieces)


def home_of(user: Text) -> Text:
    """The home directory a user has by custom."""
    literal = user.literal
    if literal in ("root", "0"):
        return Text.of("/root")
    if literal is not None and (is_digits(literal) or not literal):
        return unknown("the home of an account known by number")
    return user if user.opaque else Text.of("/home/", user)


def unknown(reason: str) -> Text:
    """A text of which nothing is known."""
    return Text((Opaque(reason),))


class Notes:
    """What reading a script brings to light besides its commands."""

    __slots__ = ("mentions", "pieces", "tested")

    def __init__(self) -> None:
        self.mentions: list[VariableMention] = []
        self.pieces: dict[str, Piece] = {}
        """Stand-ins, in the text of an inner script, for pieces that the outer one could not know."""
        self.tested = False

    def mention(self, name: str, place: Place, *, defaulted: bool, ends: bool = False) -> None:
        self.mentions.append(VariableMention(name, place, defaulted, self.tested, ends))
