"""sudo, su and runuser: programs that run a command as another user (sudo(8), su(1), runuser(1))."""

from collections.abc import Sequence

from ..commands.model import ROOT, Word
from .wrapped import Wrapped, leading_assignments, without_prefix


def sudo(words: Sequence[Word]) -> Wrapped | None:
    at, user, login, directory = 1, ROOT, False, None
    while at < len(words):
        text = words[at].text
        literal = text.prefix
        if literal == "--":
            at += 1
            break
        if not literal.startswith("-"):
            break
        following = words[at + 1].text if at + 1 < len(words) else None
        cluster = not literal.startswith("--") and len(literal) > 1
        if cluster and literal.endswith("u") and len(text.pieces) == 1 and following is not None:
            user, at = following, at + 1
        elif literal.startswith("--user="):
            user = without_prefix(text, "--user=")
        elif literal == "--user" and following is not None:
            user, at = following, at + 1
        elif cluster and literal.startswith("-u"):
            user = without_prefix(text, "-u")
        elif literal in ("-D", "--chdir") and following is not None:
            directory, at = following, at + 1
        elif cluster and literal[-1] in "ghpCRTUrt" and not literal[1:].isupper():
            at += 1
        login = login or literal == "--login" or (cluster and "i" in literal and not literal.startswith("-u"))
        at += 1
    at, assignments = leading_assignments(words, at)
    if at >= len(words):
        return None
    return Wrapped(
        tuple(words[:at]),
        tuple(words[at:]),
        user=user,
        login=login,
        sets_home=True,
        assignments=assignments,
        directory=directory,
    )


def su(words: Sequence[Word]) -> Wrapped | None:
    """su, and runuser in the form of su."""
    name = (words[0].literal or "").rpartition("/")[2]
    login, preserves, command, user = False, False, None, None
    operands: list[Word] = []
    at = 1
    while at < len(words):
        literal = words[at].text.prefix
        following = words[at + 1] if at + 1 < len(words) else None
        if literal in ("-", "-l", "--login"):
            login = True
        elif literal in ("-m", "-p", "--preserve-environment"):
            preserves = True
        elif literal in ("-c", "--command", "-lc", "-pc", "-mc") and following is not None:
            command, at, login = following, at + 1, login or literal == "-lc"
        elif literal == "-u" and name == "runuser" and following is not None:
            rest = at + 3 if at + 2 < len(words) and words[at + 2].literal == "--" else at + 2
            if rest >= len(words):
                return None
            return Wrapped(tuple(words[:rest]), tuple(words[rest:]), user=following.text)
        elif literal in ("-s", "--shell", "-g", "--group", "-G", "-w") and following is not None:
            at += 1
        elif literal.startswith("--command="):
            word = words[at]
            text = without_prefix(word.text, "--command=")
            command = Word(text, word.raw, word.place, True, False, word.variables)
        elif literal != "--" and (not literal.startswith("-") or not words[at].text.pieces):
            operands.append(words[at])
        at += 1
    if operands:
        user = operands[0].text
    if command is None:
        return None
    own = tuple(word for word in words if word is not command)
    return Wrapped(
        own,
        tuple(operands[1:]),
        script=command,
        user=user if user is not None else ROOT,
        login=login,
        sets_home=not preserves,
    )
