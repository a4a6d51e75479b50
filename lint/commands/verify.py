"""`ctlint verify IMAGE [TARGET]`: the predicted image held against the real one, claim by claim."""

import argparse
from collections.abc import Iterator, Sequence
from typing import Any

from ...lineage.late.dataclasses import replace
from ...lineage.oci.address import parse_address
from ...lineage.oci.read import ReadOptions, RealImage, read_image, storage_of
from ...lineage.real_images.images import name_of
from ...lineage.real_images.steps import shown_with_digest, steps_of
from ...lineage.real_images.verify import Claim, Verification, verify
from ...lineage.remote.registry_image import parse_platform
from ...lineage.text.errors import UsageError
from ...lineage.workspace.workspace import ImageSource, Workspace
from ..opening.open import Opening, open_workspace
from ..opening.real_parents import real_images
from ..opening.request import Request
from ..output.complaints import complain, sentence
from ..output.console import Console, Line, plural, printable
from ..output.json_text import indented
from ..output.terminal import write_document

_SHOWN = 40


def verify_command(options: argparse.Namespace, request: Request) -> int:
    """Print the verdicts; the exit code is 1 where a claim is wrong. Raises UsageError, InputError."""
    words = list(options.targets)
    opening = open_workspace(replace(request, targets=tuple(words[:1]) or (".",)))
    images = real_images(request, opening.config)
    address = parse_address(options.image)
    try:
        storage = storage_of(address, parse_platform(request.platform), images.registries)
        real = read_image(storage, str(address), ReadOptions(images.platform, exact=True))
    finally:
        images.close()
    name = name_of(address, real)
    source = _source(opening, words[1] if len(words) > 1 else None, name)
    found = _held(opening.workspace, source, real, name)
    if options.format == "json":
        write_document(indented(_as_json(found, source, real, name)) + "\n")
    else:
        Console(color=options.color).write(_lines(found, source, real, name, verbose=options.verbose))
    for error in opening.errors:
        complain(sentence(error))
    return 3 if opening.errors else int(bool(found.wrong))


def _source(opening: Opening, wanted: str | None, name: str) -> ImageSource:
    """The image of the target that is meant: the one that was named, the one that is published so, the only one."""
    images = [source for source in opening.workspace.selected if source.readable]
    named = [source for source in opening.workspace.image_by(wanted or name) if source.readable]
    if named:
        return named[0]
    if wanted is None and len(images) == 1:
        return images[0]
    if opening.errors and not images:
        raise opening.errors[0]
    if not images:
        raise UsageError("There is no Dockerfile here.")
    known = ", ".join(source.name for source in images[:12])
    raise UsageError(f"Which image {printable(wanted or name)} is made by cannot be told; name one of: {known}.")


def _held(workspace: Workspace, source: ImageSource, real: RealImage, name: str) -> Verification:
    steps = steps_of(real.configuration.history, shown_with_digest(name, real.digest))
    return verify(workspace.effective(source), real, steps, list(_instructions(workspace, source)))


def _instructions(workspace: Workspace, source: ImageSource) -> Iterator[tuple[str, str]]:
    """The instructions of the stages that the image stands on, through the Dockerfiles at hand, the lowest first."""
    line = list(workspace.line(source, source.stage)) if source.stage is not None else []
    for _, one in reversed(line):
        for instruction in one.instructions:
            yield instruction.keyword, instruction.original


def _lines(found: Verification, source: ImageSource, real: RealImage, name: str, *, verbose: bool) -> Iterator[Line]:
    yield [
        (printable(source.name), "bold"),
        (f"  {printable(source.shown)}  against  {printable(shown_with_digest(name, real.digest))}", "dim"),
    ]
    yield []
    yield [(f"{'':<12}{'right':>8}{'wrong':>8}{'not known':>11}", "bold")]
    total = [0, 0, 0]
    for field, counts in found.counts().items():
        row = [counts["right"], counts["wrong"], counts["unknown"]]
        total = [a + b for a, b in zip(total, row, strict=True)]
        yield [(f"{field:<12}", ""), *_numbers(row)]
    yield [(f"{'all':<12}", "bold"), *_numbers(total)]
    yield []
    percent = f" ({100 * found.covered / found.changed:.1f} %)" if found.changed else ""
    what = "the build" if found.aligned else "the image's layers"
    yield [(f"Known of what {what} added or changed: {found.covered} of {plural(found.changed, 'path')}{percent}.", "")]
    shown = found.wrong if verbose else found.wrong[:_SHOWN]
    if shown:
        yield []
    for claim in shown:
        yield from _wrong(claim)
    if len(found.wrong) > len(shown):
        yield [(f"… and {len(found.wrong) - len(shown)} more; --verbose shows them.", "dim")]
    if verbose:
        yield from ([("not known  ", "yellow"), (printable(path), "")] for path in found.missed)
    yield []
    yield [(_verdict(found), "bold red" if found.wrong else "bold green")]


def _numbers(row: Sequence[int]) -> list[tuple[str, str]]:
    return [(f"{row[0]:>8}", ""), (f"{row[1]:>8}", "red" if row[1] else ""), (f"{row[2]:>11}", "dim")]


def _wrong(claim: Claim) -> Iterator[Line]:
    yield [
        ("wrong  ", "red"),
        (f"{claim.field} of {printable(claim.subject)}: said {printable(claim.said)}, is {printable(claim.found)}", ""),
    ]
    if claim.place is not None:
        of = f" ({printable(claim.of)})" if claim.of else ""
        yield [(f"         said by {printable(str(claim.place))}{of}", "dim")]
    if claim.step is not None:
        yield [(f"         made by {printable(str(claim.step.place))}  {printable(claim.step.text[:100])}", "dim")]


def _verdict(found: Verification) -> str:
    if not found.wrong:
        return "Every claim is right."
    count = plural(len(found.wrong), "claim")
    if found.mismatch is not None:
        return f"{count} wrong. The image was likely not built from this source: {printable(found.mismatch)}."
    if all(claim.of is not None for claim in found.wrong):
        return (
            f"{count} wrong, all of a parent's facts: its profile or lock is not of the parent that this was built on."
        )
    return f"{count} wrong, and the image's history is that of this source: ctlint errs here. Please report it."


def _as_json(found: Verification, source: ImageSource, real: RealImage, name: str) -> dict[str, Any]:
    return {
        "schema": 1,
        "image": source.id,
        "real": {"name": name, "address": real.address, "digest": real.digest},
        "claims": {
            field: {"right": counts["right"], "wrong": counts["wrong"], "unknown": counts["unknown"]}
            for field, counts in found.counts().items()
        },
        "coverage": {"known": found.covered, "of": found.changed, "build_alone": found.aligned},
        "wrong": [_claim_json(claim) for claim in found.wrong],
        "missed": list(found.missed),
        "mismatch": found.mismatch,
    }


def _claim_json(claim: Claim) -> dict[str, Any]:
    place, step = claim.place, claim.step
    return {
        "field": claim.field,
        "subject": claim.subject,
        "said": claim.said,
        "found": claim.found,
        "path": place.path if place is not None else None,
        "line": place.line if place is not None else None,
        "step": {"number": step.number, "instruction": step.text} if step is not None else None,
        "facts_of": claim.of,
    }
