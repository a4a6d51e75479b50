"""Parser directives: the `# escape=`, `# syntax=` and `# check=` comments that open a Dockerfile.

Source: BuildKit frontend/dockerfile/parser/directives.go and parser.go, setEscapeToken.
"""

import re

from ..text.go_strings import SPACE

_KEY = re.compile(r"([a-zA-Z][a-zA-Z0-9]*)[\t\n\f\r ]*=")
_BLANKS = "\t\n\f\r "
_KNOWN = frozenset(("escape", "syntax", "check"))


class DirectiveError(Exception):
    """A directive that BuildKit refuses; the text is BuildKit's."""


class Directives:
    """Reads line by line; the first line that is no directive ends them (`over`). `values` holds them by lower-case name."""

    def __init__(self) -> None:
        self.values: dict[str, str] = {}
        self.escape = "\\"
        self.over = False

    def read(self, line: str) -> None:
        """Take the next line, without white space before it and line end behind it. Raises DirectiveError."""
        if self.over:
            return
        found = self._split(line)
        if found is None:
            self.over = True
            return
        name, value = found
        if name in self.values:
            raise DirectiveError(f"only one {name} parser directive can be used")
        self.values[name] = value
        if name == "escape":
            if value not in ("\\", "`"):
                raise DirectiveError(f"invalid escape token '{value}' does not match ` or \\")
            self.escape = value

    @staticmethod
    def _split(line: str) -> tuple[str, str] | None:
        if not line.startswith("#"):
            return None
        line = line[1:].lstrip(SPACE)
        found = _KEY.match(line)
        if not found or found[1].lower() not in _KNOWN or found.end() == len(line):
            return None
        # A value of white space alone is one blank: the expression asks for at least one character.
        return found[1].lower(), line[found.end() :].strip(_BLANKS) or line[-1]
