"""From a workspace to a report: rules × images, ignores, baseline, what a change touches, fixes.

Stands on `opening/`, `output/` and `config/`.
Begin reading at `engine.py`, then `families.py` and `judged.py`.
"""
