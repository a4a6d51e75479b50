"""Dockerfiles are read as today's BuildKit reads them, and every word is found again in the file."""

import io
import json
from pathlib import Path
from random import Random
from typing import Any

import pytest

from ctlint.lineage.dockerfile.checks import stage_name
from ctlint.lineage.dockerfile.parse import Dockerfile, Instruction, parse, parse_all
from ctlint.lineage.dockerfile.run_script import run_script
from ctlint.lineage.text.places import MappedText, Span
from ctlint.lint.commands.parse import as_json, parse_files
from generated_dockerfiles import WRITTEN, Sample, generated

VERDICTS: dict[str, Any] = json.loads(
    (Path(__file__).parents[3] / "fixtures/buildkit/verdicts.json").read_text(encoding="utf-8")
)


def verdict_of(found: Dockerfile) -> dict[str, Any]:
    """Our reading in the shape of the table."""
    printed = as_json(found)
    if "instructions" not in printed:
        return {"error": printed["error"]["message"]}
    verdict: dict[str, Any] = {"instructions": printed["instructions"]}
    for instruction in verdict["instructions"]:
        del instruction["original"]
    if found.error:
        verdict["instructions_error"] = f"dockerfile parse error on line {found.error.line}: {found.error.message}"
    else:
        verdict["stages"] = [
            {"name": stage_name(each), "base": each.arguments[0], "platform": each.flag("platform") or ""}
            for each in found.instructions
            if each.keyword == "FROM"
        ]
    if found.warnings:
        verdict["warnings"] = [warning.message for warning in found.warnings]
    return verdict


def test_every_text_of_the_reference_table_is_read_like_buildkit() -> None:
    texts = VERDICTS["dockerfiles"]
    wrong = {}
    for expected in texts:
        got = verdict_of(parse(expected["text"]))
        if got != {key: value for key, value in expected.items() if key not in ("id", "text")}:
            wrong[expected["id"]] = got
    assert wrong == {}
    assert len(texts) > 700


def only(text: str, keyword: str = "RUN") -> Instruction:
    """The one instruction of that keyword."""
    (found,) = (each for each in parse(text).instructions if each.keyword == keyword)
    return found


def in_file(text: str, span: Span) -> str:
    """What stands at the span; lines are joined by `|`."""
    lines = text.removeprefix("\ufeff").split("\n")
    if span.line == span.end_line:
        return lines[span.line - 1][span.column - 1 : span.end_column - 1]
    parts = [lines[span.line - 1][span.column - 1 :], *lines[span.line : span.end_line - 1]]
    return "|".join([*parts, lines[span.end_line - 1][: span.end_column - 1]])


def assert_maps(mapped: MappedText, text: str) -> None:
    """Every character of the mapped text stands where it says it does."""
    lines = text.removeprefix("\ufeff").split("\n")
    for offset, character in enumerate(mapped.text):
        line, column = mapped.position(offset)
        there = lines[line - 1][column - 1 : column] if column <= len(lines[line - 1]) else "\n"
        assert there == character, (text, mapped, offset)


def test_every_character_of_an_instruction_is_found_in_the_file() -> None:
    for number in range(300):
        every_character_is_found(generated(Random(number)))


def every_character_is_found(sample: Sample) -> None:
    for instruction in parse(sample.text).instructions:
        assert_maps(instruction.line, sample.text)
        assert_maps(instruction.body, sample.text)
        for heredoc in instruction.heredocs:
            assert_maps(heredoc.body, sample.text)
            assert_maps(heredoc.data, sample.text)
            assert in_file(sample.text, Span(heredoc.end_line, 1, heredoc.end_line, 200)).strip("\t\r") == heredoc.name
        if instruction.name_span.line == instruction.name_span.end_line:
            assert in_file(sample.text, instruction.name_span) == instruction.written
        assert instruction.end_line >= instruction.start_line


def test_places_of_arguments_and_flags() -> None:
    text = "FROM a\n  copy --from=x --chown=u:g  a \\\n  # c\n   'b c' /d/\nRUN set -e && \\\n    useradd é bob # x\n"
    copy = only(text, "COPY")
    assert [in_file(text, copy.argument_span(index)) for index in range(4)] == ["a", "'b", "c'", "/d/"]
    assert in_file(text, copy.flag_span(1)) == "--chown=u:g"
    assert (copy.flag("chown"), copy.flag("chmod"), copy.flag_values("from")) == ("u:g", None, ("x",))
    assert copy.written == "copy"
    assert in_file(text, copy.name_span) == "copy"


def test_exec_form_places_include_the_quotes() -> None:
    text = 'FROM a\nENTRYPOINT [ "/init" ,\\\n "x\\u0041" ]\n'
    entry = only(text, "ENTRYPOINT")
    assert entry.arguments == ("/init", "xA")
    assert [in_file(text, entry.argument_span(index)) for index in range(2)] == ['"/init"', '"x\\u0041"']


def test_an_onbuild_holds_its_instruction() -> None:
    text = "FROM a\nONBUILD copy --chmod=1 <<E /x/\nhi\nE\n"
    onbuild = only(text, "ONBUILD")
    held = onbuild.onbuild
    assert held is not None
    assert (held.keyword, held.flags, held.arguments, held.start_line, held.end_line) == (
        "COPY",
        ("--chmod=1",),
        ("<<E", "/x/"),
        2,
        4,
    )
    assert held.heredocs == onbuild.heredocs
    assert in_file(text, held.name_span) == "copy"
    assert onbuild.flags == ()
    assert only("FROM a\nONBUILD ONBUILD RUN x\n", "ONBUILD").onbuild is None


def test_the_flags_of_what_an_onbuild_holds_are_printed() -> None:
    printed = as_json(parse("FROM a\nONBUILD COPY --from=x a b\n"))["instructions"][1]
    assert (printed["flags"], printed["arguments"]) == (["--from=x"], ["COPY", "a", "b"])


def test_a_heredoc_of_run_is_what_the_shell_runs() -> None:
    text = "FROM a\nRUN <<-EOF\n\tset -e\n\t\tmake\n\tEOF\n"
    script = run_script(only(text))
    assert script is not None
    assert (script.kind, script.text.text) == ("shell", "set -e\nmake\n")
    assert script.text.position(7) == (4, 3)


def test_a_heredoc_with_shebang_is_run_as_a_file() -> None:
    script = run_script(only("FROM a\nRUN <<EOF\n#!/usr/bin/env python3\nprint()\nEOF\n"))
    assert script is not None
    assert (script.kind, script.fed) == ("file", None)


def test_a_heredoc_fed_to_a_command_stays_with_it() -> None:
    text = "FROM a\nRUN bash -e <<'EOF'\nmake\nEOF\n"
    script = run_script(only(text))
    assert script is not None
    assert script.text.text == "bash -e <<'EOF'\nmake\nEOF"
    assert script.reader == ("bash", "-e")
    assert script.fed is not None
    assert script.fed.content == "make\n"
    assert in_file(text, script.text.span(16, 20)) == "make"


@pytest.mark.parametrize("line", ["cat <<A > f && cat <<B", "x | bash <<A", "<<A cat", "cat <<A <<B"])
def test_a_heredoc_in_a_longer_command_is_not_called_fed(line: str) -> None:
    text = f"FROM a\nRUN {line}\n1\nA\n2\nB\n"
    script = run_script(only(text))
    assert script is not None
    assert (script.kind, script.fed) == ("shell", None)
    assert script.text.text.startswith(line + "\n1\nA")


def test_plain_and_exec_runs() -> None:
    script = run_script(only("FROM a\nRUN --network=none make\n"))
    assert script is not None
    assert script.text.text == "make"
    assert run_script(only('FROM a\nRUN ["make"]\n')) is None


def test_warnings_name_the_empty_line() -> None:
    (warning,) = parse("FROM a\nRUN x \\\n  # c\n\n  y\n").warnings
    assert (warning.line, warning.empty_line) == (5, 4)


def test_directives_are_there() -> None:
    found = parse("# syntax=docker/dockerfile:1 \n#escape = `\nFROM a\n")
    assert (found.escape, found.directives) == ("`", {"syntax": "docker/dockerfile:1", "escape": "`"})


@pytest.mark.parametrize(
    ("text", "message", "line", "found_by"),
    [
        ("FROM a\n\nRUN <<EOF\nx\n", "unterminated heredoc", 3, "parser"),
        (
            'FROM a\nRUN x\nCMD ["a", 1]\n',
            "when using JSON array syntax, arrays must be comprised of strings only",
            3,
            "parser",
        ),
        (
            "FROM a\nENV A=1 \\\n B\n",
            'Syntax error - can\'t find = in "B". Must be of the form: name=value',
            2,
            "parser",
        ),
        ("# syntax=a\n# syntax=b\nFROM a\n", "only one syntax parser directive can be used", 2, "parser"),
        ("# escape= \nFROM a\n", "invalid escape token ' ' does not match ` or \\", 1, "parser"),
        ("FROM a\nRUN " + "x" * 65532 + "\n", "dockerfile line greater than max allowed size of 65535", 2, "parser"),
        ("RUN x\nFROM a\n", "no build stage in current context", 1, "instructions"),
        (
            "FROM a AS 1b\n",
            'invalid name for build stage: "1b", name can\'t start with a number or contain symbols',
            1,
            "instructions",
        ),
        ("FROM a\nCOPY --form=b . .\n", "unknown flag: --form (did you mean from?)", 2, "instructions"),
        ("FROM a\nCOPY --link=maybe . .\n", "expecting boolean value for flag --link, not: maybe", 2, "instructions"),
        ("FROM a\nCOPY --chown=a --chown=b . .\n", "duplicate flag specified: --chown", 2, "instructions"),
        ("FROM a\nCOPY a <<EOF\nx\nEOF\n", "COPY cannot accept a heredoc as a destination", 2, "instructions"),
        ("FROM a\nRUN --network=lan x\n", 'invalid network mode "lan"', 2, "instructions"),
        ("FROM a\nRUN --security=none x\n", 'security "none" is not valid', 2, "instructions"),
        (
            "FROM a\nRUN --mount='a\"b' x\n",
            'failed to parse csv mounts: parse error on line 1, column 2: bare " in non-quoted-field',
            2,
            "instructions",
        ),
        (
            "FROM a\nRUN --mount='\"a\"b' x\n",
            'failed to parse csv mounts: parse error on line 1, column 3: extraneous or missing " in quoted-field',
            2,
            "instructions",
        ),
        (
            "FROM a\nRUN --mount=from=$X x\n",
            "'from' doesn't support variable expansion, define alias stage instead",
            2,
            "instructions",
        ),
        ("FROM a\nRUN --mount= x\n", "failed to parse csv mounts: EOF", 2, "instructions"),
        (
            "FROM a\nRUN --mount='\"a' x\n",
            'failed to parse csv mounts: parse error on line 1, column 2: extraneous or missing " in quoted-field',
            2,
            "instructions",
        ),
        (
            "FROM a\nRUN --device='a\"' x\n",
            'failed to parse csv devices: parse error on line 1, column 2: bare " in non-quoted-field',
            2,
            "instructions",
        ),
        ("FROM a\nRUN --device=a,required=2 x\n", "invalid value for required: 2", 2, "instructions"),
        ("FROM a\nRUN --device=a,name=b x\n", "device name already set to a", 2, "instructions"),
        ("FROM a\nCOPY --link= . .\n", "missing a value on flag: --link", 2, "instructions"),
        ("FROM a\nCOPY --chmod . .\n", "missing a value on flag: --chmod", 2, "instructions"),
        ("FROM a\nHEALTHCHECK --timeout=- CMD x\n", 'time: invalid duration "-"', 2, "instructions"),
        (
            "FROM a\nHEALTHCHECK --timeout=99999999999h CMD x\n",
            'time: invalid duration "99999999999h"',
            2,
            "instructions",
        ),
        (
            "FROM a\nHEALTHCHECK --timeout=9223372036854775808ns CMD x\n",
            'time: invalid duration "9223372036854775808ns"',
            2,
            "instructions",
        ),
        (
            "FROM a\nHEALTHCHECK --timeout=9223372036854775809ns CMD x\n",
            'time: invalid duration "9223372036854775809ns"',
            2,
            "instructions",
        ),
        ("FROM a\nHEALTHCHECK --timeout=-1s CMD x\n", 'Interval "timeout" cannot be less than 1ms', 2, "instructions"),
        (
            "FROM a\nENV A=1 \v\x01\x7f\U000e0001\n",
            'Syntax error - can\'t find = in "\\x01\\x7f\\U000e0001". Must be of the form: name=value',
            2,
            "parser",
        ),
        ("FROM a\nRUN --device=a,b x\n", "invalid field 'b' must be a key=value pair", 2, "instructions"),
        (
            "FROM a\nRUN --device=name=a,nam=b x\n",
            "unexpected key 'nam' in 'nam=b' (did you mean name?)",
            2,
            "instructions",
        ),
        ("FROM a\nHEALTHCHECK --interval=5 CMD x\n", 'time: missing unit in duration "5"', 2, "instructions"),
        ("FROM a\nHEALTHCHECK --interval=5x CMD x\n", 'time: unknown unit "x" in duration "5x"', 2, "instructions"),
        ("FROM a\nHEALTHCHECK --timeout=.s CMD x\n", 'time: invalid duration ".s"', 2, "instructions"),
        ("FROM a\nHEALTHCHECK --timeout=1us CMD x\n", 'Interval "timeout" cannot be less than 1ms', 2, "instructions"),
        ("FROM a\nHEALTHCHECK --retries=x CMD x\n", 'strconv.ParseInt: parsing "x": invalid syntax', 2, "instructions"),
        (
            "FROM a\nHEALTHCHECK --retries=9999999999 CMD x\n",
            'strconv.ParseInt: parsing "9999999999": value out of range',
            2,
            "instructions",
        ),
        ("FROM a\nHEALTHCHECK --retries=-1 CMD x\n", "--retries cannot be negative (-1)", 2, "instructions"),
        ("FROM a\nHEALTHCHECK curl x\n", 'Unknown type "CURL" in HEALTHCHECK (try CMD)', 2, "instructions"),
        ("FROM a\nHEALTHCHECK CMD\n", "Missing command after HEALTHCHECK CMD", 2, "instructions"),
        ("FROM a\nENV =1\n", "ENV names can not be blank", 2, "instructions"),
        ("FROM a\nARG =1\n", "ARG names can not be blank", 2, "instructions"),
        ('FROM a\nVOLUME ["/a", " "]\n', "VOLUME specified can not be an empty string", 2, "instructions"),
        ("FROM a\nONBUILD MAINTAINER x\n", "MAINTAINER isn't allowed as an ONBUILD trigger", 2, "instructions"),
        ("FROM a\nMAINTAINER\n", "MAINTAINER requires exactly one argument", 2, "instructions"),
        ("FROM a\nCPOY a b\n", "unknown instruction: CPOY (did you mean COPY?)", 2, "instructions"),
    ],
)
def test_what_buildkit_refuses_is_an_error_with_its_line(text: str, message: str, line: int, found_by: str) -> None:
    error = parse(text).error
    assert error is not None
    assert (error.message, error.line, error.found_by) == (message, line, found_by)


@pytest.mark.parametrize(
    "text",
    [
        'FROM a\nRUN --mount=\'type=bind,"target=/a""b","",from=$\' --device=vendor.com/class=x --device=name=y x\n',
        "FROM a\nHEALTHCHECK --interval=1m30.5s --timeout=0 --start-period=-0 --retries=+3 CMD x\n",
        'FROM a\nRUN --mount=type=cache,target=/a,"id=x,y" --mount=type=bind,from=b$ --device=a,required x\n',
        "FROM a\nADD --keep-git-dir --unpack=False --checksum=sha256:0 --exclude=a --exclude=b x y\n",
        "FROM a\nARG A B=1 C=\nARG --x A\n",
        "ARG A\nFROM --platform=linux/amd64 a AS B.c-d_1\n",
        'FROM a\nSTOPSIGNAL 9\nSHELL ["a"]\nEXPOSE 80/tcp 90\nCMD []\nENTRYPOINT []\n',
        "FROM a\nHEALTHCHECK --interval=2540400h10m10.000000000s CMD x\n",
    ],
)
def test_what_buildkit_takes_is_no_error(text: str) -> None:
    assert parse(text).error is None


@pytest.mark.parametrize(
    ("array", "arguments"),
    [
        ('["\\ud83d\\ude00", "\\ud800x\\ude00", "\\/\\b"]', ("\U0001f600", "\ufffdx\ufffd", "/\b")),
        ('["\\ud800\\ud83d\\ude00"]', ("\ufffd\U0001f600",)),
        ('["\x7f"]', ("\x7f",)),
        ("[]", ()),
    ],
)
def test_strings_of_an_exec_form(array: str, arguments: tuple[str, ...]) -> None:
    entry = only(f"FROM a\nCMD {array}\n", "CMD")
    assert (entry.form, entry.arguments) == ("exec", arguments)


@pytest.mark.parametrize(
    "array", ["['a']", '["a",]', '["a"] x', '["a"', '["\\x"]', "[1e999]", "[01]", "[" * 20000, '["a" "b"]', '{"a": 1}']
)
def test_what_is_no_json_array_is_a_shell_form(array: str) -> None:
    assert only(f"FROM a\nCMD {array}\n", "CMD").form == "shell"


@pytest.mark.parametrize("array", ["[null]", '[["a"]]', '[{"a": [1, {}]}]', "[-1.5e3, true]", "[" * 9000 + "]" * 9000])
def test_an_array_of_anything_else_is_refused(array: str) -> None:
    error = parse(f"FROM a\nCMD {array}\n").error
    assert error is not None
    assert error.message.endswith("strings only")


def test_bytes_that_are_not_utf8_are_kept_apart_and_shown_as_replacement() -> None:
    found = parse(b"FROM a\nENV A=\xff\xfe B=x\nRUN --mount=\xe9 echo \xc3\xa9\nRUN <<EOF\n\xff\nEOF\n")
    env, run, heredoc = found.instructions[1:]
    assert env.arguments == ("A", "\ufffd\ufffd", "=", "B", "x", "=")
    assert env.argument_span(3) == Span(2, 10, 2, 11)
    assert run.arguments == ("echo é",)
    assert run.flags == ("--mount=é",)
    assert heredoc.heredocs[0].content == "\ufffd\n"
    assert found.text.startswith("FROM a\nENV A=\ufffd\ufffd")


def test_flags_are_read_byte_by_byte() -> None:
    run = only("FROM a\nRUN --mount=日 --x=à y\n")
    assert run.flags == ("--mount=æ\x97¥", "--x=Ã")
    assert run.arguments == ("y",)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\0" * 1000,
        b"\xff\xfe\0F\0R\0O\0M\0",
        bytes(range(256)) * 40,
        b"FROM a\nRUN " + b"[" * 50_000,
        b"FROM a\nRUN \\\n" + b"<<a ${x:-\\\n" * 20_000,
        b"FROM a\n" + b"ONBUILD " * 8000 + b"RUN x",
        b"FROM a\nRUN x" + b" \\\n# c\n\n" * 50_000,
        b"FROM a\n" + b"\\\n" * 50_000,
        b"FROM a\nLABEL " + b"'" * 60_000,
        b"x" * 200_000,
        b"A\n" * 100_010,
        b"\n" * 500_010,
        b"#" * ((16 << 20) + 1),
    ],
    ids=lambda content: f"{content[:20]!r} {len(content)}",
)
def test_bad_input_is_read_without_complaint(content: bytes) -> None:
    found = parse(content)
    assert found.error is not None or found.instructions
    for instruction in found.instructions[:50]:
        assert instruction.span.line >= 1


def run_parse(*paths: str) -> tuple[int, list[dict[str, Any]], str]:
    out, err = io.StringIO(), io.StringIO()
    code = parse_files(paths, out, err)
    return code, [json.loads(line) for line in out.getvalue().splitlines()], err.getvalue()


def test_parse_prints_one_object_a_file_and_goes_on_after_errors(tmp_path: Path) -> None:
    good, checked, refused = tmp_path / "good", tmp_path / "checked", tmp_path / "refused"
    good.write_bytes(b"\xef\xbb\xbfFROM a\r\nRUN x \\\r\n y\r\n")
    checked.write_text("FROM a\nCPOY\n")
    refused.write_text("FROM a\nCMD [1]\n")
    paths = [*map(str, (refused, tmp_path / "absent", tmp_path, checked, good)), "nul\0"]
    code, objects, messages = run_parse(*paths)
    assert code == 3
    assert [each["path"] for each in objects] == paths
    assert objects[0].keys() == {"path", "error"}
    assert objects[0]["error"]["line"] == 2
    assert [each["error"]["line"] for each in objects[1:3]] == [None, None]
    assert objects[3]["error"] == {"line": 2, "message": "unknown instruction: CPOY (did you mean COPY?)"}
    assert [each["instruction"] for each in objects[3]["instructions"]] == ["FROM", "CPOY"]
    assert objects[4] == {
        "path": str(good),
        "instructions": [
            {
                "instruction": "FROM",
                "start_line": 1,
                "end_line": 1,
                "flags": [],
                "form": "shell",
                "arguments": ["a"],
                "heredocs": [],
                "original": "FROM a",
            },
            {
                "instruction": "RUN",
                "start_line": 2,
                "end_line": 3,
                "flags": [],
                "form": "shell",
                "arguments": ["x  y"],
                "heredocs": [],
                "original": "RUN x  y",
            },
        ],
        "error": None,
    }
    assert objects[5]["error"]["line"] is None
    assert len(messages.splitlines()) == 5
    assert run_parse(str(good))[0] == 0


def test_parse_reads_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"FROM \xff\n")))
    code, (printed,), _ = run_parse("-")
    assert (code, printed["path"]) == (0, "-")
    assert printed["instructions"][0]["arguments"] == ["\ufffd"]


def test_an_endless_file_ends() -> None:
    code, (printed,), _ = run_parse("/dev/zero")
    assert code == 3
    assert printed["error"]["message"] == "is no plain file"


def test_written_examples_have_no_error() -> None:
    assert [parse(text).error for text in WRITTEN] == [None] * len(WRITTEN)


def test_files_read_together_are_read_as_they_are_alone() -> None:
    line = 'ENV A="x`" B=\\y\n'
    texts = [
        f"FROM a\n{line}",
        f"# escape=`\nFROM a\n{line}",
        "FROM a\nENV =\n",
        "FROM a\r\nONBUILD RUN x\r\n",
        *WRITTEN,
    ]
    together = parse_all((text, str(number)) for number, text in enumerate(texts * 2))
    assert together == [parse(text, str(number)) for number, text in enumerate(texts * 2)]
    assert together[0].instructions[1].arguments != together[1].instructions[1].arguments
