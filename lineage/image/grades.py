"""Facts of an image that is only assumed to be the one that is meant.

What it has may be used. What it lacks (absent, empty, undefined, made by nobody) is not known, unless another image, which is
surely the one that is meant, lacks it too: then two candidates agree on the fact that is asked for.
"""

from collections.abc import Callable

from ..late.dataclasses import dataclass, replace
from ..text.errors import Unknown
from .image import EffectiveImage
from .tree import Cloud, Tree

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


def _unset(image: EffectiveImage) -> set[str]:
    settings = ("user", "workdir", "shell", "entrypoint", "cmd", "healthcheck", "stopsignal")
    return {name for name in settings if getattr(image, name) is None}
