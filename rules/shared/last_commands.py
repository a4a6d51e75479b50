"""What a function, a subshell or a script ends with: its status is that of its last command."""

from collections.abc import Iterator

from ...lineage.shell.nodes import AndOr, Case, Compound, For, If, Loop, Node, Script, Sequence, Simple
from ...lineage.text.spelling import words_of

_TESTS = frozenset(words_of("[ test grep egrep fgrep command which type getent id mountpoint"))


def last_tests(tree: Script, node: Node) -> Iterator[AndOr]:
    """`TEST && command`, with no `||`, wherever it may be the last that is done."""
    match node:
        case Sequence():
            if node.items and not node.items[-1][1]:
                yield from last_tests(tree, node.items[-1][0])
        case Compound():
            yield from last_tests(tree, node.body)
        case If():
            for _, body in node.clauses:
                yield from last_tests(tree, body)
            if node.otherwise is not None:
                yield from last_tests(tree, node.otherwise)
        case Case():
            for _, body, _ in node.arms:
                yield from last_tests(tree, body)
        case For() | Loop():
            yield from last_tests(tree, node.body)
        case AndOr():
            if all(operator == "&&" for operator, _ in node.rest) and is_test(tree, node.first):
                yield node
        case _:
            return


def is_test(tree: Script, node: Node) -> bool:
    """Whether a command asks a question, and does nothing else."""
    if not isinstance(node, Simple) or not node.tokens:
        return False
    first = node.tokens[0]
    return first.kind in ("test", "arithmetic") or tree.raw(first.start, first.end) in _TESTS
