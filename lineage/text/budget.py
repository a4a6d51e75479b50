"""What the reading of one file may cost: steps, and the length of a value. The limits of every reader stand here.

They are per file, script or value, and far beyond what people write; the number of files has no limit. Who spends a
budget gets LimitError: the file could not be read, which is told, and never the silence of a file that says nothing.
"""

from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar

from ..late.dataclasses import dataclass
from .errors import InputError

FILE_STEPS = 400_000
"""Steps of the reading of one build file: references filled in, entries of a mapping, steps of a job."""
SCRIPT_STEPS = 2_500
STEPS_A_CHARACTER = 2
"""Commands, lists and loops of a script that are gone through, those in a loop again at each turn; and how many more for
each character of it."""
LARGEST_BUILD_FILE = 4 << 20
"""Bytes of a file that says how images are built, and of a compose file."""
LARGEST_MANIFEST = 1 << 18
"""Bytes of any other file in which something is looked for that runs an image. A larger one is listed as not decided."""
TREE_COPIES = 50_000
"""Files and folders that the copies of one image's build make (`cp -r`, `COPY --from`), beyond those of its parents."""
TREE_CHANGES = 300_000
"""Files and folders that the changes of one image's build go through (`chmod -R`, `chown -R`), and twenty times those that it
has from its parents."""
STAGE_ENTRIES = 3_000_000
"""Files and folders of all stages of one Dockerfile together: each stage has those of the one that it is built on."""
IMAGE_STEPS = 400_000
"""Steps of what one image's instructions say: characters that a pattern of `${NAME#pattern}` is held against, each with
half the states that it reaches there; ports of EXPOSE."""
LONGEST_VALUE = 1 << 16
"""Characters of a value that is put together from variables."""


class LimitError(InputError):
    """A file asks for more than is followed. What is missing is said, with the file, as an input that was not read."""


@dataclass(slots=True)
class Budget:
    """Steps that are left; what is spent is gone for all who read the same file."""

    steps: int = FILE_STEPS

    def spend(self, steps: int = 1) -> None:
        """Take steps. Raises LimitError where none are left."""
        self.steps -= steps
        if self.steps < 0:
            raise LimitError("it asks for more steps than are followed, so that it could not be read to its end")


_current: ContextVar[Budget | None] = ContextVar("budget", default=None)


@contextmanager
def budget(steps: int = FILE_STEPS) -> Generator[Budget, None, None]:
    """The budget that all reading inside draws on."""
    made = Budget(steps)
    token = _current.set(made)
    try:
        yield made
    finally:
        _current.reset(token)


def spend(steps: int = 1) -> None:
    """Take steps of the budget in force. Raises LimitError where none are left."""
    current = _current.get()
    if current is not None:
        current.spend(steps)


def grown(value: str) -> str:
    """A value that was put together. Raises LimitError where it is too long; its length counts as steps."""
    if len(value) > LONGEST_VALUE:
        raise LimitError(
            f"it puts together a value of more than {LONGEST_VALUE:,} characters, so that it could not be read"
        )
    spend(1 + len(value) // 64)
    return value
