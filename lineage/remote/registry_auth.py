"""Access to an OCI registry: the token that it asks for, fetched anonymously, or as the user where there are credentials.

Sources: distribution.github.io/distribution, "Token Authentication Specification"; RFC 9110, 11.6.1 (WWW-Authenticate).
"""

import json
import re
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from urllib.parse import urlencode, urlsplit

from ..late.dataclasses import dataclass, field
from ..late.patterns import pattern
from ..text.errors import Unknown
from ..text.sent import note_sent
from .address import origin
from .transport import HttpResponse, Send
from .untrusted import as_object, printable

_LONGEST_TOKEN = 1 << 16
_PIECE = pattern(r'([A-Za-z0-9._~+/-]+)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+)))?')
_OF_REPOSITORY = pattern(r"/v2/(.+)/(?:manifests|blobs)/[^/]+")


@dataclass(frozen=True, slots=True)
class Challenge:
    """One of the ways in which a server says that it may be entered; the scheme and the names are in lower case."""

    scheme: str
    parameters: Mapping[str, str]


def challenges(header: str) -> Iterator[Challenge]:
    """What a WWW-Authenticate header asks for."""
    scheme, parameters = "", dict[str, str]()
    for match in _PIECE.finditer(header):
        word, quoted, plain = match.groups()
        if quoted is not None or plain is not None:
            value = plain if quoted is None else re.sub(r"\\(.)", r"\1", quoted)
            parameters.setdefault(word.lower(), value)
            continue
        if scheme:
            yield Challenge(scheme, parameters)
        scheme, parameters = word.lower(), {}
    if scheme:
        yield Challenge(scheme, parameters)


def is_loopback(host: str) -> bool:
    """Whether a host (without port) is this machine: localhost, 127.0.0.0/8 or ::1."""
    from ipaddress import ip_address

    if host.lower() == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


@dataclass(frozen=True, slots=True)
class Login:
    """A user's name and password (or access token) for a registry."""

    user: str
    secret: str = field(repr=False)

    @property
    def header(self) -> str:
        """The value of an Authorization header (RFC 7617)."""
        encoded = b64encode(f"{self.user}:{self.secret}".encode()).decode("ascii")
        note_sent(self.secret)
        note_sent(encoded)
        return f"Basic {encoded}"


class Access:
    """Sends requests, and those to a registry's repositories with the token that it gives, to anybody or to the user.

    `base` is the registry's address, `fetch` gets a body of at most so many bytes, as that user where one is given.
    `login` gives the user's credentials, asked for once and only when the registry wants to know. Token and credentials go
    to the registry's own scheme, host and port alone, whatever it redirects to, the credentials to where it has its tokens
    made, too. Safe to use from several threads.
    """

    def __init__(
        self,
        send: Send,
        base: str,
        fetch: Callable[[str, int, Login | None], bytes],
        login: Callable[[], Login | None] = lambda: None,
    ) -> None:
        self._send = send
        self._base = base
        self._fetch = fetch
        self._login = login
        self._tokens: dict[str, str] = {}

    def send(self, url: str, headers: Mapping[str, str], method: str = "GET", /) -> HttpResponse:
        """The answer; where that is 401 and a token can be had, the answer to the same request with the token.

        Raises Unknown where the registry does not let everybody in, and what `fetch` raises.
        """
        repository = self._repository(url)
        if repository is None:
            return self._send(url, headers, method)
        answer = self._send(url, self._with_token(headers, repository), method)
        if answer.status != 401:
            return answer
        asked = list(challenges(answer.headers.get("WWW-Authenticate", "")))
        answer.close()
        self._tokens[repository] = self._token(asked, repository)
        return self._send(url, self._with_token(headers, repository), method)

    def _repository(self, url: str) -> str | None:
        """The repository that an address of the registry belongs to; None for all other addresses."""
        if origin(url) != origin(self._base):
            return None
        match = _OF_REPOSITORY.fullmatch(urlsplit(url).path)
        return match[1] if match else None

    def _with_token(self, headers: Mapping[str, str], repository: str) -> dict[str, str]:
        token = self._tokens.get(repository)
        note_sent(token.partition(" ")[2] if token is not None else None)
        return {**headers, "Authorization": token} if token is not None else dict(headers)

    def _token(self, asked: list[Challenge], repository: str) -> str:
        """The value of the Authorization header that lets the requests in."""
        host = urlsplit(self._base).netloc
        login = self._login()
        bearer = next((challenge for challenge in asked if challenge.scheme == "bearer"), None)
        if bearer is None:
            if login is not None and any(challenge.scheme == "basic" for challenge in asked):
                return login.header
            raise Unknown(f"{host} wants a user name and password")
        realm = bearer.parameters.get("realm", "")
        if not self._may_ask(realm):
            raise Unknown(f"{host} names no safe address for tokens ({printable(realm)})")
        query = {"scope": bearer.parameters.get("scope") or f"repository:{repository}:pull"}
        if "service" in bearer.parameters:
            query = {"service": bearer.parameters["service"], **query}
        data = self._fetch(f"{realm}{'&' if '?' in realm else '?'}{urlencode(query)}", _LONGEST_TOKEN, login)
        try:
            value = as_object(json.loads(data)) or {}
        except (ValueError, RecursionError):
            value = {}
        token = value.get("token") or value.get("access_token")
        if not isinstance(token, str) or not re.fullmatch(r"[\x21-\x7e]+", token):
            raise Unknown(f"{host} gave no token for {repository}")
        return f"Bearer {token}"

    def _may_ask(self, realm: str) -> bool:
        """Whether tokens may come from there: over https, or without encryption on this machine for one that is on it."""
        try:
            parts = urlsplit(realm)
            host = parts.hostname
        except ValueError:
            return False
        if not host or parts.username is not None or parts.fragment or not realm.isascii() or not realm.isprintable():
            return False
        if parts.scheme == "https":
            return True
        return parts.scheme == "http" and is_loopback(host) and urlsplit(self._base).scheme == "http"
