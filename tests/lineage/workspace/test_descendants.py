"""Which images are built on which, whatever the way in which a Dockerfile takes from another image."""

import pytest

from ctlint.lineage.graph.model import gather
from ctlint.lineage.repository.snapshot import Snapshot
from ctlint.lineage.workspace.descendants import descendants
from ctlint.lineage.workspace.workspace import Workspace

TOOLS = Snapshot.from_mapping(
    "tools", {"Dockerfile": "FROM alpine:3.20\n", "Makefile": "b:\n\tdocker build -t acme/tools:1.0 .\n"}
)
WAYS = {
    "from": "FROM acme/tools:1.0\n",
    "a stage's from": "FROM acme/tools:1.0 AS base\nFROM base\n",
    "copy": "FROM alpine:3.20\nCOPY --from=acme/tools:1.0 /etc/passwd /etc/\n",
    "mount": "FROM alpine:3.20\nRUN --mount=from=acme/tools:1.0,target=/t true\n",
    "the base stage's trigger": "FROM alpine:3.20 AS base\nONBUILD COPY --from=acme/tools:1.0 /etc/passwd /p\nFROM base\n",
}


@pytest.mark.parametrize("way", WAYS)
def test_a_change_of_the_parent_reaches_the_image(way: str) -> None:
    app = Snapshot.from_mapping("app", {"Dockerfile": WAYS[way]})
    workspace = Workspace([(TOOLS, ["Dockerfile"]), (app, ["Dockerfile"])])
    assert descendants(workspace, ["tools/Dockerfile"]) == {"app/Dockerfile"}
    _, edges = gather(workspace)
    assert [edge.target for edge in edges if edge.source == "tools/Dockerfile"] == ["app/Dockerfile"]


def test_a_stage_that_the_image_does_not_need_does_not_count() -> None:
    app = Snapshot.from_mapping("app", {"Dockerfile": "FROM acme/tools:1.0 AS unused\nFROM alpine:3.20\n"})
    workspace = Workspace([(TOOLS, ["Dockerfile"]), (app, ["Dockerfile"])])
    assert descendants(workspace, ["tools/Dockerfile"]) == frozenset()
