"""The service database that s6-rc-compile makes of the definitions of an image, release by release of s6-overlay.

`compile_database` reads every definition, listed or not, resolves names, bundles, pipelines and dependencies, and says
what s6-rc-compile refuses, what the boot starts, and in which order.
"""

from ..late.dataclasses import replace
from .rc_database import Bundle, Database, Service
from .rc_problem import DefinitionProblem
from .rc_resolve import resolve
from .rc_source import (
    RELEASES,
    Definition,
    SourceDirectory,
    SourceEntry,
    SourceTree,
    compiled_directories,
    release_numbers,
    source_directory,
)
from .rc_start_problems import place_problems, start_problems, unread_problems

__all__ = [
    "Bundle",
    "Database",
    "Definition",
    "DefinitionProblem",
    "Service",
    "SourceDirectory",
    "SourceEntry",
    "SourceTree",
    "certain_problems",
    "compile_database",
    "source_directory",
]


def compile_database(tree: SourceTree, release: tuple[int, ...] | str) -> Database:
    """Compile the definitions as the boot of that release of s6-overlay does.

    `release` has all its numbers; where only some are known, see `certain_problems`. Raises ValueError for a text that
    is no release.
    """
    numbers = release_numbers(release)
    if numbers < (3,):
        return Database(numbers, {}, {}, frozenset(), tuple(unread_problems(tree, numbers)))
    misplaced = tuple(place_problems(tree, numbers))
    database = resolve(compiled_directories(tree, numbers), numbers, misplaced)
    database = replace(database, problems=(*misplaced, *database.problems))
    late = () if database.refused else start_problems(database, tree)
    return replace(database, problems=tuple(sorted((*database.problems, *late), key=_order)))


def certain_problems(tree: SourceTree, release: tuple[int, ...] | str) -> tuple[DefinitionProblem, ...]:
    """The problems that every known release beginning with these numbers has."""
    numbers = release_numbers(release)
    candidates = [known for known in RELEASES if known[: len(numbers)] == numbers] or [numbers]
    first, *others = (compile_database(tree, candidate).problems for candidate in candidates)
    keys = [{(problem.code, problem.path, problem.line) for problem in problems} for problems in others]
    return tuple(p for p in first if all((p.code, p.path, p.line) in found for found in keys))


def _order(problem: DefinitionProblem) -> tuple[str, int, str]:
    return problem.path, problem.line or 0, problem.code
