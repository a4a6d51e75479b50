"""Start scripts: which interpreter reads them, whether they see the container's environment, and what they do."""

from collections.abc import Hashable, Iterable, Iterator, Sequence
from posixpath import basename
from typing import Literal

from ..commands.model import ROOT, Command, Environment, Glob, Load, Reading, Unread
from ..effects.model import Effect, Execute, MakeAccount, Opens
from ..effects.s6_directories import FINISH_SCRIPTS, INIT_SCRIPTS, S6_OVERLAY, SERVICES
from ..families.read import families
from ..image.image import EffectiveImage
from ..image.script_facts import ScriptFacts
from ..image.script_files import LONGEST, TOO_LONG, ScriptFiles, parsed, text_of
from ..image.tree import Node
from ..late.dataclasses import dataclass, replace
from ..s6.release import S6Release, release_of
from ..shell.execline import ExeclineScript
from ..shell.shebang import SHELLS, Dialect, Shebang, read_shebang
from ..text.errors import Unknown
from ..text.paths import S6_PATH
from ..text.places import MappedText, Place
from ..text.symbolic import Opaque, Text
from .readings import READINGS, Interpret

_PLAIN = SHELLS | {"busybox", "env", "execlineb"} | families().interpreters.keys()
"""Interpreters that add nothing to the environment."""

_OF_S6 = (f"{INIT_SCRIPTS}/", f"{FINISH_SCRIPTS}/", f"{SERVICES}/", f"{S6_OVERLAY}/")
_BELOW_RUN = Text.of("/run/", Opaque("the folder that s6-overlay starts it in"))


@dataclass(frozen=True, slots=True)
class StartScript:
    """A script that runs when the container starts.

    `path` is in the image. `reading` is None where the text is not at hand or is no shell script. `sees_environment`:
    whether the variables of the container are set in it. `interpreter` names the shell that is given the file, where it
    is not run by its own `#!`.
    """

    path: str
    node: Node
    place: Place
    shebang: Shebang | None
    reading: Reading | None
    effects: tuple[Effect, ...]
    sees_environment: bool | Unknown
    interpreter: str | None = None

    @property
    def commands(self) -> tuple[Command, ...]:
        return self.reading.commands if self.reading is not None else ()

    @property
    def data(self) -> bytes | None:
        return self.node.blob.data

    @property
    def shown(self) -> str:
        """The script's file as the user knows it."""
        return self.place.path


class ScriptReader:
    """Reads the start scripts of one image, each once, as they run for `user`."""

    def __init__(self, image: EffectiveImage, runtime: frozenset[str] = frozenset(), user: Text = ROOT) -> None:
        self.image = image
        self.user = user
        self.files = ScriptFiles(image.tree, image.sh)
        self.runtime = runtime
        self._values = {name: sourced.value for name, sourced in image.env.items()}
        self._generation: int | None = None

    def read(
        self,
        path: str,
        *,
        inherits: bool = False,
        interpreter: str | None = None,
        arguments: Sequence[Text] | None = None,
    ) -> StartScript | None:
        """The script at `path` of the image; None where no file is known there.

        `inherits` says that whoever runs it hands on the container's environment; `interpreter` names the shell that
        is given the file, where it is not run by its own `#!`. `arguments` are the words behind it, None where these are
        not known.
        """
        real = self.image.tree.resolve(path)
        node = self.image.tree.find(real)
        if node is None or node.kind != "file":
            return None
        if node.facts is not None:
            return self._stated(path, node, node.facts, inherits)
        data = node.blob.data
        shebang = read_shebang(data) if data is not None else None
        text = text_of(node) if data is not None else None
        refused = self._refused(data, text, shebang, interpreter)
        if data is None or refused is not None or len(data) > LONGEST:
            reason = Unknown(f"the content of {path} is not known")
            inserted = (*self._bound(self._inserted(node, reason), 4), *self._unread(node, refused))
            return StartScript(path, node, node.home, None, None, inserted, reason)
        sees = True if inherits else self.sees_environment(None if interpreter is not None else shebang)
        place = node.home
        reading = None
        effects: tuple[Effect, ...] = ()
        dialect = self.files.dialect(shebang, interpreter)
        if text is not None and dialect is not None:
            environment = self._environment(sees)
            reading, effects = self._interpret(text, place.path, dialect, environment, arguments, real)
        return StartScript(path, node, place, shebang, reading, effects, sees, interpreter)

    def _refused(
        self, data: bytes | None, text: MappedText | None, shebang: Shebang | None, interpreter: str | None
    ) -> str | None:
        """Why a script that a shell reads when the container starts is not read here; None where it is, or is none."""
        if data is None or (shebang is None and interpreter is None):
            return None
        if self.files.dialect(shebang, interpreter) is None:
            return None
        if text is None:
            return "the script holds what no text holds, so that it was not read" if shebang is not None else None
        return TOO_LONG if len(data) > LONGEST else None

    def _unread(self, node: Node, refused: str | None) -> tuple[Effect, ...]:
        from ..effects.read import effects_of_unread

        return effects_of_unread((Unread(node.home, refused, True),), self.user) if refused is not None else ()

    def _stated(self, path: str, node: Node, facts: ScriptFacts, inherits: bool) -> StartScript:
        """A script of which a profile tells what it does."""
        shebang = read_shebang(facts.shebang.encode("utf-8", "surrogateescape")) if facts.shebang else None
        stated = (
            facts.sees_environment
            if facts.sees_environment is not None
            else Unknown("a profile does not tell", "profile")
        )
        sees = True if inherits else stated
        effects = tuple(self._bound((*self._inserted(node, sees), *facts.effects), 4))
        return StartScript(path, node, node.home, shebang, None, effects, sees)

    def _bound(self, effects: Iterable[Effect], depth: int) -> Iterator[Effect]:
        """Effects that a profile states, with what the scripts do that they run and that this image holds.

        A profile tells that all of `/helx/*.sh` are run; which these are is another matter in each image.
        """
        read: set[Place] = set()
        for effect in effects:
            if isinstance(effect, Opens) and effect.place in read:
                continue
            called = self.called(effect) if isinstance(effect, Execute) and not effect.read and depth else None
            if called is None or not isinstance(effect, Execute):
                yield effect
                continue
            read.add(effect.place)
            for inner in called:
                yield replace(effect, path=Text.of(inner.path), globs=False, read=True)
                yield from (
                    replace(one, sure=one.sure and effect.sure) for one in self._bound(inner.effects, depth - 1)
                )

    def called(self, effect: Execute) -> tuple["StartScript", ...] | None:
        """The scripts that are run; None where it is not known which these are, or what one of them does."""
        path = effect.path.literal
        if path is None or not path.startswith("/"):
            return None
        if effect.globs:
            if isinstance(self.image.tree.closed(path.rpartition("/")[0] or "/"), Unknown):
                return None
            paths = self.image.tree.glob(path)
        else:
            paths = [path]
        given = _arguments_of(effect)
        found = [self.read(one, inherits=True, interpreter=effect.interpreter, arguments=given) for one in paths]
        scripts = [script for script in found if script is not None]
        known = all(script.reading is not None or script.node.facts is not None for script in scripts)
        return tuple(scripts) if known and len(scripts) == len(found) else None

    def line(self, path: str, node: Node, line: ExeclineScript, *, inherits: bool = False) -> StartScript:
        """A command line of an image's file that execline runs (`up` of a oneshot), as a script of its own."""
        from ..interpreter.interpret_execline import interpret_execline

        def interpreted(environment: Environment, load: Load, glob: Glob) -> Reading:
            return interpret_execline(line, node.home.path, environment, user=self.user, load=load, glob=glob)

        reading, effects = self._once((path, node.home.path, line), self._environment(inherits), (), interpreted)
        return StartScript(path, node, node.home, None, reading, effects, inherits)

    def started(self, words: Iterable[str], place: Place) -> Reading:
        """What starting `words` (ENTRYPOINT and CMD) amounts to, followed into the image's scripts with their arguments."""
        from shlex import join

        text = MappedText(join(words), ((0, place.line, place.span.column),))
        return self._interpret(text, place.path, "sh", self._environment(True))[0]

    def _inserted(self, node: Node, sees: bool | Unknown) -> tuple[Effect, ...]:
        """What the lines do that the build put into a script whose text is not known as a whole."""
        effects: list[Effect] = []
        for line in node.inserted:
            text = MappedText(line.text, ((0, line.place.line, line.place.span.column),))
            effects += self._interpret(text, line.place.path, "bash", self._environment(sees))[1]
        return tuple(effects)

    def sees_environment(self, shebang: Shebang | None) -> bool | Unknown:
        """Whether a script with that shebang, spawned by s6 itself, has the container's variables."""
        keep = self._values.get("S6_KEEP_ENV", "")
        if keep not in ("", "0"):
            return True
        cleared = self._cleared()
        if shebang is None:
            return cleared
        if shebang.with_contenv:
            return True
        interpreter = shebang.interpreter
        words = (interpreter, *shebang.arguments)
        if all(basename(word) in _PLAIN or word.startswith("-") for word in words):
            return cleared
        return self._wrapper_sees(interpreter)

    def _cleared(self) -> Literal[False] | Unknown:
        """False where s6 surely takes the container's variables away: an unknown parent may have set S6_KEEP_ENV."""
        unknown = self.image.env_open if self.image.known == "partial" else None
        return False if unknown is None or "S6_KEEP_ENV" in self._values else unknown

    def _wrapper_sees(self, interpreter: str) -> bool | Unknown:
        node = self.image.tree.find(interpreter)
        data = node.blob.data if node is not None else None
        if data is None:
            return Unknown(f"what the interpreter {interpreter} does is not known")
        return b"with-contenv" in data

    def _environment(self, sees: bool | Unknown) -> Environment:
        if sees is False:
            return Environment.cleared(self._values.get("PATH", S6_PATH))
        values = {name: value for name, value in self._values.items() if value}
        return Environment.at_start(values, self.runtime)

    def _interpret(
        self,
        text: MappedText,
        path: str,
        dialect: Dialect,
        environment: Environment,
        arguments: Sequence[Text] | None = (),
        in_image: str = "",
    ) -> tuple[Reading, tuple[Effect, ...]]:
        from ..interpreter.interpret import interpret

        script = parsed(text, path, dialect)

        directory = self._directory(in_image)

        def interpreted(environment: Environment, load: Load, glob: Glob) -> Reading:
            return interpret(
                script, environment, user=self.user, directory=directory, arguments=arguments, load=load, glob=glob
            )

        known_by = (in_image, path, dialect, text.text, tuple(text.anchors), directory)
        return self._once(known_by, environment, arguments, interpreted)

    def _directory(self, path: str) -> Text:
        """The folder that a script is started in: WORKDIR, but below /run where s6-overlay 3 starts it."""
        if path.startswith(_OF_S6):
            if self._generation is None:
                release = release_of(self.image)
                self._generation = release.generation if isinstance(release, S6Release) else 0
            if self._generation >= 3:
                return _BELOW_RUN
        workdir = self.image.workdir
        return Text.of(workdir.value.rstrip("/") or "/") if workdir is not None else Text.of("/")

    def _once(
        self, script: Hashable, environment: Environment, arguments: Sequence[Text] | None, interpreted: Interpret
    ) -> tuple[Reading, tuple[Effect, ...]]:
        files = self.files
        return READINGS.read(script, environment, self.user, arguments, files.load, files.glob, interpreted, _effects)


def _effects(reading: Reading) -> tuple[Effect, ...]:
    from ..effects.read import effects_of

    return effects_of(reading.commands, reading.unread)


def _arguments_of(effect: Execute) -> tuple[Text, ...] | None:
    """The words that a script is run with; None where the command is not at hand, or names the script otherwise."""
    argv = effect.command.argv if effect.command is not None else ()
    if not argv or argv[0].text != effect.path:
        return None
    return tuple(word.text for word in argv[1:])


def account_variables(effects: Iterable[Effect]) -> frozenset[str]:
    """The variables that name the accounts which `effects` make: they are given when the container starts."""
    names: set[str] = set()
    for effect in effects:
        if not isinstance(effect, MakeAccount):
            continue
        names.update(effect.name.variables)
        for text in (effect.uid, effect.home):
            if text is not None:
                names.update(text.variables)
        if effect.command is not None:
            for word in effect.command.argv:
                names.update(word.variables)
    return frozenset(names)


def home_of(effect: MakeAccount) -> Text:
    """The home of the account that is made: as given, else /home/NAME."""
    return effect.home if effect.home is not None else Text.of("/home/", effect.name)
