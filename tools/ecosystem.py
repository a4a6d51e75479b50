"""Lint pinned public repositories and show what differs from the findings on record, for maintainers.

    python tools/ecosystem.py [--update] [--pins FILE] [--record FILE] CLONES

`ecosystem.json` beside this script names the repositories by family, as OWNER/REPO@COMMIT. CLONES holds a git
repository for each, bare or with a work tree, as `OWNER+REPO`, `OWNER/REPO` or `REPO`, or as `repo` in such a folder;
the commit is read from git's objects, whatever is checked out. The repositories of a family are linted as one
workspace. `ecosystem-findings.json` is the record: rule, path and line of each finding.

Exit code: 0 for no difference, 1 for a difference or a repository that is missing, 2 for wrong use.
"""

import argparse
import json
import subprocess
import sys
import weakref
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from ctlint.lineage.repository.dockerfiles import dockerfiles
from ctlint.lineage.repository.snapshot import FileSpec, Snapshot
from ctlint.lineage.text.errors import InputError
from ctlint.lineage.workspace.workspace import Workspace
from ctlint.lint.judging.engine import run_rules
from ctlint.rules.discover import all_rules

HERE = Path(__file__).parent
LAYOUTS = ("{owner}+{name}", "{owner}/{name}", "{name}", "{owner}+{name}/repo", "{owner}/{name}/repo")
Record = dict[str, list[str]]
"""The findings of repositories: OWNER/REPO@COMMIT → `CT104 root/etc/cont-init.d/50-app:1`, sorted."""


@dataclass(frozen=True, slots=True)
class Pin:
    """A repository at a commit, as it is written: OWNER/REPO@COMMIT."""

    written: str

    @property
    def repository(self) -> str:
        return self.written.partition("@")[0]

    @property
    def commit(self) -> str:
        return self.written.partition("@")[2]


class Objects:
    """The objects of a git repository, each read by one lasting `git cat-file` when it is asked for."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.reader = subprocess.Popen(
            ["git", "-C", str(folder), "cat-file", "--batch"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        weakref.finalize(self, _end, self.reader)

    def git(self, *words: str, data: bytes | None = None) -> bytes:
        return subprocess.run(
            ["git", "-C", str(self.folder), *words], input=data, check=True, capture_output=True
        ).stdout

    def blob(self, digest: str) -> bytes:
        """The content of a blob; raises InputError where this clone does not hold it."""
        asked, answered = self.reader.stdin, self.reader.stdout
        assert asked is not None
        assert answered is not None
        asked.write(f"{digest}\n".encode())
        asked.flush()
        header = answered.readline().split()
        if len(header) != 3:
            raise InputError(f"{self.folder} does not hold the object {digest}")
        data = answered.read(int(header[2]))
        answered.read(1)
        return data

    def files(self, commit: str) -> Iterator[tuple[str, FileSpec]]:
        """The files of a commit, and its submodules. One whose content this clone does not hold is there, and empty."""
        rows = [row.partition("\t") for row in self.git("ls-tree", "-r", "-z", commit).decode().split("\0") if row]
        listed = [(*about.split(" "), path) for about, _, path in rows]
        digests = "\n".join(digest for _, kind, digest, _ in listed if kind == "blob")
        sizes: dict[str, int] = {}
        for line in self.git("cat-file", "--batch-check", data=digests.encode()).decode().splitlines():
            digest, *about = line.split()
            sizes[digest] = int(about[1]) if len(about) == 2 else -1
        for mode, kind, digest, path in listed:
            if kind != "blob":
                yield path, FileSpec(kind="submodule")
            elif sizes[digest] < 0:
                yield path, FileSpec(b"", 0o755 if mode == "100755" else 0o644)
            elif mode == "120000":
                yield path, FileSpec(b"", 0o777, "link", self.blob(digest).decode("utf-8", "surrogateescape"))
            else:
                bits = 0o755 if mode == "100755" else 0o644
                yield path, FileSpec(partial(self.blob, digest), bits, size=sizes[digest], digest=digest)


def _end(process: "subprocess.Popen[bytes]") -> None:
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            stream.close()
    process.wait()


def clone_of(clones: Path, repository: str) -> Path | None:
    """The folder in which the clone of OWNER/REPO is, if any."""
    owner, _, name = repository.partition("/")
    for layout in LAYOUTS:
        folder = clones / layout.format(owner=owner, name=name)
        if (folder / ".git").exists() or (folder / "HEAD").is_file():
            return folder
    return None


def snapshot_of(clones: Path, pin: Pin) -> Snapshot:
    """The files of a pinned commit; raises InputError where there is no clone, or not that commit in it."""
    folder = clone_of(clones, pin.repository)
    if folder is None:
        raise InputError(f"there is no clone of {pin.repository}")
    objects = Objects(folder)
    try:
        files = dict(objects.files(pin.commit))
    except subprocess.CalledProcessError:
        raise InputError(f"{folder} does not hold the commit {pin.commit}") from None
    label = f"{pin.repository}/"
    return Snapshot.from_mapping(pin.repository, files, label=label, commit=pin.commit)


def findings_of(pins: Sequence[Pin], snapshots: Mapping[Pin, Snapshot]) -> Record:
    """The findings in the repositories of a family, linted as one workspace."""
    workspace = Workspace([(snapshot, dockerfiles(snapshot)) for snapshot in snapshots.values()])
    found: Record = {pin.written: [] for pin in pins if pin in snapshots}
    owners = {snapshot.label: pin.written for pin, snapshot in snapshots.items()}
    for finding in run_rules(workspace, all_rules()).findings():
        label = next(label for label in owners if finding.place.path.startswith(label))
        path = finding.place.path[len(label) :]
        found[owners[label]].append(f"{finding.rule} {path}:{finding.place.line}")
    return {written: sorted(rows, key=_in_order) for written, rows in found.items()}


def _in_order(row: str) -> tuple[str, str, int]:
    rule, _, place = row.partition(" ")
    path, _, line = place.rpartition(":")
    return rule, path, int(line)


def differences(before: Record, after: Record) -> Iterator[str]:
    """What the findings of the linted repositories differ in, as lines to print."""
    names = {written.partition("@")[0]: written for written in before}
    for written, rows in sorted(after.items()):
        recorded = names.get(written.partition("@")[0])
        old, new = Counter(before.get(recorded or "", ())), Counter(rows)
        added, removed = sorted((new - old).elements(), key=_in_order), sorted((old - new).elements(), key=_in_order)
        if recorded == written and not added and not removed:
            continue
        yield written
        if recorded is None:
            yield "    it is not on record"
        elif recorded != written:
            yield f"    the record is of {recorded.partition('@')[2]}"
        yield from (f"    + {row}" for row in added)
        yield from (f"    - {row}" for row in removed)


def counted(before: Record, after: Record) -> Iterator[str]:
    """How many findings of each rule were added and removed."""
    old = Counter(row.partition(" ")[0] for rows in before.values() for row in rows)
    new = Counter(row.partition(" ")[0] for rows in after.values() for row in rows)
    for rule in sorted(old.keys() | new.keys()):
        if old[rule] != new[rule]:
            yield f"{rule}: {old[rule]} before, {new[rule]} now"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Lint pinned repositories and compare the findings with the record.")
    parser.add_argument("clones", type=Path, metavar="CLONES", help="the folder of the clones")
    parser.add_argument("--update", action="store_true", help="write the findings of today into the record")
    parser.add_argument("--pins", type=Path, default=HERE / "ecosystem.json", metavar="FILE")
    parser.add_argument("--record", type=Path, default=HERE / "ecosystem-findings.json", metavar="FILE")
    given = parser.parse_args(arguments)
    if not given.clones.is_dir():
        parser.error(f"{given.clones} is not a folder")
    families: dict[str, list[str]] = json.loads(given.pins.read_text("utf-8"))
    before: Record = json.loads(given.record.read_text("utf-8")) if given.record.exists() else {}
    after, missing = linted(given.clones, families)
    for line in missing:
        print(f"missing: {line}", file=sys.stderr)
    if given.update:
        pinned = {written for family in families.values() for written in family}
        kept = {written: rows for written, rows in before.items() if written in pinned and written not in after}
        given.record.write_text(_written({**kept, **after}), "utf-8")
        return 1 if missing else 0
    lines = list(differences(before, after))
    compared = {written.partition("@")[0] for written in after}
    same = {written: rows for written, rows in before.items() if written.partition("@")[0] in compared}
    print(*lines, *counted(same, after), sep="\n", end="\n" if lines else "")
    total = sum(len(rows) for rows in after.values())
    print(f"{total} findings in {len(after)} repositories, {len(missing)} missing.")
    return 1 if lines or missing else 0


def linted(clones: Path, families: Mapping[str, Sequence[str]]) -> tuple[Record, list[str]]:
    """The findings of all families, and what could not be read."""
    after: Record = {}
    missing: list[str] = []
    for family in families.values():
        pins = [Pin(written) for written in family]
        snapshots: dict[Pin, Snapshot] = {}
        for pin in pins:
            try:
                snapshots[pin] = snapshot_of(clones, pin)
            except InputError as error:
                missing.append(f"{pin.written}: {error}")
        after.update(findings_of(pins, snapshots))
    return after, missing


def _written(record: Record) -> str:
    rows = (f" {json.dumps(written)}: {_list(found)}" for written, found in sorted(record.items()))
    return "{\n" + ",\n".join(rows) + "\n}\n"


def _list(rows: Sequence[str]) -> str:
    return "[" + ",".join(f"\n  {json.dumps(row, ensure_ascii=False)}" for row in rows) + ("\n ]" if rows else "]")


if __name__ == "__main__":
    raise SystemExit(main())
