"""Change the code of a room in small ways and see whether its tests notice, for maintainers. Bounded in number and time.

    python tools/mutants.py [--most N] [--seed N] [--after N] [--seconds N] [--record FOLDER] ROOM...

ROOM is a folder like `lineage/image`. Mutants are made by cosmic-ray in a git worktree of the last commit, so nothing here
changes; of all that it finds, `--most` are drawn by the seed. First all tests that may guard a room run once, to see which
lines each of them runs (`--record` keeps that, and takes it where it is there). Then each mutant is judged by the tests that
run its line: those of the room first, then the quickest, until `--seconds` of the processor are spent on it.

Prints each change that no test notices, with how many tests of those that run its line were asked, and for each room how many
were noticed. Changes that nobody could see stand with the reason in `mutants-without-meaning.json` and are not drawn.

Exit code: 0, also where mutants survive: each is to be looked at.
"""
# pyright: basic
# cosmic-ray has no types.

import argparse
import ast
import importlib
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import coverage
import pytest
from cosmic_ray.modules import find_modules
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator, operator_names

for name in "hypothesis pytest_asyncio.plugin pytest_httpserver pytest_lsp networkx rich.console yaml".split():
    importlib.import_module(name)  # what every child would load again

ROOT = Path(__file__).resolve().parents[1]
MEANINGLESS = Path(__file__).with_name("mutants-without-meaning.json")
GUARDS = """
    tests/lineage/s6 tests/lineage/boot tests/lineage/image tests/lineage/folding tests/lineage/workspace
    tests/lineage/consumers tests/lineage/desktop tests/lineage/profiles tests/lineage/graph/test_graph_queries.py
    tests/lineage/remote/test_registry.py tests/lineage/remote/test_registry_answers.py tests/rules/test_rules.py
    tests/rules/test_rules_s6.py tests/rules/test_rules_lineage.py tests/rules/test_rules_scripts.py
    tests/rules/test_narrow_answers.py tests/rules/test_told_once.py tests/rules/test_root_services.py
    tests/rules/test_runners.py tests/lint/judging/test_since.py tests/lint/judging/test_unaffected.py
    tests/lint/judging/test_assumptions.py tests/lint/judging/test_undecided.py tests/lint/commands/test_bump.py
    tests/lint/commands/test_moments.py tests/lint/commands/test_lock.py tests/lint/commands/test_verify.py
""".split()
"""The tests that ask what an image is, and those of what shows it. A room's own folder is always among them."""
SKIPPED = ("NumberReplacer", "ExceptionReplacer", "RemoveDecorator", "Variable", "ReplaceBinaryOperator")
"""Changes that mostly lead to no behaviour that could be wrong: limits, classes of errors, caching, types, sums of texts."""
COMPARED = "ReplaceComparisonOperator_"
OPPOSITES = frozenset(
    "Eq_NotEq NotEq_Eq Is_IsNot IsNot_Is In_NotIn NotIn_In Lt_LtE LtE_Lt Gt_GtE GtE_Gt Lt_GtE GtE_Lt".split()
)
"""Comparisons that are turned round, or by one: whether two texts are `>` says nothing about a test."""


@dataclass(frozen=True)
class Mutant:
    """A change of a module of the worktree: the new text, and the lines that differ."""

    path: str
    line: int
    before: str
    after: str
    text: str


@contextmanager
def worktree() -> Iterator[Path]:
    """A copy of the last commit, which is gone afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder, "tree")
        subprocess.run(["git", "worktree", "add", "--quiet", "--detach", str(copy)], cwd=ROOT, check=True)
        try:
            yield copy
        finally:
            subprocess.run(["git", "worktree", "remove", "--force", str(copy)], cwd=ROOT, check=True)


def places_of(folder: Path) -> Iterator[tuple[Path, str, int]]:
    """All that cosmic-ray can change in the modules of a folder: module, operator, which of its occurrences."""
    from cosmic_ray.ast import ast_nodes, get_ast_from_path

    for module in sorted(find_modules([folder])):
        nodes = list(ast_nodes(get_ast_from_path(module)))
        for name in sorted(operator_names()):
            kind = name.partition("/")[2]
            if not kind.startswith(SKIPPED) and not (
                kind.startswith(COMPARED) and kind.removeprefix(COMPARED) not in OPPOSITES
            ):
                operator = get_operator(name)()
                count = sum(len(list(operator.mutation_positions(node))) for node in nodes)
                yield from ((Path(module), name, occurrence) for occurrence in range(count))


def mutant_at(copy: Path, place: tuple[Path, str, int]) -> Mutant | None:
    """What a place becomes; None where the change is known to mean nothing."""
    module, name, occurrence = place
    text = module.read_text("utf-8")
    changed = mutate_code(text.encode(), get_operator(name)(), occurrence)
    if changed is None:
        return None
    was, now = text.splitlines(), changed.splitlines()
    line = next((i for i, pair in enumerate(zip(was, now, strict=False)) if pair[0] != pair[1]), None)
    if line is None:
        return None
    if was[line].strip().startswith("@dataclass("):
        return None  # whether it is frozen or has slots nobody sees
    path = str(module.relative_to(copy))
    found = Mutant(path, line + 1, was[line].strip(), now[line].strip(), changed)
    known = json.loads(MEANINGLESS.read_text("utf-8")) if MEANINGLESS.exists() else []
    alike = any((k["path"], k["before"], k["after"]) == (path, found.before, found.after) for k in known)
    return None if alike else found


class Record:
    """Which tests run which lines of the rooms, as the plugin took it down."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._tests: dict[str, dict[int, set[str]]] = {}

    def make(self, copy: Path, rooms: list[str]) -> None:
        """Runs all tests that may guard the rooms, once."""
        self.folder.mkdir(parents=True, exist_ok=True)
        subprocess.run(
            [
                *(sys.executable, "-m", "pytest", "-q", "-n", "2", "-p", "mutants_plugin", "-p", "no:cacheprovider"),
                *dict.fromkeys((*GUARDS, *(own for room in rooms if (copy / (own := f"tests/{room}")).is_dir()))),
            ],
            cwd=copy,
            env={
                **os.environ,
                "PYTHONPATH": f"{copy / 'src'}:{copy / 'tools'}",
                "MUTANTS_RECORD": str(self.folder / "record"),
                "MUTANTS_ROOMS": ":".join(str(copy / room) for room in rooms),
            },
            stdout=subprocess.DEVNULL,
            check=False,
        )

    @cached_property
    def seconds(self) -> dict[str, float]:
        """What each test that passed takes of the processor."""
        files = self.folder.glob("record.*.seconds")
        return {test: time for file in files for test, time in json.loads(file.read_text("utf-8")).items()}

    def tests_of(self, path: str) -> dict[int, set[str]]:
        """Each line of a module with the tests that run it."""
        if path not in self._tests:
            lines: dict[int, set[str]] = {}
            for file in sorted(self.folder.glob("record.*")):
                if file.suffix != ".seconds":
                    data = coverage.CoverageData(str(file))
                    data.read()
                    for line, tests in data.contexts_by_lineno(path).items():
                        lines.setdefault(line, set()).update(test for test in tests if test in self.seconds)
            self._tests[path] = lines
        return self._tests[path]


def lines_beside(text: str, line: int) -> range | None:
    """The lines of the innermost statement that a line belongs to, of a compound one its head; None outside of functions."""
    found: range | None = None

    def walk(nodes: list[ast.stmt], *, within: bool) -> None:
        nonlocal found
        for node in nodes:
            if node.lineno <= line <= (node.end_lineno or node.lineno):
                body = getattr(node, "body", None)
                end = body[0].lineno - 1 if body and isinstance(body, list) else node.end_lineno or node.lineno
                inside = within or isinstance(node, ast.FunctionDef)
                if within and line <= max(end, node.lineno):
                    found = range(node.lineno, max(end, node.lineno) + 1)
                for held in ("body", "orelse", "finalbody", "cases", "handlers"):
                    inner = getattr(node, held, None)
                    for part in inner if isinstance(inner, list) else []:
                        walk([part] if isinstance(part, ast.stmt) else part.body, within=inside)

    walk(ast.parse(text).body, within=False)
    return found


def guards_of(record: Record, mutant: Mutant, original: str, room: str, budget: float) -> tuple[list[str], int]:
    """The tests to ask about a mutant, in order, and how many there would be."""
    lines = record.tests_of(mutant.path)
    beside = lines_beside(original, mutant.line)
    here = beside or lines.keys()
    tests = set().union(*(lines.get(number, set()) for number in here))
    ordered = sorted(tests, key=lambda test: (not test.startswith(f"tests/{room}/"), record.seconds[test], test))
    spent, chosen = 0.0, []
    for test in ordered:
        spent += record.seconds[test]
        if chosen and spent > budget:
            break
        chosen.append(test)
    return chosen, len(ordered)


def passes(copy: Path, tests: list[str], known: Path, budget: float) -> bool:
    """Whether the tests pass, asked in a child that has the libraries already but nothing of ctlint."""
    child = os.fork()
    if child == 0:
        code = 1
        with suppress(BaseException):
            os.setsid()
            most = int(30 + 3 * budget)
            resource.setrlimit(resource.RLIMIT_CPU, (most, most))
            resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
            nowhere = os.open(os.devnull, os.O_RDWR)
            for stream in (0, 1, 2):
                os.dup2(nowhere, stream)
            os.chdir(copy)
            sys.dont_write_bytecode = False
            sys.path[:0] = [str(copy), str(copy / "src"), str(copy / "tools")]
            chosen = known.with_name("chosen")
            chosen.write_text("\n".join(tests), "utf-8")
            os.environ |= {"PYTHONPATH": str(copy / "src"), "MUTANTS_TESTS": str(chosen), "MUTANTS_KNOWN": str(known)}
            files = dict.fromkeys(test.partition("::")[0] for test in tests)
            arguments = ["-q", "-x", "-p", "mutants_plugin", "-p", "no:cacheprovider", "-p", "no:xdist"]
            code = int(pytest.main([*arguments, "-W", "ignore::pytest.PytestAssertRewriteWarning", *files]))
        os._exit(code)
    ends = time.monotonic() + 20 * (30 + 3 * budget)
    while time.monotonic() < ends:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status) in (0, pytest.ExitCode.NO_TESTS_COLLECTED)
        time.sleep(0.02)
    os.killpg(child, 9)
    os.waitpid(child, 0)
    return False  # it does not end: somebody would notice


def survives(copy: Path, mutant: Mutant, tests: list[str], known: Path, budget: float) -> bool:
    """Whether no test notices the change."""
    path = copy / mutant.path
    before = path.read_text("utf-8")
    compiled = list((path.parent / "__pycache__").glob(f"{path.stem}.*.pyc"))
    try:
        for file in compiled:
            file.unlink()
        path.write_text(mutant.text, "utf-8")
        return passes(copy, tests, known, budget)
    finally:
        path.write_text(before, "utf-8")
        for file in (path.parent / "__pycache__").glob(f"{path.stem}.*.pyc"):
            file.unlink()


def judge(copy: Path, room: str, record: Record, options: argparse.Namespace) -> None:
    """Draws mutants of a room, and prints those that survive and how many do not."""
    known = record.folder / "known"
    known.write_text("\n".join(record.seconds), "utf-8")
    own = [test for test in record.seconds if test.startswith(f"tests/{room}/")]
    if not passes(copy, [f"tests/{room}", *own], known, 10 * options.seconds):
        sys.exit(f"The tests of {room} fail without any change: nothing can be told by them.")
    places = list(places_of(copy / room))
    random.Random(options.seed).shuffle(places)
    passed_over, drawn, noticed, unrun = 0, 0, 0, 0
    for place in places:
        if drawn == options.most:
            break
        if mutant := mutant_at(copy, place):
            if passed_over < options.after:
                passed_over += 1
                continue
            drawn += 1
            original = (copy / mutant.path).read_text("utf-8")
            tests, of = guards_of(record, mutant, original, room, options.seconds)
            folder = f"tests/{room}"
            asked = [*tests, *([folder] if (copy / folder).is_dir() else [])]
            if survives(copy, mutant, asked, known, options.seconds):
                unrun += not of
                what = f"{len(tests)} of {of} tests" if of else "no test runs it"
                print(f"{mutant.path}:{mutant.line}: {what}\n- {mutant.before}\n+ {mutant.after}\n", flush=True)
            else:
                noticed += 1
    print(
        f"{room}: {noticed} of {drawn} mutants noticed (seed {options.seed}), {unrun} are run by no test,"
        f" of {len(places)} there are",
        flush=True,
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("rooms", nargs="+", metavar="ROOM")
    parser.add_argument("--most", type=int, default=25, help="how many mutants a room (default: 25)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--after", type=int, default=0, metavar="N", help="pass over the first N that the seed draws")
    parser.add_argument("--seconds", type=float, default=20, help="the processor's time for a mutant (default: 20)")
    parser.add_argument("--record", type=Path, help="keep which tests run which lines here, and take it from here")
    options = parser.parse_args()
    with worktree() as copy, tempfile.TemporaryDirectory() as folder:
        record = Record((options.record or Path(folder)).absolute())
        if not record.seconds:
            del record.seconds
            record.make(copy, options.rooms)
        for room in options.rooms:
            judge(copy, room, record, options)
    return 0


if __name__ == "__main__":
    sys.exit(main())
