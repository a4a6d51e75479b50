"""Programs that run the command given to them: sudo, su, env, timeout, s6-setuidgid, `sh -c`, xargs, find -exec …

`peel` reads the words of one and says what it runs and what it changes for it. Sources: the manual pages of sudo(8),
su(1), runuser(1), setpriv(1), env(1), xargs(1), find(1), and the pages of s6, s6-portable-utils and execline.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from ..commands.model import Word
from ..shell.shebang import SHELLS
from ..text.symbolic import Text
from .user_wrappers import su, sudo
from .wrapped import Wrapped, account_of, leading_assignments, without_prefix


class _Options(NamedTuple):
    """Which options take a word of their own, and how many operands stand before the command."""

    short: str = ""
    long: tuple[str, ...] = ()
    operands: int = 0
    cluster: bool = True


_TRANSPARENT: dict[str, _Options] = {
    "nice": _Options("n", ("--adjustment",)),
    "nohup": _Options(),
    "timeout": _Options("sk", ("--signal", "--kill-after"), 1),
    "time": _Options("fo", ("--format", "--output")),
    "ionice": _Options("cn", ("--class", "--classdata")),
    "stdbuf": _Options("ioe", ("--input", "--output", "--error")),
    "setsid": _Options(),
    "xvfb-run": _Options("nsefwp", ("--server-num", "--server-args", "--error-file", "--auth-file", "--wait")),
    "dbus-launch": _Options(),
    "dbus-run-session": _Options("", ("--config-file", "--dbus-daemon")),
    "catchsegv": _Options(),
    "eatmydata": _Options(),
    "fakeroot": _Options(),
    "builtin": _Options(),
    "tini": _Options("pe"),
    "dumb-init": _Options("r", ("--rewrite",)),
    "with-contenv": _Options(),
    "catatonit": _Options(),
    "busybox": _Options(),
    "strace": _Options("oepsE"),
    "linux32": _Options(),
    "linux64": _Options(),
    "setarch": _Options("", (), 1),
    "vglrun": _Options("d"),
    "unbuffer": _Options(),
    "chrt": _Options("", (), 1),
    "taskset": _Options("", (), 1),
    "gosu": _Options("", (), 1),
    "su-exec": _Options("", (), 1),
    "s6-setuidgid": _Options("", (), 1),
    "setuidgid": _Options("", (), 1),
    "s6-envuidgid": _Options("", (), 1),
    "s6-applyuidgid": _Options("ugG"),
    "s6-setsid": _Options(),
    "s6-setlock": _Options("t", (), 1),
    "s6-envdir": _Options("n", (), 1),
    "s6-softlimit": _Options("acdfmlnoprtuhs"),
    "s6-notifyoncheck": _Options("3sTtwnc"),
    "s6-env": _Options(),
    "fdmove": _Options("", (), 2),
    "fdclose": _Options("", (), 1),
    "redirfd": _Options("", (), 2),
    "unexport": _Options("", (), 1),
    "umask": _Options("", (), 1),
    "chpst": _Options("uUeo/mdfpctTPnb"),
    "softlimit": _Options("acdfmlnoprtuhs"),
    "setpriv": _Options(
        "",
        ("--reuid", "--regid", "--ruid", "--rgid", "--euid", "--egid", "--groups", "--bounding-set", "--inh-caps"),
    ),
}


_USER_OPERAND = frozenset(("gosu", "su-exec", "s6-setuidgid", "setuidgid"))


def peel(words: Sequence[Word]) -> Wrapped | None:
    """What the wrapper that `words` begin with runs; None where it is no wrapper, or runs nothing that can be read."""
    program = words[0].literal
    if not program:
        return None
    name = program.rpartition("/")[2]
    special = _SPECIAL.get(name)
    if special is not None:
        return special(words)
    options = _TRANSPARENT.get(name)
    if options is None:
        return None
    if name == "umask":
        return None  # the shell's own one; execline's is read elsewhere
    at = _skip_options(words, 1, options)
    at = min(at + options.operands, len(words))
    if at < len(words) and words[at].literal == "--":
        at += 1
    if at >= len(words):
        return None
    user = words[at - 1].text if name in _USER_OPERAND else None
    if name in ("s6-applyuidgid", "setpriv", "chpst"):
        user = _user_option(words[:at])
    if user is not None:
        user = account_of(user)
    assignments: tuple[tuple[str, Text], ...] = ()
    if name == "with-contenv":
        assignments = ()
    return Wrapped(
        tuple(words[:at]), tuple(words[at:]), user=user, sets_home=name in ("gosu", "su-exec"), assignments=assignments
    )


def _user_option(words: Sequence[Word]) -> Text | None:
    for index, word in enumerate(words):
        literal = word.literal
        if literal in ("-u", "--reuid", "--ruid", "--euid") and index + 1 < len(words):
            return words[index + 1].text
        for prefix in ("--reuid=", "--ruid=", "-u"):
            if word.text.prefix.startswith(prefix) and len(prefix) < len(str(word.text)):
                return without_prefix(word.text, prefix)
    return None


def _skip_options(words: Sequence[Word], at: int, options: _Options) -> int:
    while at < len(words):
        literal = words[at].text.prefix
        if literal == "--":
            return at + 1
        if not literal.startswith("-") or literal == "-":
            return at
        if literal.startswith("--"):
            at += 2 if literal in options.long else 1
            continue
        taking = next((index for index, letter in enumerate(literal[1:], 1) if letter in options.short), None)
        alone = taking is not None and taking == len(literal) - 1 and len(words[at].text.pieces) == 1
        at += 2 if alone else 1
    return at


def _env(words: Sequence[Word]) -> Wrapped | None:
    at, clears, directory = 1, False, None
    unsets: list[str] = []
    while at < len(words):
        literal = words[at].text.prefix
        if literal in ("-i", "-", "--ignore-environment"):
            clears = True
        elif literal in ("-u", "--unset", "-C", "--chdir", "-S", "--split-string"):
            if literal in ("-C", "--chdir") and at + 1 < len(words):
                directory = words[at + 1].text
            if literal in ("-u", "--unset") and at + 1 < len(words):
                unsets.append(words[at + 1].literal or "")
            at += 1
        elif literal.startswith("--unset="):
            unsets.append(literal.removeprefix("--unset="))
        elif not literal.startswith("-"):
            break
        elif literal == "--":
            at += 1
            break
        at += 1
    at, assignments = leading_assignments(words, at)
    if at >= len(words):
        return None
    return Wrapped(
        tuple(words[:at]),
        tuple(words[at:]),
        clears=clears,
        unsets=tuple(unsets),
        assignments=assignments,
        directory=directory,
    )


def _shell(words: Sequence[Word]) -> Wrapped | None:
    at, command, login = 1, False, False
    while at < len(words):
        literal = words[at].literal or ""
        if literal in ("-o", "+o", "-O", "--rcfile", "--init-file"):
            at += 2
            continue
        if literal in ("--", "-"):
            at += 1
            break
        if len(literal) < 2 or literal[0] not in "-+":
            break
        if not literal.startswith("--"):
            command = command or "c" in literal
            login = login or "l" in literal
            if literal.endswith("o") and not command:
                at += 1
        at += 1
    if at >= len(words):
        return None
    if command:
        return Wrapped(tuple(words[:at]), tuple(words[at + 1 :]), script=words[at])
    return Wrapped(tuple(words[:at]), tuple(words[at:]), shell=True)


def _eval(words: Sequence[Word]) -> Wrapped | None:
    return Wrapped(tuple(words[:1]), tuple(words[1:]), evaluated=True) if len(words) > 1 else None


def _exec(words: Sequence[Word]) -> Wrapped | None:
    at = _skip_options(words, 1, _Options("a"))
    return Wrapped(tuple(words[:at]), tuple(words[at:]), exec=True) if at < len(words) else None


def _command(words: Sequence[Word]) -> Wrapped | None:
    at = 1
    while at < len(words) and (words[at].literal or "").startswith("-"):
        if (words[at].literal or "") != "-p":
            return None
        at += 1
    return Wrapped(tuple(words[:at]), tuple(words[at:])) if at < len(words) else None


def _xargs(words: Sequence[Word]) -> Wrapped | None:
    at = _skip_options(words, 1, _Options("IndPLsaE", ("--max-args", "--max-procs", "--delimiter", "--arg-file")))
    if at >= len(words):
        return None
    return Wrapped(tuple(words[:at]), tuple(words[at:]), appends=True)


def _find(words: Sequence[Word]) -> Wrapped | None:
    """What find runs with `-exec`; its place-holder `{}` stays in the words."""
    own: list[Word] = []
    found: list[tuple[Word, ...]] = []
    each = False
    at = 0
    while at < len(words):
        if words[at].literal in ("-exec", "-execdir", "-ok"):
            end = next((index for index in range(at + 1, len(words)) if words[index].literal in (";", "+")), len(words))
            each = end < len(words) and words[end].literal == ";"
            if end > at + 1:
                found.append(tuple(words[at + 1 : end]))
            at = end
        else:
            own.append(words[at])
        at += 1
    return Wrapped(tuple(own), found[0], each=each, further=tuple(found[1:])) if found else None


def _chroot(words: Sequence[Word]) -> Wrapped | None:
    at = _skip_options(words, 1, _Options("", ("--userspec", "--groups")))
    if at + 1 >= len(words):
        return None
    return Wrapped(tuple(words[: at + 1]), tuple(words[at + 1 :]), root_directory=words[at].text)


def _flock(words: Sequence[Word]) -> Wrapped | None:
    at = _skip_options(words, 1, _Options("wE", ("--wait", "--timeout", "--conflict-exit-code"))) + 1
    if at >= len(words):
        return None
    if words[at].literal in ("-c", "--command") and at + 1 < len(words):
        return Wrapped(tuple(words[: at + 1]), tuple(words[at + 2 :]), script=words[at + 1])
    return Wrapped(tuple(words[:at]), tuple(words[at:]))


def _cd(words: Sequence[Word]) -> Wrapped | None:
    """execline's `cd dir prog…`, when it is the program a shell runs and not the shell's own cd."""
    if len(words) < 3:
        return None
    return Wrapped(tuple(words[:2]), tuple(words[2:]), directory=words[1].text)


_SPECIAL: dict[str, Callable[[Sequence[Word]], Wrapped | None]] = {
    "env": _env,
    "sudo": sudo,
    "doas": sudo,
    "su": su,
    "runuser": su,
    "eval": _eval,
    "exec": _exec,
    "command": _command,
    "xargs": _xargs,
    "find": _find,
    "chroot": _chroot,
    "flock": _flock,
    "cd": _cd,
    **dict.fromkeys(SHELLS, _shell),
}
