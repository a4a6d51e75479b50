"""Fixes: what is chosen, what the diff shows, and what lies on disk afterwards."""

import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ctlint.lineage.text.places import Place, Span
from ctlint.lint.fixing.diff import render_diff
from ctlint.lint.fixing.edits import changed, changes, decoded, encoded
from ctlint.lint.fixing.files import Disk, replace_file
from ctlint.lint.fixing.fixes import FixPlan, apply_plan, plan_fixes
from ctlint.rules.base import Edit, Finding, Fix, Severity


def span(line: int, column: int = 1, end_line: int = 0, end_column: int = 0) -> Span:
    return Span(line, column, end_line, end_column)


def text(path: str, at: Span, new: str) -> Edit:
    return Edit("text", Place(path, at), new)


def chmod(path: str, mode: str = "755") -> Edit:
    return Edit("chmod", Place(path, span(1)), mode=mode)


def rename(path: str, to: str) -> Edit:
    return Edit("rename", Place(path, span(1)), to=to)


def finding(*edits: Edit, unsafe: bool = False, inherited: str | None = None, title: str = "t") -> Finding:
    fix = Fix(title, edits, "unsafe" if unsafe else "safe")
    place = edits[0].place if edits else Place("a", span(1))
    return Finding("CT105", "n", Severity.ERROR, "m", "h", place, "acme/x", "f", inherited, fix=fix if edits else None)


def planned(tmp_path: Path, *findings: Finding, unsafe: bool = False) -> FixPlan:
    return plan_fixes(findings, Disk(tmp_path).read, unsafe=unsafe)


def fixed(tmp_path: Path, *findings: Finding, unsafe: bool = False) -> FixPlan:
    plan = planned(tmp_path, *findings, unsafe=unsafe)
    assert apply_plan(plan, Disk(tmp_path)) == ()
    return plan


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", "-c", "user.name=a", "-c", "user.email=a@example.org", "-C", str(folder), *arguments],
        capture_output=True,
        check=True,
        text=True,
    )
    return done.stdout


def test_text_edits_are_made_in_one_go_with_columns_as_characters(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("äöü bad\nx\nlast", "utf-8")
    fixed(
        tmp_path,
        finding(text("a", span(1, 5, 1, 8), "good"), text("a", span(3, 5), "\nnew\n")),
        finding(text("a", span(2, 1, 3, 1), "")),
    )
    assert (tmp_path / "a").read_text("utf-8") == "äöü good\nlast\nnew\n"


def test_carriage_returns_stay_and_new_lines_get_them(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"one\r\ntwo\nthree\r\n")
    fixed(tmp_path, finding(text("a", span(1, 1), "new\n")), finding(text("a", span(2, 1), "plain\n")))
    assert (tmp_path / "a").read_bytes() == b"new\r\none\r\nplain\ntwo\nthree\r\n"


def test_carriage_returns_and_a_byte_order_mark_can_be_removed(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"\xef\xbb\xbf#!/bin/sh\r\nx\r\n")
    edits = (text("a", span(1, 1, 1, 2), ""), text("a", span(1, 11, 1, 12), ""), text("a", span(2, 2, 2, 3), ""))
    fixed(tmp_path, finding(*edits))
    assert (tmp_path / "a").read_bytes() == b"#!/bin/sh\nx\n"


def test_bytes_that_are_no_text_survive_and_their_lines_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"one\n\xff\xfe two\nthree\n")
    plan = fixed(tmp_path, finding(text("a", span(1, 1, 1, 4), "1")), finding(text("a", span(2, 4, 2, 7), "2")))
    assert (tmp_path / "a").read_bytes() == b"1\n\xff\xfe two\nthree\n"
    assert "not UTF-8" in plan.waiting[0].reason


def test_modes_are_kept_and_no_other_file_is_left_behind(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("x\n")
    (tmp_path / "a").chmod(0o750)
    fixed(tmp_path, finding(text("a", span(1, 1, 1, 2), "y")))
    assert (tmp_path / "a").stat().st_mode & 0o7777 == 0o750
    assert [each.name for each in tmp_path.iterdir()] == ["a"]


def test_text_mode_and_name_of_one_file_change_together(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/a").write_text("x\n")
    fixed(tmp_path, finding(text("etc/a", span(1, 1, 1, 2), "y"), chmod("etc/a"), rename("etc/a", "other/b")))
    assert not (tmp_path / "etc/a").exists()
    assert (tmp_path / "other/b").read_text() == "y\n"
    assert (tmp_path / "other/b").stat().st_mode & 0o777 == 0o755


def test_unsafe_fixes_need_to_be_asked_for_and_inherited_ones_are_anothers(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("x\n")
    doubtful = finding(chmod("a"), unsafe=True)
    inherited = finding(rename("a", "b"), inherited="acme/base")
    assert planned(tmp_path, doubtful, inherited, finding()) == FixPlan()
    assert planned(tmp_path, doubtful, inherited, unsafe=True).fixed == (doubtful,)


def test_fixes_that_touch_wait_as_a_whole(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("abcdef\nx\n")
    first = finding(text("a", span(1, 2, 1, 4), "B"), title="1")
    overlapping = finding(text("a", span(2, 1, 2, 2), "y"), text("a", span(1, 3, 1, 5), "C"), title="2")
    neighbour = finding(text("a", span(1, 4, 1, 5), "D"), title="3")
    inserted = finding(text("a", span(1, 5), "-"), title="4")
    same_spot = finding(text("a", span(1, 5), "+"), title="5")
    plan = fixed(tmp_path, first, overlapping, neighbour, inserted, same_spot)
    assert [each.finding for each in plan.waiting] == [overlapping, same_spot]
    assert (tmp_path / "a").read_text() == "aBD-ef\nx\n"


def test_one_fix_proposed_twice_is_made_once(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("x\n")
    plan = fixed(tmp_path, finding(text("a", span(1, 1), "y")), finding(text("a", span(1, 1), "y")))
    assert len(plan.fixed) == 2
    assert (tmp_path / "a").read_text() == "yx\n"


@pytest.mark.parametrize("edits", [(chmod("a"), chmod("a", "644")), (rename("a", "c"), rename("a", "d"))])
def test_contradicting_modes_and_names_wait(tmp_path: Path, edits: tuple[Edit, Edit]) -> None:
    (tmp_path / "a").write_text("x\n")
    plan = planned(tmp_path, finding(edits[0]), finding(edits[1]))
    assert len(plan.fixed) == len(plan.waiting) == 1


def test_no_file_is_overwritten_by_a_rename(tmp_path: Path) -> None:
    for name in "abc":
        (tmp_path / name).write_text(name)
    plan = planned(tmp_path, finding(rename("a", "b")), finding(rename("a", "d")), finding(rename("c", "d")))
    assert [each.reason for each in plan.waiting] == ["a file of the new name is there already"] * 2
    (tmp_path / "d").mkdir()
    assert [each.reason for each in apply_plan(plan, Disk(tmp_path))] == ["d is there already"]
    assert (tmp_path / "a").read_text() == "a"


@pytest.mark.parametrize("at", [span(4), span(1, 9), span(1, 1, 9, 1), span(2, 1, 1, 1), span(3, 2)])
def test_an_edit_that_does_not_fit_the_file_waits(tmp_path: Path, at: Span) -> None:
    (tmp_path / "a").write_text("abc\nx\n")
    assert "is not as it was" in planned(tmp_path, finding(text("a", at, "y"))).waiting[0].reason


def test_a_file_that_changed_since_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("x\n")
    plan = planned(tmp_path, finding(text("a", span(1, 1), "y")))
    (tmp_path / "a").write_text("edited\n")
    assert [each.path for each in apply_plan(plan, Disk(tmp_path))] == ["a"]
    assert (tmp_path / "a").read_text() == "edited\n"


def test_files_that_are_not_there_or_lie_behind_a_link_out_are_not_changed(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("x\n")
    root = tmp_path / "root"
    root.mkdir()
    (root / "leak").symlink_to(tmp_path / "out")
    (root / "real").write_text("x\n")
    (root / "inner").symlink_to("real")
    disk = Disk(root)
    found = [finding(text(path, span(1, 1), "y")) for path in ("leak", "gone", "inner")]
    plan = plan_fixes(found, disk.read)
    assert [each.reason for each in plan.waiting] == [
        f"{path} is not a file that can be changed here" for path in ("leak", "gone")
    ]
    assert apply_plan(plan, disk) == ()
    assert (root / "real").read_text() == "yx\n"
    assert (root / "inner").is_symlink()
    assert disk.read("../out") == b"x\n", "a target beside the working directory is one that the user named"


def test_a_tracked_files_mode_changes_in_the_index_and_its_content_is_not_staged(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    (tmp_path / "sub dir").mkdir()
    (tmp_path / "sub dir/[a].sh").write_text("one\n")
    git(tmp_path, "add", ".")
    (tmp_path / "sub dir/[a].sh").write_text("two\n")
    (tmp_path / "new.sh").write_text("x\n")
    fixed(tmp_path, finding(chmod("sub dir/[a].sh")), finding(chmod("new.sh")))
    assert git(tmp_path, "ls-files", "-s").startswith("100755 ")
    assert git(tmp_path, "show", ":sub dir/[a].sh") == "one\n"
    assert git(tmp_path, "ls-files") == "sub dir/[a].sh\n", "an untracked file stays untracked"
    assert (tmp_path / "new.sh").stat().st_mode & 0o777 == 0o755
    fixed(tmp_path, finding(chmod("sub dir/[a].sh", "644")))
    assert git(tmp_path, "ls-files", "-s").startswith("100644 ")


def test_without_git_the_mode_changes_on_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    (tmp_path / "a").write_text("x\n")
    fixed(tmp_path, finding(chmod("a")))
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o755


def test_a_file_that_cannot_be_written_is_reported_and_the_others_are_fixed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in "ab":
        (tmp_path / name).write_text("x\n")
    plan = planned(tmp_path, finding(text("a", span(1, 1), "y")), finding(text("b", span(1, 1), "y")))

    def refuse_a(path: Path, content: bytes) -> None:
        if path.name == "a":
            raise PermissionError(13, "Permission denied")
        replace_file(path, content)

    monkeypatch.setattr("ctlint.lint.fixing.fixes.replace_file", refuse_a)
    assert [(each.path, each.reason) for each in apply_plan(plan, Disk(tmp_path))] == [("a", "Permission denied")]
    assert (tmp_path / "b").read_text() == "yx\n"


def test_a_write_that_fails_leaves_the_file_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a").write_text("x\n")

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        replace_file(tmp_path / "a", b"y\n")
    assert [(each.name, each.read_text()) for each in tmp_path.iterdir()] == [("a", "x\n")]


def test_the_diff_shows_name_mode_and_text(tmp_path: Path) -> None:
    (tmp_path / "a.sh").write_text("one\ntwo\n")
    plan = planned(tmp_path, finding(text("a.sh", span(2, 1, 2, 4), "2"), chmod("a.sh"), rename("a.sh", "b.sh")))
    assert render_diff(plan) == (
        "diff --git a/a.sh b/b.sh\nold mode 100644\nnew mode 100755\nrename from a.sh\nrename to b.sh\n"
        "--- a/a.sh\n+++ b/b.sh\n@@ -1,2 +1,2 @@\n one\n-two\n+2\n"
    )
    assert "old mode" not in render_diff(plan, executable=frozenset({"a.sh"}))


contents = st.lists(st.sampled_from(["one", "two\r", "", "äöü", "\x0cfeed", "line\u2028sep"]), min_size=1, max_size=8)


@settings(deadline=None, max_examples=40)
@given(
    rows=contents,
    line=st.integers(1, 8),
    new=st.sampled_from(["", "new", "a\nb\n", "end\n"]),
    name=st.sampled_from(["a", "a b", 'q"ü']),
)
def test_git_applies_the_diff_to_what_the_fix_makes(
    tmp_path_factory: pytest.TempPathFactory, rows: list[str], line: int, new: str, name: str
) -> None:
    line = min(line, len(rows))
    folder = tmp_path_factory.mktemp("diff")
    original = "\n".join(rows).encode()
    (folder / name).write_bytes(original)
    edit = text(name, span(line, 1, line, len(rows[line - 1]) + 1), new)
    plan = planned(folder, finding(edit, chmod(name), rename(name, f"{name}2")))
    diff = render_diff(plan)
    git(folder, "init", "-q")
    git(folder, "add", ".")
    subprocess.run(
        ["git", "-C", str(folder), "apply", "--whitespace=nowarn", "-"],
        input=diff.encode("utf-8", "surrogateescape"),
        check=True,
        capture_output=True,
    )
    by_git = (folder / f"{name}2").read_bytes()
    assert (folder / f"{name}2").stat().st_mode & 0o111
    (folder / f"{name}2").unlink()
    (folder / name).write_bytes(original)
    (folder / name).chmod(0o644)
    fixed(folder, finding(edit, chmod(name), rename(name, f"{name}2")))
    assert (folder / f"{name}2").read_bytes() == by_git
    shutil.rmtree(folder)


@settings(deadline=None)
@given(content=st.binary(max_size=40))
def test_any_bytes_come_back_as_they_were(content: bytes) -> None:
    assert encoded(decoded(content)) == content
    result = changes(decoded(content), [])
    assert not isinstance(result, str)
    assert encoded(changed(decoded(content), result)) == content


def test_a_pipe_is_written_to_and_never_replaced(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        replace_file(pipe, b"report\n")
        assert os.read(reader, 100) == b"report\n"
    finally:
        os.close(reader)
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_a_device_is_written_to_and_never_replaced() -> None:
    master, slave = os.openpty()
    try:
        terminal = Path(os.ttyname(slave))
        replace_file(terminal, b"report")
        assert os.read(master, 100) == b"report"
        assert stat.S_ISCHR(terminal.stat().st_mode)
    finally:
        os.close(master)
        os.close(slave)


def test_what_stands_behind_standard_output_is_not_replaced(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("before\n")
    program = "from pathlib import Path\nfrom ctlint.lint.fixing.files import replace_file\nreplace_file(Path('/dev/stdout'), b'report\\n')"
    with log.open("a") as stream:
        environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3] / "src")}
        subprocess.run([sys.executable, "-c", program], stdout=stream, env=environment, check=True)
        stream.write("behind\n")
    assert log.read_text() == "before\nreport\nbehind\n"


def test_a_folder_that_is_not_there_is_told_by_the_name_that_was_given(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError) as caught:
        replace_file(tmp_path / "none" / "report", b"")
    assert caught.value.filename == str(tmp_path / "none" / "report")
