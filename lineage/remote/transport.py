"""How requests are made politely and safely: redirects, the token, waiting for limits, trying again.

What sends a single request is handed in, so this knows no HTTP library. Redirects are followed here, hop by hop,
because the token must never go on to another host.
"""

import json
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from typing import Any, Protocol, TypeVar
from urllib.parse import urljoin, urlsplit

from ..text.errors import InputError
from ..text.sent import masked, note_sent
from .address import ApiServer, host_of, origin
from .archive import TruncatedArchiveError
from .progress import Progress
from .rate_limit import is_busy, limit_pause, retry_after
from .untrusted import as_object, printable

_REDIRECTS = frozenset((301, 302, 303, 307, 308))
_MOST_HOPS = 5
_TRIES = 4
_FIRST_DELAY = 1.0
_MOST_LIMIT_WAITS = 3
_GIVEN_UP_AFTER = 8
_LARGEST_JSON = 64 << 20
_LARGEST_MESSAGE = 1 << 16
_LONGEST_DOWNLOAD = 900.0
T = TypeVar("T")


class HttpResponse(Protocol):
    """A response whose body was not read yet. Header names may be looked up in any case."""

    @property
    def status(self) -> int: ...

    @property
    def headers(self) -> Mapping[str, str]: ...

    def pieces(self) -> Iterator[bytes]:
        """The body. Raises OSError where the connection breaks."""
        ...

    def close(self) -> None: ...


class Send(Protocol):
    def __call__(self, url: str, headers: Mapping[str, str], method: str = "GET", /) -> HttpResponse:
        """A request without a body, redirects not followed; raises OSError where there is no connection."""
        ...


class UnreachableError(InputError):
    """The server could not be reached, or kept failing, however often it was tried."""


class LimitedError(InputError):
    """The server wants us to wait for longer than we will."""


class RefusedError(InputError):
    """The server answered, and not with what was asked for. `is_json` tells an API's answer from a web page."""

    def __init__(self, message: str, status: int, is_json: bool = False) -> None:
        super().__init__(message)
        self.status = status
        self.is_json = is_json


class StoppedError(Exception):
    """The run was given up meanwhile."""


class _AgainError(Exception):
    def __init__(self, reason: str, pause: float | None = None) -> None:
        super().__init__(reason)
        self.pause = pause


class Transport:
    """Requests to one server and to where it redirects.

    `longest_wait` is how many seconds a rate limit is waited for; `clock` gives the time since 1970, `sleep` waits;
    `service` is what the server is called.
    Safe to use from several threads.
    """

    def __init__(
        self,
        send: Send,
        server: ApiServer,
        *,
        agent: str,
        progress: Progress,
        stop: threading.Event,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], object] | None = None,
        longest_wait: float = 60.0,
        service: str = "GitHub",
    ) -> None:
        self._send = send
        self._server = server
        self._agent = agent
        self._progress = progress
        self._stop = stop
        self._clock = clock
        self._sleep = sleep or stop.wait
        self._longest_wait = longest_wait
        self._service = service
        self._lock = threading.Lock()
        self._down: dict[str, str] = {}
        self._not_before: dict[tuple[str, str, int | None], float] = {}
        self._token_refused = False
        self._failed_in_row: dict[str, int] = {}
        self._answered: set[str] = set()
        self._api = server.api

    @property
    def api(self) -> str:
        """The address of the API, as far as it is known by now."""
        return self._api

    def get(
        self,
        url: str,
        use: Callable[[HttpResponse], T],
        headers: Mapping[str, str] | None = None,
        *,
        api: bool = False,
        method: str = "GET",
    ) -> T:
        """What `use` makes of the answer (200, 206 or 304) to a request, tried again where the server or connection fails.

        `use` is called again, then, from the start. Only requests with `api` carry the token. Raises UnreachableError,
        LimitedError, RefusedError, and what `use` raises.
        """
        failures = waits = 0
        while True:
            self._wait_for_turn(url)
            try:
                with closing(self._follow(url, headers or {}, api, method)) as answer:
                    pause, message = self._judged(answer)
                    if pause is None:
                        if message is None:
                            return use(answer)
                        if not self._without_token(answer.status, api):
                            raise RefusedError(message, answer.status, _is_json(answer))
                        continue
            except (OSError, TruncatedArchiveError, _AgainError) as error:
                failures += 1
                self._before_retry(url, error, failures)
                continue
            waits += 1
            self._note_limit(url, pause, waits)

    def get_json(self, path: str, headers: Mapping[str, str] | None = None) -> tuple[int, Mapping[str, str], Any]:
        """Status, headers and value (None for 304) of the API's answer for a path. Raises as `get`.

        GitHub Enterprise Server answers with a web page where its API is below /api/v3 and its address lacks that.
        """
        try:
            return self._get_json(self._api + path, headers or {})
        except RefusedError as error:
            if error.status != 404 or error.is_json or urlsplit(self._api).path:
                raise
        answer = self._get_json(f"{self._api}/api/v3{path}", headers or {})
        self._api += "/api/v3"
        return answer

    def _get_json(self, url: str, headers: Mapping[str, str]) -> tuple[int, Mapping[str, str], Any]:
        def read(answer: HttpResponse) -> tuple[int, Mapping[str, str], Any]:
            if answer.status == 304:
                return 304, answer.headers, None
            try:
                return answer.status, answer.headers, json.loads(_limited(answer, _LARGEST_JSON))
            except ValueError:
                raise _AgainError("answered with something that is no JSON") from None
            except RecursionError:
                raise RefusedError("GitHub's answer is nested too deeply", answer.status) from None

        accept = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}
        return self.get(url, read, {**accept, **headers}, api=True)

    def watched(self, answer: HttpResponse, longest: float = _LONGEST_DOWNLOAD) -> Iterator[bytes]:
        """The body in pieces, given up when the run is, or when it trickles in for more than `longest` seconds."""
        end = time.monotonic() + longest
        for piece in answer.pieces():
            if self._stop.is_set():
                raise StoppedError
            if time.monotonic() > end:
                raise RefusedError("the download took too long", answer.status)
            yield piece

    def _follow(self, url: str, headers: Mapping[str, str], api: bool, method: str) -> HttpResponse:
        for _ in range(_MOST_HOPS + 1):
            answer = self._send(url, self._all_headers(url, headers, api), method)
            self._note_answer(url)
            if answer.status not in _REDIRECTS:
                return answer
            location = answer.headers.get("Location", "")
            answer.close()
            url = _redirected(url, location)
        raise RefusedError(f"{_shown(url)} redirects without end", 310)

    def _all_headers(self, url: str, headers: Mapping[str, str], api: bool) -> dict[str, str]:
        all_headers = {"User-Agent": self._agent, **headers}
        if api and not self._token_refused and self._server.may_have_token(url):
            note_sent(self._server.token)
            all_headers["Authorization"] = f"Bearer {self._server.token}"
        return all_headers

    def _judged(self, answer: HttpResponse) -> tuple[float | None, str | None]:
        """(seconds to wait for a limit or None, why the answer is a refusal or None)."""
        if answer.status in (200, 206, 304):
            return None, None
        message = _message(answer)
        pause = limit_pause(answer.status, answer.headers, message, self._clock())
        if pause is None and is_busy(answer.status):
            raise _AgainError(f"answered {answer.status}", retry_after(answer.headers, self._clock()))
        return pause, f"{self._service} answered {answer.status}{f': {message}' if message else ''}"

    def _without_token(self, status: int, api: bool) -> bool:
        """Whether to go on without the token, which an answer 401 says is not valid (any more)."""
        if status != 401 or not api or self._server.token is None or self._token_refused:
            return False
        with self._lock:
            self._token_refused = True
        self._progress.warn(f"GitHub does not accept the token in {self._server.token_name}; going on without it")
        return True

    def _before_retry(self, url: str, error: Exception, failures: int) -> None:
        host = host_of(url)
        if self._stop.is_set():
            raise StoppedError
        if isinstance(error, TruncatedArchiveError):
            reason = str(error)
        elif isinstance(error, _AgainError):
            reason = f"{host} {error}"
        else:
            reason = f"{host} cannot be reached ({_cause(error)})"
        pause = error.pause if isinstance(error, _AgainError) else None
        if pause is not None and pause > self._longest_wait:
            raise LimitedError(f"{reason} and asks to wait {_duration(pause)}")
        if failures >= _TRIES:
            self._note_failure(host, reason)
            raise UnreachableError(reason)
        delay = pause or _FIRST_DELAY * 2 ** (failures - 1) * _about_one()
        self._wait(delay, reason)

    def _note_answer(self, url: str) -> None:
        host = host_of(url)
        with self._lock:
            self._answered.add(host)
            self._failed_in_row[host] = 0

    def _note_failure(self, host: str, reason: str) -> None:
        """A host that never answered, or no longer does, is not tried again: every try takes seconds."""
        with self._lock:
            self._failed_in_row[host] = self._failed_in_row.get(host, 0) + 1
            if host not in self._answered or self._failed_in_row[host] >= _GIVEN_UP_AFTER:
                self._down[host] = reason

    def _note_limit(self, url: str, pause: float, waits: int) -> None:
        if pause > self._longest_wait or waits > _MOST_LIMIT_WAITS:
            until = time.strftime("%H:%M", time.localtime(self._clock() + pause))
            cure = "; with a token in GITHUB_TOKEN the limit is much higher"
            cure = "" if self._server.token or self._service != "GitHub" else cure
            raise LimitedError(f"{self._service}'s rate limit is used up until {until}, in {_duration(pause)}{cure}")
        with self._lock:
            self._not_before[origin(url)] = self._clock() + pause
        self._wait(pause, f"{self._service}'s rate limit")

    def _wait_for_turn(self, url: str) -> None:
        down = self._down.get(host_of(url))
        if down is not None:
            raise UnreachableError(down)
        pause = self._not_before.get(origin(url), 0.0) - self._clock()
        if 0 < pause <= self._longest_wait:
            self._wait(pause, f"{self._service}'s rate limit")

    def _wait(self, seconds: float, reason: str) -> None:
        self._progress.waiting(seconds, reason)
        self._sleep(seconds)
        if self._stop.is_set():
            raise StoppedError


def _about_one() -> float:
    """A factor for delays, so that clients that failed together do not come back together."""
    from random import random

    return 0.75 + random() / 2


def _redirected(url: str, location: str) -> str:
    try:
        target = urljoin(url, location)
        before, after = urlsplit(url), urlsplit(target)
    except ValueError:
        raise RefusedError(f"{_shown(url)} redirects to no address", 310) from None
    if not location or after.scheme not in ("http", "https") or not after.hostname or after.username:
        raise RefusedError(f"{_shown(url)} redirects to no address", 310)
    if before.scheme == "https" and after.scheme != "https":
        raise RefusedError(f"{_shown(url)} redirects to an address without encryption", 310)
    return target


def _message(answer: HttpResponse) -> str:
    """What the API says about its refusal, fit for a terminal; '' for a web page."""
    try:
        value = json.loads(_limited(answer, _LARGEST_MESSAGE)) if _is_json(answer) else None
    except (ValueError, OSError, RecursionError, RefusedError):
        return ""
    message = (as_object(value) or {}).get("message")
    return printable(masked(message)) if isinstance(message, str) else ""


def _limited(answer: HttpResponse, most: int) -> bytes:
    data = bytearray()
    for piece in answer.pieces():
        data += piece
        if len(data) > most:
            raise RefusedError(f"GitHub's answer is larger than {most:,} bytes", answer.status)
    return bytes(data)


def _is_json(answer: HttpResponse) -> bool:
    return "json" in answer.headers.get("Content-Type", "").lower()


def _shown(url: str) -> str:
    """An address without what may be secret in it: user, query."""
    parts = urlsplit(url)
    return printable(masked(f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"))


def _cause(error: Exception) -> str:
    """The kind of a failure. Its text is not shown: it may hold an address with a token in its query."""
    words = re.findall(r"[A-Z]+(?![a-z])|[A-Z][a-z]*", type(error).__name__)
    told = " ".join(word if len(word) > 1 and word.isupper() else word.lower() for word in words)
    return told.removesuffix(" error") or "error"


def _duration(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} seconds"
    if seconds < 7200:
        return f"{seconds / 60:.0f} minutes"
    return f"{seconds / 3600:.0f} hours"
