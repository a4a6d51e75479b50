"""What all commands of one reading share: the commands found so far, the limits, substitutions."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Literal

from ..commands.conditions import Condition
from ..commands.expansion import Expander
from ..commands.model import Command, Glob, KnownFiles, Load, LoadedScript, Pipe, Unread
from ..commands.outputs import output_of
from ..commands.printed_text import at_level, fed, printed_by
from ..commands.redirections import unopened
from ..commands.state import Notes, State, home_of, unknown
from ..shell.parse import Node, Script, Simple, parse_script
from ..shell.shebang import Dialect
from ..shell.word_parts import Substitution
from ..text.places import MappedText, Place
from ..text.symbolic import Text
from ..text.symbolic_paths import base_name
from .flow import Context, Expanded, Flow, Leak

_STEPS = 20_000


DEEPEST = 8


class StepsExhausted(Exception):  # noqa: N818 - it is a limit, not an error
    """A script does more than is followed; `place` is where that was noticed."""

    def __init__(self, place: Place) -> None:
        super().__init__(str(place))
        self.place = place


class Runner(ABC):
    """Collects the commands of one reading. `run` and `run_words` are given by those who walk the two languages."""

    def __init__(self, load: Load | None, glob: Glob | None, dialect: Dialect, files: KnownFiles | None = None) -> None:
        self.load = load
        self.glob = glob if files is None or glob is None else self.globbed(glob)
        self.files = files
        self.dialect: Dialect = dialect
        self.commands: list[Command] = []
        self.unread: list[Unread] = []
        self.notes = Notes()
        self.steps = 0
        self.walked: int = 0
        """What was gone through: nodes of the scripts, and the texts of evals."""
        self.inside: int = 0
        """What of `walked` was the script itself, and none that it runs."""
        self.traps: list[tuple[MappedText, Context]] = []
        self.frames: list[dict[str, Text | None]] = []
        self.found: dict[str, LoadedScript | None] = {}
        self.substituted: Condition | None = None
        """The exit status of the last command substitution."""
        self.fed: list[tuple[Text | None, Pipe | None]] = []
        """What the compound commands that are being run read on their standard input, and in which pipeline they are."""

    def count(self, steps: int, context: Context) -> None:
        """Take steps of the reading."""
        self.walked += steps
        self.inside += 0 if any(frame.startswith("file ") for frame in context.frames) else steps

    @abstractmethod
    def run(self, node: Node, state: State, context: Context) -> Flow: ...

    @abstractmethod
    def run_words(self, given: Expanded, state: State, context: Context) -> Flow: ...

    def catch_up(self) -> KnownFiles | None:
        """The files as the commands so far have left them."""
        files = self.files
        if files is not None:
            last = self.commands[-1] if self.commands else None
            unfinished = last is not None and last.name in (".", "source") and not last.loaded
            if files.catch_up(self.commands[:-1] if unfinished else self.commands):
                self.found.clear()
        return files

    def globbed(self, glob: Glob) -> Glob:
        def matches(pattern: str) -> tuple[str, ...] | None:
            self.catch_up()
            return glob(pattern)

        return matches

    def is_let_fail(self, state: State, context: Context) -> bool:
        """Whether a RUN goes on where a command fails."""
        let = context.tolerated or context.excused or not state.errexit
        return self.files is not None and not context.checked and let

    def is_looked_at(self, state: State, context: Context) -> bool:
        """Whether what follows a command of a RUN depends on whether it fails."""
        looks = context.tolerated or (context.excused and state.errexit)
        return self.files is not None and not context.checked and looks

    def cannot_open(self, command: Command, state: State, context: Context) -> bool:
        """Whether a redirection surely cannot be opened, so that the shell does not run the command and goes on."""
        files = self.files
        if files is None or not command.redirects or not self.is_let_fail(state, context):
            return False
        self.catch_up()
        return unopened(command, files)

    # The image's files as the commands so far have left them (`Sight`)

    def text(self, path: str) -> str | None:
        files = self.catch_up()
        return files.text(path) if files is not None else None

    def kind(self, path: str, *, follow: bool = True) -> Literal["file", "directory", "link", "nothing"] | None:
        files = self.catch_up()
        return files.kind(path, follow=follow) if files is not None else None

    def home(self, name: str) -> str | None:
        files = self.catch_up()
        return files.home(name) if files is not None else None

    def below(self, path: str) -> Sequence[tuple[str, str]] | None:
        files = self.catch_up()
        return files.below(path) if files is not None else None

    def expander(self, state: State, context: Context) -> Expander:
        def substitute(part: Substitution, text: MappedText) -> tuple[Text, bool]:
            return self.substitute(part, text, state, context)

        script = context.script
        expander = Expander(
            state,
            self.notes,
            script.text,
            script.path,
            substitute,
            bash=script.dialect == "bash",
            glob=self.glob,
            certain=self.files is not None and not context.guards,
        )
        expander.home = self.home
        return expander

    def emit(
        self,
        given: Expanded,
        state: State,
        context: Context,
        *,
        function: bool = False,
        loaded: bool = False,
        compound: bool = False,
    ) -> Command:
        words, place, redirects, assignments = given
        self.steps += 1
        if self.steps > _STEPS:
            raise StepsExhausted(place)
        program = words[0].literal if words else ""
        name = (base_name(words[0].text).literal or "") if program is None else program.rpartition("/")[2]
        command = Command(
            words,
            name,
            place,
            state.user,
            state.directory,
            context.guards,
            all(guard.presumed for guard in context.guards),
            context.wrappers,
            assignments,
            redirects,
            context.exec,
            context.background,
            context.subshell,
            context.substitution,
            context.pipe,
            not context.checked and (context.tolerated or context.excused or not state.errexit),
            state.errexit,
            context.loop,
            function,
            loaded,
            compound,
            context.script.dialect,
            state.value("HOME") or home_of(state.user),
            context.callers,
            state.umask,
            None,
            state.known(),
        )
        self.commands.append(command)
        return command

    def after(self, flow: Flow, context: Context) -> Flow:
        """After `exec` nothing follows."""
        return Flow(flow.condition, False, (Leak("exit", context.guards, "exec"),)) if context.exec else flow

    def parsed(self, text: MappedText, path: str, dialect: Dialect) -> Script:
        script = parse_script(text, path, dialect)
        if script.error is not None:
            self.unread.append(Unread.behind(script.error, deep=script.deep))
        return script

    def substitute(self, part: Substitution, text: MappedText, state: State, context: Context) -> tuple[Text, bool]:
        if context.depth >= DEEPEST * 2:
            return unknown("the output of a command"), False
        script = self.parsed(text, context.script.path, context.script.dialect)
        first = len(self.commands)
        inner = context._replace(
            script=script,
            depth=context.depth + 1,
            subshell=True,
            substitution=True,
            exec=False,
            external=False,
            wrappers=(),
            pipe=None,
            tolerated=True,
            checked=False,
        )
        self.substituted = self.run(script.body, state.copy(), inner).condition
        made = self.commands[first:]
        if part.process:
            return unknown("a pipe to a command"), False
        text_known = self.printed(made)
        if text_known is not None:
            return text_known, False
        simple = len(script.body.items) == 1 and isinstance(script.body.items[0][0], Simple)
        if simple and made and not any(command.guards != context.guards for command in made[-1:]):
            known = output_of(made[-1], state.environment.machine)
            if known is not None:
                return known
        return unknown(f"the output of {part.source.strip()[:60]}"), False

    def document_of(self, command: Command) -> Text | None:
        """What a command's redirections put on its standard input."""
        for redirect in reversed(command.redirects):
            if redirect.fd == 0:
                return fed(command, (), self)
        return None

    def piped(self, context: Context) -> Text | None:
        """What the part of a pipeline before this one prints, where that is known."""
        pipe = context.pipe
        if pipe is None or pipe.index == 0:
            return None
        before = [command for command in self.commands if at_level(command, pipe.number, pipe.index - 1)]
        return printed_by(before, pipe.number, self)

    def revise(self, index: int, command: Command) -> None:
        """Replace a command by one of which more is known now."""
        self.commands[index] = command
        if self.files is not None:
            self.files.revise(index, command)

    def printed(self, commands: list[Command]) -> Text | None:
        """What a command substitution gives, where all that its commands print is known."""
        if not commands or any(command.guards != commands[0].guards for command in commands):
            return None
        text = printed_by(commands, None, self)
        if text is None:
            return None
        pieces = list(text.pieces)
        while pieces and isinstance(pieces[-1], str):
            stripped = pieces[-1].rstrip("\n")
            if stripped:
                pieces[-1] = stripped
                break
            pieces.pop()
        return Text.of(*pieces)

    def run_traps(self, state: State, context: Context) -> None:
        """What `trap … EXIT` runs at the end."""
        for text, outer in self.traps:
            script = self.parsed(text, context.script.path, context.script.dialect)
            self.run(script.body, state, outer._replace(script=script, tolerated=True, checked=False))
