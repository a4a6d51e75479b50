"""Commands that run others: wrappers, `sh -c` and eval, and scripts that are run or sourced."""

import re

from ..commands.built_in import BUILT_IN, SPECIAL
from ..commands.conditions import Condition, constant
from ..commands.exit_status import ESSENTIAL, status_of
from ..commands.find_listing import find_request, find_results, with_found
from ..commands.model import ROOT, Command, Guard, LoadedScript, Redirect, Unread, Word, Wrapper
from ..commands.printed_text import at_level
from ..commands.state import ShellArgument, State, home_of, unknown
from ..late.dataclasses import replace
from ..shell.parse import parse_script
from ..shell.shebang import SHELLS, Dialect
from ..shell.word_parts import Substitution
from ..text.budget import LimitError
from ..text.numbers import is_digits, natural
from ..text.paths import DEFAULT_PATH
from ..text.places import MappedText, Place, Span
from ..text.symbolic import Opaque, Text
from ..text.symbolic_paths import join
from .flow import Context, Flow, Leak
from .runner import DEEPEST, Runner
from .wrapped import Wrapped

_MOST_ROWS = 300
_CHARACTERS_A_STEP = 8
"""Of the text of an eval, which is read again each time that it is run."""
_OF_THE_RELEASE = {
    "/etc/os-release": "NAME ID ID_LIKE PRETTY_NAME VERSION VERSION_ID VERSION_CODENAME UBUNTU_CODENAME VARIANT VARIANT_ID "
    "BUILD_ID CPE_NAME PLATFORM_ID HOME_URL DOCUMENTATION_URL SUPPORT_URL BUG_REPORT_URL PRIVACY_POLICY_URL LOGO ANSI_COLOR",
    "/etc/lsb-release": "DISTRIB_ID DISTRIB_RELEASE DISTRIB_CODENAME DISTRIB_DESCRIPTION",
}
"""The variables that the files of a distribution set, os-release(5)."""
_HARMLESS_SOURCES = ("/etc/os-release", "/etc/lsb-release", "/etc/profile", "/etc/environment", "/etc/bash.bashrc")


_NEED_ROOT = frozenset(("su", "runuser", "setpriv", "chroot", "gosu", "su-exec", "s6-setuidgid"))
"""What runs a command as another user for root alone, or asks for a password that a build has not."""
_OWN_SHELL = frozenset(("command", "builtin", "eval", "time"))


class CommandLauncher(Runner):
    """Runs what a command hands on to another program or script."""

    def run_peeled(
        self,
        peeled: Wrapped,
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
        if name == "builtin" and peeled.inner and (peeled.inner[0].literal or ":") not in BUILT_IN:
            self.emit(peeled.own, state, context, place, redirects=redirects)
            return Flow(constant(False, place))
        if peeled.evaluated:
            return self.run_eval(peeled, redirects, state, inner, place)
        there = self.is_account(peeled.user) if self.is_let_fail(state, context) else True
        if there is False:
            self.emit((), state, inner, place, redirects=redirects, compound=True)
            return Flow(constant(False, place))
        if self.is_let_fail(state, context) and (
            there is None or (name in _NEED_ROOT and _is_no_root(state.user)) or self.may_lack(name, peeled.own[0])
        ):
            self.run_peeled_as_allowed(peeled, assignments, redirects, state, inner.under((Guard("&&", place),)), place)
            return Flow(Condition("leaf", place))
        return self.run_peeled_as_allowed(peeled, assignments, redirects, state, inner, place)

    def is_account(self, user: Text | None) -> bool | None:
        """Whether the account that a RUN's command is run as is there; None where that cannot be known."""
        files, name = self.files, (user.literal or "").partition(":")[0] if user is not None else ""
        if files is None or not name or is_digits(name):
            return True
        self.catch_up()
        return files.account(name)

    def may_lack(self, name: str, word: Word) -> bool:
        """Whether a program that runs others is not known to be in the image of a RUN."""
        if name in ESSENTIAL or name in _OWN_SHELL - {"time"} or "/" in (word.literal or "/"):
            return False
        files = self.catch_up()
        return files is not None and not files.has_program(name)

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

    def run_peeled_as_allowed(
        self,
        peeled: Wrapped,
        assignments: tuple[tuple[str, Text], ...],
        redirects: tuple[Redirect, ...],
        state: State,
        inner: Context,
        place: Place,
    ) -> Flow:
        wrapper = inner.wrappers[-1]
        name, external = wrapper.name, inner.external
        context = inner._replace(wrappers=inner.wrappers[:-1])
        if peeled.shell:
            return self.run_file(peeled, assignments, redirects, state, inner, place)
        own = self.changed(peeled, state) if _changes(peeled) else state
        if peeled.script is not None:
            mapped = self.word_text(peeled.script, state, context)
            pairs = (*assignments, *peeled.assignments)
            flow = self.run_text(peeled, mapped, pairs, redirects, own, inner, place)
            return flow if name in SHELLS else _as_wrapped(flow, place)
        words = peeled.inner
        if peeled.appends:
            return self.run_xargs(peeled, redirects, own, inner, place)
        if name == "find":
            paths = self.found_paths(peeled, state)
            if paths is not None:
                return self.run_found(peeled, paths, redirects, own, inner, place)
            if words and is_shell(words[0]):  # what it is given has names there: `$0`, `$1`, `$@`
                words = with_found(words, wrapper)
        flow = self.run_words(words, (*assignments, *peeled.assignments), redirects, own, inner, place)
        for words in peeled.further:
            self.run_words(words, assignments, redirects, own, inner, place)
        return _as_wrapped(flow, place) if external else flow

    def found_paths(self, peeled: Wrapped, state: State) -> tuple[list[str], bool] | None:
        """What a find with one `-exec` finds, and whether each path has a run of its own."""
        if peeled.further or self.files is None:
            return None
        ends = [Word(Text.of("-exec"), "-exec", peeled.own[0].place), Word(Text.of("+"), "+", peeled.own[0].place)]
        asked = find_request((*peeled.own[1:], *ends), state.directory)
        if asked is None:
            return None
        paths = find_results(asked, self)
        return None if paths is None else (paths, peeled.each)

    def run_found(
        self,
        peeled: Wrapped,
        found: tuple[list[str], bool],
        redirects: tuple[Redirect, ...],
        state: State,
        context: Context,
        place: Place,
    ) -> Flow:
        """What find runs with the paths that it is known to find, in the place of `{}`."""
        paths, each = found
        self.emit(peeled.own, state, context._replace(wrappers=context.wrappers[:-1]), place, redirects=redirects)
        for group in [[path] for path in paths] if each else [paths] if paths else []:
            words: list[Word] = []
            for word in peeled.inner:
                if word.literal == "{}":
                    words += [replace(word, text=Text.of(path), globs=False) for path in group]
                elif each and "{}" in (word.literal or ""):
                    words.append(replace(word, text=Text.of((word.literal or "").replace("{}", group[0]))))
                else:
                    words.append(word)
            self.run_words(tuple(words), (), redirects, state.copy(), context, place)
        return Flow(Condition("leaf", place, presumed=True))

    def run_xargs(
        self, peeled: Wrapped, redirects: tuple[Redirect, ...], state: State, context: Context, place: Place
    ) -> Flow:
        """`xargs command`, with the words that the part of the pipeline before it prints, where they are known."""
        text = self.piped(context)
        rows = xargs_rows(peeled, text.literal) if text is not None and text.literal is not None else None
        if rows is not None:
            for words in rows:
                self.run_words(words, (), redirects, state.copy(), context, place)
            if not rows:
                self.emit(peeled.own[:1], state, context._replace(wrappers=context.wrappers[:-1]), place)
            return Flow(Condition("leaf", place, presumed=True))
        finder = self.finder(context)
        words = _with_unknown_words(peeled, peeled.inner)
        if finder is not None and words[-1].text.opaque and words[:-1] == peeled.inner:
            # `find … | xargs command` reaches what `find … -exec command {} +` does
            wrapper = Wrapper("find", finder.argv, finder.place)
            words = (*peeled.inner, Word(Text.of("{}"), "{}", peeled.inner[-1].place))
            context = context._replace(wrappers=(*context.wrappers, wrapper))
        return self.run_words(words, (), redirects, state, context, place)

    def finder(self, context: Context) -> Command | None:
        """The find that feeds this part of a pipeline, and nothing else."""
        pipe = context.pipe
        if pipe is None or not pipe.index:
            return None
        before = [command for command in self.commands if at_level(command, pipe.number, pipe.index - 1)]
        return before[0] if len(before) == 1 and before[0].name == "find" and before[0].argv else None

    def changed(self, peeled: Wrapped, state: State) -> State:
        """The state in which a wrapper runs its command."""
        other = state.copy()
        if peeled.clears:
            other.variables = {}
            other.environment = type(state.environment)({}, frozenset(), "empty")
        for variable in peeled.unsets:
            other.assign(variable, None)
        if peeled.user is not None:
            other.user = peeled.user
            if (peeled.own[0].literal or "").endswith("su") and peeled.user != ROOT:
                other.umask = None  # pam_umask, where the distribution has it in su's session
        if peeled.sets_home:
            other.home = home_of(other.user)
            other.variables = {name: value for name, value in other.variables.items() if name != "HOME"}
        if peeled.login:
            other.directory = home_of(other.user)
        if peeled.directory is not None:
            other.directory = join(state.directory, peeled.directory)
        return other

    def run_eval(
        self, peeled: Wrapped, redirects: tuple[Redirect, ...], state: State, context: Context, place: Place
    ) -> Flow:
        text = Text.of(*(piece for word in peeled.inner for piece in (word.text, " ")))
        if text.opaque:
            # What a program prints is mostly assignments (ssh-agent, dbus-launch): from here on any name may be set.
            state.opened = True
            outer = context._replace(wrappers=context.wrappers[:-1])
            self.emit((*peeled.own, *peeled.inner), state, outer, place, redirects=redirects)
            return Flow(Condition("leaf", place, presumed=True))
        if redirects:
            opening = self.emit((), state, context, place, redirects=redirects, compound=True)
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
            opening = self.emit((), state, context, place, redirects=redirects, compound=True)
            if self.cannot_open(opening, state, context):
                return self.after(Flow(constant(False, place)), context)
        other: Dialect = "sh" if self.dialect == "bash" else self.dialect
        script = self.parsed(mapped, context.script.path, "bash" if name == "bash" else other)
        child = state.child()
        for variable, value in assignments:
            child.assign(variable, value)
        child.exported = child.exported | {variable for variable, _ in assignments}
        if peeled.inner:
            child.script = peeled.inner[0].text
        child.arguments = tuple(ShellArgument(word.text, word.globs) for word in peeled.inner[1:])
        child.take_options(peeled.own[1:] if name in SHELLS else ())
        inner = self.in_new_shell(state, context)
        inner = inner._replace(script=script, external=False, exec=False, depth=context.depth + 1, subshell=True)
        flow = self.run(script.body, child, inner).absorbing("exit", "return", "break", "continue")
        return self.after(Flow(flow.condition), context)

    def fed_script(
        self, words: tuple[Word, ...], redirects: tuple[Redirect, ...], context: Context
    ) -> MappedText | None:
        """What a shell without operands reads on its standard input, where all of it is known."""
        if self.files is None or not is_shell(words[0]) or context.depth >= DEEPEST:
            return None
        literals = [word.literal or "?" for word in words[1:]]
        options = literals[: literals.index("-s")] if "-s" in literals else literals
        if not all(re.fullmatch(r"-[a-z]*|[-+]o|pipefail|errexit|nounset|xtrace", one) for one in options):
            return None
        if any("c" in one for one in options if one.startswith("-")):
            return None
        for redirect in reversed(redirects):
            if redirect.fd == 0:
                given = redirect.document.literal if redirect.document is not None else None
                return None if given is None else MappedText.whole(given, *redirect.begins)
        text = self.piped(context)
        span = words[0].place.span
        return None if text is None or not text.literal else MappedText.whole(text.literal, span.line, span.column)

    def run_fed(
        self,
        words: tuple[Word, ...],
        mapped: MappedText,
        assignments: tuple[tuple[str, Text], ...],
        redirects: tuple[Redirect, ...],
        state: State,
        context: Context,
        place: Place,
    ) -> Flow:
        """`bash -e <<EOF`."""
        at = next((index for index, word in enumerate(words) if word.literal == "-s"), len(words))
        own, rest = words[: at + 1], words[at + 1 :]
        wrapper = Wrapper((own[0].literal or "").rpartition("/")[2], own, place)
        peeled = Wrapped(own, (own[0], *rest), script=own[0])
        others = tuple(one for one in redirects if one.fd != 0)
        inner = context._replace(wrappers=(*context.wrappers, wrapper), external=True, pipe=None)
        return self.run_text(peeled, mapped, assignments, others, state, inner, place)

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
        peeled: Wrapped,
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
        return self.run_loaded(script, peeled.inner, assignments, redirects, state, context, place, peeled.own[1:])

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
        words: tuple[Word, ...],
        assignments: tuple[tuple[str, Text], ...],
        redirects: tuple[Redirect, ...],
        state: State,
        context: Context,
        place: Place,
        options: tuple[Word, ...] | None = None,
    ) -> Flow:
        """`words` are the script's name and its arguments, `options` those of the shell that is given it; None where the
        kernel starts it by its first line."""
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
            self.unread.append(Unread.behind(script.error, deep=script.deep))
        child = state.child()
        for variable, value in assignments:
            child.assign(variable, value)
        child.exported = child.exported | {variable for variable, _ in assignments}
        child.script = Text.of(words[0].literal or loaded.path)
        child.arguments = tuple(ShellArgument(word.text, word.globs) for word in words[1:])
        if options is None:
            child.errexit = bool(script.shebang and "e" in script.shebang.options)
            child.nounset = bool(script.shebang and "u" in script.shebang.options)
        child.take_options(options or ())
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
            excused=self.is_let_fail(state, context),
            depth=context.depth + 1,
            frames=(*context.frames, f"file {loaded.path}"),
        )
        flow = self.run(script.body, child, inner).absorbing("exit", "return", "break", "continue")
        condition = flow.condition
        if condition.value or (condition.value is False and self.files is None):
            condition = Condition("leaf", place, presumed=True)
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
            if (
                "/" in (command.arguments[0].literal or "")
                and self.is_let_fail(state, context)
                and self.kind(literal) == "nothing"
            ):
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


def _as_wrapped(flow: Flow, place: Place) -> Flow:
    """`gosu app true` succeeds where gosu does: that is presumed, and not known."""
    condition = flow.condition
    if condition.value is not True or condition.kind != "leaf" or condition.test is not None:
        return flow
    return flow._replace(condition=Condition("leaf", place, presumed=True))


def xargs_rows(peeled: Wrapped, text: str) -> list[tuple[Word, ...]] | None:
    """The command lines that xargs makes of what it reads; None where an option or a quote is not understood."""
    options = [word.literal for word in peeled.own[1:]]
    most, mark, separator = 0, "", ""
    at = 0
    while at < len(options):
        option = options[at] or "?"
        value = options[at + 1] if at + 1 < len(options) else None
        at += 1
        if option in ("-r", "--no-run-if-empty", "-t"):
            continue
        if option in ("-0", "--null", "-r0", "-0r"):
            separator = "\0"
        elif option in ("-d\\n", "-d\n"):
            separator = "\n"
        elif option in ("-n", "-L", "-l", "-P") and natural(value) is not None:
            most = most if option == "-P" else natural(value) or 0
            at += 1
        elif re.fullmatch(r"-[nLP][0-9]{1,6}", option):
            most = most if option[1] == "P" else natural(option[2:]) or 0
        elif option == "-I" and value:
            mark = value
            at += 1
        elif option.startswith("-I") and len(option) > 2:
            mark = option[2:]
        else:
            return None
    if not separator and any(character in text for character in "'\"\\"):
        return None
    if separator:
        items = [item for item in text.split(separator) if item]
    elif mark:
        items = [line.strip() for line in text.split("\n") if line.strip()]
    else:
        items = text.split()
    if len(items) > _MOST_ROWS:
        return None
    words = peeled.inner
    if mark:
        return [tuple(_with_item(one, mark, item) for one in words) for item in items]
    place = words[-1].place
    found = [Word(Text.of(item), item, place, True) for item in items]
    if not found:
        return [] if "-r" in options or "--no-run-if-empty" in options else [words]
    step = most or len(found)
    return [(*words, *found[at : at + step]) for at in range(0, len(found), step)]


def _with_item(word: Word, mark: str, item: str) -> Word:
    literal = word.literal or ""
    return replace(word, text=Text.of(literal.replace(mark, item))) if mark in literal else word


def _is_no_root(user: Text) -> bool:
    """Whether an account is surely another one than root."""
    name = (user.literal or "").partition(":")[0]
    return name not in ("", "root") and name.strip("0") != ""


def is_shell(word: Word) -> bool:
    return (word.literal or "").rpartition("/")[2] in SHELLS


def _changes(peeled: Wrapped) -> bool:
    return (
        peeled.user is not None
        or peeled.clears
        or bool(peeled.unsets)
        or peeled.login
        or peeled.directory is not None
        or peeled.script is not None
    )


def _with_unknown_words(peeled: Wrapped, words: tuple[Word, ...]) -> tuple[Word, ...]:
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
