"""Time and peak memory of ctlint: a cold process on one repository, the example organisation many times over, clones of
public repositories, and the graph of an invented organisation. What lints Dockerfiles is set beside hadolint in the same run.

Usage: python tools/bench.py [COPIES] [CLONE …]

CLONE are work trees, which are linted together as one workspace.
"""

import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FLEET = ROOT / "fixtures" / "fleet"


ANEW = ("lint", "--no-cache", "--quiet", "--offline")
PAIRS = 15
"""Runs of ctlint and hadolint in turn, of which the median ratio is told."""
REPOSITORIES, DOCKERFILES, DEEPEST = 500, 20, 8
"""Of the invented organisation: its repositories, the Dockerfiles in each, and the images of its longest chains."""


@dataclass(frozen=True, slots=True)
class Run:
    """A process that has ended: seconds of wall clock and of the processor, peak memory in MiB, exit code."""

    seconds: float
    processor: float
    memory: float
    code: int

    def __str__(self) -> str:
        return (
            f"{self.seconds:.2f} s ({self.processor:.2f} s of the processor), {self.memory:.0f} MiB (exit {self.code})"
        )


def run(*arguments: str, cwd: Path) -> Run:
    """A ctlint process of its own, with those that it begins. Python may keep compiled modules, as it does for everybody.

    The memory is that of the largest process.
    """
    return measured([sys.executable, "-m", "ctlint", *arguments], cwd)


def measured(command: list[str], cwd: Path) -> Run:
    """A process and those that it begins, from outside."""
    start = time.perf_counter()
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    process = subprocess.Popen(
        command,
        cwd=cwd,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=environment,
    )
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    return Run(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, os.waitstatus_to_exitcode(status))


def beside_hadolint(what: str, mine: Run, folder: Path) -> None:
    """A line with the time of ctlint as ratios to hadolint's processor time for the same Dockerfiles."""
    spent = hadolint(folder)
    if spent is None:
        print(f"{what}: {mine} (hadolint is not at hand)", flush=True)
        return
    print(
        f"{what}: {mine}; hadolint {spent:.2f} s of the processor: processor {mine.processor / spent:.2f} ×, "
        f"wall {mine.seconds / spent:.2f} ×",
        flush=True,
    )


def hadolint(folder: Path) -> float | None:
    """The processor time that hadolint takes for the Dockerfiles of a folder; None where it is not at hand."""
    found = shutil.which("hadolint", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}")
    if found is None:
        return None
    files = sorted(str(path) for path in folder.rglob("*ockerfile*") if path.is_file() and _is_dockerfile(path.name))
    theirs = [measured([found, "--no-fail", *files[at : at + 500]], folder) for at in range(0, len(files), 500)]
    return sum(each.processor for each in theirs)


def one_repository(name: str, folder: Path) -> None:
    """A repository of the example organisation alone: a cold process, and again where nothing has changed, each beside
    hadolint in turn."""
    alone = folder / name
    shutil.copytree(FLEET / name, alone)
    run("lint", cwd=alone)  # compiles, and keeps the result
    for what, words in (("cold", ("lint", "--no-cache")), ("again, nothing changed", ("lint",))):
        pairs = [(run(*words, cwd=alone), hadolint(alone)) for _ in range(PAIRS)]
        mine = statistics.median(each.processor for each, _ in pairs)
        ratios = [each.processor / theirs for each, theirs in pairs if theirs]
        beside = f"{statistics.median(ratios):.2f} × hadolint's" if ratios else "hadolint is not at hand"
        most = max(each.memory for each, _ in pairs)
        print(f"lint, {name}, {what}: {mine * 1000:.0f} ms of the processor ({beside}), {most:.0f} MiB", flush=True)


def many(what: str, folder: Path) -> None:
    """All images below a folder: with one process and with two, again with nothing changed, and with one file changed."""
    for jobs in ("1", "2"):
        beside_hadolint(f"lint --jobs {jobs}, {what}", run(*ANEW, "--jobs", jobs, cwd=folder), folder)
    keeping = ("lint", "--quiet", "--offline", "--jobs", "2")
    run(*keeping, cwd=folder)  # keeps the result
    beside_hadolint(f"again, nothing changed, {what}", run(*keeping, cwd=folder), folder)
    changed = next(path for path in sorted(folder.rglob("Dockerfile")) if path.is_file())
    changed.write_bytes(changed.read_bytes() + b"\n# changed\n")
    beside_hadolint(f"again, one file changed, {what}", run(*keeping, cwd=folder), folder)


def _is_dockerfile(name: str) -> bool:
    return name == "Dockerfile" or name.startswith("Dockerfile.") or name.endswith(".Dockerfile")


def fleet_times(copies: int, folder: Path) -> None:
    """The example organisation so many times, each copy under names of its own."""
    (folder / "ctlint.toml").write_text("workspace = true\n")
    for number in range(copies):
        for repository in FLEET.iterdir():
            if not repository.is_dir():
                continue
            target = folder / f"{number}-{repository.name}"
            shutil.copytree(repository, target)
            for file in target.rglob("*"):
                if file.is_file():
                    text = file.read_bytes()
                    for owner in (b"helxplatform", b"heliumdatastage"):
                        text = text.replace(owner + b"/", b"copy%d-%s/" % (number, owner))
                    file.write_bytes(text)


def organisation(folder: Path) -> None:
    """Repositories of images that stand on each other across repositories; parents are shared, the first most of all."""
    (folder / "ctlint.toml").write_text("workspace = true\n")
    chance = random.Random(7)
    depths: list[int] = []
    for number in range(REPOSITORIES * DOCKERFILES):
        parent = chance.randrange(number // 20, max(1, number // 4)) if number >= 50 else 0
        if number < 50 or depths[parent] == DEEPEST - 1:
            base = chance.choice(("tomcat:9-jre8", "debian:12", "ubuntu:22.04", "node:20"))
            depths.append(0)
        else:
            base = f"acme/app{parent}:1.0"
            depths.append(depths[parent] + 1)
        image = folder / f"repository{number // DOCKERFILES:03}" / f"app{number}"
        (image / "root").mkdir(parents=True)
        (image / "root" / "app.conf").write_text(f"name = app{number}\n")
        (image / "config.env").write_text(f"IMAGE_REPO=acme\nAPP_NAME=app{number}\nTAG=1.0\n")
        (image / "Dockerfile").write_text(
            f'FROM {base}\nLABEL maintainer="acme"\nRUN apt-get update && apt-get install -y app{number}\n'
            f"COPY root /\nENV APP=app{number}\nEXPOSE 8080\n"
        )


def graph_times(folder: Path) -> None:
    """`ctlint graph` on the invented organisation: the command, and what it does once the repositories are read."""
    print(f"graph, {REPOSITORIES * DOCKERFILES} images, {REPOSITORIES} repositories × {DOCKERFILES} Dockerfiles:")
    for form in ("json", "tree", "html"):
        print(f"  --format {form}: {run('graph', '--format', form, '-o', str(folder.parent / form), cwd=folder)}")
    drawing = [sys.executable, str(ROOT / "tools" / "bench_drawing.py")]
    print(subprocess.run(drawing, cwd=folder, check=True, capture_output=True, text=True).stdout, end="")


COMPOSE_FILES, CHARTS = 300, 100
"""Of the invented deployments: compose files of four services, and charts of two pods."""


def deployments(folder: Path, part: int = 1) -> None:
    """Compose files and charts that run images of the example organisation and public ones; `part` of them."""
    (folder / "ctlint.toml").write_text("workspace = true\n")
    shutil.copytree(FLEET / "cloudtop", folder / "cloudtop")
    images = ("helxplatform/cloudtop:develop-latest", "nginx:1.27", "postgres:16.4", "redis:7.4")
    for number in range(COMPOSE_FILES // part):
        services = "".join(
            f"  s{index}:\n    image: {image}\n    user: '1000'\n    environment:\n      USER_NAME: u{number}\n"
            f"    ports: ['{8000 + index}:80']\n    volumes: ['./d{index}:/data', 'v{index}:/srv']\n"
            for index, image in enumerate(images)
        )
        (folder / "deployments" / f"d{number}").mkdir(parents=True)
        (folder / "deployments" / f"d{number}" / "compose.yaml").write_text(f"services:\n{services}")
    for number in range(CHARTS // part):
        chart = folder / "charts" / f"c{number}"
        (chart / "templates").mkdir(parents=True)
        (chart / "Chart.yaml").write_text(f"name: c{number}\nversion: 1.0.0\n")
        (chart / "values.yaml").write_text(
            "image: {repository: nginx, tag: '1.27'}\nsecurity:\n  runAsUser: 1000\nenv: {A: b}\n"
        )
        for pod in range(2):
            (chart / "templates" / f"p{pod}.yaml").write_text(_POD)


_POD = """apiVersion: v1
kind: Pod
metadata:
  name: {{ .Release.Name }}
spec:
  containers:
    - name: app
      image: "{{ .Values.image.repository }}:{{ .Values.image.tag }}"
      securityContext:
        {{- toYaml .Values.security | nindent 8 }}
      env:
        {{- range $name, $value := .Values.env }}
        - name: {{ $name }}
          value: {{ $value | quote }}
        {{- end }}
"""


def deployment_times(folder: Path) -> None:
    """A quarter, a half and all of the invented deployments: the time is to grow with them."""
    for part in (4, 2, 1):
        inner = folder / f"part{part}"
        inner.mkdir()
        deployments(inner, part)
        name = f"lint {COMPOSE_FILES // part} compose files and {CHARTS // part} charts"
        print(f"{name}: {run('lint', '.', cwd=inner)}", flush=True)


def main() -> None:
    copies = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    clones = [Path(argument).resolve() for argument in sys.argv[2:]]
    with tempfile.TemporaryDirectory() as folder:
        for name in ("cloudtop-imagej-napari", "cloudtop"):
            one_repository(name, Path(folder))
    with tempfile.TemporaryDirectory() as folder:
        fleet_times(copies, Path(folder))
        many(f"the example organisation × {copies}", Path(folder))
        print(f"graph, the example organisation × {copies}: {run('graph', '--quiet', cwd=Path(folder))}")
    if clones:
        with tempfile.TemporaryDirectory() as folder:
            for clone in clones:
                shutil.copytree(clone, Path(folder) / clone.name, symlinks=True, ignore=shutil.ignore_patterns(".git"))
            (Path(folder) / "ctlint.toml").write_text("workspace = true\n")
            many(f"{len(clones)} clones", Path(folder))
    with tempfile.TemporaryDirectory() as folder:
        acme = Path(folder) / "acme"
        acme.mkdir()
        organisation(acme)
        graph_times(acme)
    with tempfile.TemporaryDirectory() as folder:
        deployment_times(Path(folder))


if __name__ == "__main__":
    main()
