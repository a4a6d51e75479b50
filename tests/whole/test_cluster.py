"""The program of docs/performance.md judges families on a cluster: Dask's, on this machine."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_a_cluster_tells_what_one_process_tells(tmp_path: Path) -> None:
    text = (ROOT / "docs" / "performance.md").read_text("utf-8")
    (program,) = re.findall(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    assert "distributed" in program
    for name in ("cloudtop", "cloudtop-ohif", "cloudtop-imagej-napari"):
        shutil.copytree(ROOT / "fixtures" / "fleet" / name, tmp_path / "repositories" / name)
    (tmp_path / "repositories" / "ctlint.toml").write_text("workspace = true\n")
    (tmp_path / "cluster.py").write_text(program)
    told = lines([sys.executable, str(tmp_path / "cluster.py")], tmp_path / "repositories")
    one = [sys.executable, "-m", "ctlint", "lint", "--offline", "--format", "concise", "--jobs", "1"]
    alone = [line for line in lines(one, tmp_path / "repositories") if " CT" in line]
    assert len(alone) > 5
    assert [line.split()[:2] for line in told] == [[where(line), line.split()[2]] for line in alone]


def where(line: str) -> str:
    """PATH:LINE of PATH:LINE:COLUMN: …"""
    return ":".join(line.split(":")[:2])


def lines(command: list[str], folder: Path) -> list[str]:
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120).stdout.splitlines()
