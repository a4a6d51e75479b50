"""The cache under several processes, under interrupts and kills, and what a second run saves."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import ctlint
from ctlint.lineage.remote.cache import Cache
from github_server import GitHubServer, Repo

from .test_github import World, fleet

PROGRAM = """
import sys
from pathlib import Path
from ctlint.lint.commands.fetch import FetchOptions, fetch
try:
    sys.exit(fetch(FetchOptions(sys.argv[2:], Path(sys.argv[1])), print, print))
except KeyboardInterrupt:
    sys.exit(130)
"""


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    server = GitHubServer()
    server.checked = False
    yield World(server, tmp_path / "cache")
    server.close()


def start(world: World, *targets: str) -> "subprocess.Popen[str]":
    package = Path(ctlint.__file__).parents[1]
    environment = {**os.environ, **world.server.environment, "PYTHONPATH": str(package)}
    command = [sys.executable, "-c", PROGRAM, str(world.cache), *targets]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def texts(world: World) -> dict[str, str]:
    run = world.run("github:acme")
    assert run.errors == []
    return {label: snapshot.text("Dockerfile") for label, snapshot in run.snapshots.items()}


def wait_until_some_are_stored(world: World, count: int) -> None:
    end = time.monotonic() + 30
    while Cache(world.cache).usage().repositories < count:
        assert time.monotonic() < end
        time.sleep(0.01)


def test_two_processes_may_fetch_the_same_at_once(world: World) -> None:
    world.server.add(*fleet(40))
    processes = [start(world, "github:acme") for _ in range(3)]
    for process in processes:
        out, err = process.communicate(timeout=60)
        assert (process.returncode, err) == (0, "")
        assert out.startswith("40 repositories: ")
    assert texts(world) == {f"acme/app-{number:03}/": f"FROM x:{number}\n" for number in range(40)}
    assert world.server.asked("^codeload") == 0
    assert list((world.cache / "github-1" / "partial").iterdir()) == []


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
def test_a_process_that_ends_in_the_middle_leaves_a_usable_cache(world: World, number: signal.Signals) -> None:
    world.server.add(*fleet(60))
    world.server.latency = 0.05
    process = start(world, "github:acme")
    wait_until_some_are_stored(world, 10)
    stopped = time.monotonic()
    process.send_signal(number)
    _, err = process.communicate(timeout=30)
    assert time.monotonic() - stopped < 3
    assert process.returncode == (130 if number == signal.SIGINT else -number)
    assert "Traceback" not in err
    done = Cache(world.cache).usage().repositories
    assert 10 <= done < 60
    world.server.latency = 0
    assert texts(world) == {f"acme/app-{count:03}/": f"FROM x:{count}\n" for count in range(60)}
    assert world.server.asked("^codeload") <= 60 - done


def test_what_is_complete_can_be_used_offline_after_a_kill(world: World) -> None:
    world.server.add(*fleet(40))
    world.server.latency = 0.05
    process = start(world, "github:acme")
    wait_until_some_are_stored(world, 5)
    process.kill()
    process.communicate(timeout=30)
    run = world.run("github:acme", offline=True)
    assert len(run.snapshots) >= 5
    assert len(run.snapshots) + len(run.errors) == 40
    for label, snapshot in run.snapshots.items():
        assert snapshot.text("Dockerfile") == f"FROM x:{int(label[9:12])}\n"


def test_closing_the_iterator_ends_the_downloads(world: World) -> None:
    from ctlint.lineage.remote.address import ApiServer
    from ctlint.lineage.remote.github import GitHub, GitHubOptions

    world.server.add(*fleet(60))
    world.server.latency = 0.05
    found = GitHub(ApiServer.from_environment(world.server.environment), Cache(world.cache)).open(
        ["github:acme"], GitHubOptions(jobs=2)
    )
    next(iter(found))
    found.close()  # type: ignore[attr-defined]
    asked = world.server.asked("^codeload")
    time.sleep(0.3)
    assert world.server.asked("^codeload") == asked < 20


def test_a_second_run_is_at_least_twenty_times_faster(world: World) -> None:
    """With archives that take a quarter of a second each, which is quick for GitHub, and eight at once."""
    files = {f"root/etc/f{number}": b"echo %d\n" % number * 40 for number in range(40)}
    world.server.add(*(Repo("acme", f"app-{number}", {"Dockerfile": b"FROM x", **files}) for number in range(85)))
    world.server.latency = 0.25

    def seconds() -> float:
        started = time.perf_counter()
        assert len(world.run("github:acme").snapshots) == 85
        return time.perf_counter() - started

    first = seconds()
    second = min(seconds() for _ in range(5))
    assert first / second >= 20, (first, second)
