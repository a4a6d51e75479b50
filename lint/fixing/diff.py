"""Planned fixes as a unified diff that `git apply` and `patch` take."""

from collections.abc import Iterator
from difflib import unified_diff

from .edits import decoded
from .fixes import FilePlan, FixPlan


def render_diff(plan: FixPlan, *, executable: frozenset[str] = frozenset()) -> str:
    """What a plan changes, file by file: new names, modes and text, in git's extended format.

    `executable` are the paths that have an x bit now, for the old mode of a file that gets a new one. Bytes that are no
    UTF-8 are lone surrogates in the result: write it with `errors="surrogateescape"`.
    """
    return "".join("".join(_file(file, file.path in executable)) for file in plan.files)


def _file(file: FilePlan, executable: bool) -> Iterator[str]:
    new = file.rename_to or file.path
    old_name, new_name = _quoted(f"a/{file.path}"), _quoted(f"b/{new}")
    yield f"diff --git {old_name} {new_name}\n"
    if file.mode is not None and bool(int(file.mode, 8) & 0o100) is not executable:
        yield f"old mode {'100755' if executable else '100644'}\n"
        yield f"new mode {'100644' if executable else '100755'}\n"
    if file.rename_to is not None:
        yield f"rename from {_quoted(file.path)}\nrename to {_quoted(new)}\n"
    if file.after != file.before:
        yield from _text(file, old_name, new_name)


def _text(file: FilePlan, old_name: str, new_name: str) -> Iterator[str]:
    before, after = _lines(decoded(file.before)), _lines(decoded(file.after))
    for line in unified_diff(
        before, after, f"{old_name}{_tab(old_name)}", f"{new_name}{_tab(new_name)}", lineterm="\n"
    ):
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"


def _lines(text: str) -> list[str]:
    """The lines with their ends, which are `\\n` only (str.splitlines knows others)."""
    lines = [f"{line}\n" for line in text.split("\n")]
    last = lines.pop().removesuffix("\n")
    return [*lines, last] if last else lines


def _tab(name: str) -> str:
    """git puts a tab behind an unquoted name with a blank, so that `patch` sees where it ends."""
    return "\t" if " " in name and not name.startswith('"') else ""


def _quoted(name: str) -> str:
    """A path as git writes it in a diff (quote.c): in quotes with escapes where it has control characters."""
    special = {'"': '\\"', "\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"}
    if not any(character in special or ord(character) < 32 for character in name):
        return name
    escaped = "".join(special.get(c, c if ord(c) >= 32 else f"\\{ord(c):03o}") for c in name)
    return f'"{escaped}"'
