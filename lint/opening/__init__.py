"""From targets and configuration to a workspace: addresses, repositories on GitHub, parents that are given.

Stands on `output/` and `config/`.
Begin reading at `open.py`.
"""
