"""What may be typed: each command's arguments, their help and completion, and which file of `commands/` it runs.

Stands on all rooms of `lint/`.
Begin reading at `parser.py`.
"""
