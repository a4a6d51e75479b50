"""The image as data: each value with the line that set it."""

from collections.abc import Callable, Iterator
from typing import Any

from ...lineage.boot.account_needs import needs_of
from ...lineage.boot.plan import BootPlan
from ...lineage.boot.steps import StartStep
from ...lineage.desktop.launchers import Launchers
from ...lineage.effects.model import MakeAccount
from ...lineage.image.image import CommandLine, EffectiveImage
from ...lineage.image.tree import Cloud
from ...lineage.text.places import Place, Sourced
from ...lineage.workspace.workspace import ImageSource
from .image_text import account_text, is_wanted
from .made_services import services_made


def as_json(source: ImageSource | None, image: EffectiveImage, plan: BootPlan) -> dict[str, Any]:
    """The image as data; every value with `path` and `line` of what set it."""
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
        **_settings_json(image),
        "accounts_open": image.accounts.others,
        "accounts_removed": sorted(image.accounts.removed),
        "boot": [_step_json(image, plan, step) for step in plan.steps],
        "accounts": [*_accounts_at_start(plan), *_accounts_of_build(image)],
        "launchers": list(_launchers_json(Launchers.of(image, plan))),
        "open": plan.more.reason if plan.more is not None else None,
    }


def _settings_json(image: EffectiveImage) -> dict[str, Any]:
    """What the image's configuration says, and why more may be set."""

    def sourced(value: Sourced[Any] | None, convert: Callable[[Any], Any] | None = None) -> dict[str, Any] | None:
        if value is None:
            return None
        shown = value.value if convert is None else convert(value.value)
        return {"value": shown, "image": image.name_of(value.image), **_at(value.place)}

    def line(value: CommandLine) -> dict[str, Any]:
        return {"form": value.form, "words": list(value.words), "argv": list(value.argv)}

    return {
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
    }


def _accounts_at_start(plan: BootPlan) -> Iterator[dict[str, Any]]:
    for account in plan.accounts:
        yield {
            "name": account.name.canonical,
            "made": "start",
            "uid": account.uid.canonical if account.uid else None,
            "home": account.home.canonical,
            **_at(account.effect.place),
        }


def _accounts_of_build(image: EffectiveImage) -> Iterator[dict[str, Any]]:
    for account in image.accounts.known.values():
        yield {
            "name": account.name,
            "made": "build",
            "uid": account.uid,
            "home": account.home,
            "sure": account.sure,
            **(_at(account.place) if account.place else {}),
        }


def _launchers_json(launchers: Launchers) -> Iterator[dict[str, Any]]:
    for launcher in launchers.staged:
        to = [{"to": one.target.canonical, **_at(one.place)} for one in launchers.deliveries if one.takes(launcher)]
        yield {"path": launcher.path, **_at(launcher.place), "delivered": to}


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
        "accounts": [account_text(effect) for effect in step.effects if isinstance(effect, MakeAccount)],
        "needs": sorted({need.account.name.canonical for need in needs_of(plan, step)}),
        "services": list(services_made(image, step)),
    }


def files_json(image: EffectiveImage, glob: str) -> list[dict[str, Any]]:
    """The files that `--files GLOB` means."""
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
        if is_wanted(path, glob)
    ]


def cloud_json(cloud: Cloud) -> dict[str, Any]:
    """Where other files may be than those listed; `partly`: only some paths there may (those that git ignores)."""
    return {
        "below": list(cloud.below),
        "spares": list(cloud.spares),
        "reason": cloud.reason,
        "partly": cloud.test is not None,
    }
