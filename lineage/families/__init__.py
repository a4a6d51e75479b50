"""How image families name, tag and place things: one data file a family, and their reader.

Stands on nothing.
Begin reading at `read.py`, then any of the data files.
"""
