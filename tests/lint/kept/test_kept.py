"""A kept result is told only where a run would tell the same: each thing that it stands on is changed in turn."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from io import BytesIO, TextIOWrapper
from pathlib import Path

import platformdirs
import pytest

from ctlint.lineage.repository import asked
from ctlint.lint.cli import main
from ctlint.lint.kept import keep, replay

Told = tuple[int, bytes, bytes]
DOCKERFILE = 'FROM alpine:3.20\nCOPY start.sh /start.sh\nCOPY extra.conf /etc/\nCMD ["/start.sh"]\n'
START = "#!/bin/sh\nexec sleep 9\n"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder to lint in, with a cache of its own; whatever is installed meanwhile beside ctlint."""

    def code() -> str:
        return "this code"

    monkeypatch.setattr(replay, "code_stamp", code)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    yield folder
    asked.stop()


@pytest.fixture
def image(here: Path) -> Path:
    """A repository without git, in which an image is not quite right: what is told of it depends on all its files."""
    folder = here / "image"
    folder.mkdir()
    (folder / "Dockerfile").write_text(DOCKERFILE, "utf-8")
    (folder / "start.sh").write_text(START, "utf-8")
    (folder / "start.sh").chmod(0o755)
    (folder / "extra.conf").write_text("a=1\n", "utf-8")
    return folder


def written(act: Callable[[], int | None]) -> tuple[int | None, bytes, bytes]:
    """What a function returns and writes."""
    streams = [TextIOWrapper(BytesIO(), encoding="utf-8", errors="backslashreplace") for _ in range(2)]
    before = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = streams
    try:
        code = act()
        for stream in streams:
            stream.flush()
    finally:
        sys.stdout, sys.stderr = before
    out, err = (stream.buffer for stream in streams)
    assert isinstance(out, BytesIO)
    assert isinstance(err, BytesIO)
    return code, out.getvalue(), err.getvalue()


def anew(*words: str) -> tuple[int | None, bytes, bytes]:
    return written(lambda: main(words))


def run(*words: str) -> tuple[int | None, bytes, bytes]:
    """A run as the console script makes it, whose result may be kept."""
    return written(lambda: keep.kept(words, lambda: main(words)))


def again(*words: str) -> tuple[int | None, bytes, bytes] | None:
    """The kept result, told again; None where it does not hold any more."""
    told = written(lambda: replay.replayed(words))
    return None if told[0] is None else told


def the_entry(*words: str) -> replay.Kept:
    entries: list[replay.Kept] = []

    def read() -> int:
        path = replay.entry_path(words)
        assert path is not None
        entry = replay.read_entry(path)
        assert entry is not None
        entries.append(entry)
        return 0

    written(read)
    return entries[0]


def test_the_same_is_told_again_while_nothing_changes(image: Path) -> None:
    first = run("lint", "image", "--format", "json")
    assert first[0] == 0
    assert again("lint", "image", "--format", "json") == first == anew("lint", "image", "--format", "json")
    assert again("lint", "image") is None
    os.utime(image / "Dockerfile")  # touched, not changed
    assert again("lint", "image", "--format", "json") == first


def a_line_is_edited(image: Path) -> None:
    text = (image / "Dockerfile").read_text("utf-8")
    (image / "Dockerfile").write_text(text.replace("extra.conf", "extra.cons"), "utf-8")


def a_mode_is_changed(image: Path) -> None:
    (image / "start.sh").chmod(0o644)


def a_missing_file_appears(image: Path) -> None:
    (image / "Dockerfile").with_name("Dockerfile.second").write_text("FROM scratch\nCOPY gone /\n", "utf-8")


def the_folder_above_becomes_a_checkout(image: Path) -> None:
    """Its ignore file counts from then on."""
    git(image.parent, "init")


def a_link_leads_elsewhere(image: Path) -> None:
    (image / "link.sh").unlink()
    (image / "link.sh").symlink_to("other.sh")


def a_configuration_is_edited(image: Path) -> None:
    (image.parent / "own.toml").write_text('ignore = ["CT502"]\n', "utf-8")


def another_folder_is_meant(image: Path) -> None:
    (image.parent / "meant").unlink()
    (image.parent / "meant").symlink_to("other")


CHANGES: list[tuple[str, Callable[[Path], None], tuple[str, ...]]] = [
    ("own content", a_line_is_edited, ("image",)),
    ("own status", a_mode_is_changed, ("image",)),
    ("listing", a_missing_file_appears, ("image",)),
    ("status", the_folder_above_becomes_a_checkout, ("image",)),
    ("target", a_link_leads_elsewhere, ("image",)),
    ("content", a_configuration_is_edited, ("image", "--config", "own.toml")),
    ("real", another_folder_is_meant, ("meant",)),
]


@pytest.mark.parametrize(("kind", "change", "words"), CHANGES, ids=[kind for kind, _, _ in CHANGES])
def test_each_kind_of_answer_is_needed(
    kind: str, change: Callable[[Path], None], words: tuple[str, ...], image: Path
) -> None:
    """Without this kind, and with it alone missing, the result of before the change would be told: it is stale."""
    (image / "Dockerfile").write_text(DOCKERFILE.replace("alpine:3.20", "alpine:latest"), "utf-8")
    (image.parent / "own.toml").write_text('ignore = ["CT501"]\n', "utf-8")
    (image.parent / ".gitignore").write_text("extra.conf\n", "utf-8")
    if kind == "target":
        (image / "Dockerfile").write_text("FROM alpine:3.20\nCOPY . /app/\nRUN /app/link.sh\n", "utf-8")
        (image / "link.sh").symlink_to("start.sh")
        (image / "other.sh").write_text(START.replace("/bin/sh", "/bin/xx"), "utf-8")
        (image / "other.sh").chmod(0o755)
    shutil.copytree(image, image.parent / "other", symlinks=True)
    (image.parent / "other" / "Dockerfile").write_text("FROM scratch\nCOPY gone /\n", "utf-8")
    (image.parent / "meant").symlink_to("image")
    command = ("lint", *words, "--format", "json")
    first = run(*command)
    assert again(*command) == first
    change(image)
    told = the_entry(*command).told
    kinds = {question[0] for question, _ in told}
    assert asked.same(told, kinds=sorted(kinds - {kind})), (
        "another kind notices, too: this test shows nothing of this one"
    )
    assert again(*command) is None
    assert run(*command) == anew(*command) != first
    assert again(*command) == anew(*command)


def test_what_cannot_be_read_any_more_is_asked(image: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run("lint", "image")

    def access(path: object, mode: int) -> bool:
        return not str(path).endswith("start.sh")

    monkeypatch.setattr(os, "access", access)
    told = the_entry("lint", "image").told
    assert not asked.same(told)
    assert asked.same(told, kinds=[kind for kind, _ in {question for question, _ in told} if kind != "readable"])
    assert again("lint", "image") is None
    assert run("lint", "image")[0] == 3


def git(folder: Path, *words: str) -> None:
    settings = ("-c", "user.name=a", "-c", "user.email=a@b", "-c", "init.defaultBranch=main")
    subprocess.run(["git", *settings, *words], cwd=folder, check=True, capture_output=True)


def test_a_mode_in_the_index_of_git_is_an_answer(image: Path) -> None:
    git(image, "init")
    git(image, "add", ".")
    first = run("lint", "image", "--format", "json")
    assert again("lint", "image", "--format", "json") == first
    git(image, "update-index", "--chmod=-x", "start.sh")
    assert again("lint", "image", "--format", "json") is None
    assert run("lint", "image", "--format", "json") != first


def test_an_edit_of_a_parent_in_another_repository_counts(here: Path) -> None:
    for name, text in (("base", "FROM alpine:3.20\nENV A=b\n"), ("child", "FROM acme/base\nCOPY gone /\n")):
        (here / name).mkdir()
        (here / name / "Dockerfile").write_text(text, "utf-8")
    (here / "ctlint.toml").write_text('workspace = true\n[aliases]\n"acme/base" = "base"\n', "utf-8")
    first = run("lint", "--format", "json")
    assert again("lint", "--format", "json") == first
    (here / "base" / "Dockerfile").write_text('FROM alpine:3.20\nCMD ["/gone"]\n', "utf-8")
    assert again("lint", "--format", "json") is None
    assert run("lint", "--format", "json") != first


def test_a_build_file_that_appears_counts(image: Path) -> None:
    (image / "Dockerfile").write_text("ARG BASE\nFROM $BASE\n", "utf-8")
    first = run("lint", "image", "--format", "json")
    (image / "Makefile").write_text("build:\n\tdocker build --build-arg BASE=alpine:latest -t acme/image .\n", "utf-8")
    assert again("lint", "image", "--format", "json") is None
    assert run("lint", "image", "--format", "json") != first


# What decides a result before a file is looked at


def parts(*words: str) -> dict[str, str]:
    found: list[dict[str, str]] = []

    def ask() -> int:
        found.append(dict(replay.key(words) or {}))
        return 0

    written(ask)
    return found[0]


def test_each_part_of_the_key_is_needed(image: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Each change moves one part and no other: an entry found without that part would be another run's."""
    before = parts("lint", "image")

    def moved(*words: str) -> set[str]:
        now = parts(*words)
        assert set(now) == set(before)
        return {name for name in now if now[name] != before[name]}

    seen: list[set[str]] = [moved("lint", "image", "--statistics")]
    (tmp_path / "elsewhere").mkdir()
    with monkeypatch.context() as patch:
        patch.chdir(tmp_path / "elsewhere")
        seen.append(moved("lint", "image"))
    for name in replay.VARIABLES:
        with monkeypatch.context() as patch:
            patch.setenv(name, "other")
            assert moved("lint", "image") == {"variables"}, name
    seen.append({"variables"})
    with monkeypatch.context() as patch:

        def stream(_: object) -> str:
            return "True 80 utf-8 strict"

        patch.setattr(replay, "_stream", stream)
        seen.append(moved("lint", "image"))
    with monkeypatch.context() as patch:
        patch.setattr(sys, "version", "4.0")
        seen.append(moved("lint", "image"))
    with monkeypatch.context() as patch:

        def code() -> str:
            return "other code"

        patch.setattr(replay, "code_stamp", code)
        seen.append(moved("lint", "image"))
    assert seen == [{name} for name in ("words", "folder", "variables", "streams", "python", "code")]
    assert {name for names in seen for name in names} == set(before)


def test_an_entry_is_found_by_all_parts_of_its_key(image: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = parts("lint", "image")
    paths: set[str | None] = set()
    for name in ("", *whole):
        moved = whole | ({name: "other"} if name else {})

        def key(_: object, moved: dict[str, str] = moved) -> dict[str, str]:
            return moved

        monkeypatch.setattr(replay, "key", key)
        paths.add(replay.entry_path(("lint", "image")))
    assert len(paths) == 1 + len(whole)


def test_a_variable_that_a_build_argument_takes_is_part_of_the_key(
    image: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BASE", "alpine:3.20")
    before = [parts("lint", "image", *words) for words in (("--build-arg", "BASE"), ("--build-arg=BASE",))]
    monkeypatch.setenv("BASE", "alpine:latest")
    after = [parts("lint", "image", *words) for words in (("--build-arg", "BASE"), ("--build-arg=BASE",))]
    assert all(one["variables"] != other["variables"] for one, other in zip(before, after, strict=True))


def test_no_other_variable_is_asked_for(image: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names: set[str] = set()

    class Watched(dict[str, str]):
        def get(self, name: str, default: object = None) -> object:  # type: ignore[override]
            names.add(name)
            return super().get(name, default)

        def __getitem__(self, name: str) -> str:
            names.add(name)
            return super().__getitem__(name)

        def __contains__(self, name: object) -> bool:
            names.add(str(name))
            return super().__contains__(name)

    monkeypatch.setattr(os, "environ", Watched(os.environ))
    for words in (("lint", "image"), ("lint", "image", "--format", "json"), ("lint", "image", "--color", "always")):
        anew(*words)
    of_argparse = {"LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"}
    assert names - set(replay.VARIABLES) - of_argparse == set()


def test_the_stamp_of_the_code_covers_every_module_and_profile(tmp_path: Path) -> None:
    top = Path(replay.__file__).parents[2]
    rows = {row.split(" ")[0] for name in ("lineage", "lint", "rules") for row in replay.files_below(str(top / name))}
    wanted = {
        str(path)
        for name in ("lineage", "lint", "rules")
        for path in (top / name).rglob("*")
        if path.suffix in (".py", ".json") and "examples" not in path.parts
    }
    assert wanted <= rows
    module = tmp_path / "rule.py"
    module.write_text("A = 1\n", "utf-8")
    before = list(replay.files_below(str(tmp_path)))
    module.write_text("A = 2\n", "utf-8")
    os.utime(module, ns=(1, 1))
    assert list(replay.files_below(str(tmp_path))) != before


def test_the_stamp_of_the_code_tells_what_is_installed_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    stamps = [replay.code_stamp()]
    for name in ("pyyaml-6.0.dist-info", "pyyaml-6.1.dist-info"):
        (tmp_path / name).mkdir()
        stamps.append(replay.code_stamp())
    assert None not in stamps
    assert len(set(stamps)) == 3
    (tmp_path / "notes.txt").touch()
    assert replay.code_stamp() == stamps[-1]


# Entries


def entry_files(here: Path) -> list[Path]:
    return sorted((here.parent / "cache" / "ctlint" / "results").iterdir())


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda data: b"",
    "cut": lambda data: data[:-1],
    "altered": lambda data: data.replace(b"image", b"imago", 1),
    "shifted": lambda data: b"\x80\x04" + data,
    "foreign": lambda data: b"another program's file",
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_or_foreign_entry_is_thrown_away_without_a_word(
    damage: Callable[[bytes], bytes], image: Path
) -> None:
    first = run("lint", "image")
    (path,) = entry_files(image.parent)
    path.write_bytes(damage(path.read_bytes()))
    assert written(lambda: replay.replayed(("lint", "image"))) == (None, b"", b"")
    assert not path.exists()
    assert run("lint", "image") == first == again("lint", "image")


def test_an_entry_that_another_user_wrote_is_not_told(image: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whole as it is: who may write into a shared folder could say that nothing was found."""
    run("lint", "image")
    mine = os.getuid()
    monkeypatch.setattr(os, "getuid", lambda: mine + 1)
    assert again("lint", "image") is None


def test_the_file_of_another_entry_is_none(image: Path) -> None:
    """Two results of the same files: each says what the other does not."""
    run("lint", "image")
    (one,) = entry_files(image.parent)
    run("lint", "image", "--format", "json")
    (other,) = set(entry_files(image.parent)) - {one}
    one.write_bytes(other.read_bytes())
    assert again("lint", "image") is None
    assert again("lint", "image", "--format", "json") is not None


def test_a_link_in_the_place_of_an_entry_is_not_followed(image: Path) -> None:
    run("lint", "image")
    (path,) = entry_files(image.parent)
    path.rename(image.parent / "moved")
    path.symlink_to(image.parent / "moved")
    assert again("lint", "image") is None


def test_what_is_kept_is_the_users_alone(image: Path) -> None:
    run("lint", "image")
    (path,) = entry_files(image.parent)
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_the_oldest_entries_go_when_there_are_too_many(image: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keep, "MOST_ENTRIES", 3)
    for number in range(5):
        run("lint", "image", "--select", f"CT{number + 1}")
        for age, path in enumerate(sorted(entry_files(image.parent), key=lambda path: path.stat().st_mtime)):
            os.utime(path, (age, age))
    assert len(entry_files(image.parent)) == 3
    assert again("lint", "image", "--select", "CT5") is not None
    assert again("lint", "image", "--select", "CT1") is None
    monkeypatch.setattr(keep, "MOST_BYTES", 10)
    run("lint", "image", "--select", "CT6")
    assert entry_files(image.parent) == []


def test_kept_results_are_cleared_with_the_cache(image: Path) -> None:
    run("lint", "image")
    anew("cache", "clear", "acme/base")
    assert again("lint", "image") is not None
    size = entry_files(image.parent)[0].stat().st_size
    assert f"freed {size / 1000:.1f} kB" in anew("cache", "clear")[1].decode()
    assert entry_files(image.parent) == []
    assert again("lint", "image") is None


def test_the_folder_is_that_of_the_platform(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for value in (str(tmp_path / "x"), "", " "):
        monkeypatch.setenv("XDG_CACHE_HOME", value)
        assert replay.folder() == str(platformdirs.user_cache_path("ctlint") / "results")


def test_a_cache_that_cannot_be_written_changes_nothing(image: Path) -> None:
    (image.parent.parent / "cache").write_text("a file", "utf-8")
    assert run("lint", "image") == anew("lint", "image")


@pytest.mark.parametrize(
    "words",
    [
        ("image", "--no-cache"),
        ("image", "--diff"),
        ("image", "-o", "report.txt"),
        ("image", "--cache-dir", "x"),
        ("image", "--with-parent", "alpine=./image"),
        ("nowhere",),
        ("-",),
    ],
    ids=" ".join,
)
def test_a_run_that_does_more_or_is_asked_not_to_keeps_nothing(
    words: tuple[str, ...], image: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", TextIOWrapper(BytesIO(b"FROM scratch\n")))
    assert run("lint", *words) is not None
    assert not (image.parent.parent / "cache" / "ctlint" / "results").exists()


def test_what_a_program_was_asked_is_not_kept(image: Path) -> None:
    """A split index is read by git itself."""
    git(image, "init")
    git(image, "add", ".")
    git(image, "update-index", "--split-index")
    run("lint", "image")
    assert again("lint", "image") is None


def test_runs_at_the_same_time_keep_one_whole_entry(image: Path) -> None:
    command = [sys.executable, "-m", "ctlint", "lint", "image"]
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    runs = [
        subprocess.Popen(command, cwd=image.parent, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for _ in range(3)
    ]
    told = [each.communicate() for each in runs]
    assert len(set(told)) == 1
    assert len(entry_files(image.parent)) == 1
    done = subprocess.run([*command], cwd=image.parent, env=env, capture_output=True, check=False)
    assert (done.stdout, done.stderr) == told[0]


def test_what_other_processes_asked_is_an_answer(here: Path) -> None:
    """A file that only one of several processes read decides, too."""
    for number in range(24):
        folder = here / f"image{number}"
        folder.mkdir()
        (folder / "Dockerfile").write_text(f"FROM alpine:3.{number}\nCOPY . /etc/\nCMD /etc/launch\n", "utf-8")
        (folder / "launch").write_text("#!/bin/sh\nexec sleep 1\n", "utf-8")
        (folder / "launch").chmod(0o755)
    words = ("lint", "--format", "json", "--jobs", "2")
    command = [sys.executable, "-c", "from ctlint.lint.cli import run; run()", *words]
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    first = subprocess.run(command, env=env, capture_output=True, check=False)
    assert first.returncode in (0, 1), first.stderr
    (path,) = entry_files(here)
    kept = replay.read_entry(str(path))
    assert kept is not None
    read = {name for (kind, name), _ in kept.told if kind == "readable"}
    assert {str(here / f"image{number}" / "launch") for number in range(24)} <= read
    assert subprocess.run(command, env=env, capture_output=True, check=False).stdout == first.stdout


ASKING = """
import builtins, io, os, sys
seen = set()
def watched(owner, name):
    plain = getattr(owner, name)
    def asks(path=".", *rest, **given):
        if isinstance(path, (str, bytes, os.PathLike)):
            seen.add(os.path.join(os.getcwd(), os.fspath(path)))
        return plain(path, *rest, **given)
    setattr(owner, name, asks)
for name in ("stat", "lstat", "scandir", "listdir", "open", "access", "readlink"):
    watched(os, name)
watched(builtins, "open"); watched(io, "open")
from ctlint.lint import cli
from ctlint.lineage.repository import asked
from ctlint.lint.kept import keep
words = sys.argv[1:]
answers = []
plain_listen = asked.listen
def listen():
    answers.append(plain_listen())
    return answers[-1]
asked.listen = listen
keep.kept(words, lambda: cli.main(words))
told = {os.path.normpath(path) for _, path in answers[0].told}
print(*sorted(path for path in map(os.path.normpath, seen) if path not in told), sep="\\n", file=sys.__stderr__)
"""


def test_every_question_to_the_disk_is_taken_down(image: Path) -> None:
    """What the functions of `os` are asked in a run, within the folders at hand and above, is among the answers."""
    git(image, "init")
    git(image, "add", ".")
    (image / "compose.yaml").write_text("services: {app: {build: .}}\n", "utf-8")
    (image / "ctlint.toml").write_text('ignore = ["CT501"]\nextend = "more.toml"\n', "utf-8")
    (image / "more.toml").write_text('ignore = ["CT502"]\n', "utf-8")
    (image / "link").symlink_to("start.sh")
    done = subprocess.run(
        [sys.executable, "-c", ASKING, "lint", "image"],
        cwd=image.parent,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    )
    above = {
        str(folder / name) for folder in image.parents for name in ("ctlint.toml", ".ctlint.toml", "pyproject.toml")
    }
    missed = [path for path in done.stderr.splitlines() if path.startswith(f"{image}/") or path in above]
    assert missed == []
