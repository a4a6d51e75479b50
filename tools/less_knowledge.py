"""Hide one thing after the other from ctlint, and show what is found all the same, for maintainers.

    python tools/less_knowledge.py [CLONES [--seed N] [--seconds N] [--jobs N]]

Without CLONES every fixture, the example organisation and the organisations of the tests are gone through, with everything that
can be hidden of them. With it, the public repositories of `ecosystem.json` are (CLONES is laid out as for ecosystem.py): in an
order drawn by the seed until the time is over, of each at most `IMAGES` Dockerfiles, and of each kind of hiding one, drawn
likewise; some repositories of each family are linted together, too. Printed are the findings that less knowledge
made, those that went without a word, and how many each kind of hiding took away.

Exit code: 0, or 1 where a finding was made or went without a word, or where nothing could be gone through.
"""

import argparse
import importlib.util
import json
import os
import random
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).parents[1] / "tests" / "helpers"))

import expectations
import hiding

ROOT = Path(__file__).parents[1]
IMAGES = 8
"""How many Dockerfiles of a public repository are linted at most."""
SHARED = 3
"""How many repositories of a family are linted together at most, for the hiding of one of them."""


@dataclass
class Tally:
    """What came out of some cases."""

    cases: int = 0
    runs: Counter[str] = field(default_factory=Counter[str])
    had: Counter[str] = field(default_factory=Counter[str])
    gone: Counter[str] = field(default_factory=Counter[str])
    wrong: list[str] = field(default_factory=list[str])

    def add(self, other: "Tally") -> None:
        self.cases += other.cases
        for mine, theirs in ((self.runs, other.runs), (self.had, other.had), (self.gone, other.gone)):
            mine.update(theirs)
        self.wrong += other.wrong


def judged(case: hiding.Case, hidden: Iterable[hiding.Hiding]) -> Tally:
    """One case with each of some things hidden."""
    tally = Tally(1)
    before = hiding.lint(case)
    for what in hidden:
        after = hiding.lint(case, what)
        tally.runs[what.kind] += 1
        tally.had[what.kind] += len(before.findings)
        tally.gone[what.kind] += sum(1 for found in before.findings if found not in after.findings)
        for word, places in (
            ("made", hiding.added(before, after, what)),
            ("went without a word", [found for found, _ in hiding.unlisted(before, after, what)]),
        ):
            tally.wrong += [f"{case.name}, without {what}: {rule} {path}:{line} {word}" for rule, path, line in places]
    return tally


def main(words: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Hide one thing after the other, and show what is found all the same.")
    parser.add_argument("clones", type=Path, nargs="?", metavar="CLONES", help="the folder of the clones")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="what is drawn (1)")
    parser.add_argument("--seconds", type=float, default=480, metavar="N", help="begin no repository after these (480)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, metavar="N", help="processes (the processors)")
    given = parser.parse_args(words)
    total = Tally()
    results = _fixtures() if given.clones is None else _public(given.clones, given.seed, given.seconds, given.jobs)
    for tally in results:
        for line in tally.wrong:
            sys.stdout.write(line + "\n")
            sys.stdout.flush()
        total.add(tally)
    for kind in hiding.KINDS:
        runs, gone, had = total.runs[kind], total.gone[kind], total.had[kind]
        share = f"{gone / had:6.1%}" if had else "     –"
        sys.stdout.write(f"{kind:12} hidden {runs:5} times: {gone:5} of {had:6} findings went ({share})" + "\n")
    sys.stdout.write(f"{total.cases} cases, {len(total.wrong)} violations" + "\n")
    return int(bool(total.wrong) or not total.cases)


def _fixtures() -> Iterator[Tally]:
    for folder in (*expectations.PAIRS, *expectations.INCIDENTS, expectations.FLEET, *expectations.ORGANISATIONS):
        case = hiding.case_of(folder, expectations.named(folder))
        yield judged(case, hiding.hidings(case))


def _ecosystem() -> Any:
    spec = importlib.util.spec_from_file_location("ecosystem_tool", ROOT / "tools" / "ecosystem.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def _public(clones: Path, seed: int, seconds: float, jobs: int) -> Iterator[Tally]:
    """What comes out of the pinned repositories that are at hand, one after the other until the time is over."""
    ecosystem = _ecosystem()
    end = time.monotonic() + seconds
    pins = json.loads((ROOT / "tools" / "ecosystem.json").read_text("utf-8"))
    here: dict[str, list[str]] = {
        family: [pin for pin in written if ecosystem.clone_of(clones, ecosystem.Pin(pin).repository) is not None]
        for family, written in pins.items()
    }
    draw = random.Random(seed)
    drawn = [(family, [pin]) for family, written in here.items() for pin in written]
    tasks = drawn + [
        (family, draw.sample(found, min(SHARED, len(found)))) for family, found in here.items() if len(found) > 1
    ]
    draw.shuffle(tasks)
    left = iter(tasks)
    begun = 0
    with ProcessPoolExecutor(jobs) as pool:
        running: set[Future[Tally]] = set()
        while True:
            while len(running) < jobs and time.monotonic() < end and (task := next(left, None)) is not None:
                running.add(pool.submit(_drawn, clones, *task, seed))
                begun += 1
            if not running:
                break
            done, running = wait(running, return_when=FIRST_COMPLETED)
            yield from (future.result() for future in done)
    missing = sum(map(len, pins.values())) - len(drawn)
    sys.stdout.write(
        f"seed {seed}: {begun} of {len(tasks)} cases begun, {len(drawn)} repositories at hand, {missing} not" + "\n"
    )


def _drawn(clones: Path, family: str, pins: Sequence[str], seed: int) -> Tally:
    """Some repositories of a family, with one thing of each kind hidden."""
    ecosystem = _ecosystem()
    draw = random.Random(f"{seed} {family} {pins[0]}")
    repositories: list[tuple[Any, tuple[str, ...]]] = []
    for pin in pins:
        try:
            snapshot = ecosystem.snapshot_of(clones, ecosystem.Pin(pin))
        except ecosystem.InputError as error:
            sys.stderr.write(f"{pin}: {error}" + "\n")
            continue
        found = sorted(ecosystem.dockerfiles(snapshot))
        most = max(1, IMAGES // len(pins))
        repositories.append((snapshot, tuple(draw.sample(found, most) if len(found) > most else found)))
    if not repositories:
        return Tally()
    case = hiding.Case(pins[0] if len(pins) == 1 else family, tuple(repositories))
    of_kind: dict[str, list[hiding.Hiding]] = {}
    for what in hiding.hidings(case):
        of_kind.setdefault(what.kind, []).append(what)
    return judged(case, [draw.choice(found) for found in of_kind.values()])


if __name__ == "__main__":
    sys.exit(main())
