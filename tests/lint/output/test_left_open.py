"""What would decide a check that was not decided: told by the cause of the doubt, and not by its words."""

import pytest

from ctlint.lineage.repository.dockerfiles import dockerfiles
from ctlint.lineage.repository.snapshot import Snapshot
from ctlint.lineage.text.errors import InputError
from ctlint.lineage.workspace.workspace import Workspace
from ctlint.lint.judging.engine import run_rules
from ctlint.lint.output.report import Report, Skipped
from ctlint.lint.output.undecided import left_open
from ctlint.rules.discover import all_rules

LOCK, FILE, IMAGE, CLONE = "`ctlint lock`", "Have the file there", "The built image tells", "Its clone makes it known"


UNREADABLE = InputError("cannot be read: Permission denied")


@pytest.mark.parametrize(
    ("files", "unknown", "cure"),
    [
        ({"Dockerfile": "FROM acme/nowhere:1\nCOPY start.sh /\nCMD /start.sh\n", "start.sh": "sleep 9\n"}, {}, LOCK),
        (
            {"Dockerfile": 'FROM debian:12\nCOPY start.sh /\nCMD ["/start.sh"]\n', "start.sh": UNREADABLE},
            {},
            FILE,
        ),
        (
            {"Dockerfile": "FROM debian:12\nCOPY folder/start.sh /\n"},
            {"folder": "folder is left out of this sparse checkout"},
            FILE,
        ),
        ({"compose.yaml": "services: {a: {image: acme/nowhere:1, read_only: true}}\n"}, {}, CLONE),
        ({"Dockerfile": 'FROM debian:12\nRUN useradd "$(cat /name)"\nUSER app\nCMD ["/x"]\n'}, {}, IMAGE),
    ],
)
def test_the_cause_of_a_doubt_says_what_would_decide_it(
    files: dict[str, str | InputError], unknown: dict[str, str], cure: str
) -> None:
    texts = {path: "" if isinstance(text, InputError) else text for path, text in files.items()}
    failing = {path: error for path, error in files.items() if isinstance(error, InputError)}
    snapshot = Snapshot.from_mapping("acme", texts, unknown=unknown).overlaid(failing)
    run = run_rules(Workspace([(snapshot, dockerfiles(snapshot))]), all_rules(), keep=False)
    report = Report((), (), tuple(sorted(run.skipped)))
    assert any(one.cure.startswith(cure) for one in left_open(report))


def test_a_reason_may_speak_of_files_and_parents_without_being_about_them() -> None:
    reason = "line 3 writes below the parent folder to a place that cannot be read off it"
    assert left_open(Report((), (), (Skipped("CT403", "acme/y", reason),)))[0].cure.startswith(IMAGE)
