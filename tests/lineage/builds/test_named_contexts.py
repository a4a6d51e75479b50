"""A named build context stands for the image of its name, wherever a build file gives it; one that cannot be read may be any."""

import pytest

from ctlint.lineage.repository.dockerfiles import dockerfiles
from ctlint.lineage.repository.snapshot import Snapshot
from ctlint.lineage.text.reference import Reference, parse
from ctlint.lineage.workspace.workspace import Workspace

DOCKERFILE = "FROM tools\n"
BAKE = 'target "tools" {\n  context = "tools"\n}\ntarget "app" {\n  context = "app"\n  contexts = %s\n}\n'
COMPOSE = "services:\n  app:\n    build:\n      context: app\n      additional_contexts:\n        %s\n"
WORKFLOW = """jobs:
  build:
    steps:
      - uses: docker/build-push-action@v6
        with:
          context: app
          build-contexts: |
            %s
"""
IN_FILES = {
    "docker-bake.hcl": BAKE % '{ tools = "docker-image://debian:12.8-slim" }',
    "build.sh": "docker build --build-context tools=docker-image://debian:12.8-slim -t acme/app:1 app\n",
    "compose.yaml": COMPOSE % "tools: docker-image://debian:12.8-slim",
    ".github/workflows/build.yml": WORKFLOW % "tools=docker-image://debian:12.8-slim",
}


def parent_of(files: dict[str, str], name: str = "tools") -> tuple[str | None, str | None, str | None]:
    """(Dockerfile, profile, doubt) of what a name in FROM of app/Dockerfile means."""
    snapshot = Snapshot.from_mapping(
        "repo", {"app/Dockerfile": DOCKERFILE, "tools/Dockerfile": "FROM scratch\n", **files}
    )
    workspace = Workspace([(snapshot, dockerfiles(snapshot))])
    (app,) = (image for image in workspace.images if image.path == "app/Dockerfile")
    reference = parse(name)
    assert isinstance(reference, Reference)
    found = workspace.parent(reference, app)
    profile = found.profile.name if found.profile is not None else None
    return (found.source.path if found.source is not None else None, profile, found.doubt)


@pytest.mark.parametrize("path", IN_FILES)
def test_an_image_stands_for_the_name(path: str) -> None:
    source, profile, _ = parent_of({path: IN_FILES[path]})
    assert source is None
    assert profile is not None
    assert "debian" in profile


def test_a_target_stands_for_the_name() -> None:
    assert parent_of({"docker-bake.hcl": BAKE % '{ tools = "target:tools" }'})[0] == "tools/Dockerfile"


@pytest.mark.parametrize("contexts", ["given", '{ tools = "target:none" }', '{ tools = "some/folder" }'])
def test_what_cannot_be_read_is_not_the_image_of_that_name(contexts: str) -> None:
    source, profile, doubt = parent_of({"docker-bake.hcl": BAKE % contexts}, "tools")
    assert (source, profile) == (None, None)
    assert "named build context" in (doubt or "")


def test_other_names_are_what_they_were() -> None:
    source, profile, _ = parent_of({"docker-bake.hcl": BAKE % '{ tools = "target:tools" }'}, "debian:12.8-slim")
    assert source is None
    assert profile is not None
    assert parent_of({"docker-bake.hcl": BAKE % "given"}, "debian:12.8-slim")[:2] == (None, None)


def test_what_a_scripts_caller_chooses_is_open() -> None:
    script = 'V=${V:-testing}\nN=${N:-app}\ndocker build --build-arg "V=$V" --build-arg=W=1 -t "acme/$N:$V" app\n'
    snapshot = Snapshot.from_mapping(
        "repo", {"app/Dockerfile": "ARG V=12\nARG W\nFROM debian:$V\n", "build.sh": script}
    )
    (app,) = Workspace([(snapshot, dockerfiles(snapshot))]).images
    assert (dict(app.build.args), app.build.open_args) == ({"W": "1"}, frozenset({"V"}))
    assert [name.name for name in app.names if name.evident] == ["acme/app"]
