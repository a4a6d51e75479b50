"""`docker build` and its like as they stand in scripts, recipes and notes: from text to builds.

A reading for evidence, not a shell: commands are taken in the order they stand in, whatever conditions hold.
"""

import posixpath
import re
from collections.abc import Callable, Iterator, Mapping, MutableMapping

from ..late.dataclasses import dataclass, field
from ..late.patterns import pattern
from ..text.budget import grown
from .placeholders import TOP, expand_shell, hole, is_hole

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


def commands(
    text: str,
    variables: MutableMapping[str, str],
    *,
    line: int = 1,
    own_folder: str = "",
    include: Callable[[str], None] | None = None,
) -> Iterator[BuildCommand]:
    """The commands of a shell text, variables expanded; its assignments are put into `variables` on the way.

    `own_folder` is the repository path that `$(dirname "$0")` stands for, `include` is told of sourced files.
    """
    for name in _WORKSPACES:
        variables.setdefault(name, TOP)
    variables.setdefault("PWD", ".")
    folder = ""

    def run(command: str) -> str:
        return _output(command, own_folder)

    outer: list[str] = []
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
        if expanded[0] == "cd" and len(expanded) > 1:
            folder = _joined(folder, expanded[1])
        elif expanded[0] in ("source", ".") and len(expanded) > 1 and include:
            include(_joined(folder, expanded[1]))
        yield BuildCommand(tuple(expanded), first, folder)


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
        else:
            options[name] = value
    dockerfile = options.get("-f") or options.get("--file") or options.get("--dockerfile")
    context = options.get("--context", options.get("-c"))
    if "--dockerfile" in options:
        context = _kaniko_context(context)
    else:
        known = [word for word in positional if not is_hole(word)] or positional
        context = known[-1] if known else "." if tags or dockerfile else None
    return BuildWords(command.line, command.folder, context, dockerfile, options.get("--target"), args, tuple(tags))


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
    """A word with its quotes taken off and its expansions made, but not within single quotes."""
    out: list[str] = []
    position = 0
    while position < len(word):
        character = word[position]
        if character == "'":
            end = _quote_end(word, position)
            out.append(word[position + 1 : end - 1])
        elif character == '"':
            end = _quote_end(word, position)
            out.append(_expanded(word[position + 1 : end - 1].replace("\\\n", ""), variables, run))
        elif character == "\\":
            end = position + 2
            out.append(word[position + 1 : end].strip("\n"))
        else:
            end = position
            while end < len(word) and word[end] not in "'\"\\":
                if word.startswith(("$(", "${"), end):
                    end = _bracket_end(word, end + 1)
                else:
                    end = _quote_end(word, end) if word[end] == "`" else end + 1
            out.append(_expanded(word[position:end], variables, run))
        position = end
    return "".join(out)


def _expanded(text: str, variables: Mapping[str, str], run: Callable[[str], str]) -> str:
    text = re.sub(r"`([^`]*)`", r"$(\1)", text)
    return expand_shell(text, variables, run) if "$" in text else text


def _split(text: str, line: int) -> Iterator[tuple[int, list[str]]]:
    """The commands of a shell text, brackets among them: (line, raw words). Redirections and comments are left out."""
    words: list[str] = []
    first = line
    heredocs: list[str] = []
    position = 0
    while position < len(text):
        token = _TOKEN.match(text, position)
        kind, end = (token.lastgroup, token.end()) if token else ("end", position + 1)
        if kind == "redirect":
            end = _word_end(text, end)
        elif kind == "word":
            end = _word_end(text, position)
            first = first if words else line
            words.append(text[position:end])
        elif kind == "heredoc" and token:
            heredocs.append(token["delimiter"].strip("'\"\\"))
        elif kind == "end":
            if words:
                yield first, words
                words = []
            if text[position] in "()":
                yield line, [text[position]]
        line += text.count("\n", position, end)
        if text[position:end] == "\n":
            for delimiter in heredocs:
                end, skipped = _after_heredoc(text, end, delimiter)
                line += skipped
            heredocs = []
        position = end
    if words:
        yield first, words


_TOKEN = pattern(
    r"(?P<blank>[ \t\r]+|\\\r?\n)|(?P<comment>#[^\n]*)|(?P<heredoc><<-?\s*(?P<delimiter>['\"\\]?\w+['\"]?))"
    r"|(?P<redirect>\d*(?:[<>]{1,3}&?|>\|)[ \t]*)|(?P<end>[\n;|&()])|(?P<word>.)",
    re.DOTALL,
)


def _word_end(text: str, position: int) -> int:
    while position < len(text):
        character = text[position]
        if character == "\\":
            if text.startswith(("\\\n", "\\\r\n"), position):
                return position
            position += 2
        elif character in "'\"`":
            position = _quote_end(text, position)
        elif text.startswith(("$(", "${"), position):
            position = _bracket_end(text, position + 1)
        elif character in " \t\r\n;|&<>()":
            return position
        else:
            position += 1
    return len(text)


def _quote_end(text: str, position: int) -> int:
    quote = text[position]
    position += 1
    while position < len(text) and text[position] != quote:
        if text.startswith("$(", position) and quote == '"':
            position = _bracket_end(text, position + 1)
        else:
            position += 2 if text[position] == "\\" and quote != "'" else 1
    return min(position + 1, len(text))


def _bracket_end(text: str, position: int) -> int:
    depth = 0
    while position < len(text):
        character = text[position]
        if character in "({":
            depth += 1
        elif character in ")}":
            depth -= 1
            if not depth:
                return position + 1
        elif character in "'\"" and depth:
            position = _quote_end(text, position) - 1
        position += 1
    return len(text)


def _after_heredoc(text: str, position: int, delimiter: str) -> tuple[int, int]:
    lines = 0
    while position < len(text):
        end = text.find("\n", position)
        end = len(text) if end < 0 else end
        lines += 1
        if text[position:end].strip() == delimiter:
            return end + 1, lines
        position = end + 1
    return len(text), lines
