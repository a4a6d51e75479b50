"""A start script uses something that s6-overlay 3 does not have any more.

## What it does
Reports, in an image with s6-overlay 3: commands that only generations 1 and 2 had (`fix-attrs`, `s6-test`), the places
`/var/run/s6/services` and `/etc/s6`, `s6-svscanctl -t` as a way to stop the container, and recursive lines in `fix-attrs.d`.
What the image or its parents bring back is left alone.

## Why it matters at run time
Commands are not found. With `s6-svscanctl -t` on the old place the service is started again for ever; on the new one the
container ends at once, without stopping services in order and without `cont-finish.d`. A recursive `fix-attrs.d` line changes
the top only.

## When to ignore it
When a hook brings the command or place back.

## References
- s6-overlay MOVING-TO-V3, "What changed"
"""

from collections.abc import Iterator
from posixpath import basename

from ..lineage.boot.plan import BootPlan
from ..lineage.boot.start_commands import StartCommand, StartCommands
from ..lineage.effects.model import Link
from ..lineage.image.image import EffectiveImage
from ..lineage.s6.fix_attrs import attribute_lines, has_several_entries
from ..lineage.s6.release import S6Release
from ..lineage.s6.tools import gone_tools, has_program
from ..lineage.text.paths import within
from .base import Message, Severity

SEVERITY = Severity.ERROR

_LATER = frozenset(("s6-test", "justc-envdir"))
_OLD_SCAN = ("/var/run/s6/services", "/run/s6/services")
_HALT = "Write the exit code to /run/s6-linux-init-container-results/exitcode and run `/run/s6/basedir/bin/halt`."


def check(image: EffectiveImage, boot: BootPlan, commands: StartCommands) -> Iterator[Message]:
    release = boot.s6
    if not isinstance(release, S6Release) or release.generation < 3 or boot.starts_init is False:
        return
    for start in commands:
        told = _said(image, boot, release, start)
        if told is not None:
            what, cure = told
            yield Message(start.command.place, what, cure, subject=start.command.name, owner=start.image)
    yield from _recursive_attributes(image, release)


def _said(image: EffectiveImage, boot: BootPlan, release: S6Release, start: StartCommand) -> tuple[str, str] | None:
    command = start.command
    words = [word.literal or "" for word in command.argv]
    brought_back = _links_old_places(boot)
    if command.name == "s6-svscanctl" and any(word.startswith("-") and "t" in word for word in words[1:]):
        if any(word.startswith(_OLD_SCAN) for word in words[1:]):
            if brought_back:
                return None
            return (
                f"There is no {_OLD_SCAN[0]} on s6-overlay {release.label}: this fails, and the container goes on.",
                _HALT,
            )
        return (
            "This ends the container at once: services are not stopped in order, and cont-finish.d does not run.",
            _HALT,
        )
    names = [wrapper.argv[0].literal or "" for wrapper in command.wrappers if wrapper.argv] + words[:1]
    for name in names:
        if basename(name) in gone_tools() and _is_gone(image, release, name):
            return (
                f"s6-overlay {release.label} has no `{basename(name)}` any more: the command is not found.",
                _instead(name),
            )
    for word in words[1:]:
        if not brought_back and any(within(word, place) for place in _OLD_SCAN):
            return f"There is no {word} on s6-overlay {release.label}.", "The services are in /run/service."
        if within(word, "/etc/s6") and image.tree.get(word) is None:
            return (
                f"There is no {word} on s6-overlay {release.label}.",
                "Its own scripts are below /package/admin/s6-overlay.",
            )
    return None


def _is_gone(image: EffectiveImage, release: S6Release, name: str) -> bool:
    if basename(name) in _LATER and release.at_least(3, 1, 6, 2) is not True:
        return False
    paths = (
        [name] if name.startswith("/") else [f"{folder}/{name}" for folder in ("/usr/local/bin", "/usr/bin", "/bin")]
    )
    return all(not path.startswith("/command/") and has_program(image, release, path) is False for path in paths)


def _instead(name: str) -> str:
    if basename(name) == "s6-test":
        return "Use `eltest`, or the shell's `test`."
    return "Do it with plain commands." if basename(name) != "fix-attrs" else "Use chown and chmod."


def _links_old_places(boot: BootPlan) -> bool:
    """Whether a start step makes the old place of services again; a hook may do so too."""
    if boot.image.env.get("S6_STAGE2_HOOK") is not None:
        return True
    links = (effect.path.canonical for step in boot.steps for effect in step.effects if isinstance(effect, Link))
    return any(within(path, "/var/run/s6") or within(path, "/run/s6") for path in links)


def _recursive_attributes(image: EffectiveImage, release: S6Release) -> Iterator[Message]:
    for line in attribute_lines(image):
        if line.recursive and has_several_entries(image, line.path) is True:
            yield Message(
                line.place,
                f"s6-overlay {release.label} does not go below {line.path}: what is in it keeps its owner and mode.",
                "Use chown and chmod in an init script, or in the build.",
                subject=line.path,
                owner=line.image,
            )
