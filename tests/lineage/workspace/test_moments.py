"""Moments of a build, and how something in an image came to be what it is."""

import pytest

from ctlint.lineage.image.tree import Node
from ctlint.lineage.text.errors import UsageError
from ctlint.lineage.workspace.moments import described, history_of, image_at, moment_of
from folding import source_of, workspace

TEXT = """ARG V=1
FROM debian:12 AS build
RUN touch /a
RUN touch /b
FROM debian:12
ENV MODE=$V A=1
COPY x /opt/x
LABEL title=x
RUN chmod 750 /opt/x && useradd -m -u 1200 kim
USER kim
RUN rm /opt/x
CMD ["a", "b c"]
"""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2", (0, 0)),
        ("3", (0, 1)),
        ("4", (0, 2)),
        ("5", (1, 0)),
        ("7", (1, 2)),
        ("99", (1, 7)),
        ("build:0", (0, 0)),
        ("BUILD:2", (0, 2)),
        ("0:1", (0, 1)),
        ("1:7", (1, 7)),
        ("1", "has no FROM at or above line 1"),
        ("build:3", "has 2 instructions"),
        ("build:", "is no moment"),
        (":1", "is no moment"),
        ("other:1", "one of the stages build, 1"),
    ],
)
def test_moments(text: str, expected: tuple[int, int] | str) -> None:
    work = workspace({"r": {"Dockerfile": TEXT, "x": "x"}})
    source = source_of(work, "r/Dockerfile")
    if isinstance(expected, str):
        with pytest.raises(UsageError, match=expected):
            moment_of(source, text)
    else:
        moment = moment_of(source, text)
        assert (moment.stage, moment.count) == expected


def test_the_image_at_a_moment_has_only_what_was_made_by_then() -> None:
    work = workspace({"r": {"Dockerfile": TEXT, "x": "x"}})
    source = source_of(work, "r/Dockerfile")
    early = image_at(work, source, moment_of(source, "build:1"))
    assert early.tree.find("/a") is not None
    assert early.tree.find("/b") is None


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        ("/opt/x", [(7, "file 0644 root, content c1b0730e01"), (9, "file 0750 root, content c1b0730e01 (was file 0644 root, content c1b0730e01)"), (11, "gone (was file 0750 root, content c1b0730e01)")]),
        ("/home/kim", [(9, "directory 0755 kim")]),
        ("A", [(6, "ENV 1")]),
        ("title", [(8, "LABEL x")]),
        ("user", [(10, "USER kim")]),
        ("CMD", [(1, "CMD bash"), (12, "CMD a b c (was bash)")]),
        ("kim", [(9, "account uid 1200, home /home/kim")]),
        ("nothing", []),
    ],
)  # fmt: skip
def test_what_made_it_so(subject: str, expected: list[tuple[int, str]]) -> None:
    work = workspace({"r": {"Dockerfile": TEXT, "x": "x"}})
    events = history_of(work, source_of(work, "r/Dockerfile"), subject)
    assert [(event.place.line, event.change) for event in events] == expected


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        ("/etc/passwd", ""),
        ("A", "ENV 1"),
        ("/opt/x", "perhaps there: "),
    ],
)
def test_what_comes_from_a_parent_that_is_not_at_hand(subject: str, expected: str) -> None:
    """Of debian:12 a profile tells what it is; of an image that nobody knows, that anything may be there."""
    base = "acme/unknown" if expected.startswith("perhaps") else "debian:12"
    work = workspace({"r": {"Dockerfile": f"FROM {base}\nENV A=1\n"}})
    events = history_of(work, source_of(work, "r/Dockerfile"), subject)
    shown = [(event.image, event.instruction, event.change.startswith(expected)) for event in events]
    if subject == "A":
        assert shown == [("r", "ENV A=1", True)]
    else:
        assert [(image, text) for image, text, _ in shown] == [(base.partition(":")[0], "")]
        assert shown[0][2]


def test_a_node_in_a_few_words() -> None:
    image_of_it = workspace({"r": {"Dockerfile": TEXT, "x": "x"}})
    place = image_of_it.effective(source_of(image_of_it, "r/Dockerfile")).first_line
    rows = [
        (Node("file", place, "r", mode=0o4755), "file 4755 root, content unknown"),
        (Node("file", place, "r"), "file mode unknown root, content unknown"),
        (Node("directory", place, "r", mode=0o755, sure=False), "directory 0755 root, under a condition"),
        (Node("link", place, "r", mode=0o777, target="/a", sure=False), "link → /a, under a condition"),
    ]
    assert [described(node) for node, _ in rows] == [shown for _, shown in rows]
