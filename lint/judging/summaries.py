"""The images of a run as a report names and lists them."""

from collections.abc import Iterator

from ...lineage.consumers.model import Consumer
from ...lineage.image.image import EffectiveImage
from ..output.report import DoubtfulParent, ImageSummary


def summary_of(image: EffectiveImage) -> ImageSummary:
    """An image as a report lists it."""
    return ImageSummary(
        id=image.id,
        image=image.name,
        dockerfile=image.dockerfile or "",
        target=image.target,
        chain=tuple(link.name for link in image.chain),
        s6=image.s6_version,
        known=image.known,
        doubtful=tuple(_doubtful(image)),
        bundled=next((link.name for link in image.chain[1:] if link.origin == "profile"), None),
    )


def shown_reference(consumer: Consumer) -> str:
    """The image as a report names it: as it is written, less a placeholder in the place of the registry."""
    if consumer.registry_open and consumer.name is not None:
        tagged = ":" in consumer.written.rpartition("/")[2]
        if consumer.tag is not None or not tagged:
            return f"{consumer.name}:{consumer.tag}" if tagged else consumer.name
    return consumer.written or consumer.title


def _doubtful(image: EffectiveImage) -> Iterator[DoubtfulParent]:
    for link in image.chain[1:]:
        name = link.reference or link.name
        if link.origin == "unknown":
            reason = link.assumed or (
                image.config_open.reason if image.config_open is not None else "nothing is known of it"
            )
            yield DoubtfulParent(name, "unknown", link.place, reason)
        elif link.assumed is not None:
            yield DoubtfulParent(name, "assumed", link.place, link.assumed)
