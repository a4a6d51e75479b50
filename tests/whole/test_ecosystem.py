"""The run over pinned repositories: what it reads, what it says of differences, what it puts on record."""

import importlib.util
import json
import subprocess
from pathlib import Path
from types import ModuleType

import pytest

TOOL = Path(__file__).parents[2] / "tools" / "ecosystem.py"
DESK = {
    "Dockerfile": "FROM debian:12.8-slim\nUSER desk\n",
    "logo.svg": "<svg/>\n",
}


@pytest.fixture(scope="module")
def tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location("ecosystem_tool", TOOL)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def git(folder: Path, *words: str) -> str:
    identity = ("-c", "user.name=A", "-c", "user.email=a@example.net", "-c", "commit.gpgsign=false")
    command = ["git", "-C", str(folder), *identity, *words]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def repository(folder: Path, files: dict[str, str]) -> str:
    """A repository with one commit of these files; the commit's id."""
    folder.mkdir(parents=True)
    git(folder, "init", "--quiet", "--initial-branch=main")
    return commit(folder, files)


def commit(folder: Path, files: dict[str, str]) -> str:
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, "utf-8")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message=A change")
    return git(folder, "rev-parse", "HEAD")


class Maintainer:
    """Runs the tool on invented repositories."""

    def __init__(self, tool: ModuleType, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.tool = tool
        self.clones = folder / "clones"
        self.clones.mkdir()
        self.pins = folder / "pins.json"
        self.record = folder / "record.json"
        self.capsys = capsys

    def pin(self, **families: list[str]) -> None:
        self.pins.write_text(json.dumps(families), "utf-8")

    def run(self, *words: str) -> tuple[int, str, str]:
        arguments = [*words, "--pins", str(self.pins), "--record", str(self.record), str(self.clones)]
        code: int = self.tool.main(arguments)
        out, err = self.capsys.readouterr()
        return code, out, err

    def recorded(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = json.loads(self.record.read_text("utf-8"))
        return found


@pytest.fixture
def maintainer(tool: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Maintainer:
    return Maintainer(tool, tmp_path, capsys)


def test_what_is_on_record_makes_no_difference(maintainer: Maintainer) -> None:
    desk = f"acme/desk@{repository(maintainer.clones / 'acme+desk', DESK)}"
    maintainer.pin(acme=[desk])
    assert maintainer.run("--update")[0] == 0
    assert maintainer.recorded() == {desk: ["CT301 Dockerfile:2"]}
    code, out, err = maintainer.run()
    assert (code, err) == (0, "")
    assert out == "1 findings in 1 repositories, 0 missing.\n"


def test_findings_that_come_and_go_are_shown_by_repository_and_rule(maintainer: Maintainer) -> None:
    desk = f"acme/desk@{repository(maintainer.clones / 'desk', DESK)}"
    maintainer.pin(acme=[desk])
    maintainer.record.write_text(json.dumps({desk: ["CT602 Dockerfile:3"]}), "utf-8")
    code, out, _ = maintainer.run()
    assert code == 1
    assert out.splitlines() == [
        desk,
        "    + CT301 Dockerfile:2",
        "    - CT602 Dockerfile:3",
        "CT301: 0 before, 1 now",
        "CT602: 1 before, 0 now",
        "1 findings in 1 repositories, 0 missing.",
    ]
    assert maintainer.recorded() == {desk: ["CT602 Dockerfile:3"]}, "only --update writes"


def test_the_pinned_commit_is_read_whatever_is_checked_out(maintainer: Maintainer) -> None:
    folder = maintainer.clones / "acme" / "desk"
    first = repository(folder, DESK)
    commit(folder, {"Dockerfile": "FROM debian:12.8-slim\n"})
    git(folder, "clone", "--quiet", "--bare", ".", str(maintainer.clones / "acme+bare"))
    maintainer.pin(acme=[f"acme/desk@{first}", f"acme/bare@{first}"])
    assert maintainer.run("--update")[0] == 0
    found = ["CT301 Dockerfile:2"]
    assert maintainer.recorded() == {f"acme/bare@{first}": found, f"acme/desk@{first}": found}


def test_a_file_whose_content_the_clone_lacks_is_there_all_the_same(maintainer: Maintainer) -> None:
    folder = maintainer.clones / "desk"
    files = {**DESK, "Dockerfile": "FROM debian:12.8-slim\nCOPY logo.svg absent.svg /srv/\n"}
    desk = f"acme/desk@{repository(folder, files)}"
    digest = git(folder, "rev-parse", "HEAD:logo.svg")
    (folder / ".git" / "objects" / digest[:2] / digest[2:]).unlink()
    maintainer.pin(acme=[desk])
    assert maintainer.run("--update")[0] == 0
    assert maintainer.recorded() == {desk: ["CT511 Dockerfile:2"]}


def test_a_submodule_is_a_folder_whose_files_are_not_known(maintainer: Maintainer) -> None:
    files = {**DESK, "Dockerfile": "FROM debian:12.8-slim\nCOPY engine/ absent/ /srv/\n"}
    folder = maintainer.clones / "desk"
    head = repository(folder, files)
    git(folder, "update-index", "--add", "--cacheinfo", f"160000,{head},engine")
    git(folder, "commit", "--quiet", "--message=A submodule")
    desk = f"acme/desk@{git(folder, 'rev-parse', 'HEAD')}"
    maintainer.pin(acme=[desk])
    assert maintainer.run("--update")[0] == 0
    assert maintainer.recorded() == {desk: ["CT511 Dockerfile:2"]}
    commit(folder, {"Dockerfile": "FROM debian:12.8-slim\nCOPY engine/ /srv/\n"})
    git(folder, "update-index", "--add", "--cacheinfo", f"160000,{head},engine")
    git(folder, "commit", "--quiet", "--allow-empty", "--message=It stays")
    desk = f"acme/desk@{git(folder, 'rev-parse', 'HEAD')}"
    maintainer.pin(acme=[desk])
    assert maintainer.run("--update")[0] == 0
    assert maintainer.recorded() == {desk: []}


def test_a_family_is_one_workspace(maintainer: Maintainer) -> None:
    station = {
        "README.md": "docker build -t acme/desk:1.0 .\n",
        "Dockerfile": "FROM debian:12.8-slim\nRUN useradd desk\n",
    }
    viewer = {"Dockerfile": "FROM acme/desk:1.0\nUSER dask\n"}
    parent = f"acme/desk@{repository(maintainer.clones / 'desk', station)}"
    child = f"acme/app@{repository(maintainer.clones / 'app', viewer)}"
    maintainer.pin(acme=[parent, child])
    assert maintainer.run("--update")[0] == 0
    assert maintainer.recorded() == {parent: [], child: ["CT301 Dockerfile:2"]}


def test_what_is_missing_is_named_and_stays_on_record(maintainer: Maintainer) -> None:
    desk = f"acme/desk@{repository(maintainer.clones / 'desk', DESK)}"
    nowhere, no_commit = f"acme/nowhere@{'1' * 40}", f"acme/desk@{'2' * 40}"
    maintainer.pin(acme=[desk, nowhere], other=[no_commit])
    maintainer.record.write_text(json.dumps({nowhere: ["CT102 root/etc/cont-init.d/50-app:1"]}), "utf-8")
    code, _, err = maintainer.run("--update")
    assert code == 1
    assert f"missing: {nowhere}: there is no clone of acme/nowhere" in err
    assert f"does not hold the commit {'2' * 40}" in err
    assert maintainer.recorded() == {desk: ["CT301 Dockerfile:2"], nowhere: ["CT102 root/etc/cont-init.d/50-app:1"]}
    code, out, err = maintainer.run()
    assert (code, "missing" in err) == (1, True)
    assert out.endswith("1 findings in 1 repositories, 2 missing.\n")


def test_a_new_pin_says_of_which_commit_the_record_is(maintainer: Maintainer) -> None:
    folder = maintainer.clones / "desk"
    first = repository(folder, DESK)
    maintainer.pin(acme=[f"acme/desk@{first}"])
    maintainer.run("--update")
    second = commit(folder, {"Dockerfile": "FROM debian:12.8-slim\n"})
    maintainer.pin(acme=[f"acme/desk@{second}"])
    code, out, _ = maintainer.run()
    assert code == 1
    assert f"    the record is of {first}" in out
    assert "    - CT301 Dockerfile:2" in out
    maintainer.run("--update")
    assert maintainer.recorded() == {f"acme/desk@{second}": []}


def test_a_folder_that_is_not_there_is_wrong_use(maintainer: Maintainer) -> None:
    maintainer.pin(acme=[])
    with pytest.raises(SystemExit) as ended:
        maintainer.tool.main([str(maintainer.clones / "none")])
    assert ended.value.code == 2


def test_what_is_committed_is_pinned_and_holds_no_foreign_text() -> None:
    pins = json.loads((TOOL.parent / "ecosystem.json").read_text("utf-8"))
    record = json.loads((TOOL.parent / "ecosystem-findings.json").read_text("utf-8"))
    pinned = [written for family in pins.values() for written in family]
    assert sorted(pinned) == sorted(record)
    assert len(pinned) == len(set(pinned))
    for written, rows in record.items():
        assert len(written.partition("@")[2]) == 40
        for row in rows:
            rule, _, place = row.partition(" ")
            assert rule.startswith("CT")
            assert place.rpartition(":")[2].isdigit()
