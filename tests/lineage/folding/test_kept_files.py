"""Commands that leave what is there alone: what a later layer or start script finds."""

import pytest

from folding import image_of


@pytest.mark.parametrize(
    ("command", "content"),
    [
        ("cp -n /new /there", b"old\n"),
        ("cp --no-clobber /new /there", b"old\n"),
        ("cp /new /there", b"new\n"),
        ("mv -n /new /there", b"old\n"),
        ("mkdir /d && cp /new /d/there && cp -rn /d/. /", b"old\n"),
        ("mkdir /d && cp /new /d/there && cp -r /d/. /", b"new\n"),
        ("cp -n /new /other && cp /other /there", b"new\n"),
    ],
)
def test_a_copy_that_overwrites_nothing_keeps_what_is_there(command: str, content: bytes) -> None:
    image = image_of(f"FROM scratch\nCOPY new there /\nRUN {command}\n", {"new": "new\n", "there": "old\n"})
    node = image.tree.find("/there")
    assert node is not None
    assert node.blob.data == content


def test_a_copy_that_overwrites_nothing_brings_what_is_not_there() -> None:
    image = image_of("FROM scratch\nCOPY new /\nRUN cp -n /new /other\n", {"new": "new\n"})
    node = image.tree.find("/other")
    assert node is not None
    assert node.blob.data == b"new\n"
