"""What a change silences from inside the repository is said, and does not count where that is asked for."""

import json
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest

from checkouts import Checkout
from ctlint.lint.cli import main
from oci_images import file, image, layout

BAD = "FROM debian:12.8-slim\nENTRYPOINT /bin/true x\n"
CONFIG = 'fail-on = "warning"\n'

SILENCES: dict[str, dict[str, str | None]] = {
    "ignore": {"ctlint.toml": CONFIG + 'ignore = ["CT602"]\n'},
    "select": {"ctlint.toml": CONFIG + 'select = ["CT1"]\n'},
    "severity": {"ctlint.toml": CONFIG + "severity = { CT602 = 'info' }\n"},
    "fail-on": {"ctlint.toml": 'fail-on = "error"\nseverity = { CT602 = "warning" }\n'},
    "per-file-ignores": {"ctlint.toml": CONFIG + 'per-file-ignores = { "*" = ["CT602"] }\n'},
    "exclude": {"ctlint.toml": CONFIG + 'exclude = ["Dockerfile"]\n'},
    "extend": {"ctlint.toml": CONFIG + 'extend = "other.toml"\n', "other.toml": 'ignore = ["CT602"]\n'},
    "another file": {".ctlint.toml": 'ignore = ["CT602"]\n'},
    "a comment": {"Dockerfile": BAD.replace("ENTRY", "# ctlint: ignore[CT602] because\nENTRY")},
    "a comment for the file": {"Dockerfile": "# ctlint: ignore-file[CT602] because\n" + BAD},
}


def changed(
    folder: Path, monkeypatch: pytest.MonkeyPatch, before: dict[str, str], after: dict[str, str | None]
) -> None:
    checkout = Checkout.of(folder, before)
    for path, text in after.items():
        if text is None:
            (folder / path).unlink()
        else:
            checkout.write({path: text})
    monkeypatch.chdir(folder)


def linted(capsys: pytest.CaptureFixture[str], *argv: str) -> tuple[int, list[str], str]:
    code = main(["lint", "--since", "HEAD", "--format", "json", *argv])
    out, err = capsys.readouterr()
    return code, [finding["rule"] for finding in json.loads(out)["findings"]], err


@pytest.mark.parametrize("how", SILENCES)
def test_a_silence_is_said_and_can_be_undone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], how: str
) -> None:
    quieter = 'fail-on = "info"\nseverity = { CT602 = "warning" }\n'
    before = {"Dockerfile": BAD, "ctlint.toml": quieter if how == "fail-on" else CONFIG}
    changed(tmp_path, monkeypatch, before, SILENCES[how])
    code, found, err = linted(capsys)
    assert "this change silences 1 finding, 1 of which would fail:" in err
    assert "CT602" in err
    assert code == 0
    code, found, _ = linted(capsys, "--no-local-silence")
    assert (code, found.count("CT602")) == (1, 1)


def test_a_line_taken_out_of_the_configuration_is_a_silence_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before = {"Dockerfile": BAD, "ctlint.toml": 'severity = { CT602 = "info" }\nfail-on = "info"\n'}
    changed(tmp_path, monkeypatch, before, {"ctlint.toml": 'severity = { CT602 = "info" }\n'})
    code, _, err = linted(capsys)
    assert code == 0
    assert "this change silences 1 finding, 1 of which would fail:" in err
    assert linted(capsys, "--no-local-silence")[0] == 1


BASE = {"base/Dockerfile": "FROM debian:12.8-slim\n", "app/Dockerfile": "FROM acme/base:1.2.3\nENV A=$NOWHERE\n"}
CONTEXT = {"Dockerfile": "FROM debian:12.8-slim\nCOPY x /x\n", "one/y": "", "two/x": ""}
RESOLVING: dict[str, tuple[str, dict[str, str], str | None, str]] = {
    "names": (
        "CT304",
        BASE,
        '[names]\n"base/Dockerfile" = "acme/other"\n',
        '[names]\n"base/Dockerfile" = "acme/base"\n',
    ),
    "parents": (
        "CT304",
        BASE,
        '[parents]\n"acme/base" = "acme/other"\n',
        '[parents]\n"acme/base" = "./base/Dockerfile"\n',
    ),
    "contexts": (
        "CT511",
        CONTEXT,
        '[contexts]\n"Dockerfile" = { context = "two" }\n',
        '[contexts]\n"Dockerfile" = { context = "one" }\n',
    ),
    "a configuration that is gone": ("CT304", BASE, None, '[names]\n"base/Dockerfile" = "acme/base"\n'),
    "a setting of names that is gone": ("CT304", BASE, "", '[names]\n"base/Dockerfile" = "acme/base"\n'),
}


@pytest.mark.parametrize("how", RESOLVING)
def test_what_makes_an_image_another_one_may_be_a_silence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], how: str
) -> None:
    """names, contexts and parents say what is known of an image: with less of it, a rule is silent."""
    rule, files, now, before = RESOLVING[how]
    changed(tmp_path, monkeypatch, {**files, "ctlint.toml": before}, {"ctlint.toml": now})
    code, found, err = linted(capsys)
    assert rule not in found
    assert "this change silences 1 finding, 1 of which would fail:" in err
    assert f": {rule} " in err
    assert code == 0
    code, found, _ = linted(capsys, "--no-local-silence")
    assert (code, found.count(rule)) == (1, 1)


def test_a_longer_baseline_is_a_silence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before = {
        "Dockerfile": BAD,
        "ctlint.toml": 'baseline = "known.json"\n',
        "known.json": '{"schema": 1, "findings": []}',
    }
    changed(tmp_path, monkeypatch, before, {})
    (tmp_path / "ctlint.toml").rename(tmp_path / "away")
    assert main(["lint", "--write-baseline", "known.json"]) == 0
    (tmp_path / "away").rename(tmp_path / "ctlint.toml")
    capsys.readouterr()
    code, found, err = linted(capsys)
    assert (code, found) == (0, [])
    assert "this change silences 1 finding" in err
    assert linted(capsys, "--no-local-silence")[:2] == (1, ["CT602"])


def other_facts(folder: Path) -> None:
    """Facts that say what hides a finding, with the lock's checksum made to fit."""
    (facts,) = (folder / "ctlint.lock.d").iterdir()
    was = facts.read_bytes()
    now = was.replace(b"KNOWN=1", b"NOWHERE=1")
    assert now != was
    facts.write_bytes(now)
    lock = folder / "ctlint.lock"
    lock.write_text(lock.read_text().replace(sha256(was).hexdigest(), sha256(now).hexdigest()))


def no_lock(folder: Path) -> None:
    (folder / "ctlint.lock").unlink()


def no_parent(folder: Path) -> None:
    lock = json.loads((folder / "ctlint.lock").read_text())
    lock["parents"][0]["tag"] = "another"
    (folder / "ctlint.lock").write_text(json.dumps(lock))


@pytest.mark.parametrize("change", [other_facts, no_lock, no_parent])
def test_another_lock_is_a_silence(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    change: Callable[[Path], None],
) -> None:
    """What a lock says of a parent decides what is known of the images built on it."""
    base = image([file("etc/passwd", "root:x:0:0::/root:/bin/sh\n")], settings={"Env": ["PATH=/bin", "KNOWN=1"]})
    layout(tmp_path / "images", {"acme/base:1": base})
    folder = tmp_path / "app"
    changed(folder, monkeypatch, {"Dockerfile": "FROM acme/base:1\nENV A=$NOWHERE\n", "ctlint.toml": CONFIG}, {})
    assert main(["lock", "--parents-from", f"oci:{tmp_path / 'images'}"]) == 0
    checkout = Checkout(folder)
    checkout.commit("lock")
    assert main(["lint"]) == 1
    assert "CT304" in capsys.readouterr().out
    change(folder)
    code, found, err = linted(capsys)
    assert (code, "CT304" in found) == (0, False)
    assert "this change silences 1 finding, 1 of which would fail:" in err
    assert ": CT304 " in err
    code, found, _ = linted(capsys, "--no-local-silence")
    assert (code, found.count("CT304")) == (1, 1)


def test_facts_that_are_not_those_of_the_lock_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    base = image([file("etc/passwd", "root:x:0:0::/root:/bin/sh\n")], settings={"Env": ["PATH=/bin", "KNOWN=1"]})
    layout(tmp_path / "images", {"acme/base:1": base})
    folder = tmp_path / "app"
    changed(folder, monkeypatch, {"Dockerfile": "FROM acme/base:1\nENV A=$NOWHERE\n", "ctlint.toml": CONFIG}, {})
    assert main(["lock", "--parents-from", f"oci:{tmp_path / 'images'}"]) == 0
    (facts,) = (folder / "ctlint.lock.d").iterdir()
    facts.write_bytes(facts.read_bytes() + b"\n")
    capsys.readouterr()
    assert main(["lint", "--format", "json"]) == 3
    (told,) = [one for one in json.loads(capsys.readouterr().out)["findings"] if one["rule"] == "CT001"]
    assert told["path"].startswith("ctlint.lock.d/")


@pytest.mark.parametrize("name", ["ctlint.toml", "shared"])
def test_a_configuration_that_a_link_replaces_is_a_silence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    """What the link leads to may have been there before; the name had other words."""
    before = {
        "Dockerfile": BAD,
        "shared": CONFIG,
        "other": 'ignore = ["CT602"]\n',
        "ctlint.toml": 'extend = "shared"\n',
    }
    changed(tmp_path, monkeypatch, before, {name: None})
    (tmp_path / name).symlink_to("other")
    code, _, err = linted(capsys)
    assert code == 0
    assert "this change silences 1 finding, 1 of which would fail:" in err
    assert linted(capsys, "--no-local-silence")[0] == 1


def test_a_silence_that_rev_has_is_none_of_the_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    quiet = BAD.replace("ENTRY", "# ctlint: ignore[CT602] because\nENTRY")
    changed(tmp_path, monkeypatch, {"Dockerfile": quiet, "ctlint.toml": CONFIG}, {"Dockerfile": quiet + "ENV A=1\n"})
    assert linted(capsys, "--no-local-silence") == (0, [], "")


def test_it_goes_with_since(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["lint", "--no-local-silence"]) == 2


QUOTED_NOWHERE = "#!/bin/bash\necho $1\n"
INIT = (
    "FROM debian:12.8-slim\nADD https://github.com/just-containers/s6-overlay/releases/download/v2.2.0.3/s6-overlay-amd64.tar.gz"
    ' /tmp/\nRUN tar -xzf /tmp/s6-overlay-amd64.tar.gz -C /\nCOPY --chmod=755 root/ /\nENTRYPOINT ["/init"]\n'
)
SCRIPT = "root/etc/cont-init.d/10-x"
SHELL_SILENCES: dict[str, dict[str, str | None]] = {
    "a comment": {SCRIPT: QUOTED_NOWHERE.replace("echo", "# shellcheck disable=SC2086\necho")},
    "a comment for all": {SCRIPT: QUOTED_NOWHERE.replace("\n", "\n#  shellcheck disable=all\n", 1)},
    "a comment about the shell": {SCRIPT: QUOTED_NOWHERE.replace("\n", "\n# shellcheck shell=ksh disable=SC2086\n", 1)},
    "settings": {".shellcheckrc": "disable=SC2086\n"},
    "settings beside it": {"root/etc/shellcheckrc": "disable=SC2086\n"},
}


@pytest.mark.parametrize("how", SHELL_SILENCES)
def test_what_shellcheck_is_told_to_keep_to_itself_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], how: str
) -> None:
    before = {"Dockerfile": INIT, SCRIPT: QUOTED_NOWHERE, "ctlint.toml": 'fail-on = "info"\nselect = ["SC"]\n'}
    changed(tmp_path, monkeypatch, before, SHELL_SILENCES[how])
    code, found, err = linted(capsys, "--shellcheck")
    assert "this change silences 1 finding, 1 of which would fail:" in err
    assert (code, found) == (0, [])
    assert "SC2086" in err
    code, found, _ = linted(capsys, "--shellcheck", "--no-local-silence")
    assert (code, found) == (1, ["SC2086"])
    assert "silences" not in linted(capsys)[2]


def test_what_shellcheck_kept_to_itself_before_is_not_said_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    quiet = QUOTED_NOWHERE.replace("echo", "# shellcheck disable=SC2086\necho")
    before = {
        "Dockerfile": INIT,
        SCRIPT: quiet,
        "ctlint.toml": 'select = ["SC"]\n',
        ".shellcheckrc": "disable=SC2154\n",
    }
    changed(
        tmp_path,
        monkeypatch,
        before,
        {SCRIPT: quiet + 'echo "$missing"\n', ".shellcheckrc": "# shellcheck\ndisable=SC2154\n"},
    )
    assert "silences" not in linted(capsys, "--shellcheck", "--no-local-silence")[2]
