"""Requests sent with requests, one session a thread; nothing is followed, kept or authorised by itself."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING

from ..text.numbers import is_digits

if TYPE_CHECKING:
    import requests

_CONNECT_SECONDS = 10.0
_READ_SECONDS = 30.0
_PIECE = 1 << 16


class Sessions:
    """A requests session for each thread. No cookies are kept, and no credentials taken from ~/.netrc."""

    def __init__(self, make: "Callable[[], requests.Session] | None") -> None:
        self._make = make
        self._local = threading.local()
        self._lock = threading.Lock()
        self._all: list[requests.Session] = []

    def send(self, url: str, headers: Mapping[str, str], method: str = "GET") -> "_HttpAnswer":
        """The answer to one request, its body unread. Raises OSError where there is no connection."""
        session: requests.Session | None = getattr(self._local, "session", None)
        if session is None:
            session = self._new()
            self._local.session = session
        timeout = (_CONNECT_SECONDS, _READ_SECONDS)
        response = session.request(
            method, url, headers=headers, stream=True, allow_redirects=False, timeout=timeout, auth=_no_netrc
        )
        return _HttpAnswer(response)

    def close(self) -> None:
        with self._lock:
            for session in self._all:
                session.close()

    def _new(self) -> "requests.Session":
        from http.cookiejar import DefaultCookiePolicy

        import requests

        session = (self._make or requests.Session)()
        # Even where redirects are not to be followed, requests reads the body of one and prepares the next request.
        setattr(session, "get_redirect_target", _no_target)  # noqa: B010
        session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        with self._lock:
            self._all.append(session)
        return session


class _HttpAnswer:
    def __init__(self, response: "requests.Response") -> None:
        self._response = response

    @property
    def status(self) -> int:
        return self._response.status_code

    @property
    def headers(self) -> Mapping[str, str]:
        return self._response.headers

    def pieces(self) -> Iterator[bytes]:
        return self._response.iter_content(_PIECE)

    def close(self) -> None:
        """Reads what little is left, so that the connection can be used again, and leaves the rest."""
        length = self._response.headers.get("Content-Length", "")
        with suppress(OSError):
            if is_digits(length) and len(length) < 5:
                for _ in self._response.iter_content(_PIECE):
                    pass
        self._response.close()


def _no_target(response: "requests.Response") -> None:
    """Redirects are followed elsewhere."""


def _no_netrc(request: "requests.PreparedRequest") -> "requests.PreparedRequest":
    """Leaves a request as it is. Where nothing is given, requests takes what ~/.netrc has for the host."""
    return request
