"""Who runs an image and how: compose, Kubernetes, Helm, app registries, add-on configurations, `docker run`.

Stands on `builds/` and what that stands on.
Begin reading at `model.py`, then `files.py`.
"""
