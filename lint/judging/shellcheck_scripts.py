"""The scripts for ShellCheck: the shell scripts that the images take in, and which shell reads each of them."""

import re
from collections.abc import Iterable, Iterator
from posixpath import basename
from typing import Literal

from ...lineage.boot.startable import spawned
from ...lineage.families.read import families
from ...lineage.image.image import EffectiveImage
from ...lineage.image.script_files import LONGEST, text_of
from ...lineage.image.tree import Node
from ...lineage.late.dataclasses import dataclass, replace
from ...lineage.late.patterns import pattern
from ...lineage.shell.shebang import read_shebang
from ...lineage.text.errors import Unknown
from ...lineage.text.places import MappedText
from ...lineage.workspace.workspace import ImageSource, Workspace

Shell = Literal["sh", "bash", "dash", "ksh", "busybox"]
"""What ShellCheck's --shell knows (ShellCheck 0.11; `busybox` from 0.10 on)."""

_SHELLS: dict[str, Shell] = {"bash": "bash", "dash": "dash", "ksh": "ksh", "ash": "busybox", "busybox": "busybox"}
_STARTS = pattern(
    r"/etc/(?:cont-init|cont-finish)\.d/[^/]+|/etc/services\.d/[^/]+/(?:log/)?(?:run|finish)"
    r"|/etc/s6-overlay/s6-rc\.d/[^/]+/(?:run|finish)|/etc/s6-overlay/scripts/[^/]+"
    + "".join(rf"|{re.escape(folder)}/[^/]+" for folder in families().start_directories)
)
_RUN_BY_BASH = tuple(f"{folder}/" for folder, shell in families().start_directories.items() if shell == "bash")
_TEMPLATE_NAME = pattern(r"\.(?:erb|hbs|in|j2|jinja2?|mustache|template|tmpl|tpl)\Z")
_TEMPLATE_TEXT = pattern(r"\{%[-+]? ?\w|<%[-=]? |^[^'\"#\n]*\{\{ ?[.\w]", re.MULTILINE)
_DIRECTIVE = pattern(r"(?P<before>#[ \t\xa0]*)shellcheck")
_OWN_SHELL = pattern(r"^# *shellcheck +(?:\S+ +)*shell=(?P<shell>\w+)")


@dataclass(frozen=True, slots=True)
class ShellScript:
    """A script as ShellCheck is to see it. `path` is as shown to the user; `image` is the first that takes it in.

    `source` is the repository file that it is a copy of, None for one that stands in a Dockerfile.
    """

    path: str
    text: MappedText
    shell: Shell
    image: EffectiveImage
    source: str | None
    comments: bool = True
    """Whether its `# shellcheck` comments count."""

    @property
    def shown(self) -> str:
        """The text as ShellCheck is given it: as long, line for line, as the script's."""
        return self.text.text if self.comments else _DIRECTIVE.sub(r"\g<before>-hellcheck", self.text.text)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A script that ShellCheck cannot read as it is, and why."""

    image: str
    reason: str


def scripts_of(
    workspace: Workspace, sources: Iterable[ImageSource], *, inherited: bool = False, comments: bool = True
) -> tuple[list[ShellScript], list[LeftOut]]:
    """The start scripts that `sources` take in and own (`inherited`: or have from parents), each once, by path.

    A script of which two images have different ideas of `sh` is read as POSIX sh. `comments` says whether the scripts'
    `# shellcheck` comments count.
    """
    found: dict[tuple[str, str], ShellScript] = {}
    left: dict[str, LeftOut] = {}
    for source in sources:
        image = workspace.effective(source)
        for path, node in _start_files(workspace, source, image):
            text = text_of(node) if node.image == source.id or inherited else None
            if text is None or len(text.text) > LONGEST:
                continue
            shell = _shell(path, text.text, image, comments=comments)
            if shell is None:
                continue
            shown = node.home.path
            if _is_template(node.source or path, text.text):
                left.setdefault(shown, LeftOut(image.name, f"{shown} is a template, which ShellCheck cannot read"))
                continue
            key = (shown, text.text)
            known = found.get(key)
            if known is None:
                found[key] = ShellScript(shown, text, shell, image, node.source, comments)
            elif known.shell != shell:
                found[key] = replace(known, shell="sh")
    return sorted(found.values(), key=lambda one: (one.path, one.text.anchors[:1])), list(left.values())


def _start_files(workspace: Workspace, source: ImageSource, image: EffectiveImage) -> Iterator[tuple[str, Node]]:
    by_place = ((path, node) for path, node in image.tree.nodes.items() if _STARTS.fullmatch(path))
    files = dict((*by_place, *_started(workspace, source, image)))
    for path, node in sorted(files.items()):
        if node.kind == "file" and node.sure and node.facts is None:
            yield path, node


def _started(workspace: Workspace, source: ImageSource, image: EffectiveImage) -> Iterator[tuple[str, Node]]:
    """What the boot plan knows to be started: also scripts that others call by their path, and ENTRYPOINT's."""
    try:
        boot = workspace.boot(source)
        yield from ((one.path, one.node) for one in spawned(image, boot))
    except Unknown:
        return
    for step in boot.steps:
        if step.script is not None:
            yield step.script.path, step.script.node


def _shell(path: str, text: str, image: EffectiveImage, *, comments: bool) -> Shell | None:
    """The shell that reads a script; None for what ShellCheck does not know, and for what no shell reads."""
    rows = _leading_comments(text) if comments else ()
    own = next((match["shell"] for row in rows if (match := _OWN_SHELL.match(row))), None)
    shebang = read_shebang(text[:300].encode("utf-8", "surrogateescape"))
    if own in ("sh", *_SHELLS):
        return "sh" if own == "sh" else _SHELLS[own]
    if shebang is None and own is not None:
        return None
    if shebang is None:
        return "bash" if path.startswith(_RUN_BY_BASH) else _sh(image) if "/cont-init.d/" in path else None
    name = shebang.shell or ""
    if name.endswith(("bash", *families().interpreters)):  # bash, or bash with a library
        return "bash"
    return _sh(image) if name == "sh" else _SHELLS.get(name)


def _sh(image: EffectiveImage) -> Shell:
    return _SHELLS.get(image.sh or "", "sh")


def _leading_comments(text: str) -> Iterator[str]:
    for row in text.split("\n"):
        if row.strip() and not row.startswith("#"):
            return
        yield row


def _is_template(path: str, text: str) -> bool:
    return _TEMPLATE_NAME.search(basename(path)) is not None or _TEMPLATE_TEXT.search(text) is not None
