"""s6-overlay and s6-rc: which release an image has, what its service definitions compile to.

Stands on `image/`.
Begin reading at `release.py` and `rc.py`.
"""
