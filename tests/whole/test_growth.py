"""What a file costs grows as the file does: calls are counted at n, 2n and 4n, and the second step costs twice the first."""

import gc
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType

import pytest

from ctlint.lint.cli import main

PLAIN = "FROM debian:12.8-slim\n"
S6 = "FROM lscr.io/linuxserver/baseimage-alpine:3.20\n"
WEBTOP = "FROM lscr.io/linuxserver/webtop:ubuntu-xfce\nCOPY a.desktop /usr/share/applications/\n"
Files = dict[str, str]


def rows(row: str, count: int) -> str:
    return "".join(row.replace("NEXT", str(number + 1)).replace("N", str(number)) for number in range(count))


def script(row: str) -> Callable[[int], Files]:
    return lambda n: {"Dockerfile": S6 + "COPY run /etc/cont-init.d/10-x\n", "run": "#!/bin/bash\n" + rows(row, n)}


def beside(path: str, head: str, row: str, tail: str = "") -> Callable[[int], Files]:
    return lambda n: {"Dockerfile": PLAIN, path: head + rows(row, n) + tail}


def instructions(row: str) -> Callable[[int], Files]:
    return lambda n: {"Dockerfile": PLAIN + rows(row, n)}


STEPS = "on: push\njobs:\n a:\n  runs-on: x\n  strategy:\n   matrix:\n    v: [1, 2, 3, 4]\n  steps:\n"
KINDS: dict[str, Callable[[int], Files]] = {
    "ENV": instructions("ENV AN=b\n"),
    "ARG": instructions("ARG AN=b\n"),
    "LABEL": instructions("LABEL AN=b\n"),
    "RUN": instructions("RUN touch /xN\n"),
    "COPY": instructions("COPY Dockerfile /xN\n"),
    "EXPOSE": instructions("EXPOSE N\n"),
    "accounts": instructions("RUN useradd uN\n"),
    "stages": lambda n: {"Dockerfile": "FROM debian:12.8-slim AS s0\n" + rows("FROM sN AS sNEXT\nRUN touch /xN\n", n)},
    "copies from stages": lambda n: {
        "Dockerfile": "FROM debian:12.8-slim AS s0\n"
        + rows("FROM debian:12.8-slim AS sNEXT\nCOPY --from=sN /a /b\n", n)
    },
    "Dockerfiles": lambda n: {f"d{number}/Dockerfile": PLAIN + f"RUN touch /{number}\n" for number in range(n)},
    "commands of a script": script("touch /xN\n"),
    "ifs of a script": script('if [ "$A" = N ]; then B=N; fi\n'),
    "init scripts": lambda n: {
        "Dockerfile": S6 + "COPY root/ /\n",
        **{f"root/etc/cont-init.d/{number}-x": "#!/bin/bash\ntouch /x\n" for number in range(n)},
    },
    "services of compose": beside("compose.yaml", "services:\n", "  sN:\n    build: .\n    image: a/sN\n"),
    "targets of bake": beside("docker-bake.hcl", "", 'target "tN" {\n  tags = ["a/tN"]\n}\n'),
    "quotes of bake": beside("docker-bake.hcl", 'target "t" {\n  x = "', '\\\\"', '"\n}\n'),
    "references of a Makefile": beside("Makefile", "A = b\nx:\n\tdocker build -t ", "$(A)", " .\n"),
    "rules of a Makefile": beside("Makefile", "", "xN:\n\tdocker build -t a/xN .\n"),
    "steps of a workflow": beside(".github/workflows/x.yml", STEPS, "  - run: docker build -t a:${{ matrix.v }} .\n"),
    "manifests": beside("k.yaml", "", "---\napiVersion: v1\nkind: Pod\nspec: {containers: [{name: aN, image: x}]}\n"),
    "patterns per file": beside("ctlint.toml", "[per-file-ignores]\n", '"aN*b" = ["CT113"]\n'),
    "patterns to ignore": beside(".gitignore", "", "aN*b\n"),
    "names of a launcher": lambda n: {
        "Dockerfile": WEBTOP,
        "a.desktop": "[Desktop Entry]\nType=Application\nName=x\nExec=x\n" + rows("Name[aN]=b\n", n),
    },
}


def calls(folder: Path, files: Files) -> int:
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    count = 0

    def counted(frame: FrameType, event: str, argument: object) -> None:
        nonlocal count
        count += 1

    before = sys.getprofile()
    gc.collect()
    sys.setprofile(counted)
    try:
        main(["lint", "--jobs", "1", "--format", "json"])
    finally:
        sys.setprofile(before)
    shutil.rmtree(folder)
    folder.mkdir()
    return count


@pytest.mark.parametrize("kind", KINDS)
def test_twice_the_file_is_twice_the_cost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], kind: str
) -> None:
    folder = tmp_path / "x"
    folder.mkdir()
    monkeypatch.chdir(folder)
    calls(folder, KINDS[kind](2))  # what is loaded once does not count
    small, middle, large = (calls(folder, KINDS[kind](n)) for n in (25, 50, 100))
    assert large - middle <= 2.4 * (middle - small) + 2000, (small, middle, large)
