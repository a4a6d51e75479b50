"""The file tree of an image, as far as it can be known without building it.

A tree is a set of known nodes under a set of clouds. A cloud stands for writers that could not be read: a parent whose
source is not at hand, a package installation, a downloaded installer. A path that no node names is surely absent only
where no cloud covers it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Literal

from ..late.dataclasses import dataclass, field, replace
from ..text.errors import Cause, Unknown, met
from ..text.git_blobs import blob_id
from ..text.globs import glob_matches
from ..text.paths import normal, within
from ..text.places import MappedText, Place

if TYPE_CHECKING:
    from .script_facts import ScriptFacts

_MAX_LINKS = 40
_LONGEST_PATH = 4096
_EVERYWHERE = ("/",)
_FEW_LINKS = 64
"""Links up to which each is held against a path; beyond, the folders of the path are asked for."""


class Blob:
    """A file's content: readable, or known by its git blob id alone, or not known at all.

    `load` is called once, when the content is first asked for; it returns None where the content cannot be had.
    """

    __slots__ = ("_data", "_digest", "_load", "unread")

    def __init__(
        self, load: Callable[[], bytes | None] | None = None, digest: str | None = None, unread: str | None = None
    ) -> None:
        """`unread` says why a file that is there cannot be read."""
        self._load = load
        self._digest = digest
        self.unread = unread
        self._data: bytes | None = None

    @classmethod
    def of(cls, data: bytes) -> "Blob":
        return cls(lambda: data)

    @property
    def data(self) -> bytes | None:
        if self._load is not None:
            self._data = self._load()
            self._load = None
        return self._data

    @property
    def digest(self) -> str | None:
        """The git blob id (hexadecimal SHA-1 of header and content), None where the content is not known."""
        if self._digest is None and (data := self.data) is not None:
            self._digest = blob_id(data)
        return self._digest

    def same_as(self, other: "Blob | None") -> bool | Unknown:
        """Whether both hold the same bytes."""
        if other is None or self.digest is None or other.digest is None:
            return Unknown("the content of one of the files is not known")
        return self.digest == other.digest


UNKNOWN_BLOB = Blob()


@dataclass(frozen=True, slots=True)
class Inserted:
    """A line that a command put into a file whose other content it kept; `place` is that command."""

    text: str
    place: Place


@dataclass(frozen=True, slots=True)
class Node:
    """A file, directory or symbolic link of the image.

    `place` is what put it there (a Dockerfile's instruction, a command of a script), `image` the id of the image whose
    build that was. `source` is the repository file that it is a copy of, as shown to the user; `text` the text with its positions
    where the content stands in a Dockerfile or script itself (a here-document). `mode` are the permission bits, None
    where they cannot be known. `sure` is false where it was put there only under a condition.
    """

    kind: Literal["file", "directory", "link"]
    place: Place
    image: str
    mode: int | None = None
    blob: Blob = UNKNOWN_BLOB
    target: str = ""
    owner: str = "root"
    source: str | None = None
    text: MappedText | None = None
    sure: bool = True
    provides: str | None = None
    """What the file is known to belong to: `s6-overlay 3.1.6.2`, a package, or the URL it was fetched from."""
    facts: "ScriptFacts | None" = None
    """What a start script does whose text is not at hand."""
    x_in_git_alone: bool = False
    """Whether `mode` has the x bit that git keeps, and the file on the disk of this checkout has none."""
    inserted: tuple[Inserted, ...] = ()
    """Lines that the build put into it (`sed -i '/…/a TEXT'`), where its content is no longer known as a whole."""

    @property
    def executable(self) -> bool | Unknown:
        if self.mode is None:
            return Unknown("the mode of the file is not known")
        return bool(self.mode & 0o111)

    @property
    def home(self) -> Place:
        """Where the user would edit the file: the repository file's first line, or what made it."""
        if self.source is not None:
            from ..text.places import Span

            return Place(self.source, Span(1))
        return self.place


@dataclass(frozen=True, slots=True)
class Cloud:
    """Writers that may have put anything anywhere below `below`, but not below `spares`.

    With `test`, only a path for which it is true may be there (a file that git ignores in a copied folder).
    """

    reason: str
    below: tuple[str, ...] = ("/",)
    spares: tuple[str, ...] = ()
    test: Callable[[str], bool] | None = field(default=None, compare=False)
    cause: Cause | None = None
    by: str | None = None
    """`packages`: the writers are packages of a distribution, or others that go to the same places; `archive`: one that is
    unpacked, and no root file system; `distribution`: what a base image of it has itself and no profile lists."""
    accounts: bool = True
    """Whether a list of accounts may be among what they write: not with tools that build a program from its sources."""
    _spared: frozenset[str] = field(default=frozenset(), init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_spared", frozenset(self.spares))

    @property
    def unknown(self) -> Unknown:
        """The answer to what the cloud covers."""
        return met(Unknown(self.reason, self.cause))

    def covers(self, path: str) -> bool:
        if self.below != _EVERYWHERE and not any(within(path, base) for base in self.below):
            return False
        if self._spares(path):
            return False
        return self.test is None or self.test(path)

    def without(self, removed: str) -> "Cloud | None":
        """The cloud when all below `removed` is gone; None where nothing is left of it."""
        below = tuple(base for base in self.below if not within(base, removed))
        if not below:
            return None
        if any(within(removed, base) for base in below) and not self._spares(removed):
            return replace(self, below=below, spares=(*self.spares, removed))
        return replace(self, below=below) if below != self.below else self

    def _spares(self, path: str) -> bool:
        """Whether a path is, or lies below, one that is spared; asked for each of its folders, as many may be spared."""
        spared = self._spared
        if len(spared) < 12:
            return any(path.startswith(spare) and within(path, spare) for spare in self.spares)
        if path in spared or "/" in spared:
            return True
        end = path.rfind("/")
        while end > 0:
            if path[:end] in spared:
                return True
            end = path.rfind("/", 0, end)
        return False


class NodesByPath(dict[str, Node]):
    """The nodes of a tree by their paths. It knows which of them are links, so that whoever follows a path need not ask
    for each of its folders, and which cannot be read, so that nobody need look through all for them."""

    def __init__(self, nodes: Mapping[str, Node]) -> None:
        super().__init__(nodes)
        copied = nodes if isinstance(nodes, NodesByPath) else None
        self._links: dict[str, None] = dict(copied._links) if copied is not None else {}
        self._prefixes: tuple[str, ...] | None = copied._prefixes if copied is not None else None
        self.unread: dict[str, Node] = dict(copied.unread) if copied is not None else {}
        """Those of a file of a repository that cannot be read."""
        if copied is None:
            for path, node in self.items():
                self._note(path, node)

    def __setitem__(self, path: str, node: Node) -> None:
        super().__setitem__(path, node)
        self._note(path, node)

    def __delitem__(self, path: str) -> None:
        super().__delitem__(path)
        self.unread.pop(path, None)
        if path in self._links:
            del self._links[path]
            self._prefixes = None

    def __reduce__(self) -> tuple[type["NodesByPath"], tuple[dict[str, Node]]]:
        return NodesByPath, (dict(self),)

    def _note(self, path: str, node: Node) -> None:
        if node.kind == "link":
            self._links[path] = None
            self._prefixes = None
        elif path in self._links:
            del self._links[path]
            self._prefixes = None
        if node.blob.unread is not None:
            self.unread[path] = node
        elif self.unread:
            self.unread.pop(path, None)

    def crosses_link(self, path: str) -> bool:
        """Whether a folder that the path, made plain, leads through is a link."""
        if not self._links:
            return False
        if len(self._links) > _FEW_LINKS:
            return _crosses_link(self, path)
        if self._prefixes is None:
            self._prefixes = tuple([f"{link}/" for link in self._links])
        return path.startswith(self._prefixes)


class Tree:
    """An immutable file tree; `edit()` gives a builder for the next layer."""

    __slots__ = ("__weakref__", "_brought", "_children", "_sourced", "clouds", "nodes")

    def __init__(self, nodes: Mapping[str, Node], clouds: tuple[Cloud, ...] = ()) -> None:
        self.nodes = nodes if isinstance(nodes, NodesByPath) else NodesByPath(nodes)
        self.clouds = clouds
        self._children: dict[str, list[str]] | None = None
        self._sourced: tuple[tuple[str, Node], ...] | None = None
        self._brought: tuple[str, tuple[tuple[str, Node], ...]] | None = None

    def edit(self) -> "TreeBuilder":
        return TreeBuilder(NodesByPath(self.nodes), dict.fromkeys(self.clouds))

    def resolve(self, path: str, *, last: bool = True) -> str:
        """`path` with symbolic links of its directories followed, and, if `last`, one at its end too."""
        return _resolve(self.nodes, path, last=last)

    def get(self, path: str, *, follow: bool = True) -> Node | Unknown | None:
        """The node at `path`; None if there surely is none."""
        real = self.resolve(path, last=follow)
        node = self.nodes.get(real)
        if node is not None:
            return node if node.sure else Unknown(f"{path} is there only under a condition ({node.place})")
        cloud = self.cloud_over(real)
        return cloud.unknown if cloud else None

    def find(self, path: str, *, follow: bool = True) -> Node | None:
        """The node at `path`, where one is known to be there."""
        return self.nodes.get(self.resolve(path, last=follow))

    def cloud_over(self, path: str) -> Cloud | None:
        return next((cloud for cloud in self.clouds if cloud.covers(path)), None)

    def closed(self, directory: str) -> Literal[True] | Unknown:
        """True where every entry of `directory` is known."""
        cloud = self.cloud_over(self.resolve(directory) + "/\0")
        return cloud.unknown if cloud else True

    def children(self, directory: str) -> list[str]:
        """The names known in `directory`, in byte order."""
        if self._children is None:
            index: dict[str, list[str]] = {}
            for path in self.nodes:
                if path != "/":
                    parent, _, name = path.rpartition("/")
                    index.setdefault(parent or "/", []).append(name)
            self._children = index
        names = self._children.get(self.resolve(directory), [])
        names.sort(key=_bytes_of)  # where it is in order, which it is at the second time, that costs next to nothing
        return names

    @property
    def sourced(self) -> tuple[tuple[str, Node], ...]:
        """The nodes that come out of a repository's file, with their paths, in no order: few of those that a base has."""
        if self._sourced is None:
            self._sourced = tuple([pair for pair in self.nodes.items() if pair[1].source is not None])
        return self._sourced

    def brought_by(self, image: str) -> tuple[tuple[str, Node], ...]:
        """The nodes that the image with that id put there itself, with their paths, in no order."""
        if self._brought is None or self._brought[0] != image:
            self._brought = image, tuple([pair for pair in self.nodes.items() if pair[1].image == image])
        return self._brought[1]

    def below(self, directory: str) -> Iterator[tuple[str, Node]]:
        """Every known node below `directory` (itself not included), in no order."""
        prefix = self.resolve(directory).rstrip("/") + "/"
        for path, node in self.nodes.items():
            if path.startswith(prefix) and path != "/":
                yield path, node

    def glob(self, pattern: str) -> list[str]:
        """The known paths that a shell's `pattern` matches (`*` does not cross `/`), in byte order."""
        return _glob(self.nodes, pattern)

    def go_glob(self, pattern: str) -> list[str]:
        """The known paths that Go's `pattern` matches, as COPY has it: a wildcard stands for a dot at the beginning, too."""
        return _glob(self.nodes, pattern, dots=True)


class TreeBuilder:
    """The tree of a layer while it is being made. Later writers win, as they do in an image."""

    def __init__(self, nodes: NodesByPath, clouds: dict[Cloud, None]) -> None:
        self.nodes = nodes
        self.clouds = clouds
        """In the order in which they came."""

    def build(self) -> Tree:
        return Tree(self.nodes, tuple(self.clouds))

    def resolve(self, path: str, *, last: bool = True) -> str:
        return _resolve(self.nodes, path, last=last)

    def get(self, path: str) -> Node | None:
        return self.nodes.get(self.resolve(path))

    def find(self, path: str) -> Node | None:
        return self.get(path)

    def closed(self, directory: str) -> Literal[True] | Unknown:
        """True where every entry of `directory` is known."""
        cloud = self.cloud_over(self.resolve(directory) + "/\0")
        return cloud.unknown if cloud is not None else True

    def is_directory(self, path: str) -> bool:
        node = self.get(path)
        return path == "/" or (node is not None and node.kind == "directory")

    def cloud_over(self, path: str) -> Cloud | None:
        return next((cloud for cloud in self.clouds if cloud.covers(path)), None)

    def covered(self, path: str) -> bool:
        return self.cloud_over(path) is not None

    def put(self, path: str, node: Node) -> str:
        """Put a node at `path`, making the directories above it; a directory already there stays. Returns the real path.

        Nothing is put at a path of PATH_MAX characters: no program could (ENAMETOOLONG).
        """
        real = self.resolve(path, last=node.kind == "directory")
        if len(real) >= _LONGEST_PATH:
            return real
        self._make_parents(real, node)
        old = self.nodes.get(real)
        if node.kind == "directory" and old is not None and old.kind == "directory":
            if node.mode is not None and node.mode != old.mode:
                self.nodes[real] = replace(old, mode=node.mode)
            return real
        if old is not None and old.kind == "directory" and node.kind != "directory":
            self._drop(real)
        self.nodes[real] = node
        return real

    def _make_parents(self, path: str, node: Node) -> None:
        parent = path.rpartition("/")[0]
        missing: list[str] = []
        while parent and (parent not in self.nodes or self.nodes[parent].kind != "directory"):
            missing.append(parent)
            parent = parent.rpartition("/")[0]
        for directory in reversed(missing):
            self.nodes[directory] = Node(
                "directory", node.place, node.image, mode=0o755, sure=node.sure and not self.covered(directory)
            )

    def remove(self, path: str, *, follow: bool = False) -> None:
        """Remove what is at `path` and below it; from now on it is surely not there."""
        real = self.resolve(path, last=follow)
        self._drop(real)
        self.clouds = {left: None for cloud in self.clouds if (left := cloud.without(real)) is not None}

    def empty(self, directory: str) -> None:
        """Remove everything in `directory`, which itself stays."""
        real = self.resolve(directory)
        for path in [p for p in self.nodes if p.startswith(real.rstrip("/") + "/")]:
            del self.nodes[path]

    def _drop(self, real: str) -> None:
        node = self.nodes.get(real)
        if node is not None and node.kind != "directory":
            del self.nodes[real]
            return
        prefix = real + "/"
        for path in [p for p in self.nodes if p == real or p.startswith(prefix)]:
            del self.nodes[path]

    def change(self, paths: Iterable[str], edit: Callable[[Node], Node]) -> None:
        for path in paths:
            real = self.resolve(path)
            node = self.nodes.get(real)
            if node is not None:
                self.nodes[real] = edit(node)

    def below(self, directory: str) -> list[tuple[str, Node]]:
        real = self.resolve(directory)
        prefix = real.rstrip("/") + "/"
        return [(path, node) for path, node in self.nodes.items() if path.startswith(prefix) and path != "/"]

    def glob(self, pattern: str) -> list[str]:
        return _glob(self.nodes, pattern)

    def open(self, cloud: Cloud) -> None:
        self.clouds.setdefault(cloud)


def _bytes_of(name: str) -> bytes:
    return name.encode("utf-8", "surrogateescape")


def _crosses_link(nodes: Mapping[str, Node], path: str) -> bool:
    """Whether a folder that the path, made plain, leads through is a link."""
    at = path.find("/", 1)
    while at > 0:
        node = nodes.get(path[:at])
        if node is not None and node.kind == "link":
            return True
        at = path.find("/", at + 1)
    return False


def _resolve(nodes: NodesByPath, path: str, *, last: bool) -> str:
    path = normal(path)
    if (not last or path not in nodes or nodes[path].kind != "link") and not nodes.crosses_link(path):
        return path
    done = ""
    todo = [part for part in path.split("/") if part]
    followed = 0
    while todo:
        part = todo.pop(0)
        if part == "..":
            done = done.rpartition("/")[0]
            continue
        step = f"{done}/{part}"
        node = nodes.get(step)
        if node is not None and node.kind == "link" and (todo or last) and followed < _MAX_LINKS:
            followed += 1
            target = [piece for piece in node.target.split("/") if piece and piece != "."]
            if node.target.startswith("/"):
                done = ""
            todo = target + todo
            continue
        done = step
    return done or "/"


def _glob(nodes: NodesByPath, pattern: str, *, dots: bool = False) -> list[str]:
    directory, _, name = pattern.rpartition("/")
    if any(character in directory for character in "*?["):
        parents = _glob(nodes, directory, dots=dots)
    else:
        parents = [_resolve(nodes, directory or "/", last=True)]
    hidden = dots or name.startswith(".")
    found: list[str] = []
    if len(parents) > 1:  # all at once: there may be as many of them as there are paths
        folders = {parent.rstrip("/") for parent in parents}
        pairs = (path.rpartition("/") for path in nodes)
        beside = ((folder, rest) for folder, _, rest in pairs if folder in folders)
    else:
        prefix = parents[0].rstrip("/") if parents else "\0"
        beside = ((prefix, path[len(prefix) + 1 :]) for path in nodes if path.startswith(prefix + "/"))
    for folder, rest in beside:
        if rest and "/" not in rest and (hidden or not rest.startswith(".")) and glob_matches(rest, name):
            found.append(f"{folder}/{rest}")
    return sorted(found, key=lambda path: path.encode("utf-8", "surrogateescape"))


def only_packages(cloud: Cloud) -> bool:
    """Whether it stands for packages and tools of a distribution alone, which leave homes and s6-overlay's places alone.

    An unknown parent, a script that cannot be read and a program that may write anywhere are other writers.
    """
    return not (cloud.covers("/command/\0") or cloud.covers("/home/\0"))


def may_hold_accounts(tree: "Tree | TreeBuilder", path: str) -> bool:
    """Whether a list of accounts may be at a path where none is known to be."""
    real = tree.resolve(path)
    return any(cloud.accounts and cloud.covers(real) for cloud in tree.clouds)


def beside_root_folders(path: str) -> bool:
    """Whether the path names a script right below `/`, where no package of a distribution puts one."""
    return path.count("/") == 1 and "." in path
