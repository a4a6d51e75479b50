"""The comma-separated fields of a flag's value, in CSV's quoting.

Source: Go's encoding/csv, which BuildKit reads them with (frontend/dockerfile/instructions/commands_runmount.go).
"""


class FlagError(Exception):
    """A flag that BuildKit refuses; the text is BuildKit's."""


def fields(value: str) -> tuple[str, ...]:
    """The comma-separated fields of a `--mount` or `--device`, in CSV's quoting. Raises FlagError."""
    if value in ("", "\r\n"):
        raise FlagError("EOF")
    found: list[str] = []
    at = 0
    while True:
        if not value.startswith('"', at):
            end = value.find(",", at)
            field = value[at:] if end < 0 else value[at:end]
            if '"' in field:
                column = _column(value, at + field.index('"'))
                raise FlagError(f'parse error on line 1, column {column}: bare " in non-quoted-field')
            found.append(field)
            if end < 0:
                return tuple(found)
            at = end + 1
            continue
        field, at = _quoted_field(value, at + 1)
        found.append(field)
        if at > len(value):
            return tuple(found)


def _quoted_field(value: str, at: int) -> tuple[str, int]:
    """The field whose opening quote ends at `at`, and where the next begins; beyond the end, where there is none."""
    pieces: list[str] = []
    while True:
        end = value.find('"', at)
        if end < 0:
            raise FlagError(
                f'parse error on line 1, column {_column(value, at)}: extraneous or missing " in quoted-field'
            )
        pieces.append(value[at:end])
        following = value[end + 1 : end + 2]
        if following in ("", ","):
            return "".join(pieces), end + 2
        if following != '"':
            column = _column(value, end)
            raise FlagError(f'parse error on line 1, column {column}: extraneous or missing " in quoted-field')
        pieces.append('"')
        at = end + 2


def _column(value: str, at: int) -> int:
    return len(value[:at].encode("utf-8", "surrogateescape")) + 1
