"""A start script cannot be spawned: its first line does not name a program that starts it.

## What it does
Reads the first line of every file that s6-overlay, or a start script by its path, runs: carriage returns, a byte-order mark,
an interpreter that the image surely lacks, or whose name is a slip for `with-contenv` or `execlineb`, options behind the
shell's name after `with-contenv` or `env`, `env with-contenv`, `/usr/bin/with-contenv` on s6-overlay 3 without its symlinks
archives, `/command/…` on 1 and 2, no `#!` line at all where none is made up for it.

## Why it matters at run time
The script's work is not done. How much else is lost depends on the release: 1 leaves out all later scripts and services,
3.2 waits for ever where it is the `run` of an s6-rc service.

## When to ignore it
When the interpreter is put there before the script runs, by something that ctlint cannot read.

## References
- Linux, execve(2), "Interpreter scripts": all behind the interpreter is one argument
- s6-overlay README, "Container environment" and "Which tarballs to download"
"""

from collections.abc import Iterator
from posixpath import basename

from ..lineage.boot.plan import BootPlan
from ..lineage.boot.startable import Spawned, SpawnProblem, spawn_problem, spawned
from ..lineage.image.image import EffectiveImage
from ..lineage.s6.release import S6Release
from ..lineage.shell.shebang import SHELLS, Shebang, read_shebang
from ..lineage.text.errors import Unknown
from ..lineage.text.places import Place, Span
from ..lineage.text.spelling import is_sure_slip, nearest
from .base import Edit, Fix, Message, Severity, Undecided
from .shared.scripts.boot_outcome import outcome
from .shared.subjects import start_of

SEVERITY = Severity.ERROR
_INTERPRETERS = ("with-contenv", "execlineb")
"""Those that every image of s6-overlay has."""


def check(image: EffectiveImage, boot: BootPlan) -> Iterator[Message | Undecided]:
    if isinstance(boot.s6, Unknown):
        raise boot.s6
    if boot.s6 is None or boot.starts_init is False:
        return
    for one in spawned(image, boot):
        problem = spawn_problem(image, boot.s6, one)
        if isinstance(problem, Unknown):
            problem = _misspelt(one) or problem
        if isinstance(problem, Unknown):
            if image.owns(one.node.image):
                yield Undecided(problem, (start_of(one.path),), path=f"the `#!` line of {one.path}")
        elif problem is not None:
            begun = _begun_alike(image, boot, one) if problem.code == "no-shebang" else None
            yield _message(boot.s6, one, problem, begun)


def _begun_alike(image: EffectiveImage, boot: BootPlan, one: Spawned) -> str | None:
    """The first line of all other scripts of that kind that the image brings; None where they differ, or there are none."""
    nodes = [other.node for other in spawned(image, boot) if other.kind == one.kind and other.path != one.path]
    texts = [node.blob.data or b"" for node in nodes if image.owns(node.image)]
    lines = {text.partition(b"\n")[0].rstrip() for text in texts if text.startswith(b"#!")}
    return lines.pop().decode("utf-8", "replace") if len(lines) == 1 else None


def _misspelt(one: Spawned) -> SpawnProblem | None:
    """What is wrong with a first line whose interpreter is a slip for one of s6-overlay's: whoever may have put programs
    there, none is called so."""
    shebang = read_shebang((one.node.blob.data or b"")[:300])
    if shebang is None or not any(is_sure_slip(basename(shebang.interpreter), name) for name in _INTERPRETERS):
        return None
    return SpawnProblem("interpreter", shebang, shebang.interpreter)


def _message(release: S6Release, one: Spawned, problem: SpawnProblem, begun: str | None) -> Message:
    """`begun` is how the other scripts of its kind begin, for one without such a line."""
    good = begun or _good_line(release, problem)
    meant = _meant(release, problem)
    cure = {
        "crlf": "Save the file with LF line ends, and keep them with `* text eol=lf` in .gitattributes.",
        "bom": "Save the file without a byte-order mark.",
        "interpreter": f"Install what provides `{problem.missing}`, or name an interpreter that the image has.",
    }.get(problem.code, _begin(good, problem) if good else "Name the shell alone, and its options in `set`.")
    if meant is not None:
        cure = f"Did you mean `{meant}`?"
    return Message(
        Place(one.node.home.path, Span(one.node.home.line)),
        f"{_what(release, problem)}: {outcome(release, one)}.",
        cure,
        fix=_fix(one, problem, good),
        subject=problem.code,
        owner=one.node.image,
        about=(start_of(one.path),),
    )


def _begin(good: str, problem: SpawnProblem) -> str:
    below = _set(problem.shebang).split("\n")[1:] if problem.shebang is not None else []
    options = f", and put {' and '.join(f'`{line}`' for line in below)} below it" if below else ""
    return f"Begin the script with `{good}`{options}."


def _meant(release: S6Release, problem: SpawnProblem) -> str | None:
    """The first line that is meant where the interpreter's name is a slip for one that every image of s6-overlay has."""
    if problem.code != "interpreter" or problem.shebang is None:
        return None
    near = nearest(basename(problem.missing), _INTERPRETERS)
    if near is None:
        return None
    folder = "/command" if release.generation >= 3 else "/usr/bin"
    return " ".join((f"#!{folder}/{near}", *problem.shebang.arguments))


def _what(release: S6Release, problem: SpawnProblem) -> str:
    shebang, missing = problem.shebang, problem.missing
    if shebang is None:
        return "The file has no `#!` line, so it cannot be started"
    if problem.code == "crlf":
        words = shebang.raw[2:].split()
        handed = len(words) > 1 and words[0].rpartition("/")[2] in ("env", "with-contenv")
        what = words[-1] if handed else " ".join(words)
        return f"The line ends in CR LF: `{what}` with a carriage return behind it does not exist"
    if problem.code == "bom":
        return "A byte-order mark stands before `#!`, so the line is no `#!` line to the kernel"
    if problem.code == "arguments":
        return f"`{' '.join(shebang.arguments)}` is handed over as one word, and there is no program of that name"
    if problem.code == "env-contenv":
        return f"`env` gets `{' '.join(shebang.arguments)}` as one word, and there is no program of that name"
    if problem.code == "contenv-place" and release.generation >= 3:
        return f"`{missing}` does not exist on s6-overlay {release.label} without its symlinks archives"
    if missing.startswith("/command/") and release.generation < 3:
        return f"`{missing}` exists from s6-overlay 3 on, and this is {release.label}"
    return f"`{missing}` is not in the image"


def _good_line(release: S6Release, problem: SpawnProblem) -> str | None:
    """The first line that is meant, without the options of a shell."""
    shebang = problem.shebang
    if problem.code == "no-shebang":
        return "#!/bin/sh"
    if shebang is None or problem.code in ("crlf", "bom"):
        return None
    words = [shebang.interpreter, *shebang.arguments]
    if problem.missing.startswith("/command/") and release.generation < 3:
        words[0] = "/usr/bin/" + words[0].removeprefix("/command/")
    elif problem.code == "interpreter" and not problem.missing.endswith("/execlineb"):
        return None
    elif not shebang.with_contenv:
        words[0] = "/command/execlineb" if problem.code == "interpreter" else words[0]
    else:
        words = words[1:] if problem.code == "env-contenv" else words
        words[0] = f"{'/command' if release.generation >= 3 else '/usr/bin'}/with-contenv"
    if problem.code == "interpreter":
        return "#!" + " ".join(words)
    options = [word for word in words[2:] if word.startswith("-")]
    if len(options) < len(words[2:]) or (options and words[1].rpartition("/")[2] not in SHELLS):
        return None
    return "#!" + " ".join(words[:2])


def _fix(one: Spawned, problem: SpawnProblem, good: str | None) -> Fix | None:
    if one.node.source is None:
        return None
    path = one.node.home.path
    if problem.code == "bom":
        return Fix("remove the byte-order mark", (Edit("text", Place(path, Span(1, 1, 1, 2)), ""),), "safe")
    if problem.code == "crlf":
        rows = (one.node.blob.data or b"").decode("utf-8", "surrogateescape").split("\n")
        spans = (Span(n, len(row), n, len(row) + 1) for n, row in enumerate(rows, 1) if row.endswith("\r"))
        return Fix("use LF line ends", tuple(Edit("text", Place(path, span), "") for span in spans), "safe")
    if good is None:
        return None
    if problem.shebang is None:
        return Fix("add a `#!` line", (Edit("text", Place(path, Span(1, 1)), f"{good}\n"),), "unsafe")
    line = Place(path, Span(1, 1, 1, len(problem.shebang.raw) + 1))
    return Fix("write the line that works", (Edit("text", line, good + _set(problem.shebang)),), "safe")


def _set(shebang: Shebang) -> str:
    if shebang.shell not in SHELLS:
        return ""
    return "".join(f"\nset {word}" for word in shebang.arguments if word.startswith("-"))
