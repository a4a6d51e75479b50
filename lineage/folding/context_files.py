"""Files of the build context and of other stages, as COPY and ADD take them (Go's filepath.Match, docker's rules for
directories: BuildKit frontend/dockerfile/dockerfile2llb/convert.go, dispatchCopy)."""

from collections.abc import Callable, Iterator
from posixpath import normpath

from ..builds.prepared_files import given_x, mended_ends
from ..image.tree import Blob, Cloud, Node, Tree
from ..late.dataclasses import dataclass, replace
from ..late.patterns import pattern
from ..repository.snapshot import FileEntry, Snapshot
from ..text.errors import Unknown
from ..text.globs import go_match
from ..text.paths import within
from ..text.places import Place

_ABOUT_THE_BUILD = pattern(
    r"(?i)dockerfile|containerfile|\.(?:md|markdown|rst|adoc|txt|png|svg)\Z|\A(?:licen[cs]e|notice|readme|changelog)|compose"
    r"|\A\.(?:docker|git|editorconfig|env|hadolint|pre-commit)"
)
_HEAD = 4096
"""Bytes in which line ends are looked for."""


@dataclass(frozen=True, slots=True)
class Taken:
    """One source of a COPY. `files` are (path below the source, node); a single file has the path ''.

    `name` is the source's base name. `open` says why more may be there, or why nothing is known of it.
    """

    name: str
    directory: bool
    files: tuple[tuple[str, Node], ...]
    open: Unknown | None = None
    may_hold: Callable[[str], bool] | None = None
    """Whether a path below the source, though not seen, may be there when the image is built (git ignores it)."""
    path: str = ""
    """The source's path below the root that it is taken from."""
    clouds: tuple[Cloud, ...] = ()
    """What may have written more into a folder of a stage or image, and where, as paths below it ('' for the folder itself)."""

    def clouds_at(self, base: str) -> Iterator[Cloud]:
        """What may have written more below the absolute path `base`, where the folder is taken to."""
        if self.open is not None and not self.clouds:
            yield Cloud(self.open.reason, (base,))
        for cloud in self.clouds:
            yield _moved(cloud, base.rstrip("/"))


class ContextFiles:
    """The build context: a folder of a repository less what .dockerignore leaves out."""

    def __init__(
        self, snapshot: Snapshot, root: str, ignored: Callable[[str], bool], image: str, *, guessed: bool = False
    ) -> None:
        self.snapshot = snapshot
        self.root = root.strip("/") if root.strip("/") != "." else ""
        self.ignored = ignored
        self.image = image
        self.guessed = guessed
        """Whether no build file says that this is the context."""

    def repository_path(self, path: str) -> str | None:
        """The repository path of a context path; None where it leads out of the context."""
        inside = normpath("/" + path).lstrip("/")
        return "/".join(part for part in (self.root, inside) if part)

    def take(self, source: str, place: Place) -> list[Taken] | Unknown:
        """What `source` (a path or pattern, variables filled in) takes; an empty list where there surely is nothing.

        Unknown where git ignores it, it lies in a submodule, or the context itself is not known.
        """
        pattern = normpath("/" + source).lstrip("/") if source.strip("/") else ""
        if any(character in pattern for character in "*?[\\"):
            return self._matching(pattern, place)
        taken = self._one(pattern, place)
        if isinstance(taken, Unknown):
            return taken
        return [taken] if taken is not None else []

    def lacks(self, source: str) -> bool:
        """Whether the repository has nothing at a source of COPY that is no pattern, hidden from the build or not."""
        path = self.repository_path(normpath("/" + source).lstrip("/"))
        return not any(mark in source for mark in "*?[") and bool(path) and self.snapshot.holds(path or "") is not True

    def _matching(self, pattern: str, place: Place) -> list[Taken] | Unknown:
        found: list[Taken] = []
        matcher = go_match(pattern)
        depth = pattern.count("/") + 1
        names = dict.fromkeys(
            "/".join(inside.split("/")[:depth]) for inside, _ in self._below("") if inside.count("/") + 1 >= depth
        )
        for name in sorted(names):
            if matcher(name):
                taken = self._one(name, place)
                if isinstance(taken, Taken):
                    found.append(taken)
        if not found and self.snapshot.commit is None and (unknown := self._unknown(pattern)) is not None:
            return unknown
        return found

    def _unknown(self, pattern: str) -> Unknown | None:
        fixed = pattern.partition("*")[0].partition("?")[0].partition("[")[0].rpartition("/")[0]
        path = self.repository_path(fixed)
        if not path:
            return None
        held = self.snapshot.holds(path)
        return held if isinstance(held, Unknown) else None

    def _one(self, inside: str, place: Place) -> Taken | Unknown | None:
        path = self.repository_path(inside)
        if path is None:
            return None
        name = inside.rpartition("/")[2]
        entry = self.snapshot.get(path) if path else None
        if entry is not None and entry.kind == "file":
            if inside and self.ignored(inside):
                return None
            return Taken(name, False, (("", self._node(entry, place)),), path=inside)
        if not path or self.snapshot.is_directory(path):
            closed = {
                one: why
                for one, why in self.snapshot.unlisted(path).items()
                if not self.ignored(self._context_path(one))
            }
            for folder, why in closed.items():
                self.snapshot.trouble(folder, f"The folder {why}.")
            if path in closed:
                return Unknown(f"{self.snapshot.show(path)} {closed[path]}", "unread")
            files = tuple((below[len(inside) :].lstrip("/"), node) for below, node in self._nodes(inside, place))
            alone = self._is_all_about_the_build() if self.guessed and not inside else None
            taken = Taken(name, True, files, alone, self._may_hold(path), inside)
            return taken if files or not path or not self.ignored(inside) else None
        held = self.snapshot.holds(path)
        if isinstance(held, Unknown):
            return held
        if entry is not None:
            return Unknown(f"{self.snapshot.show(path)} is a link or no regular file")
        return None

    def _is_all_about_the_build(self) -> Unknown | None:
        """Why a folder that holds Dockerfiles and what is to be read about them alone is not what they are meant to be built
        of; None for another one."""
        held = self.snapshot.files_below(self.root)
        if all(_ABOUT_THE_BUILD.search(entry.path.rpartition("/")[2]) for entry in held):
            return Unknown("the Dockerfile lies by itself: what it is built with is not at hand")
        return None

    def _may_hold(self, path: str) -> Callable[[str], bool]:
        return lambda below: isinstance(self.snapshot.holds(f"{path}/{below}" if path else below), Unknown)

    def _context_path(self, path: str) -> str:
        """The context path of a repository path below the context."""
        return path[len(self.root) + 1 :] if self.root else path

    def _below(self, inside: str) -> Iterator[tuple[str, str]]:
        """(context path, repository path) of every file below a folder of the context that is not ignored."""
        top = self.repository_path(inside) or ""
        cut = len(self.root) + 1 if self.root else 0
        for entry in self.snapshot.files_below(top):
            context_path = entry.path[cut:]
            if not self.ignored(context_path):
                yield context_path, entry.path

    def _nodes(self, inside: str, place: Place) -> Iterator[tuple[str, Node]]:
        yield from self._folders(inside, place)
        for context_path, path in self._below(inside):
            entry = self.snapshot.entries[path]
            if entry.kind == "link":
                yield (
                    context_path,
                    Node("link", place, self.image, mode=0o777, target=entry.target, source=self.snapshot.show(path)),
                )
            elif entry.kind == "file":
                yield context_path, self._node(entry, place)

    def _folders(self, inside: str, place: Place) -> Iterator[tuple[str, Node]]:
        """The directories below a folder of the context that are not ignored, or hold something that is not."""
        cut = len(self.root) + 1 if self.root else 0
        kept: set[str] = set()
        for context_path, _ in self._below(inside):
            folder = context_path.rpartition("/")[0]
            while folder and folder not in kept:
                kept.add(folder)
                folder = folder.rpartition("/")[0]
        below = inside + "/" if inside else ""
        for path in self.snapshot.folders_below(self.repository_path(inside) or ""):
            context_path = path[cut:]
            if context_path.startswith(below) and (context_path in kept or not self.ignored(context_path)):
                mode = self.snapshot.folder_mode(path)
                yield context_path, Node("directory", place, self.image, mode=mode)

    def _node(self, entry: FileEntry, place: Place) -> Node:
        snapshot, path = self.snapshot, entry.path
        alone = entry.without_x == "disk"

        def load() -> bytes | None:
            content = snapshot.content(path)
            if not isinstance(content, bytes):
                return None
            mended = b"\r\n" in content[:_HEAD] and mended_ends(snapshot, path) is not None
            return content.replace(b"\r\n", b"\n") if mended else content

        blob = Blob(load, unread=snapshot.unreadable(path))
        mode = None if not entry.mode & 0o111 and given_x(snapshot, path) is not None else entry.mode
        return Node("file", place, self.image, mode=mode, blob=blob, source=snapshot.show(path), x_in_git_alone=alone)


def _clouds_over(tree: Tree, real: str) -> Iterator[Cloud]:
    """The clouds over a folder or parts of it, as seen from it."""
    top = real.rstrip("/")
    for cloud in tree.clouds:
        below = tuple(base[len(top) :] for base in cloud.below if within(base, real) and base != real)
        if cloud.covers(f"{top}/\0"):
            below = ("",)
        if below:
            spares = tuple(spare[len(top) :] for spare in cloud.spares if within(spare, real))
            yield Cloud(
                cloud.reason, below, spares, _from_above(cloud.test, top), cloud.cause, cloud.by, cloud.accounts
            )


def _moved(cloud: Cloud, to: str) -> Cloud:
    """A cloud over a copied folder or parts of it, where the copy lies."""
    test = cloud.test
    return Cloud(
        cloud.reason,
        tuple((to + base) or "/" for base in cloud.below),
        tuple(to + spare for spare in cloud.spares),
        None if test is None else lambda path: test(path[len(to) :]),
        cloud.cause,
        cloud.by,
        cloud.accounts,
    )


def _from_above(test: Callable[[str], bool] | None, top: str) -> Callable[[str], bool] | None:
    return None if test is None else lambda path: test(top + path)


def _half_known(place: Place, path: str) -> str:
    return f"{place} copies {path} of another stage or image, and what that holds is not known as a whole"


def take_from_tree(tree: Tree, source: str, place: Place, image: str) -> list[Taken] | Unknown:
    """What `source` takes from another stage or image; an empty list where there surely is nothing.

    A folder that is there only under a condition is there where the build gets on: what is known to be in it comes with it.
    """
    pattern = normpath("/" + source.lstrip("/"))
    paths = tree.go_glob(pattern) if any(c in pattern for c in "*?[") else [pattern]
    found: list[Taken] = []
    for path in paths:
        real = tree.resolve(path)
        node = tree.get(path) if real != "/" else Node("directory", place, image, mode=0o755)
        doubt = node if isinstance(node, Unknown) else None
        if doubt is not None:
            node = tree.find(path)
            if node is None or node.kind != "directory":
                return doubt
        if not isinstance(node, Node):
            continue
        name = path.rpartition("/")[2]
        if node.kind != "directory":
            found.append(Taken(name, False, (("", replace(node, place=place, image=image)),), path=path))
            continue
        prefix = len(real.rstrip("/")) + 1
        files = tuple((below[prefix:], replace(inner, place=place, image=image)) for below, inner in tree.below(real))
        closed = tree.closed(real)
        reason = closed if isinstance(closed, Unknown) else doubt
        doubtful = () if doubt is None else (Cloud(_half_known(place, path), ("",), cause=doubt.cause),)
        found.append(Taken(name, True, files, reason, path=path, clouds=(*doubtful, *_clouds_over(tree, real))))
    if paths != [pattern]:
        folder = pattern[: min(pattern.find(c) for c in "*?[" if c in pattern)].rpartition("/")[0]
        closed = tree.closed(folder or "/")
        if isinstance(closed, Unknown):
            return [*found, Taken("", True, (), closed, path=folder)] if found else closed
    return found
