"""A start script uses a container variable that s6-overlay does not hand to it.

## What it does
Reports the first use of a container variable in each script that s6 spawns without the container's environment: no
`with-contenv` in its `#!` line and no `S6_KEEP_ENV`. Interpreters of the image that go through with-contenv count. Container
variables are those of ENV, those that the runtime account is made from, and those that a compose file or another consumer in
the repository gives to the image: of these a use with a default counts, too, and of those that ENV sets and the README lists as
settings. What the script sets itself is left alone.

## Why it matters at run time
s6-overlay clears the environment of init scripts and services: the variable is empty, so paths end in `/home/`, accounts have
no name, and configuration is written without values.

## When to ignore it
When empty is what the script wants.

## References
- s6-overlay README, "Container environment"
"""

from collections.abc import Iterable, Iterator
from contextlib import suppress

from ..lineage.boot.plan import BootPlan
from ..lineage.boot.script_reader import StartScript
from ..lineage.boot.steps import StartStep
from ..lineage.commands.model import Command, VariableMention
from ..lineage.effects.model import Execute
from ..lineage.image.image import EffectiveImage
from ..lineage.late.dataclasses import replace
from ..lineage.late.patterns import pattern
from ..lineage.shell.nodes import Function, If
from ..lineage.shell.shebang import Shebang, read_shebang
from ..lineage.text.errors import InputError, Unknown
from ..lineage.text.places import Place, Span
from ..lineage.workspace.deployments import consumers_of
from ..lineage.workspace.workspace import ImageSource, Workspace
from .base import Edit, Fix, Message, Related, Severity
from .shared.scripts.library_needs import library_needs
from .shared.scripts.written_scripts import written
from .shared.subjects import start_of, variable_of

SEVERITY = Severity.ERROR
YIELDS_TO = ("CT105",)

_KEEP = "S6_KEEP_ENV"
_MADE_AT_START = ("/run/", "/var/", "/tmp/", "/config/", "/data/")
"""Where files lie that settings are written to when a container starts."""
_COMPUTED = pattern(r"[$`]")
_ROW = pattern(r"(?m)^[ \t]*(?:\|[ \t]*|[-*][ \t]+)[*`]{1,3}([A-Z][A-Z0-9_]{2,})[*`]{1,3}[ \t]*[|:(=-]")
# Set by the shell itself, or handed on by s6 in every case.
_ALWAYS_THERE = frozenset(
    """PATH PWD OLDPWD IFS OPTIND OPTARG OPTERR PPID UID EUID GROUPS RANDOM SECONDS LINENO BASHPID BASH
    BASH_VERSION BASH_SOURCE FUNCNAME HOSTNAME HOSTTYPE MACHTYPE OSTYPE SHLVL SHELL SHELLOPTS PIPESTATUS PS1 PS2
    PS4 REPLY DIRSTACK EPOCHSECONDS EPOCHREALTIME BASH_VERSINFO BASH_REMATCH BASH_COMMAND HISTFILE COLUMNS LINES
    _ TERM""".split()
)


def check(image: EffectiveImage, boot: BootPlan, workspace: Workspace, source: ImageSource) -> Iterator[Message]:
    found: list[Message] = []
    doubt = _kept(workspace, source)
    if doubt is not None:
        raise doubt
    for step in boot.of_kind("cont-init", "services.d", "oneshot", "longrun"):
        script = step.script
        if script is None or script.reading is None or script.sees_environment is True:
            continue
        if script.sees_environment is not False:
            doubt = script.sees_environment
            continue
        seeing = _called_through_with_contenv(image, step)
        own = [one for one in script.reading.mentions if one.place.path not in seeing]
        maker = _makes_names(script)
        if maker is not None:
            doubt = Unknown(f"{maker} makes variables whose names are not known")
            own = [one for one in own if _is_left_out(script, maker, one.place)]
        mentions = _missing(image, boot, own) or _given(image, workspace, source, own)
        if mentions:
            found.append(_message(image, boot, step, script, mentions))
        elif maker is None and (asks := library_needs(script.shebang, script.commands)) is not None:
            mention = VariableMention(asks[0], asks[1].place)
            found.append(_message(image, boot, step, script, [mention], f" and `{asks[1].name}` asks with it"))
    told: dict[Place, Message] = {}
    for message in found:  # several services may source one script
        first = told.setdefault(message.place, message)
        if first is not message and first.fix is not None and message.fix is not None:
            edits = tuple(dict.fromkeys((*first.fix.edits, *message.fix.edits)))
            told[message.place] = replace(first, fix=replace(first.fix, edits=edits))
    yield from told.values()
    if doubt is not None:
        raise doubt


def _kept(workspace: Workspace, source: ImageSource) -> Unknown | None:
    """Whether somebody in the repository runs the image with `S6_KEEP_ENV`."""
    for consumer in consumers_of(workspace, source):
        if _KEEP in consumer.environment:
            return Unknown(f"{consumer.place} may have s6-overlay keep the environment ({_KEEP})")
    return None


def _makes_names(script: StartScript) -> Place | None:
    """Where a script makes variables that nobody can name: it reads or computes their names, or takes in a file that is made
    when the container starts."""
    for command in script.commands:
        if command.name in ("export", "declare", "typeset", "readonly"):
            if any(_COMPUTED.search(word.raw.partition("=")[0]) for word in command.argv[1:]):
                return command.place
        elif _takes_in_a_file(command) or (
            command.name == "eval" and any(word.literal is None for word in command.argv[1:])
        ):
            return command.place
    return None


def _takes_in_a_file(command: Command) -> bool:
    """Whether it sources what the image does not have, and what is no library of programs."""
    if command.name not in ("source", ".") or len(command.argv) < 2 or command.loaded:
        return False
    literal = command.argv[1].literal
    return literal is not None and literal.startswith(_MADE_AT_START)


def _is_left_out(script: StartScript, maker: Place, use: Place) -> bool:
    """Whether a variable is used where no variable has been made yet: before the command that makes them, or in another
    branch of the `if` that it stands in.
    """
    tree = written(script)
    if tree is None or maker.path != tree.path or use.path != tree.path:
        return False
    items = [item for item, _ in tree.body.items]
    spans = [tree.place(item.start, item.end).span for item in items]
    at, used = (_which(spans, place.line) for place in (maker, use))
    if at is None or used is None or isinstance(items[at], Function) or isinstance(items[used], Function):
        return False
    item = items[at]
    if used != at or not isinstance(item, If):
        return used < at
    bodies = [body for _, body in item.clauses] + ([item.otherwise] if item.otherwise is not None else [])
    begins = [tree.place(body.start, body.end).line for body in bodies]
    first, second = (sum(line <= place.line for line in begins) for place in (maker, use))
    return 0 < first != second > 0


def _which(spans: list[Span], line: int) -> int | None:
    return next((at for at, span in enumerate(spans) if span.line <= line <= span.end_line), None)


def _missing(image: EffectiveImage, boot: BootPlan, mentions: Iterable[VariableMention]) -> list[VariableMention]:
    """The first use of each container variable, where it has no default."""
    container = _container_variables(image, boot) - _ALWAYS_THERE
    first: dict[str, VariableMention] = {}
    for mention in mentions:
        if not mention.defaulted and mention.name in container:
            first.setdefault(mention.name, mention)
    return list(first.values())


def _given(
    image: EffectiveImage, workspace: Workspace, source: ImageSource, mentions: list[VariableMention]
) -> list[VariableMention]:
    """The first use of each variable that a file of the repository gives to a container of the image, default or not, or that
    the image sets and its README lists as a setting.
    """
    if not mentions:
        return []
    given = {name for consumer in consumers_of(workspace, source) for name in consumer.environment} | {
        name for name in _listed(source) if name in image.env and image.owns(image.env[name].image)
    }
    first: dict[str, VariableMention] = {}
    for mention in mentions:
        if mention.name in given - _ALWAYS_THERE - {"PATH", "HOME", "TZ"}:
            first.setdefault(mention.name, mention)
    return list(first.values())


def _listed(source: ImageSource) -> set[str]:
    """The variables that open a row of a table, or an item of a list, in the README beside the Dockerfile or at the top."""
    names: set[str] = set()
    for folder in {source.path.rpartition("/")[0], ""}:
        for name in source.snapshot.children(folder):
            if name.lower() == "readme.md":
                with suppress(InputError):
                    names.update(_ROW.findall(source.snapshot.text(f"{folder}/{name}" if folder else name)))
    return names


def _called_through_with_contenv(image: EffectiveImage, step: StartStep) -> frozenset[str]:
    """The files of scripts that the step runs by their paths and whose own `#!` line, or whose caller's, gives the variables."""
    found: set[str] = set()
    for effect in step.effects:
        path = effect.path.literal if isinstance(effect, Execute) and effect.interpreter is None else None
        node = image.tree.find(path) if path is not None else None
        shebang = read_shebang(node.blob.data) if node is not None and node.blob.data is not None else None
        if node is None or node.home.path == effect.place.path:
            continue
        if effect.place.path in found or (shebang is not None and shebang.with_contenv):
            found.add(node.home.path)
    for command in step.script.commands if step.script is not None else ():
        if any(caller.path in found for caller in command.callers):
            found.add(command.place.path)  # what such a script sources
    return frozenset(found)


def _message(
    image: EffectiveImage,
    boot: BootPlan,
    step: StartStep,
    script: StartScript,
    mentions: list[VariableMention],
    use: str = "",
) -> Message:
    first, others = mentions[0], mentions[1:]
    sourced = image.env.get(first.name)
    related = [Related(sourced.place, "the image defines it here")] if sourced is not None else []
    related += [Related(mention.place, f"`{mention.name}` is empty here, too") for mention in others]
    line = script.shebang.raw if script.shebang is not None else None
    why = f"its `{line}` does not go through with-contenv" if line else "it has no `#!` line with with-contenv"
    good = _shebang(boot, script.shebang)
    cure, fix = f"Begin the script with `{good}`.", _fix(script.place, script.shebang, good)
    if script.interpreter is not None:
        why = f"it is given to `{script.interpreter}` without with-contenv"
        cure, fix = f"Put `with-contenv` before `{script.interpreter}`.", None
    also = (
        f", and so {'is' if len(others) == 1 else 'are'} {', '.join(f'`{mention.name}`' for mention in others)} below"
    )
    return Message(
        first.place,
        f"`{first.name}` is empty here{also if others else ''}{use}: s6-overlay clears the environment of {step.label}, "
        f"and {why}.",
        cure,
        tuple(related),
        fix=fix,
        subject=first.name,
        owner=step.image,
        about=(start_of(script.path), *(variable_of(script.path, mention.name) for mention in mentions)),
    )


def _container_variables(image: EffectiveImage, boot: BootPlan) -> set[str]:
    """What the image defines, and what its account is made from."""
    names = set(image.env)
    for account in boot.accounts:
        names.update(account.name.variables)
        names.update(account.uid.variables if account.uid is not None else ())
        names.update(account.home.variables)
    return names - {"PATH", "HOME"} | ({"HOME"} & set(image.env))


def _shebang(boot: BootPlan, shebang: Shebang | None) -> str:
    there = boot.image.tree.find("/usr/bin/with-contenv", follow=False)
    own = there is not None and there.kind == "file" and there.sure  # of whoever made the base, who may do more in it
    folder = "/command" if getattr(boot.s6, "generation", 3) >= 3 and not own else "/usr/bin"
    shell = shebang.shell if shebang is not None and shebang.shell else "sh"
    return f"#!{folder}/with-contenv {shell}"


def _fix(place: Place, shebang: Shebang | None, good: str) -> Fix | None:
    if shebang is None:
        return None
    flags = [word for word in shebang.arguments if word.startswith("-")]
    line = Place(place.path, Span(place.line, 1, place.line, len(shebang.raw) + 1))
    text = good + "".join(f"\nset {flag}" for flag in flags)
    return Fix("run it through with-contenv", (Edit("text", line, text),), "safe")
