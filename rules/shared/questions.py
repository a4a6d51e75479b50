"""Small questions that several rules ask of the facts."""

from collections.abc import Container, Iterator
from typing import TypeVar

from ...lineage.boot.plan import BootPlan, RuntimeAccount
from ...lineage.boot.steps import StartStep
from ...lineage.dockerfile.expand import variables
from ...lineage.image.image import BuildStep, CommandLine, EffectiveImage
from ...lineage.image.script_files import text_of
from ...lineage.image.tree import Node
from ...lineage.late.patterns import pattern
from ...lineage.text.places import Place, Sourced, Span

T = TypeVar("T")

_EXEC_TAIL = pattern(r'\[\s*("(?:[^"\\]|\\.)*"\s*(,\s*"(?:[^"\\]|\\.)*"\s*)*)?\]\s*\S')


def own_value(image: EffectiveImage, value: Sourced[T] | None) -> Sourced[T] | None:
    """The value where the image itself set it, not an ancestor."""
    return value if value is not None and image.owns(value.image) else None


def shell_form_entrypoint(image: EffectiveImage) -> Sourced[CommandLine] | None:
    """The ENTRYPOINT in force, where it is in shell form."""
    entrypoint = image.entrypoint
    return entrypoint if entrypoint is not None and entrypoint.value.form == "shell" else None


def expanded_variables(step: BuildStep, keywords: Container[str]) -> Iterator[tuple[str, Place]]:
    """(variable, place) of each variable that a RUN, or an instruction of these keywords, expands with no default and no test
    of it; each name once."""
    instruction = step.instruction
    told: set[str] = set()
    if instruction.keyword == "RUN":
        for mention in step.mentions:
            if mention.name not in told and not mention.defaulted and not mention.tested:
                told.add(mention.name)
                yield mention.name, mention.place
    elif instruction.keyword in keywords:
        for index, word in enumerate(instruction.arguments):
            for used in variables(word):
                if not used.guarded and used.name not in told:
                    told.add(used.name)
                    yield used.name, Place(step.place.path, instruction.argument_span(index))


def has_exec_tail(text: str) -> bool:
    """Whether a complete exec array with text behind it is meant."""
    return _EXEC_TAIL.match(text) is not None


def place_in_image(image: EffectiveImage, path: str, line: int | None = None) -> Place | None:
    """Where the user edits what lies at `path` of the image: the file, or for a directory its most telling file."""
    node = _telling(image, path)
    if node is None:
        return None
    home = node.home
    return Place(home.path, Span(line)) if line is not None and node.source is not None else home


def owner_in_image(image: EffectiveImage, path: str) -> str | None:
    """The id of the image that put what lies at `path` there; for a directory the image of its most telling file."""
    node = _telling(image, path)
    return node.image if node is not None else None


def _telling(image: EffectiveImage, path: str) -> Node | None:
    """The node at `path`; for a directory the file in it that says most of a service: `type`, `run`, `up`."""
    node = image.tree.find(path)
    if node is None or node.kind != "directory":
        return node
    inside = [name for name in image.tree.children(path) if not _of_a_release(image, f"{path}/{name}")]
    names = [name for name in ("type", "run", "up", "contents.d", "dependencies.d") if name in inside] or inside
    return _telling(image, f"{path}/{names[0]}") if names else node


def lines_at(image: EffectiveImage, step: StartStep, place: Place) -> list[str]:
    """The lines that a place in a step's script, or in a script that it runs or sources, spans; none where not known."""
    script = step.script
    node = script.node if script is not None else None
    if node is None or node.home.path != place.path:
        node = next((one for one in image.tree.nodes.values() if one.source == place.path), None)
    text = text_of(node) if node is not None else None
    return text.text[slice(*text.lines(place.span))].split("\n") if text is not None else []


def account_names(account: RuntimeAccount) -> tuple[str, ...]:
    """The variables that an account which is made at start is made from."""
    uid = account.uid.variables if account.uid is not None else ()
    return (*account.name.variables, *uid, *account.home.variables)


def runtime_variables(boot: BootPlan) -> frozenset[str]:
    """The variables that the accounts are made from when the container starts."""
    return frozenset(name for account in boot.accounts for name in account_names(account))


def is_half_read(step: StartStep) -> bool:
    """Whether the step's script has a syntax error or is too long: what comes behind, or guards a command, is not known."""
    script = step.script
    return script is not None and script.reading is not None and bool(script.reading.unread)


def text_of_run(step: BuildStep) -> str:
    """What a RUN says, with its here-documents."""
    return "\n".join((step.instruction.body.text, *(heredoc.data.text for heredoc in step.instruction.heredocs)))


def _of_a_release(image: EffectiveImage, path: str) -> bool:
    """Whether a file is s6-overlay's own."""
    node = image.tree.find(path)
    return node is not None and node.kind == "file" and (node.provides or "").startswith("s6-overlay ")
