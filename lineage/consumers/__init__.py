"""Who runs an image and how: compose, Kubernetes, Helm, app registries, add-on configurations, `docker run`."""

from .files import consumers, documented
from .model import Check, Consumer, Mount, Port, Setting
from .names import read_image

__all__ = ["Check", "Consumer", "Mount", "Port", "Setting", "consumers", "documented", "read_image"]
