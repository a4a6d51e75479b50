"""Facts of an image that is only assumed to be the one that is meant.

What it has may be used. What it lacks (absent, empty, undefined, made by nobody) is not known, unless another image, which is
surely the one that is meant, lacks it too: then two candidates agree on the fact that is asked for.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..late.dataclasses import dataclass, replace
from ..text.errors import Unknown
from ..text.places import Sourced
from .accounts import Account, Accounts
from .image import EffectiveImage
from .tree import Cloud, Node, Tree

_ENTRY = "/\0"
"""What `Tree.closed` asks of a directory for: an entry that no directory has."""


def opened(image: EffectiveImage, reason: str, other: EffectiveImage | None = None) -> EffectiveImage:
    """`image`, of which nothing can be told absent any more but what `other` lacks, too; `reason` says why."""
    agreed = _agreement(image, other) if other is not None else _NOTHING_AGREED
    unknown = Unknown(reason, "parent")
    packages = image.accounts.packages | (other.accounts.packages if other is not None else frozenset[str]())
    accounts = replace(image.accounts, packages=packages)
    return replace(
        image,
        known="assumed" if image.known == "full" else image.known,
        tree=Tree(image.tree.nodes, (*image.tree.clouds, Cloud(reason, test=agreed.may_hold, cause="parent"))),
        accounts=accounts if agreed.accounts or accounts.open is not None else replace(accounts, open=unknown),
        env_open=image.env_open if agreed.env or image.env_open is not None else unknown,
        config_open=image.config_open if agreed.config or image.config_open is not None else unknown,
    )


def informed(image: EffectiveImage, other: EffectiveImage) -> EffectiveImage:
    """`image` with what is known of the same scripts in `other`, where its own source has no text of them (they are fetched
    when it is built)."""
    known: dict[str, Node] = {}
    for path, told in other.tree.nodes.items():
        node = image.tree.nodes.get(path) if told.facts is not None else None
        if node is None or node.kind != "file" or node.facts is not None or node.source is not None:
            continue
        if node.blob.data is None:
            known[path] = replace(node, facts=told.facts)
    if not known:
        return image
    builder = image.tree.edit()
    for path, node in known.items():
        builder.nodes[path] = node
    return replace(image, tree=builder.build())


@dataclass(frozen=True, slots=True)
class _Agreement:
    """Whether two images agree on what is lacking; `may_hold` says whether there may be something at a path."""

    env: bool
    accounts: bool
    config: bool
    may_hold: Callable[[str], bool] | None


_NOTHING_AGREED = _Agreement(False, False, False, None)


def _agreement(image: EffectiveImage, other: EffectiveImage) -> _Agreement:
    accounts = other.accounts
    return _Agreement(
        env=other.env_open is None and other.env.keys() <= image.env.keys(),
        accounts=accounts.open is None and accounts.known.keys() <= image.accounts.known.keys(),
        config=other.config_open is None and _unset(image) <= _unset(other),
        may_hold=_may_hold(image.tree, other.tree),
    )


def _may_hold(tree: Tree, other: Tree) -> Callable[[str], bool]:
    """Whether there may be something at a path where `tree` has nothing: `other` has, or may have."""

    def test(path: str) -> bool:
        if path.endswith(_ENTRY):
            directory = path[: -len(_ENTRY)] or "/"
            here = set(tree.children(directory))
            return isinstance(other.closed(directory), Unknown) or not here.issuperset(other.children(directory))
        return other.get(path) is not None

    return test


_SETTINGS = ("user", "workdir", "shell", "entrypoint", "cmd", "healthcheck", "stopsignal")


def _unset(image: EffectiveImage) -> set[str]:
    return {name for name in _SETTINGS if getattr(image, name) is None}


def agreed(images: Sequence[EffectiveImage], reason: str, unknown: EffectiveImage) -> EffectiveImage | None:
    """What several images that may be meant have in common, under the name of `unknown`: all else is not known.

    None where they do not even agree on what a child's build runs first (ONBUILD).
    """
    if any(_values(image.onbuild) != _values(images[0].onbuild) for image in images):
        return None
    first, *others = images
    open = Unknown(reason, "parent")
    env = {name: set_ for name, set_ in first.env.items() if all(_value(o.env.get(name)) == set_.value for o in others)}
    known = {
        name: one for name, one in first.accounts.known.items() if all(_same_account(one, o, name) for o in others)
    }
    alike = {name: getattr(first, name) for name in _SETTINGS if len({_value(getattr(i, name)) for i in images}) == 1}
    nodes = {
        path: node
        for path, node in first.tree.nodes.items()
        if all(_same_node(node, other.tree.nodes.get(path)) for other in others)
    }
    whole_env = all(image.env_open is None and image.env.keys() == env.keys() for image in images)
    whole_accounts = all(
        image.accounts.open is None and image.accounts.known.keys() == known.keys() for image in images
    )
    whole_settings = len(alike) == len(_SETTINGS) and all(image.config_open is None for image in images)
    return replace(
        first,
        id=unknown.id,
        name=unknown.name,
        dockerfile=None,
        target=None,
        chain=tuple(replace(link, assumed=reason) for link in unknown.chain),
        known="assumed",
        env=env,
        env_open=None if whole_env else open,
        config_open=None if whole_settings else open,
        tree=Tree(nodes, (Cloud(reason, test=_may_any_hold(images, nodes), cause="parent"),)),
        accounts=Accounts(
            known,
            frozenset[str]().union(*(image.accounts.packages for image in images)),
            None if whole_accounts else open,
            groups=first.accounts.groups if whole_accounts and len(images) == 1 else None,
        ),
        exposed=first.exposed if all(_values(o.exposed) == _values(first.exposed) for o in others) else (),
        volumes=first.volumes if all(_values(o.volumes) == _values(first.volumes) for o in others) else (),
        labels={k: v for k, v in first.labels.items() if all(_value(o.labels.get(k)) == v.value for o in others)},
        steps=(),
        sessions=first.sessions if all(o.sessions == first.sessions for o in others) else (),
        s6_version=first.s6_version if all(o.s6_version == first.s6_version for o in others) else None,
        sh=first.sh if all(o.sh == first.sh for o in others) else None,
        **{name: alike.get(name) for name in _SETTINGS},
    )


def _value(sourced: Sourced[Any] | None) -> Any:
    return sourced.value if sourced is not None else None


def _values(sourced: Sequence[Sourced[Any]]) -> list[Any]:
    return [one.value for one in sourced]


def _same_account(account: Account, other: EffectiveImage, name: str) -> bool:
    known = other.accounts.known.get(name)
    return known is not None and replace(known, place=account.place, image=account.image) == account


def _same_node(node: Node, other: Node | None) -> bool:
    if other is None or not node.sure or not other.sure:
        return False
    if (node.kind, node.mode, node.owner, node.target) != (other.kind, other.mode, other.owner, other.target):
        return False
    if node.provides is not None or other.provides is not None:
        return node.provides == other.provides
    return node.kind != "file" or node.blob.same_as(other.blob) is True


def _may_any_hold(images: Sequence[EffectiveImage], nodes: Mapping[str, Node]) -> Callable[[str], bool]:
    """Whether one of the images has, or may have, something at a path where they do not agree."""

    def test(path: str) -> bool:
        if path.endswith(_ENTRY):
            directory = path[: -len(_ENTRY)] or "/"
            kept = {name for name in images[0].tree.children(directory) if f"{directory.rstrip('/')}/{name}" in nodes}
            return any(
                isinstance(image.tree.closed(directory), Unknown) or not kept.issuperset(image.tree.children(directory))
                for image in images
            )
        return any(image.tree.get(path, follow=False) is not None for image in images)

    return test
