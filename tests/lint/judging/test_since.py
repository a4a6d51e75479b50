"""What a change touches: `ctlint lint --since` and `ctlint graph --since`, on real git repositories."""

import json
import os
import shutil
from hashlib import sha256
from pathlib import Path
from random import Random

import jsonschema
import pytest

from checkouts import FLEET, ROOT, Checkout, forget_hooks
from ctlint.lineage.repository.change import FileChange, change_since
from ctlint.lineage.repository.disk import read_folder
from ctlint.lineage.repository.git_files import enclosing_checkout
from ctlint.lint.cli import main
from ctlint.lint.output.json_schema import schema

CHILD = "cloudtop-imagej-napari"
SCRIPT = "root/etc/cont-init.d/40-tigervnc.sh"
Found = list[tuple[str, str]]


@pytest.fixture(autouse=True)
def plain(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    forget_hooks(monkeypatch)
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def fleet(tmp_path: Path) -> dict[str, Checkout]:
    """A workspace of repositories: a parent and its three children."""
    names = ("cloudtop", CHILD, "cloudtop-octave", "cloudtop-ohif")
    return {name: Checkout.copy(FLEET / name, tmp_path / name) for name in names}


@pytest.fixture
def child(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Checkout:
    made = Checkout.copy(FLEET / CHILD, tmp_path / CHILD)
    monkeypatch.chdir(made.root)
    return made


def linted(capsys: pytest.CaptureFixture[str], *argv: str) -> tuple[int, Found]:
    """The exit code and (path, rule) of each finding."""
    code = main(["lint", "--format", "json", *argv])
    out = capsys.readouterr().out
    return code, [(finding["path"], finding["rule"]) for finding in json.loads(out)["findings"]]


def refused(capsys: pytest.CaptureFixture[str], *argv: str) -> str:
    """The sentence with which a use is refused."""
    assert main(argv) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    return captured.err


def changed(root: Path, commit: str) -> FileChange:
    checkout = enclosing_checkout(root)
    assert checkout is not None
    return change_since(read_folder(root), checkout, commit)


# What is reported


def test_a_rename_in_the_parent_breaks_three_children(
    fleet: dict[str, Checkout], capsys: pytest.CaptureFixture[str]
) -> None:
    fleet["cloudtop"].git("mv", SCRIPT, SCRIPT.replace("40-", "60-"))
    assert linted(capsys, "--since", "HEAD", "--select", "CT404") == (0, [])
    code, found = linted(capsys, "--since", "HEAD", "--downstream", "--select", "CT404")
    assert code == 1
    assert [path.split("/")[0] for path, _ in found] == [CHILD, "cloudtop-octave", "cloudtop-ohif"]
    code, found = linted(capsys, "--since", "HEAD", "--downstream")
    assert {path.split("/")[0] for path, rule in found if rule != "CT404"} == {"cloudtop"}


def test_what_was_broken_before_is_not_new_wherever_its_line_has_gone(
    fleet: dict[str, Checkout], capsys: pytest.CaptureFixture[str]
) -> None:
    parent = fleet["cloudtop"]
    late = SCRIPT.replace("40-", "60-")
    parent.git("mv", SCRIPT, late)
    parent.commit("late")
    parent.write({late: (parent.root / late).read_text().replace("\n", "\n# moved\n# moved\n", 1)})
    assert linted(capsys, "--since", "HEAD", "--downstream", "--select", "CT404") == (0, [])
    assert len(linted(capsys, "--since", "HEAD~1", "--downstream", "--select", "CT404")[1]) == 3


def test_a_repaired_parent_leaves_nothing(fleet: dict[str, Checkout], capsys: pytest.CaptureFixture[str]) -> None:
    parent = fleet["cloudtop"]
    late = SCRIPT.replace("40-", "60-")
    parent.git("mv", SCRIPT, late)
    parent.commit("late")
    parent.git("mv", late, SCRIPT)
    assert linted(capsys, "--since", "HEAD", "--downstream", "--select", "CT404") == (0, [])


COPIES = {
    "Dockerfile": "FROM debian:latest\nCOPY tool.sh /usr/local/bin/\nCOPY conf/ /etc/tool/\n",
    "tool.sh": "#!/bin/sh\n",
    "conf/tool.conf": "a=b\n",
    "README.md": "words\n",
}


def test_a_file_that_is_deleted_breaks_an_unchanged_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    repo = Checkout.of(tmp_path / "r", COPIES)
    assert linted(capsys, "r") == (1, [("r/Dockerfile", "CT501")])
    repo.git("rm", "--quiet", "tool.sh")
    assert linted(capsys, "r", "--since", "HEAD") == (1, [("r/Dockerfile", "CT511")])


def test_a_readme_touches_nothing(child: Checkout, capsys: pytest.CaptureFixture[str]) -> None:
    child.append("README.md", "More words.\n")
    child.write({"notes/new.txt": "untracked\n"})
    assert main(["lint", "--since", "HEAD"]) == 0
    captured = capsys.readouterr()
    assert "No findings" in captured.out or "Nothing was found" in captured.out
    assert captured.err == "ctlint: the change since HEAD touches no image.\n"
    assert len(linted(capsys)[1]) > 1


def test_a_dockerignore_takes_a_source_away(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    repo = Checkout.of(tmp_path / "r", COPIES)
    repo.write({".dockerignore": "*.sh\n"})
    assert linted(capsys, "r", "--since", "HEAD") == (1, [("r/Dockerfile", "CT511")])
    repo.write({".dockerignore": "docs\n"})
    assert impact(capsys, "HEAD", "r")[0] == ["r/Dockerfile"]
    assert linted(capsys, "r", "--since", "HEAD") == (0, [])


def test_what_dockerignore_leaves_out_is_no_input(child: Checkout, capsys: pytest.CaptureFixture[str]) -> None:
    child.write({"Dockerfile": "FROM heliumdatastage/cloudtop:latest\nCOPY . /srv/\n", ".dockerignore": "docs\n"})
    child.commit("all of it")
    child.write({"docs/page.md": "words\n"})
    assert main(["graph", "--since", "HEAD"]) == 0
    assert "touches no image" in capsys.readouterr().out
    child.write({"page.md": "words\n"})
    assert main(["graph", "--since", "HEAD"]) == 0
    assert "Dockerfile" in capsys.readouterr().out


def test_an_edit_brings_up_what_was_in_the_file_before(child: Checkout, capsys: pytest.CaptureFixture[str]) -> None:
    before = linted(capsys)
    child.append("Dockerfile", "# an unrelated line\n")
    assert linted(capsys, "--since", "HEAD") == before


def test_an_edit_elsewhere_does_not(child: Checkout, capsys: pytest.CaptureFixture[str]) -> None:
    child.append("root/etc/cont-init.d/50-desktop-init.sh", "# an unrelated line\n")
    assert linted(capsys, "--since", "HEAD") == (0, [])


def test_a_new_child_is_all_new(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old = "FROM heliumdatastage/cloudtop:latest\n"
    repo = Checkout.of(tmp_path / "images", {"old/Dockerfile": old})
    repo.write({"new/Dockerfile": old, "new/root/etc/cont-init.d/60-x.sh": "echo x\n"})
    code, found = linted(capsys, "--since", "HEAD", "images")
    assert code == 1
    assert {path.split("/")[1] for path, _ in found} == {"new"}
    assert len(linted(capsys, "images")[1]) > len(found)


def test_a_change_of_one_stage_touches_its_image_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = "FROM golang:1.22 AS build\nCOPY tool /src\nRUN go build /src\nFROM debian:12.8-slim\nCOPY --from=build /src /x\n"
    repo = Checkout.of(
        tmp_path / "images",
        {
            "a/Dockerfile": text,
            "a/tool/main.go": "package main\n",
            "b/Dockerfile": "FROM acme/a\n",
            "Makefile": "all:\n\tdocker build -t acme/a a\n",
        },
    )
    repo.append("a/tool/main.go", "// more\n")
    assert impact(capsys, "HEAD", "images") == (
        ["images/a/Dockerfile"],
        [["images/a/Dockerfile"], ["images/b/Dockerfile"]],
    )
    repo.commit("tool")
    repo.append("b/Dockerfile", "USER nobody\n")
    assert impact(capsys, "HEAD", "images")[0] == ["images/b/Dockerfile"]


def test_a_finding_in_a_changed_file_that_no_image_takes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    repo = Checkout.copy(ROOT / "fixtures" / "ct102" / "bad", tmp_path / "repo")
    found = linted(capsys, "repo", "--select", "CT102")[1]
    assert found
    assert linted(capsys, "repo", "--select", "CT102", "--since", "HEAD")[1] == []
    (path, _), *_ = found
    repo.append(path.removeprefix("repo/"), "# more\n")
    assert linted(capsys, "repo", "--select", "CT102", "--since", "HEAD")[1] == [found[0]]


def test_configuration_that_shows_more_is_a_change(child: Checkout, capsys: pytest.CaptureFixture[str]) -> None:
    child.write({"ctlint.toml": 'ignore = ["CT502", "CT608"]\n'})
    child.commit("quiet")
    child.write({"ctlint.toml": 'ignore = ["CT608"]\n'})
    assert linted(capsys, "--since", "HEAD") == (1, [("Dockerfile", "CT502")])
    child.write({"ctlint.toml": 'ignore = ["CT502", "CT608", "CT501"]\n'})
    assert linted(capsys, "--since", "HEAD") == (0, [])
    assert main(["graph", "--since", "HEAD"]) == 0
    assert "touches no image" in capsys.readouterr().out


def test_configuration_that_excludes_less_shows_what_it_hid(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = "FROM debian:latest\n"
    repo = Checkout.of(tmp_path / "r", {"a/Dockerfile": text, "b/Dockerfile": text, "ctlint.toml": 'exclude = ["b"]\n'})
    repo.write({"ctlint.toml": "\n"})
    assert linted(capsys, "r", "--since", "HEAD") == (1, [("r/b/Dockerfile", "CT501")])


@pytest.mark.parametrize("gone", [False, True])
def test_configuration_above_the_target_is_compared(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], gone: bool
) -> None:
    files = {"images/a/Dockerfile": "FROM debian:latest\n", "ctlint.toml": 'ignore = ["CT501"]\n'}
    repo = Checkout.of(tmp_path / "r", files)
    assert linted(capsys, "r/images", "--since", "HEAD") == (0, [])
    if gone:
        (repo.root / "ctlint.toml").unlink()
    else:
        repo.write({"ctlint.toml": "\n"})
    assert linted(capsys, "r/images", "--since", "HEAD") == (1, [("r/images/a/Dockerfile", "CT501")])


def test_a_finding_is_new_in_an_image_though_another_had_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = ROOT / "fixtures" / "ct111" / "bad"
    text = (source / "Dockerfile").read_text()
    repo = Checkout.copy(source, tmp_path / "r")
    contexts = "".join(f'[contexts."{name}/Dockerfile"]\ncontext = "."\n' for name in "abc")
    bare = text.splitlines(keepends=True)[0]
    repo.git("rm", "--quiet", "Dockerfile")
    repo.write({"a/Dockerfile": bare, "b/Dockerfile": text, "c/Dockerfile": bare, "ctlint.toml": contexts})
    repo.commit("images that share files")
    found = [(f"r/root/etc/services.d/{name}/run", "CT111") for name in ("choice", "heartbeat", "settings")]
    assert linted(capsys, "r", "--select", "CT111", "--since", "HEAD") == (0, [])
    repo.append("b/Dockerfile", "# more\n")
    assert linted(capsys, "r", "--select", "CT111", "--since", "HEAD") == (0, []), "b had it"
    repo.write({"a/Dockerfile": text})
    assert linted(capsys, "r", "--select", "CT111", "--since", "HEAD") == (1, found)
    repo.git("checkout", "--quiet", ".")
    repo.write({"d/Dockerfile": text, "ctlint.toml": contexts + '[contexts."d/Dockerfile"]\ncontext = "."\n'})
    assert linted(capsys, "r", "--select", "CT111", "--since", "HEAD") == (1, found)


def test_new_configuration_that_made_no_sense_before(child: Checkout, capsys: pytest.CaptureFixture[str]) -> None:
    child.write({"ctlint.toml": "nonsense = 1\n"})
    child.commit("broken")
    child.write({"ctlint.toml": "\n"})
    assert linted(capsys, "--since", "HEAD") == (0, [])


def test_an_unreadable_dockerfile_counts_only_where_it_is_touched(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    repo = Checkout.of(
        tmp_path / "images",
        {"a/Dockerfile": "FROM debian:12.8-slim\n", "b/Dockerfile": "FROM debian:12.8-slim\nFOO x\n"},
    )
    assert linted(capsys, "images")[0] == 3
    repo.append("a/Dockerfile", "USER nobody\n")
    assert linted(capsys, "images", "--since", "HEAD", "--select", "CT2")[0] == 0
    repo.append("b/Dockerfile", "USER nobody\n")
    assert linted(capsys, "images", "--since", "HEAD", "--select", "CT2") == (3, [("images/b/Dockerfile", "CT001")])


# With the other options


def test_fix_mends_what_is_reported_and_no_more(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    repo = Checkout.copy(ROOT / "fixtures" / "ct111" / "bad", tmp_path / "r")
    services = repo.root / "root" / "etc" / "services.d"
    shutil.copytree(services / "heartbeat", services / "second")
    repo.commit("two of them")
    run = (services / "second" / "run").read_text()
    (services / "second" / "run").write_text(run.replace("mkdir", "# more\nmkdir"))
    assert linted(capsys, "r", "--since", "HEAD") == (1, [("r/root/etc/services.d/second/run", "CT111")])
    assert main(["lint", "r", "--since", "HEAD", "--fix"]) == 0
    assert (services / "heartbeat" / "run").read_text() == run
    assert "\nexec " in (services / "second" / "run").read_text()


def test_a_file_that_fix_changes_does_not_bring_up_its_other_findings(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    repo = Checkout.copy(ROOT / "fixtures" / "ct111" / "bad", tmp_path / "r")
    for other in ("choice", "settings"):  # whose findings are others
        repo.git("rm", "-r", "--quiet", f"root/etc/services.d/{other}")
    run = "root/etc/services.d/heartbeat/run"
    good = (
        (repo.root / run)
        .read_text()
        .replace("s6-setuidgid", "exec s6-setuidgid")
        .replace("mkdir", "rm /nothing\nmkdir")
    )
    repo.write({run: good, "ctlint.toml": 'ignore = ["CT111"]\n'})
    repo.commit("quiet")
    repo.write({run: good.replace("exec ", "")})
    repo.commit("not seen")
    repo.write({"ctlint.toml": 'extend-select = ["CT111"]\n'})
    assert linted(capsys, "r", "--since", "HEAD") == (1, [(f"r/{run}", "CT111")])
    assert main(["lint", "r", "--since", "HEAD", "--fix"]) == 0
    assert "No findings" in capsys.readouterr().out


def test_what_does_not_go_together(child: Checkout, capsys: pytest.CaptureFixture[str]) -> None:
    assert "--write-baseline" in refused(capsys, "lint", "--since", "HEAD", "--write-baseline", "b.json")
    assert not (child.root / "b.json").exists()
    assert "--since" in refused(capsys, "lint", "--downstream")
    for command in ("lint", "graph"):
        assert "clone the repository" in refused(capsys, command, "--since", "HEAD", "github:acme/images")
    assert "standard input" in refused(capsys, "lint", "--since", "HEAD", "-", "--stdin-filename", "Dockerfile")
    assert "not allowed with" in refused(capsys, "graph", "--since", "HEAD", "--drift")


# The revision


def test_the_merge_base_is_what_counts(child: Checkout, capsys: pytest.CaptureFixture[str]) -> None:
    child.git("checkout", "--quiet", "-b", "topic")
    child.append("README.md", "topic\n")
    child.commit("topic")
    child.git("checkout", "--quiet", "main")
    child.append("Dockerfile", "# what main has gained meanwhile\n")
    child.commit("main goes on")
    child.git("checkout", "--quiet", "topic")
    assert linted(capsys, "--since", "main") == (0, [])
    child.git("merge", "--quiet", "main")
    assert linted(capsys, "--since", "main") == (0, [])
    assert len(linted(capsys, "--since", "topic~1")[1]) == len(linted(capsys)[1])


def test_revisions_of_every_form(child: Checkout, capsys: pytest.CaptureFixture[str]) -> None:
    child.git("tag", "-a", "v1", "-m", "an annotated tag")
    child.append("Dockerfile", "# second\n")
    second = child.commit("a second commit")
    child.git("checkout", "--quiet", "--detach")
    for revision in ("v1", "HEAD~1", "HEAD^{/first}", second[:10] + "~", "main@{1}"):
        assert linted(capsys, "--since", revision)[1], revision
    for revision in ("HEAD", "HEAD^{/a second commit}", ":/a second"):
        assert linted(capsys, "--since", revision)[1] == [], revision


@pytest.mark.parametrize(
    "revision", ["nothing", "", " ", "HEAD:Dockerfile", "HEAD..main", "^HEAD", "a\nb", "HEAD^{tree}"]
)
def test_a_revision_that_names_no_commit(child: Checkout, capsys: pytest.CaptureFixture[str], revision: str) -> None:
    assert "knows no commit" in refused(capsys, "lint", f"--since={revision}")


@pytest.mark.parametrize("revision", ["--output=x", "-h", "--exec=touch x", "--all"])
def test_a_revision_is_never_an_option(child: Checkout, capsys: pytest.CaptureFixture[str], revision: str) -> None:
    for command in ("lint", "graph"):
        assert "knows no commit" in refused(capsys, command, f"--since={revision}")
    assert not (child.root / "x").exists()


def test_where_there_is_nothing_to_compare_with(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copytree(FLEET / CHILD, tmp_path / "plain")
    assert "is no git checkout with a commit" in refused(capsys, "lint", "--since", "HEAD", "plain")
    unborn = Checkout(tmp_path / "plain")
    unborn.git("init", "--quiet")
    assert "is no git checkout with a commit" in refused(capsys, "lint", "--since", "HEAD", "plain")


def test_a_shallow_clone_says_what_to_fetch(
    child: Checkout, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = child.git("rev-parse", "HEAD")
    child.append("README.md", "more\n")
    child.commit("second")
    child.git("clone", "--quiet", "--depth=1", f"file://{child.root}", str(tmp_path / "shallow"))
    monkeypatch.chdir(tmp_path / "shallow")
    assert "fetch-depth: 0" in refused(capsys, "lint", "--since", first)
    assert linted(capsys, "--since", "HEAD") == (0, [])


def test_a_partial_clone_says_what_to_fetch(
    child: Checkout, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    child.append("Dockerfile", "# second\n")
    child.commit("second")
    child.git("config", "uploadpack.allowFilter", "true")
    partial = Checkout(tmp_path / "partial")
    child.git("clone", "--quiet", "--filter=blob:none", f"file://{child.root}", str(partial.root))
    monkeypatch.chdir(partial.root)
    assert linted(capsys, "--since", "HEAD") == (0, [])
    assert "git fetch --refetch --no-filter" in refused(capsys, "lint", "--since", "HEAD~1")
    partial.git("fetch", "--quiet", "--refetch", "--no-filter")
    assert linted(capsys, "--since", "HEAD~1")[0] == 1


def test_histories_without_a_common_ancestor(child: Checkout, capsys: pytest.CaptureFixture[str]) -> None:
    child.git("checkout", "--quiet", "--orphan", "other")
    child.commit("unrelated")
    assert "no common ancestor" in refused(capsys, "lint", "--since", "main")


def test_a_workspace_says_which_repositories_do_not_know_the_revision(
    fleet: dict[str, Checkout], capsys: pytest.CaptureFixture[str]
) -> None:
    parent = fleet["cloudtop"]
    parent.git("tag", "v1")
    parent.git("mv", SCRIPT, SCRIPT.replace("40-", "60-"))
    assert main(["lint", "--since", "v1", "--downstream", "--select", "CT404", "--format", "concise"]) == 1
    captured = capsys.readouterr()
    assert len([line for line in captured.out.splitlines() if ": note: " not in line]) == 3
    unknown = [name for name in fleet if f"ctlint: {name} knows no commit 'v1'" in captured.err]
    assert unknown == [CHILD, "cloudtop-octave", "cloudtop-ohif"]
    assert "nor can the other 3 be compared" in refused(capsys, "lint", "--since", "v2")


# Git's many forms


def test_a_linked_work_tree(
    child: Checkout, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    child.git("worktree", "add", "--quiet", str(tmp_path / "linked"), "-b", "topic")
    linked = Checkout(tmp_path / "linked")
    linked.append("Dockerfile", "# more\n")
    monkeypatch.chdir(linked.root)
    assert len(linted(capsys, "--since", "main")[1]) == len(linted(capsys)[1])
    monkeypatch.chdir(child.root)
    assert linted(capsys, "--since", "main") == (0, [])


def test_a_hooks_environment_leads_nowhere_else(
    child: Checkout, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Checkout.of(tmp_path / "other", {"a": "b"})
    monkeypatch.setenv("GIT_DIR", str(other.root / ".git"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(other.root / ".git" / "index"))
    monkeypatch.setenv("GIT_EXTERNAL_DIFF", "false")
    child.append("Dockerfile", "# more\n")
    assert len(linted(capsys, "--since", "HEAD")[1]) == len(linted(capsys)[1])


def test_a_submodule_is_one_input(child: Checkout, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    library = Checkout.of(tmp_path / "library", {"tool.sh": "#!/bin/sh\n"})
    child.git("submodule", "--quiet", "add", str(library.root), "library")
    child.append("Dockerfile", "COPY library/tool.sh /usr/bin/\n")
    commit = child.commit("with a submodule")
    assert changed(child.root, commit).paths == frozenset()
    library.append("tool.sh", "echo\n")
    library.commit("more")
    Checkout(child.root / "library").git("pull", "--quiet")
    assert changed(child.root, commit).paths == {"library"}
    assert impact(capsys, "HEAD")[0] == [f"{CHILD}/Dockerfile"]


def test_a_folder_of_a_checkout(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    repo = Checkout.of(tmp_path / "all", {"a/Dockerfile": "FROM a\n", "b/Dockerfile": "FROM b\n", "ab/x": ""})
    repo.append("b/Dockerfile", "USER x\n")
    repo.git("rm", "--quiet", "ab/x")
    assert changed(repo.root / "a", "HEAD").paths == frozenset()
    assert changed(repo.root / "b", "HEAD").paths == {"Dockerfile"}
    assert impact(capsys, "HEAD", "all/a")[0] == []
    assert impact(capsys, "HEAD", "all/b")[0] == ["b/Dockerfile"]


def test_every_kind_of_difference_is_one(tmp_path: Path) -> None:
    names = ("same", "edited", "deleted", "removed", "moved", "mode", "staged", "replaced", "ignored", "folder/inner")
    repo = Checkout.of(tmp_path / "repo", {name: f"{name}\n" for name in names})
    (repo.root / "link").symlink_to("same")
    repo.write({'deleted by name \n "é': "x\n"})
    commit = repo.commit("second")
    repo.append("edited", "more\n")
    (repo.root / "deleted").unlink()
    repo.git("rm", "--quiet", "removed")
    repo.git("mv", "moved", "target")
    repo.git("update-index", "--chmod=+x", "mode")
    repo.append("staged", "more\n")
    repo.git("add", "staged")
    (repo.root / "link").unlink()
    (repo.root / "link").symlink_to("edited")
    (repo.root / "replaced").unlink()
    repo.write({"replaced/by a folder": "", ".gitignore": "junk\n", "junk": "x", "new": "x"})
    (repo.root / 'deleted by name \n "é').unlink()
    os.utime(repo.root / "same")
    repo.git("add", "replaced")
    found = changed(repo.root, commit)
    assert found.paths == {
        *("edited", "deleted", "removed", "moved", "target", "mode", "staged", "link", "replaced"),
        *("replaced/by a folder", ".gitignore", "new", 'deleted by name \n "é'),
    }
    before = found.before
    assert {path for path in before.entries if path not in (*names, "link", 'deleted by name \n "é')} == set()
    assert before.entries["link"].target == "same"
    assert (before.entries["mode"].mode, found.now.entries["mode"].mode) == (0o644, 0o755)
    assert before.text("edited") == "edited\n"
    assert before.text("same") == "same\n"
    assert before.holds("deleted") is True
    assert before.holds("new") is False


def test_a_file_replaced_by_a_folder_that_is_not_added(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    repo = Checkout.of(tmp_path / "r", {"Dockerfile": "FROM debian:12.8-slim\nCOPY conf /etc/x\n", "conf": "a"})
    (repo.root / "conf").unlink()
    repo.write({"conf/inner": "a", "conf/Dockerfile": "FROM debian:latest\n"})
    found = changed(repo.root, "HEAD")
    assert found.paths == {"conf", "conf/inner", "conf/Dockerfile"}
    assert [found.now.locate(path) for path in ("conf", "conf/inner", "conf/other")] == ["conf", "conf/inner", None]
    assert found.before.text("conf") == "a"
    assert linted(capsys, "r", "--since", "HEAD") == (1, [("r/conf/Dockerfile", "CT501")])


def test_a_folder_replaced_by_a_link_that_is_not_added(tmp_path: Path) -> None:
    repo = Checkout.of(tmp_path / "r", {"conf/a": "1", "other/a": "2"})
    shutil.rmtree(repo.root / "conf")
    (repo.root / "conf").symlink_to("other")
    found = changed(repo.root, "HEAD")
    assert found.paths == {"conf", "conf/a"}
    assert (found.now.text("conf/a"), found.before.text("conf/a")) == ("2", "1")


def test_line_ends_and_lfs_are_no_difference(tmp_path: Path) -> None:
    content = b"a large file\n" * 50
    pointer = (
        f"version https://git-lfs.github.com/spec/v1\noid sha256:{sha256(content).hexdigest()}\nsize {len(content)}\n"
    )
    repo = Checkout.of(tmp_path / "repo", {"large": pointer, "text": "one\ntwo\n", "other": pointer})
    (repo.root / "large").write_bytes(content)
    (repo.root / "other").write_bytes(b"something else")
    (repo.root / "text").write_bytes(b"one\r\ntwo\r\n")
    repo.git("config", "core.autocrlf", "input")
    assert changed(repo.root, "HEAD").paths == {"other"}


@pytest.mark.parametrize(
    ("attributes", "config", "same"),
    [
        ("", "false", False),
        ("", "true", True),
        ("* text=auto\n", "false", True),
        ("*.sh text eol=lf\n", "false", True),
        ("*.sh eol=crlf\n", "false", True),
        ("*.sh -text\n", "true", False),
        ("*.sh binary\n", "input", False),
    ],
)
def test_line_ends_are_a_difference_where_git_keeps_them(
    tmp_path: Path, attributes: str, config: str, same: bool
) -> None:
    repo = Checkout.of(tmp_path / "repo", {"a/run.sh": "#!/bin/sh\nls\n", ".gitattributes": attributes})
    repo.git("config", "core.autocrlf", config)
    (repo.root / "a" / "run.sh").write_bytes(b"#!/bin/sh\r\nls\r\n")
    for folder, path in ((repo.root, "a/run.sh"), (repo.root / "a", "run.sh")):
        assert changed(folder, "HEAD").paths == (frozenset() if same else {path})


def test_sparse_checkouts_and_large_files(tmp_path: Path) -> None:
    repo = Checkout.of(tmp_path / "repo", {"a/x": "x", "b/y": "y", "large": "z" * 6_000_000})
    repo.git("sparse-checkout", "set", "a")
    assert not (repo.root / "b").exists()
    assert changed(repo.root, "HEAD").paths == frozenset()
    repo.git("sparse-checkout", "set", "--cone", "--sparse-index", "a")
    os.utime(repo.root / "large")
    assert changed(repo.root, "HEAD").paths == frozenset()
    repo.append("large", "more")
    found = changed(repo.root, "HEAD")
    assert found.paths == {"large"}
    assert found.before.entries["large"].size == 6_000_000


def test_nothing_of_the_repository_is_executed(
    child: Checkout, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    trap = tmp_path / "trap"
    trap.write_text(f"#!/bin/sh\ntouch {tmp_path}/sprung\ncat\n")
    trap.chmod(0o755)
    child.write({".gitattributes": "* filter=trap diff=trap\n"})
    child.commit("attributes")
    for key in ("filter.trap.clean", "filter.trap.smudge", "diff.trap.textconv", "diff.trap.command", "diff.external"):
        child.git("config", key, str(trap))
    for key in ("core.fsmonitor", "core.pager", "pager.ls-tree", "pager.cat-file", "core.sshCommand", "core.editor"):
        child.git("config", key, str(trap))
    for path in ("Dockerfile", "root/etc/cont-init.d/50-desktop-init.sh", "README.md"):
        child.append(path, "# more\n")
    monkeypatch.setenv("GIT_EXTERNAL_DIFF", str(trap))
    assert linted(capsys, "--since", "HEAD")[1]
    main(["lint", "--skip-unaffected"])
    assert not (tmp_path / "sprung").exists()


def test_without_git_it_says_so(
    child: Checkout, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    assert "git is needed" in refused(capsys, "lint", "--since", "HEAD")


# The graph


def impact(capsys: pytest.CaptureFixture[str], revision: str, *argv: str) -> tuple[list[str], list[list[str]]]:
    """The ids of the touched images, and those to rebuild in waves; the output is as its schema says."""
    assert main(["graph", "--format", "json", "--since", revision, *argv]) == 0
    answer = json.loads(capsys.readouterr().out)
    jsonschema.validate(answer, json.loads(schema("graph")))
    return answer["changed"], [[build["id"] for build in wave["include"]] for wave in answer["waves"]]


def test_what_to_rebuild(fleet: dict[str, Checkout], capsys: pytest.CaptureFixture[str]) -> None:
    assert impact(capsys, "HEAD") == ([], [])
    fleet["cloudtop"].append(SCRIPT, "# more\n")
    ids, waves = impact(capsys, "HEAD")
    assert ids == ["cloudtop/Dockerfile"]
    assert [len(wave) for wave in waves] == [1, 3]
    assert main(["graph", "--since", "HEAD"]) == 0
    assert capsys.readouterr().out.startswith("1  helxplatform/cloudtop ")
    fleet["cloudtop"].commit("more")
    fleet["cloudtop-ohif"].append("Dockerfile", "# more\n")
    assert impact(capsys, "HEAD")[1] == [["cloudtop-ohif/Dockerfile"]]


def test_a_build_file_touches_what_it_builds(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    compose = "services:\n  a:\n    build: a\n    image: acme/a:1\n"
    repo = Checkout.of(
        tmp_path / "r",
        {
            "a/Dockerfile": "ARG TAG=12\nFROM debian:${TAG}\n",
            "b/Dockerfile": "FROM acme/a:1\n",
            "c/Dockerfile": "FROM scratch\n",
            "compose.yaml": compose,
            "README.md": "docker build -t acme/c:1 c\n",
        },
    )
    repo.write(
        {
            "compose.yaml": compose.replace(
                "    build: a\n", "    build:\n      context: a\n      args:\n        TAG: 13\n"
            )
        }
    )
    assert impact(capsys, "HEAD", "r") == (["r/a/Dockerfile"], [["r/a/Dockerfile"], ["r/b/Dockerfile"]])
    repo.write({"compose.yaml": compose, "README.md": "Build it:\n\ndocker build -t acme/c:1 c\n"})
    assert impact(capsys, "HEAD", "r")[0] == []
    repo.write({"README.md": "docker build -t acme/d:1 c\n"})
    assert impact(capsys, "HEAD", "r")[0] == ["r/c/Dockerfile"]


@pytest.mark.parametrize(
    ("copy", "path", "taken"),
    [
        ("COPY src /x", "src/deep/file", True),
        ("COPY src /x", "source/file", False),
        ("COPY ./src/*.sh /x", "src/a.sh", True),
        ("COPY ./src/*.sh /x", "src/deep/a.sh", False),
        ("COPY *.sh /x", "src/a.sh", False),
        ("COPY **/*.sh /x", "src/a.sh", True),
        ("ARG D=src\nCOPY ${D}/a /x", "src/a", True),
        ("ARG D=src\nCOPY src/$D /x", "other/a", False),
        ('COPY ["src/with blank", "/x"]', "src/with blank", True),
        ("ADD https://example.org/src/a /x", "src/a", False),
        ("COPY --from=build /src /x", "src/a", False),
        ("RUN --mount=type=bind,source=src,target=/x ls", "src/a", True),
        ("RUN --mount=type=bind,source=src,target=/x ls", "root/a", False),
        ("RUN --mount=type=bind,target=/x ls", "root/a", True),
        ("RUN --mount=type=cache,target=/x ls", "root/a", False),
        ("COPY link/a /x", "src/a", True),
        ("COPY link/a /x", "src/b", False),
        ("COPY <<E /x\nsrc/a\nE", "src/a", False),
        ("RUN ls src", "src/a", False),
    ],
)
def test_what_an_instruction_takes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], copy: str, path: str, taken: bool
) -> None:
    repo = Checkout.of(
        tmp_path / "r", {"Dockerfile": f"FROM debian:12 AS build\nFROM debian:12\n{copy}\n", "src/a": "a"}
    )
    (repo.root / "link").symlink_to("src")
    repo.commit("link")
    repo.write({path: "other\n"})
    assert impact(capsys, "HEAD", "r")[0] == (["r/Dockerfile"] if taken else [])


@pytest.mark.parametrize(
    ("copy", "path"),
    [
        ("COPY conf/* /x", "src/a"),
        ("COPY c*f/deep/b /x", "src/sub/b"),
        ("COPY conf/${F} /x", "src/a"),
        ("COPY all /x", "any"),
    ],
)
def test_a_glob_takes_what_links_lead_to(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], copy: str, path: str
) -> None:
    repo = Checkout.of(tmp_path / "r", {"Dockerfile": f"FROM debian:12\n{copy}\n", "src/a": "a", "src/sub/b": "b"})
    for link, target in (("conf/a", "../src/a"), ("conf/deep", "../src/sub"), ("all", ".")):
        (repo.root / link).parent.mkdir(exist_ok=True)
        (repo.root / link).symlink_to(target)
    repo.commit("links")
    repo.write({path: "other\n"})
    assert impact(capsys, "HEAD", "r")[0] == ["r/Dockerfile"]


def test_a_link_that_leads_elsewhere_by_another(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    repo = Checkout.of(tmp_path / "r", {"Dockerfile": "FROM debian:12\nCOPY one /x\n", "a": "", "b": ""})
    (repo.root / "one").symlink_to("two")
    (repo.root / "two").symlink_to("a")
    repo.commit("links")
    (repo.root / "two").unlink()
    (repo.root / "two").symlink_to("b")
    assert impact(capsys, "HEAD", "r")[0] == ["r/Dockerfile"]


def test_a_parents_onbuild_takes_of_the_childs_context(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    makefile = "all:\n\tdocker build -t acme/base .\n"
    Checkout.of(
        tmp_path / "w" / "base", {"Dockerfile": "FROM debian:12\nONBUILD COPY app /app\n", "Makefile": makefile}
    )
    repo = Checkout.of(tmp_path / "w" / "app", {"Dockerfile": "FROM acme/base\n", "app/x": "", "src/x": ""})
    repo.append("src/x", "more")
    assert impact(capsys, "HEAD", "w")[0] == []
    repo.append("app/x", "more")
    assert impact(capsys, "HEAD", "w")[0] == ["app/Dockerfile"]


@pytest.mark.parametrize("seed", range(6))
def test_the_difference_is_what_git_says(tmp_path: Path, seed: int) -> None:
    """Any mixture of edits, committed, staged or neither, gives the paths of `git diff` and the untracked ones."""
    chance = Random(seed)
    names = [f"{folder}{name}" for folder in ("", "a/", "a/b/", "c d/") for name in ("one", "two", "x.txt")]
    repo = Checkout.of(tmp_path / "repo", {name: f"{name}\n" * 3 for name in names} | {".gitignore": "junk*\n"})
    first = repo.git("rev-parse", "HEAD")
    for _ in range(25):
        name = chance.choice(names)
        file = repo.root / name
        kind = chance.choice(("edit", "edit", "delete", "restore", "add", "junk", "mode", "move", "stage", "commit"))
        if kind in ("edit", "mode", "move", "delete") and not file.is_file():
            continue
        if kind == "edit":
            file.write_bytes(file.read_bytes().replace(b"\n", chance.choice((b"+\n", b"\n\n", b"")), 1))
        elif kind == "delete":
            file.unlink()
        elif kind == "restore" and not file.exists():
            repo.write({name: f"{name}\n" * 3})
        elif kind in ("add", "junk"):
            repo.write(
                {f"{name}.{kind}{chance.randrange(9)}" if kind == "add" else f"junk{chance.randrange(9)}": "x\n"}
            )
        elif kind == "mode":
            repo.git("add", name)
            repo.git("update-index", chance.choice(("--chmod=+x", "--chmod=-x")), name)
        elif kind == "move":
            file.rename(file.with_name(f"{file.name}-{chance.randrange(99)}"))
        elif kind == "stage":
            repo.git("add", "--all", ".")
        elif kind == "commit":
            repo.git("commit", "--quiet", "--allow-empty", "-m", "more")
    repo.git("config", "core.fileMode", "false")
    listed = repo.git("diff", "--name-only", "--no-renames", "-z", first)
    untracked = repo.git("ls-files", "--others", "--exclude-standard", "-z")
    assert changed(repo.root, first).paths == {*listed.split("\0"), *untracked.split("\0")} - {""}
    before = changed(repo.root, first).before
    assert {path: before.text(path) for path in before.entries if path != ".gitignore"} == {
        n: f"{n}\n" * 3 for n in names
    }


def test_a_parents_file_that_only_a_child_cannot_bear(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    parent = Checkout.copy(FLEET / "cloudtop", tmp_path / "w" / "cloudtop")
    late = "RUN mv /etc/cont-init.d/40-tigervnc.sh /etc/cont-init.d/80-tigervnc.sh\n"
    Checkout.of(tmp_path / "w" / "late", {"Dockerfile": f"FROM helxplatform/cloudtop:1.0\n{late}"})
    new = "root/etc/cont-init.d/45-shared.sh"
    parent.write({new: '#!/usr/bin/with-contenv sh\nmkdir -p /srv/shared\nchown "$USER_NAME:" /srv/shared\n'})
    assert linted(capsys, "w", "--select", "CT202") == (0, [])
    assert linted(capsys, "w", "--select", "CT202", "--since", "HEAD") == (0, [])
    where = (f"w/cloudtop/{new}", "CT202")
    assert linted(capsys, "w", "--select", "CT202", "--since", "HEAD", "--downstream") == (1, [where])
    parent.commit("shared")
    parent.append(new, "# more\n")
    assert linted(capsys, "w", "--select", "CT202", "--since", "HEAD", "--downstream") == (0, [])
    assert linted(capsys, "w", "--select", "CT202", "--since", "HEAD", "--inherited") == (0, [])
    assert linted(capsys, "w", "--select", "CT202", "--inherited") == (0, [where])


def test_a_workspace_in_one_checkout(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    repo = Checkout.copy(FLEET, tmp_path / "all")
    repo.git("mv", f"cloudtop/{SCRIPT}", f"cloudtop/{SCRIPT.replace('40-', '60-')}")
    assert linted(capsys, "all", "--since", "HEAD", "--select", "CT404") == (0, [])
    code, found = linted(capsys, "all", "--since", "HEAD", "--downstream", "--select", "CT404")
    assert (code, len(found)) == (1, 4), "the three children, and a child of one of them"


def test_one_dockerfile_of_several(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old = "FROM heliumdatastage/cloudtop:latest\n"
    repo = Checkout.of(tmp_path / "images", {"a/Dockerfile": old, "b/Dockerfile": old, "c/Dockerfile": old})
    repo.append("a/Dockerfile", "USER root\n")
    repo.append("b/Dockerfile", "USER root\n")
    assert {path for path, _ in linted(capsys, "images/a/Dockerfile", "--since", "HEAD")[1]} == {"images/a/Dockerfile"}
    assert linted(capsys, "images/c/Dockerfile", "--since", "HEAD") == (0, [])
    repo.git("rm", "--quiet", "--force", "b/Dockerfile")
    assert {path for path, _ in linted(capsys, "images", "--since", "HEAD")[1]} == {"images/a/Dockerfile"}


def test_a_dockerfile_that_is_renamed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    repo = Checkout.copy(ROOT / "fixtures" / "ct111" / "bad", tmp_path / "r")
    repo.git("mv", "Dockerfile", "Dockerfile.new")
    assert impact(capsys, "HEAD", "r")[0] == ["r/Dockerfile.new"]
    assert linted(capsys, "r", "--since", "HEAD", "--select", "CT111") == (0, []), "the script had it before"


def test_what_a_baseline_hid_was_there(child: Checkout, capsys: pytest.CaptureFixture[str]) -> None:
    main(["lint", "--write-baseline", "baseline.json"])
    child.write({"ctlint.toml": 'baseline = "baseline.json"\n'})
    child.commit("baseline")
    assert linted(capsys)[1] == []
    child.append("Dockerfile", "# more\n")
    assert linted(capsys, "--since", "HEAD") == (0, [])
    child.git("checkout", "--quiet", "Dockerfile")
    child.write({"baseline.json": '{"schema": 1, "findings": []}'})
    assert linted(capsys, "--since", "HEAD") == (0, [])
