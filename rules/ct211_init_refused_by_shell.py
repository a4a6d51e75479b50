"""A script or RUN that its shell refuses to read: a quote, a bracket, a `fi` or a command is missing.

## What it does
Reads the grammar of every start script, of the scripts that it runs or sources, of those that the image brings into PATH,
into cron's folders or near `/`, and of every RUN, as the shell does that is given it. Where it is not known which shell that
is, only what all of them refuse is reported. An instruction that a continuation at the end of the line before it, or a
here-document without its end, has made part of a RUN counts, too. What only Bash understands, in a script that dash reads, is
CT207's.

## Why it matters at run time
The shell stops where it meets the error: a start script ends there with status 2, whatever of it has been done before, and a
service is started again and again. A RUN fails, and there is no image.

## When to ignore it
Never, where the shell named is the one that reads the script.

## References
- POSIX.1-2024, Shell Command Language, 2.10 "Shell Grammar"
- bash(1), dash(1)
"""

from collections.abc import Iterator

from ..lineage.boot.plan import BootPlan
from ..lineage.boot.startable import spawned, tools
from ..lineage.dockerfile.run_script import run_script
from ..lineage.image.image import BuildStep, EffectiveImage, StageImages
from ..lineage.image.script_files import LONGEST, dialect_of, parsed, text_of
from ..lineage.image.tree import Node
from ..lineage.late.patterns import pattern
from ..lineage.shell.nodes import simple_commands
from ..lineage.shell.shebang import Dialect, read_shebang
from ..lineage.shell.syntax import Refusal, refusal
from ..lineage.text.places import MappedText, Place
from ..lineage.workspace.workspace import ImageSource
from .base import Message, Severity
from .shared.windows import is_of_windows

SEVERITY = Severity.ERROR

_INSTRUCTIONS = frozenset(
    "FROM RUN COPY ADD ENV ARG CMD ENTRYPOINT EXPOSE WORKDIR USER VOLUME LABEL HEALTHCHECK STOPSIGNAL ONBUILD".split()
)
_NAMES_INSTRUCTION = pattern(
    r"\b(?:FROM|RUN|COPY|ADD|ENV|ARG|CMD|ENTRYPOINT|EXPOSE|WORKDIR|USER|VOLUME|LABEL|HEALTHCHECK|STOPSIGNAL|ONBUILD)\b"
)
_OTHER_GRAMMARS = frozenset(("zsh", "ksh", "ksh93", "mksh", "oksh", "yash"))
_LEAVES = pattern(
    r"^(?:[^\s#].*(?:&&|\|\||;)\s*|['\":]+\s*)?(?:(?:exec|exit)\b(?!\s*\d*[<>])|eval\s+['\"](?:exec|exit)\b)"
)
"""A line, outside of any construct, by which a script may end."""
_DATA = (".cfg", ".conf", ".ini", ".json", ".properties", ".toml", ".xml", ".yaml", ".yml")
_ANY: tuple[Dialect, ...] = ("bash", "sh", "busybox")
_NAMES: dict[Dialect, str] = {"bash": "bash", "sh": "dash", "busybox": "busybox sh"}


def check(image: EffectiveImage, boot: BootPlan, stages: StageImages, source: ImageSource) -> Iterator[Message]:
    for stage in stages.stages:
        if is_of_windows(stage, source.stages):
            continue  # PowerShell and cmd have another grammar
        for step in stage.steps:
            if step.instruction.keyword == "RUN" and step.from_parent is None:
                yield from _build(step)
    told: set[str] = set()
    for label, node in _scripts(image, boot):
        if node.home.path not in told and not _is_data(node):
            told.add(node.home.path)
            yield from _start(image, label, node)


def _is_data(node: Node) -> bool:
    """Whether the file is data by its name, and says nothing else: that a script was seen to read it proves no shell."""
    return node.home.path.endswith(_DATA) and read_shebang((node.blob.data or b"")[:2]) is None


def _build(step: BuildStep) -> Iterator[Message]:
    script = run_script(step.instruction)
    if script is None or script.fed is not None:
        return
    shell = step.shell[0] if step.shell else ""
    if script.kind == "file":
        line = read_shebang(script.text.text[:300].encode("utf-8", "surrogateescape"))
        shell = (line.shell or "") if line is not None else shell
    dialects = _dialects(step.sh, shell)
    found = _refused(script.text, dialects)
    if found is None and dialects:
        yield from _swallowed(script.text, step.place.path, dialects[0])
    if found is not None:
        place = Place(step.place.path, script.text.span(found.offset, found.offset + 1))
        yield Message(
            place,
            f"The shell refuses this RUN at {_at(found)}: {found.reason}. The build fails.",
            "Close what is open, or take away what is too much.",
        )


_CONTINUES = "last line ends in a continuation"
_GOES_ON = "here-document goes on to the next line that is its end word"


def _swallowed(text: MappedText, path: str, dialect: Dialect) -> Iterator[Message]:
    """The first instruction that a continuation has made words of the RUN."""
    if _NAMES_INSTRUCTION.search(text.text) is None:
        return
    for command in simple_commands(parsed(text, path, dialect).body):
        for token in command.tokens:
            word = text.text[token.start : token.end]
            if token.kind != "word" or word not in _INSTRUCTIONS:
                continue
            before = len(text.text[: token.start].rstrip(" \t\n\\"))
            if not before:
                continue
            if text.span(before - 1, before).line < text.span(token.start, token.end).line:
                between = text.text[before : token.start]
                document = "\n" in between and "\\" not in between
                yield Message(
                    Place(path, text.span(token.start, token.end)),
                    f"`{word}` is part of the RUN above, whose {_GOES_ON if document else _CONTINUES}: the shell gets it as a "
                    "word, and the instruction is not carried out.",
                    "End the here-document with the word that opens it, alone on a line."
                    if document
                    else "End the RUN before it: take away the `\\` (and the `&&`) at the end of its last line.",
                )
                return


def _scripts(image: EffectiveImage, boot: BootPlan) -> Iterator[tuple[str, Node]]:
    """What runs at start and is read by a shell, with a name for messages; also what such scripts run and source."""
    unread: dict[str, str] = {}
    for step in boot.steps:
        if step.script is None or (step.kind == "oneshot" and step.script.path == step.path):
            continue  # an `up` is no shell script, whatever its first line says
        if step.script.shebang is not None or step.kind == "cont-init":
            yield step.label, step.script.node
        for one in step.script.reading.unread if step.script.reading is not None else ():
            if one.place.path != step.script.place.path:
                unread.setdefault(one.place.path, step.label)
    for started in (*spawned(image, boot), *tools(image)):
        # What s6 starts without a `#!` line is given to no shell: the kernel refuses it, which is CT105's.
        if started.kind == "cont-init" or read_shebang((started.node.blob.data or b"")[:2]) is not None:
            yield started.name, started.node
    for node in image.tree.nodes.values() if unread else ():
        if node.kind == "file" and node.home.path in unread:
            yield unread[node.home.path], node


def _start(image: EffectiveImage, label: str, node: Node) -> Iterator[Message]:
    text = text_of(node)
    if text is None or not node.sure or len(text.text) > LONGEST:
        return
    line = read_shebang(text.text[:300].encode("utf-8", "surrogateescape"))
    if line is None:
        dialects = _ANY
    elif line.shell is None or dialect_of(line.shell, image.sh) is None:
        return
    else:
        dialects = _dialects(image.sh, line.shell)
        if not dialects:
            return
    found = _refused(text, dialects)
    if found is not None and not _is_left_before(text.text[: found.offset], dialects[0]):
        who = _NAMES[dialects[0]] if len(dialects) == 1 else "every shell"
        yield Message(
            Place(node.home.path, text.span(found.offset, found.offset + 1)),
            f"{label}: {who} refuses the script at {_at(found)}: {found.reason}. It ends here, and nothing behind is done.",
            "Close what is open, or take away what is too much; `bash -n` (or `sh -n`) tells whether the script is whole.",
            owner=node.image,
        )


def _is_left_before(text: str, dialect: Dialect) -> bool:
    """Whether a shell, which reads one command after the other, may leave the script, or become another program, before the
    place that it would refuse."""
    rows = text.splitlines(keepends=True)
    ends = [at for at, row in enumerate(rows) if at and _LEAVES.search(row)]
    return any(refusal("".join(rows[: at + 1]), dialect) is None for at in ends[:3])


def _dialects(sh: str | None, shell: str) -> tuple[Dialect, ...]:
    """The shells that may read what is given to `shell`; none for what is no shell. `sh`: what /bin/sh is."""
    dialect = dialect_of(shell, sh)
    if dialect is None or shell.rpartition("/")[2] in _OTHER_GRAMMARS:
        return ()
    plain = shell.rpartition("/")[2] == "sh"
    return _ANY if plain and sh not in ("bash", "dash", "busybox") else (dialect,)


def _refused(text: MappedText, dialects: tuple[Dialect, ...]) -> Refusal | None:
    first: Refusal | None = None
    for dialect in dialects:
        found = refusal(text.text, dialect)
        if found is None:
            return None
        first = first or found
    return first


def _at(found: Refusal) -> str:
    if not found.found:
        return "its end"
    return f"`{found.found[:40]}`" if found.found != "newline" else "the end of the line"
