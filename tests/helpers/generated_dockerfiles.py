"""Generated Dockerfiles, and mutations of ones as people write them, for comparing two readers of them.

Each sample names the features that were put into it, so that a test can ask for enough of each. What is written hangs on
the given chance alone: a hundred small choices make one text, and Hypothesis would take most of the time to record them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

FEATURES = frozenset(
    """
    add-heredoc blank-in-continuation bom comment-in-continuation continuation-at-end copy-heredoc crlf env-legacy
    env-pairs escape-directive exec-form exec-form-broken flag-chmod flag-from flag-mount flag-platform glued-keyword
    heredoc-descriptor heredoc-quoted heredoc-tabs label-legacy label-pairs nbsp no-arguments onbuild run-heredoc
    several-heredocs syntax-directive tabs
    """.split()
)

PIECES = (
    *("a", "bc", "/a/b", "x=1", "$X", "${Y:-z}", '"q r"', "'s t'", "x\\ y", "--f", "#n", "&&", "|", ";", "é", "日本"),
    *("\\", "`", '"', "'", "a#b", "<", ">", "<<<", "[", "]", '["', "=", "-", "--", "\u3000", "\x0b", "\u2028x"),
)
ESCAPES = ("# escape=`", "#escape=`", "# Escape = ` ", "# escape=\\", "# escape= ", "# escape=x", "// escape=`")
NAMES = ("EOF", "x", "A_1", "END.1", "é")
KEYWORDS = (
    *("RUN", "run", "CMD", "ENTRYPOINT", "USER", "WORKDIR", "EXPOSE", "VOLUME", "STOPSIGNAL", "SHELL", "MAINTAINER"),
    *("HEALTHCHECK", "ARG", "COPY", "Add", "FROM", "FOO", "ENV", "LABEL", "onbuild"),
)
ARRAYS = (
    *("[]", '["a"]', '[ "a" , "b c" ]', '["a\\"b", "\\u00e9\\n"]', '["\\ud83d\\ude00","\\ud800"]', '["a",\t"b" ]'),
)
BROKEN_ARRAYS = (
    *('["a"', "['a']", '["a",]', '["a" "b"]', '["a",1]', "[null]", '[["a"]]', '[{"a":1}]', "[a]", '["\t"]', '["\\x"]'),
    *("[01]", "[1e999]", "[-]", "[tru]", "[{}]", '[{"a"}]', "[-0.5e+3, true]"),
)
EXEC_KEYWORDS = ("CMD", "ENTRYPOINT", "SHELL", "RUN", "VOLUME", "COPY", "HEALTHCHECK CMD")
CONTENT = ("a", "\ta", "RUN y \\", "FROM z", "# c", "", "<<Q", "$x", "  EOF", "EOF ", "\tx y", "\\", "'", '"')
TRIGGERS = ("RUN x", "COPY . .", 'CMD ["a"]', "ENV a=1 b=2", "ONBUILD RUN x", "", "LABEL a b", "--x RUN y")


@dataclass(frozen=True)
class Sample:
    """A text, and the features that it was given."""

    text: str
    features: frozenset[str]


class _Writer:
    """Writes one Dockerfile by chance."""

    def __init__(self, chance: Random) -> None:
        self._random = chance
        self.features: set[str] = set()
        self.escape = "\\"

    def one(self, *options: str) -> str:
        return self._random.choice(options)

    def number(self, low: int, high: int) -> int:
        return self._random.randint(low, high)

    def chance(self, of: int) -> bool:
        return self.number(1, of) == 1

    def words(self, most: int = 4) -> str:
        """Words with blanks, continuations, comments and empty lines between them."""
        count = self.number(1, most)
        pieces = [self.one(*PIECES)]
        for _ in range(count - 1):
            pieces += (self.gap(), self.one(*PIECES))
        return "".join(pieces)

    def gap(self) -> str:
        match self.number(1, 12):
            case 1:
                self.features.add("comment-in-continuation")
                return f" {self.escape}\n{self.one('', '  ', chr(9))}# c {self.one('', self.escape)}\n "
            case 2:
                self.features.add("blank-in-continuation")
                return f"{self.escape}\n{self.one('', '  ')}\n"
            case 3:
                return f" {self.escape}{self.one('', ' ', chr(9))}\n  "
            case 4:
                return f"{self.escape}\n"
            case 5:
                return f"{self.escape}{self.escape}\n"
            case 6:
                self.features.add("tabs")
                return "\t"
            case 7:
                self.features.add("nbsp")
                return self.one("\xa0", " \xa0 ", f"\xa0{self.escape}\n")
            case _:
                return self.one(" ", "  ")

    def array(self) -> str:
        if self.chance(3):
            self.features.add("exec-form-broken")
            return self.one(*BROKEN_ARRAYS) + self.one("", " x", "x", " \\")
        self.features.add("exec-form")
        return self.one(*ARRAYS)

    def flag(self, *names: str) -> str:
        name = self.one(*names)
        self.features.add(f"flag-{name}")
        return f"--{name}=" + self.one("a", "é", "'a b'", "type=cache,target=/c", "", "$X", f"a{self.escape} b")

    def heredoc(self) -> str:
        keyword = self.one("RUN", "RUN cat", "COPY", "ADD", "ONBUILD RUN", "run")
        self.features.add({"C": "copy-heredoc", "A": "add-heredoc"}.get(keyword[0], "run-heredoc"))
        if keyword[0] == "O":
            self.features.add("onbuild")
        names = [self.one(*NAMES) for _ in range(self.number(1, 2 if self.chance(2) else 1))]
        if len(names) > 1:
            self.features.add("several-heredocs")
        marks: list[str] = []
        bodies: list[str] = []
        for name in names:
            quote = self.one("", "", "'", '"')
            dash = self.one("", "-")
            number = self.one("", "", "3", "0")
            if quote:
                self.features.add("heredoc-quoted")
            if dash:
                self.features.add("heredoc-tabs")
            if number:
                self.features.add("heredoc-descriptor")
            marks.append(f"{number}<<{dash}{quote}{name}{quote}")
            bodies += [self.one(*CONTENT) for _ in range(self.number(0, 3))]
            bodies.append(("\t" if dash and self.chance(2) else "") + name)
        flags = f"{self.flag('chmod')} " if self.chance(6) else ""
        tail = self.one("", " /x/", " > f", f" {self.escape}\n  /y", " 'z'", "\xa0")
        if self.chance(40):
            bodies.pop()
        return "\n".join((f"{keyword} {flags}{' '.join(marks)}{tail}", *bodies))

    def instruction(self) -> str:
        match self.number(1, 14):
            case 1 | 2:
                return self.heredoc()
            case 3:
                return f"{self.one(*EXEC_KEYWORDS)} {self.array()}"
            case 4:
                self.features.add("env-pairs")
                return f"ENV {self.pair()}{self.gap()}{self.pair()}"
            case 5:
                self.features.add("label-pairs")
                return f"LABEL {self.pair()}{self.gap()}{self.pair()}"
            case 6:
                keyword = self.one("ENV", "LABEL")
                self.features.add(f"{keyword.lower()}-legacy")
                return f"{keyword} {self.one('A', 'a.b-c')}{self.gap()}{self.words()}"
            case 7:
                self.features.add("onbuild")
                return f"{self.one('ONBUILD', 'onbuild')} {self.one(*TRIGGERS)}"
            case 8:
                self.features.add("no-arguments")
                return self.one(*KEYWORDS) + self.one("", " ", "\t")
            case 9:
                self.features.add("glued-keyword")
                keyword = self.one("RUN", "COPY", "USER", "run")
                return f"{keyword}{self.escape}\n{self.one('', ' ', '  ')}{self.words()}"
            case 10:
                return f"COPY {self.flag('from', 'chmod')} {self.one('a b', '/x /y/', '[' + chr(34) + 'a' + chr(34) + ']')}"
            case 11:
                return f"RUN {self.flag('mount')} {self.one('', self.flag('mount'))} {self.words()}"
            case 12:
                return f"FROM {self.flag('platform')} {self.one('a', 'a AS b', '$X', 'a as')}"
            case _:
                return f"{self.one(*KEYWORDS)}{self.one(' ', ' ', chr(9), '  ')}{self.words()}"

    def pair(self) -> str:
        name = self.one("A", "B.c", '"d"', "", "'")
        return f"{name}=" + self.one("1", "", '"x y"', f"x{self.escape} y", "$Z", "'z", "a=b")

    def document(self) -> Sample:
        lines: list[str] = []
        bom = self.chance(8)
        if bom:
            self.features.add("bom")
        if self.chance(6):
            self.features.add("syntax-directive")
            lines.append(self.one("# syntax=docker/dockerfile:1", "#syntax = x", "# SYNTAX=a b ", "# syntax="))
        if self.chance(4):
            self.features.add("escape-directive")
            line = self.one(
                "# escape=`", "#escape=`", "# Escape = ` ", "# escape=\\", "# escape= ", "# escape=x", "// escape=`"
            )
            self.escape = "`" if "`" in line else "\\"
            lines.append(line)
        lines.append(self.one("FROM a", "FROM a AS b", "", "# c", "ARG X=1\nFROM a:$X", "\tFROM a", "#!x"))
        lines += [self.one("", "", "", "  ", "\t") + self.instruction() for _ in range(self.number(2, 8))]
        text = "\n".join(lines) + self.one("\n", "\n", "", "\n\n", "\n# end")
        if self.chance(8):
            self.features.add("continuation-at-end")
            text = text.rstrip("\n") + self.one(" ", "") + self.escape + self.one("", "\n", " ")
        if self.chance(7):
            self.features.add("crlf")
            text = text.replace("\n", "\r\n")
        return Sample(("\ufeff" if bom else "") + text, frozenset(self.features))


def generated(chance: Random) -> Sample:
    """A Dockerfile put together from a few of all features."""
    return _Writer(chance).document()


WRITTEN = (
    """\
# syntax=docker/dockerfile:1
ARG BASE=tomcat
ARG TAG=${VERSION:-9}
FROM --platform=$BUILDPLATFORM node:20 AS viewer
WORKDIR /src
COPY --chown=node:node package.json yarn.lock ./
RUN --mount=type=cache,target=/root/.npm \\
    yarn install --frozen-lockfile && \\
    # the bundle is large
    yarn build

FROM ${BASE}:${TAG}
LABEL org.opencontainers.image.title="A desktop" \\
      org.opencontainers.image.vendor='Someone'
ENV HOME=/headless LANG=C.UTF-8 \\
    PATH="/opt/tools/bin:$PATH"
ENV EDITOR nano
COPY --from=viewer --chmod=0755 /src/dist /var/www/
RUN <<EOF
set -e
apt-get update
apt-get install -y nginx
EOF
COPY <<-"SITE" <<'TYPES' /etc/nginx/
\tserver { listen 80; }
\tSITE
types {}
TYPES
EXPOSE 80 443/tcp
HEALTHCHECK --interval=30s --retries=3 CMD ["curl", "-f", "http://localhost/"]
ONBUILD COPY . /app
VOLUME ["/data", "/config"]
ENTRYPOINT [ "/init" ]
CMD ["nginx"]
""",
    """\
# escape=`
FROM mcr.example/windows:1
SHELL ["powershell", "-Command"]
RUN New-Item C:\\tools -Type Directory; `
    Get-ChildItem C:\\ `

WORKDIR C:\\tools
USER ContainerAdministrator
ADD https://example.org/a.zip C:\\a.zip
STOPSIGNAL SIGTERM
""",
    """\
FROM debian:12
MAINTAINER Someone <someone@example.org>
RUN apt-get update \\
 && apt-get install -y \\
      curl \\
      # for the scripts
      jq \\

      xz-utils \\
 && rm -rf /var/lib/apt/lists/*
RUN cat > /etc/cont-init.d/50-x <<"END" && chmod +x /etc/cont-init.d/50-x
#!/usr/bin/with-contenv sh
echo "$USER_NAME" \\
  | tee /x
END
ADD root/ /
ENV A=1\\
    B="two words" C=it\\'s D=
CMD /init
""",
)
NASTY = (
    *("\\", "\n", "\\\n", "\r", "\t", " ", "\xa0", "#", "<<EOF", "EOF\n", "[", "]", '"', "'", "=", "$", "`", "--", "é"),
    *("\ufeff", "\n\n", "ONBUILD ", "<<-", "\\\n# c\n", '["a"]', "\x0b", "\x85", "\u2028"),
)


def mutated(chance: Random, written: tuple[str, ...] = WRITTEN) -> str:
    """One of the written Dockerfiles with a few places changed: cut, doubled, or given something nasty."""
    text = chance.choice(written)
    for _ in range(chance.randint(1, 4)):
        at = chance.randint(0, len(text))
        length = chance.choice((0, 0, 1, 1, 2, 5, 20))
        middle = chance.choice(("", *NASTY, text[at : at + length] * 2))
        text = text[:at] + middle + text[at + length :]
    return text


def smallest(text: str, fails: Callable[[str], bool]) -> str:
    """What is left of a text that fails when no line, and no character, can be left out without that it passes."""
    for parts, joint in ((text.split("\n"), "\n"), (None, "")):
        left = list(text) if parts is None else parts
        number = 0
        while number < len(left):
            fewer = left[:number] + left[number + 1 :]
            if fails(joint.join(fewer)):
                left = fewer
            else:
                number += 1
        text = joint.join(left)
    return text
