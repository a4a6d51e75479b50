"""The exit status of simple commands as conditions: what is a test, what is presumed to succeed."""

import re

from ..families.read import families
from ..text.spelling import words_of
from ..text.symbolic import Text
from ..text.symbolic_paths import join
from .bracket_tests import read_test
from .conditions import Condition, constant
from .model import Command, Test

_QUERIES = frozenset(
    [
        "test",
        "[",
        "[[",
        "((",
        "grep",
        "egrep",
        "fgrep",
        "zgrep",
        "id",
        "getent",
        "command",
        "which",
        "type",
        "hash",
        "pgrep",
        "pidof",
        "cmp",
        "diff",
        "false",
        "expr",
        "mountpoint",
        "ping",
        "nc",
        "dpkg-query",
        "read",
        "let",
        "fuser",
        "lsof",
        "mysqladmin",
        "pg_isready",
        "ls",
        "stat",
        *families().asking,
    ]
)


_SUCCEEDING = frozenset(
    words_of("""true : echo printf export readonly declare typeset umask set shopt trap alias local unset""")
)


ESSENTIAL = (
    _QUERIES
    | _SUCCEEDING
    | frozenset(
        words_of("""apk apt apt-get apt-key apt-mark arch awk base64 basename bash cat cd chage chattr chgrp
        chmod chown chpasswd chroot chsh cksum comm cp cut dash date dd deb-systemd-helper debconf-set-selections dirname dnf dpkg
        dpkg-divert dpkg-reconfigure du env eval exec exit expand false find flock fold getopt
        gpasswd groupadd groupdel groupmod gunzip gzip head hostname install join ldconfig link ln locale localedef login
        ls md5sum microdnf mkdir mkfifo mknod mktemp mount mv mawk nice nl nohup nproc od passwd paste perl pivot_root
        printenv ps pwd readlink realpath return rm rmdir run-parts runuser sed seq setpriv sh sha1sum sha256sum sha512sum
        shift shuf sleep sort source split stat stdbuf stty su sum sync tac tail tar tee timeout touch tr truncate tty
        umount uname unexpand uniq unlink update-alternatives update-rc.d useradd userdel usermod users wait wc xargs yes
        yum zcat zypper""")
    )
)
"""Programs that images of distributions have, or that bring others: what they are asked to do is presumed done."""


_EXPLICIT_QUERY = {
    "dpkg": ("-s", "-l", "--compare-versions", "--status"),
    "rpm": ("-q", "--query"),
    "git": ("rev-parse", "diff"),
    "systemctl": ("is-active", "is-enabled"),
    "service": ("status",),
    "apk": ("info",),
    "pip": ("show",),
}


_ASKING = frozenset(("id", "getent", "command", "which", "type", "hash", "grep", "egrep", "fgrep"))
"""The programs whose question may be told."""


def status_of(command: Command) -> Condition:
    """The exit status of a simple command: a test where it can be read, presumed success of an ordinary command."""
    name, place = command.name, command.place
    if command.loaded or not command.argv:
        return Condition("leaf", place, presumed=True)
    if name in ("test", "[") and command.argv[0].literal in ("test", "["):
        return read_test(command.arguments[: -1 if name == "[" else None], command.directory, place)
    if name in _SUCCEEDING:
        return constant(True, place)
    if name == "false":
        return constant(False, place)
    test = _query(command) if name in _ASKING else None
    if test is not None:
        return Condition("leaf", place, test=test)
    explicit = _EXPLICIT_QUERY.get(name, ())
    queries = name in _QUERIES or (bool(explicit) and any(word.literal in explicit for word in command.arguments))
    return Condition("leaf", place, presumed=bool(name) and not queries)


def _query(command: Command) -> Test | None:
    """`id NAME`, `getent passwd NAME`, `grep NAME /etc/passwd`, `command -v NAME` as tests."""
    name, words = command.name, command.arguments
    operands = [word for word in words if not (word.literal or "").startswith("-")]
    if name == "id" and len(operands) == 1:
        return Test("user", (operands[0].text,))
    if name == "getent" and len(operands) == 2 and operands[0].literal in ("passwd", "group", "shadow"):
        return Test("group" if operands[0].literal == "group" else "user", (operands[1].text,))
    if name == "command" and len(operands) == 1 and any(word.literal in ("-v", "-V") for word in words):
        return Test("command", (operands[0].text,))
    if name in ("which", "type", "hash") and len(operands) == 1:
        return Test("command", (operands[0].text,))
    if name in ("grep", "egrep", "fgrep") and len(operands) == 2:
        if any((word.literal or "").startswith("-") and "v" in (word.literal or "") for word in words):
            return None
        pattern, file = operands
        account = _account_pattern(pattern.text)
        if account is not None and file.literal in ("/etc/passwd", "/etc/group", "/etc/shadow"):
            return Test("group" if file.literal == "/etc/group" else "user", (account,))
        if any((word.literal or "").startswith("-") and set(word.literal or "") & set("wx") for word in words):
            return None
        return Test("grep", (pattern.text, join(command.directory, file.text)))
    return None


def _account_pattern(pattern: Text) -> Text | None:
    """The name in `^name:` and its like."""
    pieces = list(pattern.pieces)
    if not pieces:
        return None
    if isinstance(pieces[0], str):
        pieces[0] = pieces[0].removeprefix("^").removeprefix("\\b")
    if isinstance(pieces[-1], str):
        pieces[-1] = re.sub(r"(:.*|\$|\\b)\Z", "", pieces[-1], flags=re.S)
    name = Text.of(*pieces)
    literal = name.literal
    if literal is not None and not re.fullmatch(r"[A-Za-z_][\w.-]*\$?", literal):
        return None
    return None if name.opaque or not name.pieces else name
