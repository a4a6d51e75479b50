"""A process that has ctlint loaded, and forks for each `ctlint inspect`: what is asked many times need not be loaded as often.

`python -m tools.oracle.inspector` reads jobs from standard input, a JSON object a line: `cwd`, `words` (the arguments), `out` and
`err` (files that take what is printed). It answers each with a line.
"""

import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ctlint.lint.cli import main as ctlint

from .builder import BASES

_HERE = threading.local()


def asked(words: Sequence[str], cwd: Path) -> tuple[str, str]:
    """What `ctlint WORDS` prints in a folder: standard output and standard error. Each thread has its own process."""
    process: subprocess.Popen[str] | None = getattr(_HERE, "process", None)
    if process is None:
        process = _HERE.process = subprocess.Popen(
            [sys.executable, "-m", __name__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
    assert process.stdin is not None
    assert process.stdout is not None
    with tempfile.TemporaryDirectory() as place:
        out, err = Path(place) / "out", Path(place) / "err"
        process.stdin.write(json.dumps({"cwd": str(cwd), "words": words, "out": str(out), "err": str(err)}) + "\n")
        process.stdin.flush()
        process.stdout.readline()
        return _text(out), _text(err)


def _text(file: Path) -> str:
    return file.read_text("utf-8", "replace") if file.exists() else "the process that has ctlint loaded has ended"


def _serve() -> None:
    with tempfile.TemporaryDirectory() as place:
        for number, base in enumerate(BASES.values()):
            (Path(place) / "Dockerfile").write_text(f"FROM {base}\nRUN touch /x && useradd -m y\n")
            job = {"cwd": place, "words": ["inspect", ".", "--format", "json", "--files", "*"]}
            _run({**job, "out": f"{place}/{number}", "err": os.devnull})
    for line in sys.stdin:
        job = json.loads(line)
        pid = os.fork()
        if pid == 0:
            try:
                os.chdir(job["cwd"])
                _run(job)
            finally:
                os._exit(0)
        os.waitpid(pid, 0)
        print("done", flush=True)


def _run(job: dict[str, Any]) -> None:
    kept = sys.stdout, sys.stderr
    with open(job["out"], "w", encoding="utf-8") as out, open(job["err"], "w", encoding="utf-8") as err:
        sys.stdout, sys.stderr = out, err
        try:
            ctlint(job["words"])
        except SystemExit:
            pass
        finally:
            sys.stdout, sys.stderr = kept


if __name__ == "__main__":
    _serve()
