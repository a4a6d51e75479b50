"""The judge of real builds itself: its grammar, and that it tells a wrong claim from a right one. No builder is needed."""

import json
import os
import re
import shutil
import subprocess
from collections import Counter
from pathlib import Path

import pytest
from tools.oracle.builder import refusal_of
from tools.oracle.built import Base, Built, entries_of
from tools.oracle.claims import Verdict, compared
from tools.oracle.context import lay_out
from tools.oracle.fixtures import prepare
from tools.oracle.given import cases_of, public_cases, without_instruction, without_packages
from tools.oracle.grammar import CONTEXT, FORMS, cases
from tools.oracle.journal import Journal
from tools.oracle.predicted import Predicted, inspected
from tools.oracle.report import BEGIN, END, Figures, write_figures

from expectations import FIXTURES

BASES = ("debian:bookworm-slim", "debian:trixie-slim")
SETTINGS = {
    "Config": {"Env": ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "A=1"], "WorkingDir": "/"}
}


def test_the_grammar_uses_every_form_and_gives_the_same_each_time() -> None:
    made = cases(15, 320, BASES)
    used = Counter(form for case in made for form in set(case.forms))
    assert min(used[form] for form in FORMS) >= 5
    assert all(len(re.findall(r"(?m)^[A-Z]+ ", case.dockerfile)) >= 5 for case in made)
    assert made == cases(15, 320, BASES)
    assert made != cases(16, 320, BASES)


def predicted_and_built(tmp_path: Path, dockerfile: str, files: dict[str, str], modes: dict[str, int]) -> Verdict:
    context = tmp_path / "context"
    lay_out(context, {"Dockerfile": dockerfile, "one.txt": "one\n"})
    root = tmp_path / "root"
    root.mkdir()
    for path, text in files.items():
        place = root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
        place.chmod(modes.get(path, 0o644))
    for folder in [one for one in root.rglob("*") if one.is_dir()]:
        folder.chmod(0o755)
    built = Built(root, SETTINGS, Base({}, {}))
    built.entries = {path: entry._replace(owner=0) for path, entry in entries_of(root).items()}
    return compared(inspected(tmp_path, "context"), built)


DOCKERFILE = "FROM scratch\nENV A=1\nCOPY one.txt /x/one\n"


def test_right_claims_are_counted(tmp_path: Path) -> None:
    verdict = predicted_and_built(tmp_path, DOCKERFILE, {"x/one": "one\n"}, {})
    assert verdict.wrong == []
    assert verdict.claims["content"] == 1
    assert (verdict.known, verdict.built) == (2, 2)


@pytest.mark.parametrize(
    ("files", "modes", "field"),
    [
        ({"x/one": "two\n"}, {}, "content"),
        ({"x/one": "one\n"}, {"x/one": 0o600}, "mode"),
        ({"x/other": "one\n"}, {}, "exists"),
        ({"x/one": "one\n", "y": ""}, {}, "absent"),
        ({"x/one/inside": "one\n"}, {}, "kind"),
    ],
)
def test_a_wrong_claim_is_told(tmp_path: Path, files: dict[str, str], modes: dict[str, int], field: str) -> None:
    verdict = predicted_and_built(tmp_path, DOCKERFILE, files, modes)
    assert field in {name for name, _ in verdict.wrong}


def test_a_folder_is_known_to_be_there_by_what_is_surely_in_it() -> None:
    def there(path: str, *, sure: bool) -> dict[str, object]:
        return {"path": path, "kind": "file", "sure": sure}

    files = [there("/a/b/c", sure=True), there("/a/b", sure=False), there("/d/e", sure=False), there("/d", sure=False)]
    clouds = [{"below": ["/"], "spares": ["/f"]}]
    predicted = Predicted({"files": files, "files_open": clouds, "image": "x", "id": "x", "chain": []})
    answers = {path: predicted.answer(path) for path in ("/a/b/c", "/a/b", "/a", "/d/e", "/d", "/a/x", "/f")}
    assert answers == {
        "/a/b/c": "yes",
        "/a/b": "yes",
        "/a": "yes",
        "/d/e": "unknown",
        "/d": "unknown",
        "/a/x": "unknown",
        "/f": "no",
    }


def test_a_context_is_laid_out_with_its_modes_links_and_archives(tmp_path: Path) -> None:
    folder = tmp_path / "c"
    lay_out(folder, CONTEXT)
    assert (folder / "tree/private").stat().st_mode & 0o777 == 0o600
    assert os.readlink(folder / "tree/link") == "f.txt"
    assert (folder / "tree/empty").stat().st_mode & 0o777 == 0o750
    assert (folder / "bundle.bin").read_bytes()[257:262] == b"ustar"


def test_the_figures_replace_those_of_the_document(tmp_path: Path) -> None:
    document = tmp_path / "trust.md"
    document.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n")
    figures = Figures("generated", "BuildKit", 7, images=2)
    figures.claims["mode"] = 1234
    figures.at = {"2026-11-30, commit 0123456789"}
    write_figures(document, [figures])
    text = document.read_text()
    assert "old" not in text
    assert "| mode | 1,234 | 0 | 0 |" in text
    assert text.startswith("before\n")
    assert text.endswith("after\n")
    assert "seed 7" in text
    assert "Judged on 2026-11-30, commit 0123456789.\n" in text


def test_figures_of_what_was_not_run_stay(tmp_path: Path) -> None:
    document = tmp_path / "trust.md"
    document.write_text(f"{BEGIN}\n{END}\n")
    write_figures(
        document, [Figures("generated", "BuildKit", 7, images=2), Figures("boots", "BuildKit", None, images=5)]
    )
    write_figures(document, [Figures("generated", "BuildKit", 8, images=3)])
    text = document.read_text()
    assert "seed 7" not in text
    assert text.index("seed 8") < text.index("5 boots of fixtures")


def test_cases_of_a_file_have_their_contexts_and_arguments(tmp_path: Path) -> None:
    listed = [
        {"name": "copy/one", "dockerfile": "FROM debian:bookworm-slim\nCOPY b /\n", "files": {"b": {"base64": "AP8="}}},
        {"name": "arg/one", "dockerfile": "FROM scratch\n", "args": {"A": "1"}, "base": "scratch", "net": True},
    ]
    (tmp_path / "cases.json").write_text(json.dumps(listed))
    first, second = cases_of(tmp_path / "cases.json")
    assert (first.base, first.args, first.network) == ("debian:bookworm-slim", {}, False)
    assert (second.base, second.args, second.network) == ("scratch", {"A": "1"}, True)
    lay_out(tmp_path / "context", first.files)
    assert (tmp_path / "context" / "b").read_bytes() == b"\0\xff"


@pytest.mark.parametrize(
    ("written", "built"),
    [
        (
            "FROM ubuntu:22.04 AS made\nRUN apt-get update && apt-get install -y x\nFROM made\nRUN pip3 install y",
            "FROM debian:bookworm-slim AS made\nRUN true update && true install -y x\nFROM made\nRUN true install y\n",
        ),
        (
            "FROM a\nRUN mkdir /x && \\\n# why\n  wget x.org\nADD https://x.org/f /\nADD f /\nRUN touch \\\n /y/go\n",
            "FROM debian:bookworm-slim\nRUN true\nRUN true\nADD f /\nRUN touch \\\n /y/go\n",
        ),
        ("FROM scratch\nCOPY apt /apt-get/\n", "FROM scratch\nCOPY apt /apt-get/\n"),
        (
            "# syntax=docker/dockerfile:1\nFROM a/b\nRUN cp /usr/bin/apt-get x\n",
            "FROM debian:bookworm-slim\nRUN cp /usr/bin/apt-get x\n",
        ),
    ],
)
def test_package_steps_do_nothing_and_bases_are_local(written: str, built: str) -> None:
    assert without_packages(written) == built


@pytest.mark.parametrize(
    ("large", "there", "own"),
    [(0, ["other", "sub"], "sub/Dockerfile"), (5 << 20, ["Dockerfile", "one.txt"], "Dockerfile")],
)
def test_a_public_dockerfile_has_its_repository_or_its_folder(
    tmp_path: Path, large: int, there: list[str], own: str
) -> None:
    repository = tmp_path / "clones" / "acme+desk" / "repo"
    lay_out(
        repository, {"sub/Dockerfile": "FROM ubuntu\nCOPY one.txt /\n", "sub/one.txt": "one\n", "other": "o" * large}
    )
    identity = ("-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false")
    for words in (("init", "-q"), ("add", "."), (*identity, "commit", "-qm", "x")):
        subprocess.run(["git", "-C", str(repository), *words], check=True)
    head = subprocess.check_output(["git", "-C", str(repository), "rev-parse", "HEAD"], text=True).strip()
    addresses = [f"acme/desk@{head}:sub/Dockerfile", f"acme/gone@{head}:Dockerfile"]
    (case,) = public_cases(tmp_path / "clones", tmp_path / "into", addresses)
    assert case.folder is not None
    assert (sorted(one.name for one in case.folder[0].iterdir()), case.folder[1]) == (there, own)
    assert case.dockerfile == "FROM debian:bookworm-slim\nCOPY one.txt /\n"


def test_a_journal_gives_back_what_was_judged(tmp_path: Path) -> None:
    verdict = Verdict(known=3, built=4, missed=["/x"], wrong=[("mode", "/y: said 1, is 2")])
    verdict.say("exists", True, "", own=False)
    verdict.unknown["owner"] += 2
    journal = Journal(tmp_path / "journal")
    journal.keep("cases a", verdict, "", left_out=2, at="today")
    journal.keep("cases b", None, "does not build: x")
    again = Journal(tmp_path / "journal")
    first, second = again.row("cases a"), again.row("cases b")
    assert first is not None
    assert second is not None
    assert (first["verdict"], first["left_out"], first["at"]) == (verdict, 2, "today")
    assert (second["verdict"], second["problem"]) == (None, "does not build: x")
    assert again.row("cases c") is None


@pytest.mark.parametrize(
    ("text", "lines", "less"),
    [
        ("FROM a\nRUN x \\\n && y\nCOPY b /\n", (2, 3), "FROM a\nCOPY b /\n"),
        ("FROM a\nCOPY b /\n", (2, 2), "FROM a\n"),
        ("FROM a\nCOPY b /\n", (1, 1), "FROM a\nCOPY b /\n"),
    ],
)
def test_an_instruction_that_fails_is_left_out_but_no_from(text: str, lines: tuple[int, int], less: str) -> None:
    assert without_instruction(text, lines) == less


def test_the_lines_of_what_fails_are_read_off_the_builder_s_output() -> None:
    output = (
        "#5 ERROR: exit code: 1\n------\nDockerfile:2\n--------------------\n   1 |     FROM a\n   2 | >>> RUN x \\\n"
        "   3 | >>>  && y\n   4 |     COPY b /\n--------------------\nERROR: failed to build: exit code: 1\n"
    )
    refusal = refusal_of(output)
    assert refusal.lines == (2, 3)
    assert refusal.text == "ERROR: failed to build: exit code: 1"
    assert refusal_of("ERROR: no space\n").lines is None


@pytest.mark.parametrize("name", ["good-prepared", "good-prepared-code"])
def test_a_fixture_is_built_of_what_its_pipeline_makes_of_it(tmp_path: Path, name: str) -> None:
    copied = shutil.copytree(FIXTURES / "ct105" / name, tmp_path / name)
    script = copied / "root/etc/cont-init.d/10-state"
    assert b"\r" in script.read_bytes()
    prepare(copied)
    assert b"\r" not in script.read_bytes()
    prepare(shutil.copytree(FIXTURES / "ct105" / "good", tmp_path / "other"))
