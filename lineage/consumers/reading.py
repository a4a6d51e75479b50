"""YAML of consumers: nodes to settings with their places, with what templates and variables leave open."""

import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence

from ..builds.placeholders import expand_shell, has_hole, hole, hole_names
from ..builds.yaml_nodes import Node, documents, items, line, scalar, sequence, shape
from ..late.dataclasses import dataclass, field
from ..late.patterns import pattern
from ..text.errors import Unknown
from ..text.places import Place, Span
from .model import ConsumerSetting

_LONGEST_HOLE = 2000
_STATEMENT = pattern(r"[ \t]*\{%.*%\}[ \t]*")
_HOLE = pattern("\ue000([^\ue000\ue001]*)\ue001")
_SUBSTITUTED = pattern(r"\$\{\w+")
"""A variable that Flux, envsubst and their like replace."""
_TRUE = ("true", "yes", "on")
_FALSE = ("false", "no", "off")


@dataclass(frozen=True)
class SourceText:
    """One file as the readers see it: where its nodes stand, and what its variables are worth.

    `places` are the lines' places where the text was rendered from a template, else None. `computed` are the numbers of
    lines, from 1, in whose place a template puts what cannot be known. `variables` are expanded as compose does where
    `expands` says so.
    """

    shown: str
    places: Sequence[Place] | None = None
    computed: Sequence[int] = ()
    variables: Mapping[str, str] = field(default_factory=lambda: dict[str, str]())
    expands: bool = False
    originals: Mapping[str, str] = field(default_factory=lambda: dict[str, str]())
    """What stood in the file in the place of each placeholder."""
    shifted: frozenset[int] = frozenset()
    """Lines whose columns are not those of the file."""

    def written(self, node: Node | None) -> str:
        """A scalar as it stands in the file; nothing for what is none."""
        text = scalar(node) or ""
        return _HOLE.sub(lambda found: self.originals.get(found[0], f"{{{{ {found[1]} }}}}"), text)

    def place(self, node: Node) -> Place:
        """Where a node stands; a block of several lines is meant by its first."""
        start, end = node.start_mark, node.end_mark
        if self.places is not None:
            return self.places[min(start.line, len(self.places) - 1)] if self.places else Place(self.shown, Span(1))
        if start.line != end.line or start.line + 1 in self.shifted:
            return Place(self.shown, Span(start.line + 1, start.column + 1))
        return Place(self.shown, Span(start.line + 1, start.column + 1, end.line + 1, end.column + 1))

    def begins(self, node: Node) -> Place:
        """The first line of a node, without a column."""
        return Place(self.shown, Span(line(node))) if self.places is None else self.place(node)

    def opened(self, node: Node) -> Unknown | None:
        """Why a node may hold more than can be read: a template computes some of it."""
        first, last = node.start_mark.line + 1, node.end_mark.line + (1 if node.end_mark.column else 0)
        if any(first <= number <= last + 1 for number in self.computed):
            return Unknown(f"a template computes some of what stands at {self.place(node)}")
        return None

    def expanded(self, text: str) -> str | Unknown:
        """A text with its variables filled in."""
        if self.expands and "$" in text:
            text = expand_shell(text.replace("$$", "\0"), self.variables).replace("\0", "$")
        if has_hole(text):
            return Unknown(f"it depends on {', '.join(hole_names(text))}")
        if "{{" in text or "{%" in text:
            return Unknown("a template computes it")
        if not self.expands and _SUBSTITUTED.search(text):
            return Unknown("a variable is put in its place before it is applied")
        return text

    def text(self, node: Node | None) -> ConsumerSetting[str] | None:
        """A scalar; None for nothing and for what is no scalar."""
        written = scalar(node)
        if node is None or written is None:
            return None
        return ConsumerSetting(self.expanded(written), self.place(node))

    def flag(self, node: Node | None) -> ConsumerSetting[bool] | None:
        """A boolean; None for nothing, an Unknown for a text that is none."""
        said = self.text(node)
        if said is None:
            return None
        if isinstance(said.value, Unknown):
            return ConsumerSetting(said.value, said.place)
        word = said.value.lower()
        if word in _TRUE or word in _FALSE:
            return ConsumerSetting(word in _TRUE, said.place)
        return ConsumerSetting(Unknown(f"`{said.value}` is neither true nor false"), said.place)

    def words(self, node: Node | None) -> ConsumerSetting[tuple[str, ...]] | None:
        """A command line: a list, or a text that is split as a shell's words."""
        if node is None:
            return None
        if sequence(node) or scalar(node) is None:
            listed = [self.text(item) for item in sequence(node)]
            if not listed and not _is_empty_list(node):
                return None
            values = [item.value if item is not None else "" for item in listed]
            unknown = next((value for value in values if isinstance(value, Unknown)), None)
            known = tuple(value for value in values if isinstance(value, str))
            return ConsumerSetting(unknown if unknown is not None else known, self.place(node))
        said = self.text(node)
        assert said is not None
        return ConsumerSetting(said.value if isinstance(said.value, Unknown) else split(said.value), said.place)

    def entries(self, node: Node | None) -> Iterator[tuple[str, ConsumerSetting[str], Node]]:
        """`NAME=value` items of a list or the pairs of a mapping; a name alone has an Unknown value."""
        for name, value in items(node):
            said = self.text(value)
            yield name, said if said is not None else ConsumerSetting(_FROM_OUTSIDE, self.place(value)), value
        for item in sequence(node):
            said = self.text(item)
            if said is None:
                continue
            written = scalar(item) or ""
            name, equals, _ = written.partition("=")
            if isinstance(said.value, Unknown):
                yield name, ConsumerSetting(said.value if equals else _FROM_OUTSIDE, said.place), item
            else:
                name, equals, value_text = said.value.partition("=")
                yield name, ConsumerSetting(value_text if equals else _FROM_OUTSIDE, said.place), item


_FROM_OUTSIDE = Unknown("its value is taken from where the container is started")


def _is_empty_list(node: Node) -> bool:
    return shape(node) == "sequence" and not sequence(node)


def split(text: str) -> tuple[str, ...]:
    """The words of a command line; the text as one word where its quotes do not close."""
    try:
        return tuple(shlex.split(text))
    except ValueError:
        return (text,)


def kept_user(namespace: ConsumerSetting[str] | None) -> ConsumerSetting[str] | None:
    """Who runs a container of which a user namespace is all that is said: Podman's `keep-id` runs it as the caller, or as the
    number of `uid=` (containers/podman, pkg/specgen/generate/namespaces.go). None where the image's user stays."""
    if namespace is None or isinstance(namespace.value, Unknown):
        return namespace
    if not namespace.value.startswith("keep-id"):
        return None
    options = namespace.value.partition(":")[2].split(",")
    number = next((one.removeprefix("uid=") for one in options if one.startswith("uid=")), None)
    caller = Unknown("`keep-id` runs it as the user who starts it")
    return ConsumerSetting(number or caller, namespace.place)


def _with_holes(row: str, replaced: Callable[[str], str]) -> str:
    """A line with what stands for each `{{ … }}` of it that is short enough; the search for its end is never made twice."""
    made: list[str] = []
    done, closed = 0, -1
    begin = row.find("{{")
    while begin >= 0:
        if closed < begin + 2:
            closed = row.find("}}", begin + 2)
        if closed < 0:
            break
        if closed - begin > _LONGEST_HOLE:
            begin = row.find("{{", begin + 1)
            continue
        made += (row[done:begin], replaced(row[begin : closed + 2]))
        done = closed + 2
        begin = row.find("{{", done)
    return "".join((*made, row[done:]))


def without_jinja(shown: str, text: str, variables: Mapping[str, str] | None = None) -> tuple[SourceText, str]:
    """The text of a file with `{{ … }}` made placeholders that YAML reads, its lines kept, and its source.

    Lines of statements (`{% if … %}`) are blank then. With `variables` the text is expanded as compose does.
    """
    expands = variables is not None
    if "{{" not in text and "{%" not in text:
        return SourceText(shown, variables=variables or {}, expands=expands), text
    rows = text.split("\n")
    computed: list[int] = []
    shifted: set[int] = set()
    originals: dict[str, str] = {}

    def replaced(written: str) -> str:
        placeholder = hole(written.strip("{}- \t"))
        originals[placeholder] = written
        return placeholder

    for number, row in enumerate(rows, 1):
        if _STATEMENT.fullmatch(row):
            rows[number - 1] = ""
            computed.append(number)
        elif "{{" in row:
            rows[number - 1] = _with_holes(row, replaced)
            shifted.add(number)
    source = SourceText(
        shown,
        computed=tuple(computed),
        variables=variables or {},
        expands=expands,
        originals=originals,
        shifted=frozenset(shifted),
    )
    return source, "\n".join(rows)


def read_documents(shown: str, text: str) -> tuple[SourceText, list[Node]]:
    """The YAML documents of a file in which Jinja or Go placeholders may stand."""
    source, plain = without_jinja(shown, text)
    return source, documents(plain)
