"""What runs when the container starts, in which order, as which user, and with which variables.

Stands on `s6/` and `image/`.
Begin reading at `plan.py`.
"""
