"""What s6 runs and where it looks: services, the servers that they start, places that it does not read.

Stands on `lineage/` and on the files of `shared/` itself.
Begin reading at `servers.py`.
"""
