"""Kills runs of ctlint at random moments, and damages its cache: `tools/interrupt.py [--kills N] [--corruptions N] [--seed N]`.

After each kill the files are as they were or as a whole run leaves them, nothing lies beside them, and the next run does what it
would have done; what the cache gives is what was there, or it is said to be missing or damaged, and a fetch mends it.
"""

import argparse
import contextlib
import io
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT / "src"), str(ROOT / "tests" / "helpers")]

from ctlint.lint.cli import main as ctlint  # noqa: E402
from github_server import GitHubServer, Repo  # noqa: E402

Files = dict[str, bytes]
S6 = b"FROM lscr.io/linuxserver/baseimage-alpine:3.20\nCOPY run /etc/cont-init.d/10-x\nENTRYPOINT /bin/true x\n"
REPOSITORY = {
    "Dockerfile": S6,
    "run": b"#!/bin/bash\necho $1\nservice x start\n",
    "ctlint.toml": b"",
    "known.json": b"{}\n",
}
COMMANDS: Mapping[str, tuple[str, ...]] = {
    "fix": ("lint", "--fix", "--unsafe-fixes"),
    "baseline": ("lint", "--write-baseline", "known.json"),
    "ignores": ("lint", "--add-ignores", "known since long"),
    "fetch": ("fetch", "github:acme", "--cache-dir", "cache"),
}


def quiet(*argv: str) -> tuple[int, str]:
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(io.StringIO()):
        code = ctlint(list(argv))
    return code, out.getvalue()


def contents(folder: Path) -> Files:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "cache" not in path.relative_to(folder).parts
    }


def fill(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for path, data in REPOSITORY.items():
        (folder / path).write_bytes(data)
    os.chdir(folder)


def child(argv: tuple[str, ...]) -> int:
    pid = os.fork()
    if pid == 0:
        try:
            quiet(*argv)
        finally:
            os._exit(0)
    return pid


def killed(argv: tuple[str, ...], after: float) -> bool:
    """Start a run and kill it so many seconds later; whether it was still running."""
    pid = child(argv)
    time.sleep(after)
    os.kill(pid, signal.SIGKILL)
    return os.WIFSIGNALED(os.waitpid(pid, 0)[1])


def timed(argv: tuple[str, ...]) -> float:
    begin = time.monotonic()
    os.waitpid(child(argv), 0)
    return time.monotonic() - begin


class Moments:
    """When to kill a run: at random while it lasts, which is learnt from whether earlier kills came too late."""

    def __init__(self, lasts: float, chance: random.Random) -> None:
        self.lasts = lasts
        self.chance = chance
        self.hit = 0

    def kill(self, argv: tuple[str, ...]) -> None:
        hit = killed(argv, self.chance.random() * self.lasts)
        self.hit += hit
        self.lasts *= 1.05 if hit else 0.8


def kill_writers(name: str, count: int, folder: Path, chance: random.Random) -> list[str]:
    """Kill a command that writes into a repository: each file is the old one or the new one, and there is no other."""
    fill(folder)
    before = contents(folder)
    quiet(*COMMANDS[name])  # so that all is imported
    fill(folder)
    lasts = timed(COMMANDS[name])
    after = contents(folder)
    assert after != before, name
    wrong: list[str] = []
    moments = Moments(lasts, chance)
    for _ in range(count):
        fill(folder)
        moments.kill(COMMANDS[name])
        now = contents(folder)
        wrong += [f"{name}: {path}" for path, data in now.items() if data not in (before.get(path), after.get(path))]
        if now not in (before, after):
            os.waitpid(child(COMMANDS[name]), 0)
            if name != "ignores" and contents(folder) != after:
                wrong.append(f"{name}: the next run does not do what is left")
    print(f"{name:10} {count} kills, {moments.hit} while it ran, {len(wrong)} wrong", flush=True)
    return wrong


def served() -> GitHubServer:
    server = GitHubServer()
    for name, value in server.environment.items():
        os.environ[name] = value
    for number in range(6):
        server.add(Repo("acme", f"app{number}", {**REPOSITORY, "big": bytes(range(256)) * 200}))
    return server


def offline() -> tuple[int, str]:
    return quiet("lint", "github:acme", "--offline", "--cache-dir", "cache", "--format", "json")


def kill_fetch(count: int, folder: Path, chance: random.Random) -> list[str]:
    """Kill a fetch: what the cache then gives is the whole answer or a failure, and the next fetch makes it whole."""
    fill(folder)
    quiet(*COMMANDS["fetch"])  # so that all is imported
    lasts = timed(COMMANDS["fetch"])
    whole = offline()
    wrong: list[str] = []
    empty, filled = Moments(lasts, chance), Moments(lasts, chance)
    for number in range(count):
        if number % 2 == 0:
            shutil.rmtree(folder / "cache", ignore_errors=True)
        (filled if number % 2 else empty).kill(COMMANDS["fetch"])
        code, said = offline()
        if code not in (2, 3) and (code, said) != whole:
            wrong.append(f"fetch: another answer, exit code {code}")
        if number % 10 == 0:
            quiet(*COMMANDS["fetch"])
            if offline() != whole:
                wrong.append("fetch: the next fetch does not make it whole")
    quiet(*COMMANDS["fetch"])
    if offline() != whole:
        wrong.append("fetch: the last fetch does not make it whole")
    hit = empty.hit + filled.hit
    print(f"fetch      {count} kills, {hit} while it ran, {len(wrong)} wrong", flush=True)
    return wrong


def damaged(data: bytes, others: list[bytes], chance: random.Random) -> bytes:
    made = bytearray(data)
    at = chance.randrange(len(made))
    kind = chance.randrange(6)
    if kind == 0:
        made[at] ^= 1 << chance.randrange(8)
    elif kind == 1:
        made[at] = chance.randrange(256)
    elif kind == 2:
        del made[at:]
    elif kind == 3:
        made[at:] = bytes(len(made) - at)
    elif kind == 4:
        return chance.choice(others)
    else:
        made[at:at] = made[: chance.randrange(1, 9)]
    return bytes(made)


def corrupt(count: int, folder: Path, chance: random.Random) -> list[str]:
    """Damage one file of the cache at a time: the same answer, or a failure that a fetch mends."""
    fill(folder)
    quiet(*COMMANDS["fetch"])
    whole = offline()
    cache = folder / "cache"
    kept = {
        path: path.read_bytes() for path in sorted(cache.rglob("*")) if path.is_file() and path.name != "CACHEDIR.TAG"
    }
    paths = [path for path, data in kept.items() if data]
    wrong: list[str] = []
    refused = 0
    for number in range(count):
        path = paths[number % len(paths)]
        path.write_bytes(damaged(kept[path], list(kept.values()), chance))
        code, said = offline()
        if (code, said) != whole:
            refused += 1
            if code not in (2, 3):
                wrong.append(f"cache: {path.relative_to(cache)}: another answer, exit code {code}")
            if number % 10 == 0:
                quiet(*COMMANDS["fetch"])
                if offline() != whole:
                    wrong.append(f"cache: {path.relative_to(cache)}: a fetch does not mend it")
        for each, data in kept.items():
            if not each.exists() or each.read_bytes() != data:
                each.parent.mkdir(parents=True, exist_ok=True)
                each.write_bytes(data)
    print(f"cache      {count} corruptions, {refused} refused, {len(wrong)} wrong", flush=True)
    return wrong


def run(kills: int, corruptions: int, seed: int) -> list[str]:
    """What went wrong; `kills` are shared among the four commands."""
    chance = random.Random(seed)
    begun = Path.cwd()
    environment = dict(os.environ)
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made) / "work"
        try:
            checks: list[Callable[[], list[str]]] = [
                lambda name=name: kill_writers(name, kills // 4, folder, chance)
                for name in ("fix", "baseline", "ignores")
            ]
            wrong = [one for check in checks if kills for one in check()]
            server = served()
            wrong += kill_fetch(kills // 4, folder, chance) if kills else []
            wrong += corrupt(corruptions, folder, chance) if corruptions else []
            server.close()
        finally:
            os.chdir(begun)
            os.environ.clear()
            os.environ.update(environment)
    return wrong


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=500)
    parser.add_argument("--corruptions", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    wrong = run(options.kills, options.corruptions, options.seed)
    for each in dict.fromkeys(wrong):
        print(each)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
