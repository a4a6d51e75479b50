"""Every command that runs when the container starts, works or stops, in whatever script it stands."""

from collections.abc import Iterator

from ..commands.model import Command, Environment, Reading
from ..image.image import EffectiveImage
from ..image.tree import Node
from ..late.dataclasses import dataclass
from ..s6.rc_database import Service
from ..shell.execline import ExeclineScript, parse
from ..shell.shebang import read_shebang
from ..text.places import Place
from .plan import BootPlan
from .script_reader import ScriptReader
from .startable import spawned


@dataclass(frozen=True, slots=True)
class StartCommand:
    """A command and what it belongs to: `name` for messages, `image` the id of the image that holds the script."""

    command: Command
    name: str
    image: str


@dataclass(frozen=True, slots=True)
class StartCommands:
    """The commands of init scripts, services (`finish` and loggers too), oneshots, and of scripts that they run."""

    all: tuple[StartCommand, ...]

    def __iter__(self) -> Iterator[StartCommand]:
        return iter(self.all)

    @classmethod
    def of(cls, image: EffectiveImage, boot: BootPlan) -> "StartCommands":
        return cls(tuple(_commands(image, boot)))


def _commands(image: EffectiveImage, boot: BootPlan) -> Iterator[StartCommand]:
    seen: set[tuple[Place, str]] = set()
    for name, node, reading in _readings(image, boot):
        for command in reading.commands:
            key = (command.place, command.name)
            if command.argv and key not in seen:
                seen.add(key)
                yield StartCommand(command, name, _owner(image, command, node))


def _owner(image: EffectiveImage, command: Command, node: Node) -> str:
    if command.place.path == node.home.path:
        return node.image
    found = (other.image for other in image.tree.nodes.values() if other.source == command.place.path)
    return next(found, node.image)


def _readings(image: EffectiveImage, boot: BootPlan) -> Iterator[tuple[str, Node, Reading]]:
    reader = ScriptReader(image)
    known = {step.script.path: step.script for step in boot.steps if step.script is not None}
    for one in spawned(image, boot):
        script = known.get(one.path) or reader.read(one.path, inherits=one.kind == "called")
        if script is not None and script.reading is not None:
            yield one.name, one.node, script.reading
            continue
        data = one.node.blob.data
        shebang = read_shebang(data) if data is not None else None
        if data is not None and shebang is not None and shebang.shell == "execlineb":
            line = parse(data)
            if isinstance(line, ExeclineScript):
                yield one.name, one.node, _execline(line, one.node)
    if boot.database is not None:
        for service in boot.database.services.values():
            if service.own and boot.database.starts(service.name) is not False:
                yield from _command_lines(image, service)


def _command_lines(image: EffectiveImage, service: Service) -> Iterator[tuple[str, Node, Reading]]:
    for name, line in service.scripts.items():
        node = image.tree.find(f"{service.path}/{name}")
        if node is not None:
            yield service.name, node, _execline(line, node)


def _execline(line: ExeclineScript, node: Node) -> Reading:
    from ..interpreter.interpret_execline import interpret_execline

    return interpret_execline(line, node.home.path, Environment.cleared())
