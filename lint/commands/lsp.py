"""`ctlint lsp`: the language server on standard input and output."""

import os
import sys

from ...lineage.text.errors import UsageError
from ..installed_from import beside
from ..output.complaints import complain


def lsp() -> int:
    """Serve until the client says exit or closes the stream. Raises UsageError where pygls is not installed."""
    try:
        from ..lsp.server import make_server
    except ModuleNotFoundError as missing:
        if (missing.name or "").partition(".")[0] not in ("pygls", "lsprotocol"):
            raise
        raise UsageError(
            f"the language server needs pygls, which is not here: `{beside('pygls')}` brings it."
        ) from None
    if sys.stdin.isatty():
        complain("this is a language server: an editor starts it and speaks to it. Ctrl-C ends it.")
    # Nothing but the protocol may go to standard output: what is printed by mistake goes to standard error.
    protocol = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    sys.stdout = sys.stderr
    make_server().start_io(sys.stdin.buffer, protocol)
    return 0
