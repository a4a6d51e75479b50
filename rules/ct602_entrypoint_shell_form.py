"""ENTRYPOINT is in shell form, so `/bin/sh -c` is process 1.

## What it does
Reports an ENTRYPOINT without a JSON array, one that looks like an array but is none (single quotes, a missing bracket:
BuildKit takes both for a shell command), and an array that says the same, `["sh", "-c", "PROGRAM"]`.

## Why it matters at run time
A shell is process 1: arguments of `docker run` and CMD are thrown away, and a stop request reaches the shell, not the
program (dash; bash and busybox sh replace themselves by a single command). s6-overlay 3's `/init` refuses to run as a
child (exit 100), unless the shell replaces itself; under older ones services are not stopped in order.

## When to ignore it
When the shell is wanted as process 1 and the command ends with `exec`. An array is not told where its command reads its
arguments (`"$@"`) or is several commands, nor where the shell becomes the program (bash, busybox) and no CMD is lost.

## References
- Dockerfile reference, "Shell form ENTRYPOINT example"
- s6-overlay-helpers, s6-overlay-suexec.c: "can only run as pid 1"
"""

from collections.abc import Iterator

from ..lineage.image.image import EffectiveImage
from ..lineage.late.patterns import pattern
from ..lineage.s6.release import S6Release, release_of
from ..lineage.text.errors import Unknown
from .base import Edit, Fix, Message, Severity
from .shared.questions import has_exec_tail, shell_form_entrypoint

SEVERITY = Severity.ERROR

_SHELLS = frozenset(("sh", "bash", "dash", "ash"))
_GIVEN_COMMAND = pattern(r"-[a-z]*c")
_IS_A_SCRIPT = pattern(
    r"\bexec\b|\$[@*0-9]|\$\{[@*0-9]|[|&;\n(){}]|\bif\b|\bwhile\b|`|\A\.|\Asource\b|\Atrap\b|\Aeval\b"
)
"""What becomes the program itself, reads its arguments, or is more than one command."""


def check(image: EffectiveImage) -> Iterator[Message]:
    entrypoint = shell_form_entrypoint(image)
    if entrypoint is None:
        yield from _as_array(image)
        return
    if not image.owns(entrypoint.image):
        return
    text = entrypoint.value.words[0].strip()
    if text.startswith("exec ") or has_exec_tail(text):
        return
    program = text.split()[0] if text.split() else ""
    looks_like_array = text.startswith("[")
    severity: Severity | None = None
    release = release_of(image)
    if program == "/init" and isinstance(release, S6Release) and release.generation >= 3:
        if image.sh in ("bash", "busybox"):
            return
        if image.sh is None:
            raise Unknown("which shell /bin/sh is, is not known: bash and busybox become /init, dash does not")
        happens = "`/init` runs as a child of `/bin/sh` and ends at once with exit code 100"
    elif looks_like_array:
        happens = "it is not a JSON array of strings, so `/bin/sh -c` is given the brackets as a command"
    else:
        happens = f"`/bin/sh -c` is process 1: {_lost(image, text)}"
        becomes = image.sh != "dash" and not any(character in text for character in "|&;\n")
        severity = Severity.WARNING if becomes else None
    simple = bool(text) and not any(character in text for character in "|&;<>()$`\\\"'*?[]{}~#=")
    fix = None
    if simple:
        array = "[" + ", ".join(f'"{word}"' for word in text.split()) + "]"
        fix = Fix("write it as an exec array", (Edit("text", entrypoint.place, f"ENTRYPOINT {array}"),), "unsafe")
    yield Message(
        entrypoint.place,
        f"ENTRYPOINT is in shell form: {happens}.",
        'Write it as a JSON array with double quotes, as in `ENTRYPOINT ["/init"]`.',
        fix=fix,
        severity=severity,
    )


def _as_array(image: EffectiveImage) -> Iterator[Message]:
    """`["sh", "-c", "PROGRAM"]`: the shell form, written out."""
    entrypoint = image.entrypoint
    words = entrypoint.value.words if entrypoint is not None and entrypoint.value.form == "exec" else ()
    if entrypoint is None or len(words) != 3 or not image.owns(entrypoint.image):
        return
    shell, text = words[0].rpartition("/")[2], words[2].strip()
    if shell not in _SHELLS or not _GIVEN_COMMAND.fullmatch(words[1]) or _IS_A_SCRIPT.search(text):
        return
    if text.split()[:1] in ([], ["/init"]):
        return
    sh = image.sh if shell == "sh" else shell
    if sh is None:
        raise Unknown("which shell sh is, is not known: bash and busybox become the program, dash does not")
    if sh == "dash":
        lost = "arguments are lost, and a stop request does not reach the program"
    elif image.cmd is not None and image.cmd.value.argv:
        lost = "CMD is lost"
    else:
        return
    yield Message(
        entrypoint.place,
        f"ENTRYPOINT is the shell form, written as an array: {lost}.",
        'Write `exec` before the program and `"$@"` behind it, and a word for `$0` at the end of the array.',
        severity=Severity.WARNING,
    )


def _lost(image: EffectiveImage, text: str) -> str:
    """What is lost under the image's shell: bash and busybox sh become the last command of `-c`, dash does not."""
    signals = "a stop request does not reach the program"
    if any(character in text for character in "|&;\n"):
        return f"arguments are lost, and {signals}"
    if image.sh in ("bash", "busybox"):
        return "the arguments of `docker run` and CMD are lost"
    return f"arguments are lost, and {signals}{'' if image.sh == 'dash' else ', unless the shell becomes it'}"
