"""Asking registries about the images of a workspace: which of them are built on their parents' current images."""

from collections.abc import Sequence

from ..builds.image_source import ImageSource
from ..late.dataclasses import dataclass
from ..remote.freshness import Freshness, compared
from ..remote.registry import Registries
from ..remote.registry_image import Platform, RegistryImage
from ..remote.transport import LimitedError, UnreachableError
from ..remote.workers import in_order
from ..text.errors import InputError, Unknown
from ..text.reference import Reference
from ..text.reference import parse as parse_reference

_MOST_NAMES = 6
"""Of an image that is published under more names and tags, so many are tried."""


@dataclass(frozen=True, slots=True)
class Answers:
    """By the ids of images, what registries said; and what could not be asked, a failure for each registry."""

    freshness: dict[str, Freshness]
    problems: tuple[InputError, ...]


def ask(sources: Sequence[ImageSource], registries: Registries, platform: Platform, jobs: int = 8) -> Answers:
    """What registries say of the images that are built on another one, asked by at most so many threads at once."""
    asked = [source for source in sources if source.readable and base_of(source, platform) is not None]
    problems: dict[str, InputError] = {}
    found: dict[str, Freshness] = {}
    registries.progress.begin(len(asked))
    try:
        judge = _Judge(registries, platform)
        verdicts = in_order(judge.judged, asked, max(jobs, 1), registries.stop)
        for source, (freshness, failed) in zip(asked, verdicts, strict=True):
            found[source.id] = freshness
            registries.progress.done(source.name, freshness.verdict)
            if failed is not None:
                problems.setdefault(failed.host, InputError(str(failed)))
    finally:
        registries.stop.set()
        registries.progress.end()
        registries.close()
    return Answers(found, tuple(problems[host] for host in sorted(problems)))


def base_of(source: ImageSource, platform: Platform) -> Reference | Unknown | None:
    """The image that the final stage is built on, by way of other stages; None for what is built from scratch."""
    line = source.stages.own_line
    reference = line[-1].base.image if line else None
    if not isinstance(reference, str):
        return reference
    stage = line[-1]
    if stage.platform is not None and stage.platform.text not in ("", str(platform)):
        return Unknown(f"its FROM asks for {stage.platform.text}")
    parsed = parse_reference(reference)
    return parsed if isinstance(parsed, Reference) else Unknown(f"{reference} {parsed.reason}")


def published_as(source: ImageSource) -> list[Reference]:
    """The references under which the image is in registries, the surest first: its names, each with the tags that are
    known, else with `latest`.

    Names that count only where it is built, and guessed ones, are left out.
    """
    found: dict[Reference, None] = {}
    for name in source.names:
        parsed = parse_reference(name.written or name.name)
        if name.local or name.assumed or not isinstance(parsed, Reference):
            continue
        tags = [tag for tag in name.tags if not set(tag) & set("*?[")]
        for tag in tags or (["latest"] if name.fits("latest") else []):
            tagged = parse_reference(f"{parsed.name}:{tag}")
            if isinstance(tagged, Reference):
                found[tagged] = None
    return list(found)


class _UnreachableError(Exception):
    def __init__(self, host: str, reason: InputError) -> None:
        limited = isinstance(reason, LimitedError)
        text = f"{host} limits how often it is asked; try again later" if limited else str(reason)
        super().__init__(f"{text}." if text.startswith(host) else f"{host} could not be asked: {text}.")
        self.host = host


@dataclass(frozen=True, slots=True)
class _Judge:
    registries: Registries
    platform: Platform

    def judged(self, source: ImageSource) -> tuple[Freshness, _UnreachableError | None]:
        """What is known of one image, and the failure that was in the way."""
        try:
            base = base_of(source, self.platform)
            if base is None:
                raise Unknown(f"{source.name}: it is built from scratch")
            if isinstance(base, Unknown):
                raise Unknown(f"{source.name}: what it is built on is not known ({base.reason})")
            image = self._published(source)
            return compared(image, self._asked(base), self.platform), None
        except Unknown as error:
            return Freshness("unknown", f"{error.reason}.", self.platform), None
        except _UnreachableError as error:
            return Freshness("unreachable", str(error), self.platform), error

    def _published(self, source: ImageSource) -> RegistryImage:
        """The image under the first of its names that a registry has."""
        names = published_as(source)
        if not names:
            raise Unknown(f"{source.name}: under which name and tag it is published is not known")
        unknown: list[Unknown] = []
        for name in names[:_MOST_NAMES]:
            try:
                return self._asked(name)
            except Unknown as error:
                unknown.append(error)
        raise unknown[0]

    def _asked(self, reference: Reference) -> RegistryImage:
        try:
            return self.registries.image(reference, self.platform)
        except (UnreachableError, LimitedError) as error:
            raise _UnreachableError(reference.domain, error) from None
