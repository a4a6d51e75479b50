"""What is padded past a limit is refused: a defect cannot be hidden behind what is not read any more.

Each limit is made small in the place of making files large. A run over a fixture whose defect is found otherwise then ends with
3, and names the file.
"""

import json
import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from zlib import crc32

import pytest

from ctlint.lineage.boot import script_reader
from ctlint.lineage.boot.readings import Readings
from ctlint.lineage.repository.snapshot import Snapshot
from ctlint.lineage.text import budget
from ctlint.lint.cli import main
from ctlint.rules.discover import all_rules
from linting import run_on

FIXTURES = Path(__file__).parents[2] / "fixtures"
Patch = Callable[[pytest.MonkeyPatch], None]


def at(name: str, value: int) -> Patch:
    return lambda monkeypatch: monkeypatch.setattr(f"ctlint.lineage.{name}", value)


def few_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    real = budget.Budget.spend

    def spend(self: budget.Budget, steps: int = 1) -> None:
        real(self, 1_000_000 * steps)

    monkeypatch.setattr(budget.Budget, "spend", spend)


def few_commands(monkeypatch: pytest.MonkeyPatch) -> None:
    at("interpreter.interpret.SCRIPT_STEPS", 1)(monkeypatch)
    at("interpreter.interpret.STEPS_A_CHARACTER", 0)(monkeypatch)


def small_files(monkeypatch: pytest.MonkeyPatch) -> None:
    real = Snapshot.leave_out

    def leave_out(self: Snapshot, patterns: tuple[str, ...]) -> Snapshot:
        monkeypatch.setattr(self, "_largest", 10)
        return real(self, patterns)

    monkeypatch.setattr(Snapshot, "leave_out", leave_out)


LIMITS: dict[str, tuple[Patch, tuple[tuple[str, str], ...]]] = {
    "bytes of a Dockerfile": (
        at("dockerfile.parse.LARGEST_FILE", 20),
        (("ct602/bad", "Dockerfile"), ("ct304/bad", "Dockerfile"), ("ct313/bad", "Dockerfile")),
    ),
    "lines of a Dockerfile": (
        at("dockerfile.logical_lines.MOST_LINES", 1),
        (("ct602/bad", "Dockerfile"), ("ct511/bad", "Dockerfile")),
    ),
    "instructions of a Dockerfile": (
        at("dockerfile.logical_lines.MOST_INSTRUCTIONS", 1),
        (("ct602/bad", "Dockerfile"), ("ct511/bad", "Dockerfile")),
    ),
    "bytes of a build file": (
        at("builds.build_files.LARGEST_BUILD_FILE", 10),
        (("ct703/bad", "compose.yaml"), ("ct702/bad-pod", "Makefile"), ("ct510/bad-document", "README.md")),
    ),
    "bytes of YAML": (
        at("builds.yaml_nodes.LARGEST", 10),
        (("ct703/bad", "compose.yaml"), ("ct712/bad", "compose.yaml")),
    ),
    "depth of YAML": (at("builds.yaml_nodes.DEEPEST", 1), (("ct706/bad", "compose.yaml"),)),
    "steps of a file": (few_steps, (("ct703/bad", "compose.yaml"), ("ct712/bad", "compose.yaml"))),
    "steps of a script": (
        few_commands,
        (("ct202/bad", "30-shared.sh"), ("ct205/bad", "")),
    ),
    "files of all stages": (
        at("workspace.workspace.STAGE_ENTRIES", 1),
        (("ct602/bad", "Dockerfile"), ("ct301/bad", "Dockerfile")),
    ),
    "bytes of what starts": (
        small_files,
        (("ct202/bad", "Dockerfile"), ("ct401/bad", "Dockerfile"), ("ct107/bad-cycle", "Dockerfile")),
    ),
}
CASES = [(how, fixture, file) for how, (_, fixtures) in LIMITS.items() for fixture, file in fixtures]


@pytest.fixture(autouse=True)
def readings(monkeypatch: pytest.MonkeyPatch) -> Readings:
    """Those of a test alone: what was read below another limit is none of the next one's."""
    fresh = Readings()
    monkeypatch.setattr(script_reader, "READINGS", fresh)
    return fresh


@pytest.mark.parametrize(("how", "fixture", "file"), CASES)
def test_a_padded_file_is_refused(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    readings: Readings,
    how: str,
    fixture: str,
    file: str,
) -> None:
    shutil.copytree(FIXTURES / fixture, tmp_path / "x", symlinks=True)
    monkeypatch.chdir(tmp_path / "x")
    assert main(["lint", "--no-cache", "--format", "json"]) in (0, 1), "without the limit it is read"
    capsys.readouterr()
    LIMITS[how][0](monkeypatch)
    readings.forget()
    code = main(["lint", "--no-cache", "--format", "json"])
    refused = [found["path"] for found in json.loads(capsys.readouterr().out)["findings"] if found["rule"] == "CT001"]
    assert code == 3
    assert any(path.endswith(file) for path in refused), refused


SHARE = int(os.environ.get("PADDING_SHARE", "30"))
"""One in so many fixtures is held against each limit, chosen by their names: `PADDING_SHARE=1` takes every one."""


def bad_fixtures(how: str) -> list[Path]:
    every = sorted(path for path in FIXTURES.glob("ct[1-9]*/bad*") if path.is_dir())
    assert len(every) > 300
    return [path for path in every if crc32(f"{how} {path.parent.name} {path.name}".encode()) % SHARE == 0]


@pytest.mark.parametrize("how", LIMITS)
def test_no_fixture_is_silent_beyond_a_limit(monkeypatch: pytest.MonkeyPatch, readings: Readings, how: str) -> None:
    """What each of them holds is told, or its file is refused, or it is listed as not decided. Only its rule is asked."""
    rules = {rule.code: rule for rule in all_rules()}
    LIMITS[how][0](monkeypatch)
    silent: list[str] = []
    for fixture in bad_fixtures(how):
        readings.forget()
        rule = rules[fixture.parent.name.upper()]
        run = run_on(fixture, [rule])
        told = {found.rule for found in run.findings()} | {one.rule for one in run.skipped}
        if not run.failed and rule.code not in told:
            silent.append(f"{fixture.parent.name}/{fixture.name}")
    assert not silent


def test_a_large_compose_file_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One of thousands of services is not left out for its size, and a padded one hides nothing."""
    shutil.copytree(FIXTURES / "ct703/bad", tmp_path / "x", symlinks=True)
    monkeypatch.chdir(tmp_path / "x")
    with open("compose.yaml", "a", encoding="utf-8") as file:
        file.write("# padding\n" * 50_000)
    assert main(["lint", "--no-cache", "--format", "json"]) in (0, 1)
    assert "CT703" in {found["rule"] for found in json.loads(capsys.readouterr().out)["findings"]}


@pytest.mark.parametrize("path", ["values.yaml", "Chart.yaml", "templates/deployment.yaml", "templates/_helpers.tpl"])
def test_a_large_file_of_a_chart_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], path: str
) -> None:
    files = {
        "Dockerfile": "FROM debian:12.8-slim\n",
        "Chart.yaml": "name: x\nversion: 1.0.0\n",
        "values.yaml": "image: acme/app:1\n",
        "templates/deployment.yaml": "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - image: {{ .Values.image }}\n",
        "templates/_helpers.tpl": '{{ define "x" }}y{{ end }}\n',
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text + "# padding\n" * (30_000 if name == path else 0))
    monkeypatch.chdir(tmp_path)
    code = main(["lint", "--no-cache", "--format", "json"])
    report = json.loads(capsys.readouterr().out)
    assert code == 3 or path in {one.get("path") for one in report["skipped"]} or path in json.dumps(report["skipped"])


@pytest.mark.parametrize("name", ["run", "up", "a.desktop", "10-x"])
def test_a_large_text_that_is_read_at_start_is_refused(tmp_path: Path, name: str) -> None:
    """A script, a definition or a launcher that was padded; an installer that holds an archive, or a binary, is not."""
    (tmp_path / name).write_bytes((b"#!/bin/sh\n" if name == "10-x" else b"") + b"# padding\n" * 600_000)
    (tmp_path / "installer").write_bytes(b"#!/bin/sh\n" + bytes(range(256)) * 24_000)
    (tmp_path / "data").write_bytes(b"a" * 6_000_000)
    from ctlint.lineage.repository.disk import read_folder

    snapshot = read_folder(tmp_path, "")
    for path in (name, "installer", "data"):
        snapshot.content(path)
    assert [path for path, _ in snapshot.troubles] == [name]


ROOMS = (
    "boot",
    "builds",
    "commands",
    "consumers",
    "desktop",
    "dockerfile",
    "effects",
    "folding",
    "image",
    "repository",
    "s6",
)
ROOMS += ("interpreter", "shell", "text", "workspace")
"""Those that read what a repository holds. What comes over the network or from an image has limits of its own (`remote`, `oci`)."""
NAMED = re.compile(
    r"^(_?(?:MOST|LARGEST|DEEPEST|LONGEST|MAX)(?:_[A-Z_]+)?|_UNROLLED|_STEPS|FILE_STEPS|SCRIPT_STEPS|IMAGE_STEPS|TREE_CHANGES|TREE_COPIES|STAGE_ENTRIES) = ",
    re.M,
)
REFUSES = {
    "builds.bake.DEEPEST", "builds.bake.MOST", "builds.script_builds.MOST_INCLUDES", "builds.ci_builds.MOST_JOBS",
    "builds.hcl.DEEPEST", "builds.yaml_nodes.LARGEST", "builds.yaml_nodes.DEEPEST", "interpreter.runner._STEPS",
    "consumers.compose.DEEPEST", "consumers.helm_values.MOST_NODES", "consumers.kustomize.DEEPEST",
    "consumers.app_registry._LONGEST_WRITTEN", "dockerfile.exec_form._DEEPEST", "dockerfile.expand_lexer.DEEPEST_NESTING", "dockerfile.expand_lexer.LARGEST_SEARCH",
    "dockerfile.expand_lexer.LONGEST_RESULT", "dockerfile.logical_lines.LARGEST_FILE",
    "dockerfile.logical_lines.LONGEST_LINE", "dockerfile.logical_lines.MOST_INSTRUCTIONS",
    "dockerfile.logical_lines.MOST_LINES", "repository.plain_file.LARGEST_LIST", "repository.plain_file.LARGEST_SETTINGS",
    "repository.git_run._MOST_FOLDERS", "repository.snapshot.LARGEST", "shell.parse._DEEPEST",
    "text.budget.FILE_STEPS", "text.budget.IMAGE_STEPS", "text.budget.LARGEST_BUILD_FILE",
    "text.budget.LONGEST_VALUE", "text.budget.SCRIPT_STEPS", "text.budget.STAGE_ENTRIES", "text.budget.TREE_CHANGES",
    "text.budget.TREE_COPIES",
}  # fmt: skip
"""Beyond them a file is not read: it is CT001. They are padded above, in test_hostile_limits, or where their room is tested."""
DOUBTS = {
    "boot.losses._DEEPEST", "boot.plan._MOST_SOURCES", "builds.build_commands._MOST_TRIES", "builds.build_products._LARGEST",
    "builds.build_products._MOST_FILES", "builds.placeholders._DEEPEST", "builds.prepared_files._LARGEST",
    "builds.prepared_files._MOST_FILES", "builds.prepared_files.MOST_WORDS", "commands.find_listing.MOST_FOUND",
    "interpreter.interpret._UNROLLED", "interpreter.xargs._MOST_ROWS", "commands.patterns._MOST_WORK",
    "interpreter.runner.DEEPEST", "commands.state._LONGEST", "commands.state._MOST_ARGUMENTS", "commands.state._MOST_PIECES",
    "consumers.app_registry._LARGEST", "consumers.documents._LARGEST", "consumers.reading._LONGEST_HOLE",
    "consumers.helm._DEEPEST", "consumers.helm._LARGEST", "consumers.helm._MOST_TURNS", "consumers.seccomp._LARGEST",
    "folding.archive_members._LARGEST_KEPT", "folding.archive_members._MOST_BYTES", "folding.archive_members._MOST_MEMBERS",
    "folding.files_during_run._MOST_BELOW", "image.script_files.LONGEST", "image.tree._MAX_LINKS", "repository.snapshot._MOST_LINKS",
    "shell.syntax._DEEPEST", "shell.tokens._MOST_TRIES", "shell.word_parts._MOST_WORDS",
    "text.budget.LARGEST_MANIFEST", "text.numbers._MOST_DIGITS", "text.wildcards._LONGEST",
    "workspace.workspace._MOST_CANDIDATES",
}  # fmt: skip
"""Beyond them an answer is not known: what a rule would say is said, or is listed as not decided, or the file is CT001."""
OTHERS = {
    "boot.losses._MOST_NAMED", "boot.readings.MOST_COMMANDS", "boot.readings._MOST_VARIANTS", "builds.ci_builds._DEEPEST_SCRIPT",
    "builds.hcl._LONGEST_NAME", "dockerfile.heredoc._LARGEST_DESCRIPTOR", "effects.as_json.LONGEST_CONTENT",
    "image.tree._LONGEST_PATH", "repository.asked.MOST", "repository.change._LARGEST_POINTER", "shell.shebang._LONGEST",
    "s6.rc_resolve._MOST_SOUGHT", "text.growing._MOST_CHANGES", "text.spelling._LONGEST", "text.reference._LONGEST_PATH", "workspace.moments._LONGEST",
    "workspace.parents._MOST_NAMED", "workspace.parents._MOST_TAGS", "workspace.registry_state._MOST_NAMES",
}  # fmt: skip
"""Limits of what others accept (a path, a name, a number), of what is shown, and of what is kept to be quick."""


def test_a_tool_with_a_defect_is_not_hidden_behind_many(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """However many scripts an image brings for others to run, all are read."""
    (tmp_path / "bin").mkdir()
    for number in range(300):
        (tmp_path / "bin" / f"a{number}").write_text("#!/bin/sh\nexit 0\n")
    (tmp_path / "bin" / "z").write_text("#!/bin/sh\nif true; then echo x\n")
    (tmp_path / "Dockerfile").write_text("FROM debian:12.8-slim\nCOPY --chmod=755 bin/ /usr/local/bin/\n")
    monkeypatch.chdir(tmp_path)
    assert main(["lint", "--no-cache", "--format", "json"]) == 1
    assert {(one["rule"], one["path"]) for one in json.loads(capsys.readouterr().out)["findings"]} == {
        ("CT211", "bin/z")
    }


def test_it_is_known_of_every_limit_what_comes_beyond_it() -> None:
    """A limit that is new is put where it belongs, and padded if it hides anything."""
    lineage = Path(budget.__file__).parents[1]
    found = {
        f"{room}.{file.stem}.{name}"
        for room in ROOMS
        for file in sorted((lineage / room).glob("*.py"))
        for name in NAMED.findall(file.read_text("utf-8"))
    }
    assert found == REFUSES | DOUBTS | OTHERS
    padded = {f"text.budget.{name}" for name in ("FILE_STEPS", "SCRIPT_STEPS", "STAGE_ENTRIES", "LARGEST_BUILD_FILE")}
    assert padded < REFUSES


@pytest.mark.parametrize("fixture", ["ct202/bad", "ct205/bad", "ct703/bad"])
@pytest.mark.parametrize("limit", sorted(DOUBTS))
def test_what_is_beyond_a_limit_is_said_or_not_decided(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], limit: str, fixture: str
) -> None:
    shutil.copytree(FIXTURES / fixture, tmp_path / "x", symlinks=True)
    monkeypatch.chdir(tmp_path / "x")
    monkeypatch.setattr(f"ctlint.lineage.{limit}", 1)
    code = main(["lint", "--no-cache", "--format", "json"])
    report = json.loads(capsys.readouterr().out)
    told = {one["rule"] for one in (*report["findings"], *report["skipped"])}
    assert "CT002" not in told
    assert code == 3 or fixture[:5].upper() in told
