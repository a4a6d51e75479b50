"""`inspect --format json` is what its JSON Schema says, of images and of those who run them."""

import json
from typing import Any

import jsonschema
import pytest

from ctlint.lint.cli import main
from ctlint.lint.output.json_schema import schema
from expectations import FIXTURES


@pytest.mark.parametrize(
    "fixture",
    ["ct104/good-v3", "ct202/bad", "ct205/good", "ct402/bad", "ct403/good", "ct605/bad", "ct608/bad", "ct612/bad"],
)
def test_images_are_as_the_schema_says(fixture: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["inspect", str(FIXTURES / fixture), "--files", "/**", "--format", "json"]) == 0
    data = json.loads(capsys.readouterr().out)
    checked(data)
    assert data["files"]


@pytest.mark.parametrize(
    ("run", "service", "told"),
    [
        ("ct701/bad", "station", "findings"),
        ("ct701/bad-capabilities", "heartbeat", "cap_drop"),
        ("ct703/bad", "sealed", "findings"),
        ("ct705/bad", "scripts", "mounts"),
    ],
)
def test_images_as_they_are_run_are_as_the_schema_says(
    run: str, service: str, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["inspect", str(FIXTURES / run), "--as", service, "--format", "json"]) == 0
    data = json.loads(capsys.readouterr().out)
    checked(data)
    assert data["run_by"][told]


def test_what_the_schema_does_not_know_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["inspect", str(FIXTURES / "ct202/bad"), "--format", "json"]) == 0
    data = json.loads(capsys.readouterr().out)
    with pytest.raises(jsonschema.ValidationError):
        checked({**data, "boots": data["boot"]})


def checked(data: Any) -> None:
    jsonschema.validate(data, json.loads(schema("inspect")))
