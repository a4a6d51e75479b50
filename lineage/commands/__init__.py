"""What a command is: its words and what they come to, what it asks, prints and returns, as far as that is known.

Stands on `shell/` and what that stands on.
Begin reading at `model.py`, then `expansion.py`.
"""
