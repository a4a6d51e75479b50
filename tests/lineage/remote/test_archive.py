"""Reading archives that are not trusted."""

import gzip
import io
import tarfile
import tracemalloc
import zlib
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ctlint.lineage.remote.archive import Archive, ArchiveError, ArchiveLimits, TarMember, TruncatedArchiveError
from ctlint.lineage.remote.untrusted import PathProblem, has_controls, leads_out, printable, safe_path
from github_server import Content, Link, Program, Submodule, blob_id, tarball

COMMIT = "0123456789" * 4


def read(
    data: bytes, limits: ArchiveLimits | None = None, piece: int = 1000
) -> tuple[dict[str, tuple[TarMember, bytes | None]], Archive]:
    archive = Archive((data[start : start + piece] for start in range(0, len(data), piece)), limits)
    return {member.path: (member, content) for member, content in archive}, archive


def made(*entries: tarfile.TarInfo | tuple[tarfile.TarInfo, bytes], **options: object) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz", **options) as tar:  # type: ignore[call-overload]
        for entry in entries:
            info, data = entry if isinstance(entry, tuple) else (entry, b"")
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return out.getvalue()


def info(name: str, kind: bytes = tarfile.REGTYPE, target: str = "", mode: int = 0o644) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.type, entry.linkname, entry.mode = kind, target, mode
    return entry


def test_members_have_path_kind_mode_size_and_blob_id() -> None:
    files: dict[str, Content] = {
        "a/run": Program(b"#!/bin/sh\n"),
        "b": b"x" * 3000,
        "l": Link("a/run"),
        "m": Submodule(),
    }
    found, archive = read(tarball(files, COMMIT))
    assert found["a/run"] == (TarMember("a/run", "file", True, 10, "", blob_id(b"#!/bin/sh\n")), b"#!/bin/sh\n")
    assert found["b"] == (TarMember("b", "file", False, 3000, "", blob_id(b"x" * 3000)), b"x" * 3000)
    assert found["l"] == (TarMember("l", "link", target="a/run"), None)
    assert found["m"] == (TarMember("m", "directory"), None)
    assert (archive.commit, archive.problems) == (COMMIT, [])


def test_a_large_file_has_a_blob_id_and_no_content() -> None:
    data = bytes(range(256)) * 5000
    found, _ = read(tarball({"big": data, "small": b"s"}, None), ArchiveLimits(content=1000))
    assert found["big"] == (TarMember("big", "file", False, len(data), "", blob_id(data)), None)
    assert found["small"][1] == b"s"


names = st.text(
    st.characters(blacklist_categories=["Cs", "Cc", "Cf", "Zl", "Zp"], blacklist_characters="/"),
    min_size=1,
    max_size=150,
)
paths = st.lists(names.filter(lambda name: name not in (".", "..") and name.lower() != ".git"), min_size=1, max_size=4)


@settings(max_examples=150, deadline=None)
@given(
    st.dictionaries(paths.map("/".join), st.binary(max_size=1500), max_size=6),
    st.sampled_from([tarfile.PAX_FORMAT, tarfile.GNU_FORMAT]),
    st.integers(1, 3000),
)
def test_it_reads_what_the_standard_library_writes(files: dict[str, bytes], format: int, piece: int) -> None:
    flat = {path: data for path, data in files.items() if not any(other.startswith(f"{path}/") for other in files)}
    found, archive = read(
        made(*((info(f"top/{path}"), data) for path, data in flat.items()), format=format), None, piece
    )
    assert {path: content for path, (_, content) in found.items()} == flat
    assert archive.problems == []


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        (info("../../etc/passwd"), "leads out of the repository"),
        (info("top/a/../../../etc/passwd"), "leads out of the repository"),
        (info("top/.."), "leads out of the repository"),
        (info("/etc/passwd"), "has an absolute name"),
        (info("other/file"), "is not in the archive's folder top"),
        (info("top/.git/config"), "is in git's own folder"),
        (info("top/sub/.GIT/hooks/x"), "is in git's own folder"),
        (info("top/x", tarfile.CHRTYPE), "is a device"),
        (info("top/x", tarfile.BLKTYPE), "is a device"),
        (info("top/x", tarfile.FIFOTYPE), "is a named pipe"),
        (info("top/x", tarfile.LNKTYPE, "/etc/passwd"), "is a hard link"),
        (info("top/x", b"Z"), "is of an unknown kind"),
        (info("top/good"), "is there twice"),
        (info("top/good/below"), "lies below good, which is a file"),
        (info("top/link/below"), "lies below link, which is a link"),
        (info("top/\x1b[2J\x1b]0;owned\x07"), "has control characters in its name"),
        (info("top/\u202etxt.exe"), "has control characters in its name"),
        (info("top/line\nbreak"), "has control characters in its name"),
        (info("top/" + "d/" * 200 + "x"), "lies too deep"),
        (info("top/" + "long" * 2000), "has too long a name"),
        (info("top/l", tarfile.SYMTYPE, "\x1b[31m"), "is a link with a target that cannot be shown"),
    ],
)
def test_what_no_repository_can_hold_is_left_out_and_named(entry: tarfile.TarInfo, reason: str) -> None:
    data = made(
        (info("top/good"), b"good"), info("top/link", tarfile.SYMTYPE, "/etc"), entry, (info("top/last"), b"last")
    )
    found, archive = read(data)
    assert list(found) == ["good", "link", "last"]
    assert found["good"][1] == b"good"
    assert [problem.reason for problem in archive.problems] == [reason]
    assert str(archive.problems[0]).isprintable()


def test_a_name_that_is_not_utf_8_is_left_out() -> None:
    entry = tarfile.TarInfo("top/caf\xe9")
    found, archive = read(made(info("top/a"), entry, format=tarfile.USTAR_FORMAT, encoding="latin-1"))
    assert list(found) == ["a"]
    assert archive.problems == [PathProblem("top/caf\\udce9", "has a name that is not UTF-8", True)]


def test_problems_are_counted_up_to_a_limit() -> None:
    _, archive = read(
        made(*(info(f"top/p{number}", tarfile.FIFOTYPE) for number in range(50))), ArchiveLimits(problems=7)
    )
    assert len(archive.problems) == 7


@pytest.mark.parametrize(
    "packed",
    [lambda zeros: gzip.compress(zeros, 1), lambda zeros: made((info("top/zeros"), zeros))],
    ids=["zeros", "file of zeros"],
)
def test_a_decompression_bomb_is_refused_in_little_memory(packed: Callable[[bytes], bytes]) -> None:
    bomb = packed(bytes(80 << 20))
    tracemalloc.start()
    try:
        with pytest.raises(ArchiveError, match=r"unpacks to more than 67,108,864 bytes"):
            read(bomb, ArchiveLimits(unpacked=64 << 20), piece=1 << 16)
        assert tracemalloc.get_traced_memory()[1] < 8 << 20
    finally:
        tracemalloc.stop()


def test_an_archive_of_too_many_bytes_or_entries_is_refused() -> None:
    data = made(*(info(f"top/{number}") for number in range(100)))
    with pytest.raises(ArchiveError, match="more than 99 entries"):
        read(data, ArchiveLimits(members=99))
    with pytest.raises(ArchiveError, match="larger than 500 bytes"):
        read(data, ArchiveLimits(compressed=500))


def test_an_extended_header_of_any_size_is_not_taken_into_memory() -> None:
    header = info("top/x", tarfile.XHDTYPE)
    header.size = 1 << 30
    block = header.tobuf(tarfile.USTAR_FORMAT)
    with pytest.raises(ArchiveError, match=r"header of 1,073,741,824 bytes"):
        read(gzip.compress(block + bytes(4096)))


@pytest.mark.parametrize(
    "spoil",
    [
        lambda block: block[:148] + b"0000000\0" + block[156:],
        lambda block: block[:124] + b"-0000000001\0" + block[136:],
        lambda block: block[:124] + b"\xff" * 12 + block[136:],
        lambda block: block[:124] + b"99999999999\0" + block[136:],
    ],
)
def test_a_malformed_header_is_refused(spoil: Callable[[bytes], bytes]) -> None:
    block = spoil(info("top/x").tobuf(tarfile.USTAR_FORMAT))
    if block[148:156] != b"0000000\0":
        total = sum(block) - sum(block[148:156]) + 256
        block = block[:148] + b"%06o\0 " % total + block[156:]
    with pytest.raises(ArchiveError, match="header"):
        read(gzip.compress(block + bytes(1024)))


@pytest.mark.parametrize(
    "record", [b"5", b"9 path=", b"99 path=x\n", b"10 path=x\n\n", b"0 =\n", b"x path=a\n", b"9 pathhhh\n"]
)
def test_a_malformed_extended_header_is_refused(record: bytes) -> None:
    header = info("top/x", tarfile.XHDTYPE)
    header.size = len(record)
    data = header.tobuf(tarfile.USTAR_FORMAT) + record.ljust(512, b"\0") + info("top/y").tobuf(tarfile.USTAR_FORMAT)
    with pytest.raises(ArchiveError):
        read(gzip.compress(data + bytes(1024)))


def test_a_header_may_have_signed_checksums_and_sizes_in_base_256() -> None:
    entry = bytearray(info("top/caf").tobuf(tarfile.USTAR_FORMAT))
    entry[124:136] = b"\x80" + (5).to_bytes(11, "big")
    entry[7:9] = "é".encode()
    signed = sum(byte - 256 if byte > 127 else byte for byte in bytes(entry[:148] + entry[156:])) + 256
    entry[148:156] = b"%06o\0 " % signed
    found, _ = read(gzip.compress(bytes(entry) + b"hello".ljust(512, b"\0") + bytes(1024)))
    assert found["café"][1] == b"hello"


@pytest.mark.parametrize("data", [b"", b"\x1f", b"<html>not found</html>", b"PK\x03\x04zip", bytes(2000)])
def test_what_is_no_gzip_archive_is_refused(data: bytes) -> None:
    with pytest.raises(ArchiveError):
        read(data)


def test_a_cut_archive_is_noticed_wherever_it_is_cut() -> None:
    data = tarball({"a": zlib.compress(bytes(range(256)) * 30) * 20, "b/c": b"x"}, COMMIT)
    for end in range(0, len(data), 97):
        with pytest.raises(TruncatedArchiveError):
            read(data[:end])


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_spoilt_archives_give_members_or_an_archive_error(draw: st.DataObject) -> None:
    files: dict[str, Content] = {"a/b": b"text" * 300, "l": Link("a"), "x" * 120: b""}
    raw = bytearray(gzip.decompress(tarball(files, COMMIT)))
    for _ in range(draw.draw(st.integers(1, 8))):
        raw[draw.draw(st.integers(0, len(raw) - 1))] = draw.draw(st.integers(0, 255))
    try:
        found, archive = read(gzip.compress(bytes(raw), 1))
    except ArchiveError:
        return
    for path in found:
        assert safe_path(path) == path
    assert all(str(problem).isprintable() for problem in archive.problems)


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=60) | st.text(max_size=60))
def test_a_path_is_safe_or_a_problem_that_can_be_printed(raw: bytes | str) -> None:
    path = safe_path(raw)
    if isinstance(path, PathProblem):
        assert str(path).isprintable()
    else:
        assert path
        assert not path.startswith("/")
        assert not {"..", ".", ""} & set(path.split("/"))
        assert not has_controls(path)


def test_names_are_shown_escaped_and_shortened() -> None:
    assert printable("a\x1b[2Jb\x9b\u202e") == "a\\x1b[2Jb\\x9b\\u202e"
    assert printable(b"caf\xe9 \xc3\xa9") == "caf\\udce9 é"
    assert len(printable("x" * 5000)) == 121


@pytest.mark.parametrize(
    ("path", "target", "out"),
    [
        ("a/b/link", "../c", False),
        ("a/b/link", "../../c", False),
        ("a/b/link", "../../../c", True),
        ("link", "..", True),
        ("link", "/etc", True),
        ("a/link", "x/../../../y", True),
        ("a/link", "./x/y/../../..", False),
    ],
)
def test_links_out_of_the_repository_are_told_from_others(path: str, target: str, out: bool) -> None:
    assert leads_out(path, target) is out


def test_a_size_in_the_extended_header_is_the_one_that_counts() -> None:
    record = b"10 size=5\n"
    header = info("top/x", tarfile.XHDTYPE)
    header.size = len(record)
    data = header.tobuf(tarfile.USTAR_FORMAT) + record.ljust(512, b"\0")
    found, _ = read(
        gzip.compress(data + info("top/y").tobuf(tarfile.USTAR_FORMAT) + b"hello".ljust(512, b"\0") + bytes(1024))
    )
    assert found["y"][1] == b"hello"


@pytest.mark.parametrize("record", [b"22 GNU.sparse.major=1\n", b"11 size=-1\n"])
def test_sparse_files_and_sizes_that_are_none_are_refused(record: bytes) -> None:
    header = info("top/x", tarfile.XHDTYPE)
    header.size = len(record)
    data = header.tobuf(tarfile.USTAR_FORMAT) + record.ljust(512, b"\0") + info("top/y").tobuf(tarfile.USTAR_FORMAT)
    with pytest.raises(ArchiveError, match=r"sparse|malformed"):
        read(gzip.compress(data + bytes(1024)))
    with pytest.raises(ArchiveError, match="sparse"):
        read(gzip.compress(info("top/y", b"S").tobuf(tarfile.GNU_FORMAT) + bytes(1024)))
