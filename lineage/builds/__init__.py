"""What a repository's own files say: how a Dockerfile is built, what the image is called, who runs it.

Stands on `repository/` and `dockerfile/`.
Begin reading at `build.py`, then `build_files.py`.
"""
