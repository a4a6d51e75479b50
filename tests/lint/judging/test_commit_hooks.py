"""What a hook of git looks at: what is about to be committed, in whichever index git keeps it for that commit."""

import sys
from pathlib import Path

import pytest

from checkouts import ROOT, Checkout, forget_hooks
from ctlint.lint.cli import main

SCRIPT = "10-made"
FILES = {
    "Dockerfile": f"FROM debian:12-slim\nCOPY {SCRIPT} /usr/local/bin/made\nRUN made\n",
    SCRIPT: "#!/bin/sh\n: >/var/lib/made\n",
}


@pytest.fixture
def image(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Checkout:
    """An image whose script has its x bit, with a hook that lints it."""
    forget_hooks(monkeypatch)
    made = Checkout.of(tmp_path / "image", FILES)
    (made.root / SCRIPT).chmod(0o755)
    made.commit("executable")
    hook = made.root / ".git" / "hooks" / "pre-commit"
    hook.parent.mkdir(exist_ok=True)
    lines = (
        "#!/bin/sh",
        f"PYTHONPATH={ROOT / 'src'} {sys.executable} -m ctlint lint --format concise >.git/told",
        "exit 0",
    )
    hook.write_text("\n".join(lines) + "\n")
    hook.chmod(0o755)
    monkeypatch.chdir(made.root)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "kept"))
    return made


@pytest.mark.parametrize("words", [("-a",), (SCRIPT,)])
def test_a_mode_of_commit_a_and_of_commit_path(image: Checkout, words: tuple[str, ...]) -> None:
    assert main(["lint"]) == 0  # a result that could be kept
    (image.root / SCRIPT).chmod(0o644)
    image.git("commit", "--quiet", "-m", "the x bit is lost", *words)
    told = (image.root / ".git" / "told").read_text()
    assert "has no x bit" in told


def test_an_index_of_another_checkout_is_none_of_this_one(
    image: Checkout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    other = Checkout.of(tmp_path / "other", FILES)  # without the x bit
    monkeypatch.setenv("GIT_INDEX_FILE", str(other.root / ".git" / "index"))
    assert main(["lint", "--no-cache"]) == 0
    assert "no x bit" not in capsys.readouterr().out
