"""Image references: the distribution grammar, familiar names, and names that stand for one image.

Implements `ParseNormalizedNamed` of github.com/distribution/reference (normalize.go, regexp.go), which BuildKit uses
for FROM and COPY --from.
"""

import re
from collections.abc import Iterable
from functools import lru_cache

from ..families.read import families
from ..late.dataclasses import dataclass
from ..late.patterns import pattern

_DEFAULT_DOMAIN = "docker.io"
_LEGACY_DOMAIN = "index.docker.io"
_OFFICIAL = "library/"
_LONGEST_PATH = 255
_DIGEST_LENGTHS = {"sha256": 64, "sha384": 96, "sha512": 128}

_PAGE = pattern(
    r"(?:https?://)?hub\.docker\.com/(?:r/(?P<name>[a-z0-9_.-]+/[a-z0-9_.-]+)|_/(?P<official>[a-z0-9_.-]+))(?:[/?#]\S*)?"
)

SCRATCH = "scratch"
"""FROM scratch means no parent; it is no reference to an image."""

Alias = tuple[str, str]
"""(name, name it stands for); where both end in `/`, a name below the first stands for the same below the second."""

MIRRORS: tuple[Alias, ...] = (
    ("registry-1.docker.io/", "docker.io/"),
    ("registry.hub.docker.com/", "docker.io/"),
    ("mirror.gcr.io/", "docker.io/"),
    ("public.ecr.aws/docker/library/", "docker.io/library/"),
    *families().mirrors,
)
"""Registries that hold the same images as others, tag by tag."""
ALIASES: tuple[Alias, ...] = (
    *MIRRORS,
    *families().renamed,
    *families().same,
)
"""Mirrors, and organisations that publish one image under several names."""


@dataclass(frozen=True, slots=True)
class Reference:
    """A reference to an image: `domain/path[:tag][@digest]`, in canonical form (`docker.io/library/tomcat`)."""

    domain: str
    path: str
    tag: str | None = None
    digest: str | None = None

    @property
    def name(self) -> str:
        """The canonical name without tag and digest: `docker.io/library/tomcat`."""
        return f"{self.domain}/{self.path}"

    @property
    def familiar(self) -> str:
        """The name as people write it, without tag and digest: `tomcat`, `acme/app`, `ghcr.io/a/b`."""
        return _familiar(self.name)

    @property
    def identity(self) -> str:
        """The familiar name after the built-in aliases: equal for names of one image."""
        return identity(self)

    @property
    def last(self) -> str:
        """The last component of the path: `app` of `acme/app`."""
        return self.path.rpartition("/")[2]

    @property
    def effective_tag(self) -> str | None:
        """The tag that is pulled: `latest` where neither tag nor digest is given, none where only a digest is."""
        return self.tag or (None if self.digest else "latest")

    def __str__(self) -> str:
        return self.familiar + (f":{self.tag}" if self.tag else "") + (f"@{self.digest}" if self.digest else "")


@dataclass(frozen=True, slots=True)
class InvalidReference:
    """A text that is no image reference; `reason` is a clause that follows the text."""

    text: str
    reason: str


@lru_cache(maxsize=1 << 14)
def named_by_page(text: str) -> str | None:
    """The name of the image whose page on Docker Hub an address is, with or without `https://`; None for other texts."""
    page = _PAGE.fullmatch(text)
    return None if page is None else page["name"] or page["official"]


def parse(text: str) -> Reference | InvalidReference:
    """Reads a reference as BuildKit does. `scratch` is an ordinary name here; what it means depends on its place."""
    if not text:
        return InvalidReference(text, "is empty")
    if re.fullmatch(r"[a-f0-9]{64}", text):
        return InvalidReference(text, "is a 64-byte hexadecimal string, which cannot be a repository name")
    domain, remainder = _split_domain(text)
    remote = remainder.partition(":")[0]
    if remote.lower() != remote:
        return InvalidReference(text, f"has a repository name ({remote}) that is not lower-case")
    match = _grammar().fullmatch(f"{domain}/{remainder}")
    if not match:
        return InvalidReference(text, "does not have the form of an image reference")
    domain, path, tag, digest = match.groups()
    if domain is None:
        return InvalidReference(text, "does not have the form of an image reference")
    if len(path) > _LONGEST_PATH:
        return InvalidReference(text, f"has a repository name of more than {_LONGEST_PATH} characters")
    if digest and not _is_digest(digest):
        return InvalidReference(text, f"has a malformed digest ({digest})")
    return Reference(domain, path, tag, digest)


def identity(reference: Reference, aliases: Iterable[Alias] = ()) -> str:
    """The familiar name, without tag and digest, after the given and the built-in aliases."""
    return _identity(reference.name, tuple(aliases))


def registry(reference: Reference) -> str:
    """The registry that a reference is pulled from; that which it mirrors, for a mirror."""
    return _aliased(reference.name, MIRRORS).partition("/")[0]


@lru_cache(maxsize=1 << 14)
def _identity(name: str, aliases: tuple[Alias, ...]) -> str:
    given = tuple((_canonical(alias), _canonical(target)) for alias, target in aliases)
    return _familiar(_aliased(name, (*given, *ALIASES)))


def identity_of_name(name: str, aliases: Iterable[Alias] = ()) -> str | None:
    """The identity of a name or reference given as text, or None where it is none."""
    reference = parse(name)
    return identity(reference, aliases) if isinstance(reference, Reference) else None


def _aliased(name: str, aliases: tuple[Alias, ...]) -> str:
    seen = {name}
    followed: set[str] = set()  # each once: `a/` = `a/b/` would go on for ever
    while True:
        for alias, target in aliases:
            if alias in followed:
                continue
            if name == alias:
                changed = target
            elif alias.endswith("/") and name.startswith(alias):
                changed = target + name[len(alias) :]
            else:
                continue
            if changed not in seen:
                break
        else:
            return name
        name = changed
        seen.add(name)
        followed.add(alias)


def _canonical(name: str) -> str:
    """The canonical form of one side of an alias; a trailing slash, for all names below, is kept."""
    if name.endswith("/"):
        first, _, rest = name.partition("/")
        known = first == "localhost" or any(character in first for character in ".:")
        return name if known else f"{_DEFAULT_DOMAIN}/{first}/{rest}"
    reference = parse(name)
    return reference.name if isinstance(reference, Reference) else name


def _familiar(name: str) -> str:
    path = name.removeprefix(f"{_DEFAULT_DOMAIN}/")
    if path == name:
        return name
    official = path.removeprefix(_OFFICIAL)
    return path if "/" in official else official


def _split_domain(text: str) -> tuple[str, str]:
    domain, slash, remainder = text.partition("/")
    if not slash:
        return _DEFAULT_DOMAIN, _OFFICIAL + text
    if domain == _LEGACY_DOMAIN:
        domain = _DEFAULT_DOMAIN
    elif not (domain == "localhost" or "." in domain or ":" in domain or domain.lower() != domain):
        domain, remainder = _DEFAULT_DOMAIN, text
    if domain == _DEFAULT_DOMAIN and "/" not in remainder:
        remainder = _OFFICIAL + remainder
    return domain, remainder


def _is_digest(text: str) -> bool:
    algorithm, _, encoded = text.partition(":")
    return len(encoded) == _DIGEST_LENGTHS.get(algorithm) and not set(encoded) - set("0123456789abcdef")


@lru_cache(maxsize=1)
def _grammar() -> re.Pattern[str]:
    label = r"(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])"
    domain = rf"(?:{label}(?:\.{label})*|\[[a-fA-F0-9:]+\])(?::[0-9]+)?"
    component = r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*"
    tag = r"\w[\w.-]{0,127}"
    digest = r"[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}"
    return re.compile(rf"(?:({domain})/)?({component}(?:/{component})*)(?::({tag}))?(?:@({digest}))?", re.ASCII)
