"""How something in a real image came to be: the steps of its history that brought, changed or set it."""

from ..late.dataclasses import dataclass
from ..oci.entry import WHITEOUT, LayerEntry
from ..oci.read import RealImage
from .steps import Step, shown_with_digest, steps_of


@dataclass(frozen=True, slots=True)
class LayerOrigin:
    """What a step made of something; None as `change` where it took it away."""

    step: Step | None
    change: str | None


def path_origins(image: RealImage, name: str, path: str) -> list[LayerOrigin]:
    """What each layer made of a path that was watched when the image was read, the lowest first."""
    steps = {step.layer: step for step in steps_of(image.configuration.history, shown_with_digest(name, image.digest))}
    found: list[LayerOrigin] = []
    for entry in image.replaced.get(path, []):
        gone = entry.target == WHITEOUT
        found.append(LayerOrigin(steps.get(entry.layer), None if gone else described_entry(entry)))
    return found


def setting_origins(image: RealImage, name: str, subject: str) -> list[LayerOrigin]:
    """The steps that set a variable, a label or a setting, as far as the history tells them."""
    steps = steps_of(image.configuration.history, shown_with_digest(name, image.digest))
    found: list[LayerOrigin] = []
    for step in steps:
        body = step.text.partition(" ")[2]
        named = step.keyword in ("ENV", "LABEL") and (f" {subject}=" in f" {body}" or body.startswith(f"{subject} "))
        if named or step.keyword == subject.upper():
            found.append(LayerOrigin(step, body))
    return found


def described_entry(entry: LayerEntry) -> str:
    """An entry in a few words."""
    if entry.kind == "link":
        return f"link → {entry.target}"
    size = f", {entry.size:,} bytes" if entry.kind == "file" else ""
    capability = ", with capabilities" if entry.capability else ""
    return f"{entry.kind} {entry.mode:04o} {entry.uid}:{entry.gid}{size}{capability}"
