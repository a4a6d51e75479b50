"""What was judged, kept while a run goes on, so that a run may be ended and taken up again. One JSON object a line."""

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .claims import Verdict


class Journal:
    """The verdicts of a file, by kind and name; None keeps nothing. What the model says now is not compared: take the file
    away once the model has changed."""

    def __init__(self, file: Path | None) -> None:
        self.file = file
        self.rows: dict[str, dict[str, Any]] = {}
        if file is not None and file.exists():
            for line in file.read_text("utf-8").splitlines():
                row = json.loads(line)
                self.rows[row["key"]] = row

    def row(self, key: str) -> Mapping[str, Any] | None:
        """What an earlier run kept: `verdict` (None where there is none), `problem`, `facts` of a boot, `left_out`, `at` (when,
        and by which commit it was judged); None for nothing."""
        row = self.rows.get(key)
        if row is None:
            return None
        kept = row["verdict"]
        return {"left_out": 0, "at": "", **row, "verdict": None if kept is None else _read(kept)}

    def keep(
        self, key: str, verdict: Verdict | None, problem: str, facts: Any = None, left_out: int = 0, at: str = ""
    ) -> None:
        if self.file is None:
            return
        written = None if verdict is None else vars(verdict)
        row = {"key": key, "problem": problem, "facts": facts, "left_out": left_out, "at": at, "verdict": written}
        self.rows[key] = row
        with self.file.open("a", encoding="utf-8") as file:
            file.write(json.dumps(row) + "\n")


def _read(kept: dict[str, Any]) -> Verdict:
    verdict = Verdict(known=kept["known"], built=kept["built"], missed=list(kept["missed"]))
    verdict.claims, verdict.base, verdict.unknown = (Counter(kept[name]) for name in ("claims", "base", "unknown"))
    verdict.wrong, verdict.base_wrong = ([(one, text) for one, text in kept[name]] for name in ("wrong", "base_wrong"))
    return verdict
