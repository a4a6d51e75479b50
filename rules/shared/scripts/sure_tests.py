"""Tests of a start script that cannot be false: what they ask for is in the image, or the script has made it before."""

from collections.abc import Iterator

from ....lineage.boot.script_reader import StartScript
from ....lineage.commands.model import Command, Guard, Test
from ....lineage.effects.model import (
    Copy,
    Effect,
    MakeAccount,
    MakeDirectory,
    MakeGroup,
    Remove,
    RemoveAccount,
    Write,
)
from ....lineage.image.accounts import Account
from ....lineage.image.image import EffectiveImage
from ....lineage.image.program_lookup import program_on_path
from ....lineage.image.tree import Node
from ....lineage.late.patterns import pattern
from ....lineage.text.errors import Unknown
from ....lineage.text.globs import path_within
from ....lineage.text.paths import within
from ....lineage.text.spelling import words_of
from ....lineage.text.symbolic import Opaque, Text

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
_OF_DISTRIBUTIONS = ("/usr/", "/etc/", "/bin/", "/sbin/", "/lib")
_EVERYWHERE = frozenset(
    words_of("""awk basename cat chmod chown cp cut date dd df dirname du echo env expr false find grep head id kill ln ls mkdir
        mknod mktemp mv printf pwd readlink rm rmdir sed sh sleep sort stat tail tar tee test touch tr true uname uniq wc
        xargs""")
)
"""Programs that Debian, Alpine, Red Hat's and busybox's images all have."""
_PLAIN = pattern(r"\^?([\w ./=:@-]+)")
_LOOKED_UP = pattern(r"\$\((?:command -v|which)\s+([\w.+-]+)\)")
_NUMBERS = frozenset(("the value of $!", "the value of $$"))


def surely_holds(
    image: EffectiveImage, script: StartScript, command: Command, guard: Guard, written: str
) -> bool | Unknown:
    """Whether what a guard of a command asks for is so at every start; False where it may be otherwise. `written` is the text
    of the test.
    """
    if guard.presumed:
        return True
    tests = (guard.holds,) if guard.holds is not None else guard.alternatives
    answers = [_holds(image, script, command, test, written) for test in tests]
    return next((answer for answer in answers if answer is not False), False)


def _holds(image: EffectiveImage, script: StartScript, command: Command, test: Test, written: str) -> bool | Unknown:
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
        return _has_account(image, script, command, first)
    if test.op == "group":
        made = any(isinstance(one, MakeGroup | MakeAccount) and one.name == first for one in _before(script, command))
        return made or first.literal == "root"
    return test.op == "grep" and len(test.operands) == 2 and _is_in_file(image, script, command, test)


def _has_account(image: EffectiveImage, script: StartScript, command: Command, name: Text) -> bool | Unknown:
    done = list(_before(script, command))
    if any(isinstance(one, RemoveAccount) and one.name == name for one in done):
        return False
    if name.literal == "root" or any(isinstance(one, MakeAccount) and one.name == name for one in done):
        return True
    found = image.accounts.get(name.literal or "") if name.literal else None
    return found if isinstance(found, Unknown) else isinstance(found, Account)


def _is_there(image: EffectiveImage, script: StartScript, command: Command, op: str, path: Text) -> bool | Unknown:
    literal = path.literal
    doubt: Unknown | None = None
    there = False
    if literal is not None and literal.startswith("/"):
        if literal in _OF_THE_KERNEL or any(within(literal, one.value.rstrip("/") or "/") for one in image.volumes):
            return True
        node = image.tree.get(literal)
        if isinstance(node, Node):
            there = node.kind in _KINDS[op] and (op != "-x" or node.executable is not False)
        doubt = node if isinstance(node, Unknown) and _may_be_inherited(image, literal) else None
    for effect in _before(script, command):
        if _takes_away(effect, path.canonical):
            there, doubt = False, None
        if _makes(effect, op, path):
            there = True
    return there if there or doubt is None else doubt


def _takes_away(effect: Effect, path: str) -> bool:
    if isinstance(effect, Copy) and effect.moves:
        return any(within(path, source.canonical) or path_within(path, source.canonical) for source in effect.sources)
    if not isinstance(effect, Remove):
        return False
    return within(path, effect.path.canonical) or (effect.globs and path_within(path, effect.path.canonical))


def _may_be_inherited(image: EffectiveImage, path: str) -> bool:
    """Whether a file that nothing known brings may be the parent's: of a parent that is not known, or a distribution's own."""
    return any(link.origin == "unknown" for link in image.chain) or path.startswith(_OF_DISTRIBUTIONS)


def _makes(effect: Effect, op: str, path: Text) -> bool:
    if isinstance(effect, MakeDirectory):
        below = effect.parents and not path.opaque and within(effect.path.canonical, path.canonical)
        return op in ("-d", "-e", "-r", "-w", "-x") and (effect.path == path or below)
    if isinstance(effect, Write):
        empty = op == "-s" and effect.content is None
        return op in ("-f", "-e", "-r", "-w", "-s") and effect.path == path and not empty
    if isinstance(effect, Copy):
        return op in ("-f", "-e", "-r", "-s") and effect.target == path and not effect.into and not effect.recursive
    return False


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


def _has_program(image: EffectiveImage, script: StartScript, name: str) -> bool | Unknown:
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
    found = program_on_path(image, name)
    return found if isinstance(found, Unknown) else found is not None


def _is_in_file(image: EffectiveImage, script: StartScript, command: Command, test: Test) -> bool | Unknown:
    """Whether the file that is searched surely has the words that are looked for."""
    wanted, file = test.operands[0], test.operands[-1]
    plain = _PLAIN.fullmatch(wanted.literal or "")
    if plain is None or file.literal is None:
        return False
    texts: list[str] = []
    doubt: Unknown | None = None
    node = image.tree.get(file.literal)
    changed = [one for one in script.effects if isinstance(one, Write) and one.path == file]
    if all(one.append for one in changed):
        data = node.blob.data if isinstance(node, Node) else None
        if data is not None:
            texts.append(data.decode("utf-8", "replace"))
        elif node is not None:
            doubt = node if isinstance(node, Unknown) else Unknown(f"the content of {file.literal} is not known")
    for effect in _before(script, command):
        if isinstance(effect, Write) and effect.path == file and effect.content is not None:
            texts.append(effect.content.canonical)
    rows = (row for text in texts for row in text.split("\n"))
    begins = plain[0].startswith("^")
    found = any(row.startswith(plain[1]) if begins else plain[1] in row for row in rows)
    return doubt if doubt is not None and not found else found
