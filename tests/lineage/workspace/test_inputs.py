"""What an image is made of: the files that its build takes in."""

import pytest

from ctlint.lineage.repository.snapshot import FileSpec
from ctlint.lineage.workspace.descendants import inputs_of
from ctlint.lineage.workspace.inputs import Inputs, all_triggers
from folding import Files, workspace

FILES: Files = {
    "app/Dockerfile": "FROM alpine AS unused\nCOPY unused /\nFROM alpine AS base\nONBUILD COPY late /l\nFROM base\n"
    "COPY src /s\nADD *.txt /t/\nRUN --mount=target=/m,source=mounted true\nCOPY --from=base /x /y\n",
    "app/.dockerignore": "src/*.log\n",
    "app/src/a": "a",
    "Makefile": "b:\n\tdocker build -t acme/app:1 app\n",
    "README.md": "```sh\ndocker build -t acme/other:1 app\n```\n",
}


def inputs(files: Files, path: str = "app/Dockerfile") -> Inputs:
    return next(one for one in inputs_of(workspace({"r": files})) if one.source.path == path)


@pytest.mark.parametrize(
    ("path", "taken"),
    [
        ("app/Dockerfile", True),
        ("app/.dockerignore", True),
        ("app/Dockerfile.dockerignore", True),
        (".dockerignore", False),
        ("Makefile", True),
        ("README.md", False),
        ("app/src/a", True),
        ("app/src/deep/new", True),
        ("app/src/a.log", False),
        ("app/src", True),
        ("app/srcx", False),
        ("app/n.txt", True),
        ("app/d/n.txt", False),
        ("app/mounted/x", True),
        ("app/late", True),
        ("app/unused", False),
        ("app/x", False),
        ("src/a", False),
    ],
)
def test_what_is_taken_in(path: str, taken: bool) -> None:
    assert inputs(FILES).take(path) is taken


def test_a_context_that_is_the_whole_repository() -> None:
    found = inputs({"Dockerfile": "FROM alpine\nCOPY a /\n"}, "Dockerfile")
    assert [path for path in (".dockerignore", "a", "b", "Dockerfile", "/.dockerignore") if found.take(path)] == [
        ".dockerignore",
        "a",
        "Dockerfile",
    ]


def test_a_dockerfile_that_is_a_link_is_made_of_what_it_leads_to() -> None:
    files: Files = {"app/Dockerfile": FileSpec(kind="link", target="../real/app"), "real/app": "FROM alpine\n"}
    found = inputs(files)
    assert [path for path in ("app/Dockerfile", "real/app", "real/other") if found.take(path)] == [
        "app/Dockerfile",
        "real/app",
    ]


def test_the_parents_triggers_take_in_too() -> None:
    parent = {
        "Dockerfile": "FROM alpine\nONBUILD COPY left /l\nCOPY own /o\n",
        "Makefile": "b:\n\tdocker build -t acme/p:1 .\n",
    }
    work = workspace({"p": parent, "app": {"Dockerfile": "FROM acme/p:1\n"}})
    (app,) = [one for one in inputs_of(work) if one.source.snapshot.name == "app"]
    assert app.take("left")
    assert not app.take("own")
    assert [trigger.keyword for trigger in all_triggers(work.images)] == ["COPY"]


@pytest.mark.parametrize(
    ("builds", "same"),
    [
        ("docker build -t acme/app:1 app", True),
        ("docker build  -t acme/app:1  app", True),
        ("docker build -t acme/app:2 app", False),
        ("docker build -t acme/app:1 --target base app", False),
        ("docker build -t acme/app:1 --build-arg A=1 app", False),
    ],
)
def test_what_the_build_files_make_of_it(builds: str, same: bool) -> None:
    assert (inputs(FILES).facts == inputs({**FILES, "Makefile": f"b:\n\t{builds}\n"}).facts) is same
