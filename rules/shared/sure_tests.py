"""Tests of a start script that cannot be false: what they ask for is in the image, or the script has made it before."""

from collections.abc import Iterator

from ...lineage.boot.script_reader import StartScript
from ...lineage.commands.model import Command, Guard, Test
from ...lineage.effects.model import (
    Copy,
    Effect,
    Link,
    MakeAccount,
    MakeDirectory,
    MakeGroup,
    Remove,
    RemoveAccount,
    Write,
)
from ...lineage.image.accounts import Account
from ...lineage.image.image import EffectiveImage
from ...lineage.image.program_lookup import program_on_path
from ...lineage.image.tree import Node
from ...lineage.late.patterns import pattern
from ...lineage.text.paths import within
from ...lineage.text.spelling import words_of
from ...lineage.text.symbolic import Opaque, Text

_KINDS = {
    "-d": ("directory",),
    "-f": ("file",),
    "-s": ("file", "directory"),
    "-e": ("file", "directory"),
    "-r": ("file", "directory"),
    "-w": ("file", "directory"),
    "-x": ("file", "directory"),
}
_OF_THE_KERNEL = ("/dev", "/proc", "/sys", "/dev/null", "/dev/zero", "/dev/stdin", "/dev/stdout", "/dev/stderr", "/tmp")
_EVERYWHERE = frozenset(
    words_of("""awk basename cat chmod chown cp cut date dd df dirname du echo env expr false find grep head id kill ln ls mkdir
        mknod mktemp mv printf pwd readlink rm rmdir sed sh sleep sort stat tail tar tee test touch tr true uname uniq wc
        xargs""")
)
"""Programs that Debian, Alpine, Red Hat's and busybox's images all have."""
_PLAIN = pattern(r"\^?([\w ./=:@-]+)")
_LOOKED_UP = pattern(r"\$\((?:command -v|which)\s+([\w.+-]+)\)")
_NUMBERS = frozenset(("the value of $!", "the value of $$"))


def surely_holds(image: EffectiveImage, script: StartScript, command: Command, guard: Guard, written: str) -> bool:
    """Whether what a guard of a command asks for is so at every start. `written` is the text of the test."""
    if guard.presumed:
        return True
    tests = (guard.holds,) if guard.holds is not None else guard.alternatives
    return any(_holds(image, script, command, test, written) for test in tests)


def _holds(image: EffectiveImage, script: StartScript, command: Command, test: Test, written: str) -> bool:
    if not test.operands or test.globs:
        return False
    first = test.operands[0]
    if test.op == "-z" and test.negated:
        return len(first.pieces) == 1 and isinstance(first.pieces[0], Opaque) and first.pieces[0].reason in _NUMBERS
    if test.negated:
        return False
    if test.op in _KINDS:
        looked_up = _LOOKED_UP.search(written) if first.opaque else None
        if looked_up is not None:
            return _has_program(image, script, looked_up[1])
        return _is_there(image, script, command, test.op, first)
    if test.op == "command":
        return first.literal is not None and _has_program(image, script, first.literal)
    if test.op == "user":
        made = any(isinstance(one, MakeAccount) and one.name == first for one in _before(script, command))
        removed = any(isinstance(one, RemoveAccount) and one.name == first for one in _before(script, command))
        return not removed and (made or isinstance(image.accounts.get(first.literal or ""), Account))
    if test.op == "group":
        made = any(isinstance(one, MakeGroup | MakeAccount) and one.name == first for one in _before(script, command))
        return made or first.literal == "root"
    return test.op == "grep" and len(test.operands) == 2 and _is_in_file(image, script, command, test)


def _is_there(image: EffectiveImage, script: StartScript, command: Command, op: str, path: Text) -> bool:
    literal = path.literal
    if literal is not None and literal.startswith("/"):
        if literal in _OF_THE_KERNEL or any(within(literal, one.value.rstrip("/") or "/") for one in image.volumes):
            return True
        node = image.tree.get(literal)
        removed = any(
            isinstance(one, Remove) and within(literal, one.path.canonical) for one in _before(script, command)
        )
        if isinstance(node, Node) and not removed:
            return node.kind in _KINDS[op] and (op != "-x" or node.executable is not False)
    there = False
    for effect in _before(script, command):
        if isinstance(effect, Remove) and within(path.canonical, effect.path.canonical):
            there = False
        elif _makes(effect, op, path):
            there = True
    return there


def _makes(effect: Effect, op: str, path: Text) -> bool:
    if isinstance(effect, MakeDirectory):
        below = effect.parents and not path.opaque and within(effect.path.canonical, path.canonical)
        return op in ("-d", "-e", "-r", "-w", "-x") and (effect.path == path or below)
    if isinstance(effect, Write):
        empty = op == "-s" and effect.content is None
        return op in ("-f", "-e", "-r", "-w", "-s") and effect.path == path and not empty
    if isinstance(effect, Copy):
        return op in ("-f", "-e", "-r", "-s") and effect.target == path and not effect.into and not effect.recursive
    return isinstance(effect, Link) and op == "-L" and effect.path == path


def _before(script: StartScript, command: Command) -> Iterator[Effect]:
    """What the script has surely done when the command comes, and would have ended without."""
    places = {id(one): index for index, one in enumerate(script.commands)}
    at = places.get(id(command), 0)
    for effect in script.effects:
        maker = effect.command
        if maker is None or places.get(id(maker), at) >= at or maker.loop == "unbounded" or maker.background:
            continue
        if isinstance(effect, Remove | RemoveAccount):
            yield effect  # be it under a condition
            continue
        own = [guard for guard in maker.guards if not guard.presumed]
        if maker.errexit and not maker.ignores_failure and all(guard in command.guards for guard in own):
            yield effect


def _has_program(image: EffectiveImage, script: StartScript, name: str) -> bool:
    shebang = script.shebang
    interpreters = (shebang.interpreter, *shebang.arguments) if shebang is not None else ()
    if (
        name in _EVERYWHERE
        or name in image.accounts.packages
        or name in {one.rpartition("/")[2] for one in interpreters}
    ):
        return True
    if any(one.function and one.name == name for one in script.commands):
        return True
    return isinstance(program_on_path(image, name), Node)


def _is_in_file(image: EffectiveImage, script: StartScript, command: Command, test: Test) -> bool:
    """Whether the file that is searched surely has the words that are looked for."""
    wanted, file = test.operands[0], test.operands[-1]
    plain = _PLAIN.fullmatch(wanted.literal or "")
    if plain is None or file.literal is None:
        return False
    texts: list[str] = []
    node = image.tree.get(file.literal)
    changed = [one for one in script.effects if isinstance(one, Write) and one.path == file]
    if isinstance(node, Node) and node.blob.data is not None and all(one.append for one in changed):
        texts.append(node.blob.data.decode("utf-8", "replace"))
    for effect in _before(script, command):
        if isinstance(effect, Write) and effect.path == file and effect.content is not None:
            texts.append(effect.content.canonical)
    rows = (row for text in texts for row in text.split("\n"))
    begins = plain[0].startswith("^")
    return any(row.startswith(plain[1]) if begins else plain[1] in row for row in rows)
