"""`ctlint inspect --at`, `--why` and `--diff`: an image at a moment of its build, what made it so, and what differs."""

from collections.abc import Iterator, Sequence
from typing import Any

from ...lineage.boot.differences import Difference, differences
from ...lineage.boot.plan import BootPlan, plan_of
from ...lineage.boot.steps import ROOT
from ...lineage.image.image import EffectiveImage
from ...lineage.late.dataclasses import dataclass, replace
from ...lineage.oci.address import is_image_address, parse_address
from ...lineage.oci.read import ReadOptions, RealImage, read_image, storage_of
from ...lineage.real_images.effective import effective_image
from ...lineage.real_images.images import RealImages, name_of
from ...lineage.real_images.origins import path_origins, setting_origins
from ...lineage.real_images.steps import shown_with_digest
from ...lineage.text.errors import Unknown, UsageError
from ...lineage.text.numbers import is_digits
from ...lineage.text.places import Place, Span
from ...lineage.text.reference import InvalidReference, parse
from ...lineage.text.symbolic import Text
from ...lineage.workspace.moments import Event, history_of, image_at, moment_of
from ...lineage.workspace.workspace import ImageSource, Workspace
from ..opening.open import Opening
from ..opening.real_parents import real_images
from ..output.console import Line, printable


@dataclass(frozen=True, slots=True)
class Reader:
    """A script of the start that reads a variable at `place`; `defaulted`: with a value for where it is not set."""

    script: str
    place: Place
    defaulted: bool


@dataclass(frozen=True, slots=True)
class Moments:
    """What is asked about moments of one image. `target` is how it was named on the command line."""

    opening: Opening
    source: ImageSource | None
    target: str

    @property
    def workspace(self) -> Workspace:
        return self.opening.workspace

    def at(self, text: str) -> EffectiveImage:
        """The image at a moment: a line or STAGE:N of a Dockerfile, the number of a step of a real image's history.

        Raises UsageError, InputError.
        """
        source = self._source()
        real = self.workspace.real_target(source)
        if real is None:
            return image_at(self.workspace, source, moment_of(source, text))
        if not is_digits(text):
            raise UsageError(f"{text} is no step of a real image: its steps have numbers.")
        image = self._read(ReadOptions(self._images().platform, until=int(text)))
        if int(text) > len(self._images().read(self._address()).configuration.history):
            raise UsageError(f"{self.target} has no step {text}.")
        return effective_image(image, real.name)

    def why(self, subject: str) -> list[Event]:
        """What made a path, variable, setting or account what it is. Raises UsageError, InputError."""
        source = self._source()
        real = self.workspace.real_target(source)
        if real is None:
            return history_of(self.workspace, source, subject)
        watched = frozenset((subject,)) if subject.startswith("/") else frozenset[str]()
        image = self._read(ReadOptions(self._images().platform, watched=watched, exact=True))
        found = path_origins if subject.startswith("/") else setting_origins
        first = Place(shown_with_digest(real.name, image.digest), Span(1))
        return [
            Event(
                real.name,
                one.step.place if one.step is not None else first,
                one.step.text if one.step is not None else "",
                one.change or "gone",
            )
            for one in found(image, real.name, subject)
        ]

    def readers(self, name: str) -> list[Reader]:
        """The scripts of the start that read a variable which they have not set themselves, each once, in order."""
        if self.source is None or self.workspace.real_target(self.source) is not None:
            return []
        found: dict[tuple[str, bool], Reader] = {}
        for step in plan_or_open(self.workspace.effective(self.source)).steps:
            reading = step.script.reading if step.script is not None else None
            for mention in reading.mentions if reading is not None else ():
                if mention.name == name:
                    found.setdefault(
                        (step.path, mention.defaulted), Reader(step.label, mention.place, mention.defaulted)
                    )
        return list(found.values())

    def image(self, text: str) -> EffectiveImage:
        """What an operand of --diff means: a moment, a real image, the name of an image. Raises UsageError, InputError."""
        own = self.source.stages.stages if self.source is not None else ()
        stages = [name for stage in own for name in (stage.name, str(stage.index)) if name]
        if is_digits(text) or text.rpartition(":")[0].lower() in stages:
            return self.at(text)
        if is_image_address(text):
            images = self._images()
            address = parse_address(text)
            return images.effective(address, name_of(address, images.read(address)))
        named = [source for source in self.workspace.image_by(text) if source.readable]
        if named:
            return self.workspace.effective(named[0])
        reference = parse(text)
        if not isinstance(reference, InvalidReference):
            parent = self.workspace.parent(reference, self.source)
            if parent.profile is not None:
                return parent.profile
        raise UsageError(
            f"{printable(text)} is no moment of the image, no real image, and no image that is known here."
        )

    def _source(self) -> ImageSource:
        if self.source is None:
            raise UsageError("Of which image a moment is meant, cannot be told; name its target and it.")
        return self.source

    def _read(self, options: ReadOptions) -> RealImage:
        images = self._images()
        return read_image(storage_of(self._address(), images.platform, images.registries), self.target, options)

    def _address(self) -> Any:
        return parse_address(self.target)

    def _images(self) -> RealImages:
        return real_images(self.opening.request, self.opening.config, exact=True)


def as_user(user: str | None, plan: BootPlan) -> BootPlan:
    """The boot plan of a container of that user (`UID[:GID]` or a name; None: the image's) where it says root."""
    if not user:
        return plan
    name = Text.of(user.partition(":")[0])
    return replace(plan, steps=tuple(replace(s, user=name) if s.user == ROOT else s for s in plan.steps))


def plan_or_open(image: EffectiveImage) -> BootPlan:
    """The boot plan of an image; an open one of no steps where it cannot be known."""
    try:
        return plan_of(image)
    except Unknown as unknown:
        return BootPlan(image, unknown, unknown, (), open=unknown)


def compared(one: EffectiveImage, other: EffectiveImage) -> list[Difference]:
    """What differs between two images, with their boot plans."""
    return differences(one, other, (plan_or_open(one), plan_or_open(other)))


def why_lines(subject: str, events: Sequence[Event], readers: Sequence[Reader] = ()) -> Iterator[Line]:
    """The chain of causes, the first one first; of a variable that the image does not set, who reads it."""
    if not events and readers:
        yield [(f"{printable(subject)} is not set by the image. At start it is read by", "")]
        for one in readers:
            default = ", which has a default" if one.defaulted else ""
            yield [("  ", ""), (printable(str(one.place)), "dim"), (f"  {printable(one.script)}{default}", "")]
        return
    if not events:
        yield [(f"{printable(subject)} was never there, as far as is known.", "")]
        return
    yield [(printable(subject), "bold")]
    for event in events:
        yield [
            ("  ", ""),
            (printable(str(event.place)), "dim"),
            (f"  {printable(event.image)}  ", "cyan"),
            (printable(event.change), ""),
        ]
        if event.instruction:
            yield [("      ", ""), (printable(event.instruction), "dim")]


def why_json(subject: str, events: Sequence[Event], readers: Sequence[Reader] = ()) -> dict[str, Any]:
    read = [
        {"script": one.script, "path": one.place.path, "line": one.place.line, "default": one.defaulted}
        for one in readers
    ]
    return {
        "schema": 1,
        "subject": subject,
        "events": [
            {
                "image": event.image,
                "path": event.place.path,
                "line": event.place.line,
                "instruction": event.instruction,
                "change": event.change,
            }
            for event in events
        ],
        "read": read,
    }


def differences_json(found: Sequence[Difference]) -> dict[str, Any]:
    rows = [{"kind": d.kind, "name": d.name, "before": d.before, "after": d.after} for d in found]
    return {"schema": 1, "differences": rows}
