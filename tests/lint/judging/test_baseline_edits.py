"""A baseline of a bad fleet outlives thirty edits that change nothing, and hides nothing that is new."""

import json
import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ctlint.lint.cli import main
from edits import edit_one

FIXTURES = Path(__file__).parents[3] / "fixtures"
BAD = (
    "ct104",
    "ct105",
    "ct107",
    "ct111",
    "ct115",
    "ct205",
    "ct301",
    "ct304",
    "ct402",
    "ct408",
    "ct502",
    "ct511",
    "ct603",
)
EDITS = 30
Lint = Callable[..., dict[str, Any]]


def bad_fleet(below: Path) -> Path:
    folder = below / "fleet"
    shutil.copytree(FIXTURES / "fleet", folder)
    for code in BAD:
        shutil.copytree(FIXTURES / code / "bad", folder / f"{code}-bad")
    return folder


@pytest.fixture
def fleet(tmp_path: Path) -> Path:
    return bad_fleet(tmp_path)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The baseline of such a fleet, written once."""
    folder = bad_fleet(tmp_path_factory.mktemp("accepted"))
    baseline = folder.parent / "known.json"
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        assert main(["lint", "--write-baseline", str(baseline)]) == 0
    return baseline


@pytest.fixture
def known(fleet: Path, written: Path) -> Path:
    """The baseline beside this fleet."""
    return Path(shutil.copy(written, fleet.parent / "known.json"))


@pytest.fixture
def lint(fleet: Path, monkeypatch: pytest.MonkeyPatch) -> Lint:
    """Lint the fleet, and give the report as data."""
    monkeypatch.chdir(fleet)

    def run(*arguments: str) -> dict[str, Any]:
        output = fleet.parent / "report.json"
        assert main(["lint", *arguments, "--format", "json", "-o", str(output)]) in (0, 1)
        return dict(json.loads(output.read_text("utf-8")))

    return run


@pytest.fixture(scope="module")
def accepted(written: Path) -> int:
    """How many findings the baseline hides of the fleet that it was written of: all."""
    output = written.parent / "report.json"
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(written.parent / "fleet")
        assert main(["lint", "--baseline", str(written), "--format", "json", "-o", str(output)]) == 0
    before = json.loads(output.read_text("utf-8"))
    assert before["findings"] == []
    hidden = int(before["summary"]["suppressed"])
    assert hidden > 40
    return hidden


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_no_old_finding_returns_and_a_new_one_shows(
    fleet: Path, lint: Lint, known: Path, accepted: int, seed: int
) -> None:
    chance = random.Random(seed)
    done: list[str] = []
    for _ in range(EDITS):
        done.append(str(edit_one(fleet, chance)))
    report = lint("--baseline", str(known))
    assert report["findings"] == [], done
    assert report["summary"]["suppressed"] == accepted, f"{done}: the edits themselves cure nothing"

    defects: list[tuple[str, str, Callable[[str], str]]] = [
        ("cloudtop-ohif/root/etc/cont-init.d/60-firefox.sh", "CT205", lambda text: text.replace("with-contenv ", "")),
        ("cloudtop/Dockerfile", "CT304", lambda text: f"{text}\nENV ANOTHER=$NOBODY_DEFINES_IT\n"),
        ("ct111-bad/Dockerfile", "CT511", lambda text: f"{text}\nCOPY not-there.txt /\n"),
        ("webtop-octave/Dockerfile", "CT603", lambda text: f'{text}\nENTRYPOINT ["/init"]\'\n'),
    ]
    texts = {path: (fleet / path).read_text("utf-8") for path, _, _ in defects}
    for path, _, defect in defects:
        (fleet / path).write_text(defect(texts[path]), "utf-8")
    found = [(finding["rule"], finding["path"]) for finding in lint("--baseline", str(known))["findings"]]
    assert {(code, path) for path, code, _ in defects} <= set(found)
    assert {path for _, path in found} == texts.keys(), "and what was accepted elsewhere stays so"
    for path, text in texts.items():
        (fleet / path).write_text(text, "utf-8")
    assert lint("--baseline", str(known))["findings"] == []


def test_a_second_defect_of_the_same_kind_shows_beside_the_accepted_one(fleet: Path, lint: Lint, known: Path) -> None:
    accepted = {finding["fingerprint"] for finding in lint()["findings"]}
    dockerfile = fleet / "cloudtop-octave" / "Docker.octave"
    lines = dockerfile.read_text("utf-8").splitlines(keepends=True)
    (entrypoint,) = (line for line in lines if line.startswith("ENTRYPOINT"))
    dockerfile.write_text("".join([*lines, entrypoint.replace("ENTRYPOINT", "CMD")]), "utf-8")
    (new,) = lint("--baseline", str(known))["findings"]
    assert new["rule"] == "CT603"
    assert new["fingerprint"] not in accepted


def test_a_baseline_holds_from_whatever_folder_ctlint_is_run(
    fleet: Path, lint: Lint, known: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for folder, target in ((fleet.parent, fleet.name), (fleet / "cloudtop" / "root", "../.."), (Path("/"), str(fleet))):
        monkeypatch.chdir(folder)
        report = lint(target, "--baseline", str(known))
        assert report["findings"] == []
        assert report["summary"]["suppressed"] > len(BAD)
