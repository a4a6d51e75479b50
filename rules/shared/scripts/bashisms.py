"""What only Bash understands, in start scripts that dash reads (Debian's and Ubuntu's `/bin/sh`)."""

from collections.abc import Iterator

from ....lineage.boot.script_reader import StartScript
from ....lineage.commands.model import Command
from ....lineage.image.image import EffectiveImage
from ....lineage.image.script_files import text_of
from ....lineage.late.dataclasses import dataclass
from ....lineage.late.patterns import pattern
from ....lineage.text.errors import Unknown
from ....lineage.text.places import Place

_MEANING = {
    "&>": "`&>` runs the command in the background and only empties the file",
    "&>>": "`&>>` runs the command in the background",
    "<<<": "`<<<` is a syntax error",
    "|&": "`|&` is a syntax error",
    ";&": "`;&` is a syntax error",
    ";;&": "`;;&` is a syntax error",
    "for ((": "`for ((` is a syntax error",
    "<(": "`<(` is a syntax error",
    "[[": "there is no command `[[`, and the condition is always false",
    "select": "there is no `select`",
    "function": "`function` is a syntax error",
    "array": "arrays are a syntax error",
}
_ARRAY = pattern(r"[A-Za-z_]\w*\+?=\(")
_SUBSTITUTIONS = pattern(r"\$\{[A-Za-z_]\w*(?:/|\^|,|:\d|\[)")


@dataclass(frozen=True, slots=True)
class Bashism:
    """`effect` says what dash makes of it. `harmless`: the command still does its work, with a blemish."""

    place: Place
    effect: str
    harmless: bool = False


_CHOOSES_SH = pattern(r"\bdpkg-reconfigure\b[^\n;&|]*\bdash\b|\bdash/sh\b")


def read_by_dash(image: EffectiveImage, script: StartScript) -> bool | Unknown:
    """Whether the script's `#!` line leads to dash; no where it has none."""
    if script.shebang is None:
        return False
    shell = script.shebang.shell
    if shell == "sh" and image.sh is None:
        return Unknown("nothing tells which shell its /bin/sh is")
    if shell == "sh" and any(_CHOOSES_SH.search(step.instruction.body.text) for step in image.steps):
        return Unknown("the build asks the package of dash what /bin/sh is to be")
    return shell == "dash" or (shell == "sh" and image.sh == "dash")


def bashisms_in(script: StartScript) -> Iterator[Bashism]:
    """What dash does not understand in a script, in order of lines."""
    found = [*_syntax(script), *_commands(script)]
    yield from sorted(found, key=lambda one: one.place)


def _syntax(script: StartScript) -> Iterator[Bashism]:
    from ....lineage.shell.parse import parse_script

    text = text_of(script.node)
    if text is None:
        return
    for kind, place in parse_script(text, script.place.path, "sh").bashisms:
        at = text.offset(place.line, place.span.column)
        if kind == "array" and (at is None or not _ARRAY.match(text.text, at)):
            continue
        if kind == "[[" and b"BASH_VERSION" in (script.data or b""):
            continue  # it may stand where Bash alone comes to
        if kind in _MEANING:
            yield Bashism(place, _MEANING[kind])


def _commands(script: StartScript) -> Iterator[Bashism]:
    tried = any(_sets_pipefail(one) and one.subshell and one.ignores_failure for one in script.commands)
    asked = b"BASH_VERSION" in (script.data or b"")
    for command in script.commands:
        if _sets_pipefail(command) and (tried or command.subshell):
            continue  # a subshell tries it, and ends alone where it is refused
        if asked and command.guards:
            continue  # it may be done where Bash reads the script
        if command.place.path != script.place.path or command.dialect != "sh" or not command.argv:
            continue
        effect = _effect(command)
        if effect is not None:
            yield Bashism(command.place, effect)
        elif _substituted(command) is not None:
            yield Bashism(command.place, f"`{_substituted(command)}` is a bad substitution, which ends the script")
        elif command.name == "echo" and _escapes(command):
            yield Bashism(command.place, "`echo -e` prints the `-e` too", harmless=True)


def _effect(command: Command) -> str | None:
    first = command.argv[0].literal
    if first == "source":
        return "there is no command `source`, and the file is not read"
    if _sets_pipefail(command):
        return "`set -o pipefail` is refused, which ends the script"
    if first in ("[", "test") and any(word.raw == "==" for word in command.arguments):
        return "`[` does not know `==`, and the condition is always false"
    return None


def _sets_pipefail(command: Command) -> bool:
    return command.name == "set" and any(word.literal == "pipefail" for word in command.arguments)


def _substituted(command: Command) -> str | None:
    for word in command.argv:
        match = _SUBSTITUTIONS.search(word.raw)
        if match is not None and not word.raw.startswith("'"):
            return match.group() + "…}"
    return None


def _escapes(command: Command) -> bool:
    literal = command.argv[1].literal if len(command.argv) > 1 else None
    return literal in ("-e", "-ne", "-en")
