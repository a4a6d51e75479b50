"""ENTRYPOINT or CMD names a program that cannot be started.

## What it does
Follows the final ENTRYPOINT and CMD to the program that they start (and the one that starts it: `tini --`), and reports one
that is surely not in the image or has no x bit, a script whose first line names no interpreter of the image (a carriage return,
a byte-order mark, `#!/bin/bash` on Alpine) or is no `#!` line, a script that an interpreter is given and that is not there, an
exec form whose first word is a whole command line (`["nginx -g daemon off;"]`), and one in which an option and its value are
one word (`"--port 80"`). What start scripts, volumes or temporary folders may hold is left alone, as is what a compose file
or manifest at hand mounts.

## Why it matters at run time
The container does not start: "exec: …: no such file or directory", "permission denied", or an interpreter that ends at once.

## When to ignore it
When the file is mounted into every container.

## References
- Dockerfile reference, "ENTRYPOINT", "CMD": the exec form runs its first word as a program, without a shell
- execve(2)
"""

from collections.abc import Iterator, Sequence

from ..lineage.boot.plan import BootPlan
from ..lineage.boot.script_reader import ScriptReader
from ..lineage.boot.slash_init import INIT, WRAPPERS
from ..lineage.boot.startable import SpawnProblem, kernel_problem
from ..lineage.commands.model import Command, Reading
from ..lineage.image.image import CommandLine, EffectiveImage
from ..lineage.image.tree import Node
from ..lineage.late.dataclasses import replace
from ..lineage.late.patterns import pattern
from ..lineage.repository.dockerignore import DockerIgnore
from ..lineage.shell.shebang import SHELLS
from ..lineage.text.errors import Unknown
from ..lineage.text.paths import DEFAULT_PATH, folders_of, normal, within
from ..lineage.text.places import Place, Sourced, Span
from ..lineage.workspace.workspace import ImageSource, Workspace
from .base import Message, Related, Severity
from .shared.hidden_paths import mounted_over
from .shared.missing_programs import found_at, made_at_start, needed, problem
from .shared.scripts.x_bits import cured_where_it_lacks

SEVERITY = Severity.ERROR

_COMMAND_LINE = pattern(r"\S\s+(?:-\w|--\w|&&|\|\||[|;<>]|/)|;\s*\Z")
_OPTION_AND_VALUE = pattern(r"(--[a-z][a-z-]*) +([^ =-][^ ]*)")
_SPLITS = pattern(rb'(?m)^[^#\n]*(?:(?<!["\w])\$\{?[@*]\}?(?!")|\beval\b|"\$\{?\*\}?"|[ \t]-[a-z]*c[ \t]+"?\$\{?[@*1])')
"""A script that makes words anew out of its arguments."""
_HANDS_ON = pattern(
    rb"(?m)^[ \t]*exec[ \t]+(?:(?:gosu|su-exec|tini|dumb-init|env|setpriv|runuser|chpst|nice|s6-setuidgid)\b"
    rb"[^\n;|&]{0,200}?[ \t])?"
    rb'"\$\{?@\}?"'
)
_OTHER_PACKAGES = pattern(
    r"\.(?:deb|apk|rpm)\b|sources\.list|apk/repositories|repositor|dpkg|\brpm\b|yum\.repos|--repo"
)
"""What brings packages that are of no distribution."""
_MOVES = pattern(rb"(?m)\bPATH=|^[ \t]*(?:\.|source)[ \t]|\bset --|\b(?:cd|pushd)\b|\bactivate\b")
"""What changes the folder, PATH or arguments of a script."""


def check(image: EffectiveImage, boot: BootPlan, workspace: Workspace, source: ImageSource) -> Iterator[Message]:
    doubt: Unknown | None = None
    for line in _own_lines(image):
        told = None if _is_split(image, line) else _one_word(line) or _option_with_value(line)
        if told is not None:
            yield told
            return
        named = "".join(line.value.words[:1])
        if line is not image.entrypoint and not named.startswith("/") and _looks_elsewhere(image):
            continue
        for name, needs_x in _programs(image, line):
            found = found_at(image, name)
            if isinstance(found, Unknown) and _is_alone(line, name):
                found = None if _is_own_script(image, name) or _is_left_behind(image, source, name) else found
            if isinstance(found, Unknown):
                doubt = found if doubt is None else doubt
                continue
            said = problem(name, found, needs_x)
            if (
                needs_x
                and isinstance(found, Node)
                and image.owns(found.image)
                and isinstance(found.executable, Unknown)
            ):
                doubt = found.executable if doubt is None else doubt
            if not _is_first(image, line) and made_at_start(boot, name):
                continue
            mount = mounted_over(workspace, source, name) if said is not None else None
            if mount is not None:
                doubt = mount if isinstance(mount, Unknown) and doubt is None else doubt
                continue
            if said is not None:
                message = _message(image, line.place, name, said, found)
                if isinstance(found, Node):
                    yield cured_where_it_lacks(message, workspace, found.source)
                else:
                    yield _let_in(message, source, name)
                return
            if (
                needs_x
                and isinstance(found, Node)
                and image.owns(found.image)
                and isinstance(found.executable, Unknown)
            ):
                doubt = Unknown(f"the mode of {name} is not known ({found.place})") if doubt is None else doubt
            if needs_x and isinstance(found, Node) and name != INIT:  # of what s6-overlay needs, CT115 and CT116 speak
                first = kernel_problem(
                    image, found, by_kernel=_is_alone(line, name) and _is_started_directly(image, line)
                )
                if isinstance(first, Unknown):
                    doubt = first if doubt is None else doubt
                elif first is not None:
                    yield _badly_begun(image, line.place, name, found, first)
                    return
            if needs_x and found is not None and found.x_in_git_alone:
                said = "has its x bit in git, and none on this disk"
                message = replace(_message(image, line.place, name, said, found), severity=Severity.INFO)
                yield cured_where_it_lacks(message, workspace, found.source)
                return
    if doubt is not None:
        raise doubt


def _let_in(message: Message, source: ImageSource, name: str) -> Message:
    """The message, with the .dockerignore that leaves a file of that name out of the build context, if one does."""
    ignore = DockerIgnore.for_build(source.snapshot, source.build.root, source.path)
    root = source.build.root.strip("/")
    for entry in source.snapshot.files_below(root) if ignore else ():
        inside = entry.path[len(root) :].lstrip("/") if root else entry.path
        same = name.endswith(f"/{inside}") or inside.endswith(name)
        if same and ignore.excluded(inside):
            place = Place(source.snapshot.show(ignore.path), Span(1))
            return replace(
                message,
                help=f"Let it in with a line `!{inside}` there.",
                related=(Related(place, f"{inside} is left out of the build context here"),),
            )
    return message


def _own_lines(image: EffectiveImage) -> Iterator[Sourced[CommandLine]]:
    """The image's own ENTRYPOINT, and its own CMD where that is what is run and not an argument."""
    entrypoint, cmd = image.entrypoint, image.cmd
    if entrypoint is not None and image.owns(entrypoint.image):
        yield entrypoint
    if cmd is None or not image.owns(cmd.image):
        return
    if entrypoint is None:
        if image.config_open is None:
            yield cmd
    elif entrypoint.value.form == "exec" and _hands_on(image, entrypoint.value.words):
        yield cmd


def _is_first(image: EffectiveImage, line: Sourced[CommandLine]) -> bool:
    """Whether nothing of the container runs before the line: it is the ENTRYPOINT, or there is none but a program that only
    starts it (`tini --`)."""
    entrypoint = image.entrypoint
    if line is entrypoint or (entrypoint is None and image.config_open is None):
        return True
    words = entrypoint.value.words if entrypoint is not None and entrypoint.value.form == "exec" else ()
    return bool(words) and words[0].rpartition("/")[2] in WRAPPERS


def _is_split(image: EffectiveImage, line: Sourced[CommandLine]) -> bool:
    """Whether the line, or the entry script that gets it, makes words anew out of what it is given, or may do so."""
    if image.entrypoint is None:
        return False
    words = image.entrypoint.value.words
    for word in words[:2]:
        node = image.tree.find(word) if word.startswith("/") else None
        data = node.blob.data if node is not None and node.kind == "file" else None
        if data is not None and _SPLITS.search(data):
            return True
    return line is not image.entrypoint and len(words) > 1 and words[0].rpartition("/")[2] in SHELLS | {"env"}


def _hands_on(image: EffectiveImage, words: tuple[str, ...]) -> bool:
    """Whether the ENTRYPOINT runs what CMD says."""
    first = words[0] if words else ""
    if first == INIT or first.rpartition("/")[2] in WRAPPERS:
        return all(word == "--" or word.startswith("-") for word in words[1:])
    node = image.tree.find(first) if first.startswith("/") and len(words) == 1 else None
    data = node.blob.data if node is not None and node.kind == "file" else None
    return data is not None and _HANDS_ON.search(data) is not None


def _one_word(line: Sourced[CommandLine]) -> Message | None:
    words = line.value.words
    if line.value.form != "exec" or not words or not _COMMAND_LINE.search(words[0]):
        return None
    return Message(
        line.place,
        f"The exec form runs its first word as a program, and there is none called `{words[0]}`: the container does not start.",
        'Write each word on its own (`["nginx", "-g", "daemon off;"]`), or a script, or the shell form where a shell is meant.',
        subject=words[0],
    )


def _option_with_value(line: Sourced[CommandLine]) -> Message | None:
    """`"--database /x.db"` as one word of an exec form: the program is given an option of that whole name."""
    words = line.value.words
    if line.value.form != "exec" or not words or words[0].rpartition("/")[2] in SHELLS | {"env"}:
        return None
    for before, word in zip(("", *words), words, strict=False):
        match = _OPTION_AND_VALUE.fullmatch(word)
        if match is not None and not before.startswith("-"):
            return Message(
                line.place,
                f"The exec form hands `{word}` over as one word, and the program knows no option of that name.",
                f'Write two words: `"{match[1]}", "{match[2]}"`.',
                subject=word,
            )
    return None


def _is_started_directly(image: EffectiveImage, line: Sourced[CommandLine]) -> bool:
    """Whether nothing of the image stands between the runtime and the line's program."""
    return image.entrypoint is None or line is image.entrypoint


def _looks_elsewhere(image: EffectiveImage) -> bool:
    """Whether the script of ENTRYPOINT changes where the program that CMD names is looked for."""
    words = image.entrypoint.value.words if image.entrypoint is not None else ()
    node = image.tree.find(words[0]) if words and words[0].startswith("/") else None
    data = node.blob.data if node is not None and node.kind == "file" else None
    return data is not None and _MOVES.search(data) is not None


def _is_own_script(image: EffectiveImage, name: str) -> bool:
    """Whether a word without a path is the name of a script that the image itself has, in a folder that is not in PATH, and
    nobody but the distribution may have another of that name (`start.sh`) in PATH: none of them does.
    """
    if "/" in name or not name.endswith((".sh", ".bash", ".py")):
        return False
    own = any(path.endswith(f"/{name}") and image.owns(node.image) for path, node in image.tree.nodes.items())
    path = image.env["PATH"].value if "PATH" in image.env else DEFAULT_PATH
    places = [f"{folder}/{name}" for folder in folders_of(path)]
    if any(image.tree.find(place) is not None for place in places) or any(part[:1] != "/" for part in path.split(":")):
        return False  # one of them may be there
    clouds = [cloud for place in places for cloud in image.tree.clouds if cloud.covers(image.tree.resolve(place))]
    return own and all(cloud.by == "distribution" for cloud in clouds)


def _is_left_behind(image: EffectiveImage, source: ImageSource, name: str) -> bool:
    """Whether it is a script (`/usr/bin/entrypoint.sh`) that the repository has and no COPY brings here, where distributions
    and their packages alone may have put another of that name: they have none with such an ending.
    """
    folder, _, word = name.rpartition("/")
    if (
        folder not in DEFAULT_PATH.split(":")
        or not word.endswith((".sh", ".bash"))
        or image.tree.find(name) is not None
    ):
        return False
    if not any(entry.path.rpartition("/")[2] == word for entry in source.snapshot.files_below("")):
        return False
    texts = [step.instruction.body.text for step in image.steps if step.instruction.keyword == "RUN"]
    if any(word in text or _OTHER_PACKAGES.search(text) for text in texts) or any(
        within(name, volume.value) for volume in image.volumes
    ):
        return False
    real = image.tree.resolve(name)
    return all(cloud.by in ("distribution", "packages") for cloud in image.tree.clouds if cloud.covers(real))


def _is_alone(line: Sourced[CommandLine], name: str) -> bool:
    """Whether the runtime itself starts the program, and no shell and no other program does."""
    words = line.value.words
    return (
        line.value.form == "exec" and bool(words) and (words[0] == name or name.endswith("/" + words[0].lstrip("./")))
    )


def _badly_begun(image: EffectiveImage, place: Place, name: str, found: Node, first: SpawnProblem) -> Message:
    """The message about a script that the kernel does not run for its first line."""
    shebang = first.shebang
    raw = shebang.raw if shebang is not None else ""
    said, cure = {
        "no-shebang": (
            "has no `#!` line, without which the kernel does not run a script",
            "Begin it with `#!/bin/sh`.",
        ),
        "bom": ("begins with a byte-order mark, and not with `#!`", "Save the file without a byte-order mark."),
        "crlf": (
            f"ends its first line in CR LF: `{raw[2:].strip()}` with a carriage return behind it does not exist",
            "Save the file with LF line ends, and keep them with `* text eol=lf` in .gitattributes.",
        ),
        "arguments": (
            f"begins with `{raw}`, which hands `env` all that follows as one word",
            "Name the shell by its path, and its options in `set`.",
        ),
    }.get(
        first.code,
        (
            f"begins with `{raw}`, and the image has no `{first.missing}`",
            f"Install what provides `{first.missing}`, or name an interpreter that the image has.",
        ),
    )
    return Message(
        place,
        f"The container is started with {name}, which {said}: it does not start.",
        cure,
        (Related(found.home, "it comes from here"),),
        subject=name,
        owner=image.id,
    )


def _programs(image: EffectiveImage, line: Sourced[CommandLine]) -> Iterator[tuple[str, bool]]:
    directory = image.workdir.value if image.workdir is not None else "/"
    first = line.value.words[0] if line.value.form == "exec" and line.value.words else ""
    if first.rpartition("/")[2] in WRAPPERS and first.rpartition("/")[2] not in SHELLS:
        yield first if first.startswith("/") or "/" not in first else normal(first, directory), True
    for command in _commands(image, line):
        yield from needed(command, directory)


def _commands(image: EffectiveImage, line: Sourced[CommandLine]) -> Iterator[Command]:
    """What the line itself says; of a shell's command line the programs that it surely runs."""
    value = line.value
    if not value.words or not value.words[0]:
        return
    if value.form == "exec":
        yield from (command for command in _read(image, line, value.words).commands[:1] if command.argv)
        return
    almost_exec = value.words[0].lstrip().startswith("[")
    if almost_exec or value.shell[0].rpartition("/")[2] not in SHELLS:
        return
    reading = _read(image, line, ("/bin/sh", "-c", value.words[0]))
    written = [command for command in reading.commands if not command.callers and command.argv]
    moved = any(command.name in ("cd", "pushd") for command in written)
    yield from (
        one
        for one in written
        if one.argv[0].literal and ("/" in one.argv[0].literal) and not (moved and one.argv[0].literal[0] == ".")
    )


def _read(image: EffectiveImage, line: Sourced[CommandLine], words: Sequence[str]) -> Reading:
    """What the words run. Raises Unknown where nothing of them could be read."""
    reading = ScriptReader(image).started(words, line.place)
    if reading.unread and not reading.commands:
        raise Unknown(f"{line.place}: what is started could not be read")
    return reading


def _message(image: EffectiveImage, place: Place, name: str, said: str, found: Node | None) -> Message:
    where = "in an image built from this checkout " if found is not None and found.x_in_git_alone else ""
    related = (Related(found.home, "it comes from here"),) if isinstance(found, Node) else ()
    return Message(
        place,
        f"The container is started with {name}, which {said}: {where}it does not start.",
        "Give it the x bit: `COPY --chmod=0755`, or `chmod +x` in the RUN that makes it."
        if related
        else "Correct the path, copy it into the image, or install it.",
        related,
        subject=name,
        owner=image.id,
    )
