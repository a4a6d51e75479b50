"""Trees to the commands that would run, followed as the shell and execline do: branches, users, what is sourced or wrapped.

Stands on `commands/` and what that stands on.
Begin reading at `interpret.py`, then `simple.py`, `launch.py` and `scripts.py`.
"""
