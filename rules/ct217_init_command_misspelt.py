"""A start script calls a command whose name is a slip for another.

## What it does
Reports a command of a start script that is in no folder of PATH as far as is known, that the script does not define and nothing
in the Dockerfile mentions, and whose name is that of a well-known program but for one letter in its midst, lost, doubled or
swapped with the next (`usedel`, `basio::log`), or that of one of the script's own functions but for one letter or a colon
behind it (`error: "no file"` for `error`). It is an error where the command is surely in no folder of PATH, and a warning
where a parent, a package or an installer that cannot be read may bring one of that name. First and last letters are not
judged: they make other programs (`egrep`).

## Why it matters at run time
"command not found": the step's work is not done, and under `set -e` the script ends there.

## When to ignore it
When a program of that name is mounted into the container.

## References
- POSIX.1-2024, Shell Command Language, 2.9.1.4 "Command Search and Execution"
"""

import re
from collections.abc import Iterator

from ..lineage.boot.plan import BootPlan
from ..lineage.boot.script_reader import StartScript
from ..lineage.families.read import families
from ..lineage.image.image import EffectiveImage
from ..lineage.image.program_lookup import program_on_path
from ..lineage.image.script_files import text_of
from ..lineage.image.tree import Node
from ..lineage.text.places import Place
from ..lineage.text.spelling import is_sure_slip, words_of
from .base import Message, Severity
from .shared.scripts.word_slips import functions_of
from .shared.scripts.written_scripts import written

SEVERITY = Severity.ERROR

_KNOWN = frozenset(
    words_of("""
        addgroup adduser apt-get basename chpasswd crontab dbus-daemon dbus-launch delgroup deluser dirname
        dpkg-reconfigure envsubst export getent groupadd groupdel groupmod hostname killall locale-gen modprobe openssl
        passwd pg_ctl pkill printf python python3 readlink realpath rsyslogd s6-setuidgid service source ssh-keygen
        supervisorctl supervisord sysctl timeout update-ca-certificates update-rc.d useradd userdel usermod vncserver xrandr
    """)
)
_SHORTEST = 6
_REAL = frozenset(("chgpasswd", "gpasswd", "pgrep"))
"""Programs that are called nearly like another."""


def check(image: EffectiveImage, boot: BootPlan) -> Iterator[Message]:
    heads = {name.partition("::")[0] for one in families().interpreters.values() for name in one.needed_by}
    told: set[tuple[str, str]] = set()
    for step in boot.steps:
        script = step.script
        if script is None or script.reading is None:
            continue
        tree = written(script)
        own = functions_of(tree.body) if tree is not None else frozenset[str]()
        for command in script.reading.commands:
            word = command.argv[0].literal if command.argv else None
            if word is None or command.function or "/" in word or word in _REAL:
                continue
            head, library, rest = word.partition("::")
            meant = _meant(head, heads if library else _KNOWN) or _function(word, own)
            key = command.place.path, word
            if meant is None or key in told or not _is_nothing(image, script, word, command.place):
                continue
            told.add(key)
            absent = program_on_path(image, word) is None
            if meant in own:
                library = rest = ""
            what = "is in no folder of PATH" if absent else "is no command that is known of this image"
            yield Message(
                command.place,
                f"{step.label} calls `{word}`, which {what}.",
                f"Did you mean `{meant}{library}{rest}`?",
                severity=None if absent else Severity.WARNING,
                subject=word,
                owner=step.image,
            )


def _meant(word: str, known: frozenset[str] | set[str]) -> str | None:
    """The one known name that differs in one letter of its midst: lost, doubled or swapped with the next."""
    if word in known or len(word) < _SHORTEST - 1:
        return None
    found = [one for one in known if len(one) >= _SHORTEST and _differs_inside(word, one)]
    return found[0] if len(found) == 1 else None


def _function(word: str, own: frozenset[str]) -> str | None:
    """The function of the script that is meant: a letter inside of it is lost or added, or a colon stands behind it."""
    if word.endswith(":") and word[:-1] in own:
        return word[:-1]
    if word in own or len(word) < _SHORTEST or "_" not in word or not word.replace("_", "").isalpha():
        return None
    found = [one for one in own if is_sure_slip(word, one) and one.replace("_", "") != word.replace("_", "")]
    return found[0] if len(found) == 1 else None


def _differs_inside(word: str, known: str) -> bool:
    if not word or word[0] != known[0] or word[-1] != known[-1]:
        return False
    inside = range(1, len(known) - 1)
    if len(word) == len(known) - 1:
        return any(known[at].isalpha() and word == known[:at] + known[at + 1 :] for at in inside)
    if len(word) == len(known) + 1:
        return any(word == known[: at + 1] + known[at] + known[at + 1 :] for at in range(len(known) - 1))
    swapped = (known[:at] + known[at + 1] + known[at] + known[at + 2 :] for at in range(1, len(known) - 2))
    return len(word) == len(known) and any(word == one for one in swapped)


def _is_nothing(image: EffectiveImage, script: StartScript, word: str, place: Place) -> bool:
    """Whether nothing that is known has or makes a command of that name: no program, function, alias, package or mention."""
    reading = script.reading
    if isinstance(program_on_path(image, word), Node) or any(word in package for package in image.accounts.packages):
        return False
    if reading is None or any(one.name in (".", "source", "eval") and not one.loaded for one in reading.commands):
        return False  # what could not be read may define it
    if word in reading.aliases or any(word in step.instruction.body.text for step in image.steps):
        return False
    name = re.escape(word)
    other = re.compile(
        rf"(?:\bfunction[ \t]+{name}\b|(?<![\w:.-]){name}[ \t]*\(\)|\b(?:command|type|which|hash)\b[^\n]{{0,400}}{name})"
    )
    for _, node in image.tree.sourced:
        text = text_of(node) if node.kind == "file" else None
        if text is not None and other.search(text.text):
            return False
    return True
