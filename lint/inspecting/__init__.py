"""An image as `ctlint inspect` shows it: as text and as JSON, as a consumer runs it, at a moment of its build, beside another.

Stands on `opening/` and `output/`.
Begin reading at `image_text.py`.
"""
