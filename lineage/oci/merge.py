"""Layers laid one over the other: the image's files, as a runtime would unpack them.

Source: OCI Image Specification, layer.md ("Applying Changesets", "Whiteouts"). Where it leaves room, the order of entries and
links in directories are taken as containerd and umoci take them: a directory that is a link is followed within the image, an
entry of another kind replaces what is there, a whiteout hides what lower layers brought and nothing of its own layer.
"""

from collections.abc import Iterable, Iterator

from ..late.dataclasses import replace
from ..remote.untrusted import printable
from .entry import OPAQUE, OTHER_MARKS, WHITEOUT, LayerEntry
from .limits import ImageError

_MOST_LINKS = 255


class _Item:
    """A name of the image: its facts, what is in it, and the last layer that touched it or something in it."""

    __slots__ = ("children", "entry", "touched")

    def __init__(self, entry: LayerEntry, touched: int) -> None:
        self.entry = entry
        self.touched = touched
        self.children: dict[str, _Item] | None = {} if entry.kind == "directory" else None


class MergedFiles:
    """The files of an image while its layers are laid over each other, the lowest first."""

    def __init__(self) -> None:
        self._root = _Item(LayerEntry("/", "directory", 0o755), -1)
        self._inodes = 0
        self._layer = -1
        self.replaced: dict[str, list[LayerEntry]] = {}
        """For the paths that are watched: what stood there before, and whiteouts."""
        self.watched: frozenset[str] = frozenset()

    def add_layer(self, entries: Iterable[LayerEntry]) -> None:
        """Lay one more layer over. Raises ImageError for what cannot be unpacked, and what `entries` raises."""
        self._layer += 1
        for entry in entries:
            self._apply(entry)

    def listed(self) -> Iterator[LayerEntry]:
        """All files, directories before what is in them, in the order of their names; the root comes first."""
        todo = [("", self._root)]
        while todo:
            path, item = todo.pop()
            item.entry.path = path or "/"
            yield item.entry
            if item.children:
                todo += [(f"{path}/{name}", item.children[name]) for name in sorted(item.children, reverse=True)]

    def _apply(self, entry: LayerEntry) -> None:
        entry.layer = self._layer
        folder, _, name = entry.path.rpartition("/")
        if name.startswith(OTHER_MARKS) and name != OPAQUE:
            return
        if name.startswith(WHITEOUT):
            self._whiteout(folder, name)
            return
        if not name:
            self._touch(self._root, entry)
            return
        parent = self._folder(folder, make=True)
        assert parent is not None
        assert parent.children is not None
        if entry.kind == "hard link":
            entry = self._linked(entry)
        else:
            self._inodes += 1
            entry.inode = self._inodes
        old = parent.children.get(name)
        if entry.path in self.watched:
            self.replaced.setdefault(entry.path, []).append(entry)
        if old is not None and old.entry.kind == entry.kind == "directory":
            self._touch(old, entry)
            return
        parent.children[name] = _Item(entry, self._layer)

    def _touch(self, item: _Item, entry: LayerEntry) -> None:
        """New facts for a directory that stays."""
        if entry.kind != "directory":
            raise ImageError(f"a layer makes the image's top a {entry.kind}")
        item.entry = entry
        item.touched = self._layer

    def _folder(self, path: str, *, make: bool) -> _Item | None:
        """The directory at a path, links followed within the image; made where it is missing, if `make`."""
        stack = [self._root]
        todo = [part for part in path.split("/") if part][::-1]
        followed = 0
        names: list[str] = []
        while todo:
            part = todo.pop()
            if part == ".":
                continue
            if part == "..":
                if len(stack) > 1:
                    stack.pop()
                    names.pop()
                continue
            here = stack[-1]
            assert here.children is not None
            item = here.children.get(part)
            if item is None:
                if not make:
                    return None
                self._inodes += 1
                made = LayerEntry(f"{'/'.join(['', *names])}/{part}", "directory", 0o755, inode=self._inodes)
                made.layer = self._layer
                item = here.children[part] = _Item(made, self._layer)
            if item.entry.kind == "link":
                followed += 1
                if followed > _MOST_LINKS:
                    raise ImageError(
                        f"a layer's entry lies below links that lead round in a circle ({printable(path)})"
                    )
                target = item.entry.target
                if target.startswith("/"):
                    del stack[1:], names[:]
                todo += [piece for piece in target.split("/") if piece][::-1]
                continue
            if item.children is None:
                if not make:
                    return None
                raise ImageError(
                    f"a layer's entry lies below {printable(item.entry.path)}, which is a {item.entry.kind}"
                )
            stack.append(item)
            names.append(part)
        if make:
            for item in stack:
                item.touched = self._layer
        return stack[-1]

    def _linked(self, entry: LayerEntry) -> LayerEntry:
        """A hard link as what it is a name of."""
        parts = [part for part in entry.target.split("/") if part not in ("", ".")]
        folder = self._folder("/".join(parts[:-1]), make=False) if ".." not in parts and parts else None
        found = folder.children.get(parts[-1]) if folder is not None and folder.children is not None else None
        if found is None or found.children is not None:
            what = "a directory" if found is not None else "not there"
            shown = f"{printable(entry.path)} to {printable(entry.target)}"
            raise ImageError(f"a layer has a hard link from {shown}, which is {what}")
        return replace(found.entry, path=entry.path, layer=self._layer)

    def _whiteout(self, folder: str, name: str) -> None:
        parent = self._folder(folder, make=False)
        if parent is None or parent.children is None:
            return
        if name == OPAQUE:
            self._note(folder)
            self._hide(parent)
            return
        hidden = name[len(WHITEOUT) :]
        if hidden in ("", ".", ".."):
            raise ImageError(f"a layer has a whiteout of no name ({printable(f'{folder}/{name}')})")
        self._note(f"{folder}/{hidden}")
        item = parent.children.get(hidden)
        if item is None:
            return
        if item.touched < self._layer:
            del parent.children[hidden]
        elif item.children is not None:
            self._hide(item)

    def _note(self, path: str) -> None:
        for watched in self.watched:
            if watched == path or watched.startswith(path + "/"):
                gone = LayerEntry(watched, "file", layer=self._layer, target=WHITEOUT)
                self.replaced.setdefault(watched, []).append(gone)

    def _hide(self, item: _Item) -> None:
        """Take out of a directory what this layer did not bring."""
        todo = [item]
        while todo:
            folder = todo.pop()
            assert folder.children is not None
            for name, child in list(folder.children.items()):
                if child.touched < self._layer:
                    del folder.children[name]
                elif child.children is not None:
                    todo.append(child)
