"""Desktop entries and launchers: what a `.desktop` file says, where it lies, what brings it to the user.

Stands on `boot/` and `image/`.
Begin reading at `launchers.py`.
"""
