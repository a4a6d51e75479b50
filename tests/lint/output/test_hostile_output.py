"""Text of a repository in every field of every format and in every error: it moves no cursor and gives CI no order."""

import json
import re
import xml.etree.ElementTree as ElementTree
from io import StringIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkouts import Checkout
from ctlint.lineage.text.places import Place, Span
from ctlint.lint.cli import main
from ctlint.lint.output.console import Console, report_lines
from ctlint.lint.output.report import ImageSummary, Report, Skipped
from ctlint.lint.output.report_format_names import FORMATS
from ctlint.lint.output.report_formats import render
from ctlint.lint.output.terminal import is_command, row
from ctlint.rules.base import Edit, Finding, Fix, Related, Severity

EVIL = (
    "::error::x", "\n::error::x", " ::add-mask::x", "##[add-mask]x", "a ##[group]b", "##vso[task.x]", "##teamcity[x]",
    "\x1b[2J\x1b]0;t\x07", "\x9b31m", "\u202egpj.exe", "\u2066x\u2069", "\u2028::error::x", "\r::error::x", "\x00\x08\x7f",
    "\udcff", "\x85::error::x",
)  # fmt: skip
NEVER = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def harmless(text: str, *, own: bool = False) -> None:
    """`own` says that the format is made of GitHub's orders, one a finding."""
    assert not NEVER.search(text), repr(NEVER.search(text))
    for line in text.split("\n"):
        ordered = is_command(line)
        assert not ordered or (own and re.match(r"::(error|warning|notice) title=", line)), line
    assert not re.search(r"##[a-z]*\[", text) or own


def report(evil: str) -> Report:
    place = Place(evil, Span(1, 1, 1, 3))
    fix = Fix(
        evil, (Edit("text", place, evil), Edit("rename", place, to=evil), Edit("chmod", place, mode="755")), "safe"
    )
    finding = Finding("CT205", evil, Severity.ERROR, evil, evil, place, evil, evil, evil, (Related(place, evil),), fix)
    plain = Finding("CT001", "unreadable-input", Severity.ERROR, evil, evil, place, "", "f")
    image = ImageSummary(evil, evil, evil, evil, (evil,), evil, "full")
    return Report((image,), (finding, plain), (Skipped("CT1", evil, evil),), lines=lambda path: f"{evil}\n{evil}")


@pytest.mark.parametrize("evil", EVIL)
@pytest.mark.parametrize("format", [*FORMATS, "text"])
def test_no_field_of_a_format_gives_an_order(format: str, evil: str) -> None:
    if format == "text":
        for color in ("never", "always"):
            out = StringIO()
            Console(out, color).write(report_lines(report(evil), 80, verbose=True))  # type: ignore[arg-type]
            text = re.sub(r"\x1b\[[0-9;]*m", "", out.getvalue()) if color == "always" else out.getvalue()
            harmless(text)
        return
    text = render(report(evil), format)
    harmless(text, own=format == "github")
    if format in ("json", "sarif", "gitlab"):
        assert json.loads(text)
    if format == "junit":
        ElementTree.fromstring(text)


@given(st.text() | st.sampled_from(EVIL))
def test_a_row_is_never_an_order(text: str) -> None:
    assert not is_command(row(text))
    assert not NEVER.search(row(text))


@pytest.mark.parametrize(
    "evil", [each for each in EVIL if "\0" not in each and "\udcff" not in each and "/" not in each]
)
def test_no_error_and_no_command_prints_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], evil: str
) -> None:
    quoted = json.dumps(evil)
    toml = quoted.replace("\\u007f", "\x7f")
    checkout = Checkout.of(
        tmp_path / "work", {"Dockerfile": f"FROM debian:12.8-slim AS x\nLABEL {quoted}=y\nENTRYPOINT /a {evil}\n"}
    )
    name = f"d{evil}"
    (checkout.root / name).mkdir()
    (checkout.root / name / "Dockerfile").write_text(f"FROM x\nFOO{evil} \nUSER {evil}\n")
    (checkout.root / "docker-compose.yml").write_text(f"services:\n  a:\n    image: {quoted}\n    build: .\n")
    monkeypatch.chdir(checkout.root)
    configurations = [
        f"{toml} = 1\n", f"[parents]\n{toml} = {toml}\n", f"extend = {toml}\n", f"baseline = {toml}\n", f"fail-on = {toml}\n",
        f"ignore = [{toml}]\n", f"[severity]\n{toml} = 'error'\n", f"[names]\nDockerfile = {toml}\n", "exclude = []\n",
        f"[aliases]\n{toml} = {toml}\n",
    ]  # fmt: skip
    commands = [
        ["lint"], ["lint", "--format", "concise"], ["config"], ["inspect", ".", "work"], ["graph"], ["graph", "--consumers"],
        ["lint", "--verbose"], ["parse", f"{name}/Dockerfile"], ["inspect", ".", evil], ["graph", "--why", evil, evil],
        ["rule", evil], ["lint", evil], ["lint", "--select", evil], ["graph", "--format", "mermaid"], ["graph", "--format", "dot"],
        ["inspect", ".", "work", "--format", "json"], ["graph", "--format", "json"], ["lint", "--since", evil], ["lint", "--diff"],
    ]  # fmt: skip
    for number, configuration in enumerate(configurations):
        (checkout.root / "ctlint.toml").write_text(configuration)
        for argv in commands if number == len(configurations) - 2 else commands[:2]:
            main(argv)
            out, err = capsys.readouterr()
            harmless(out + err)
