"""A launcher that misses the Desktop by a letter, and what an absent file says about it."""

import pytest

from ctlint.lineage.repository.dockerfiles import dockerfiles
from ctlint.lineage.repository.snapshot import FileSpec, Snapshot
from ctlint.lineage.workspace.workspace import Workspace
from ctlint.lint.judging.engine import run_rules
from ctlint.rules.base import Finding
from ctlint.rules.discover import all_rules

ENTRY = "[Desktop Entry]\nType=Application\nName=Disks\nExec=/usr/bin/disks\n"
BRINGS = 'cp /stage/launchers/*.desktop "/home/$USER_NAME/Desktop/"'


def found(code: str, line: str, *more: str, folder: str = "/stage/launchers") -> list[Finding]:
    """What one rule says of an image with a launcher in a folder, whose start script has the line."""
    script = (
        f'#!/usr/bin/with-contenv bash\nuseradd -m "$USER_NAME"\n{line}\nchown -R "$USER_NAME" "/home/$USER_NAME"\n'
    )
    dockerfile = (
        "FROM helxplatform/cloudtop:latest\nCOPY --chmod=755 50-launchers /etc/cont-init.d/\n"
        f"COPY --chmod=755 disks.desktop {folder}/disks.desktop\n" + "".join(f"{row}\n" for row in more)
    )
    files = {"Dockerfile": dockerfile, "disks.desktop": ENTRY, "50-launchers": FileSpec(script.encode(), 0o755)}
    snapshot = Snapshot.from_mapping("acme", files)
    run = run_rules(Workspace([(snapshot, dockerfiles(snapshot))]), all_rules(), keep=False)
    return [finding for finding in run.findings() if finding.rule == code]


@pytest.mark.parametrize(
    ("folder", "tells"),
    [
        ("Desktp", True),
        ("Destkop", True),
        (".config/autostrat", True),
        ("Desktop", False),
        ("Desktop/Science", False),
        ("desktop", False),
        ("Documents", False),
        (".config/autostart", False),
    ],
)
@pytest.mark.parametrize("home", ["/home/$USER_NAME", "/home/${USER_NAME}"])
def test_a_launcher_that_a_start_script_brings_nearly_to_the_desktop(home: str, folder: str, tells: bool) -> None:
    told = found("CT402", f'cp /stage/launchers/disks.desktop "{home}/{folder}/"')
    assert [finding.place.path.rpartition("/")[2] for finding in told] == (["50-launchers"] if tells else [])
    assert all("is nearly" in finding.message for finding in told)


def test_a_folder_that_is_nearly_the_one_that_start_scripts_bring_is_named_at_its_copy() -> None:
    (finding,) = found("CT402", BRINGS, "COPY --chmod=755 disks.desktop /stage/lanchers/mine.desktop")
    assert (finding.place.path, finding.place.line) == ("acme/Dockerfile", 4)
    assert "Did you mean /stage/launchers?" in finding.help


def test_a_launcher_of_another_folder_stays_the_place_of_the_finding() -> None:
    (finding,) = found("CT402", BRINGS, "COPY --chmod=755 disks.desktop /stage/other/mine.desktop")
    assert finding.place.path == "acme/disks.desktop"
    assert "Did you mean" not in finding.help


@pytest.mark.parametrize(
    ("line", "folder", "meant"),
    [
        (BRINGS, "/stage/lanchers", "/stage/lanchers/disks.desktop"),
        (
            'cp /stage/launchers/diks.desktop "/home/$USER_NAME/Desktop/"',
            "/stage/launchers",
            "/stage/launchers/disks.desktop",
        ),
        (BRINGS, "/stage/files", ""),
    ],
)
def test_a_launcher_asked_for_by_nearly_its_name_is_named(line: str, folder: str, meant: str) -> None:
    (finding,) = found("CT403", line, folder=folder)
    assert (f"Did you mean {meant}?" in finding.help) is bool(meant)


@pytest.mark.parametrize(
    ("absent", "tells"), [("icons/disks.png", True), ("icons/disks.svg", True), ("scripts", False)]
)
def test_an_absent_picture_brings_no_launchers(absent: str, tells: bool) -> None:
    assert bool(found("CT402", "true", f"COPY {absent} /stage/{absent}")) is tells
    assert bool(found("CT403", BRINGS, f"COPY {absent} /stage/{absent}", folder="/stage/files")) is tells
