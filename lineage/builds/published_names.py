"""Which image names a Dockerfile is published under, each with its evidence."""

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from typing import Literal

from ..families.read import NamingDocument, families
from ..late.dataclasses import dataclass, replace
from ..repository.snapshot import Snapshot
from ..text.errors import InputError
from ..text.globs import glob_matches
from ..text.places import Place, Span
from ..text.reference import Alias, Reference, identity, parse
from . import yaml_nodes as y
from .build_files import build_files, dotenv, owner_and_repository
from .contexts import bound_builds
from .placeholders import has_hole, hole_names

ANY_TAG = "*"
CONFIGURED = "configuration"
"""How a name is known that ctlint's configuration gives."""
_OF_REPOSITORY = "the repository's name"
SHOWN_ONLY = frozenset(
    """demo demos e2e example examples fixture fixtures sample samples template templates test testdata tests""".split()
)
"""Folders of Dockerfiles that are there to be read or tried: what is built of them is not published."""
_MENTION = r"\b(?:docker|podman)\s+(?:run|pull)\b[^\n`]{0,500}?\s([a-z0-9][\w.:-]*(?:/[\w.-]+)+)(?::[\w.${}-]+)?"


@dataclass(frozen=True, slots=True)
class PublishedName:
    """A name of an image.

    `name` is its identity (familiar, without tag, aliases resolved), `written` what it was read as. `tags` are the tags
    given to it, `*` standing for what cannot be known; `target` is the stage that is built, if not the last. A `local`
    name (`docker build -t app .`) is given only in the image store of who builds it: it counts for the FROMs of the
    same repository. An `assumed` name is a guess from a folder's or file's name, to be compared with the last component of a
    reference. `how` says what the evidence is, `place` where it stands. `whole` says that `tags` are all that is built of
    this branch: other tags of the name are made of other branches, and are other images.
    """

    name: str
    tags: tuple[str, ...]
    place: Place | None
    how: str
    written: str = ""
    target: str | None = None
    local: bool = False
    assumed: bool = False
    whole: bool = False

    @property
    def evident(self) -> bool:
        """Whether a build file, CI or configuration gives the name: not the folder's, the file's or the repository's."""
        return not self.assumed and (self.how != _OF_REPOSITORY or self.whole)

    def answers(
        self, reference: Reference, aliases: Iterable[Alias] = (), *, same_repository: bool = False
    ) -> Literal["known", "assumed"] | None:
        """Whether a reference means this image: "known" with its tag, "assumed" by its name, None if it does not.

        An official image (`nginx`) is never meant by a guess, and by a local name only with a tag given to that.
        """
        if self.assumed:
            official = reference.domain == "docker.io" and reference.path.startswith("library/")
            return "assumed" if reference.last == self.name and not official else None
        if identity(reference, aliases) != self.name:
            return None
        tag = reference.effective_tag
        if self.local and not (same_repository and tag and self.fits(tag)):
            return None
        if self.whole and not reference.digest and not (tag and self.fits(tag)):
            return None
        return "known" if tag in self.tags and not reference.digest else "assumed"

    def fits(self, tag: str) -> bool:
        """Whether the image may have been given a tag."""
        return any(glob_matches(tag, pattern) for pattern in self.tags)


def published(
    snapshot: Snapshot,
    dockerfile: str,
    dockerfiles: Sequence[str],
    *,
    configured: Iterable[str] = (),
    aliases: Sequence[Alias] = (),
) -> tuple[PublishedName, ...]:
    """The names that a Dockerfile (repository path) is published under, the surest first.

    `dockerfiles` are all of the repository's, `configured` the references that configuration gives. After these come
    builds in compose, bake and CI files, Makefiles, scripts and READMEs; variables of a family's files and of the
    Jenkinsfile; the repository's name on GitHub; `docker run` in a README; and where only the last two or nothing
    tell, the folder's or file's name, `assumed`.
    """
    folder = dockerfile.rpartition("/")[0]
    primary = _is_primary(dockerfile, dockerfiles)
    found = [
        *_configured(configured, aliases),
        *_of_builds(snapshot, dockerfile, dockerfiles, aliases),
        *_of_variables(snapshot, folder, aliases),
        *(_of_documents(snapshot, folder, aliases) if dockerfile.rpartition("/")[2] == "Dockerfile" else ()),
    ]
    if primary:
        found += _of_jenkinsfile(snapshot, aliases)
    told = any(not name.local and not name.assumed for name in found)
    if not SHOWN_ONLY.isdisjoint(folder.lower().split("/")):
        return _merged(found)
    if primary and not told:
        found += [*_of_repository(snapshot, aliases), *_of_readme(snapshot, aliases)]
    if not told:
        found += _of_folder(snapshot, dockerfile, primary)
    return _merged(found)


def _configured(names: Iterable[str], aliases: Sequence[Alias]) -> Iterator[PublishedName]:
    for name in names:
        reference = parse(name)
        if isinstance(reference, Reference):
            tags = (reference.tag,) if reference.tag else (ANY_TAG,)
            yield PublishedName(identity(reference, aliases), tags, None, CONFIGURED, reference.familiar)


def _of_builds(
    snapshot: Snapshot, dockerfile: str, dockerfiles: Sequence[str], aliases: Sequence[Alias]
) -> Iterator[PublishedName]:
    for bound in bound_builds(snapshot, dockerfiles).get(dockerfile, ()):
        for tag in bound.tags:
            name = _name(tag, aliases, bound.build.place, bound.build.kind, bound.target)
            if name:
                yield name


def _name(
    text: str, aliases: Sequence[Alias], place: Place | None, how: str, target: str | None = None
) -> PublishedName | None:
    """The name in a reference with holes; assumed where only its last component is known, None where not even that."""
    marked = _starred(text.strip())
    head, slash, last = marked.rpartition("/")
    last, colon, tag = last.partition("@")[0].partition(":")
    tags = (tag if colon else "latest",)
    if last == ANY_TAG or ANY_TAG in last:
        return None
    parts = head.split("/") if slash else []
    if parts and parts[0] == ANY_TAG and len(parts) > 1 and ANY_TAG not in head[1:]:
        parts = parts[1:]
    if any(ANY_TAG in part for part in parts):
        known = isinstance(parse(last), Reference)
        return PublishedName(last, tags, place, how, last, target, assumed=True) if known else None
    reference = parse("/".join((*parts, last)))
    if not isinstance(reference, Reference):
        return None
    name = identity(reference, aliases)
    return PublishedName(name, tags, place, how, reference.familiar, target, local=not parts)


def _starred(text: str) -> str:
    if not has_hole(text):
        return text
    for name in hole_names(text):
        text = text.replace(f"\ue000{name}\ue001", ANY_TAG)
    return text


def _of_variables(snapshot: Snapshot, folder: str, aliases: Sequence[Alias]) -> Iterator[PublishedName]:
    for naming in families().naming_variables:
        file = naming.file
        path = f"{folder}/{file}" if folder else file
        variables = dotenv(snapshot, path)
        if naming.name not in variables:
            continue
        prefix = next((variables[key] for key in naming.registry if variables.get(key)), "")
        written = f"{prefix.rstrip('/')}/{variables[naming.name]}" if prefix else variables[naming.name]
        tag = next((variables[key] for key in naming.tag if variables.get(key)), ANY_TAG)
        place = Place(snapshot.show(path), Span(_line_of(snapshot, path, naming.name)))
        name = _name(f"{written}:{tag}", aliases, place, file)
        if name:
            yield name


def _of_documents(snapshot: Snapshot, folder: str, aliases: Sequence[Alias]) -> Iterator[PublishedName]:
    """The names that a family's document beside the Dockerfile gives the image, one for each word of a list where it says so."""
    for naming in families().naming_documents:
        for name in naming.files:
            path = f"{folder}/{name}" if folder else name
            entry = snapshot.get(path)
            if entry is not None and entry.kind == "file":
                with suppress(InputError):
                    yield from _in_document(snapshot, path, naming, aliases)


def _in_document(
    snapshot: Snapshot, path: str, naming: NamingDocument, aliases: Sequence[Alias]
) -> Iterator[PublishedName]:
    root = y.document(snapshot.text(path))
    image, tag = y.get(root, naming.image), y.scalar(y.get(root, naming.tag))
    written = y.scalar(image)
    if image is None or not written or not tag:
        return
    if any(y.get(root, key) is None for key in (*naming.has, naming.each)):
        return
    hole = f"{{{naming.each}}}"
    words = [word for one in y.sequence(y.get(root, naming.each)) if (word := y.scalar(one))]
    for word in words if hole in written else words[:1]:
        reference = parse(written.replace(hole, word))
        if isinstance(reference, Reference):
            place = Place(snapshot.show(path), Span(y.line(image)))
            yield PublishedName(identity(reference, aliases), (tag,), place, naming.called, reference.familiar)


def _of_jenkinsfile(snapshot: Snapshot, aliases: Sequence[Alias]) -> Iterator[PublishedName]:
    for kind, path in build_files(snapshot):
        if kind != "jenkinsfile":
            continue
        from .script_builds import jenkins_variables

        try:
            variables = jenkins_variables(snapshot.text(path))
        except InputError:
            continue
        for key in (*families().named_in_pipelines, "IMAGE_NAME", "DOCKER_IMAGE"):
            if key not in variables:
                continue
            place = Place(snapshot.show(path), Span(_line_of(snapshot, path, key)))
            name = _name(f"{variables[key]}:{ANY_TAG}", aliases, place, "Jenkinsfile")
            if name and not name.local:
                yield _of_branch(snapshot, name)


def _of_repository(snapshot: Snapshot, aliases: Sequence[Alias]) -> Iterator[PublishedName]:
    known = owner_and_repository(snapshot)
    if not known:
        return
    name = known.lower()
    named_for = (image for rule in families().built_by if (image := rule.image_of(name)) is not None)
    reference = parse(next(named_for, name))
    if isinstance(reference, Reference):
        found = PublishedName(identity(reference, aliases), (ANY_TAG,), None, _OF_REPOSITORY, reference.familiar)
        yield _of_branch(snapshot, found)


def _of_branch(snapshot: Snapshot, name: PublishedName) -> PublishedName:
    """With the tags that a family's pipeline gives to what is built of this branch."""
    for pipeline in families().branch_tags:
        if not snapshot.get(pipeline.file):
            continue
        match = re.search(rf"(?m)^{re.escape(pipeline.key)}:\s*[\"']?([\w.-]+)", snapshot.text(pipeline.file))
        if match is not None:
            return replace(name, tags=tuple(tag.replace("{}", match[1]) for tag in pipeline.tags), whole=True)
    return name


def _of_readme(snapshot: Snapshot, aliases: Sequence[Alias]) -> Iterator[PublishedName]:
    """The image that the README at the top runs or pulls, where its last component is the repository's name."""
    last = snapshot.name.rpartition("/")[2].lower()
    for kind, path in build_files(snapshot):
        if kind != "readme" or "/" in path:
            continue
        try:
            text = snapshot.text(path)
        except InputError:
            continue
        for mention in re.finditer(_MENTION, text):
            reference = parse(mention[1].partition(":")[0] if mention[1].count("/") == 0 else mention[1])
            if isinstance(reference, Reference) and reference.last == last:
                place = Place(snapshot.show(path), Span(text.count("\n", 0, mention.start()) + 1))
                yield PublishedName(identity(reference, aliases), (ANY_TAG,), place, "README", reference.familiar)


def _of_folder(snapshot: Snapshot, dockerfile: str, primary: bool) -> Iterator[PublishedName]:
    folder, _, file = dockerfile.rpartition("/")
    above, _, last = folder.rpartition("/")
    variant = re.sub(r"^(?:Dockerfile|Containerfile|Docker)[._-]?|\.?[Dd]ockerfile$", "", file)
    repository = snapshot.name.rpartition("/")[2]
    guesses: list[tuple[str, tuple[str, ...], str]] = []
    if primary:
        guesses = [(repository, (ANY_TAG,), _OF_REPOSITORY)]
    elif variant:
        suffixed = (variant, f"*-{variant}", f"{variant}-*")
        guesses = [
            (last or repository, suffixed, "the Dockerfile's name"),
            (variant, (ANY_TAG,), "the Dockerfile's name"),
        ]
        if file.startswith(variant):  # a folder of `NAME.dockerfile` holds images, one of `Dockerfile.NAME` variants
            guesses.reverse()
    elif above and re.fullmatch(r"v?\d+(?:(?=[._-])(?:[.-]?\w)+)?", last):
        guesses = [(above.rpartition("/")[2], (last, f"{last}-*"), "the folder's name")]
    else:
        guesses = [(last or repository, (ANY_TAG,), "the folder's name")]
    for guess, tags, how in guesses:
        reference = parse(guess.lower())
        if isinstance(reference, Reference) and "/" not in guess and ":" not in guess:
            yield PublishedName(reference.last, tags, None, how, reference.last, assumed=True)


def _is_primary(dockerfile: str, dockerfiles: Sequence[str]) -> bool:
    return dockerfile in ("Dockerfile", "Containerfile") or (len(dockerfiles) == 1 and dockerfiles[0] == dockerfile)


def _line_of(snapshot: Snapshot, path: str, key: str) -> int:
    text = snapshot.text(path)
    found = re.search(rf"^[ \t]*(?:export[ \t]+)?{re.escape(key)}\s*=", text, re.MULTILINE)
    return text.count("\n", 0, found.start()) + 1 if found else 1


def _merged(names: Iterable[PublishedName]) -> tuple[PublishedName, ...]:
    """Each name once for each target, with all tags that were given to it and the first evidence."""
    merged: dict[tuple[str, str | None, bool], PublishedName] = {}
    for name in names:
        key = (name.name, name.target, name.assumed)
        earlier = merged.get(key)
        if earlier is None:
            merged[key] = name
        else:
            tags = tuple(dict.fromkeys((*earlier.tags, *name.tags)))
            merged[key] = replace(earlier, tags=tags, local=earlier.local and name.local)
    known = {(name, target) for name, target, assumed in merged if not assumed}
    return tuple(name for key, name in merged.items() if not key[2] or (key[0], key[1]) not in known)
