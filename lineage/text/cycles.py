"""Cycles of what names each other: services, images."""

from collections.abc import Iterator, Mapping, Sequence


def cycles(edges: Mapping[str, Sequence[str]]) -> Iterator[list[str]]:
    """One cycle of every knot: found in name order, by going down the first way that leads back."""
    done: set[str] = set()
    for start in sorted(edges):
        path: list[str] = []
        stack: list[Iterator[str]] = []
        if start in done:
            continue
        path.append(start)
        stack.append(iter(edges[start]))
        while stack:
            following = next(stack[-1], None)
            if following is None:
                done.add(path.pop())
                stack.pop()
            elif following in path:
                yield path[path.index(following) :]
                done.update(path)
                break
            elif following not in done and following in edges:
                path.append(following)
                stack.append(iter(edges[following]))
