"""Fingerprints: what identifies a finding from run to run, through moves of its line and unrelated edits."""

import re
from collections.abc import Iterable

from ...lineage.late.dataclasses import replace
from ...lineage.late.digests import sha256
from ...rules.base import Finding

_FROM = r"from\s+(?:--platform=\S+\s+)?(\S+)(?:\s+as\s+\S+)?"
_FROM_STAGE = r"(?<!\S)--from=[^\s/:@.$]+(?!\S)|(?<=[=,]from=)[^\s,/:@.$]+(?![^\s,])"


def fingerprint(rule: str, path: str, subject: str, line_text: str, occurrence: int = 0) -> str:
    """What identifies a finding from run to run: 32 hexadecimal digits.

    It rests on `rule`, `path` (relative to the repository) and `subject`, or, where a rule gives none, `line_text`
    without its layout and the names of build stages. `occurrence` counts, from 0, findings that agree in all that.
    """
    what = f"s{subject}" if subject else f"l{normalised(line_text)}"
    first = _digest(rule, path, what)
    return _digest(first, str(occurrence)) if occurrence else first


def number_repeats(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings, each with a fingerprint of its own: the later ones of equal fingerprint get their occurrence's.

    They must come in order of their places. One defect that several images share keeps one fingerprint.
    """
    found: list[Finding] = []
    places: dict[str, dict[object, int]] = {}
    for finding in findings:
        known = places.setdefault(finding.fingerprint, {})
        number = known.setdefault((finding.place, finding.message), len(known))
        found.append(replace(finding, fingerprint=_digest(finding.fingerprint, str(number))) if number else finding)
    return tuple(found)


def normalised(line: str) -> str:
    """A line of a Dockerfile or script without layout: blanks, continuation, joints of commands, names of stages."""
    text = " ".join(line.split()).strip(" \\&;|")
    if "from" not in text.lower():
        return text
    text = re.sub(_FROM_STAGE, "", text)
    match = re.fullmatch(_FROM, text, re.IGNORECASE)
    if not match:
        return text
    return f"FROM {match[1] if re.search(r'[/:@.$]', match[1]) else ''}"


def _digest(*parts: str) -> str:
    return sha256("\0".join(parts).encode("utf-8", "surrogateescape")).hexdigest()[:32]
