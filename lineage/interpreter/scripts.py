"""Shell text that a command hands to a shell: files that are run or sourced, `sh -c`, standard input and eval."""

import re

from ..commands.built_in import SPECIAL
from ..commands.conditions import Condition, constant
from ..commands.exit_status import status_of
from ..commands.model import Command, LoadedScript, Unread, Word, Wrapper
from ..commands.state import ShellArgument, State, unknown
from ..late.dataclasses import replace
from ..shell.parse import parse_script
from ..shell.shebang import SHELLS, Dialect
from ..shell.word_parts import Substitution
from ..text.budget import LimitError
from ..text.paths import DEFAULT_PATH
from ..text.places import MappedText, Place, Span
from ..text.symbolic import Opaque, Text
from ..text.symbolic_paths import join
from .flow import Context, Expanded, Flow, Leak
from .runner import DEEPEST, Runner
from .wrapped import Wrapped

_CHARACTERS_A_STEP = 8
"""Of the text of an eval, which is read again each time that it is run."""
_OF_THE_RELEASE = {
    "/etc/os-release": "NAME ID ID_LIKE PRETTY_NAME VERSION VERSION_ID VERSION_CODENAME UBUNTU_CODENAME VARIANT VARIANT_ID "
    "BUILD_ID CPE_NAME PLATFORM_ID HOME_URL DOCUMENTATION_URL SUPPORT_URL BUG_REPORT_URL PRIVACY_POLICY_URL LOGO ANSI_COLOR",
    "/etc/lsb-release": "DISTRIB_ID DISTRIB_RELEASE DISTRIB_CODENAME DISTRIB_DESCRIPTION",
}
"""The variables that the files of a distribution set, os-release(5)."""
_HARMLESS_SOURCES = ("/etc/os-release", "/etc/lsb-release", "/etc/profile", "/etc/environment", "/etc/bash.bashrc")


class ScriptRunner(Runner):
    """Runs the text of scripts, wherever it comes from."""

    def unopened(self, name: str, place: Place, context: Context) -> Flow:
        """After a command whose redirection cannot be opened: a special built-in one ends the shell (POSIX, 2.8.1)."""
        peeled = bool(context.wrappers) and context.wrappers[-1].name == "command"
        ends = name in SPECIAL and context.script.dialect != "bash" and not context.external and not peeled
        leaks = (Leak("exit", context.guards),) if ends else ()
        return Flow(constant(False, place), not ends, leaks)

    def in_new_shell(self, state: State, context: Context) -> Context:
        """The circumstances of commands in a shell that is started here: `-e` ends that shell alone."""
        if self.files is None:
            return context
        return context._replace(tolerated=False, excused=self.is_let_fail(state, context))

    def run_eval(self, peeled: Wrapped, given: Expanded, state: State, context: Context) -> Flow:
        """The words of an eval, in this very shell."""
        place, redirects = given.place, given.redirects
        text = Text.of(*(piece for word in peeled.inner for piece in (word.text, " ")))
        if text.opaque:
            # What a program prints is mostly assignments (ssh-agent, dbus-launch): from here on any name may be set.
            state.opened = True
            outer = context._replace(wrappers=context.wrappers[:-1])
            self.emit(Expanded((*peeled.own, *peeled.inner), place, redirects), state, outer)
            return Flow(Condition("leaf", place, presumed=True))
        if redirects:
            opening = self.emit(Expanded((), place, redirects), state, context, compound=True)
            if self.cannot_open(opening, state, context):
                return self.unopened("eval", place, context._replace(wrappers=context.wrappers[:-1]))
        expander = self.expander(state, context)
        source = "".join(piece if isinstance(piece, str) else expander.stand_in(piece) for piece in text.pieces)
        mapped = MappedText(source, ((0, place.span.line, place.span.column),))
        if len(peeled.inner) == 1:
            mapped = self.word_text(peeled.inner[0], state, context) or mapped
        self.count(len(mapped.text) // _CHARACTERS_A_STEP, context)
        script = self.parsed(mapped, context.script.path, context.script.dialect)
        return self.run(script.body, state, context._replace(script=script, depth=context.depth + 1))

    def run_text(
        self,
        peeled: Wrapped,
        mapped: MappedText | None,
        given: Expanded,
        state: State,
        context: Context,
    ) -> Flow:
        """`sh -c text`, `su user -c text`. `mapped` is the text, None where it is not known."""
        place, redirects = given.place, given.redirects
        assert peeled.script is not None
        name = (peeled.own[0].literal or "").rpartition("/")[2]
        if mapped is None or context.depth >= DEEPEST:
            shell = Word(Text.of(name if name in SHELLS else "sh"), name, place)
            words = (shell, Word(Text.of("-c"), "-c", place), peeled.script)
            self.emit(given._replace(words=words), state, context)
            return self.after(Flow(Condition("leaf", place, presumed=True)), context)
        if redirects:
            opening = self.emit(Expanded((), place, redirects), state, context, compound=True)
            if self.cannot_open(opening, state, context):
                return self.after(Flow(constant(False, place)), context)
        other: Dialect = "sh" if self.dialect == "bash" else self.dialect
        script = self.parsed(mapped, context.script.path, "bash" if name == "bash" else other)
        child = _child(state, given)
        if peeled.inner:
            child.script = peeled.inner[0].text
        child.arguments = tuple(ShellArgument(word.text, word.globs) for word in peeled.inner[1:])
        child.take_options(peeled.own[1:] if name in SHELLS else ())
        inner = self.in_new_shell(state, context)
        inner = inner._replace(script=script, external=False, exec=False, depth=context.depth + 1, subshell=True)
        flow = self.run(script.body, child, inner).absorbing("exit", "return", "break", "continue")
        return self.after(Flow(flow.condition), context)

    def fed_script(self, given: Expanded, context: Context) -> MappedText | None:
        """What a shell without operands reads on its standard input, where all of it is known."""
        words = given.words
        if self.files is None or not is_shell(words[0]) or context.depth >= DEEPEST:
            return None
        literals = [word.literal or "?" for word in words[1:]]
        options = literals[: literals.index("-s")] if "-s" in literals else literals
        if not all(re.fullmatch(r"-[a-z]*|[-+]o|pipefail|errexit|nounset|xtrace", one) for one in options):
            return None
        if any("c" in one for one in options if one.startswith("-")):
            return None
        for redirect in reversed(given.redirects):
            if redirect.fd == 0:
                document = redirect.document.literal if redirect.document is not None else None
                return None if document is None else MappedText.whole(document, *redirect.begins)
        text = self.piped(context)
        span = words[0].place.span
        return None if text is None or not text.literal else MappedText.whole(text.literal, span.line, span.column)

    def run_fed(self, mapped: MappedText, given: Expanded, state: State, context: Context) -> Flow:
        """`bash -e <<EOF`."""
        words = given.words
        at = next((index for index, word in enumerate(words) if word.literal == "-s"), len(words))
        own, rest = words[: at + 1], words[at + 1 :]
        wrapper = Wrapper((own[0].literal or "").rpartition("/")[2], own, given.place)
        peeled = Wrapped(own, (own[0], *rest), script=own[0])
        others = tuple(one for one in given.redirects if one.fd != 0)
        inner = context._replace(wrappers=(*context.wrappers, wrapper), external=True, pipe=None)
        return self.run_text(peeled, mapped, given._replace(redirects=others), state, inner)

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

    def run_file(self, peeled: Wrapped, given: Expanded, state: State, context: Context) -> Flow:
        """`sh file arguments`."""
        path = join(state.directory, peeled.inner[0].text)
        script = self.script_at(path)
        if script is None:
            outer = context._replace(wrappers=context.wrappers[:-1])
            self.emit(given._replace(words=(*peeled.own, *peeled.inner)), state, outer)
            return self.after(Flow(Condition("leaf", given.place, presumed=True)), context)
        return self.run_loaded(script, given._replace(words=peeled.inner), state, context, peeled.own[1:])

    def loadable(self, word: Word, state: State) -> LoadedScript | None:
        """The script that a command word names, by path or through PATH."""
        literal = word.literal
        if not literal or self.load is None or word.globs:
            return None
        if "/" in literal:
            return self.script_at(join(state.directory, word.text))
        path = state.value("PATH")
        for directory in ((path.literal if path is not None else None) or DEFAULT_PATH).split(":"):
            found = self._script_named(f"{directory}/{literal}") if directory.startswith("/") else None
            if found is not None:
                return found
        return None

    def script_at(self, path: Text) -> LoadedScript | None:
        literal = path.literal
        return None if literal is None else self._script_named(literal)

    def _script_named(self, path: str) -> LoadedScript | None:
        if path not in self.found:
            try:
                self.found[path] = self.load(path) if self.load is not None else None
            except LimitError as limit:
                self.found[path] = None
                self.unread.append(Unread(Place(limit.path or path, Span(limit.line or 1)), str(limit), True))
        return self.found[path]

    def run_loaded(
        self,
        loaded: LoadedScript,
        given: Expanded,
        state: State,
        context: Context,
        options: tuple[Word, ...] | None = None,
    ) -> Flow:
        """A script of the image, whose first word is the script itself. `options` are those of the shell that is given it;
        None where the kernel starts it by its first line."""
        script = parse_script(loaded.text, loaded.path)
        readable = script.shebang is None or script.shebang.dialect is not None
        nested = context.depth >= DEEPEST or f"file {loaded.path}" in context.frames
        command = self.emit(given, state, context, loaded=readable and not nested)
        if not readable or nested:
            return self.after(Flow(status_of(command)), context)
        if script.shebang is None:
            script = parse_script(loaded.text, loaded.path, loaded.dialect)
        if script.error is not None:
            self.unread.append(Unread.behind(script.error, deep=script.deep))
        child = _child(state, given)
        child.script = Text.of(given.words[0].literal or loaded.path)
        child.arguments = tuple(ShellArgument(word.text, word.globs) for word in given.words[1:])
        if options is None:
            child.errexit = bool(script.shebang and "e" in script.shebang.options)
            child.nounset = bool(script.shebang and "u" in script.shebang.options)
        child.take_options(options or ())
        inner = Context(
            script,
            context.guards,
            context.loop,
            context.wrappers,
            (*context.callers, given.place),
            context.pipe,
            context.background,
            True,
            context.substitution,
            excused=self.is_let_fail(state, context),
            depth=context.depth + 1,
            frames=(*context.frames, f"file {loaded.path}"),
        )
        flow = self.run(script.body, child, inner).absorbing("exit", "return", "break", "continue")
        condition = flow.condition
        if condition.value or (condition.value is False and self.files is None):
            condition = Condition("leaf", given.place, presumed=True)
        return self.after(Flow(condition), context)

    def source(self, command: Command, state: State, context: Context) -> Flow | None:
        if not command.arguments:
            return None
        path = join(state.directory, command.arguments[0].text)
        loaded = self.script_at(path)
        if loaded is None or context.depth >= DEEPEST or f"file {loaded.path}" in context.frames:
            literal = (path.literal or "").replace("/usr/lib/os-", "/etc/os-")
            for name in _OF_THE_RELEASE.get(literal, "").split():
                state.assign(name, unknown(f"the value of {name} in {literal}"))
            named = "/" in (command.arguments[0].literal or "")
            if named and self.is_let_fail(state, context) and self.kind(literal) == "nothing":
                ends = context.script.dialect != "bash"
                leaks = (Leak("exit", context.guards),) if ends else ()
                return Flow(constant(False, command.place), not ends, leaks)
            if literal not in _HARMLESS_SOURCES:
                state.opened = True
            return None
        self.commands[-1] = replace(command, loaded=True)
        script = self.parsed(loaded.text, loaded.path, context.script.dialect)
        outer = state.arguments
        if len(command.arguments) > 1:
            state.arguments = tuple(ShellArgument(word.text, word.globs) for word in command.arguments[1:])
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


def _child(state: State, given: Expanded) -> State:
    """What a shell starts with that a command begins: the environment, and what the command alone is given."""
    child = state.child()
    for variable, value in given.assignments:
        child.assign(variable, value)
    child.exported = child.exported | {variable for variable, _ in given.assignments}
    return child


def is_shell(word: Word) -> bool:
    return (word.literal or "").rpartition("/")[2] in SHELLS


def _alike(one: str, other: str) -> bool:
    """Whether two texts are the same apart from which stand-ins they use."""
    return len(one) == len(other) and all(
        a == b or (a >= "\U000f0000" and b >= "\U000f0000") for a, b in zip(one, other, strict=True)
    )
