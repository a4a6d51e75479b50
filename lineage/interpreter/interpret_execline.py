"""What an execline command line does: the same commands as `interpret` gives, read along the chain of programs.

It serves the `up` and `down` files of s6-rc and scripts that execlineb runs. Each program of execline takes its own
words and blocks and runs the rest; variables are bound by `importas`, `define` and their kin, and nothing else is
expanded. Source: the pages of execline 2.9 and s6.
"""

from collections.abc import Sequence
from itertools import pairwise

from ..commands.conditions import constant, guards_when, negation
from ..commands.model import ROOT, Environment, Glob, Guard, Load, Reading, Redirect, Unread, Word, Wrapper
from ..commands.state import State, is_too_long, unknown
from ..late.patterns import pattern
from ..shell.execline import ExeclineBlock, Item
from ..shell.execline import ExeclineScript as Line
from ..shell.execline import ExeclineWord as Written
from ..shell.execline_chains import ChainCommand as Link
from ..shell.execline_chains import commands as links_of
from ..shell.parse import Script
from ..shell.parse import Sequence as Nothing
from ..text.numbers import natural
from ..text.places import MappedText, Place, Span
from ..text.symbolic import Piece, Text
from ..text.symbolic_paths import join
from .flow import Context, Expanded, Flow
from .interpret import Walker
from .runner import StepsExhausted

_BOUND = pattern(r"\$\{(\w+)\}|\$(\w+)")
_BINDING = frozenset(
    ("importas", "define", "multidefine", "multisubstitute", "backtick", "elglob", "withstdinas", "getpid")
)
_WITH_UNKNOWN_TURNS = frozenset(("forx", "forbacktickx", "forstdin", "loopwhilex"))


def interpret_execline(
    line: Line,
    path: str,
    environment: Environment,
    *,
    user: Text = ROOT,
    directory: Text | None = None,
    load: Load | None = None,
    glob: Glob | None = None,
) -> Reading:
    """Reads what an execline command line does. `path` is the file as shown; the rest as for `interpret`. Never
    raises.
    """
    state = State(environment, user, directory if directory is not None else Text.of("/"), path)
    walker = _ExeclineWalker(load, glob, path)
    try:
        walker.chain(line.items, state, {}, Context(walker.script, external=True))
    except StepsExhausted as exhausted:
        walker.unread.append(Unread(exhausted.place, "the script is too long to be followed", True))
    except RecursionError:
        walker.unread.append(Unread(Place(path, Span(1)), "the script is nested too deeply to be followed", True))
    return Reading(
        tuple(walker.commands),
        tuple(walker.notes.mentions),
        tuple(walker.unread),
        state.known(),
        (),
        "exec",
        state.directory,
    )


class _ExeclineWalker(Walker):
    def __init__(self, load: Load | None, glob: Glob | None, path: str) -> None:
        super().__init__(load, glob, "sh")
        self.script = Script(path, MappedText(""), Nothing(0, 0, ()), "sh")

    def chain(self, items: Sequence[Item], state: State, bound: dict[str, Text], context: Context) -> Flow:
        """Runs a line from its first program on; `state` and `bound` are the line's own."""
        at = 0
        redirects: list[Redirect] = []
        condition = constant(True, Place(self.script.path, Span(1)))
        while at < len(items):
            program = items[at]
            if isinstance(program, ExeclineBlock):
                break
            link = next(links_of(items[at:]))
            at += 1 + len(link.items)
            if link.usage is None:
                words = tuple(self.word(item, bound) for item in (link.program, *link.words))
                place = self.place(link.program, words[-1])
                return self.run_words(Expanded(words, place, tuple(redirects)), state, context)
            context = self.link(link, state, bound, context, redirects)
        return Flow(condition)

    def link(
        self, link: Link, state: State, bound: dict[str, Text], context: Context, redirects: list[Redirect]
    ) -> Context:
        """What one program of the chain does, and the context in which it runs the rest."""
        name = link.name
        words = [self.word(word, bound) for word in link.words]
        blocks = [item for item in link.items if isinstance(item, ExeclineBlock)]
        operands = [word for word in words if not word.text.prefix.startswith("-")]
        place = self.place(link.program)
        if name in ("foreground", "background", "pipeline"):
            own = context._replace(background=context.background or name == "background", tolerated=True)
            self.block(blocks, state, bound, own)
        elif name == "if":
            flow = self.block(blocks, state, bound, context._replace(tolerated=True))
            negated = any("n" in (word.literal or "") for word in words)
            return context.under(guards_when(negation(flow.condition) if negated else flow.condition, True, "if"))
        elif name in ("ifelse", "ifthenelse", "ifte"):
            return self.branches(name, blocks, state, bound, context, place)
        elif name in _WITH_UNKNOWN_TURNS or name in ("case", "trap"):
            self.unsure_blocks(link, blocks, state, bound, context, place)
        elif name in _BINDING:
            self.bind(name, words, blocks, state, bound, context)
        elif name in ("export", "unexport", "emptyenv"):
            _change_environment(name, operands, state)
        elif name in ("cd", "execline-cd") and operands:
            state.directory = join(state.directory, operands[0].text)
        elif name == "redirfd":
            redirects.extend(_redirect(words, operands, place))
        elif name in ("s6-setuidgid", "s6-applyuidgid", "s6-envuidgid"):
            return self.switched(link, words, operands, state, context, place)
        return context

    def block(self, blocks: list[ExeclineBlock], state: State, bound: dict[str, Text], context: Context) -> Flow:
        if not blocks:
            return Flow(constant(True, Place(self.script.path, Span(1))))
        return self.chain(blocks[0].items, state.copy(), dict(bound), context._replace(subshell=True))

    def branches(
        self,
        name: str,
        blocks: list[ExeclineBlock],
        state: State,
        bound: dict[str, Text],
        context: Context,
        place: Place,
    ) -> Context:
        """`ifelse {test} {then} else…`, `ifthenelse {test} {then} {else} rest…`, `ifte {then} {else} test…`."""
        if name == "ifte":
            for number, block in enumerate(blocks):
                guard = Guard("if", place, negated=number > 0)
                self.block([block], state, bound, context.under((guard,)))
            return context
        flow = self.block(blocks[:1], state, bound, context._replace(tolerated=True))
        for number, block in enumerate(blocks[1:]):
            if flow.condition.value is None or flow.condition.value == (number == 0):
                self.block([block], state, bound, context.under(guards_when(flow.condition, number == 0, "if")))
        if name == "ifelse":
            return context.under(guards_when(flow.condition, False, "if"))
        return context

    def unsure_blocks(
        self,
        link: Link,
        blocks: list[ExeclineBlock],
        state: State,
        bound: dict[str, Text],
        context: Context,
        place: Place,
    ) -> None:
        kind = "for" if link.name in _WITH_UNKNOWN_TURNS else link.name
        own = context.under((Guard(kind, place),))
        inner = dict(bound)
        if kind == "for":
            own = own._replace(loop="unbounded")
            for word in link.words:
                inner[word.text] = unknown("a word of a loop")
        for block in blocks:
            nested = [item for item in block.items if isinstance(item, ExeclineBlock)]
            for one in nested if link.name in ("case", "trap") else [block]:
                self.chain(one.items, state.copy(), dict(inner), own._replace(subshell=True))

    def bind(
        self,
        name: str,
        words: list[Word],
        blocks: list[ExeclineBlock],
        state: State,
        bound: dict[str, Text],
        context: Context,
    ) -> None:
        """The programs that put values into the words after them."""
        operands = [word for word in words if not word.text.prefix.startswith("-")]
        if name == "importas":
            self.importas(words, state, bound)
        elif (name == "define" and len(operands) > 1) or (name == "elglob" and len(operands) > 1):
            value = operands[-1].text
            bound[operands[-2].literal or ""] = unknown("a value that is too long") if is_too_long(value) else value
        elif name in ("backtick", "withstdinas", "getpid"):
            self.block(blocks, state, bound, context._replace(substitution=True, tolerated=True))
            for word in operands[-1:]:
                state.assign(word.literal or "", unknown(f"the output of {name}"))
        elif name == "multidefine":
            for item in blocks[0].items if blocks else ():
                if isinstance(item, Written):
                    bound[item.text] = unknown("a part of a value")
        elif name == "multisubstitute" and blocks:
            self.multisubstitute(blocks[0], state, bound, context)

    def multisubstitute(self, block: ExeclineBlock, state: State, bound: dict[str, Text], context: Context) -> None:
        at = 0
        items = block.items
        while at < len(items):
            program = items[at]
            end = at + 1
            while end < len(items) and not (
                isinstance(item := items[end], Written) and item.text in ("importas", "define", "elglob", "multidefine")
            ):
                end += 1
            if isinstance(program, Written):
                own = items[at + 1 : end]
                words = [self.word(item, bound) for item in own if isinstance(item, Written)]
                blocks = [item for item in own if isinstance(item, ExeclineBlock)]
                self.bind(program.text, words, blocks, state, bound, context)
            at = end

    def importas(self, words: list[Word], state: State, bound: dict[str, Text]) -> None:
        """`importas [-i] [-S] [-D default] [variable] name`."""
        operands: list[Word] = []
        default: Text | None = None
        takes = same = False
        for word in words:
            prefix = word.text.prefix
            if takes:
                default, takes = word.text, False
            elif prefix.startswith("-") and not operands:
                same = same or "S" in prefix
                takes = prefix.endswith(("D", "d"))
                if prefix.endswith("d"):
                    default = None
            else:
                operands.append(word)
        if not operands:
            return
        variable = operands[0].literal or ""
        source = variable if same or len(operands) < 2 else operands[1].literal or ""
        if not state.is_set_here(source):
            self.notes.mention(source, operands[-1].place, defaulted=default is not None)
        value = state.value(source)
        bound[variable] = value if value is not None and value.pieces else default if default is not None else Text()

    def switched(
        self, link: Link, words: list[Word], operands: list[Word], state: State, context: Context, place: Place
    ) -> Context:
        program = self.word(link.program, {})
        user = operands[0].text if operands and link.name == "s6-setuidgid" else None
        if link.name == "s6-applyuidgid":
            user = next((after.text for word, after in pairwise(words) if word.literal == "-u"), None)
        if user is not None:
            state.user = user
        return context._replace(wrappers=(*context.wrappers, Wrapper(link.name, (program, *words), place, user)))

    def word(self, written: Written, bound: dict[str, Text]) -> Word:
        pieces: list[Piece | Text] = []
        at = 0
        for match in _BOUND.finditer(written.text):
            value = bound.get(match[1] or match[2])
            if value is None:
                continue
            pieces += (written.text[at : match.start()], value)
            at = match.end()
        pieces.append(written.text[at:])
        return Word(Text.of(*pieces), written.text, self.place(written), written.quoted)

    def place(self, written: Written, last: Word | None = None) -> Place:
        end = written.column + len(written.text) + 2 * written.quoted
        if last is not None and last.place.span.end_line == written.line:
            end = max(end, last.place.span.end_column)
        return Place(self.script.path, Span(written.line, written.column, written.line, end))


def _change_environment(name: str, operands: list[Word], state: State) -> None:
    if name == "emptyenv":
        state.variables = {}
        state.environment = Environment({})
    elif operands:
        variable = operands[0].literal or ""
        value = operands[1].text if name == "export" and len(operands) > 1 else None
        state.assign(variable, value)
        state.exported = state.exported | {variable}


def _redirect(words: list[Word], operands: list[Word], place: Place) -> list[Redirect]:
    flags = "".join(word.literal or "" for word in words if word.text.prefix.startswith("-"))
    descriptor = natural(operands[0].literal) if len(operands) > 1 else None
    if descriptor is None:
        return []
    operator = ">>" if "a" in flags else ">" if "w" in flags else "<>" if "u" in flags or "x" in flags else "<"
    return [Redirect(operator, descriptor, place, operands[1])]
