"""The digests are hashlib's, and cost nothing of what hashlib loads."""

import hashlib
import subprocess
import sys

import pytest

from ctlint.lineage.late import digests


@pytest.mark.parametrize("name", ["sha1", "sha256"])
def test_a_digest_is_that_of_hashlib(name: str) -> None:
    for data in (b"", b"ctlint", b"a" * 1000):
        assert getattr(digests, name)(data).hexdigest() == getattr(hashlib, name)(data).hexdigest()


def test_openssl_is_not_loaded() -> None:
    told = "import sys, ctlint.lineage.late.digests; print('_hashlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True).stdout == "False\n"
