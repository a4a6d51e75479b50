"""All repositories of a run together: which image a FROM means, each image folded once, what descends from what.

Stands on all rooms but `graph/`.
Begin reading at `workspace.py`, then `parents.py`.
"""
