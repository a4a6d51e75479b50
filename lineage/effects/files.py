"""Effects of the commands that make, copy, link and remove files: mkdir, cp, mv, install, ln, rm, find -delete, rsync."""

from collections.abc import Callable, Iterator

from ..commands.model import Word, Wrapper
from ..commands.wrapped import account_of
from ..text.numbers import natural
from ..text.symbolic import Text
from .find_command import found_by, reached
from .model import ChangeOwner, Copy, Effect, Link, MakeDirectory, Remove
from .operation import Operation


def _octal(word: Word | None) -> int | None:
    literal = word.literal if word is not None else None
    return natural(literal, 8)


def _mkdir(operation: Operation) -> Iterator[Effect]:
    options = operation.options("mZ", ("--mode", "--context"))
    mode = options.value("-m", "--mode")
    number = _octal(mode)
    parents = options.has("-p", "--parents")
    for word in options.operands:
        yield operation.make(MakeDirectory, word, path=operation.one_path(word), mode=number, parents=parents)


def _cp(operation: Operation) -> Iterator[Effect]:
    options = operation.options("tS", ("--target-directory", "--suffix"))
    operands = list(options.operands)
    given = options.value("-t", "--target-directory")
    target = given if given is not None else operands.pop() if len(operands) > 1 else None
    if target is None or not operands:
        return
    moves = operation.name == "mv"
    archive = options.has("-a", "--archive")
    parents = options.has("--parents")
    yield operation.make(
        Copy,
        operands[0],
        sources=tuple(_source(operation, word) for word in operands),
        target=operation.path(target),
        globs=any(word.globs for word in operands),
        into=given is not None or len(operands) > 1 or _is_directory(target),
        onto_file=options.has("-T", "--no-target-directory"),
        recursive=moves or archive or parents or options.has("-r", "-R", "--recursive"),
        moves=moves,
        no_clobber=options.has("-n", "--no-clobber", "-u", "--update"),
        keeps_owner=moves or archive or options.has("-p", "--preserve"),
    )


def _source(operation: Operation, word: Word) -> Text:
    """A source path; `dir/.`, which stands for what is in the directory, keeps its dot."""
    path = operation.path(word)
    literal = word.literal
    return path + "/." if literal is not None and (literal == "." or literal.endswith("/.")) else path


def _is_directory(word: Word) -> bool:
    last = word.text.pieces[-1] if word.text.pieces else ""
    return isinstance(last, str) and (last.endswith(("/", "/.")) or word.literal in (".", ".."))


def _install(operation: Operation) -> Iterator[Effect]:
    options = operation.options("mogtSZ", ("--mode", "--owner", "--group", "--target-directory", "--suffix"))
    mode = options.value("-m", "--mode")
    number = _octal(mode)
    owner = options.value("-o", "--owner")
    if owner is not None:
        yield from operation.need(owner, owner.text)
    if options.has("-d", "--directory"):
        for word in options.operands:
            path = operation.path(word)
            yield operation.make(MakeDirectory, word, path=path, mode=number, parents=True)
            if owner is not None:
                group = options.text("-g", "--group")
                yield operation.make(ChangeOwner, word, path=path, owner=owner.text, group=group)
        return
    operands = list(options.operands)
    given = options.value("-t", "--target-directory")
    target = given if given is not None else operands.pop() if len(operands) > 1 else None
    if target is None or not operands:
        return
    if options.has("-D") and given is None:
        parent = Text.of(operation.path(target), "/..") if not _is_directory(target) else operation.path(target)
        yield operation.make(MakeDirectory, target, path=operation.path(parent), parents=True)
    yield operation.make(
        Copy,
        operands[0],
        sources=tuple(operation.path(word) for word in operands),
        target=operation.path(target),
        globs=any(word.globs for word in operands),
        into=given is not None or len(operands) > 1 or _is_directory(target),
        onto_file=options.has("-T", "--no-target-directory"),
        mode=number if number is not None else 0o755,
        owner=owner.text if owner is not None else None,
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
            target=word.text if symbolic else operation.path(word),
            path=path,
            symbolic=symbolic,
            force=options.has("-f", "--force"),
            into=into and not options.has("-T", "--no-target-directory"),
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
            owner=owner if owner is not None and owner.pieces else None,
        )


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
                sure=operation.command.sure and reach.whole,
            )


def _find(operation: Operation) -> Iterator[Effect]:
    """find -delete; what it runs with -exec is a command of its own."""
    if not any(word.literal == "-delete" for word in operation.words):
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
            sure=operation.command.sure and reach.whole,
        )


FILE_COMMANDS: dict[str, Callable[[Operation], Iterator[Effect]]] = {
    "mkdir": _mkdir,
    "cp": _cp,
    "mv": _cp,
    "install": _install,
    "ln": _ln,
    "rm": _rm,
    "rmdir": _rm,
    "unlink": _rm,
    "shred": _rm,
    "find": _find,
    "rsync": _rsync,
}
