"""For `tools/mutants.py`, within pytest: takes down which tests run which lines, or runs a given list of tests in its order.

`MUTANTS_RECORD=FILE` (with `MUTANTS_ROOMS`, folders joined by `:`) writes the former, a file for each process of the tests;
`MUTANTS_TESTS=FILE` reads the latter, one test a line, and `MUTANTS_KNOWN=FILE` all tests that were taken down.
"""
# pyright: basic

import json
import os
import time
from collections.abc import Generator, Iterable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings


class Recorder:
    """Which lines of the rooms each test runs, and how much of the processor's time it takes."""

    def __init__(self, target: Path, rooms: Iterable[str]) -> None:
        from coverage import Coverage

        self.target = target.with_suffix(f".{os.getpid()}")
        self.seconds: dict[str, float] = {}
        self.failed: set[str] = set()
        self.coverage = Coverage(data_file=self.target, config_file=False, include=[f"{room}/*" for room in rooms])
        self.coverage.set_option("run:relative_files", True)
        self.coverage.start()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, Any, Any]:
        self.coverage.switch_context(item.nodeid)
        before = time.process_time()
        try:
            return (yield)
        finally:
            self.seconds[item.nodeid] = time.process_time() - before
            self.coverage.switch_context("")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if not report.passed:
            self.failed.add(report.nodeid)

    def pytest_sessionfinish(self) -> None:
        self.coverage.stop()
        self.coverage.save()
        passed = {test: seconds for test, seconds in self.seconds.items() if test not in self.failed}
        self.target.with_suffix(self.target.suffix + ".seconds").write_text(json.dumps(passed), "utf-8")


class Chooser:
    """Only the tests of a list, in its order, and before them those that the record does not know: they are new."""

    def __init__(self, chosen: list[str], known: set[str]) -> None:
        self.place = {test: place for place, test in enumerate(chosen)}
        self.known = known

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        left = [item for item in items if item.nodeid in self.place or item.nodeid not in self.known]
        items[:] = sorted(left, key=lambda item: self.place.get(item.nodeid, -1))


def pytest_configure(config: pytest.Config) -> None:
    shared_out = getattr(config.option, "numprocesses", None) and not hasattr(config, "workerinput")
    if (target := os.environ.get("MUTANTS_RECORD")) and not shared_out:
        config.pluginmanager.register(Recorder(Path(target), os.environ["MUTANTS_ROOMS"].split(":")))
    if chosen := os.environ.get("MUTANTS_TESTS"):
        settings.register_profile("mutants", deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
        settings.load_profile("mutants")  # a busy machine is no defect
        known = Path(os.environ["MUTANTS_KNOWN"]).read_text("utf-8").splitlines()
        config.pluginmanager.register(Chooser(Path(chosen).read_text("utf-8").splitlines(), set(known)))
