"""Shell scripts as trees: the only user of tree-sitter and its Bash grammar, which are loaded with the first script.

Offsets of the tree are offsets in the `MappedText`; `Script.place` turns them into places of the file.
"""

from functools import cache
from importlib.machinery import PathFinder
from importlib.util import module_from_spec
from itertools import islice
from typing import TYPE_CHECKING, Any

from ..text.places import MappedText, Place
from .shebang import Dialect, read_shebang
from .tokens import ShellToken, Tokens, tokenise

if TYPE_CHECKING:
    import tree_sitter
from .nodes import (
    AndOr,
    Case,
    Compound,
    For,
    Function,
    If,
    Loop,
    Node,
    Not,
    Pipeline,
    Script,
    Sequence,
    Simple,
    children,
    simple_commands,
)

__all__ = [
    "AndOr",
    "Case",
    "Compound",
    "For",
    "Function",
    "If",
    "Loop",
    "Node",
    "Not",
    "Pipeline",
    "Script",
    "Sequence",
    "Simple",
    "children",
    "parse_script",
    "simple_commands",
]


_DEEPEST = 60


_BLOT = ord("w")


def parse_script(text: MappedText, path: str, dialect: Dialect | None = None) -> Script:
    """Reads a shell script, or the shell text of a RUN. Never raises.

    `path` is shown in places. `dialect` defaults to that of the `#!` line, else `sh`. After a syntax error the commands
    that the shell runs before it meets the error are kept: the complete ones of the lines before.
    """
    shebang = read_shebang(text.text[:512].encode("utf-8", "surrogatepass")) if text.text.startswith("#!") else None
    spoken = dialect or (shebang.dialect if shebang else None) or "sh"
    tokens = tokenise(text.text, spoken)
    body, error, deep = _tree(text.text, tokens)
    place = None if error is None else Place(path, text.span(error, error + 1))
    bashisms = tuple((kind, Place(path, text.span(at, at + len(kind)))) for kind, at in tokens.bashisms)
    return Script(path, text, body, spoken, place, shebang, bashisms, deep)


@cache
def _parser() -> "tree_sitter.Parser":
    import tree_sitter

    grammar: object = _bash().language()
    return tree_sitter.Parser(tree_sitter.Language(grammar))


def _bash() -> Any:
    """The grammar's extension module by itself: the package around it loads importlib.resources, with tempfile and shutil,
    for files that nobody here asks for. Where it does not lie in the package, the package."""
    package = PathFinder.find_spec("tree_sitter_bash")
    inside = package.submodule_search_locations if package is not None else None
    found = PathFinder.find_spec("tree_sitter_bash._binding", inside)
    if found is None or found.loader is None:
        import tree_sitter_bash

        return tree_sitter_bash
    module = module_from_spec(found)
    found.loader.exec_module(module)
    return module


def _tree(text: str, tokens: Tokens) -> tuple[Sequence, int | None, bool]:
    """The commands, where the error is, and whether it is one of depth alone."""
    if not tokens.tokens:
        return Sequence(0, 0, ()), tokens.error, False
    if tokens.error is None:
        root = _parser().parse(tokens.skeleton).root_node
        builder = _TreeBuilder(text, tokens)
        items = () if root.has_error else builder.items(root.children)
        if not root.has_error and not builder.misplaced:
            return Sequence(0, len(text), items), None, False
    return _tree_before_error(text, tokens)


def _tree_before_error(text: str, tokens: Tokens) -> tuple[Sequence, int | None, bool]:
    """The commands before the error: a shell runs a complete command before it reads the next line."""
    unread = len(text) if tokens.error is None else tokens.error
    stops = [0, *(stop for stop in tokens.breaks if stop <= unread)]
    builder = _TreeBuilder(text, tokens)
    # If the text reads well from one such line to another, so it does to any line between them.
    good, bad = 0, len(stops)
    read: list[tuple[Node, bool]] = []
    while bad - good > 1:
        middle = (good + bad) // 2
        items = _read_well(builder, tokens, stops[good], stops[middle])
        if items is None:
            bad = middle
        else:
            good = middle
            read.extend(items)
    start = stops[good]
    end = stops[bad] if bad < len(stops) else len(text)
    builder.deep = False
    error = min(_error_in(builder, tokens, start, end), unread)
    return Sequence(0, start, tuple(read)), error, builder.deep


def _read_well(builder: "_TreeBuilder", tokens: Tokens, start: int, stop: int) -> tuple[tuple[Node, bool], ...] | None:
    root = _parser().parse(b" " * start + tokens.skeleton[start:stop]).root_node
    if root.has_error:
        return None
    builder.misplaced.clear()
    items = builder.items(root.children)
    return None if builder.misplaced else items


def _error_in(builder: "_TreeBuilder", tokens: Tokens, start: int, end: int) -> int:
    """Where the first error is in a piece of the text that does not read well."""
    root = _parser().parse(b" " * start + tokens.skeleton[start:end]).root_node
    if root.has_error:
        return max(_first_error(root), start)
    builder.misplaced.clear()
    builder.items(root.children)
    return min(builder.misplaced, default=end)


def _first_error(node: Any) -> int:
    while True:
        if node.type == "ERROR" or node.is_missing:
            return int(node.start_byte)
        inner = next((child for child in node.children if child.has_error or child.is_missing), None)
        if inner is None:
            return int(node.start_byte)
        node = inner


class _TreeBuilder:
    """Turns tree-sitter's nodes into ours; the words come from the tokens, found by their offset."""

    def __init__(self, text: str, tokens: Tokens) -> None:
        self.text = text
        self.tokens = tokens.tokens
        self.at = {token.start: index for index, token in enumerate(tokens.tokens)}
        self.skeleton = tokens.skeleton
        self.depth = 0
        self.misplaced: list[int] = []
        self.deep = False
        """Offsets of what the grammar takes and a shell does not (`done` without `do`), or is nested too deeply for
        us.
        """

    def items(self, nodes: list[Any]) -> tuple[tuple[Node, bool], ...]:
        found: list[tuple[Node, bool]] = []
        for node in nodes:
            kind = node.type
            if kind == "&" and found:
                found[-1] = (found[-1][0], True)
            elif node.is_named and kind != "comment":
                built = self.node(node)
                if built is not None:
                    found.append((built, False))
        return tuple(found)

    def sequence(self, nodes: list[Any], start: int, end: int) -> Sequence:
        return Sequence(start, end, self.items(nodes))

    def node(self, node: Any) -> Node | None:
        self.depth += 1
        try:
            if self.depth > _DEEPEST:
                self.misplaced.append(node.start_byte)
                self.deep = True
                return None
            build = getattr(self, f"build_{node.type}", None)
            return build(node) if build else None
        finally:
            self.depth -= 1

    def required(self, node: Any) -> Node:
        built = self.node(node)
        return built if built is not None else Sequence(node.start_byte, node.end_byte, ())

    def build_command(self, node: Any) -> Node:
        index = self.at[node.start_byte]
        tokens: list[ShellToken] = []
        if self.skeleton[node.start_byte] != _BLOT:
            self.misplaced.append(node.start_byte)
        while index < len(self.tokens) and self.tokens[index].kind not in ("operator", "newline"):
            tokens.append(self.tokens[index])
            index += 1
        return Simple(node.start_byte, max(token.end for token in tokens), tuple(tokens))

    def build_list(self, node: Any) -> Node:
        rest: list[tuple[str, Any]] = []
        first = node
        while first.type == "list":
            rest.append((first.children[1].type, first.children[-1]))
            first = first.children[0]
        built = self.required(first)
        behind = tuple((operator, self.required(right)) for operator, right in reversed(rest))
        return AndOr(node.start_byte, node.end_byte, built, behind)

    def build_negated_command(self, node: Any) -> Node:
        return Not(node.start_byte, node.end_byte, self.required(node.children[-1]))

    def build_pipeline(self, node: Any) -> Node:
        items = [self.required(child) for child in node.children if child.is_named and child.type != "comment"]
        if isinstance(items[0], Not):
            items[0] = items[0].body
            return Not(node.start_byte, node.end_byte, Pipeline(node.start_byte, node.end_byte, tuple(items)))
        return Pipeline(node.start_byte, node.end_byte, tuple(items))

    def redirected(self, built: Node, node: Any) -> Node:
        """With the redirections that follow a compound command."""
        index = self.at.get(node.end_byte - 1 if node.children[-1].end_byte - node.children[-1].start_byte == 1 else -1)
        if index is None:
            index = self.at.get(node.children[-1].start_byte)
        redirects: list[ShellToken] = []
        behind = len(self.tokens) if index is None else index + 1
        while behind < len(self.tokens) and self.tokens[behind].kind == "redirect":
            redirects.append(self.tokens[behind])
            behind += 1
        if not redirects:
            return built
        if isinstance(built, Compound):
            return Compound(built.start, redirects[-1].end, built.body, built.subshell, tuple(redirects))
        return Compound(built.start, redirects[-1].end, built, False, tuple(redirects))

    def build_compound_statement(self, node: Any) -> Node:
        body = self.sequence(node.children[1:-1], node.start_byte, node.end_byte)
        return self.redirected(Compound(node.start_byte, node.end_byte, body), node)

    def build_subshell(self, node: Any) -> Node:
        body = self.sequence(node.children[1:-1], node.start_byte, node.end_byte)
        subshell = self.text[node.start_byte] == "("  # `! {` reads as `! (` in the skeleton
        return self.redirected(Compound(node.start_byte, node.end_byte, body, subshell), node)

    def build_if_statement(self, node: Any) -> Node:
        clauses: list[tuple[Node, Node]] = []
        otherwise: Node | None = None
        condition, body = self.clause(node.children)
        clauses.append((condition, body))
        for child in node.children:
            if child.type == "elif_clause":
                clauses.append(self.clause(child.children))
            elif child.type == "else_clause":
                otherwise = self.sequence(child.children[1:], child.start_byte, child.end_byte)
        return self.redirected(If(node.start_byte, node.end_byte, tuple(clauses), otherwise), node)

    def clause(self, children: list[Any]) -> tuple[Node, Node]:
        then = next(index for index, child in enumerate(children) if child.type == "then")
        rest = [child for child in children[then + 1 :] if child.type not in ("elif_clause", "else_clause", "fi")]
        condition = self.sequence(children[1:then], children[0].start_byte, children[then].start_byte)
        return condition, self.sequence(rest, children[then].end_byte, children[-1].end_byte)

    def build_while_statement(self, node: Any) -> Node:
        group = next(child for child in node.children if child.type == "do_group")
        index = node.children.index(group)
        condition = self.sequence(node.children[1:index], node.start_byte, group.start_byte)
        body = self.sequence(group.children[1:-1], group.start_byte, group.end_byte)
        negated = node.children[0].type == "until"
        return self.redirected(Loop(node.start_byte, node.end_byte, negated, condition, body), group)

    def build_for_statement(self, node: Any) -> Node:
        index = self.at[node.start_byte]
        name = self.tokens[index + 1]
        group = node.children[-1]
        body = self.sequence(group.children[1:-1], group.start_byte, group.end_byte)
        words: list[ShellToken] | None = None
        for token in islice(self.tokens, index + 2, None):
            if token.kind != "word" or token.start >= group.start_byte:
                break
            if words is None:
                words = []  # `in` itself
                continue
            words.append(token)
        arithmetic = name.kind == "arithmetic"
        built = For(
            node.start_byte,
            node.end_byte,
            "" if arithmetic else self.text[name.start : name.end],
            None if words is None else tuple(words),
            body,
            arithmetic,
        )
        return self.redirected(built, group)

    def build_case_statement(self, node: Any) -> Node:
        index = self.at[node.start_byte]
        arms = tuple(self.arm(child) for child in node.children if child.type == "case_item")
        return self.redirected(Case(node.start_byte, node.end_byte, self.tokens[index + 1], arms), node)

    def arm(self, node: Any) -> tuple[tuple[ShellToken, ...], Node, bool]:
        index = self.at[node.start_byte]
        patterns: list[ShellToken] = []
        while True:
            token = self.tokens[index]
            index += 1
            if token.kind == "word":
                patterns.append(token)
            elif token.operator == ")":
                break
        behind = [child for child in node.children if child.start_byte >= self.tokens[index - 1].end]
        body = self.sequence(behind, node.start_byte, node.end_byte)
        return tuple(patterns), body, bool(behind) and behind[-1].type in (";&", ";;&")

    def build_function_definition(self, node: Any) -> Node:
        name = node.child_by_field_name("name")
        body = node.child_by_field_name("body")
        return Function(node.start_byte, node.end_byte, self.text[name.start_byte : name.end_byte], self.required(body))
