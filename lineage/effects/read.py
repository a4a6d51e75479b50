"""Commands → effects: what a script or a RUN does to files, modes and accounts."""

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import dropwhile

from ..commands.model import Command, Sight, Unread, Wrapper
from ..commands.printed_text import output
from ..commands.redirections import unopened
from ..families.read import families
from ..interpreter.wrapped import account_of
from ..late.dataclasses import replace
from ..late.patterns import pattern
from ..shell.shebang import SHELLS
from ..text.paths import is_of_the_kernel
from ..text.places import Place
from ..text.symbolic import Opaque, Text
from ..text.symbolic_paths import join
from .account_commands import ACCOUNT_COMMANDS, written_accounts
from .archives import ARCHIVE_COMMANDS
from .file_commands import FILE_COMMANDS
from .harmless import HARMLESS, SESSION_PROGRAMS, WRITES_BELOW
from .mentioned import mentioned
from .model import Effect, Execute, NeedAccount, Opens, Unpack, Write
from .modes import MODE_COMMANDS
from .operation import Operation, is_number
from .packages import PACKAGE_COMMANDS, configure, pip_install
from .places import IMAGE_PLACES, S6_PLACES
from .transfers import TRANSFER_COMMANDS, download_address
from .writes import WRITE_COMMANDS

_READERS = {
    **FILE_COMMANDS,
    **MODE_COMMANDS,
    **WRITE_COMMANDS,
    **ACCOUNT_COMMANDS,
    **ARCHIVE_COMMANDS,
    **TRANSFER_COMMANDS,
    **PACKAGE_COMMANDS,
}


def _reader_like(name: str, same: str) -> Callable[[Operation], Iterator[Effect]]:
    """The reader of what a family's command does the same as. Raises ValueError where there is none."""
    if same not in _READERS:
        known = f"lineage/families says that `{name}` does what `{same}` does, and effects of that are not read"
        raise ValueError(f"{known}; a command that changes nothing is to be named under `harmless`.")
    return _READERS[same]


_READERS.update({name: _reader_like(name, same) for name, same in families().commands.items()})
INTERPRETERS = ("python", "perl", "ruby", "node", "php", "lua")
_FETCHES = pattern(r"[$<]\((?:[^)$<]|[$<](?!\())*\b(?:curl|wget)\b|`[^`]*\b(?:curl|wget)\b")
_MAY_MAKE_ACCOUNTS = pattern(r"(?i)user|account|setup|install|provision|\Arun-parts\b")
"""What the command of a program that is not known says, where it may make accounts."""
_ON_FILES = frozenset((*FILE_COMMANDS, *MODE_COMMANDS, *WRITE_COMMANDS, *ACCOUNT_COMMANDS, *TRANSFER_COMMANDS))
_OF_PROGRAMS = ("bin", "sbin", "busybox")
_S6_INSTALLER = pattern(r"\As6-overlay-[\w$-]+-installer\Z")
_CONFIGURES = frozenset(("configure", "autogen.sh", "bootstrap.sh", "config", "Configure", "buildconf"))
_HARMLESS_SOURCES = (
    "os-release",
    "lsb-release",
    "profile",
    "environment",
    ".bashrc",
    ".profile",
    "activate",
    "envvars",
    "nvm.sh",
    "conda.sh",
)


def effects_of(commands: Sequence[Command], unread: Sequence[Unread] = ()) -> tuple[Effect, ...]:
    """The effects of commands, in the order in which they happen.

    A program that is not known gives `Opens`; so does each of `unread`, the parts of a script that were not read.
    """
    reader = EffectReader()
    effects = [effect for command in commands for effect in reader.read(command)]
    effects.extend(effects_of_unread(unread, commands[-1].user if commands else Text.of("root")))
    return tuple(effects)


def effects_of_unread(unread: Sequence[Unread], user: Text) -> tuple[Effect, ...]:
    """What the parts of a script do that could not be read: anything."""
    return tuple(
        Opens(place=one.place, user=user, reason=f"{one.place}: {one.reason}", may_remove=True, limit=one.limit)
        for one in unread
    )


class EffectReader:
    """Reads commands one after the other, as they follow in a script: pipelines and downloads reach from one to the
    next. `sight` is what is known of the image's files when a command runs.
    """

    def __init__(self, sight: Sight | None = None) -> None:
        self.sight = sight
        self.downloads: dict[str, str] = {}
        self.switched: set[int] = set()
        self.pipeline: list[Command] = []
        self.sourced = False
        """Whether a file was sourced that cannot be read: a command that is no known program may be its function."""

    def read(self, command: Command) -> tuple[Effect, ...]:
        """The effects of the next command."""
        pipe = command.pipe
        before: Sequence[Command] = ()
        if pipe is None:
            self.pipeline = []
        else:
            if self.pipeline and self.pipeline[0].pipe is not None and self.pipeline[0].pipe.number != pipe.number:
                self.pipeline = []
            before = [one for one in self.pipeline if one.pipe is not None and one.pipe.index < pipe.index]
            self.pipeline.append(command)
        operation = Operation(command, before, self.downloads, self.sight)
        if self.cannot_start(operation):
            return ()
        effects = [*_switches(operation, self.switched), *_redirects(operation)]
        if command.argv and not command.function:
            done = tuple(_command(operation))
            effects.extend(map(_may_make_accounts, done) if self.sourced and _is_no_program(operation) else done)
            self.sourced = self.sourced or (command.name in (".", "source") and bool(done))
        return tuple(effects)

    def cannot_start(self, operation: Operation) -> bool:
        """Whether the shell surely cannot open a file that the command is to read or write, so that it is not run."""
        return self.sight is not None and unopened(operation.command, self.sight)


def _may_make_accounts(effect: Effect) -> Effect:
    return replace(effect, accounts=True) if isinstance(effect, Opens) else effect


def _is_no_program(operation: Operation) -> bool:
    """Whether nothing is known of a command that is called by its name."""
    return "/" not in operation.command.argv[0].text.canonical and not _is_known(operation)


def _switches(operation: Operation, seen: set[int]) -> Iterator[Effect]:
    """The accounts that sudo, su, s6-setuidgid … need; each mention once, though a wrapper may run several commands."""
    for wrapper in operation.command.wrappers:
        if wrapper.user is None or id(wrapper) in seen:
            continue
        seen.add(id(wrapper))
        account = account_of(wrapper.user)
        if not account.pieces or account.literal == "root" or is_number(account):
            continue
        if len(account.pieces) == 1 and isinstance(account.pieces[0], Opaque):
            continue
        yield NeedAccount(
            place=_user_place(wrapper, account),
            user=operation.command.user,
            sure=operation.command.sure,
            command=operation.command,
            name=account,
            by=wrapper.name,
        )


def _user_place(wrapper: Wrapper, account: Text) -> Place:
    word = next((word for word in wrapper.argv[1:] if account_of(word.text) == account), None)
    return word.place if word is not None else wrapper.place


def _redirects(operation: Operation) -> Iterator[Effect]:
    command = operation.command
    for redirect in command.redirects:
        if not redirect.writes or redirect.target is None:
            continue
        path = operation.one_path(redirect.target)
        literal = path.literal or ""
        if is_of_the_kernel(literal) or not redirect.target.text.pieces:
            continue
        content = output(command, operation.before, operation.sight) if redirect.fd == 1 else None
        append = redirect.operator.endswith(">>")
        if redirect.operator == "<>":
            content, append = None, True
        yield operation.make(Write, redirect.target, path=path, content=content, append=append)
        if literal in ("/etc/passwd", "/etc/group") and content is not None:
            yield from written_accounts(operation, redirect.target, literal, content)


def _command(operation: Operation) -> Iterator[Effect]:
    command = operation.command
    root = next((wrapper for wrapper in command.wrappers if wrapper.name == "chroot"), None)
    if root is not None:
        yield operation.opens("runs a command in a changed root directory", (root.argv[-1].text,), may_remove=True)
        return
    name = command.name
    if name in SHELLS:
        yield from _shell(operation)
        return
    if name in ("eval", ".", "source") and any(_FETCHES.search(word.raw) for word in operation.words):
        yield _anything(operation)
        return
    if name in (".", "source"):
        yield from _source(operation)
        return
    if command.loaded or ("/" in (command.argv[0].text.canonical) and not _is_known(operation)):
        yield from _run_by_path(operation)
        return
    reader = _READERS.get(name)
    if reader is not None:
        yield from reader(operation)
        if operation.does == "tee":
            yield from _tee_accounts(operation)
        return
    if name in HARMLESS or command.argv[0].literal == "\r":
        return
    yield from _elsewhere(operation)


def returns(name: str) -> bool:
    """Whether a program is one that does its work on files, accounts or packages, and ends."""
    return name in _READERS or name in HARMLESS


def _is_known(operation: Operation) -> bool:
    """Whether a program run by its path is one that is known, in a directory where such programs are."""
    name = operation.name
    folder = operation.command.argv[0].text.canonical.rpartition("/")[0]
    if folder and name in _ON_FILES and folder.rpartition("/")[2] not in _OF_PROGRAMS:
        return False  # `./install` is a script of its own
    known = name in _READERS or name in HARMLESS or name in WRITES_BELOW or _is_interpreter(name)
    return known or name in SESSION_PROGRAMS


def _is_interpreter(name: str) -> bool:
    """Whether a program runs the file that it is given, and is no shell whose text is read with the command."""
    return name.startswith(INTERPRETERS) or name in families().interpreters


def _tee_accounts(operation: Operation) -> Iterator[Effect]:
    content = operation.input
    if content is None:
        return
    for word in operation.words:
        if word.literal in ("/etc/passwd", "/etc/group"):
            yield from written_accounts(operation, word, word.literal, content)


def _elsewhere(operation: Operation) -> Iterator[Effect]:
    """Programs without a reader of their own."""
    name = operation.name
    if name in WRITES_BELOW:
        if WRITES_BELOW[name] and not _only_asked(operation):
            yield operation.opens(f"runs {name}", WRITES_BELOW[name])
    elif name in SESSION_PROGRAMS:
        home = operation.home()
        yield operation.opens(f"runs {name}", (home + "/.config", home + "/.cache", home + "/.local", "/tmp", "/run"))
    elif _is_interpreter(name):
        yield from _interpreter(operation)
    elif _only_asked(operation):
        return
    else:
        program = operation.command.argv[0].text.canonical
        does = f"runs {program}, which may write anywhere"
        accounts = _MAY_MAKE_ACCOUNTS.search(str(operation.command)) is not None
        yield operation.opens(does, ("/",), S6_PLACES, may_remove=True, handles=mentioned(operation), accounts=accounts)


def _only_asked(operation: Operation) -> bool:
    """`prog --version`, `prog --help`."""
    words = [word.literal for word in operation.words]
    return len(words) == 1 and words[0] in ("--version", "-version", "-V", "--help", "-help", "status")


def _shell(operation: Operation) -> Iterator[Effect]:
    """A shell whose script was not read: piped into it, or a file that is not known."""
    words = list(dropwhile(lambda word: word.text.prefix.startswith(("-", "+")), operation.words))
    fetched = next((address for one in operation.before if (address := download_address(one)) is not None), None)
    if fetched is not None:
        does = f"runs what it fetches from {fetched}, which may write anywhere"
        yield operation.opens(does, may_remove=True, fetched=fetched)
        return
    if _only_asked(operation):
        return
    if any(word.literal == "-c" for word in operation.words):
        yield _anything(operation)
        return
    if words:
        path = operation.path(words[0])
        arguments = tuple(word.text for word in words[1:])
        yield operation.make(
            Execute, words[0], path=path, arguments=arguments, interpreter=operation.name, globs=words[0].globs
        )
        yield from _unread_script(operation, path)
    elif operation.before or operation.command.redirects:
        yield _anything(operation)


def _anything(operation: Operation) -> Effect:
    does = "runs commands that cannot be read, which may write anywhere"
    return operation.opens(does, may_remove=True, handles=mentioned(operation))


def _unread_script(operation: Operation, path: Text) -> Iterator[Effect]:
    prefix = _constructor_prefix(operation)
    if prefix is not None:
        home = operation.home()
        yield operation.opens(f"installs into {prefix}", (prefix, home + "/.conda", home + "/.cache"))
        return
    yield operation.opens(f"runs {path}, which may write anywhere", may_remove=True, handles=mentioned(operation))


def _constructor_prefix(operation: Operation) -> Text | None:
    """The `-p PREFIX` of an installer made by conda's constructor (Miniconda, Miniforge, napari), run with `-b`."""
    options = operation.options("p", ("--prefix",))
    prefix = options.text("-p", "--prefix")
    return prefix if prefix is not None and options.has("-b") else None


def _source(operation: Operation) -> Iterator[Effect]:
    if operation.command.loaded or not operation.words:
        return
    word = operation.words[0]
    path = operation.path(word)
    if (
        "/" in word.text.canonical
        and operation.sight is not None
        and operation.sight.kind(path.literal or "/") == "nothing"
    ):
        return
    if not path.canonical.endswith(_HARMLESS_SOURCES):
        yield operation.opens(f"sources {path}, which may do anything", ("/",), S6_PLACES, may_remove=True)


def _run_by_path(operation: Operation) -> Iterator[Effect]:
    command = operation.command
    word = command.argv[0]
    interpreter = next((wrapper.name for wrapper in command.wrappers[-1:] if _is_given_the_file(wrapper)), None)
    path = join(command.directory, word.text) if "/" in word.text.canonical else word.text
    yield operation.make(
        Execute,
        word,
        path=path,
        arguments=tuple(one.text for one in command.arguments),
        interpreter=interpreter if command.loaded else None,
        globs=word.globs,
        read=command.loaded,
    )
    if command.loaded or _only_asked(operation):
        return
    if operation.name in _CONFIGURES:
        yield from configure(operation)
        return
    if _S6_INSTALLER.search(operation.name) and len(command.arguments) == 1:
        yield _self_unpacking(operation, path)
        return
    yield from _unread_script(operation, path)


def _self_unpacking(operation: Operation, archive: Text) -> Effect:
    """The self-unpacking installer that s6-overlay 1.21 and 2 were published as: its one argument is where it unpacks.

    It leaves links as they are (s6-overlay 2, README on merged `/bin`).
    """
    word = operation.command.arguments[0]
    url = operation.downloads.get(archive.canonical)
    return operation.make(Unpack, word, archive=archive, into=operation.path(word), url=url, follows_links=True)


def _is_given_the_file(wrapper: Wrapper) -> bool:
    """Whether it is `sh FILE`, and not `sh -c "FILE"`, which runs the file by its own `#!`."""
    options = [word.literal or "" for word in wrapper.argv[1:]]
    return wrapper.name in SHELLS and not any(re.fullmatch(r"-[a-z]*c", option) for option in options)


def _interpreter(operation: Operation) -> Iterator[Effect]:
    """python, perl, node …: modules that are known, inline code, or a program that may do anything."""
    words = operation.words
    if all(word.literal == "-" for word in words) and (
        operation.before or any(redirect.fd == 0 for redirect in operation.command.redirects)
    ):
        fetched = any(download_address(one) is not None for one in operation.before)
        yield _anything(operation) if fetched else _code(operation, S6_PLACES, may_remove=True)
        return
    if not words or _only_asked(operation):
        return
    if words[0].literal == "-m" and len(words) > 1:
        yield from _python_module(operation, words[1].literal or "")
        return
    code = next(
        (words[index + 1].text for index, word in enumerate(words[:-1]) if word.literal in ("-c", "-e", "-r")), None
    )
    if code is not None:
        mentions = code.canonical
        spares = tuple(
            place for place in IMAGE_PLACES if place.strip("/").split("/")[0] not in mentions or "/" not in mentions
        )
        yield _code(operation, spares if not code.opaque else S6_PLACES)
        return
    script = next((word for word in words if not word.text.prefix.startswith("-")), None)
    if script is None:
        yield _code(operation, S6_PLACES, may_remove=True)
        return
    name = (script.literal or "").rpartition("/")[2]
    path = operation.path(script)
    arguments = tuple(word.text for word in words[words.index(script) + 1 :])
    yield operation.make(Execute, script, path=path, arguments=arguments, interpreter=operation.name)
    if name in ("setup.py", "get-pip.py", "configure.py", "waf"):
        here = operation.command.directory
        yield operation.opens(f"runs {name}", ("/",), (*IMAGE_PLACES, "/etc"), touches=(here,))
        return
    yield operation.opens(f"runs {path}, which may write anywhere", may_remove=True, handles=mentioned(operation))


def _code(operation: Operation, spares: tuple[str, ...], *, may_remove: bool = False) -> Effect:
    does = f"runs code with {operation.name}"
    return operation.opens(does, ("/",), spares, may_remove=may_remove, handles=mentioned(operation))


def _python_module(operation: Operation, module: str) -> Iterator[Effect]:
    rest = operation.words[2:]
    if module == "pip":
        yield from pip_install(operation, rest)
    elif module in ("venv", "virtualenv", "ensurepip"):
        places = [word.text for word in rest if not word.text.prefix.startswith("-")]
        yield operation.opens("makes a virtual environment there", places or ("/usr",))
    elif module not in ("json.tool", "http.server", "compileall", "site", "this"):
        spares = (*IMAGE_PLACES, "/etc")
        here = operation.command.directory
        yield operation.opens(f"runs the module {module}", ("/",), spares, touches=(here,))
