"""`ctlint.lock`: the parents of a repository by digest, and their facts beside it, committed with the repository.

With it a lone repository is linted offline, fast, and the same everywhere, and a parent's tag that moves is noticed instead
of being followed. The lock names each parent with tag, digest, platform and date; `ctlint.lock.d/DIGEST.json` are its facts,
whose own checksum the lock tells.
"""

import json
from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import Any, cast

from ..image.image import EffectiveImage
from ..late.dataclasses import dataclass, fields
from ..oci.address import FACTS, LOCK
from ..oci.read import RealImage
from ..remote.untrusted import as_list, as_object, printable
from ..repository.snapshot import Snapshot
from ..text.errors import InputError, Unknown
from ..text.reference import Alias, Reference, identity, identity_of_name
from .effective import effective_image
from .facts import facts_from_json

SCHEMA = 1


@dataclass(frozen=True, slots=True)
class Locked:
    """One parent of a lock. `tag` is None where FROM gives a digest alone; `address` is where it was read from.

    `date` is the day it was locked; `checksum` is that of the facts' file.
    """

    name: str
    tag: str | None
    digest: str
    platform: str
    date: str
    address: str
    checksum: str

    @property
    def facts(self) -> str:
        """The path of its facts, beside the lock."""
        return f"{FACTS}/{self.digest.replace(':', '-')}.json"

    @property
    def shown(self) -> str:
        return self.name + (f":{self.tag}" if self.tag else "")

    def answers(self, reference: Reference) -> bool:
        """Whether a reference to this image means this parent: the same digest or tag."""
        return reference.digest == self.digest if reference.digest else reference.effective_tag == self.tag


class Lock:
    """The lock of one repository."""

    def __init__(self, parents: Sequence[Locked], snapshot: Snapshot | None = None) -> None:
        self.parents = tuple(parents)
        self._snapshot = snapshot
        self._images: dict[str, EffectiveImage | Unknown] = {}
        self._named: dict[str | None, list[Locked]] = {}
        self._aliases: Sequence[Alias] | None = None
        self.failed: dict[str, InputError] = {}
        """Why the facts of a parent that was asked for cannot be used, by its digest."""

    def find(self, reference: Reference, aliases: Sequence[Alias] = ()) -> Locked | None:
        """The parent that a reference means; None where it is not locked."""
        if aliases != self._aliases:
            self._aliases, self._named = aliases, {}
            for locked in self.parents:
                self._named.setdefault(identity_of_name(locked.name, aliases), []).append(locked)
        named = self._named.get(identity(reference, aliases), [])
        return next((locked for locked in named if locked.answers(reference)), None)

    def image(self, locked: Locked, name: str) -> EffectiveImage | Unknown:
        """The effective image of a locked parent; Unknown where its facts are missing or not those that were locked."""
        key = f"{name} {locked.digest}"
        if key not in self._images:
            try:
                self._images[key] = effective_image(self.facts(locked), name)
            except InputError as error:
                self.failed[locked.digest] = error
                self._images[key] = Unknown(f"{locked.shown} is locked, but {error.path}: {error}")
        return self._images[key]

    def facts(self, locked: Locked) -> RealImage:
        """The facts of a locked parent. Raises InputError where they are missing, or not those that were locked."""
        snapshot = self._snapshot
        path = snapshot.show(locked.facts) if snapshot is not None else locked.facts
        if snapshot is None or locked.facts not in snapshot.entries:
            raise InputError("it is missing. Commit it beside ctlint.lock, or run ctlint lock", path)
        data = snapshot.content(locked.facts)
        if isinstance(data, Unknown):
            raise InputError(data.reason, path)
        if f"sha256:{sha256(data).hexdigest()}" != locked.checksum:
            raise InputError("it is not what ctlint.lock says. Run ctlint lock again", path)
        try:
            value = as_object(json.loads(data))
        except (ValueError, RecursionError):
            value = None
        try:
            return facts_from_json(value or {})
        except InputError as error:
            raise InputError(str(error), path) from None


def lock_of(snapshot: Snapshot) -> Lock | None:
    """The lock at a repository's top; None where there is none. Raises InputError where it cannot be read."""
    if LOCK not in snapshot.entries:
        return None
    data = snapshot.content(LOCK)
    path = snapshot.show(LOCK)
    if isinstance(data, Unknown):
        raise InputError(data.reason, path)
    return Lock(parse_lock(data, path), snapshot)


def parse_lock(data: bytes, path: str) -> tuple[Locked, ...]:
    """The parents that a lock names. Raises InputError."""
    try:
        value = as_object(json.loads(data))
    except (ValueError, RecursionError):
        value = None
    if value is None:
        raise InputError("This is no lock of ctlint. Write it anew with ctlint lock.", path)
    if value.get("schema") != SCHEMA:
        raise InputError(f"This lock is of schema {value.get('schema')!r}; this version reads {SCHEMA}.", path)
    found: list[Locked] = []
    for row in as_list(value.get("parents")) or []:
        entry = as_object(row) or {}
        texts = {key: entry.get(key) for key in _keys()}
        wrong = [
            key for key, text in texts.items() if not isinstance(text, str) and not (key == "tag" and text is None)
        ]
        if wrong or not _is_plain(str(entry.get("digest"))):
            raise InputError(f"An entry of this lock has no usable {printable(wrong[0] if wrong else 'digest')}.", path)
        found.append(Locked(**cast("dict[str, Any]", texts)))
    return tuple(found)


def lock_text(parents: Iterable[Locked]) -> str:
    """The lock's file: sorted, one key a line."""
    rows = [
        {key: getattr(one, key) for key in _keys()}
        for one in sorted(parents, key=lambda one: (one.name, one.tag or "", one.digest))
    ]
    return json.dumps({"schema": SCHEMA, "parents": rows}, indent=2) + "\n"


def _keys() -> list[str]:
    return [each.name for each in fields(Locked)]


def checksum_of(text: str) -> str:
    return f"sha256:{sha256(text.encode('utf-8')).hexdigest()}"


def _is_plain(digest: str) -> bool:
    """Whether a digest can be a file's name."""
    algorithm, colon, encoded = digest.partition(":")
    return bool(colon) and algorithm.isalnum() and encoded.isalnum()
