"""What registries told, kept on disk: contents by their digest for ever, and the digest that each tag last named."""

import json
import time
from collections.abc import Callable
from hashlib import sha256
from urllib.parse import quote

from ..late.dataclasses import dataclass
from ..text.errors import InputError
from .cache import Cache, sealed, unsealed
from .registry_image import fits, is_digest
from .untrusted import as_object


@dataclass(frozen=True, slots=True)
class StoredTag:
    """The digest that a tag named when it was last asked for (`asked`: seconds since 1970)."""

    digest: str
    asked: float


class RegistryCache:
    """The part of the cache's folder that is about registries.

    Without a folder that can be written to all is asked for anew: `problem` says why.
    """

    def __init__(self, cache: Cache, clock: Callable[[], float] = time.time) -> None:
        self.problem: InputError | None = None
        self._cache = cache
        self._clock = clock

    def load(self, digest: str) -> bytes | None:
        """A content; None where it is not there or damaged."""
        data = self._cache.load_answer(*_content(digest))
        return data if data is not None and fits(data, digest) else None

    def save(self, digest: str, data: bytes) -> None:
        """Stores a content whose digest was verified."""
        self._save(data, *_content(digest))

    def load_tag(self, host: str, repository: str, tag: str) -> StoredTag | None:
        """What a tag named."""
        data = self._cache.load_answer(*_tag(host, repository, tag))
        try:
            value = as_object(json.loads(unsealed(data or b"", f"{host}/{repository}:{tag}") or b"null")) or {}
        except (ValueError, RecursionError):
            return None
        digest, asked = value.get("digest"), value.get("asked")
        if not isinstance(digest, str) or not is_digest(digest) or not isinstance(asked, int | float):
            return None
        return StoredTag(digest, float(asked))

    def save_tag(self, host: str, repository: str, tag: str, digest: str) -> None:
        """Stores what a tag names now."""
        record = {"image": f"{host}/{repository}:{tag}", "digest": digest, "asked": self._clock()}
        self._save(sealed(json.dumps(record).encode(), f"{host}/{repository}:{tag}"), *_tag(host, repository, tag))

    def _save(self, data: bytes, *name: str) -> None:
        try:
            self._cache.save_answer(data, *name)
        except InputError as error:
            self.problem = error


def _content(digest: str) -> tuple[str, ...]:
    algorithm, _, encoded = digest.partition(":")
    return "contents", algorithm, encoded[:2], encoded


def _tag(host: str, repository: str, tag: str) -> tuple[str, ...]:
    return "tags", quote(host, safe=""), f"{sha256(f'{repository}:{tag}'.encode()).hexdigest()}.json"
