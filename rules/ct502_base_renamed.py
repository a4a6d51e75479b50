"""FROM uses a name that the organisation left.

## What it does
Reports a FROM of an image under the old name of an organisation that publishes it under another one now
(`heliumdatastage/cloudtop` is `helxplatform/cloudtop`), also by an alias of the configuration within one registry.

## Why it matters at run time
Nothing is pushed to the old name any more: the image is built on a parent that stands still, without its repairs. The name may
be taken away, and then the build fails.

## When to ignore it
When exactly the old image is meant; a digest says so better.

## References
- Docker Hub, "Repositories": a repository is not redirected when it is renamed
"""

from collections.abc import Iterator

from ..lineage.text.places import Place
from ..lineage.text.reference import Reference, parse
from ..lineage.text.renamed import left_for
from ..lineage.workspace.workspace import ImageSource, Workspace
from .base import Edit, Fix, Message, Severity

SEVERITY = Severity.WARNING


def check(source: ImageSource, workspace: Workspace) -> Iterator[Message]:
    for stage in source.stages.needed:
        base = stage.base
        parsed = parse(base.image) if isinstance(base.image, str) else None
        if not isinstance(parsed, Reference):
            continue
        now = left_for(parsed, workspace.settings.aliases)
        if now is None:
            continue
        place = Place(source.shown, base.span)
        fix = None
        if parsed.familiar in base.raw:
            text = base.raw.replace(parsed.familiar, now, 1)
            fix = Fix(f"name {now}", (Edit("text", place, text),), "unsafe")
        yield Message(
            place,
            f"{parsed.familiar} is an old name of {now}: nothing new is published under it.",
            f"Name {now}, after a look whether it has the tag: the old one may be frozen.",
            fix=fix,
            subject=parsed.familiar,
        )
