"""Bundled profiles: effective images as data, and how they are read.

A profile holds facts (paths, modes, variables, accounts, start steps and their effects), never a script's text. Most keys
are those that `ctlint inspect --export-profile` writes. For profiles written by hand there are shorter ones: `links`
(path → target), `programs` and `directories` (paths), and `closed` (paths at or below which there is nothing but
what is listed, whatever else is not). `from` names the profile of the image that this one is built on: it tells only what
comes to that one, and of `exposed`, `volumes` and `sessions` the further ones.
"""

from collections.abc import Callable, Container, Mapping
from typing import Any

from ..effects.as_json import Json, effect_from_json, place_from_json
from ..image.accounts import Account, Accounts, Group
from ..image.image import Ancestor, CommandLine, EffectiveImage
from ..image.s6_overlay_files import labelled_nodes
from ..image.script_facts import ScriptFacts
from ..image.tree import Blob, Cloud, Inserted, Node, Tree, TreeBuilder
from ..late.dataclasses import replace
from ..text.errors import InputError, Unknown
from ..text.places import Place, Sourced, Span
from .write import SCHEMA, image_to_json

__all__ = ["SCHEMA", "Json", "image_from_json", "image_to_json"]


def image_from_json(data: Json, base: EffectiveImage | None = None) -> EffectiveImage:
    """The image that a profile describes, laid over `base` (the profile that it extends), if any.

    Raises InputError where the data is not a profile of this version.
    """
    if data.get("schema") != SCHEMA:
        raise InputError(
            f"a profile of schema {data.get('schema')!r} cannot be read; this version reads schema {SCHEMA}"
        )
    return _ProfileReader(data).image(base)


class _ProfileReader:
    """Reads one profile. Places without `at` are the profile's source as a whole."""

    def __init__(self, data: Json) -> None:
        self.data = data
        self.name = str(data["image"])
        self.chain = (
            Ancestor(self.name, "profile", id=self.name),
            *(
                Ancestor(
                    link["name"], link.get("origin", "profile"), link.get("reference"), link.get("tag"), id=link["name"]
                )
                for link in data.get("chain", ())
            ),
        )
        self.real: dict[str, str] = {}
        self.here = Place(str(data.get("source") or self.name), Span(1))

    def image(self, base: EffectiveImage | None) -> EffectiveImage:
        name, data = self.name, self.data
        start = base or EffectiveImage(id=name, name=name, dockerfile=None, target=None, chain=(), known="full")
        removed: list[str] = data.get("env_removed", [])
        env = {key: value for key, value in start.env.items() if key not in removed}
        return replace(
            start,
            id=name,
            name=name,
            chain=self.chain,
            known=data.get("known", "full"),
            env={**env, **{key: self.sourced(value) for key, value in data.get("env", {}).items()}},
            env_open=Unknown(data["env_open"], "profile") if data.get("env_open") else start.env_open,
            user=self.setting("user", start.user),
            workdir=self.setting("workdir", start.workdir),
            shell=self.setting("shell", start.shell, tuple),
            entrypoint=self.setting("entrypoint", start.entrypoint, _command_line),
            cmd=self.setting("cmd", None if "entrypoint" in data else start.cmd, _command_line),
            config_open=Unknown(data["config_open"], "profile") if data.get("config_open") else start.config_open,
            exposed=(*start.exposed, *(self.sourced(port) for port in data.get("exposed", ()))),
            volumes=(*start.volumes, *(self.sourced(path) for path in data.get("volumes", ()))),
            tree=self.tree(start.tree),
            accounts=self.accounts(start.accounts),
            sessions=(*start.sessions, *data.get("sessions", ())),
            sh=data.get("sh") or start.sh,
        )

    def place(self, at: str | None) -> Place:
        """A place; `./` stands for the profile's own source."""
        return (
            place_from_json(at.replace("./", f"{self.here.path}/", 1) if at.startswith("./") else at)
            if at
            else self.here
        )

    def owner(self, index: int) -> str:
        """The id of the link of the chain with that number."""
        return self.chain[index].id or self.name

    def sourced(self, value: Any, convert: Callable[[Any], Any] = lambda v: v) -> Sourced[Any]:
        if isinstance(value, dict):
            owner = self.owner(value.get("of", 0))  # pyright: ignore[reportUnknownArgumentType,reportUnknownMemberType]
            at = value.get("at")  # pyright: ignore[reportUnknownVariableType,reportUnknownMemberType]
            return Sourced(convert(value["value"]), self.place(at), owner)  # pyright: ignore[reportUnknownArgumentType]
        return Sourced(convert(value), self.here, self.name)

    def setting(self, key: str, current: Any, convert: Callable[[Any], Any] = lambda v: v) -> Any:
        """The value of a key; what the profile that it extends says where it is not there, nothing where it is null."""
        if key not in self.data:
            return current
        return self.sourced(self.data[key], convert) if self.data[key] is not None else None

    def accounts(self, start: Accounts) -> Accounts:
        data: Json = self.data.get("accounts", {})
        known = dict(start.known)
        removed = frozenset(data.get("removed", ()))
        for name in removed:
            known.pop(name, None)
        for name, item in data.get("known", {}).items():
            at = self.place(item["at"]) if item.get("at") else None
            known[name] = Account(
                name, item.get("uid"), item.get("home"), at, self.owner(item.get("of", 0)), item.get("sure", True)
            )
        reason = data.get("open")
        return Accounts(
            known,
            start.packages | set(data.get("packages", ())),
            Unknown(reason, "profile") if reason else start.open,
            (start.removed | removed) - known.keys(),
            self.groups(data, start),
        )

    def groups(self, data: Json, start: Accounts) -> Mapping[str, Group] | None:
        """The groups by name with their numbers (None for one that is not known); none are known where none are named."""
        if "groups" not in data:
            return start.groups
        return {name: Group(gid) for name, gid in data["groups"].items()}

    def tree(self, start: Tree) -> Tree:
        builder = start.edit()
        data = self.data
        links = data.get("links", {})
        for path, target in links.items():
            builder.put(path, Node("link", self.here, self.name, mode=0o777, target=target))
        nodes: Json = data.get("nodes", {})
        for path, item in nodes.items():
            if "target" in item:
                builder.put(path, self.node(item, None))
        for item in data.get("s6", ()):
            for path, node in labelled_nodes(item["label"], self.place(item.get("at")), self.owner(item.get("of", 0))):
                self.put(builder, path, node)
        for path in data.get("directories", ()):
            self.put(builder, path, Node("directory", self.here, self.name, mode=0o755))
        for path in data.get("programs", ()):
            self.put(builder, path, Node("file", self.here, self.name, mode=0o755))
        scripts: Json = data.get("scripts", {})
        for path, item in nodes.items():
            if "target" not in item:
                self.put(builder, path, self.node(item, scripts.get(path)))
        _assure_directories(builder, {*nodes, *start.nodes} if "from" in data else nodes)
        for path in data.get("removed", ()):
            builder.remove(path)
        if "from" in data:
            builder.clouds = {self.cloud_over(start, cloud): None for cloud in data.get("clouds", ())}
        else:
            self.clouds(builder)
        return builder.build()

    @staticmethod
    def cloud_over(base: Tree, cloud: Any) -> Cloud:
        """A cloud of an image over its base: a number stands for the base's own, which may have lost what `spares` tells."""
        if isinstance(cloud, int):
            return base.clouds[cloud]
        told: Json = cloud
        if "base" in told:
            old: Cloud = base.clouds[int(told["base"])]
            return replace(old, spares=(*old.spares, *told["spares"]))
        return _cloud(told)

    def put(self, builder: TreeBuilder, path: str, node: Node) -> None:
        """Put a node where its directory really is; links were put before, so that is asked once for a directory."""
        parent, _, name = path.rpartition("/")
        real = f"{self.real[parent]}/{name}" if parent in self.real else path
        if parent not in self.real or real in builder.nodes:
            placed = builder.put(path, node)
            if not node.sure:  # also a directory that what was unpacked before has made
                builder.nodes[placed] = replace(builder.nodes[placed], sure=False)
            if (
                node.kind == "directory" and "from" in self.data
            ):  # what is said of a folder is of this image, not of its base
                builder.nodes[placed] = node
            if node.kind != "directory":
                self.real[parent] = placed.rpartition("/")[0]
            return
        builder.nodes[real] = node

    def clouds(self, builder: TreeBuilder) -> None:
        for cloud in self.data.get("clouds", ()):
            builder.open(_cloud(cloud))
        closed = tuple(builder.resolve(path, last=False) for path in self.data.get("closed", ()))
        if closed:
            builder.clouds = {replace(cloud, spares=(*cloud.spares, *closed)): None for cloud in builder.clouds}

    def node(self, item: Json, script: Json | None) -> Node:
        kind = item.get("kind", "link" if "target" in item else "file")
        default = 0o777 if kind == "link" else 0o755 if kind == "directory" else None
        text = item.get("data")
        blob = Blob.of(text.encode("utf-8", "surrogateescape")) if text is not None else Blob(digest=item.get("blob"))
        return Node(
            kind,
            self.place(item.get("at")),
            self.owner(item.get("of", 0)),
            mode=int(item["mode"], 8) if item.get("mode") else item.get("mode", default),
            blob=blob,
            target=item.get("target", ""),
            owner=item.get("owner", "root"),
            sure=item.get("sure", True),
            provides=item.get("provides"),
            facts=self.facts(script) if script is not None else None,
            inserted=tuple(Inserted(line["text"], self.place(line.get("at"))) for line in item.get("inserted", ())),
        )

    def facts(self, script: Json) -> ScriptFacts:
        effects = tuple(effect_from_json(effect, self.place(effect["at"])) for effect in script.get("effects", ()))
        return ScriptFacts(script.get("shebang"), effects, script.get("sees_environment"))


def _cloud(cloud: Json) -> Cloud:
    below, spares = tuple(cloud.get("below", ("/",))), tuple(cloud.get("spares", ()))
    return Cloud(cloud["reason"], below, spares, cause="profile", by=cloud.get("by"))


def _assure_directories(builder: TreeBuilder, listed: Container[str]) -> None:
    """A directory that only what is in it tells of is surely there where something in it surely is."""
    doubtful = {
        path
        for path, node in builder.nodes.items()
        if not node.sure and node.kind == "directory" and path not in listed
    }
    if not doubtful:
        return
    for path in [path for path, node in builder.nodes.items() if node.sure]:
        parent = path.rpartition("/")[0]
        while parent in doubtful:
            doubtful.discard(parent)
            builder.nodes[parent] = replace(builder.nodes[parent], sure=True)
            parent = parent.rpartition("/")[0]


def _command_line(value: Any) -> CommandLine:
    if isinstance(value, list):
        return CommandLine("exec", tuple(value))  # pyright: ignore[reportUnknownArgumentType]
    shell = value.get("shell")
    words = tuple(value["words"])
    return CommandLine(value["form"], words, tuple(shell)) if shell else CommandLine(value["form"], words)
