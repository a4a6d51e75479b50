"""The change since a revision, in every repository of a workspace."""

from collections.abc import Iterable
from pathlib import Path

from ..late.dataclasses import dataclass
from ..text.errors import UsageError
from .change import FileChange, change_since, checkout_of
from .git_commands import Git
from .git_files import Checkout
from .snapshot import Snapshot

_FETCH = (
    "it is a shallow clone, so fetch its history first (git fetch --unshallow; fetch-depth: 0 for actions/checkout)"
)


@dataclass(frozen=True)
class Changes:
    """The changes of a workspace's repositories. `notes` says which could not be compared, and why: they count as
    unchanged."""

    changes: tuple[FileChange, ...]
    notes: tuple[str, ...] = ()

    def of(self, snapshot: Snapshot) -> FileChange | None:
        """What has changed in a repository; None where nothing has."""
        return next((change for change in self.changes if change.now is snapshot and change.paths), None)

    def before(self, snapshot: Snapshot) -> Snapshot:
        """A repository as it was."""
        change = self.of(snapshot)
        return change.before if change is not None else snapshot

    def shown(self) -> frozenset[str]:
        """The paths that differ, as they are shown to the user."""
        return frozenset(path for change in self.changes for path in change.shown())


def changes_since(snapshots: Iterable[Snapshot], revision: str) -> Changes:
    """What differs between a revision and the working trees of the repositories that are folders of this machine.

    As with `git diff REV...`, what is compared with is the merge base of the revision and HEAD, so that only this side's
    changes count and not what the other branch has gained since. Differences that are not committed, and untracked files
    that git does not ignore, are part of the change. The revision is looked up in each repository; raises UsageError
    where none of them knows it, InputError where git fails.
    """
    bases: dict[Path, str | UsageError] = {}
    found: list[FileChange] = []
    reasons: list[str] = []
    for snapshot in snapshots:
        if snapshot.root is None:
            continue
        checkout = checkout_of(snapshot)
        where = snapshot.label.rstrip("/") or snapshot.name
        if checkout is None:
            reasons.append(f"{where} is no git checkout with a commit")
            continue
        if checkout.root not in bases:
            bases[checkout.root] = _base(checkout, revision)
        base = bases[checkout.root]
        if isinstance(base, UsageError):
            reasons.append(f"{where} {base}")
        else:
            found.append(change_since(snapshot, checkout, base))
    if found:
        return Changes(tuple(found), tuple(f"{reason}; it counts as unchanged." for reason in reasons))
    if not reasons:
        raise UsageError("--since compares with an earlier version of a git checkout, and no target is in one.")
    more = f" (nor can the other {len(reasons) - 1} be compared)" if len(reasons) > 1 else ""
    raise UsageError(f"--since: {reasons[0]}{more}.")


def _base(checkout: Checkout, revision: str) -> str | UsageError:
    """The merge base of a revision and HEAD, or why there is none, to be read behind the repository's name."""
    git = Git(checkout)
    commit = git.commit(revision)
    if commit is None:
        hint = _FETCH if git.shallow else "fetch it first, or name a branch, tag or commit that is there"
        return UsageError(f"knows no commit {revision!r}: {hint}")
    head = checkout.commit() or git.commit("HEAD")
    base = git.merge_base(commit, head) if head is not None else None
    if base is None:
        hint = _FETCH if git.shallow else "they have no common ancestor"
        return UsageError(f"cannot compare {revision!r} with HEAD: {hint}")
    return base
