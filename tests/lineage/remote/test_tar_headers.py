"""Numbers of tar headers as the standard library, too, reads them."""

import tarfile

import pytest

from ctlint.lineage.remote.tar_headers import MalformedHeaderError, number


@pytest.mark.parametrize(
    "field",
    [
        b"0000644\0",
        b"0000644 ",
        b"   644\0 ",
        b"644\0 junk",
        b"\0" * 8,
        b"        ",
        b"\x80" + (1 << 40).to_bytes(7, "big"),
    ],
)
def test_a_number_ends_at_a_nul(field: bytes) -> None:
    assert number(field) == tarfile.nti(field)  # type: ignore[attr-defined]


@pytest.mark.parametrize("field", [b"0000648\0", b"0x1\0\0\0\0\0", b"6 4\0\0\0\0\0", b"-1\0\0\0\0\0\0"])
def test_what_is_no_octal_number_is_malformed(field: bytes) -> None:
    with pytest.raises(MalformedHeaderError):
        number(field)
