"""A defect of ctlint that came to light: told in one sentence, so that all else is still reported."""

from ..late.dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Crash:
    """What could not be done, and the exception."""

    what: str
    error: Exception

    def __str__(self) -> str:
        """The sentence, without a full stop, with the place in ctlint's own files."""
        where = self.error.__traceback__
        while where is not None and where.tb_next is not None:
            where = where.tb_next
        at = f" ({where.tb_frame.f_code.co_filename.rpartition('/')[2]}:{where.tb_lineno})" if where else ""
        return f"{self.what}: {type(self.error).__name__}: {self.error}{at}"
