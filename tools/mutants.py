"""Change the code of a room in small ways and see whether its tests notice, for maintainers. Bounded in number and time.

    python tools/mutants.py [--most N] [--seed N] [--seconds N] ROOM...

ROOM is a folder like `lineage/image`. Mutants are made by cosmic-ray in a git worktree of the last commit, so nothing here
changes; of all that it finds, `--most` are drawn by the seed. Each is judged by the room's own tests, by those of the rules
on their fixtures, and by those of folding. Prints each change that no test notices, and how many were noticed.

Exit code: 0, also where mutants survive: each is to be looked at, as some change nothing that anybody could see.
"""
# pyright: basic
# cosmic-ray has no types.

import argparse
import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cosmic_ray.modules import find_modules
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator, operator_names

ROOT = Path(__file__).parents[1]
ALWAYS = ("tests/rules/test_rules.py", "tests/lineage/image/test_fold.py")
BESIDE = {
    "lineage/workspace": ("tests/lint/judging/test_since.py", "tests/lineage/graph/test_graph_queries.py"),
    "lineage/boot": ("tests/lint/commands/test_bump.py", "tests/lint/commands/test_moments.py"),
}
"""Tests of what stands on a room and shows what it says."""
SKIPPED = ("NumberReplacer", "ExceptionReplacer", "RemoveDecorator", "Variable", "ReplaceBinaryOperator")
"""Changes that mostly lead to no behaviour that could be wrong: limits, classes of errors, caching, types, sums of texts."""
COMPARED = "ReplaceComparisonOperator_"
OPPOSITES = frozenset(
    "Eq_NotEq NotEq_Eq Is_IsNot IsNot_Is In_NotIn NotIn_In Lt_LtE LtE_Lt Gt_GtE GtE_Gt Lt_GtE GtE_Lt".split()
)
"""Comparisons that are turned round, or by one: whether two texts are `>` says nothing about a test."""
Mutant = tuple[Path, str, int]
"""A module, an operator of cosmic-ray, and which of its occurrences is changed."""


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


def mutants_of(folder: Path) -> Iterator[Mutant]:
    """All changes that cosmic-ray knows for the modules of a folder."""
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


def survives(copy: Path, mutant: Mutant, tests: list[str], seconds: int) -> str | None:
    """The change as a diff where no test notices it; None where one does."""
    path, name, occurrence = mutant
    before = path.read_text("utf-8")
    after = mutate_code(before.encode(), get_operator(name)(), occurrence)
    if after is None:
        return None
    path.write_text(after, "utf-8")
    try:
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *tests],
            cwd=copy,
            env={**os.environ, "PYTHONPATH": str(copy / "src")},
            capture_output=True,
            timeout=seconds,
            check=False,
        )
        if done.returncode != 0:
            return None
        return subprocess.run(
            ["git", "diff", "--unified=0"], cwd=copy, capture_output=True, text=True, check=True
        ).stdout
    except subprocess.TimeoutExpired:
        return None  # it does not end: somebody would notice
    finally:
        path.write_text(before, "utf-8")


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("rooms", nargs="+", metavar="ROOM")
    parser.add_argument("--most", type=int, default=25, help="how many mutants a room (default: 25)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=int, default=120, help="when a mutant is taken for one that does not end")
    options = parser.parse_args()
    with worktree() as copy:
        for room in options.rooms:
            known = list(mutants_of(copy / room))
            chosen = random.Random(options.seed).sample(known, min(options.most, len(known)))
            tests = [*ALWAYS, *BESIDE.get(room, ()), *([f"tests/{room}"] if (copy / "tests" / room).is_dir() else [])]
            left = [found for mutant in chosen if (found := survives(copy, mutant, tests, options.seconds))]
            for diff in left:
                print("\n".join(line for line in diff.splitlines() if line.startswith(("+", "-", "@@"))), end="\n\n")
            print(f"{room}: {len(chosen) - len(left)} of {len(chosen)} mutants noticed, of {len(known)} there are")
    return 0


if __name__ == "__main__":
    sys.exit(main())
