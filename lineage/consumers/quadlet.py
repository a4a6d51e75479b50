"""systemd units of Podman's Quadlet: a `.container` with its drop-ins, and the `.image`, `.build` or `.pod` that it names.

Implements podman-systemd.unit(5): what the generator makes of a unit is the `podman run` that it stands for.
"""

import posixpath
from collections.abc import Iterator

from ..builds.placeholders import hole
from ..late.dataclasses import dataclass, replace
from ..late.patterns import pattern
from ..repository.snapshot import Snapshot
from ..text.errors import Unknown
from ..text.places import Place, Span
from .container_run import ALONE, PlacedWord, consumer_of, read_options, text_of
from .model import Consumer, ConsumerSetting
from .reading import split

_SPECIFIER = pattern(r"%([%A-Za-z])")
"""systemd.unit(5), "Specifiers": what systemd fills in."""
_DOCKERFILES = ("Containerfile", "Dockerfile")
_OPTIONS = {
    "User": "--user",
    "UserNS": "--userns",
    "ContainerName": "--name",
    "Environment": "--env",
    "EnvironmentFile": "--env-file",
    "Volume": "--volume",
    "Mount": "--mount",
    "Tmpfs": "--tmpfs",
    "PublishPort": "--publish",
    "ReadOnly": "--read-only",
    "RunInit": "--init",
    "Entrypoint": "--entrypoint",
    "DropCapability": "--cap-drop",
    "AddCapability": "--cap-add",
    "NoNewPrivileges": "--security-opt",
    "SeccompProfile": "--security-opt",
    "Network": "--network",
    "HealthCmd": "--health-cmd",
    "WorkingDir": "--workdir",
}
_LISTS = ("Environment", "DropCapability", "AddCapability")


@dataclass(frozen=True, slots=True)
class UnitKey:
    """A line `key=value` of a unit or of one of its drop-ins."""

    key: str
    value: str
    place: Place

    @property
    def yes(self) -> bool:
        return self.value.lower() in ("true", "yes", "1", "on")


def quadlet_consumers(snapshot: Snapshot, path: str) -> Iterator[Consumer]:
    """The container of a Quadlet unit, as its drop-ins leave it."""
    said = _said(snapshot, path)
    image = next((one for one in reversed(said) if one.key == "Image"), None)
    if image is None or not image.value:
        return
    words: list[str] = []
    arguments: tuple[str, ...] = ()
    for one in said:
        if one.key == "Exec":
            arguments = tuple(PlacedWord(word, one.place) for word in split(one.value))
        else:
            words += (PlacedWord(_specified(word), one.place) for word in _option(one))
    pod = next((one for one in reversed(said) if one.key == "Pod"), None)
    if pod is not None:
        words += _of_pod(_said(snapshot, _beside(path, pod), "Pod"))
    folder, written, dockerfile = path.rpartition("/")[0], image.value, None
    if written.endswith(".image"):
        written = _value_in(snapshot, _join(folder, written), "Image", "Image") or written
    elif written.endswith(".build"):
        dockerfile = _dockerfile(snapshot, _join(folder, written))
        written = _value_in(snapshot, _join(folder, written), "Build", "ImageTag") or written
    read = read_options([*words, written, *arguments])
    if read is None:
        return
    user, group = read.last("--user"), next((one.value for one in reversed(said) if one.key == "Group"), "")
    if group and isinstance(user, PlacedWord) and ":" not in user:
        read.options["--user"] = [PlacedWord(f"{user}:{group}", user.place)]
    flags = {word: one.place for one in said for word in _option(one) if word in ALONE}

    def find(word: str) -> Place:
        if isinstance(word, PlacedWord):
            return word.place
        return flags.get(word) or _naming(said, word) or image.place

    found = consumer_of(read, "Quadlet", image.place, find, snapshot.show(path))
    if found is not None:
        found = replace(found, dockerfile=dockerfile) if dockerfile is not None else found
        yield found if pod is None else _in_pod(snapshot, found, pod, path)


def _of_pod(said: tuple[UnitKey, ...]) -> Iterator[PlacedWord]:
    """The words of `podman run` that a pod adds to each of its containers: its volumes, and a process namespace where it
    shares one (podman-pod-create(1), "--share", "--volume").
    """
    for one in said:
        words = _option(one) if one.key == "Volume" else list(split(one.value)) if one.key == "PodmanArgs" else []
        for option, value in zip(words, [*words[1:], ""], strict=False):
            option, equals, glued = option.partition("=")
            value = glued if equals else value
            if option in ("--volume", "-v"):
                yield from (PlacedWord(word, one.place) for word in ("--volume", _specified(value)))
            elif option == "--share" and "pid" in value.replace("+", "").split(","):
                yield from (PlacedWord(word, one.place) for word in ("--pid", "pod"))


def _in_pod(snapshot: Snapshot, found: Consumer, pod: UnitKey, path: str) -> Consumer:
    """A container as the pod that it joins leaves it: in the pod's network, and in its user namespace where it has one."""
    unit = _beside(path, pod)
    if "%" in pod.value or snapshot.get(unit) is None:
        return replace(found, network="pod", open=found.open or Unknown(f"the pod {pod.value} is not at hand"))
    userns = next((one for one in reversed(_said(snapshot, unit, "Pod")) if one.key == "UserNS"), None)
    if userns is not None and userns.value != "host":
        found = replace(
            found, user=ConsumerSetting(Unknown("the user namespace of its pod decides who it is"), userns.place)
        )
    return replace(found, network="pod", project=snapshot.show(unit))


def _beside(path: str, named: UnitKey) -> str:
    return _join(path.rpartition("/")[0], named.value)


def _naming(said: tuple[UnitKey, ...], word: str) -> Place | None:
    """The place of the last line that has a word: a variable with its `=`, or a value."""
    rows = (one for one in reversed(said) if one.key != "Image")
    return next((one.place for one in rows if any(part.startswith(word) for part in split(one.value))), None)


def _option(said: UnitKey) -> list[str]:
    """The words of `podman run` that a line stands for."""
    option = _OPTIONS.get(said.key)
    if said.key == "PodmanArgs":
        return list(split(said.value))
    if option is None:
        return []
    if said.key == "NoNewPrivileges":
        return [option, "no-new-privileges"] if said.yes else []
    if said.key == "SeccompProfile":
        return [option, f"seccomp={said.value}"]
    if option in ALONE:
        return [option] if said.yes else []
    values = split(said.value) if said.key in _LISTS else (said.value,)
    return [word for value in values for word in (option, value)]


def _specified(text: str) -> str:
    return _SPECIFIER.sub(lambda found: "%" if found[1] == "%" else hole(found[0]), text)


def _said(snapshot: Snapshot, path: str, section: str = "Container") -> tuple[UnitKey, ...]:
    """The lines of a section in a unit and then in its drop-ins; one without a value takes back those before it."""
    found: list[UnitKey] = []
    for file in (path, *_drop_ins(snapshot, path)) if snapshot.get(path) is not None else ():
        for one in _keys(snapshot, file, section):
            if one.value:
                found.append(one)
            else:
                found = [other for other in found if other.key != one.key]
    return tuple(found)


def _drop_ins(snapshot: Snapshot, path: str) -> list[str]:
    """The files that are laid over a unit, in the order of their names: those of its type, of its prefixes, of its template."""
    folder, _, name = path.rpartition("/")
    stem, _, kind = name.rpartition(".")
    stems = {stem, stem.partition("@")[0] + "@"} if "@" in stem else {stem}
    stems |= {stem[: at + 1] for at, letter in enumerate(stem) if letter == "-"}
    folders = {_join(folder, f"{one}.{kind}.d") for one in stems} | {_join(folder, f"{kind}.d")}
    files = (file for file in snapshot.entries if file.endswith(".conf") and file.rpartition("/")[0] in folders)
    return sorted(files, key=lambda file: file.rpartition("/")[2])


def _value_in(snapshot: Snapshot, path: str, section: str, key: str) -> str | None:
    """The last value of a key in another unit; None where that is not at hand or does not say it."""
    if snapshot.get(path) is None:
        return None
    return next((one.value for one in reversed(list(_keys(snapshot, path, section))) if one.key == key), None)


def _dockerfile(snapshot: Snapshot, path: str) -> str | None:
    """The repository path of the file that a `.build` unit builds, as far as it lies in the repository."""
    folder = path.rpartition("/")[0]
    file, context = (_value_in(snapshot, path, "Build", key) or "" for key in ("File", "SetWorkingDirectory"))
    if context == "unit" or not context:
        context = folder
    elif context == "file":
        context = _join(folder, file).rpartition("/")[0]
    elif "%" in context or "://" in context or context.startswith("/"):
        return None
    else:
        context = _join(folder, context)
    names = [_join(folder, file), _join(context, file)] if file else [_join(context, name) for name in _DOCKERFILES]
    return next((name for name in names if snapshot.get(name) is not None), None)


def _join(folder: str, name: str) -> str:
    """A repository path below a folder's; what leads out of the repository names nothing."""
    return posixpath.normpath(posixpath.join(folder, name))


def _keys(snapshot: Snapshot, path: str, wanted: str) -> Iterator[UnitKey]:
    """The lines of a section, those that a backslash joins as one."""
    shown, section, pending, first = snapshot.show(path), "", "", 0
    for number, row in enumerate(text_of(snapshot, path).splitlines(), 1):
        if not pending:
            first = number
        row = pending + row.strip()
        if row.endswith("\\"):
            pending = row[:-1]
            continue
        pending = ""
        if row.startswith("["):
            section = row.strip("[]")
        elif section == wanted and row[:1] not in ("#", ";") and "=" in row:
            key, _, value = row.partition("=")
            yield UnitKey(key.strip(), value.strip(), Place(shown, Span(first)))
