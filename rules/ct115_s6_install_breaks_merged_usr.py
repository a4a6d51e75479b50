"""Unpacking the archive of s6-overlay 1 or 2 replaces the link `/bin` of a parent with merged /usr.

## What it does
Reports `tar` that unpacks an archive of s6-overlay 1 or 2 at `/` without leaving out `./bin` and without following links, and
ADD that takes one from the build context, on a parent in which `/bin` is a link to `usr/bin` (Debian from 12, Ubuntu from
20.04). As a warning where the parent's distribution may change under its tag.

## Why it matters at run time
GNU tar, and BuildKit for ADD, put the archive's directory `bin` in place of the link: `/bin/sh` and all other programs of
`/bin` are gone, the next RUN fails or nothing starts.

## When to ignore it
Never. busybox's tar, which keeps the link, is not reported.

## References
- s6-overlay 2 README, "Bad news: merged /usr"
- tar(1), `--keep-directory-symlink`: `/usr/bin/execlineb`, a link to `/bin/execlineb`, may then end as a link to itself
"""

from collections.abc import Iterator

from ..lineage.effects.model import Effect, InstallPackages
from ..lineage.image.image import EffectiveImage
from ..lineage.image.s6_overlay_files import S6Archive
from ..lineage.image.tree import Node
from ..lineage.late.dataclasses import replace
from ..lineage.s6.install import LocalArchive, Unpacked, added, unpacked
from ..lineage.text.errors import Unknown
from ..lineage.text.places import Place
from .base import Message, Severity
from .shared.subjects import copied_at

SEVERITY = Severity.ERROR


def check(image: EffectiveImage) -> Iterator[Message]:
    for one in unpacked(image):
        if one.archive.generation >= 3 or one.into != "/" or not _replaces_bin(one):
            continue
        if image.sh == "busybox" and not _has_gnu_tar(image, one):
            continue
        yield from _judged(image, image.tree.get("/bin", follow=False), "GNU tar", one.archive, one.place)
    for each in added(image):
        if each.archive.generation < 3 and each.into == "/":
            for message in _judged(image, _bin_before(image, each), "ADD", each.archive, each.place):
                yield replace(message, about=(copied_at(each.step.place),))


def _bin_before(image: EffectiveImage, one: LocalArchive) -> Node | Unknown | None:
    """What `/bin` was when ADD began: where the archive is at hand, the tree has what it put in its place."""
    for clash in one.step.clashes:
        if clash.path == "/bin":
            return clash.old
    asked = one.step.may_replace.get("/bin")
    return image.tree.get("/bin", follow=False) if asked is None else asked


def _has_gnu_tar(image: EffectiveImage, one: Unpacked) -> bool:
    """Whether the package is installed when the archive is unpacked, and not only later."""
    if "tar" not in image.accounts.packages:
        return False
    effects = [effect for step in image.steps for effect in step.effects]
    installs = [index for index, effect in enumerate(effects) if _installs_tar(effect)]
    at = next((index for index, effect in enumerate(effects) if effect is one.effect), len(effects))
    return not installs or installs[0] < at


def _installs_tar(effect: Effect) -> bool:
    if not isinstance(effect, InstallPackages) or effect.removes:
        return False
    return any(each.literal == "tar" for each in effect.packages)


def _judged(
    image: EffectiveImage, link: Node | Unknown | None, who: str, archive: S6Archive, place: Place
) -> Iterator[Message]:
    if isinstance(link, Node) and link.kind == "link":
        why = "which is a link to usr/bin in the parent: no program of /bin is found any more"
        yield _message(f"{who} puts", archive, place, why, Severity.ERROR)
    elif _may_move(image):
        moved = "once the parent's tag moves to a distribution in which that is a link to usr/bin"
        why = f"{moved}: then no program of /bin is found"
        yield _message(f"{who} will put", archive, place, why, Severity.WARNING)
    elif isinstance(link, Unknown):
        raise link


def _replaces_bin(one: Unpacked) -> bool:
    effect = one.effect
    if effect.follows_links or effect.strip:
        return False
    excluded = any(_is_bin(pattern) for pattern in effect.excludes)
    wanted = not effect.members or any(_is_bin(pattern) for pattern in effect.members)
    return wanted and not excluded


def _is_bin(pattern: str) -> bool:
    return pattern.removeprefix("./").strip("/").split("/")[0] in ("bin", "*")


_BEFORE_THE_MERGE = ("wheezy", "jessie", "stretch", "buster", "bullseye", "trusty", "xenial", "bionic", "alpine")
"""Distributions whose images have folders of their own for /bin, and that a tag which names them never leaves."""


def _may_move(image: EffectiveImage) -> bool:
    """Whether the parent is an image on a distribution that its tag does not name."""
    parent = image.parent
    if parent is None or parent.origin != "profile" or parent.tag is None or "@" in (parent.reference or ""):
        return False
    named = any(word in parent.tag for word in _BEFORE_THE_MERGE)
    distribution = parent.name.rpartition("/")[2] in (
        "debian",
        "ubuntu",
        "alpine",
        "busybox",
        "centos",
        "fedora",
        "almalinux",
    )
    return not named and (not distribution or parent.tag in ("latest", "stable", "testing", "rolling", "oldstable"))


def _message(does: str, archive: S6Archive, place: Place, why: str, severity: Severity) -> Message:
    return Message(
        place,
        f"{does} the directory `bin` of {archive.label} in place of `/bin`, {why}.",
        "Unpack with tar and `--exclude=./bin`, then with `-C /usr ./bin`.",
        severity=severity,
        subject=archive.label,
    )
