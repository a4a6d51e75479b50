"""Which s6-overlay an image has, where its commands are, and how its archives come in."""

import pytest

from ctlint.lineage.s6.fix_attrs import attribute_lines, has_several_entries
from ctlint.lineage.s6.install import added, fetched, unpacked
from ctlint.lineage.s6.release import S6Release, release_of, speaks_s6
from ctlint.lineage.s6.tools import current_tools, gone_tools, has_program, is_s6_tool
from ctlint.lineage.text.errors import Unknown
from ctlint.lineage.text.places import Place, Span
from folding import Files, image_of

S6 = "https://github.com/just-containers/s6-overlay/releases/download"
TWO = (
    f"FROM debian:12\nADD {S6}/v2.2.0.3/s6-overlay-amd64.tar.gz /tmp/\nRUN tar xzhf /tmp/s6-overlay-amd64.tar.gz -C /\n"
)
THREE = "FROM debian:12\n" + "".join(
    f"ADD {S6}/v3.1.6.2/s6-overlay-{part}.tar.xz /tmp/\nRUN tar -C / -Jxpf /tmp/s6-overlay-{part}.tar.xz\n"
    for part in ("noarch", "x86_64")
)
LINKS = "".join(
    f"ADD {S6}/v3.1.6.2/s6-overlay-{part}.tar.xz /tmp/\nRUN tar -C / -Jxpf /tmp/s6-overlay-{part}.tar.xz\n"
    for part in ("symlinks-noarch", "symlinks-arch")
)
_PERHAPS = 'FROM acme/nobody\nARG V3\nCOPY a /a\nRUN if [ -n "$V3" ]; then '
"""What comes there under a condition says nothing of the release."""
HERE = Place("Dockerfile", Span(1))


@pytest.mark.parametrize(
    ("version", "generation", "numbers", "expected"),
    [
        ("3.1.6.2", 3, (3, 1, 6, 2), True),
        ("3.1.6.2", 3, (3, 1, 6, 3), False),
        ("3.10.0.0", 3, (3, 2), True),
        ("2.2.0.3", 2, (3,), False),
        (None, 3, (2, 1), True),
        (None, 2, (3, 1), False),
        (None, 3, (3, 1), "unknown"),
    ],
)
def test_a_release_is_at_least(
    version: str | None, generation: int, numbers: tuple[int, ...], expected: bool | str
) -> None:
    found = S6Release(generation, version, HERE, "x").at_least(*numbers)
    assert ("unknown" if isinstance(found, Unknown) else found) == expected


@pytest.mark.parametrize(
    ("dockerfile", "files", "expected"),
    [
        (TWO, {}, "2.2.0.3"),
        (THREE, {}, "3.1.6.2"),
        ("FROM debian:12\n", {}, None),
        ("FROM debian:12\nCOPY init /init\n", {"init": "#!/bin/sh\n"}, None),
        ("FROM debian:12\nCOPY init /init\nRUN mkdir /etc/s6-overlay\n", {"init": "#!/bin/sh\nexec s6-x\n"}, "unknown"),
        ("FROM debian:12\nCOPY init /init\nRUN mkdir /etc/s6-overlay\n", {"init": "#!/bin/sh\nexec tini\n"}, None),
        ("FROM acme/nobody\n", {}, "unknown"),
        ("FROM acme/nobody\nCOPY a /etc/s6-overlay/s6-rc.d/a/type\n", {"a": "longrun"}, "3"),
        ("FROM acme/nobody\nCOPY a /etc/cont-init.d/10-a\n", {"a": "#!/command/with-contenv sh\n"}, "3"),
        ("FROM acme/nobody\nCOPY a /etc/services.d/a/run\n", {"a": "#!/command/execlineb -P\n"}, "3"),
        ("FROM acme/nobody\nCOPY a /etc/cont-init.d/10-a\n", {"a": "#!/usr/bin/with-contenv sh\n"}, "unknown"),
        (_PERHAPS + "cp /a /etc/s6-overlay/s6-rc.d/a/type; fi\n", {"a": "longrun"}, "unknown"),
        (_PERHAPS + "cp /a /etc/cont-init.d/10-a; fi\n", {"a": "#!/command/with-contenv sh\n"}, "unknown"),
    ],
)
def test_which_release_an_image_has(dockerfile: str, files: Files, expected: str | None) -> None:
    found = release_of(image_of(dockerfile, files))
    assert (found.label if isinstance(found, S6Release) else "unknown" if found is not None else None) == expected


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("/etc/cont-init.d/10-a", "#!/usr/bin/with-contenv sh\n", True),
        ("/etc/services.d/a/run", "#!/usr/bin/execlineb -P\n", True),
        ("/etc/services.d/a/finish", "#!/usr/bin/execlineb -P\n", False),
        ("/etc/cont-init.d/10-a", "#!/bin/sh\n", False),
        ("/etc/cont-init.d/10-a", "echo\n", False),
    ],
)
def test_whose_language_start_files_speak(path: str, text: str, expected: bool) -> None:
    assert speaks_s6(image_of(f"FROM debian:12\nCOPY a {path}\n", {"a": text})) is expected


@pytest.mark.parametrize(
    ("base", "path", "expected"),
    [
        (THREE, "/command/with-contenv", True),
        (THREE, "/command/s6-svscan", True),
        (THREE, "/command/mine", False),
        (THREE, "/usr/bin/with-contenv", False),
        (THREE + LINKS, "/usr/bin/with-contenv", True),
        (THREE + "RUN apt-get install -y execline\n", "/usr/bin/with-contenv", "unknown"),
        (THREE + "RUN apt-get install -y curl\n", "/usr/bin/with-contenv", False),
        (THREE + "RUN apt-get install -y bash\n", "/bin/bash", True),
        (THREE + "RUN apt-get install -y fish\n", "/usr/bin/fish", True),
        (THREE + "RUN apt-get install -y fish\n", "/opt/fish", "unknown"),
        (THREE + "RUN apt-get install -y fish\n", "/usr/bin/zsh", "unknown"),
        (THREE + "RUN mkdir -p /usr/bin/tool\n", "/usr/bin/tool", False),
        (TWO, "/usr/bin/with-contenv", True),
        (TWO, "/bin/s6-svscan", True),
        (TWO, "/command/with-contenv", False),
        (TWO, "/usr/bin/nothing-like-it", "unknown"),
    ],
)
def test_where_programs_are(base: str, path: str, expected: bool | str) -> None:
    image = image_of(base)
    release = release_of(image)
    assert isinstance(release, S6Release)
    found = has_program(image, release, path)
    assert ("unknown" if isinstance(found, Unknown) else found) == expected


def test_names_of_commands() -> None:
    assert [is_s6_tool(path) for path in ("/bin/s6-ls", "/usr/bin/with-contenv", "/bin/cd", "/bin/sh")] == [
        True,
        True,
        False,
        False,
    ]
    assert "with-contenv" in current_tools()
    assert gone_tools()
    assert not gone_tools() & current_tools()
    assert not any("/" in name for name in current_tools() | gone_tools())


ARCHIVE = "s6-overlay-amd64.tar.gz"


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (f"ADD {S6}/v2.2.0.3/{ARCHIVE} /tmp/\n", [(2, False)]),
        (f"ARG V=2.2.0.3\nADD {S6}/v$V/{ARCHIVE} /tmp/\n", [(3, False)]),
        (f"ADD --checksum=sha256:{'a' * 64} {S6}/v2.2.0.3/{ARCHIVE} /tmp/\n", [(2, True)]),
        (f"ADD {S6}/v2.2.0.3/{ARCHIVE} /tmp/\nRUN echo x /tmp/x | sha256sum -c\n", [(2, True)]),
        (f"RUN sha256sum x\nADD {S6}/v2.2.0.3/{ARCHIVE} /tmp/\n", [(3, False)]),
        (f"ADD {S6}/v2.2.0.3/{ARCHIVE} /tmp/\nRUN <<EOF\nsha256sum -c x\nEOF\n", [(2, True)]),
        (f"ADD {S6}/v2.2.0.3/{ARCHIVE} /tmp/\nCOPY sha256sum /\n", [(2, False)]),
        (f"RUN curl -o /tmp/{ARCHIVE} {S6}/v2.2.0.3/{ARCHIVE}\n", [(2, False)]),
        (f"RUN wget {S6}/v2.2.0.3/{ARCHIVE} && sha256sum -c x\n", [(2, True)]),
        (f"RUN curl -L {S6}/v2.2.0.3/{ARCHIVE} | tar xz -C /\n", [(2, False)]),
        (f"RUN curl -L {S6}/v2.2.0.3/{ARCHIVE} | tee /x | tar xz -C /\n", [(2, False)]),
        (f"RUN echo {S6}/v2.2.0.3/{ARCHIVE}\n", []),
        ("ADD https://example.org/other.tar.gz /tmp/\n", []),
        (f"ADD {ARCHIVE} /\n", []),
        (f"RUN curl -O {S6}/v2.2.0.3/{ARCHIVE} && curl -O {S6}/v2.1.0.2/{ARCHIVE}\n", [(2, False), (2, False)]),
    ],
)
def test_archives_that_a_build_fetches(lines: str, expected: list[tuple[int, bool]]) -> None:
    found = fetched(image_of(f"FROM debian:12\n{lines}", {ARCHIVE: "x", "sha256sum": "x"}))
    assert [(one.place.line, one.checked) for one in found] == expected


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (f"ADD {S6}/v2.2.0.3/{ARCHIVE} /tmp/\nRUN tar xzf /tmp/{ARCHIVE} -C /\n", [("/", "2.2.0.3")]),
        (f"RUN curl -L {S6}/v2.2.0.3/{ARCHIVE} | tar xz -C /usr\n", [("/usr", "2.2.0.3")]),
        (f"RUN curl -o /tmp/{ARCHIVE} {S6}/v2.2.0.3/{ARCHIVE} && tar xzf /tmp/{ARCHIVE} -C $(date)\n", []),
        ("COPY a.tar /\nRUN tar xf /a.tar\n", []),
    ],
)
def test_archives_that_a_build_unpacks(lines: str, expected: list[tuple[str, str]]) -> None:
    found = unpacked(image_of(f"FROM debian:12\n{lines}", {"a.tar": "x"}))
    assert [(one.into, one.archive.version) for one in found] == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (f"ADD {ARCHIVE} /", ["/"]),
        (f"ADD {ARCHIVE} sub/", ["/w/sub"]),
        (f"ADD --unpack=false {ARCHIVE} /", []),
        (f"COPY {ARCHIVE} /", []),
        (f"ADD {S6}/v2.2.0.3/{ARCHIVE} /", []),
        ("ADD other.tar.gz /", []),
    ],
)
def test_archives_that_add_takes_from_the_context(line: str, expected: list[str]) -> None:
    image = image_of(f"FROM debian:12\nWORKDIR /w\n{line}\n", {ARCHIVE: "x", "other.tar.gz": "x"})
    assert [one.into for one in added(image)] == expected


def test_lines_of_fix_attrs() -> None:
    text = "# /a true root 0644 0755\n/b true root 0640 0750\n/c false root 0600\n/short true root\n"
    image = image_of(TWO + "COPY f /etc/fix-attrs.d/10-a\nRUN mkdir /etc/fix-attrs.d/20-b\n", {"f": text})
    found = [(one.path, one.recursive, one.file_mode, one.place.line) for one in attribute_lines(image)]
    assert found == [("/b", True, "0640", 2), ("/c", False, "0600", 3)]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("RUN mkdir /d && touch /d/a /d/b\n", True),
        ("RUN mkdir /d && touch /d/a\n", False),
        ("RUN mkdir /d\n", True),
        ("RUN touch /d\n", False),
        ("", False),
        ("RUN mkdir /d && touch /d/a && /d/tool\nCOPY --from=acme/x / /d/\n", "unknown"),
    ],
)
def test_a_folder_of_none_or_several_entries(lines: str, expected: bool | str) -> None:
    found = has_several_entries(image_of(f"FROM debian:12\n{lines}"), "/d")
    assert ("unknown" if isinstance(found, Unknown) else found) == expected
