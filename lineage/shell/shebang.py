"""The first line of a script: which interpreter the kernel runs, and which shell that leads to."""

from typing import Literal, NamedTuple, cast

from ..families.read import Interpreter, families

Dialect = Literal["sh", "bash", "busybox"]
"""`sh` is dash, Debian's and Ubuntu's /bin/sh; `busybox` is Alpine's."""

SHELLS = frozenset(("sh", "bash", "dash", "ash", "ksh", "zsh"))
"""Names of shells of the POSIX family: each takes `-c WORDS` and a script. busybox is one under its other names."""

_BOM = b"\xef\xbb\xbf"
_HEAD = 1 << 16
_CONTROLS = frozenset(map(chr, range(32))) - frozenset("\t\n\v\f\r\x1b")
_LONGEST = 256
_SHELLS: dict[str, Dialect] = {
    "sh": "sh",
    "dash": "sh",
    "bash": "bash",
    "ash": "busybox",
    "busybox": "busybox",
    **{name: cast(Dialect, one.dialect) for name, one in families().interpreters.items()},
}


class Shebang(NamedTuple):
    """`#!interpreter arguments`, as written. `arguments` are split at blanks, though Linux hands them over as one
    string.

    `crlf`: the line ends in CR LF, so the kernel looks for an interpreter (or hands over an argument) that ends in a
    carriage return. `bom`: a byte-order mark stands before `#!`, so the kernel sees no `#!` at all.
    """

    interpreter: str
    arguments: tuple[str, ...]
    raw: str
    crlf: bool = False
    bom: bool = False

    @property
    def with_contenv(self) -> bool:
        """Whether s6-overlay's with-contenv stands in it: as interpreter or (which fails) below env."""
        return any(_base(word) == "with-contenv" for word in (self.interpreter, *self.arguments))

    @property
    def shell(self) -> str | None:
        """The base name of the program that reads the script: sh, bash, execlineb, python3 …"""
        words = [self.interpreter, *self.arguments]
        while words:
            name = _base(words[0])
            if name == "env":
                words = [word for word in words[1:] if not word.startswith("-") and "=" not in word]
            elif name == "with-contenv" or (name == "busybox" and len(words) > 1):
                words = words[1:]
            else:
                return name
        return None

    @property
    def dialect(self) -> Dialect | None:
        """Which shell it is, None for what is no shell. `sh` may be busybox in an image of Alpine: the caller knows."""
        return _SHELLS.get(self.shell or "")

    @property
    def interpreter_of_family(self) -> Interpreter | None:
        """The shell with an image family's library that reads the script; None for others."""
        return next((one for name, one in families().interpreters.items() if name in self.raw), None)

    @property
    def options(self) -> str:
        """The letters of the shell's options in it: `ex` for `#!/bin/sh -ex`."""
        return "".join(word[1:] for word in self.arguments if word.startswith("-") and not word.startswith("--"))


def read_shebang(data: bytes) -> Shebang | None:
    """The shebang of a file's bytes, None where it does not begin with `#!` (a byte-order mark before it is passed
    over and noted).
    """
    bom = data.startswith(_BOM)
    if bom:
        data = data[len(_BOM) :]
    if not data.startswith(b"#!"):
        return None
    line = data.split(b"\n", 1)[0][:_LONGEST]
    crlf = line.endswith(b"\r")
    raw = line.rstrip(b"\r").decode("utf-8", "replace")
    words = raw[2:].replace("\t", " ").split(" ")
    words = [word for word in words if word]
    return Shebang(words[0] if words else "", tuple(words[1:]), raw, crlf, bom)


def is_text(data: bytes) -> bool:
    """Whether the beginning of a file is that of a text. A shell passes over zero bytes behind the first line (bash:
    general.c, `check_binary_file`), so they make it none; an archive behind a stub is no UTF-8.
    """
    if b"\0" not in data:
        return True
    if b"\0" in data.partition(b"\n")[0]:
        return False
    try:
        text = data[:_HEAD].replace(b"\0", b"").decode("utf-8")
    except UnicodeDecodeError as error:
        return error.reason == "unexpected end of data"
    return _CONTROLS.isdisjoint(text)


def _base(path: str) -> str:
    return path.rpartition("/")[2]
