"""Desktop launchers: what is wrong with their text, and which launcher a script means.

Stands on `lineage/` and on the files of `shared/` itself.
Begin reading at `missed_launchers.py`.
"""
