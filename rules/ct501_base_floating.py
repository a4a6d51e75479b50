"""FROM names a tag that moves.

## What it does
Reports a FROM without tag, with `latest`, `develop-latest` or another tag that is moved from build to build (`moving-tags` in
the configuration; `*` and `?` are wildcards). A digest is accepted, and so is an image that the same repository builds for
itself, whose digest `ctlint.lock` pins, or in whose place a build puts a named build context. For builder stages it is only
for information; stages that the target does not need are left out.

## Why it matters at run time
The same Dockerfile makes another image tomorrow: another release of s6-overlay, of the desktop, of the scripts that make the
account. What breaks then breaks with no change in this repository, and cannot be built again as it was.

## When to ignore it
When the image is rebuilt and tested whenever its parent is.

## References
- Dockerfile reference, "FROM"; Docker, "Pin base image versions"
"""

from collections.abc import Iterator

from ..lineage.builds.build import WHERE_IT_RUNS
from ..lineage.dockerfile.stages import Stage
from ..lineage.text.places import Place
from ..lineage.text.reference import Reference, parse
from ..lineage.text.stand_in import stands_in
from ..lineage.workspace.siblings import builds_of
from ..lineage.workspace.workspace import ImageSource, Workspace
from .base import Message, Severity
from .shared.parents.moving_tags import moves
from .shared.parents.own_builder import given_by_own_builder
from .shared.subjects import line_of

SEVERITY = Severity.WARNING
YIELDS_TO = ("CT503",)


def check(source: ImageSource, workspace: Workspace) -> Iterator[Message]:
    own = source.stages.own_line
    bound = builds_of(workspace, source)
    chosen = frozenset(name for one in bound for name in one.build.open_args)
    chosen |= {name for one in bound if one.build.kind == WHERE_IT_RUNS for name in one.build.args}
    for stage in source.stages.needed:
        named = stage.base.image
        reference = parse(named) if isinstance(named, str) else None
        if not isinstance(reference, Reference) or reference.digest:
            continue
        if chosen.intersection(stage.base.uses) or _to_be_put_in(source, stage):
            continue  # a build gives it a value that only that build knows
        if source.build.stands_for(reference) is not None:
            continue  # the build puts another image in its place
        if not moves(workspace, reference) or _built_here(workspace, source, reference):
            continue
        if given_by_own_builder(workspace, source, reference):
            continue
        if workspace.real.pins(reference, source):
            continue  # the lock says by digest which image is meant
        how = f"names the tag `{reference.tag}`" if reference.tag is not None else "names no tag, which means `latest`"
        yield Message(
            Place(source.shown, stage.base.span),
            f"`FROM {stage.base.raw}` {how}: it moves, and the same Dockerfile makes another image at the next build.",
            "Name a release's tag, or a digest (`@sha256:…`).",
            severity=None if stage in own else Severity.INFO,
            subject=reference.familiar,
            about=(line_of(source.shown, stage.base.span.line),),
        )


def _to_be_put_in(source: ImageSource, stage: Stage) -> bool:
    """Whether what FROM names is the default of an argument, and holds the place of a value that the caller gives."""
    values = [source.stages.global_args[name].value for name in stage.base.uses if name in source.stages.global_args]
    return any(value is not None and stands_in(value) for value in values)


def _built_here(workspace: Workspace, source: ImageSource, reference: Reference) -> bool:
    """Whether the same repository builds the parent too, so that both are made of one checkout."""
    parent = workspace.parent(reference, source)
    if parent.source is None or parent.source.snapshot is not source.snapshot:
        return False
    name = workspace.identity(reference.name)
    return any(not published.assumed and published.name == name for published in parent.source.names)
