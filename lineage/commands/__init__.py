"""Trees to the commands that would run: expansion, conditions, users, what is sourced or wrapped.

Stands on `shell/` and what that stands on.
Begin reading at `model.py`, then `interpret.py`.
"""
