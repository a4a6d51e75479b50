"""Effects of the commands that unpack: tar, unzip, gunzip and their kin."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from ..commands.model import Word
from ..text.numbers import natural
from ..text.spelling import words_of
from ..text.symbolic import Text
from ..text.symbolic_paths import join
from .model import Copy, Effect, Remove, Unpack, Write
from .operation import Operation, SplitOptions
from .transfers import download_address

_TAR_LONG = frozenset(
    words_of("""--file --directory --exclude --exclude-from --files-from --strip-components --strip --strip-path
        --transform --xform --owner --group --mode --use-compress-program --newer --suffix
        --checkpoint --warning --one-top-level""")
)


_KEEPS_MODES = {
    "-p": True,
    "--same-permissions": True,
    "--preserve-permissions": True,
    "--no-same-permissions": False,
}
_KEEPS_OWNERS = {"--same-owner": True, "--no-same-owner": False, "-o": False}


def _tar(operation: Operation) -> Iterator[Effect]:
    words = list(operation.words)
    if not words:
        return
    first = words[0].literal or ""
    if first and not first.startswith("-") and re.fullmatch(r"[A-Za-z]+", first):
        words = _old_style(words)
    options = SplitOptions(words, "fCTXIbVgHKLN", _TAR_LONG)
    if options.has("-c", "-r", "-u", "--create", "--append", "--update"):
        archive = options.value("-f", "--file")
        if archive is not None and archive.literal != "-":
            yield operation.make(Write, archive, path=operation.one_path(archive))
        return
    if not options.has("-x", "--extract", "--get") or options.has("-O", "--to-stdout", "--to-command"):
        return
    into = options.text("-C", "--directory")
    one_level = options.text("--one-top-level")
    directory = operation.path(into) if into is not None else operation.command.directory
    if one_level is not None:
        directory = operation.path(Text.of(directory, "/", one_level))
    if options.has("--transform", "--xform", "-T", "--files-from"):
        yield operation.opens("unpacks an archive there", (directory,))
        return
    archive = options.value("-f", "--file")
    piped = _piped_tree(operation, options, directory) if not options.operands else None
    if piped is not None:
        yield piped
        return
    path, url = _archive(operation, archive)
    strip = options.text("--strip-components", "--strip", "--strip-path")
    yield operation.make(
        Unpack,
        archive,
        archive=path,
        into=directory,
        members=tuple(word.text.canonical for word in options.operands),
        excludes=tuple(word.text.canonical for word in options.values.get("--exclude", ())),
        url=url,
        follows_links=options.has("-h", "--dereference", "--keep-directory-symlink"),
        strip=(natural(strip.literal) or 0) if strip is not None else 0,
        keeps_mode=_last_of(words, _KEEPS_MODES),
        keeps_owner=_last_of(words, _KEEPS_OWNERS),
    )


def _last_of(words: Sequence[Word], answers: Mapping[str, bool]) -> bool | None:
    """What the last of the options says that answer a question; None where none of them is given."""
    found: bool | None = None
    for word in words:
        literal = word.literal or ""
        short = re.fullmatch(r"-[A-Za-z]+", literal)
        for option in [f"-{letter}" for letter in literal[1:]] if short else [literal]:
            found = answers.get(option, found)
    return found


def _piped_tree(operation: Operation, unpacking: SplitOptions, into: Text) -> Copy | None:
    """`tar c A | tar x`: what is copied from where, where the first tar only names paths."""
    archive = unpacking.value("-f", "--file")
    fed = archive is None or archive.literal == "-"
    makers = [one for one in operation.before if one.argv]
    pipe = operation.command.pipe
    narrowed = unpacking.has("--exclude", "--strip-components", "--strip", "--wildcards", "-h", "--one-top-level")
    if narrowed or not fed or pipe is None or not makers or makers[-1].name not in ("tar", "bsdtar", "gtar"):
        return None
    maker = makers[-1]
    if maker.pipe is None or maker.pipe.index != pipe.index - 1:
        return None
    words = list(maker.arguments)
    first = words[0].literal or "" if words else ""
    if first and not first.startswith("-") and re.fullmatch(r"[A-Za-z]+", first):
        words = _old_style(words)
    options = SplitOptions(words, "fCTXIbVgHKLN", _TAR_LONG)
    target = options.value("-f", "--file")
    if not options.has("-c", "--create") or (target is not None and target.literal != "-"):
        return None
    if set(options.flags) - {"-c", "-f", "-C", "-p", "-v", "--create", "--file", "--directory"} or not options.operands:
        return None
    folder = options.text("-C", "--directory")
    start = join(maker.directory, folder) if folder is not None else maker.directory
    names = [word.literal for word in options.operands]
    if any(name is None or name.startswith("/") or ("/" in name.strip("./")) for name in names):
        return None
    return operation.make(
        Copy,
        sources=tuple(join(start, Text.of(name or "")) + ("/." if name in (".", "./") else "") for name in names),
        target=into,
        into=True,
        recursive=True,
        no_clobber=unpacking.has("-k", "--keep-old-files", "--skip-old-files"),
        keeps_owner=True,
        keeps_mode=True,
        follows="none",
    )


def _old_style(words: list[Word]) -> list[Word]:
    """`tar xzfC a b`: the letters take their words in order."""
    letters, rest = words[0].literal or "", words[1:]
    found: list[Word] = []
    place = words[0].place
    for letter in letters:
        found.append(Word(Text.of("-" + letter), words[0].raw, place))
        if letter in "fCTXIbVgHKLN" and rest:
            found.append(rest.pop(0))
    return found + rest


def _archive(operation: Operation, word: Word | None) -> tuple[Text, str | None]:
    """The archive's path (`-` for the standard input) and the address it was fetched from."""
    if word is not None and word.literal != "-":
        path = operation.path(word)
        return path, operation.downloads.get(path.literal or "")
    for redirect in operation.command.redirects:
        if redirect.fd == 0 and redirect.target is not None:
            path = operation.path(redirect.target)
            return path, operation.downloads.get(path.literal or "")
    for command in reversed(operation.before):
        address = download_address(command)
        if address is not None:
            return Text.of("-"), address
        if (
            command.name in ("cat", "xz", "gzip", "gunzip", "zcat", "xzcat", "pv", "bzip2", "zstd")
            and command.arguments
        ):
            path = operation.path(command.arguments[-1])
            if path.literal in operation.downloads:
                return path, operation.downloads[path.literal or ""]
    return Text.of("-"), None


def _unzip(operation: Operation) -> Iterator[Effect]:
    words = list(operation.words)
    excludes: list[Word] = []
    for index, word in enumerate(words):
        if word.literal == "-x":
            excludes = words[index + 1 :]
            words = words[:index]
            break
    options = SplitOptions(words, "dP", ())
    if options.has("-l", "-p", "-t", "-v", "-Z") or not options.operands:
        return
    into = options.text("-d")
    archive, *members = options.operands
    path = operation.path(archive)
    yield operation.make(
        Unpack,
        archive,
        archive=path,
        into=operation.path(into) if into is not None else operation.command.directory,
        members=tuple(word.text.canonical for word in members),
        excludes=tuple(word.text.canonical for word in excludes if not (word.literal or "").startswith("-")),
        url=operation.downloads.get(path.literal or ""),
    )


def _decompress(operation: Operation) -> Iterator[Effect]:
    options = operation.options("S", ("--suffix",))
    unpacks = operation.does in ("gunzip", "unxz", "bunzip2", "uncompress", "unzstd") or options.has(
        "-d", "--decompress", "--uncompress"
    )
    if options.has("-c", "--stdout", "--to-stdout", "-l", "-t", "--list", "--test"):
        return
    for word in options.operands:
        path = operation.path(word)
        literal = path.literal
        if literal is None or word.globs:
            yield operation.opens(f"runs {operation.name}", (path,), may_remove=True)
            continue
        other = re.sub(r"\.(gz|xz|bz2|zst|lzma|Z)\Z", "", literal) if unpacks else None
        if other is None:
            other = literal + {"gzip": ".gz", "xz": ".xz", "bzip2": ".bz2", "zstd": ".zst"}.get(operation.does, ".gz")
        yield operation.make(Write, word, path=Text.of(other))
        if not options.has("-k", "--keep"):
            yield operation.make(Remove, word, path=path)


ARCHIVE_COMMANDS: dict[str, Callable[[Operation], Iterator[Effect]]] = {
    "tar": _tar,
    "bsdtar": _tar,
    "gtar": _tar,
    "unzip": _unzip,
    **dict.fromkeys(("gunzip", "unxz", "bunzip2", "gzip", "xz", "bzip2", "uncompress", "unzstd", "zstd"), _decompress),
}
