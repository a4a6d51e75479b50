"""Effects of the commands that make, copy, link and remove files: mkdir, cp, mv, install, ln, rm, find -delete, rsync."""

import re
from collections.abc import Callable, Iterator
from typing import Literal

from ..commands.find_listing import find_request, find_results
from ..commands.model import Word, Wrapper
from ..interpreter.wrapped import account_of
from ..text.numbers import natural
from ..text.symbolic import Text
from .file_modes import changed_mode
from .find_command import found_by, reached
from .model import ChangeMode, ChangeOwner, Copy, Effect, Link, MakeDirectory, Remove
from .operation import Operation, SplitOptions, is_number


def _number(word: Word | None, umask: int | None, *, directory: bool = False) -> int | None:
    """The mode that an option gives, as a number; None where there is none or it cannot be known."""
    literal = word.literal if word is not None else None
    if literal is None:
        return None
    number = natural(literal, 8)
    if number is not None:
        return number & 0o7777
    # a symbolic mode changes what would be given to everybody (coreutils, modechange)
    return changed_mode(0o777 if directory else 0, literal, directory=directory, umask=umask)


def _mkdir(operation: Operation) -> Iterator[Effect]:
    options = operation.options("mZ", ("--mode", "--context"))
    mode = options.value("-m", "--mode")
    number = _number(mode, operation.command.umask, directory=True)
    parents = options.has("-p", "--parents")
    for word in options.operands:
        yield operation.make(MakeDirectory, word, path=operation.one_path(word), mode=number, parents=parents)
        if mode is not None and number is None:
            yield operation.make(ChangeMode, word, path=operation.one_path(word), mode="${?}")


def _cp(operation: Operation) -> Iterator[Effect]:
    options = operation.options("tS", ("--target-directory", "--suffix"))
    operands = list(options.operands)
    given = options.value("-t", "--target-directory")
    target = given if given is not None else operands.pop() if len(operands) > 1 else None
    if target is None or not operands:
        return
    moves = operation.does == "mv"
    archive = options.has("-a", "--archive")
    parents = options.has("--parents")
    keeps_mode, keeps_owner = _preserved(options)
    lost = options.text("--no-preserve")
    loses_mode = lost is not None and bool({"mode", "all"} & set((lost.literal or "").split(",")))
    recursive = moves or archive or options.has("-r", "-R", "--recursive")
    yield operation.make(
        Copy,
        operands[0],
        sources=tuple(_source(operation, word) for word in operands),
        target=operation.path(target),
        globs=any(word.globs for word in operands),
        into=given is not None or len(operands) > 1 or _is_directory(target),
        onto_file=options.has("-T", "--no-target-directory"),
        recursive=recursive,
        moves=moves,
        no_clobber=options.has("-n", "--no-clobber", "-u", "--update"),
        keeps_owner=moves or archive or keeps_owner,
        keeps_mode=(moves or archive or keeps_mode) and not loses_mode,
        usual_mode=loses_mode,
        follows=_followed(operation, recursive=recursive, archive=archive),
        fresh=options.has("--remove-destination"),
        makes="symbolic" if options.has("-s", "--symbolic-link") else "hard" if options.has("-l", "--link") else "copy",
        parents=parents,
        backup=_backup(options),
    )


def _preserved(options: SplitOptions) -> tuple[bool, bool]:
    """Whether `-p` or `--preserve` keeps (modes, owners)."""
    named = options.text("--preserve")
    if named is not None:
        names = (named.literal or "all").split(",")
        return ("mode" in names or "all" in names, "ownership" in names or "all" in names)
    every = options.has("-p", "--preserve")
    return every, every


def _followed(operation: Operation, *, recursive: bool, archive: bool) -> Literal["none", "operands", "all"]:
    """Which links cp follows: the last of -L, -H, -P, -d, -a counts; without any, all but in a recursive copy."""
    found: Literal["none", "operands", "all"] = "none" if recursive or archive else "all"
    for word in operation.words:
        literal = word.literal or ""
        if literal == "--dereference":
            found = "all"
        elif literal == "--no-dereference":
            found = "none"
        elif re.fullmatch(r"-[A-Za-z]+", literal):
            for letter in literal[1:]:
                found = {"L": "all", "H": "operands", "P": "none", "d": "none", "a": "none"}.get(letter, found)  # type: ignore[assignment]
    return found


def _backup(options: SplitOptions) -> str:
    suffix = options.text("-S", "--suffix")
    control = options.text("--backup")
    if control is not None and control.literal in ("numbered", "t"):
        return ".~1~"
    if options.has("-b", "--backup") or suffix is not None:
        return (suffix.literal or "~") if suffix is not None else "~"
    return ""


def _source(operation: Operation, word: Word) -> Text:
    """A source path; `dir/.`, which stands for what is in the directory, keeps its dot, and `link/` its slash."""
    path = operation.path(word)
    literal = word.literal
    if literal is not None and literal.endswith("/") and len(literal) > 1 and not word.globs:
        return path + "/"
    return path + "/." if literal is not None and (literal == "." or literal.endswith("/.")) else path


def _is_directory(word: Word) -> bool:
    last = word.text.pieces[-1] if word.text.pieces else ""
    return isinstance(last, str) and (last.endswith(("/", "/.")) or word.literal in (".", ".."))


def _install(operation: Operation) -> Iterator[Effect]:
    options = operation.options("mogtSZ", ("--mode", "--owner", "--group", "--target-directory", "--suffix"))
    mode = options.value("-m", "--mode")
    directories = options.has("-d", "--directory")
    group = options.text("-g", "--group")
    groups = (group,) if group is not None and not is_number(group) else ()
    number = _number(mode, operation.command.umask) if mode is not None else 0o755
    above = None if operation.command.dialect == "busybox" else 0o755  # coreutils' install heeds no umask
    owner = options.value("-o", "--owner")
    if owner is not None:
        yield from operation.need(owner, owner.text)
    if directories:
        given_to = owner.text.literal if owner is not None else None
        for word in options.operands:
            path = operation.path(word)
            yield operation.make(
                MakeDirectory,
                word,
                path=path,
                mode=number,
                parents=True,
                parents_mode=above,
                owner=given_to,
                groups=groups,
            )
            octal = f"{number:05o}" if number is not None else "${?}"
            yield operation.make(ChangeMode, word, path=path, mode=octal, groups=groups)
            if owner is not None:
                yield operation.make(ChangeOwner, word, path=path, owner=owner.text, group=group, groups=groups)
        return
    operands = list(options.operands)
    given = options.value("-t", "--target-directory")
    target = given if given is not None else operands.pop() if len(operands) > 1 else None
    if target is None or not operands:
        return
    if options.has("-D"):
        directory = given is not None or _is_directory(target)
        parent = operation.path(target) if directory else Text.of(operation.path(target), "/..")
        path = operation.path(parent)
        yield operation.make(MakeDirectory, target, path=path, mode=above, parents=True, parents_mode=above)
    yield operation.make(
        Copy,
        operands[0],
        sources=tuple(operation.path(word) for word in operands),
        target=operation.path(target),
        globs=any(word.globs for word in operands),
        into=given is not None or len(operands) > 1 or _is_directory(target),
        onto_file=options.has("-T", "--no-target-directory"),
        mode=number,
        owner=owner.text if owner is not None else None,
        fresh=True,
        backup=_backup(options),
        groups=groups,
    )


def _ln(operation: Operation) -> Iterator[Effect]:
    options = operation.options("tS", ("--target-directory", "--suffix"))
    operands = list(options.operands)
    given = options.value("-t", "--target-directory")
    into = given is not None
    if given is not None:
        path = operation.path(given)
    elif len(operands) == 1:
        path, into = operation.command.directory, True
    elif operands:
        last = operands.pop()
        path, into = operation.path(last), len(operands) > 1 or _is_directory(last)
    else:
        return
    symbolic = options.has("-s", "--symbolic")
    for word in operands:
        yield operation.make(
            Link,
            word,
            target=operation.path(word) if not symbolic or options.has("-r", "--relative") else word.text,
            path=path,
            symbolic=symbolic,
            force=options.has("-f", "--force"),
            into=into and not options.has("-T", "--no-target-directory"),
            onto_file=options.has("-T", "--no-target-directory"),
            onto_link=options.has("-n", "--no-dereference"),
            relative=symbolic and options.has("-r", "--relative"),
        )


def _rsync(operation: Operation) -> Iterator[Effect]:
    options = operation.options("efBTM", ("--exclude", "--include", "--chown", "--chmod", "--rsh", "--filter"))
    operands = options.operands
    if len(operands) < 2 or any(":" in word.text.prefix for word in operands):
        for word in operands[-1:]:
            yield operation.opens("copies files there with rsync", (operation.path(word),), may_remove=True)
        return
    target = operands[-1]
    chown = options.text("--chown")
    owner = account_of(chown) if chown is not None else None
    narrowed = options.has("--exclude", "--include", "--filter", "--delete", "--files-from")
    if narrowed:
        yield operation.opens("copies files there with rsync", (operation.path(target),), may_remove=True)
        return
    for word in operands[:-1]:
        inside = word.text.canonical.endswith("/")
        yield operation.make(
            Copy,
            word,
            sources=(operation.path(word) + "/." if inside else operation.path(word),),
            target=operation.path(target),
            globs=word.globs,
            into=not inside or len(operands) > 2 or _is_directory(target),
            recursive=options.has("-a", "-r", "--archive", "--recursive"),
            keeps_owner=options.has("-a", "-o", "--archive", "--owner"),
            keeps_mode=options.has("-a", "-p", "--archive", "--perms"),
            follows="all" if options.has("-L", "--copy-links") else "none",
            owner=owner if owner is not None and owner.pieces else None,
        )
    if options.has("--chmod"):
        yield operation.make(ChangeMode, target, path=operation.path(target), mode="${?}", recursive=True)


def _rm(operation: Operation) -> Iterator[Effect]:
    options = operation.options()
    recursive = options.has("-r", "-R", "--recursive")
    for word in options.operands:
        for reach in reached(operation, word, recursive):
            yield operation.make(
                Remove,
                word,
                path=reach.path,
                recursive=reach.recursive,
                globs=word.globs,
                force=options.has("-f", "--force"),
                names=reach.names,
                types=reach.types,
                least=reach.least,
                most=reach.most,
                sure=operation.command.sure and reach.whole,
            )


def _rmdir(operation: Operation) -> Iterator[Effect]:
    options = operation.options()
    for word in options.operands:
        path = operation.path(word)
        parents = options.has("-p", "--parents")
        yield operation.make(Remove, word, path=path, globs=word.globs, empty=True, parents=parents)


def _find(operation: Operation) -> Iterator[Effect]:
    """find -delete; what it runs with -exec is a command of its own."""
    if not any(word.literal == "-delete" for word in operation.words):
        return
    asked = find_request(operation.words, operation.command.directory)
    found = find_results(asked, operation.sight) if asked is not None and operation.sight is not None else None
    if found is not None and operation.sight is not None:
        for path in reversed(found):
            text = operation.path(Text.of(path))
            empty = operation.sight.kind(text.literal or "", follow=False) == "directory"
            yield operation.make(Remove, path=text, empty=empty, force=True)
        return
    wrapper = Wrapper("find", operation.command.argv, operation.command.place)
    for reach in found_by(operation, wrapper):
        yield operation.make(
            Remove,
            path=reach.path,
            recursive=True,
            force=True,
            names=reach.names or "*",
            types=reach.types,
            least=reach.least,
            most=reach.most,
            sure=operation.command.sure and reach.whole,
        )


FILE_COMMANDS: dict[str, Callable[[Operation], Iterator[Effect]]] = {
    "mkdir": _mkdir,
    "cp": _cp,
    "mv": _cp,
    "install": _install,
    "ln": _ln,
    "rm": _rm,
    "rmdir": _rmdir,
    "unlink": _rm,
    "shred": _rm,
    "find": _find,
    "rsync": _rsync,
}
