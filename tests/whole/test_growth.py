"""What a file costs grows as the file does: calls are counted at n, 2n and 4n, and the second step costs twice the first."""

import gc
import re
import shutil
from collections.abc import Callable
from cProfile import Profile
from pathlib import Path

import pytest

from ctlint.lint.cli import main

PLAIN = "FROM debian:12.8-slim\n"
S6 = "FROM lscr.io/linuxserver/baseimage-alpine:3.20\n"
WEBTOP = "FROM lscr.io/linuxserver/webtop:ubuntu-xfce\nCOPY a.desktop /usr/share/applications/\n"
Files = dict[str, str]


def rows(row: str, numbers: range) -> str:
    return "".join(row.replace("<next>", str(number + 1)).replace("<n>", str(number)) for number in numbers)


def script(row: str) -> Callable[[range], Files]:
    return lambda n: {"Dockerfile": S6 + "COPY run /etc/cont-init.d/10-x\n", "run": "#!/bin/bash\n" + rows(row, n)}


def beside(path: str, head: str, row: str, tail: str = "") -> Callable[[range], Files]:
    return lambda n: {"Dockerfile": PLAIN, path: head + rows(row, n) + tail}


def instructions(row: str) -> Callable[[range], Files]:
    return lambda n: {"Dockerfile": PLAIN + rows(row, n)}


STEPS = "on: push\njobs:\n a:\n  runs-on: x\n  strategy:\n   matrix:\n    v: [1, 2, 3, 4]\n  steps:\n"
KINDS: dict[str, Callable[[range], Files]] = {
    "ENV": instructions("ENV A<n>=b\n"),
    "ARG": instructions("ARG A<n>=b\n"),
    "LABEL": instructions("LABEL A<n>=b\n"),
    "RUN": instructions("RUN touch /x<n>\n"),
    "COPY": instructions("COPY Dockerfile /x<n>\n"),
    "EXPOSE": instructions("EXPOSE 1<n>\n"),
    "accounts": instructions("RUN useradd u<n>\n"),
    "stages": lambda n: {
        "Dockerfile": f"FROM debian:12.8-slim AS s{n[0]}\n" + rows("FROM s<n> AS s<next>\nRUN touch /x<n>\n", n)
    },
    "copies from stages": lambda n: {
        "Dockerfile": f"FROM debian:12.8-slim AS s{n[0]}\n"
        + rows("FROM debian:12.8-slim AS s<next>\nCOPY --from=s<n> /a /b\n", n)
    },
    "Dockerfiles": lambda n: {f"d{number}/Dockerfile": PLAIN + f"RUN touch /{number}\n" for number in n},
    "commands of a script": script("touch /x<n>\n"),
    "ifs of a script": script('if [ "$A" = <n> ]; then B=<n>; fi\n'),
    "ifs that write": script('if [ -n "$A<n>" ]; then echo <n> > /f<n>; fi\n'),
    "defaults of a script": script('echo "${A<n>:-b}"\nrm -rf "/x/$A<n>"\n'),
    "init scripts": lambda n: {
        "Dockerfile": S6 + "COPY root/ /\n",
        **{f"root/etc/cont-init.d/{number}-x": "#!/bin/bash\ntouch /x\n" for number in n},
    },
    "scripts that a line before the build makes executable": lambda n: {
        "Dockerfile": PLAIN + "COPY bin/ /usr/local/bin/\n",
        **{f"bin/a{number}": "#!/bin/sh\n" for number in n},
        "build.sh": "docker build .\n" + rows("chmod +x ./x<n>/y z<n>\n", n),
    },
    "sources that a line before the build may bring": lambda n: {
        "Dockerfile": PLAIN + rows("COPY a<n> /x\n", range(n[0], n[0] + 40)),
        "Makefile": "x:\n\tdocker build .\n" + rows("\tcp ../z/* y/<n>/\n", n),
    },
    "services of compose": beside("compose.yaml", "services:\n", "  s<n>:\n    build: .\n    image: a/s<n>\n"),
    "targets of bake": beside("docker-bake.hcl", "", 'target "t<n>" {\n  tags = ["a/t<n>"]\n}\n'),
    "quotes of bake": beside("docker-bake.hcl", 'target "t" {\n  x = "', '\\\\"', '"\n}\n'),
    "references of a Makefile": beside("Makefile", "A = b\nx:\n\tdocker build -t ", "$(A)", " .\n"),
    "rules of a Makefile": beside("Makefile", "", "x<n>:\n\tdocker build -t a/x<n> .\n"),
    "steps of a workflow": beside(".github/workflows/x.yml", STEPS, "  - run: docker build -t a:${{ matrix.v }} .\n"),
    "manifests": beside("k.yaml", "", "---\napiVersion: v1\nkind: Pod\nspec: {containers: [{name: a<n>, image: x}]}\n"),
    "patterns per file": beside("ctlint.toml", "[per-file-ignores]\n", '"a<n>*b" = ["CT113"]\n'),
    "patterns to ignore": beside(".gitignore", "", "a<n>*b\n"),
    "names of a launcher": lambda n: {
        "Dockerfile": WEBTOP,
        "a.desktop": "[Desktop Entry]\nType=Application\nName=x\nExec=x\n" + rows("Name[a<n>]=b\n", n),
    },
}


FLAT = ("quotes of bake",)
"""What is read by a fixed number of calls: each of them is one look over the text."""


def calls(folder: Path, files: Files) -> int:
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    profile = Profile()
    re.purge()
    gc.disable()  # what others left behind is none of these calls
    code = profile.runcall(main, ["lint", "--jobs", "1", "--no-cache", "--format", "json"])
    gc.enable()
    assert code in (0, 1)
    for entry in folder.iterdir():
        if entry.is_dir():
            shutil.rmtree(entry)
        else:
            entry.unlink()
    return sum(entry.callcount for entry in profile.getstats())


@pytest.mark.parametrize("kind", KINDS)
def test_twice_the_file_is_twice_the_cost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], kind: str
) -> None:
    folder = tmp_path / "x"
    folder.mkdir()
    monkeypatch.chdir(folder)
    calls(
        folder, KINDS[kind](range(100, 150))
    )  # what is loaded once, or written where it is called often, does not count
    ranges = range(200, 225), range(300, 350), range(400, 500)  # none has met the caches before
    small, middle, large = (calls(folder, KINDS[kind](numbers)) for numbers in ranges)
    assert small < middle < large or kind in FLAT
    assert large - middle <= 2.4 * (middle - small) + 1000, (small, middle, large)
