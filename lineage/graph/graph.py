"""The lineage graph and the questions it answers. The only user of networkx."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

import networkx

from ..late.dataclasses import dataclass, field
from ..text.errors import UsageError
from ..text.globs import glob_matches
from ..text.reference import named_by_page
from ..text.spelling import nearest
from ..workspace.workspace import Workspace
from .model import Edge, EdgeKind, GraphNode, NodeKind, gather
from .selectors import Selector

__all__ = ["Edge", "EdgeKind", "GraphNode", "Lineage", "NodeKind"]

FOCUS_HOPS = 2
_SOME = 8
_ANY: tuple[EdgeKind, ...] = ("from", "copy-from", "consumes")


@dataclass(frozen=True)
class Lineage:
    """The graph, in domain terms. Everything is given in a fixed order: by id, by place."""

    nodes: dict[str, GraphNode]
    edges: tuple[Edge, ...]
    _graph: "networkx.DiGraph[str]" = field(repr=False, compare=False)
    _between: dict[tuple[str, str], list[Edge]] = field(repr=False, compare=False)

    @classmethod
    def of(cls, workspace: Workspace, *, stages: bool = False) -> "Lineage":
        """The lineage of all images of a workspace; with `stages`, of their stages too."""
        return cls.made(*gather(workspace, stages=stages))

    @classmethod
    def made(cls, nodes: Iterable[GraphNode], edges: Iterable[Edge]) -> "Lineage":
        """The graph of these nodes and of those edges that run between them."""
        graph: networkx.DiGraph[str] = networkx.DiGraph()
        ordered = {node.id: node for node in sorted(nodes, key=lambda node: (node.id, node.kind))}
        graph.add_nodes_from(ordered)
        kept = sorted(
            {e for e in edges if e.source in ordered and e.target in ordered},
            key=lambda e: (e.source, e.target, e.kind != "from", e.kind, e.place, e.reference),
        )
        between: dict[tuple[str, str], list[Edge]] = {}
        for edge in kept:
            graph.add_edge(edge.source, edge.target)
            between.setdefault((edge.source, edge.target), []).append(edge)
        return cls(ordered, tuple(kept), graph, between)

    # Finding and following

    def find(self, text: str, workspace: Workspace) -> list[str]:
        """The ids of the nodes that a name, an alias, its page on Docker Hub, an id or a glob means."""
        text = named_by_page(text) or text
        if text in self.nodes:
            return [text]
        wanted = workspace.identity(text) or text
        by_name = [n.id for n in self.nodes.values() if wanted in (n.name, *n.names) or text in (n.name, *n.names)]
        if by_name:
            return by_name
        if any(character in text for character in "*?["):
            return [n.id for n in self.nodes.values() if any(glob_matches(x, text) for x in (n.id, n.name, *n.names))]
        return [
            n.id
            for n in self.nodes.values()
            if n.kind != "stage" and (text in (n.repo, n.dockerfile, n.path) or n.name.endswith(f"/{text}"))
        ]

    def meant(self, text: str, workspace: Workspace) -> list[str]:
        """As `find`, at least one. Raises UsageError."""
        found = self.find(text, workspace)
        if not found:
            raise UsageError(f"No image is called {text!r} here{self._instead(text)}.")
        return found

    def _instead(self, text: str) -> str:
        """The image that is meant by a slip, else those that there are; the end of a sentence."""
        names = sorted({node.name for node in self.nodes.values() if node.kind != "stage"})
        near = nearest(text, {*names, *(name.rpartition("/")[2] for name in names)})
        if near is not None:
            return f"; did you mean {near}"
        own = sorted({node.name for node in self.nodes.values() if node.kind == "image"})
        more = f" and {len(own) - _SOME} more" if len(own) > _SOME else ""
        return f"; there are: {', '.join(own[:_SOME])}{more}" if own else ""

    def parents(self, node: str) -> list[str]:
        """What `node` is built on or copies from, by name."""
        return sorted(self._graph.predecessors(node), key=self._by_name)

    def children(self, node: str) -> list[str]:
        """What is built on `node` or copies from it, by name."""
        return sorted(self._graph.successors(node), key=self._by_name)

    def _by_name(self, node: str) -> tuple[str, str]:
        return self.nodes[node].name, node

    def between(self, parent: str, child: str) -> Sequence[Edge]:
        """The edges from `parent` to `child`, FROM before COPY --from."""
        return self._between.get((parent, child), ())

    def ancestors(self, node: str, hops: int | None = None) -> set[str]:
        """All that `node` is built on, up to so many hops."""
        return self._within(self._graph.reverse(copy=False), node, hops)

    def descendants(self, node: str, hops: int | None = None) -> set[str]:
        """All that is built on `node`, up to so many hops."""
        return self._within(self._graph, node, hops)

    @staticmethod
    def _within(graph: "networkx.DiGraph[str]", node: str, hops: int | None) -> set[str]:
        reached = networkx.single_source_shortest_path_length(graph, node, cutoff=hops)
        return set(reached) - {node}

    def roots(self) -> list[str]:
        """The nodes that nothing at hand is a parent of, by name; of a cycle that has none, its first node."""
        roots = [node for node in self.nodes if not self._graph.pred[node]]
        reached: set[str] = set()
        for root in roots:
            self._reach(root, reached)
        for node in self.nodes:
            if node not in reached:
                roots.append(node)
                self._reach(node, reached)
        return sorted(roots, key=self._by_name)

    def _reach(self, start: str, reached: set[str]) -> None:
        waiting = [start]
        while waiting:
            node = waiting.pop()
            if node not in reached:
                reached.add(node)
                waiting.extend(self._graph.succ[node])

    def leaves(self) -> list[str]:
        """The nodes that nothing is built on, by name."""
        leaves = [node for node in self.nodes if not self._graph.succ[node]]
        return sorted(leaves or self.nodes, key=self._by_name)

    def families(self) -> list[set[str]]:
        """The parts that no edge joins, the largest first."""
        parts = [set(part) for part in networkx.weakly_connected_components(self._graph)]
        return sorted(parts, key=lambda part: (-len(part), min(part)))

    # Parts of it

    def selected(self, selectors: Sequence[Selector], workspace: Workspace) -> "Lineage":
        """The part that the selectors mean. Raises UsageError where one means nothing."""
        kept: set[str] = set()
        for selector in selectors:
            for node in self.meant(selector.name, workspace):
                kept.add(node)
                if selector.ancestors != 0:
                    kept |= self.ancestors(node, selector.ancestors)
                if selector.descendants != 0:
                    kept |= self.descendants(node, selector.descendants)
        return self.part(kept)

    def focused(self, nodes: Iterable[str], hops: int = FOCUS_HOPS) -> "Lineage":
        """The neighbourhood of `nodes`: what so many hops reach, up or down."""
        both = self._graph.to_undirected(as_view=True)
        kept: set[str] = set()
        for node in nodes:
            kept |= set(networkx.single_source_shortest_path_length(both, node, cutoff=hops))
        return self.part(kept)

    def part(self, kept: set[str]) -> "Lineage":
        """The graph of those nodes and the edges between them."""
        return self.made((self.nodes[node] for node in kept), self.edges)

    # Questions

    def why(self, one: str, other: str) -> list[Edge]:
        """The lines by which one node descends from the other, the descendant's first; empty where neither does.

        The shortest chain, of FROM lines alone where there is one.
        """
        ways: tuple[tuple[EdgeKind, ...], ...] = (("from",), _ANY)
        for kinds in ways:
            for start, end in ((other, one), (one, other)):
                path = self._shortest(start, end, kinds)
                if path:
                    return [self.between(parent, child)[0] for parent, child in reversed(list(pairwise(path)))]
        return []

    def _shortest(self, start: str, end: str, kinds: Sequence[EdgeKind] = _ANY) -> list[str]:
        """The nodes of the shortest way down from `start` to `end` (of at least one hop); none where there is no way."""
        came: dict[str, str] = {}
        waiting = [start]
        for node in waiting:
            for child in self.children(node):
                if child not in came and any(edge.kind in kinds for edge in self.between(node, child)):
                    came[child] = node
                    waiting.append(child)
            if end in came:
                path = [end, came[end]]
                while path[-1] != start:
                    path.append(came[path[-1]])
                return path[::-1]
        return []

    def impact(self, changed: Iterable[str]) -> list[list[str]]:
        """What to rebuild when `changed` changes, in build order: waves of images that need only those of earlier waves.

        Images that descend from each other share a wave.
        """
        touched: set[str] = set()
        for node in changed:
            touched |= {node} | self.descendants(node)
        part = self._graph.subgraph(touched)
        whole: networkx.DiGraph[int] = networkx.condensation(part)
        waves: list[list[str]] = []
        level: dict[int, int] = {}
        for group in networkx.topological_sort(whole):
            images = [n for n in whole.nodes[group]["members"] if self.nodes[n].kind == "image"]
            above = max((level[parent] for parent in whole.predecessors(group)), default=0)
            level[group] = above + 1 if images else above
            if images:
                waves += [[] for _ in range(level[group] - len(waves))]
                waves[level[group] - 1] += images
        return [sorted(wave, key=self._by_name) for wave in waves]

    def restarted(self, changed: Iterable[str]) -> list[Edge]:
        """The lines by which consumers run what `changed` touches, by place: those deployments are to be restarted."""
        touched: set[str] = set()
        for node in changed:
            touched |= {node} | self.descendants(node)
        found = (edge for edge in self.edges if edge.kind == "consumes" and edge.source in touched)
        return sorted(found, key=lambda edge: (edge.place, edge.stage))

    def cycles(self) -> Iterator[list[Edge]]:
        """For each group of images that descend from each other, one cycle: its lines, each parent before its child."""
        groups = [sorted(group) for group in networkx.strongly_connected_components(self._graph)]
        for group in sorted(groups):
            if len(group) > 1 or self.between(group[0], group[0]):
                path = self._shortest(group[0], group[0])
                yield [self.between(parent, child)[0] for parent, child in pairwise(path)]
