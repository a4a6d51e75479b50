"""Problems of what the boot starts of a database: what nothing starts, and where user and user2 must stand.

Settled by booting: rc.init of s6-overlay v3.0.0.2, v3.1.6.2, v3.2.1.0, v3.2.3.1 and v3.2.3.2 changes to the bundle
`top`, which holds base, user, user2 (from 3.1.1.1) and legacy-services.
"""

from collections.abc import Iterator

from ..image.s6_overlay_files import USER2_FROM, USER_BUNDLES_FROM
from ..text.errors import Unknown
from .rc_database import CONT_INIT, SERVICES_D, TOP, Bundle, Database, Service
from .rc_problem import Code, DefinitionProblem
from .rc_source import (
    TYPES_WRITTEN_FROM,
    Definition,
    SourceDirectory,
    SourceEntry,
    SourceTree,
)

_LISTS = ("contents.d", "contents")


def unread_problems(tree: SourceTree, release: tuple[int, ...]) -> Iterator[DefinitionProblem]:
    """On s6-overlay 1 and 2, which have no s6-rc: every definition that is given is passed over."""
    shown = ".".join(map(str, release))
    for directory in (tree.rc, tree.bundles):
        for name, definition in sorted(directory.definitions.items()):
            if definition.entries and name not in ("user", "user2"):
                yield DefinitionProblem(
                    "never-started",
                    name,
                    definition.path,
                    f"s6-overlay {shown} does not look at {directory.path}: `{name}` is never started.",
                    "Define the service in /etc/services.d.",
                )


def place_problems(tree: SourceTree, release: tuple[int, ...]) -> Iterator[DefinitionProblem]:
    """user and user2 in a place that the release ignores or chokes on, and a `contents` that `contents.d` hides."""
    if release < USER_BUNDLES_FROM:
        for definition in _given(tree.bundles):
            yield _place(
                "place-bundles-not-read",
                definition,
                "user-bundles.d is read from s6-overlay 3.2.3.1 on: nothing in it is seen here.",
                f"Move it to {tree.rc.path}.",
            )
    else:
        yield from _two_places(tree, release)
    for directory in (tree.rc, tree.bundles):
        for name in ("user", "user2"):
            found = directory.definitions.get(name)
            if found is not None and isinstance(found.child("contents"), SourceEntry):
                yield _old_contents(found)


def _old_contents(definition: Definition) -> DefinitionProblem:
    return DefinitionProblem(
        "place-old-contents",
        definition.name,
        f"{definition.path}/contents",
        f"The overlay's own `{definition.name}/contents.d` hides the file `contents`: nothing in it is started.",
        "Make an empty file in `contents.d` for every name.",
    )


def _two_places(tree: SourceTree, release: tuple[int, ...]) -> Iterator[DefinitionProblem]:
    user, user2 = tree.rc.definitions.get("user"), tree.rc.definitions.get("user2")
    bundles = tree.bundles.path
    if user is None:
        if user2 is not None and tree.rc.open is None:
            yield _place(
                "place-user2-alone",
                user2,
                "Without s6-rc.d/user the overlay takes both bundles from user-bundles.d, and s6-rc-compile refuses a"
                " `user2` here.",
                f"Move it to {bundles}.",
                fatal=True,
            )
        return
    for definition in _given(tree.bundles):
        yield _place(
            "place-bundles-hidden",
            definition,
            "user-bundles.d is ignored as a whole where s6-rc.d/user is there.",
            "Move s6-rc.d/user and user2 into it.",
            related=(user.path,),
        )
    if release < TYPES_WRITTEN_FROM and (_typeless(user, tree.rc) or (user2 is None and tree.rc.open is None)):
        yield _place(
            "place-user-in-rc-d",
            user,
            "s6-overlay 3.2.3.1 takes s6-rc.d/user for the whole, and brings neither its type nor `user2`.",
            f"Move it to {bundles}, or use 3.2.3.2.",
            fatal=True,
        )


def _typeless(definition: Definition, directory: SourceDirectory) -> bool:
    return directory.open is None and definition.child("type") is None


def _given(directory: SourceDirectory) -> Iterator[Definition]:
    """The definitions that hold more than what the overlay itself ships there."""
    for _, definition in sorted(directory.definitions.items()):
        if any(path.rsplit("/", 1)[-1] not in ("type", "contents.d", ".empty") for path in definition.entries):
            yield definition


def _place(
    code: Code, definition: Definition, message: str, cure: str, *, fatal: bool = False, related: tuple[str, ...] = ()
) -> DefinitionProblem:
    return DefinitionProblem(code, definition.name, definition.path, message, cure, None, fatal, related)


def start_problems(database: Database, tree: SourceTree) -> Iterator[DefinitionProblem]:
    """What the boot never starts, and what it starts earlier than the scripts it may rely on."""
    yield from _never_started(database, _told_by_place(database, tree))
    yield from _too_early(database)


def _told_by_place(database: Database, tree: SourceTree) -> frozenset[str]:
    """The services that are listed, but in a place that is not read: that is said where they are listed."""
    read = {bundle.path for bundle in database.bundles.values()}
    names: set[str] = set()
    for directory in (tree.rc, tree.bundles):
        for definition in directory.definitions.values():
            hidden = definition.path not in read
            for path, entry in definition.entries.items():
                if hidden and path.startswith("contents.d/"):
                    names.add(path.split("/")[1])
                if path == "contents" and entry.data and (hidden or definition.name in ("user", "user2")):
                    names.update(entry.data.decode("utf-8", "surrogateescape").split("\n"))
    listed = frozenset(member for name in names for member in database.expand(name))
    return listed | frozenset(other for name in listed for other in database.dependencies(name))


def _never_started(database: Database, told: frozenset[str]) -> Iterator[DefinitionProblem]:
    if database.start_doubt() is not None:
        return
    idle = {name for name, service in database.services.items() if name not in database.started and service.own}
    idle -= told | {"user", "user2"}
    bundles = {
        name: bundle
        for name, bundle in database.bundles.items()
        if bundle.own
        and bundle.path
        and bundle.services
        and bundle.services <= idle
        and name not in (TOP, "user", "user2")
    }
    for name, bundle in sorted(bundles.items()):
        if not any(name in other.listed for other in bundles.values()):
            idle -= bundle.services
            idle -= {name for member in bundle.services for name in database.dependencies(member)}
            yield _idle(bundle, f"Nothing starts the bundle `{name}`, nor what it holds.", database)
    needed = {other for name in idle for other in database.services[name].dependencies if other != name}
    for name in sorted(idle - needed):
        service = database.services[name]
        yield _idle(service, f"Nothing starts `{name}`.{_why(service, database)}", database)


def _why(service: Service, database: Database) -> str:
    if service.producer_for in database.started:
        return f" Its consumer `{service.producer_for}` starts, but does not draw it in."
    return ""


def _idle(thing: Service | Bundle, what: str, database: Database) -> DefinitionProblem:
    user = database.bundles.get("user")
    place = f"{user.path}/contents.d/{thing.name}" if user else "the bundle `user`"
    cure = f"Add an empty file {place}, or name it in the dependencies of a service that is started."
    return DefinitionProblem("never-started", thing.name, thing.path, what, cure)


def _too_early(database: Database) -> Iterator[DefinitionProblem]:
    for name in sorted(_chain_starts(database, CONT_INIT)):
        yield DefinitionProblem(
            "before-cont-init",
            name,
            database.services[name].path,
            f"Nothing makes `{name}` wait for the scripts of cont-init.d: it starts beside them.",
            "Add an empty file `dependencies.d/base`.",
        )
    user2 = database.bundles.get("user2")
    if user2 is None or database.release < USER2_FROM or database.listing_doubt("user") is not None:
        return
    user = database.bundles.get("user")
    before = user.services if user else frozenset[str]()
    waiting = before | frozenset(other for name in before for other in database.dependencies(name))
    early = _chain_starts(database, SERVICES_D)
    for name in sorted(name for name in user2.services & early if name not in waiting):
        yield DefinitionProblem(
            "beside-services-d",
            name,
            database.services[name].path,
            f"`{name}` is in `user2`, and starts beside /etc/services.d, not after it.",
            f"Add an empty file `dependencies.d/{SERVICES_D}`.",
        )


def _chain_starts(database: Database, target: str) -> set[str]:
    """The started services of the image that surely do not wait for `target`, but for none that does not either."""
    early: set[str] = set()
    for name in database.started:
        waits = database.depends(name, target)
        if database.services[name].own and not isinstance(waits, Unknown) and not waits:
            early.add(name)
    return {name for name in early if not database.services[name].dependencies & early}
