"""Who runs an image and how: compose, Kubernetes, Helm, app registries, add-on configurations, `docker run`."""
