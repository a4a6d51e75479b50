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


@pytest.fixture
def fleet(tmp_path: Path) -> Path:
    folder = tmp_path / "fleet"
    shutil.copytree(FIXTURES / "fleet", folder)
    for code in BAD:
        shutil.copytree(FIXTURES / code / "bad", folder / f"{code}-bad")
    return folder


@pytest.fixture
def lint(fleet: Path, monkeypatch: pytest.MonkeyPatch) -> Lint:
    """Lint the fleet, and give the report as data."""
    monkeypatch.chdir(fleet)

    def run(*arguments: str) -> dict[str, Any]:
        output = fleet.parent / "report.json"
        assert main(["lint", *arguments, "--format", "json", "-o", str(output)]) in (0, 1)
        return dict(json.loads(output.read_text("utf-8")))

    return run


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_no_old_finding_returns_and_a_new_one_shows(fleet: Path, lint: Lint, seed: int) -> None:
    known = fleet.parent / "known.json"
    assert main(["lint", "--write-baseline", str(known)]) == 0
    before = lint("--baseline", str(known))
    assert before["findings"] == []
    accepted = before["summary"]["suppressed"]
    assert accepted > 40
    chance = random.Random(seed)
    done: list[str] = []
    for number in range(EDITS):
        done.append(str(edit_one(fleet, chance)))
        if number % 10 == 9:
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


def test_a_second_defect_of_the_same_kind_shows_beside_the_accepted_one(fleet: Path, lint: Lint) -> None:
    known = fleet.parent / "known.json"
    assert main(["lint", "--write-baseline", str(known)]) == 0
    accepted = {finding["fingerprint"] for finding in lint()["findings"]}
    dockerfile = fleet / "cloudtop-octave" / "Docker.octave"
    lines = dockerfile.read_text("utf-8").splitlines(keepends=True)
    (entrypoint,) = (line for line in lines if line.startswith("ENTRYPOINT"))
    dockerfile.write_text("".join([*lines, entrypoint.replace("ENTRYPOINT", "CMD")]), "utf-8")
    (new,) = lint("--baseline", str(known))["findings"]
    assert new["rule"] == "CT603"
    assert new["fingerprint"] not in accepted


def test_a_baseline_holds_from_whatever_folder_ctlint_is_run(
    fleet: Path, lint: Lint, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["lint", "--write-baseline", str(fleet.parent / "known.json")]) == 0
    for folder, target in ((fleet.parent, fleet.name), (fleet / "cloudtop" / "root", "../.."), (Path("/"), str(fleet))):
        monkeypatch.chdir(folder)
        report = lint(target, "--baseline", str(fleet.parent / "known.json"))
        assert report["findings"] == []
        assert report["summary"]["suppressed"] > len(BAD)
