"""What each command does: one file a command, and what it takes from others beside it.

Stands on all rooms of `lint/` but `arguments/`.
Begin reading at `lint.py`.
"""
