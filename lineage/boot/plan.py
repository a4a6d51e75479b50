"""The boot plan: what runs when the container starts, in which order, as which user, and what it does.

Order (settled by booting, s6-overlay's README and rc.init): v1 and v2 run `/etc/cont-init.d` in byte order, then all of
`/etc/services.d`, then CMD. v3 starts the s6-rc services of the `user` bundles in the order of their dependencies;
`/etc/cont-init.d` is the service legacy-cont-init among them, `/etc/services.d` is legacy-services after all of them.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

from ..effects.model import ChangeMode, ChangeOwner, Execute, MakeAccount, NeedAccount
from ..effects.s6_directories import INIT_SCRIPTS, RC_D, SERVICES
from ..families.read import families
from ..image.image import CommandLine, EffectiveImage
from ..image.tree import Node
from ..late.dataclasses import dataclass, replace
from ..late.patterns import pattern
from ..s6.rc import Database
from ..s6.release import S6Release, release_of, speaks_s6
from ..shell.shebang import SHELLS
from ..text.errors import Unknown, listening
from ..text.symbolic import Text
from .main_command import argument_vector, is_init, leads_to_init, program_path, script_arguments
from .script_reader import ScriptReader, account_variables, home_of
from .steps import ROOT, Kind, StartStep

_LEGACY_INIT = "legacy-cont-init"
_LEGACY_SERVICES = "legacy-services"
_MOST_SOURCES = 32
_EXPANDED = pattern(r"\$\{?([A-Za-z_]\w*)")


@dataclass(frozen=True, slots=True)
class RuntimeAccount:
    """An account that a start step makes."""

    name: Text
    uid: Text | None
    home: Text
    step: StartStep
    effect: MakeAccount


@dataclass(frozen=True)
class BootPlan:
    """What starts an image. `s6` is None where no s6-overlay runs; `database` its s6-rc database (generation 3).

    `open` says why other steps may exist; None where all are known.
    """

    image: EffectiveImage
    s6: S6Release | Unknown | None
    starts_init: bool | Unknown
    steps: tuple[StartStep, ...]
    database: Database | None = None
    open: Unknown | None = None
    doubts: tuple[Unknown, ...] = ()
    """What the parent, or a file that cannot be read, left open while the plan was made."""

    @property
    def more(self) -> Unknown | None:
        """Why other steps may exist than those that are listed, services that a hook brings at start among them."""
        return self.open if self.open is not None or self.database is None else self.database.open

    @cached_property
    def accounts(self) -> tuple[RuntimeAccount, ...]:
        """The accounts that are made at start, in order; system accounts and copies of build-time ones are left out."""
        return tuple(
            RuntimeAccount(effect.name, effect.uid, home_of(effect), step, effect)
            for step in self.steps
            for effect in step.effects
            if isinstance(effect, MakeAccount) and not effect.system
        )

    @cached_property
    def changes(self) -> tuple[ChangeMode | ChangeOwner, ...]:
        """The modes and owners that are changed at start, in order."""
        return tuple(
            effect for step in self.steps for effect in step.effects if isinstance(effect, ChangeMode | ChangeOwner)
        )

    def account(self, name: Text) -> RuntimeAccount | None:
        """The runtime account of that name."""
        return self._accounts_by_name.get(name.canonical)

    @cached_property
    def _accounts_by_name(self) -> Mapping[str, RuntimeAccount]:
        return {account.name.canonical: account for account in reversed(self.accounts)}

    def home(self, path: Text) -> RuntimeAccount | None:
        """The runtime account whose home `path` is or lies below."""
        text = path.canonical
        if self.accounts and (text == "${HOME}" or text.startswith("${HOME}/")):
            return self.accounts[0]
        for home, account in self._variable_homes:
            if text == home or text.startswith(home + "/"):
                return account
        return None

    @cached_property
    def _variable_homes(self) -> tuple[tuple[str, RuntimeAccount], ...]:
        return tuple((a.home.canonical, a) for a in self.accounts if a.home.variables)

    def of_kind(self, *kinds: Kind) -> Iterator[StartStep]:
        return (step for step in self.steps if step.kind in kinds)

    def precedes(self, first: StartStep, second: StartStep) -> bool | Unknown:
        """Whether `first` is done (or, a service: started) before `second` begins."""
        if first is second:
            return False
        if self.database is not None:
            a, b = _service(first), _service(second)
            if a is not None and b is not None and a != b:
                return self.database.depends(b, a)
        return first.rank < second.rank

    def require_whole(self) -> None:
        """Raises Unknown where a parent that is not proved, or a file that cannot be read, may bring another start step.

        A rule asks before it says that nothing does something at start.
        """
        if self.open is not None and self.open.withheld:
            raise self.open

    def step_at(self, path: str) -> StartStep | None:
        return next((step for step in self.steps if step.path == path), None)


def _service(step: StartStep) -> str | None:
    """The s6-rc service that a step is or is part of; None for what is outside of the database."""
    if step.kind in ("oneshot", "longrun"):
        return step.name
    if step.kind == "cont-init":
        return _LEGACY_INIT
    if step.kind == "services.d":
        return _LEGACY_SERVICES
    return None


def plan_of(image: EffectiveImage, user: Text = ROOT) -> BootPlan:
    """The boot plan of an image; `user` is who its scripts find themselves to be (`id -u`)."""
    with listening() as doubts:
        plan = _plan(image, ScriptReader(image, user=user))
        runtime = account_variables(effect for step in plan.steps for effect in step.effects) | _sources(plan)
        if any(sourced.value for name, sourced in image.env.items() if name in runtime):
            plan = _plan(image, ScriptReader(image, runtime, user))
    is_open = plan.open if plan.open is not None else _unread(image)
    return replace(plan, open=is_open, doubts=tuple(dict.fromkeys(doubts)))


def _unread(image: EffectiveImage) -> Unknown | None:
    """Any file that cannot be read may be what a script runs, or a script that runs."""
    unread = next(iter(image.tree.nodes.unread.values()), None)
    return Unknown(f"{unread.home.path} {unread.blob.unread}", "unread") if unread is not None else None


def _sources(plan: BootPlan) -> frozenset[str]:
    """The variables from which scripts make those that they name accounts with: PUID where `USERID=$PUID` comes before
    `useradd -u $USERID`. The container is given them; what the image has is a default.
    """
    found: set[str] = set()
    for step in plan.steps:
        data = step.script.data if step.script is not None else None
        words = [
            word.raw
            for effect in step.effects
            if isinstance(effect, MakeAccount) and effect.command is not None
            for word in effect.command.argv
        ]
        if data is None or not words:
            continue
        text = data.decode("utf-8", "replace")
        waiting = [name for raw in words for name in _EXPANDED.findall(raw)]
        while waiting and len(found) < _MOST_SOURCES:
            name = waiting.pop()
            for value in re.findall(rf"(?m)(?<![\w$]){name}=[\"']?(\$\{{?\w+)", text):
                new = set(_EXPANDED.findall(value)) - found
                found |= new
                waiting += new
    return frozenset(found)


def _plan(image: EffectiveImage, reader: ScriptReader) -> BootPlan:
    release = release_of(image)
    starts_init = False if release is None else leads_to_init(image, reader)
    steps: list[StartStep] = []
    database = None
    is_open: Unknown | None = release if isinstance(release, Unknown) else None
    if isinstance(release, S6Release) and starts_init is not False:
        if release.generation >= 3:
            from .rc_services import database_of, service_steps

            database = database_of(image, release)
            steps += service_steps(image, database, reader)
        splits = release.generation >= 3
        steps += (step for step in _init_scripts(image, reader) if not (splits and _has_blank(step.name)))
        steps += (step for step in _legacy_services(image, reader) if not (splits and _has_blank(step.name)))
        steps += _around_init(image, reader, release)
        is_open = _openness(image, release)
    elif isinstance(release, Unknown) and starts_init is not False and speaks_s6(image):
        steps += _init_scripts(image, reader)
        steps += _legacy_services(image, reader)
    elif image.entrypoint is not None or image.cmd is not None:
        steps += _entrypoint(image, reader)
    at_login = ScriptReader(image, reader.runtime | {"HOME"})  # the session has the user's own
    steps += _session(image, at_login, steps)
    steps.sort(key=lambda step: (step.rank, step.name))
    if database is not None:
        steps = _in_dependency_order(steps, database)
    return BootPlan(image, release, starts_init, tuple(steps), database, is_open)


def _has_blank(name: str) -> bool:
    """Whether generation 3 of s6-overlay splits a name at a blank, so that what has it is not started."""
    return name.split() != [name]


def _openness(image: EffectiveImage, release: S6Release) -> Unknown | None:
    definitions = (RC_D,) if release.generation >= 3 else ()
    for directory in (INIT_SCRIPTS, SERVICES, *definitions):
        closed = image.tree.closed(directory)
        if isinstance(closed, Unknown):
            return closed.because(f"{directory} may hold more: {closed.reason}")
    return None


def _init_scripts(image: EffectiveImage, reader: ScriptReader) -> Iterator[StartStep]:
    directory = INIT_SCRIPTS
    for index, name in enumerate(image.tree.children(directory)):
        if not name.startswith("."):
            step = _step(image, reader, "cont-init", name, f"{directory}/{name}", (1, index))
            if step is not None:
                yield step


def _legacy_services(image: EffectiveImage, reader: ScriptReader) -> Iterator[StartStep]:
    directory = SERVICES
    for name in image.tree.children(directory):
        node = image.tree.find(f"{directory}/{name}")
        if name.startswith(".") or node is None or node.kind != "directory":
            continue
        if image.tree.find(f"{directory}/{name}/down") is not None:
            continue
        step = _step(image, reader, "services.d", name, f"{directory}/{name}/run", (2, 0))
        if step is not None:
            yield step


def _step(
    image: EffectiveImage,
    reader: ScriptReader,
    kind: Kind,
    name: str,
    path: str,
    rank: tuple[int, int],
    *,
    user: Text = ROOT,
    inherits: bool = False,
    arguments: Sequence[Text] | None = (),
) -> StartStep | None:
    node = image.tree.find(path)
    if not isinstance(node, Node) or node.kind != "file":
        return None
    script = reader.read(path, inherits=inherits, arguments=arguments)
    effects = script.effects if script is not None else ()
    return StartStep(kind, name, path, node.image, node.home, user, script, effects, rank)


def _entrypoint(image: EffectiveImage, reader: ScriptReader) -> Iterator[StartStep]:
    """The scripts that ENTRYPOINT and CMD name in an image without s6, and those that a family's init runs before: they see
    the container's environment.
    """
    yield from _before_command(image, reader)
    if image.entrypoint is not None:
        yield from _named(image, reader, "entrypoint", image.entrypoint.value, (0, 0))
    if image.cmd is not None:
        yield from _named(image, reader, "cmd", image.cmd.value, (1, 0))


def _before_command(image: EffectiveImage, reader: ScriptReader) -> Iterator[StartStep]:
    """The programs of the folder that the init of the image's family runs before anything else."""
    words = argument_vector(image) or ()
    folder = families().inits.get(program_path(image, words[0]) or words[0]) if words else None
    for index, name in enumerate(image.tree.children(folder) if folder is not None else ()):
        node = image.tree.find(f"{folder}/{name}")
        if node is not None and node.executable is False:
            continue  # it is left out
        step = _step(image, reader, "entrypoint", name, f"{folder}/{name}", (-1, index), inherits=True)
        if step is not None:
            yield step


def _around_init(image: EffectiveImage, reader: ScriptReader, release: S6Release) -> Iterator[StartStep]:
    """The scripts of ENTRYPOINT that lead to `/init`, before all that it runs, and CMD, which it runs at last."""
    starter = image.entrypoint or image.cmd
    if starter is not None:
        yield from _named(image, reader, "entrypoint", starter.value, (-1, 0))
    if image.entrypoint is not None and image.cmd is not None:
        yield from _named(image, reader, "cmd", image.cmd.value, (3, 0), inherits=release.generation < 3)


def _named(
    image: EffectiveImage,
    reader: ScriptReader,
    kind: Kind,
    line: CommandLine,
    rank: tuple[int, int],
    *,
    inherits: bool = True,
) -> Iterator[StartStep]:
    """The scripts of the image that a command line names."""
    user = Text.of(image.user.value.split(":")[0]) if image.user is not None and image.user.value else ROOT
    before = ""
    words = line.words if line.form == "exec" else tuple(line.words[0].split())
    joined = argument_vector(image) if kind == "entrypoint" and line.form == "exec" else words
    for index, word in enumerate(words, 1):
        path = program_path(image, word)
        if before and before.rpartition("/")[2] not in (*SHELLS, "fish", ".", "source", "exec", "&&", "||", "|", ";"):
            path = path if path is not None and not _is_plain(image, path) else None
        before = word if not word.startswith("-") else before
        if path is None or is_init(image, path):
            continue
        name, given = path.rpartition("/")[2], script_arguments(image, line, (joined or ())[index:])
        step = _step(image, reader, kind, name, path, rank, user=user, inherits=inherits, arguments=given)
        if step is not None and (step.script is None or step.script.reading is not None or step.effects):
            yield step


def _is_plain(image: EffectiveImage, path: str) -> bool:
    """Whether a file is surely no program: the configuration that one is given (`caddy run --config /etc/caddy/Caddyfile`)."""
    node = image.tree.find(path)
    data = node.blob.data if node is not None and node.kind == "file" else None
    return data is not None and not data.startswith((b"#!", b"\x7fELF"))


def _session(image: EffectiveImage, reader: ScriptReader, steps: list[StartStep]) -> Iterator[StartStep]:
    """The scripts that the desktop session runs as the user at login, and those that they run by path."""
    accounts = [e for step in steps for e in step.effects if isinstance(e, MakeAccount) and not e.system]
    user = accounts[0].name if accounts else _switched_to(steps)
    for index, path in enumerate(image.sessions):
        outer = _session_step(image, reader, path, (4, index * 100), user)
        if outer is None:
            continue
        called = [
            inner
            for rank, name in enumerate(_called_by(image, outer), index * 100 + 1)
            if (inner := _session_step(image, reader, name, (4, rank), user)) is not None
        ]
        for step in (outer, *called):
            elsewhere = {other.place.path for other in called if other is not step}
            yield replace(step, effects=tuple(e for e in step.effects if e.place.path not in elsewhere))


def _switched_to(steps: Sequence[StartStep]) -> Text:
    """The account, given by a variable, that a service drops to though no start step makes it; root where none does."""
    for step in steps:
        for effect in step.effects if step.kind in ("longrun", "services.d") else ():
            if not isinstance(effect, NeedAccount) or not effect.name.variables:
                continue
            wrappers = effect.command.wrappers if effect.command is not None else ()
            if any(wrapper.name == effect.by for wrapper in wrappers):
                return effect.name
    return ROOT


def _session_step(
    image: EffectiveImage, reader: ScriptReader, path: str, rank: tuple[int, int], user: Text
) -> StartStep | None:
    name = path.rpartition("/")[2]
    return _step(image, reader, "session", name, path, rank, user=user, inherits=True, arguments=None)


def _called_by(image: EffectiveImage, step: StartStep) -> Iterator[str]:
    """The paths of the image's scripts that a step runs, directly or not, each once, in order."""
    seen = {step.path}
    for effect in step.effects:
        path = effect.path.literal if isinstance(effect, Execute) else None
        if path is not None and path not in seen and image.tree.find(path) is not None:
            seen.add(path)
            yield path


def _in_dependency_order(steps: list[StartStep], database: Database) -> list[StartStep]:
    """Steps of an s6-rc database as they start: each after all that it depends on, else by name."""
    depth = {name: len(database.dependencies(name)) for name in database.services}
    after_all = len(depth) + 1

    def key(step: StartStep) -> tuple[int, tuple[int, int], str]:
        service = _service(step)
        if service is None:
            return (-1 if step.rank < (0, 0) else after_all, step.rank, step.name)
        return (depth.get(service, after_all), step.rank, step.name)

    return sorted(steps, key=key)


@dataclass(frozen=True)
class Replaced:
    """The parent's start steps. `parent` is None where the image has no parent or nothing is known of it."""

    parent: EffectiveImage | None
    plan: BootPlan | None

    def step(self, path: str) -> StartStep | None:
        """The parent's start step whose file stands at `path` of the image."""
        return self.plan.step_at(path) if self.plan is not None else None
