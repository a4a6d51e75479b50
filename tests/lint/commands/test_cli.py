"""The commands as a user runs them: what they print, where it goes, and how they end."""

import json
import os
import shlex
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

from ctlint.lint.cli import main
from ctlint.lint.output.json_schema import schema

ROOT = Path(__file__).parents[3]
FLEET = ROOT / "fixtures" / "fleet"
BAD = ROOT / "fixtures" / "ct202" / "bad"
GOOD = ROOT / "fixtures" / "ct202" / "good"


@pytest.fixture(autouse=True)
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "100")


def said(capsys: pytest.CaptureFixture[str], *argv: str) -> tuple[int, str, str]:
    code = main(argv)
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def test_lint_ends_with_0_and_1(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    code, out, _ = said(capsys, "lint", str(GOOD))
    assert code == 0
    assert "No findings in 1 image" in out
    code, out, _ = said(capsys, "lint", "fixtures/ct202/bad")
    assert code == 1
    assert "fixtures/ct202/bad/root/etc/cont-init.d/30-shared.sh:5:7" in out
    assert '5 | chown "$USER_NAME:" /srv/shared' in out
    assert "40-account.sh:5: the account is made here" in out


def test_fail_on_decides(capsys: pytest.CaptureFixture[str]) -> None:
    folder = str(ROOT / "fixtures" / "ct111" / "bad")
    assert said(capsys, "lint", folder)[0] == 1
    assert said(capsys, "lint", folder, "--fail-on", "error")[0] == 0
    assert said(capsys, "lint", folder, "--ignore", "CT111")[0] == 0
    assert said(capsys, "lint", folder, "--select", "CT2")[0] == 0


def test_wrong_use_is_2_and_says_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    for argv in (["lint", "--nonsense"], ["nothing"], ["lint", "--select", "CT999"], ["lint", "--fail-on", "loud"]):
        code, out, err = said(capsys, *argv)
        assert (code, out) == (2, ""), argv
        assert err.startswith("ctlint: "), argv
        assert "Traceback" not in err


def test_json_is_valid_and_the_same_each_time(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(FLEET)
    first = said(capsys, "lint", "--format", "json")
    assert first == said(capsys, "lint", "--format", "json")
    report = json.loads(first[1])
    jsonschema.validate(report, json.loads(schema("lint")))
    images = {image["id"]: image for image in report["images"]}
    ohif = images["cloudtop-ohif/Dockerfile"]
    assert ohif["chain"][:2] == ["helxplatform/cloudtop-ohif", "helxplatform/cloudtop"]
    assert ohif["s6"] == "1.20.0.0"
    assert report["summary"]["images"] == len(images)


def test_graph_json_is_valid(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(FLEET)
    for flags in ([], ["--stages"]):
        code, out, _ = said(capsys, "graph", "--format", "json", *flags)
        assert code == 0
        graph = json.loads(out)
        jsonschema.validate(graph, json.loads(schema("graph")))
        froms = {(e["source"], e["target"], e["tag"]) for e in graph["edges"] if e["kind"] == "from"}
        assert ("cloudtop/Dockerfile", "cloudtop-ohif/Dockerfile", "develop-latest") in froms
        assert ("cloudtop/Dockerfile", "cloudtop-imagej-napari/Dockerfile", "latest") in froms
        assert ("tomcat", "cloudtop/Dockerfile", "9-jre8") in froms


def test_graph_draws_descendants_and_ancestors(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(FLEET)
    _, out, _ = said(capsys, "graph")
    lines = out.splitlines()
    tomcat = lines.index(next(line for line in lines if line.startswith("tomcat")))
    assert "helxplatform/cloudtop " in lines[tomcat + 1]
    assert any("helxplatform/cloudtop-octave-gnuplot" in line and line.startswith(" ") for line in lines)
    _, out, _ = said(capsys, "graph", "--select", "+cloudtop-octave-gnuplot", "--invert")
    assert [line.split()[1 if " " in line[:1] or "└" in line else 0] for line in out.splitlines()][:2] == [
        "helxplatform/cloudtop-octave-gnuplot",
        "helxplatform/cloudtop-octave",
    ]
    assert "cloudtop-ohif" not in out
    _, out, _ = said(capsys, "graph", "--depth", "1")
    assert "cloudtop-octave-gnuplot" not in out
    code, _, err = said(capsys, "graph", "--select", "nosuchimage")
    assert code == 2
    assert "nosuchimage" in err


def test_inspect_says_where_the_account_is_made(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(FLEET)
    code, out, _ = said(capsys, "inspect", ".", "cloudtop-imagej-napari")
    assert code == 0
    assert "${USER_NAME}: made at start by cloudtop/root/etc/cont-init.d/40-tigervnc.sh:" in out
    assert "HOME=/headless  cloudtop/Dockerfile:" in out
    order = [line.split()[2] for line in out.splitlines() if " cont-init " in line]
    assert order == sorted(order)
    assert order.index("40-tigervnc.sh") < order.index("50-desktop-init.sh")
    code, out, _ = said(capsys, "inspect", ".", "cloudtop-imagej-napari", "--format", "json")
    data = json.loads(out)
    assert data["env"]["HOME"]["value"] == "/headless"
    assert [a["made"] for a in data["accounts"] if a["name"] == "${USER_NAME}"] == ["start"]


@pytest.mark.parametrize(("start", "doubtful"), [("", False), ('ENTRYPOINT ["python3", "/app.py"]\n', True)])
def test_inspect_says_that_the_start_may_not_lead_to_the_boot_plan(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], start: str, doubtful: bool
) -> None:
    (tmp_path / "Dockerfile").write_text(
        f"FROM lscr.io/linuxserver/baseimage-alpine:3.21\nCOPY app.py /app.py\n{start}"
    )
    (tmp_path / "app.py").write_text("print(1)\n")
    assert main(["inspect", str(tmp_path)]) == 0
    out = capsys.readouterr().out
    assert "oneshot init-adduser" in out
    assert ("leads to /init: what python3 starts is not known" in out) == doubtful


def test_inspect_asks_which_image_is_meant(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(FLEET)
    code, _, err = said(capsys, "inspect")
    assert code == 2
    assert "helxplatform/cloudtop-ohif" in err


def test_inspect_lists_files_with_their_origin(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(FLEET)
    _, out, _ = said(capsys, "inspect", ".", "cloudtop-ohif", "--files", "/etc/cont-init.d")
    assert "/etc/cont-init.d/40-tigervnc.sh  cloudtop/root/etc/cont-init.d/40-tigervnc.sh:1" in out
    assert "/etc/services.d" not in out.replace("?", "").split("/etc/cont-init.d/60-firefox.sh")[0]


def test_parse_prints_a_line_for_each_file(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM a AS b\nRUN echo hi\n")
    (tmp_path / "Broken").write_text("FROM a\nRUN <<EOF\nno end\n")
    code, out, _ = said(capsys, "parse", str(tmp_path / "Dockerfile"), str(tmp_path / "Broken"))
    assert code == 3
    good, broken = (json.loads(line) for line in out.splitlines())
    assert [i["instruction"] for i in good["instructions"]] == ["FROM", "RUN"]
    assert good["error"] is None
    assert broken["error"]["line"] == 2


def test_a_rule_page_and_the_list(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = said(capsys, "rule", "CT205")
    assert code == 0
    assert "with-contenv" in out
    assert said(capsys, "rule", "init-environment-missing")[1] == out
    code, _, err = said(capsys, "rule", "CT20")
    assert code == 2
    assert "CT20" in err


def test_standard_input(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "ctlint", "lint", "-", "--format", "concise"],
        input=b'FROM scratch\nENTRYPOINT [ "/init" ]\'\n',
        capture_output=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stdout.startswith(b"-:2:23: error: CT603")


def test_one_script_stands_for_its_images(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(FLEET)
    _, out, _ = said(capsys, "lint", "cloudtop-ohif/root/etc/services.d/ohif/run", "--format", "json")
    assert [image["id"] for image in json.loads(out)["images"]] == ["cloudtop-ohif/Dockerfile"]


def test_fix_leaves_nothing_to_fix(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    shutil.copytree(ROOT / "fixtures" / "ct104" / "bad", tmp_path / "x")
    (tmp_path / "x" / "expect.txt").unlink()
    monkeypatch.chdir(tmp_path / "x")
    before = said(capsys, "lint", "--select", "CT104", "--format", "json")[1]
    assert json.loads(before)["summary"]["error"] == 2
    code, _, err = said(capsys, "lint", "--select", "CT104", "--fix")
    assert code == 0
    assert "Fixed 2 findings" in err
    assert os.stat("root/etc/cont-init.d/10-stamp").st_mode & stat.S_IXUSR
    assert said(capsys, "lint", "--select", "CT104", "--fix")[2] == ""


def test_an_ignore_comment_hides_and_an_idle_one_is_told(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    shutil.copytree(BAD, tmp_path / "x")
    monkeypatch.chdir(tmp_path / "x")
    script = Path("root/etc/cont-init.d/30-shared.sh")
    lines = script.read_text().splitlines()
    lines.insert(4, "# ctlint: ignore[CT202] the share is given away later")
    script.write_text("\n".join(lines) + "\n")
    code, out, _ = said(capsys, "lint")
    assert code == 0
    assert "1 finding was hidden" in out
    lines.insert(1, "# ctlint: ignore[CT205] nothing here")
    script.write_text("\n".join(lines) + "\n")
    code, out, _ = said(capsys, "lint", "--format", "concise")
    assert code == 1
    assert "CT003" in out


def test_baseline_hides_what_was_there(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    shutil.copytree(BAD, tmp_path / "x")
    monkeypatch.chdir(tmp_path / "x")
    assert said(capsys, "lint", "--write-baseline", "base.json")[0] == 0
    assert said(capsys, "lint", "--baseline", "base.json")[0] == 0
    assert said(capsys, "lint")[0] == 1


@pytest.mark.parametrize("format", ["json", "sarif", "gitlab"])
def test_output_to_a_file_is_whole(capsys: pytest.CaptureFixture[str], tmp_path: Path, format: str) -> None:
    target = tmp_path / "out.json"
    code, out, _ = said(capsys, "lint", str(BAD), str(tmp_path / "nosuch"), "--format", format, "-o", str(target))
    assert (code, out) == (3, "")
    assert json.loads(target.read_text())


def test_the_config_command_and_its_schemas(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "ctlint.toml").write_text('fail-on = "error"\n')
    monkeypatch.chdir(tmp_path)
    code, out, _ = said(capsys, "config")
    assert code == 0
    assert 'fail-on = "error"' in out
    assert "ctlint.toml" in out
    for name in ("config", "lint", "graph", "parse"):
        code, out, _ = said(capsys, "config", "--schema", name)
        jsonschema.Draft202012Validator.check_schema(json.loads(out))
    assert said(capsys, "config", "--schema", "nothing")[0] == 2


def test_lint_loads_neither_graph_nor_network_nor_terminal() -> None:
    program = (
        "import sys; from ctlint.lint.cli import main; main(['lint', sys.argv[1]]);"
        "print(sorted({'networkx', 'requests', 'rich', 'platformdirs'} & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", program, str(BAD)], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"


@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-"])
def test_closed_streams_change_nothing_of_the_exit_code(closed: str) -> None:
    command = f'"{sys.executable}" -m ctlint lint --format json "{BAD}" {closed}'
    done = subprocess.run(["bash", "-c", command], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr


def test_inspect_names_images_so_that_they_can_be_told_apart(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository = tmp_path / "viewer"
    repository.mkdir()
    for name in ("Dockerfile", "Dockerfile.arm"):
        (repository / name).write_text("FROM debian:12\n")
    (repository / "Makefile").write_text(
        "all:\n\tdocker build -t acme/viewer:1 .\n\tdocker build -t acme/viewer:1-arm -f Dockerfile.arm .\n"
    )
    monkeypatch.chdir(repository)
    code, _, err = said(capsys, "inspect")
    assert code == 2
    assert err.splitlines()[0].endswith("There are 2 images here; name one of them:")
    for line in err.splitlines()[1:]:
        assert main(shlex.split(line, comments=True)[1:]) == 0
    assert "ctlint inspect . viewer/Dockerfile.arm" in err
    code, out, err = said(capsys, "inspect", ".", "acme/viewer")
    assert code == 0
    assert out.startswith("acme/viewer  Dockerfile\n")
    assert "This is viewer/Dockerfile; there is viewer/Dockerfile.arm, too." in err
    assert said(capsys, "inspect", ".", "viewer/Dockerfile.arm")[1].startswith("acme/viewer  Dockerfile.arm")
