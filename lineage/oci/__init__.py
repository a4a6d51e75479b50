"""Real images as they are stored, in layouts, archives and registries: read layer by layer into one list of files.

Stands on `remote/` and what that stands on.
Begin reading at `read.py`, then `merge.py`.
"""
