"""What a RUN does to the image, read off its commands."""

from collections.abc import Mapping
from posixpath import basename

from ..commands.model import Environment, KnownFiles, Reading, VariableMention
from ..dockerfile.instruction import Instruction
from ..dockerfile.run_script import RunScript, run_script
from ..effects.model import Effect, Opens
from ..image.accounts import Account, Accounts
from ..image.image import BuildStep, EffectiveImage
from ..image.script_files import ScriptFiles, parsed
from ..interpreter.interpret import interpret
from ..late.dataclasses import dataclass, replace
from ..shell.shebang import Dialect, read_shebang
from ..text.numbers import is_digits, natural
from ..text.places import MappedText, Place
from ..text.symbolic import Text
from .apply import apply
from .build_state import BuildState
from .files_during_run import RunFiles


@dataclass(frozen=True, slots=True)
class RunEffects:
    """What a RUN does, in order, and the variables that it expands."""

    effects: tuple[Effect, ...]
    mentions: tuple[VariableMention, ...] = ()


def apply_run(
    state: BuildState,
    instruction: Instruction,
    path: str,
    environment: Environment,
    files: ScriptFiles,
    shell: tuple[str, ...],
    user: Text,
    directory: str,
) -> RunEffects:
    """Apply a RUN to the state of the build, and give what it does, in order. `path` is the Dockerfile as shown,
    `shell` the stage's SHELL."""
    live = RunFiles(state)
    reading = read_run(instruction, path, environment, files, shell, user, directory, live)
    if isinstance(reading, Reading):
        return RunEffects(live.finish(reading, user), reading.mentions)
    place = Place(path, instruction.span)
    opens = Opens(place=place, user=user, reason=f"{place} runs {reading}, which may write anywhere")
    apply(state, opens)
    return RunEffects((opens,))


def run_environment(
    env: Mapping[str, str], user: str, accounts: Accounts, *, open: bool, machine: str = ""
) -> Environment:
    """What a RUN finds set: ENV and ARG, and HOME, which the runtime takes from /etc/passwd where the image has none.

    `open` where the parent's ENV is not known: it may set HOME (runc, libcontainer/init_linux.go, finalizeNamespace).
    `machine` is the architecture that is built for, as Go calls it.
    """
    if "HOME" not in env and not open:
        uid = natural(user)
        account = accounts.by_uid(uid) if uid is not None else accounts.get(user)
        if isinstance(account, Account) and account.home is not None:
            env = {**env, "HOME": account.home}
        elif account is None and is_digits(user):
            env = {**env, "HOME": "/"}
        else:
            return replace(Environment.at_build(env), runtime=frozenset(("HOME",)), machine=machine)
    return replace(Environment.at_build(env, open=open), machine=machine)


def read_run(
    instruction: Instruction,
    path: str,
    environment: Environment,
    files: ScriptFiles,
    shell: tuple[str, ...],
    user: Text,
    directory: str,
    live: KnownFiles | None = None,
) -> Reading | str:
    """The commands of a RUN; the name of the program where no shell reads it."""
    script = run_script(instruction)
    errexit = any(flag.startswith("-") and not flag.startswith("--") and "e" in flag for flag in shell[1:])
    pipefail = "pipefail" in shell[1:]
    if script is None:
        return _exec_form(instruction, path, environment, files, user, directory, live)
    interpreter = shell[0] if shell else "/bin/sh"
    text = script.text
    if script.kind == "file":
        shebang = read_shebang(text.text[:300].encode("utf-8", "surrogateescape"))
        interpreter = (shebang.shell or "") if shebang is not None else interpreter
        errexit, pipefail = shebang is not None and "e" in shebang.options, False
    elif script.fed is not None and _reads_other_language(script):
        return basename(script.reader[0])
    dialect = files.shell(interpreter)
    if dialect is None:
        return basename(interpreter)
    return _read(text, path, environment, dialect, files, user, directory, errexit, live, pipefail=pipefail)


def _reads_other_language(script: RunScript) -> bool:
    return bool(script.reader) and basename(script.reader[0]).startswith(("python", "perl", "node", "ruby", "php"))


def _exec_form(
    instruction: Instruction,
    path: str,
    environment: Environment,
    files: ScriptFiles,
    user: Text,
    directory: str,
    live: KnownFiles | None,
) -> Reading | str:
    words = instruction.arguments
    if not words:
        return "nothing"
    dialect = files.shell(words[0])
    if dialect is not None and len(words) == 3 and words[1].startswith("-") and words[1].endswith("c"):
        start, _ = instruction.argument_places[2]
        text = MappedText(words[2], ((0, *instruction.line.position(start + 1)),))
        return _read(text, path, environment, dialect, files, user, directory, "e" in words[1], live)
    quoted = " ".join("'" + word.replace("'", "'\\''") + "'" for word in words)
    span = instruction.argument_span(0)
    text = MappedText(quoted, ((0, span.line, span.column),))
    return _read(text, path, environment, "sh", files, user, directory, False, live)


def _read(
    text: MappedText,
    path: str,
    environment: Environment,
    dialect: Dialect,
    files: ScriptFiles,
    user: Text,
    directory: str,
    errexit: bool,
    live: KnownFiles | None,
    *,
    pipefail: bool = False,
) -> Reading:
    return interpret(
        parsed(text, path, dialect),
        environment,
        user=user,
        directory=Text.of(directory),
        load=files.load,
        glob=files.glob,
        errexit=errexit,
        pipefail=pipefail,
        must_succeed=True,
        files=live,
    )


_SHELL = ("/bin/sh", "-c")


def shell_of(image: EffectiveImage) -> tuple[str, ...]:
    """What reads a RUN of the image that is no exec form, with its options."""
    return image.shell.value if image.shell is not None else _SHELL


def reading_of(image: EffectiveImage, step: BuildStep) -> Reading | None:
    """The commands of the RUN; None where no shell reads it. Scripts that it runs are not followed into."""
    user = step.user.split(":")[0] or "root"
    reading = read_run(
        step.instruction,
        step.place.path,
        run_environment(step.env, user, step.accounts, open=step.env_open is not None),
        ScriptFiles(image.tree, image.sh),
        shell_of(image),
        Text.of(user),
        step.workdir,
    )
    return reading if isinstance(reading, Reading) else None
