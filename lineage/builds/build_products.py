"""Files that a build step makes before the image is built: they are in no checkout, and are not missing for that."""

import re
from collections.abc import Iterator
from contextlib import suppress
from weakref import WeakKeyDictionary

from ..late.patterns import pattern
from ..repository.dockerfiles import NOT_SEARCHED
from ..repository.snapshot import Snapshot
from ..text.errors import InputError, Unknown
from .build_files import OTHER_CI, build_files
from .prepared_files import brought

_MOST_FILES = 200
_LARGEST = 256 * 1024
_SHORTEST_NAME = 8
_TOOL_FOLDERS = frozenset(
    (".ci", ".circleci", ".github", "bin", "build", "ci", "hack", "hooks", "scripts", "tasks", "tools")
)
_PROGRAMS = (".bash", ".gradle", ".js", ".kts", ".mjs", ".pl", ".py", ".rb", ".sh", ".toml", ".xml")
_BUILDERS = frozenset(
    (
        "build.gradle",
        "build.gradle.kts",
        "cargo.toml",
        "cmakelists.txt",
        "go.mod",
        "justfile",
        "makefile",
        "package.json",
        "pom.xml",
        "pyproject.toml",
        "rakefile",
        "setup.py",
        "taskfile.yaml",
        "taskfile.yml",
    )
)
_HOOKS = ("post_checkout", "pre_build", "build")
_FETCHES = pattern(rb"(?m)\b(?:cp|mv|ln|rsync|curl|wget|git|tar|unzip|cat|mkdir|touch|make)\b|>")
_MAKES = pattern(
    r"\b(?:git\s+clone|svn\s+(?:co|checkout|export)|wget|curl|cp|mv|ln|rsync|mkdir|tar|unzip|composer|npx|npm|yarn|make"
    r"|ssh-keygen|openssl|keytool|gpg2?|htpasswd|mkcert|age-keygen|base64|envsubst|tee|touch|docker\s+cp)\b"
)
"""The commands whose operands are made by them."""
_TOLD_TO_MAKE = pattern(
    r"(?i)\b(?:add|build|bring|cat|chang|clon|cop(?:y|ie)|cp|creat|curl|download|edit|export|extract|fetch|fill|generat|get|git"
    r"|import|install|ln|mak|modif|mv|need|obtain|own|place|prepar|produc|provid|put|renam|requir|run|sav|stor|symlink|tar|touch"
    r"|unpack|unzip|updat|upload|us(?:e|ing)|wget|writ|you)"
)
"""What a line says that has its reader, or a program, make a file."""
_LINES_NEAR = 3
_BETWEEN_PARAGRAPHS = pattern(r"(?<!:)\n[ \t]*\n")
_OUTPUTS = frozenset(
    """.next .output artifacts bin build dist generated node_modules out public release target vendor wheelhouse
    wheels""".split()
)
_texts: WeakKeyDictionary[Snapshot, tuple[tuple[str, str, str], ...]] = WeakKeyDictionary()
_hooks: WeakKeyDictionary[Snapshot, str | None] = WeakKeyDictionary()


def generated(snapshot: Snapshot, path: str, *, described: bool = True) -> Unknown | None:
    """Why a path that the repository lacks may be there when the image is built, or None where nothing speaks for it.

    Unknown where git ignores it; where a Makefile, CI file, tool or note of the repository mentions it; or where it lies
    in a folder that builds of its kind make (`dist/`, `target/`), which the repository lacks, beside a build file. Without
    `described`, a note counts only where a line near by has somebody make, fetch or change something.
    """
    held = snapshot.holds(path)
    if isinstance(held, Unknown):
        return held
    hook = _hook_that_fetches(snapshot)
    if hook is not None:
        return Unknown(f"{path} is not in the repository, and {hook} may bring it before the build")
    folders = _missing_folders(snapshot, path)
    for shown, text, tells_to_make in _mentioning_files(snapshot):
        said = text if described else tells_to_make
        mentioned = next((folder for folder in folders if _mentions(said, folder)), None)
        if mentioned:
            return Unknown(f"{path} is not in the repository, but {shown} mentions {mentioned}")
    maker = _maker_beside(snapshot, folders)
    if maker is not None:
        return Unknown(f"{path} is not in the repository, and {maker} may make it")
    for folder in folders:
        above, _, name = folder.rpartition("/")
        if name.lower() in _OUTPUTS and any(child.lower() in _BUILDERS for child in snapshot.children(above)):
            return Unknown(f"{folder} is not in the repository, but a build may make it")
    return brought(snapshot, path)


def _hook_that_fetches(snapshot: Snapshot) -> str | None:
    """A script that Docker Hub runs before it builds (`hooks/pre_build`) and that copies or fetches something."""
    if snapshot not in _hooks:
        _hooks[snapshot] = _found_hook(snapshot)
    return _hooks[snapshot]


def _found_hook(snapshot: Snapshot) -> str | None:
    for path in snapshot.entries:
        folder, _, name = path.rpartition("/")
        if folder.rpartition("/")[2] != "hooks" or name not in _HOOKS:
            continue
        content = snapshot.content(path)
        if isinstance(content, bytes) and _FETCHES.search(content):
            return snapshot.show(path)
    return None


def _missing_folders(snapshot: Snapshot, path: str) -> list[str]:
    """The path, and the folders on the way to it that the repository lacks."""
    found: list[str] = []
    while path and not snapshot.is_directory(path):
        found.append(path)
        path = path.rpartition("/")[0]
    return found


def _maker_beside(snapshot: Snapshot, missing: list[str]) -> str | None:
    """The Makefile or script in the folder where something is missing that clones, fetches or copies to its name."""
    if not missing:
        return None
    above, _, name = missing[-1].rpartition("/")
    spelt = re.escape(name.removesuffix(".pub")) + r"(?:\.pub)?" if name.endswith(".pub") else re.escape(name)
    word = re.compile(rf"(?:^|[\s\"'=/]){spelt}/?(?=$|[\s\"';&|)/])")  # ssh-keygen is given the name of the other half
    for child in snapshot.children(above):
        path = f"{above}/{child}" if above else child
        entry = snapshot.get(path)
        if entry is None or entry.kind != "file" or entry.size > _LARGEST:
            continue
        if not (child.lower() in _BUILDERS or child.endswith((".sh", ".bash", ".mk"))):
            continue
        with suppress(InputError):
            for line in snapshot.text(path).splitlines():
                made = _MAKES.search(line)
                if made is not None and word.search(line, made.end()):
                    return snapshot.show(path)
    return None


def _mentions(text: str, path: str) -> bool:
    """Whether a text has the path, or its last part where that is no word that would stand there anyhow."""
    name = path.rpartition("/")[2]
    telling = "." in name.strip(".") or len(name) >= _SHORTEST_NAME
    wanted = {name} if telling else {path} if "/" in path else set[str]()
    return any(each in text and re.search(rf"(?<![\w.-]){re.escape(each)}(?![\w-]|\.\w)", text) for each in wanted)


def _mentioning_files(snapshot: Snapshot) -> tuple[tuple[str, str, str], ...]:
    """The files that may say what is made: as shown, the text, and what of it has somebody make something."""
    found = _texts.get(snapshot)
    if found is None:
        paths = {path: kind == "readme" for kind, path in build_files(snapshot) if kind != "script"}
        paths |= dict.fromkeys((path for path in snapshot.entries if OTHER_CI.search(path)), False)
        paths |= dict.fromkeys(_programs(snapshot), False)
        notes = {snapshot.show(path) for path, is_note in paths.items() if is_note}
        texts = _read(snapshot, list(paths)[:_MOST_FILES])
        found = tuple((shown, text, _tells_to_make(text) if shown in notes else text) for shown, text in texts)
        _texts[snapshot] = found
    return found


def _tells_to_make(note: str) -> str:
    """The lines of a note that have somebody make something, and those near by in the same paragraph; a paragraph that ends
    with a colon goes on in the next."""
    found: list[str] = []
    for paragraph in _BETWEEN_PARAGRAPHS.split(note):
        lines = paragraph.splitlines()
        telling = [index for index, line in enumerate(lines) if _TOLD_TO_MAKE.search(line)]
        near = {index + step for index in telling for step in range(-_LINES_NEAR, _LINES_NEAR + 1)}
        found += [line for index, line in enumerate(lines) if index in near]
    return "\n".join(found)


def _programs(snapshot: Snapshot) -> Iterator[str]:
    """Scripts and build files at the top and in folders of tools; others may be meant for inside the image."""
    for path in snapshot.entries:
        folders = path.split("/")[:-1]
        if not (path.endswith(_PROGRAMS) or path.rpartition("/")[2].lower() in _BUILDERS):
            continue
        if not folders or (folders[0] in _TOOL_FOLDERS and NOT_SEARCHED.isdisjoint(folders)):
            yield path


def _read(snapshot: Snapshot, paths: list[str]) -> Iterator[tuple[str, str]]:
    for path in paths:
        entry = snapshot.get(path)
        if entry is None or entry.size > _LARGEST:
            continue
        try:
            yield snapshot.show(path), snapshot.text(path)
        except InputError:
            continue
