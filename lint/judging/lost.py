"""What a change takes from the images: told as findings of the images that suffer (see `lineage.boot.losses`)."""

from collections.abc import Container, Iterable

from ...lineage.boot.losses import Loss, Losses
from ...lineage.text.errors import Unknown
from ...lineage.workspace.workspace import ImageSource, Workspace
from ...rules.base import Message, Related, Severity
from ..output.report import Skipped
from .run import LOST, Run

_CURES = {
    "script": "Put back what ran it, run it from what the image still starts, or remove it.",
    "account": "Put back what made it, or use the same name in all scripts.",
    "path": "Put the file back, or leave it out here.",
    "variable": "Set it again, or give it a default here.",
}


def add_losses(run: Run, before: Workspace, ids: Iterable[str], changed: Container[str]) -> None:
    """Add to a run what the images of those ids have lost since `before`, where they were there.

    A script that an image of `changed` runs no more by a change of its own is information, as that may be meant so, but for
    one that ran others, which are lost with it.
    """
    wanted = frozenset(ids)
    earlier = {source.id: source for source in before.images if source.id in wanted}
    for source in run.workspace.selected:
        if source.id in earlier:
            _add(run, before, earlier[source.id], source, own=source.id in changed)


def _add(run: Run, before: Workspace, was: ImageSource, source: ImageSource, *, own: bool) -> None:
    now = run.workspace
    try:
        images = before.effective(was), now.effective(source)
        losses = Losses(*images, (before.boot(was), now.boot(source)))
        found = list(losses.found())
    except Unknown as unknown:
        run.skipped.add(Skipped.of(LOST.code, source.name, unknown))
        return
    image = images[1]
    runners = {loss.by for loss in found if isinstance(loss, Loss)}
    for loss in found:
        if isinstance(loss, Unknown):
            run.skipped.add(Skipped.of(LOST.code, image.name, loss))
        else:
            run.add(LOST, _message(loss, image.id, meant=own and loss.subject not in runners), image)


def _message(loss: Loss, owner: str, *, meant: bool) -> Message:
    """What is told of a loss; one of a script that may be `meant` so is information."""
    severity = Severity.INFO if meant and loss.kind == "script" else LOST.severity
    text = f"{loss.lost[0].upper()}{loss.lost[1:]}" if loss.kind == "account" else loss.lost
    return Message(
        loss.place,
        f"{text}: {loss.why}.",
        f"Move it to {loss.moved}, or put back what ran it." if loss.moved else _CURES[loss.kind],
        related=(Related(loss.beside, loss.note),) if loss.beside is not None else (),
        severity=severity,
        subject=f"{loss.kind} {loss.subject}",
        owner=owner,
    )
