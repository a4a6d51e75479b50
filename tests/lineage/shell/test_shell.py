"""Shell text → trees: structure, places, what a syntax error leaves, shebangs."""

import subprocess
import sys

import pytest

from ctlint.lineage.shell.parse import (
    AndOr,
    Case,
    Compound,
    For,
    Function,
    If,
    Loop,
    Node,
    Not,
    Pipeline,
    Script,
    Sequence,
    Simple,
    parse_script,
    simple_commands,
)
from ctlint.lineage.shell.shebang import read_shebang
from ctlint.lineage.text.places import MappedText, Span


def script(text: str, dialect: str = "bash") -> Script:
    return parse_script(MappedText.whole(text), "x.sh", dialect)  # type: ignore[arg-type]


def outline(node: Node, text: str) -> object:
    """The tree with the words of its simple commands."""
    match node:
        case Simple():
            return " ".join(text[token.start : token.end] for token in node.tokens)
        case Sequence():
            return [
                (outline(item, text), "&") if background else outline(item, text) for item, background in node.items
            ]
        case AndOr():
            found = outline(node.first, text)
            for operator, right in node.rest:
                found = (found, operator, outline(right, text))
            return found
        case Not():
            return ("!", outline(node.body, text))
        case Pipeline():
            return ("|", *(outline(item, text) for item in node.items))
        case Compound():
            redirects = [text[token.start : token.end] for token in node.redirects]
            return ("()" if node.subshell else "{}", outline(node.body, text), *redirects)
        case If():
            clauses = [(outline(test, text), outline(body, text)) for test, body in node.clauses]
            return ("if", *clauses, *([outline(node.otherwise, text)] if node.otherwise else []))
        case Loop():
            return ("until" if node.negated else "while", outline(node.condition, text), outline(node.body, text))
        case For():
            words = None if node.words is None else [text[token.start : token.end] for token in node.words]
            return ("for", node.name, words, outline(node.body, text))
        case Case():
            arms = [([text[p.start : p.end] for p in patterns], outline(body, text)) for patterns, body, _ in node.arms]
            return ("case", text[node.subject.start : node.subject.end], *arms)
        case Function():
            return ("function", node.name, outline(node.body, text))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a && b || ! c", [(("a", "&&", "b"), "||", ("!", "c"))]),
        ("! a | b", [("!", ("|", "a", "b"))]),
        ("a & b; c", [("a", "&"), "b", "c"]),
        ("a |& b", [("|", "a", "b")]),
        ("a >| b | c", [("|", "a >| b", "c")]),
        ("if a; then b; elif c; then d; else e; fi > log", [("{}", ("if", (["a"], ["b"]), (["c"], ["d"]), ["e"]), "> log")]),
        ("if a; then if b; then c; fi fi", [("if", (["a"], [("if", (["b"], ["c"]))]))]),
        ("for i in a 'b c'\ndo x; done", [("for", "i", ["a", "'b c'"], ["x"])]),
        ("for i; do x; done", [("for", "i", None, ["x"])]),
        ("for i\ndo x\ndone 2>&1", [("{}", ("for", "i", None, ["x"]), "2>&1")]),
        ("for ((i=0;i<3;i++)); do x; done", [("for", "", None, ["x"])]),
        ("until a; do b; done", [("until", ["a"], ["b"])]),
        ("case $x in a|b) c;; (*) d; esac", [("case", "$x", (["a", "b"], ["c"]), (["*"], ["d"]))]),
        ("case x in\nesac", [("case", "x")]),
        ("f() { a; }\nfunction g { b; }", [("function", "f", ("{}", ["a"])), ("function", "g", ("{}", ["b"]))]),
        ("f()\n(\n a )", [("function", "f", ("()", ["a"]))]),
        ("( cd x; y ) 2>&1 | z", [("|", ("()", ["cd x", "y"], "2>&1"), "z")]),
        ("{ a; b; } > x", [("{}", ["a", "b"], "> x")]),
        ("[[ -f x && $y =~ ^(a|b)$ ]] && c", [("[[ -f x && $y =~ ^(a|b)$ ]]", "&&", "c")]),
        ("((x++)); a", ["((x++))", "a"]),
        ("X=1 > f\n2>/dev/null ls", ["X=1 > f", "2>/dev/null ls"]),
        ("echo if then fi done", ["echo if then fi done"]),
        ("a # b; c\n#!d\ne#f", ["a", "e#f"]),
        ("cat <<A <<'B' | tee x; b\n1\nA\n$2 `\nB\nc", [("|", "cat <<A <<'B'", "tee x"), "b", "c"]),
        ("cat <<-E\n\tif (\n\tE\na", ["cat <<-E", "a"]),
        ("x=$(case a in b) c;; esac) d", ["x=$(case a in b) c;; esac) d"]),
        ("a=(1 2 # )\n3) b", ["a=(1 2 # )\n3) b"]),
        ("echo \"$(echo \")\")\" x", ["echo \"$(echo \")\")\" x"]),
        ("a \\\n  b", ["a b"]),
        ("", []),
        ("# only a comment", []),
    ],
)  # fmt: skip
def test_structure_is_that_of_a_shell(text: str, expected: object) -> None:
    read = script(text)
    assert read.error is None
    assert outline(read.body, text) == expected


def test_here_documents_are_not_commands() -> None:
    read = script("cat > f <<EOF && b\nrm -rf /\nuseradd x\nEOF\nc\n")
    assert [read.raw(command.start, command.end).split("\n")[0] for command in simple_commands(read.body)] == [
        "cat > f <<EOF",
        "b",
        "c",
    ]


def test_in_dash_an_ampersand_before_a_redirection_ends_the_command() -> None:
    text = "a &> log\nb"
    assert outline(script(text, "sh").body, text) == [("a", "&"), "> log", "b"]
    assert outline(script(text, "bash").body, text) == ["a &> log", "b"]


def test_places_count_characters_and_follow_the_map() -> None:
    text = "echo é 'ü'; 名 x\n"
    read = script(text)
    command = list(simple_commands(read.body))[1]
    assert read.place(command.start, command.end).span == Span(1, 13, 1, 16)
    mapped = MappedText("a && bcd e", ((0, 10, 5), (5, 12, 3)))
    read = parse_script(mapped, "Dockerfile")
    assert [read.place(one.start, one.end).span for one in simple_commands(read.body)] == [
        Span(10, 5, 10, 6),
        Span(12, 3, 12, 8),
    ]


@pytest.mark.parametrize(
    ("text", "commands", "line"),
    [
        ("a\nb\nif c; then\nd\n", ["a", "b"], 3),
        ("a\ndone\nb", ["a"], 2),
        ("a\necho 'x\nb", ["a"], 2),
        ("a; b; fi", [], 1),
        ("a\nfor x in y; b; done\nc", ["a"], 2),
        ("a\n(b\nc", ["a"], 2),
        ("f()\n{ a; }\nb ||\nc\nd)\n", ["a", "b", "c"], 5),
        ("case x in\na) b ;;\nesac\nthen", ["b"], 4),
    ],
)
def test_what_stands_before_a_syntax_error_is_kept(text: str, commands: list[str], line: int) -> None:
    read = script(text)
    assert read.error is not None
    assert [read.raw(one.start, one.end) for one in simple_commands(read.body)] == commands
    assert read.error.line >= line


def test_syntax_that_only_bash_has_is_noted() -> None:
    text = "[[ a ]]\nx=(1)\ncat <<< y\na &> b\nfunction f { :; }\ndiff <(a) b\na |& b\n(( 1 ))\n"
    read = script(text)
    found = {kind: place.line for kind, place in read.bashisms}
    assert found == {"[[": 1, "array": 2, "<<<": 3, "&>": 4, "function": 5, "<(": 6, "|&": 7, "((": 8}
    assert script('[ a ] && echo "[[ x ]]" # [[\n', "sh").bashisms == ()


def test_deep_nesting_and_odd_bytes_do_no_harm() -> None:
    assert isinstance(script("{ " * 3000 + "a" + "; }" * 3000), Script)
    assert isinstance(script("$(" * 2000 + "a" + ")" * 2000), Script)
    assert isinstance(script("a\0b\n\r\n\t \ud800 x"), Script)
    assert isinstance(script("`" * 999 + "${" * 999), Script)


def test_the_grammar_is_loaded_with_the_first_script_only() -> None:
    code = "import ctlint.lineage.effects.read, ctlint.lineage.interpreter.interpret, sys; print('tree_sitter' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env={"PYTHONPATH": "src"}
    )
    assert done.stdout.strip() == "False"


@pytest.mark.parametrize(
    ("data", "interpreter", "arguments", "shell", "dialect", "contenv"),
    [
        (b"#!/bin/sh -e\n", "/bin/sh", ("-e",), "sh", "sh", False),
        (b"#! /usr/bin/env bash\n", "/usr/bin/env", ("bash",), "bash", "bash", False),
        (b"#!/usr/bin/env -S bash -e\n", "/usr/bin/env", ("-S", "bash", "-e"), "bash", "bash", False),
        (b"#!/usr/bin/with-contenv sh\n", "/usr/bin/with-contenv", ("sh",), "sh", "sh", True),
        (b"#!/command/with-contenv bash", "/command/with-contenv", ("bash",), "bash", "bash", True),
        (b"#!/usr/bin/with-contenv bashio\n", "/usr/bin/with-contenv", ("bashio",), "bashio", "bash", True),
        (b"#!/usr/bin/env with-contenv sh\n", "/usr/bin/env", ("with-contenv", "sh"), "sh", "sh", True),
        (b"#!/command/execlineb -P\n", "/command/execlineb", ("-P",), "execlineb", None, False),
        (b"#!/usr/bin/python3\n", "/usr/bin/python3", (), "python3", None, False),
        (b"#!/bin/busybox sh\n", "/bin/busybox", ("sh",), "sh", "sh", False),
        (b"#!/bin/ash\n", "/bin/ash", (), "ash", "busybox", False),
    ],
)
def test_shebangs(
    data: bytes, interpreter: str, arguments: tuple[str, ...], shell: str, dialect: str | None, contenv: bool
) -> None:
    shebang = read_shebang(data)
    assert shebang is not None
    assert (shebang.interpreter, shebang.arguments, shebang.shell) == (interpreter, arguments, shell)
    assert (shebang.dialect, shebang.with_contenv) == (dialect, contenv)


def test_shebangs_that_the_kernel_cannot_follow() -> None:
    crlf = read_shebang(b"#!/bin/sh\r\necho\r\n")
    assert crlf is not None
    assert (crlf.crlf, crlf.bom, crlf.interpreter) == (True, False, "/bin/sh")
    bom = read_shebang(b"\xef\xbb\xbf#!/bin/bash -ex\n")
    assert bom is not None
    assert (bom.bom, bom.options) == (True, "ex")
    assert read_shebang(b"echo\n#!/bin/sh\n") is None
    assert read_shebang(b"") is None


def test_a_group_behind_an_exclamation_mark_is_read_and_is_no_subshell() -> None:
    text = "if ! { cd /srv || exit 1; }; then x=1; fi\n! { { a; }; b; } > /log\nafter\n"
    script = parse_script(MappedText.whole(text), "x", "bash")
    assert script.error is None
    assert len(script.body.items) == 3
    negated = script.body.items[1][0]
    assert isinstance(negated, Not)
    assert isinstance(negated.body, Compound)
    assert not negated.body.subshell
