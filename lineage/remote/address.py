"""What a GitHub target means: `github:OWNER/REPO@REF`, the web address of a repository, and the server they are on."""

import re
from collections.abc import Mapping
from urllib.parse import quote, unquote, urlsplit

from ..late.dataclasses import dataclass, field
from ..late.patterns import pattern
from ..text.errors import UsageError
from .untrusted import printable

_PREFIX = "github:"
_API = "https://api.github.com"
_WEB = "https://github.com"
_OWNER = r"[A-Za-z0-9](?:[A-Za-z0-9_-]{0,98}[A-Za-z0-9])?"
_REPOSITORY = r"[A-Za-z0-9._-]{1,100}"
_FORBIDDEN_IN_REF = pattern(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//|/\.|\.lock(?:/|$)")
_LOOPBACK = frozenset(("localhost", "127.0.0.1", "::1"))
_FORM = "github:OWNER, github:OWNER/REPO or github:OWNER/REPO@REF"


@dataclass(frozen=True, slots=True)
class Target:
    """An owner's repositories, or one repository at a branch, tag or commit (None: at its default branch)."""

    owner: str
    repository: str | None = None
    ref: str | None = None

    def __str__(self) -> str:
        text = self.owner if self.repository is None else f"{self.owner}/{self.repository}"
        return text if self.ref is None else f"{text}@{self.ref}"


@dataclass(frozen=True, slots=True)
class ApiServer:
    """Where GitHub is: the addresses of its API and web pages, without a slash at the end; the token for the API."""

    api: str = _API
    web: str = _WEB
    token: str | None = field(default=None, repr=False)
    token_name: str = ""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "ApiServer":
        """As GitHub Actions sets it: GITHUB_API_URL and GITHUB_SERVER_URL; GH_TOKEN, else GITHUB_TOKEN.

        Where one of the addresses is given, the other is derived from it, so that no request leaves that server.
        Raises UsageError where a value is no address, or no token.
        """
        api = _address(environment, "GITHUB_API_URL")
        web = _address(environment, "GITHUB_SERVER_URL")
        if api is None and web is not None:
            api = _API if host_of(web) == "github.com" else f"{web}/api/v3"
        if web is None and api is not None:
            web = _web_of(api)
        name = next((name for name in ("GH_TOKEN", "GITHUB_TOKEN") if environment.get(name, "").strip()), "")
        token = environment.get(name, "").strip() or None
        if token is not None and not (token.isascii() and token.isprintable() and " " not in token):
            raise UsageError(f"{name} holds characters that no token has")
        return cls(api or _API, web or _WEB, token, name)

    @property
    def key(self) -> str:
        """A name for the server that can be a folder's."""
        return quote(urlsplit(self.web).netloc.rpartition("@")[2].lower(), safe="") or "server"

    def may_have_token(self, url: str) -> bool:
        """Whether the token may go there: to the API's scheme, host and port alone, never in clear over a network."""
        if self.token is None or origin(url) != origin(self.api):
            return False
        return urlsplit(url).scheme == "https" or urlsplit(url).hostname in _LOOPBACK


def parse_target(text: str, server: ApiServer | None = None) -> Target | None:
    """A target by its text, or None where it is no GitHub target (but, for instance, a path).

    Raises UsageError where it is meant for GitHub and is malformed, or is the address of another host.
    """
    if text.startswith(_PREFIX):
        return _parse(text.removeprefix(_PREFIX), text)
    if text.startswith(("https://", "http://")):
        return _parse_address(text, server or ApiServer())
    return None


def is_owner(text: str) -> bool:
    """Whether a text can be the name of a user or an organisation."""
    return re.fullmatch(_OWNER, text) is not None


def is_repository(text: str) -> bool:
    """Whether a text can be the name of a repository."""
    return re.fullmatch(_REPOSITORY, text) is not None and text not in (".", "..")


def is_ref(text: str) -> bool:
    """Whether a text can be the name of a branch or tag, or a commit (git-check-ref-format(1))."""
    if not text or len(text) > 244 or not text.isprintable() or text.startswith(("-", "/", ".")):
        return False
    return not text.endswith(("/", ".")) and _FORBIDDEN_IN_REF.search(text) is None


def is_full_commit(ref: str | None) -> bool:
    """Whether a ref is a whole commit id, which never means something else later."""
    return ref is not None and re.fullmatch(r"[0-9a-f]{40}", ref) is not None


def origin(url: str) -> tuple[str, str, int | None]:
    """Scheme, host and port of an address."""
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError:
        port = -1
    return parts.scheme, parts.hostname or "", port or {"https": 443, "http": 80}.get(parts.scheme)


def line_address(repository: str, commit: str, path: str, line: int | None, server: ApiServer) -> str:
    """The web address of a line of a file at a commit; `path` is below the repository's top."""
    plain = "?plain=1" if path.lower().endswith((".md", ".markdown", ".rst")) else ""
    address = f"{server.web}/{quote(repository)}/blob/{quote(commit)}/{quote(path, errors='surrogateescape')}{plain}"
    return address if line is None else f"{address}#L{line}"


def _parse(text: str, whole: str) -> Target:
    name, at, ref = text.partition("@")
    owner, slash, repository = name.strip("/").partition("/")
    repository = repository.removesuffix(".git")
    if not is_owner(owner) or (slash and not is_repository(repository)):
        raise UsageError(f"{printable(whole)} is no GitHub target: it must be {_FORM}")
    if at and (not slash or not is_ref(ref)):
        raise UsageError(f"{printable(whole)} names no branch, tag or commit: it must be {_FORM}")
    return Target(owner, repository if slash else None, ref or None)


def _parse_address(text: str, server: ApiServer) -> Target:
    parts = urlsplit(text)
    known = (
        {host_of(server.web), "github.com", "www.github.com"}
        if host_of(server.web) == "github.com"
        else {host_of(server.web)}
    )
    if host_of(text) not in known:
        raise UsageError(f"{printable(text)} is not on {host_of(server.web)}; GITHUB_SERVER_URL names another server")
    path = unquote(parts.path.removeprefix(urlsplit(server.web).path))
    steps = [step for step in path.split("/") if step]
    if len(steps) > 1 and steps[0] in ("orgs", "users"):
        steps = steps[1:2]
    if not steps or (len(steps) > 2 and (len(steps) < 4 or steps[2] not in ("tree", "commit", "commits", "releases"))):
        raise UsageError(f"{printable(text)} is not the address of an owner or a repository")
    name = "/".join(steps[:2])
    if len(steps) == 2:
        return _parse(name, text)
    ref = "/".join(steps[4:] if steps[2:4] == ["releases", "tag"] else steps[3:])
    return _parse(f"{name}@{ref}" if len(steps) > 2 else name, text)


def _address(environment: Mapping[str, str], name: str) -> str | None:
    value = environment.get(name, "").strip().rstrip("/")
    if not value:
        return None
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment or parts.username:
        raise UsageError(f"{name} is no https address")
    return value


def _web_of(api: str) -> str:
    parts = urlsplit(api)
    if parts.path.endswith("/api/v3"):
        return api.removesuffix("/api/v3")
    return f"{parts.scheme}://{parts.netloc.removeprefix('api.')}"


def host_of(url: str) -> str:
    """The host and port that an address names, in small letters, without a user."""
    return urlsplit(url).netloc.rpartition("@")[2].lower()
