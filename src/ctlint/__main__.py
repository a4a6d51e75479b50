"""`python -m ctlint` is `ctlint`."""

from .lint.cli import run

if __name__ == "__main__":
    run()
