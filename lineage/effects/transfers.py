"""Effects of the commands that fetch: curl, wget, git, svn and their kin; and of unpackers whose files are not known."""

import re
from collections.abc import Callable, Iterator, Sequence

from ..commands.model import Command, Word
from ..text.spelling import words_of
from ..text.symbolic import Text
from ..text.symbolic_paths import base_name
from .model import Effect, Write
from .operation import Operation, SplitOptions
from .places import IMAGE_PLACES

_CURL_SHORT = "AbcCdDeEFhHKmoPQrTtuUwxXyYz"


_CURL_LONG = frozenset(
    words_of("""--output --output-dir --url --header --data --data-raw --data-binary --user --user-agent --referer
        --retry --retry-delay --retry-max-time --max-time --connect-timeout --proxy --request --cacert
        --cert --key --form --cookie --cookie-jar --write-out --range --limit-rate --resolve --tls-max
        --ciphers --dump-header --config --upload-file --proto --proto-redir --max-redirs --interface""")
)


_WGET_LONG = frozenset(
    words_of("""--output-document --directory-prefix --output-file --append-output --user-agent --header --tries
        --timeout --waitretry --user --password --post-data --quota --limit-rate --input-file --wait
        --reject --accept --level --cut-dirs --domains --exclude-directories --ca-certificate --method
        --body-data""")
)


def curl_downloads(words: Sequence[Word]) -> list[tuple[Word, Word | None]]:
    """(address, named output) of each transfer of curl; None where it goes to the standard output, the address for
    `-O`.
    """
    addresses: list[Word] = []
    outputs: list[Word | None] = []
    remote_all = False
    at = 0
    while at < len(words):
        word = words[at]
        text = word.text.prefix
        at += 1
        if not text.startswith("-") or word.literal == "-":
            addresses.append(word)
            continue
        options = SplitOptions(
            (word, words[at]) if at < len(words) else (word,), _CURL_SHORT, _CURL_LONG, permute=False
        )
        used = [value for values in options.values.values() for value in values]
        if at < len(words) and any(value is words[at] for value in used):
            at += 1
        remote_all = remote_all or options.has("--remote-name-all")
        output, address = options.value("-o", "--output"), options.value("--url")
        if output is not None:
            outputs.append(output)
        elif options.has("-O", "--remote-name"):
            outputs.append(None)
        if address is not None:
            addresses.append(address)
    found: list[tuple[Word, Word | None]] = []
    for index, address in enumerate(addresses):
        if index < len(outputs):
            output = outputs[index]
            found.append((address, address if output is None else output))
        else:
            found.append((address, address if remote_all else None))
    return found


def _curl(operation: Operation) -> Iterator[Effect]:
    options = operation.options(_CURL_SHORT, _CURL_LONG)
    directory = options.text("--output-dir")
    by_server = options.has("-J", "--remote-header-name")
    for address, output in curl_downloads(operation.words):
        if output is None or output.literal in ("-", "/dev/null", "/dev/stdout"):
            continue
        name = remote_name(address.text) if output is address else output.text
        yield from _downloaded(operation, output, address.text, name, directory)
        if output is address and by_server:  # `-o` goes before it (curl(1), --remote-header-name)
            into = directory if directory is not None else operation.command.directory
            yield operation.opens("fetches a file under a name that the server gives", (into,))
    for word in (options.value("-D", "--dump-header"), options.value("-c", "--cookie-jar")):
        if word is not None and word.literal != "-":
            yield operation.make(Write, word, path=operation.one_path(word))


def _downloaded(
    operation: Operation, word: Word, address: Text, name: Text, directory: Text | None
) -> Iterator[Effect]:
    path = operation.path(name if directory is None else Text.of(directory, "/", name))
    literal = path.literal
    if literal is not None:
        operation.downloads[literal] = address.canonical
    yield operation.make(Write, word, path=path)


def remote_name(address: Text) -> Text:
    """The name that a fetched file gets from its address: the last part of the path, as curl -O and wget take it."""
    literal = address.literal
    if literal is not None:
        literal = re.sub(r"[?#].*", "", literal, flags=re.S)
        return Text.of(literal.rstrip("/").rpartition("/")[2] if "://" in literal else literal.rpartition("/")[2])
    return base_name(address)


def _wget(operation: Operation) -> Iterator[Effect]:
    options = operation.options("OPoaUTtwQilADXRI", _WGET_LONG)
    log = options.value("-o", "-a", "--output-file", "--append-output")
    if log is not None:
        yield operation.make(Write, log, path=operation.one_path(log), append=True)
    if options.has("--spider", "--version", "--help"):
        return
    prefix = options.text("-P", "--directory-prefix")
    if options.has("-r", "--recursive", "-m", "--mirror", "-i", "--input-file", "--content-disposition", "-x", "-p"):
        into = prefix if prefix is not None else operation.command.directory
        yield operation.opens("fetches files there with wget", (into,))
        return
    output = options.value("-O", "--output-document")
    for address in options.operands:
        if output is None:
            yield from _downloaded(operation, address, address.text, _wget_name(address.text), prefix)
        elif output.literal not in ("-", "/dev/stdout", "/dev/null"):
            yield from _downloaded(operation, output, address.text, output.text, None)


def _wget_name(address: Text) -> Text:
    literal = address.literal
    if literal is None:
        return base_name(address)
    rest = literal.partition("://")[2] or literal
    name = rest.rpartition("/")[2] if "/" in rest else ""
    return Text.of(name.partition("#")[0] or "index.html")


def download_address(command: Command) -> str | None:
    """What a command fetches to its standard output."""
    if command.name == "curl":
        found = curl_downloads(command.arguments)
        if len(found) == 1 and (found[0][1] is None or found[0][1].literal == "-"):
            return found[0][0].text.canonical
    if command.name == "wget":
        options = SplitOptions(command.arguments, "OPoaUTtwQilADXRI", _WGET_LONG)
        output = options.value("-O", "--output-document")
        if output is not None and output.literal == "-" and len(options.operands) == 1:
            return options.operands[0].text.canonical
    return None


def _into_directory(option: str, does: str) -> Callable[[Operation], Iterator[Effect]]:
    """A program that unpacks below the directory given to an option, else the working directory."""

    def read(operation: Operation) -> Iterator[Effect]:
        into: Text | None = None
        for index, word in enumerate(operation.words):
            prefix = word.text.prefix
            if prefix == option and index + 1 < len(operation.words) and len(word.text.pieces) == 1:
                into = operation.words[index + 1].text
            elif prefix.startswith(option) and word.literal != option:
                into = Text.of(prefix[len(option) :], *word.text.pieces[1:])
        yield operation.opens(does, (into if into is not None else operation.command.directory,))

    return read


_GIT_QUIET = frozenset(
    words_of("""status log show diff rev-parse describe branch tag remote ls-remote ls-files ls-tree fetch gc config
        rev-list version --version""")
)


def _git(operation: Operation) -> Iterator[Effect]:
    words = list(operation.words)
    directory = operation.command.directory
    while words and words[0].text.prefix.startswith("-"):
        word = words.pop(0)
        if word.literal in ("-C", "-c", "--git-dir", "--work-tree") and words:
            value = words.pop(0)
            directory = operation.path(value) if word.literal in ("-C", "--work-tree") else directory
    if not words:
        return
    action, *rest = words
    if action.literal == "clone":
        options = SplitOptions(
            rest, "bocju", ("--branch", "--depth", "--origin", "--config", "--jobs", "--reference", "--filter")
        )
        if not options.operands:
            return
        target = options.operands[1].text if len(options.operands) > 1 else _repository_name(options.operands[0].text)
        yield operation.opens(
            "clones a repository there",
            (operation.path(Text.of(directory, "/", target)) if _relative(target) else target,),
        )
    elif action.literal == "config":
        if any(word.literal in ("--global", "--system") for word in rest):
            path = operation.home() + "/.gitconfig" if rest[0].literal == "--global" else Text.of("/etc/gitconfig")
            yield operation.make(Write, path=path, keeps=True)
    elif action.literal not in _GIT_QUIET:
        yield operation.opens(f"runs git {action}", (directory,), may_remove=True)


def _relative(text: Text) -> bool:
    return bool(text.pieces) and isinstance(text.pieces[0], str) and not text.prefix.startswith("/")


def _repository_name(address: Text) -> Text:
    name = base_name(address)
    if name.pieces and isinstance(name.pieces[-1], str):
        return Text.of(*name.pieces[:-1], re.sub(r"\.git\Z", "", name.pieces[-1]))
    return name


def _svn(operation: Operation) -> Iterator[Effect]:
    operands = operation.options("r", ("--revision", "--username", "--password")).operands
    if operands and operands[0].literal in ("checkout", "co", "export") and len(operands) > 1:
        target = operands[2].text if len(operands) > 2 else base_name(operands[1].text)
        yield operation.opens("checks out a repository there", (target,))


def _here(does: str) -> Callable[[Operation], Iterator[Effect]]:
    """A program that writes below the working directory only."""

    def read(operation: Operation) -> Iterator[Effect]:
        yield operation.opens(does, (operation.command.directory,))

    return read


def _patch(operation: Operation) -> Iterator[Effect]:
    options = operation.options("pdioBzF", ("--strip", "--directory", "--input", "--output"))
    directory = options.text("-d", "--directory")
    if options.operands:
        yield operation.make(Write, options.operands[0], path=operation.path(options.operands[0]), keeps=True)
    else:
        where = operation.path(directory) if directory is not None else operation.command.directory
        where_accounts_are = where.literal in ("/", "/etc")
        yield operation.opens(
            "applies a patch there",
            (where,),
            IMAGE_PLACES,
            touches=(where,),
            may_remove=True,
            accounts=where_accounts_are,
        )


TRANSFER_COMMANDS: dict[str, Callable[[Operation], Iterator[Effect]]] = {
    "curl": _curl,
    "wget": _wget,
    "7z": _into_directory("-o", "unpacks an archive there"),
    "7za": _into_directory("-o", "unpacks an archive there"),
    "unrar": _here("unpacks an archive there"),
    "cpio": _into_directory("-D", "unpacks an archive there"),
    "ar": _here("unpacks an archive there"),
    "jar": _here("unpacks an archive there"),
    "rpm2cpio": _here("unpacks an archive there"),
    "git": _git,
    "svn": _svn,
    "patch": _patch,
    "aria2c": _into_directory("-d", "fetches files there"),
    "csplit": _here("writes files there"),
}
