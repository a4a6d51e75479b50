"""Comments in the kinds of file that findings stand in: which lines are comments, and where one may be added."""

import re
from collections.abc import Callable
from typing import Literal

from ...lineage.families.read import families
from ...lineage.late.dataclasses import dataclass
from ...lineage.late.patterns import pattern
from ...lineage.text.globs import glob_matches

Kind = Literal["dockerfile", "script", "desktop", "data", "other", "none"]
"""`data` are line-based files with `#` comments (YAML, TOML, make). In `other` files (JSON, s6's `type`) comments are
read but never added, as they may be none there. `none` are empty and binary files."""

Unit = Callable[[int], tuple[int, int] | None]
"""From a line (from 1) to the first and last line of the instruction, simple command or key that holds it.

None for a line that belongs to none: a comment, a blank line, the `if` around commands.
"""

_COMMENT_SHELLS = (
    "sh bash dash ash ksh zsh fish busybox with-contenv execlineb python python2 python3 perl ruby make Rscript"
)
_DATA = (".yaml", ".yml", ".toml", ".env", ".mk", ".conf", ".cfg", ".properties", ".hcl", ".tf")
_SCRIPTS = (".sh", ".bash", ".ksh", ".zsh", ".py", ".pl", ".rb")
_DIRECTIVE = pattern(r"#\s*([A-Za-z][A-Za-z0-9]*)\s*=\s*\S")
_DIRECTIVES = ("syntax", "escape", "check")


@dataclass(frozen=True, slots=True)
class Rows:
    """A text by lines, with what is known of their syntax. Lines count from 1 and end at `\\n` only."""

    rows: tuple[str, ...]
    kind: Kind
    unit: Unit

    @classmethod
    def of(cls, text: str, path: str, kind: Kind | None = None, unit: Unit | None = None) -> "Rows":
        """The lines of a file. Without `kind`, path and text tell it; without `unit`, backslashes at line ends do."""
        rows = tuple(text.split("\n"))
        kind = kind or kind_of(path, text)
        return cls(rows, kind, unit or _continued(rows, kind))

    def text(self, line: int) -> str:
        """A line without its end, byte-order mark and trailing carriage return; empty beyond the last."""
        row = self.rows[line - 1] if 1 <= line <= len(self.rows) else ""
        return row.removesuffix("\r").removeprefix("\ufeff" if line == 1 else "")

    def is_comment(self, line: int) -> bool:
        """Whether a line holds a comment alone. A shebang is none; nor is, in a script, a line within a command."""
        text = self.text(line)
        if self.kind == "none" or not text.lstrip(" \t").startswith("#") or self.is_shebang(line):
            return False
        return self.kind == "dockerfile" or not self._within(line)

    def is_shebang(self, line: int) -> bool:
        return line == 1 and self.text(1).startswith("#!") and self.kind != "dockerfile"

    def is_blank(self, line: int) -> bool:
        return not self.text(line).strip()

    def _within(self, line: int) -> bool:
        unit = self.unit(line)
        return unit is not None and unit[0] < line

    @property
    def header(self) -> int:
        """The last line of the leading comments (shebang and blank lines counted); 0 where there are none."""
        line = 1
        while line <= len(self.rows) and (self.is_comment(line) or self.is_blank(line) or self.is_shebang(line)):
            line += 1
        return line - 1

    @property
    def directives(self) -> int:
        """The last line of a Dockerfile's parser directives (`# syntax=`, `# escape=`, `# check=`); 0 without any.

        They are directives only at the very top (BuildKit, parser/directives.go).
        """
        line = 0
        while self.kind == "dockerfile" and self.is_directive(line + 1):
            line += 1
        return line

    def is_directive(self, line: int) -> bool:
        """Whether the line looks like one, wherever it stands."""
        match = _DIRECTIVE.match(self.text(line).strip())
        return match is not None and match[1].lower() in _DIRECTIVES

    def next_code(self, line: int) -> int | None:
        """The first line from `line` on that is neither comment nor blank."""
        for number in range(line, len(self.rows) + 1):
            if not self.is_blank(number) and not self.is_comment(number):
                return number
        return None

    def reach(self, line: int, comment: int) -> int:
        """The last line of what begins at `line`, below a comment at `comment`.

        A comment within an instruction reaches no further than the next line of it.
        """
        unit = self.unit(line)
        end = line if unit is None or unit[0] < comment else max(unit[1], line)
        while self.kind != "dockerfile" and self.continues(end) and end < len(self.rows):
            following = self.unit(end + 1)
            end = max(end + 1, following[1] if following else 0)
        return end

    def start(self, line: int) -> int:
        """The line above which a comment for `line` can stand: where its unit begins, above continued lines."""
        while True:
            unit = self.unit(line)
            first = min(unit[0], line) if unit else line
            while self.kind != "dockerfile" and first > 1 and self.continues(first - 1):
                first -= 1
            if first == line:
                return line
            line = first

    def may_follow(self, line: int, index: int) -> bool:
        """Whether a `#` behind blanks at an index of a line begins a comment, or would if the language had any there.

        It does not within quotes or a here-document, as far as these begin in the same unit.
        """
        unit = self.unit(line)
        first = min(unit[0], line) if unit else line
        before = [self.text(each) for each in range(first, line)]
        if any("<<" in text for text in before):
            return False
        return not _is_quoted("\n".join([*before, self.text(line)[:index]]))

    def continues(self, line: int) -> bool:
        """Whether the line ends in a backslash that takes in the next one."""
        text = self.text(line)
        odd = (len(text) - len(text.rstrip("\\"))) % 2 == 1
        return self.kind in ("script", "data", "other") and odd and not self.is_comment_text(line)

    def is_comment_text(self, line: int) -> bool:
        return self.text(line).lstrip(" \t").startswith("#")


def _is_quoted(text: str) -> bool:
    """Whether a quotation is open at the end of a text, by the rules that shells, YAML and TOML share."""
    quote = ""
    skip = False
    for character in text:
        if skip:
            skip = False
        elif character == "\\" and quote != "'":
            skip = True
        elif quote:
            quote = "" if character == quote else quote
        elif character in "'\"":
            quote = character
    return bool(quote)


def kind_of(path: str, text: str) -> Kind:
    """What kind of file it is, as far as comments go, by its name and its first line."""
    name = path.rpartition("/")[2]
    if name.endswith((".desktop", ".directory")):
        return "desktop"
    if is_dockerfile_name(name):
        return "dockerfile"
    if "\0" in text or not text.strip():
        return "none"
    if text.startswith("#!"):
        return "script" if _interpreter(text) in (*_COMMENT_SHELLS.split(), *families().interpreters) else "other"
    if name.endswith(_SCRIPTS) or (_is_start_script(path) and not name.endswith(".json")):
        return "script"
    if name.endswith(_DATA) or name in ("Makefile", "makefile", "GNUmakefile"):
        return "data"
    return "other"


def is_dockerfile_name(name: str) -> bool:
    """Whether a file of that name is taken for a Dockerfile."""
    patterns = ("Dockerfile", "Dockerfile.*", "*.Dockerfile", "*.dockerfile", "Docker.*", "Containerfile*")
    return any(glob_matches(name, pattern) for pattern in patterns)


def _interpreter(text: str) -> str:
    words = [word.rpartition("/")[2] for word in text[2 : text.find("\n") if "\n" in text else None].split()]
    while len(words) > 1 and (words[0] == "env" or words[0].startswith("-") or "=" in words[0]):
        words.pop(0)
    return re.sub(r"(?<=python3|python2)\.\d+$", "", words[0]) if words else ""


def _is_start_script(path: str) -> bool:
    """Files that s6 or execline reads as a script, whatever their first line."""
    folders, _, name = f"/{path}".rpartition("/")
    if "/cont-init.d" in folders or "/cont-finish.d" in folders:
        return True
    in_service = "/s6-rc.d/" in folders or "/services.d/" in folders or "/s6/" in folders
    return in_service and name in ("run", "finish", "up", "down") and "/contents.d" not in folders


def _continued(rows: tuple[str, ...], kind: Kind) -> Unit:
    """Units by backslashes at line ends alone."""
    spans: dict[int, tuple[int, int]] = {}
    first = 1
    for number, row in enumerate(rows, 1):
        text = row.removesuffix("\r")
        comment = text.lstrip(" \t").startswith("#")
        skipped = comment or (kind == "dockerfile" and not text.strip())
        odd = (len(text) - len(text.rstrip("\\"))) % 2 == 1
        within = kind == "dockerfile" and skipped and first < number
        if number < len(rows) and kind != "desktop" and (within or (odd and not comment)):
            continue
        if text.strip() and not (comment and first == number):
            spans.update(dict.fromkeys(range(first, number + 1), (first, number)))
        first = number + 1
    return spans.get
