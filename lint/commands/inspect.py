"""`ctlint inspect`: the effective image and its boot plan, each value with the line that set it."""

import argparse
import json
import shlex
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from ...lineage.boot.plan import BootPlan
from ...lineage.image.image import EffectiveImage
from ...lineage.text.errors import Unknown, UsageError
from ...lineage.workspace.workspace import ImageSource, Workspace
from ..inspecting.image_json import as_json, cloud_json, files_json
from ..inspecting.image_text import file_lines, image_lines
from ..inspecting.moments import (
    Moments,
    as_user,
    compared,
    differences_json,
    plan_or_open,
    why_json,
    why_lines,
)
from ..opening.open import Opening, open_workspace
from ..opening.request import Request
from ..output.bump import difference_lines
from ..output.complaints import complain, print_line, sentence, tell_crashes
from ..output.console import Console
from ..output.json_text import indented
from ..output.terminal import write_document

_MOST_COMMANDS = 40


class _SeveralImagesError(UsageError):
    """Nobody said which of several images is meant."""

    def __init__(self, target: str, images: Sequence[ImageSource]) -> None:
        super().__init__(f"There are {len(images)} images here; name one of them.")
        self.target = target
        self.images = images

    def tell(self) -> None:
        """Say so, with the command that shows each."""
        complain(f"There are {len(self.images)} images here; name one of them:")
        for source in self.images[:_MOST_COMMANDS]:
            name = f"  # {source.name}" if source.name not in source.id else ""
            print_line(f"    ctlint inspect {shlex.quote(self.target)} {shlex.quote(source.id)}{name}", sys.stderr)
        if len(self.images) > _MOST_COMMANDS:
            print_line(f"    and {len(self.images) - _MOST_COMMANDS} more", sys.stderr)


def inspect(options: argparse.Namespace, request: Request) -> int:
    """Print one image, or write its profile. Raises UsageError where it cannot be told which image is meant."""
    from ...lineage.late.dataclasses import replace

    words = list(options.targets)
    if len(words) > 2:
        raise UsageError("ctlint inspect takes a target and an image of it")
    opening = open_workspace(replace(request, targets=tuple(words[:1]) or (".",)))
    workspace = opening.workspace
    target = words[0] if words else "."
    if options.run_by is not None:
        if options.why is not None or options.at is not None or options.files is not None:
            raise UsageError("--as shows an image as it is run; --why, --at and --files tell of the image itself.")
        return _as_run(opening, options)
    if options.diff is not None:
        return _asked(Moments(opening, _only(opening, words), target), options, opening)
    try:
        source, from_image = _chosen(opening, words)
    except _SeveralImagesError as several:
        several.tell()
        return 2
    if from_image is not None:
        source = from_image
    moments = Moments(opening, source, target)
    if options.why is not None:
        return _asked(moments, options, opening)
    if options.at is not None:
        image = moments.at(options.at)
        plan = _of_its_user(image, plan_or_open(image))
    else:
        image = workspace.effective(source)
        plan = _of_its_user(image, _plan(workspace, source, image))
    if options.export_profile is not None:
        return _export(workspace, source, options.export_profile)
    if options.format == "json":
        data = as_json(source, image, plan)
        if options.files is not None:
            data["files"] = files_json(image, options.files)
            data["files_open"] = [cloud_json(cloud) for cloud in image.tree.clouds]
        write_document(indented(data) + "\n")
    elif options.files is not None:
        Console(color=options.color).write(file_lines(image, options.files, options.verbose), hanging=True)
    else:
        console = Console(color=options.color)
        console.write(image_lines(source, image, plan, console.width), hanging=True)
    for error in opening.errors:
        complain(sentence(error))
    crashed = tell_crashes(workspace)
    return 3 if opening.errors or crashed else 0


def _as_run(opening: Opening, options: argparse.Namespace) -> int:
    """Show an image as a consumer runs it; the exit code. Raises UsageError where nothing is known of the image."""
    from ..inspecting.deployment import chosen, deployment_json, deployment_lines
    from ..inspecting.faults import faults_of, marks

    deployment = chosen(opening, options.run_by)
    try:
        user = deployment.consumer.user
        image = deployment.started
        plan = deployment.started_boot
        plan = as_user(user.known, plan) if user is not None else _of_its_user(image, plan)
    except Unknown as unknown:
        raise UsageError(f"{deployment.consumer.place} cannot be shown: {unknown.reason}.") from None
    faults = faults_of(deployment)
    if options.format == "json":
        data = as_json(deployment.source, image, plan)
        write_document(indented({**data, "run_by": deployment_json(deployment, plan, faults)}) + "\n")
    else:
        console = Console(color=options.color)
        lines = image_lines(deployment.source, image, plan, console.width, marks(deployment, plan, faults.found))
        console.write([lines[0], (), *deployment_lines(deployment, plan, faults), *lines[2:]], hanging=True)
    for error in opening.errors:
        complain(sentence(error))
    return 3 if opening.errors else 0


def _asked(moments: Moments, options: argparse.Namespace, opening: Opening) -> int:
    """Answer --why or --diff; the exit code."""
    if options.why is not None:
        events = moments.why(options.why)
        readers = moments.readers(options.why) if not events else []
        lines, data = why_lines(options.why, events, readers), why_json(options.why, events, readers)
    else:
        found = compared(*(moments.image(text) for text in options.diff))
        lines, data = difference_lines(found), differences_json(found)
    if options.format == "json":
        write_document(indented(data) + "\n")
    else:
        Console(color=options.color).write(lines, hanging=True)
    for error in opening.errors:
        complain(sentence(error))
    return 3 if opening.errors else 0


def _only(opening: Opening, words: Sequence[str]) -> ImageSource | None:
    """The image that is meant, where one is."""
    try:
        return _chosen(opening, words)[0]
    except UsageError:
        return None


def _of_its_user(image: EffectiveImage, plan: BootPlan) -> BootPlan:
    """The boot plan of a container that nobody gives another user than its image has."""
    return as_user(image.user.value if image.user is not None else None, plan)


def _plan(workspace: Workspace, source: ImageSource, image: EffectiveImage) -> BootPlan:
    """The boot plan; an open one of no steps where ctlint fails to make it."""
    try:
        return workspace.boot(source)
    except Unknown as unknown:
        return BootPlan(image, unknown, unknown, (), open=unknown)


def _chosen(opening: Opening, words: Sequence[str]) -> tuple[ImageSource, ImageSource | None]:
    workspace = opening.workspace
    images = [source for source in workspace.selected if source.readable]
    if len(words) > 1:
        found = [source for source in workspace.image_by(words[1]) if source.readable]
        if not found:
            raise UsageError(f"No image is called {words[1]!r} here; there are: {_names(images)}.")
        if len(found) > 1:
            others = ", ".join(source.id for source in found[1:])
            complain(f"{words[1]} is made by several Dockerfiles. This is {found[0].id}; there is {others}, too.")
        return found[0], found[0]
    if not images:
        first = opening.errors[0] if opening.errors else None
        problem = next((source.problem for source in workspace.selected if source.problem is not None), None) or first
        if problem is not None:
            raise problem
        raise UsageError("There is no Dockerfile here.")
    if len(images) > 1:
        raise _SeveralImagesError(words[0] if words else ".", images)
    return images[0], None


def _names(images: Iterable[ImageSource]) -> str:
    """The images as `inspect` can be told them: by name, or by id where several have one name."""
    sources = list(images)
    count = Counter(source.name for source in sources)
    names = [source.name if count[source.name] == 1 else source.id for source in sources]
    shown = ", ".join(names[:12])
    return shown + (f", and {len(names) - 12} more" if len(names) > 12 else "")


def _export(workspace: Workspace, source: ImageSource, file: Path) -> int:
    """Write the image's facts as a profile."""
    from ...lineage.profiles.write import image_to_json, script_facts
    from ..fixing.files import replace_file

    image = workspace.effective(source)
    commit = source.snapshot.commit
    origin = image.id if workspace.real_target(source) else source.snapshot.name + (f"@{commit[:12]}" if commit else "")
    tags = sorted({tag for name in source.names for tag in name.tags}) or ["*"]
    data = image_to_json(image, script_facts(image, workspace.boot(source)), origin, tags)
    replace_file(file, (json.dumps(data, indent=1, ensure_ascii=False) + "\n").encode("utf-8", "backslashreplace"))
    return 0
