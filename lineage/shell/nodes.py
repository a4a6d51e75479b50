"""Shell scripts as trees. Offsets are offsets in the script's `MappedText`; `Script.place` turns them into places."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from ..text.places import MappedText, Place
from .shebang import Dialect, Shebang
from .tokens import ShellToken

if TYPE_CHECKING:
    pass


class Simple(NamedTuple):
    """Words, assignments and redirections of one simple command, in written order; `[[ … ]]` and `((…))` are one
    token.
    """

    start: int
    end: int
    tokens: tuple[ShellToken, ...]


class Sequence(NamedTuple):
    """Commands one after the other; the flag says `&`."""

    start: int
    end: int
    items: "tuple[tuple[Node, bool], ...]"


class AndOr(NamedTuple):
    """`first && … || …`: the commands behind the first, each with the operator before it, from left to right."""

    start: int
    end: int
    first: "Node"
    rest: "tuple[tuple[str, Node], ...]"


class Not(NamedTuple):
    start: int
    end: int
    body: "Node"


class Pipeline(NamedTuple):
    start: int
    end: int
    items: "tuple[Node, ...]"


class Compound(NamedTuple):
    """`{ … }`, or `( … )` (`subshell`), or any compound command with redirections."""

    start: int
    end: int
    body: "Node"
    subshell: bool = False
    redirects: tuple[ShellToken, ...] = ()


class If(NamedTuple):
    start: int
    end: int
    clauses: "tuple[tuple[Node, Node], ...]"
    otherwise: "Node | None"


class Loop(NamedTuple):
    """`while`, or `until` (`negated`)."""

    start: int
    end: int
    negated: bool
    condition: "Node"
    body: "Node"


class For(NamedTuple):
    """`words` is None for `for x do` (the arguments). `arithmetic`: `for ((…))`."""

    start: int
    end: int
    name: str
    words: tuple[ShellToken, ...] | None
    body: "Node"
    arithmetic: bool = False


class Case(NamedTuple):
    """Arms are (patterns, body, whether it falls through to the next)."""

    start: int
    end: int
    subject: ShellToken
    arms: "tuple[tuple[tuple[ShellToken, ...], Node, bool], ...]"


class Function(NamedTuple):
    start: int
    end: int
    name: str
    body: "Node"


Node = Simple | Sequence | AndOr | Not | Pipeline | Compound | If | Loop | For | Case | Function


class Script(NamedTuple):
    """A script read. `error` is where the shell stops with a syntax error; `body` holds the complete commands before
    it.
    """

    path: str
    text: MappedText
    body: Sequence
    dialect: Dialect
    error: Place | None = None
    shebang: Shebang | None = None
    bashisms: tuple[tuple[str, Place], ...] = ()
    """Syntax that only Bash has (busybox has some): (kind, place), see `Tokens.bashisms`."""
    deep: bool = False
    """Whether `error` is no error of the script: what stands there is nested deeper than is followed."""

    def place(self, start: int, end: int) -> Place:
        return Place(self.path, self.text.span(start, end))

    def raw(self, start: int, end: int) -> str:
        return self.text.text[start:end]


def simple_commands(node: Node) -> Iterator[Simple]:
    """All simple commands written in a tree, in written order, whether they are ever run or not."""
    return (one for one in walk(node) if isinstance(one, Simple))


def walk(node: Node) -> Iterator[Node]:
    """A node and all that stand below it, in written order."""
    yield node
    for child in children(node):
        yield from walk(child)


def children(node: Node) -> tuple[Node, ...]:
    """The nodes directly below a node, in written order."""
    match node:
        case Simple():
            return ()
        case Sequence():
            return tuple(item for item, _ in node.items)
        case AndOr():
            return (node.first, *(right for _, right in node.rest))
        case Pipeline():
            return node.items
        case If():
            inner = tuple(part for clause in node.clauses for part in clause)
            return inner if node.otherwise is None else (*inner, node.otherwise)
        case Loop():
            return (node.condition, node.body)
        case Case():
            return tuple(body for _, body, _ in node.arms)
        case Not() | Compound() | For() | Function():
            return (node.body,)
