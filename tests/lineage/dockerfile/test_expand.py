"""Variables are filled in as BuildKit's shell lexer does it, and named with their places."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ctlint.lineage.dockerfile.expand import Expansion, UsedVariable, expand, expand_raw, holes, variables
from ctlint.lineage.text.budget import LimitError

VERDICTS: dict[str, Any] = json.loads(
    (Path(__file__).parents[3] / "fixtures/buildkit/verdicts.json").read_text(encoding="utf-8")
)
ENV: dict[str, str] = VERDICTS["env"]


def test_every_word_of_the_reference_table_agrees() -> None:
    wrong = {}
    for expected in VERDICTS["words"]:
        found = expand(expected["word"], ENV)
        got: dict[str, Any] = {"error": found.error}
        if found.error is None:
            got = {"result": found.text}
            if found.words:
                got["words"] = list(found.words)
            if found.unmatched:
                got["unmatched"] = sorted(found.unmatched)
        if got != {key: value for key, value in expected.items() if key not in ("id", "word")}:
            wrong[expected["id"]] = got
    assert wrong == {}
    assert len(VERDICTS["words"]) > 250


@pytest.mark.parametrize(
    ("word", "text"),
    [
        ("plain", "plain"),
        ("", ""),
        ("${A:-${Z:-deep}}", "1"),
        ("${Z:-${Y:-'$A' \"$A\"}}", "$A 1"),
        ("${F%%.*}-${F##*.}", "file-gz"),
        ("${P/\\/usr/}", "/bin:/bin"),
        ("${F//?/x}", "xxxxxxxxxxx"),
        ("${F//*/x}", "x"),
        ("${F///-}", "-f-i-l-e-.-t-a-r-.-g-z-"),
        ("${N/*/x}", "x\nb"),
        ("${N//*/x}", "x\nx"),
        ("${N#*b}", "a\nb"),
        ("${S#a\\*}", "b?c"),
        ("${S%\\?c}", "a*b"),
        ("${S%b\\?*}", "a*"),
        ("${F%*}", "file.tar.gz"),
        ("${F%%*}", ""),
        ("${F/[a-z]/x}", "file.tar.gz"),
        ("${F//./\\$0}", "file\\.tar\\.gz"),
        ("${F//./\\${0}x}", "file\\${0tar\\${0gzx}"),
        ("${F//./\\$1}", "file\\tar\\gz"),
        ("${F//./\\$\\$}", "file\\$\\$tar\\$\\$gz"),
        ("${F/./\\$0}", "file\\$0tar.gz"),
        ("$0x", "x"),
        ("$12x", "x"),
        ("\ufeff$A", "1"),
        ("${U}", "ünï"),
        ("a<<  b", "a<<  b"),
        ('"a\\b\\"c\\$d"', 'a\\b"c$d'),
    ],
)
def test_results(word: str, text: str) -> None:
    found = expand(word, ENV)
    assert (found.text, found.error) == (text, None)


@pytest.mark.parametrize(
    ("word", "problem"),
    [
        ("${A#\\x}", "invalid pattern (\\x) in substitution: invalid escape '\\x'"),
        ("${A%\\xy}", "invalid pattern (y\\x) in substitution: invalid escape '\\x'"),
        ("${A/\\x/}", "invalid pattern (\\x) in substitution: invalid escape '\\x'"),
        ("${A:#x}", "unsupported modifier (:#) in substitution"),
        ("${A:=x}", "unsupported modifier (:=) in substitution"),
        ("${A:-${Z:?gone}", "syntax error: missing '}'"),
        ("${Z/a${", "syntax error: missing '/' in ${}"),
        ("${:A}", "syntax error: bad substitution"),
    ],
)
def test_errors(word: str, problem: str) -> None:
    error = expand(word, ENV).error
    assert error is not None
    assert error.endswith(problem)


def test_the_escape_character_of_windows_dockerfiles() -> None:
    assert expand("C:\\dir\\`$A", ENV, "`").text == "C:\\dir\\$A"
    assert expand('"`"`$A\\"', ENV, "`").text == '"$A\\'


def test_values_may_come_from_a_function() -> None:
    found = expand("$A-$B", lambda name: name.lower() if name == "A" else None)
    assert found == Expansion("a-", ("a-",), ("A",), ("B",))


def test_quotes_mean_nothing_in_a_heredoc() -> None:
    assert expand_raw("'$A' \"${Z:-z}\" \\$A\n", ENV).text == "'1' \"z\" $A\n"


def test_variables_are_named_with_operator_and_place() -> None:
    word = "$A/${B:-${C%x}}\\$D'$E'\"${F/a/b}\"${G:?no}"
    found = variables(word)
    assert [(each.name, each.operator, word[each.offset : each.end]) for each in found] == [
        ("A", "", "$A"),
        ("B", ":-", "${B:-${C%x}}"),
        ("C", "%", "${C%x}"),
        ("F", "/", "${F/a/b}"),
        ("G", ":?", "${G:?no}"),
    ]
    assert [each.guarded for each in found] == [False, True, False, False, True]
    assert variables("$A '", "\\") == (UsedVariable("A", "", 0, 2),)
    assert [each.name for each in variables("'$A'", quotes=False)] == ["A"]
    assert variables("none") == ()


def test_holes_are_what_no_operator_provides_for() -> None:
    assert holes("$A$Z${Y:-x}${X:+y}${W-}${A:-$V}${Q%x}", ENV) == ("Z", "Q")
    assert holes("${Z:-$Y}", ENV) == ("Y",)
    assert holes("'", ENV) == ()


def test_a_word_does_not_grow_without_bound() -> None:
    for word, value in (("$A" * 100, "x" * 100_000), ("${A//x/$A}", "x" * 10_000)):
        with pytest.raises(LimitError, match="too long"):
            expand(word, {"A": value})


@pytest.mark.parametrize("depth", [1000, 9_000, 50_000])
def test_deep_nesting_ends_without_recursion(depth: int) -> None:
    if depth > 10_000:
        for end in ("", "x" + "}" * depth):
            with pytest.raises(LimitError, match="nested too deeply"):
                expand("${Z:-" * depth + end, {})
        return
    found = expand("${Z:-" * depth + "x" + "}" * depth, {})
    assert (found.text, found.error) == ("x", None)
    assert expand("${Z:-" * depth, {}).error is not None


def test_many_wildcards_are_quick() -> None:
    assert expand("${A##" + "*a" * 30 + "b}", {"A": "a" * 2000}).text == "a" * 2000


@settings(max_examples=400, derandomize=True, database=None, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                "$A",
                "${A}",
                "$",
                "{",
                "}",
                "${Z:-",
                "${A+",
                "'",
                '"',
                "\\",
                "`",
                " ",
                "<<",
                "#",
                "%",
                "/",
                "*",
                "?",
                "é",
                "a",
                ":",
                "-",
            ]
        ),
        max_size=12,
    ).map("".join)
)
def test_any_word_gives_a_text_or_an_error(word: str) -> None:
    found = expand(word, ENV)
    assert (found.error is None) or (found.text == "" and found.words == ())
    names = {each.name for each in variables(word)}
    if found.error is None:
        assert {*found.matched, *found.unmatched} <= names
        assert set(holes(word, ENV)) <= set(found.unmatched)
