"""What COPY and ADD put where (BuildKit frontend/dockerfile/dockerfile2llb/convert.go, dispatchCopy; fsutil copy/copy.go)."""

from collections.abc import Callable
from posixpath import basename, dirname, normpath
from typing import Literal

from ..dockerfile.operands import CopyOperands
from ..effects.file_modes import changed_mode
from ..effects.places import PROGRAM_FOLDERS, S6_PLACES, SYSTEM_FOLDERS
from ..image.image import Clash
from ..image.s6_overlay_files import archive_of, unpacked
from ..image.tree import Blob, Cloud, Node, Tree, may_hold_accounts
from ..late.dataclasses import replace
from ..late.patterns import pattern
from ..text.errors import Unknown
from ..text.globs import go_match
from ..text.numbers import is_digits, natural
from ..text.paths import normal, within
from ..text.places import MappedText, Place
from .apply import open_by_release, spared_by
from .apply_accounts import doubt_all_accounts, take_accounts_from
from .apply_groups import GROUPS, rewrite_groups, text_of_known
from .archive_members import ArchiveMember, members_of
from .build_state import BuildState
from .context_files import ContextFiles, Taken, take_from_tree

_REMOTE = pattern(r"(?:https?|ftp)://")
_ARCHIVE = pattern(r"\.(?:tar|tar\.(?:gz|xz|bz2|zst|Z)|tgz|txz|tbz2?)\Z")

Expand = Callable[[str], str]
_ACCOUNTS = "/etc/passwd"
_GIT = pattern(r"git@|(?:git|ssh)://|github\.com/|(?:https?://)\S+\.git(?:[#?]|\Z)")


def copy_files(
    state: BuildState,
    copy: CopyOperands,
    place: Place,
    expand: Expand,
    expand_content: Expand,
    workdir: str,
    origin: ContextFiles | Tree | Unknown | None,
    *,
    adds: bool,
    owners: Callable[[str], str] = str,
) -> None:
    """Apply a COPY (or, with `adds`, an ADD). `origin` is the build context, or the tree of what `--from` names.

    `expand` fills in the variables of a word, `expand_content` those of a heredoc, where quotes mean nothing.
    `owners` gives, for an owner in the tree of `--from`, who has its number here.
    """
    _Copying(state, copy, place, expand, expand_content, workdir, origin, adds, owners).apply()


class _Copying:
    def __init__(
        self,
        state: BuildState,
        copy: CopyOperands,
        place: Place,
        expand: Expand,
        expand_content: Expand,
        workdir: str,
        origin: ContextFiles | Tree | Unknown | None,
        adds: bool,
        owners: Callable[[str], str],
    ) -> None:
        self.owners = owners
        self.state = state
        self.links: dict[str, str] = {}
        """What of the image `--link` has taken away, and where each led."""
        self.copy = copy
        self.place = place
        self.expand = expand
        self.expand_content = expand_content
        self.origin = origin
        self.adds = adds
        written = expand(copy.destination.text)
        self.destination = normal(written, workdir)
        self.chmod = expand(copy.chmod) if copy.chmod else ""
        self.owner = self.chown(expand(copy.chown)) if copy.chown else None
        several = len(copy.sources) + len(copy.heredocs) > 1
        self.into = (
            written.endswith(("/", "/."))
            or written == "."
            or several
            or state.tree.is_directory(self.destination)
            or (self.destination in SYSTEM_FOLDERS and state.exists(self.destination) is None)
        )

    def chown(self, written: str) -> str:
        """The owner that `--chown` gives: a name that the image's accounts lack gives root's number."""
        name = written.partition(":")[0]
        if name in ("", "0"):
            return "root"
        if is_digits(name) or name in self.state.accounts:
            return name
        known = self.state.frozen_accounts().get(name)
        return "root" if known is None else name if not isinstance(known, Unknown) else ""

    def apply(self) -> None:
        for heredoc in self.copy.heredocs:
            written = heredoc.data
            text = self.expand_content(written.text) if heredoc.expand else written.text
            mapped = written if text == written.text else MappedText.whole(text, heredoc.line)
            blob = Blob.of(text.encode("utf-8", "surrogateescape"))
            node = Node("file", self.place, self.state.image, mode=0o644, blob=blob, text=mapped)
            self.put(f"{self.destination}/{heredoc.name}" if self.into else self.destination, node, through=True)
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
        if not taken and isinstance(self.origin, ContextFiles) and self.origin.lacks(source):
            self.unknown(
                source, Unknown(f"{source} is not in the build context, and what would be copied is not known")
            )
        for each in taken:
            self.state.on_copy(1 + len(each.files), self.given())
            self.many(source, each)

    def given(self) -> int:
        """How many files there are to copy that no copy of this Dockerfile has made."""
        if isinstance(self.origin, ContextFiles):
            return 20 * len(self.origin.snapshot.entries)
        if isinstance(self.origin, Tree):
            return sum(node.image != self.state.image for node in self.origin.nodes.values())
        return 0

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
            self.made_parents(source, taken)
        elif taken.directory:
            base = self.destination
        else:
            base = f"{self.destination.rstrip('/')}/{taken.name}" if self.into else self.destination
        if taken.directory:
            self.directory(base, taken)
            return
        for _, node in taken.files:
            if not (self.adds and self.unpacks(taken.name, node)):
                doubtful = self.may_come_into_folder(taken.name, node)
                self.put(base, replace(node, sure=False) if doubtful else node, through=True)

    def may_come_into_folder(self, name: str, node: Node) -> bool:
        """Whether a file that is copied to a place of another name may come into a folder that a parent has there; a script
        is given the name by which it is called."""
        last = basename(self.destination)
        if self.into or self.copy.parents or last == name or "." in last or (node.blob.data or b"").startswith(b"#!"):
            return False
        if any(within(self.destination, place) for place in S6_PLACES):
            return False
        if dirname(self.destination) in PROGRAM_FOLDERS or self.state.exists(self.destination) is not None:
            return False
        real = self.state.tree.resolve(self.destination)
        return any(cloud.cause == "parent" and cloud.covers(real) for cloud in self.state.tree.clouds)

    def left_out(self, path: str) -> bool:
        """Whether `--exclude` leaves out what is at that path below a directory that is copied."""
        if not self.copy.excludes:
            return False
        parts = path.strip("/").split("/")
        above = ["/".join(parts[: count + 1]) for count in range(len(parts))]
        out = False
        for written in self.copy.excludes:
            pattern = self.expand(written)
            match = go_match(normpath(pattern.removeprefix("!")).lstrip("/"))
            if any(match(one) for one in above):
                out = not pattern.startswith("!")
        return out

    def directory(self, base: str, taken: Taken) -> None:
        """What is in a directory; the directory itself is made where it is missing, as it was in the source only below
        the first level."""
        self.take_links_away(f"{base.rstrip('/')}/.")
        real = self.state.tree.resolve(base)
        old = self.state.tree.nodes.get(real)
        if old is not None and old.kind != "directory":
            if not self.copy.link:
                self.clash(real, "directory", old)
                return
            self.take_away(real, "directory", old)
            old = None
        if old is None and real != "/":
            self.put(base, Node("directory", self.place, self.state.image, mode=0o755))
            if self.chmod and not is_digits(self.chmod):  # a symbolic --chmod does not reach it
                self.state.change(base, _with_usual_mode)
        for below, node in sorted(taken.files, key=lambda one: one[0]):
            if not self.left_out(below) and not self.refused(real, below, node):
                self.put(f"{real.rstrip('/')}/{below}", node)
        self.doubt_accounts_in(real, taken)
        for cloud in taken.clouds_at(real):
            self.state.tree.open(cloud)
        if taken.may_hold is not None:
            self.may_hold(real, taken.may_hold)

    def doubt_accounts_in(self, base: str, taken: Taken) -> None:
        """Leave the accounts open where a folder of another stage or image may hold a list of them that is not known."""
        rest = _ACCOUNTS[len(base.rstrip("/")) + 1 :]
        if not within(_ACCOUNTS, base) or any(below == rest for below, _ in taken.files):
            return
        from_tree = isinstance(self.origin, Tree) and self.may_bring_accounts(taken.path, base)
        if from_tree or (taken.open is not None and base == "/" and self.state.tree.get(_ACCOUNTS) is None):
            self.state.doubt_accounts(f"{self.place} brings a file system whose accounts are not known")

    def may_bring_accounts(self, source: str, to: str) -> bool:
        """Whether a source of which not all is known may hold a list of accounts that comes to its place."""
        folder = source.rstrip("*")
        named = to == _ACCOUNTS or "rootfs" in folder or any(character in folder for character in "*?[")
        named = named or self.state.tree.get(_ACCOUNTS) is None
        if named or not isinstance(self.origin, Tree):
            return True
        return may_hold_accounts(self.origin, normal(f"/{folder}/{_ACCOUNTS[len(to.rstrip('/')) :]}"))

    def refused(self, base: str, below: str, node: Node) -> bool:
        """Whether BuildKit refuses to put that there: below a link or file of the image, or a directory in its place."""
        path = base.rstrip("/")
        parts = below.split("/")
        for index, part in enumerate(parts):
            path = f"{path}/{part}"
            if index == len(parts) - 1 and node.kind != "directory":
                return False
            old = self.state.tree.nodes.get(path)
            if old is not None and old.kind != "directory":
                if not self.copy.link:
                    self.clash(path, "directory", old)
                    return True
                self.take_away(path, "directory", old)
        return False

    def take_links_away(self, path: str) -> None:
        """With `--link` no link of the image is followed: a folder stands in the place of each on the way to `path`.

        That holds where layers can be merged. A builder that cannot (docker's own, without containerd's store) copies as it
        does without `--link`, so where a link is met, what is copied is in one of two places.
        """
        at = path.find("/", 1) if self.copy.link else -1
        while at > 0:
            old = self.state.tree.nodes.get(path[:at])
            if old is not None and old.kind == "link":
                self.links[path[:at]] = self.state.tree.resolve(path[:at])
                self.take_away(path[:at], "directory", old)
            at = path.find("/", at + 1)

    def through_link(self, path: str) -> str | None:
        """Where a builder that follows the links which `--link` has taken away puts that; None where none was on the way."""
        taken = next((one for one in self.links if within(path, one)), None)
        return None if taken is None else self.state.tree.resolve(self.links[taken] + path[len(taken) :])

    def take_away(self, path: str, kind: Literal["file", "directory", "link"], old: Node) -> None:
        """What `--link` brings takes the place of what the image has there."""
        if old.sure and all(one.path != path for one in self.state.clashes):
            self.state.clashes.append(Clash(path, kind, old, replaces=True))
        self.state.detach(path)
        self.state.tree.remove(path)
        if old.kind == "link":
            self.state.tree.open(Cloud(f"{self.place} puts a folder in the place of a link", (path,)))

    def clash(self, path: str, kind: Literal["file", "directory", "link"], old: Node) -> None:
        if old.sure and all(one.path != path for one in self.state.clashes):
            self.state.clashes.append(Clash(path, kind, old))

    def made_parents(self, source: str, taken: Taken) -> None:
        """With `--parents`, the directories between the destination and what is taken come with it."""
        kept = _kept_parents(source, taken.path)
        folder = dirname(kept)
        todo: list[str] = []
        while folder:
            todo.append(folder)
            folder = dirname(folder)
        for one in reversed(todo):
            path = normal(f"{self.destination}/{one}")
            if self.state.tree.get(path) is None:
                self.put(path, Node("directory", self.place, self.state.image, mode=0o755))

    def may_hold(self, base: str, test: Callable[[str], bool]) -> None:
        cut = len(base.rstrip("/")) + 1
        self.state.tree.open(
            Cloud(
                f"a .gitignore names it in what {self.place} copies, so a build step may make it",
                (base,),
                test=lambda path: test(path[cut:]) if len(path) > cut else False,
            )
        )

    def put(self, path: str, node: Node, *, through: bool = False) -> None:
        """An entry at a path, and what is missing above it, with `--chown` and `--chmod`.

        `through`: a link at the path itself is followed, as it is for a source that is named.
        """
        path = normal(path)
        tree = self.state.tree
        self.take_links_away(path)
        if through and node.kind == "file" and not self.copy.link:
            path = tree.resolve(path)
        elif through and node.kind == "file" and tree.resolve(path) != tree.resolve(path, last=False):
            self.links[path] = tree.resolve(path)
        self.make_parents(path)
        made = self.attributed(node)
        also = self.through_link(path)
        if also is not None:
            self.state.settle(also, made, sure=False)
            self.state.settle(path, made, sure=False)
            return
        real = tree.resolve(path, last=node.kind == "directory")
        old = tree.nodes.get(real)
        if old is not None and old.kind == "directory":
            if node.kind == "directory":
                tree.nodes[real] = replace(old, mode=made.mode, owner=made.owner)
                return
            if not self.copy.link:
                self.clash(real, node.kind, old)
                return
            self.take_away(real, node.kind, old)
        self.state.detach(real)
        self.state.settle(path, made, sure=node.sure)
        if real == _ACCOUNTS and node.kind == "file":
            self.passwd(node)
        if real == GROUPS and node.kind == "file":
            rewrite_groups(self.state, text_of_known(node))

    def passwd(self, node: Node) -> None:
        data = node.blob.data
        if data is not None and node.sure:
            take_accounts_from(self.state, data.decode("utf-8", "replace"), self.place)
        else:
            doubt_all_accounts(self.state, f"{self.place} replaces /etc/passwd")

    def attributed(self, node: Node) -> Node:
        mode = node.mode
        if self.chmod and node.kind != "link":
            mode = changed_mode(node.mode, self.chmod, directory=node.kind == "directory")
            number = natural(self.chmod, 8)
            if number is not None:
                mode = number & 0o7777
            node = replace(node, x_in_git_alone=False)
        return replace(node, mode=mode, owner=self.owner if self.owner is not None else self.kept_owner(node))

    def kept_owner(self, node: Node) -> str:
        """The context's files become root's, those of another stage keep their owner's number."""
        return self.owners(node.owner) if isinstance(self.origin, Tree) else "root"

    def make_parents(self, path: str) -> None:
        missing: list[str] = []
        parent = dirname(self.state.tree.resolve(path, last=False))
        while parent != "/" and self.state.tree.get(parent) is None:
            missing.append(parent)
            parent = dirname(parent)
        for one in reversed(missing):
            made = Node("directory", self.place, self.state.image, mode=0o755)
            if is_digits(self.chmod):
                made = self.attributed(made)  # a symbolic --chmod does not reach them
            covered = self.state.tree.covered(one)
            made = replace(made, sure=not covered, mode=None if covered and self.chmod else made.mode)
            self.state.tree.put(one, replace(made, owner=self.owner or "root"))

    def unknown(self, source: str, reason: Unknown) -> None:
        """A source that is not known: its name is, and what becomes of it is open."""
        name = basename(source.rstrip("/"))
        if self.adds and _ARCHIVE.search(name) and self.copy.unpack is not False:
            self.unpack(source, self.destination)
            return
        looks_like_file = "." in name[1:] and "*" not in name
        if looks_like_file:
            path = f"{self.destination.rstrip('/')}/{name}" if self.into else self.destination
            self.put(path, Node("file", self.place, self.state.image), through=True)
            return
        to = self.state.tree.resolve(self.destination)
        if within(_ACCOUNTS, to) and self.may_bring_accounts(source, to):
            self.state.doubt_accounts(f"{self.place} may bring {_ACCOUNTS}")
        self.state.tree.open(Cloud(reason.reason, (to,)))

    def remote(self, url: str) -> None:
        if _GIT.match(url):
            self.state.tree.open(Cloud(f"{self.place} adds a git repository", (self.destination,)))
            return
        name = basename(url.partition("?")[0].partition("#")[0])
        path = f"{self.destination.rstrip('/')}/{name}" if self.into else self.destination
        if self.copy.unpack:
            self.unpack(url, self.destination)
            return
        self.put(path, Node("file", self.place, self.state.image, mode=0o600, provides=url), through=True)

    def unpacks(self, name: str, node: Node) -> bool:
        """Unpack a local archive, which ADD knows by its content; False where it is none, and copied as it is."""
        if self.copy.unpack is False:
            return False
        data = node.blob.data
        if not data:  # not at hand, or an empty file that stands in for it: its name says what it is
            if not (_ARCHIVE.search(name) or archive_of(name)):
                return False
            self.unpack(name, self.destination)
            return True
        members = members_of(data)
        if members is None:
            return False
        if isinstance(members, Unknown):
            self.unpack(name, self.destination)
            return True
        release = archive_of(name)
        for member in members:
            self.member(member, None if release is None else release.label)
        return True

    def member(self, member: ArchiveMember, label: str | None) -> None:
        """One entry of a local archive, whose folder takes the place of a link; `--chown` and `--chmod` do not reach into
        archives' modes. `label`: the release of s6-overlay that the archive is of."""
        path = normal(f"{self.destination}/{member.path}")
        self.make_parents(path)
        blob = Blob.of(member.data) if member.data is not None else Blob()
        owner = self.owner if self.owner is not None else "root" if member.uid == 0 else str(member.uid)
        provides = label if member.kind == "file" else None
        node = Node(
            member.kind,
            self.place,
            self.state.image,
            mode=member.mode,
            owner=owner,
            target=member.target,
            blob=blob,
            provides=provides,
        )
        real = self.state.tree.resolve(path, last=False)
        old = self.state.tree.nodes.get(real)
        if old is None and node.kind == "directory":
            cloud = self.state.tree.cloud_over(real)
            if cloud is not None:
                self.state.may_replace[real] = cloud.unknown
        if old is not None and node.kind == "directory":
            if old.kind == "directory":
                self.state.tree.nodes[real] = replace(old, mode=node.mode, owner=node.owner)
                return
            self.take_away(real, "directory", old)
        self.state.tree.remove(real)
        self.state.tree.put(real, node)

    def unpack(self, archive: str, into: str) -> None:
        members = unpacked(archive, into, (), ())
        if members is None:
            spares = spared_by(archive, into)
            if into in ("/", "/etc"):
                self.state.doubt_accounts(f"{self.place} may bring accounts")
            self.state.tree.open(Cloud(f"{self.place} unpacks {basename(archive)} there", (into,), spares))
            return
        for path, node in members(self.place, self.state.image):
            self.state.tree.put(path, node)
        for cloud in open_by_release(f"{self.place} unpacks {basename(archive)} there", archive, into):
            self.state.tree.open(cloud)


def _kept_parents(source: str, path: str) -> str:
    """With --parents: the part of the path of what was taken that is kept, which is all, or what follows `/./`."""
    before, pivot, _ = source.partition("/./")
    cut = len([part for part in normpath("/" + before).split("/") if part]) if pivot else 0
    return "/".join(path.strip("/").split("/")[cut:])


def _with_usual_mode(node: Node) -> Node:
    return replace(node, mode=0o755)
