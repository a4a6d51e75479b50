"""What people met in their first minutes with ctlint: slips, lines that end at the margin, silence where a word was due."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from ctlint.lint.cli import main

Says = Callable[..., tuple[int, str, str]]
IMAGE = {
    "Dockerfile": "FROM helxplatform/cloudtop:develop-latest\nCOPY root/ /\n",
    "root/etc/cont-init.d/60-own.sh": '#!/bin/bash\nchown "$USER_NAME" /srv\n',
}
COMPOSE = "services:\n  desk:\n    build: .\n  other:\n    build: .\n    user: '1000'\n"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("COLUMNS", "GITHUB_ACTIONS", "NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def says(capsys: pytest.CaptureFixture[str]) -> Says:
    def says(*argv: str) -> tuple[int, str, str]:
        code = main(argv)
        out, err = capsys.readouterr()
        return code, out, err

    return says


def write(folder: Path, files: dict[str, str], *, tracked: bool = False) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    if tracked:
        for words in (["init", "-q"], ["add", "-A"]):
            subprocess.run(["git", *words], cwd=folder, check=True)


@pytest.mark.parametrize(
    ("typed", "meant"), [("lnit", "lint"), ("inti", "init"), ("lnt", "lint"), ("rlue", "rule"), ("lokc", "lock")]
)
def test_letters_that_changed_places_are_the_first_guess(typed: str, meant: str, says: Says) -> None:
    assert f"`{typed}` is no command; did you mean {meant}?" in says(typed)[2]
    assert f"`{typed}` is no command; did you mean {meant}?" in says("help", typed)[2]


def test_the_rules_are_listed_whole_and_within_the_terminal(says: Says, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = says("rule")[1]
    monkeypatch.setenv("COLUMNS", "80")
    listed = says("rule")[1]
    assert max(map(len, listed.splitlines())) <= 80
    assert "…" not in listed
    assert listed.split() == whole.split()


def test_a_written_graph_is_told_on_standard_error(says: Says, folder: Path) -> None:
    write(folder, IMAGE)
    assert says("graph", "-o", "lineage.svg") == (0, "", "ctlint: wrote lineage.svg.\n")
    assert says("graph", "-q", "-o", "lineage.svg") == (0, "", "")


def test_what_runs_an_image_is_named_as_a_user_can_call_it(says: Says, folder: Path) -> None:
    write(folder, IMAGE | {"compose.yml": COMPOSE})
    code, _, err = says("inspect", "--as", "dsk")
    assert (code, "desk (compose.yml:3), other (compose.yml:5)" in err) == (2, True)
    assert says("inspect", "--as", "desk")[0] == 0
    assert "desk (compose.yml:3), other (compose.yml:5)" in says("inspect", "--as", "compose.yml")[2]


@pytest.mark.parametrize(("user", "said"), [("", "as root"), ("USER root\n", "as root"), ("USER abc:abc\n", "as abc")])
def test_the_boot_plan_runs_as_the_image_says(user: str, said: str, says: Says, folder: Path) -> None:
    write(folder, IMAGE | {"Dockerfile": IMAGE["Dockerfile"] + user, "compose.yml": COMPOSE})
    steps = [row for row in says("inspect")[1].splitlines() if " cont-init " in row or " services.d " in row]
    assert steps
    assert all(said in row for row in steps)
    assert "cont-init 60-own.sh  as 1000" in says("inspect", "--as", "other")[1]


def test_a_search_path_goes_on_in_the_next_line(says: Says, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(folder, IMAGE)
    whole = says("inspect")[1]
    monkeypatch.setenv("COLUMNS", "80")
    rows = says("inspect")[1].splitlines()
    at = next(number for number, row in enumerate(rows) if row.lstrip().startswith("PATH="))
    assert len(rows[at]) <= 80
    assert rows[at].endswith(":")
    assert rows[at].strip() + rows[at + 1].strip() in whole


def test_the_summary_stays_within_the_terminal(says: Says, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = [f"acme/base-{number}" for number in range(4)]
    write(folder, {f"{number}/Dockerfile": f"FROM {name}:1.2\n" for number, name in enumerate(names)})
    monkeypatch.setenv("COLUMNS", "80")
    out = says("lint")[1]
    assert max(map(len, out.splitlines())) <= 80
    assert all(name in out for name in names)


def test_a_note_begins_in_the_next_line_where_its_place_fills_one(
    says: Says, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    consumer = "services:\n  desk:\n    build: .\n    image: acme/desk:1\n"
    write(folder, IMAGE | {"compose.yml": consumer})
    monkeypatch.setenv("COLUMNS", "80")
    out = says("lint", "--select", "CT708")[1]
    assert "40-tigervnc.sh:7:\n    `USER_NAME`" in out


def test_an_empty_file_has_no_empty_excerpt(says: Says, folder: Path) -> None:
    service = "root/etc/s6-overlay/s6-rc.d/web"
    write(
        folder,
        {
            "Dockerfile": "FROM ghcr.io/linuxserver/baseimage-alpine:3.20\nCOPY root/ /\n",
            f"{service}/type": "longrun\n",
            f"{service}/run": "#!/usr/bin/with-contenv bash\nexec sleep 9\n",
            f"{service}/dependencies.d/databse": "",
            "root/etc/s6-overlay/s6-rc.d/user/contents.d/web": "",
        },
    )
    out = says("lint", "--select", "CT107")[1]
    assert f"--> {service}/dependencies.d/databse:1:1" in out
    assert "1 | " not in out


def test_entries_of_a_baseline_that_stand_for_nothing_are_told(says: Says, folder: Path) -> None:
    more = {"root/etc/cont-init.d/61-own.sh": IMAGE["root/etc/cont-init.d/60-own.sh"]}
    write(folder, IMAGE | more | {"other/Dockerfile": IMAGE["Dockerfile"]})
    says("lint", "--select", "CT205", "--write-baseline", "known.json")
    assert "stand" not in says("lint", "--select", "CT205", "--baseline", "known.json")[2]
    (folder / "root/etc/cont-init.d/61-own.sh").unlink()
    (folder / "root/etc/cont-init.d/60-own.sh").unlink()
    said = says("lint", "--select", "CT205", "--baseline", "known.json")[2]
    assert "known.json: 2 entries stand for nothing that is found any more; --write-baseline renews it." in said
    assert "stand" not in says("lint", "--select", "CT104", "--baseline", "known.json")[2]
    assert "stand" not in says("lint", "--select", "CT205", "--baseline", "known.json", "other/Dockerfile")[2]


def test_fixing_tells_what_it_did_to_the_index_of_git(says: Says, folder: Path) -> None:
    entry = "root/stage/disks.desktop"
    script = '#!/usr/bin/with-contenv bash\ncp /stage/disks.desktop "/home/$USER_NAME/Desktop/"\n'
    files = {entry: "[Desktop Entry]\nType=Application\nName=Disks\nExec=/usr/bin/xterm\n"}
    write(folder, IMAGE | files | {"root/etc/cont-init.d/60-own.sh": script}, tracked=True)
    err = says("lint", "--select", "CT409", "--fix")[2]
    assert "The x bit of 1 file is changed in git's index, too: the next commit takes it along." in err.replace(
        "\n  ", " "
    )
    assert os.access(folder / entry, os.X_OK)
    subprocess.run(["git", "rm", "-q", "--cached", "-r", "."], cwd=folder, check=True)
    (folder / entry).chmod(0o644)
    assert "index" not in says("lint", "--select", "CT409", "--fix")[2]


def test_images_of_one_name_are_told_apart_by_their_dockerfiles(says: Says, folder: Path) -> None:
    build = "build:\n\tdocker build -t acme/desk -f a/Dockerfile a\n\tdocker build -t acme/desk -f b/Dockerfile b\n"
    write(folder, {"Makefile": build} | {f"{name}/Dockerfile": "FROM acme/base:1.2\nRUN ./x\n" for name in "ab"})
    assert "acme/desk (a/Dockerfile, b/Dockerfile)" in says("lint", "-v")[1].replace("\n    ", " ")


def test_a_finding_in_a_file_of_another_image_says_which_image_it_is_about(says: Says, folder: Path) -> None:
    base = {f"base/{name}": text for name, text in IMAGE.items()}
    service = 'COPY etc/ /etc/\nLABEL maintainer="a"\n'
    script = {"app/etc/cont-init.d/90-late.sh": '#!/bin/bash\nchown "$USER_NAME" /srv\n'}
    bakes = {"Makefile": "all:\n\tdocker build -t acme/base:1 base\n\tdocker build -t acme/app:1 app\n"}
    write(folder, base | {"app/Dockerfile": "FROM acme/base:1\n" + service} | script | bakes)
    out = says("lint", "--inherited", "--select", "CT205")[1]
    assert "= note: in acme/" not in out
    write(folder, {"app/Dockerfile": "FROM acme/base:1\n" + service, "shared/90-late.sh": script.popitem()[1]})
    (folder / "app/etc/cont-init.d/90-late.sh").unlink()
    (folder / "app/etc/cont-init.d/90-late.sh").symlink_to("../../../shared/90-late.sh")
    build = "all:\n\tdocker build -t acme/base:1 base\n\tdocker build -t acme/app:1 -f app/Dockerfile .\n"
    write(folder, {"Makefile": build, "app/Dockerfile": "FROM acme/base:1\nCOPY shared/90-late.sh /etc/cont-init.d/\n"})
    out = says("lint", "--select", "CT205")[1]
    assert "--> shared/90-late.sh:2" in out
    assert out.count("= note: in acme/app\n") == 1


def test_what_inspect_cannot_answer_is_said(says: Says, folder: Path) -> None:
    write(folder, IMAGE | {"compose.yml": COMPOSE})
    assert "No file that is known matches ./." in says("inspect", "--files", "./")[1]
    assert "No file that is known" not in says("inspect", "--files", "*.sh")[1]
    code, _, err = says("inspect", "--as", "desk", "--why", "USER_NAME")
    assert (code, "--as shows an image as it is run" in err) == (2, True)


@pytest.mark.parametrize(("key", "said"), [("per-file-ignores", True), ("Dockerfile", False)])
def test_a_key_that_slipped_below_a_table_is_told_where_it_belongs(
    key: str, said: bool, says: Says, folder: Path
) -> None:
    write(folder, IMAGE | {"ctlint.toml": f'[names]\n"{key}" = 7\n'})
    code, _, err = says("lint")
    assert code == 2
    assert ("has to stand above the first table" in err) is said
