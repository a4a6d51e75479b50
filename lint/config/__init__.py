"""Configuration: the files, their keys, which rules are selected, and where each value comes from.

Stands on `lineage/` and `rules/`.
Begin reading at `effective.py`.
"""
