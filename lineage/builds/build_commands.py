"""`docker build` and its like as they stand in scripts, recipes and notes: from text to builds.

A reading for evidence, not a shell: commands are taken in the order they stand in, whatever conditions hold.
"""

import posixpath
import re
from collections.abc import Callable, Generator, Iterator, Mapping, MutableMapping

from ..late.dataclasses import dataclass, field
from ..late.patterns import pattern
from ..shell.tokens import ShellToken, tokenise
from ..shell.word_parts import Arithmetic, Literal, Part, Substitution, word_parts
from ..text.budget import grown
from .placeholders import TOP, has_hole, hole, is_hole, shell_parameter

_BUILDERS = frozenset(("docker", "podman", "nerdctl", "buildah", "finch"))
_BUILD_WORDS = (("build",), ("bud",), ("buildx", "build"), ("buildx", "b"), ("image", "build"), ("builder", "build"))
_BEFORE = frozenset(("sudo", "time", "exec", "env", "command", "nohup", "if", "then", "else", "do", "while", "!", "{"))
_VALUELESS = frozenset(
    (
        "--all-platforms",
        "--check",
        "--compress",
        "--debug",
        "--disable-content-trust",
        "--force-rm",
        "--help",
        "--layers",
        "--load",
        "--no-cache",
        "--pull",
        "--push",
        "--quiet",
        "--rm",
        "--squash",
        "--squash-all",
        "--stream",
        "--tls-verify",
        "-D",
        "-q",
    )
)
"""Options of build commands that take no value; every other takes the next word unless it is written with `=`."""
_EXPRESSION = pattern(r"\$\{(\{[^\n]{0,300}?\})\}")
"""`${{ … }}`, which is filled in before any shell sees the text."""
_ARRAY = pattern(r"([A-Za-z_]\w*)\+?=\(", re.ASCII)
_CALLERS = "\ue003"
"""What a value begins with that a script takes where its caller gives none: `${VERSION:-latest}`."""
_WORKSPACES = ("GITHUB_WORKSPACE", "CI_PROJECT_DIR", "WORKSPACE", "CIRCLE_WORKING_DIRECTORY", "BITBUCKET_CLONE_DIR")


@dataclass(frozen=True, slots=True)
class BuildCommand:
    """The words of a command, with the folder it runs in (relative to where the text starts) and its first line."""

    words: tuple[str, ...]
    line: int
    folder: str


@dataclass(frozen=True, slots=True)
class BuildWords:
    """What a build command says. Paths are as written, relative to the command's folder; None where it says nothing."""

    line: int
    folder: str
    context: str | None
    dockerfile: str | None = None
    target: str | None = None
    args: Mapping[str, str | None] = field(default_factory=dict[str, str | None])
    tags: tuple[str, ...] = ()
    contexts: Mapping[str, str] = field(default_factory=dict[str, str])
    """The named build contexts (`--build-context NAME=WHAT`)."""


def commands(
    text: str,
    variables: MutableMapping[str, str],
    *,
    line: int = 1,
    folder: str = "",
    own_folder: str = "",
    include: Callable[[str], None] | None = None,
) -> Generator[BuildCommand, None, str]:
    """The commands of a shell text, variables expanded; its assignments are put into `variables` on the way.

    `folder` is where the shell is, and what is returned where it is at the end. `own_folder` is the repository path that
    `$(dirname "$0")` stands for, `include` is told of sourced files.
    """
    for name in _WORKSPACES:
        variables.setdefault(name, TOP)
    variables.setdefault("PWD", ".")

    def run(command: str) -> str:
        return _output(command, own_folder)

    outer: list[str] = []
    if "${{" in text:
        text = _EXPRESSION.sub(lambda found: hole(found[1]), text)
    for first, words in _split(text, line):
        if words == ["("]:
            outer.append(folder)
            continue
        if words == [")"]:
            folder = outer.pop() if outer else folder
            continue
        expanded = _take_assignments([_unquoted(word, variables, run) for word in words], variables)
        if not expanded:
            continue
        expanded = _as_called(expanded)
        if expanded[0] == "cd" and len(expanded) > 1:
            folder = _joined(folder, expanded[1])
        elif expanded[0] in ("source", ".") and len(expanded) > 1 and include:
            include(_joined(folder, expanded[1]))
        yield BuildCommand(tuple(expanded), first, folder)
    return folder


def _as_called(words: list[str]) -> list[str]:
    """The words of a command without marks; a build argument whose value the script's caller chooses has a hole for it."""
    if not any(_CALLERS in word for word in words):
        return words
    found: list[str] = []
    for number, word in enumerate(words):
        if _CALLERS in word and (word.startswith("--build-arg=") or (number and words[number - 1] == "--build-arg")):
            name, equals, _ = word.removeprefix("--build-arg=").partition("=")
            word = word[: len(word) - len(word.removeprefix("--build-arg="))] + name + equals + hole(name)
        found.append(word.replace(_CALLERS, ""))
    return found


def read_build(command: BuildCommand) -> BuildWords | None:
    """The build that a command does: docker, podman, buildah and nerdctl `build`, or kaniko's executor; else None."""
    words = list(command.words)
    while words and (words[0] in _BEFORE or re.match(r"\w+=|-E$", words[0])):
        del words[0]
    if not words:
        return None
    program = posixpath.basename(words[0])
    kaniko = next((number for number, word in enumerate(words) if re.search(r"(^|/)executor(:|$)|kaniko", word)), None)
    if kaniko is not None:
        options = words[kaniko + 1 :]
        return _read_options(command, options) if any(word.startswith("--dockerfile") for word in options) else None
    if program not in _BUILDERS and not is_hole(words[0]):
        return None
    rest = words[1:]
    while len(rest) > 1 and rest[0].startswith("-"):
        del rest[: 1 if "=" in rest[0] else 2]
    for build in _BUILD_WORDS:
        if tuple(rest[: len(build)]) == build:
            found = _read_options(command, rest[len(build) :])
            return None if is_hole(words[0]) and not (found.tags or found.dockerfile) else found
    return None


def read_tag(command: BuildCommand) -> tuple[str, str] | None:
    """(image, new name) of a `docker tag`, else None."""
    words = [word for word in command.words if not word.startswith("-") and word not in _BEFORE]
    if len(words) > 3 and words[1] == "image":
        del words[1]
    if len(words) == 4 and words[1] == "tag" and posixpath.basename(words[0]) in _BUILDERS:
        return words[2], words[3]
    return None


def _read_options(command: BuildCommand, words: list[str]) -> BuildWords:
    options: dict[str, str] = {}
    args: dict[str, str | None] = {}
    contexts: dict[str, str] = {}
    tags: list[str] = []
    positional: list[str] = []
    while words:
        word = words.pop(0)
        if word == "-" or not word.startswith("-"):
            positional.append(word)
            continue
        name, equals, value = word.partition("=")
        if not equals and len(name) > 2 and name[1] != "-" and name[:2] in ("-t", "-f"):
            name, value = name[:2], name[2:]
        elif not equals and name not in _VALUELESS:
            value = words.pop(0) if words else ""
        if name in ("-t", "--tag", "--destination"):
            tags.append(value)
        elif name == "--build-arg":
            key, given, content = value.partition("=")
            args[key] = content if given else None
        elif name == "--build-context":
            key, _, contexts[key] = value.partition("=")
        else:
            options[name] = value
    dockerfile = options.get("-f") or options.get("--file") or options.get("--dockerfile")
    context = options.get("--context", options.get("-c"))
    if "--dockerfile" in options:
        context = _kaniko_context(context)
    else:
        known = [word for word in positional if not is_hole(word)] or positional
        context = known[-1] if known else "." if tags or dockerfile else None
    return BuildWords(
        command.line, command.folder, context, dockerfile, options.get("--target"), args, tuple(tags), contexts
    )


def _kaniko_context(context: str | None) -> str:
    """A kaniko context as a path: `dir://` with an absolute path is where the working folder is mounted."""
    path = (context or ".").removeprefix("dir://")
    return "." if path.startswith("/") else path


def _take_assignments(words: list[str], variables: MutableMapping[str, str]) -> list[str]:
    """Puts a command's assignments into `variables`; the words that are left, none where it only assigns."""
    declares = words[0] in ("export", "readonly", "local", "declare", "typeset")
    for number, word in enumerate(words[1:] if declares else words):
        assigned = re.match(r"([A-Za-z_]\w*)\+?=(.*)", word, re.DOTALL | re.ASCII)
        if assigned:
            variables[assigned[1]] = grown(assigned[2])
        elif not declares:
            return words[number:]
    return []


def _output(command: str, own_folder: str) -> str:
    """What a command substitution gives, where that is a folder of the repository."""
    words = command.split()
    if words in (["pwd"], ["pwd", "-P"]):
        return "."
    if words[:3] == ["git", "rev-parse", "--show-toplevel"]:
        return TOP
    if "dirname" in command and re.search(r"BASH_SOURCE|\$0|\$\{0|%x", command):
        return TOP + own_folder + "/.." * command.count("/..")
    name = re.fullmatch(r"""basename\s+["']?\$\{?(\w+)\}?["']?""", command.strip(), re.ASCII)
    return hole(name[1] if name else command)


def _joined(folder: str, path: str) -> str:
    if path.startswith((TOP, "/")) or not folder:
        return path
    return f"{folder}/{path}"


def _unquoted(word: str, variables: Mapping[str, str], run: Callable[[str], str]) -> str:
    """A word with its quotes taken off and its expansions made."""
    array = _ARRAY.match(word)
    if array:
        return f"{array[1]}={hole(array[1] + '[@]')}"
    return grown("".join(_part(part, variables, run) for part in word_parts(word)))


def _part(part: Part, variables: Mapping[str, str], run: Callable[[str], str]) -> str:
    if isinstance(part, Literal):
        return part.text
    if isinstance(part, Substitution):
        return run(part.source)
    if isinstance(part, Arithmetic):
        return hole(f"({part.source})")
    if part.subscript is not None:
        return hole(f"{part.name}[{part.subscript}]")
    value = shell_parameter(
        part.name, part.operator, part.argument, variables, lambda word: _unquoted(word, variables, run)
    )
    given = part.name in variables or part.operator not in (":-", "-", ":=", "=")
    return value if given or has_hole(value) else _CALLERS + value


def _split(text: str, line: int) -> Iterator[tuple[int, list[str]]]:
    """The commands of a shell text, brackets among them: (line, raw words). Redirections and comments are left out."""
    words: list[str] = []
    first = line
    labels = False
    counted = 0
    for token in _tokens(text):
        line += text.count("\n", counted, token.start)
        counted = token.start
        if token.kind == "word":
            word = text[token.start : token.end]
            first = first if words else line
            words.append(word)
            if _ARRAY.match(word) and word.endswith(")"):  # a command is put together in an array, and run later
                elements = [text[each.start : each.end] for each in _inside(text, token) if each.kind == "word"]
                yield from [(line, elements)] if elements else ()
            labels = (labels and words != ["esac"]) or (word == "in" and words[0] == "case")
            continue
        if token.kind not in ("operator", "newline"):
            continue
        if words and not labels:
            yield first, words
        words = []
        if token.operator in ("(", ")") and not labels:
            yield line, [token.operator]
        labels = token.operator in (";;", ";&", ";;&") or (labels and token.operator != ")")
    if words:
        yield first, words


def _inside(text: str, array: ShellToken) -> Iterator[ShellToken]:
    """The tokens of the elements of an array's assignment."""
    start = text.index("(", array.start, array.end) + 1
    for token in tokenise(text[start : array.end - 1]).tokens:
        yield token._replace(start=start + token.start, end=start + token.end)


_MOST_TRIES = 20
"""How often the reading goes on behind a quote or bracket that nothing closes: the rest is looked through each time."""


def _tokens(text: str) -> Iterator[ShellToken]:
    """The tokens of a text, `start` and `end` counted in it; of a quote or bracket that is not closed, from the next line on."""
    start = 0
    for _ in range(_MOST_TRIES):
        found = tokenise(text[start:])
        for token in found.tokens:
            yield token._replace(start=start + token.start, end=start + token.end)
        stop = text.find("\n", start + found.error) if found.error is not None else -1
        if stop < 0:
            return
        yield ShellToken("newline", stop, stop + 1)
        start = stop + 1
