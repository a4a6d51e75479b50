"""What start scripts do, and when: in which order, with which values, whether again, and whether at all.

Stands on `lineage/` and on the files of `shared/` itself.
Begin reading at `required_values.py`.
"""
