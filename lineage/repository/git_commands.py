"""What only git itself can tell of a checkout: which commit a revision names, merge bases, trees and contents.

Plumbing that runs no filter is asked, by explicit git directory, with what it writes parted by zero bytes.
"""

import os
from collections.abc import Iterable, Iterator

from ..late.dataclasses import dataclass
from ..text.errors import InputError, UsageError
from ..text.numbers import natural
from .git_files import Checkout
from .git_run import run_git

_CONVERTED = (b"true", b"yes", b"on", b"1", b"input")


@dataclass(frozen=True, slots=True)
class TreeFile:
    """A path of a commit: git's mode (0o100644, 0o100755, 0o120000, 0o160000) and the id of the object."""

    mode: int
    digest: str


class Git:
    """git, asked about one checkout. Every question raises UsageError where there is no git, InputError if it fails."""

    def __init__(self, checkout: Checkout) -> None:
        self.checkout = checkout

    def commit(self, revision: str) -> str | None:
        """The id of the commit that a revision names (gitrevisions(7)), or None.

        The revision is read from standard input, so that none is ever taken for an option.
        """
        if not revision.strip() or any(character in revision for character in "\n\0"):
            return None
        named = self._object(revision)
        if named is not None and named[1] == "tag":
            named = self._object(f"{named[0]}^{{commit}}")
        return named[0] if named is not None and named[1] == "commit" else None

    def merge_base(self, one: str, other: str) -> str | None:
        """The best common ancestor of two commits (by id), or None where none is known."""
        done = self._run("merge-base", one, other, fine=(0, 1))
        return done.decode("ascii", "replace").split("\n")[0].strip() or None

    @property
    def shallow(self) -> bool:
        """Whether the history is cut off (`git clone --depth`)."""
        return (self.checkout.common_dir / "shallow").is_file()

    @property
    def partial(self) -> bool:
        """Whether objects may be left out of the clone (`git clone --filter`)."""
        return self._run("config", "--get-regexp", r"^remote\..*\.promisor$", fine=(0, 1)) != b""

    def tree(self, commit: str, folder: str = "") -> dict[str, TreeFile]:
        """All that a commit holds below a folder ('' for the top, else with a `/` at its end), by path relative to it."""
        found = self._listed(commit, "-r", "--", folder) if folder else self._listed(commit, "-r")
        return {path[len(folder) :]: file for path, file in found.items()}

    def files(self, commit: str, paths: Iterable[str]) -> dict[str, bytes]:
        """The contents of a commit's plain files, by path from the top; without those that are not there."""
        asked = tuple(paths)
        listed = self._listed(commit, "--", *asked) if asked else {}
        plain = {path: file.digest for path, file in listed.items() if file.mode in (0o100644, 0o100755)}
        contents = self.contents(plain.values())
        return {path: contents[digest] for path, digest in plain.items() if digest in contents}

    def sizes(self, digests: Iterable[str]) -> dict[str, int]:
        """The sizes of objects in bytes, by id; without those that are not at hand.

        Raises UsageError where a partial clone lacks one.
        """
        asked = frozenset(digests)
        rows = self._run("cat-file", "--batch-check", given=_lines(asked)).decode("ascii", "replace").splitlines()
        told = (row.split() for row in rows)
        found = {fields[0]: size for fields in told if len(fields) == 3 and (size := natural(fields[2])) is not None}
        if len(found) < len(asked) and self.partial:
            raise self._lacking()
        return found

    def contents(self, digests: Iterable[str]) -> dict[str, bytes]:
        """The bytes of objects as git keeps them, by id; without those that are not at hand."""
        return dict(_batch(self._run("cat-file", "--batch", given=_lines(digests))))

    def staged(self, commit: str) -> frozenset[str]:
        """The paths (from the checkout's top) in which the index differs from a commit."""
        flags = ("--name-only", "--no-renames", "--no-ext-diff", "--no-textconv", "--ignore-submodules=dirty", "-z")
        done = self._run("diff-index", "--cached", *flags, commit, "--")
        return frozenset(os.fsdecode(name) for name in done.split(b"\0") if name)

    def normalises(self, path: str) -> bool:
        """Whether git keeps a text file's CRLF as LF (gitattributes(5) `text` and `eol`, `core.autocrlf`).

        `path` is from the checkout's top.
        """
        fields = self._run("check-attr", "-z", "text", "eol", "--", path).decode("utf-8", "replace").split("\0")
        text, end = fields[2], fields[5]
        if text in ("set", "auto", "unset"):
            return text != "unset"
        if end in ("lf", "crlf"):
            return True
        return self._run("config", "--get", "core.autocrlf", fine=(0, 1)).strip().lower() in _CONVERTED

    def _listed(self, commit: str, *arguments: str) -> dict[str, TreeFile]:
        found: dict[str, TreeFile] = {}
        for record in self._run("ls-tree", "-z", "--full-tree", commit, *arguments).split(b"\0"):
            about, tab, name = record.partition(b"\t")
            fields = about.split()
            if tab and len(fields) == 3:
                found[os.fsdecode(name)] = TreeFile(int(fields[0], 8), fields[2].decode("ascii"))
        return found

    def _object(self, name: str) -> tuple[str, str] | None:
        done = self._run("cat-file", "--batch-check=%(objectname) %(objecttype)", given=os.fsencode(name) + b"\n")
        digest, _, kind = done.decode("ascii", "replace").strip().partition(" ")
        known = kind in ("commit", "tag", "tree", "blob") and len(digest) in (40, 64)
        return (digest, kind) if known else None

    def _run(self, *arguments: str, given: bytes = b"", fine: tuple[int, ...] = (0,)) -> bytes:
        checkout = self.checkout
        try:
            done = run_git(checkout.git_dir, checkout.root, *arguments, given=given)
        except FileNotFoundError:
            raise UsageError("git is needed to compare with an earlier version, and it is not on the PATH.") from None
        except OSError as error:
            named = f" ({error.filename})" if error.filename else ""
            raise InputError(
                f"git {arguments[0]} failed: {error.strerror or error}{named}", str(checkout.root)
            ) from error
        if done.code not in fine:
            said = done.said.strip()
            if "promisor remote" in said:
                raise self._lacking()
            reason = said.rpartition("\n")[2] or done.code
            raise InputError(f"git {arguments[0]} failed: {reason}", str(checkout.root))
        return done.out

    def _lacking(self) -> UsageError:
        return UsageError(
            f"{self.checkout.root} is a partial clone that lacks files of the earlier version: fetch them first "
            "(git fetch --refetch --no-filter), or clone it without --filter."
        )


def _lines(digests: Iterable[str]) -> bytes:
    return "".join(f"{digest}\n" for digest in digests).encode("ascii")


def _batch(data: bytes) -> Iterator[tuple[str, bytes]]:
    """The objects of `git cat-file --batch`: a line with id, kind and size, then the bytes and a line end."""
    position = 0
    while position < len(data):
        end = data.index(b"\n", position)
        fields = data[position:end].split()
        position = end + 1
        if len(fields) == 3 and (size := natural(fields[2])) is not None:
            yield fields[0].decode("ascii"), data[position : position + size]
            position += size + 1
