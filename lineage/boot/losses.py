"""What an image loses at start when something below it changes: scripts that run no more, accounts that nobody makes,
files and variables that it asks for and that are gone.

Both images are the same one, before and after a change. It is said what the change takes from what the image has itself
and still has; what it has given up itself is no loss.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Literal

from ..effects.model import ChangeOwner, Copy, Effect, Execute, Link, NeedAccount, Opens, Write
from ..image.image import EffectiveImage
from ..image.tree import Node
from ..late.dataclasses import dataclass
from ..late.patterns import pattern
from ..text.errors import Unknown
from ..text.paths import within
from ..text.places import Place
from ..text.symbolic import Text
from .plan import BootPlan
from .steps import StartStep

_PLACE = pattern(r"(?<!\S)\S+:\d+")
_DEEPEST = 4
_MOST_NAMED = 3
_PACKAGES = "packages"
_ASKS_FIRST = ("-e", "-f", "-x", "-s", "-r", "-d", "-L", "command")
_STARTED_BY: Mapping[str, str] = {
    "entrypoint": "ENTRYPOINT does not name it any more",
    "cmd": "CMD does not name it any more",
    "session": "the session does not start it any more",
}
_Runs = Mapping[str, tuple[StartStep, Execute | None]]
"""The scripts that run at start by their paths, each with the step and, where it is run by another, the command."""


@dataclass(frozen=True, slots=True)
class Loss:
    """Something that an image had at start and that a change takes from it.

    `place` is where the image has what suffers, `subject` a name of it that stays the same; `lost` says what is no more,
    `why` what has become of what it came from, each a clause without its stop.
    """

    kind: Literal["script", "account", "path", "variable"]
    place: Place
    subject: str
    lost: str
    why: str
    beside: Place | None = None
    """Where that is now, if it still is in the image."""
    note: str = ""
    """What is at `beside`."""
    moved: str = ""
    """The folder from which what ran it runs others now."""
    by: str | None = None
    """The path of what ran it."""


@dataclass(frozen=True)
class Losses:
    """An image before and after a change, each with its boot plan."""

    before: EffectiveImage
    after: EffectiveImage
    plans: tuple[BootPlan, BootPlan]

    def found(self) -> Iterator[Loss | Unknown]:
        """What is lost; Unknown where that cannot be told, as the change brings what cannot be read."""
        losses = [*self._scripts(), *self._accounts(), *self._paths(), *self._variables()]
        doubt = self.doubt
        if doubt is None:
            yield from losses
        elif losses:
            yield doubt

    @cached_property
    def doubt(self) -> Unknown | None:
        """Why what is not seen any more may still be there."""
        if self.after.known == "partial" and self.before.known != "partial":
            return Unknown("the parent is not known any more", "parent")
        known = {_PLACE.sub("", reason) for reason in _reasons(self.before, self.plans[0])}
        for reason in _reasons(self.after, self.plans[1], self._is_gone):
            if _PLACE.sub("", reason) not in known:
                return Unknown(reason)
        return None

    @cached_property
    def _ran(self) -> _Runs:
        return _scripts_run(self.plans[0])

    @cached_property
    def _runs(self) -> _Runs:
        return _scripts_run(self.plans[1])

    @cached_property
    def _own_files(self) -> frozenset[str]:
        """The files, as shown, in which the image has what it brings itself."""
        own = {node.home.path for node in self.after.tree.nodes.values() if self.after.owns(node.image)}
        return frozenset({*own, self.after.dockerfile or ""})

    @cached_property
    def _texts(self) -> Mapping[tuple[str, int | None], str]:
        """The paths of the image's files before the change, by what their text stands in: a file, or a line put in."""
        found: dict[tuple[str, int | None], str] = {}
        for path, node in self.before.tree.nodes.items():
            if node.kind == "file":
                found.setdefault((node.home.path, None), path)
                found.update({(line.place.path, line.place.line): path for line in node.inserted})
        return found

    def _scripts(self) -> Iterator[Loss | Unknown]:
        for path, (step, _) in self._ran.items():
            node = self.after.tree.find(path)
            if path in self._runs or node is None or node.kind != "file" or not self.after.owns(node.image):
                continue
            unread = self._unread_runner(path, _DEEPEST)
            if unread is not None:
                yield Unknown(f"what {unread} runs is not known any more")
                continue
            name = step.name if step.path == path else path.rpartition("/")[2]
            yield Loss(
                "script",
                node.home,
                path,
                f"{name} does not run at start any more",
                self._why(path, _DEEPEST),
                self._beside(path),
                "this still runs",
                self._read_now(path),
                self._runner(path),
            )

    def _unread_runner(self, path: str, depth: int) -> str | None:
        """The script that ran it and whose text nobody knows after the change."""
        runner = self._runner(path)
        if runner is None or depth == 0:
            return None
        node = self.after.tree.find(runner)
        if node is not None and not self._is_read(node):
            return runner
        return self._unread_runner(runner, depth - 1)

    def _is_read(self, node: Node) -> bool:
        if node.blob.data is not None or node.facts is not None:
            return True
        return not any(link.id == node.image and link.origin == "target" for link in self.after.chain)

    def _runner(self, path: str) -> str | None:
        """The path of the script that ran it before the change; None where it was started by itself."""
        step, by = self._ran[path]
        if by is None:
            return None
        place = by.place
        return self._texts.get((place.path, place.line)) or self._texts.get((place.path, None)) or step.path

    def _beside(self, path: str) -> Place | None:
        """Where the nearest script stands that ran it, itself or by others, and still runs."""
        runner = self._runner(path)
        while runner is not None and runner not in self._runs and runner in self._ran:
            runner = self._runner(runner)
        node = self.after.tree.find(runner) if runner is not None else None
        return node.home if node is not None else None

    def _read_now(self, path: str) -> str:
        """The one folder, other than its own, from which what ran a script runs others; empty where there is none."""
        runner = self._runner(path)
        node = self.after.tree.find(runner) if runner is not None and runner in self._runs else None
        if node is None:
            return ""
        run = {other for other, (_, by) in self._runs.items() if by is not None and by.place.path == node.home.path}
        folders = {other.rpartition("/")[0] for other in run}
        return folders.pop() if len(folders) == 1 and path.rpartition("/")[0] not in folders else ""

    def _why(self, path: str, depth: int) -> str:
        """What has become of what ran it."""
        step, by = self._ran[path]
        if by is None:
            if step.kind in _STARTED_BY:
                return _STARTED_BY[step.kind]
            stopped = self.plans[0].starts_init is True and self.plans[1].starts_init is not True
            return "s6-overlay's /init is not started any more" if stopped else "nothing starts it any more"
        runner = self._runner(path) or step.path
        name = runner.rpartition("/")[2]
        if self.after.tree.find(runner) is None:
            return f"{name}, which ran it, is not in the image any more"
        if runner in self._ran and runner not in self._runs and depth:
            return f"{name}, which ran it, does not run any more either: {self._why(runner, depth - 1)}"
        if (by.place.path, by.place.line) in self._texts:
            return f"the line that was put into {name} and that ran it is gone"
        now = self._read_now(path)
        return f"{name}, which ran it, {f'runs what is in {now} now' if now else 'does so no more'}"

    def _accounts(self) -> Iterator[Loss]:
        """Accounts that are asked for and that nobody makes any more, or that are asked for by another name than before."""
        if not self.plans[0].accounts:
            return
        asked = {name for step in self.plans[0].steps for _, name in _accounts_asked(step)}
        lost: dict[str, list[tuple[StartStep, Effect]]] = {}
        for step in self.plans[1].steps:
            for effect, name in _accounts_asked(step):
                new = name not in asked and step.path in self._met
                if name in lost or ((new or name in self._unmade) and not self.plans[1].account(Text.of(name))):
                    lost.setdefault(name, []).append((step, effect))
        for name, needs in lost.items():
            yield self._account_lost(needs, name)

    @cached_property
    def _unmade(self) -> Mapping[str, StartStep]:
        """The accounts of the start that nothing makes any more, with the steps that made them."""
        return {
            account.name.canonical: account.step
            for account in self.plans[0].accounts
            if account.name.variables and self.plans[1].account(account.name) is None
        }

    @cached_property
    def _met(self) -> frozenset[str]:
        """The paths of the steps that asked for an account which the start makes."""
        plan = self.plans[0]
        made = {account.name.canonical for account in plan.accounts}
        return frozenset(step.path for step in plan.steps if any(name in made for _, name in _accounts_asked(step)))

    def _account_lost(self, needs: Sequence[tuple[StartStep, Effect]], name: str) -> Loss:
        """The loss of an account that these steps ask for; it is told at the first of them that is the image's own."""
        own = next((effect for _, effect in needs if effect.place.path in self._own_files), None)
        place = own.place if own is not None else self.after.first_line
        maker = self._unmade.get(name)
        step_now = self.plans[1].step_at(maker.path) if maker is not None else None
        if maker is None:
            now = ", ".join(sorted({account.name.canonical for account in self.plans[1].accounts}))
            why = f"the start makes {now}" if now else "the start makes no account"
        elif step_now is None:
            why = f"{maker.name}, which made it, does not run any more"
        elif step_now.image != maker.image:
            why = f"{maker.name}, which made it, is that of {self.after.name_of(step_now.image)} now"
        else:
            why = f"{maker.name}, which made it, makes another one, or none"
        asking = list(dict.fromkeys(step.name for step, _ in needs))
        lost = f"nothing makes the account {name}, which {_listed(asking)} for"
        if own is None:
            return Loss("account", place, name, lost, why, needs[0][1].place, "it is asked for here")
        if step_now is None:
            return Loss("account", place, name, lost, why)
        note = "it was made here" if maker is not None and step_now.image == maker.image else "this runs in its place"
        return Loss("account", place, name, lost, why, step_now.place, note)

    def _paths(self) -> Iterator[Loss]:
        """Files that the image's own scripts run or copy, and that are gone."""
        told: set[str] = set()
        effects = [effect for step in self.plans[1].steps for effect in step.effects]
        effects += [effect for step in self.after.steps for effect in step.effects]
        for effect in effects:
            if effect.place.path not in self._own_files or not isinstance(effect, Copy | Execute) or effect.globs:
                continue
            for text in effect.sources if isinstance(effect, Copy) else (effect.path,):
                path = text.literal or ""
                if path.startswith("/") and path not in told and self._is_lost(effect, path):
                    told.add(path)
                    does = "is copied" if isinstance(effect, Copy) else "is run"
                    yield Loss(
                        "path", effect.place, path, f"{path}, which {does} here, is not in the image", "it was before"
                    )

    def _is_lost(self, effect: Effect, path: str) -> bool:
        """Whether what an effect takes is gone, and neither asked for first nor, perhaps, made by the start itself."""
        return (
            self._is_gone(path) and not _asks_for(effect, path) and not any(within(path, one) for one in self._written)
        )

    @cached_property
    def _written(self) -> frozenset[str]:
        """What the start writes, and the folders that it copies into, by the known beginning of their paths."""
        effects = (effect for step in self.plans[1].steps for effect in step.effects)
        targets = (
            effect.target if isinstance(effect, Copy) else effect.path
            for effect in effects
            if isinstance(effect, Copy | Link | Write)
        )
        return frozenset(target.literal or target.prefix.rpartition("/")[0] or "/" for target in targets)

    def _is_gone(self, path: str) -> bool:
        old = self.before.tree.find(path)
        return old is not None and old.sure and self.after.tree.find(path) is None and not self._may_be_packaged(path)

    def _may_be_packaged(self, path: str) -> bool:
        """Whether a package may bring the file now, which brought none before."""
        known = {_PLACE.sub("", cloud.reason) for cloud in self.before.tree.clouds if cloud.covers(path)}
        return any(
            cloud.by == _PACKAGES and cloud.covers(path) and _PLACE.sub("", cloud.reason) not in known
            for cloud in self.after.tree.clouds
        )

    def _variables(self) -> Iterator[Loss]:
        """Variables of the image that its own scripts expand, without a default, and that are set no more."""
        gone = {name: one for name, one in self.before.env.items() if name not in self.after.env and one.value}
        if not gone or (self.after.env_open is not None and self.before.env_open is None):
            return
        told: set[str] = set()
        readings = [step.script.reading for step in self.plans[1].steps if step.script is not None]
        mentions = [one for reading in readings if reading is not None for one in reading.mentions]
        for mention in (*mentions, *(one for step in self.after.steps for one in step.mentions)):
            name = mention.name
            if name not in gone or name in told or mention.defaulted or mention.place.path not in self._own_files:
                continue
            told.add(name)
            yield Loss("variable", mention.place, name, f"{name} is empty here", f"it was {gone[name].value}")


def _listed(names: Sequence[str]) -> str:
    """Who asks, with the verb."""
    if len(names) == 1:
        return f"{names[0]} asks"
    more = len(names) - _MOST_NAMED
    if more > 0:
        return f"{', '.join(names[:_MOST_NAMED])} and {more} more ask"
    return f"{', '.join(names[:-1])} and {names[-1]} ask"


def _scripts_run(plan: BootPlan) -> _Runs:
    found: dict[str, tuple[StartStep, Execute | None]] = {}
    for step in plan.steps:
        if step.kind != "session":  # of which the plan makes steps of their own for what another one runs
            found[step.path] = step, None
    for step in plan.steps:
        for effect in step.effects:
            path = effect.path.literal if isinstance(effect, Execute) else None
            if isinstance(effect, Execute) and path is not None and not effect.globs:
                found.setdefault(plan.image.tree.resolve(path), (step, effect))
    for step in plan.steps:
        found.setdefault(step.path, (step, None))
    return found


def _accounts_asked(step: StartStep) -> Iterator[tuple[Effect, str]]:
    """The accounts that a step names by variables and that have to be there, each with what asks for it."""
    for effect in step.effects:
        name = effect.name if isinstance(effect, NeedAccount) else None
        name = effect.owner if isinstance(effect, ChangeOwner) else name
        if name is not None and name.variables:
            yield effect, name.canonical


def _asks_for(effect: Effect, path: str) -> bool:
    """Whether the command is only run where a test finds the file."""
    guards = effect.command.guards if effect.command is not None else ()
    tests = [test for guard in guards for test in (guard.test, *guard.alternatives) if test is not None]
    return any(test.op in _ASKS_FIRST and any(path == operand.literal for operand in test.operands) for test in tests)


def _reasons(
    image: EffectiveImage, plan: BootPlan, is_gone: Callable[[str], bool] = lambda path: False
) -> Iterator[str]:
    """Why there may be more in an image, and more happen at its start, than is known; what runs a file that is gone does
    nothing, and what packages bring runs nothing of the image's own."""
    yield from (f"the image: {cloud.reason}" for cloud in image.tree.clouds if cloud.by != _PACKAGES)
    built = (effect for step in image.steps for effect in step.effects if isinstance(effect, Opens))
    yield from (effect.reason for effect in built if effect.by != _PACKAGES)
    for step in plan.steps:
        commands = step.script.commands if step.script is not None else ()
        yield from (
            f"{one.place} runs {one}, which cannot be read off it" for one in commands if one.argv and not one.name
        )
        gone = {
            effect.place
            for effect in step.effects
            if isinstance(effect, Execute) and effect.path.literal is not None and is_gone(effect.path.literal)
        }
        for effect in step.effects:
            if isinstance(effect, Opens) and effect.place not in gone:
                yield f"at start: {effect.reason}"
            elif isinstance(effect, Execute) and effect.path.literal is None:
                yield f"{effect.place} runs {effect.path.canonical}"
    for unknown in (plan.open, plan.s6, plan.starts_init):
        if isinstance(unknown, Unknown):
            yield unknown.reason
