"""One file a command, and its arguments.

Stands on all rooms of `lint/`.
Begin reading at `arguments.py`.
"""
