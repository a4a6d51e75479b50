"""`inspect --at`, `--why` and `--diff`: predicted and real images at a moment, what made them so, what differs."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from ctlint.lint.cli import main
from ctlint.lint.output.json_schema import schema
from oci_images import file, folder, gone, image, layout, link

PARENT = """FROM debian:12 AS build
RUN touch /made
FROM debian:12
ENV MODE=base LEVEL=1
COPY --from=build /made /opt/made
RUN useradd -u 1200 kim
"""
CHILD = """FROM acme/base:1
ENV MODE=child
COPY run.sh /opt/run.sh
RUN chmod 0750 /opt/run.sh && \\
    chown kim /opt/run.sh
RUN rm /opt/made
USER kim
"""


@pytest.fixture
def fleet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, text in (("base", PARENT), ("app", CHILD)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "Dockerfile").write_text(text)
    (tmp_path / "base" / "Makefile").write_text("b:\n\tdocker build -t acme/base:1 .\n")
    (tmp_path / "app" / "Makefile").write_text("b:\n\tdocker build -t acme/app:1 .\n")
    (tmp_path / "app" / "run.sh").write_text("#!/bin/sh\n")
    (tmp_path / "ctlint.toml").write_text("workspace = true\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def asked(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    code = main(["inspect", *arguments, "--format", "json"])
    captured = capsys.readouterr()
    assert code == 0, captured.err
    found = json.loads(captured.out)
    jsonschema.validate(found, json.loads(schema("inspect")))
    return found


def asked_text(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(["inspect", *arguments]) == 0
    return capsys.readouterr().out


def events(found: Any) -> list[tuple[str, int, str]]:
    return [(event["path"], event["line"], event["change"]) for event in found["events"]]


def test_an_image_is_shown_as_it_is_after_a_line(fleet: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def modes(at: str) -> dict[str, str]:
        files = asked(capsys, ".", "acme/app", "--at", at, "--files", "/opt/*")["files"]
        return {row["path"]: row["mode"] for row in files if row["kind"] == "file"}

    assert modes("2") == {"/opt/made": modes("2")["/opt/made"]}
    assert modes("3")["/opt/run.sh"] == "0644"
    assert modes("4") == modes("0:3")
    assert modes("5")["/opt/run.sh"] == "0750"
    assert "/opt/made" not in modes("6")
    assert asked(capsys, ".", "acme/app", "--at", "6")["user"] is None
    assert asked(capsys, ".", "acme/app", "--at", "7")["user"]["value"] == "kim"
    built = asked(capsys, ".", "acme/base", "--at", "build:1", "--files", "/made")
    assert [row["path"] for row in built["files"]] == ["/made"]


@pytest.mark.parametrize("at", ["0", "nowhere:1", "build:9", "word"])
def test_what_is_no_moment_is_refused(fleet: Path, at: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["inspect", ".", "acme/base", "--at", at]) == 2
    assert capsys.readouterr().err.startswith("ctlint: ")


def test_why_names_the_nearest_line_that_may_have_brought_it(fleet: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (fleet / "base/Dockerfile").write_text("FROM debian:12\nRUN ./setup-everything\nRUN apt-get install -y dconf-cli\n")
    (fleet / "app/Dockerfile").write_text(
        "FROM acme/base:1\nRUN apt-get install -y viewer\nCOPY run.sh /usr/bin/viewer.sh\n"
    )
    seen = events(asked(capsys, ".", "acme/app", "--why", "/usr/share/applications/viewer.desktop"))
    assert seen[-1][:2] == ("app/Dockerfile", 2)
    assert seen[-1][2] == "perhaps there: app/Dockerfile:2 installs packages with apt-get"
    assert events(asked(capsys, ".", "acme/app", "--why", "/usr/bin/viewer.sh"))[-1][2].startswith("file ")
    assert "perhaps" not in events(asked(capsys, ".", "acme/app", "--why", "/usr/bin/viewer.sh"))[-1][2]
    shown = asked_text(capsys, ".", "acme/app", "--files", "/usr/bin/viewer.sh")
    assert "more may be there" not in shown
    assert "more may be there: app/Dockerfile:2 installs" in asked_text(
        capsys, ".", "acme/app", "--files", "/usr/share/*"
    )


def test_why_tells_every_instruction_through_the_parents(fleet: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = events(asked(capsys, ".", "acme/app", "--why", "/opt/run.sh"))
    assert [(path, line) for path, line, _ in run] == [("app/Dockerfile", 3), ("app/Dockerfile", 4)]
    assert "0750 kim" in run[1][2]
    made = events(asked(capsys, ".", "acme/app", "--why", "/opt/made"))
    assert [(path, line) for path, line, _ in made] == [("base/Dockerfile", 5), ("app/Dockerfile", 6)]
    assert made[1][2].startswith("gone")
    assert events(asked(capsys, ".", "acme/app", "--why", "MODE")) == [
        ("base/Dockerfile", 4, "ENV base"),
        ("app/Dockerfile", 2, "ENV child (was base)"),
    ]
    assert events(asked(capsys, ".", "acme/app", "--why", "kim"))[0][:2] == ("base/Dockerfile", 6)
    assert events(asked(capsys, ".", "acme/app", "--why", "user")) == [("app/Dockerfile", 7, "USER kim")]
    assert events(asked(capsys, ".", "acme/app", "--why", "NOTHING")) == []


def differing(found: Any) -> dict[tuple[str, str], tuple[str | None, str | None]]:
    return {(row["kind"], row["name"]): (row["before"], row["after"]) for row in found["differences"]}


def test_two_moments_and_two_images_are_compared(fleet: Path, capsys: pytest.CaptureFixture[str]) -> None:
    moments = differing(asked(capsys, ".", "acme/app", "--diff", "3", "7"))
    assert moments == {
        ("setting", "USER"): (None, "kim"),
        ("path", "/opt/made"): (moments[("path", "/opt/made")][0], None),
        ("path", "/opt/run.sh"): ("0644, root", "0750, kim"),
    }
    images = differing(asked(capsys, ".", "--diff", "acme/base", "acme/app"))
    assert images[("env", "MODE")] == ("base", "child")
    assert images[("path", "/opt/run.sh")] == (None, "file 0750")


@pytest.fixture
def real(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    lower = [folder("etc"), file("etc/passwd", "root:x:0:0::/root:/bin/sh\n"), file("opt/a", "1"), link("opt/l", "a")]
    upper = [
        file("opt/a", "22", 0o755),
        gone("opt/l"),
        file("etc/passwd", "root:x:0:0::/root:/bin/sh\nkim:x:7:7::/k:/\n"),
    ]
    history = [
        {"created_by": "ADD base /"},
        {"created_by": "ENV MODE=one", "empty_layer": True},
        {"created_by": "COPY more / # buildkit"},
        {"created_by": "ENV MODE=two", "empty_layer": True},
    ]
    layout(tmp_path / "images", {"x": image(lower, upper, history=history, settings={"Env": ["MODE=two"]})})
    monkeypatch.chdir(tmp_path)
    return "oci:images"


def test_a_real_image_has_moments_too(real: str, capsys: pytest.CaptureFixture[str]) -> None:
    before = asked(capsys, real, "--at", "2", "--files", "/opt/*")
    assert {row["path"]: row["mode"] for row in before["files"]} == {"/opt/a": "0644", "/opt/l": "0777"}
    assert [(line, change) for _, line, change in events(asked(capsys, real, "--why", "/opt/a"))] == [
        (1, "file 0644 0:0, 1 bytes"),
        (3, "file 0755 0:0, 2 bytes"),
    ]
    assert [line for _, line, _ in events(asked(capsys, real, "--why", "/opt/l"))] == [1, 3]
    assert [line for _, line, _ in events(asked(capsys, real, "--why", "MODE"))] == [2, 4]
    found = differing(asked(capsys, real, "--diff", "1", "4"))
    assert found[("account", "kim")] == (None, "uid 7, home /k")
    assert found[("path", "/opt/l")] == ("link → a", None)
    assert main(["inspect", real, "--at", "9"]) == 2
    assert "has no step 9" in capsys.readouterr().err


def test_a_port_of_a_real_image_is_the_one_that_its_dockerfile_exposes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    settings: dict[str, Any] = {"ExposedPorts": {"80/tcp": {}, "53/udp": {}}}
    layout(tmp_path / "images", {"x": image([file("a", "1")], settings=settings)})
    (tmp_path / "Dockerfile").write_text("FROM scratch\nCOPY a /a\nEXPOSE 80/TCP 53/udp 443\n")
    (tmp_path / "a").write_text("1")
    monkeypatch.chdir(tmp_path)
    name = asked(capsys, ".")["image"]
    found = asked(capsys, ".", "--diff", name, "oci:images")["differences"]
    assert [(row["name"], row["before"]) for row in found if row["kind"] == "setting"] == [("EXPOSE", "443")]
