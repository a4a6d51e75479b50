"""The build puts files where the desktop user will not find them.

## What it does
In images whose desktop user is made when the container starts, reports files that COPY puts below a home like `/home/ada`, and
settings that a RUN writes into the home of the build (`~/.bashrc`, `conda init`, `pip install --user`), where no start script
takes them from there.

## Why it matters at run time
The user's home is made at start, from `/etc/skel` and with the name that the container is given. What lies in another home,
or in root's, has no effect in the session.

## When to ignore it
When a service that runs as root uses the file. Launchers are CT401's.

## References
- useradd(8): the home directory is filled from SKEL_DIR
- Dockerfile reference, "RUN": HOME while the image is built
"""

import re
from collections.abc import Iterator

from ..lineage.boot.plan import BootPlan, RuntimeAccount
from ..lineage.effects.model import Copy, Effect, InstallPackages, Link, Write
from ..lineage.image.image import BuildStep, EffectiveImage
from ..lineage.image.tree import Node
from ..lineage.late.dataclasses import dataclass
from ..lineage.text.errors import Unknown
from ..lineage.text.places import Place
from .base import Message, Related, Severity

SEVERITY = Severity.ERROR


@dataclass(frozen=True, slots=True)
class Lost:
    """A file that the build puts at `path`, where no session of the user finds it."""

    path: str
    place: Place


def check(image: EffectiveImage, boot: BootPlan) -> Iterator[Message]:
    if not boot.accounts:
        return
    for lost in lost_to_user(image, boot):
        yield _message(boot, lost)


def _message(boot: BootPlan, lost: Lost) -> Message:
    account = boot.accounts[0]
    home = account.home.canonical
    return Message(
        lost.place,
        f"The desktop user does not get `{lost.path}`: the home is `{home}`, made when the container starts.",
        "Put it into `/etc/skel` or a place that serves all users (`/etc/profile.d`, `/etc/xdg`), or copy it in a start script.",
        (Related(account.effect.place, "the account and its home are made here"),),
        subject=lost.path,
    )


_STARTUP = (
    ".bashrc",
    ".bash_profile",
    ".bash_aliases",
    ".profile",
    ".zshrc",
    ".xsession",
    ".xinitrc",
    ".Xresources",
)
"""Files that the user's shell or session would read."""


def lost_to_user(image: EffectiveImage, plan: BootPlan) -> Iterator[Lost]:
    """Files below a home that the desktop user will not have, and settings in the home of the build."""
    account = next((one for one in plan.accounts if one.home.variables and one.home.prefix), None)
    if account is None:
        return
    read = _read_at_start(plan)
    if isinstance(read, Unknown):
        raise read
    yield from _below_homes(image, account, read)
    for step in image.steps:
        if step.from_parent is None and step.instruction.keyword == "RUN" and step.user in ("", "root", "0"):
            yield from _in_home_of_build(step, read)


def _read_at_start(plan: BootPlan) -> str | Unknown:
    """All the text of the start steps in which a path may be named."""
    if plan.open is not None:
        return plan.open
    words: list[str] = []
    for step in plan.steps:
        script = step.script
        if script is None or (script.reading is None and script.node.facts is None):
            return Unknown(f"what {step.place.path} does is not known")
        if script.reading is not None:
            text = (script.data or b"").decode("utf-8", "replace")
            words.append(text.replace("$HOME", "") if re.search(r"\bHOME=", text) else text)
            words += [word.text.canonical for command in script.commands for word in command.argv]
        for effect in step.effects:
            words += _sources(effect)
    return "\n".join(words)


def _sources(effect: Effect) -> list[str]:
    if isinstance(effect, Copy):
        return [source.canonical for source in effect.sources]
    return [effect.target.canonical] if isinstance(effect, Link) else []


def _below_homes(image: EffectiveImage, account: RuntimeAccount, read: str) -> Iterator[Lost]:
    """Files that COPY puts below `/home/NAME` where the image has no account with that home."""
    homes = account.home.prefix
    told: set[Place] = set()
    for path, node in sorted(image.own_nodes):
        if node.kind != "file" or node.source is None or not path.startswith(homes) or node.place in told:
            continue
        name = path[len(homes) :].partition("/")[0]
        home = homes + name
        if path == home or path.endswith(".desktop") or re.search(re.escape(home) + r"(?![\w-])", read):
            continue
        if any(one.home == home for one in image.accounts.known.values()):
            continue
        if isinstance(image.accounts.get(name), Unknown) or _has_own_tree(image, home):
            continue
        told.add(node.place)
        yield Lost(path, node.home if node.source.endswith(path) else node.place)


def _has_own_tree(image: EffectiveImage, home: str) -> bool:
    """Whether an ancestor has that directory: then it is a place of its own."""
    node = image.tree.find(home)
    return isinstance(node, Node) and not image.owns(node.image)


def _in_home_of_build(step: BuildStep, read: str) -> Iterator[Lost]:
    home = step.env.get("HOME") or "/root"
    if "$HOME" in read.replace("export HOME", "") or _takes_whole(home, read):
        return
    for effect in step.effects:
        if isinstance(effect, Write):
            name = _inside(effect, home)
            if effect.sure and name in _STARTUP and not re.search(re.escape(f"{home}/{name}") + r"(?![\w-])", read):
                yield Lost(f"{home}/{name}", effect.place)
                return
        elif isinstance(effect, InstallPackages) and effect.manager == "pip" and effect.command is not None:
            into_home = any(word.literal == "--user" for word in effect.command.argv)
            if effect.sure and into_home and f"{home}/.local" not in read:
                yield Lost(f"{home}/.local", effect.place)
                return


def _takes_whole(home: str, read: str) -> bool:
    """Whether a start script names the home as a whole, or by a pattern or variable; a file that it names is that alone."""
    return re.search(re.escape(home) + r"(?![\w-])(?!/\.?[\w-])", read) is not None


def _inside(effect: Write, home: str) -> str | None:
    """The path below the home."""
    path = effect.path.literal or ""
    return path[len(home) + 1 :] if path.startswith(home + "/") else None
