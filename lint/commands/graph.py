"""`ctlint graph`: the lineage as tree, picture, page or data, and what it answers."""

import argparse
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from ...lineage.late.dataclasses import replace
from ...lineage.text.errors import UsageError
from ..fixing.files import replace_file
from ..opening.open import Opening, open_workspace
from ..opening.request import Request
from ..output.complaints import complain, sentence, tell_crashes
from ..output.console import Console, printable
from ..output.json_text import indented
from ..output.terminal import row, write_document

if TYPE_CHECKING:
    from ...lineage.graph.annotations import Marks
    from ...lineage.graph.graph import Lineage
    from ...lineage.graph.tree import Line
    from ...lineage.text.errors import InputError


def graph(options: argparse.Namespace, request: Request) -> int:
    """Draw or answer. Raises UsageError for a name or selector that means nothing.

    Ends with 1 where --why finds no chain and where --cycles or --drift find something.
    """
    from ...lineage.graph.graph import Lineage

    if options.registry and (options.why or options.impact or options.since or options.cycles or options.drift):
        raise UsageError(
            "--registry marks the images of the graph; with --why, --impact, --since, --cycles and --drift there is none."
        )
    if options.since is not None:
        from ..judging.since import check_targets

        check_targets(request.targets)
    opening = open_workspace(request)
    lineage = Lineage.of(opening.workspace, stages=options.stages)
    options.held = opening, lineage
    if options.consumers or options.impact is not None:
        lineage = _with_consumers(lineage, opening)
    output = _GraphOutput(options, opening)
    code = output.answer(lineage)
    failed = [*opening.errors, *(source.problem for source in opening.workspace.selected if source.problem is not None)]
    failed += output.problems
    for error in failed:
        complain(sentence(error))
    crashed = tell_crashes(opening.workspace)
    return 3 if failed or crashed else code


def _with_consumers(lineage: "Lineage", opening: Opening) -> "Lineage":
    from ...lineage.graph.model import consumer_links

    nodes, edges = consumer_links(opening.workspace, lineage.nodes.values())
    return lineage.made([*lineage.nodes.values(), *nodes], [*lineage.edges, *edges])


class _GraphOutput:
    """The result of one command, in the format that was asked for."""

    def __init__(self, options: argparse.Namespace, opening: Opening) -> None:
        self.options = options
        self.opening = opening
        self.workspace = opening.workspace
        self.problems: tuple[InputError, ...] = ()

    def answer(self, lineage: "Lineage") -> int:
        """Write the answer to the question that was asked, else the graph; the exit code."""
        options = self.options
        if options.why is not None:
            return self.why(lineage, *options.why)
        if options.impact is not None:
            return self.impact(lineage, options.impact)
        if options.since is not None:
            return self.since(lineage, options.since)
        if options.cycles:
            return self.cycles(lineage)
        if options.drift:
            return self.drift(lineage)
        if options.select:
            from ...lineage.graph.selectors import parse_selector

            selectors = [parse_selector(text) for given in options.select for text in given.split(",")]
            lineage = lineage.selected(selectors, self.workspace)
        if options.focus:
            nodes = [node for name in options.focus for node in lineage.meant(name, self.workspace)]
            lineage = lineage.focused(nodes)
        return self.picture(lineage)

    def why(self, lineage: "Lineage", one: str, other: str) -> int:
        from .graph_answers import edge_lines, why_json

        pairs = [
            (a, b) for a in lineage.meant(one, self.workspace) for b in lineage.meant(other, self.workspace) if a != b
        ]
        chains = sorted((found for a, b in pairs if (found := lineage.why(a, b))), key=len)
        chain = chains[0] if chains else []
        if self.options.format == "json":
            self.json(why_json(chain))
        elif chain:
            self.lines(edge_lines(lineage, chain))
        else:
            self.lines([[(f"Neither of {one} and {other} descends from the other.", "")]])
        return 0 if chain else 1

    def impact(self, lineage: "Lineage", names: list[str]) -> int:
        changed = [node for name in names for node in lineage.meant(name, self.workspace)]
        return self.rebuilt(lineage, changed)

    def since(self, lineage: "Lineage", revision: str) -> int:
        """The impact of the images that the change since a revision touches; exit code 0 where it touches none."""
        from ..judging.since import compare

        comparison = compare(self.opening, revision)
        for note in comparison.changes.notes:
            complain(note)
        changed = sorted(node for node in comparison.built if node in lineage.nodes)
        if not changed and self.options.format != "json":
            self.lines([[(f"The change since {revision} touches no image.", "bold green")]])
            return 0
        return self.rebuilt(lineage, changed)

    def rebuilt(self, lineage: "Lineage", changed: list[str]) -> int:
        from .graph_answers import impact_json, impact_lines

        waves, restarted = lineage.impact(changed), lineage.restarted(changed)
        if self.options.format == "json":
            self.json(impact_json(lineage, changed, waves, restarted))
        else:
            self.lines(impact_lines(lineage, waves, restarted))
        return 0

    def cycles(self, lineage: "Lineage") -> int:
        from .graph_answers import cycle_lines, cycles_json

        found = list(lineage.cycles())
        if self.options.format == "json":
            self.json(cycles_json(found))
        elif found:
            self.lines(cycle_lines(lineage, found))
        else:
            self.lines([[("No image descends from itself.", "bold green")]])
        return int(bool(found))

    def drift(self, lineage: "Lineage") -> int:
        from ...lineage.graph.drift import drift_json, drift_lines, drifts

        found = drifts(lineage, self.workspace)
        if self.options.format == "json":
            self.json(drift_json(found))
        elif found:
            self.lines(drift_lines(found))
        else:
            self.lines([[("Nothing is adrift.", "bold green")]])
        return int(bool(found))

    def picture(self, lineage: "Lineage") -> int:
        options, marks = self.options, self.marks(lineage)
        if options.format == "tree" and not lineage.nodes and options.output is None:
            self.lines([[("No Dockerfile was found.", "bold")]])
        elif options.format == "tree":
            from ...lineage.graph.tree import tree_lines

            console = Console(color=options.color)
            width = console.width if console.bounded and options.output is None else None
            lines = tree_lines(lineage, invert=options.invert, depth=options.depth, width=width, marks=marks)
            self.lines([*lines, *self.registry_lines(marks)])
        elif options.format == "json":
            from ...lineage.graph.tree import as_json

            self.json(as_json(lineage, marks))
        else:
            self.text(self.drawn(lineage, marks))
        return 0

    def drawn(self, lineage: "Lineage", marks: "Marks") -> str:
        """The graph in a format for other programs."""
        if self.options.format in ("dot", "mermaid", "svg") and not self.options.select and not self.options.focus:
            lineage, marks = self.folded(lineage, marks)
        if self.options.format == "dot":
            from ...lineage.graph.dot import as_dot

            return as_dot(lineage, marks)
        if self.options.format == "mermaid":
            from ...lineage.graph.mermaid import as_mermaid, too_large

            text = as_mermaid(lineage, marks)
            if too_large(text, lineage):
                complain("this is more than Mermaid draws by its defaults; --select or --focus make it smaller.")
            return text
        if self.options.format == "graphml":
            from ...lineage.graph.graphml import as_graphml

            return as_graphml(lineage, marks)
        if self.options.format == "svg":
            from ...lineage.graph.svg import as_svg

            return as_svg(lineage, marks)
        from ...lineage.graph.page import as_page

        return as_page(lineage, self.workspace, marks)

    def folded(self, lineage: "Lineage", marks: "Marks") -> tuple["Lineage", "Marks"]:
        """The graph as it is drawn when all of it is: without the external images of a large one."""
        from ...lineage.graph.collapse import folded

        few, noted = folded(lineage, marks)
        hidden = len(lineage.nodes) - len(few.nodes)
        if hidden:
            complain(f"{hidden} external images are named on what is built on them; --select or --focus draws them.")
        return few, noted

    def marks(self, lineage: "Lineage") -> "Marks":
        """Findings with --lint, what registries say with --registry; drift where there is room to explain it."""
        drift: dict[str, tuple[str, ...]] = {}
        if self.options.format in ("json", "html", "graphml"):
            from ...lineage.graph.drift import drift_marks

            drift = drift_marks(lineage, self.workspace)
        if not self.options.lint:
            from ...lineage.graph.annotations import Marks

            marks = Marks(drift=drift)
        else:
            from .graph_findings import marked

            marks = marked(self.opening, drift)
        if self.options.registry:
            from .graph_registry import asked

            freshness, self.problems = asked(self.options, self.opening, lineage)
            marks = replace(marks, freshness=freshness)
        return marks

    def registry_lines(self, marks: "Marks") -> Iterator["Line"]:
        """What --registry has to say below the tree."""
        if marks.freshness:
            from ...lineage.graph.freshness_text import freshness_lines

            yield []
            yield from freshness_lines(marks.freshness.values(), verbose=self.options.verbose, quiet=self.options.quiet)

    # Writing

    def json(self, data: dict[str, Any]) -> None:
        self.text(indented(data) + "\n")

    def lines(self, lines: Iterable["Line"]) -> None:
        shown = [[(printable(text), style) for text, style in line] for line in lines]
        if self.options.output is None:
            Console(color=self.options.color).write(shown)
        else:
            self.text("".join(row("".join(piece for piece, _ in line)).rstrip() + "\n" for line in shown))

    def text(self, text: str) -> None:
        if self.options.output is not None:
            replace_file(self.options.output, text.encode("utf-8", "replace"))
            if not self.options.quiet:
                complain(f"wrote {self.options.output}.")
        else:
            write_document(text)
