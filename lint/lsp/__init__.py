"""The language server: findings, actions, hover and definitions for editors.

Stands on `judging/`; the only room that loads pygls.
Begin reading at `server.py`.
"""
