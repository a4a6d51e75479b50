"""How the words of an execline command line chain: which program runs which, and where each command begins.

Every program takes what is its own (options, words, blocks) and runs the rest of the line. The table holds the
programs of execline (their usage lines in src/execline) and those of s6 and s6-overlay that run another one. Any other
program is taken to end the chain.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ..late.dataclasses import dataclass
from .execline import ExeclineBlock, ExeclineWord, Item


class ChainUsage(NamedTuple):
    """`options` as getopt has them. `own`: `w` a word, `b` a block. `rest`: `+` a program must follow, `?` it may.

    An option `S` in the first place takes away one word: `importas -S NAME`.
    """

    options: str
    own: str
    rest: str


def names(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _table(text: str) -> dict[str, ChainUsage]:
    rows = (line.split() for line in text.strip().splitlines())
    return {row[0]: ChainUsage(row[1].lstrip("-"), row[2].lstrip("-"), row[3]) for row in rows}


_USAGE = _table(
    """
    background d b ?
    backtick iIxnNeED: wb +
    case sSeEnNi wb ?
    cd - w +
    define nNsCcd: ww +
    elgetopt D: w +
    elgetpositionals P: - +
    elglob vwsme0nd: ww +
    emptyenv plcoP - +
    envfile iI w +
    exec cla: - ?
    execline-cd - w +
    execline-umask - w +
    export - ww +
    export-array d: wb +
    fdblock n w +
    fdclose - w +
    fdmove c ww +
    fdreserve - w +
    fdswap - ww +
    forbacktickx pP0nNCceEd:o:x: wb +
    foreground - b ?
    forstdin pP0nNCceEd:o:x: w +
    forx pPeEo:x: wb +
    getcwd Ee w +
    getpid EePp w +
    heredoc d ww +
    if nXtx: b ?
    ifelse nX bb ?
    ifte nX bb +
    ifthenelse Xs bbb ?
    importas SiuNnsCcD:d: ww +
    loopwhilex no:x: - +
    multidefine 0rNnCcd: wb +
    multisubstitute - b +
    pipeline drw b +
    piperw - ww +
    redirfd rwuaxnNbfEe ww +
    s6-applyuidgid zUu:g:G: - +
    s6-envdir IinfLc: w +
    s6-envuidgid iD:ugBn w +
    s6-setuidgid - w +
    s6-setsid sbfgiIqd: - +
    s6-softlimit hHa:c:d:f:l:m:o:P:p:r:s:t: - +
    shift n:b: - +
    trap xt: b +
    tryexec nlca: b ?
    umask - w +
    unexport - w +
    with-contenv - - +
    with-retries - ww +
    withstdinas iINneED: w +
    """
)
_DIRECTORIES = ("/command/", "/bin/", "/usr/bin/", "/package/admin/execline/command/")
OPAQUE = names(
    """
    chpst chroot chrt doas env gosu import ionice nice nohup numactl posix-cd posix-umask runblock runuser setpriv
    setsid stdbuf su su-exec sudo taskset timeout tini unshare wait xargs
    """
)
"""Programs that run another one, whose arguments are not modelled, besides those whose name begins with `s6-`."""


@dataclass(frozen=True, slots=True)
class ChainCommand:
    """A program with what it takes: for one that ends the chain, all words to the end of its line or block.

    `usage` is None where the program is not in the table. `fault` says what its usage lacks. `after_cd`: a program
    before it in the chain changes the working directory.
    """

    program: ExeclineWord
    items: tuple[Item, ...]
    usage: ChainUsage | None = None
    fault: str | None = None
    after_cd: bool = False

    @property
    def name(self) -> str:
        """The program without its directory."""
        return self.program.text.rsplit("/", 1)[-1]

    @property
    def words(self) -> tuple[ExeclineWord, ...]:
        return tuple(item for item in self.items if isinstance(item, ExeclineWord))


def commands(items: Sequence[Item], after_cd: bool = False) -> Iterator[ChainCommand]:
    """The commands of a line and of the blocks in it, outermost and first ones first."""
    position = 0
    while position < len(items):
        program = items[position]
        if isinstance(program, ExeclineBlock):
            return
        usage = usage_of(program)
        if usage is None:
            yield ChainCommand(program, tuple(items[position + 1 :]), after_cd=after_cd)
            return
        end, fault = _take(usage, items, position + 1)
        taken = tuple(items[position + 1 : end])
        yield ChainCommand(program, taken, usage, fault, after_cd)
        if fault is not None:
            return
        after_cd = after_cd or program.text.rsplit("/", 1)[-1] in ("cd", "execline-cd")
        yield from _in_blocks(program, taken, after_cd)
        position = end


def usage_of(program: ExeclineWord) -> ChainUsage | None:
    """The usage of a program that is called by its name or from a directory of programs."""
    directory, slash, name = program.text.rpartition("/")
    return _USAGE.get(name) if not slash or f"{directory}/" in _DIRECTORIES else None


def _in_blocks(program: ExeclineWord, taken: Sequence[Item], after_cd: bool) -> Iterator[ChainCommand]:
    name = program.text.rsplit("/", 1)[-1]
    if name in ("forx", "multidefine", "multisubstitute", "wait"):
        return
    for block in taken:
        if not isinstance(block, ExeclineBlock):
            continue
        if name in ("case", "trap"):
            for inner in block.items:
                if isinstance(inner, ExeclineBlock):
                    yield from commands(inner.items, after_cd)
        else:
            yield from commands(block.items, after_cd)


def _take(usage: ChainUsage, items: Sequence[Item], position: int) -> tuple[int, str | None]:
    """Where the program's own arguments end, and what is missing among them."""
    first = position
    position = _skip_options(usage.options, items, position)
    own = usage.own
    if usage.options.startswith("S") and any(_has_letter(item, "S") for item in items[first:position]):
        own = own[1:]
    for kind in own:
        if kind == "b":
            start = position
            while position < len(items) and isinstance(items[position], ExeclineWord):
                position += 1
            if position == len(items):
                return start, "a block `{ command… }`"
        elif position == len(items) or isinstance(items[position], ExeclineBlock):
            return position, "another word"
        position += 1
    if usage.rest == "+" and position >= len(items):
        return position, "a program to run"
    return position, None


def _has_letter(item: Item, letter: str) -> bool:
    return isinstance(item, ExeclineWord) and item.text.startswith("-") and letter in item.text


def _skip_options(options: str, items: Sequence[Item], position: int) -> int:
    while options and position < len(items):
        item = items[position]
        if isinstance(item, ExeclineBlock) or not item.text.startswith("-") or item.text == "-":
            return position
        position += 1
        if item.text == "--":
            return position
        for index, letter in enumerate(item.text[1:], 2):
            if f"{letter}:" in options:
                position += index == len(item.text)
                break
            if letter not in options:
                return position
    return position
