"""What COPY and ADD put where (BuildKit frontend/dockerfile/dockerfile2llb/convert.go, dispatchCopy)."""

import re
from collections.abc import Callable
from dataclasses import replace
from posixpath import basename, normpath

from ..dockerfile.operands import Copy
from ..text.errors import Unknown
from ..text.paths import normal
from ..text.places import MappedText, Place
from .apply import spared_by
from .build_state import BuildState
from .context_files import ContextFiles, Taken, take_from_tree
from .file_modes import changed_mode
from .s6_overlay_files import unpacked
from .tree import Blob, Cloud, Node, Tree

_REMOTE = re.compile(r"(?:https?|ftp)://")
_ARCHIVE = re.compile(r"\.(?:tar|tar\.(?:gz|xz|bz2|zst|Z)|tgz|txz|tbz2?)\Z")

Expand = Callable[[str], str]
_GIT = re.compile(r"git@|(?:git|ssh)://|github\.com/|(?:https?://)\S+\.git(?:[#?]|\Z)")


def copy_files(
    state: BuildState,
    copy: Copy,
    place: Place,
    expand: Expand,
    expand_content: Expand,
    workdir: str,
    origin: ContextFiles | Tree | Unknown | None,
    *,
    adds: bool,
) -> None:
    """Apply a COPY (or, with `adds`, an ADD). `origin` is the build context, or the tree of what `--from` names.

    `expand` fills in the variables of a word, `expand_content` those of a heredoc, where quotes mean nothing.
    """
    _Copying(state, copy, place, expand, expand_content, workdir, origin, adds).apply()


class _Copying:
    def __init__(
        self,
        state: BuildState,
        copy: Copy,
        place: Place,
        expand: Expand,
        expand_content: Expand,
        workdir: str,
        origin: ContextFiles | Tree | Unknown | None,
        adds: bool,
    ) -> None:
        self.state = state
        self.copy = copy
        self.place = place
        self.expand = expand
        self.expand_content = expand_content
        self.origin = origin
        self.adds = adds
        written = expand(copy.destination.text)
        self.destination = normal(written, workdir)
        self.mode = changed_mode(None, expand(copy.chmod)) if copy.chmod else None
        self.owner = expand(copy.chown).split(":")[0] if copy.chown else "root"
        several = len(copy.sources) + len(copy.heredocs) > 1
        self.into = (
            written.endswith(("/", "/.")) or written == "." or several or state.tree.is_directory(self.destination)
        )

    def apply(self) -> None:
        for heredoc in self.copy.heredocs:
            written = heredoc.data
            text = self.expand_content(written.text) if heredoc.expand else written.text
            mapped = written if text == written.text else MappedText.whole(text, heredoc.line)
            blob = Blob.of(text.encode("utf-8", "surrogateescape"))
            node = Node("file", self.place, self.state.image, mode=0o644, blob=blob, text=mapped)
            self.put(f"{self.destination}/{heredoc.name}" if self.into else self.destination, node)
        for source in self.copy.sources:
            self.one(self.expand(source.text))

    def one(self, source: str) -> None:
        if self.adds and (_REMOTE.match(source) or _GIT.match(source)):
            self.remote(source)
            return
        taken = self.take(source)
        if isinstance(taken, Unknown):
            self.unknown(source, taken)
            return
        for each in taken:
            if self.copy.excludes and each.directory:
                self.state.tree.open(Cloud(f"{self.place} leaves out files by --exclude", (self.destination,)))
            self.many(source, each)

    def take(self, source: str) -> list[Taken] | Unknown:
        if isinstance(self.origin, Unknown):
            return self.origin
        if isinstance(self.origin, Tree):
            return take_from_tree(self.origin, source, self.place, self.state.image)
        if isinstance(self.origin, ContextFiles):
            return self.origin.take(source, self.place)
        return Unknown("the build context is not known")

    def many(self, source: str, taken: Taken) -> None:
        if self.copy.parents:
            base = normal(f"{self.destination}/{_kept_parents(source, taken.path)}")
        elif taken.directory:
            base = self.destination
        else:
            base = f"{self.destination.rstrip('/')}/{taken.name}" if self.into else self.destination
        if taken.directory:
            if not taken.files and self.state.tree.get(base) is None and base != "/":
                self.put(base, Node("directory", self.place, self.state.image, mode=0o755))
            for below, node in taken.files:
                sure = node.sure and not self.copy.excludes
                self.put(f"{base.rstrip('/')}/{below}", replace(node, sure=sure))
            if taken.open is not None:
                if base == "/" and self.state.tree.get("/etc/passwd") is None:
                    self.state.doubt_accounts(f"{self.place} brings a file system whose accounts are not known")
                self.state.tree.open(Cloud(taken.open.reason, (base,)))
            if taken.may_hold is not None:
                self.may_hold(base, taken.may_hold)
            return
        for _, node in taken.files:
            if self.adds and _ARCHIVE.search(taken.name) and self.copy.unpack is not False:
                self.unpack(source, self.destination)
            else:
                self.put(base, node)

    def may_hold(self, base: str, test: Callable[[str], bool]) -> None:
        cut = len(base.rstrip("/")) + 1
        self.state.tree.open(
            Cloud(
                f"git ignores it in what {self.place} copies, so a build step may make it",
                (base,),
                test=lambda path: test(path[cut:]) if len(path) > cut else False,
            )
        )

    def put(self, path: str, node: Node) -> None:
        mode = self.mode if self.mode is not None and node.kind == "file" else node.mode
        if self.copy.chmod and self.mode is None and node.kind == "file":
            mode = changed_mode(node.mode, self.expand(self.copy.chmod))
        self.state.tree.put(normal(path), replace(node, mode=mode, owner=self.owner))

    def unknown(self, source: str, reason: Unknown) -> None:
        """A source that is not known: its name is, and what becomes of it is open."""
        name = basename(source.rstrip("/"))
        if self.adds and _ARCHIVE.search(name) and self.copy.unpack is not False:
            self.unpack(source, self.destination)
            return
        looks_like_file = "." in name[1:] and "*" not in name
        if looks_like_file:
            path = f"{self.destination.rstrip('/')}/{name}" if self.into else self.destination
            mode = self.mode
            self.put(path, Node("file", self.place, self.state.image, mode=mode))
            return
        self.state.tree.open(Cloud(reason.reason, (self.destination,)))

    def remote(self, url: str) -> None:
        if _GIT.match(url):
            self.state.tree.open(Cloud(f"{self.place} adds a git repository", (self.destination,)))
            return
        name = basename(url.partition("?")[0].partition("#")[0])
        path = f"{self.destination.rstrip('/')}/{name}" if self.into else self.destination
        if self.copy.unpack:
            self.unpack(url, self.destination)
            return
        self.put(path, Node("file", self.place, self.state.image, mode=self.mode or 0o600, provides=url))

    def unpack(self, archive: str, into: str) -> None:
        members = unpacked(archive, into, (), ())
        if members is None:
            spares = spared_by(archive, into)
            self.state.tree.open(Cloud(f"{self.place} unpacks {basename(archive)} there", (into,), spares))
            return
        for path, node in members(self.place, self.state.image):
            self.state.tree.put(path, node)


def _kept_parents(source: str, path: str) -> str:
    """With --parents: the part of the path of what was taken that is kept, which is all, or what follows `/./`."""
    before, pivot, _ = source.partition("/./")
    cut = len([part for part in normpath("/" + before).split("/") if part]) if pivot else 0
    return "/".join(path.strip("/").split("/")[cut:])
