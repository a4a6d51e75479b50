"""A logger's directory is not there, and the logger cannot make it.

## What it does
Follows the loggers of services (`log/run` in `services.d`, the consumers of s6-rc) to the directory that `s6-log` or
`logutil-service` writes to, and reports one that is surely not there and that no start script makes, where the logger cannot
make it itself: the folder above it is missing, too, or the logger runs as an account (`logutil-service` as nobody) that may
not write into a folder of root's.

## Why it matters at run time
The logger ends with "unable to mkdir" and is started again every second; nothing is logged, and the service stops at the
first line that its pipe does not take any more.

## When to ignore it
When the directory is mounted into every container.

## References
- s6: https://skarnet.org/software/s6/s6-log.html, "logdirs"
- s6-overlay README, "Dropping privileges"
"""

from collections.abc import Iterator
from posixpath import dirname

from ..lineage.boot.plan import BootPlan
from ..lineage.boot.script_reader import ScriptReader, StartScript
from ..lineage.commands.model import Command
from ..lineage.effects.model import ChangeMode, ChangeOwner, Effect, MakeDirectory
from ..lineage.effects.s6_directories import SERVICES
from ..lineage.image.image import EffectiveImage
from ..lineage.image.program_lookup import file_at
from ..lineage.image.tree import Node, only_packages
from ..lineage.s6.release import S6Release
from ..lineage.shell.execline import ExeclineScript, parse
from ..lineage.text.errors import Unknown
from ..lineage.text.paths import within
from .base import Message, Severity, Undecided
from .shared.missing_programs import makes

SEVERITY = Severity.ERROR

_NOBODYS = "logutil-service"
_OF_THE_SYSTEM = ("apt", "journal", "private", "dpkg", "btmp", "wtmp", "lastlog", "faillog")
"""What distributions have in /var/log without a package of that name."""


def check(image: EffectiveImage, boot: BootPlan) -> Iterator[Message | Undecided]:
    if not isinstance(boot.s6, S6Release) or boot.starts_init is False:
        return
    for label, script in _loggers(image, boot):
        logger = next((one for one in reversed(script.commands) if one.name in ("s6-log", _NOBODYS)), None)
        for directory in _directories(logger) if logger is not None and logger.sure else ():
            missing = _missing(image, logger, directory)
            if missing is None or _may_be_made(boot, script, directory):
                continue
            doubt = missing if isinstance(missing, Unknown) else boot.open
            if doubt is not None:
                yield Undecided(doubt, path=directory)
                continue
            yield Message(
                logger.place if logger is not None else script.place,
                f"{label} logs to {directory}, which nothing makes, and cannot make it itself: {missing}.",
                f"Make it in the build or in an init script: `mkdir -p {directory}`, and give it to whom the logger runs as.",
                subject=directory,
                owner=script.node.image,
            )


def _loggers(image: EffectiveImage, boot: BootPlan) -> Iterator[tuple[str, StartScript]]:
    """What the loggers of the image's services run, with how they are called."""
    reader = ScriptReader(image)
    for name in image.tree.children(SERVICES):
        path = f"{SERVICES}/{name}/log/run"
        node = image.tree.find(path)
        script = _read(reader, path, node) if node is not None and node.sure and image.owns(node.image) else None
        if script is not None and script.reading is not None and not script.reading.unread:
            yield f"the logger of {name}", script
    database = boot.database
    for step in boot.of_kind("longrun"):
        service = database.services.get(step.name) if database is not None else None
        if service is not None and service.consumer_for and step.script is not None and step.script.reading is not None:
            yield step.name, step.script


def _read(reader: ScriptReader, path: str, node: Node) -> StartScript | None:
    """What a `run` does, which a shell or execlineb reads."""
    script = reader.read(path)
    data = node.blob.data
    if script is None or script.reading is not None or data is None or b"execlineb" not in data.partition(b"\n")[0]:
        return script
    line = parse(data)
    return reader.line(path, node, line) if isinstance(line, ExeclineScript) else script


def _directories(logger: Command) -> Iterator[str]:
    """The directories that a logger writes to: the words of its script that are paths."""
    for word in logger.arguments:
        if word.literal is not None and word.literal.startswith("/") and word.literal.count("/") > 1:
            yield word.literal.rstrip("/")


def _missing(image: EffectiveImage, logger: Command | None, directory: str) -> str | Unknown | None:
    """Why the logger cannot make a directory that is not there; None where it is there, or can."""
    found = file_at(image, directory)
    if isinstance(found, Node):
        return None
    above = file_at(image, dirname(directory))
    if isinstance(found, Unknown) and not (isinstance(above, Node) and _no_package_has(image, directory)):
        return found
    if above is None:
        return f"{dirname(directory)} is not there either"
    account = (
        "nobody"
        if logger is not None and logger.name == _NOBODYS
        else logger.user.literal
        if logger is not None
        else ""
    )
    if isinstance(above, Unknown):
        return above
    if not account or account in ("root", "0") or above.mode is None or above.mode & 0o002:
        return None
    if above.owner not in ("root", "0") or image.known != "full":
        return None
    return f"it runs as {account}, and {dirname(directory)} is root's"


def _no_package_has(image: EffectiveImage, directory: str) -> bool:
    """Whether all that may have made a directory are packages of a distribution, and none is called like it."""
    real = image.tree.resolve(directory)
    covering = [cloud for cloud in image.tree.clouds if cloud.covers(real)]
    name = real.rpartition("/")[2].partition(".")[0]
    alike = any(name in package or package in name for package in image.accounts.packages)
    return all(map(only_packages, covering)) and not alike and name not in _OF_THE_SYSTEM


def _may_be_made(boot: BootPlan, script: StartScript, directory: str) -> bool:
    """Whether a step of the start, or the logger's own script, makes the directory, gives the one above it away, or may do so."""
    effects = (effect for step in boot.steps for effect in step.effects)
    return any(_makes(effect, directory) for effect in (*script.effects, *effects))


def _makes(effect: Effect, directory: str) -> bool:
    if isinstance(effect, MakeDirectory):
        return (
            effect.path.opaque or within(effect.path.canonical, directory) or within(directory, effect.path.canonical)
        )
    if isinstance(effect, ChangeOwner | ChangeMode):
        return effect.path.opaque or within(dirname(directory), effect.path.canonical.rstrip("/*") or "/")
    return makes(effect, directory)
