"""An image's s6-rc definitions, taken from its file tree, and the start steps that they stand for."""

from collections.abc import Iterator

from ..effects.model import ChangeMode, Effect
from ..effects.read import INTERPRETERS
from ..families.read import families
from ..image.image import EffectiveImage
from ..image.script_files import SHELLS
from ..s6.rc import Database, Service, compile_database
from ..s6.rc_source import RC_D, USER_BUNDLES_D, SourceDirectory, SourceEntry, SourceTree, source_directory
from ..s6.release import S6Release
from ..shell.execline import ExeclineScript, ExeclineWord
from ..text.errors import Unknown
from ..text.symbolic import Text
from .script_reader import ScriptReader, StartScript
from .steps import ROOT, Kind, StartStep

_SUPPOSED = {3: "3.1.6.2"}
"""The release that stands for an unknown one of a generation, where only what all of it agree on is used."""


def database_of(image: EffectiveImage, release: S6Release) -> Database:
    """The service database that an image of generation 3 boots with."""
    return compile_database(source_tree(image), release.version or _SUPPOSED[3])


def source_tree(image: EffectiveImage) -> SourceTree:
    """The image's definition directories as the compiler sees them."""
    return SourceTree(_directory(image, RC_D), _directory(image, USER_BUNDLES_D))


def _directory(image: EffectiveImage, path: str) -> SourceDirectory:
    return source_directory(path, _entries(image, path), _open(image, path))


def _open(image: EffectiveImage, path: str) -> Unknown | None:
    closed = image.tree.closed(path)
    if isinstance(closed, Unknown):
        return closed
    hook = image.env.get("S6_STAGE2_HOOK")
    if hook is None or _leaves_definitions(image, hook.value):
        return None
    return Unknown(f"S6_STAGE2_HOOK ({hook.place}) may change s6-rc definitions")


def _leaves_definitions(image: EffectiveImage, hook: str) -> bool:
    """Whether a profile tells what the hook does, and that is nothing to the definitions of an image as it is built."""
    node = image.tree.find(hook) if hook.startswith("/") else None
    if node is None or node.facts is None or any(name in image.env for name in families().extending_variables):
        return False
    return all(isinstance(effect, ChangeMode) for effect in node.facts.effects)


def _entries(image: EffectiveImage, path: str) -> Iterator[SourceEntry]:
    prefix = image.tree.resolve(path).rstrip("/") + "/"
    for found, node in image.tree.below(path):
        name = found[len(prefix) :]
        if node.kind == "link":
            target = image.tree.get(found)
            if isinstance(target, Unknown):
                yield SourceEntry(name, "unknown")
            elif target is None:
                yield SourceEntry(name, "dangling")
            else:
                yield SourceEntry(name, target.kind if target.kind != "link" else "dangling", target.blob.data)
                if target.kind == "directory":
                    for below, inner in image.tree.below(found):
                        rest = below[len(image.tree.resolve(found)) + 1 :]
                        yield SourceEntry(
                            f"{name}/{rest}", "file" if inner.kind == "file" else "directory", inner.blob.data
                        )
        else:
            yield SourceEntry(name, "directory" if node.kind == "directory" else "file", node.blob.data)


def service_steps(image: EffectiveImage, database: Database, reader: ScriptReader) -> Iterator[StartStep]:
    """A step for each service of the image that the boot starts (or may start), the overlay's own ones left out."""
    for name, service in sorted(database.services.items()):
        if not service.own or service.kind is None:
            continue
        if database.starts(name) is False:
            continue
        step = _service_step(image, service, reader)
        if step is not None:
            yield step


def _service_step(image: EffectiveImage, service: Service, reader: ScriptReader) -> StartStep | None:
    path = service.program
    node = image.tree.find(path)
    if node is None or node.kind != "file":
        return None
    script: StartScript | None
    effects: tuple[Effect, ...]
    if service.kind == "longrun":
        script = reader.read(path, arguments=())
        effects = script.effects if script is not None else ()
    else:
        script, effects = _up(image, service, reader)
        if script is not None:
            node = script.node
    kind: Kind = "longrun" if service.kind == "longrun" else "oneshot"
    return StartStep(kind, service.name, path, node.image, node.home, ROOT, script, effects, (0, 0))


def _up(image: EffectiveImage, service: Service, reader: ScriptReader) -> tuple[StartScript | None, tuple[Effect, ...]]:
    """The script that a oneshot's `up` runs: the first word of its command line that is a file of the image.

    Where there is none and the line is a plain command, the command itself.
    """
    up = service.scripts.get("up")
    words = list(_words(up))
    inherits = any(word.rpartition("/")[2] == "with-contenv" for word in words)
    for index, word in enumerate(words):
        if word.startswith("/") and not word.endswith("/with-contenv"):
            given = tuple(map(Text.of, words[index + 1 :]))
            script = reader.read(word, inherits=inherits, interpreter=_given_to(words[:index]), arguments=given)
            if script is not None:
                return script, script.effects
    node = image.tree.find(service.program)
    if up is None or node is None or not all(isinstance(item, ExeclineWord) for item in up.items):
        return None, ()
    script = reader.command_line(service.program, node, up.argv, inherits=inherits)
    return script, script.effects


def _given_to(before: list[str]) -> str | None:
    """The shell, or other interpreter, that is given the file which the next word names (`bash -e FILE`)."""
    name = next((word for word in reversed(before) if not word.startswith("-")), "").rpartition("/")[2]
    return name if name in SHELLS or name in families().interpreters or name.startswith(INTERPRETERS) else None


def _words(script: ExeclineScript | None) -> Iterator[str]:
    if script is None:
        return
    yield from (word.strip() for word in script.argv)
