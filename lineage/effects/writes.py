"""Effects of the commands that write into files: touch, tee, sed -i, dd, and programs that write what an option names."""

import re
from collections.abc import Callable, Iterator

from ..commands.filters import FILTERS
from ..commands.model import Word
from ..commands.sed import sed_change
from ..late.patterns import pattern
from ..text.paths import is_of_the_kernel
from ..text.symbolic import Text
from .mentioned import mentioned
from .model import Copy, Effect, MakeDirectory, Write
from .operation import Operation, SplitOptions
from .places import IMAGE_PLACES

_SED_INSERTS = pattern(r"\s*(?:[0-9]+|\$|/(?:[^/\\]|\\.)*/)\s*[ai](?:\s*\\\s*\n|\s*\\|\s+|(?=/))([^\n]*)\s*\Z")


def _touch(operation: Operation) -> Iterator[Effect]:
    options = operation.options("drtA", ("--date", "--reference", "--time"))
    if options.has("-c", "--no-create"):
        return
    for word in options.operands:
        yield operation.make(Write, word, path=operation.file_path(word), content=Text(), append=True, keeps=True)


def _tee(operation: Operation) -> Iterator[Effect]:
    options = operation.options()
    append = options.has("-a", "--append")
    for word in options.operands:
        yield operation.make(Write, word, path=operation.one_path(word), content=operation.input, append=append)


_SED_FILE = pattern(r"(?m)(?:^|[;{/$0-9])[gpI]*[ \t]*w[ \t]+(/\S*[^/\s])[ \t]*$")
"""The files that a script's `w` (a command of its own, or a flag of `s`) writes."""


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
    operands = list(options.operands)
    scripts = [*options.values.get("-e", ()), *options.values.get("--expression", ())]
    if not options.has("-e", "-f", "--expression", "--file") and operands:
        scripts.append(operands.pop(0))
    for script in scripts:
        for name in _SED_FILE.findall(script.literal or ""):
            yield operation.make(Write, operation.words[0], path=Text.of(name))
    if not in_place:
        return
    inserts = tuple(line for script in scripts if (line := _inserted_line(script.literal or "")) is not None)
    suffix = _backup_suffix(operation)
    if suffix:
        for word in operands:
            yield from _backed_up(operation, word, suffix)
    extended = options.has("-r", "-E", "--regexp-extended")
    change = None
    if len(scripts) == 1 and scripts[0].literal is not None and not options.has("-n", "-s", "-z", "-l", "-f"):
        change = sed_change(scripts[0].literal, extended=extended)
    for word in operands:
        path = operation.one_path(word)
        literal = path.literal
        if word.globs or change is None or literal is None or operation.sight is None:
            yield from _kept(operation, [word], inserts)
            continue
        text = operation.sight.text(literal)
        changed = change(text) if text is not None else None
        content = Text.of(changed) if changed is not None else None
        yield operation.make(Write, word, path=path, keeps=True, inserts=inserts, replaces=True, content=content)


def _backup_suffix(operation: Operation) -> str:
    """What `-i.bak` or `--in-place=.bak` appends to the name of the old file."""
    for word in operation.words:
        prefix = word.text.prefix
        if prefix.startswith("--in-place="):
            return prefix.partition("=")[2]
        match = re.fullmatch(r"-[nrEsuz]*i(.+)", prefix)
        if match is not None:
            return match.group(1)
    return ""


def _backed_up(operation: Operation, word: Word, suffix: str) -> Iterator[Effect]:
    path = operation.path(word)
    name = path.literal
    if name is None or word.globs:
        yield operation.opens("keeps a copy of what it edits", (operation.path(Text.of(word.text, "/..")),))
        return
    target = suffix.replace("*", name.rpartition("/")[2]) if "*" in suffix else name + suffix
    copied = operation.path(Text.of(target))
    yield operation.make(Copy, word, sources=(path,), target=copied, keeps_owner=True, keeps_mode=True, onto_file=True)


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
        edits = operation.does == "sed"
        yield operation.make(Write, word, path=operation.one_path(word), keeps=True, inserts=inserts, replaces=edits)


def _perl(operation: Operation) -> Iterator[Effect]:
    options = operation.options("eEIMm", ())
    if options.has("-i") and options.has("-e", "-E"):
        yield from _kept(operation, options.operands)
    elif not options.has("-v", "--version") and not options.has("-e", "-E", "-n", "-p"):
        yield operation.opens("runs perl, which may write anywhere", may_remove=True, handles=mentioned(operation))
    elif named := mentioned(operation):
        yield operation.opens("runs code with perl", ("/",), IMAGE_PLACES, handles=named)


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


def _sort(operation: Operation) -> Iterator[Effect]:
    """`sort -o FILE FILE`."""
    options = operation.options("okSTt", ("--output", "--key", "--field-separator", "--buffer-size"))
    output = options.value("-o", "--output")
    if output is not None:
        words = [word.literal or "-?" for word in options.operands]
        flags = sorted(flag for flag in options.flags if flag not in ("-o", "--output"))
        content = None
        parsed = FILTERS["sort"]([*flags, *words])
        if parsed is not None and parsed[0] is not None and len(words) == 1 and operation.sight is not None:
            text = operation.sight.text(operation.path(options.operands[0]).literal or "")
            changed = parsed[0](text) if text is not None else None
            content = Text.of(changed) if changed is not None else None
        yield operation.make(Write, output, path=operation.one_path(output), content=content)


def _uniq(operation: Operation) -> Iterator[Effect]:
    operands = operation.options("fsw").operands
    if len(operands) == 2:
        yield operation.make(Write, operands[1], path=operation.one_path(operands[1]))


_AWK_FILE = pattern(r">>?\s*\"([^\"]+)\"")
_AWK_WITHOUT_TEST = pattern(r"\s*(?P<begins>BEGIN\s*)?\{")
"""A program of awk whose first action is asked for nothing: it is taken once, or for each line read."""


def _awk(operation: Operation) -> Iterator[Effect]:
    """The files that a program of awk names behind `>`: surely written where each line read, or the beginning, is."""
    options = operation.options("Fvf", ("--field-separator", "--assign", "--file"))
    if options.has("-i", "--in-place"):
        yield operation.opens("edits files with awk", (operation.command.directory,))
    if options.has("-f", "--file") or not options.operands:
        return
    program, *inputs = options.operands
    if "system(" in program.text.canonical:
        yield operation.opens("runs commands out of awk", ("/",), IMAGE_PLACES, handles=mentioned(operation))
    files = [word for word in inputs if "=" not in word.text.canonical]
    always = _AWK_WITHOUT_TEST.match(program.text.canonical)
    streams = any(name == "-" or is_of_the_kernel(name) for name in (word.text.canonical for word in files))
    needs = not streams and (always is None or always["begins"] is None)
    read = tuple(operation.one_path(word) for word in files) if needs else ()
    for piece in program.text.pieces:
        if isinstance(piece, str):
            for name in dict.fromkeys(_AWK_FILE.findall(piece)):
                if not is_of_the_kernel(name):
                    path, sure = operation.path(Text.of(name)), operation.command.sure and always is not None
                    yield operation.make(Write, program, path=path, reads=read, sure=sure)


def _ed(operation: Operation) -> Iterator[Effect]:
    options = operation.options("p")
    for word in options.operands:
        yield operation.make(Write, word, path=operation.one_path(word), keeps=True)


def _split(operation: Operation) -> Iterator[Effect]:
    """The pieces that split makes lie beside its prefix; how many there are follows from the file."""
    options = operation.options("abClntr", ("--lines", "--bytes", "--suffix-length", "--number", "--additional-suffix"))
    prefix = options.operands[1].text if len(options.operands) > 1 else Text.of("x")
    yield operation.opens("writes files there", (Text.of(operation.path(prefix), "/.."),))


def _special(operation: Operation) -> Iterator[Effect]:
    """mkfifo, mknod: something that is no file, directory or link is at the path."""
    options = operation.options("mZ", ("--mode", "--context"))
    words = options.operands if operation.does == "mkfifo" else options.operands[:1]
    for word in words:
        yield operation.opens(f"makes a special file with {operation.name}", (operation.path(word),))


def _mktemp(operation: Operation) -> Iterator[Effect]:
    options = operation.options("pt", ("--tmpdir", "--suffix"))
    where = options.text("-p", "--tmpdir")
    template = options.operands[0].text if options.operands else None
    if where is None and template is not None and "/" in template.canonical:
        where = Text.of(operation.path(template), "/..")
    if not options.has("-u", "--dry-run"):
        yield operation.opens("makes a temporary file there", (where if where is not None else Text.of("/tmp"),))


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
            options = SplitOptions((word,), short, long)
            for values in options.values.values():
                yield operation.make(Write, word, path=operation.path(values[-1]))

    return read


def _ssh_keygen(operation: Operation) -> Iterator[Effect]:
    """ssh-keygen(1): the key, its public half beside it, and the folder `.ssh` where they belong into one."""
    for effect in _outputs("-f")(operation):
        path = effect.path if isinstance(effect, Write) else Text()
        folder = (path.literal or "").rpartition("/")[0]
        if folder.endswith("/.ssh"):
            yield operation.make(MakeDirectory, path=Text.of(folder), mode=0o700, parents=True)
        yield effect
        yield operation.make(Write, path=Text.of(path, ".pub"))


WRITE_COMMANDS: dict[str, Callable[[Operation], Iterator[Effect]]] = {
    "touch": _touch,
    "tee": _tee,
    "sed": _sed,
    "perl": _perl,
    "dd": _dd,
    "truncate": _truncate,
    "sort": _sort,
    "uniq": _uniq,
    **dict.fromkeys(("awk", "gawk", "mawk", "nawk"), _awk),
    "ed": _ed,
    "ex": _ed,
    "split": _split,
    "mkfifo": _special,
    "mknod": _special,
    "mktemp": _mktemp,
    "gpg": _outputs("-o", "--output", long=("--output",)),
    "gpg2": _outputs("-o", "--output", long=("--output",)),
    "openssl": _outputs("-out", "-keyout"),
    "ssh-keygen": _ssh_keygen,
    "keytool": _outputs("-keystore"),
    "pandoc": _outputs("-o", "--output", long=("--output",)),
    "upx": _edited,
    "patchelf": _edited,
    "strip": _edited,
    "dos2unix": _edited,
    "unix2dos": _edited,
    "crudini": _crudini,
}
