"""Who may do what: what root is needed for, whose files are, what root runs, what nobody else should read.

Stands on `lineage/` and on the files of `shared/` itself.
Begin reading at `root_needs.py`.
"""
