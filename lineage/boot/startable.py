"""Whether the kernel, and s6-overlay's with-contenv, can start a script in the release that the image has.

Settled by booting s6-overlay 1.20.0.0 to 3.2.3.2 with such scripts. cont-init.d of generation 3 is a shell loop that runs
each file by its path, so there a file that the kernel refuses for want of a `#!` line is read by `sh`.
"""

from collections.abc import Iterator
from posixpath import basename
from typing import Literal

from ..effects.model import Execute
from ..effects.s6_directories import RC_D, SERVICES
from ..image.image import EffectiveImage
from ..image.program_lookup import file_at, program_on_path
from ..image.tree import Node
from ..late.dataclasses import dataclass
from ..s6.release import S6Release
from ..s6.tools import has_program
from ..shell.shebang import Shebang, read_shebang
from ..text.errors import Unknown
from ..text.line_ends import CARRIAGE_RETURN, CONVERTERS
from ..text.paths import DEFAULT_PATH, folders_of
from .plan import BootPlan

SpawnedAs = Literal["cont-init", "cont-finish", "services.d", "longrun", "oneshot", "called"]
Code = Literal["crlf", "bom", "no-shebang", "arguments", "env-contenv", "contenv-place", "interpreter"]

_EDITORS = frozenset(("sed", "tr", "perl", "awk", "gawk"))
_ALWAYS = ("/bin/sh", "/usr/bin/env")


@dataclass(frozen=True, slots=True)
class Spawned:
    """A file that is started by s6-overlay or, `called`, by its path from a start script. `name` is for messages."""

    kind: SpawnedAs
    name: str
    path: str
    node: Node


@dataclass(frozen=True, slots=True)
class SpawnProblem:
    """Why a file cannot be started. `shebang` is its first line, None where it has none; `missing` what is not there."""

    code: Code
    shebang: Shebang | None
    missing: str = ""


def spawned(image: EffectiveImage, boot: BootPlan) -> Iterator[Spawned]:
    """The files that are started when the container starts or stops, each once."""
    seen: set[str] = set()
    for one in (*_init_scripts(image), *_services(image), *_s6_rc(image, boot), *_called(image, boot)):
        if one.path not in seen:
            seen.add(one.path)
            yield one


_TOOLS = ("/bin", "/sbin", "/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/local/sbin")
_JOBS = ("/etc/cron.hourly", "/etc/cron.daily", "/etc/cron.weekly", "/etc/cron.monthly", "/etc/periodic")


def tools(image: EffectiveImage) -> Iterator[Spawned]:
    """The scripts that the image itself brings for others to run: in a folder of PATH or of cron's, right below `/` or in a
    folder there, with an x bit or the ending of a script, and a first line that names who reads them.
    """
    for path, node in image.tree.sourced:
        folder = path.rpartition("/")[0]
        if folder not in _TOOLS and folder.count("/") > 1 and not folder.startswith(_JOBS):
            continue
        data = node.blob.data if node.kind == "file" else None
        if data is None or not data.startswith(b"#!") or not image.owns(node.image):
            continue
        if node.sure and (node.executable is True or path.endswith((".sh", ".bash"))):
            yield Spawned("called", path.rpartition("/")[2], path, node)


def _file(image: EffectiveImage, kind: SpawnedAs, name: str, path: str) -> Iterator[Spawned]:
    node = image.tree.find(path)
    if node is not None and node.kind == "file" and node.sure:
        yield Spawned(kind, name, path, node)


def _init_scripts(image: EffectiveImage) -> Iterator[Spawned]:
    kinds: tuple[SpawnedAs, ...] = ("cont-init", "cont-finish")
    for kind in kinds:
        for name in image.tree.children(f"/etc/{kind}.d"):
            if not name.startswith("."):
                yield from _file(image, kind, name, f"/etc/{kind}.d/{name}")


def _services(image: EffectiveImage) -> Iterator[Spawned]:
    for name in image.tree.children(SERVICES):
        folder = f"{SERVICES}/{name}"
        if name.startswith(".") or image.tree.find(f"{folder}/down") is not None:
            continue
        for inside in ("run", "finish", "log/run", "log/finish"):
            yield from _file(image, "services.d", name, f"{folder}/{inside}")


def _s6_rc(image: EffectiveImage, boot: BootPlan) -> Iterator[Spawned]:
    if boot.database is None:
        for name in image.tree.children(RC_D):
            for inside in ("run", "finish"):
                yield from _file(image, "longrun", name, f"{RC_D}/{name}/{inside}")
        return
    for name, service in boot.database.services.items():
        if service.own and service.kind == "longrun" and boot.database.starts(name) is not False:
            yield from _file(image, "longrun", name, f"{service.path}/run")
            yield from _file(image, "longrun", name, f"{service.path}/finish")
    for step in boot.of_kind("oneshot"):
        if step.script is not None and step.script.path != step.path and step.script.interpreter is None:
            yield from _file(image, "oneshot", step.name, step.script.path)


def _called(image: EffectiveImage, boot: BootPlan) -> Iterator[Spawned]:
    for step in boot.steps:
        for effect in step.effects:
            if isinstance(effect, Execute) and effect.interpreter is None and not effect.globs:
                path = effect.path.literal
                if path is not None and path.startswith("/"):
                    yield from _file(image, "called", step.name, path)


def spawn_problem(image: EffectiveImage, release: S6Release, one: Spawned) -> SpawnProblem | Unknown | None:
    """Why a file cannot be started in that release; None where it can."""
    data = one.node.blob.data
    if data is None:
        stated = one.node.facts.shebang if one.node.facts is not None else None
        if stated is None:
            return Unknown(f"the content of {one.path} is not known")
        data = stated.encode("utf-8", "surrogateescape")
    if data.startswith(b"\x7fELF"):
        return None
    shebang = read_shebang(data)
    if shebang is None:
        return None if _needs_no_shebang(release, one, data) else SpawnProblem("no-shebang", None)
    if shebang.bom:
        read_by_sh = one.kind == "called" or (one.kind == "cont-init" and release.generation >= 3)
        return None if read_by_sh and shebang.shell in ("sh", "dash") else SpawnProblem("bom", shebang)
    if shebang.crlf:
        converted = _converted(image)
        return converted if converted is not None else SpawnProblem("crlf", shebang)
    return _interpreter_problem(image, release, shebang)


def kernel_problem(image: EffectiveImage, node: Node, *, by_kernel: bool) -> SpawnProblem | Unknown | None:
    """Why a file that ENTRYPOINT or CMD names cannot be run, whatever s6-overlay the image has; None where it can.

    `by_kernel`: it is started by execve(2) alone, and nobody takes a file without a `#!` line for a shell's, as shells do and
    execvp(3).
    """
    data = node.blob.data
    if data is None or data.startswith(b"\x7fELF") or b"\0" in data[:512] or not data.strip():
        return None
    shebang = read_shebang(data)
    if shebang is None:
        return SpawnProblem("no-shebang", None) if by_kernel else None
    if shebang.bom:
        return SpawnProblem("bom", shebang) if by_kernel else None
    if shebang.crlf:
        converted = _converted(image)
        return converted if converted is not None else SpawnProblem("crlf", shebang)
    program = shebang.interpreter
    if basename(program) == "env":
        program = next(iter(shebang.arguments), "-")
        if program.startswith("-") or "=" in program:
            return None
        if len(shebang.arguments) > 1:
            return SpawnProblem("arguments", shebang)
    if program in ("sh", *_ALWAYS) or ("/" in program and not program.startswith("/")):
        return None
    found = file_at(image, program) if program.startswith("/") else program_on_path(image, program)
    if found is None:
        return SpawnProblem("interpreter", shebang, program)
    return found if isinstance(found, Unknown) else None


def _needs_no_shebang(release: S6Release, one: Spawned, data: bytes) -> bool:
    if one.kind == "called" or b"\0" in data[:512]:
        return True
    if one.kind != "cont-init":
        return False
    return release.generation >= 3 or (release.generation == 2 and not data.strip())


def _converted(image: EffectiveImage) -> Unknown | None:
    """A program of the build that mends line ends; which files it is given is not followed."""
    for step in image.steps:
        for effect in step.effects:
            if effect.command is not None and _mends_line_ends(effect.command.name, str(effect.command)):
                return Unknown(f"{effect.place} changes line ends")
    return None


def _mends_line_ends(name: str, text: str) -> bool:
    if name in ("find", "xargs"):
        words = frozenset(text.split())
        return bool(words & CONVERTERS) or (bool(words & _EDITORS) and CARRIAGE_RETURN.search(text) is not None)
    return name in CONVERTERS or (name in _EDITORS and CARRIAGE_RETURN.search(text) is not None)


def _interpreter_problem(image: EffectiveImage, release: S6Release, shebang: Shebang) -> SpawnProblem | Unknown | None:
    interpreter, arguments = shebang.interpreter, shebang.arguments
    base = basename(interpreter)
    first = next(iter(arguments), "-")
    if base == "env" and not first.startswith("-") and "=" not in first:
        if basename(first) == "with-contenv":
            return SpawnProblem("env-contenv", shebang)
        if len(arguments) > 1:
            return SpawnProblem("arguments", shebang)
        return _program_problem(image, release, shebang, first)
    there = True if interpreter in _ALWAYS else has_program(image, release, interpreter)
    if there is False:
        code: Code = "contenv-place" if base == "with-contenv" else "interpreter"
        return SpawnProblem(code, shebang, interpreter)
    if base == "with-contenv" and len(arguments) > 1:
        return SpawnProblem("arguments", shebang)
    if isinstance(there, Unknown):
        return there
    if base == "with-contenv" and arguments:
        return _program_problem(image, release, shebang, arguments[0])
    return None


def _program_problem(
    image: EffectiveImage, release: S6Release, shebang: Shebang, program: str
) -> SpawnProblem | Unknown | None:
    """What is wrong with a program that is looked up in PATH, or named by its path."""
    if program in ("sh", *_ALWAYS):
        return None
    if program.startswith("/"):
        paths = [program]
    elif "/" in program:
        return None
    else:
        path = image.env["PATH"].value if "PATH" in image.env else DEFAULT_PATH
        folders = list(folders_of(path))
        if release.generation >= 3:
            folders.insert(0, "/command")
        paths = [f"{folder}/{program}" for folder in dict.fromkeys((*folders, "/usr/bin", "/bin"))]
    doubt: Unknown | None = None
    for path in paths:
        there = has_program(image, release, path)
        if there is True:
            return None
        if isinstance(there, Unknown):
            doubt = there
    return doubt if doubt is not None else SpawnProblem("interpreter", shebang, program)
