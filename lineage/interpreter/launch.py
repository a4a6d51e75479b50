"""Programs that run other commands: wrappers (`su`, `env`, `nice`, `time` …), find and xargs."""

from ..commands.built_in import BUILT_IN
from ..commands.conditions import Condition, constant
from ..commands.exit_status import ESSENTIAL
from ..commands.find_listing import find_request, find_results, with_found
from ..commands.model import ROOT, Command, Guard, Word, Wrapper
from ..commands.printed_text import at_level
from ..commands.state import State, home_of
from ..late.dataclasses import replace
from ..shell.shebang import SHELLS
from ..text.numbers import is_digits
from ..text.places import Place
from ..text.symbolic import Text
from ..text.symbolic_paths import join
from .flow import Context, Expanded, Flow
from .scripts import ScriptRunner, is_shell
from .wrapped import Wrapped
from .xargs import with_unknown_words, xargs_rows

_NEED_ROOT = frozenset(("su", "runuser", "setpriv", "chroot", "gosu", "su-exec", "s6-setuidgid"))
"""What runs a command as another user for root alone, or asks for a password that a build has not."""
_OWN_SHELL = frozenset(("command", "builtin", "eval", "time"))


class CommandLauncher(ScriptRunner):
    """Runs what a command hands on to another program."""

    def run_peeled(self, peeled: Wrapped, given: Expanded, state: State, context: Context) -> Flow:
        """`given` is the whole command, of which `peeled` tells the parts."""
        place = given.place
        name = (peeled.own[0].literal or "").rpartition("/")[2]
        wrapper = Wrapper(name, peeled.own, place, peeled.user)
        external = context.external or name not in _OWN_SHELL
        inner = context._replace(
            wrappers=(*context.wrappers, wrapper), external=external, exec=context.exec or peeled.exec
        )
        if name == "builtin" and peeled.inner and (peeled.inner[0].literal or ":") not in BUILT_IN:
            self.emit(Expanded(peeled.own, place, given.redirects), state, context)
            return Flow(constant(False, place))
        if peeled.evaluated:
            return self.run_eval(peeled, given, state, inner)
        there = self.is_account(peeled.user) if self.is_let_fail(state, context) else True
        if there is False:
            self.emit(Expanded((), place, given.redirects), state, inner, compound=True)
            return Flow(constant(False, place))
        if self.is_let_fail(state, context) and (
            there is None or (name in _NEED_ROOT and _is_no_root(state.user)) or self.may_lack(name, peeled.own[0])
        ):
            self.run_peeled_as_allowed(peeled, given, state, inner.under((Guard("&&", place),)))
            return Flow(Condition("leaf", place))
        return self.run_peeled_as_allowed(peeled, given, state, inner)

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

    def run_peeled_as_allowed(self, peeled: Wrapped, given: Expanded, state: State, inner: Context) -> Flow:
        wrapper = inner.wrappers[-1]
        name, external = wrapper.name, inner.external
        context = inner._replace(wrappers=inner.wrappers[:-1])
        if peeled.shell:
            return self.run_file(peeled, given, state, inner)
        own = self.changed(peeled, state) if _changes(peeled) else state
        further = [given._replace(words=words) for words in peeled.further]
        given = given._replace(assignments=(*given.assignments, *peeled.assignments))
        if peeled.script is not None:
            mapped = self.word_text(peeled.script, state, context)
            flow = self.run_text(peeled, mapped, given, own, inner)
            return flow if name in SHELLS else _as_wrapped(flow, given.place)
        words = peeled.inner
        if peeled.appends:
            return self.run_xargs(peeled, given, own, inner)
        if name == "find":
            paths = self.found_paths(peeled, state)
            if paths is not None:
                return self.run_found(peeled, paths, given, own, inner)
            if words and is_shell(words[0]):  # what it is given has names there: `$0`, `$1`, `$@`
                words = with_found(words, wrapper)
        flow = self.run_words(given._replace(words=words), own, inner)
        for one in further:
            self.run_words(one, own, inner)
        return _as_wrapped(flow, given.place) if external else flow

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
        self, peeled: Wrapped, found: tuple[list[str], bool], given: Expanded, state: State, context: Context
    ) -> Flow:
        """What find runs with the paths that it is known to find, in the place of `{}`."""
        paths, each = found
        given = given._replace(assignments=())
        self.emit(given._replace(words=peeled.own), state, context._replace(wrappers=context.wrappers[:-1]))
        for group in [[path] for path in paths] if each else [paths] if paths else []:
            words: list[Word] = []
            for word in peeled.inner:
                if word.literal == "{}":
                    words += [replace(word, text=Text.of(path), globs=False) for path in group]
                elif each and "{}" in (word.literal or ""):
                    words.append(replace(word, text=Text.of((word.literal or "").replace("{}", group[0]))))
                else:
                    words.append(word)
            self.run_words(given._replace(words=tuple(words)), state.copy(), context)
        return Flow(Condition("leaf", given.place, presumed=True))

    def run_xargs(self, peeled: Wrapped, given: Expanded, state: State, context: Context) -> Flow:
        """`xargs command`, with the words that the part of the pipeline before it prints, where they are known."""
        given = given._replace(assignments=())
        text = self.piped(context)
        rows = xargs_rows(peeled, text.literal) if text is not None and text.literal is not None else None
        if rows is not None:
            for words in rows:
                self.run_words(given._replace(words=words), state.copy(), context)
            if not rows:
                self.emit(
                    Expanded(peeled.own[:1], given.place), state, context._replace(wrappers=context.wrappers[:-1])
                )
            return Flow(Condition("leaf", given.place, presumed=True))
        finder = self.finder(context)
        words = with_unknown_words(peeled, peeled.inner)
        if finder is not None and words[-1].text.opaque and words[:-1] == peeled.inner:
            # `find … | xargs command` reaches what `find … -exec command {} +` does
            wrapper = Wrapper("find", finder.argv, finder.place)
            words = (*peeled.inner, Word(Text.of("{}"), "{}", peeled.inner[-1].place))
            context = context._replace(wrappers=(*context.wrappers, wrapper))
        return self.run_words(given._replace(words=words), state, context)

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


def _as_wrapped(flow: Flow, place: Place) -> Flow:
    """`gosu app true` succeeds where gosu does: that is presumed, and not known."""
    condition = flow.condition
    if condition.value is not True or condition.kind != "leaf" or condition.test is not None:
        return flow
    return flow._replace(condition=Condition("leaf", place, presumed=True))


def _is_no_root(user: Text) -> bool:
    """Whether an account is surely another one than root."""
    name = (user.literal or "").partition(":")[0]
    return name not in ("", "root") and name.strip("0") != ""


def _changes(peeled: Wrapped) -> bool:
    return (
        peeled.user is not None
        or peeled.clears
        or bool(peeled.unsets)
        or peeled.login
        or peeled.directory is not None
        or peeled.script is not None
    )
