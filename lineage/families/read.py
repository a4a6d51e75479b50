"""What the data files of this folder say: which names stand for one image, who builds it, and which places are a family's.

A file describes one family. All keys but `name` and `page` (where the facts are documented) may be absent:

- `mirrors`: registries that hold the same images as another, tag by tag; `same`: other names of one image; `renamed`: names
  that the family left, where nothing new is pushed. Each maps what a name begins with to what stands for it.
- `built-by`: which repository builds an image. `images` is a name with `*` for one part or `**` for several, `repository` the
  repository on GitHub, with `*` for the same part or `{-}` for the parts joined by hyphens. `tags` maps patterns of the tag
  (after one of `architectures` and a hyphen), the first that matches, to the branch or git tag: `{0}` is the tag, `{1}` its
  first group, nothing the default branch. A tag that no pattern matches does not tell.
- `branch-tags`: a file of a repository in which a `key` gives the branch's tag, and the `tags` that are made of it.
- `named-by-variables`: a `file` of variables beside a Dockerfile that says what the image is called: the first of `registry`
  that is set, `name`, the first of `tag`. `named-in-pipelines`: variables of a Jenkinsfile that hold the name.
- `named-in-documents`: YAML or JSON `files` beside a Dockerfile that say it, `called` so in reports: keys for the `image` and its
  `tag`, `each` for a list of words, one of which takes the place of `{each}` in the image; without the keys it `has` it is none.
  Where it names no image, who runs it builds it, and gives the arguments `built-with` that no other file gives.
- `places`: directories that only the family's images write; `start-directories`: those whose scripts start with the container,
  and the shell that reads them where they need no `#!`; `left-to-others`: where scripts lie that others call; `start-hooks`:
  scripts that the family's bases run before any other when the container starts; `extending-variables`: those that name what such
  a script puts into the container.
- `inits`: programs that a container is started with and that first run the scripts of a folder, in the order of their names,
  with the container's environment, and end it where one of them fails.
- `commands`: the family's own commands that do what another does; `harmless` ones write nothing, `asking` ones answer a question.
- `older-inits`: tags of a family's `images` that were built on s6-overlay of an older `generation` before, and were built anew
  on another since: an image that was published on one of them may have either.
- `given-variables`: variables that the family's platform sets in every container; `start-variables`: the `names` of those that
  the start of the family's `images`, and of all that is built on them, reads from whoever runs them, the `page` on them, and
  under `taken-for` the names that others have for them: where all of those are given and none of these, these are meant.
- `interpreters`: names on a `#!` line that stand for a shell: its `dialect`, whether every start is in a container made anew, and
  whether services run as root by design; `needs` is a variable that its commands which begin with one of `needed-by` ask with.
"""

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from ..late.dataclasses import dataclass, field
from ..late.package_files import names_in, text_in

Renaming = tuple[str, str]
"""(what a name begins with, what stands for it)."""


@dataclass(frozen=True, slots=True)
class Interpreter:
    """A name on a `#!` line that stands for a shell with a family's library."""

    name: str
    dialect: str
    new_container_each_start: bool
    root: bool
    needs: str = ""
    """The variable without which the commands of its library that begin with one of `needed_by` get no answer."""
    needed_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BranchTags:
    """A file in which a key says how the images are tagged that are built of a branch."""

    file: str
    key: str
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NamingVariables:
    """A file of variables beside a Dockerfile that says what its image is called."""

    file: str
    registry: tuple[str, ...]
    name: str
    tag: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NamingDocument:
    """A YAML or JSON file beside a Dockerfile whose keys say what its image is called."""

    files: tuple[str, ...]
    called: str
    image: str
    tag: str
    each: str
    has: tuple[str, ...]
    built_with: Mapping[str, str] = field(default_factory=lambda: dict[str, str]())
    """The build arguments that who runs it gives where the document names no image, so that it is built where it runs."""


@dataclass(frozen=True, slots=True)
class BuiltBy:
    """Which repository builds the images of a name."""

    images: str
    repository: str
    architectures: tuple[str, ...]
    tags: tuple[tuple[str, str], ...]

    def repository_of(self, name: str) -> str | None:
        """The repository, OWNER/REPO, that builds the image of that familiar name; None where it is none of these."""
        match = _pattern(self.images).fullmatch(name)
        if match is None:
            return None
        return self.repository.replace("*", match[1]).replace("{-}", match[1].replace("/", "-"))

    def image_of(self, repository: str) -> str | None:
        """The familiar name of the image that a repository is named for; None where the name does not tell."""
        match = _pattern(self.repository).fullmatch(repository) if "*" in self.repository else None
        return self.images.replace("*", match[1]) if match is not None else None

    def ref_of(self, tag: str) -> str | None:
        """The branch or git tag that an image's tag is built from; empty for the default branch, None for "not known"."""
        for architecture in self.architectures:
            tag = tag.removeprefix(f"{architecture}-")
        for pattern, ref in self.tags:
            match = re.fullmatch(pattern, tag)
            if match is not None:
                return ref.replace("{0}", match[0]).replace("{1}", (match[1] or "") if match.re.groups else "")
        return None


@dataclass(frozen=True, slots=True)
class OlderInit:
    """Tags whose earlier builds have an s6-overlay of an older generation."""

    images: tuple[str, ...]
    tags: tuple[str, ...]
    generation: int

    def is_of(self, name: str, tag: str) -> bool:
        """Whether the image of that familiar name and tag is one of these."""
        named = any(_pattern(one).fullmatch(name) for one in self.images)
        return named and any(_pattern(one).fullmatch(tag) for one in self.tags)


@dataclass(frozen=True, slots=True)
class StartVariables:
    """Variables that the start of a family's images reads."""

    images: tuple[str, ...]
    names: tuple[str, ...]
    page: str
    """Where the family documents them."""
    taken_for: Mapping[str, str] = field(default_factory=lambda: dict[str, str]())
    """What others call some of them."""

    def is_of(self, name: str) -> bool:
        """Whether the image of that familiar name is one of the family's."""
        return any(_pattern(one).fullmatch(name) for one in self.images)


@dataclass(frozen=True, slots=True)
class Families:
    """All families together."""

    mirrors: tuple[Renaming, ...]
    same: tuple[Renaming, ...]
    renamed: tuple[Renaming, ...]
    built_by: tuple[BuiltBy, ...]
    branch_tags: tuple[BranchTags, ...]
    naming_variables: tuple[NamingVariables, ...]
    naming_documents: tuple[NamingDocument, ...]
    named_in_pipelines: tuple[str, ...]
    places: tuple[str, ...]
    start_directories: Mapping[str, str]
    left_to_others: tuple[str, ...]
    start_hooks: tuple[str, ...]
    extending_variables: tuple[str, ...]
    inits: Mapping[str, str]
    commands: Mapping[str, str]
    harmless: tuple[str, ...]
    asking: tuple[str, ...]
    older_inits: tuple[OlderInit, ...]
    given_variables: tuple[str, ...]
    start_variables: tuple[StartVariables, ...]
    interpreters: Mapping[str, Interpreter]


def read_families(texts: Iterator[str] | list[str]) -> Families:
    """The families that these JSON texts describe. Raises ValueError for a text that is no JSON."""
    data: list[dict[str, Any]] = [json.loads(text) for text in texts]

    def pairs(key: str) -> tuple[tuple[str, str], ...]:
        return tuple(pair for one in data for pair in one.get(key, {}).items())

    def words(key: str) -> tuple[str, ...]:
        return tuple(word for one in data for word in one.get(key, ()))

    return Families(
        mirrors=pairs("mirrors"),
        same=pairs("same"),
        renamed=pairs("renamed"),
        built_by=tuple(_built_by(rule) for one in data for rule in one.get("built-by", ())),
        branch_tags=tuple(_branch_tags(one["branch-tags"]) for one in data if "branch-tags" in one),
        naming_variables=tuple(_variables(item) for one in data for item in one.get("named-by-variables", ())),
        naming_documents=tuple(_document(item) for one in data for item in one.get("named-in-documents", ())),
        named_in_pipelines=words("named-in-pipelines"),
        places=words("places"),
        start_directories=dict(pairs("start-directories")),
        left_to_others=words("left-to-others"),
        start_hooks=words("start-hooks"),
        extending_variables=words("extending-variables"),
        inits=dict(pairs("inits")),
        commands=dict(pairs("commands")),
        harmless=words("harmless"),
        asking=words("asking"),
        older_inits=tuple(_older_init(item) for one in data for item in one.get("older-inits", ())),
        given_variables=words("given-variables"),
        start_variables=tuple(
            StartVariables(tuple(each["images"]), tuple(each["names"]), each["page"], each.get("taken-for", {}))
            for one in data
            for each in one.get("start-variables", ())
        ),
        interpreters={
            name: _interpreter(name, about) for one in data for name, about in one.get("interpreters", {}).items()
        },
    )


def _built_by(rule: Mapping[str, Any]) -> BuiltBy:
    tags = tuple(rule["tags"].items())
    return BuiltBy(rule["images"], rule["repository"], tuple(rule.get("architectures", ())), tags)


def _branch_tags(said: Mapping[str, Any]) -> BranchTags:
    return BranchTags(said["file"], said["key"], tuple(said["tags"]))


def _variables(said: Mapping[str, Any]) -> NamingVariables:
    return NamingVariables(said["file"], tuple(said["registry"]), said["name"], tuple(said["tag"]))


def _document(said: Mapping[str, Any]) -> NamingDocument:
    names = said["called"], said["image"], said["tag"], said["each"]
    return NamingDocument(tuple(said["files"]), *names, tuple(said["has"]), said.get("built-with", {}))


def _older_init(said: Mapping[str, Any]) -> OlderInit:
    return OlderInit(tuple(said["images"]), tuple(said["tags"]), said["generation"])


def _interpreter(name: str, about: Mapping[str, Any]) -> Interpreter:
    by_design = about["new-container-each-start"], about["root"]
    return Interpreter(name, about["dialect"], *by_design, about.get("needs", ""), tuple(about.get("needed-by", ())))


@cache
def families() -> Families:
    """What the data files of this folder say."""
    package = __name__.rpartition(".")[0]
    return read_families([text_in(package, name) for name in names_in(package) if name.endswith(".json")])


@cache
def _pattern(name: str) -> re.Pattern[str]:
    return re.compile(re.escape(name).replace(r"\*\*", "(.+)").replace(r"\*", "([^/]+)"))
