"""The image while the instructions of a stage are applied, and how a new file comes into being in it."""

from collections.abc import Callable
from posixpath import dirname
from typing import Literal

from ..effects.model import Effect
from ..effects.places import IMAGE_PLACES
from ..effects.s6_directories import S6_OVERLAY
from ..image.accounts import Account, Accounts, Group
from ..image.image import Clash
from ..image.tree import UNKNOWN_BLOB, Cloud, Node, TreeBuilder
from ..late.dataclasses import dataclass, field, replace
from ..text.budget import TREE_CHANGES, TREE_COPIES, LimitError
from ..text.errors import Unknown
from ..text.growing import Growing
from ..text.numbers import is_digits
from ..text.paths import is_of_the_kernel, normal
from ..text.symbolic import Opaque, Text

USUAL_UMASK = 0o022
_GIVEN_BY_THE_BUILDER = frozenset(("/etc/hostname", "/etc/hosts", "/etc/resolv.conf"))
"""Mounted by the builder while a RUN runs (OCI runtime; BuildKit executor/oci)."""


_HOMES = ("/home", "/root")
_TELLS_HOMES = ("getent", "~", "/etc/passwd")
"""What is in a command whose output may be somebody's home."""
_BUNDLES = frozenset(
    f"{S6_OVERLAY}/{folder}/{bundle}/contents.d"
    for folder in ("s6-rc.d", "user-bundles.d")
    for bundle in ("user", "user2")
)
"""Folders that the archives of s6-overlay 3 bring, though the model does not list them: they are empty."""


@dataclass(slots=True)
class BuildState:
    """The image while the instructions of a stage are applied."""

    tree: TreeBuilder
    accounts: Growing[Account]
    packages: set[str] = field(default_factory=lambda: set[str]())
    accounts_open: Unknown | None = None
    image: str = ""
    removed: set[str] = field(default_factory=lambda: set[str]())
    clashes: list[Clash] = field(default_factory=lambda: list[Clash]())
    """What the COPY that is being applied cannot put where it should."""
    may_replace: dict[str, Unknown] = field(default_factory=lambda: dict[str, Unknown]())
    """The folders that the ADD that is being applied may have put in the place of something."""
    hard_links: dict[str, set[str]] = field(default_factory=lambda: dict[str, set[str]]())
    """The names that a file has got by hard links in the RUN that is being applied."""
    groups: Growing[Group] | None = None
    """None where the groups are not known."""
    copied: int = 0
    """Files and folders that copies made so far."""
    refused: bool = False
    """Whether something could not be done, or perhaps not, since this was last made False."""
    changed: int = 0
    """Files and folders that changes of whole folders went through so far."""

    @classmethod
    def of(cls, tree: TreeBuilder, accounts: Accounts, image: str) -> "BuildState":
        state = cls(tree, Growing(accounts.known), set(accounts.packages), accounts.open, image, set(accounts.removed))
        state.groups = None if accounts.groups is None else Growing(accounts.groups)
        return state

    def frozen_accounts(self) -> Accounts:
        return Accounts(
            self.accounts.view(),
            frozenset(self.packages),
            self.accounts_open,
            frozenset(self.removed - self.accounts.keys()),
            None if self.groups is None else self.groups.view(),
        )

    def doubt_accounts(self, reason: str) -> None:
        if self.accounts_open is None:
            self.accounts_open = Unknown(reason)

    def on_copy(self, count: int, given: int = 0) -> None:
        """Note that a copy makes so many entries; `given` is how many there are in what is not of this Dockerfile's making.

        Raises LimitError where copies of copies double a tree again and again.
        """
        self.copied += count
        if self.copied <= TREE_COPIES + given:
            return
        given += sum(node.image != self.image for node in self.tree.nodes.values())
        if self.copied > TREE_COPIES + given:
            raise LimitError(f"its build copies more than {TREE_COPIES:,} files, so that it could not be followed")

    def on_change(self, count: int) -> None:
        """Note that a change goes through so many entries. Raises LimitError where a large tree is changed again and again."""
        self.changed += count
        if self.changed > TREE_CHANGES:
            given = sum(node.image != self.image for node in self.tree.nodes.values())
            if self.changed > TREE_CHANGES + 20 * given:
                raise LimitError(
                    f"its build changes more than {TREE_CHANGES:,} files, one after another, so that it could not be followed"
                )

    # New entries

    def node(self, kind: Literal["file", "directory"], effect: Effect, mode: int | None = None) -> Node:
        """An entry that a command makes: it belongs to who runs it."""
        return Node(kind, effect.place, self.image, mode=mode, sure=effect.sure, owner=owner_of(effect))

    def directory(self, effect: Effect, path: str, mode: int | None = None) -> Node:
        """A directory that a command makes at `path`, as mkdir(2) does: less the umask, if no mode is asked for, and
        with the set-group-ID bit of the directory it lies in."""
        umask = umask_of(effect)
        if mode is None:
            mode = None if umask is None else 0o777 & ~umask
        return self.node("directory", effect, self.inheriting(path, mode))

    def inheriting(self, path: str, mode: int | None) -> int | None:
        """The mode of a directory made at `path`, with the set-group-ID bit of the one it lies in (inode(7)); None where
        that one may have the bit or not."""
        parent = self.tree.nodes.get(self.tree.resolve(dirname(path)))
        if parent is None or mode is None:
            return mode
        return None if parent.mode is None else mode | parent.mode & 0o2000

    def file_mode(self, effect: Effect) -> int | None:
        umask = umask_of(effect)
        return None if umask is None else 0o666 & ~umask

    def make_parents(self, path: str, effect: Effect, mode: int | None = None) -> None:
        """Make the directories above `path` that are missing, as `mkdir -p` does, or with a mode of their own."""
        missing: list[str] = []
        parent = dirname(self.tree.resolve(path, last=False))
        while parent != "/" and self.tree.get(parent) is None:
            missing.append(parent)
            parent = dirname(parent)
        above = self.tree.get(parent)
        if above is not None and above.kind == "file":
            return  # mkdir fails
        for one in reversed(missing):
            made = self.directory(effect, one, mode)
            if self.tree.covered(one):
                made = replace(made, sure=False, mode=None)
            self.tree.put(one, made)

    # Questions

    def exists(self, path: str, *, follow: bool = True) -> bool | None:
        """Whether something is at a path; None where that cannot be known."""
        real = self.tree.resolve(path, last=follow)
        if real in _GIVEN_BY_THE_BUILDER or real == "/" or is_of_the_kernel(real):
            return True
        node = self.tree.nodes.get(real)
        if node is not None:
            return True if node.sure else None
        return None if self.tree.covered(real) else False

    def lacks(self, account: str) -> bool:
        """Whether there surely is no account of that name, so that what needs it fails."""
        if account in ("", "root") or is_digits(account) or "$" in account:
            return False
        found = self.frozen_accounts().get(account) is None
        return self.refuses(found)

    def lacks_group(self, group: str) -> bool | None:
        """Whether there is no group of that name or number, so that what needs it fails; None where that cannot be known."""
        found = self.frozen_accounts().lacks_group(group)
        self.refuses(found is not False and self.groups is not None)
        return found

    def cannot_write(self, path: str) -> bool:
        """Whether a file surely cannot be made at `path`, because its directory is not there or is none."""
        real = self.tree.resolve(path)
        parent = dirname(real)
        if parent == "/":
            return False
        node = self.tree.nodes.get(parent)
        if node is not None:
            found = node.sure and node.kind == "file"
        else:
            found = parent not in _BUNDLES and self.exists(parent) is False
        return self.refuses(found)

    def refuses(self, found: bool) -> bool:
        """Note where it is so that a command fails, or may fail; `found`."""
        self.refused = self.refused or found
        return found

    # Changes

    def settle(self, path: str, node: Node, *, sure: bool = True) -> str:
        """Put a node at a path, or, if it comes there only under a condition, what can still be said of that path."""
        real = self.tree.resolve(path, last=node.kind == "directory")
        old = self.tree.nodes.get(real)
        if sure or old is None:
            return self.tree.put(path, node if sure else replace(node, sure=False))
        if old.kind != node.kind or (old.kind == "link" and old.target != node.target):
            return self.tree.put(path, replace(node, sure=False))
        same = old.blob.same_as(node.blob) is True
        self.tree.nodes[real] = replace(
            node,
            mode=old.mode if old.mode == node.mode else None,
            owner=old.owner if old.owner == node.owner else "",
            blob=old.blob if same else UNKNOWN_BLOB,
            text=node.text if same else None,
            facts=node.facts if same else None,
            sure=old.sure,
        )
        return real

    def change(self, path: str, edit: Callable[[Node], Node], *, follow: bool = True) -> None:
        """Change what is known of the entry at a path, under each of its names."""
        real = self.tree.resolve(path, last=follow)
        for name in self.hard_links.get(real, {real}):
            node = self.tree.nodes.get(name)
            if node is not None:
                self.tree.nodes[name] = edit(node)

    def join_names(self, target: str, path: str) -> None:
        """Take in that `path` is another name of the file at `target`."""
        names = self.hard_links.setdefault(target, {target})
        names.add(path)
        self.hard_links[path] = names

    def rewritten(self, path: str) -> None:
        """Take in that the content at `path` has changed: it is the content under each name of the file."""
        node = self.tree.nodes.get(path)
        names = self.hard_links.get(path)
        if node is None or not names:
            return
        for name in names:
            other = self.tree.nodes.get(name)
            if other is not None:
                made = replace(other, blob=node.blob, mode=node.mode, owner=node.owner, text=None)
                self.tree.nodes[name] = made

    def detach(self, path: str) -> None:
        """A name that now stands for another file, or for none."""
        names = self.hard_links.pop(path, None)
        if names is not None:
            names.discard(path)

    def take_out(self, path: str, *, sure: bool) -> None:
        """What is at a path, and below it, is taken away, or perhaps taken away."""
        real = self.tree.resolve(path, last=False)
        if sure:
            self.detach(real)
            self.tree.remove(path)
            return
        for one in [real, *(found for found, _ in self.tree.below(real))]:
            node = self.tree.nodes.get(one)
            if node is not None:
                self.tree.nodes[one] = replace(node, sure=False)

    def open(self, path: Text | str, reason: str) -> None:
        """A writer at a path that is only partly known: anything below its known part may have changed."""
        text = path if isinstance(path, Text) else Text.of(path)
        literal = text.literal
        if literal is not None:
            self.tree.open(Cloud(reason, (normal(literal),)))
            return
        prefix = text.prefix
        if not prefix.startswith("/"):
            # A path that is wholly a variable is, in builds, a download or work folder; it is not one of the places
            # that only an image's own files live in.
            first = text.pieces[0] if text.pieces else ""
            a_home = isinstance(first, Opaque) and any(word in first.reason for word in _TELLS_HOMES)
            spares = tuple(one for one in IMAGE_PLACES if one not in _HOMES) if a_home else IMAGE_PLACES
            self.tree.open(Cloud(reason, ("/",), spares))
            return
        self.tree.open(Cloud(reason, (normal(dirname(prefix) if not prefix.endswith("/") else prefix),)))


def owner_of(effect: Effect) -> str:
    """Whose files a command makes: an account or a number; '' where that cannot be known."""
    return account_name(effect.user)


def account_name(user: Text) -> str:
    """An account as `Node.owner` has it, without its group; '' where it cannot be known."""
    if user.opaque:
        return ""
    name = user.canonical.partition(":")[0]
    return "root" if name in ("", "0") else name


def umask_of(effect: Effect) -> int | None:
    """The umask that a command runs under; None where it cannot be known."""
    return effect.command.umask if effect.command is not None else USUAL_UMASK
