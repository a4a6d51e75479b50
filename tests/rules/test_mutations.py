"""Seeded defects: each is found by exactly the rule that owns it, at its line, once, and the intact organisations are clean."""

from collections import Counter

import pytest

from ctlint.rules.discover import all_rules
from expectations import ORGANISATIONS
from linting import found_in
from mutations import MUTATIONS
from seeding import (
    NAMES,
    Batch,
    Create,
    Delete,
    Edit,
    Rename,
    Replace,
    batches,
    files_of_organisation,
    linted,
    wrong_of,
)

TOGETHER = 6
"""How many defects are seeded at once at most."""
BATCHES = batches(MUTATIONS, TOGETHER)


@pytest.mark.parametrize("organisation", NAMES)
def test_the_intact_organisation_is_clean_whether_from_disk_or_from_memory(organisation: str) -> None:
    report = linted(organisation)
    assert report.findings == ()
    assert {image.known for image in report.images} == {"full"}
    assert found_in(next(path for path in ORGANISATIONS if path.name == organisation)) == []


@pytest.mark.parametrize("batch", BATCHES, ids=["+".join(mutation.rule for mutation in batch) for batch in BATCHES])
def test_a_seeded_defect_is_found_once_by_the_rule_that_owns_it_and_nothing_else_is(batch: Batch) -> None:
    """Of some that have no file in common, all at once; where one is the consequence of another, each by itself."""
    assert list(wrong_of(batch)) == []


def test_every_rule_has_at_least_two_seeded_defects_of_different_make() -> None:
    made = Counter(mutation.rule for mutation in MUTATIONS)
    assert {rule.code for rule in all_rules() if made[rule.code] < 2} == set()
    edits = Counter((mutation.rule, mutation.edits) for mutation in MUTATIONS)
    assert [edit for edit, times in edits.items() if times > 1] == []


_STATION_RC = "station/root/etc/s6-overlay/s6-rc.d"
_STATION_INIT = "station/root/etc/cont-init.d"
_IMAGING = "cloudtop-imaging/root"


@pytest.mark.parametrize(
    ("organisation", "edits", "expected"),
    [
        (
            "webtop",
            (
                Create(f"{_STATION_RC}/init-cache/dependencies.d/nothing"),
                Rename(f"{_STATION_INIT}/30-launchers", f"{_STATION_INIT}/15-launchers"),
            ),
            ["CT107", "CT404"],
        ),
        (
            "webtop",
            (
                Delete(f"{_STATION_RC}/desktop-log/consumer-for"),
                Replace(f"{_STATION_RC}/desktop-log/notification-fd", "3", "three"),
            ),
            ["CT107", "CT107"],
        ),
        (
            "cloudtop",
            (
                Replace(f"{_IMAGING}/etc/cont-init.d/50-imaging.sh", "for name in imagej napari", "for name in imagej"),
                Create(
                    f"{_IMAGING}/opt/start/60-tidy.sh",
                    "#!/usr/bin/with-contenv sh\nrm -f /headless/Desktop/old.desktop\nchown -R $USER_NAME /home/$USER_NAME\n",
                    0o755,
                ),
            ),
            ["CT201", "CT402"],
        ),
        (
            "cloudtop",
            (
                Replace(
                    f"{_IMAGING}/etc/cont-init.d/50-imaging.sh",
                    "for name in imagej napari",
                    "for name in imagej mirador",
                ),
                Replace(
                    "cloudtop-imaging/Dockerfile",
                    "launchers/*.desktop",
                    "launchers/imagej.desktop launchers/napari.desktop",
                ),
            ),
            ["CT402", "CT403"],
        ),
    ],
    ids=[
        "order-beside-refused-database",
        "two-in-a-pipeline",
        "idle-script-names-another-launcher",
        "another-launcher-missing",
    ],
)
def test_two_defects_of_which_neither_is_a_consequence_are_both_told(
    organisation: str, edits: tuple[Edit, ...], expected: list[str]
) -> None:
    files = dict(files_of_organisation(organisation))
    for edit in edits:
        edit.apply(files)
    assert sorted(finding.rule for finding in linted(organisation, files).findings) == expected


@pytest.mark.parametrize(
    "up",
    [
        "bash /usr/local/bin/prepare-notebooks",
        "sh -e /usr/local/bin/prepare-notebooks",
        "if { bash -e /usr/local/bin/prepare-notebooks } s6-rmrf /run/notebooks",
    ],
)
def test_a_file_that_up_gives_to_a_shell_needs_neither_mode_nor_first_line(up: str) -> None:
    files = dict(files_of_organisation("webtop"))
    service = "webtop-notebook/root/etc/s6-overlay/s6-rc.d/init-notebooks"
    files[f"{service}/up"] = (f"{up}\n".encode(), 0o644)
    files["webtop-notebook/root/usr/local/bin/prepare-notebooks"] = (b"mkdir -p /srv/notebooks\n", 0o644)
    assert linted("webtop", files).findings == ()


@pytest.mark.parametrize("up", ['with-contenv sh -c "prepare-notebooks && true"', 'sh -c "prepare-notebooks && true"'])
def test_a_script_that_fetches_its_own_environment_has_it_whoever_runs_it(up: str) -> None:
    files = dict(files_of_organisation("webtop"))
    service = "webtop-notebook/root/etc/s6-overlay/s6-rc.d/init-notebooks"
    up = up.replace("prepare-notebooks", "/usr/local/bin/prepare-notebooks")
    files[f"{service}/up"] = (f"{up}\n".encode(), 0o644)
    assert linted("webtop", files).findings == ()
