"""Shell and execline text to trees.

Stands on `text/`; the only room that loads the grammar.
Begin reading at `parse.py`.
"""
