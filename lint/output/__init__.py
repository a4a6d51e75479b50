"""A report as text, JSON, SARIF and the other formats; the pages of the rules. Pure but for the terminal.

Stands on `config/`; the only room that loads rich.
Begin reading at `report.py`, then `report_formats.py`.
"""
