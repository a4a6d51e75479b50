"""Which references a user means by a name, and which images a build takes from outside."""

import pytest

from ctlint.lineage.text.reference import Reference, parse
from ctlint.lineage.workspace.real_parents import external_references, fits
from folding import source_of, workspace


@pytest.mark.parametrize(
    ("text", "pattern", "expected"),
    [
        ("acme/x:1", "acme/x", True),
        ("acme/x:1", "acme/x:1", True),
        ("acme/x:1", "acme/x:2", False),
        ("acme/x", "acme/x:latest", True),
        ("acme/x:1", "acme/*", True),
        ("acme/x:1", "acme/*:1", True),
        ("acme/x:1", "acme/*:2", False),
        ("acme/x:1", "acme/y:1", False),
        ("acme/x:1", "docker.io/acme/x", True),
        ("localhost:5000/x", "localhost:5000/x", True),
        ("mirror.example.org/acme/x:1", "acme/x", True),
        ("acme/x:1", "Not A Name", False),
    ],
)
def test_a_reference_is_meant_by(text: str, pattern: str, expected: bool) -> None:
    parsed = parse(text)
    assert isinstance(parsed, Reference)
    assert fits(parsed, pattern, (("mirror.example.org/acme/", "acme/"),)) is expected


def test_what_a_build_takes_from_outside_in_order() -> None:
    text = (
        "FROM acme/unused AS unused\nFROM acme/a:1 AS a\nFROM a\nCOPY --from=a /x /x\nCOPY --from=acme/b /x /y\n"
        "RUN --mount=from=acme/c,target=/c true\nCOPY --from=Bad/Name /x /z\n"
    )
    work = workspace({"r": {"Dockerfile": text}})
    found = [str(one) for one in external_references(source_of(work, "r/Dockerfile"))]
    assert [one.removeprefix("docker.io/") for one in found] == ["acme/a:1", "acme/b", "acme/c"]
