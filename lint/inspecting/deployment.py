"""`ctlint inspect --as CONSUMER`: an image as one consumer runs it: who runs each step, what mounts hide, what is set."""

import posixpath
from collections.abc import Iterator
from typing import Any

from ...lineage.boot.plan import BootPlan
from ...lineage.consumers.model import ConsumerSetting, Mount
from ...lineage.families.read import families
from ...lineage.text.errors import Unknown, UsageError
from ...lineage.text.numbers import is_digits
from ...lineage.text.paths import within
from ...lineage.text.places import Place
from ...lineage.workspace.deployments import Deployment, deployments
from ...rules.shared.users.root_needs import is_root, root_needs
from ..opening.open import Opening
from ..output.console import Line, printable
from .faults import Faults, marks

_SHOWN = 4
_LABEL = 12


def chosen(opening: Opening, text: str) -> Deployment:
    """The deployment that a user means by a file, FILE:LINE, or the name of a service. Raises UsageError."""
    found = [one for one in deployments(opening.workspace) if _is_meant(one, text)]
    if not found:
        there = dict.fromkeys(_named(one) for one in deployments(opening.workspace))
        shown = ", ".join(list(there)[:8]) + (f", and {len(there) - 8} more" if len(there) > 8 else "")
        raise UsageError(f"Nothing here is called {text!r} and runs an image; there are: {shown or 'none'}.")
    places = {one.consumer.place for one in found}
    if len(places) > 1:
        names = ", ".join(dict.fromkeys(_named(one) for one in found[:8]))
        raise UsageError(f"{text} runs several images; name one by its service or its line: {names}.")
    return found[-1]


def _named(deployment: Deployment) -> str:
    """What a user can call it by, and where it stands."""
    consumer = deployment.consumer
    return f"{consumer.title} ({consumer.place})" if consumer.title else str(consumer.place)


def _is_meant(deployment: Deployment, text: str) -> bool:
    place, title = deployment.consumer.place, deployment.consumer.title
    path, _, line = text.rpartition(":")
    if is_digits(line) and path == place.path:
        return any(one.line == int(line) for one in deployment.consumer.places() if one.path == path)
    return text in (place.path, title, f"{place.path}:{title}")


def deployment_lines(deployment: Deployment, plan: BootPlan, faults: Faults) -> list[Line]:
    """What the consumer makes of the image, below what the image is."""
    consumer = deployment.consumer
    lines: list[Line] = [_row("run by", consumer.label, consumer.place)]
    user = consumer.user
    for index, row in enumerate(_users(deployment)):
        lines.append(_row("as" if index == 0 else "", *row))
    lines += [_row("", text, place) for text, place in _facts(deployment)]
    for index, (name, setting) in enumerate(sorted(consumer.environment.items())):
        lines.append(_row("sets" if index == 0 else "", f"{name}={_shown(setting)}", setting.place))
    for index, mount in enumerate(consumer.mounts):
        lines.append(_row("mounts" if index == 0 else "", _of_mount(deployment, mount), mount.place))
    needs = list(root_needs(plan)) if user is not None and user.known is not None and not is_root(user.known) else []
    for index, need in enumerate(needs[:_SHOWN]):
        text = f"{need.step.label} needs root ({need.what})"
        lines.append(_row("fails" if index == 0 else "", text, need.effect.place))
    for index, fault in enumerate(faults.found):
        text = f"{fault.rule} {fault.message.message}"
        lines.append(_row("fails" if index == 0 and not needs else "", text, fault.message.place))
    for rule, reason in faults.open:
        lines.append(_row("", f"{rule} cannot know: {reason}"))
    if consumer.open is not None:
        lines.append(_row("", f"… perhaps more: {consumer.open.reason}"))
    return [*lines, ()]


def _users(deployment: Deployment) -> list[tuple[str, Place | None]]:
    """Whom it is run as: by each context of an app registry that says another user or none."""
    place = deployment.consumer.place
    runs = [one.consumer for one in deployments(deployment.workspace) if one.consumer.place == place]
    runs = [one for one in runs if one.base is not None] or [deployment.consumer]
    rows: dict[tuple[str, Place | None], None] = {}
    for one in runs:
        if one.user is not None:
            rows[_shown(one.user), one.user.place] = None
        elif one.platform_user is not None:
            rows[f"cannot know: {one.platform_user.reason}", None] = None
    return list(rows)


def _facts(deployment: Deployment) -> Iterator[tuple[str, Place]]:
    consumer = deployment.consumer
    flags = (
        (consumer.read_only, "read-only root"),
        (consumer.init, "init of the engine"),
        (consumer.privileged, "privileged"),
        (consumer.no_new_privileges, "no new privileges"),
    )
    for setting, what in flags:
        if setting is not None and setting.known is not False:
            yield what if setting.known else f"{what}: {_shown(setting)}", setting.place
    for settings, what in ((consumer.cap_drop, "drops capability"), (consumer.cap_add, "adds capability")):
        for capability in settings:
            yield f"{what} {_shown(capability)}", capability.place
    words = (
        (consumer.pid, "process namespace"),
        (consumer.seccomp, "seccomp"),
        (consumer.workdir, "working directory"),
    )
    for word, what in words:
        if word is not None:
            yield f"{what}: {_shown(word)}", word.place
    for check in consumer.checks:
        words_of = f"? ({check.words.reason})" if isinstance(check.words, Unknown) else " ".join(check.words)
        yield f"{check.by}: {words_of or f'asks port {check.port}'}", check.place
    for port in consumer.ports:
        host = f"{port.host} of the host → " if port.host is not None else ""
        yield f"port {host}{port.container if port.container is not None else '?'}/{port.protocol}", port.place


def _of_mount(deployment: Deployment, mount: Mount) -> str:
    target = mount.target if isinstance(mount.target, str) else f"cannot know: {mount.target.reason}"
    source = f"{mount.source} at " if mount.source else ""
    hidden = hidden_by(deployment, mount)
    kind: str = mount.kind
    if mount.read_only is not False:
        kind = f"{mount.kind}, {'read-only' if mount.read_only is True else 'read-only or not: cannot know'}"
    if _is_started(mount):
        kind = f"{kind}; the image runs at start what is in it"
    if mount.fresh and hidden:
        return f"{source}{target} ({kind}; a new one is filled from the image: {len(hidden)} files)"
    tail = ""
    if hidden:
        names = ", ".join(hidden[:_SHOWN]) + (f" and {len(hidden) - _SHOWN} more" if len(hidden) > _SHOWN else "")
        tail = f"; hides {names}"
    return f"{source}{target} ({kind}{tail})"


def _is_started(mount: Mount) -> bool:
    """Whether it is a folder from which a family's images start scripts, or lies in one."""
    if not isinstance(mount.target, str):
        return False
    target = posixpath.normpath(mount.target)
    return any(within(target, folder) for folder in families().start_directories)


def hidden_by(deployment: Deployment, mount: Mount) -> list[str]:
    """The files of the image that are known to lie below a mount."""
    if not isinstance(mount.target, str) or not mount.target.startswith("/"):
        return []
    target = posixpath.normpath(mount.target)
    nodes = deployment.image.tree.nodes
    return sorted(path for path, node in nodes.items() if node.kind == "file" and node.sure and within(path, target))


def deployment_json(deployment: Deployment, plan: BootPlan, faults: Faults) -> dict[str, Any]:
    """The same as data."""
    consumer = deployment.consumer
    user = consumer.user
    marked = marks(deployment, plan, faults.found)
    return {
        "kind": consumer.kind,
        "service": consumer.title,
        "path": consumer.place.path,
        "line": consumer.place.line,
        "reference": consumer.written,
        "user": _shown(user) if user is not None else None,
        "environment": {name: s.known for name, s in sorted(consumer.environment.items())},
        "mounts": [
            {
                "target": mount.target if isinstance(mount.target, str) else None,
                "kind": mount.kind,
                "path": mount.place.path,
                "line": mount.place.line,
                "filled": mount.fresh,
                "started": _is_started(mount),
                "hides": [] if mount.fresh else hidden_by(deployment, mount),
            }
            for mount in consumer.mounts
        ],
        "fails": [
            {"step": need.step.label, "why": need.what, "path": need.effect.place.path, "line": need.effect.place.line}
            for need in root_needs(plan)
        ]
        if user is not None and user.known is not None and not is_root(user.known)
        else [],
        "steps": [{"step": s.label, "why": marked[id(s)]} for s in plan.steps if id(s) in marked],
        "findings": [
            {
                "rule": fault.rule,
                "severity": fault.severity.label,
                "message": fault.message.message,
                "help": fault.message.help,
                "path": fault.message.place.path,
                "line": fault.message.place.line,
            }
            for fault in faults.found
        ],
        "undecided": [{"rule": rule, "reason": reason} for rule, reason in faults.open],
        "cap_add": [setting.known for setting in consumer.cap_add],
        "cap_drop": [setting.known for setting in consumer.cap_drop],
        "no_new_privileges": consumer.no_new_privileges.known if consumer.no_new_privileges is not None else None,
        "open": consumer.open.reason if consumer.open is not None else None,
    }


def _shown(setting: ConsumerSetting[Any]) -> str:
    if isinstance(setting.value, Unknown):
        return f"? ({setting.value.reason})"
    return str(setting.value) if setting.value != "" else '""'


def _row(label: str, text: str, place: Place | None = None) -> Line:
    row: list[tuple[str, str]] = [(f"{label:<{_LABEL}}", "bold"), (printable(text), "")]
    if place is not None:
        row.append((f"  {printable(str(place))}", "dim"))
    return row
