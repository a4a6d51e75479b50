"""Dockerfile text to instructions and stages, read as BuildKit reads it.

Stands on `text/`; the only room that loads the Dockerfile library.
Begin reading at `parse.py`, then `stages.py`.
"""
