"""A script in a folder of PATH has no x bit.

## What it does
Reports files that begin with `#!` and that the image brings into `/usr/bin`, `/usr/local/bin` or another folder of programs
without execute permission, where no step of the build or of the start gives it. Names with an extension, and what anything in
the image sources or hands to an interpreter, are left alone: these need no x bit. What one COPY brings without x bit is told
once. What a start script, CMD or a health check runs by its path is CT104's, CT611's and CT610's.

## Why it matters at run time
Whoever calls the program gets "Permission denied", or "command not found".

## When to ignore it
When the file is only read by a program that ctlint cannot see.

## References
- execve(2): EACCES
- COPY keeps the mode that the file has in the build context: what git records
"""

import re
from collections.abc import Iterator
from posixpath import basename

from ..lineage.boot.plan import BootPlan
from ..lineage.effects.model import Execute
from ..lineage.image.image import EffectiveImage
from ..lineage.image.script_files import text_of
from ..lineage.image.tree import Node
from ..lineage.late.patterns import pattern
from ..lineage.text.errors import Unknown
from ..lineage.text.places import Place
from ..lineage.workspace.deployments import consumers_of
from ..lineage.workspace.workspace import ImageSource, Workspace
from .base import Edit, Fix, Message, Related, Severity, Undecided
from .shared.executable_at_start import given_at_start
from .shared.questions import text_of_run
from .shared.scripts.x_bits import cured_where_it_lacks

SEVERITY = Severity.WARNING

_FOLDERS = frozenset(("/bin", "/sbin", "/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/local/sbin"))
_GIVES_X = r"chmod\s+(?:-R\s+)?(?:[ugoa]*\+[rw]*x|0?[0-7]?[1357][0-7]{2})"
_READERS = (
    rf"source|(?:ba|da|a|z|k)?sh|python[\d.]*|perl|ruby|node|php|execlineb|cat|sed|cp|install|{_GIVES_X}|exec\s+\w+"
)
_IN_FOLDER = r"\b(?:%s)\b[^\n;|&>]{0,200}(?:/s?bin/|\}/|\$\w+/)"
_CALLED = r"(?m:^|[;&|({!`'\"]|\b(?:exec|if|then|else|do|RUN)\b)[ \t]*"
_ALONE = rf"{_CALLED}(?:source|(?:[\w./-]{{0,64}}/)?(?:ba|da|a|z|k)?sh|\.)[ \t]+(?:-[a-z]+[ \t]+)*[\"']?"
_READ = rf"(?:{_IN_FOLDER % _READERS}|(?m:^|[\s;&|])\.[ \t]+[^\n;|&]{{0,200}}/|{_ALONE})"
"""What a name stands behind where the file is only read: a path in a folder of programs, or one that is only known in part,
behind a program that reads it; the name itself behind what looks for it along PATH."""


_SOURCES_A_VARIABLE = pattern(
    r"(?m)(?:^|[\s;&|({])(?:source|\.)[ \t]+[^\s;|&]{0,200}\$\{?\w+\}?[\"']?[ \t]*(?:$|[;|&)}])"
)
"""What sources a file whose name a variable holds: a name that stands somewhere else in the text may be in it."""
_DOCUMENTS = (
    ".md",
    ".rst",
    ".txt",
    ".yml",
    ".yaml",
    ".json",
    ".toml",
    ".tf",
    ".nomad",
    ".hcl",
    ".j2",
    ".tpl",
    ".mk",
    ".sh",
)
_LARGEST = 1 << 18
_LISTED = pattern(r"[\"',\[\]`]+|\n[ \t]*-[ \t]+(?=\S+[ \t]*(?:\n|$))")
"""What stands between the words of a command line in YAML and JSON."""
_OTHER_PROGRAM = pattern(rb"#![^\n]*\b(?:python|node|perl|ruby|php|lua|deno|bun)")
_OTHER_SUFFIXES = (".py", ".js", ".mjs", ".cjs", ".ts", ".pl", ".rb", ".php", ".lua")


def check(
    image: EffectiveImage, boot: BootPlan, workspace: Workspace, source: ImageSource
) -> Iterator[Message | Undecided]:
    unread = next(iter(image.tree.nodes.unread.values()), None)
    run = {effect.path.literal for step in boot.steps for effect in step.effects if isinstance(effect, Execute)}
    run |= {step.script.path for step in boot.steps if step.script is not None}
    found: dict[tuple[Place, bool], list[tuple[str, Node]]] = {}
    said: tuple[str, ...] | None = None
    for path, node in image.own_nodes:
        folder, _, name = path.rpartition("/")
        if folder not in _FOLDERS or not _is_unusable(name, node):
            continue
        if _is_named(image, name) or any(each is not None and image.tree.resolve(each) == path for each in run):
            continue
        given = given_at_start(boot, path)
        if isinstance(given, Unknown):
            yield Undecided(given, path=path)
        elif not given and unread is not None:
            yield Undecided(Unknown(f"{unread.home.path} {unread.blob.unread}", "unread"), path=path)
        elif not given:
            said = (*_said_by_consumers(workspace, source), *_documents(source)) if said is None else said
            if not _is_read(image, path, said):
                found.setdefault((node.place, node.x_in_git_alone), []).append((path, node))
    for together in found.values():
        yield cured_where_it_lacks(_message(*together[0], together[1:]), workspace, together[0][1].source)


def _is_unusable(name: str, node: Node) -> bool:
    """Whether it is a script that surely has no x bit."""
    if node.kind != "file" or not node.sure or "." in name:
        return False
    data = node.blob.data
    return data is not None and data.startswith(b"#!") and (node.executable is False or node.x_in_git_alone)


def _is_named(image: EffectiveImage, name: str) -> bool:
    """Whether what the container starts with, or is checked by, names it."""
    lines = [line.value.argv for line in (image.entrypoint, image.cmd) if line is not None]
    words = [basename(word) for argv in lines for part in argv for word in part.split()]
    return name in words or (image.healthcheck is not None and name in image.healthcheck.value)


def _said_by_consumers(workspace: Workspace, source: ImageSource) -> Iterator[str]:
    """The command lines by which the image is run."""
    for one in consumers_of(workspace, source):
        for line in (one.entrypoint, one.command):
            words = line.known if line is not None else None
            if words:
                yield " ".join(words)


def _documents(source: ImageSource) -> Iterator[str]:
    """What the repository's documents, charts and scripts say, as the words of command lines."""
    for path, entry in source.snapshot.entries.items():
        name = path.rpartition("/")[2].lower()
        if entry.kind != "file" or entry.size > _LARGEST or not (name.endswith(_DOCUMENTS) or name == "makefile"):
            continue
        content = source.snapshot.content(path)
        if isinstance(content, bytes):
            yield _LISTED.sub(" ", content.decode("utf-8", "replace"))


def _is_read(image: EffectiveImage, path: str, said: tuple[str, ...]) -> bool:
    """Whether a script, a RUN or a document sources a file of that name, or gives it to a program; a program in another language
    that names its path may do so, and who goes through its folder."""
    folder, _, name = path.rpartition("/")
    read = re.compile(_READ + re.escape(name) + r"(?![\w-])")
    each = re.compile(rf"\b(?:in|find|ls|glob)\b[^\n;|&]{{0,200}}{re.escape(folder)}/?(?:\*|[ \t]+-|[ \t]*[)|])")
    texts = [*said, *(text_of_run(step) for step in image.steps)]
    texts += [f". {value.value}" for value in image.env.values()]  # BASH_ENV, ENV
    for place, node in image.tree.sourced:
        text = text_of(node) if node.kind == "file" else None
        if text is None:
            continue
        texts.append(text.text)
        if path in text.text and place != path and _is_other_program(place, node):
            return True
        if folder in text.text and place != path and each.search(text.text):
            return True
    word = re.compile(rf"(?<![\w-]){re.escape(name)}(?![\w-])")
    return any(
        name in text
        and (read.search(text) is not None or (_SOURCES_A_VARIABLE.search(text) and word.search(text) is not None))
        for text in texts
    )


def _is_other_program(path: str, node: Node) -> bool:
    """Whether the file is a program in another language than the shell's, whose ways to read a file are not known here."""
    return path.endswith(_OTHER_SUFFIXES) or _OTHER_PROGRAM.match(node.blob.data or b"") is not None


def _message(path: str, node: Node, others: list[tuple[str, Node]]) -> Message:
    """The message about what one instruction puts there without x bit: the first of it, and `others`."""
    related: tuple[Related, ...] = ()
    if node.place.path != node.home.path:
        related = (Related(node.place, "this puts it into the image"),)
    related += tuple(Related(other.home, "it has none, either") for _, other in others)
    sources = [(one.source, one.home.span) for _, one in ((path, node), *others) if one.source is not None]
    fix = None
    if node.source is not None:
        what = "make it executable" if not others else "make them executable"
        fix = Fix(what, tuple(Edit("chmod", Place(source, span), mode="755") for source, span in sources), "safe")
    also = (
        ""
        if not others
        else f", and {len(others)} more of the same {'has' if len(others) == 1 else 'have'} none, either"
    )
    what = f"{path} has no x bit (mode {node.mode or 0:04o}){also}"
    if node.x_in_git_alone:
        what = f"{path} has the x bit in git, and none on this disk{also}. In an image built from this checkout it has none"
    return Message(
        node.home,
        f"{what}: who calls it gets `Permission denied`.",
        "Make it executable in git with `git update-index --chmod=+x`, or copy it with `COPY --chmod=755`.",
        related,
        fix=fix,
        subject=path,
        owner=node.image,
        severity=Severity.INFO if node.x_in_git_alone else None,
    )
