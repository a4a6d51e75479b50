"""How much work a function does, counted in steps of the interpreter and not in time: it is the same on every machine."""

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any


def operations(work: Callable[[], object]) -> int:
    """The lines and calls that Python goes through, the rounds of loops and comprehensions among them.

    What C does within one call (a search in a tuple, a copy) counts once, however long it takes.
    """
    count = 0

    def local(frame: FrameType, event: str, argument: Any) -> Callable[..., Any]:
        nonlocal count
        count += 1
        return local

    before = sys.gettrace()
    sys.settrace(local)
    try:
        work()
    finally:
        sys.settrace(before)
    return count


def growth(work: Callable[[int], Callable[[], object]], size: int) -> float:
    """By how much more the steps rise from 2n to 4n than from n to 2n: about 2 where they grow with n, 4 with its square.

    `work` prepares the work of a size, and gives what does it.
    """
    work(size)()  # what is made once, at the first use, is made
    few, some, many = (operations(work(size * factor)) for factor in (1, 2, 4))
    return (many - some) / max(some - few, 1)
