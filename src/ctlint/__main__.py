"""`python -m ctlint` is `ctlint`."""

import sys

if __name__ == "__main__":
    # `-m` looks for every module in the working directory first: what is linted there would be run.
    if not sys.flags.safe_path and not __file__.startswith(sys.path[0].rstrip("/") + "/"):
        del sys.path[0]

    from .lint.cli import run

    run()
