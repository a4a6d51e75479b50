"""The quick way out of the pre-commit hook: `ctlint lint --skip-unaffected`."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from checkouts import FLEET, ROOT, Checkout, forget_hooks
from ctlint.lint.cli import main

CHILD = "cloudtop-imagej-napari"
README = "README.md"
LAUNCHER = "src/common/xfce/Desktop/imagej.desktop"


@pytest.fixture
def child(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Checkout:
    """A repository with findings."""
    forget_hooks(monkeypatch)
    made = Checkout.copy(FLEET / CHILD, tmp_path / CHILD)
    monkeypatch.chdir(made.root)
    return made


def skipped(capsys: pytest.CaptureFixture[str], *argv: str) -> bool:
    """Whether nothing was linted."""
    code = main(["lint", "--skip-unaffected", *argv])
    out = capsys.readouterr().out
    assert (code, bool(out)) in ((0, False), (1, True))
    return code == 0


def test_a_commit_of_words_is_not_linted(child: Checkout, capsys: pytest.CaptureFixture[str]) -> None:
    child.append(README, "words\n")
    child.write({"docs/page.md": "words\n"})
    child.git("add", "--all")
    assert skipped(capsys)
    assert skipped(capsys, "--format", "concise", ".")


def test_where_nothing_is_committed_everything_is_linted(child: Checkout, capsys: pytest.CaptureFixture[str]) -> None:
    assert not skipped(capsys)
    child.append(README, "not staged\n")
    child.write({"docs/page.md": "untracked\n"})
    assert not skipped(capsys)


@pytest.mark.parametrize(
    "path",
    [
        *("Dockerfile", LAUNCHER, "root/etc/cont-init.d/50-desktop-init.sh", "root/etc/cont-init.d/new"),
        *(
            ".dockerignore",
            "Dockerfile.dockerignore",
            "other/Dockerfile",
            ".gitignore",
            "ctlint.toml",
            "pyproject.toml",
        ),
        *(
            "docker-compose.yaml",
            ".github/workflows/ci.yml",
            "Makefile",
            "Jenkinsfile",
            "config.env",
            ".env",
            "build.sh",
        ),
        *("docker-bake.hcl", "values.yaml", "elsewhere/root/etc/services.d/x/run"),
    ],
)
def test_whatever_an_image_may_depend_on_is_linted(
    child: Checkout, capsys: pytest.CaptureFixture[str], path: str
) -> None:
    child.write({path: "FROM a\n" if path.endswith("Dockerfile") else "# text\n"})
    child.git("add", "--all")
    assert not skipped(capsys)


def test_a_file_that_is_gone_is_linted(child: Checkout, capsys: pytest.CaptureFixture[str]) -> None:
    child.write({"Dockerfile": "FROM debian:latest\nCOPY data /data\n", "data/a": "a", "data/b": "b"})
    child.commit("data")
    child.git("rm", "--quiet", "data/a")
    assert not skipped(capsys)
    child.git("reset", "--quiet", "--hard")
    child.git("mv", "data/a", "a")
    assert not skipped(capsys)


def test_what_dockerignore_leaves_out_is_not_linted(child: Checkout, capsys: pytest.CaptureFixture[str]) -> None:
    child.write({"Dockerfile": "FROM debian:latest\nCOPY . /srv\n", ".dockerignore": "docs\n"})
    child.commit("all of it")
    child.write({"docs/a": "a"})
    child.git("add", "--all")
    assert skipped(capsys)
    child.append(README, "words\n")
    child.git("add", "--all")
    assert not skipped(capsys)


def test_a_readme_that_tells_how_to_build_is_linted(child: Checkout, capsys: pytest.CaptureFixture[str]) -> None:
    child.append(README, "\n```\ndocker build --build-arg A=b -t acme/other:1 .\n```\n")
    child.git("add", "--all")
    assert not skipped(capsys)


def test_what_is_staged_and_what_is_not_both_count(child: Checkout, capsys: pytest.CaptureFixture[str]) -> None:
    child.append(README, "words\n")
    child.git("add", README)
    child.append(LAUNCHER, "# not staged\n")
    assert not skipped(capsys)
    child.git("add", LAUNCHER)
    child.git("show", f"HEAD:{LAUNCHER}")
    (child.root / LAUNCHER).write_bytes((FLEET / CHILD / LAUNCHER).read_bytes())
    assert not skipped(capsys)


def test_the_index_of_commit_a_is_looked_at(
    child: Checkout, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    index = child.root / ".git" / "index"
    child.append("Dockerfile", "# more\n")
    child.git("add", "Dockerfile")
    whole = index.read_bytes()
    child.git("reset", "--quiet", "--hard")
    child.append(README, "words\n")
    child.git("add", README)
    assert skipped(capsys)
    (child.root / ".git" / "index.lock").write_bytes(whole)
    monkeypatch.setenv("GIT_INDEX_FILE", ".git/index.lock")
    monkeypatch.setenv("GIT_DIR", ".git")
    assert not skipped(capsys)


def test_a_range_that_is_pushed(
    child: Checkout, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = child.git("rev-parse", "HEAD")
    child.append(README, "words\n")
    second = child.commit("words")
    child.append("Dockerfile", "# more\n")
    third = child.commit("an image")

    def over(start: str, end: str) -> bool:
        monkeypatch.setenv("PRE_COMMIT_FROM_REF", start)
        monkeypatch.setenv("PRE_COMMIT_TO_REF", end)
        return skipped(capsys)

    assert not over(first, third)
    assert not over(second, "HEAD")
    assert not over(first, second), "HEAD, which is linted, is another commit"
    child.git("checkout", "--quiet", "--detach", second)
    assert over(first, second)
    assert over(first, "HEAD")
    assert not over(second, second), "nothing is pushed"
    assert not over("nonsense", second)
    assert not over("", second)


def test_where_it_cannot_be_told_everything_is_linted(
    child: Checkout, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    child.append(README, "words\n")
    child.git("add", README)
    assert skipped(capsys)
    assert not skipped(capsys, "Dockerfile")
    assert not skipped(capsys, "--format", "json")
    assert not skipped(capsys, "--build-arg", "A=b")
    other = Checkout.copy(FLEET / CHILD, tmp_path / "other")
    assert not skipped(capsys, ".", str(other.root))
    child.write({"ctlint.toml": 'exclude = ["x"]\n'})
    child.git("add", "--all")
    child.git("commit", "--quiet", "-m", "with configuration")
    child.append(README, "words\n")
    child.git("add", README)
    assert skipped(capsys)
    monkeypatch.setenv("PATH", "/nowhere")
    assert not skipped(capsys)


def test_configuration_above_the_target_is_looked_at(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    forget_hooks(monkeypatch)
    monkeypatch.chdir(tmp_path)
    made = Checkout.of(tmp_path / "r", {"images/Dockerfile": "FROM debian:latest\n", "ctlint.toml": "\n", "a": ""})
    first = made.git("rev-parse", "HEAD")
    made.write({"a": "words\n"})
    made.git("add", "--all")
    assert skipped(capsys, "r/images")
    made.write({"ctlint.toml": "# other\n"})
    made.git("add", "--all")
    assert not skipped(capsys, "r/images")
    made.commit("configuration")
    monkeypatch.setenv("PRE_COMMIT_FROM_REF", first)
    monkeypatch.setenv("PRE_COMMIT_TO_REF", "HEAD")
    assert not skipped(capsys, "r/images")


def test_the_baseline_of_the_command_line_is_looked_at(child: Checkout, capsys: pytest.CaptureFixture[str]) -> None:
    empty = '{"schema": 1, "findings": []}'
    child.write({"accepted.json": empty})
    child.commit("baseline")
    child.write({"accepted.json": empty + "\n"})
    child.git("add", "--all")
    assert skipped(capsys)
    assert not skipped(capsys, "--baseline", "accepted.json")


def test_the_first_commit_is_linted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    forget_hooks(monkeypatch)
    made = Checkout(tmp_path)
    made.write({"Dockerfile": "FROM debian:latest\n"})
    made.git("init", "--quiet")
    made.git("add", "--all")
    monkeypatch.chdir(tmp_path)
    assert not skipped(capsys)


def test_nothing_heavy_is_loaded(child: Checkout) -> None:
    child.append(README, "words\n")
    child.git("add", README)
    program = (
        "import sys\nfrom ctlint.lint.cli import main\nassert main(['lint', '--skip-unaffected']) == 0\n"
        "print(*sorted(set(sys.modules) & {'ctlint.lineage.folding.fold', 'ctlint.lineage.boot.plan', 'ctlint.lineage.workspace.workspace', "
        "'ctlint.lint.judging.engine', 'ctlint.rules.discover', 'yaml', 'tree_sitter', 'networkx', 'rich', 'requests'}))"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=child.root, env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == ""
