"""Which files of a repository are Dockerfiles."""

from collections.abc import Sequence

from ..text.errors import InputError
from .gitignore import GitIgnore
from .snapshot import Snapshot

NOT_SEARCHED = frozenset(
    (
        ".git",
        ".hg",
        ".svn",
        ".tox",
        ".nox",
        ".venv",
        "venv",
        "__pycache__",
        "bower_components",
        "node_modules",
        "site-packages",
        "third_party",
        "third-party",
        "thirdparty",
        "vendor",
        "vendored",
    )
)
"""Folders that hold other people's files: no Dockerfile or build file is looked for in them."""

_TEMPLATES = ("erb", "hbs", "j2", "jinja", "jinja2", "mustache", "template", "tmpl", "tpl")
_NO_DOCKERFILES = frozenset(
    (*_TEMPLATES, "bak", "diff", "dockerignore", "html", "md", "orig", "patch", "rej", "rst", "swp")
)


def dockerfiles(snapshot: Snapshot, exclude: Sequence[str] = ()) -> tuple[str, ...]:
    """The repository paths of a repository's Dockerfiles, sorted: files of a Dockerfile's name that have a FROM.

    One that cannot be read, or that is named Dockerfile and is empty or binary, is given too, so that it is reported.
    """
    excluded = GitIgnore()
    excluded.add("", "\n".join(exclude))
    candidates = [path for path in snapshot.entries if is_dockerfile_name(path.rpartition("/")[2]) and _searched(path)]
    found = [path for path in candidates if not excluded.ignored(path, False) and _is_dockerfile(snapshot, path)]
    chosen = set(found)
    return tuple(path for path in found if snapshot.entries[path].kind != "link" or snapshot.locate(path) not in chosen)


def is_dockerfile_name(name: str) -> bool:
    """Whether a file name (not a path) is one that Dockerfiles have, and not that of a template, note or backup."""
    if not (name.startswith(("Docker", "Containerfile")) or name.lower().endswith("dockerfile")):
        return False
    if name.rpartition(".")[2].lower() in _NO_DOCKERFILES or name.endswith("~"):
        return False
    return (
        name in ("Dockerfile", "dockerfile")
        or name.startswith(("Dockerfile.", "Docker.", "Containerfile"))
        or name.endswith((".Dockerfile", ".dockerfile"))
    )


def looks_like_dockerfile(text: str) -> bool:
    """Whether a text has a FROM instruction and is no script."""
    return not text.startswith("#!") and any(_is_from(line) for line in text.splitlines())


def _is_from(line: str) -> bool:
    words = line.split()
    return len(words) > 1 and words[0].upper() == "FROM" and "import" not in words


def _is_dockerfile(snapshot: Snapshot, path: str) -> bool:
    entry = snapshot.get(path)
    if entry is None or entry.kind != "file":
        return False
    try:
        data = snapshot.read(path)
    except InputError:
        return True
    if path.rpartition("/")[2] in ("Dockerfile", "Containerfile") and (b"\0" in data or not data.strip()):
        return True
    return looks_like_dockerfile(data.decode("utf-8", "replace").removeprefix("\ufeff"))


def _searched(path: str) -> bool:
    return "/" not in path or NOT_SEARCHED.isdisjoint(path.split("/")[:-1])
