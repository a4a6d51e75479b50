"""The standard library's SHA-1 and SHA-256 for what is short, without `hashlib`: that loads OpenSSL, which takes as long as
loading twenty modules. A stream of megabytes is better served by OpenSSL.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hashlib import sha1, sha256
else:
    try:
        from _sha1 import sha1
    except ImportError:  # a Python that has it elsewhere
        from hashlib import sha1
    try:
        from _sha256 import sha256
    except ImportError:
        try:
            from _sha2 import sha256
        except ImportError:
            from hashlib import sha256

__all__ = ["sha1", "sha256"]
