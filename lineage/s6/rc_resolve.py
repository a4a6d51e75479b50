"""From definitions to a database: names, bundles, pipelines, dependencies and cycles (s6-rc-compile.c, second half)."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from ..late.dataclasses import replace
from ..text.cycles import cycles
from ..text.errors import Unknown
from ..text.spelling import nearest
from .rc_database import FDHOLDER, RUNNER, TOP, Bundle, Database, Service, reach
from .rc_definition import Listing, Name, SourceDefinition, first_unknown
from .rc_problem import Code, DefinitionProblem
from .rc_read import read_definition
from .rc_source import PACKAGE, S6_RC_0_5_3_2_FROM, SourceDirectory
from .up_surprises import surprises

_RESERVED = ("s6rc-", "s6-rc-")
_TOLD_APART = 5
_MOST_SOUGHT = 20
"""Names that are not defined for which one is sought that may be meant: each is held against all that are."""
"""Letters from which on a name that is nearly another is a slip for it."""


def resolve(
    directories: Sequence[SourceDirectory], release: tuple[int, ...], misplaced: Sequence[DefinitionProblem] = ()
) -> Database:
    """Compile the directories. `misplaced` are problems that were told already: what follows from them is not told."""
    return _Resolver(directories, release, misplaced).database()


class _Resolver:
    def __init__(
        self, directories: Sequence[SourceDirectory], release: tuple[int, ...], misplaced: Sequence[DefinitionProblem]
    ) -> None:
        self.directories = directories
        self.release = release
        self.sought = 0
        self.excused = {"user", "user2"} if any(problem.fatal for problem in misplaced) else set[str]()
        self.problems: list[DefinitionProblem] = []
        self.sources: dict[str, SourceDefinition] = {}
        self.own: set[str] = set()
        self.pipelines: dict[str, tuple[str, ...]] = {}

    def database(self) -> Database:
        for directory in self.directories:
            self._read(directory)
        for source in self.sources.values():
            self._check_list_names(source)
            if source.definition.name in self.own:
                self.problems.extend(self._surprises(source))
        self._make_pipelines()
        self.open = self._open()
        bundles = self._bundles()
        services = self._services(bundles)
        self._cycles(services)
        started = reach(services, bundles[TOP].services if TOP in bundles else ())
        return Database(self.release, services, bundles, started, tuple(self.problems), self.open)

    def _problem(
        self,
        code: Code,
        service: str,
        path: str,
        message: str,
        cure: str,
        line: int | None = None,
        related: tuple[str, ...] = (),
    ) -> None:
        self.problems.append(DefinitionProblem(code, service, path, message, cure, line, True, related))

    def _read(self, directory: SourceDirectory) -> None:
        for name in sorted({*directory.definitions, *directory.others}):
            if not name.startswith("."):
                self._entry(directory, name)
        for name, definition in sorted(directory.definitions.items()):
            if name.startswith(".") or "\n" in name:
                continue
            if directory.open is not None and definition.open is None:
                definition = replace(definition, open=directory.open)
            source = read_definition(definition, self.release)
            if name not in self.excused:
                self.problems.extend(source.problems)
            known = self.sources.get(name)
            if known is not None and not known.broken and not source.broken and name not in self.excused:
                self._taken(source, known)
            self.sources.setdefault(name, source)
            if directory.path != PACKAGE:
                self.own.add(name)

    def _entry(self, directory: SourceDirectory, name: str) -> None:
        path = f"{directory.path}/{name}"
        if "\n" in name:
            self._problem("name-newline", name, path, "A newline stands in this name.", "Rename the directory.")
        elif self._reserved(name):
            self._problem(
                "name-reserved",
                name,
                path,
                "Names that begin with `s6rc-` or `s6-rc-` are reserved, even for plain files here.",
                f"Rename `{name}`.",
            )
        elif directory.others.get(name) == "dangling":
            self._problem(
                "entry-dangling", name, path, f"`{name}` is a link to nothing.", "Remove it, or make its target exist."
            )

    def _taken(self, source: SourceDefinition, known: SourceDefinition) -> None:
        here, there = source.definition, known.definition
        mine = there if there.name in self.own else here
        if here.path.startswith(PACKAGE):
            message, cure = f"`{here.name}` is the name of a definition of s6-overlay itself.", "Choose another name."
        else:
            message, cure = f"`{here.name}` is defined in {there.path} too.", "Remove one of the definitions."
        other = here if mine is there else there
        self._problem("name-taken", here.name, mine.path, message, cure, related=(other.path,))

    def _reserved(self, name: str) -> bool:
        return self.release >= S6_RC_0_5_3_2_FROM and name.startswith(_RESERVED)

    def _check_list_names(self, source: SourceDefinition) -> None:
        if source.kind is None:
            return
        for name in _all_names(source):
            if self._reserved(name.text):
                self._problem(
                    "name-reserved",
                    source.definition.name,
                    name.path,
                    f"`{name.text}` is internal to s6-rc and cannot be listed.",
                    "Remove it: s6-rc adds what it needs.",
                    name.line,
                )

    def _surprises(self, source: SourceDefinition) -> Iterator[DefinitionProblem]:
        for file, script in source.scripts.items():
            found = next(surprises(script), None)
            if found is not None:
                message = f"`{file}` is one execline command line, not a shell script: {found.message}"
                path = f"{source.definition.path}/{file}"
                yield DefinitionProblem(found.code, source.definition.name, path, message, found.cure, found.line)

    def _open(self) -> Unknown | None:
        """Why a name that is not defined here may be defined all the same."""
        for directory in self.directories:
            if directory.open is not None:
                return directory.open
        for source in self.sources.values():
            if source.kind == "longrun" and source.pipeline_name.open is not None:
                return source.pipeline_name.open
            if source.kind is None and not source.broken:
                return source.unknown
        return None

    # Pipelines

    def _make_pipelines(self) -> None:
        for name, source in sorted(self.sources.items()):
            for pipeline in source.pipeline_name.names[:1]:
                known = self.sources.get(pipeline.text)
                if known is not None or pipeline.text in self.pipelines or pipeline.text in (RUNNER, FDHOLDER):
                    what = "another pipeline" if known is None else f"a {known.kind or 'definition'}"
                    self._problem(
                        "name-taken",
                        name,
                        pipeline.path,
                        f"`{pipeline.text}` is the name of {what} already, and cannot name the pipeline.",
                        "Choose another.",
                        pipeline.line,
                        (known.definition.path,) if known else (),
                    )
                else:
                    self.pipelines[pipeline.text] = tuple(self._members(name))

    def _members(self, last: str) -> Iterator[str]:
        seen: set[str] = set()
        waiting = [last]
        while waiting:
            name = waiting.pop()
            source = self.sources.get(name)
            if source is not None and name not in seen and source.kind == "longrun":
                seen.add(name)
                yield name
                waiting.extend(source.consumer_for.texts)

    def _pipeline_doubt(self, names: Iterable[str]) -> Unknown | None:
        """Why a pipeline may have other members."""
        producers = [other for name in names for other in self.sources[name].consumer_for.texts]
        unsure = [self.sources[name].consumer_for.open for name in names]
        unread = [self.sources[name].unknown for name in producers if name in self.sources]
        return first_unknown(*unsure, *unread, self.open)

    def _check_pipes(self, name: str, source: SourceDefinition) -> None:
        for other in source.producer_for.names[:1]:
            if len(source.producer_for.names) == 1:
                self._check_pipe(name, other, "consumer-for", "producer-for", lambda found: found.consumer_for)
        for other in source.consumer_for.names:
            self._check_pipe(name, other, "producer-for", "consumer-for", lambda found: found.producer_for)

    def _check_pipe(
        self, name: str, other: Name, answer: str, file: str, listing: Callable[[SourceDefinition], Listing]
    ) -> None:
        found = self.sources.get(other.text)
        if found is None:
            if self.open is None:
                self._undefined(name, other, file)
            return
        if found.kind in ("oneshot", "bundle"):
            self._problem(
                "pipeline-not-longrun",
                name,
                other.path,
                f"`{other.text}` is a {found.kind}, and only longruns can be in a pipeline.",
                "Name a longrun.",
                other.line,
                (found.definition.path,),
            )
        elif found.kind == "longrun" and name not in listing(found).texts and listing(found).open is None:
            self._problem(
                "pipeline-not-answered",
                name,
                other.path,
                f"`{file}` names `{other.text}`, which does not answer with `{name}` in its `{answer}`.",
                f"Add `{name}` there.",
                other.line,
                (f"{found.definition.path}/{answer}",),
            )

    # Names

    def _undefined(self, service: str, name: Name, where: str) -> None:
        if name.text in self.excused:
            return
        shown = name.text.encode("unicode_escape", "backslashreplace").decode() if "\r" in name.text else name.text
        message = f"`{shown}` in `{where}` of `{service}` is not defined anywhere."
        self._problem("name-undefined", service, name.path, message, self._cure(name, where), name.line)

    def _cure(self, name: Name, where: str) -> str:
        if "\r" in name.text:
            return "Convert the file from CRLF: the carriage return is part of the name."
        if name.text != name.text.strip() and self._defined(name.text.strip()):
            return "Remove the blank behind the name: it is part of it."
        self.sought += 1
        near = nearest(name.text, self.sources) if self.sought <= _MOST_SOUGHT else None
        if near is not None and len(near) >= _TOLD_APART and not name.text.startswith(near):
            return f"Did you mean `{near}`? Every name that stands there must be defined."
        if where.endswith(".d"):
            return "Every file there counts as a name, whatever it holds: remove the file, or define the service."
        return "Remove the name, or define the service."

    def _defined(self, name: str) -> bool:
        return name in self.sources or name in self.pipelines or name in (RUNNER, FDHOLDER)

    # Bundles and services

    def _bundles(self) -> dict[str, Bundle]:
        listed = {name: source.contents.texts for name, source in self.sources.items() if source.kind == "bundle"}
        listed |= self.pipelines
        for name, source in self.sources.items():
            if source.kind == "bundle" and self.open is None:
                for entry in source.contents.names:
                    if not self._defined(entry.text):
                        self._undefined(name, entry, "contents.d" if entry.line is None else "contents")
        self._bundle_cycles(listed)
        return {name: self._bundle(name, names, listed) for name, names in listed.items()}

    def _bundle(self, name: str, names: tuple[str, ...], listed: Mapping[str, tuple[str, ...]]) -> Bundle:
        source = self.sources.get(name)
        services = frozenset(self._expand(name, listed, set()))
        if source is None:
            return Bundle(name, "", names, services, open=self._pipeline_doubt(names))
        opened = first_unknown(source.contents.open, source.unknown)
        return Bundle(name, source.definition.path, names, services, name in self.own, opened)

    def _expand(self, name: str, listed: Mapping[str, tuple[str, ...]], seen: set[str]) -> Iterator[str]:
        if name in seen:
            return
        seen.add(name)
        if name in listed:
            for other in listed[name]:
                yield from self._expand(other, listed, seen)
        elif name in self.sources or name in (RUNNER, FDHOLDER):
            yield name

    def _bundle_cycles(self, listed: Mapping[str, tuple[str, ...]]) -> None:
        for cycle in cycles({name: [other for other in names if other in listed] for name, names in listed.items()}):
            first = self.sources[cycle[0]].definition
            self._problem(
                "bundle-cycle",
                first.name,
                first.path,
                f"{shown(cycle)}: a bundle cannot contain itself.",
                "Remove one of these names from its `contents.d`.",
                None,
                tuple(self.sources[name].definition.path for name in cycle[1:]),
            )

    def _services(self, bundles: Mapping[str, Bundle]) -> dict[str, Service]:
        services = {name: Service(name, "longrun", "", own=False) for name in (RUNNER, FDHOLDER)}
        for name, source in self.sources.items():
            if source.kind == "bundle":
                continue
            if source.kind == "longrun":
                self._check_pipes(name, source)
            if source.kind is not None and self.open is None:
                for entry in source.dependencies.names:
                    if not self._defined(entry.text):
                        self._undefined(name, entry, "dependencies.d" if entry.line is None else "dependencies")
            services[name] = self._service(name, source, bundles)
        essential = {
            member
            for bundle in bundles.values()
            if bundle.name in self.sources and self.sources[bundle.name].essential
            for member in bundle.services
        }
        return {
            name: replace(service, essential=True) if name in essential else service
            for name, service in services.items()
        }

    def _service(self, name: str, source: SourceDefinition, bundles: Mapping[str, Bundle]) -> Service:
        numbers = source.numbers
        consumer = source.producer_for.texts[0] if source.producer_for.names else None
        implied: list[str] = []
        if source.kind == "oneshot":
            implied.append(RUNNER)
        if consumer is not None:
            implied.append(consumer)
        if consumer is not None or source.consumer_for.names:
            implied.append(FDHOLDER)
        dependencies: set[str] = set()
        for listed in (*source.dependencies.texts, *implied):
            bundle = bundles.get(listed)
            if bundle is not None:
                dependencies |= bundle.services
            elif self._defined(listed):
                dependencies.add(listed)
        unknown = first_unknown(
            source.unknown, source.dependencies.open, source.producer_for.open, source.consumer_for.open
        )
        return Service(
            name,
            source.kind,
            source.definition.path,
            frozenset(dependencies),
            source.dependencies.texts,
            consumer,
            source.consumer_for.texts,
            source.pipeline_name.texts[0] if source.pipeline_name.names else None,
            numbers.get("notification-fd"),
            {file: value for file, value in numbers.items() if file.startswith("timeout-")},
            source.essential,
            source.scripts,
            name in self.own,
            unknown,
        )

    def _cycles(self, services: Mapping[str, Service]) -> None:
        for cycle in cycles({name: sorted(service.dependencies) for name, service in services.items()}):
            first = next((name for name in cycle if services[name].own), cycle[0])
            at = cycle.index(first)
            names = [*cycle[at:], *cycle[:at]]
            cure = "Remove one of these dependencies."
            if "legacy-services" in names:
                cure = "`legacy-services` waits for all of `user`: list the service in `user2` instead."
            self._problem(
                "dependency-cycle",
                first,
                services[first].path,
                f"{shown(names)}: a cycle of dependencies.",
                cure,
                None,
                tuple(services[name].path for name in names[1:]),
            )


def _all_names(source: SourceDefinition) -> Iterable[Name]:
    for listing in (source.dependencies, source.contents, source.producer_for, source.consumer_for):
        yield from listing.names
    yield from source.pipeline_name.names


def shown(names: Sequence[str]) -> str:
    """`a` → `b` → `a`."""
    return " → ".join(f"`{name}`" for name in (*names, names[0]))
