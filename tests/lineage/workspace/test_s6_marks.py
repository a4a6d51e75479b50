"""Which s6-overlay release many images have: the answer of folding each, with few of them folded."""

from collections.abc import Mapping
from typing import Any

import pytest

from ctlint.lineage.workspace.s6_releases import S6Marks
from ctlint.lineage.workspace.workspace import Workspace
from folding import Files, source_of, workspace

S6 = "https://github.com/just-containers/s6-overlay/releases/download"
TWO = f'FROM debian:12\nADD {S6}/v2.2.0.3/s6-overlay-amd64.tar.gz /tmp/\nRUN tar xzhf /tmp/s6-overlay-amd64.tar.gz -C /\nENTRYPOINT ["/init"]\n'
MAKE = "build:\n\tdocker build -t acme/base:1 .\n"


def fleet(child: str, files: Files, base: str) -> Workspace:
    return workspace(
        {"base": {"Dockerfile": base, "Makefile": MAKE}, "app": {"Dockerfile": f"FROM acme/base:1\n{child}", **files}}
    )


ROWS: list[tuple[str, Mapping[str, str], bool]] = [
    # (lines of the child, files of its repository, whether it has to be folded)
    ("ENV A=1\nRUN apt-get update\n", {}, False),
    ("COPY a /opt/\n", {"a": "a"}, False),
    ("COPY a /\n", {"a": "a"}, False),
    ("COPY . .\n", {"a": "a"}, False),
    ("COPY . /\n", {"init": "x"}, True),
    ("COPY sub/ $PLACE\n", {"sub/init": "x"}, True),
    ("COPY --from=debian:12 /x /\n", {}, True),
    ("COPY --from=debian:12 /x /opt/x\n", {}, False),
    ("ADD a.tar /\n", {"a.tar": "x"}, True),
    ("ADD a.tar /srv/\n", {"a.tar": "x"}, False),
    ("RUN rm -rf /etc/s6\n", {}, True),
    ("RUN rm /init\n", {}, True),
    ("RUN initdb\n", {}, False),
    ("RUN <<EOF\nrm /init\nEOF\n", {}, True),
    ("COPY setup.sh /opt/\nRUN /opt/setup.sh --all\n", {"setup.sh": "#!/bin/sh\nrm /init\n"}, True),
    ("COPY setup.sh /opt/\nRUN true\n", {"setup.sh": "#!/bin/sh\nrm /init\n"}, False),
    ("ENV S6_LOGGING=1\n", {}, False),
]


@pytest.mark.parametrize(("child", "files", "folded"), ROWS, ids=[child for child, _, _ in ROWS])
def test_only_what_may_change_the_release_is_folded(
    child: str, files: Files, folded: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    work = fleet(child, files, TWO)
    source = source_of(work, "app/Dockerfile")
    expected = work.effective(source).s6_version
    asked: list[str] = []
    fold = Workspace.fold

    def counted(self: Workspace, image: Any, *more: Any) -> Any:
        asked.append(image.id)
        return fold(self, image, *more)

    monkeypatch.setattr(Workspace, "fold", counted)
    marks = S6Marks(work)
    assert marks.of(source) == expected
    assert ("app/Dockerfile" in asked) is folded
    asked.clear()
    assert marks.of(source) == expected
    assert asked == []


@pytest.mark.parametrize(
    ("base", "child"),
    [
        (TWO, "RUN rm /init\n"),
        (TWO + "ONBUILD RUN rm /init\n", "ENV A=1\n"),
        ("FROM debian:12\n", "ENV A=1\n"),
        ("FROM lsiobase/alpine:3.12\n", "ENV A=1\n"),
        ("FROM acme/nobody\n", "ENV A=1\n"),
        (TWO.replace("debian:12", "debian:12 AS one") + "FROM one\n", "ENV A=1\n"),
        ("FROM acme/base:1\n", "ENV A=1\n"),
    ],
)
def test_the_release_is_that_of_the_whole_image(base: str, child: str) -> None:
    work = fleet(child, {}, base)
    marks = S6Marks(work)
    for name in ("app/Dockerfile", "base/Dockerfile"):
        source = source_of(work, name)
        assert marks.of(source) == work.effective(source).s6_version
