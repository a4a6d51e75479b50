"""The sources that a build takes from its context, and those that are surely not there."""

from collections.abc import Iterator
from functools import lru_cache

from ..builds.build import HOME_ASSISTANT
from ..builds.build_products import generated
from ..builds.contexts import source_held
from ..builds.image_source import ImageSource
from ..dockerfile.expand import expand
from ..dockerfile.operands import parse_copy
from ..image.image import BuildStep, StageImages
from ..late.dataclasses import dataclass, replace
from ..late.patterns import pattern
from ..repository.dockerignore import DockerIgnore
from ..repository.snapshot import Snapshot
from ..text.errors import Unknown
from ..text.places import Place, Span
from ..text.stand_in import path_stands_in
from .context_files import ContextFiles

_FROM_A_CHECKOUT = frozenset(("GitHub workflow", "GitLab CI", HOME_ASSISTANT))
"""Builds that nobody does by hand, in a folder where files may lie that no repository has."""


@dataclass(frozen=True, slots=True)
class Missing:
    """A source of COPY or ADD that the context does not hold. `context` is its repository path, '' for the top.

    `meant` is the path nearest to it that is there, in the context, None where none is near. `target` is the absolute path that
    it is copied to, '' where that is not known.
    """

    path: str
    keyword: str
    place: Place
    context: str
    meant: str | None
    target: str
    ignored_by: Place | None = None
    pattern: bool = False
    """Whether `path` is a pattern that matches nothing; then `meant` is the one that does, in a folder above or below."""
    built_as_it_is: bool = False
    """Whether a build of the repository takes what is checked out, and nobody can put a file there before it."""


@dataclass(frozen=True, slots=True)
class BuildSources:
    """What is missing; `doubts` say why another source may be made before the build, `unsure` why the context may be another."""

    missing: tuple[Missing, ...]
    unsure: Unknown | None
    doubts: tuple[Unknown, ...] = ()

    @classmethod
    def of(cls, source: ImageSource, stages: StageImages) -> "BuildSources":
        if source.problem is not None:
            return cls((), None)  # no instruction of it is carried out
        found: list[Missing | Unknown] = []
        held: list[str] = []
        ignore = DockerIgnore.for_build(source.snapshot, source.build.root, source.path)
        context = ContextFiles(source.snapshot, source.build.root, ignore.excluded, source.id)
        for image in stages.stages:
            for step in image.steps:
                if step.instruction.keyword in ("COPY", "ADD") and step.from_parent is None:
                    found += _missing(source, step, ignore, context, held)
        build = source.build
        unsure = None if build.sure else Unknown(f"the build context of {source.shown} is only guessed")
        told = dict.fromkeys(found)
        missing = tuple(one for one in told if isinstance(one, Missing))
        if (
            build.evidence == "guess"
            and missing
            and not held
            and not any(one.meant for one in missing)
            and len(missing) == len(told)
        ):
            here = f"nothing that {source.shown} copies is here, and no build file names it"
            return cls((), None, (Unknown(f"{here}: it may be built elsewhere"),))
        if unsure is not None:
            slips = tuple(slip for one in missing if (slip := _wherever_it_is(source, one)) is not None)
            missing, unsure = (slips, None) if slips else (missing, unsure)
        return cls(missing, unsure, tuple(one for one in told if isinstance(one, Unknown)))


def _wherever_it_is(source: ImageSource, missing: Missing) -> Missing | None:
    """What is missing in each folder that the context can be, the Dockerfile's or one above it, and a slip for what one of
    them has; None where a folder may have it, or none has what may be meant.
    """
    snapshot = source.snapshot
    roots = [source.path.rpartition("/")[0]]
    while roots[-1]:
        roots.append(roots[-1].rpartition("/")[0])
    if missing.pattern or missing.ignored_by is not None or "/" not in missing.path:
        return None
    if any(source_held(snapshot, root, missing.path) is not False for root in roots):
        return None
    for root in roots:
        meant = _meant(snapshot, root, missing.path)
        if meant is not None:
            return replace(missing, meant=meant, context=root)
    return None


def _missing(
    source: ImageSource, step: BuildStep, ignore: DockerIgnore, context: ContextFiles, held: list[str]
) -> Iterator[Missing | Unknown]:
    """What a COPY or ADD takes that is not there; to `held` is added what is, but for the context as a whole."""
    instruction = step.instruction
    if instruction.flag("from") is not None or len(instruction.arguments) < 2:
        return
    snapshot, root = source.snapshot, source.build.root
    operands = parse_copy(instruction)
    to = expand(operands.destination.text, step.env, source.stages.escape)
    target = to.text if to.text.startswith("/") and not (to.unmatched or to.error) else ""
    for operand in operands.sources:
        expansion = expand(operand.text, step.env, source.stages.escape)
        path = expansion.text
        if expansion.unmatched or expansion.error or "://" in path or path.endswith(".git") or path.startswith("git@"):
            continue
        if any(character in path for character in "*?[\\"):
            held += [path] if source_held(snapshot, root, path) is True else []
            meant = _meant_pattern(snapshot, root, path) if len(operands.sources) == 1 else None
            if meant is not None:
                at = Place(step.place.path, operand.span)
                yield Missing(path.lstrip("./"), instruction.keyword, at, root, meant, target, pattern=True)
            continue
        taken = context.take(path, step.place)
        if isinstance(taken, Unknown):
            yield _slip_among_ignored(source, step, path, operand.span, target) or taken
            continue
        if taken:
            held += [path] if path.strip("./") else []
            continue
        inside = path.lstrip("./").rstrip("/")
        repository_path = context.repository_path(inside) or inside
        above, _, rest = inside.partition("/")
        if not root and above == snapshot.name.rpartition("/")[2] and rest and snapshot.holds(rest) is True:
            yield Unknown(
                f"{inside} is there if the image is built in the folder that {snapshot.name} is checked out in"
            )
            continue
        meant = _meant(snapshot, root, inside)
        if meant is not None and _below(root, meant) == source.path:
            meant = None  # no image is built to hold the Dockerfile that it is built with
        made = generated(snapshot, repository_path, described=meant is None)
        if made is not None:
            yield made
            continue
        if meant is None and _git_ignores_in(snapshot, repository_path):
            yield Unknown(f"git ignores what lies in {inside}: it may be there where the image is built")
            continue
        if path_stands_in(inside):
            yield Unknown(f"{inside} stands for a name that is put in before the build")
            continue
        if _is_fetched_by_hand(source, inside.rpartition("/")[2]):
            yield Unknown(f"a comment of {source.shown} says from where {inside} is to be fetched")
            continue
        if _is_put_there_by_hand(source, step.instruction.start_line):
            yield Unknown(f"a comment of {source.shown} says that {inside} is not in the repository")
            continue
        there = snapshot.holds(repository_path) is True
        by = Place(snapshot.show(ignore.path), Span(1)) if there and ignore.path else None
        yield Missing(
            inside,
            instruction.keyword,
            Place(step.place.path, operand.span),
            root,
            meant,
            target,
            by,
            built_as_it_is=source.build.evidence in _FROM_A_CHECKOUT,
        )


def _git_ignores_in(snapshot: Snapshot, folder: str) -> bool:
    """Whether a .gitignore of the repository names something in a folder that is not in git."""
    names = folder.split("/")
    for depth in range(len(names)):
        above = "".join(f"{name}/" for name in names[:depth])
        content = snapshot.content(f"{above}.gitignore") if snapshot.get(f"{above}.gitignore") is not None else b""
        inside = "/".join(names[depth:])
        rows = content.decode("utf-8", "replace").splitlines() if isinstance(content, bytes) else ()
        if any(row.strip().lstrip("/").startswith(f"{inside}/") for row in rows):
            return True
    return False


def _slip_among_ignored(source: ImageSource, step: BuildStep, path: str, span: Span, target: str) -> Missing | None:
    """What is missing where git ignores every name that is not listed, so that it says nothing of this one: a folder that
    is not there, beside the one of nearly its name that has the file.
    """
    snapshot, root = source.snapshot, source.build.root
    inside = path.lstrip("./").rstrip("/")
    there = root
    for name in inside.split("/"):
        if not snapshot.is_directory(_below(there, name)):
            break
        there = _below(there, name)
    if "/" not in inside[len(there) - len(root) :].strip("/") or snapshot.holds(_below(root, inside)) is False:
        return None
    if not isinstance(snapshot.holds(_below(there, _NO_NAME)), Unknown):
        return None
    meant = _meant(snapshot, root, inside)
    keyword = step.instruction.keyword
    return Missing(inside, keyword, Place(step.place.path, span), root, meant, target) if meant is not None else None


_NO_NAME = "no-name-of-a-file-that-anybody-makes"


def _is_fetched_by_hand(source: ImageSource, name: str) -> bool:
    """Whether a comment of the Dockerfile gives an address of a file of that name."""
    return bool(name) and f"/{name}" in _comments_with_addresses(source.snapshot.text(source.path))


@lru_cache(maxsize=8)
def _comments_with_addresses(text: str) -> str:
    return "\n".join(row for row in text.splitlines() if row.lstrip().startswith("#") and "://" in row)


_BY_HAND = pattern(
    r"(?i)\b(?:not|never|don'?t|isn'?t|aren'?t)\b[^.;]{0,40}\b(?:(?:in|into|to|part of) (?:git|the repo(?:sitory)?)"
    r"|commit(?:ted)?|tracked|checked in|under version control)\b|\b(?:manually|by hand)\b"
)
"""What a comment says of a file that whoever builds the image is to put there."""


def _is_put_there_by_hand(source: ImageSource, line: int) -> bool:
    """Whether the comment right above a line of the Dockerfile says that what is taken there is not in the repository."""
    rows = source.snapshot.text(source.path).splitlines()
    above: list[str] = []
    for row in reversed(rows[: line - 1]):
        if not row.lstrip().startswith("#"):
            break
        above.append(row.strip("# \t"))
    return bool(above) and _BY_HAND.search(" ".join(reversed(above[:20]))[:2000]) is not None


def _meant_pattern(snapshot: Snapshot, root: str, path: str) -> str | None:
    """The pattern that matches files in the folder above or in one right below, where this one surely matches nothing.

    None where what it matches may be made by git's ignored files or a build, where it would match anything (`*`), and where
    there are several such folders.
    """
    folder, _, name = path.lstrip("./").rpartition("/")
    _, dot, suffix = name.rpartition(".")
    if not folder or not dot or any(character in folder + suffix for character in "*?[\\"):
        return None
    at = _below(root, folder)
    if not snapshot.is_directory(at) or snapshot.holds_match(at, name) is not False:
        return None
    if generated(snapshot, f"{at}/x.{suffix}") is not None:
        return None
    near = (folder.rpartition("/")[0], *(f"{folder}/{child}" for child in snapshot.children(at)))
    fitting = [one for one in near if one and snapshot.holds_match(_below(root, one), name) is True]
    return f"{fitting[0]}/{name}" if len(fitting) == 1 else None


def _below(root: str, path: str) -> str:
    return f"{root}/{path}" if root else path


def _meant(snapshot: Snapshot, root: str, path: str) -> str | None:
    """The path of the context that one name of `path` is a slip for: the first that is not there."""
    from difflib import get_close_matches

    taken: list[str] = []
    names = path.split("/")
    for at, name in enumerate(names):
        there = snapshot.children("/".join((*([root] if root else ()), *taken)))
        if name in there:
            taken.append(name)
            continue
        for near in get_close_matches(name, there, 3, 0.6):
            meant = "/".join((*taken, near, *names[at + 1 :]))
            if snapshot.holds(f"{root}/{meant}" if root else meant) is True:
                return meant
        return None
    return None
