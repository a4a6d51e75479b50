"""What people met in their first minutes with ctlint: slips, lines that end at the margin, silence where a word was due."""

import json
import os
import re
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


def test_a_mounted_folder_of_start_scripts_is_said_to_be_run(says: Says, folder: Path) -> None:
    mounts = "    volumes: ['./own:/custom-cont-init.d:ro', './conf:/config']\n"
    write(folder, IMAGE | {"compose.yml": COMPOSE.rstrip("\n") + "\n" + mounts})
    rows = [row for row in says("inspect", "--as", "other")[1].splitlines() if " at /" in row]
    assert ["at start" in row for row in rows] == [True, False]


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


def test_what_a_repository_excludes_itself_is_left_out_in_a_run_of_the_folder_above(folder: Path, says: Says) -> None:
    bad = "FROM debian:latest\n"
    write(folder / "one", {"Dockerfile": "FROM debian:12.8-slim\n", "examples/Dockerfile": bad}, tracked=True)
    write(folder / "two", {"examples/Dockerfile": bad}, tracked=True)
    write(folder / "one", {"ctlint.toml": 'exclude = ["/examples/"]\n'})
    out = says("lint", ".", "--format", "concise")[1]
    assert "two/examples/Dockerfile:1" in out, "what one repository excludes is its own"
    assert "one/examples" not in out
    assert "one/examples" not in says("lint", "one", "two", "--format", "concise")[1]
    assert "one/examples" in says("lint", "one/examples", "--format", "concise")[1], "it may still be asked for"
    write(folder, {"outside.toml": ""})
    assert "one/examples" in says("lint", ".", "--config", "outside.toml", "--format", "concise")[1]
    write(folder / "one", {"ctlint.toml": "exclude = [\n"})
    code, out, _ = says("lint", ".", "--format", "concise")
    assert (code, "one/examples" in out) == (1, True), "a configuration that makes no sense excludes nothing"


def test_a_summary_that_comes_with_every_run_is_short_and_says_of_how_many(folder: Path, says: Says) -> None:
    services = "".join(f"  s{n}:\n    image: registry.example.org/acme/thing{n}:3\n    command: x\n" for n in range(9))
    write(folder, {"compose.yaml": f"services:\n{services}", "Dockerfile": "FROM debian:12.8-slim\n"})
    code, out, _ = says("lint")
    assert code == 0
    assert "9 images that are run here are not known to ctlint; --verbose names them.\n" in out
    decided = re.search(r"^(\d+) of (\d+) checks were not decided\. --verbose says why\.$", out, re.MULTILINE)
    assert decided is not None
    left, of = int(decided[1]), int(decided[2])
    assert 9 <= left < of
    assert all(len(line) <= 100 for line in out.splitlines())
    whole = says("lint", "--verbose")[1]
    assert all(f"acme/thing{n}:3 (compose.yaml:" in whole for n in range(9))
    assert "more" not in whole


def test_every_rule_and_image_that_was_not_decided_is_listed(folder: Path, says: Says) -> None:
    stages = {f"d{n}/Dockerfile": "FROM acme/none:1\nCOPY x /etc/cont-init.d/x\nUSER a\n" for n in range(5)}
    write(folder, {**stages, "x": "#!/bin/sh\n"})
    out = " ".join(says("lint", "--verbose")[1].split())
    skipped = {one["rule"] for one in json.loads(says("lint", "--format", "json")[1])["skipped"]}
    assert len(skipped) > 12
    assert all(f"{rule}" in out for rule in skipped)
    assert "and 1 more" not in out


def test_a_check_of_one_script_that_was_not_decided_names_the_script(folder: Path, says: Says) -> None:
    dockerfile = (
        "FROM crazymax/alpine-s6:3.20-2.2.0.3\nRUN apk add --no-cache tools-of-acme\nCOPY own /etc/cont-init.d/own\n"
    )
    write(folder, {"Dockerfile": dockerfile, "own": "#!/usr/bin/with-contenv zsh\necho\n"})
    out = " ".join(says("lint", "--verbose")[1].split())
    assert "CT105 on " in out
    assert "the `#!` line of /etc/cont-init.d/own" in out


@pytest.mark.parametrize(
    ("name", "text", "line"),
    [
        ("compose.yaml", "services:\n  a:\n    image: x: y\n", 3),
        ("docker-compose.yml", "services:\n  a:\n    image: 'x\n", 4),
        ("sub/compose.yml", "services:\n  a:\n   image: x\n  build: [\n", 5),
        ("compose.yaml", "services:\n<<<<<<< HEAD\n  a: {image: x}\n=======\n  a: {image: y}\n>>>>>>> b\n", 3),
    ],
)
def test_a_compose_file_that_is_no_yaml_is_an_error_with_the_line(
    name: str, text: str, line: int, folder: Path, says: Says
) -> None:
    write(folder, {name: text, "Dockerfile": "FROM debian:12.8-slim\n"})
    code, out, _ = says("lint", "--format", "concise")
    assert code == 3
    assert f"{name}:{line}:1: error: CT001 It is no YAML, so that compose refuses it: " in out


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("compose.yaml", "services:\n  {{ name }}:\n    image: x\n  {% if a %}\n   b: c: d\n"),
        ("compose.yaml", "services:\n  @NAME@:\n    image: x\n"),
        ("compose.yaml", "services:\n\ta:\n    image: x\n"),
        ("tests/fixtures/compose.yaml", "services:\n  a:\n    image: x: y\n"),
        ("compose.prod.yaml", "services:\n  a:\n    image: x: y\n"),
        ("compose.yaml", "a: &x 1\nb: &x 2\nservices:\n  a:\n    image: debian\n"),
        ("compose.yaml", "# nothing yet\n"),
        ("compose.yaml", "services:\n  a:\n    image: debian\x07\n"),
    ],
)
def test_what_compose_does_not_read_as_it_stands_is_no_error(name: str, text: str, folder: Path, says: Says) -> None:
    write(folder, {name: text, "Dockerfile": "FROM debian:12.8-slim\n"})
    assert says("lint")[0] == 0


def test_the_boot_plan_says_which_services_a_script_may_make(folder: Path, says: Says) -> None:
    script = (
        "#!/usr/bin/with-contenv sh\nmkdir -p /etc/services.d/web\nprintf x > /etc/services.d/web/run\n"
        "echo y > /etc/services.d/there/run\n"
    )
    dockerfile = (
        "FROM crazymax/alpine-s6:3.20-2.2.0.3\nCOPY run /etc/services.d/there/run\nCOPY own /etc/cont-init.d/own\n"
    )
    write(folder, {"Dockerfile": dockerfile, "own": script, "run": "#!/bin/sh\nexec sleep 9\n"})
    assert "→ may make the service web  own:2" in says("inspect")[1]
    steps = json.loads(says("inspect", "--format", "json")[1])["boot"]
    assert [step["services"] for step in steps if step["name"] == "own"] == [["web"]]


BAKE = """variable "FILE" { default = "two.Dockerfile" }
target "meta" { tags = ["local"] }
target "all" {
  inherits = ["meta"]
  dockerfile = FILE
}
target "one" { dockerfile = "one.Dockerfile" }
"""
CALLS = """on: push
jobs:
  build:
    uses: docker/github-builder/.github/workflows/bake.yml@v1
    with:
      target: all
      meta-images: |
        acme/Viewer
        ghcr.io/acme/viewer
"""
BAKES = """on: push
jobs:
  build:
    runs-on: x
    steps:
      - id: meta
        uses: docker/metadata-action@v5
        with: {images: acme/viewer}
      - uses: docker/bake-action@v6
        with: {targets: all, files: ./docker-bake.hcl}
"""
BUILDS = """on: push
jobs:
  build:
    uses: docker/github-builder/.github/workflows/build.yml@v1
    with: {file: two.Dockerfile, meta-images: acme/viewer}
"""


@pytest.mark.parametrize("workflow", [CALLS, BAKES, BUILDS])
def test_a_workflow_that_has_others_build_tells_what_the_image_is_called(
    workflow: str, folder: Path, says: Says
) -> None:
    files = {"docker-bake.hcl": BAKE, ".github/workflows/build.yml": workflow}
    files |= {f"{name}.Dockerfile": "FROM debian:12.8-slim\nRUN useradd app\n" for name in ("one", "two")}
    files["compose.yaml"] = "services:\n  a:\n    image: acme/viewer:3\n    user: '1000'\n"
    write(folder, files, tracked=True)
    assert "acme/viewer" in says("inspect", ".", "two.Dockerfile")[1].splitlines()[0]
    assert "acme/viewer" not in says("inspect", ".", "one.Dockerfile")[1]
    assert "run here" not in says("lint")[1]


def test_a_workflow_that_bakes_several_images_names_none(folder: Path, says: Says) -> None:
    workflow = BAKES.replace("targets: all", 'targets: "all,one"')
    files = {"docker-bake.hcl": BAKE, ".github/workflows/build.yml": workflow}
    files |= {f"{name}.Dockerfile": "FROM debian:12.8-slim\n" for name in ("one", "two")}
    write(folder, files, tracked=True)
    assert "acme/viewer" not in says("inspect", ".", "two.Dockerfile")[1]


def test_a_target_that_is_not_there_is_told_with_what_may_be_meant(folder: Path, says: Says) -> None:
    write(folder, {"desk/Dockerfile": "FROM debian:12.8-slim\n"})
    for targets in (["dsek"], ["desk", "dsek"]):
        code, out, _ = says("lint", *targets, "--format", "concise")
        assert (code, out.count("CT001")) == (3, 1), "what is there is linted, and the rest said"
        assert "did you mean desk?" in out
    assert "did you mean" not in says("lint", "desk/nope", "--format", "concise")[1]


def test_a_graph_takes_the_end_of_a_name_and_guesses_at_a_slip(folder: Path, says: Says) -> None:
    workflow = "services:\n  a:\n    build: .\n    image: acme/tools/viewer:1\n"
    write(folder, {"Dockerfile": "FROM debian:12.8-slim\n", "compose.yaml": workflow}, tracked=True)
    assert "acme/tools/viewer" in says("graph", "--select", "tools/viewer")[1]
    assert "did you mean viewer." in says("graph", "--select", "veiwer")[2]
    assert "there are: acme/tools/viewer." in says("graph", "--select", "something")[2]


def test_who_reads_a_variable_that_the_image_does_not_set_is_told(folder: Path, says: Says) -> None:
    script = "#!/usr/bin/with-contenv sh\necho ${OWNER:-desk}\nchown $GROUP /srv\n"
    dockerfile = "FROM crazymax/alpine-s6:3.20-2.2.0.3\nCOPY own /etc/cont-init.d/own\n"
    write(folder, {"Dockerfile": dockerfile, "own": script})
    out = says("inspect", "--why", "OWNER")[1]
    assert out.startswith("OWNER is not set by the image. At start it is read by\n  own:2")
    assert "which has a default" in out
    assert "default" not in says("inspect", "--why", "GROUP")[1]
    read = json.loads(says("inspect", "--why", "GROUP", "--format", "json")[1])["read"]
    assert [(one["path"], one["line"], one["default"]) for one in read] == [("own", 3, False)]
    assert says("inspect", "--why", "NOBODY")[1] == "NOBODY was never there, as far as is known.\n"


def test_a_finding_of_an_image_that_nobody_makes_here_names_no_image_of_another(folder: Path, says: Says) -> None:
    write(folder / "apps", {"compose.yaml": "services:\n  a:\n    image: acme/a/b/c:1\n"}, tracked=True)
    write(folder / "desk", {"Dockerfile": "FROM debian:12.8-slim\n"}, tracked=True)
    write(folder / "more", {"Dockerfile": "FROM debian:12.8-slim\n"}, tracked=True)
    out = says("lint", ".")[1]
    assert "CT510" in out
    assert "note: in " not in out


def test_a_clone_beside_that_a_profile_stands_in_for_is_told(
    folder: Path, says: Says, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(folder / "tool", {"Dockerfile": "FROM helxplatform/webtop/base:v0.0.2\nUSER root\n"}, tracked=True)
    write(folder / "other", {"Dockerfile": "FROM debian:12.8-slim\n"}, tracked=True)
    monkeypatch.chdir(folder / "tool")
    assert not says("lint")[2]
    made = "build:\n\tdocker build -t helxplatform/webtop/base:$(TAG) .\n"
    write(folder / "webtop-base", {"Dockerfile": "FROM debian:12.8-slim\n", "Makefile": made}, tracked=True)
    told = (
        "ctlint: helxplatform/webtop/base is known by a bundled profile here. If ../webtop-base makes it: "
        "`ctlint lint . ../webtop-base` looks at that, and so does an entry of `[parents]`.\n"
    )
    assert says("lint")[2] == told
    assert says("lint")[2] == told, "and so it is where the result was kept"
    assert not says("lint", ".", "../webtop-base")[2]
    write(folder / "tool", {"ctlint.toml": '[parents]\n"helxplatform/webtop/base" = "../webtop-base"\n'}, tracked=True)
    assert not says("lint")[2]


def test_a_base_that_has_a_with_contenv_of_its_own_keeps_it(folder: Path, says: Says) -> None:
    base = "FROM lscr.io/linuxserver/baseimage-alpine:3.21\nENV SITE=x\nCOPY --chmod=755 own /etc/cont-init.d/own\n"
    write(folder, {"Dockerfile": base, "own": '#!/bin/bash\necho "$SITE" > /run/x\n'})
    assert "Begin the script with `#!/usr/bin/with-contenv bash`." in says("lint")[1]
    write(folder, {"own": "#!/usr/bin/with-contenv bash\r\necho\r\n"})
    assert "The line ends in CR LF: `bash` with a carriage return behind it" in says("lint")[1]


CHECKED = {
    "Dockerfile": "FROM crazymax/alpine-s6:3.20-2.2.0.3\nCOPY root/ /\nHEALTHCHECK CMD /usr/local/bin/alive\n",
    "root/usr/local/bin/alive": "#!/bin/sh\nexit 0\n",
    "root/usr/local/bin/tool": "#!/bin/sh\nexit 0\n",
    "root/etc/cont-init.d/10-own": '#!/usr/bin/with-contenv sh\neval "$(cat /data/own)"\n',
}


def test_a_health_check_without_x_bit_is_told_whatever_the_start_does(folder: Path, says: Says) -> None:
    write(folder, CHECKED, tracked=True)
    assert "HEALTHCHECK runs /usr/local/bin/alive, which has no x bit" in " ".join(says("lint")[1].split())
    write(folder, {"root/etc/cont-init.d/10-own": "#!/usr/bin/with-contenv sh\nchmod +x /usr/local/bin/alive\n"})
    assert "CT610" not in says("lint")[1]
    write(folder, {"root/etc/cont-init.d/10-own": "#!/usr/bin/with-contenv sh\ncp /data/alive /usr/local/bin/alive\n"})
    assert "CT610" not in says("lint")[1]


def test_an_x_bit_that_only_this_disk_has_lost_is_information(folder: Path, says: Says) -> None:
    write(folder, CHECKED)
    for name in ("alive", "tool"):
        (folder / "root/usr/local/bin" / name).chmod(0o755)
    write(folder, {}, tracked=True)
    assert "CT612" not in says("lint")[1]
    (folder / "root/usr/local/bin/tool").chmod(0o644)
    code, out, _ = says("lint")
    assert (code, "info[CT612" in out) == (0, True)
    assert "/usr/local/bin/tool has the x bit in git, and none on this disk" in " ".join(out.split())
    assert "`chmod +x root/usr/local/bin/tool`" in " ".join(out.split())
    subprocess.run(["git", "config", "core.fileMode", "false"], cwd=folder, check=True)
    assert "CT612" not in says("lint")[1], "a disk that keeps no x bits has lost none"


def test_a_script_without_a_first_line_is_to_begin_as_the_others_of_its_kind(folder: Path, says: Says) -> None:
    services = {name: f"{line}exec sleep 9\n" for name, line in (("a", "#!/usr/bin/with-contenv own\n"), ("b", ""))}
    write(folder, {f"root/etc/services.d/{name}/run": text for name, text in services.items()})
    base = "FROM crazymax/alpine-s6:3.20-2.2.0.3\nCOPY --chmod=755 root/ /\nRUN printf x > /usr/bin/own && chmod +x /usr/bin/own\n"
    write(folder, {"Dockerfile": base})
    assert "Begin the script with `#!/usr/bin/with-contenv own`." in says("lint")[1]


def test_a_change_of_what_runs_images_is_said_to_be_one(folder: Path, says: Says) -> None:
    write(
        folder,
        {"compose.yaml": "services:\n  a:\n    image: acme/one:1\n", "Dockerfile": "FROM debian:12.8-slim\n"},
        tracked=True,
    )
    identity = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
    subprocess.run(["git", *identity, "commit", "-qm", "x"], cwd=folder, check=True)
    write(folder, {"compose.yaml": "services:\n  a:\n    image: acme/one:1\n    user: '7'\n"})
    assert (
        says("lint", "--since", "HEAD")[2]
        == "ctlint: the change since HEAD touches no image, but files that run some.\n"
    )


def test_a_clone_that_tells_no_name_is_guessed_where_a_profile_stands_in_for_it(folder: Path, says: Says) -> None:
    write(folder / "tool", {"Dockerfile": "FROM helxplatform/cloudtop:latest\nUSER root\n"}, tracked=True)
    write(folder / "cloudtop", {"Dockerfile": "FROM debian:12.8-slim\n"}, tracked=True)
    told = (
        "ctlint: helxplatform/cloudtop is known by a bundled profile here. If cloudtop makes it, say so in ctlint.toml: "
        '[parents] "helxplatform/cloudtop" = "cloudtop".\n'
    )
    assert says("lint", ".")[2] == told
    write(folder, {"ctlint.toml": '[parents]\n"helxplatform/cloudtop" = "cloudtop"\n'})
    assert not says("lint", ".")[2]
    write(folder, {"ctlint.toml": '[names]\n"cloudtop/Dockerfile" = "helxplatform/cloudtop"\n'})
    assert not says("lint", ".")[2]


def test_a_main_script_whose_mode_is_not_known_is_not_passed_over(folder: Path, says: Says) -> None:
    made = "FROM debian:12.8-slim\nRUN curl -s http://h/i.sh | sh && echo '#!/bin/sh' > /home/app/go"
    write(folder, {"Dockerfile": f'{made} && chmod 755 /home/app/go\nCMD ["/home/app/go"]\n'})
    assert "CT611" not in says("lint", "--verbose")[1]
    write(folder, {"Dockerfile": f'{made}\nCMD ["/home/app/go"]\n'})
    assert "the mode of the file is not known: CT611" in " ".join(says("lint", "--verbose")[1].split())
