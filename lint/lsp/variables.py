"""What a variable is worth where it stands, and what set it: in a Dockerfile, and in a script that images take in."""

import re
from collections.abc import Iterator, Mapping

from ...lineage.boot.plan import BootPlan, RuntimeAccount
from ...lineage.boot.script_reader import StartScript
from ...lineage.dockerfile.operands import parse_arg, parse_env_pairs
from ...lineage.dockerfile.parse import Instruction
from ...lineage.dockerfile.stages import PLATFORM_ARGS, Stage
from ...lineage.image.image import EffectiveImage
from ...lineage.late.dataclasses import dataclass
from ...lineage.text.places import Place, Sourced
from ...lineage.workspace.workspace import ImageSource
from .markdown import code, plain
from .spot import Spot

_MOST_IMAGES = 4
_SETTING = (
    r"^[^#\n]{0,400}\b(?:for|select|local|declare|typeset|readonly|read|mapfile|readarray|getopts)\b[^\n;|&]{0,400}"
)


@dataclass(frozen=True, slots=True)
class Fact:
    """A sentence (Markdown) about a variable, and the place that it speaks of."""

    text: str
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class About:
    """What is known of a variable in some images."""

    images: tuple[str, ...]
    facts: tuple[Fact, ...]


def about_variable(spot: Spot, name: str, *, expanded: bool = True) -> list[About]:
    """What is known of a variable at a spot, image by image; those that say the same together. May raise Unknown.

    `expanded` says that the variable is used there; else it is set or declared there.
    """
    found: dict[tuple[Fact, ...], list[str]] = {}
    sources = spot.sources()
    if sources:
        for source in sources[:_MOST_IMAGES]:
            found.setdefault(tuple(_in_dockerfile(spot, source, name, expanded)), []).append(source.name)
    else:
        for source, image in _takers(spot):
            found.setdefault(tuple(_in_script(spot, source, image, name)), []).append(source.name)
    return [About(tuple(images), facts) for facts, images in found.items() if facts]


def accounts_named_by(spot: Spot) -> dict[str, RuntimeAccount]:
    """The accounts that are made at start in the images of the file, by the variable that is their name."""
    workspace = spot.result.workspace
    sources = spot.sources() or [source for source, _ in _takers(spot)]
    return {
        variable: account
        for source in sources[:_MOST_IMAGES]
        for account in workspace.boot(source).accounts
        for variable in account.name.variables
    }


def is_known_name(spot: Spot, name: str) -> bool:
    """Whether an image has a variable of that name, so that `NAME=` is worth a word."""
    for source in spot.sources():
        declared: set[str] = set()
        for instruction in source.dockerfile.instructions:
            if instruction.keyword == "ENV":
                declared.update(pair.name.text for pair in parse_env_pairs(instruction))
            if instruction.keyword == "ARG":
                declared.update(declaration.name for declaration in parse_arg(instruction))
        if name in declared or name in spot.result.workspace.effective(source).env:
            return True
    return any(name in image.env for _, image in _takers(spot)) if not spot.sources() else False


def _takers(spot: Spot) -> list[tuple[ImageSource, EffectiveImage]]:
    """The images of the file's own repository that take it in, else any that do."""
    workspace = spot.result.workspace
    found = [
        (source, image)
        for source in workspace.images
        if source.readable
        for image in (workspace.effective(source),)
        if any(node.source == spot.shown for node in image.tree.nodes.values())
    ]
    place = workspace.locate(spot.shown)
    own = [each for each in found if place is not None and each[0].snapshot is place[0]]
    return (own or found)[:_MOST_IMAGES]


# Dockerfiles


def _in_dockerfile(spot: Spot, source: ImageSource, name: str, expanded: bool) -> Iterator[Fact]:
    at = spot.instruction(source)
    if at is None:
        return
    stage, instruction = at
    if stage is None or instruction is stage.origin:
        yield from _before_stages(source, name)
        return
    image = spot.result.workspace.fold(source, stage.index)
    step = next((step for step in image.steps if step.instruction is instruction), None)
    env: Mapping[str, str] = step.env if step is not None else {}
    if expanded:
        yield from _here(spot, source, stage, instruction, name, env, image)
    elif instruction.keyword == "ARG":
        yield from _declared(source, instruction, name, env)
    final = image.env.get(name)
    if final is not None and not (expanded and env.get(name) == final.value):
        where = "in the finished image" if stage is source.stage else "at the end of the stage"
        yield Fact(f"{_quoted(final.value)} {where}", final.place)
    if stage is source.stage:
        yield from _at_start(spot.result.workspace.boot(source), name)


def _here(
    spot: Spot,
    source: ImageSource,
    stage: Stage,
    instruction: Instruction,
    name: str,
    env: Mapping[str, str],
    image: EffectiveImage,
) -> Iterator[Fact]:
    """What an expansion in the instruction gives."""
    setter = _setter(source, stage, instruction, name)
    outer = _arguments(source)
    if name in env:
        place, how = setter or (_inherited(spot, source, stage, name), "inherited")
        yield Fact(f"{_quoted(env[name])} here, {how}", place)
    elif setter is not None:
        yield Fact(f"no value here, {setter[1]}", setter[0])
    elif name in outer:
        yield Fact(
            "no value here: it is an argument before the first FROM, and this stage does not take it over. "
            f"`ARG {name}` below the FROM does",
            outer[name],
        )
    elif image.env_open is not None:
        yield Fact(f"cannot know: {plain(image.env_open.reason)}")
    else:
        yield Fact("not set here")


def _declared(source: ImageSource, instruction: Instruction, name: str, env: Mapping[str, str]) -> Iterator[Fact]:
    for declaration in parse_arg(instruction):
        if declaration.name == name:
            value = source.stages.arg_value(declaration, env)
            yield Fact(f"an argument of the build, {_quoted(value.text) if value is not None else 'without a value'}")


def _before_stages(source: ImageSource, name: str) -> Iterator[Fact]:
    argument = source.stages.global_args.get(name)
    if argument is None:
        value = source.stages.global_values.get(name)
        if value is not None and name in PLATFORM_ARGS:
            yield Fact(f"{_quoted(value)}, which BuildKit sets by the platform")
        else:
            yield Fact("not set here: only arguments before the first FROM are")
        return
    how = "a build argument" if argument.given else "the default"
    value = _quoted(argument.value) if argument.value is not None else "no value"
    yield Fact(f"{value}, {how}", _arguments(source)[name])


def _arguments(source: ImageSource) -> dict[str, Place]:
    return {
        name: Place(source.shown, argument.declaration.span) for name, argument in source.stages.global_args.items()
    }


def _setter(source: ImageSource, stage: Stage, before: Instruction, name: str) -> tuple[Place, str] | None:
    """The last ENV or ARG of the stage before an instruction that gives the variable."""
    found: tuple[Place, str] | None = None
    for instruction in stage.instructions:
        if instruction.start_line >= before.start_line:
            break
        if instruction.keyword == "ENV":
            for pair in parse_env_pairs(instruction):
                if pair.name.text == name:
                    found = Place(source.shown, pair.name.span), "set by ENV"
        if instruction.keyword == "ARG":
            for declaration in parse_arg(instruction):
                if declaration.name == name:
                    found = Place(source.shown, declaration.span), "an argument of the build"
    return found


def _inherited(spot: Spot, source: ImageSource, stage: Stage, name: str) -> Place | None:
    """What set a variable that the stage does not set itself."""
    image = spot.result.workspace.fold(source, stage.index)
    final = image.env.get(name)
    if final is not None and final.image != source.id:
        return final.place
    if stage.base.stage is not None:
        below = spot.result.workspace.fold(source, stage.base.stage).env.get(name)
        return below.place if below is not None else None
    parent = spot.result.workspace.replaced(source).parent if stage is source.stage else None
    inherited = parent.env.get(name) if parent is not None else None
    return inherited.place if inherited is not None else None


# Scripts


def _in_script(spot: Spot, source: ImageSource, image: EffectiveImage, name: str) -> Iterator[Fact]:
    plan = spot.result.workspace.boot(source)
    scripts = [step.script for step in plan.steps if step.script is not None and step.script.shown == spot.shown]
    own = _set_by_itself(scripts, name, spot)
    if own is not None:
        yield own
    sees = scripts[0].sees_environment if scripts else None
    if sees is False and name != "PATH" and own is None:
        yield Fact(
            "not set here: s6 clears the environment of this script, as no `with-contenv` stands in its first line"
        )
    sourced = image.env.get(name)
    if sourced is not None:
        yield Fact(_from_image(sourced, image), sourced.place)
    elif own is None and image.env_open is not None:
        yield Fact(f"cannot know whether the image sets it: {plain(image.env_open.reason)}")
    elif own is None and _taken_from_outside(scripts, name, spot.line):
        yield Fact("the image does not set it; only whoever starts the container can")
    yield from _at_start(plan, name)


def _from_image(sourced: Sourced[str], image: EffectiveImage) -> str:
    given = " unless given when the container starts" if not sourced.value else ""
    owner = "" if image.owns(sourced.image) else f", set by the parent {plain(image.name_of(sourced.image))}"
    return f"{_quoted(sourced.value)} in the image{given}{owner}"


def _taken_from_outside(scripts: list[StartScript], name: str, line: int) -> bool:
    """Whether the variable is expanded at a line without having been set in the script."""
    return any(
        mention.name == name and mention.place.line == line and mention.place.path == script.shown
        for script in scripts
        if script.reading is not None
        for mention in script.reading.mentions
    )


def _set_by_itself(scripts: list[StartScript], name: str, spot: Spot) -> Fact | None:
    """What the script itself has put into the variable at a spot; None where it is taken from outside."""
    if _taken_from_outside(scripts, name, spot.line):
        return None
    found: Fact | None = None
    for script in scripts:
        for command in script.commands:
            if command.place.path == script.shown and command.place.line < spot.line and not command.callers:
                for assigned, value in command.assignments:
                    if assigned == name and not command.argv:
                        known = f"{_quoted(value.canonical)}, " if not value.opaque else ""
                        found = Fact(f"{known}assigned in this script", command.place)
    if found is None and re.search(rf"{_SETTING}\b{name}\b|^[^#\n]*\b{name}\+?=", spot.text, re.MULTILINE):
        return Fact("set in this script")
    return found


def _at_start(plan: BootPlan, name: str) -> Iterator[Fact]:
    """The accounts that are called by the variable and made at start."""
    for account in plan.accounts:
        if name in account.name.variables:
            uid = f", uid {code(account.uid.canonical)}" if account.uid is not None else ""
            made = f"the account {code(account.name.canonical)}{uid}, home {code(account.home.canonical)}, is made at start"
            yield Fact(made, account.effect.place)
        elif name in (*(account.uid.variables if account.uid is not None else ()), *account.home.variables):
            yield Fact(
                f"used for the account {code(account.name.canonical)}, which is made at start", account.effect.place
            )


def _quoted(value: str) -> str:
    if not value:
        return '`""`'
    shown = value if len(value) <= 200 else value[:200] + "…"
    return code(shown)
