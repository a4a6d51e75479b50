"""Changes of files that cure findings: planned so that they agree, shown as a diff, and made on disk.

Stands on `rules/` and `lineage/`.
Begin reading at `fixes.py`.
"""
