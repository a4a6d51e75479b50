"""`ctlint inspect`: the effective image and its boot plan, each value with the line that set it."""

import argparse
import json
import re
import shlex
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

from ...lineage.boot.account_needs import needs_of
from ...lineage.boot.plan import BootPlan
from ...lineage.boot.steps import StartStep
from ...lineage.desktop.launchers import Launchers
from ...lineage.effects.model import MakeAccount
from ...lineage.image.image import CommandLine, EffectiveImage
from ...lineage.image.tree import Cloud
from ...lineage.text.errors import Unknown, UsageError
from ...lineage.text.globs import glob_matches
from ...lineage.text.places import Place, Sourced
from ...lineage.workspace.workspace import ImageSource, Workspace
from ..opening.open import Opening, open_workspace
from ..opening.request import Request
from ..output.bump import difference_lines
from ..output.complaints import complain, print_line, sentence, tell_crashes
from ..output.console import Console, Line, plural, printable
from ..output.json_text import indented
from ..output.terminal import write_document
from .inspect_moments import (
    Moments,
    as_user,
    compared,
    differences_json,
    plan_or_open,
    why_json,
    why_lines,
)

_LABEL = 12
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
            data["files"] = _files_json(image, options.files)
            data["files_open"] = [_cloud_json(cloud) for cloud in image.tree.clouds]
        write_document(indented(data) + "\n")
    elif options.files is not None:
        Console(color=options.color).write(_file_lines(image, options.files, options.verbose), hanging=True)
    else:
        console = Console(color=options.color)
        console.write(image_lines(source, image, plan, console.width), hanging=True)
    for error in opening.errors:
        complain(sentence(error))
    crashed = tell_crashes(workspace)
    return 3 if opening.errors or crashed else 0


def _as_run(opening: Opening, options: argparse.Namespace) -> int:
    """Show an image as a consumer runs it; the exit code. Raises UsageError where nothing is known of the image."""
    from .inspect_deployment import chosen, deployment_json, deployment_lines
    from .inspect_faults import faults_of, marks

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
        lines, data = why_lines(options.why, events), why_json(options.why, events)
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


# Text


def image_lines(
    source: ImageSource | None,
    image: EffectiveImage,
    plan: BootPlan,
    width: int,
    marked: Mapping[int, str] = MappingProxyType({}),
) -> list[Line]:
    """The image as a person reads it: chain, settings, boot plan, accounts, launchers. Without a source it is bundled.
    `marked` says of steps, by their `id()`, why they do not do their work.
    """
    where = printable(source.shown) if source is not None else "bundled profile"
    lines: list[Line] = [((printable(image.name), "bold"), (f"  {where}", "dim"))]
    lines.append(())
    lines += _chain(image)
    if source is not None:
        build = source.build
        lines.append(
            _row("context", f"{build.root or '.'} ({build.evidence}{'' if build.sure else ', not sure'})", build.place)
        )
        if len(source.names):
            lines.append(_row("names", ", ".join(name.name for name in source.names), source.names[0].place))
    lines.append(())
    lines += _settings(image, plan)
    lines.append(())
    lines += _boot(image, plan, width, marked)
    lines += _accounts(image, plan)
    lines += _launchers(image, plan)
    return lines


def _row(label: str, text: str, place: Place | None = None, *, style: str = "") -> Line:
    row: list[tuple[str, str]] = [(f"{label:<{_LABEL}}", "bold"), (printable(text), style)]
    if place is not None:
        row.append((f"  {printable(str(place))}", "dim"))
    return row


def _chain(image: EffectiveImage) -> list[Line]:
    lines: list[Line] = []
    for depth, link in enumerate(image.chain):
        label = "chain" if depth == 0 else ""
        reference = f" ({link.reference})" if link.reference and depth else ""
        origin = {"target": "", "profile": " [bundled profile]", "image": " [real image]", "unknown": " [unknown]"}[
            link.origin
        ]
        assumed = f" [assumed: {link.assumed}]" if link.assumed else ""
        indent = "  " * max(depth - 1, 0) + ("└ " if depth else "")
        lines.append(_row(label, f"{indent}{link.name}{reference}{origin}{assumed}", link.place))
    return lines


def _settings(image: EffectiveImage, plan: BootPlan) -> list[Line]:
    release = plan.s6
    if isinstance(release, Unknown):
        lines = [_row("s6", f"cannot know: {release.reason}")]
    elif release is None:
        lines = [_row("s6", "none")]
    else:
        lines = [_row("s6", f"s6-overlay {release.label}", release.place)]
    user = image.user
    lines.append(_row("user", user.value if user is not None and user.value else "root", user.place if user else None))
    for label, line in (("entrypoint", image.entrypoint), ("cmd", image.cmd)):
        lines.append(_row(label, _shown(line.value), line.place) if line is not None else _row(label, _none(image)))
    for label, value in (("workdir", image.workdir), ("shell", image.shell)):
        if value is not None:
            text = value.value if isinstance(value.value, str) else json.dumps(list(value.value))
            lines.append(_row(label, text, value.place))
    for index, (name, sourced) in enumerate(sorted(image.env.items())):
        lines.append(_row("env" if index == 0 else "", f"{name}={_value(sourced)}", sourced.place))
    if image.env_open is not None:
        lines.append(_row("", f"… and what the parent sets: {image.env_open.reason}", style="dim"))
    return lines


def _none(image: EffectiveImage) -> str:
    return f"cannot know: {image.config_open.reason}" if image.config_open is not None else "none"


def _value(sourced: Sourced[str]) -> str:
    return sourced.value if sourced.value else '""'


def _shown(line: CommandLine) -> str:
    return json.dumps(list(line.words), ensure_ascii=False) if line.form == "exec" else f"{line.words[0]} (shell form)"


def _boot(image: EffectiveImage, plan: BootPlan, width: int, marked: Mapping[int, str]) -> list[Line]:
    if not plan.steps:
        text = f"cannot know: {plan.open.reason}" if plan.open is not None else "no start scripts are known"
        return [_row("boot plan", text), ()]
    lines: list[Line] = [(("boot plan", "bold"), (f"  {plural(len(plan.steps), 'step')}, in order", "dim"))]
    number_width = len(str(len(plan.steps)))
    for number, step in enumerate(plan.steps, 1):
        name = f"{step.kind} {step.name}"
        image_name = image.name_of(step.image)
        user = step.user.canonical
        lines.append(
            [
                (f"  {number:>{number_width}}  ", "dim"),
                (printable(name), ""),
                (f"  as {user}", "dim"),
                (f"  {image_name}", "cyan" if not image.owns(step.image) else ""),
                (f"  {printable(str(step.place))}", "dim"),
            ]
        )
        if id(step) in marked:
            lines.append([(" " * (number_width + 4), ""), ("✗ ", "red"), (printable(marked[id(step)]), "red")])
        for text, place in _notes(plan, step):
            lines.append(
                [(" " * (number_width + 4), ""), ("→ ", "green"), (printable(text), ""), (f"  {place}", "dim")]
            )
    if plan.open is not None:
        lines.append([("  … perhaps more: ", "dim"), (plan.open.reason, "dim")])
    lines.append(())
    return lines


def _notes(plan: BootPlan, step: StartStep) -> Iterable[tuple[str, Place]]:
    """What a step does that others rest on: the account, and the first thing it needs of one."""
    for effect in step.effects:
        if isinstance(effect, MakeAccount):
            yield f"makes the account {_account(effect)}", effect.place
    if not any(isinstance(effect, MakeAccount) for effect in step.effects):
        need = next(iter(needs_of(plan, step)), None)
        if need is not None:
            yield f"needs the account {need.account.name.canonical}", need.effect.place


def _account(effect: MakeAccount) -> str:
    uid = f", uid {effect.uid.canonical}" if effect.uid is not None else ""
    home = f", home {effect.home.canonical}" if effect.home is not None else ""
    return f"{effect.name.canonical}{uid}{home}"


def _accounts(image: EffectiveImage, plan: BootPlan) -> list[Line]:
    lines: list[Line] = []
    for account in plan.accounts:
        text = f"{account.name.canonical}: made at start by {account.effect.place}"
        lines.append(_row("accounts" if not lines else "", text))
    for made in image.accounts.known.values():
        if made.place is not None and made.name != "root" and (made.uid is None or made.uid >= 500):
            uid = f" (uid {made.uid})" if made.uid is not None else ""
            lines.append(_row("accounts" if not lines else "", f"{made.name}{uid}: made at build by {made.place}"))
    if lines:
        lines.append(())
    return lines


def _launchers(image: EffectiveImage, plan: BootPlan) -> list[Line]:
    launchers = Launchers.of(image, plan)
    lines: list[Line] = []
    for launcher in launchers.staged:
        ways = [delivery for delivery in launchers.deliveries if delivery.takes(launcher)]
        for delivery in ways[:1]:
            text = f"{launcher.path} → {delivery.target.canonical}"
            lines.append(_row("launchers" if not lines else "", text, delivery.place))
        if not ways and not launcher.shown_by_itself:
            lines.append(
                _row("launchers" if not lines else "", f"{launcher.path}, which no start script takes", launcher.place)
            )
    return lines


def _file_lines(image: EffectiveImage, glob: str, verbose: bool) -> list[Line]:
    """The files that match, and in one line (`verbose`: one for each that may write there) whether there can be more."""
    lines: list[Line] = []
    for path, node in sorted(image.tree.nodes.items()):
        if not _wanted(path, glob):
            continue
        mode = f"{node.mode:04o}" if node.mode is not None else "????"
        owner = node.owner or "????"
        arrow = f" -> {node.target}" if node.kind == "link" else "/" if node.kind == "directory" else ""
        row: list[tuple[str, str]] = [(f"{mode} {printable(owner)}", "dim"), (f"  {printable(path)}{arrow}", "")]
        if not node.sure:
            row.append(("  perhaps", "yellow"))
        lines.append([*row, (f"  {printable(str(node.home))}", "dim")])
    folder = glob[: re.search(r"[*?\[]|$", glob).start()].rpartition("/")[0]  # type: ignore[union-attr]
    clouds = [cloud for cloud in image.tree.clouds if not folder or cloud.covers(f"{folder}/\0")]
    if not verbose and clouds:
        first = printable(clouds[0].reason)
        more = f", and {plural(len(clouds) - 1, 'more reason')}; --verbose lists them" if len(clouds) > 1 else ""
        lines.append([("?", "yellow"), (f"  more may be there: {first}{more}", "dim")])
        return lines
    if not clouds:
        lines.append([("", ""), ("No other can be there.", "dim")])
    for cloud in clouds:
        spares = f" except {', '.join(cloud.spares[:6])}{'…' if len(cloud.spares) > 6 else ''}" if cloud.spares else ""
        lines.append([("?", "yellow"), (f"  {', '.join(cloud.below)}{spares}: {printable(cloud.reason)}", "dim")])
    return lines


def _wanted(path: str, glob: str) -> bool:
    return (
        glob_matches(path, glob)
        or glob_matches(path.rpartition("/")[2], glob)
        or path.startswith(glob.rstrip("/") + "/")
    )


# JSON


def as_json(source: ImageSource | None, image: EffectiveImage, plan: BootPlan) -> dict[str, Any]:
    """The image as data; every value with `path` and `line` of what set it."""

    def sourced(value: Sourced[Any] | None, convert: Callable[[Any], Any] | None = None) -> dict[str, Any] | None:
        if value is None:
            return None
        shown = value.value if convert is None else convert(value.value)
        return {"value": shown, "image": image.name_of(value.image), **_at(value.place)}

    def line(value: CommandLine) -> dict[str, Any]:
        return {"form": value.form, "words": list(value.words), "argv": list(value.argv)}

    launchers = Launchers.of(image, plan)
    return {
        "schema": 1,
        "id": image.id,
        "image": image.name,
        "dockerfile": source.shown if source is not None else None,
        "target": image.target,
        "names": [
            {"name": name.name, "how": name.how, **(_at(name.place) if name.place else {})}
            for name in (source.names if source is not None else ())
        ],
        "context": {"path": source.build.root, "evidence": source.build.evidence, "sure": source.build.sure}
        if source is not None
        else None,
        "chain": [
            {"name": link.name, "reference": link.reference, "origin": link.origin, "assumed": link.assumed}
            for link in image.chain
        ],
        "known": image.known,
        "s6": image.s6_version,
        "env": {name: sourced(value) for name, value in sorted(image.env.items())},
        "user": sourced(image.user),
        "workdir": sourced(image.workdir),
        "shell": sourced(image.shell, list),
        "entrypoint": sourced(image.entrypoint, line),
        "cmd": sourced(image.cmd, line),
        "exposed": [sourced(port) for port in image.exposed],
        "volumes": [sourced(path) for path in image.volumes],
        "labels": {name: sourced(value) for name, value in sorted(image.labels.items())},
        "stopsignal": sourced(image.stopsignal),
        "healthcheck": sourced(image.healthcheck),
        "onbuild": [sourced(trigger, lambda one: one.original) for trigger in image.onbuild],
        "env_open": image.env_open.reason if image.env_open is not None else None,
        "config_open": image.config_open.reason if image.config_open is not None else None,
        "accounts_open": image.accounts.others,
        "accounts_removed": sorted(image.accounts.removed),
        "boot": [_step_json(image, plan, step) for step in plan.steps],
        "accounts": [
            *(
                {
                    "name": a.name.canonical,
                    "made": "start",
                    "uid": a.uid.canonical if a.uid else None,
                    "home": a.home.canonical,
                    **_at(a.effect.place),
                }
                for a in plan.accounts
            ),
            *(
                {
                    "name": a.name,
                    "made": "build",
                    "uid": a.uid,
                    "home": a.home,
                    "sure": a.sure,
                    **(_at(a.place) if a.place else {}),
                }
                for a in image.accounts.known.values()
            ),
        ],
        "launchers": [
            {
                "path": launcher.path,
                **_at(launcher.place),
                "delivered": [
                    {"to": d.target.canonical, **_at(d.place)} for d in launchers.deliveries if d.takes(launcher)
                ],
            }
            for launcher in launchers.staged
        ],
        "open": plan.open.reason if plan.open is not None else None,
    }


def _at(place: Place) -> dict[str, Any]:
    return {"path": place.path, "line": place.line}


def _step_json(image: EffectiveImage, plan: BootPlan, step: StartStep) -> dict[str, Any]:
    return {
        "kind": step.kind,
        "name": step.name,
        "file": step.path,
        "image": image.name_of(step.image),
        "user": step.user.canonical,
        **_at(step.place),
        "accounts": [_account(effect) for effect in step.effects if isinstance(effect, MakeAccount)],
        "needs": sorted({need.account.name.canonical for need in needs_of(plan, step)}),
    }


def _files_json(image: EffectiveImage, glob: str) -> list[dict[str, Any]]:
    return [
        {
            "path": path,
            "kind": node.kind,
            "sure": node.sure,
            "mode": f"{node.mode:04o}" if node.mode is not None else None,
            "owner": node.owner or None,
            "link": node.target if node.kind == "link" else None,
            "blob": node.blob.digest if node.kind == "file" else None,
            "lines": [line.text for line in node.inserted],
            "provides": node.provides,
            "image": image.name_of(node.image),
            "source": {"path": node.home.path, "line": node.home.line},
        }
        for path, node in sorted(image.tree.nodes.items())
        if _wanted(path, glob)
    ]


def _cloud_json(cloud: Cloud) -> dict[str, Any]:
    """Where other files may be than those listed; `partly`: only some paths there may (those that git ignores)."""
    return {
        "below": list(cloud.below),
        "spares": list(cloud.spares),
        "reason": cloud.reason,
        "partly": cloud.test is not None,
    }


def _export(workspace: Workspace, source: ImageSource, file: Path) -> int:
    """Write the image's facts as a profile."""
    from ...lineage.profiles.write import image_to_json, script_facts
    from ..judging.files import replace_file

    image = workspace.effective(source)
    commit = source.snapshot.commit
    origin = image.id if workspace.real_target(source) else source.snapshot.name + (f"@{commit[:12]}" if commit else "")
    tags = sorted({tag for name in source.names for tag in name.tags}) or ["*"]
    data = image_to_json(image, script_facts(image, workspace.boot(source)), origin, tags)
    replace_file(file, (json.dumps(data, indent=1, ensure_ascii=False) + "\n").encode("utf-8"))
    return 0
