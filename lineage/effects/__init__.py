"""Commands to what they do to files, modes, accounts and packages.

Stands on `commands/` and what that stands on.
Begin reading at `model.py`, then `read.py`.
"""
