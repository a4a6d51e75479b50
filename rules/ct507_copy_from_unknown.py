"""COPY --from or RUN --mount=from names a stage that is not there, or not yet.

## What it does
Reports `--from` of a stage further down, of a number that no stage has, of a name that is nearly one of the Dockerfile's stages
and no known image, or with a variable.

## Why it matters at run time
The build fails: a stage can take only from earlier ones, and what is no stage is pulled from a registry as an image.

## When to ignore it
When the name is an image, or a build context given with `--build-context`, that only looks like a stage's name.

## References
- Dockerfile reference, "COPY --from"; BuildKit frontend/dockerfile/dockerfile2llb/convert.go
"""

import re
from collections.abc import Iterator

from ..lineage.builds.build_files import build_files
from ..lineage.dockerfile.operands import Operand, parse_copy, parse_mounts
from ..lineage.dockerfile.stages import Stage
from ..lineage.profiles.find import find_profile
from ..lineage.text.places import Place
from ..lineage.workspace.workspace import ImageSource, Workspace
from .base import Message, Severity
from .shared.subjects import stages_of

SEVERITY = Severity.ERROR
YIELDS_TO = ("CT503",)

_OFFICIAL = frozenset(
    """adminer alpine amazonlinux archlinux bash busybox caddy composer couchdb debian docker drupal eclipse-temurin
    elasticsearch elixir erlang fedora gcc ghost golang gradle haproxy haskell hello-world httpd influxdb jenkins joomla
    julia kibana kong logstash mariadb matomo maven memcached mongo mysql nats neo4j nextcloud nginx node openjdk perl php
    postgres python r-base rabbitmq redis registry rethinkdb rockylinux ruby rust scratch solr sonarqube swift tomcat
    traefik ubuntu vault wordpress zookeeper""".split()
)


def check(source: ImageSource, workspace: Workspace) -> Iterator[Message]:
    for stage in source.stages.needed:
        for origin, copies in _origins(stage):
            message = _problem(source, workspace, stage, origin.text, copies)
            if message is not None:
                said, cure = message
                yield Message(
                    Place(source.shown, origin.span),
                    said,
                    cure,
                    subject=origin.text,
                    about=(stages_of(source.shown),),
                )


def _may_be_given(source: ImageSource, name: str) -> bool:
    """Whether a build file speaks of the name where it gives build contexts, or makes an image of that name."""
    word = re.escape(name)
    made = re.compile(rf"(?:-t|--tag)[= ]+[\"']?{word}(?![\w./-])")
    given = re.compile(rf"(?<![\w./-]){word}[\"']?\s*[=:]")
    for kind, path in build_files(source.snapshot):
        content = source.snapshot.content(path)
        if kind == "readme" or not isinstance(content, bytes):
            continue
        text = content.decode("utf-8", "replace")
        if made.search(text) or ("contexts" in text.replace("build-context", "contexts") and given.search(text)):
            return True
    return False


def _origins(stage: Stage) -> Iterator[tuple[Operand, bool]]:
    """What the stage copies (True) and mounts (False) from."""
    for instruction in stage.instructions:
        if instruction.keyword == "COPY":
            origin = parse_copy(instruction).origin
            if origin is not None and origin.text:
                yield origin, True
        elif instruction.keyword == "RUN":
            for mount in parse_mounts(instruction):
                if mount.origin:
                    yield Operand(mount.origin, instruction.span), False


def _problem(
    source: ImageSource, workspace: Workspace, stage: Stage, name: str, copies: bool
) -> tuple[str, str] | None:
    from difflib import get_close_matches

    names = [other.name for other in source.stages.stages if other.name and other.index < stage.index]
    if "$" in name:
        if not copies:
            return None
        cure = "Give the image a stage of its own with `FROM … AS name`, and copy from that."
        return f"`--from={name}` has a variable, which COPY does not expand: the build fails.", cure
    found = source.stages.source(name, stage, numbers=copies)
    if found.kind == "later":
        own = found.stage == stage.index
        what = "is this stage itself" if own else "is a stage further down"
        return f"`--from={name}` {what}: a stage can take only from those before it.", "Move that stage up."
    if found.kind == "no-such-number":
        count = len(source.stages.stages)
        return f"`--from={name}`: there is no stage of that number, only 0 to {count - 1}.", "Name the stage instead."
    if found.kind != "image" or any(mark in name for mark in "/:.@") or name in _OFFICIAL:
        return None
    near = get_close_matches(name.lower(), names, 1, 0.75)
    if not near or find_profile(name, "latest") is not None or workspace.publishers(name):
        return None
    if _may_be_given(source, name):
        return None
    return f"No stage is called `{name}`: BuildKit looks for an image of that name.", f"Did you mean `{near[0]}`?"
