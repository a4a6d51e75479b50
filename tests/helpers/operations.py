"""How much work a function does, counted in steps of the interpreter and not in time: it is the same on every machine."""

import re
import sys
from collections import Counter
from collections.abc import Callable
from types import CodeType, FrameType
from typing import Any, NamedTuple

_ASIDE = re.compile(r"/lib/python|/late/|<string>: (?!.*__eq__)")
"""Code of others, and the methods of data classes that are made when they are used often: when that is hangs on what ran before."""


class Growth(NamedTuple):
    """By how much more the steps rise from 2n to 4n than from n to 2n: about 2 where they grow with n, 4 with its square."""

    rate: float
    function: str
    """The function whose steps grow most; empty where those of all together do."""


def operations(work: Callable[[], object]) -> Counter[CodeType]:
    """The lines and calls that Python goes through in each function, the rounds of loops and comprehensions among them.

    What C does within one call (a search in a tuple, a copy) counts once, however long it takes.
    """
    counts = Counter[CodeType]()

    def local(frame: FrameType, event: str, argument: Any) -> Callable[..., Any]:
        counts[frame.f_code] += 1
        return local

    before = sys.gettrace()
    sys.settrace(local)
    try:
        work()
    finally:
        sys.settrace(before)
    return counts


def growth(work: Callable[[int], Callable[[], object]], size: int) -> Growth:
    """How the steps of `work` grow at `size`, twice and four times that: all together, or in one function where it grows faster.

    A few steps for each pair of things drown in the thousands that each thing takes, so that a sum is no proof. `work`
    prepares the work of a size, and gives what does it.
    """
    work(size * 4)()  # what is made once, at the first uses, is made
    few, some, many = (operations(work(size * factor)) for factor in (1, 2, 4))
    rates = [Growth(_rate(few.total(), some.total(), many.total()), "")]
    for code, steps in many.items():
        function = f"{code.co_filename}: {code.co_qualname}"
        if steps >= (4 * size) ** 2 / 2 and not _ASIDE.search(function):
            rates.append(Growth(_rate(few[code], some[code], steps), function))
    return max(rates)


def _rate(few: int, some: int, many: int) -> float:
    return (many - some) / max(some - few, 1)
