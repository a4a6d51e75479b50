"""ctlint: lineage and linting for container images with s6-overlay and without."""

from .lint import version

__version__ = version.VERSION
