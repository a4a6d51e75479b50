"""The `up` of a oneshot runs a script that is not there, or another service's.

## What it does
Compares the file that `up` (or `down`) names with what the image holds: a file that is surely absent; and, whatever the parent
is, a path that nothing known lies at (a warning, where a parent that is not known may put it there), or the script of another
service, while the service's own script (`run` beside `up`, or
one of the service's name beside the other) is named by nothing.

## Why it matters at run time
s6-rc cannot start the oneshot: it fails with "unable to exec", and what depends on it does not start. Where the other script
exists it runs twice, and the service's own work is not done.

## When to ignore it
When a program that ctlint cannot read puts the file there before the service starts.

## References
- s6-rc-compile, "Source format": `up` is one command line
"""

from collections.abc import Iterator
from posixpath import basename, dirname

from ..lineage.boot.plan import BootPlan
from ..lineage.effects.s6_directories import S6_OVERLAY
from ..lineage.image.image import EffectiveImage
from ..lineage.image.tree import Node
from ..lineage.s6.rc_database import Service
from ..lineage.text.errors import Unknown
from .base import Message, Related, Severity
from .shared.missing_programs import may_be_made_at_start
from .shared.path_references import is_referred_to

SEVERITY = Severity.ERROR

_ALIKE = 0.75


def check(image: EffectiveImage, boot: BootPlan) -> Iterator[Message]:
    if boot.database is None:
        return
    doubt: Unknown | None = None
    services = [service for service in boot.database.services.values() if service.own]
    for service in services:
        for name in ("up", "down"):
            line = image.tree.find(f"{service.path}/{name}")
            named = _named(service, name)
            if line is None or named is None or not line.sure:
                continue
            found = image.tree.get(named)
            own = _own_script(image, service, named)
            sure = isinstance(found, Node) or found is None
            if isinstance(found, Node):
                other = _other(services, service, named)
                own = own or (_swapped(image, service, other, named) if other is not None else None)
                if other is None or own is None or _is_told_its_name(service, name):
                    continue
                what = f"`{name}` of {service.name} runs {named}, the script of {other.name}, and not {own[0]}"
            elif found is None and not may_be_made_at_start(boot, named, service.program):
                what = f"`{name}` of {service.name} runs {named}, which is not in the image"
            elif (moved := _of_that_name(image, named)) is not None:
                own = moved
                what = f"`{name}` of {service.name} runs {named}, which nothing puts there, while {moved[0]} is run by nothing"
            elif own is not None and _alike(own[0], named):
                what = f"`{name}` of {service.name} runs {named}, which nothing puts there, while {own[0]} is run by nothing"
            else:
                doubt = found if isinstance(found, Unknown) else doubt
                continue
            related = (Related(own[1].home, "this is the service's own script"),) if own is not None else ()
            cure = f"Write {own[0]}." if own is not None else "Correct the path, or add the script."
            yield Message(
                line.home,
                f"{what}: the service's work is not done.",
                cure,
                related,
                severity=None if sure else Severity.WARNING,
                subject=named,
                owner=line.image,
            )
    if doubt is not None:
        raise doubt


def _named(service: Service, name: str) -> str | None:
    """The file that a command line runs by its path: its first word, behind with-contenv and exec."""
    script = service.scripts.get(name)
    for word in script.argv if script is not None else ():
        word = word.strip()
        if basename(word) in ("with-contenv", "exec", "s6-setuidgid", "foreground"):
            continue
        return word if word.startswith("/") and "$" not in word else None
    return None


def _is_told_its_name(service: Service, name: str) -> bool:
    """Whether the command line hands the service's name to the script: one script may then do the work of several."""
    script = service.scripts.get(name)
    return any(service.name in word for word in (script.argv[1:] if script is not None else ()))


def _own_script(image: EffectiveImage, service: Service, named: str) -> tuple[str, Node] | None:
    """The service's own script that nothing of the image names, with its path."""
    for path in (f"{service.path}/run", f"{dirname(named)}/{service.name}"):
        node = image.tree.find(path)
        if path != named and node is not None and node.kind == "file" and node.sure and not is_referred_to(image, path):
            return path, node
    return None


def _of_that_name(image: EffectiveImage, named: str) -> tuple[str, Node] | None:
    """The one file of the image that has the script's name, where nothing names its path."""
    found = [
        (path, node)
        for path, node in image.tree.below(S6_OVERLAY)
        if basename(path) == basename(named) and node.kind == "file" and node.sure and path != named
    ]
    if len(found) != 1 or basename(named) in ("run", "up", "finish", "type") or is_referred_to(image, found[0][0]):
        return None
    return found[0]


def _swapped(image: EffectiveImage, service: Service, other: Service, named: str) -> tuple[str, Node] | None:
    """The service's own script where the other service runs it in turn."""
    path = f"{dirname(named)}/{service.name}"
    node = image.tree.find(path)
    return (path, node) if node is not None and _named(other, "up") == path else None


def _other(services: list[Service], service: Service, named: str) -> Service | None:
    """The other service whose name the script has."""
    return next(
        (one for one in services if one is not service and (basename(named) == one.name or dirname(named) == one.path)),
        None,
    )


def _alike(one: str, other: str) -> bool:
    from difflib import SequenceMatcher

    return SequenceMatcher(None, one, other).ratio() >= _ALIKE
