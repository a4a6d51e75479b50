"""Which lines belong together in a file, for comments that cover a whole instruction."""

from collections.abc import Callable

from ...lineage.workspace.workspace import Workspace


def units_of(workspace: Workspace, shown: str) -> Callable[[int], tuple[int, int] | None] | None:
    """For a Dockerfile, a function from a line to the first and last line of its instruction; None for another file."""
    source = next(iter(workspace.shown_as(shown)), None)
    if source is None:
        return None
    lines: dict[int, tuple[int, int]] = {}
    for instruction in source.dockerfile.instructions:
        for line in range(instruction.start_line, instruction.end_line + 1):
            lines[line] = (instruction.start_line, instruction.end_line)
    return lines.get
