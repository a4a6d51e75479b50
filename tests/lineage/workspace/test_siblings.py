"""What sets an image apart from its siblings, who publishes a tag twice, and which default no build uses."""

import pytest

from ctlint.lineage.workspace.siblings import odd_one, other_defaults, published_twice
from folding import Files, source_of, workspace

PINNED = "@sha256:" + "a" * 64


def desks(bases: dict[str, str]) -> Files:
    """A repository that publishes an image for each folder, built on the given reference."""
    files = {f"{name}/Dockerfile": f"FROM {base}\n" for name, base in bases.items()}
    builds = "".join(f"\tdocker build -t acme/{name}:1 {name}\n" for name in bases)
    return {**files, "Makefile": "build:\n" + builds}


@pytest.mark.parametrize(
    ("bases", "expected"),
    [
        ({"a": "acme/s:2.1", "b": "acme/s:2.0", "c": "acme/s:2.1"}, ("2.1", 2, "r/a/Dockerfile")),
        # Of two tags that as many stand on, the greater number is the usual one.
        ({"a": "acme/s:2.9", "b": "acme/s:2.0", "c": "acme/s:2.10"}, ("2.10", 1, "r/c/Dockerfile")),
        # The majority counts, not what is newest.
        ({"a": "acme/s:1.0", "b": "acme/s:2.0", "c": "acme/s:1.0"}, ("1.0", 2, "r/a/Dockerfile")),
        ({"a": "acme/s:2.1", "b": "acme/s:2.1", "c": "acme/s:2.1"}, None),
        ({"a": "acme/s:2.1-amd64", "b": "acme/s:2.1"}, None),
        # Other words in the tag, other parents, no tag: chosen, not forgotten.
        ({"a": "acme/s:2.1", "b": "acme/s:2.0-slim", "c": "acme/s:2.1"}, None),
        ({"a": "acme/s:2.1", "b": "acme/t:2.0", "c": "acme/s:2.1"}, None),
        ({"a": "acme/s:2.1", "b": "acme/s", "c": "acme/s:2.1"}, None),
        ({"a": "debian:12", "b": "debian:11", "c": "debian:12"}, None),
        ({"a": "other/s:2.1", "b": "other/s:2.0", "c": "other/s:2.1"}, None),
        # A digest lags behind nothing, and nothing lags behind a digest.
        ({"a": "acme/s:2.1", "b": "acme/s:2.0" + PINNED, "c": "acme/s:2.1"}, None),
        ({"a": "acme/s:2.1" + PINNED, "b": "acme/s:2.0", "c": "acme/s:2.1" + PINNED}, None),
    ],
)
def test_the_tag_that_siblings_stand_on(bases: dict[str, str], expected: tuple[str, int, str] | None) -> None:
    work = workspace({"r": desks(bases)})
    odd = odd_one(work, source_of(work, "r/b/Dockerfile"))
    assert (None if odd is None else (odd.usual, odd.others, odd.example_place.path)) == expected


def test_a_pinned_target_is_not_held_against_the_tags_of_the_others() -> None:
    files = desks({"a": "acme/s:2.1", "b": "acme/s:2.1", "c": "acme/s:2.1"})
    text = f"FROM acme/s:2.0{PINNED} AS old\nFROM acme/s:2.0 AS new\n"
    makefile = "build:\n" + "".join(f"\tdocker build -t acme/{name}:1 {name}\n" for name in "ac")
    makefile += "\tdocker build -t acme/old:1 --target old b\n\tdocker build -t acme/new:1 --target new b\n"
    work = workspace({"r": {**files, "b/Dockerfile": text, "Makefile": makefile}})
    odd = {image.names[0].name: odd_one(work, image) for image in work.images if image.path == "b/Dockerfile"}
    assert {name: one is not None for name, one in odd.items()} == {"acme/old": False, "acme/new": True}


@pytest.mark.parametrize(
    ("makefile", "expected"),
    [
        ("\tdocker build -t acme/x:1 a\n\tdocker build -t acme/x:1 b\n", ["acme/x:1"]),
        ("\tdocker build -t acme/x:1 a\n\tdocker build -t acme/x:2 b\n", []),
        ("\tdocker build -t x a\n\tdocker build -t x b\n", []),
        ("\tdocker build -t acme/x:$(V) a\n\tdocker build -t acme/x:$(V) b\n", []),
    ],
)
def test_a_tag_that_two_images_go_out_under(makefile: str, expected: list[str]) -> None:
    work = workspace({"r": {"a/Dockerfile": "FROM a\n", "b/Dockerfile": "FROM b\n", "Makefile": "build:\n" + makefile}})
    assert sorted(published_twice(work)) == expected


@pytest.mark.parametrize("place", ["examples/Makefile", "README.md"])
def test_what_is_only_tried_is_not_published(place: str) -> None:
    said = "docker build -t acme/x:1 {0}\n"
    shown = "```sh\n" + said.format("b") + "```\n" if place == "README.md" else "build:\n\t" + said.format("../b")
    files = {"a/Dockerfile": "FROM a\n", "b/Dockerfile": "FROM b\n", "Makefile": "build:\n\t" + said.format("a")}
    assert not published_twice(workspace({"r": {**files, place: shown}}))


@pytest.mark.parametrize(
    ("dockerfile", "builds", "expected"),
    [
        ("ARG V=1\nFROM acme/s:$V\n", ["V=2", "V=2"], [("V", "1", "2")]),
        ("ARG V=1\nFROM acme/s:$V\n", ["V=2", "V=3"], []),
        ("ARG V=1\nFROM acme/s:$V\n", ["V=1"], []),
        ("ARG V=1\nFROM acme/s:$V\n", ["V=2", ""], []),
        ("ARG V='1'\nFROM acme/s:$V\n", ["V=1"], []),
        ("ARG V=1\nFROM acme/s:2\n", ["V=2"], []),
        ("ARG V\nFROM acme/s:$V\n", ["V=2"], []),
        ("ARG W=1\nARG V=s:$W\nFROM acme/$V\n", ["W=2"], [("W", "1", "2")]),
        ("ARG B=acme/s:1\nFROM $B\n", ["B=mirror.example.org/acme/s:1"], []),
        ("ARG B=acme/s:1\nFROM $B\n", ["B=$(B)"], []),
    ],
)
def test_a_default_that_no_build_uses(dockerfile: str, builds: list[str], expected: list[tuple[str, str, str]]) -> None:
    lines = "".join(f"\tdocker build {f'--build-arg {one}' if one else ''} -t acme/x .\n" for one in builds)
    work = workspace({"r": {"Dockerfile": dockerfile, "Makefile": "build:\n" + lines}})
    found = other_defaults(work, source_of(work, "r/Dockerfile"))
    assert [(one.name, one.default, one.given) for one in found] == expected


def test_a_readme_shows_what_may_be_given() -> None:
    files = {
        "Dockerfile": "ARG V=1\nFROM acme/s:$V\n",
        "README.md": "```sh\ndocker build --build-arg V=2 -t acme/x .\n```\n",
    }
    work = workspace({"r": files})
    assert list(other_defaults(work, source_of(work, "r/Dockerfile"))) == []
