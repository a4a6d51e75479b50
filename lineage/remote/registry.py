"""Images in OCI registries: Docker Hub, ghcr.io, or any other; asked for anonymously where no credentials are handed in.

Sources: OCI Distribution Specification v1.1 (spec.md, "Pull"); docs.docker.com, "Docker Hub pull usage and limits": a HEAD
request for a manifest is no pull. So a tag is asked for by HEAD every time, and contents, which digests name for ever,
are fetched once.
"""

import threading
import time
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit

from ..late.dataclasses import dataclass
from ..text.errors import InputError, Unknown
from ..text.reference import Reference
from .address import ApiServer, origin
from .cache import Cache, age_in_words
from .http_session import Sessions
from .progress import Progress, Untold
from .registry_auth import Access, Login, is_loopback
from .registry_cache import RegistryCache
from .registry_image import (
    FIRST_FORMAT,
    MEDIA_TYPES,
    Platform,
    RegistryConfiguration,
    RegistryImage,
    chosen,
    config_or_index,
    fits,
    is_digest,
    parse_configuration,
    sha256_digest,
)
from .transport import HttpResponse, LimitedError, RefusedError, Send, Transport, UnreachableError

if TYPE_CHECKING:
    import requests

_LARGEST_MANIFEST = 4 << 20
_LARGEST_CONFIGURATION = 8 << 20
_LONGEST_ANSWER = 120.0
_LONGEST_LAYER = 7200.0
_DEEPEST_INDEX = 3
_LONGEST_WAIT = 30.0
_FIRST_FORMAT = "application/vnd.docker.distribution.manifest.v1+"
_HEADERS = {"Accept": ", ".join(MEDIA_TYPES), "Accept-Encoding": "identity"}
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class StoredImage:
    """What a registry stores of an image. `digest` is what its tag names, be it an index of several platforms."""

    digest: str
    manifest: bytes
    config: bytes


class Registries:
    """The registries that references name, by way of a cache.

    `agent` is what requests name as their sender; `session` makes a requests session for each thread; `clock` gives the
    time in seconds since 1970, `sleep` waits for as many seconds; with `offline` the cache alone answers. `login` gives the
    user's credentials for a registry (by its host); without it none are sent. Safe to use from several threads.
    """

    def __init__(
        self,
        cache: Cache | None = None,
        *,
        progress: Progress | None = None,
        agent: str = "ctlint",
        offline: bool = False,
        session: "Callable[[], requests.Session] | None" = None,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], object] | None = None,
        login: Callable[[str], Login | None] = lambda host: None,
    ) -> None:
        self.stop = threading.Event()
        """Set, it ends what is under way."""
        self.cache = RegistryCache(cache or Cache(clock=clock), clock)
        self.progress = progress or Untold()
        self.oldest: float | None = None
        """When the oldest answer was had that the cache gave for a tag; None where none was needed."""
        self._waits = _Waits(self.progress)
        self._agent = agent
        self._offline = offline
        self._sessions = Sessions(session)
        self._clock = clock
        self._sleep = sleep
        self._login = login
        self._lock = threading.Lock()
        self._registries: dict[str, _Registry] = {}
        self._turns: dict[tuple[str, Platform], threading.Lock] = {}
        self._known: dict[tuple[str, Platform], RegistryImage | Exception] = {}

    def image(self, reference: Reference, platform: Platform) -> RegistryImage:
        """The image that a reference names on a platform, asked for once.

        Raises Unknown where it cannot be told, UnreachableError or LimitedError where the registry does not answer.
        """
        key = (f"{reference.name}:{reference.tag}@{reference.digest}", platform)
        with self._lock:
            turn = self._turns.setdefault(key, threading.Lock())
        with turn:
            if key not in self._known:
                try:
                    self._known[key] = self._image(reference, platform)
                except (Unknown, InputError) as error:
                    self._known[key] = error
            found = self._known[key]
        if isinstance(found, Exception):
            raise found
        return found

    def close(self) -> None:
        """Ends all connections, and warns of a cache that is all there was, or that cannot be written to."""
        self._sessions.close()
        if self.cache.problem is not None:
            self.progress.warn(f"{self.cache.problem.path}: {self.cache.problem}")
        if self.oldest is not None:
            age = age_in_words(self._clock() - self.oldest)
            self.progress.warn(f"offline: tags are as registries last told them, the oldest {age}")

    def _image(self, reference: Reference, platform: Platform) -> RegistryImage:
        registry = self._registry(reference.domain)
        with _told(registry, str(reference)):
            digest, _, config = self._manifest(registry, reference, platform)
            found = self._configuration(registry, reference, platform, config)[0]
        return RegistryImage(str(reference), digest, found)

    def stored(self, reference: Reference, platform: Platform) -> StoredImage:
        """The manifest and configuration of an image, verified. Raises as `image`."""
        registry = self._registry(reference.domain)
        with _told(registry, str(reference)):
            digest, manifest, config = self._manifest(registry, reference, platform)
            return StoredImage(digest, manifest, self._configuration(registry, reference, platform, config)[1])

    def blob(self, reference: Reference, digest: str, use: Callable[[Iterator[bytes]], T]) -> T:
        """What `use` makes of a blob's bytes, which it has to verify; called again from the start where it breaks off.

        Raises as `image`, and what `use` raises.
        """
        registry = self._registry(reference.domain)
        with _told(registry, str(reference)):
            if self._offline:
                raise Unknown("its layers are not in the cache, and --offline was given")
            return registry.stream(f"/v2/{reference.path}/blobs/{digest}", use)

    def part(self, reference: Reference, digest: str, start: int, length: int) -> bytes | None:
        """So many bytes of a blob from an offset on; None where the registry only gives all of it. Raises as `image`."""
        registry = self._registry(reference.domain)
        with _told(registry, str(reference)):
            if self._offline:
                raise Unknown("its layers are not in the cache, and --offline was given")
            return registry.part(f"/v2/{reference.path}/blobs/{digest}", start, length)

    def _manifest(self, registry: "_Registry", reference: Reference, platform: Platform) -> tuple[str, bytes, str]:
        """(digest of what the reference names, manifest for the platform, digest of its configuration)."""
        digest = reference.digest or self._tagged(registry, reference)
        if not is_digest(digest):
            raise Unknown(f"its digest is of a kind that is not verified here ({digest.partition(':')[0]})")
        manifest = digest
        for _ in range(_DEEPEST_INDEX):
            data = self._content(registry, reference, "manifests", manifest, _LARGEST_MANIFEST)
            config, descriptors = config_or_index(data)
            if config is not None:
                return digest, data, config
            manifest = chosen(descriptors, platform)
        raise Unknown("its index names indexes without end")

    def _configuration(
        self, registry: "_Registry", reference: Reference, platform: Platform, digest: str
    ) -> tuple[RegistryConfiguration, bytes]:
        data = self._content(registry, reference, "blobs", digest, _LARGEST_CONFIGURATION)
        found = parse_configuration(data)
        if (found.platform.os, found.platform.architecture) != (platform.os, platform.architecture):
            raise Unknown(f"it is not there for {platform}")
        if not found.diff_ids:
            raise Unknown("it has no layers")
        return found, data

    def _tagged(self, registry: "_Registry", reference: Reference) -> str:
        """The digest that a tag names now; offline, the one that it named when it was last asked for."""
        tag = reference.tag or "latest"
        if self._offline:
            record = self.cache.load_tag(registry.host, reference.path, tag)
            if record is None:
                raise Unknown("it is not in the cache, and --offline was given")
            with self._lock:
                self.oldest = record.asked if self.oldest is None else min(record.asked, self.oldest)
            return record.digest
        path = f"/v2/{reference.path}/manifests/{tag}"
        digest = registry.digest_of(path)
        if digest is None:
            told, data = registry.get(path, _LARGEST_MANIFEST)
            digest = told or sha256_digest(data)
            if not fits(data, digest):
                raise Unknown("what came is not what its digest says")
            self.cache.save(digest, data)
        self.cache.save_tag(registry.host, reference.path, tag, digest)
        return digest

    def _content(self, registry: "_Registry", reference: Reference, kind: str, digest: str, most: int) -> bytes:
        data = self.cache.load(digest)
        if data is not None:
            return data
        if self._offline:
            raise Unknown("it is not in the cache, and --offline was given")
        _, data = registry.get(f"/v2/{reference.path}/{kind}/{digest}", most)
        if not fits(data, digest):
            raise Unknown("what came is not what its digest says")
        self.cache.save(digest, data)
        return data

    def _registry(self, domain: str) -> "_Registry":
        host = "registry-1.docker.io" if domain == "docker.io" else domain
        with self._lock:
            if host not in self._registries:
                self._registries[host] = _Registry(
                    host, domain, self._sessions.send, self._transport, lambda: self._login(host)
                )
            return self._registries[host]

    def _transport(self, send: Send, base: str, host: str) -> Transport:
        return Transport(
            send,
            ApiServer(api=base, web=base),
            agent=self._agent,
            progress=self._waits,
            stop=self.stop,
            clock=self._clock,
            sleep=self._sleep,
            longest_wait=_LONGEST_WAIT,
            service=host,
        )


class _Waits(Untold):
    """Passes on each reason to wait once: many requests to one registry wait for the same."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._lock = threading.Lock()
        self._told: set[str] = set()

    def waiting(self, seconds: float, reason: str) -> None:
        with self._lock:
            if reason in self._told:
                return
            self._told.add(reason)
        self._progress.waiting(seconds, reason)


class _Registry:
    """One registry: over https, and without encryption where it is on this machine."""

    def __init__(
        self,
        host: str,
        shown: str,
        send: Send,
        transport: Callable[[Send, str, str], Transport],
        login: Callable[[], Login | None],
    ) -> None:
        self.host = host
        self.shown = shown
        self._base = f"{'http' if is_loopback(urlsplit(f'//{host}').hostname or '') else 'https'}://{host}"
        self._logins = _Logins(send)
        self._plain = transport(self._logins.send, self._base, shown)
        self._transport = transport(Access(send, self._base, self._token, login).send, self._base, shown)
        self._limited: LimitedError | None = None

    def digest_of(self, path: str) -> str | None:
        """The digest that the registry tells of a manifest without sending it; None where it does not do that."""
        try:
            return self._get(self._transport, path, _digest_in, "HEAD")
        except RefusedError as error:
            if error.status in (401, 403, 404, 429) or error.status >= 500:
                raise
            return None

    def get(self, path: str, most: int) -> tuple[str | None, bytes]:
        """(the digest that the registry tells, the body)."""

        def read(answer: HttpResponse) -> tuple[str | None, bytes]:
            if answer.headers.get("Content-Type", "").startswith(_FIRST_FORMAT):
                raise Unknown(FIRST_FORMAT)
            return _digest_in(answer), _body(self._transport, answer, most)

        return self._get(self._transport, path, read)

    def stream(self, path: str, use: Callable[[Iterator[bytes]], T]) -> T:
        """What `use` makes of a body of any size."""

        def read(answer: HttpResponse) -> T:
            return use(self._transport.watched(answer, _LONGEST_LAYER))

        return self._get(self._transport, path, read)

    def part(self, path: str, start: int, length: int) -> bytes | None:
        """Some bytes of a body; None where the server would send all of it."""

        def read(answer: HttpResponse) -> bytes | None:
            return _body(self._transport, answer, length) if answer.status == 206 else None

        return self._get(self._transport, path, read, more={"Range": f"bytes={start}-{start + length - 1}"})

    def _token(self, url: str, most: int, login: Login | None) -> bytes:
        if login is not None:
            self._logins.add(url, login)
        return self._plain.get(url, lambda answer: _body(self._plain, answer, most), {"Accept-Encoding": "identity"})

    def _get(
        self,
        transport: Transport,
        path: str,
        use: Callable[[HttpResponse], T],
        method: str = "GET",
        more: Mapping[str, str] | None = None,
    ) -> T:
        if self._limited is not None:
            raise self._limited
        try:
            return transport.get(self._base + path, use, {**_HEADERS, **(more or {})}, method=method)
        except LimitedError as error:
            self._limited = error
            raise


class _Logins:
    """Adds the user's credentials to requests for tokens, by scheme, host and port: none follows a redirect elsewhere."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._logins: dict[tuple[str, str, int | None], Login] = {}

    def add(self, url: str, login: Login) -> None:
        self._logins[origin(url)] = login

    def send(self, url: str, headers: Mapping[str, str], method: str = "GET", /) -> HttpResponse:
        login = self._logins.get(origin(url))
        return self._send(url, {**headers, "Authorization": login.header} if login is not None else headers, method)


def _digest_in(answer: HttpResponse) -> str | None:
    digest = answer.headers.get("Docker-Content-Digest", "").strip()
    return digest if is_digest(digest) else None


def _body(transport: Transport, answer: HttpResponse, most: int) -> bytes:
    data = bytearray()
    for piece in transport.watched(answer, _LONGEST_ANSWER):
        data += piece
        if len(data) > most:
            raise Unknown(f"the answer is larger than {most:,} bytes")
    return bytes(data)


@contextmanager
def _told(registry: _Registry, reference: str) -> Generator[None]:
    """Says of which image something is unknown, and tells a registry that fails from one that refuses."""
    try:
        yield
    except Unknown as error:
        raise Unknown(f"{reference}: {error.reason}") from None
    except RefusedError as error:
        if error.status >= 500:
            raise UnreachableError(str(error)) from None
        if error.status == 404:
            raise Unknown(f"{reference}: {registry.shown} has no such image") from None
        if error.status in (401, 403):
            raise Unknown(f"{reference}: {registry.shown} has no such image, or shows it to its users only") from None
        raise Unknown(f"{reference}: {error}") from None
