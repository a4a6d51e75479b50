"""A build is given an argument that the Dockerfile does not declare, and that is a slip for one that it does.

## What it does
Compares the build arguments that compose files, bake files, workflows, Makefiles and scripts give with the ARGs of the
Dockerfile that they build. Reports a name that no ARG of the file declares and that differs from one that is declared, and not
given, in one letter inside of it (lost, added, or two swapped), in its case, or in an underscore. Other names that nothing
declares are left alone, and those that another Dockerfile of the repository declares: one file may give the same arguments to
many builds. So are predefined arguments, and builds whose Dockerfile is named by a variable.

## Why it matters at run time
The builder warns at most ("one or more build-args were not consumed"): the ARG keeps its default, or is empty, and the image
holds another version, or a file from another address, than the build asked for.

## When to ignore it
When the argument is for an `ONBUILD ARG` of the parent.

## References
- Dockerfile reference, "ARG"; Compose Build Specification, "args"
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from ..lineage.builds.build import Bound
from ..lineage.builds.placeholders import has_hole
from ..lineage.dockerfile.stages import PROXY_ARGS
from ..lineage.late.patterns import pattern
from ..lineage.repository.snapshot import Snapshot
from ..lineage.text.places import Place
from ..lineage.text.spelling import sure_slips
from ..lineage.workspace.siblings import builds_of
from ..lineage.workspace.workspace import ImageSource, Workspace
from .base import Message, Related, Severity

SEVERITY = Severity.WARNING

_PREDEFINED = pattern(r"(?i)(?:BUILDKIT_|BUILD|TARGET|BUILDPLATFORM|SOURCE_DATE_EPOCH)\w*")
_SHORTEST = 4


def check(source: ImageSource, workspace: Workspace) -> Iterator[Message]:
    declared = source.declared_args
    others = workspace.once(_Declared).in_repository(source)
    told: set[tuple[str, int, str]] = set()
    for bound in builds_of(workspace, source):
        build = bound.build
        if build.kind == "README" or _is_of_many(bound):
            continue
        given = {*build.args, *build.open_args}
        left = declared - given
        by_case = _by_case(left)
        for name in sorted(given - declared - others):
            meant = _meant(name, left, by_case)
            key = build.place.path, build.place.line, name
            if meant is None or key in told or _is_mentioned(source, name):
                continue
            told.add(key)
            related = next(
                (one for one in source.dockerfile.instructions if _declares(one.keyword, one.arguments, meant)), None
            )
            yield Message(
                build.place,
                f"The {build.kind} gives the build `{name}`, which no ARG of {source.path} declares: `{meant}` is not given, and "
                "keeps its default.",
                f"Write `{meant}`.",
                (Related(Place(source.shown, related.span), "it is declared here"),) if related is not None else (),
                subject=name,
            )


class _Declared:
    """The names that the Dockerfiles of each repository declare."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._found: dict[Snapshot, frozenset[str]] = {}

    def in_repository(self, source: ImageSource) -> frozenset[str]:
        """Those of the image's repository."""
        snapshot = source.snapshot
        if snapshot not in self._found:
            made = self._workspace.made_in(snapshot)
            self._found[snapshot] = frozenset(name for one in made for name in one.declared_args)
        return self._found[snapshot]


def _is_of_many(bound: Bound) -> bool:
    """Whether the build may be one of other Dockerfiles, too: a variable of a script names the file or its folder."""
    return has_hole(bound.build.dockerfile or "") or has_hole(bound.build.context or "") or bool(bound.values)


def _is_mentioned(source: ImageSource, name: str) -> bool:
    """Whether the Dockerfile speaks of the name otherwise (`ONBUILD ARG`)."""
    return any(name in one.body.text for one in source.dockerfile.instructions)


def _declares(keyword: str, arguments: tuple[str, ...], name: str) -> bool:
    return keyword == "ARG" and any(argument.partition("=")[0] == name for argument in arguments)


def _by_case(names: Iterable[str]) -> dict[str, list[str]]:
    """The names by how they are written in small letters."""
    found: dict[str, list[str]] = {}
    for name in names:
        found.setdefault(name.lower(), []).append(name)
    return found


def _meant(name: str, declared: frozenset[str], by_case: Mapping[str, Sequence[str]]) -> str | None:
    """The one declared name that a name is a slip for."""
    if len(name) < _SHORTEST or has_hole(name) or _PREDEFINED.fullmatch(name) or name.upper() in PROXY_ARGS:
        return None
    found = {one for one in (*sure_slips(name, declared), *by_case.get(name.lower(), ())) if len(one) >= _SHORTEST}
    return found.pop() if len(found) == 1 else None
