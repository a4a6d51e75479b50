"""Stages: what each is built on, which the target needs, what arguments are worth."""

import pytest

from ctlint.lineage.dockerfile.operands import parse_arg, parse_copy, parse_env_pairs, parse_mounts
from ctlint.lineage.dockerfile.parse import Instruction, parse
from ctlint.lineage.dockerfile.stages import Platforms, Stages, parse_stages
from ctlint.lineage.text.errors import Unknown
from ctlint.lineage.text.places import Span


def stages_of(text: str, target: str | None = None, **build_args: str) -> Stages:
    return parse_stages(parse(text), build_args, target)


def first(text: str) -> Instruction:
    return parse("FROM a\n" + text).instructions[1]


def bases(text: str, **build_args: str) -> list[str | Unknown]:
    return [stage.base.reference for stage in stages_of(text, **build_args).stages]


@pytest.mark.parametrize(
    ("head", "reference", "base"),
    [
        ("ARG TAG=9-jre8", "tomcat:$TAG", "tomcat:9-jre8"),
        ("ARG A=1\nARG B=x${A}y\nARG C=${B:-no}", "${C}", "x1y"),
        ("ARG A", "${A:-debian}:12", "debian:12"),
        ("ARG A=1\nARG A=2", "a:$A", "a:2"),
        ("ARG A=1 B=$A", "a:$B", "a:1"),
        ('ARG A="quoted name"', "$A", "quoted name"),
        ("", "a-${TARGETARCH}${TARGETVARIANT}", "a-amd64"),
        ("ARG TARGETARCH=own", "a-${TARGETARCH}", "a-own"),
        ("", "a-$TARGETSTAGE", "a-default"),
        ("ARG IMAGE=Scratch", "scratch", "scratch"),
    ],
)
def test_a_base_is_made_from_global_arguments(head: str, reference: str, base: str) -> None:
    assert bases(f"{head}\nFROM {reference}\n") == [base]


def test_a_build_argument_wins_over_the_default_and_what_uses_it() -> None:
    text = "ARG TAG=1\nARG IMAGE=a:$TAG\nFROM $IMAGE\n"
    assert bases(text, TAG="2") == ["a:2"]
    assert bases(text, IMAGE="b", TAG="2") == ["b"]
    assert bases(text, OTHER="2") == ["a:1"]
    assert stages_of(text, TAG="2").global_args["TAG"].given


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("FROM a:$TAG\n", ("TAG",)),
        ("ARG TAG\nFROM a:$TAG\n", ("TAG",)),
        ("ARG TAG\nARG IMAGE=a:${TAG}\nARG X=$IMAGE\nFROM $X\n", ("TAG",)),
        ("FROM b\nARG TAG=1\nFROM a:$TAG\n", ("TAG",)),
    ],
)
def test_a_base_with_a_variable_without_value_is_unknown(text: str, missing: tuple[str, ...]) -> None:
    base = stages_of(text).stages[-1].base
    assert base.missing == missing
    assert isinstance(base.reference, Unknown)
    assert "$TAG" in base.reference.reason


def test_a_guarded_variable_without_value_is_no_hole() -> None:
    base = stages_of("ARG REPO\nARG TAG=${REPO:-1}\nFROM a:$TAG${X+y}\n").stages[0].base
    assert (base.reference, base.missing, base.unmatched) == ("a:1", (), ("X",))


def test_empty_and_malformed_bases_are_unknown() -> None:
    assert bases('FROM "$E"\n', E="") == [Unknown('FROM "$E": no value for $E')]
    (empty, broken) = bases("ARG E=\nFROM $E\nFROM ${E\n")
    assert isinstance(empty, Unknown)
    assert isinstance(broken, Unknown)
    assert "unsupported modifier" in broken.reason


def test_the_base_knows_its_place_and_what_it_used() -> None:
    stage = stages_of("ARG A=1\nARG B=$A\n FROM --platform=$BUILDPLATFORM  x:$B AS Y\n").stages[0]
    assert (stage.name, stage.title, stage.base.raw) == ("y", "y", "x:$B")
    assert stage.base.span == Span(3, 34, 3, 38)
    assert stage.base.uses == ("B",)
    assert stages_of("ARG A=1\nARG B=$A\nFROM x\n").global_args["B"].uses == {"A"}
    assert stage.platform is not None
    assert stage.platform.text == "linux/amd64"


def test_a_base_may_be_an_earlier_stage() -> None:
    found = stages_of("ARG S=one\nFROM a AS One\nFROM ${S} AS two\nFROM three AS three\nFROM ONE\nFROM scratch\n")
    assert [stage.base.stage for stage in found.stages] == [None, 0, None, None, None]
    assert [stage.base.miscased for stage in found.stages] == [None, None, None, 0, None]
    assert [stage.base.scratch for stage in found.stages] == [False] * 4 + [True]
    assert [stage.title for stage in found.stages[3:]] == ["stage-3", "stage-4"]


CHAIN = """\
FROM a AS tools
FROM b AS unused
FROM tools AS built
ONBUILD COPY --from=extra / /
FROM c AS extra
FROM d AS mounted
FROM built AS final
COPY --from=0 x y
RUN --mount=from=mounted,target=/m --mount=type=tmpfs,target=/t x
FROM final AS after
"""


@pytest.mark.parametrize(
    ("target", "reachable"),
    [
        (None, {0, 2, 3, 4, 5, 6}),
        ("FINAL", {0, 2, 3, 4, 5}),
        ("built", {0, 2}),
        ("unused", {1}),
        ("nobody", set()),
    ],
)
def test_what_the_target_needs(target: str | None, reachable: set[int]) -> None:
    found = stages_of(CHAIN, target)
    assert found.reachable == reachable
    assert (found.target is None) is (not reachable)


def test_what_a_from_flag_names() -> None:
    found = stages_of(CHAIN)
    middle = found.stages[3]

    def named(text: str, *, numbers: bool = True) -> tuple[str, int | None]:
        source = found.source(text, middle, numbers=numbers)
        return source.kind, source.stage

    assert named("Tools") == ("stage", 0)
    assert named("1") == ("stage", 1)
    assert named("3") == ("later", 3)
    assert named("final") == ("later", 5)
    assert named("7") == ("no-such-number", None)
    assert named("nginx:1") == ("image", None)
    assert named("1", numbers=False) == ("image", None)
    assert found.named("BUILT") == found.stages[2]
    assert found.named("") is None


def test_of_two_stages_of_one_name_a_from_means_the_one_before_it() -> None:
    found = stages_of("FROM a AS x\nFROM b AS x\nFROM x\nCOPY --from=x a b\n")
    assert found.stages[2].base.stage == 1
    assert found.reachable == {1, 2}


def test_an_argument_inside_a_stage() -> None:
    found = stages_of("ARG G=global\nFROM a\n", T="given")

    def value(text: str) -> str | None:
        expansion = found.arg_value(parse_arg(first(text))[0], {"E": "env"})
        return None if expansion is None else expansion.text

    assert value("ARG G") == "global"
    assert value("ARG G=own-$E") == "own-env"
    assert value("ARG T=default") == "given"
    assert value("ARG TARGETARCH") == "amd64"
    assert value("ARG NONE") is None
    assert value("ARG EMPTY=") == ""


def test_platforms_and_target_stage() -> None:
    text = "FROM a AS build\nFROM x-$TARGETOS-$TARGETARCH-$TARGETVARIANT-$BUILDARCH-$TARGETSTAGE\n"
    found = parse_stages(parse(text), {}, "build", Platforms(target="linux/arm/v7"))
    assert found.stages[1].base.text == "x-linux-arm-v7-amd64-build"


def test_instructions_belong_to_their_stage() -> None:
    found = stages_of("ARG A\nFROM a\nRUN x\nFROM\nFROM b\nRUN y\nRUN z\n")
    assert [[each.body.text for each in stage.instructions] for stage in found.stages] == [["x"], ["y", "z"]]
    assert [stage.origin.start_line for stage in found.stages] == [2, 5]
    assert stages_of("").stages == ()
    assert stages_of("").target is None


def test_pairs_of_env_and_label() -> None:
    text = 'ENV A=1 \\\n  B="x y" C='
    assert [(pair.name.text, pair.value.text, pair.legacy) for pair in parse_env_pairs(first(text))] == [
        ("A", "1", False),
        ("B", '"x y"', False),
        ("C", "", False),
    ]
    assert parse_env_pairs(first(text))[1].value.span == Span(3, 5, 3, 10)
    (legacy,) = parse_env_pairs(first("LABEL a b c "))
    assert (legacy.name.text, legacy.value.text, legacy.legacy) == ("a", "b c", True)


def test_declarations_of_arg() -> None:
    a, b, c = parse_arg(first("ARG A B=x=y C="))
    assert [(each.name, each.default) for each in (a, b, c)] == [("A", None), ("B", "x=y"), ("C", "")]
    assert (b.span, b.default_span) == (Span(2, 7, 2, 8), Span(2, 9, 2, 12))


def test_what_a_copy_says() -> None:
    text = "COPY --from=x --chown=1:2 --chmod=755 --link --parents=false --exclude=a --exclude=b <<E s /d/\nhi\nE\n"
    copy = parse_copy(first(text))
    assert [source.text for source in copy.sources] == ["s"]
    assert [(heredoc.name, heredoc.content) for heredoc in copy.heredocs] == [("E", "hi\n")]
    assert copy.destination.text == "/d/"
    assert copy.origin is not None
    assert (copy.origin.text, copy.origin.span) == ("x", Span(2, 13, 2, 14))
    assert (copy.chown, copy.chmod, copy.link, copy.parents, copy.excludes) == ("1:2", "755", True, False, ("a", "b"))
    assert (copy.checksum, copy.keep_git_dir, copy.unpack) == (None, None, None)
    quoted = parse_copy(first("COPY --from='x' a b\n"))
    assert quoted.origin is not None
    assert quoted.origin.span == Span(2, 6, 2, 16)


def test_what_an_add_says() -> None:
    add = parse_copy(first('ADD --keep-git-dir=true --unpack=false --checksum=sha256:1 ["a b", "c", "/d/"]\n'))
    assert [source.text for source in add.sources] == ["a b", "c"]
    assert (add.origin, add.keep_git_dir, add.unpack, add.checksum) == (None, True, False, "sha256:1")
    assert add.sources[0].span == Span(2, 61, 2, 66)


def test_the_mounts_of_a_run() -> None:
    run = first(
        "RUN --mount='type=Cache,\"target=/a,b\",sharing=locked' --mount=from=x,src=/s,dst=/d,ro --mount='a\"b' x"
    )
    cache, bind = parse_mounts(run)
    assert (cache.kind, cache.origin, cache.target, cache.options["sharing"]) == ("cache", None, "/a,b", "locked")
    assert (bind.kind, bind.origin, bind.source, bind.target, bind.options["ro"]) == ("bind", "x", "/s", "/d", "")
    assert bind.span.column == 55
