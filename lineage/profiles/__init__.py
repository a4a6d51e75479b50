"""Bundled facts about public parent images: the data files, how one is found, read and written.

Stands on `boot/` and `image/`.
Begin reading at `find.py`.
"""
