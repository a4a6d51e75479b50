"""The pictures of the README: what `ctlint lint` prints, and the lineage of the example organisation as page.

Usage: python tools/screenshots.py FOLDER. Needs chromium on PATH.
"""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import DIMMED_MONOKAI
from rich.text import Text

ROOT = Path(__file__).resolve().parent.parent
FONT = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)
IDENTIFIER = "ctlint"


def ctlint(*arguments: str, width: int = 100) -> str:
    """What ctlint prints, with its colours."""
    environment = {**os.environ, "COLUMNS": str(width)}
    done = subprocess.run(
        [sys.executable, "-m", "ctlint", *arguments],
        cwd=ROOT / "fixtures" / "fleet",
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    return done.stdout


def terminal(command: str, output: str, file: Path, width: int = 100) -> None:
    """A picture of a terminal in which the command was run."""
    console = Console(record=True, width=width, file=open(os.devnull, "w", encoding="utf-8"), force_terminal=True)  # noqa: SIM115
    console.print(Text(f"$ {command}", style="bold"), soft_wrap=True)
    console.print(Text.from_ansi(output.rstrip("\n")), soft_wrap=True)
    picture = console.export_svg(title="ctlint", theme=DIMMED_MONOKAI, unique_id=IDENTIFIER)
    picture = FONT.sub("", picture).replace("Fira Code, monospace", "ui-monospace, Menlo, Consolas, monospace")
    file.write_text("\n".join(line.rstrip() for line in picture.splitlines()) + "\n", encoding="utf-8")


def page(file: Path) -> None:
    """A picture of the page that `ctlint graph --format html` makes, as chromium shows it."""
    with tempfile.TemporaryDirectory() as folder:
        html = Path(folder) / "lineage.html"
        ctlint("graph", "--lint", "--format", "html", "-o", str(html))
        subprocess.run(
            [
                *(
                    "chromium",
                    "--headless",
                    "--no-sandbox",
                    "--disable-gpu",
                    "--hide-scrollbars",
                    "--window-size=1280,720",
                ),
                *("--virtual-time-budget=4000", f"--screenshot={file}", f"{html.as_uri()}#helxplatform/cloudtop"),
            ],
            check=True,
            capture_output=True,
            timeout=120,
        )


def main() -> None:
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    lint = ("lint", "cloudtop-ohif", "--ignore", "CT5,CT408")
    terminal(f"ctlint {' '.join(lint)}", ctlint(*lint, "--color", "always"), folder / "lint.svg")
    terminal(
        "ctlint graph --lint", ctlint("graph", "--lint", "--color", "always", width=120), folder / "graph.svg", 120
    )
    page(folder / "page.png")


if __name__ == "__main__":
    main()
