"""execline command lines: the words that execlineb's parser makes of them, and what a shell's author did not mean."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctlint.lineage.s6.up_surprises import Surprise, surprises
from ctlint.lineage.shell.execline import ExeclineBlock, ExeclineScript, ExeclineWord, SyntaxProblem, parse


def argv(text: str) -> tuple[str, ...]:
    parsed = parse(text.encode())
    assert isinstance(parsed, ExeclineScript), parsed
    return parsed.argv


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", ()),
        ("# only a comment", ()),
        ("a b\tc\r\nd\x01e\x7f", ("a", "b", "c", "d", "e\x7f")),
        ("a#b #c\nd", ("a#b", "d")),
        ('a"b c"d ""', ("ab cd", "")),
        (r'"\a\b\t\n\v\f\r\q\""', ('\a\b\t\n\v\f\rq"',)),
        (r'"\0x41\065\065\101x\0x4g"', ("A55ex\x04g",)),
        ('"a\\\nb"', ("ab",)),
        ("a \\\n b \\", ("a", "b")),
        ("a\\\nb", ("a\nb",)),
        (r"a\ b \# \{ \"", ("a b", "#", "{", '"')),
        ("'a b'", ("'a", "b'")),
        ("a\0b", ("a",)),
        ("{ a } b", (" a", "", "b")),
        ("{\\x }\\y\n", ("{x", "}y")),
        ("a {\\\nb", ("a", "{b")),
        ('"\\101', ("e",)),
        ("if { { a } b }\nc", ("if", "  a", " ", " b", "", "c")),
        ('{a } "{" }b }{', None),
        ('{a "}" {}', ("{a", "}", "{}")),
        ("é{\n}", None),
    ],
)
def test_words_are_split_as_execlineb_splits_them(text: str, words: tuple[str, ...] | None) -> None:
    if words is None:
        assert isinstance(parse(text.encode()), SyntaxProblem)
    else:
        assert argv(text) == words


@pytest.mark.parametrize(
    ("text", "kind", "line", "column"),
    [
        ("foreground { a\n", "unmatched-open", 1, 12),
        ("a\n  }\n", "unmatched-close", 2, 3),
        ('a\né "b\n', "quote", 2, 3),
        (r'"a\09"', "escape", 1, 3),
        (r'"\0xg"', "escape", 1, 2),
        (r'"\000"', "number", 1, 2),
        (r'"\256"', "number", 1, 2),
        ("a\\", "backslash", 1, 2),
        ("a {", "brace-at-end", 1, 3),
        ('"a\\', "quote", 1, 1),
    ],
)
def test_what_does_not_parse_is_told_with_its_place(text: str, kind: str, line: int, column: int) -> None:
    assert parse(text.encode()) == SyntaxProblem(kind, line, column)  # type: ignore[arg-type]


def test_items_know_where_they_stand() -> None:
    script = parse(b'#!/bin/sh\nif { "a" }\n  b\n')
    assert isinstance(script, ExeclineScript)
    assert script.shebang == "/bin/sh"
    assert script.items == (
        ExeclineWord("if", 2, 1),
        ExeclineBlock((ExeclineWord("a", 2, 6, True),), 2, 4),
        ExeclineWord("b", 3, 3),
    )


@given(st.binary(max_size=60))
def test_any_bytes_get_an_answer(data: bytes) -> None:
    parsed = parse(data)
    if isinstance(parsed, ExeclineScript):
        list(surprises(parsed))


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8), max_size=5))
def test_quoted_words_come_back(words: list[str]) -> None:
    quoted = " ".join('"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"' for word in words)
    assert argv(quoted) == tuple(words)


def first(text: str) -> Surprise | None:
    script = parse(text.encode())
    assert isinstance(script, ExeclineScript), script
    return next(surprises(script), None)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "/etc/s6-overlay/scripts/init-things\n",
        "#!/usr/bin/env bash\n# runs the script\n/etc/s6-overlay/scripts/init-things\n",
        "#!/command/execlineb -P\nforeground { mkdir -p /run/x }\nforeground { chown 1000:1000 /run/x }\necho done\n",
        'with-contenv\nsh -c "mkdir -p $DATA && chown $PUID $DATA"\n',
        "with-contenv\nimportas -uS DATA\nmkdir -p ${DATA}\n",
        "importas -D /data DATA DATA\nmkdir -p $DATA\n",
        "s6-setuidgid abc\nexport HOME /config\ncd /config\n./start --once\n",
        "if { test -d /config }\nif -n { eltest -f /config/x }\ntouch /config/x\n",
        "ifelse { test -d /a } { echo yes }\necho no\n",
        "case $x { a|b { echo hi } } echo no\n",
        "forx -E i { a b c }\nmkdir /tmp/${i}\n",
        "backtick -E user { id -un }\necho $user\n",
        "multisubstitute {\n  importas -D 1 A A\n  define b c\n}\necho $A $b\n",
        "redirfd -w 1 /run/motd\nfdmove -c 2 1\n/bin/echo hello\n",
        "pipeline { cat /etc/hosts }\ngrep localhost\n",
        "find /config -name *.tmp -exec rm {} ;\n",
        "/usr/bin/rsync\n  -a\n  /usr/share/x\n  /config\n",
        "/usr/bin/rsync -a \\\n /usr/bin/x /config\n",
        "chown\n-R\n1000\n/data\n",
        "test a < b\n",
        's6-notifyoncheck -c "true"\n/bin/prog\n',
        "s6-envdir -fn -- /run/s6/container_environment\n/bin/prog\n",
        "/usr/local/bin/with-secrets\n/usr/bin/prog\n",
        "emptyenv -p\nexec -a name\n/bin/prog -v\n",
        "exit 0\n",
        "sed -i s/a/b/ /etc/x\n",
        '/bin/echo "a && b" ">" \\>\n',
        "true\n",
        "{ a }\n",
        "exec\n",
        "sh -c 'ls'\n",
        "env A=b\nmkdir /a\n",
        'sh -c "mkdir $DATA"\n',
        "foreground { importas A A mkdir $A } cp $AB /x\n",
        'foreground "" { a }\n',
        'if { a } "{" b\n',
        "echo it's ' 'x\n",
        "redirfd -zw 1 /x cat\n",
    ],
)
def test_execline_that_means_what_it_says(text: str) -> None:
    assert first(text) is None


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("mkdir -p /a && chown 1 /a\n", "up-shell-operator", 1),
        ("echo hi > /run/motd\n", "up-shell-operator", 1),
        ("/bin/prog 2>&1\n", "up-shell-operator", 1),
        ("/bin/prog 2>/dev/null\n", "up-shell-operator", 1),
        ("cat /etc/a |\n grep b\n", "up-shell-operator", 1),
        ("/bin/prog &\n", "up-shell-operator", 1),
        ("foreground { rm -f /a || true }\necho x\n", "up-shell-operator", 1),
        ("mkdir /a\nchown abc /a\n", "up-several-commands", 2),
        ("/opt/a/one\n/opt/a/two\n", "up-several-commands", 2),
        ("/etc/x/one -v\n/usr/bin/two\n", "up-several-commands", 2),
        ("#!/bin/sh\n/opt/one\nmytool --now\n", "up-several-commands", 3),
        ("with-contenv\nmkdir /a\nmkdir /b\n", "up-several-commands", 3),
        ("#!/bin/bash\nset -e\nmkdir /a\n", "up-shell-word", 2),
        (". /etc/profile\n", "up-shell-word", 1),
        ("FOO=bar /bin/prog\n", "up-shell-word", 1),
        ("f() { echo x }\n", "up-shell-word", 1),
        ("for i in a b\n", "up-shell-word", 1),
        ("if [ -d /a ]; then\n  echo x\nfi\n", "up-execline-usage", 1),
        ("export PATH=/bin\n", "up-execline-usage", 1),
        ("cd /config\n", "up-execline-usage", 1),
        ("umask 022\n", "up-execline-usage", 1),
        ("with-contenv\n", "up-execline-usage", 1),
        ("sh -c 'echo a'\n", "up-single-quotes", 1),
        ("chown 'abc:abc' /a\n", "up-single-quotes", 1),
        ("./run\n", "up-relative-path", 1),
        ("scripts/run\n", "up-relative-path", 1),
        ("mkdir -p /home/$USER_NAME\n", "up-variable", 1),
        ("with-contenv\nchown ${PUID} /a\n", "up-variable", 2),
        ("touch /run/$(hostname)\n", "up-variable", 1),
    ],
)
def test_shell_that_execline_takes_otherwise(text: str, code: str, line: int) -> None:
    found = first(text)
    assert found is not None
    assert (found.code, found.line) == (code, line)


def test_a_message_says_what_happens_and_what_to_do() -> None:
    found = first("echo a && reboot\n")
    assert found is not None
    assert found.message == "`&&` is no operator, it is handed to `echo` as an argument like all that follows."
    assert found.cure == "Put the commands into a script, and only its absolute path here."
