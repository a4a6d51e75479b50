"""Effects of chown, chgrp and chmod."""

import re
from collections.abc import Callable, Iterator
from typing import TypeVar

from ..commands.model import Word
from ..interpreter.wrapped import account_of
from ..late.dataclasses import replace
from ..late.patterns import pattern
from ..text.symbolic import Opaque, Text
from .find_command import Reach, reached
from .model import ChangeMode, ChangeOwner, Effect
from .operation import Operation, is_number, is_option_variable

_MODE = pattern(r"[0-7]{1,4}|[ugoa]*[-+=][rwxXstugo]*(?:[-+=,][ugoarwxXst]*)*")


def _chown(operation: Operation) -> Iterator[Effect]:
    options = operation.options("", ("--from", "--reference"))
    operands = _without_unknown_options(options.operands)
    reference = options.text("--reference")
    if reference is not None:
        yield from _like(operation, ChangeOwner, operands, reference, owner=None)
        return
    if len(operands) < 2:
        return
    owner = operands[0]
    account: Text | None = account_of(owner.text)
    group = _group_of(owner.text)
    if operation.does == "chgrp":
        account, group = None, owner.text
    if account is not None and account.pieces:
        yield from operation.need(owner, account)
    else:
        account = None
    for word in operands[1:]:
        for reach in reached(operation, word, options.has("-R", "--recursive")):
            through = (word.literal or "").endswith("/") and word.literal != "/"
            itself = options.has("-h", "--no-dereference")
            needs = (group,) if group is not None and not is_number(group) else ()
            changed = _changed(
                operation, ChangeOwner, word, reach, owner=account, group=group, itself=itself, groups=needs
            )
            yield replace(changed, path=changed.path + "/") if through and not word.globs else changed


def _like(
    operation: Operation,
    kind: type[ChangeMode] | type[ChangeOwner],
    operands: list[Word],
    reference: Text,
    **fields: object,
) -> Iterator[Effect]:
    """`--reference=FILE`: what FILE has is given to the others."""
    recursive = operation.options("", ("--reference",)).has("-R", "--recursive")
    for word in operands:
        yield operation.make(
            kind,
            word,
            path=operation.path(word),
            recursive=recursive,
            globs=word.globs,
            reference=operation.path(reference),
            **fields,
        )


def _group_of(text: Text) -> Text | None:
    pieces = list(text.pieces)
    for index, piece in enumerate(pieces):
        if isinstance(piece, str) and ":" in piece:
            group = Text.of(piece.partition(":")[2], *pieces[index + 1 :])
            return group if group.pieces else None
    return None


def _chmod(operation: Operation) -> Iterator[Effect]:
    words = [word for word in operation.words if not re.fullmatch(r"-[RvcfRHLP]+|--[a-z-]+(=.*)?", word.literal or "")]
    flags = [word.literal or "" for word in operation.words if word not in words]
    recursive = any(flag == "--recursive" or (not flag.startswith("--") and "R" in flag) for flag in flags)
    operands = [word for word in words if word.literal != "--" and not is_option_variable(word)]
    while len(operands) > 2 and not _is_mode(operands[0]) and _is_mode(operands[1]):
        operands = operands[1:]
    reference = next((flag.partition("=")[2] for flag in flags if flag.startswith("--reference=")), None)
    if reference is not None:
        yield from _like(operation, ChangeMode, operands, Text.of(reference), mode="")
        return
    if len(operands) < 2:
        return
    mode = operands[0].literal or "${?}"
    for word in operands[1:]:
        for reach in reached(operation, word, recursive):
            yield _changed(operation, ChangeMode, word, reach, mode=mode)


_ChangeT = TypeVar("_ChangeT", ChangeMode, ChangeOwner)


def _changed(operation: Operation, kind: type[_ChangeT], word: Word, reach: Reach, **fields: object) -> _ChangeT:
    """The change of all that an operand reaches."""
    return operation.make(
        kind,
        word,
        path=reach.path,
        recursive=reach.recursive,
        globs=word.globs,
        names=reach.names,
        types=reach.types,
        least=reach.least,
        most=reach.most,
        sure=operation.command.sure and reach.whole,
        **fields,
    )


def _is_mode(word: Word) -> bool:
    return bool(_MODE.fullmatch(word.literal or ""))


def _without_unknown_options(operands: list[Word]) -> list[Word]:
    """Without a leading `$verbose` that is an option on one path and nothing on another."""
    while len(operands) > 2 and not operands[0].quoted and operands[0].literal is None and ":" in str(operands[1]):
        operands = operands[1:]
    while len(operands) > 2 and not operands[0].quoted and isinstance(next(iter(operands[0].text.pieces), ""), Opaque):
        operands = operands[1:]
    return operands


MODE_COMMANDS: dict[str, Callable[[Operation], Iterator[Effect]]] = {
    "chown": _chown,
    "chgrp": _chown,
    "chmod": _chmod,
}
