"""Effective image → profile data: what `ctlint inspect --export-profile` writes."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..boot.plan import BootPlan
from ..boot.script_reader import ScriptReader, account_variables
from ..effects.as_json import Json, effect_to_json
from ..effects.s6_directories import S6_OVERLAY
from ..image.accounts import Accounts
from ..image.image import CommandLine, EffectiveImage
from ..image.s6_overlay_files import labelled_nodes
from ..image.script_facts import ScriptFacts
from ..image.script_files import LONGEST, ScriptFiles
from ..image.tree import Cloud, Node
from ..text.errors import InputError
from ..text.paths import within
from ..text.places import Place, Sourced, Span

SCHEMA = 1
_S6 = "s6-overlay "
_DEFINITIONS = f"{S6_OVERLAY}/"
_SCRIPT_NAMES = frozenset(("run", "finish"))
_LARGEST_DEFINITION = 400
"""Bytes up to which a file of an s6-rc definition is kept as it is: `type`, `up`, `notification-fd`, names."""

Cite = Callable[[str], str]
"""A path as it is shown → `OWNER/REPO@COMMIT/path`."""


def image_to_json(
    image: EffectiveImage,
    scripts: Mapping[str, ScriptFacts],
    source: str,
    tags: Sequence[str],
    cite: Cite | None = None,
) -> Json:
    """A profile of `image`.

    `scripts` are its start scripts and what they call, by path; `source` is OWNER/REPO@COMMIT; `cite` gives the address
    of a file, by default that file in `source`. Raises InputError where the image has what no profile can hold.
    """
    if image.onbuild:
        raise InputError(f"{image.name} has ONBUILD instructions; no profile can hold them")
    return _Writer(image, source, cite).data(scripts, tags)


class _Writer:
    def __init__(self, image: EffectiveImage, source: str, cite: Cite | None) -> None:
        self.image = image
        self.source = source
        self.cite = cite or self._in_source
        self.links = {link.id: index for index, link in reversed(list(enumerate(image.chain)))}
        self.archives = self._archives()
        self.unpacked = self._unpacked()
        self.inside: dict[str, list[str]] = {}
        for path in image.tree.nodes:
            self.inside.setdefault(path.rpartition("/")[0] or "/", []).append(path)

    def _in_source(self, path: str) -> str:
        folder = self.image.dockerfile or ""
        prefix = folder.partition("/")[0] + "/" if "/" in folder else ""
        return f"{self.source}/{path.removeprefix(prefix)}"

    def at(self, place: Place) -> str:
        """A place as the profile cites it; `./` stands for the profile's own source."""
        path = place.path if "@" in place.path else self.cite(place.path)
        own = self.source + "/"
        return f"{'./' + path[len(own) :] if path.startswith(own) else path}:{place.line}"

    def owned(self, image: str) -> Json:
        index = self.links.get(image, 0)
        return {"of": index} if index else {}

    def sourced(self, value: Sourced[Any] | None, convert: Callable[[Any], Any] = lambda v: v) -> Any:
        if value is None:
            return None
        return {"value": convert(value.value), "at": self.at(value.place), **self.owned(value.image)}

    def data(self, scripts: Mapping[str, ScriptFacts], tags: Sequence[str]) -> Json:
        image = self.image
        data: Json = {
            "schema": SCHEMA,
            "image": image.name,
            "tags": list(tags),
            "source": self.source,
            "known": image.known,
            "chain": [_link(link.name, link.origin, link.reference, link.tag) for link in image.chain[1:]],
            "env": {name: self.sourced(value) for name, value in sorted(image.env.items())},
            "env_open": image.env_open.reason if image.env_open is not None else None,
            "config_open": image.config_open.reason if image.config_open is not None else None,
            "user": self.sourced(image.user),
            "workdir": self.sourced(image.workdir),
            "shell": self.sourced(image.shell, list),
            "entrypoint": self.sourced(image.entrypoint, _command_line),
            "cmd": self.sourced(image.cmd, _command_line),
            "exposed": [self.sourced(port) for port in image.exposed],
            "volumes": [self.sourced(path) for path in image.volumes],
            "sh": image.sh,
            "sessions": list(image.sessions),
            "accounts": self.accounts(),
            "clouds": [_cloud(cloud) for cloud in _joined(image.tree.clouds)],
            "s6": self.archives,
            "nodes": {
                path: self.node(path, node)
                for path, node in sorted(image.tree.nodes.items())
                if (node.provides is None or self.unpacked.get(path) != node.provides) and not self.implied(path, node)
            },
            "removed": sorted(path for path in self.unpacked if path not in image.tree.nodes),
            "scripts": {path: self.script(facts) for path, facts in sorted(scripts.items())},
        }
        return {key: value for key, value in data.items() if value not in (None, [], {})}

    def accounts(self) -> Json:
        accounts = self.image.accounts
        known = {
            account.name: {
                **({"uid": account.uid} if account.uid is not None else {}),
                **({"home": account.home} if account.home is not None else {}),
                **({"at": self.at(account.place)} if account.place is not None else {}),
                **({} if account.sure else {"sure": False}),
                **self.owned(account.image),
            }
            for account in accounts.known.values()
        }
        return {
            "known": known,
            "packages": sorted(accounts.packages),
            **({"open": accounts.open.reason} if accounts.open is not None else {}),
            **({"removed": sorted(accounts.removed)} if accounts.removed else {}),
            **({"groups": _groups(accounts)} if accounts.groups is not None else {}),
        }

    def _archives(self) -> list[Json]:
        """The s6-overlay archives that were unpacked: they stand for every file of theirs."""
        found: dict[str, Json] = {}
        for node in self.image.tree.nodes.values():
            label = node.provides or ""
            if label.startswith(_S6) and label not in found:
                found[label] = {"label": label, "at": self.at(node.place), **self.owned(node.image)}
        return [found[label] for label in sorted(found)]

    def _unpacked(self) -> dict[str, str]:
        """What the archives put where, in this image: path → label."""
        tree = self.image.tree
        return {
            tree.resolve(path, last=False): archive["label"]
            for archive in self.archives
            for path, node in labelled_nodes(archive["label"], Place("", Span(1)), "")
            if node.kind != "directory"
        }

    def implied(self, path: str, node: Node) -> bool:
        """Whether a directory is as one is made for what is in it, which is listed."""
        plain = node.kind == "directory" and node.mode == 0o755 and node.owner == "root" and node.sure
        return plain and any(self.image.tree.nodes[inner].sure for inner in self.inside.get(path, ()))

    def node(self, path: str, node: Node) -> Json:
        at = self.at(node.place if node.source is None else node.home)
        told = {"at": at} if at != f"{self.source}:1" else {}  # what a profile says without a place is of its source
        data: Json = {**told, **self.owned(node.image)}
        if node.kind == "link":
            data["target"] = node.target
        else:
            if node.kind == "directory":
                data["kind"] = "directory"
            if node.mode != (0o755 if node.kind == "directory" else None):
                data["mode"] = f"{node.mode:o}" if node.mode is not None else None
        if node.kind == "file":
            data.update(_content(path, node))
        if node.owner != "root":
            data["owner"] = node.owner
        if not node.sure:
            data["sure"] = False
        if node.provides:
            data["provides"] = node.provides
        if node.inserted:
            data["inserted"] = [{"text": line.text, "at": self.at(line.place)} for line in node.inserted]
        return data

    def script(self, facts: ScriptFacts) -> Json:
        return {
            **({"shebang": facts.shebang} if facts.shebang is not None else {}),
            **({"sees_environment": facts.sees_environment} if facts.sees_environment is not None else {}),
            **({"effects": [effect_to_json(e, self.at(e.place)) for e in facts.effects]} if facts.effects else {}),
        }


def _link(name: str, origin: str, reference: str | None, tag: str | None) -> Json:
    data: Json = {"name": name}
    if origin == "unknown":
        data["origin"] = origin
    if reference:
        data["reference"] = reference
    if tag:
        data["tag"] = tag
    return data


def _groups(accounts: Accounts) -> Json:
    """The groups that are surely there, with their numbers."""
    return {name: one.gid for name, one in (accounts.groups or {}).items() if one.sure}


def _command_line(value: CommandLine) -> Any:
    if value.form == "exec":
        return list(value.words)
    return {"form": value.form, "words": list(value.words), "shell": list(value.shell)}


def _content(path: str, node: Node) -> Json:
    """A file's identity, and the content of what s6-rc-compile reads, which is names and numbers."""
    if path.startswith(_DEFINITIONS) and _is_definition(path):
        data = node.blob.data
        if data is not None and len(data) <= _LARGEST_DEFINITION:
            rows = data.decode("utf-8", "replace").splitlines(keepends=True)
            return {"data": "".join("#\n" if row.lstrip().startswith("#") else row for row in rows)}
    return {"blob": node.blob.digest} if node.blob.digest is not None else {}


def _is_definition(path: str) -> bool:
    """Whether s6-rc-compile reads a file below its folders itself: scripts, and what a service has in `data`, it only copies."""
    folder, _, name = path.rpartition("/")
    return name not in _SCRIPT_NAMES and not folder.endswith("/data")


def _joined(clouds: Sequence[Cloud]) -> list[Cloud]:
    """The clouds without those that lie within another; clouds over files that git ignores are not what was published."""
    kept: list[Cloud] = []
    for cloud in clouds:
        if cloud.test is None and not any(_holds(other, cloud) for other in kept):
            kept = [*(other for other in kept if not _holds(cloud, other)), cloud]
    return kept


def _holds(outer: Cloud, inner: Cloud) -> bool:
    """Whether whatever `inner` covers, `outer` covers too."""
    if not all(any(within(base, around) for around in outer.below) for base in inner.below):
        return False
    touching = [s for s in outer.spares if any(within(s, base) or within(base, s) for base in inner.below)]
    return all(any(within(spare, own) for own in inner.spares) for spare in touching)


def _cloud(cloud: Cloud) -> Json:
    return {
        "reason": cloud.reason,
        "below": list(cloud.below),
        **({"spares": list(cloud.spares)} if cloud.spares else {}),
        **({"by": cloud.by} if cloud.by else {}),
    }


_SPAWNED_BY_S6 = frozenset(("cont-init", "oneshot", "longrun", "services.d"))


class _UnboundFiles(ScriptFiles):
    """Globs stay as they are written: which files they match is another matter in each image built on this one."""

    def glob(self, pattern: str) -> tuple[str, ...] | None:
        return None


def script_facts(image: EffectiveImage, plan: BootPlan) -> Mapping[str, ScriptFacts]:
    """What each shell script of the image does when it runs at start, by path in the image."""
    runtime = account_variables(effect for step in plan.steps for effect in step.effects)
    reader = ScriptReader(image, runtime)
    reader.files = _UnboundFiles(image.tree, image.sh)
    spawned = {step.script.path for step in plan.steps if step.script is not None and step.kind in _SPAWNED_BY_S6}
    found: dict[str, ScriptFacts] = {}
    for path, node in image.tree.nodes.items():
        if node.facts is not None:
            found[path] = node.facts
        elif node.kind == "file" and (path in spawned or _is_script(node.blob.data)):
            given = () if path in spawned else None
            script = reader.read(path, inherits=path not in spawned, arguments=given)
            if script is None or (script.reading is None and script.data is None):
                continue
            sees = reader.sees_environment(script.shebang)
            shebang = script.shebang.raw if script.shebang is not None else None
            found[path] = ScriptFacts(shebang, script.effects, sees if isinstance(sees, bool) else None)
    return found


def _is_script(data: bytes | None) -> bool:
    return data is not None and len(data) <= LONGEST and data.startswith(b"#!")
