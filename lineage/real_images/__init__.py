"""Real images as the model of an image: which step of the build brought what, what a lock keeps, what proves a prediction wrong.

Stands on `oci/`, `s6/`, `boot/` and what these stand on.
Begin reading at `effective.py`, then `verify.py`.
"""
