"""Which of several images at hand a reference means, and how sure that is."""

import pytest

from ctlint.lineage.text.reference import Reference, parse
from ctlint.lineage.workspace.parents import Parent
from ctlint.lineage.workspace.workspace import Settings
from folding import workspace

DIGEST = "@sha256:" + "a" * 64


def reference(text: str) -> Reference:
    parsed = parse(text)
    assert isinstance(parsed, Reference)
    return parsed


def found(text: str, builds: str, settings: Settings | None = None) -> Parent:
    """What a reference means where these `docker build` arguments stand in a Makefile; `-f` paths and folders exist."""
    lines = [line.strip() for line in builds.split("\n") if line.strip()]
    files = {"Makefile": "build:\n" + "".join(f"\tdocker build {line}\n" for line in lines)}
    for line in lines:
        words = line.split()
        file = words[words.index("-f") + 1] if "-f" in words else f"{words[-1]}/Dockerfile"
        files[file] = "FROM scratch AS part\nFROM scratch\n"
    return workspace({"r": files}, settings).parent(reference(text))


def shown(parent: Parent) -> tuple[str, str | None]:
    return parent.grade, parent.source.path if parent.source is not None else None


@pytest.mark.parametrize(
    ("text", "builds", "expected"),
    [
        ("acme/x:1", "-t acme/x:1 a", ("proved", "a/Dockerfile")),
        ("acme/x:2", "-t acme/x:1 a", ("assumed", "a/Dockerfile")),
        ("acme/x:2", "-t acme/x:1 a\n-t acme/x:2 b", ("proved", "b/Dockerfile")),
        ("acme/x" + DIGEST, "-t acme/x:1 a", ("assumed", "a/Dockerfile")),
        ("acme/x:3", "-t acme/x:1 a\n-t acme/x:2 b", ("unknown", None)),
        ("acme/x:1", "-t acme/x:1 a\n-t acme/x:1 b", ("unknown", None)),
        ("acme/y:1", "-t acme/x:1 a", ("unknown", None)),
        # A variable in the tag leaves open which it is; a tag that is written goes before it.
        ("acme/x:1", "-t acme/x:$(V) a", ("proved", "a/Dockerfile")),
        ("acme/x:1", "-t acme/x:$(V) a\n-t acme/x:1 b", ("proved", "b/Dockerfile")),
        ("acme/x:1", "-t acme/x:$(V) a\n-t acme/x:2 b", ("proved", "a/Dockerfile")),
        ("acme/x:1-9", "-t acme/x:1-$(V) a\n-t acme/x:$(V) b", ("proved", "a/Dockerfile")),
        # The folder or file that is called like the tag, or like its beginning.
        ("acme/x:18", "-t acme/x:$(V) 18\n-t acme/x:$(V) 20", ("proved", "18/Dockerfile")),
        ("acme/x:18-slim", "-t acme/x:$(V) 18\n-t acme/x:$(V) 1", ("proved", "18/Dockerfile")),
        ("acme/x:18", "-t acme/x:$(V) -f Dockerfile.18 .\n-t acme/x:$(V) -f Dockerfile.2 .", ("proved", "Dockerfile.18")),
        ("acme/x:180", "-t acme/x:$(V) 18\n-t acme/x:$(V) 20", ("unknown", None)),
        # The platform that the tag names, else the usual one.
        ("acme/x:1-arm64", "-t acme/x:$(V) arm64\n-t acme/x:$(V) plain", ("proved", "arm64/Dockerfile")),
        ("acme/x:1", "-t acme/x:$(V) arm64\n-t acme/x:$(V) plain", ("proved", "plain/Dockerfile")),
        # The whole Dockerfile goes before a stage of it.
        ("acme/x:1", "-t acme/x:1 --target part a\n-t acme/x:1 a", ("proved", "a/Dockerfile")),
    ],
)  # fmt: skip
def test_which_image_answers(text: str, builds: str, expected: tuple[str, str | None]) -> None:
    assert shown(found(text, builds)) == expected


def test_the_whole_file_answers_where_a_stage_has_the_same_name() -> None:
    parent = found("acme/x:1", "-t acme/x:1 --target part a\n-t acme/x:1 a")
    assert parent.source is not None
    assert parent.source.build.target is None


def test_candidates_are_named_and_it_is_said_how_many_there_are() -> None:
    parent = found("acme/x:1", "\n".join(f"-t acme/x:1 {name}" for name in "abcd"))
    assert parent.doubt == (
        "4 Dockerfiles may be what acme/x:1 names (r/a/Dockerfile, r/b/Dockerfile, r/c/Dockerfile, r/d/Dockerfile), "
        "and nothing tells which"
    )
    assert parent.candidates_proved
    assert len(parent.candidates) == 4
    more = found("acme/x:1", "\n".join(f"-t acme/x:1 {name}" for name in "abcde"))
    assert more.doubt is not None
    assert "r/d/Dockerfile and others)" in more.doubt
    assert not found("acme/x:3", "-t acme/x:1 a\n-t acme/x:2 b").candidates_proved


@pytest.mark.parametrize(
    ("pattern", "text", "covered"),
    [
        ("acme/x", "acme/x:1", True),
        ("acme/x:1", "acme/x:1", True),
        ("acme/x:2", "acme/x:1", False),
        ("acme/x:latest", "acme/x", True),
        ("docker.io/acme/x", "acme/x:1", True),
        ("acme/*", "acme/x:1", True),
        ("acme/y", "acme/x:1", False),
        ("acme/x" + DIGEST, "acme/x" + DIGEST, True),
        ("acme/x" + DIGEST.replace("a", "b"), "acme/x" + DIGEST, False),
        ("No Name", "acme/x", False),
    ],
)
def test_what_an_entry_of_the_configuration_is_about(pattern: str, text: str, covered: bool) -> None:
    settings = Settings(parents={pattern: "other"})
    parent = found(text, "-t other:1 o", settings)
    assert (parent.source is not None and parent.source.path == "o/Dockerfile") is covered


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("acme/y", ("proved", "b/Dockerfile")),
        ("r/b/Dockerfile", ("proved", "b/Dockerfile")),
        ("nothing/here", ("proved", "a/Dockerfile")),
        ("github:acme/y@v1", ("proved", "b/Dockerfile")),
    ],
)
def test_where_an_entry_of_the_configuration_leads(target: str, expected: tuple[str, str]) -> None:
    assert shown(found("acme/x:1", "-t acme/x:1 a\n-t acme/y:1 b", Settings(parents={"acme/x": target}))) == expected


def test_an_entry_may_name_a_public_image() -> None:
    parent = found("acme/x:1", "-t acme/z:1 a", Settings(parents={"acme/x": "debian:12"}))
    assert parent.profile is not None
    assert parent.grade == "proved"
