"""Families of images judged by several processes: those of this machine, or a cluster's.

`judge` is all that a process needs: what is to be linted and some families as plain data go in, verdicts as plain data come
out. `concurrent.futures` maps it here; the executor of a cluster maps the same function (see docs/performance.md).
"""

import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import partial

from ...lineage.late.dataclasses import dataclass
from ...lineage.repository.asked import beyond_the_disk, news
from ...lineage.workspace.workspace import ImageSource, Workspace
from ...rules.base import Severity
from ...rules.discover import all_rules
from ..opening.open import open_workspace
from ..opening.request import Request
from .families import Family, Judging, Verdict
from .run import Run

_LOTS = 8
"""Lots for each process: the last to end is not long alone."""
_FIRST = 10
"""Images that are judged before others are judged by several processes."""
_LOOKS = 2
"""Seconds between two looks of a process whether the one that began it is still there."""

Map = Callable[[Callable[[Sequence[Family]], list[Verdict]], Sequence[Sequence[Family]]], Iterable[list[Verdict]]]
"""What applies a function to each of several lots, in any place: `Executor.map` of concurrent.futures, or a cluster's."""


@dataclass(frozen=True)
class Order:
    """What is linted and by which rules, as plain data: whoever has it can open the workspace itself.

    `folder` is the working directory, which the request's targets are relative to.
    """

    folder: str
    request: Request
    rules: tuple[str, ...]
    inherited: bool = False
    severities: tuple[tuple[str, Severity], ...] = ()


_opened: dict[Order, Judging] = {}
"""The workspace of the last order, for the lots to come; a forked process begins with its parent's."""


def judge(order: Order, lot: Sequence[Family]) -> list[Verdict]:
    """The verdicts of a lot of families, for an order that is opened where that was not done before."""
    if order not in _opened:
        os.chdir(order.folder)
        _opened.clear()
        _opened[order] = _open(order)
    judging = _opened[order]
    verdicts = [judging.verdict(family) for family in lot]
    return [*verdicts, Verdict(troubles=tuple(_troubles(judging.workspace)), told=news())]


def _troubles(workspace: Workspace) -> Iterator[tuple[int, str, str, int | None]]:
    for place, snapshot in enumerate(workspace.snapshots):
        for path, trouble in snapshot.troubles:
            yield place, path, str(trouble), trouble.line


def _open(order: Order) -> Judging:
    workspace = open_workspace(order.request).workspace
    wanted = frozenset(order.rules)
    rules = tuple(rule for rule in all_rules() if rule.code in wanted)
    return Judging(workspace, Run(rules, workspace, order.inherited, dict(order.severities)).begun, keep=False)


def mapped(order: Order, apply: Map, lots: int) -> Callable[[Sequence[Family]], Iterator[Verdict]]:
    """What has families judged by `apply`, in about so many lots."""

    def judge_all(families: Sequence[Family]) -> Iterator[Verdict]:
        for verdicts in apply(partial(judge, order), lots_of(families, lots)):
            yield from verdicts

    return judge_all


def lots_of(families: Sequence[Family], number: int) -> list[tuple[Family, ...]]:
    """The families in about so many lots of much the same size, in their order. A large family comes in pieces, unless
    the pieces would have to fold more images of each other's than it has."""
    most = max(1, sum(family.size for family in families) // max(number, 1))
    lots: list[tuple[Family, ...]] = []
    lot: list[Family] = []
    size = 0
    for family in families:
        for piece in _pieces(family, most):
            lot.append(piece)
            size += piece.size
            if size >= most or len(lot) >= most:
                lots.append(tuple(lot))
                lot, size = [], 0
    return [*lots, tuple(lot)] if lot else lots


def _pieces(family: Family, most: int) -> Iterator[Family]:
    if family.size <= 2 * most or family.shared * (family.size // most) > family.size:
        yield family
        return
    for first in range(0, len(family.images), most):
        yield Family(family.images[first : first + most])
    for first in range(0, len(family.deployments), most):
        yield Family((), family.deployments[first : first + most])


def in_processes(
    judging: Judging, order: Order, jobs: int, progress: Callable[[ImageSource], None] = lambda source: None
) -> Callable[[Sequence[Family]], Iterator[Verdict]]:
    """What has families judged by so many processes of this machine.

    Where a process can be forked it has the workspace from this one; elsewhere it opens it again. What a process that
    was killed has not judged is judged here.
    """

    def judge_all(families: Sequence[Family]) -> Iterator[Verdict]:
        smallest = min(families, key=lambda family: family.size)
        first, *others = _pieces(smallest, _FIRST)
        yield judging.verdict(first, progress)  # what all families ask is then known to the processes
        _opened.clear()
        _opened[order] = judging
        lots = lots_of([*others, *(family for family in families if family is not smallest)], jobs * _LOTS)
        done = 0
        pool = _pool(jobs)
        try:
            for verdicts in pool.map(partial(judge, order), lots):
                yield from verdicts
                for family in lots[done]:
                    for place in family.images:
                        progress(judging.workspace.selected[place])
                done += 1
        except BrokenProcessPool:
            for lot in lots[done:]:
                yield from (judging.verdict(family, progress) for family in lot)
        finally:
            _opened.clear()
            pool.shutdown(wait=True, cancel_futures=True)

    return judge_all


def _pool(jobs: int) -> Executor:
    fork = sys.platform == "linux" and threading.active_count() == 1
    if not fork:
        beyond_the_disk()  # what a process asks that was begun anew is not taken down
    return ProcessPoolExecutor(
        jobs, multiprocessing.get_context("fork" if fork else "spawn"), initializer=_begin, initargs=(os.getpid(),)
    )


def _begin(parent: int) -> None:
    """In a new process: leave it to the parent to be interrupted, and end with it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    news()  # what was asked before is known to the parent
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_LOOKS)
    os._exit(1)
