"""A file of a service definition is not read, although it says something.

## What it does
Reports, in `/etc/s6-overlay/s6-rc.d`, files that s6-rc-compile passes over: `down` in a longrun, `log/run`, the dependencies
of a bundle, `dependencies` beside a `dependencies.d` that does not name the same, `pipeline-name` in what is not the last
consumer, folders called `depends.d` or the like. Of definitions that s6-rc-compile refuses (CT107) only that is said. A
`notification-fd` below 3 belongs to them, too. A script beside `run` is reported where `run` calls it by a path from its own
folder (`./helper.sh`): the running service has a folder of its own, into which only the files that s6-rc knows are copied, and
the folders `data` and `env`.

## Why it matters at run time
What the file says is not done: the service is started all the same, or not in the order that was meant, or nothing is logged;
a script that `run` looks for in its own folder is not there.

## When to ignore it
When the file is there for a reader, or for a program of the image that reads it itself.

## References
- s6-rc: https://skarnet.org/software/s6-rc/s6-rc-compile.html, "Source format"
- s6: https://skarnet.org/software/s6/servicedir.html
"""

from collections.abc import Iterator

from ..lineage.boot.plan import BootPlan
from ..lineage.image.image import EffectiveImage
from ..lineage.image.script_files import text_of
from ..lineage.late.patterns import pattern
from ..lineage.s6.rc_database import Database
from ..lineage.s6.rc_problem import DefinitionProblem
from ..lineage.text.places import Place, Span
from .base import Message, Severity
from .shared.questions import owner_in_image, place_in_image

SEVERITY = Severity.WARNING

_HERE = pattern(
    r"(?m)^[ \t]*(?:(?:exec|source|\.|sh|bash)[ \t]+)*[\"']?(?P<word>\./(?P<name>[\w.-]+))(?=[\"'\s;&|)]|$)"
)
_GOES = pattern(r"(?m)^[ \t]*(?:cd|pushd)\b")
_TAKEN = frozenset(("run", "finish", "data", "env", "notification-fd", "lock-fd"))
"""What the folder of the running service has of its definition."""


def check(image: EffectiveImage, boot: BootPlan) -> Iterator[Message]:
    database = boot.database
    if database is None:
        return
    refused = any(one.fatal and one.aspect == "compile" for one in database.problems)
    for problem in () if refused else database.problems:
        if problem.aspect == "ignored" and not _says_the_same(image, problem):
            place, owner = place_in_image(image, problem.path, problem.line), owner_in_image(image, problem.path)
            if place is not None:
                yield Message(
                    place, f"{problem.service}: {problem.message}", problem.cure, subject=problem.path, owner=owner
                )
    yield from _helpers(image, database)


def _says_the_same(image: EffectiveImage, problem: DefinitionProblem) -> bool:
    """Whether a list that a folder hides names nothing that the folder does not, or `down` only calls `finish`, which is run."""
    folder, _, name = problem.path.rpartition("/")
    node = image.tree.find(problem.path)
    if name == "down" and node is not None:
        return (node.blob.data or b"").strip() == f"{folder}/finish".encode("utf-8", "surrogateescape")
    if name not in ("dependencies", "contents") or node is None:
        return False
    data = node.blob.data
    there = image.tree.children(f"{folder}/{name}.d")
    return data is None or set(data.decode("utf-8", "replace").split()) <= set(there)


def _helpers(image: EffectiveImage, database: Database) -> Iterator[Message]:
    """Scripts beside the `run` of a longrun that `run` calls by a path from its own folder."""
    for service in database.services.values():
        node = image.tree.find(f"{service.path}/run") if service.own and service.kind == "longrun" else None
        text = text_of(node) if node is not None and node.kind == "file" else None
        if node is None or text is None or not node.sure:
            continue
        for match in _HERE.finditer(text.text):
            name = match["name"]
            beside = image.tree.find(f"{service.path}/{name}")
            if name in _TAKEN or beside is None or _GOES.search(text.text[: match.start()]):
                continue
            row = text.text.count("\n", 0, match.start("word")) + 1
            yield Message(
                Place(node.home.path, Span(row)),
                f"{service.name}: `run` calls ./{name}, which s6-rc does not copy into the folder of the running service.",
                f"Give its whole path, or put it into `data`: `./data/{name}`.",
                subject=f"{service.path}/{name}",
                owner=node.image,
            )
            break
