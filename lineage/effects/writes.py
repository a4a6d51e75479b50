"""Effects of the commands that write into files: touch, tee, sed -i, dd, and programs that write what an option names."""

import re
from collections.abc import Callable, Iterator

from ..commands.model import Word
from ..text.symbolic import Text
from .model import Effect, Write
from .operation import Operation, Options

_SED_INSERTS = re.compile(r"\s*(?:[0-9]+|\$|/(?:[^/\\]|\\.)*/)\s*[ai](?:\s*\\\s*\n|\s*\\|\s+|(?=/))([^\n]*)\s*\Z")


def _touch(operation: Operation) -> Iterator[Effect]:
    options = operation.options("drtA", ("--date", "--reference", "--time"))
    if options.has("-c", "--no-create"):
        return
    for word in options.operands:
        yield operation.make(Write, word, path=operation.one_path(word), content=Text(), append=True, keeps=True)


def _tee(operation: Operation) -> Iterator[Effect]:
    options = operation.options()
    append = options.has("-a", "--append")
    for word in options.operands:
        yield operation.make(Write, word, path=operation.one_path(word), content=operation.input, append=append)


def _sed(operation: Operation) -> Iterator[Effect]:
    options = operation.options("efls", ("--expression", "--file", "--line-length"))
    in_place = any(
        (
            word.text.prefix.startswith("-")
            and not word.text.prefix.startswith("--")
            and "i" in _letters(word.text.prefix)
        )
        or word.text.prefix.startswith("--in-place")
        for word in operation.words
    )
    if not in_place:
        return
    operands = list(options.operands)
    scripts = [*options.values.get("-e", ()), *options.values.get("--expression", ())]
    if not options.has("-e", "-f", "--expression", "--file") and operands:
        scripts.append(operands.pop(0))
    inserts = tuple(line for script in scripts if (line := _inserted_line(script.literal or "")) is not None)
    yield from _kept(operation, operands, inserts)


def _inserted_line(script: str) -> str | None:
    """The line that a sed script of one command `ADDRESS a TEXT` or `ADDRESS i TEXT` puts in; None for any other."""
    match = _SED_INSERTS.match(script)
    return match.group(1).strip() if match is not None else None


def _letters(option: str) -> str:
    """The letters of a cluster of sed's, up to one that takes the rest."""
    return re.split(r"(?<=[ef])", option[1:])[0]


def _kept(operation: Operation, operands: list[Word], inserts: tuple[str, ...] = ()) -> Iterator[Effect]:
    for word in operands:
        if word.globs:
            parent = operation.path(Text.of(word.text, "/.."))
            yield operation.opens(f"edits files with {operation.name}", (parent,))
            continue
        yield operation.make(Write, word, path=operation.one_path(word), keeps=True, inserts=inserts)


def _perl(operation: Operation) -> Iterator[Effect]:
    options = operation.options("eEIMm", ())
    if options.has("-i") and options.has("-e", "-E"):
        yield from _kept(operation, options.operands)
    elif not options.has("-v", "--version") and not options.has("-e", "-E", "-n", "-p"):
        yield operation.opens("runs perl, which may write anywhere", may_remove=True)


def _dd(operation: Operation) -> Iterator[Effect]:
    for word in operation.words:
        if word.text.prefix.startswith("of="):
            target = Text.of(word.text.prefix[3:], *word.text.pieces[1:])
            yield operation.make(Write, word, path=operation.path(target))


def _edited(operation: Operation) -> Iterator[Effect]:
    yield from _kept(operation, operation.options("nco").operands)


def _crudini(operation: Operation) -> Iterator[Effect]:
    operands = operation.options("", ("--format", "--existing")).operands
    if any(word.literal in ("--set", "--del", "--merge") for word in operation.words):
        yield from _kept(operation, operands[:1])


def _truncate(operation: Operation) -> Iterator[Effect]:
    options = operation.options("sr", ("--size", "--reference"))
    empties = options.text("-s", "--size") == Text.of("0")
    for word in options.operands:
        yield operation.make(
            Write, word, path=operation.path(word), content=Text() if empties else None, keeps=not empties
        )


def _outputs(*names: str, long: tuple[str, ...] = ()) -> Callable[[Operation], Iterator[Effect]]:
    """A program that writes the file given to one of some options, and nothing else."""

    def read(operation: Operation) -> Iterator[Effect]:
        short = "".join(name[1] for name in names if len(name) == 2)
        for index, word in enumerate(operation.words):
            literal = word.literal
            if (literal in names or literal in long) and index + 1 < len(operation.words):
                target = operation.words[index + 1]
                yield operation.make(Write, target, path=operation.one_path(target))
                continue
            options = Options((word,), short, long)
            for values in options.values.values():
                yield operation.make(Write, word, path=operation.path(values[-1]))

    return read


WRITE_COMMANDS: dict[str, Callable[[Operation], Iterator[Effect]]] = {
    "touch": _touch,
    "tee": _tee,
    "sed": _sed,
    "perl": _perl,
    "dd": _dd,
    "truncate": _truncate,
    "sort": _outputs("-o", long=("--output",)),
    "gpg": _outputs("-o", "--output", long=("--output",)),
    "gpg2": _outputs("-o", "--output", long=("--output",)),
    "openssl": _outputs("-out", "-keyout"),
    "ssh-keygen": _outputs("-f"),
    "keytool": _outputs("-keystore"),
    "pandoc": _outputs("-o", "--output", long=("--output",)),
    "upx": _edited,
    "patchelf": _edited,
    "strip": _edited,
    "dos2unix": _edited,
    "unix2dos": _edited,
    "crudini": _crudini,
}
