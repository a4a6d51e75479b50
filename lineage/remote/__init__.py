"""GitHub and registries over HTTP, and the cache folder.

Stands on `repository/` and `text/`; the only room that opens a socket.
Begin reading at `github.py`.
"""
