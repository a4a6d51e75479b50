"""The data files of a package: read from its folder, or, where it has none (a zip), as `importlib.resources` finds them."""

import os
import sys


def names_in(package: str) -> list[str]:
    """The names in a loaded package's folder, sorted."""
    folder = _folder(package)
    if folder is not None:
        return sorted(os.listdir(folder))
    from importlib.resources import files

    return sorted(entry.name for entry in files(package).iterdir())


def text_in(package: str, name: str) -> str:
    """The text of a file of a loaded package. Raises OSError where it cannot be read."""
    folder = _folder(package)
    if folder is not None:
        with open(os.path.join(folder, name), encoding="utf-8") as file:
            return file.read()
    from importlib.resources import files

    return (files(package) / name).read_text("utf-8")


def _folder(package: str) -> str | None:
    path = next(iter(sys.modules[package].__path__), None)
    return path if path is not None and os.path.isdir(path) else None
