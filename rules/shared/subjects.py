"""What findings speak of, in the words by which a rule yields to another: `Message.about`."""

from collections.abc import Iterator

from ...lineage.late.patterns import pattern
from ...lineage.text.places import Place

_NAME = pattern(r"(?<![^\s/'\"=;|&()<>])[^\s/'\"=;|&()<>]+\.desktop\b")
_PATH = pattern(r"/[\w./-]+")


def launcher(path: str) -> tuple[str, str]:
    """A launcher in the image: by its name, and as one of its folder."""
    folder, _, name = path.rpartition("/")
    return f"launcher {name}", f"launchers in {folder}"


def launchers_named_in(script: bytes | str) -> Iterator[str]:
    """The launchers that the text of a script names, by themselves or as what lies in a folder."""
    text = script.decode("utf-8", "replace") if isinstance(script, bytes) else script
    for name in _NAME.findall(text):
        yield f"launcher {name}"
    for path in filter(None, (path.rstrip("./") for path in _PATH.findall(text))):
        yield f"launchers in {path}"


def copied_at(instruction: Place) -> str:
    """What a COPY or ADD puts into the image."""
    return f"copied at {instruction}"


def start_of(path: str) -> str:
    """The start of a script of the image."""
    return f"start of {path}"


def variable_of(path: str, name: str) -> str:
    """A variable as a script of the image sees it."""
    return f"variable {name} of {path}"


def order_of(service: str) -> str:
    """The place of a service in the order of the start."""
    return f"order of {service}"


def line_of(path: str, line: int) -> str:
    """A line of a script."""
    return f"line {line} of {path}"


def account_made_at(command: Place) -> str:
    """The account that a command of a start script makes."""
    return f"account made at {command}"


def stages_of(dockerfile: str) -> str:
    """The names of a Dockerfile's stages."""
    return f"stages of {dockerfile}"


def taken_from(path: str) -> str:
    """A file or folder of the repository that the build is to take."""
    return f"taken from {path}"


def brought_to(path: str) -> str:
    """What the build is to bring to a path of the image, '' for its root."""
    return f"brought to {path}"


def folders_of(path: str) -> Iterator[str]:
    """A path and the folders that it lies in, the top left out."""
    while path:
        yield path
        path = path.rpartition("/")[0]
