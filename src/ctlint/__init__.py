"""ctlint: lineage and linting for s6-based desktop images."""

from .lint import version

__version__ = version.VERSION
