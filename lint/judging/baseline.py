"""Baselines: findings that are accepted, known again by fingerprints that outlive moves and unrelated edits."""

import json
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Any

from ...lineage.late.dataclasses import dataclass
from ...lineage.repository.plain_file import LARGEST_LIST, read_plain
from ...lineage.text.errors import UsageError
from ...rules.base import Finding
from ...rules.renamed import word_about
from ..config.files import shown
from ..config.selection import NEVER_IGNORED
from ..fixing.files import replace_file
from .fingerprint import fingerprint, number_repeats

__all__ = [
    "Baseline",
    "BaselineEntry",
    "apply_baseline",
    "fingerprint",
    "number_repeats",
    "read_baseline",
    "render_baseline",
    "write_baseline",
]


@dataclass(frozen=True, slots=True, order=True)
class BaselineEntry:
    """An accepted finding. Only the fingerprint counts; the rest is for the reader of the file."""

    path: str
    rule: str
    fingerprint: str
    message: str = ""


@dataclass(frozen=True, slots=True)
class Baseline:
    """The accepted findings, in order of path, rule and fingerprint."""

    entries: tuple[BaselineEntry, ...] = ()

    @property
    def fingerprints(self) -> frozenset[str]:
        return frozenset(entry.fingerprint for entry in self.entries)

    @property
    def renamed(self) -> tuple[str, ...]:
        """The codes of earlier releases in it. Fingerprints still count, as these rest on a rule's first code."""
        return tuple(sorted({entry.rule for entry in self.entries if word_about(entry.rule)}))

    @classmethod
    def of(cls, findings: Iterable[Finding]) -> "Baseline":
        """The baseline that accepts `findings`, failures of the run (CT001, CT002) excepted."""
        entries = {
            finding.fingerprint: BaselineEntry(finding.place.path, finding.rule, finding.fingerprint, finding.message)
            for finding in findings
            if finding.rule not in NEVER_IGNORED
        }
        return cls(tuple(sorted(entries.values())))

    def stale(self, findings: Iterable[Finding], decided: Collection[str]) -> tuple[BaselineEntry, ...]:
        """The entries of rules that were `decided` everywhere and stand for none of `findings`: cured since."""
        present = {finding.fingerprint for finding in findings}
        return tuple(entry for entry in self.entries if entry.fingerprint not in present and entry.rule in decided)


def render_baseline(findings: Iterable[Finding]) -> str:
    """The text of a baseline file: sorted, so that it changes only where findings do."""
    entries = [
        {"path": each.path, "rule": each.rule, "fingerprint": each.fingerprint, "message": each.message}
        for each in Baseline.of(findings).entries
    ]
    text = json.dumps({"schema": 1, "findings": entries}, indent=2, ensure_ascii=False)
    return text.encode("utf-8", "replace").decode("utf-8") + "\n"


def write_baseline(path: Path, findings: Iterable[Finding]) -> None:
    """Write a baseline file, whole or not at all. Raises UsageError where that is impossible."""
    try:
        replace_file(path, render_baseline(findings).encode("utf-8"))
    except OSError as error:
        raise UsageError(f"{shown(path)}: the baseline cannot be written: {error.strerror or error}.") from None


def read_baseline(path: Path) -> Baseline:
    """A baseline file. Raises UsageError where it is missing or is none."""
    try:
        data = read_plain(path, LARGEST_LIST)
    except OSError as error:
        hint = "; --write-baseline makes it" if isinstance(error, FileNotFoundError) else ""
        raise UsageError(f"{shown(path)}: the baseline cannot be read: {error.strerror or error}{hint}.") from None
    return parse_baseline(path, data)


def parse_baseline(path: Path, data: bytes) -> Baseline:
    """The content of a baseline file. Raises UsageError where it is none."""
    try:
        document: Any = json.loads(data.decode("utf-8"))
        entries = tuple(_entry(each) for each in document["findings"]) if document["schema"] == 1 else None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise UsageError(f"{shown(path)}: is no baseline of ctlint; --write-baseline makes one.") from None
    if entries is None:
        raise UsageError(
            f"{shown(path)}: is a baseline of another version of ctlint; --write-baseline makes a new one."
        )
    return Baseline(entries)


def apply_baseline(findings: Iterable[Finding], baseline: Baseline) -> tuple[tuple[Finding, ...], int]:
    """The findings that the baseline does not accept, in their order, and how many it does."""
    accepted = baseline.fingerprints
    everything = tuple(findings)
    kept = tuple(each for each in everything if each.fingerprint not in accepted or each.rule in NEVER_IGNORED)
    return kept, len(everything) - len(kept)


def _entry(value: Any) -> BaselineEntry:
    path, rule, own, message = (value[key] for key in ("path", "rule", "fingerprint", "message"))
    if not all(isinstance(part, str) for part in (path, rule, own, message)):
        raise TypeError("an entry of a baseline holds strings")
    return BaselineEntry(path, rule, own, message)
