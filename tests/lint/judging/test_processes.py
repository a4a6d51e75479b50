"""Families of images, judged by one process or several: the same bytes, whoever judges them."""

import gc
import io
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import chdir, redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

from ctlint.lineage.image.image import EffectiveImage
from ctlint.lineage.repository.snapshot import Snapshot
from ctlint.lineage.workspace.workspace import ImageSource, Workspace
from ctlint.lint.cli import main
from ctlint.lint.judging import families
from ctlint.lint.judging.engine import run_rules
from ctlint.lint.judging.families import Family, Judging, Verdict, families_of, processes_for
from ctlint.lint.judging.processes import Order, in_processes, lots_of, mapped
from ctlint.lint.judging.run import Run
from ctlint.lint.opening.open import open_workspace
from ctlint.lint.opening.request import Request
from ctlint.rules.discover import all_rules

FIXTURES = Path(__file__).resolve().parents[3] / "fixtures"
CODES = tuple(rule.code for rule in all_rules())


def linted(folder: Path, *options: str) -> tuple[int, str]:
    out = io.StringIO()
    with chdir(folder), redirect_stdout(out), redirect_stderr(io.StringIO()):
        code = main(["lint", "--offline", "--no-progress", *options])
    return code, out.getvalue()


@pytest.fixture
def organisation(tmp_path: Path) -> Path:
    """The example organisation, a repository that one of them cannot read, and who runs them."""
    folder = tmp_path / "organisation"
    shutil.copytree(FIXTURES / "fleet", folder)
    (folder / "ctlint.toml").write_text("workspace = true\n")
    broken = folder / "broken"
    broken.mkdir()
    (broken / "Dockerfile").write_text("FROM nowhere AS a b c\n")
    (broken / "compose.yaml").write_text(
        "services: {a: {image: 'helxplatform/cloudtop:develop-latest', user: '1000'}}\n"
    )
    return folder


@pytest.mark.parametrize("form", ["json", "text"])
def test_the_report_is_the_same_with_several_processes(organisation: Path, form: str) -> None:
    alone = linted(organisation, "--inherited", "--format", form, "--jobs", "1")
    assert "CT2" in alone[1]
    assert linted(organisation, "--inherited", "--format", form, "--jobs", "3") == alone


def workspace(**repositories: Mapping[str, str]) -> Workspace:
    snapshots = [Snapshot.from_mapping(name, files) for name, files in repositories.items()]
    return Workspace((snapshot, [path for path in snapshot.entries if "Dockerfile" in path]) for snapshot in snapshots)


def test_a_family_is_what_is_built_on_each_other_and_who_runs_it() -> None:
    space = workspace(
        base={"Dockerfile": "FROM debian:12\n", "Makefile": "all:\n\tdocker build -t acme/base:1 .\n"},
        child={"Dockerfile": "FROM acme/base:1\n", "compose.yaml": "services: {a: {image: 'acme/tool:1'}}\n"},
        tool={
            "Dockerfile": "FROM alpine:3\nCOPY --from=acme/part:1 /x /x\n",
            "Makefile": "all:\n\tdocker build -t acme/tool:1 .\n",
        },
        part={"Dockerfile": "FROM scratch\n", "Makefile": "all:\n\tdocker build -t acme/part:1 .\n"},
        alone={"Dockerfile": "FROM debian:12\n"},
    )
    assert families_of(space, of_deployments=True) == (
        Family((0, 1), shared=1),
        Family((3, 2), (0,), shared=1),
        Family((4,)),
    )


def test_what_is_not_kept_is_forgotten_when_a_family_is_judged() -> None:
    space = workspace(
        base={"Dockerfile": "FROM debian:12\n", "Makefile": "all:\n\tdocker build -t acme/base:1 .\n"},
        **{f"child{number}": {"Dockerfile": f"FROM acme/base:1\nRUN echo {number}\n"} for number in range(4)},
        **{f"alone{number}": {"Dockerfile": f"FROM debian:12\nRUN echo {number}\n"} for number in range(4)},
    )
    most = 0

    def progress(_: object) -> None:
        nonlocal most
        most = max(most, space.folded)

    kept = run_rules(space, all_rules()).findings()
    assert space.folded == 9
    space.release()
    assert run_rules(space, all_rules(), progress=progress, keep=False).findings() == kept
    assert (most, space.folded) == (1, 0)


def test_memory_is_bounded_however_many_images_a_family_has(monkeypatch: pytest.MonkeyPatch) -> None:
    """A chain whose last image comes first by name: what was folded longest ago is forgotten, and hardly any is made twice."""
    count = 12
    space = workspace(
        **{
            f"image{number:02}": {
                "Dockerfile": f"FROM {f'acme/i{number + 1}:1' if number < count - 1 else 'debian:12'}\nUSER {number}\nENTRYPOINT x &\n",
                "Makefile": f"all:\n\tdocker build -t acme/i{number}:1 .\n",
            }
            for number in range(count)
        }
    )
    expected = run_rules(space, all_rules()).findings()
    assert expected
    assert space.folded == count
    space.release()
    monkeypatch.setattr(families, "_MOST_FOLDED", 4)
    held: list[int] = []
    made: list[str] = []
    fold = Workspace._fold

    def counted(self: Workspace, source: ImageSource, index: int) -> EffectiveImage:
        made.append(source.name)
        return fold(self, source, index)

    monkeypatch.setattr(Workspace, "_fold", counted)
    for keep in (True, False):
        assert (
            run_rules(space, all_rules(), progress=lambda _: held.append(space.folded), keep=keep).findings()
            == expected
        )
        assert max(held) <= 4
        assert len(made) <= count + 4
        space.release()
        made.clear()


def test_an_image_that_is_made_again_does_not_count_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its files are counted once, however often it is forgotten: the limit is one of a Dockerfile."""
    space = workspace(base={"Dockerfile": "FROM debian:12 AS a\nFROM a\nRUN touch /x\n"})
    source = space.images[0]
    files = sum(len(space.fold(source, index).tree.nodes) for index in (0, 1))
    monkeypatch.setattr("ctlint.lineage.workspace.workspace.STAGE_ENTRIES", files)
    for forget in (
        space.release,
        lambda: space.release((source,)),
        lambda: space.release_oldest(0),
        lambda: space.release_oldest(1),
    ):
        forget()
        assert len(space.effective(source).tree.nodes) > 1
    assert not list(source.snapshot.troubles)


def test_garbage_is_looked_for_while_a_family_is_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(families, "_MOST_NEW", 20_000)
    children = {
        f"d{number}/Dockerfile": f"FROM debian:12\nRUN apt-get update && touch /{number}\n" for number in range(12)
    }
    space = workspace(base=children)
    waste: list[int] = []
    with families.collecting_rarely():
        run_rules(space, all_rules(), progress=lambda _: waste.append(gc.get_count()[0]), keep=False)
    assert len(waste) == 12
    assert max(waste[2:]) < 60_000


def test_lots_hold_every_image_once_and_are_much_alike() -> None:
    some = [Family(tuple(range(100))), *(Family((number,), (number,)) for number in range(100, 150))]
    lots = lots_of(some, 10)
    assert sorted(place for lot in lots for family in lot for place in family.images) == list(range(150))
    assert sorted(place for lot in lots for family in lot for place in family.deployments) == list(range(100, 150))
    assert max(sum(family.size for family in lot) for lot in lots) <= 40
    assert 8 <= len(lots) <= 14


@pytest.mark.parametrize(("shared", "pieces"), [(3, True), (99, False)])
def test_a_family_comes_in_pieces_where_few_images_are_built_on(shared: int, pieces: bool) -> None:
    lots = lots_of([Family(tuple(range(100)), shared=shared)], 10)
    assert (len(lots) > 1) is pieces
    assert [place for lot in lots for family in lot for place in family.images] == list(range(100))


def test_processes_are_begun_where_the_work_pays() -> None:
    assert processes_for(None, 20) == 1
    assert processes_for(None, 10**6) == (len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count())
    assert (processes_for(3, 2), processes_for(3, 10**6), processes_for(1, 10**6)) == (2, 3, 1)


def test_another_process_opens_the_workspace_by_itself(organisation: Path) -> None:
    """What a cluster does: the function gets plain data alone, and has not seen the workspace."""
    with chdir(organisation):
        request = Request(offline=True)
        space = open_workspace(request).workspace
        order = Order(str(organisation), request, CODES)
        every = families_of(space, of_deployments=True)
        here = [Judging(space, Run(tuple(all_rules()), space).begun).verdict(family) for family in every]
        there = list(mapped(order, map, 3)(every))
    assert findings(there) == findings(here) != []


def findings(verdicts: Iterable[Verdict]) -> list[str]:
    parts = [part for verdict in verdicts for _, part in (*verdict.images, *verdict.deployments)]
    return sorted(str(finding) for part in parts for finding, _ in part.findings)


def test_what_a_killed_process_has_not_judged_is_judged_here(
    organisation: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, verdict = os.getpid(), Judging.verdict

    def killed(
        judging: Judging, family: Family, progress: Callable[[ImageSource], None] = lambda source: None
    ) -> Verdict:
        if os.getpid() != here:
            os.kill(os.getpid(), signal.SIGKILL)
        return verdict(judging, family, progress)

    monkeypatch.setattr(Judging, "verdict", killed)
    with chdir(organisation):
        request = Request(offline=True)
        space = open_workspace(request).workspace
        order = Order(str(organisation), request, CODES)
        begun = Run(tuple(all_rules()), space).begun
        families = families_of(space, of_deployments=True)
        alone = [Judging(space, begun).verdict(family) for family in families]
        assert findings(in_processes(Judging(space, begun), order, 2)(families)) == findings(alone)


def test_the_processes_end_with_the_one_that_began_them(tmp_path: Path) -> None:
    for number in range(40):
        (tmp_path / f"app{number}").mkdir()
        (tmp_path / f"app{number}" / "Dockerfile").write_text("FROM debian:12\nRUN echo\n" * 40)
    script = (
        "import os, time\n"
        "from ctlint.lint.cli import main\n"
        "from ctlint.lint.judging.families import Judging, Verdict\n"
        "here = os.getpid()\n"
        "Judging.verdict = lambda *_: Verdict() if os.getpid() == here else time.sleep(60)\n"
        "main(['lint', '--offline', '--jobs', '2', '--quiet'])\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", script], cwd=tmp_path)
    begun: set[int] = set()
    until = time.monotonic() + 60
    while len(begun) < 2 and time.monotonic() < until:
        begun = {process for process, above in running() if above == parent.pid}
        time.sleep(0.1)
    parent.kill()
    parent.wait()
    assert len(begun) == 2
    while begun & {process for process, _ in running()} and time.monotonic() < until:
        time.sleep(0.1)
    assert not begun & {process for process, _ in running()}


def running() -> list[tuple[int, int]]:
    """(process, its parent) of those that have not ended."""
    rows = subprocess.run(["ps", "-ax", "-o", "pid=,ppid=,stat="], capture_output=True, text=True, check=True).stdout
    return [(int(row.split()[0]), int(row.split()[1])) for row in rows.splitlines() if "Z" not in row.split()[2]]
