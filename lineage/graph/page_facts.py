"""What the page tells of one image: its findings, what it is after its whole chain, who runs it, and how it starts."""

import json
import os
from collections.abc import Iterable, Mapping
from typing import Any

from ..boot.account_needs import needs_of
from ..boot.plan import BootPlan
from ..boot.steps import StartStep
from ..builds.build_files import owner_and_repository
from ..builds.image_source import ImageSource
from ..effects.model import MakeAccount
from ..image.image import CommandLine, EffectiveImage
from ..remote.address import ApiServer, line_address
from ..text.errors import Unknown
from ..text.places import Place
from ..workspace.workspace import Workspace
from .annotations import Marks
from .graph import Lineage
from .model import consumer_links
from .node_text import plain

_MOST_CHARACTERS = 160
"""Of a value: what is longer says no more in a narrow column."""


class PageFacts:
    """What is told of the images of a workspace; each place with its address on the forge, where it has one."""

    def __init__(self, lineage: Lineage, workspace: Workspace, marks: Marks, *, whole: bool) -> None:
        """`whole` says whether effective images and boot plans are wanted, for which every start script is read."""
        self.workspace = workspace
        self.marks = marks
        self.whole = whole
        self.server = ApiServer.from_environment(os.environ)
        self.sources = {source.id: source for source in workspace.images if source.readable}
        self.runs = self._consumers(lineage)

    def of(self, node: str) -> dict[str, Any]:
        """The facts about a node that are worth a line, by their names on the page."""
        told: dict[str, Any] = {}
        if node in self.marks.listed:
            told["list"] = [
                [
                    each.rule,
                    each.severity,
                    plain(each.name),
                    plain(each.message),
                    plain(each.help),
                    *self.place(each.place),
                ]
                for each in self.marks.listed[node]
            ]
        if node in self.runs:
            told["runs"] = self.runs[node]
        source = self.sources.get(node)
        if source is not None and self.whole:
            told |= self._whole(source)
        return told

    def place(self, place: Place) -> list[str]:
        """A place as it is shown, and its address on the forge: of the commit that is checked out or was fetched."""
        found = self.workspace.locate(place.path)
        if found is None or found[0].commit is None:
            return [plain(str(place))]
        snapshot, inside = found
        repository = owner_and_repository(snapshot)
        if repository is None:
            return [plain(str(place))]
        return [plain(str(place)), line_address(repository, snapshot.commit or "", inside, place.line, self.server)]

    def _whole(self, source: ImageSource) -> dict[str, Any]:
        try:
            image, plan = self.workspace.effective(source), self.workspace.boot(source)
        except Unknown:
            return {}
        return {"set": list(self._settings(image)), "boot": [self._step(image, plan, step) for step in plan.steps]}

    def _settings(self, image: EffectiveImage) -> Iterable[list[str]]:
        """[name, value, image that set it, place…] of what the image is run with."""
        for name, line in (("entrypoint", image.entrypoint), ("cmd", image.cmd)):
            if line is not None:
                yield self._setting(name, _command(line.value), image.name_of(line.image), line.place)
        for name, value in (("user", image.user), ("workdir", image.workdir)):
            if value is not None:
                yield self._setting(name, value.value or "root", image.name_of(value.image), value.place)
        for name, value in sorted(image.env.items()):
            yield self._setting(f"${name}", value.value, image.name_of(value.image), value.place)

    def _setting(self, name: str, value: str, image: str, place: Place) -> list[str]:
        shown = value if len(value) <= _MOST_CHARACTERS else value[: _MOST_CHARACTERS - 1] + "…"
        return [plain(name), plain(shown), plain(image), *self.place(place)]

    def _step(self, image: EffectiveImage, plan: BootPlan, step: StartStep) -> dict[str, Any]:
        made = [f"makes the account {each.name.canonical}" for each in step.effects if isinstance(each, MakeAccount)]
        needed = dict.fromkeys(f"needs the account {need.account.name.canonical}" for need in needs_of(plan, step))
        return {
            "kind": step.kind,
            "name": plain(step.name),
            "user": plain(step.user.canonical),
            "image": plain(image.name_of(step.image)),
            "does": [plain(text) for text in (*made, *needed)],
            "at": self.place(step.place),
        }

    def _consumers(self, lineage: Lineage) -> Mapping[str, list[list[str]]]:
        """What runs each image, where that has no node of its own: [what is written there, place…]."""
        if any(node.kind == "consumer" for node in lineage.nodes.values()):
            return {}
        found: dict[str, dict[tuple[str, Place], None]] = {}
        for edge in consumer_links(self.workspace, lineage.nodes.values())[1]:
            if edge.source in lineage.nodes:
                found.setdefault(edge.source, {})[plain(edge.reference), edge.place] = None
        return {node: [[written, *self.place(place)] for written, place in runs] for node, runs in found.items()}


def _command(line: CommandLine) -> str:
    return json.dumps(list(line.words), ensure_ascii=False) if line.form == "exec" else " ".join(line.words)
