"""An image's s6-rc definitions, taken from its file tree, and the start steps that they stand for."""

from collections.abc import Iterator

from ..effects.model import ChangeMode, Effect, Execute
from ..effects.s6_directories import RC_D, USER_BUNDLES_D
from ..families.read import families
from ..image.image import EffectiveImage
from ..s6.rc import Database, Service, compile_database
from ..s6.rc_source import SourceDirectory, SourceEntry, SourceTree, source_directory
from ..s6.release import S6Release
from ..shell.execline import ExeclineWord
from ..text.errors import Unknown
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
        if node.provides is not None and node.provides.startswith("s6-overlay "):
            continue  # what the release ships is known to the compiler
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
    """The script that a oneshot's `up` runs, and what the line does.

    Where the line runs none, or several, it is taken for a script itself: what a program gets as an argument (`sed -i …
    FILE`) is not run.
    """
    up = service.scripts.get("up")
    node = image.tree.find(service.program)
    if up is None or node is None:
        return None, ()
    inherits = any(word.strip().rpartition("/")[2] == "with-contenv" for word in up.argv)
    line = reader.line(service.program, node, up, inherits=inherits)
    started = [script for effect in line.effects if (script := _started(effect, reader, inherits)) is not None]
    if len(started) != 1:
        return line, line.effects
    chained = all(isinstance(item, ExeclineWord) for item in up.items)
    return started[0], started[0].effects if chained else line.effects


def _started(effect: Effect, reader: ScriptReader, inherits: bool) -> StartScript | None:
    """The script of the image that a command of the line itself runs."""
    if not isinstance(effect, Execute) or (effect.command is not None and effect.command.callers):
        return None
    path = effect.path.literal
    if path is None or not path.startswith("/") or effect.globs:
        return None
    return reader.read(path, inherits=inherits, interpreter=effect.interpreter, arguments=effect.arguments)
