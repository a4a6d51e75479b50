"""A job that cron is given is never run: by its name, its mode or its line.

## What it does
Looks at the files that the image itself brings into cron's folders. A script in `/etc/cron.hourly` to `/etc/cron.monthly`
(Debian, Ubuntu) or `/etc/periodic/…` (Alpine) without x bit is left out by run-parts, and by Debian's also one whose name has a
dot or another sign than letters, digits, `_` and `-`; so is a link that a start script makes there. Debian's cannot execute a
script without a `#!` line. A file of `/etc/cron.d` is
left out by Debian's cron where its name has a dot, and where its last line does not end; a line there without the account (the
sixth word) is none, and a line of an account's own table with `root` in that place runs a program of that name. Files that
anything hands to `crontab` or to another program are left alone.

## Why it matters at run time
Nothing fails and nothing is said, or only in a log that the container does not have: the backup, the renewal, the clean-up is
never made.

## When to ignore it
When another program than the distribution's cron reads the file.

## References
- run-parts(8) of debianutils, busybox run-parts; cron(8), crontab(5) of Debian
"""

import re
from collections.abc import Iterator

from ..lineage.boot.plan import BootPlan
from ..lineage.effects.model import Copy, Effect, Link
from ..lineage.image.accounts import Account
from ..lineage.image.image import EffectiveImage
from ..lineage.image.script_files import text_of
from ..lineage.image.tree import Node
from ..lineage.late.patterns import pattern
from ..lineage.text.places import Place, Span
from ..lineage.text.spelling import words_of
from .base import Message, Severity
from .shared.executable_at_start import given_at_start
from .shared.questions import text_of_run

SEVERITY = Severity.WARNING

_DEBIAN = pattern(r"/etc/cron\.(?:hourly|daily|weekly|monthly)")
_ALPINE = pattern(r"/etc/periodic/(?:15min|hourly|daily|weekly|monthly)")
_NAME = pattern(r"[A-Za-z0-9_-]+")
_ENTRY = pattern(r"[ \t]*(?:@[a-z]+|(?:[\d*/,~-]+[ \t]+){3}[\w*/,~-]+[ \t]+[\w*/,~-]+)[ \t]+(\S+)(?:[ \t]+(\S.*))?")
_NO_ACCOUNT = pattern(r".*[/=\[({\"'$>].*")
_PROGRAMS = frozenset(
    words_of(
        """ash bash cd certbot curl cron date echo env find flock gosu logrotate nice node php php5 php7 php8 python python2
        python3 rm run-parts s6-setuidgid sh sleep su-exec sudo supervisorctl test timeout wget"""
    )
)
"""Programs that stand where a line of /etc/cron.d has its account, and whose names no account has."""
_READERS = r"crontab|supercronic|yacron|go-cron|cat|cp|mv|ln|sed|tee|envsubst|install|bash|sh|run-parts|exec"
_TAKES = pattern(rf"\b(?:{_READERS})\b|>[ \t]*\Z")
"""What a path stands behind, in the same command, that another program reads or writes."""
_READS = pattern(rf"\b(?:{_READERS})\b")
"""The same where what a RUN writes there is known."""
_COMMANDS = pattern(r"[\n;&|]")

_TAKES_FOLDER = pattern(
    r"\bcrontab\b(?![ \t]+-[lr])|\b(?:supercronic|yacron|go-?crond?)\b|\bcrond\b[^\n]{0,100}[ \t]-c"
    r"|/etc/(?:cron\.d|periodic/\w{1,9})/?\*|\bfind[ \t]+/etc/(?:cron|periodic)"
)
"""Who takes tables or jobs by other ways than cron's own: their names and modes are another matter."""
_LEFT_OUT = (".md", ".txt", ".example", ".sample", ".disabled", ".bak", ".orig", ".template", ".tmpl", ".dist")
"""Endings of files that are meant to be left out."""

_ALONE = "run-parts takes names of letters, digits, `_` and `-` alone, and leaves this one out"


def check(image: EffectiveImage, boot: BootPlan) -> Iterator[Message]:
    texts: list[str] | None = None
    for path, node in image.own_nodes:
        if not path.startswith(("/etc/cron", "/etc/periodic/", "/var/spool/cron/")):
            continue
        if node.kind != "file" or not node.sure or node.blob.data is None:
            continue
        found, taken = _problem(image, boot, path, node), _TAKES
        if found is None:
            found, taken = _without_first_line(image, path, node), _READS
        if found is None:
            continue
        texts = _texts(image) if texts is None else texts
        others = "/cron.d/" in path or "/periodic/" in path
        if others and any(_TAKES_FOLDER.search(text) for text in texts):
            continue
        folder = path.rpartition("/")[0]
        if taken is _READS and any(f"{folder}/*" in text for text in texts):
            continue  # something else than run-parts runs what is there
        if not any(path in text and _is_taken(path, text, taken) for text in texts):
            line, what, cure = found
            place = node.home if line is None or node.source is None else Place(node.home.path, Span(line))
            yield Message(place, what, cure, subject=path, owner=node.image)
    for step in boot.steps:
        for effect in step.effects:
            name = _linked(effect) if _is_debian(image) else None
            if name is not None and effect.sure:
                yield Message(
                    effect.place,
                    f"{step.label} calls it `{name}`: {_ALONE}.",
                    "Give it a name of letters, digits, `_` and `-` alone, without an extension.",
                    subject=name,
                    owner=step.image,
                )


def _is_taken(path: str, text: str, taken: "re.Pattern[str]") -> bool:
    """Whether a command of a text takes a path: what stands before it in the command matches `taken`."""
    named = (command for command in _COMMANDS.split(text) if path in command)
    return any(taken.search(command[: command.rindex(path)]) for command in named)


def _texts(image: EffectiveImage) -> list[str]:
    """What the RUNs of the image say, what it starts with, and its own text files."""
    texts = [text_of_run(step) for step in image.steps]
    texts += [value.value for value in image.env.values()]
    texts += [" ".join(line.value.argv) for line in (image.entrypoint, image.cmd) if line is not None]
    texts += [f"exec {word}" for line in (image.entrypoint, image.cmd) if line is not None for word in line.value.argv]
    for _, node in image.tree.sourced:
        text = text_of(node) if node.kind == "file" else None
        if text is not None:
            texts.append(text.text)
    return texts


def _is_debian(image: EffectiveImage) -> bool:
    return image.sh == "dash" or any("apt-get" in text_of_run(step) for step in image.steps)


def _is_alpine(image: EffectiveImage) -> bool:
    return image.sh == "busybox" or any("apk add" in text_of_run(step) for step in image.steps)


def _problem(image: EffectiveImage, boot: BootPlan, path: str, node: Node) -> tuple[int | None, str, str] | None:
    """(line, what is wrong, cure) of a file in a folder of cron's; no line where it is the whole file."""
    folder, _, name = path.rpartition("/")
    if name.startswith(".") or name.endswith(_LEFT_OUT):
        return None
    debian = _DEBIAN.fullmatch(folder) is not None and _is_debian(image)
    if debian or (_ALPINE.fullmatch(folder) and _is_alpine(image)):
        return _periodic(boot, path, node, named=debian and not _NAME.fullmatch(name))
    data = (node.blob.data or b"").decode("utf-8", "replace")
    if folder == "/etc/cron.d" and _is_debian(image) and not _is_alpine(image):
        return _table_of_system(image, name, data)
    if folder in ("/etc/crontabs", "/var/spool/cron/crontabs", "/var/spool/cron"):
        for number, user, command in _entries(data):
            if user == "root" and command:
                what = f"line {number} begins with `root` behind its times: an account's own table names none"
                return number, f"{path}: {what}, and a program `root` is run.", "Take the `root` away."
    return None


def _periodic(boot: BootPlan, path: str, node: Node, *, named: bool) -> tuple[int | None, str, str] | None:
    """The same of a script for run-parts; `named`: its name is one that is not taken."""
    if named:
        cure = "Give it a name of letters, digits, `_` and `-` alone, without an extension."
        return (
            None,
            f"{path}: run-parts takes names of letters, digits, `_` and `-` alone, and leaves this one out.",
            cure,
        )
    is_script = (node.blob.data or b"").startswith(b"#!")
    if is_script and node.executable is False and not node.x_in_git_alone and given_at_start(boot, path) is False:
        cure = "Make it executable in git with `git update-index --chmod=+x`, or copy it with `COPY --chmod=755`."
        return (
            None,
            f"{path} has no x bit (mode {node.mode or 0:04o}): run-parts leaves it out, and nothing says so.",
            cure,
        )
    return None


def _without_first_line(image: EffectiveImage, path: str, node: Node) -> tuple[int | None, str, str] | None:
    """The same of a script that the kernel does not execute, and no shell in its place."""
    folder, _, name = path.rpartition("/")
    if _DEBIAN.fullmatch(folder) is None or not _NAME.fullmatch(name) or not _is_debian(image) or _is_alpine(image):
        return None
    data = node.blob.data or b""
    if (
        not data.strip()
        or data.startswith((b"#!", b"\x7fELF", b"\xef\xbb\xbf"))
        or b"\0" in data
        or node.executable is not True
    ):
        return None
    what = f"{path} has no `#!` line: run-parts cannot execute it (`Exec format error`)."
    return None, what, "Begin it with `#!/bin/sh`."


def _table_of_system(image: EffectiveImage, name: str, data: str) -> tuple[int | None, str, str] | None:
    """What Debian's cron does not take of a file in /etc/cron.d."""
    entries = list(_entries(data))
    if not entries:
        return None
    if not _NAME.fullmatch(name):
        what = (
            f"/etc/cron.d/{name}: cron takes names of letters, digits, `_` and `-` alone, and does not read this file."
        )
        return None, what, "Give it a name of letters, digits, `_` and `-` alone."
    for number, user, _ in entries:
        if _NO_ACCOUNT.fullmatch(user) or (user in _PROGRAMS and not isinstance(image.accounts.get(user), Account)):
            what = f"line {number} of /etc/cron.d/{name} names no account: cron takes `{user}` for it, and the line is not run."
            return number, what, "Write the account between the times and the command: `* * * * * root command`."
    if not data.endswith("\n") and data.count("\n") + 1 == entries[-1][0]:
        what = f"the last line of /etc/cron.d/{name} does not end: cron leaves the file out"
        return entries[-1][0], f"{what} (`Missing newline before EOF`).", "End the file with a newline."
    return None


def _entries(data: str) -> Iterator[tuple[int, str, str]]:
    """(line, first word behind the times, the rest) of the entries of a table."""
    for number, row in enumerate(data.split("\n"), 1):
        match = _ENTRY.fullmatch(row.rstrip("\r"))
        if match is not None and not row.lstrip().startswith("#"):
            yield number, match[1], match[2] or ""


def _linked(effect: Effect) -> str | None:
    """The name with a dot under which a link or copy comes into a folder that run-parts looks at."""
    if isinstance(effect, Link):
        target, source = effect.path.canonical, effect.target.canonical
    elif isinstance(effect, Copy) and len(effect.sources) == 1 and not effect.globs:
        target, source = effect.target.canonical, effect.sources[0].canonical
    else:
        return None
    parts = target.rstrip("/").split("/")
    if not _DEBIAN.fullmatch("/".join(parts[:3])) or len(parts) not in (3, 4):
        return None
    name = source.rpartition("/")[2] if len(parts) == 3 else parts[3]
    return name if "." in name.strip(".") and "$" not in name and "*" not in name else None
