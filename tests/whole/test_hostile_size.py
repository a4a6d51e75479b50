"""Files of some megabytes that nobody writes: a run that meets one ends, and takes less memory than a small machine has."""

import random
import subprocess
import sys
from pathlib import Path

import pytest

MOST = 500
"""Megabytes."""
SIZE = 8_000_000
S6 = "FROM lscr.io/linuxserver/baseimage-alpine:3.20\nCOPY run /etc/cont-init.d/10-x\n"
NOISE = random.Random(1).randbytes(SIZE)
WRITTEN = b"abc $(){}[]\"'\\\n\t #=:-&|;<>*xyz/"
SIGNS = bytes(WRITTEN[byte % len(WRITTEN)] for byte in NOISE[:65536]) * (SIZE // 65536)
CASES = {
    "Dockerfile of bytes": ("Dockerfile", NOISE),
    "Dockerfile of signs": ("Dockerfile", SIGNS),
    "Dockerfile of stages": ("Dockerfile", b"FROM a AS b\n" * (SIZE // 12)),
    "Dockerfile of steps": ("Dockerfile", b"FROM a\n" + b"RUN a\n" * (SIZE // 6)),
    "Dockerfile of one step": ("Dockerfile", b"FROM a\nRUN " + b"a;" * (SIZE // 2)),
    "Dockerfile that goes on": ("Dockerfile", b"FROM a\nRUN x \\\n" + b" y \\\n" * (SIZE // 5)),
    "Dockerfile of variables": ("Dockerfile", b"FROM a\nENV " + b"a=b " * (SIZE // 4)),
    "script of bytes": ("run", b"#!/bin/bash\n" + NOISE),
    "script of signs": ("run", b"#!/bin/bash\n" + SIGNS),
    "script of commands": ("run", b"#!/bin/bash\n" + b"touch /a\n" * (SIZE // 9)),
    "script of brackets": ("run", b"#!/bin/bash\n" + b"(" * SIZE),
    "services": ("compose.yaml", b"services:\n" + b"  a: {image: b}\n" * (SIZE // 16)),
    "YAML of brackets": ("compose.yaml", b"[" * SIZE),
    "Makefile of signs": ("Makefile", SIGNS),
    "workflow of signs": (".github/workflows/a.yml", SIGNS),
    "configuration of signs": ("ctlint.toml", SIGNS),
    "patterns to ignore": (".gitignore", b"*a*b\n" * (SIZE // 5)),
    "patterns that no build takes": (".dockerignore", b"*a*b\n" * (SIZE // 5)),
    "lock of brackets": ("ctlint.lock", b"[" * SIZE),
}


_MEASURED = """import resource, subprocess, sys
ended = subprocess.run(sys.argv[1:], stdout=sys.stderr).returncode
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
sys.exit(ended)"""
"""Runs what it is given and prints the kilobytes that this took: a process that starts others hands down its own peak."""


@pytest.mark.parametrize("case", CASES)
def test_a_large_file_takes_bounded_memory(tmp_path: Path, case: str) -> None:
    path, content = CASES[case]
    (tmp_path / "Dockerfile").write_text(S6)
    (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / path).write_bytes(content)
    asked = [sys.executable, "-c", _MEASURED, *(sys.executable, "-m", "ctlint", "lint", "--no-cache", "--jobs", "1")]
    with (tmp_path / "said").open("wb") as said:
        run = subprocess.run(asked, cwd=tmp_path, stdout=subprocess.PIPE, stderr=said, text=True)
    used = int(run.stdout)
    text = (tmp_path / "said").read_text("utf-8", "replace")
    assert run.returncode in (0, 1, 2, 3), text
    assert "defect" not in text
    assert "CT002" not in text
    assert used / 1024 < MOST, case
