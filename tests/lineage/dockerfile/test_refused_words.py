"""Words whose quote does not end: BuildKit refuses them when it comes to the instruction, not when it reads the file."""

import pytest

from ctlint.lineage.dockerfile.parse import parse
from ctlint.lineage.dockerfile.stages import parse_stages, refused_word


def refused(text: str) -> int | None:
    found = refused_word(parse_stages(parse(text)))
    return found.line if found is not None else None


@pytest.mark.parametrize(
    "line",
    [
        'LABEL maintainer="Jo <jo@example.org>""',
        "ENV GREETING don't",
        'ARG NAME="x',
        "COPY it's /srv/",
        'WORKDIR "/srv',
    ],
)
def test_a_quote_without_its_end_is_refused(line: str) -> None:
    assert refused(f"FROM alpine:3.20\n{line}\n") == 2


@pytest.mark.parametrize(
    "line",
    [
        'LABEL maintainer="Jo \\"J\\" <jo@example.org>"',
        'ENV GREETING="don\'t"',
        "ENV GREETING don\\'t",
        'RUN echo "x',
        "CMD echo don't",
        "MAINTAINER Jo's",
        "COPY <<'END' /srv/it\nit's\nEND",
        'ENV A="${B:-"x"}"',
    ],
)
def test_what_the_shell_or_nobody_reads_is_not(line: str) -> None:
    assert refused(f"FROM alpine:3.20\n{line}\n") is None


def test_stages_that_are_not_built_do_not_count() -> None:
    assert refused('FROM alpine:3.20 AS other\nLABEL a="b""\nFROM alpine:3.20\nLABEL a=b\n') is None


def test_the_escape_character_is_the_file_s() -> None:
    assert refused('# escape=`\nFROM alpine:3.20\nENV DIR=C:\\"\n') == 3
    assert refused('# escape=`\nFROM alpine:3.20\nENV DIR=`"\n') is None
