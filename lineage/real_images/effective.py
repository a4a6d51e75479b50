"""A real image → the effective image that folding would make of it: every path with the step that brought it."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from ..dockerfile.instruction import Instruction
from ..dockerfile.parse import parse
from ..image.accounts import Account, Accounts, Group
from ..image.image import Ancestor, CommandLine, EffectiveImage
from ..image.tree import UNKNOWN_BLOB, Blob, Node, Tree
from ..late.dataclasses import replace
from ..oci.entry import LayerEntry
from ..oci.manifest import ImageConfiguration
from ..oci.read import RealImage
from ..remote.untrusted import as_list
from ..s6.release import S6Release, release_of
from ..text.numbers import natural
from ..text.places import Place, Sourced, Span
from .steps import Step, setting_steps, shown_with_digest, steps_of
from .which_s6 import s6_label

T = TypeVar("T")
_SHELLS = ("bash", "dash", "busybox")
_DEVICES = {"character device": "a character device", "block device": "a block device", "pipe": "a named pipe"}


def effective_image(
    image: RealImage, name: str, reference: str | None = None, tag: str | None = None
) -> EffectiveImage:
    """The effective image. `name` is what it is called (its places are `NAME@DIGEST:STEP`), `reference` what asked for it."""
    return _Making(image, name).made(reference, tag)


class _Making:
    def __init__(self, image: RealImage, name: str) -> None:
        self.real = image
        self.name = name
        self.id = shown_with_digest(name, image.digest)
        self.settings: ImageConfiguration = image.configuration
        self.steps = steps_of(self.settings.history, self.id)
        self.first = Place(self.id, Span(1))
        self.by_layer = {step.layer: step.place for step in self.steps if step.layer is not None}
        self.passwd = passwd_of(image.files)

    def made(self, reference: str | None, tag: str | None) -> EffectiveImage:
        environment = self.environment()
        user, workdir = self.settings.text("User"), self.settings.text("WorkingDir")
        stop = self.settings.text("StopSignal")
        shell = self.settings.texts("Shell")
        image = EffectiveImage(
            id=self.id,
            name=self.name,
            dockerfile=None,
            target=None,
            chain=(Ancestor(self.name, "image", reference, tag, id=self.id),),
            known="full",
            env=environment,
            user=self.by("USER", user) if user else None,
            workdir=self.by("WORKDIR", workdir) if workdir else None,
            shell=self.by("SHELL", shell) if shell else None,
            entrypoint=self.command("ENTRYPOINT", "Entrypoint"),
            cmd=self.command("CMD", "Cmd"),
            healthcheck=self.healthcheck(),
            stopsignal=self.by("STOPSIGNAL", stop) if stop else None,
            exposed=tuple(self.by("EXPOSE", port) for port in sorted(self.settings.table("ExposedPorts"))),
            volumes=tuple(self.by("VOLUME", path) for path in sorted(self.settings.table("Volumes"))),
            labels={
                key: self.by("LABEL", value, key)
                for key, value in sorted(self.settings.table("Labels").items())
                if isinstance(value, str)
            },
            onbuild=self.onbuild(),
            tree=self.tree({key: value.value for key, value in environment.items()}),
            accounts=self.accounts(),
            sh=what_sh_is(self.real.files),
        )
        return self.with_release(image)

    def with_release(self, image: EffectiveImage) -> EffectiveImage:
        release = release_of(image)
        version = release.label if isinstance(release, S6Release) else None
        first = replace(image.chain[0], s6=version)
        return replace(image, s6_version=version, chain=(first, *image.chain[1:]))

    # Settings

    def by(self, keyword: str, value: T, word: str = "") -> Sourced[T]:
        """A value with the last step that set it by that instruction, as far as the history tells."""
        steps = list(setting_steps(self.steps, keyword))
        named = [step for step in steps if _names(step, word)] if word else steps
        place = (named or steps)[0].place if named or steps else self.first
        return Sourced(value, place, self.id)

    def environment(self) -> dict[str, Sourced[str]]:
        pairs = (item.partition("=") for item in self.settings.texts("Env") or ())
        return {name: self.by("ENV", value, name) for name, _, value in pairs}

    def command(self, keyword: str, key: str) -> Sourced[CommandLine] | None:
        words = self.settings.texts(key)
        if not words or (keyword == "ENTRYPOINT" and words == ("",)):  # the engine takes `[""]` for none
            return None
        shell = self.settings.texts("Shell") or ("/bin/sh", "-c")
        if len(words) == len(shell) + 1 and words[:-1] == shell:
            return self.by(keyword, CommandLine("shell", words[-1:], shell))
        return self.by(keyword, CommandLine("exec", words))

    def healthcheck(self) -> Sourced[str] | None:
        value = self.settings.table("Healthcheck")
        test = [word for word in as_list(value.get("Test")) or [] if isinstance(word, str)]
        if not test:
            return None
        return self.by("HEALTHCHECK", healthcheck_text(test))

    def onbuild(self) -> tuple[Sourced[Instruction], ...]:
        found: list[Sourced[Instruction]] = []
        for text in self.settings.texts("OnBuild") or ():
            for instruction in parse(f"FROM scratch\n{text}\n", self.id).instructions[1:]:
                found.append(self.by("ONBUILD", instruction))
        return tuple(found)

    # Files

    def tree(self, environment: Mapping[str, str]) -> Tree:
        label = s6_label(self.real.files, self.steps, environment)
        nodes: dict[str, Node] = {}
        for path, entry in self.real.files.items():
            if path != "/":
                nodes[path] = self.node(path, entry, label if path == "/init" else None)
        return Tree(nodes)

    def node(self, path: str, entry: LayerEntry, label: str | None) -> Node:
        place = self.by_layer.get(entry.layer, self.first)
        owner = self.owner(entry.uid)
        if entry.kind == "directory":
            return Node("directory", place, self.id, entry.mode, owner=owner)
        if entry.kind == "link":
            return Node("link", place, self.id, 0o777, target=entry.target, owner=owner)
        if entry.kind != "file":
            return Node("file", place, self.id, entry.mode, owner=owner, provides=_DEVICES[entry.kind])
        source = f"{self.id}{path}" if entry.data is not None else None
        return Node("file", place, self.id, entry.mode, blob_of(entry), "", owner, source, provides=label)

    def owner(self, uid: int) -> str:
        return self.passwd.get(uid, "root" if uid == 0 else str(uid))

    def accounts(self) -> Accounts:
        place = self.place_of("/etc/passwd")
        known = {
            name: Account(name, uid, home or "/", place, self.id) for name, uid, home in passwd_rows(self.real.files)
        }
        return Accounts(
            known or {"root": Account("root", 0, "/root", None, self.id)}, groups=group_rows(self.real.files)
        )

    def place_of(self, path: str) -> Place | None:
        entry = self.real.files.get(path)
        return self.by_layer.get(entry.layer, self.first) if entry is not None else None


def _names(step: Step, word: str) -> bool:
    """Whether an ENV or LABEL sets that name."""
    body = step.text.partition(" ")[2]
    return body.startswith((f"{word}=", f"{word} ")) or f" {word}=" in body


def healthcheck_text(test: Sequence[str]) -> str:
    """A health check as its instruction has it behind the options."""
    if test[0] == "NONE":
        return "NONE"
    return f"CMD {test[-1] if test[0] == 'CMD-SHELL' else json.dumps(list(test[1:]))}"


def blob_of(entry: LayerEntry) -> Blob:
    """A file's content as far as it was kept."""
    if entry.data is not None:
        return Blob(_kept(entry.data), entry.digest)
    return Blob(digest=entry.digest) if entry.digest is not None else UNKNOWN_BLOB


def _kept(data: bytes) -> Callable[[], bytes | None]:
    return lambda: data


def passwd_rows(files: Mapping[str, LayerEntry]) -> list[tuple[str, int, str]]:
    """(name, UID, home) of every line of /etc/passwd that is one."""
    entry = files.get("/etc/passwd")
    found: list[tuple[str, int, str]] = []
    for line in (entry.data if entry is not None and entry.data else b"").decode("utf-8", "replace").splitlines():
        fields = line.split(":")
        if len(fields) >= 6 and fields[0] and (uid := natural(fields[2])) is not None and not line.startswith("#"):
            found.append((fields[0], uid, fields[5]))
    return found


def group_rows(files: Mapping[str, LayerEntry]) -> dict[str, Group] | None:
    """The lines of /etc/group that are groups; None where its text is not known."""
    entry = files.get("/etc/group")
    if entry is None or entry.data is None:
        return None
    rows = (line.split(":") for line in entry.data.decode("utf-8", "replace").splitlines() if not line.startswith("#"))
    return {row[0]: Group(natural(row[2])) for row in rows if len(row) >= 3 and row[0]}


def passwd_of(files: Mapping[str, LayerEntry]) -> dict[int, str]:
    """The first account of each UID."""
    found: dict[int, str] = {}
    for name, uid, _ in passwd_rows(files):
        found.setdefault(uid, name)
    return found


def what_sh_is(files: Mapping[str, LayerEntry]) -> str | None:
    """Which shell `/bin/sh` is; None where it is none of those that are known."""
    path = "/bin/sh"
    nodes = files
    for _ in range(16):
        path = _real_folder(nodes, path)
        entry = nodes.get(path)
        if entry is None:
            return None
        name = path.rpartition("/")[2]
        if name in _SHELLS:
            return name
        if entry.kind != "link":
            return _same_file(files, entry)
        path = _joined(path, entry.target)
    return None


def _same_file(files: Mapping[str, LayerEntry], entry: LayerEntry) -> str | None:
    """The shell that a file is, by another name of the same file."""
    for folder in ("/bin", "/usr/bin"):
        for shell in _SHELLS:
            other = files.get(_real_folder(files, f"{folder}/{shell}"))
            same = other is not None and other.kind == "file" and other.digest == entry.digest
            if same and entry.digest is not None:
                return shell
    return None


def _real_folder(files: Mapping[str, LayerEntry], path: str) -> str:
    folder, _, name = path.rpartition("/")
    for _ in range(16):
        entry = files.get(folder)
        if entry is None or entry.kind != "link":
            break
        folder = _joined(folder, entry.target)
    return f"{folder.rstrip('/')}/{name}"


def _joined(path: str, target: str) -> str:
    from posixpath import dirname, join, normpath

    return normpath(join(dirname(path), target))
