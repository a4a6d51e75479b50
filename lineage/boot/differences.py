"""What differs between two images: settings, variables, accounts, paths, and what starts, in which order, as which user.

Only what both are known to be differs: where one of them cannot be known, nothing is said.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

from ..image.accounts import Account
from ..image.image import EffectiveImage, setting_text
from ..image.tree import Node, Tree
from ..late.dataclasses import dataclass
from ..s6.release import S6Release
from ..text.errors import Unknown
from ..text.places import Sourced
from .plan import BootPlan

Kind = Literal["s6", "sh", "setting", "env", "label", "account", "step", "path"]
_SETTINGS = ("user", "workdir", "shell", "entrypoint", "cmd", "healthcheck", "stopsignal")


@dataclass(frozen=True, slots=True)
class Difference:
    """Something that is one thing here and another there; None for what is not there."""

    kind: Kind
    name: str
    before: str | None
    after: str | None


def differences(
    before: EffectiveImage, after: EffectiveImage, plans: tuple[BootPlan, BootPlan] | None = None
) -> list[Difference]:
    """What differs, settings first, paths last, each group by name. `plans` are the images' boot plans."""
    found = [
        *_releases(plans),
        *_shells(before, after),
        *_settings(before, after),
        *_variables(before, after),
        *_accounts(before, after),
    ]
    if plans is not None:
        found += [*_made_at_start(*plans), *_steps(*plans)]
    return [*found, *_paths(before.tree, after.tree)]


def _releases(plans: tuple[BootPlan, BootPlan] | None) -> Iterator[Difference]:
    if plans is None:
        return
    one, other = (plan.s6 for plan in plans)
    if isinstance(one, Unknown) or isinstance(other, Unknown):
        return
    yield from _differing("s6", "s6-overlay", _label(one), _label(other))


def _label(release: S6Release | None) -> str | None:
    return release.label if release is not None else None


def _shells(before: EffectiveImage, after: EffectiveImage) -> Iterator[Difference]:
    if before.sh is not None and after.sh is not None:
        yield from _differing("sh", "/bin/sh", before.sh, after.sh)


def _differing(kind: Kind, name: str, before: str | None, after: str | None) -> Iterator[Difference]:
    if before != after:
        yield Difference(kind, name, before, after)


def _settings(before: EffectiveImage, after: EffectiveImage) -> Iterator[Difference]:
    opened = before.config_open is not None or after.config_open is not None
    for name in _SETTINGS:
        one, other = getattr(before, name), getattr(after, name)
        if opened and (one is None or other is None):
            continue
        yield from _differing("setting", name.upper(), setting_text(one), setting_text(other))
    if opened:
        return
    for name, key, shown in (("EXPOSE", "exposed", _plain_port), ("VOLUME", "volumes", str)):
        one, other = ({shown(value.value) for value in getattr(image, key)} for image in (before, after))
        for value in sorted(one ^ other):
            yield Difference("setting", name, value if value in one else None, value if value in other else None)
    yield from _mapped("label", before.labels, after.labels)


def _plain_port(port: str) -> str:
    """A port as a Dockerfile writes it: a real image says `80/tcp`, where `80` is meant, too."""
    return port.lower().removesuffix("/tcp")


def _variables(before: EffectiveImage, after: EffectiveImage) -> Iterator[Difference]:
    for one in _mapped("env", before.env, after.env):
        if one.after is None and after.env_open is not None:
            continue
        if one.before is None and before.env_open is not None:
            continue
        yield one


def _mapped(kind: Kind, before: Mapping[str, Sourced[str]], after: Mapping[str, Sourced[str]]) -> Iterator[Difference]:
    for name in sorted({*before, *after}):
        one, other = before.get(name), after.get(name)
        yield from _differing(kind, name, one.value if one else None, other.value if other else None)


def _accounts(before: EffectiveImage, after: EffectiveImage) -> Iterator[Difference]:
    for name in sorted({*before.accounts.known, *after.accounts.known}):
        one, other = before.accounts.get(name), after.accounts.get(name)
        if isinstance(one, Unknown) or isinstance(other, Unknown):
            continue
        if one is None or other is None:
            yield Difference("account", name, _account(one), _account(other))
            continue
        same_uid = one.uid is None or other.uid is None or one.uid == other.uid
        same_home = one.home is None or other.home is None or one.home == other.home
        if not same_uid or not same_home:
            yield Difference("account", name, _account(one), _account(other))


def _account(account: Account | None) -> str | None:
    if account is None:
        return None
    uid = f"uid {account.uid}" if account.uid is not None else ""
    return ", ".join(part for part in (uid, f"home {account.home}" if account.home else "") if part)


def _made_at_start(before: BootPlan, after: BootPlan) -> Iterator[Difference]:
    one, other = ({made.name.canonical: made.step.name for made in plan.accounts} for plan in (before, after))
    for name in dict.fromkeys((*one, *other)):
        if (name not in other and after.open is not None) or (name not in one and before.open is not None):
            continue
        was, now = (f"made at start by {steps[name]}" if name in steps else None for steps in (one, other))
        yield from _differing("account", name, was, now)


def _steps(before: BootPlan, after: BootPlan) -> Iterator[Difference]:
    one = {(step.kind, step.name): step for step in before.steps}
    other = {(step.kind, step.name): step for step in after.steps}
    for key in [*one, *(key for key in other if key not in one)]:
        if key in one and key in other:
            users = one[key].user.canonical, other[key].user.canonical
            yield from _differing("step", " ".join(key), f"as {users[0]}", f"as {users[1]}")
        elif key in one and after.open is None:
            yield Difference("step", " ".join(key), "starts", None)
        elif key in other and before.open is None:
            yield Difference("step", " ".join(key), None, "starts")
    shared = [key for key in one if key in other]
    if shared != [key for key in other if key in one]:
        yield Difference("step", "order", _order(shared), _order([key for key in other if key in one]))


def _order(keys: Sequence[tuple[str, str]]) -> str:
    return ", ".join(name for _, name in keys)


def _paths(before: Tree, after: Tree) -> Iterator[Difference]:
    for path in sorted({*before.nodes, *after.nodes}):
        one, other = before.nodes.get(path), after.nodes.get(path)
        if one is other or (one is not None and not one.sure) or (other is not None and not other.sure):
            continue
        if one is None:
            if before.cloud_over(path) is None:
                yield Difference("path", path, None, node_text(other))
        elif other is None:
            if after.cloud_over(path) is None:
                yield Difference("path", path, node_text(one), None)
        else:
            changed = list(_changed(one, other))
            if changed:
                yield Difference("path", path, ", ".join(b for b, _ in changed), ", ".join(a for _, a in changed))


def node_text(node: Node | None) -> str | None:
    """A path's node in a few words."""
    if node is None:
        return None
    if node.kind == "link":
        return f"link → {node.target}"
    return f"{node.kind} {node.mode:04o}" if node.mode is not None else node.kind


def _changed(one: Node, other: Node) -> Iterator[tuple[str, str]]:
    """What both are known to be and differ in, as (before, after)."""
    if one.kind != other.kind:
        yield str(node_text(one)), str(node_text(other))
        return
    if one.kind == "link":
        if one.target != other.target:
            yield f"→ {one.target}", f"→ {other.target}"
        return
    if one.mode is not None and other.mode is not None and one.mode != other.mode:
        yield f"{one.mode:04o}", f"{other.mode:04o}"
    if one.owner and other.owner and "$" not in one.owner + other.owner and one.owner != other.owner:
        yield one.owner, other.owner
    if one.kind == "file" and one.blob.same_as(other.blob) is False:
        yield f"content {(one.blob.digest or '')[:10]}", f"content {(other.blob.digest or '')[:10]}"
