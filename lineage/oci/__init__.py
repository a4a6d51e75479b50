"""Real images: layouts, archives and registries read into the same tree and settings that folding makes.

Stands on `profiles/`, `boot/`, `image/`, `remote/` and what these stand on.
Begin reading at `read.py`, then `merge.py` and `effective.py`.
"""
