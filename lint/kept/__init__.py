"""Results of lint runs that are kept for the next: told again where all that they stand on is as it was.

Stands on `lineage/repository/asked.py` alone, so that a kept result is told before anything else is loaded.
Begin reading at `replay.py`.
"""
