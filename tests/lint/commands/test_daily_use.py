"""What eases the daily use of the command line: slips are understood, output fits where it goes, emptiness is told."""

import io
import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from ctlint.lint.cli import main
from ctlint.lint.commands.lint import LintOptions
from ctlint.lint.commands.watch import watch
from ctlint.lint.installed_from import beside
from ctlint.lint.opening.request import Request
from ctlint.lint.output.console import Console, Meter
from ctlint.lint.output.terminal import say
from ctlint.lint.version import VERSION

FIXTURES = Path(__file__).parents[3] / "fixtures"

BROKEN = {
    "Dockerfile": "FROM helxplatform/cloudtop:develop-latest\nCOPY --chmod=755 root/ /\n",
    "pyproject.toml": '[tool.ctlint]\nignore = ["CT501"]\n',
    "root/etc/cont-init.d/60-own.sh": '#!/bin/bash\nchown "$USER_NAME" /srv\n',
}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("COLUMNS", "GITHUB_ACTIONS", "NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(files: dict[str, str], folder: Path) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")


@pytest.fixture
def says(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    def says(*argv: str) -> tuple[int, str, str]:
        code = main(argv)
        out, err = capsys.readouterr()
        return code, out, err

    return says


Says = Callable[..., tuple[int, str, str]]


@pytest.mark.parametrize(
    ("argv", "word"),
    [
        (["lnt"], "`lnt` is no command; did you mean lint?"),
        (["lint", "--formt=json"], "no option --formt; did you mean --format?"),
        (["rule", "--al"], None),
        (["graph", "--format", "sgv"], "`sgv` is no value of --format (tree, dot, mermaid, svg, html, json, graphml)"),
        (["cache", "cler"], "did you mean clear?"),
        (["rule", "init-before-acount"], "did you mean `init-before-account`?"),
    ],
)
def test_a_slip_is_understood(argv: list[str], word: str | None, says: Says) -> None:
    code, _, err = says(*argv)
    assert code == (0 if word is None else 2)
    assert (word or "") in err
    assert err.count("?.") == 0


@pytest.mark.parametrize("argv", [["rule", "CT999"], ["lint", "--select", "CT999"], ["lint", "--ignore", "SC99999"]])
def test_a_code_is_never_corrected(argv: list[str], says: Says) -> None:
    code, _, err = says(*argv)
    assert code == 2
    assert "did you mean" not in err


def test_help_and_version_in_every_spelling(says: Says) -> None:
    assert says("-V") == says("--version") == (0, f"ctlint {VERSION}\n", "")
    assert says("help", "graph") == says("graph", "--help")
    assert says("help") == says("--help")
    assert says("help", "grap")[0] == 2


def test_a_picture_has_the_format_of_its_name_and_a_hyphen_is_standard_output(folder: Path, says: Says) -> None:
    write(BROKEN, folder)
    for name, begin in (
        ("a.svg", "<svg"),
        ("a.gv", "digraph"),
        ("a.mmd", "flowchart"),
        ("a.json", "{"),
        ("a.txt", "t"),
    ):
        assert says("graph", "-o", name)[0] == 0
        assert Path(name).read_text("utf-8").startswith(begin)
    assert says("graph", "-o", "-") == says("graph")
    assert json.loads(says("lint", "--format", "json", "-o", "-")[1])["schema"] == 1
    assert not Path("-").exists()


@pytest.mark.parametrize("command", ["lint", "graph", "inspect"])
def test_a_named_target_that_holds_nothing_is_a_mistake(command: str, folder: Path, says: Says) -> None:
    (folder / "empty").mkdir()
    (folder / "README.md").write_text("# x\n")
    code, out, err = says(command, "empty")
    assert (code, out) == (2, "")
    assert "There is no Dockerfile in empty" in err
    assert "Name a folder" in err
    code, out, err = says(command, "README.md")
    assert (code, out) == (2, "")
    assert "No image takes in README.md." in err


def test_a_folder_that_only_runs_images_holds_something(folder: Path, says: Says) -> None:
    write({"run/compose.yaml": "services:\n  a:\n    image: acme/x:1\n"}, folder)
    assert says("lint", "run")[0] == 0
    assert says("graph", "--consumers", "run")[1].startswith("acme/x\n└── run/compose.yaml")


def test_quiet_prints_the_findings_and_nothing_else(folder: Path, says: Says) -> None:
    write({"Dockerfile": 'FROM acme/nowhere:1\nCMD ["serve"] --now\n'}, folder)
    whole, quiet = says("lint")[1], says("lint", "-q")[1]
    assert "Found " in whole
    assert "not decided" in whole
    assert quiet == whole.partition("Found ")[0]


def test_a_baseline_says_how_it_is_used(folder: Path, says: Says) -> None:
    write({"Dockerfile": 'FROM acme/nowhere:1\nCMD ["nginx -g daemon;"]\n'}, folder)
    assert (
        "hidden by `--baseline known.json`, or by `baseline` in ctlint.toml."
        in says("lint", "--write-baseline", "known.json")[2]
    )


def test_where_there_is_no_image_the_summary_counts_none(folder: Path, says: Says) -> None:
    write(
        {"compose.yaml": "services:\n  a:\n    image: lscr.io/linuxserver/webtop:ubuntu-xfce\n    init: true\n"}, folder
    )
    out = says("lint")[1]
    assert "Found 1 warning in 1 file." in out


def test_an_x_bit_that_git_has_not_is_told_from_one_that_is_missing(folder: Path, says: Says) -> None:
    shutil.copytree(FIXTURES / "ct104" / "bad", folder / "it")
    commands = (["init", "--quiet"], ["add", "--all"])
    for command in commands:
        subprocess.run(["git", "-C", folder / "it", *command], check=True)
    assert "git update-index --chmod=+x" in says("lint", "it")[1]
    for script in (folder / "it").rglob("*"):
        if script.is_file() and script.name != "Dockerfile":
            script.chmod(0o755)
    text = " ".join(says("lint", "it")[1].split())
    assert (
        "The x bit is on this disk and not in git, so that an image built from a fresh checkout has none: `git" in text
    )


@pytest.mark.skipif(os.name == "nt", reason="the disk keeps no x bit")
def test_an_x_bit_that_only_git_has_is_missing_from_what_is_built_here(folder: Path, says: Says) -> None:
    shutil.copytree(FIXTURES / "ct104" / "bad", folder / "it")
    scripts = [one for one in (folder / "it").rglob("*") if one.is_file() and one.name != "Dockerfile"]
    for script in scripts:
        script.chmod(0o755)
    for command in (["init", "--quiet"], ["add", "--all"]):
        subprocess.run(["git", "-C", folder / "it", *command], check=True)
    assert "CT104" not in says("lint", "it")[1]
    for script in scripts:
        script.chmod(0o644)
    text = " ".join(says("lint", "it")[1].split())
    assert "info[CT104 s6-not-executable]" in text
    assert "has the x bit in git, and none on this disk. In an image built from this checkout it is not" in text
    assert "Give it the x bit on this disk, too: `chmod +x it/root/etc/" in text
    dockerfile = folder / "it/Dockerfile"
    written = dockerfile.read_text()
    dockerfile.write_text(written.replace("COPY root/", "COPY --chmod=755 root/"))
    assert "CT104" not in says("lint", "it")[1]
    dockerfile.write_text(written)
    assert "Fixed" in says("lint", "--fix", "it")[2]
    assert "CT104" not in says("lint", "it")[1]


@pytest.mark.skipif(os.name == "nt", reason="the disk keeps no x bit")
def test_an_entrypoint_that_lost_its_x_bit_on_disk_is_told(folder: Path, says: Says) -> None:
    (folder / "Dockerfile").write_text('FROM debian:12.8-slim\nCOPY entry.sh /\nENTRYPOINT ["/entry.sh"]\n')
    (folder / "entry.sh").write_text('#!/bin/sh\nexec "$@"\n')
    for command in (["init", "--quiet"], ["add", "--all"], ["update-index", "--chmod=+x", "entry.sh"]):
        subprocess.run(["git", "-C", folder, *command], check=True)
    status, out, _ = says("lint", "--select", "CT611", "--format", "concise")
    assert (status, out.splitlines()[0]) == (
        0,
        "Dockerfile:3:1: info: CT611 The container is started with /entry.sh, which has its x bit in git, and none on this "
        "disk: in an image built from this checkout it does not start.",
    )
    (folder / "entry.sh").chmod(0o755)
    assert "CT611" not in says("lint", "--select", "CT611")[1]


@pytest.mark.parametrize("command", ["lint", "graph"])
def test_where_nothing_was_named_nothing_is_no_mistake(command: str, says: Says) -> None:
    assert says(command) == (0, "No Dockerfile was found.\n", "")


def test_no_line_is_cut_where_no_terminal_bounds_it(folder: Path, says: Says, monkeypatch: pytest.MonkeyPatch) -> None:
    deep = "/".join(f"quite-a-long-name-of-a-folder-{number}" for number in range(6))
    write({f"{deep}/Dockerfile": "FROM debian:12\n"}, folder)
    assert f"{deep}/Dockerfile" in says("graph")[1]
    assert "…" not in says("rule")[1]
    monkeypatch.setenv("COLUMNS", "80")
    assert max(map(len, says("rule")[1].splitlines())) == 80


def test_each_dockerfile_of_a_folder_has_a_name_and_what_is_not_known_is_no_image(folder: Path, says: Says) -> None:
    write(
        {
            "images/a.dockerfile": "ARG base\nFROM $base\n",
            "images/b.dockerfile": "ARG base\nFROM $base\nCOPY --from=acme/tools:1 /x /\n",
            "tools/Dockerfile": "FROM debian:12\n",
            "Makefile": "tools:\n\tdocker build -t acme/tools:1 tools\n",
        },
        folder,
    )
    out = says("graph")[1]
    assert out.count("$base  not known\n") == 2, "two unknown images need not be one"
    assert "└── a  images/a.dockerfile" in " ".join(out.split(" " * 3)).replace("   ", "  ") or "─ a " in out
    assert "─ b " in out
    assert "┄┄ b" in out
    nodes = json.loads(says("graph", "--format", "json")[1])["nodes"]
    unknown = [node for node in nodes if node.get("unresolved")]
    assert [(node["name"], node["names"]) for node in unknown] == [("$base", [])] * 2


def test_files_are_listed_and_what_is_not_known_is_one_line(folder: Path, says: Says) -> None:
    write(BROKEN, folder)
    out = says("inspect", "--files", "/etc/cont-init.d/*")[1]
    assert "/etc/cont-init.d/60-own.sh" in out
    assert out.splitlines()[-1] == "No other can be there."
    every = says("inspect", "--files")[1].splitlines()
    assert [line for line in every if line.startswith("?  ")] == every[-1:]
    assert "--verbose lists them" in every[-1]
    assert (
        len([line for line in says("inspect", "--files", "--verbose")[1].splitlines() if line.startswith("?  ")]) == 3
    )


def test_how_many_can_be_fixed_is_said_and_fixing_only_says_nothing_of_the_rest(folder: Path, says: Says) -> None:
    write(
        {**BROKEN, "compose.yaml": "services: {}\n", "Dockerfile": BROKEN["Dockerfile"] + "COPY gone.txt /\n"}, folder
    )
    assert "\n1 fixable with --fix.\n" in says("lint")[1]
    code, out, err = says("lint", "--fix-only")
    assert (code, out) == (0, "")
    assert err == "Fixed 1 finding in 1 file.\n  root/etc/cont-init.d/60-own.sh\n"
    assert says("lint", "--fix-only", "--exit-non-zero-on-fix") == (0, "", "")
    assert "CT511" in says("lint")[1]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("variables", "painted"),
    [
        ({}, False),
        ({"FORCE_COLOR": "1"}, True),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
        ({"FORCE_COLOR": ""}, False),
    ],
)
def test_color_can_be_forced(variables: dict[str, str], painted: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert Console(io.StringIO()).painted is painted


def test_progress_is_told_from_the_first_second_on_and_goes_away(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    terminal, file = Terminal(), io.StringIO()
    for stream in (terminal, file):
        now[0] = 0.0
        meter = Meter(stream, 12)
        meter.step()
        assert stream.getvalue() == ""
        now[0] = 1.5
        meter.step()
        meter.end()
    assert terminal.getvalue() == "\r2 of 12 images\r" + " " * 14 + "\r"
    assert file.getvalue() == ""


def test_watch_lints_again_when_a_file_changes(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(BROKEN, folder)
    script = folder / "root/etc/cont-init.d/60-own.sh"
    looks = 0

    def sleep(seconds: float) -> None:
        nonlocal looks
        looks += 1
        assert seconds > 0
        if looks == 2:
            script.write_text(script.read_text("utf-8").replace("#!/bin/bash", "#!/usr/bin/with-contenv bash"), "utf-8")
        if looks == 4:
            (folder / "ctlint.toml").write_text("selct = []\n")
        if looks == 6:
            raise KeyboardInterrupt

    assert watch(LintOptions(Request()), sleep) == 2
    out, err = capsys.readouterr()
    assert out.index("error[CT205") < out.index("No findings")
    assert "did you mean select?" in err, "a slip in the configuration does not end it"
    assert looks == 6


@pytest.mark.parametrize("more", [["--fix"], ["-"], ["github:acme/x"]])
def test_watch_only_looks_on(more: list[str], says: Says) -> None:
    code, _, err = says("lint", "--watch", *more)
    assert code == 2
    assert "--watch looks" in err


@pytest.mark.parametrize(
    ("left", "command"),
    [
        ("pipx_metadata.json", "pipx inject ctlint x"),
        ("uv-receipt.toml", "uv pip install --python "),
        (None, " -m pip install x"),
    ],
)
def test_what_is_missing_is_installed_by_what_installed_ctlint(
    left: str | None, command: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.prefix", str(folder))
    if left:
        (folder / left).touch()
    assert command in beside("x")


COMPOSE = "services:\n  db:\n    image: registry.example.org/acme/thing:3\n  two:\n    image: registry.example.org/acme/thing:3\n"


def test_an_image_that_is_run_and_not_known_is_named_and_fails_a_gate_that_asks_for_it(
    folder: Path, says: Says
) -> None:
    (folder / "compose.yaml").write_text(COMPOSE)
    status, out, _ = says("lint")
    assert status == 0
    assert "1 image that is run here is not known to ctlint: registry.example.org/acme/thing:3.\n" in out
    assert says("lint", "--require-known")[0] == 0, "no rule has anything to ask of an image that is run as it is"
    (folder / "compose.yaml").write_text(COMPOSE + "    command: serve\n")
    assert says("lint", "--require-known")[0] == 1
    assert says("lint", "--require-known", "--select", "CT2")[0] == 0
    assert (
        "compose.yaml:3:1: note: The image registry.example.org/acme/thing:3" in says("lint", "--format", "concise")[1]
    )
    told = json.loads(says("lint", "--format", "json")[1])["doubtful_runs"]
    assert [(one["grade"], one["line"], one["undecided"]) for one in told] == [
        ("unknown", 3, True),
        ("unknown", 5, True),
    ]
    (folder / "compose.yaml").write_text("services:\n  db:\n    image: debian:12.8-slim\n")
    assert says("lint", "--require-known") == (0, "No findings in 1 file.\n", "")


def test_many_images_that_are_not_known_are_one_line_with_their_names_and_no_placeholder(
    folder: Path, says: Says
) -> None:
    service = '  s{0}:\n    image: "{{{{ our_registry }}}}/acme/s{0}:1"\n    command: serve\n'
    (folder / "compose.yaml").write_text("services:\n" + "".join(service.format(number) for number in range(40)))
    assert says("lint", "--format", "concise")[1] == (
        "compose.yaml:3:1: note: 40 images are not known to ctlint, and how they are run is not judged: acme/s0:1 "
        "(compose.yaml:3), acme/s1:1 (compose.yaml:6), acme/s2:1 (compose.yaml:9), acme/s3:1 (compose.yaml:12), acme/s4:1 "
        "(compose.yaml:15) and 35 more.\n"
    )


def test_lock_says_that_it_is_about_parents_where_there_is_no_dockerfile(folder: Path, says: Says) -> None:
    (folder / "compose.yaml").write_text(COMPOSE)
    assert "there is no Dockerfile here" in says("lock")[1]


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("acme/base:2", "no repository at hand, lock or profile is of that image"),
        ("../nothere", "there is no such file or folder"),
        ("./empty", "there is no Dockerfile"),
    ],
)
def test_a_configured_parent_that_leads_to_nothing_is_told(value: str, why: str, folder: Path, says: Says) -> None:
    (folder / "empty").mkdir()
    (folder / "Dockerfile").write_text("FROM acme/base:1\n")
    (folder / "ctlint.toml").write_text(f'[parents]\n"acme/base:1" = "{value}"\n"acme/other" = "acme/unused"\n')
    err = " ".join(says("lint")[2].split())
    assert 'ctlint.toml:2: parents."acme/base:1"' in err
    assert f"has no effect: {why}" in err
    assert 'parents."acme/other" has no effect: nothing here is built on an image of that name' in err


@pytest.mark.parametrize("value", ["debian:12.8-slim", "../base"])
def test_a_configured_parent_is_another_image_or_a_folder_beside(value: str, folder: Path, says: Says) -> None:
    (folder / "base").mkdir()
    (folder / "base/Dockerfile").write_text("FROM debian:12.8-slim\n")
    (folder / "child").mkdir()
    (folder / "child/Dockerfile").write_text("FROM acme/base:1\n")
    (folder / "child/ctlint.toml").write_text(f'[parents]\n"acme/base:1" = "{value}"\n')
    assert says("lint", "--require-known", "--ignore", "CT5", "--config", "child/ctlint.toml", "child")[::2] == (0, "")
    (folder / "child/Dockerfile").write_text("FROM acme/base:7\n")
    assert says("lint", "--require-known", "--ignore", "CT5", "--config", "child/ctlint.toml", "child")[0] == 1


def test_what_was_not_decided_is_told_by_its_reason_with_what_would_decide_it(folder: Path, says: Says) -> None:
    (folder / "Dockerfile").write_text('FROM acme/base:1\nENTRYPOINT ["/init"]\n')
    out = says("lint", "--verbose")[1]
    told = out[out.index("Not decided:") : out.index("Nothing was found")]
    assert told.count("acme/base:1") == 1
    assert " checks (CT" in told
    assert "= help: `ctlint lock` (asks the registry), or its clone, named under `[parents]`" in told


def test_help_on_what_is_no_command_leads_to_the_commands(folder: Path, says: Says) -> None:
    assert says("help", "frob")[2].endswith("`ctlint --help` shows how it is used.\n")


def test_an_interpreter_that_is_nearly_with_contenv_is_suggested(folder: Path, says: Says) -> None:
    shutil.copytree(FIXTURES / "ct105" / "good-v3", folder / "it")
    script = next((folder / "it").rglob("cont-init.d/*"))
    script.write_text("#!/command/with-contnv sh\nexit 0\n")
    assert "Did you mean `#!/command/with-contenv sh`?" in " ".join(says("lint", "it", "--select", "CT105")[1].split())


def test_an_add_on_is_called_what_its_configuration_publishes(folder: Path, says: Says) -> None:
    for path, text in {
        "thing/Dockerfile": "FROM debian:12.8-slim\n",
        "thing/config.yaml": "name: T\nversion: '1.0'\nslug: t\narch: [amd64, aarch64]\nimage: ghcr.io/acme/{arch}-t\n",
        "child/Dockerfile": "FROM ghcr.io/acme/aarch64-t:1.0\n",
    }.items():
        (folder / path).parent.mkdir(exist_ok=True)
        (folder / path).write_text(text)
    assert "ghcr.io/acme/amd64-t" in says("graph")[1]
    assert says("lint", "--require-known", "--select", "CT503") == (0, "No findings in 2 images (2 files).\n", "")


def test_a_sentence_is_broken_between_words_on_a_terminal_and_nowhere_else(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setenv("COLUMNS", "50")
    sentence = "ctlint: No image is called 'x' here; there are: acme/one, acme/two-and-three, acme/four."
    terminal, pipe = Terminal(), io.StringIO()
    say(sentence, terminal)
    say(sentence, pipe)
    assert pipe.getvalue() == sentence + "\n"
    assert terminal.getvalue().splitlines() == [
        "ctlint: No image is called 'x' here; there are:",
        "  acme/one, acme/two-and-three, acme/four.",
    ]


def test_what_is_too_long_for_the_terminal_goes_on_below_its_text_and_breaks_no_path(
    folder: Path, says: Says, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(FIXTURES / "fleet", folder / "fleet")
    whole = says("inspect", "fleet", "cloudtop-imagej-napari")[1]
    assert max(map(len, whole.splitlines())) > 120, "a pipe gets a line for a line"
    monkeypatch.setenv("COLUMNS", "80")
    out = says("inspect", "fleet", "cloudtop-imagej-napari")[1]
    assert "launcher" in out
    assert "".join(out.split()) == "".join(whole.split())
    assert [row for row in out.splitlines() if len(row) > 80 and len(row.split()) > 1] == []
    rows = out.splitlines()
    at = next(number for number, row in enumerate(rows) if row.startswith("   1  cont-init 20-tomcat-init.sh"))
    assert rows[at + 1] == "        fleet/cloudtop/root/etc/cont-init.d/20-tomcat-init.sh:1"
