"""What `ctlint graph` takes in this folder without and with reading the repositories; called by bench.py."""

import gc
import time
from itertools import pairwise
from pathlib import Path

from ctlint.lineage.graph.annotations import Marks
from ctlint.lineage.graph.drift import drift_marks
from ctlint.lineage.graph.graph import Lineage
from ctlint.lineage.graph.page import as_page
from ctlint.lineage.graph.tree import as_json, tree_lines
from ctlint.lineage.repository.discover import Opened, open_targets
from ctlint.lineage.workspace.workspace import Workspace
from ctlint.lint.output.json_text import indented


def main() -> None:
    gc.set_threshold(100_000, 30, 100)
    times = [time.perf_counter()]
    opened = [each for each in open_targets(["."], Path.cwd()) if isinstance(each, Opened)]
    workspace = Workspace((each.snapshot, each.dockerfiles) for each in opened)
    times.append(time.perf_counter())
    lineage = Lineage.of(workspace)
    marks = Marks(drift=drift_marks(lineage, workspace))
    times.append(time.perf_counter())
    indented(as_json(lineage, marks))
    times.append(time.perf_counter())
    list(tree_lines(lineage, marks=marks))
    times.append(time.perf_counter())
    as_page(lineage, workspace, marks)
    times.append(time.perf_counter())
    read, graph, text, tree, page = (after - before for before, after in pairwise(times))
    print(
        f"  of which: reading {read:.2f} s, graph and drift {graph:.2f} s, then JSON {text:.2f} s, tree {tree:.2f} s,"
    )
    print(
        f"  HTML {page:.2f} s; without reading: JSON {graph + text:.2f} s, tree {graph + tree:.2f} s, HTML {graph + page:.2f} s"
    )


if __name__ == "__main__":
    main()
