"""A BuildKit of its own: dockerd out of Debian's packages, in a root directory of its own, without bridge and iptables.

Needs root. Nothing is asked of the network but the Debian archive that this machine's apt sources name.
"""

import contextlib
import http.client
import json
import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SUITES = ("bookworm", "trixie")
BASES = {suite: f"debian:{suite}-slim" for suite in SUITES}
_PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_BUILDX = "/usr/libexec/docker/cli-plugins/docker-buildx"
_LATE = ("-o", "Acquire::Check-Valid-Until=false")
_SERVE = """
R={chroot}; mount --make-rprivate /; mount --bind $R $R; mkdir -p $R/var/lib/docker $R/run $R/scratch
mount --bind {data} $R/var/lib/docker; mount --bind {run} $R/run
mount -t proc proc $R/proc; mount --rbind /sys $R/sys; mount --rbind /dev $R/dev; mount --bind {folder} $R/scratch
cd $R; mkdir -p .host; pivot_root . .host; umount -l /.host; cd /
exec dockerd --iptables=false --ip6tables=false --bridge=none --userland-proxy=false --storage-driver overlay2 \
  --data-root /var/lib/docker --exec-root /run/docker -H unix:///run/docker.sock --pidfile /run/dockerd.pid
"""


_MARKED = re.compile(r"(?m)^\s*(\d+) \| >>> ")


class NoBuilder(Exception):  # noqa: N818 - it is an answer: no builder can be had here
    """The builder cannot be had here; the text says why."""


@dataclass(frozen=True)
class Refusal:
    """Why an image does not build, and the lines of the Dockerfile (first, last) whose instruction fails, where it is one."""

    text: str
    lines: tuple[int, int] | None = None

    def __str__(self) -> str:
        return self.text


def refusal_of(output: str) -> Refusal:
    """What the builder's output says of a build that failed."""
    lines = [line for line in output.splitlines() if line.strip()]
    text = next((line for line in reversed(lines) if line.startswith("ERROR")), lines[-1] if lines else "?")[:300]
    marked = [int(number) for number in _MARKED.findall(output)]
    return Refusal(text, (min(marked), max(marked)) if marked else None)


def run(*words: str | Path, timeout: float | None = None, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run a program to its end, and give what it printed."""
    return subprocess.run(
        [str(word) for word in words],
        capture_output=True,
        text=True,
        errors="replace",
        timeout=timeout,
        cwd=cwd,
        check=False,
    )


def debian_archive() -> str:
    """The Debian archive that this machine's own apt sources name. Raises NoBuilder where none does."""
    folder = Path("/etc/apt")
    files = [folder / "sources.list", *sorted((folder / "sources.list.d").glob("*"))]
    text = "\n".join(file.read_text(errors="replace") for file in files if file.is_file())
    match = re.search(r"(?m)^(?:URIs:\s*|deb\s+(?:\[[^\]]*\]\s*)?)(\S+/debian/?)(?=\s|$)", text)
    if match is None:
        raise NoBuilder("this machine's apt sources name no Debian archive")
    return match[1]


class Builder:
    """dockerd below `folder`. `set_up` may be called again and again: what is there is kept."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.chroot = folder / "chroot"
        self.data = folder / "docker"
        self.pid_file = folder / "run" / "dockerd.pid"
        self.started = False

    def set_up(self) -> None:
        """Make the root directory and the bases, and start the daemon. Raises NoBuilder."""
        if os.geteuid() != 0:
            raise NoBuilder("building needs root (mounts, and a daemon of its own)")
        self.folder.mkdir(parents=True, exist_ok=True)
        if shutil.which("mmdebstrap") is None:
            raise NoBuilder("mmdebstrap is not installed (apt-get install mmdebstrap)")
        for suite in SUITES:
            archive = self.folder / f"{suite}.tar"
            if not archive.exists():
                part = archive.with_suffix(".part.tar")
                self._debootstrap(suite, part)
                part.rename(archive)
        if not (self.chroot / "usr/sbin/dockerd").exists():
            self._make_chroot()
        self.start()
        for suite in SUITES:
            self._import(suite)

    def _debootstrap(self, suite: str, target: Path, *more: str) -> None:
        made = run(
            "mmdebstrap", "--variant=minbase", "--components=main", '--aptopt=Acquire::Check-Valid-Until "false"',
            *more, suite, target, debian_archive(),
        )  # fmt: skip
        if made.returncode:
            raise NoBuilder(f"mmdebstrap {suite}: {made.stderr.strip()[-300:]}")

    def _make_chroot(self) -> None:
        problem = ""
        for suite in ("sid", "trixie"):
            shutil.rmtree(self.chroot, ignore_errors=True)
            self._debootstrap(suite, self.chroot, "--include=ca-certificates,mount")
            (self.chroot / "usr/sbin/policy-rc.d").write_text("#!/bin/sh\nexit 101\n")
            (self.chroot / "usr/sbin/policy-rc.d").chmod(0o755)
            for name in ("resolv.conf", "hosts"):
                shutil.copy(f"/etc/{name}", self.chroot / "etc" / name)
            apt = ("chroot", self.chroot, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", *_LATE, "-qq")
            run(*apt, "update")
            tools = ("docker.io", "docker-cli", "docker-buildx", "xz-utils", "zstd")
            problem = run(*apt, "install", "-y", "--no-install-recommends", *tools).stderr
            if (self.chroot / "usr/sbin/dockerd").exists():
                return
        raise NoBuilder(f"docker.io cannot be installed: {problem[-300:]}")

    def start(self) -> None:
        """Start the daemon, unless it runs. Raises NoBuilder."""
        if self.running():
            return
        for name in ("docker", "run", "work", "mnt"):
            (self.folder / name).mkdir(exist_ok=True)
        (self.chroot / "scratch").mkdir(exist_ok=True)
        script = _SERVE.format(chroot=self.chroot, data=self.data, run=self.folder / "run", folder=self.folder)
        self.pid_file.unlink(missing_ok=True)
        log_file = self.folder / "dockerd.log"
        with log_file.open("wb") as log:
            subprocess.Popen(
                ["unshare", "-m", "bash", "-c", script],
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )
        self.started = True
        for _ in range(60):
            time.sleep(0.5)
            if self.running() and run(*self.client("version")).returncode == 0:
                return
        raise NoBuilder("dockerd does not start: " + log_file.read_text(errors="replace")[-400:])

    def running(self) -> bool:
        with contextlib.suppress(OSError, ValueError):
            pid = int(self.pid_file.read_text())
            return "dockerd" in Path(f"/proc/{pid}/cmdline").read_text()
        return False

    def stop(self) -> None:
        """End the daemon, if this object has started it."""
        if self.started and self.running():
            os.kill(int(self.pid_file.read_text()), 15)

    def _import(self, suite: str) -> None:
        if run(*self.client("image", "inspect", BASES[suite])).returncode == 0:
            return
        words = (
            "import",
            "--change",
            'CMD ["bash"]',
            "--change",
            "ENV " + _PATH,
            f"/scratch/{suite}.tar",
            BASES[suite],
        )
        made = run(*self.client(*words))
        if made.returncode:
            raise NoBuilder("the base cannot be imported: " + made.stderr[-200:])

    def archives(self, image: str) -> list[str]:
        """The releases of s6-overlay whose archives lie below the builder's folder (`s6/vVERSION`), as an image of files."""
        folder = self.folder / "s6"
        found = sorted(one.name.removeprefix("v") for one in folder.glob("v*") if one.is_dir())
        if found and run(*self.client("image", "inspect", image)).returncode:
            (folder / "Dockerfile").write_text("FROM scratch\nCOPY . /\n")
            self.build(folder, image)
        return found

    def client(self, *words: str, tool: str = "docker") -> Sequence[str]:
        """The words that run docker's client, or its tool for builds, in the builder's mount namespace."""
        return ["nsenter", "-t", self.pid_file.read_text().strip(), "-m", tool, *words]

    def version(self) -> str:
        answer = run(*self.client("version", "--format", "{{.Server.Version}}")).stdout.strip()
        return f"BuildKit inside Debian's docker {answer.partition('+')[0]}"

    def build(
        self,
        context: Path,
        tag: str,
        *,
        dockerfile: Path | None = None,
        args: Mapping[str, str | None] | None = None,
        target: str | None = None,
        network: bool = False,
        timeout: float = 300,
    ) -> Refusal | None:
        """Build a context that lies below the builder's folder; None, or why it does not build."""
        words = ["--progress", "plain", "--network", "host" if network else "none", "-t", tag]
        if dockerfile is not None:
            words += ["-f", self._inside(dockerfile)]
        for name, value in (args or {}).items():
            words += ["--build-arg", name if value is None else f"{name}={value}"]
        if target:
            words += ["--target", target]
        try:
            built = run(*self.client("build", *words, self._inside(context), tool=_BUILDX), timeout=timeout)
        except subprocess.TimeoutExpired:
            return Refusal(f"takes longer than {timeout:.0f} s")
        return refusal_of(built.stderr + built.stdout) if built.returncode else None

    def save(self, tag: str, archive: Path) -> str | None:
        """Write an image as `docker save` does; None, or why not."""
        done = run(*self.client("save", "-o", self._inside(archive), tag))
        return done.stderr.strip()[-300:] or "docker save fails" if done.returncode else None

    def _inside(self, path: Path) -> str:
        return "/scratch/" + str(path.relative_to(self.folder))

    def tag(self, image: str, name: str) -> None:
        run(*self.client("tag", image, name))

    def settings(self, tag: str) -> dict[str, Any]:
        """What the daemon says of an image. OSError where it says nothing."""
        found: dict[str, Any] = json.loads(self.asked("GET", f"/images/{tag}/json"))
        return found

    def asked(self, method: str, path: str) -> bytes:
        """The daemon's answer, over its socket: a client of its own for each question takes longer than the answer."""
        connection = http.client.HTTPConnection("docker", timeout=120)
        connection.sock = socket.socket(socket.AF_UNIX)
        with contextlib.closing(connection):
            connection.sock.connect(str(self.folder / "run" / "docker.sock"))
            connection.request(method, path)
            answer = connection.getresponse()
            data = answer.read()
        if answer.status >= 400:
            raise OSError(f"{method} {path}: {data[:200]!r}")
        return data

    @contextlib.contextmanager
    def mounted(self, tag: str, settings: Mapping[str, Any] | None = None) -> Generator[Path]:
        """The image's file system, read only."""
        layers = (settings or self.settings(tag))["GraphDriver"]["Data"]
        top = self.data / "overlay2"
        folders = [layers["UpperDir"], *filter(None, layers.get("LowerDir", "").split(":"))]
        short = ["l/" + (top / Path(folder).parent.name / "link").read_text() for folder in folders]
        point = self.folder / "mnt" / re.sub(r"\W", "_", tag)
        point.mkdir(exist_ok=True)
        if len(short) == 1:
            made = run("mount", "--bind", "-o", "ro", top / short[0], point)
        else:
            made = run("mount", "-t", "overlay", "-o", "ro,lowerdir=" + ":".join(short), "overlay", point, cwd=top)
        if made.returncode:
            raise OSError(made.stderr)
        try:
            yield point
        finally:
            run("umount", "-l", point)
            with contextlib.suppress(OSError):
                point.rmdir()

    def remove(self, tag: str) -> None:
        with contextlib.suppress(OSError):
            self.asked("DELETE", f"/images/{tag}?force=1")
