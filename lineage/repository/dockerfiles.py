"""Which files of a repository are Dockerfiles."""

import re
from collections.abc import Iterator, Sequence
from posixpath import normpath

from ..dockerfile.parse import Dockerfile, parse
from ..late.patterns import pattern
from ..text.errors import InputError
from ..text.spelling import nearest
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

_FRONTENDS = ("dockerfile", "dockerfile-upstream")
"""The last part of the names under which BuildKit's own frontend is published, in whatever registry."""
_MARK = pattern(
    r"\{\{.{0,1000}\}\}|\{%.{0,1000}%\}|<%.{0,1000}%>|<\?.{0,1000}\?>|@@\w+@@|(?<![\w-])@[A-Z][A-Z0-9_]*@|%%\w+%%|#\{\w+\}"
    r"|\[\[ *[\w.-]+ *\]\]|##[A-Za-z]\w*##|__[A-Z][A-Z0-9_]*__|(?<![\w%])%[A-Z][A-Z0-9_]*%(?![\w%])"
)
"""What another program fills in: of jinja, ERB, PHP, autoconf, sed and their like."""
_FILLED = frozenset(("FROM", "COPY", "ADD", "USER", "WORKDIR", "EXPOSE", "VOLUME"))
"""Instructions whose words are names, paths and numbers: a mark in one is none of a program that they run."""
_INNERMOST = pattern(r"\$\{[^{}]*\}")
_MARKED_LINE = pattern(r"(?m)^[ \t]*(?:\{\{|\{%|<%|<\?|@@\w+@@|%%\w+%%).*$")
_HEAD = 4096
"""Characters in which parser directives are looked for: they stand before anything else."""
_INCLUDE = pattern(r"(?mi)^[ \t]*INCLUDE\+?[ \t]+(\S+)")
_SYNTAX_OR_MARK = pattern(r"(?i)#[ \t]*syntax[ \t]*=|\{\{|\{%|<%|<\?|@@|%%|@[A-Z_]+@|#\{|\[\[|##[A-Z]|__[A-Z]|%[A-Z]")
_TEMPLATES = tuple(
    "ejs erb gotmpl hbs in j2 jinja jinja2 liquid m4 mako mustache skel templ template tmpl tmplt tpl".split()
)
_NO_DOCKERFILES = frozenset(
    (*_TEMPLATES, *"bak diff dockerignore html json lock log md orig patch rej rst swp toml xml yaml yml".split())
)


def dockerfiles(snapshot: Snapshot, exclude: Sequence[str] = ()) -> tuple[str, ...]:
    """The repository paths of a repository's Dockerfiles, sorted: files of a Dockerfile's name that have a FROM, or that
    BuildKit builds.

    One that cannot be read, or that is named Dockerfile and is empty, binary or begins with a slip for FROM, is given too,
    so that it is reported.
    """
    excluded = GitIgnore()
    excluded.add("", "\n".join(exclude))
    candidates = [path for path in snapshot.entries if is_dockerfile_name(path.rpartition("/")[2]) and _searched(path)]
    found = [path for path in candidates if not excluded.ignored(path, False) and _is_dockerfile(snapshot, path)]
    chosen = set(found)
    if len(found) < len(candidates):
        parts = frozenset(path for path, _ in passed_over(snapshot)) & chosen
        found = [path for path in found if path not in parts]
        chosen -= parts
    return tuple(path for path in found if snapshot.entries[path].kind != "link" or snapshot.locate(path) not in chosen)


def is_dockerfile_name(name: str) -> bool:
    """Whether a file name (not a path) is one that Dockerfiles have, and not that of a template, note or backup."""
    if not (name.startswith(("Docker", "dockerfile", "Containerfile")) or name.lower().endswith("dockerfile")):
        return False
    if name.rpartition(".")[2].lower() in _NO_DOCKERFILES or name.endswith("~"):
        return False
    if name.replace("_", "-").rpartition("-")[2].lower() in _TEMPLATES:
        return False
    if name.startswith(("Dockerfile_", "Dockerfile-")) and not _is_bare(name):
        return False
    return (
        name in ("Dockerfile", "dockerfile")
        or name.startswith(("Dockerfile.", "Dockerfile_", "Dockerfile-", "Docker.", "Containerfile"))
        or (name.startswith(("dockerfile.", "dockerfile-", "dockerfile_")) and _is_bare(name))
        or name.endswith((".Dockerfile", ".dockerfile"))
    )


def _is_bare(name: str) -> bool:
    """Whether what stands behind `dockerfile-` is no file of another language (`dockerfile-lint.js`)."""
    stem, _, ending = name.rpartition(".")
    return not (re.search(r"[-_]", stem) and re.fullmatch(r"[a-z]{1,5}", ending))


def looks_like_dockerfile(text: str) -> bool:
    """Whether a text has a FROM instruction and is no script."""
    return not text.startswith("#!") and any(_is_from(line) for line in text.splitlines())


def _is_from(line: str) -> bool:
    words = line.split()
    return len(words) > 1 and words[0].upper() == "FROM" and "import" not in words


def _names(line: str) -> bool:
    """Whether a line may begin an instruction that another program fills names or paths in."""
    keyword = line.lstrip().partition(" ")[0]
    return keyword.upper() in _FILLED if keyword.upper() != "FROM" else _is_from(line)


def _is_dockerfile(snapshot: Snapshot, path: str) -> bool:
    found = snapshot.locate(path)
    if not isinstance(found, str):
        return True  # a link that leads out, to nothing or in a circle: whatever builds it does not find this here
    entry = snapshot.entries.get(found)
    if entry is None or entry.kind == "submodule":
        return False
    try:
        data = snapshot.read(path)
    except InputError:
        return True
    named = path.rpartition("/")[2] in ("Dockerfile", "Containerfile")
    if named and (b"\0" in data or not data.strip()):
        return True
    text = data.decode("utf-8", "replace").removeprefix("\ufeff")
    begins = looks_like_dockerfile(text) or is_built(data) or (named and _begins_with_a_slip(text))
    return begins and _other_language(text) is None


def _begins_with_a_slip(text: str) -> bool:
    """Whether the first instruction is a slip for FROM with an operand (`FORM alpine`)."""
    rows = (line.split() for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#"))
    first = next(rows, None)
    return first is not None and len(first) in (2, 4) and nearest(first[0], ("FROM",), case_sensitive=False) is not None


def is_built(data: bytes) -> bool:
    """Whether BuildKit builds the file, whatever it looks like: its first line may be a shebang, its FROM in pieces."""
    return _builds(parse(data))


def _builds(dockerfile: Dockerfile) -> bool:
    return dockerfile.error is None and any(each.keyword == "FROM" for each in dockerfile.instructions)


def passed_over(snapshot: Snapshot) -> Iterator[tuple[str, str]]:
    """The files of a Dockerfile's name that have a FROM and are none that BuildKit reads as they stand: (path, why)."""
    plain: list[str] = []
    included: set[str] = set()
    for path, entry in snapshot.entries.items():
        if entry.kind != "file" or not is_dockerfile_name(path.rpartition("/")[2]) or not _searched(path):
            continue
        content = snapshot.content(path)
        text = content.decode("utf-8", "replace").removeprefix("\ufeff") if isinstance(content, bytes) else ""
        reason = _other_language(text) if looks_like_dockerfile(text) else None
        if reason is None:
            plain.append(path)
            continue
        yield path, reason
        names = (match[1].strip("\"'") for match in _INCLUDE.finditer(text))
        included.update(normpath(f"{base}/{name}") for name in names for base in (".", path.rpartition("/")[0] or "."))
    for path in plain:
        if path in included:
            yield path, "it is a part that such a file includes, and no Dockerfile of its own"


def _other_language(text: str) -> str | None:
    """Why a text is written for another reader than BuildKit: its own frontend, or the program that fills in a template.

    What can be read to its end as a Dockerfile is one: a mark within a here-document is text, and another frontend that
    takes nothing but a Dockerfile's instructions may well be a copy of BuildKit's own.
    """
    if _SYNTAX_OR_MARK.search(text) is None:
        return None
    frontend = parse(text[:_HEAD]).directives.get("syntax", "").split("@")[0]
    name = frontend.rpartition("/")[2].split(":")[0]
    marks = [line for line in text.splitlines() if _names(line) and _MARK.search(_without_defaults(line))]
    marked = _MARKED_LINE.search(text)
    if not marks and marked is None and (not name or name in _FRONTENDS):
        return None
    whole = parse(text)
    if name and name not in _FRONTENDS and not _builds(whole):
        return f"its first lines hand it to another frontend ({frontend}), whose language is not known here"
    begun = _first_lines(whole) if marks and whole.error is None else frozenset[str]()
    mark = next((line for line in marks if whole.error is not None or line in begun), None)
    if mark is None and marked is not None and whole.error is not None:
        mark = marked[0]
    return f"it is a template that another program fills in (`{mark.strip()[:60]}`)" if mark is not None else None


def _first_lines(dockerfile: Dockerfile) -> frozenset[str]:
    """The lines with which instructions of names and paths begin, and none that another instruction holds."""
    rows = dockerfile.text.splitlines()
    firsts = (each.start_line for each in dockerfile.instructions if each.keyword in _FILLED)
    return frozenset(rows[number - 1] for number in firsts if number <= len(rows))


def _without_defaults(line: str) -> str:
    """A line without its `${NAME…}`: a mark in the word of one is text that BuildKit may never see."""
    while True:
        shorter = _INNERMOST.sub("", line)
        if shorter == line:
            return line
        line = shorter


def _searched(path: str) -> bool:
    return "/" not in path or NOT_SEARCHED.isdisjoint(path.split("/")[:-1])
