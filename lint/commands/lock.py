"""`ctlint lock`: the parents' digests and facts, to be committed; `--check` says what moved."""

import argparse
import os
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from ...lineage.late.dataclasses import dataclass, replace
from ...lineage.oci.address import FACTS, LOCK, ImageAddress, parse_address, same_image
from ...lineage.real_images.facts import facts_text
from ...lineage.real_images.images import RealImages
from ...lineage.real_images.lock import Lock, Locked, checksum_of, lock_of, lock_text
from ...lineage.repository.snapshot import Snapshot
from ...lineage.text.errors import InputError, UsageError
from ...lineage.text.reference import Reference, identity
from ...lineage.workspace.real_parents import external_references
from ...lineage.workspace.workspace import Workspace
from ..config.keys import ParentSource
from ..fixing.files import replace_file
from ..opening.open import Opening, open_workspace
from ..opening.real_parents import FROM_REGISTRY, parents_place, real_images
from ..opening.request import Request
from ..output.complaints import complain, sentence
from ..output.console import Console, Line, plural, printable


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A parent that a repository takes from outside, and where it is to be read."""

    reference: Reference
    name: str

    @property
    def shown(self) -> str:
        return str(self.reference)


def lock(options: argparse.Namespace, request: Request) -> int:
    """Write the lock of each repository that is opened, or, with --check, say what moved (exit code 1)."""
    places = [parents_place(text) for text in request.parents_from or (FROM_REGISTRY,)]
    opening = open_workspace(replace(request, parents_from=()))
    images = real_images(request, opening.config)
    locking = _Locking(opening, images, places, options.refresh, bool(request.parents_from))
    folders = [snapshot for snapshot in opening.workspace.snapshots if snapshot.root is not None]
    if not folders:
        raise UsageError("A lock is written into a repository of this machine; there is none among the targets.")
    try:
        outcomes = [locking.checked(one) if options.check else locking.written(one) for one in folders]
    finally:
        images.close()
    console = Console(color=options.color)
    console.write(line for outcome in outcomes for line in outcome.lines if line or not options.quiet)
    failed = [error for outcome in outcomes for error in outcome.failed]
    for error in (*opening.errors, *failed):
        complain(sentence(error))
    if failed or opening.errors:
        return 3
    return int(any(outcome.moved for outcome in outcomes))


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What was done for one repository, or, for --check, whether something moved."""

    lines: Sequence[Line]
    failed: Sequence[InputError] = ()
    moved: bool = False


@dataclass(frozen=True, slots=True)
class _Locking:
    opening: Opening
    images: RealImages
    places: Sequence[ImageAddress]
    refresh: bool
    told: bool
    """The user has said where the parents are, so that is where it is asked whether they moved."""

    @property
    def workspace(self) -> Workspace:
        return self.opening.workspace

    def wanted(self, snapshot: Snapshot) -> Iterator[_Wanted]:
        """The parents of a repository's images that no repository at hand makes, each once."""
        seen: set[str] = set()
        for source in self.workspace.images:
            if source.snapshot is not snapshot:
                continue
            for reference in external_references(source):
                parent = self.workspace.parent(reference, source)
                if parent.source is not None and parent.assumed is None:
                    continue
                if str(reference) not in seen:
                    seen.add(str(reference))
                    yield _Wanted(reference, identity(reference, self.workspace.settings.aliases))

    def configured(self, wanted: _Wanted) -> ParentSource | None:
        """The real image that the configuration gives a parent."""
        for pattern, parent in self.opening.config.parents.items():
            if parent.kind == "real" and pattern in (wanted.name, wanted.shown, wanted.reference.familiar):
                return parent
        return None

    def elsewhere(self, wanted: _Wanted, locked: Locked, root: Path) -> str | None:
        """What the configuration gives a parent now, where it is not the image that it was locked from."""
        parent = self.configured(wanted)
        if parent is None:
            return None
        address = parse_address(parent.value)
        if same_image(parse_address(locked.address, root), address):
            return None
        return _lasting(address, root, relative=parent.relative)

    def address(self, wanted: _Wanted) -> ImageAddress | None:
        """Where a parent is read from: as the configuration says, else the first place that has it."""
        parent = self.configured(wanted)
        if parent is not None:
            return parse_address(parent.value)
        for place in self.places:
            found = self.images.among(place, wanted.reference)
            if found is not None:
                return found
        return None

    def digest_now(self, wanted: _Wanted, locked: Locked, snapshot: Snapshot) -> str:
        """The digest of a locked parent today: where it was read from, or where the user says. Raises InputError."""
        address = self.address(wanted) if self.told else parse_address(locked.address, snapshot.root)
        if address is None:
            raise InputError(self.nowhere())
        return self.images.digest(address)

    def nowhere(self) -> str:
        return f"{', '.join(str(place) for place in self.places)} does not have it"

    def written(self, snapshot: Snapshot) -> _Outcome:
        old = self.old(snapshot)
        root = snapshot.root or Path()
        kept: list[Locked] = []
        lines: list[Line] = []
        failed: list[InputError] = []
        for wanted in self.wanted(snapshot):
            before = old.find(wanted.reference, self.workspace.settings.aliases) if old is not None else None
            as_configured = before is not None and self.elsewhere(wanted, before, root) is None
            if before is not None and as_configured and not self.refresh and before.facts in snapshot.entries:
                kept.append(before)
                continue
            try:
                locked = self.locked(wanted, root)
            except InputError as error:
                failed.append(InputError(f"{wanted.shown} is not locked: {_plain(error)}."))
                if before is not None:
                    kept.append(before)
                continue
            kept.append(locked)
            lines.append(_line("locked", "green", locked, before))
        gone = [one for one in (old.parents if old is not None else ()) if one not in kept]
        for one in gone:
            if not any(one.name == other.name and one.tag == other.tag for other in kept):
                lines.append([("dropped", "yellow"), (f"  {printable(one.shown)}", "")])
        if kept or old is not None:
            self.write(root, kept)
        if not lines and not failed:
            count = plural(len(kept), "parent")
            lines.append(
                [(f"{count} locked, nothing to do; --refresh asks again." if kept else self.nothing(snapshot), "")]
            )
        return _Outcome(lines, failed)

    def locked(self, wanted: _Wanted, root: Path) -> Locked:
        address, configured = self.address(wanted), self.configured(wanted)
        if address is None:
            raise InputError(self.nowhere())
        image = self.images.read(address)
        place = _lasting(address, root, relative=configured is not None and configured.relative)
        text = facts_text(replace(image, address=place))
        made = Locked(
            wanted.name,
            wanted.reference.tag or (None if wanted.reference.digest else "latest"),
            wanted.reference.digest or image.digest,
            str(self.images.platform),
            datetime.now(UTC).strftime("%Y-%m-%d"),
            place,
            checksum_of(text),
        )
        (root / FACTS).mkdir(exist_ok=True)
        replace_file(root / made.facts, text.encode("utf-8"))
        return made

    def write(self, root: Path, kept: Sequence[Locked]) -> None:
        """Write the lock, and take away the facts that it no longer names."""
        replace_file(root / LOCK, lock_text(kept).encode("utf-8"))
        named = {Path(one.facts).name for one in kept}
        folder = root / FACTS
        own = folder.is_dir() and not folder.is_symlink()  # a link leads to files that are none of the lock's
        for file in folder.glob("*.json") if own else ():
            if file.name not in named:
                file.unlink()

    def checked(self, snapshot: Snapshot) -> _Outcome:
        """Whether the lock names every parent, and whether these are still what it says."""
        old = self.old(snapshot) or Lock(())
        aliases = self.workspace.settings.aliases
        lines: list[Line] = []
        failed: list[InputError] = []
        moved = False
        for wanted in self.wanted(snapshot):
            locked = old.find(wanted.reference, aliases)
            if locked is None:
                lines.append([("missing", "red"), (f"  {printable(wanted.shown)}: not locked", "")])
                moved = True
                continue
            other = self.elsewhere(wanted, locked, snapshot.root or Path())
            if other is not None:
                told = f"  {printable(locked.shown)}: {printable(locked.address)}, and the configuration names {printable(other)}"
                lines.append([("moved", "red"), (told, "")])
                moved = True
                continue
            try:
                old.facts(locked)
                now = wanted.reference.digest or self.digest_now(wanted, locked, snapshot)
            except InputError as error:
                failed.append(InputError(f"{locked.shown}: {_plain(error)}.", None))
                continue
            if now != locked.digest:
                lines.append(_moved(locked, now))
                moved = True
        if not lines and not failed:
            lines.append(
                [(f"{plural(len(old.parents), 'parent')} as locked." if old.parents else self.nothing(snapshot), "")]
            )
        return _Outcome(lines, failed, moved)

    def nothing(self, snapshot: Snapshot) -> str:
        """Why there is no parent to lock."""
        return _NOTHING if any(one.snapshot is snapshot for one in self.workspace.images) else _NO_IMAGE

    def old(self, snapshot: Snapshot) -> Lock | None:
        try:
            return lock_of(snapshot)
        except InputError:
            if self.refresh:
                return None
            raise


_NOTHING = "No parent to lock: the images are built on repositories at hand, or from scratch."
_NO_IMAGE = (
    "Nothing to lock: there is no Dockerfile here, and a lock holds what the FROM lines name, not the images that compose files "
    "and manifests run."
)


def _line(word: str, style: str, locked: Locked, before: Locked | None) -> Line:
    was = f" (was {_short(before.digest)})" if before is not None and before.digest != locked.digest else ""
    return [(word, style), (f"  {printable(locked.shown)}  {_short(locked.digest)}{was}", "")]


def _moved(locked: Locked, now: str) -> Line:
    return [
        ("moved", "red"),
        (f"  {printable(locked.shown)}: {_short(locked.digest)} of {locked.date} → {_short(now)}", ""),
    ]


def _lasting(address: ImageAddress, root: Path, *, relative: bool) -> str:
    """An address as it holds from the repository's folder, wherever the lock is written or checked.

    `relative`: the configuration has it by a path from its own folder, which reading it has made absolute.
    """
    if address.reference is not None:
        return str(address)
    absolute = not relative and str(address).partition(":")[2].startswith(("/", "~"))
    path = str(address.path) if absolute else os.path.relpath(address.path, root).replace(os.sep, "/")
    return f"{address.transport}:{path}" + (f":{address.name}" if address.name else "")


def _short(digest: str) -> str:
    return digest[:19]


def _plain(error: InputError) -> str:
    where = f"{error.path}: " if error.path else ""
    return f"{where}{error}".removesuffix(".")
