"""Which repository builds an image, for images whose publisher is known."""

from collections.abc import Iterable, Mapping

from ..families.read import families
from ..text.errors import UsageError
from ..text.globs import glob_matches
from ..text.reference import Alias, Reference, identity, parse
from .address import Target, parse_target


def repository_of(
    reference: str, parents: Mapping[str, str] | None = None, aliases: Iterable[Alias] = ()
) -> str | None:
    """The repository, OWNER/REPO or OWNER/REPO@REF, that builds the image of a FROM; None where it is not known.

    `parents` is the configuration, which comes first: a reference or name (`*` for any part) to a GitHub target; one
    that leads elsewhere, to a folder, gives None. The ref is the branch or git tag that the image's tag names, as
    the data of its family has it. It is left away where that is the default branch, so that what is there is assumed; an
    image whose tag does not say from which branch it was built is not known.
    """
    image = parse(reference)
    if not isinstance(image, Reference):
        return None
    aliases = tuple(aliases)
    name = identity(image, aliases)
    pattern = configured(reference, parents or {}, aliases)
    if parents and pattern is not None:
        return _target(parents[pattern])
    rule = next((rule for rule in families().built_by if rule.repository_of(name) is not None), None)
    ref = rule.ref_of(image.effective_tag or "") if rule is not None else None
    if rule is None or ref is None:
        return None
    return f"{rule.repository_of(name)}@{ref}" if ref else rule.repository_of(name)


def configured(reference: str, parents: Iterable[str], aliases: Iterable[Alias] = ()) -> str | None:
    """The first pattern of the configuration's `parents` that means the image of a FROM; None where none does."""
    image = parse(reference)
    if not isinstance(image, Reference):
        return None
    aliases = tuple(aliases)
    name = identity(image, aliases)
    return next((pattern for pattern in parents if _names(pattern, image, name, aliases)), None)


def _names(pattern: str, image: Reference, name: str, aliases: tuple[Alias, ...]) -> bool:
    wanted = parse(pattern)
    if isinstance(wanted, Reference):
        return identity(wanted, aliases) == name and wanted.tag in (None, image.tag)
    return any(glob_matches(text, pattern) for text in (str(image), image.familiar, name))


def _target(text: str) -> str | None:
    try:
        target = parse_target(text)
    except UsageError:
        return None
    if not isinstance(target, Target) or target.repository is None:
        return None
    return str(target)
