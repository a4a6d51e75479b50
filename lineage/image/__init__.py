"""The model of an image (tree, accounts, settings) and the folding of parent and stage into one.

Stands on `builds/`, `effects/` and what these stand on.
Begin reading at `image.py` and `tree.py`, then `fold.py`.
"""
