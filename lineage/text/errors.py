"""What can go wrong, and the third answer of a three-valued question."""

from contextvars import ContextVar
from typing import Literal, NoReturn


class CtlintError(Exception):
    """A failure that is told to the user in one sentence; `exit_code` is what the process ends with."""

    exit_code = 3


class UsageError(CtlintError):
    """Wrong arguments or configuration."""

    exit_code = 2


class InputError(CtlintError):
    """Something that was asked for could not be read.

    `path` and `line` say where, as far as that is known; `str()` is the sentence without the place.
    """

    def __init__(self, message: str, path: str | None = None, line: int | None = None) -> None:
        super().__init__(message)
        self.path = path
        self.line = line


class NoSuchTargetError(InputError):
    """What was named as a target is neither there nor the name of an image that is known."""


class LostError(InputError):
    """A content that was stored is damaged or gone: nobody may go on as if the file said nothing."""


Cause = Literal["parent", "run", "unread", "profile", "missing", "platform"]
"""Why an answer is not known: the parent is not, or only assumed; an image that is run is not; a file of the repository cannot
be read; the profile of the parent does not tell; a file of the repository is not on the disk; the platform that runs the image
decides."""
WITHHELD: frozenset[Cause | None] = frozenset(("parent", "run", "unread"))
"""The causes that leave a check undecided whatever it asks: the answer could have been any."""


class Unknown(Exception):  # noqa: N818 - an answer that may also be raised
    """The answer "cannot know", with the reason.

    It is returned where a question has three answers, and raised by a rule that cannot decide: the engine then lists
    the rule as skipped for that image. It refuses to be used as a truth value, so that it is never taken for yes or no.
    """

    def __init__(self, reason: str, cause: Cause | None = None) -> None:
        """`cause` is given where knowledge is missing that somebody could have had: the parent's, or a file's."""
        super().__init__(reason)
        self.reason = reason
        self.cause: Cause | None = cause

    @property
    def withheld(self) -> bool:
        """Whether knowledge is missing without which nothing may be told absent."""
        return self.cause in WITHHELD

    def because(self, reason: str) -> "Unknown":
        """The same cause, told in other words."""
        return Unknown(reason, self.cause)

    def __bool__(self) -> NoReturn:
        raise TypeError(f"an unknown answer has no truth value: {self.reason}")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Unknown) and other.reason == self.reason

    def __hash__(self) -> int:
        return hash((Unknown, self.reason))

    def __repr__(self) -> str:
        return f"Unknown({self.reason!r})"


_heard: ContextVar[list[Unknown] | None] = ContextVar("heard", default=None)


def met(unknown: Unknown) -> Unknown:
    """Tell whoever listens that a question was answered with this, where knowledge was withheld. Returns it."""
    heard = _heard.get()
    if heard is not None and unknown.withheld:
        heard.append(unknown)
    return unknown


class listening:  # noqa: N801 - it is used as a function
    """The answers that the model gives meanwhile for want of knowledge, in order; a listener inside keeps what it hears."""

    __slots__ = ("_token", "heard")

    def __enter__(self) -> list["Unknown"]:
        self.heard: list[Unknown] = []
        self._token = _heard.set(self.heard)
        return self.heard

    def __exit__(self, *_: object) -> None:
        _heard.reset(self._token)
