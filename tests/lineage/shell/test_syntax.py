"""What a shell refuses to read: the grammar is held against the real shells, over snippets that sit on its edges."""

import shutil
import subprocess

import pytest

from ctlint.lineage.shell.shebang import Dialect
from ctlint.lineage.shell.syntax import refusal

SHELLS: dict[Dialect, list[str]] = {"bash": ["bash", "-n"], "sh": ["dash", "-n"], "busybox": ["busybox", "sh", "-n"]}

TAKEN = [
    "if a; then b; elif c; then d; else e; fi",
    "if ! { a && b; }; then c; fi",
    "if a; then b; fi; while c; do d; done < f | { e; }",
    "{ if a; then b; fi }",
    "for x do a; done",
    "for x; do a; done",
    "for x in 1 2\ndo a; done",
    "for x in; do a; done",
    "case a in esac",
    "case a in (b|c) d;; e) ;; *) f\nesac",
    'case "$o" in s)server=1;; esac',
    "f() { a; }; f",
    "f() (a)",
    "f()\n\n{\na\n}",
    "a && # more\nb ||\n\nc",
    "a | b | while read x; do c; done",
    "( (a); (b) )",
    "echo if then fi do done { }",
    "echo a > f < g >> h 2> /dev/null",
    'cat << E\nif ; then "\nE\n',
    "x=$(case a in (b) c;; esac)",
    "! a",
    "until a; do b; done &",
    "echo \"it's\" 'say \"x\"' \\'",
    "# only a comment",
    "",
]
REFUSED = [
    "a && && b",
    "a &&",
    "a ||\n",
    "a | | b",
    "; a",
    "a ;; b",
    "a ; ; b",
    "if a; then b",
    "if a; then fi",
    "if a; b; fi",
    "if a then b; fi",
    "fi",
    "a; done",
    "while a; do b; fi",
    "for x in a b do c; done",
    "case a in b) c",
    "case a in b c) d;; esac",
    "{ a; ",
    "a; }",
    "( a",
    "a )",
    "()",
    "f( { a; }",
    "echo a (b)",
    'echo "a',
    "echo 'a",
    "echo $(a",
    "echo a >",
    "echo a > > b",
    "if a; then b; fi c",
    "else",
]
ONLY_BASH = [
    "for((i=0;i<3;i++)) do a; done",
    "for ((i=0;i<3;i++)); do a; done",
    "function f { a; }",
    "function f() { a; }",
    "[[ a == b && ( c || d ) ]]",
    "(( a > b )) && c",
    "a=(b c); a+=(d)",
    "a <(b) > >(c)",
    "case a in b) c;;& d) e;& esac",
    "a <<< b |& c",
    "if { [[ -f a ]] } then b; fi",
    "while (( a )) do b; done",
    "for ((;;)) do a; done",
    "f() { [[ -f a ]] }",
    '[[ $a && ! "$b" || -n $c ]]',
    '[[ "$a"!="b" ]]',
    "[[ $a =~ ^[0-9]+$ && b != *.c ]]",
    "[[ -v a && a -nt b ]]",
    '[[ ! ! -f "${a[@]}" ]]',
]
ONLY_BASH_REFUSES = ['[[ "$a"!= "b" ]]', "[[ $a b ]]", '[[ -f a && "$b"== c ]]', "[[ a b c ]]", "[[ ! $a =b ]]"]


def _real(dialect: Dialect, text: str) -> bool | None:
    """Whether the real shell takes the text; None where it is not installed."""
    words = SHELLS[dialect]
    if shutil.which(words[0]) is None:
        return None
    return subprocess.run(words, input=text.encode(), capture_output=True, timeout=20, check=False).returncode == 0


@pytest.mark.parametrize("dialect", SHELLS)
@pytest.mark.parametrize("text", TAKEN)
def test_what_every_shell_takes_is_not_refused(dialect: Dialect, text: str) -> None:
    assert refusal(text, dialect) is None
    assert _real(dialect, text) in (True, None)


@pytest.mark.parametrize("dialect", SHELLS)
@pytest.mark.parametrize("text", REFUSED)
def test_what_every_shell_refuses_is_refused(dialect: Dialect, text: str) -> None:
    assert refusal(text, dialect) is not None
    assert _real(dialect, text) in (False, None)


@pytest.mark.parametrize("text", ONLY_BASH)
def test_what_bash_adds_is_taken_by_bash_and_not_judged_for_dash(text: str) -> None:
    assert refusal(text, "bash") is None
    assert refusal(text, "sh") is None
    assert _real("bash", text) in (True, None)


@pytest.mark.parametrize("text", ONLY_BASH_REFUSES)
def test_double_brackets_that_hold_no_operator_are_refused_by_bash(text: str) -> None:
    assert refusal(text, "bash") is not None
    assert refusal(text, "sh") is None
    if shutil.which("bash") is not None:  # which says so, and ends with 0 all the same
        said = subprocess.run(
            ["bash"], input=f"{text}\necho on\n".encode(), capture_output=True, timeout=20, check=False
        )
        assert said.stderr
        assert said.stdout == b""


def test_time_and_coproc_begin_a_command() -> None:
    for text in ("time { a; }", "time", "time -p a | b", "coproc { a; }", "coproc x { a; }"):
        assert refusal(text, "bash") is None
        assert _real("bash", text) in (True, None)


def test_a_refusal_says_where_the_shell_stops() -> None:
    found = refusal("a\nb && && c\n", "sh")
    assert found is not None
    assert (found.offset, found.found) == (7, "&&")
    found = refusal("if a; then b\n", "bash")
    assert found is not None
    assert found.found == ""
