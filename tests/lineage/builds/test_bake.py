"""Bake files are read as bake reads them; what cannot be evaluated is unknown, never the Dockerfile's default.

What the functions make is what docker buildx bake prints of the same files.
"""

import pytest

from ctlint.lineage.builds.bake import bake_builds
from ctlint.lineage.builds.build import Build
from ctlint.lineage.repository.snapshot import Snapshot
from ctlint.lineage.text.budget import LimitError, budget
from ctlint.lineage.workspace.workspace import Workspace

VARIABLES = """
variable "V" { default = "12" }
variable "TAGS" { default = ["a", "b"] }
variable "OPEN" {}
function "tagged" {
  params = [name, tag]
  result = "acme/${name}:${tag}"
}
"""


def builds(text: str, file: str = "docker-bake.hcl") -> list[Build]:
    with budget():
        return list(bake_builds(Snapshot.from_mapping("app", {file: text, "Dockerfile": "FROM scratch\n"}), file))


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ('"debian:${V}"', "debian:12"),
        ('format("debian:%s", V)', "debian:12"),
        ('format("%s-%d%%", upper("a"), 3)', "A-3%"),
        ('V == "12" ? "bookworm" : "trixie"', "bookworm"),
        ('and(equal(V, "12"), !false) ? "x" : "y"', "x"),
        ('tagged("base", V)', "acme/base:12"),
        ('join("-", concat(TAGS, ["c"]))', "a-b-c"),
        ('join(",", [for t in TAGS : "x${t}" if t != "a"])', "xb"),
        ('{ one = { two = "z" } }.one.two', "z"),
        ("TAGS[1]", "b"),
        ("1 + 2", "3"),
        ("true", "true"),
        (r'"a\"b\tc$${V}A"', 'a"b\tc${V}A'),
        ('" spaced ${V} out "', " spaced 12 out "),
        ('element(split(".", "3.20.1"), 1)', "20"),
        ('trimprefix(replace("v3-x", "-", "."), "v")', "3.x"),
    ],
)
def test_an_expression_is_what_bake_makes_of_it(expression: str, value: str) -> None:
    (build,) = builds(f'{VARIABLES}\ntarget "app" {{\n  args = {{ X = {expression}, Y = "y" }}\n}}\n')
    assert (dict(build.args), build.open_args) == ({"X": value, "Y": "y"}, frozenset())


@pytest.mark.parametrize(
    "expression",
    [
        "OPEN",
        '"debian:${OPEN}"',
        'OPEN == "1" ? "a" : "b"',
        "timestamp()",
        'regex_replace(V, "1", "2")',
        'format("%x", 3)',
        "upper(OPEN)",
        "TAGS[7]",
        "NOWHERE",
        "tagged(V)",
        '"%{ if true }x%{ endif }"',
        "coalesce(OPEN, V)",
    ],
)
def test_what_is_not_evaluated_is_open(expression: str) -> None:
    (build,) = builds(f'{VARIABLES}\ntarget "app" {{\n  args = {{ X = {expression}, Y = "y" }}\n}}\n')
    assert (dict(build.args), build.open_args) == ({"Y": "y"}, {"X"})


def test_a_matrix_is_evaluated_for_each_of_its_values() -> None:
    made = builds(
        'target "all" {\n  name = "app-${item.os}"\n  matrix = { item = [{ os = "bookworm", v = 12 }, { os = "trixie", v = 13 }] }\n'
        '  args = { BASE = format("debian:%s", item.v) }\n  tags = ["acme/app:${item.os}"]\n}\n'
        'target "more" {\n  inherits = ["app-trixie"]\n  target = "more"\n}\n'
    )
    told = {(build.target, build.args["BASE"], build.tags) for build in made}
    assert told == {
        (None, "debian:12", ("acme/app:bookworm",)),
        (None, "debian:13", ("acme/app:trixie",)),
        ("more", "debian:13", ("acme/app:trixie",)),
    }


def test_null_gives_nothing() -> None:
    (build,) = builds('target "app" {\n  args = { X = null }\n  target = null\n}\n')
    assert (dict(build.args), build.open_args, build.target) == ({}, frozenset(), None)


def test_a_target_that_bake_refuses_says_nothing_and_the_others_do() -> None:
    (build,) = builds('target "app" {\n  target = \n  args = { X = "1" }\n}\ntarget "b" {\n  args = { X = "2" }\n}\n')
    assert dict(build.args) == {"X": "2"}


def test_a_base_that_bake_computes_is_the_parent_never_the_default() -> None:
    files = {
        "Dockerfile": "ARG BASE=alpine:3.20\nFROM $BASE\n",
        "docker-bake.hcl": 'variable "V" { default = "12" }\ntarget "app" {\n  args = { BASE = format("debian:%s", V) }\n}\n',
    }
    for bake, parent in (
        (files["docker-bake.hcl"], "debian"),
        (files["docker-bake.hcl"].replace("format(", "chosen("), "$BASE"),
    ):
        workspace = Workspace([(Snapshot.from_mapping("app", {**files, "docker-bake.hcl": bake}), ["Dockerfile"])])
        image = workspace.effective(workspace.images[0])
        names = [link.name for link in image.chain[1:]]
        assert names[:1] == [parent]


@pytest.mark.parametrize(
    "text",
    [
        'target "a" { x = ' + "(" * 3000 + "1" + ")" * 3000 + " }",
        'target "a" { x = ' + "[" * 3000,
        'target "a" { x = "' + "${" * 3000,
        'target "a" { args = { X = ' + "!" * 3000 + "true } }",
        'variable "A" { default = B }\nvariable "B" { default = A }\ntarget "a" { args = { X = A } }',
        'function "f" {\n params = [x]\n result = f(x)\n}\ntarget "a" { args = { X = f("1") } }',
        '"' * 20000,
    ],
)
def test_hostile_expressions_end(text: str) -> None:
    for build in builds(text):
        assert "X" not in build.args


def test_values_that_double_are_refused() -> None:
    doubled = "".join(f'variable "v{n}" {{\n default = "${{v{n + 1}}}${{v{n + 1}}}"\n}}\n' for n in range(40))
    with pytest.raises(LimitError):
        builds(doubled + 'variable "v40" { default = "xx" }\ntarget "t" { args = { X = v0 } }\n')
