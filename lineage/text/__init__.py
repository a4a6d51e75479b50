"""Places in files, answers that may be unknown, and text that is only partly known.

Stands on nothing: it knows no format and no disk.
Begin reading at `symbolic.py` and `errors.py`.
"""
