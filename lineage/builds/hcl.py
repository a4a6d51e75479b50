"""HCL, the language of docker-bake files: blocks, and expressions evaluated as far as their values are known.

The syntax is that of the HCL specification (hashicorp/hcl, hclsyntax/spec.md), read by tree-sitter's grammar, which is loaded
with the first file. What cannot be evaluated is a hole named by its text.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING

from ..late.dataclasses import dataclass, field
from ..text.budget import grown, spend
from .hcl_functions import called
from .hcl_values import OPERATORS, Known, as_text, member, number, operated, unescaped
from .placeholders import hole

if TYPE_CHECKING:
    from tree_sitter import Node, Parser

DEEPEST = 50
_LONGEST_NAME = 120


@dataclass(frozen=True, slots=True)
class Block:
    """A block: `target "app" { … }`. `line` is the one it begins on."""

    kind: str
    labels: tuple[str, ...]
    line: int
    body: "Node"


@dataclass(frozen=True, slots=True)
class HclFunction:
    """A function that a file defines."""

    parameters: tuple[str, ...]
    result: "Node"


@dataclass
class HclFile:
    """A file that was read: its blocks, and the variables and functions that expressions may name."""

    source: bytes
    blocks: tuple[Block, ...]
    variables: dict[str, "Node | None"] = field(default_factory=lambda: dict[str, "Node | None"]())
    functions: dict[str, HclFunction] = field(default_factory=lambda: dict[str, HclFunction]())
    _known: dict[str, Known] = field(default_factory=lambda: dict[str, Known]())
    _asked: set[str] = field(default_factory=lambda: set[str]())

    def attributes(self, body: "Node", names: Mapping[str, Known]) -> dict[str, Known]:
        """The attributes of a block, and its blocks as objects; `names` are values besides the file's variables."""
        found: dict[str, Known] = {}
        for child in body.named_children:
            spend()
            if child.type == "attribute":
                name, *values = child.named_children
                value = next((one for one in values if one.type == "expression"), None)
                found[self.text(name)] = self._unknown(child) if value is None else self.value(value, names)
            elif child.type == "block":
                block = self.block(child)
                if block is not None:
                    found[block.kind] = self.attributes(block.body, names)
        return found

    def constants(self, body: "Node") -> "Iterator[tuple[str, Node]]":
        """The attributes that stand outside of all blocks, which bake takes for variables."""
        for child in body.named_children:
            if child.type == "attribute" and not child.has_error:
                value = next((one for one in child.named_children if one.type == "expression"), None)
                if value is not None:
                    yield self.text(child.named_children[0]), value

    def attribute(self, body: "Node", name: str) -> "Node | None":
        """The expression of one attribute."""
        for child in body.named_children:
            if child.type == "attribute" and self.text(child.named_children[0]) == name:
                return next((one for one in child.named_children if one.type == "expression"), None)
        return None

    def text(self, node: "Node") -> str:
        return self.source[node.start_byte : node.end_byte].decode("utf-8", "replace")

    def value(self, node: "Node", names: Mapping[str, Known], depth: int = 0) -> Known:
        """What an expression is."""
        spend()
        if depth > DEEPEST:
            return self._unknown(node)
        if node.type in ("expression", "operation"):
            return self._sequence(node, node.children, names, depth + 1)
        return self._primary(node, names, depth + 1)

    def block(self, node: "Node") -> Block | None:
        kind, *rest = node.named_children
        body = next((child for child in rest if child.type == "body"), None)
        labels = tuple(self.text(one).strip('"') for one in rest if one.type in ("string_lit", "identifier"))
        return Block(self.text(kind), labels, node.start_point[0] + 1, body) if body is not None else None

    def _unknown(self, node: "Node") -> str:
        return hole(self.text(node)[:_LONGEST_NAME])

    def _sequence(self, whole: "Node", parts: "list[Node]", names: Mapping[str, Known], depth: int) -> Known:
        """A value in parentheses or not, and what is taken out of it: `item.x`, `list[0]`."""
        parts = [part for part in parts if part.type not in ("(", ")", "comment")]
        if not parts or any(part.type == "ERROR" or part.has_error for part in parts):
            return self._unknown(whole)
        found = self.value(parts[0], names, depth)
        for part in parts[1:]:
            key: Known = None
            if part.type == "get_attr":
                key = self.text(part.named_children[-1])
            elif part.type == "index" and part.named_children and part.named_children[0].named_children:
                key = self.value(part.named_children[0].named_children[0], names, depth)
            inside = member(found, key)
            if inside is None:
                return self._unknown(whole)
            found = inside[0]
        return found

    def _primary(self, node: "Node", names: Mapping[str, Known], depth: int) -> Known:
        children = [child for child in node.named_children if child.type != "comment"]
        match node.type:
            case "literal_value" | "template_expr" | "collection_value" | "for_expr" if children:
                return self._primary(children[0], names, depth)
            case "null_lit":
                return None
            case "bool_lit":
                return self.text(node) == "true"
            case "numeric_lit":
                return number(self.text(node))
            case "string_lit" | "quoted_template" | "heredoc_template":
                return self._template(node, names, depth)
            case "variable_expr":
                return self._named(self.text(node), names)
            case "tuple":
                return [self.value(child, names, depth) for child in children if child.type == "expression"]
            case "object":
                return self._object(children, names, depth)
            case "for_tuple_expr" | "for_object_expr":
                return self._for(node, names, depth)
            case "conditional" if len(children) == 3:
                answer = self.value(children[0], names, depth)
                return (
                    self.value(children[1 if answer else 2], names, depth)
                    if isinstance(answer, bool)
                    else self._unknown(node)
                )
            case "binary_operation":
                return self._binary(node, names, depth)
            case "unary_operation" if children:
                return self._unary(node, self.value(children[-1], names, depth))
            case "function_call":
                return self._call(node, names, depth)
            case _:
                return self._unknown(node)

    def _named(self, name: str, names: Mapping[str, Known]) -> Known:
        if name in names:
            return names[name]
        if name not in self._known:
            default = self.variables.get(name)
            if default is None or name in self._asked:
                return hole(name)
            self._asked.add(name)
            self._known[name] = self.value(default, {})
            self._asked.discard(name)
        return self._known[name]

    def _template(self, node: "Node", names: Mapping[str, Known], depth: int) -> str:
        """A text in quotes or a here-document. The grammar leaves blanks out of its literals: what is between is taken."""
        quoted = node.type != "heredoc_template"
        children = [child for child in node.children if child.type != "template_literal"]
        found = ""
        if quoted:
            start, end = node.start_byte + 1, node.end_byte - 1
        else:
            words = [child for child in children if child.type == "heredoc_identifier"]
            start, end = words[0].end_byte + 1, words[-1].start_byte
        for child in children:
            if child.type not in ("template_interpolation", "template_directive"):
                continue
            found += self._literal(start, child.start_byte, quoted)
            inside = next((one for one in child.named_children if one.type == "expression"), None)
            known = child.type == "template_interpolation" and inside is not None
            value = self.value(inside, names, depth) if known and inside is not None else self._unknown(child)
            text = as_text(value)
            found = grown(found + (self._unknown(child) if text is None else text))
            start = child.end_byte
        return found + self._literal(start, end, quoted)

    def _literal(self, start: int, end: int, quoted: bool) -> str:
        text = self.source[start:end].decode("utf-8", "replace")
        if quoted and "\\" in text:
            text = unescaped(text)
        return text.replace("$${", "${").replace("%%{", "%{")

    def _object(self, elements: "list[Node]", names: Mapping[str, Known], depth: int) -> dict[str, Known]:
        found: dict[str, Known] = {}
        for element in elements:
            pair = [one for one in element.named_children if one.type == "expression"]
            if element.type != "object_elem" or len(pair) != 2:
                continue
            key = pair[0].children[0]
            plain = key.type == "variable_expr" and pair[0].child_count == 1
            name = self.text(key) if plain else as_text(self.value(pair[0], names, depth))
            if name is not None:
                found[name] = self.value(pair[1], names, depth)
        return found

    def _for(self, node: "Node", names: Mapping[str, Known], depth: int) -> Known:
        intro = next((child for child in node.named_children if child.type == "for_intro"), None)
        results = [child for child in node.named_children if child.type == "expression"]
        makes_object = node.type == "for_object_expr"
        grouped = any(child.type == "ellipsis" for child in node.children)
        condition = next((child for child in node.named_children if child.type == "for_cond"), None)
        if intro is None or len(results) != (2 if makes_object else 1) or grouped:
            return self._unknown(node)
        words = [self.text(child) for child in intro.named_children if child.type == "identifier"]
        given = next((child for child in intro.named_children if child.type == "expression"), None)
        collection = self.value(given, names, depth) if given is not None else None
        if not isinstance(collection, list | dict):
            return self._unknown(node)
        pairs: list[tuple[Known, Known]] = (
            list(enumerate(collection)) if isinstance(collection, list) else list(collection.items())
        )
        found: list[Known] = []
        named: dict[str, Known] = {}
        for key, value in pairs:
            inner = {**names, words[-1]: value} | ({words[0]: key} if len(words) == 2 else {})
            wanted: Known = True
            if condition is not None and condition.named_children:
                wanted = self.value(condition.named_children[-1], inner, depth)
            if not isinstance(wanted, bool):
                return self._unknown(node)
            if wanted and makes_object:
                named[as_text(self.value(results[0], inner, depth)) or hole(self.text(results[0]))] = self.value(
                    results[1], inner, depth
                )
            elif wanted:
                found.append(self.value(results[0], inner, depth))
        return named if makes_object else found

    def _binary(self, node: "Node", names: Mapping[str, Known], depth: int) -> Known:
        at = next((i for i, child in enumerate(node.children) if child.type in OPERATORS), None)
        if at is None:
            return self._unknown(node)
        left = self._sequence(node, node.children[:at], names, depth)
        right = self._sequence(node, node.children[at + 1 :], names, depth)
        answer = operated(node.children[at].type, left, right)
        return self._unknown(node) if answer is None else answer

    def _unary(self, node: "Node", value: Known) -> Known:
        sign = node.children[0].type
        if sign == "!" and isinstance(value, bool):
            return not value
        if sign == "-" and isinstance(value, int | float) and not isinstance(value, bool):
            return -value
        return self._unknown(node)

    def _call(self, node: "Node", names: Mapping[str, Known], depth: int) -> Known:
        name = self.text(node.named_children[0])
        listed = next((child for child in node.named_children if child.type == "function_arguments"), None)
        arguments: list[Known] = []
        for child in listed.children if listed is not None else ():
            if child.type == "expression":
                arguments.append(self.value(child, names, depth))
            elif child.type == "ellipsis":
                last = arguments.pop() if arguments else None
                if not isinstance(last, list):
                    return self._unknown(node)
                arguments += last
        own = self.functions.get(name)
        if own is not None:
            if len(own.parameters) != len(arguments):
                return self._unknown(node)
            return self.value(own.result, dict(zip(own.parameters, arguments, strict=True)), depth)
        found = called(name, arguments)
        return self._unknown(node) if found is None else found[0]


def read_hcl(text: str) -> HclFile:
    """A file's blocks; what makes no sense in it is passed over."""
    source = text.encode("utf-8", "replace")
    document = HclFile(source, ())
    root = _parser().parse(source).root_node
    document.blocks = tuple(_blocks(document, root))
    for body in root.named_children:
        document.variables.update(document.constants(body) if body.type == "body" else ())
    for block in document.blocks:
        if block.kind == "variable" and block.labels:
            document.variables[block.labels[0]] = document.attribute(block.body, "default")
        elif block.kind == "function" and block.labels:
            result = document.attribute(block.body, "result")
            parameters = document.attribute(block.body, "params")
            if result is not None:
                words = _names(document, parameters) if parameters is not None else ()
                document.functions[block.labels[0]] = HclFunction(tuple(words), result)
    return document


def _blocks(document: HclFile, node: "Node") -> Iterator[Block]:
    """The blocks that make sense: bake refuses the others."""
    for child in node.named_children:
        spend()
        if child.type == "body":
            yield from _blocks(document, child)
        elif child.type == "block" and not child.has_error:
            block = document.block(child)
            if block is not None:
                yield block


def _names(document: HclFile, node: "Node") -> Iterator[str]:
    """The words of `[a, b]`."""
    waiting = [node]
    while waiting:
        one = waiting.pop(0)
        if one.type == "variable_expr":
            yield document.text(one)
        else:
            waiting[:0] = one.named_children


@cache
def _parser() -> "Parser":
    import tree_sitter
    import tree_sitter_hcl

    return tree_sitter.Parser(tree_sitter.Language(tree_sitter_hcl.language()))
