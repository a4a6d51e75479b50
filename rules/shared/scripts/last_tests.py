"""Tests at the end of a function, a subshell or a script, whose status is that of its last command."""

from collections.abc import Iterator

from ....lineage.late.patterns import pattern
from ....lineage.shell.nodes import AndOr, Case, Compound, For, If, Loop, Node, Script, Sequence, Simple
from ....lineage.text.spelling import words_of

_ALWAYS = pattern(r"while\s+(?:true|:|sleep \S+|\[\[? 1 \]\]?|test 1|\(\( *1 *\)\)|\[ 1 (?:-eq|=|==) 1 \]|/bin/true)")
_NEVER = pattern(r"until\s+(?:false|/bin/false)")
_NO_END = pattern(r"for\s*\(\([^;]*;\s*;")
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
            if not _is_endless(tree, node):
                yield from last_tests(tree, node.body)
        case AndOr():
            if all(operator == "&&" for operator, _ in node.rest) and is_test(tree, node.first):
                yield node
        case _:
            return


def _is_endless(tree: Script, node: For | Loop) -> bool:
    """Whether a loop ends by `break` alone, whose status is 0, or not at all."""
    if isinstance(node, For):
        return node.arithmetic and _NO_END.match(tree.raw(node.start, node.end)) is not None
    condition = tree.raw(node.condition.start, node.condition.end).strip(" \t\n;")
    return _NEVER.fullmatch(condition) is not None if node.negated else _ALWAYS.fullmatch(condition) is not None


def is_test(tree: Script, node: Node) -> bool:
    """Whether a command asks a question, and does nothing else."""
    if not isinstance(node, Simple) or not node.tokens:
        return False
    first = node.tokens[0]
    return first.kind in ("test", "arithmetic") or tree.raw(first.start, first.end) in _TESTS
