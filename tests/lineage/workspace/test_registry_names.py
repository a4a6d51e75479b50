"""What registries are asked about: the image that one is built on, and the names that it is published under."""

import pytest

from ctlint.lineage.remote.registry_image import Platform
from ctlint.lineage.text.errors import Unknown
from ctlint.lineage.workspace.registry_state import base_of, published_as
from folding import source_of, workspace

AMD = Platform("linux", "amd64")


@pytest.mark.parametrize(
    ("dockerfile", "expected"),
    [
        ("FROM debian:12\n", "debian:12"),
        ("FROM alpine AS x\nFROM debian:12 AS a\nFROM a\n", "debian:12"),
        ("FROM scratch\n", None),
        ("FROM --platform=linux/amd64 debian:12\n", "debian:12"),
        ("FROM --platform=linux/arm64 debian:12\n", "asks for linux/arm64"),
        ("ARG B\nFROM $B\n", "?"),
        ("FROM Debian:12\n", "?"),
    ],
)
def test_what_an_image_is_built_on(dockerfile: str, expected: str | None) -> None:
    work = workspace({"r": {"Dockerfile": dockerfile}})
    found = base_of(source_of(work, "r/Dockerfile"), AMD)
    if isinstance(found, Unknown):
        assert expected == "?" or (expected is not None and expected in found.reason)
    else:
        assert (found and found.familiar.removesuffix(":12") + (f":{found.tag}" if found.tag else "")) == expected


@pytest.mark.parametrize(
    ("builds", "expected"),
    [
        ("-t acme/x:1 -t acme/x:2", ["1", "2"]),
        ("-t acme/x", ["latest"]),
        ("-t acme/x:$(V)", ["latest"]),
        ("-t acme/x:1-$(V)", []),
        ("-t acme/x:1-$(V) -t acme/x:1", ["1"]),
        ("-t ghcr.io/acme/x:1", ["1"]),
        ("-t x:1", []),
    ],
)
def test_the_names_that_an_image_is_asked_for_under(builds: str, expected: list[str]) -> None:
    work = workspace({"r": {"Dockerfile": "FROM debian:12\n", "Makefile": f"build:\n\tdocker build {builds} .\n"}})
    found = published_as(source_of(work, "r/Dockerfile"))
    assert [one.tag for one in found] == expected
    assert {one.domain for one in found} <= {"ghcr.io" if "ghcr.io" in builds else "docker.io"}
