"""Which repository builds an image, for images whose publisher is known."""

import re
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase

from ..text.errors import UsageError
from ..text.reference import Alias, Reference, identity, parse
from .address import Target, parse_target

_HELX = "helxplatform/"
_LINUXSERVER = "linuxserver/"
_ARCHITECTURE = re.compile(r"(?:amd64|arm64v8|arm32v7)-")
_RELEASE = re.compile(r".*-ls[0-9]+")
_VERSION = re.compile(r"(?:(.+)-)?version-.+")
_BRANCH_LATEST = re.compile(r"(.+)-latest")
_NUMBERED = re.compile(r"v?[0-9].*")


def repository_of(
    reference: str, parents: Mapping[str, str] | None = None, aliases: Iterable[Alias] = ()
) -> str | None:
    """The repository, OWNER/REPO or OWNER/REPO@REF, that builds the image of a FROM; None where it is not known.

    `parents` is the configuration, which comes first: a reference or name (`*` for any part) to a GitHub target; one
    that leads elsewhere, to a folder, gives None. The ref is the branch or git tag that the image's tag names. It is
    left away where the tag names the default branch, and for helxplatform where the tag is a version, so that what is
    there is assumed; an image of LinuxServer whose tag does not say from which branch it was built is not known.
    """
    image = parse(reference)
    if not isinstance(image, Reference):
        return None
    aliases = tuple(aliases)
    name = identity(image, aliases)
    for pattern, target in (parents or {}).items():
        if _names(pattern, image, name, aliases):
            return _target(target)
    if name.startswith(_HELX):
        return _helx(name.removeprefix(_HELX), image.effective_tag)
    if name.startswith(_LINUXSERVER) and "/" not in name.removeprefix(_LINUXSERVER):
        return _linuxserver(name.removeprefix(_LINUXSERVER), image.effective_tag)
    return None


def _names(pattern: str, image: Reference, name: str, aliases: tuple[Alias, ...]) -> bool:
    wanted = parse(pattern)
    if isinstance(wanted, Reference):
        return identity(wanted, aliases) == name and wanted.tag in (None, image.tag)
    return any(fnmatchcase(text, pattern) for text in (str(image), image.familiar, name))


def _target(text: str) -> str | None:
    try:
        target = parse_target(text)
    except UsageError:
        return None
    if not isinstance(target, Target) or target.repository is None:
        return None
    return str(target)


def _helx(name: str, tag: str | None) -> str:
    """`webtop/base` is built by the repository webtop-base. `BRANCH-latest` is what CI makes of a branch."""
    repository = f"{_HELX}{name.replace('/', '-')}"
    branch = _BRANCH_LATEST.fullmatch(tag or "")
    return f"{repository}@{branch[1]}" if branch else repository


def _linuxserver(name: str, tag: str | None) -> str | None:
    """LinuxServer's tags are BRANCH, [BRANCH-]version-V and [BRANCH-]V-lsN (a git tag), each also after ARCH-."""
    repository = f"{_LINUXSERVER}docker-{name}"
    if tag is None:
        return None
    plain = _ARCHITECTURE.sub("", tag, count=1)
    if plain == "latest":
        return repository
    if version := _VERSION.fullmatch(plain):
        return f"{repository}@{version[1]}" if version[1] else repository
    if _RELEASE.fullmatch(plain):
        return f"{repository}@{plain}"
    if name.startswith("baseimage-") or not _NUMBERED.fullmatch(plain):
        return f"{repository}@{plain}"
    return None
