"""Edits of a repository's files that change nothing of what its images do: what a baseline has to outlive."""

import random
import re
from collections.abc import Callable
from pathlib import Path

from ctlint.lineage.dockerfile.parse import parse

Lines = list[str]
Edit = Callable[[Lines, random.Random], bool]
SHELLS = re.compile(r"#!.*\b(sh|bash|dash|ash)\b")


def kind_of(path: Path, lines: Lines) -> str | None:
    """What a file is, so far as these edits know it."""
    if path.suffix == ".desktop":
        return "launcher"
    if path.name in ("Dockerfile", "Containerfile") or path.name.startswith(("Dockerfile.", "Docker.")):
        return "dockerfile"
    return "script" if lines and SHELLS.match(lines[0]) else None


def insert_comment(lines: Lines, chance: random.Random) -> bool:
    """A comment of its own, or a blank line, after the first line of a script or the group's header of a launcher."""
    added = chance.choice([["# Seen to in the spring."], [""], ["", "# Two", "# lines", ""]])
    lines[1:1] = added
    return True


def append_comment(lines: Lines, chance: random.Random) -> bool:
    lines.extend(["", "# The end."][: chance.randint(1, 2)])
    return True


def spaces(lines: Lines) -> list[int]:
    """The lines that are commands of their own at the outer level of a script, by their indentation and neighbours."""
    if any("<<" in line for line in lines):
        return []
    return [
        number
        for number, line in enumerate(lines[1:], 1)
        if re.match(r"[a-z/]", line) and not lines[number - 1].endswith(("\\", "&&", "||", "|")) and "'" not in line
    ]


def move_down(lines: Lines, chance: random.Random) -> bool:
    """All from some command on goes down, behind lines that do nothing."""
    places = spaces(lines)
    if not places:
        return False
    at = chance.choice(places)
    lines[at:at] = chance.choice([[""], ["# What follows was here before."], ["", "# Part two", ""]])
    return True


def widen(lines: Lines, chance: random.Random) -> bool:
    """Two blanks, or one at the end, where there was one or none."""
    places = [number for number in spaces(lines) if '"' not in lines[number] and " " in lines[number]]
    if not places:
        return False
    at = chance.choice(places)
    lines[at] = re.sub(r"(?<=\w) (?=[\w$/-])", "  ", lines[at], count=1) + chance.choice(["", " ", "\t"])
    return True


def indent_continuations(lines: Lines, chance: random.Random) -> bool:
    """The continued lines of a Dockerfile's instructions get another indentation."""
    width = chance.choice(["  ", "        ", "\t"])
    changed = False
    for instruction in parse("\n".join(lines)).instructions:
        if instruction.keyword == "RUN" and not instruction.heredocs:
            for number in range(instruction.span.line, instruction.span.end_line):
                if lines[number].strip() and not lines[number].lstrip().startswith("#"):
                    changed = changed or lines[number] != width + lines[number].lstrip()
                    lines[number] = width + lines[number].lstrip()
    return changed


def split_runs(lines: Lines, chance: random.Random) -> bool:
    """The commands of a RUN that stand on one line get lines of their own."""
    width = chance.choice(["    ", "\t", "      "])
    for instruction in parse("\n".join(lines)).instructions:
        at = instruction.start_line - 1
        plain = instruction.keyword == "RUN" and instruction.form == "shell" and not instruction.heredocs
        if plain and instruction.end_line == at + 1 and " && " in lines[at] and not re.search("[\"'`]", lines[at]):
            lines[at : at + 1] = lines[at].replace(" && ", f" \\\n{width}&& ").split("\n")
            return True
    return False


def join_runs(lines: Lines, chance: random.Random) -> bool:
    """The commands of a RUN that stand on lines of their own come onto one."""
    found = [
        one
        for one in parse("\n".join(lines)).instructions
        if one.keyword == "RUN" and one.form == "shell" and not one.heredocs and one.end_line > one.start_line
    ]
    if not found:
        return False
    one = chance.choice(found)
    held = lines[one.start_line - 1 : one.end_line]
    if any(line.lstrip().startswith("#") or not line.strip() or "'" in line or '"' in line for line in held):
        return False
    lines[one.start_line - 1 : one.end_line] = [" ".join(line.strip().removesuffix("\\").strip() for line in held)]
    return True


def insert_instruction(lines: Lines, chance: random.Random) -> bool:
    """A label, before any instruction that is not the first of its stage."""
    found = parse("\n".join(lines)).instructions
    places = [one.span.line - 1 for one in found if one.keyword not in ("FROM", "ARG")]
    if not places:
        return False
    number = chance.randint(0, 999)
    at = chance.choice(places)
    lines[at:at] = [f'LABEL org.example.note{number}="{number}"', *[""] * chance.randint(0, 2)]
    return True


def insert_dockerfile_comment(lines: Lines, chance: random.Random) -> bool:
    found = parse("\n".join(lines)).instructions
    at = chance.choice(found).span.line - 1
    lines[at:at] = ["", "# Seen to in the spring."][: chance.randint(1, 2)]
    return True


def rename_stage(lines: Lines, chance: random.Random) -> bool:
    """Another name for a build stage, wherever it is named; a name for the last one, where it has none."""
    text = "\n".join(lines)
    names = re.findall(r"^FROM .* AS (\S+)\s*$", text, re.IGNORECASE | re.MULTILINE)
    new = f"stage{chance.randint(0, 999)}"
    if names:
        old = re.escape(chance.choice(names))
        for pattern in (rf"(?i:( AS )){old}(?=\s*$)", rf"(--from=){old}(?=\s)", rf"([=,]from=){old}(?=[,\s])"):
            text = re.sub(pattern, rf"\g<1>{new}", text, flags=re.MULTILINE)
        text = re.sub(rf"^((?i:FROM) (?:--\S+ )*){old}(?=\s|$)", rf"\g<1>{new}", text, flags=re.MULTILINE)
    else:
        last = [number for number, line in enumerate(lines) if re.fullmatch(r"(?i:FROM)\s+\S+\s*", line)][-1:]
        if not last:
            return False
        lines[last[0]] = f"{lines[last[0]].rstrip()} AS {new}"
        text = "\n".join(lines)
    lines[:] = text.split("\n")
    return True


EDITS: dict[str, list[Edit]] = {
    "launcher": [insert_comment, append_comment],
    "script": [insert_comment, append_comment, move_down, widen],
    "dockerfile": [
        insert_instruction,
        insert_dockerfile_comment,
        indent_continuations,
        split_runs,
        join_runs,
        rename_stage,
    ],
}


def edit_one(folder: Path, chance: random.Random) -> str:
    """Edit one file below the folder, or rename or add one that no image takes in. Returns what was done to which."""
    if chance.random() < 0.1:
        return rename_neighbour(folder, chance)
    paths = sorted(path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    while True:
        path = chance.choice(paths)
        try:
            text = path.read_bytes().decode("utf-8")
        except UnicodeDecodeError:
            continue
        lines = text.split("\n")
        kind = kind_of(path, lines)
        if kind is None or "\r" in text or "\ufeff" in text or "ctlint" in text:
            continue
        edit = chance.choice(EDITS[kind])
        if edit(lines, chance) and "\n".join(lines) != text:
            path.write_bytes("\n".join(lines).encode("utf-8"))
            return f"{edit.__name__} in {path.relative_to(folder)}"


def rename_neighbour(folder: Path, chance: random.Random) -> str:
    """The README beside a Dockerfile gets another name, or a file comes that nothing copies."""
    readmes = sorted(folder.rglob("README*"))
    if readmes and chance.random() < 0.5:
        old = chance.choice(readmes)
        new = old.with_name(f"README.{chance.randint(0, 999)}.md")
        old.rename(new)
        return f"renamed {old.relative_to(folder)}"
    new = chance.choice(sorted(folder.iterdir())) if not readmes else chance.choice(readmes).parent
    new = (new if new.is_dir() else folder) / f"NOTES.{chance.randint(0, 999)}"
    new.write_text("Nothing takes this in.\n", "utf-8")
    return f"added {new.relative_to(folder)}"
