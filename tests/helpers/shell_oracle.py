"""Small random shell scripts, and what a real shell makes of them, to compare the interpreter with.

A script calls `P`, which shows its arguments, and `H`, which shows its standard input. All conditions in it can be
decided, so the stream of these calls must be the same whoever runs it.
"""

import random
import subprocess
from pathlib import Path

from ctlint.lineage.commands.model import Environment
from ctlint.lineage.interpreter.interpret import interpret
from ctlint.lineage.shell.parse import parse_script
from ctlint.lineage.shell.shebang import Dialect
from ctlint.lineage.text.places import MappedText

_PRELUDE = r"""
P() { printf 'P'; for one; do printf '\001%s' "$one"; done; printf '\002'; }
H() { printf 'H\001'; cat; printf '\002'; }
"""
_LITERALS = (
    "a",
    "bc",
    "x.y",
    "/opt/app",
    "/home/u/file.tar.gz",
    "1",
    "42",
    "a-b",
    "k=v",
    "%s",
    "e",
    "Foo",
    "a,b",
    "#h",
    "-n",
)
_QUOTED = ("a b", "x  y", "it is", "", " lead", "tail ", "semi;colon", "a|b", "a & b", "~", "{a,b}", "if", "tab\there")
_NAMES = ("A", "B", "C", "LONG_NAME", "u1")


class Scripts:
    """Makes scripts that differ by the seed."""

    def __init__(self, seed: int, dialect: Dialect) -> None:
        self.random = random.Random(seed)
        self.bash = dialect == "bash"
        self.functions: list[str] = []
        self.depth = 0

    def pick(self, *choices: str) -> str:
        return self.random.choice(choices)

    def script(self) -> str:
        lines = [self.assignment() for _ in range(3)]
        lines += [self.statement() for _ in range(self.random.randint(2, 6))]
        return "\n".join(lines) + "\n"

    def name(self) -> str:
        return self.random.choice(_NAMES)

    def digit(self, least: int = 0) -> int:
        return self.random.randint(least, 9)

    def parameter(self) -> str:
        name = self.name()
        forms = [
            f"${name}", f"${{{name}}}", f"${{{name}:-{self.pick('d', 'd e', '', '$B', 'x/y')}}}", f"${{{name}-d}}",
            f"${{{name}:+{self.pick('alt', '$A')}}}", f"${{{name}+set}}", f"${{#{name}}}",
            f"${{{name}{self.pick('%', '%%', '#', '##')}{self.pick('*/', '/*', '.*', '*.', 'a', '?', '[a-f]*', 'a*')}}}",
            f"${{{name}:={self.pick('v', 'v w')}}}", f"$(({self.digit()} {self.pick('+', '-', '*', '%')} {self.digit(1)}))",
            "$#", "$1", "${2:-none}", f"$(echo ${name})", f'$(basename "${name}/q")', "$(dirname /a/b/c)",
        ]  # fmt: skip
        if self.bash:
            forms += [
                f"${{{name}/{self.pick('a', '.', 'b*')}/{self.pick('X', '')}}}", f"${{{name}//{self.pick('a', '?')}/-}}",
                f"${{{name}:{self.random.randint(0, 3)}:{self.random.randint(0, 3)}}}", f"${{{name}^^}}", f"${{{name},,}}",
                "é",
            ]  # fmt: skip
        return self.random.choice(forms)

    def fragment(self) -> str:
        kind = self.random.randint(0, 9)
        if kind <= 2:
            return self.random.choice(_LITERALS)
        if kind <= 4:
            return self.parameter()
        if kind == 5:
            return "'" + self.random.choice(_QUOTED) + "'"
        if kind == 6:
            return (
                '"'
                + self.random.choice(_QUOTED)
                + self.parameter()
                + self.pick("", "z", " q", r"\"", r"\$", r"\\", "'")
                + '"'
            )
        if kind == 7:
            return '"' + self.parameter() + '"'
        if kind == 8:
            return self.pick(r"\ ", r"\$", r"\;", r"\\", "\\\nz", r"\"", r"\a")
        return self.pick("$'a\\tb'", "$'it\\'s'", "{p,q}r", "{1..3}", "x{,y}") if self.bash else self.pick("''", '""')

    def word(self) -> str:
        return "".join(self.fragment() for _ in range(self.random.randint(1, 3))).lstrip("#~") or "w"

    def assignment(self) -> str:
        if self.bash and self.random.random() < 0.1:
            return f'ARR=({self.word()} {self.word()}); P "${{ARR[@]}}" "${{#ARR[@]}}" ${{ARR[0]}}'
        operator = "+=" if self.bash and self.random.random() < 0.1 else "="
        return f"{self.pick('', '', '', 'export ')}{self.name()}{operator}{self.word()}"

    def call(self) -> str:
        words = " ".join(self.word() for _ in range(self.random.randint(1, 3)))
        extra = self.pick("", "", "", "", " 2>/dev/null", ' "$@"', " $*", ' "$*"')
        return f"{self.pick('', '', '', 'X=1 ')}P {words}{extra}"

    def test(self) -> str:
        name, word = self.name(), self.random.choice(_LITERALS)
        forms = [
            "true", "false", f'[ "${name}" = "{word}" ]', f'[ -n "${name}" ]', f'[ -z "${{{name}}}" ]', "! false",
            f'[ "x${name}" != "x{word}" ]', f"[ {self.random.randint(0, 5)} -lt {self.random.randint(0, 5)} ]",
            f'test "${name}" = "${self.name()}"', f'[ ! "${name}" = "{word}" ]', f'[ "${name}" ]',
            f'[ -n "${name}" -a -z "" ]', "[ 1 -eq 1 -o 2 -eq 3 ]", ":",
        ]  # fmt: skip
        if self.bash:
            word = word.lstrip("#")
            forms += [
                f"[[ ${name} == {self.pick('a*', '*b', word, '?')} ]]", f'[[ -n ${name} && ! -z "${name}" ]]',
                f'[[ ${name} == "{word}" || 1 -eq 2 ]]', f"[[ ( -z ${name} ) ]]", f"[[ ${name} ]]",
            ]  # fmt: skip
        return self.random.choice(forms)

    def block(self) -> str:
        return "; ".join(self.statement() for _ in range(self.random.randint(1, 2)))

    def lines(self) -> str:
        return "\n".join(self.statement() for _ in range(self.random.randint(1, 2)))

    def statement(self) -> str:
        self.depth += 1
        try:
            if self.depth > 3:
                return self.call()
            return self.random.choice(self.statements())()
        finally:
            self.depth -= 1

    def statements(self) -> list:
        simple = [self.call, self.call, self.call, self.assignment, self.assignment]
        return [
            *simple,
            self.if_,
            self.and_or,
            self.for_,
            self.case,
            self.group,
            self.function,
            self.set_,
            self.document,
            self.eval_,
        ]

    def if_(self) -> str:
        text = f"if {self.test()}\nthen\n{self.lines()}\n"
        if self.random.random() < 0.4:
            text += f"elif {self.test()}; then {self.lines()}\n"
        if self.random.random() < 0.5:
            text += f"else\n{self.lines()}\n"
        return text + "fi"

    def and_or(self) -> str:
        text = self.test()
        for _ in range(self.random.randint(1, 2)):
            text += f" {self.pick('&&', '||')} {self.pick(self.test(), self.call(), self.assignment())}"
        return text

    def for_(self) -> str:
        words = self.pick(f"{self.word()} {self.word()}", "$A $B", "a b c", '"$@"', "$LONG_NAME")
        leave = self.pick(
            "", "", f"\n{self.test()} && break", f"\n{self.test()} && continue", f"\nif {self.test()}; then break; fi"
        )
        return f'for i in {words}; do P "$i" $i{leave}\n{self.lines()}\ndone'

    def case(self) -> str:
        patterns = ("a*", "*b*", "/*", "a|bc", "[0-9]*", '""', "*.gz|1", "x.?")
        arms = "".join(
            f"  {self.pick('', '(')}{self.random.choice(patterns)}) {self.lines()}\n;;\n"
            for _ in range(self.random.randint(1, 3))
        )
        subject = self.pick("$A", '"$B"', self.word())
        tail = f"  *) {self.lines()}\n" if self.random.random() < 0.5 else ""
        return f"case {subject} in\n{arms}{tail}esac"

    def group(self) -> str:
        inner = self.lines()
        leave = self.pick("", "", "\nexit 0\nP never", f"\n{self.test()} && exit 1")
        return self.pick(
            f"{{ {inner}\n}}", f"( {inner}{leave}\n)", f"{{\n{inner}\n}} 2>/dev/null", f"( cd /tmp; {inner}\n)"
        )

    def function(self) -> str:
        name = f"f{len(self.functions)}"
        self.functions.append(name)
        local = self.pick("", f"local A={self.random.choice(_LITERALS)}; ")
        leave = self.pick("", f"{self.test()} && return 0\n", f"if {self.test()}; then return 1; fi\n", "return 0\n")
        body = f'{local}P in{name} "$1" $A "$#"\n{leave}{self.lines()}'
        return f'{name}() {{ {body}\n}}\n{name} {self.word()} {self.word()}\nP "$A"'

    def set_(self) -> str:
        return self.pick(
            f'set -- {self.word()} {self.word()}\nP "$@" $#', "[ $# -gt 0 ] && shift\nP $#", 'unset C\nP "${C-unset}"'
        )

    def document(self) -> str:
        body = f"{self.random.choice(_QUOTED)} {self.parameter()} '{self.parameter()}' " + '\\$x "q"'
        dash = self.pick("", "-")
        tab = "\t" if dash else ""
        delimiter = self.pick("EOF", "'EOF'")
        return f"H <<{dash}{delimiter}\n{tab}{body}\n{tab}EOF"

    def eval_(self) -> str:
        return self.pick("eval 'P \"$A\" b'", f'eval "P {self.random.choice(_LITERALS)} c"', "eval P one two")


def really(scripts: list[str], shell: str, folder: Path) -> list[str]:
    """What a real shell shows for each script."""
    empty = folder / "empty"
    empty.mkdir()
    driver = [_PRELUDE]
    for number, text in enumerate(scripts):
        (folder / f"{number}.sh").write_text(text, encoding="utf-8")
        driver.append(f"( set -- one 'two 2' ; . {folder}/{number}.sh ) 2>/dev/null; printf '\\003'")
    (folder / "driver").write_text("\n".join(driver), encoding="utf-8")
    done = subprocess.run(
        [shell, str(folder / "driver")],
        capture_output=True,
        cwd=empty,
        check=False,
        env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
        timeout=300,
    )
    return done.stdout.decode("utf-8", "replace").split("\3")[:-1]


def read(text: str, dialect: Dialect) -> str | None:
    """What the interpreter makes of a script, in the form in which the real shell shows it; None where a value is not known."""
    from ctlint.lineage.text.symbolic import Text

    script = parse_script(MappedText.whole(text), "x.sh", dialect)
    environment = Environment.at_build({"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"})
    reading = interpret(script, environment, arguments=(Text.of("one"), Text.of("two 2")))
    shown: list[str] = []
    for command in reading.commands:
        if command.guards:
            return None
        if command.name == "P":
            words = [word.literal for word in command.arguments]
            if None in words:
                return None
            shown.append("P" + "".join(f"\1{word}" for word in words) + "\2")
        elif command.name == "H":
            document = next(redirect.document for redirect in command.redirects if redirect.document is not None)
            if document.literal is None:
                return None
            shown.append(f"H\1{document.literal}\2")
    return "".join(shown)
