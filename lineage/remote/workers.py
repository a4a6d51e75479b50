"""Doing the same for many things at once, with results in the order of the things."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")
_FAREWELL = 1.0
"""Seconds that workers are given to notice that the run was given up."""


def in_order(function: Callable[[T], R], things: Sequence[T], workers: int, stop: threading.Event) -> Iterator[R]:
    """The results of `function`, in the order of `things`, made by at most so many threads.

    What `function` raises is raised when its turn comes. When the iterator is closed early, or an interrupt arrives,
    `stop` is set, nothing new is begun, and the threads do not keep the program from ending.
    """
    results: dict[int, R] = {}
    errors: dict[int, BaseException] = {}
    arrived = threading.Condition()
    pending = iter(range(len(things)))

    def work() -> None:
        while not stop.is_set():
            with arrived:
                index = next(pending, None)
            if index is None:
                return
            try:
                results[index] = function(things[index])
            except BaseException as error:
                errors[index] = error
            with arrived:
                arrived.notify_all()

    threads = [threading.Thread(target=work, daemon=True) for _ in range(min(workers, len(things)))]
    for thread in threads:
        thread.start()
    try:
        for index in range(len(things)):
            with arrived:
                while index not in results and index not in errors:
                    arrived.wait()
            if index in errors:
                raise errors[index]
            yield results.pop(index)
    except BaseException:
        stop.set()
        raise
    finally:
        end = time.monotonic() + _FAREWELL
        for thread in threads:
            thread.join(max(end - time.monotonic(), 0.0))
