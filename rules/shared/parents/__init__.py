"""Images by their names and tags, and what an image does to the files of its parent.

Stands on `lineage/` and on the files of `shared/` itself.
Begin reading at `moving_tags.py`.
"""
