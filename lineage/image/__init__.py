"""The model of an image: its file tree, accounts and settings, each with its origin, and what may be asked of them.

Stands on `effects/`, `dockerfile/` and what these stand on.
Begin reading at `image.py` and `tree.py`.
"""
