"""Runs simple commands: expands their words, assigns, redirects, and finds what they are: function, built-in, program."""

import re
from collections.abc import Iterator, Sequence

from ..commands.bracket_tests import read_test
from ..commands.built_in import OF_BASH
from ..commands.conditions import Condition, constant
from ..commands.decided import decided
from ..commands.exit_status import ESSENTIAL, status_of
from ..commands.expansion import Expander
from ..commands.model import Command, Guard, Redirect, Unread, Word
from ..commands.state import EMPTY, ShellArgument, State, unknown
from ..shell.parse import Simple
from ..shell.tokens import ShellToken
from ..shell.words import Unclosed, word_end
from ..text.places import Place
from ..text.symbolic import Text
from ..text.symbolic_paths import join
from .builtins import ASSIGNMENT, BUILTINS, DECLARING
from .flow import Context, Expanded, Flow
from .launch import CommandLauncher
from .runner import DEEPEST
from .wrappers import peel


class SimpleCommands(CommandLauncher):
    """Runs what stands in a script as one command."""

    def run_simple(self, node: Simple, state: State, context: Context) -> Flow:
        expander = self.expander(state, context)
        text = context.script.text.text
        place = context.script.place(node.start, node.end)
        assignments: list[tuple[str, Text, bool]] = []
        words: list[Word] = []
        redirects: list[Redirect] = []
        declaring = False
        for token in node.tokens:
            if token.kind == "redirect":
                redirects.append(self.redirect(token, expander, context))
                continue
            if token.kind != "word":
                return self.run_test(token, node, state, context, tuple(redirects))
            assignment = ASSIGNMENT.match(text, token.start, token.end) if not words or declaring else None
            if assignment and not words:
                assignments.append(self.assignment(assignment, token, expander, state))
            elif assignment:
                words.extend(expander.declared(token.start, token.end))
            else:
                words.extend(expander.words(token.start, token.end))
                declaring = declaring or (len(words) == 1 and words[0].literal in DECLARING)
        if not words:
            return self.run_assignments(assignments, tuple(redirects), state, context, place)
        prefix = tuple((name, value) for name, value, _ in assignments)
        return self.run_words(Expanded(tuple(words), place, tuple(redirects), prefix), state, context)

    def assignment(
        self, match: re.Match[str], token: ShellToken, expander: Expander, state: State
    ) -> tuple[str, Text, bool]:
        name, subscript, append = match.group(1), match.group(2), match.group(3)
        text = expander.text.text
        if text.startswith("(", match.end()) and match.end() < token.end and text[token.end - 1] == ")":
            return self.array(name, match.end() + 1, token.end - 1, expander, state, append=bool(append))
        value, globs = expander.value(match.end(), token.end)
        if subscript:
            state.assign(name, unknown(f"the elements of {name}"))
            return name, value, False
        if append:
            value = (state.value(name) or EMPTY) + value
        state.assign(name, value, globs=globs)
        return name, value, "$(" in text[token.start : token.end] or "`" in text[token.start : token.end]

    def array(
        self, name: str, start: int, end: int, expander: Expander, state: State, *, append: bool
    ) -> tuple[str, Text, bool]:
        items = list(state.arrays.get(name, ())) if append else []
        text = expander.text.text
        at = start
        while at < end:
            if text[at] in " \t\n" or text.startswith("\\\n", at):
                at += 1 if text[at] != "\\" else 2
                continue
            if text[at] == "#":
                stop = text.find("\n", at, end)
                at = end if stop < 0 else stop
                continue
            if text[at] == "[" and "]=" in text[at:end]:
                state.assign(name, unknown(f"the elements of {name}"))
                return name, unknown(f"the elements of {name}"), False
            stop = max(_stop(text, at, end), at + 1)
            items.extend(ShellArgument(word.text, word.globs) for word in expander.words(at, stop))
            at = stop
        state.assign_array(name, tuple(items))
        return name, items[0].text if items else EMPTY, False

    def run_assignments(
        self,
        assignments: list[tuple[str, Text, bool]],
        redirects: tuple[Redirect, ...],
        state: State,
        context: Context,
        place: Place,
    ) -> Flow:
        pairs = tuple((name, value) for name, value, _ in assignments)
        self.emit(Expanded((), place, redirects, pairs), state, context)
        if not any(substituted for _, _, substituted in assignments):
            return Flow(constant(True, place))
        status = self.substituted
        if status is not None and self.is_looked_at(state, context):
            if status.value is False:
                return Flow(constant(False, place))
            if status.value is None and not status.presumed and status.kind == "leaf":
                return Flow(Condition("leaf", place))
        return Flow(Condition("leaf", place, presumed=True))

    def redirect(self, token: ShellToken, expander: Expander, context: Context) -> Redirect:
        fd = token.fd if token.fd is not None else (0 if token.operator.startswith("<") else 1)
        place = context.script.place(token.start, token.end)
        if token.operator in ("<<", "<<-"):
            document: Text | None = None
            begins = (place.span.line, 1)
            if token.document is not None:
                begins = context.script.text.position(token.document[0])
                document = expander.document(*token.document, quoted=token.quoted, strips=token.operator == "<<-")
            return Redirect(token.operator, fd, place, None, document, token.quoted, begins)
        start, end = token.target or (token.end, token.end)
        target = expander.word(start, end)
        if token.operator == "<<<":
            return Redirect("<<<", fd, place, None, target.text + "\n")
        return Redirect(token.operator, fd, place, target)

    def bare_redirects(self, tokens: Sequence[ShellToken], state: State, context: Context, place: Place) -> None:
        expander = self.expander(state, context)
        redirects = tuple(self.redirect(token, expander, context) for token in tokens)
        self.emit(Expanded((), place, redirects), state, context, compound=True)

    def run_test(
        self, token: ShellToken, node: Simple, state: State, context: Context, redirects: tuple[Redirect, ...]
    ) -> Flow:
        """`[[ … ]]` and `((…))`."""
        expander = self.expander(state, context)
        place = context.script.place(token.start, token.end)
        if token.kind == "arithmetic":
            for match in re.finditer(
                r"(?<!\w)([A-Za-z_]\w*)\s*(?:[-+*/%]?=(?!=)|\+\+|--)", context.script.text.text[token.start : token.end]
            ):
                state.assign(match.group(1), unknown("the result of arithmetic"))
            word = Word(Text.of("(("), "((", place)
            self.emit(Expanded((word,), place, redirects), state, context)
            return Flow(Condition("leaf", place))
        self.notes.tested, before = True, self.notes.tested
        words = list(_test_words(expander, token.start + 2, token.end - 2))
        self.notes.tested = before
        bracket = Word(Text.of("[["), "[[", place)
        if self.is_of_bash(state, context):
            self.emit(Expanded((bracket,), place, redirects), state, context)
            return Flow(constant(False, place))
        self.emit(Expanded((bracket, *words), place, redirects), state, context)
        return Flow(self.settled(read_test(words, state.directory, place, extended=True)))

    def settled(self, condition: Condition) -> Condition:
        """A condition with what the image's files decide of it."""
        if condition.value is not None or self.files is None:
            return condition
        files = self.catch_up()
        return decided(condition, files) if files is not None else condition

    def run_words(self, given: Expanded, state: State, context: Context) -> Flow:
        words, place, redirects, _ = given
        literal = words[0].literal
        if not context.external and literal is not None:
            function = state.functions.get(literal)
            if function is not None:
                return self.call(literal, given, state, context)
        if literal in OF_BASH and self.is_of_bash(state, context):
            self.emit(given, state, context)
            return Flow(constant(False, place))
        fed = self.fed_script(given, context)
        if fed is not None:
            return self.run_fed(fed, given, state, context)
        if literal and not (literal == "cd" and not context.external):
            peeled = peel(words)
            if peeled is not None:
                return self.run_peeled(peeled, given, state, context)
        if not context.external and literal in BUILTINS:
            command = self.emit(given, state, context)
            if self.cannot_open(command, state, context):
                return self.unopened(command.name, place, context)
            before = state.directory
            flow = BUILTINS[literal](self, command, state, context)
            if literal == "cd" and command.ignores_failure and self.is_nowhere(state.directory):
                state.directory = before
                return Flow(Condition("leaf", place))
            if literal == "cd" and command.ignores_failure and self.may_not_enter(state):
                if not self.is_looked_at(state, context):
                    state.directory = unknown("the working directory after a cd that may fail")
                return Flow(Condition("leaf", place))
            if flow is None and any(one.writes for one in redirects) and self.fails(state, context):
                return Flow(Condition("leaf", place))
            return flow if flow is not None else Flow(self.settled(status_of(command)))
        loaded = self.loadable(words[0], state)
        if loaded is not None:
            return self.run_loaded(loaded, given, state, context)
        missing = (
            self.may_be_missing(words, state, context)
            or self.is_missing(words[0], state, context)
            or self.may_lack_input(redirects, state, context)
        )
        under = context.under((Guard("&&", place),)) if missing else context
        command = self.emit(given, state, under)
        condition = self.settled(status_of(command))
        if self.cannot_open(command, state, context):
            return self.unopened(command.name, place, context)
        if condition.value is None and (self.lists_nothing(command) or self.cannot_make(command, state, context)):
            condition = constant(False, place)
        elif condition.value or (condition.value is None and condition.presumed):
            doubted = missing or self.fails(state, context) or self.may_read_nothing(command, state, context)
            condition = Condition("leaf", place) if doubted else condition
        return self.after(Flow(condition), context)

    def is_of_bash(self, state: State, context: Context) -> bool:
        """Whether what bash alone has built in stands in a script that dash reads, which goes on without it."""
        if context.external or context.script.dialect != "sh" or not self.is_let_fail(state, context):
            return False
        return self.kind("/bin/dash") == "file"

    def fails(self, state: State, context: Context) -> bool:
        """Whether the last command, whose status is looked at, does not do what it is asked to do in the image as it is."""
        files = self.files
        if files is None or not self.is_looked_at(state, context):
            return False
        self.catch_up()
        return files.refused()

    def is_missing(self, word: Word, state: State, context: Context) -> bool:
        """Whether a program that is named by its path surely is not there."""
        if not self.is_looked_at(state, context) or "/" not in (word.literal or ""):
            return False
        return self.is_nowhere(join(state.directory, word.text))

    def may_lack_input(self, redirects: tuple[Redirect, ...], state: State, context: Context) -> bool:
        """Whether the file that a command is to read is not known to be there, and a RUN goes on where it is not."""
        if not redirects or not self.is_let_fail(state, context):
            return False
        read = [one.target for one in redirects if one.operator == "<" and one.target is not None]
        paths = [join(state.directory, word.text).literal for word in read]
        return any(path is not None and path.startswith("/") and self.kind(path) is None for path in paths)

    def may_be_missing(self, words: tuple[Word, ...], state: State, context: Context) -> bool:
        """Whether a RUN would go on without the program of a command, and the image is not known to have it."""
        program = words[0].literal
        if self.files is None or not self.is_looked_at(state, context) or not program or "/" in program:
            return False
        if program in ESSENTIAL:
            return False
        self.catch_up()
        return not self.files.has_program(program)

    def is_nowhere(self, directory: Text) -> bool:
        """Whether a directory of a RUN is surely not there."""
        path = directory.literal
        return self.files is not None and path is not None and path.startswith("/") and self.kind(path) == "nothing"

    def lists_nothing(self, command: Command) -> bool:
        """Whether what reads files is given something that surely is not there."""
        files = self.files
        if files is None or command.name not in ("ls", "stat", "cat"):
            return False
        self.catch_up()
        return any(files.kind(path) == "nothing" for path in _paths(command))

    def may_read_nothing(self, command: Command, state: State, context: Context) -> bool:
        """Whether cat, whose status is looked at, is given a file that may not be there, or not be for the user."""
        files = self.files
        if files is None or command.name != "cat" or not self.is_looked_at(state, context):
            return False
        return any(files.kind(path) is None or files.may_deny(path, state.user, 4) for path in _paths(command))

    def may_not_enter(self, state: State) -> bool:
        """Whether the user of a RUN may lack the permission to go to the working directory."""
        path = state.directory.literal
        return self.files is not None and path is not None and self.files.may_deny(path, state.user, 1)

    def cannot_make(self, command: Command, state: State, context: Context) -> bool:
        """Whether mkdir, whose status is looked at, is to make a directory where a file surely is, or below one."""
        files = self.files
        if files is None or command.name != "mkdir" or not self.is_looked_at(state, context):
            return False
        words = [word for word in command.arguments if not (word.literal or "-").startswith("-") and not word.globs]
        self.catch_up()
        for word in words:
            path = join(command.directory, word.text).literal
            while path is not None and len(path) > 1 and path.startswith("/"):
                if files.kind(path) == "file":
                    return True
                path = path.rpartition("/")[0]
        return False

    def call(self, name: str, given: Expanded, state: State, context: Context) -> Flow:
        """A function of the script."""
        place = given.place
        node, script = state.functions[name]
        command = self.emit(given, state, context, function=True)
        if self.cannot_open(command, state, context):
            return Flow(constant(False, place))
        if context.depth >= DEEPEST * 2 or context.frames.count(name) >= 2:
            self.unread.append(Unread(place, f"{name} calls itself"))
            return Flow(Condition("leaf", place))
        outer, state.arguments = (
            state.arguments,
            tuple(ShellArgument(word.text, word.globs) for word in command.arguments),
        )
        self.frames.append({})
        inner = context._replace(script=script, depth=context.depth + 1, frames=(*context.frames, name), checked=False)
        flow = self.run(node.body, state, inner)
        returned = any(leak.scope == "return" for leak in flow.leaks)
        for variable, value in self.frames.pop().items():
            if value is None:
                state.variables = {key: kept for key, kept in state.variables.items() if key != variable}
            else:
                state.assign(variable, value)
        state.arguments = outer
        flow = flow.absorbing("return")
        if not flow.alive:
            return flow
        return Flow(Condition("leaf", place) if returned else flow.condition, True, flow.leaks)


def _paths(command: Command) -> list[str]:
    """The absolute paths that a command's operands surely name."""
    words = [word for word in command.arguments if not (word.literal or "-").startswith("-") and not word.globs]
    found = [join(command.directory, word.text).literal for word in words]
    return [path for path in found if path is not None and path.startswith("/")]


def _test_words(expander: Expander, start: int, end: int) -> Iterator[Word]:
    """The words between `[[` and `]]`; operators are words of their own."""
    text = expander.text.text
    at = start
    while at < end:
        if text[at] in " \t\n":
            at += 1
            continue
        operator = next((one for one in ("&&", "||", "(", ")", "<", ">") if text.startswith(one, at)), None)
        stop = at + len(operator) if operator else max(_stop(text, at, end), at + 1)
        if operator:
            place = expander.text.span(at, stop)
            yield Word(Text.of(operator), operator, Place(expander.path, place))
        else:
            yield expander.word(at, stop)
            if text[at:stop] == "=~":
                at = stop
                while at < end and text[at] in " \t":
                    at += 1
                stop = _expression_end(text, at, end)
                place = expander.text.span(at, stop)
                yield Word(unknown("a regular expression"), text[at:stop], Place(expander.path, place), True)
        at = stop


def _expression_end(text: str, at: int, end: int) -> int:
    """Where the regular expression after `=~` ends: at a blank outside brackets and quotes."""
    depth = 0
    while at < end:
        character = text[at]
        if character == "(":
            depth += 1
        elif character == ")":
            depth -= 1
        elif character in " \t\n" and depth <= 0:
            break
        elif character in "'\"\\$":
            stop = max(_stop(text, at, end), at + 1)
            at = stop
            continue
        at += 1
    return at


def _stop(text: str, at: int, end: int) -> int:
    try:
        return word_end(text, at, end)
    except Unclosed:
        return end
