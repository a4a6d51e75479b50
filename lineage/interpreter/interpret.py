"""Walks a script in the order in which a shell runs it, and gives the simple commands with their circumstances.

The walk is abstract: a branch whose condition is decided is followed or left out, any other branch is walked under a
guard, and what the variables are afterwards is joined. A loop over known words is unrolled, any other body is walked
once.
"""

from collections.abc import Sequence

from ..commands.conditions import (
    Condition,
    both,
    constant,
    either,
    guards_when,
    inverted,
    negation,
    tested_variable,
)
from ..commands.model import (
    ROOT,
    Command,
    Environment,
    Glob,
    Guard,
    KnownFiles,
    Load,
    LoopKind,
    Pipe,
    Reading,
    Test,
    Unread,
    Word,
)
from ..commands.printed_text import printed_by
from ..commands.state import ShellArgument, State, join_states, unknown
from ..late.dataclasses import replace
from ..late.patterns import pattern
from ..shell.parse import (
    AndOr,
    Case,
    Compound,
    For,
    Function,
    If,
    Loop,
    Node,
    Not,
    Pipeline,
    Script,
    Simple,
)
from ..shell.parse import (
    Sequence as Commands,
)
from ..shell.shebang import Dialect
from ..text.budget import SCRIPT_STEPS, STEPS_A_CHARACTER
from ..text.numbers import is_digits, natural
from ..text.places import Place
from ..text.symbolic import Text
from .branches import case_guards, kind_of_loop, looked_at, matching, presumed
from .builtins import assigned_names
from .flow import Context, Ends, Flow, Leak
from .runner import StepsExhausted
from .simple import SimpleCommands

_UNROLLED = 64
_COUNTING = pattern(
    r"for\s*\(\(\s*(?P<name>\w+)\s*=\s*(?P<first>\$?\w+)\s*;\s*(?P<tested>\w+)\s*(?P<test><=?)\s*(?P<last>\$?\{?\w+\}?)\s*;"
    r"\s*(?:\+\+)?(?P<stepped>\w+)\s*(?:\+\+|\+=\s*1)?\s*\)\)"
)


def interpret(
    script: Script,
    environment: Environment,
    *,
    user: Text = ROOT,
    directory: Text | None = None,
    arguments: Sequence[Text] | None = (),
    load: Load | None = None,
    glob: Glob | None = None,
    errexit: bool = False,
    pipefail: bool = False,
    must_succeed: bool = False,
    files: KnownFiles | None = None,
) -> Reading:
    """Reads what a script does when it is started as `user` in `directory` (default `/`) with `arguments` (None:
    unknown).

    `load` gives the scripts of the image, to follow what is sourced or run by path; `glob` the files that match a
    pattern. `errexit` is for `sh -e`, `pipefail` for `-o pipefail`; options in the script's own `#!` line count anyway.
    `must_succeed`: nothing comes of a run that fails (a RUN instruction), so `test … && …` as its last command is taken to
    have succeeded.
    `files` answers what the commands before have made of the image's files, for globs, tests and `$(cat …)`.
    Never raises.
    """
    place = script.place(0, 0)
    state = State(environment, user, directory if directory is not None else Text.of("/"), script.path)
    state.arguments = None if arguments is None else tuple(ShellArgument(text) for text in arguments)
    state.errexit = errexit or bool(script.shebang and "e" in script.shebang.options)
    state.pipefail = pipefail
    state.nounset = bool(script.shebang and "u" in script.shebang.options)
    walker = Walker(load, glob, script.dialect, files)
    walker.most += STEPS_A_CHARACTER * len(script.text.text)
    ends: Ends | None = None
    try:
        flow = walker.run(script.body, state, Context(script, checked=must_succeed))
        if not flow.alive:
            ends = flow.leaks[-1].ends if flow.leaks else "exit"
        walker.run_traps(state, Context(script, depth=1))
    except StepsExhausted as exhausted:
        # A script that others run again and again is none the worse for it: what they do with it is not known.
        own = exhausted.place.path == place.path and 2 * walker.inside > walker.walked
        walker.unread.append(Unread(exhausted.place, "the script is too long to be followed", own))
    except RecursionError:
        walker.unread.append(Unread(place, "the script is nested too deeply to be followed", True))
    if script.error is not None:
        walker.unread.append(Unread.behind(script.error, deep=script.deep))
    return Reading(
        tuple(walker.commands),
        tuple(walker.notes.mentions),
        tuple(walker.unread),
        state.known(),
        state.aliases,
        ends,
        state.directory,
    )


class Walker(SimpleCommands):
    """Runs the compound commands of shells; the simple ones are its base class's."""

    def __init__(self, load: Load | None, glob: Glob | None, dialect: Dialect, files: KnownFiles | None = None) -> None:
        super().__init__(load, glob, dialect, files)
        self.pipelines = 0
        self.most = SCRIPT_STEPS
        self.counting = ""
        """The variable of the arithmetic loop that is being unrolled."""

    def run(self, node: Node, state: State, context: Context) -> Flow:
        self.count(1 + (len(context.guards) >> 5), context)
        if self.walked > self.most:
            raise StepsExhausted(self.where(node, context))
        if isinstance(node, Simple):
            return self.run_simple(node, state, context)
        if isinstance(node, Commands):
            return self.sequence(node, state, context)
        if isinstance(node, AndOr):
            return self.and_or(node, state, context)
        if isinstance(node, If):
            return self.if_statement(node, state, context)
        if isinstance(node, Compound):
            return self.compound(node, state, context)
        if isinstance(node, Pipeline):
            return self.pipeline(node, state, context)
        if isinstance(node, For):
            return self.for_loop(node, state, context)
        if isinstance(node, Loop):
            return self.loop(node, state, context)
        if isinstance(node, Case):
            return self.case(node, state, context)
        if isinstance(node, Not):
            flow = self.run(node.body, state, context._replace(tolerated=True, checked=False))
            return Flow(negation(flow.condition), flow.alive, flow.leaks, constant(True, self.where(node, context)))
        return self.define(node, state, context)

    def where(self, node: Node, context: Context) -> Place:
        return context.script.place(node.start, node.end)

    def define(self, node: Function, state: State, context: Context) -> Flow:
        state.functions = {**state.functions, node.name: (node, context.script)}
        return Flow(constant(True, self.where(node, context)))

    def sequence(self, node: Commands, state: State, context: Context) -> Flow:
        condition = constant(True, self.where(node, context))
        leaks: list[Leak] = []
        guards = context.guards
        ending: Condition | None = None
        held = condition
        last = len(node.items) - 1
        for index, (item, background) in enumerate(node.items):
            checked = context.checked and index == last and not background
            here = context._replace(guards=guards, checked=checked)
            if background:
                self.run(item, state.copy(), here._replace(background=True, subshell=True))
                condition = constant(True, condition.place)
                ending = None
                continue
            flow = self.run(item, state, here)
            condition, ending = flow.condition, flow.ending
            leaks.extend(flow.leaks)
            if not flow.alive:
                return Flow(condition, False, tuple(leaks))
            for leak in flow.leaks:
                guards = (*guards, inverted(leak.guards[len(here.guards) :], self.where(item, context)))
            if context.excused and state.errexit and not context.tolerated:
                if flow.lasting.value is False:
                    return Flow(condition, False, (*leaks, Leak("exit", guards)))
                guards = (*guards, *guards_when(flow.lasting, True, "&&"))
                if index < last:
                    held = both(held, flow.lasting)
        return Flow(both(held, condition), True, tuple(leaks), ending and both(held, ending))

    def and_or(self, node: AndOr, state: State, context: Context) -> Flow:
        # What the operators behind a command look at is not a failure of the script; the last command's status is.
        trailing = [operator for operator, _ in node.rest]
        flow = self.run(node.first, state, looked_at(context, trailing))
        for index, (operator, right) in enumerate(node.rest, 1):
            if not flow.alive:
                return flow
            flow = self.connected(flow, operator, right, state, context, looked_at(context, trailing[index:]))
        return flow

    def connected(self, left: Flow, operator: str, node: Node, state: State, context: Context, inner: Context) -> Flow:
        """The command behind `&&` or `||`, after all that stands before it."""
        conjunction = operator == "&&"
        if left.condition.value is not None and left.condition.value != conjunction:
            return left._replace(ending=constant(True, left.condition.place))
        guards = guards_when(left.condition, conjunction, operator)
        if conjunction and inner.checked:
            guards = tuple(presumed(guard) for guard in guards)
        before = state.copy()
        right = self.run(node, state, inner.under(guards))
        decided = left.condition.value is not None
        if not decided and not right.alive:
            state.take(before)
        elif not decided and not (guards and all(guard.presumed for guard in guards)):
            state.take(join_states([before, state.copy()], tested_variable(left.condition)))
        combined = both(left.condition, right.condition) if conjunction else either(left.condition, right.condition)
        ending = right.lasting
        if ending.value is False and not decided:
            ending = Condition("leaf", ending.place)
        return Flow(combined, right.alive or not decided, left.leaks + right.leaks, ending)

    def condition(self, node: Node, state: State, context: Context) -> Flow:
        self.notes.tested, before = True, self.notes.tested
        try:
            return self.run(node, state, context._replace(tolerated=True, checked=False))
        finally:
            self.notes.tested = before

    def if_statement(self, node: If, state: State, context: Context) -> Flow:
        ends: list[State] = []
        leaks: list[Leak] = []
        results: list[Condition] = []
        endings: list[Condition] = []
        guards: tuple[Guard, ...] = ()
        tested: tuple[str, Text] | None = None
        decided = False
        for test, body in node.clauses:
            here = context.under(guards)
            flow = self.condition(test, state, here)
            leaks.extend(flow.leaks)
            if not flow.alive:
                decided = True
                break
            condition = flow.condition
            tested = tested or tested_variable(condition)
            if condition.value is False:
                continue
            branch = state.copy()
            taken = self.run(body, branch, here.under(guards_when(condition, True, "if")))
            leaks.extend(taken.leaks)
            results.append(taken.condition)
            endings.append(taken.lasting)
            if taken.alive:
                ends.append(branch)
            if condition.value is True:
                decided = True
                break
            guards += guards_when(condition, False, "if")
        if not decided:
            branch = state.copy()
            taken = Flow(constant(True, self.where(node, context)))
            if node.otherwise is not None:
                taken = self.run(node.otherwise, branch, context.under(guards))
            leaks.extend(taken.leaks)
            results.append(taken.condition)
            endings.append(taken.lasting)
            if taken.alive:
                ends.append(branch)
        if ends:
            state.take(join_states(ends, tested))
        ending = self.merged(endings, node, context)
        return Flow(self.merged(results, node, context), bool(ends), tuple(leaks), ending)

    def merged(self, results: list[Condition], node: Node, context: Context) -> Condition:
        """The exit status of branches: decided where all of them agree."""
        values = {result.value for result in results}
        place = self.where(node, context)
        if len(results) == 1:
            return results[0]
        if len(values) == 1 and None not in values:
            return constant(bool(values.pop()), place)
        return Condition("leaf", place, presumed=all(result.presumed or result.value for result in results))

    def compound(self, node: Compound, state: State, context: Context) -> Flow:
        if not node.redirects:
            return self.grouped(node, state, context)
        first = len(self.commands)
        self.bare_redirects(node.redirects, state, context, self.where(node, context))
        if self.cannot_open(self.commands[first], state, context):
            return Flow(constant(False, self.where(node, context)))
        opening = self.commands[first]
        feeds = any(redirect.fd == 0 for redirect in opening.redirects)
        if feeds:
            self.fed.append((self.document_of(opening), context.pipe))
        flow = self.grouped(node, state, context)
        if feeds:
            self.fed.pop()
        if any(redirect.fd == 1 and redirect.writes for redirect in opening.redirects):
            self.told(first, [one for one in self.commands[first + 1 :] if one.substitution == opening.substitution])
        return flow

    def grouped(self, node: Compound, state: State, context: Context) -> Flow:
        if not node.subshell:
            return self.run(node.body, state, context)
        excused = context.excused or self.is_let_fail(state, context)
        flow = self.run(node.body, state.copy(), context._replace(subshell=True, excused=excused))
        return flow.absorbing("exit", "return", "break", "continue")

    def told(self, index: int, body: Sequence[Command]) -> None:
        """Note what the body of the compound command at that place prints."""
        opening = self.commands[index]
        if not body or any(one.guards != opening.guards for one in body):
            return
        text = printed_by(body, opening.pipe.number if opening.pipe is not None else None, self)
        if text is not None:
            self.revise(index, replace(opening, printed=text))

    def pipeline(self, node: Pipeline, state: State, context: Context) -> Flow:
        self.pipelines += 1
        number, length = self.pipelines, len(node.items)
        failed = False
        flow = Flow(constant(True, self.where(node, context)))
        for index, item in enumerate(node.items):
            last = index == length - 1
            here = context._replace(
                pipe=Pipe(number, index, length, context.pipe),
                subshell=True,
                checked=context.checked and (last or state.pipefail),
                tolerated=context.tolerated or not (last or state.pipefail),
            )
            flow = self.run(item, state.copy(), here)
            failed = failed or (state.pipefail and flow.condition.value is False)
        return Flow(constant(False, flow.condition.place) if failed else flow.condition)

    def loop(self, node: Loop, state: State, context: Context) -> Flow:
        lines = self.lines_read(node, context)
        if lines is not None:
            return self.read_loop(node, lines, state, context)
        self.forget(node, state, context)
        before = state.copy()
        place = self.where(node, context)
        first = self.condition(node.condition, state, context)
        if not first.alive:
            return first
        condition = negation(first.condition) if node.negated else first.condition
        if condition.value is False:
            return Flow(constant(True, place), True, first.leaks)
        guards = guards_when(condition, True, "until" if node.negated else "while")
        endless = condition.value is True
        body = self.run(node.body, state, context._replace(loop="unbounded", checked=False).under(guards))
        breaks = any(leak.scope == "break" for leak in body.leaks)
        leaks = tuple(leak for leak in (*first.leaks, *body.leaks) if leak.scope not in ("break", "continue"))
        if endless and not breaks:
            return Flow(constant(True, place), False, (*leaks, Leak("exit", context.guards, "loop")))
        state.take(join_states([before, state.copy()]))
        return Flow(constant(True, place), True, leaks)

    def lines_read(self, node: Loop, context: Context) -> list[str] | None:
        """The lines that `while read …` goes through, where all that it reads is known."""
        read = node.condition
        if isinstance(read, Commands) and len(read.items) == 1:
            read = read.items[0][0]
        if node.negated or not isinstance(read, Simple):
            return None
        words = [context.script.raw(token.start, token.end) for token in read.tokens if token.kind == "word"]
        while words and words[0].startswith("IFS="):
            if words[0] not in ("IFS=", "IFS=''", 'IFS=""'):
                return None
            words.pop(0)
        if (
            not words
            or words[0] != "read"
            or len(words) != len([one for one in words if one.isidentifier() or one == "-r"])
        ):
            return None
        text = self.fed[-1][0] if self.fed and self.fed[-1][1] == context.pipe else self.piped(context)
        literal = text.literal if text is not None else None
        if literal is None or "\\" in literal:
            return None
        lines = literal.split("\n")[:-1]  # read fails on a last line without an end
        return lines if len(lines) <= _UNROLLED else None

    def read_loop(self, node: Loop, lines: list[str], state: State, context: Context) -> Flow:
        """`while read name …` over known lines: one turn for each."""
        read = node.condition
        if isinstance(read, Commands):
            read = read.items[0][0]
        assert isinstance(read, Simple)
        words = [context.script.raw(token.start, token.end) for token in read.tokens if token.kind == "word"]
        splits = not words[0].startswith("IFS=")
        names = [word for word in words if word.isidentifier() and word != "read"]
        leaks: list[Leak] = []
        place = self.where(node, context)
        guards = context.guards
        for line in lines:
            parts = line.split(None, max(len(names) - 1, 0)) if splits else [line]
            for index, name in enumerate(names):
                value = parts[index] if index < len(parts) else ""
                state.assign(name, Text.of(value.strip(" \t") if splits else value))
            here = context._replace(guards=guards, loop="literal", checked=False)
            flow = self.run(node.body, state, here)
            leaks.extend(leak for leak in flow.leaks if leak.scope not in ("break", "continue"))
            if not flow.alive:
                broken = any(leak.scope == "break" for leak in flow.leaks)
                if not broken and not any(leak.scope == "continue" for leak in flow.leaks):
                    return Flow(constant(True, place), False, tuple(leaks))
                if broken:
                    break
            for leak in flow.leaks:
                if leak.scope != "continue":
                    guards = (*guards, inverted(leak.guards[len(here.guards) :], place))
        return Flow(constant(True, place), True, tuple(leaks))

    def forget(self, node: Node, state: State, context: Context) -> None:
        """A body that runs an unknown number of times makes unknown what it sets."""
        for name in assigned_names(node, context.script.text.text):
            state.assign(name, unknown(f"{name} changes in a loop"))

    def for_loop(self, node: For, state: State, context: Context) -> Flow:
        place = self.where(node, context)
        items = self.loop_items(node, state, context)
        if items is None or len(items) > _UNROLLED:
            words = [Word(unknown("a word of a loop"), "", place)]
        else:
            words = items
        leaks: list[Leak] = []
        result = constant(True, place)
        guards = context.guards
        for word in words:
            kind = kind_of_loop(word)
            inner: tuple[Guard, ...] = ()
            before: State | None = None
            if kind != "literal":
                inner = (Guard("for", place),)
                before = state.copy()
                self.forget(node.body, state, context)
            if node.arithmetic and kind == "literal":
                state.assign(self.counting, word.text)
            if node.name:
                text = word.text if kind != "unbounded" or word.text.opaque else unknown("a word of a loop")
                state.assign(node.name, text, globs=word.globs)
            loop: LoopKind = "unbounded" if context.loop == "unbounded" else kind
            here = context._replace(guards=guards, loop=loop, checked=context.checked).under(inner)
            flow = self.run(node.body, state, here)
            result = flow.condition
            if before is not None:
                state.take(join_states([before, state.copy()]))
                result = Condition("leaf", place, presumed=flow.condition.presumed or flow.condition.value is True)
            leaks.extend(leak for leak in flow.leaks if leak.scope not in ("break", "continue"))
            stops = [leak for leak in flow.leaks if leak.scope != "continue"]
            if not flow.alive and not any(leak.scope == "continue" for leak in flow.leaks):
                broken = any(leak.scope == "break" for leak in flow.leaks)
                if kind == "literal" and not broken:
                    return Flow(result, False, tuple(leaks))
                if kind == "literal":
                    break
            for leak in stops:
                guards = (*guards, inverted(leak.guards[len(here.guards) :], place))
        return Flow(result, True, tuple(leaks))

    def loop_items(self, node: For, state: State, context: Context) -> list[Word] | None:
        if node.arithmetic:
            return self.counted(node, state, context)
        place = self.where(node, context)
        if node.words is None:
            if state.arguments is None:
                return None
            return [Word(argument.text, '"$@"', place, True, argument.globs) for argument in state.arguments]
        expander = self.expander(state, context)
        return [word for token in node.words for word in expander.words(token.start, token.end)]

    def counted(self, node: For, state: State, context: Context) -> list[Word] | None:
        """The values of `for ((i = A; i < B; i++))` with numbers that are known."""
        head = _COUNTING.match(context.script.raw(node.start, node.end))
        if head is None or not (head["name"] == head["tested"] == head["stepped"]):
            return None
        numbers: list[int] = []
        for word in (head["first"], head["last"]):
            value = word if is_digits(word) else state.value(word.strip("${}"))
            literal = value if isinstance(value, str) or value is None else value.literal
            number = natural(literal)
            if number is None or number > _UNROLLED:
                return None
            numbers.append(number)
        first, last = numbers
        place = self.where(node, context)
        self.counting = head["name"]
        found = range(first, last + (head["test"] == "<="))
        return [Word(Text.of(str(number)), str(number), place, True) for number in found]

    def case(self, node: Case, state: State, context: Context) -> Flow:
        self.notes.tested, before = True, self.notes.tested
        expander = self.expander(state, context)
        subject = expander.word(node.subject.start, node.subject.end).text
        self.notes.tested = before
        ends: list[State] = []
        leaks: list[Leak] = []
        results: list[Condition] = []
        endings: list[Condition] = []
        missed: list[Test] = []
        certain = False
        index = 0
        while index < len(node.arms) and not certain:
            patterns, body, falls = node.arms[index]
            index += 1
            texts = [expander.word(token.start, token.end) for token in patterns]
            matched, tests = matching(subject, texts)
            if matched is False:
                continue
            bodies: list[Node] = [body]
            while falls and index < len(node.arms):
                _, following, falls = node.arms[index]
                bodies.append(following)
                index += 1
            certain = matched is True
            guards = case_guards(tests, missed, self.where(body, context), matched)
            branch = state.copy()
            flow = Flow(constant(True, self.where(body, context)))
            for part in bodies:
                flow = self.run(part, branch, context.under(guards))
                leaks.extend(flow.leaks)
                if not flow.alive:
                    break
            results.append(flow.condition)
            endings.append(flow.lasting)
            if flow.alive:
                ends.append(branch)
            missed.extend(test.inverted() for test in tests)
        if not certain:
            ends.append(state.copy())
            results.append(constant(True, self.where(node, context)))
            endings.append(constant(True, self.where(node, context)))
        if ends:
            state.take(join_states(ends))
        ending = self.merged(endings, node, context)
        return Flow(self.merged(results, node, context), bool(ends), tuple(leaks), ending)
