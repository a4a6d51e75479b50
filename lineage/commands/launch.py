"""Commands that run others: wrappers, `sh -c` and eval, and scripts that are run or sourced."""

import re
from dataclasses import replace

from ..shell.parse import parse_script
from ..shell.shebang import Dialect
from ..shell.word_parts import Substitution
from ..text.paths import DEFAULT_PATH
from ..text.places import MappedText, Place
from ..text.symbolic import Opaque, Text
from ..text.symbolic_paths import join
from .conditions import Condition
from .exit_status import status_of
from .flow import Context, Flow
from .model import Command, LoadedScript, Redirect, Unread, Word, Wrapper
from .runner import DEEPEST, Runner
from .state import Argument, State, home_of, unknown
from .wrapped import Peeled
from .wrappers import SHELLS

_HARMLESS_SOURCES = ("/etc/os-release", "/etc/lsb-release", "/etc/profile", "/etc/environment", "/etc/bash.bashrc")


_OWN_SHELL = frozenset(("command", "builtin", "eval", "time"))


class Launcher(Runner):
    """Runs what a command hands on to another program or script."""

    def run_peeled(
        self,
        peeled: Peeled,
        assignments: tuple[tuple[str, Text], ...],
        redirects: tuple[Redirect, ...],
        state: State,
        context: Context,
        place: Place,
    ) -> Flow:
        name = (peeled.own[0].literal or "").rpartition("/")[2]
        wrapper = Wrapper(name, peeled.own, place, peeled.user)
        external = context.external or name not in _OWN_SHELL
        inner = context._replace(
            wrappers=(*context.wrappers, wrapper), external=external, exec=context.exec or peeled.exec
        )
        if peeled.evaluated:
            return self.run_eval(peeled, redirects, state, inner, place)
        if peeled.shell:
            return self.run_file(peeled, assignments, redirects, state, inner, place)
        own = self.changed(peeled, state) if _changes(peeled) else state
        if peeled.script is not None:
            mapped = self.word_text(peeled.script, state, context)
            return self.run_text(peeled, mapped, (*assignments, *peeled.assignments), redirects, own, inner, place)
        words = peeled.inner
        if peeled.appends:
            words = _with_unknown_words(peeled, words)
        flow = self.run_words(words, (*assignments, *peeled.assignments), redirects, own, inner, place)
        for words in peeled.further:
            self.run_words(words, assignments, redirects, own, inner, place)
        return flow

    def changed(self, peeled: Peeled, state: State) -> State:
        """The state in which a wrapper runs its command."""
        other = state.copy()
        if peeled.clears:
            other.variables = {}
            other.environment = type(state.environment)({}, frozenset(), "empty")
        if peeled.user is not None:
            other.user = peeled.user
        if peeled.sets_home:
            other.home = home_of(other.user)
            other.variables = {name: value for name, value in other.variables.items() if name != "HOME"}
        if peeled.login:
            other.directory = home_of(other.user)
        if peeled.directory is not None:
            other.directory = join(state.directory, peeled.directory)
        return other

    def run_eval(
        self, peeled: Peeled, redirects: tuple[Redirect, ...], state: State, context: Context, place: Place
    ) -> Flow:
        text = Text.of(*(piece for word in peeled.inner for piece in (word.text, " ")))
        if text.opaque:
            # What a program prints is mostly assignments (ssh-agent, dbus-launch): from here on any name may be set.
            state.opened = True
            outer = context._replace(wrappers=context.wrappers[:-1])
            self.emit((*peeled.own, *peeled.inner), state, outer, place, redirects=redirects)
            return Flow(Condition("leaf", place, presumed=True))
        if redirects:
            self.emit((), state, context, place, redirects=redirects, compound=True)
        expander = self.expander(state, context)
        source = "".join(piece if isinstance(piece, str) else expander.stand_in(piece) for piece in text.pieces)
        mapped = MappedText(source, ((0, place.span.line, place.span.column),))
        if len(peeled.inner) == 1:
            mapped = self.word_text(peeled.inner[0], state, context) or mapped
        script = self.parsed(mapped, context.script.path, context.script.dialect)
        return self.run(script.body, state, context._replace(script=script, depth=context.depth + 1))

    def run_text(
        self,
        peeled: Peeled,
        mapped: MappedText | None,
        assignments: tuple[tuple[str, Text], ...],
        redirects: tuple[Redirect, ...],
        state: State,
        context: Context,
        place: Place,
    ) -> Flow:
        """`sh -c text`, `su user -c text`. `mapped` is the text, None where it is not known."""
        assert peeled.script is not None
        name = (peeled.own[0].literal or "").rpartition("/")[2]
        if mapped is None or context.depth >= DEEPEST:
            shell = Word(Text.of(name if name in SHELLS else "sh"), name, place)
            words = (shell, Word(Text.of("-c"), "-c", place), peeled.script)
            self.emit(words, state, context, place, assignments=assignments, redirects=redirects)
            return self.after(Flow(Condition("leaf", place, presumed=True)), context)
        if redirects:
            self.emit((), state, context, place, redirects=redirects, compound=True)
        other: Dialect = "sh" if self.dialect == "bash" else self.dialect
        script = self.parsed(mapped, context.script.path, "bash" if name == "bash" else other)
        child = state.child()
        for variable, value in assignments:
            child.assign(variable, value)
        child.exported = child.exported | {variable for variable, _ in assignments}
        if peeled.inner:
            child.script = peeled.inner[0].literal or child.script
        child.arguments = tuple(Argument(word.text, word.globs) for word in peeled.inner[1:])
        child.errexit = any(re.fullmatch(r"-\w*e\w*", word.literal or "") for word in peeled.own if name in SHELLS)
        inner = context._replace(script=script, external=False, exec=False, depth=context.depth + 1, subshell=True)
        flow = self.run(script.body, child, inner).absorbing("exit", "return", "break", "continue")
        return self.after(Flow(flow.condition), context)

    def word_text(self, word: Word, state: State, context: Context) -> MappedText | None:
        """The text of a word that is a script itself, with the places its characters stand at."""
        if len(word.text.pieces) == 1 and isinstance(word.text.pieces[0], Opaque):
            return None

        def silent(part: Substitution, text: MappedText) -> tuple[Text, bool]:
            return unknown("the output of a command"), False

        expander = self.expander(state, context)
        source = "".join(piece if isinstance(piece, str) else expander.stand_in(piece) for piece in word.text.pieces)
        script = context.script
        if word.offset >= 0 and script.text.text.startswith(word.raw, word.offset):
            expander.run = silent
            mentions = len(self.notes.mentions)
            mapped = expander.mapped(word.offset, word.offset + len(word.raw))
            del self.notes.mentions[mentions:]
            if mapped is not None and _alike(mapped[0], source):
                return MappedText(source, mapped[1].anchors)
        return MappedText.whole(source, word.place.span.line, word.place.span.column)

    def run_file(
        self,
        peeled: Peeled,
        assignments: tuple[tuple[str, Text], ...],
        redirects: tuple[Redirect, ...],
        state: State,
        context: Context,
        place: Place,
    ) -> Flow:
        """`sh file arguments`."""
        path = join(state.directory, peeled.inner[0].text)
        script = self.script_at(path)
        if script is None:
            outer = context._replace(wrappers=context.wrappers[:-1])
            words = (*peeled.own, *peeled.inner)
            self.emit(words, state, outer, place, assignments=assignments, redirects=redirects)
            return self.after(Flow(Condition("leaf", place, presumed=True)), context)
        return self.run_loaded(script, peeled.inner, assignments, redirects, state, context, place)

    def loadable(self, word: Word, state: State) -> LoadedScript | None:
        """The script that a command word names, by path or through PATH."""
        literal = word.literal
        if not literal or self.load is None or word.globs:
            return None
        if "/" in literal:
            return self.script_at(join(state.directory, word.text))
        path = state.value("PATH")
        for directory in ((path.literal if path is not None else None) or DEFAULT_PATH).split(":"):
            found = self.script_at(Text.of(directory, "/", literal)) if directory.startswith("/") else None
            if found is not None:
                return found
        return None

    def script_at(self, path: Text) -> LoadedScript | None:
        literal = path.literal
        if literal is None or self.load is None:
            return None
        if literal not in self.found:
            self.found[literal] = self.load(literal)
        return self.found[literal]

    def run_loaded(
        self,
        loaded: LoadedScript,
        words: tuple[Word, ...],
        assignments: tuple[tuple[str, Text], ...],
        redirects: tuple[Redirect, ...],
        state: State,
        context: Context,
        place: Place,
    ) -> Flow:
        script = parse_script(loaded.text, loaded.path)
        readable = script.shebang is None or script.shebang.dialect is not None
        nested = context.depth >= DEEPEST or f"file {loaded.path}" in context.frames
        command = self.emit(
            words,
            state,
            context,
            place,
            assignments=assignments,
            redirects=redirects,
            loaded=readable and not nested,
        )
        if not readable or nested:
            return self.after(Flow(status_of(command)), context)
        if script.shebang is None:
            script = parse_script(loaded.text, loaded.path, loaded.dialect)
        if script.error is not None:
            self.unread.append(Unread(script.error, "syntax error"))
        child = state.child()
        for variable, value in assignments:
            child.assign(variable, value)
        child.exported = child.exported | {variable for variable, _ in assignments}
        child.script = words[0].literal or loaded.path
        child.arguments = tuple(Argument(word.text, word.globs) for word in words[1:])
        child.errexit = bool(script.shebang and "e" in script.shebang.options)
        inner = Context(
            script,
            context.guards,
            context.loop,
            context.wrappers,
            (*context.callers, place),
            context.pipe,
            context.background,
            True,
            context.substitution,
            depth=context.depth + 1,
            frames=(*context.frames, f"file {loaded.path}"),
        )
        flow = self.run(script.body, child, inner).absorbing("exit", "return", "break", "continue")
        condition = flow.condition if flow.condition.value is None else Condition("leaf", place, presumed=True)
        return self.after(Flow(condition), context)

    def source(self, command: Command, state: State, context: Context) -> Flow | None:
        if not command.arguments:
            return None
        path = join(state.directory, command.arguments[0].text)
        loaded = self.script_at(path)
        if loaded is None or context.depth >= DEEPEST or f"file {loaded.path}" in context.frames:
            if (path.literal or "") not in _HARMLESS_SOURCES:
                state.opened = True
            return None
        self.commands[-1] = replace(command, loaded=True)
        script = self.parsed(loaded.text, loaded.path, context.script.dialect)
        outer = state.arguments
        if len(command.arguments) > 1:
            state.arguments = tuple(Argument(word.text, word.globs) for word in command.arguments[1:])
        inner = context._replace(
            script=script,
            callers=(*context.callers, command.place),
            depth=context.depth + 1,
            frames=(*context.frames, f"file {loaded.path}"),
            checked=False,
        )
        flow = self.run(script.body, state, inner).absorbing("return")
        state.arguments = outer
        return flow


def _changes(peeled: Peeled) -> bool:
    return (
        peeled.user is not None
        or peeled.clears
        or peeled.login
        or peeled.directory is not None
        or peeled.script is not None
    )


def _with_unknown_words(peeled: Peeled, words: tuple[Word, ...]) -> tuple[Word, ...]:
    """xargs: `-I mark` puts what it reads in the place of the mark, else it is appended."""
    found = Text.of(Opaque("a word that xargs reads"))
    place = words[-1].place
    for index, word in enumerate(peeled.own):
        literal = word.literal or ""
        mark = literal[2:] if literal.startswith("-I") else ""
        if literal == "-I" and index + 1 < len(peeled.own):
            mark = peeled.own[index + 1].literal or ""
        if mark:
            return tuple(Word(found, one.raw, one.place) if mark in (one.literal or "") else one for one in words)
    return (*words, Word(found, "", place))


def _alike(one: str, other: str) -> bool:
    """Whether two texts are the same apart from which stand-ins they use."""
    return len(one) == len(other) and all(
        a == b or (a >= "\U000f0000" and b >= "\U000f0000") for a, b in zip(one, other, strict=True)
    )
