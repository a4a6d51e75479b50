"""The image as a person reads it: each value with the line that set it, what starts in which order, its files."""

import json
import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from ...lineage.boot.account_needs import needs_of
from ...lineage.boot.plan import BootPlan
from ...lineage.boot.steps import StartStep
from ...lineage.desktop.launchers import Launchers
from ...lineage.effects.model import MakeAccount
from ...lineage.image.image import CommandLine, EffectiveImage
from ...lineage.image.tree import Cloud
from ...lineage.text.errors import Unknown
from ...lineage.text.globs import glob_matches
from ...lineage.text.paths import within
from ...lineage.text.places import Place, Sourced
from ...lineage.workspace.workspace import ImageSource
from ..output.console import Line, plural, printable
from .made_services import services_made

_LABEL = 12


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
        text = f"cannot know: {plan.more.reason}" if plan.more is not None else "no start scripts are known"
        return [_row("boot plan", text), ()]
    lines: list[Line] = [
        (("boot plan", "bold"), (f"  {plural(len(plan.steps), 'step')}, in order{_beside(plan)}", "dim"))
    ]
    number_width = len(str(len(plan.steps)))
    if isinstance(plan.starts_init, Unknown) and plan.s6 is not None:
        lines.append(
            [("  if the container's start leads to /init: ", "yellow"), (printable(plan.starts_init.reason), "")]
        )
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
        for text, place in _notes(image, plan, step):
            lines.append(
                [(" " * (number_width + 4), ""), ("→ ", "green"), (printable(text), ""), (f"  {place}", "dim")]
            )
    if plan.more is not None:
        lines.append([("  … perhaps more: ", "dim"), (plan.more.reason, "dim")])
    lines.append(())
    return lines


def _beside(plan: BootPlan) -> str:
    """What the order of the steps leaves out: services of s6-rc wait for their dependencies alone."""
    of_s6_rc = sum(1 for step in plan.steps if step.kind in ("oneshot", "longrun"))
    return "; s6-rc starts together what does not depend on each other" if of_s6_rc > 1 else ""


def _notes(image: EffectiveImage, plan: BootPlan, step: StartStep) -> Iterable[tuple[str, Place]]:
    """What a step does that others rest on: the account, and the first thing it needs of one; services that it may make."""
    for effect in step.effects:
        if isinstance(effect, MakeAccount):
            yield f"makes the account {account_text(effect)}", effect.place
    if not any(isinstance(effect, MakeAccount) for effect in step.effects):
        need = next(iter(needs_of(plan, step)), None)
        if need is not None:
            yield f"needs the account {need.account.name.canonical}", need.effect.place
    for name, place in services_made(image, step).items():
        yield f"may make the service {name}", place


def account_text(effect: MakeAccount) -> str:
    """An account that a start script makes: its name, and its number where that is said."""
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


def file_lines(image: EffectiveImage, glob: str, verbose: bool) -> list[Line]:
    """The files that match, and in one line (`verbose`: one for each that may write there) whether there can be more."""
    lines: list[Line] = []
    for path, node in sorted(image.tree.nodes.items()):
        if not is_wanted(path, glob):
            continue
        mode = f"{node.mode:04o}" if node.mode is not None else "????"
        owner = node.owner or "????"
        arrow = f" -> {node.target}" if node.kind == "link" else "/" if node.kind == "directory" else ""
        row: list[tuple[str, str]] = [(f"{mode} {printable(owner)}", "dim"), (f"  {printable(path)}{arrow}", "")]
        if not node.sure:
            row.append(("  perhaps", "yellow"))
        lines.append([*row, (f"  {printable(str(node.home))}", "dim")])
    if not lines:
        lines.append([(f"No file that is known matches {printable(glob)}.", "")])
    begin = glob[: re.search(r"[*?\[]|$", glob).start()]  # type: ignore[union-attr]
    clouds = [cloud for cloud in image.tree.clouds if _may_match(cloud, begin)]
    if glob in image.tree.nodes:
        return lines  # the one file that is asked for is there
    clouds.reverse()  # the nearest first
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


def _may_match(cloud: Cloud, begin: str) -> bool:
    """Whether what a cloud covers may match a glob that begins so: below its folders, or where one of them begins so."""
    folder = begin.rpartition("/")[0]
    if not folder and not begin.startswith("/"):
        return True
    if any(base.startswith(begin) for base in cloud.below):
        return True
    return any(within(begin, base) for base in cloud.below) and (not folder or cloud.covers(f"{folder}/\0"))


def is_wanted(path: str, glob: str) -> bool:
    """Whether `--files GLOB` means the path: as a whole, by its last name, or below the folder of that name."""
    return (
        glob_matches(path, glob)
        or glob_matches(path.rpartition("/")[2], glob)
        or path.startswith(glob.rstrip("/") + "/")
    )
