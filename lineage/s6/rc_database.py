"""A compiled database of s6-rc services, and the questions that are asked of it.

Answers have three values: what rests on something being absent is said only where nothing unknown could have put it
there.
"""

from collections.abc import Iterable, Iterator, Mapping

from ..late.dataclasses import dataclass, field
from ..shell.execline import ExeclineScript
from ..text.errors import Unknown
from .rc_problem import DefinitionProblem

RUNNER = "s6rc-oneshot-runner"
FDHOLDER = "s6rc-fdholder"
CONT_INIT = "legacy-cont-init"
SERVICES_D = "legacy-services"
TOP = "top"


@dataclass(frozen=True, slots=True)
class Service:
    """A longrun, a oneshot, or (`kind` None) something of unknown type.

    `path` is the definition directory in the image. `dependencies` are services, with bundles expanded and those that
    pipes and oneshots imply; `listed` are the names as written. `timeouts` are in milliseconds. `own` is false for the
    overlay's and s6-rc's own services. `open`: it may have other dependencies or another type.
    """

    name: str
    kind: str | None
    path: str
    dependencies: frozenset[str] = frozenset()
    listed: tuple[str, ...] = ()
    producer_for: str | None = None
    consumer_for: tuple[str, ...] = ()
    pipeline_name: str | None = None
    notification_fd: int | None = None
    timeouts: Mapping[str, int] = field(default_factory=dict[str, int])
    essential: bool = False
    scripts: Mapping[str, ExeclineScript] = field(default_factory=dict[str, ExeclineScript])
    own: bool = True
    open: Unknown | None = None

    @property
    def program(self) -> str:
        """The path in the image of what it runs."""
        return f"{self.path}/{'up' if self.kind == 'oneshot' else 'run'}"


@dataclass(frozen=True, slots=True)
class Bundle:
    """A bundle: `listed` as written, `services` with bundles expanded. `path` is "" where a pipeline-name made it."""

    name: str
    path: str
    listed: tuple[str, ...]
    services: frozenset[str]
    own: bool = True
    open: Unknown | None = None


@dataclass(frozen=True, slots=True)
class Database:
    """What was compiled. `started` is what the boot surely starts; `starts` has the third answer.

    `release` is that of s6-overlay. Below 3 there is no s6-rc: the database is empty, the problems say so.
    """

    release: tuple[int, ...]
    services: Mapping[str, Service]
    bundles: Mapping[str, Bundle]
    started: frozenset[str]
    problems: tuple[DefinitionProblem, ...]
    open: Unknown | None = None

    @property
    def refused(self) -> bool:
        """s6-rc-compile fails: no service and no CMD starts, and the container stays up."""
        return any(problem.fatal for problem in self.problems)

    def expand(self, name: str) -> frozenset[str]:
        """The services that a name stands for; empty where it is unknown."""
        bundle = self.bundles.get(name)
        return bundle.services if bundle else frozenset({name} & self.services.keys())

    def dependencies(self, name: str) -> frozenset[str]:
        """All services that are up before the named service starts (or one of the named bundle), without itself."""
        return reach(self.services, self._direct(name))

    def depends(self, name: str, other: str) -> bool | Unknown:
        """Whether `name` starts only after all of `other` (a service or a bundle) is up."""
        found = self.dependencies(name)
        wanted = self.expand(other)
        if wanted and wanted <= found:
            return True
        return _answer(next(self._doubts({name} | found), None))

    def starts(self, name: str) -> bool | Unknown:
        """Whether the boot starts the service; of a bundle, whether it starts all of it."""
        wanted = self.expand(name)
        if wanted <= self.started and (wanted or name in self.bundles):
            return True
        return _answer(self.start_doubt())

    def start_doubt(self) -> Unknown | None:
        """Why the boot may start more than `started`."""
        listing = self.listing_doubt(TOP)
        return listing if listing is not None else next(self._doubts(self.started), None)

    def listing_doubt(self, bundle: str) -> Unknown | None:
        """Why the bundle may hold more than is known."""
        return next(self._listing_doubts(bundle, set()), None)

    def in_both_places(self, services_d: Iterable[str]) -> tuple[str, ...]:
        """The names of services.d that are longruns here too: s6-rc loses its own process to the other one."""
        return tuple(sorted(name for name in services_d if name in self.services and self._is_longrun(name)))

    def _is_longrun(self, name: str) -> bool:
        return self.services[name].kind == "longrun"

    def _direct(self, name: str) -> frozenset[str]:
        members = self.expand(name)
        return frozenset(other for member in members for other in self.services[member].dependencies)

    def _doubts(self, names: Iterable[str]) -> Iterator[Unknown]:
        for name in names:
            service = self.services.get(name)
            if service is None:
                continue
            if service.open is not None:
                yield service.open
            if self.open is not None and any(not self.known(listed) for listed in service.listed):
                yield self.open
            for listed in service.listed:
                yield from self._listing_doubts(listed, set())

    def _listing_doubts(self, name: str, seen: set[str]) -> Iterator[Unknown]:
        bundle = self.bundles.get(name)
        if bundle is None or name in seen:
            return
        seen.add(name)
        if bundle.open is not None:
            yield bundle.open
        for listed in bundle.listed:
            if self.open is not None and not self.known(listed):
                yield self.open
            yield from self._listing_doubts(listed, seen)

    def known(self, name: str) -> bool:
        """Whether a definition of that name was compiled."""
        return name in self.services or name in self.bundles


def _answer(doubt: Unknown | None) -> Unknown | bool:
    return False if doubt is None else doubt


def reach(services: Mapping[str, Service], first: Iterable[str]) -> frozenset[str]:
    """The services and all that they depend on."""
    found: set[str] = set()
    waiting = list(first)
    while waiting:
        name = waiting.pop()
        if name not in found and name in services:
            found.add(name)
            waiting.extend(services[name].dependencies)
    return frozenset(found)
