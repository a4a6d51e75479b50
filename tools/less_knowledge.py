"""Hide one thing after the other from ctlint, and show what is found all the same, for maintainers.

    python tools/less_knowledge.py [CLONES]

Without CLONES every fixture, the example organisation and the organisations of the tests are gone through; with it, every
family of `ecosystem.json` (CLONES is laid out as for ecosystem.py), a part of the things that can be hidden of each. Printed
are the findings that less knowledge made, those that went without a word, and how many each kind of hiding took away.

Exit code: 0, or 1 where a finding was made or went without a word.
"""

import importlib.util
import json
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zlib import crc32

sys.path.append(str(Path(__file__).parents[1] / "tests" / "helpers"))

import expectations
import hiding

ROOT = Path(__file__).parents[1]
MOST = 60
"""How many things of a family of public repositories are hidden."""


def main(words: list[str]) -> int:
    cases = _public(Path(words[0])) if words else _fixtures()
    runs: Counter[str] = Counter()
    had: Counter[str] = Counter()
    gone: Counter[str] = Counter()
    wrong = 0
    for case in cases:
        before = hiding.lint(case)
        for what in _some(list(hiding.hidings(case)), case.name) if words else hiding.hidings(case):
            after = hiding.lint(case, what)
            runs[what.kind] += 1
            had[what.kind] += len(before.findings)
            gone[what.kind] += sum(1 for found in before.findings if found not in after.findings)
            for word, places in (
                ("made", hiding.added(before, after, what)),
                ("went without a word", [found for found, _ in hiding.unlisted(before, after, what)]),
            ):
                for rule, path, line in places:
                    wrong += 1
                    sys.stdout.write(f"{case.name}, without {what}: {rule} {path}:{line} {word}" + "\n")
    for kind in hiding.KINDS:
        share = f"{gone[kind] / had[kind]:6.1%}" if had[kind] else "     –"
        sys.stdout.write(
            f"{kind:12} hidden {runs[kind]:5} times: {gone[kind]:5} of {had[kind]:6} findings went ({share})" + "\n"
        )
    return int(wrong > 0)


def _fixtures() -> Iterator[hiding.Case]:
    for folder in (*expectations.PAIRS, *expectations.INCIDENTS, expectations.FLEET, *expectations.ORGANISATIONS):
        yield hiding.case_of(folder, expectations.named(folder))


def _ecosystem() -> Any:
    spec = importlib.util.spec_from_file_location("ecosystem_tool", ROOT / "tools" / "ecosystem.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def _public(clones: Path) -> Iterator[hiding.Case]:
    ecosystem = _ecosystem()
    pins = json.loads((ROOT / "tools" / "ecosystem.json").read_text("utf-8"))
    for family, written in pins.items():
        snapshots: list[Any] = []
        for pin in written:
            try:
                snapshots.append(ecosystem.snapshot_of(clones, ecosystem.Pin(pin)))
            except ecosystem.InputError as error:
                sys.stderr.write(f"{pin}: {error}" + "\n")
        repositories = tuple((snapshot, tuple(ecosystem.dockerfiles(snapshot))) for snapshot in snapshots)
        yield hiding.Case(family, repositories)


def _some(found: list[hiding.Hiding], name: str) -> list[hiding.Hiding]:
    """At most `MOST` of them, the same in every run."""
    return sorted(found, key=lambda what: crc32(f"{name} {what}".encode()))[:MOST]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
