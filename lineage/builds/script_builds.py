"""Builds in Makefiles, shell scripts, Jenkinsfiles and READMEs."""

import re
from collections.abc import Iterator, MutableMapping, Sequence

from ..late.patterns import pattern
from ..repository.snapshot import Snapshot
from ..text.budget import LimitError
from ..text.errors import InputError
from .build import Build, join
from .build_commands import BuildCommand, commands, read_build
from .command_builds import build_of, builds_of, with_later_names
from .placeholders import expand_make, expand_shell, is_hole

MOST_INCLUDES = 100
_ASSIGNMENT = pattern(
    r"[ ]*(?:(?:override|export|private)[ \t]+)*([A-Za-z_][\w.-]*)[ \t]*(:{0,3}|\?|\+)=[ \t]*(.*)", re.DOTALL
)


_SHELL_STEP = pattern(r"\bsh\b\s*(?:\(\s*)?(?:script:\s*)?('''|\"\"\"|'|\")((?:\\.|(?!\1)[^\\])*)\1", re.DOTALL)
_SHOWN_BUILD = pattern(
    r"\b(?:docker|podman|nerdctl|buildah)\s+(?:buildx\s+|image\s+|builder\s+)?(?:build|bud)\s.*", re.DOTALL
)


def shell_builds(snapshot: Snapshot, path: str) -> Iterator[Build]:
    """The builds of a shell script; the files that it sources are read for their variables."""
    folder = path.rpartition("/")[0]
    variables: dict[str, str] = {}
    included: set[str] = {path}

    def include(name: str) -> None:
        found = next((at for base in (folder, "") if (at := join(base, name)) is not None and snapshot.get(at)), None)
        if found is None or found in included:
            return
        if len(included) > MOST_INCLUDES:
            raise LimitError(f"it takes in more than {MOST_INCLUDES} files, so that it could not be read to its end")
        included.add(found)
        for _ in commands(_text(snapshot, found), variables, own_folder=found.rpartition("/")[0], include=include):
            pass

    found = list(commands(_text(snapshot, path), variables, own_folder=folder, include=include))
    yield from _named(found, "script", snapshot.show(path), _bases(folder))


def make_builds(snapshot: Snapshot, path: str) -> Iterator[Build]:
    """The builds in the recipes of a Makefile."""
    folder = path.rpartition("/")[0]
    variables, recipes = read_makefile(snapshot, path)
    found: list[BuildCommand] = []
    for number, recipe in recipes:
        if "build" in recipe or "tag" in recipe or "executor" in recipe:
            text = re.sub(r"^[ \t]*[-@+]+", "", expand_make(recipe, variables))
            found.extend(commands(text, {}, line=number))
    yield from _named(found, "Makefile", snapshot.show(path), (folder,))


def read_makefile(snapshot: Snapshot, path: str) -> tuple[dict[str, str], list[tuple[int, str]]]:
    """A Makefile's variables, unexpanded, with those of the files it includes; and its recipe lines by number.

    Of a variable that is set under conditions, the last value that is no reference to itself is taken.
    """
    variables: dict[str, str] = {}
    recipes: list[tuple[int, str]] = []
    _read_makefile(snapshot, path, variables, recipes, {path})
    return variables, recipes


def jenkins_builds(snapshot: Snapshot, path: str) -> Iterator[Build]:
    """The builds of a Jenkinsfile: `docker.build(…)`, and build commands in `sh` steps."""
    text = _text(snapshot, path)
    folder = path.rpartition("/")[0]
    variables = jenkins_variables(text)
    shown, bases = snapshot.show(path), tuple(dict.fromkeys(("", folder)))
    for call in re.finditer(r"docker\.build\(\s*(['\"])(.*?)\1\s*(?:,\s*(['\"])(.*?)\3)?", text):
        number = text.count("\n", 0, call.start()) + 1
        command = f'docker build -t "{call[2]}" {call[4] or "."}'
        for found in commands(command, dict(variables), line=number):
            words = read_build(found)
            if words:
                yield build_of(words, "Jenkinsfile", shown, bases)
    found_commands: list[BuildCommand] = []
    for step in _SHELL_STEP.finditer(text):
        if "build" in step[2] or "executor" in step[2]:
            number = text.count("\n", 0, step.start(2)) + 1
            script = re.sub(r"\\([\\\"'$])", r"\1", step[2])
            found_commands.extend(commands(script, dict(variables), line=number))
    yield from _named(found_commands, "Jenkinsfile", shown, bases)


def jenkins_variables(text: str) -> dict[str, str]:
    """The variables of a Jenkinsfile's `environment` and of `env.NAME = …`; of several values the first."""
    variables: dict[str, str] = {}
    for found in re.finditer(
        r"^[ \t]*(?:env\.)?([A-Z_][A-Z0-9_]*)\s*=\s*(?:(['\"])(.*?)\2|env\.(\w+))\s*$", text, re.M
    ):
        raw = found[3] if found[4] is None else f"${{{found[4]}}}"
        value = expand_shell(raw.replace("${env.", "${"), variables)
        if not is_hole(value):
            variables.setdefault(found[1], value)
    return variables


def readme_builds(snapshot: Snapshot, path: str) -> Iterator[Build]:
    """The build commands that a README shows."""
    text = _text(snapshot, path)
    folder = path.rpartition("/")[0]
    found: list[BuildCommand] = []
    lines = text.splitlines()
    number = 0
    while number < len(lines):
        first = number + 1
        row = lines[number]
        while row.endswith("\\") and number + 1 < len(lines):
            number += 1
            row += "\n" + lines[number]
        number += 1
        shown = _SHOWN_BUILD.search(row)
        if shown:
            command = shown[0].partition("`")[0]
            found.extend(commands(command, {}, line=first))
    yield from _named(found, "README", snapshot.show(path), _bases(folder))


def _named(found: Sequence[BuildCommand], kind: str, path: str, bases: tuple[str, ...]) -> Iterator[Build]:
    return with_later_names(builds_of(found, kind, path, bases), found)


def _bases(folder: str) -> tuple[str, ...]:
    return (folder, "") if folder else ("",)


def _read_makefile(
    snapshot: Snapshot, path: str, variables: MutableMapping[str, str], recipes: list[tuple[int, str]], seen: set[str]
) -> None:
    folder = path.rpartition("/")[0]
    defining = False
    for number, row in _logical_lines(_text(snapshot, path)):
        if defining or row.startswith(("define ", "define\t")):
            defining = not row.strip().startswith("endef")
            continue
        if row.startswith("\t"):
            recipes.append((number, row))
            continue
        included = re.match(r"[ ]*-?s?include\s+(.*)", row)
        if included:
            for name in expand_make(included[1], variables).split():
                inside = join(folder, name)
                if inside and inside not in seen and snapshot.get(inside):
                    if len(seen) > MOST_INCLUDES:
                        raise LimitError(
                            f"it takes in more than {MOST_INCLUDES} files, so that it could not be read to its end"
                        )
                    seen.add(inside)
                    _read_makefile(snapshot, inside, variables, recipes, seen)
            continue
        assigned = _ASSIGNMENT.match(row.partition(" #")[0]) or _ASSIGNMENT.match(row)
        if assigned:
            _assign(variables, assigned[1], assigned[2], assigned[3].strip())
            continue
        target, colon, command = row.partition(";")
        if colon and ":" in target:
            recipes.append((number, "\t" + command))
        assigned = _ASSIGNMENT.match(row.partition(":")[2])
        if assigned:
            _assign(variables, assigned[1], "?", assigned[3].strip())


def _assign(variables: MutableMapping[str, str], name: str, operator: str, value: str) -> None:
    if operator == "?" and name in variables:
        return
    if operator == "+":
        variables[name] = f"{variables.get(name, '')} {value}".strip()
        return
    if re.search(rf"\$[({{]{re.escape(name)}[)}}]", value):
        return
    if operator.startswith(":") and "$" in value:
        value = _frozen(expand_make(value, variables))
    variables[name] = value


def _frozen(value: str) -> str:
    return value.replace("$", "$$")


def _logical_lines(text: str) -> Iterator[tuple[int, str]]:
    """The lines with those that a backslash continues joined: (number of the first, text, its line ends kept)."""
    pending: list[str] = []
    first = 1
    for number, row in enumerate(text.split("\n"), 1):
        if not pending:
            first = number
        pending.append(row)
        if row.rstrip("\r").endswith("\\"):
            continue
        joined = "\n".join(pending)
        yield (
            first,
            joined if joined.startswith("\t") else re.sub(r"(?<![ \t])[ \t]*\\\r?\n\s*", " ", joined).rstrip("\r"),
        )
        pending = []


def _text(snapshot: Snapshot, path: str) -> str:
    try:
        return snapshot.text(path)
    except InputError:
        return ""
