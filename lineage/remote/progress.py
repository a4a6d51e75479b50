"""Who is told how the bringing of repositories goes."""

from typing import Protocol


class Progress(Protocol):
    """Is told what happens; `waiting` and `warn` may come from any thread. No text holds terminal controls."""

    def begin(self, total: int) -> None:
        """So many repositories will be brought."""
        ...

    def done(self, repository: str, outcome: str) -> None:
        """One is there: 'fetched', 'unchanged', 'cached' (the network was not used, or failed), or 'failed'."""
        ...

    def waiting(self, seconds: float, reason: str) -> None:
        """Nothing is done for so long, for a clause's reason."""
        ...

    def warn(self, message: str) -> None:
        """Something that the user should know, and that is no failure."""
        ...

    def end(self) -> None:
        """Nothing more will come, whether or not anything was begun."""
        ...


class Untold:
    """A Progress that tells nobody."""

    def begin(self, total: int) -> None: ...

    def done(self, repository: str, outcome: str) -> None: ...

    def waiting(self, seconds: float, reason: str) -> None: ...

    def warn(self, message: str) -> None: ...

    def end(self) -> None: ...
