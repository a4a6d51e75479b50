"""How an image's own build fetches and unpacks the archives of s6-overlay."""

from collections.abc import Iterator
from posixpath import basename

from ..commands.model import Command
from ..dockerfile.expand import expand
from ..dockerfile.instruction import Instruction
from ..dockerfile.operands import parse_copy
from ..effects.model import Execute, Unpack, Write
from ..effects.transfers import curl_downloads
from ..image.image import BuildStep, EffectiveImage
from ..image.s6_overlay_files import S6Archive, archive_of
from ..late.dataclasses import dataclass
from ..text.paths import normal
from ..text.places import Place

_CHECKING = frozenset(
    """sha256sum sha512sum sha384sum sha224sum sha1sum shasum md5sum b2sum gpg gpg2 gpgv openssl minisign cosign""".split()
)


@dataclass(frozen=True, slots=True)
class Fetched:
    """An archive that the build fetches by ADD, curl or wget. `checked`: its content is compared with a checksum."""

    archive: S6Archive
    name: str
    place: Place
    checked: bool


@dataclass(frozen=True, slots=True)
class Unpacked:
    """An archive that the build unpacks below `into`, by the command at `place`."""

    archive: S6Archive
    into: str
    place: Place
    effect: Unpack


@dataclass(frozen=True, slots=True)
class LocalArchive:
    """An archive of the build context that ADD, at `place`, unpacks below `into`."""

    archive: S6Archive
    into: str
    place: Place
    step: BuildStep


def fetched(image: EffectiveImage) -> Iterator[Fetched]:
    """The archives of s6-overlay that the image's own stage fetches, in order."""
    for index, step in enumerate(image.steps):
        if step.from_parent is not None:
            continue
        if step.instruction.keyword == "ADD":
            yield from _added(image, index)
        elif step.instruction.keyword == "RUN":
            yield from _downloaded(image, index)


def unpacked(image: EffectiveImage) -> Iterator[Unpacked]:
    """The archives of s6-overlay that the image's own stage unpacks, in order."""
    addresses = {basename(one.name): one.name for one in fetched(image)}
    for step in image.steps:
        for effect in step.effects:
            if not isinstance(effect, Unpack):
                continue
            name = effect.url or effect.archive.canonical
            archive = archive_of(addresses.get(basename(name), name))
            into = effect.into.literal
            if archive is not None and into is not None:
                yield Unpacked(archive, into, effect.place, effect)


def added(image: EffectiveImage) -> Iterator[LocalArchive]:
    """The archives of s6-overlay that ADD takes from the build context, and unpacks."""
    for step in image.steps:
        if step.from_parent is not None or step.instruction.keyword != "ADD" or len(step.instruction.arguments) < 2:
            continue
        copy = parse_copy(step.instruction)
        if copy.unpack is False:
            continue
        into = normal(expand(copy.destination.text, step.env, "\\").text, step.workdir)
        for source in copy.sources:
            name = expand(source.text, step.env, "\\").text
            archive = archive_of(name) if "://" not in name else None
            if archive is not None:
                yield LocalArchive(archive, into, _line(step.instruction, step.place), step)


def _added(image: EffectiveImage, index: int) -> Iterator[Fetched]:
    step = image.steps[index]
    if len(step.instruction.arguments) < 2:
        return
    copy = parse_copy(step.instruction)
    for source in copy.sources:
        address = expand(source.text, step.env, "\\").text
        archive = archive_of(address) if "://" in address else None
        if archive is not None:
            checked = copy.checksum is not None or _checks_later(image, index + 1)
            yield Fetched(archive, address, _line(step.instruction, step.place), checked)


def _line(instruction: Instruction, place: Place) -> Place:
    return Place(place.path, instruction.span)


def _downloaded(image: EffectiveImage, index: int) -> Iterator[Fetched]:
    step = image.steps[index]
    told: set[Place] = set()
    for effect in step.effects:
        command = effect.command
        if command is None or command.name not in ("curl", "wget") or command.place in told:
            continue
        for address in _addresses(command):
            archive = archive_of(address)
            if archive is not None:
                told.add(command.place)
                yield Fetched(archive, address, command.place, _checks_later(image, index))
    for effect in step.effects:
        if isinstance(effect, Unpack) and effect.url and effect.archive.canonical == "-":
            archive = archive_of(effect.url)
            if archive is not None and not any(place.line == effect.place.line for place in told):
                yield Fetched(archive, effect.url, effect.place, _checks_later(image, index))


def _addresses(command: Command) -> Iterator[str]:
    if command.name == "curl":
        yield from (address.text.canonical for address, _ in curl_downloads(command.arguments))
    else:
        yield from (word.text.canonical for word in command.arguments if "://" in word.text.canonical)


def _checks_later(image: EffectiveImage, index: int) -> bool:
    """Whether a RUN from that step on uses a program that compares checksums or signatures, or a script that may do so."""
    runs = (step for step in image.steps[index:] if step.instruction.keyword == "RUN")
    return any(_names_checker(step) or _runs_script(step) for step in runs)


def _names_checker(step: BuildStep) -> bool:
    return any(name in step.instruction.original for name in _CHECKING) or any(
        name in heredoc.data.text for heredoc in step.instruction.heredocs for name in _CHECKING
    )


def _runs_script(step: BuildStep) -> bool:
    archives = [effect for effect in step.effects if isinstance(effect, Write | Unpack)]
    return not archives and any(isinstance(effect, Execute) and not effect.read for effect in step.effects)
