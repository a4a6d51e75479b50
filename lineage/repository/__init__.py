"""What a repository holds, from a folder of this machine and from git; which files of it are Dockerfiles.

Stands on `dockerfile/` and `text/`; the only room that reads the disk and asks git.
Begin reading at `snapshot.py`, then `disk.py`.
"""
