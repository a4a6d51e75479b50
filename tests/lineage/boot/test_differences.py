"""What two images are known to differ in, and that nothing is said of what may be the same."""

import pytest

from ctlint.lineage.boot.differences import differences
from folding import image_of

FILES = {
    "one.txt": "1",
    "two.txt": "2",
    **{
        name: f"root:x:0:0::/root:/bin/sh\nkim:x:{uid}:{uid}::{home}:/bin/sh\n"
        for name, uid, home in (("kim", 7, "/k"), ("kim-8", 8, "/k"), ("kim-home", 7, "/home/kim"))
    },
}


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("EXPOSE 80", "EXPOSE 81", [("EXPOSE", "80", None), ("EXPOSE", None, "81")]),
        ("VOLUME /a /b", "VOLUME /b", [("VOLUME", "/a", None)]),
        ("USER abc", "USER abc", []),
        ("ENV A=1", "ENV A=2", [("A", "1", "2")]),
        ("COPY one.txt /x", "COPY one.txt /y", [("/x", "file 0644", None), ("/y", None, "file 0644")]),
        ("COPY one.txt /x", "RUN mkdir /x", [("/x", "file 0644", "directory 0755")]),
        ("COPY one.txt /x", "COPY --chmod=600 one.txt /x", [("/x", "0644", "0600")]),
        ("COPY kim /etc/passwd", "COPY kim /etc/passwd", []),
        ("COPY kim /etc/passwd", "COPY kim-8 /etc/passwd", [("kim", "uid 7, home /k", "uid 8, home /k")]),
        ("COPY kim /etc/passwd", "COPY kim-home /etc/passwd", [("kim", "uid 7, home /k", "uid 7, home /home/kim")]),
        ("COPY one.txt /x", "RUN if uname | grep -q x; then mkdir /x; fi", []),
        ("RUN if uname | grep -q x; then mkdir /x; fi", "", []),
    ],
)
def test_what_is_told(before: str, after: str, expected: list[tuple[str, str | None, str | None]]) -> None:
    one, other = (image_of(f"FROM scratch\n{line}\n", FILES) for line in (before, after))
    found = [each for each in differences(one, other) if each.name != "/etc/passwd"]
    assert [(each.name, each.before, each.after) for each in found] == expected


def test_a_variable_that_an_unknown_parent_may_set_is_no_difference() -> None:
    known = image_of("FROM scratch\nENV A=1\n")
    unknown = image_of("FROM registry.example/none:1\n")
    assert differences(known, unknown) == []
    assert differences(unknown, known) == []
