"""A RUN that changes only its own shell, or starts a service that does not outlive it.

## What it does
Reports a RUN whose commands are all of the kind whose work ends with the shell: `cd`, `export`, `alias`, `source`, `umask`,
`service x start`; and an `alias` or `export` that is the last command of any RUN.

## Why it matters at run time
Each RUN is a process of its own, and an image holds files: the next instruction is in the old directory, without the
variable, and no service runs when the container starts.

## When to ignore it
Never: the line does nothing. Only a service that writes files when it starts for the first time leaves something.

## References
- Dockerfile reference, "RUN", "WORKDIR", "ENV"
"""

from collections.abc import Iterator

from ..lineage.commands.model import Command
from ..lineage.dockerfile.run_script import run_script
from ..lineage.folding.run import reading_of, shell_of
from ..lineage.image.image import BuildStep, EffectiveImage, StageImages
from ..lineage.image.script_files import ScriptFiles, parsed
from ..lineage.late.patterns import pattern
from ..lineage.shell.nodes import AndOr, Node, Simple
from .base import Message, Severity
from .shared.questions import text_of_run

SEVERITY = Severity.WARNING

_WORTH_READING = pattern(r"\b(?:cd|alias|export|source|umask|service|pushd)\b|/etc/init\.d/|(?:^|[\s;&])\.\s")
_PLAIN_WORD = pattern(r"[A-Za-z0-9_./:=@%,+-]+")
_ASKS_THE_IMAGE = pattern(r"[*?\[]|[;&|({\n][ \t]*[\"']?[$`]")
"""Globs, whose matches are looked for in the image, and commands that a variable names."""
_CURES = {
    "cd": "Use `WORKDIR`, or join it with the command that needs it by `&&`.",
    "pushd": "Use `WORKDIR`, or join it with the command that needs it by `&&`.",
    "export": "Use `ENV`.",
    "alias": "Write it into a file that shells read, such as /etc/bash.bashrc.",
    "umask": "Join it with the command that needs it by `&&`.",
    "source": "Join it with the command that needs it by `&&`, or set what it sets with `ENV`.",
    ".": "Join it with the command that needs it by `&&`, or set what it sets with `ENV`.",
}
_SETTINGS = pattern(r"(?i)setup|env|profile|rc\b|activate|settings|config|variables|path")
"""Names of scripts that are there to be sourced for what they set."""
_NEUTRAL = frozenset(("set", "shopt", ":", "true", "echo"))


def check(stages: StageImages) -> Iterator[Message]:
    for image in stages.stages:
        for step in image.steps:
            if (
                step.instruction.keyword == "RUN"
                and step.from_parent is None
                and _WORTH_READING.search(text_of_run(step))
                and not _plainly_does_more(image, step)
            ):
                yield from _run(image, step)


def _plainly_does_more(image: EffectiveImage, step: BuildStep) -> bool:
    """Whether the words of the RUN alone tell that a command of another kind is run, and that its last is not of this one:
    then nothing is to be said of it, and the reading of all of it is spared."""
    script = run_script(step.instruction)
    if script is None or script.kind == "file" or script.fed is not None:
        return False
    dialect = ScriptFiles(image.tree, image.sh).shell(shell_of(image)[0])
    text = script.text.text
    if dialect is None or "alias" in text or _ASKS_THE_IMAGE.search(text):
        return False
    for node, _ in parsed(script.text, step.place.path, dialect).body.items:
        if isinstance(node, AndOr) and any(operator != "&&" for operator, _ in node.rest):
            return False
        for part in (node.first, *(behind for _, behind in node.rest)) if isinstance(node, AndOr) else (node,):
            words = _plain_words(part, text)
            if not words or words[0] in (".", "source") or "=" in words[0]:
                return False
            if words[0] in _CURES or words[0] in _NEUTRAL:
                continue
            known = any(word in _CURES or word in _NEUTRAL or word.endswith("service") for word in words)
            return not known and "/init.d/" not in text and "export" not in text[part.end :]
    return False


def _plain_words(node: Node, text: str) -> list[str]:
    """The words of a simple command that means what is written; none where anything in it is quoted or expanded."""
    if not isinstance(node, Simple):
        return []
    words = [text[token.start : token.end] for token in node.tokens if token.kind == "word"]
    return words if len(words) == len(node.tokens) and all(map(_PLAIN_WORD.fullmatch, words)) else []


def _run(image: EffectiveImage, step: BuildStep) -> Iterator[Message]:
    reading = reading_of(image, step)
    if reading is None or reading.unread:
        return
    own = [command for command in reading.commands if not command.callers]
    lost = [command for command in own if _is_lost(command)]
    if not lost or any(_does_more(command, reading.commands) for command in lost):
        return
    first = lost[0]
    if any(command not in lost and not _neutral(command) for command in own):
        if own[-1].name not in ("alias", "export") or own[-1] is not lost[-1] or own[-1].subshell:
            return
        first = own[-1]  # the last thing that the shell does: nobody is there to use it
    what = " ".join(word.raw for word in first.argv)
    if _starts_service(first):
        happens, cure = (
            "the service ends with this RUN, and does not run in the container",
            "Start it as a service of the image.",
        )
    else:
        happens, cure = "the shell ends with this RUN, and nothing of it is left", _CURES[first.name]
    yield Message(first.place, f"`{what}` has no effect on the image: {happens}.", cure, subject=what)


def _is_lost(command: Command) -> bool:
    if command.redirects or command.substitution:
        return False
    return command.name in _CURES or _starts_service(command)


def _does_more(command: Command, commands: tuple[Command, ...]) -> bool:
    """Whether what is sourced does something that stays: it runs programs, or it is not known here and is no list of settings."""
    if command.name not in (".", "source"):
        return False
    if command.loaded:
        inner = [one for one in commands if command.place in one.callers]
        return any(not _is_lost(one) and not _neutral(one) for one in inner)
    name = (command.argv[1].text.canonical if len(command.argv) > 1 else "").rpartition("/")[2]
    return name.endswith((".sh", ".bash")) and not _SETTINGS.search(name)


def _starts_service(command: Command) -> bool:
    words = [word.literal or "" for word in command.argv]
    if not words:
        return False
    by_script = words[0].startswith("/etc/init.d/") and len(words) > 1
    return (command.name == "service" or by_script) and words[-1] in ("start", "restart")


def _neutral(command: Command) -> bool:
    return not command.redirects and (command.name in _NEUTRAL or not command.argv)
