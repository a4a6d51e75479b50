"""Organisations that left a name on their registry: the old one is kept for who uses it, and nothing new is pushed to it."""

from collections.abc import Iterable

from ..families.read import families
from .reference import Alias, Reference, identity


def left_for(reference: Reference, aliases: Iterable[Alias] = ()) -> str | None:
    """The familiar name that an image is published under now, where `reference` uses one that was left; else None.

    A configured alias counts where both of its sides are on one registry: else it is a mirror.
    """
    for old, new in (*aliases, *families().renamed):
        if not old.endswith("/") or not new.endswith("/"):
            continue
        canonical_old, canonical_new = _canonical(old), _canonical(new)
        if canonical_old.partition("/")[0] != canonical_new.partition("/")[0]:
            continue
        if reference.name.startswith(canonical_old):
            return identity(reference, aliases)
    return None


def _canonical(organisation: str) -> str:
    first = organisation.partition("/")[0]
    known = first == "localhost" or any(character in first for character in ".:")
    return organisation if known else f"docker.io/{organisation}"
