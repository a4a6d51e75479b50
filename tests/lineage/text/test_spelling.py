"""Whether a name is a slip for another, or one of its own."""

import pytest

from ctlint.lineage.text.spelling import is_slip, is_sure_slip, near_name


@pytest.mark.parametrize(
    ("word", "meant", "slip", "sure"),
    [
        ("USER_NAM", "USER_NAME", False, False),  # begins like the other
        ("USR_NAME", "USER_NAME", True, True),
        ("USERNAME", "USER_NAME", True, True),
        ("UID_", "UID", False, True),  # short, and split in two places
        ("UESR_NAME", "USER_NAME", True, True),
        ("USEEMAN_R", "USER_NAME", False, False),
        ("APP_PGID", "APP_PUID", True, False),  # another letter makes another name
        ("SER_NAME", "USER_NAME", True, False),
        ("OPTIONS", "OPTION", False, False),
        ("OPTXIONS", "OPTIONS", True, True),
        ("PORT21", "PORT12", False, False),  # numbers are meant
        ("PORTX21", "PORT21", True, False),
        ("PORT210", "PORT21", False, False),
        ("USER_NAMEE", "USER_NAME", True, True),  # but for a doubled letter
        ("edge--", "edge-", False, False),
        ("abcd", "abdc", False, False),  # too short to tell
        ("nginx-log", "nginxlog", False, False),
        ("nginx", "nginx", False, False),
        ("abcdefgh", "bcdefgha", True, False),
    ],
)
def test_what_is_a_slip_for_a_name(word: str, meant: str, slip: bool, sure: bool) -> None:
    assert (is_slip(word, meant), is_sure_slip(word, meant)) == (slip, sure)
    assert is_sure_slip(meant, word) is sure


def test_a_name_near_two_others_is_no_slip_for_either() -> None:
    assert near_name("USR_NAME", ["USER_NAME", "HOME"]) == "USER_NAME"
    assert near_name("USR_NAME", ["USER_NAME", "USR_NAMES", "US_NAME"]) is None
    assert near_name("USER_NAME", ["USER_NAME", "HOME"]) is None
