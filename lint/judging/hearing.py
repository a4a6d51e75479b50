"""What a rule says of an image, up to where it cannot go on; and what it would say if what is only assumed were not known."""

from collections.abc import Collection, Sequence
from contextlib import suppress

from ...lineage.image.image import EffectiveImage
from ...lineage.late.dataclasses import dataclass, field, replace
from ...lineage.text.errors import Unknown
from ...lineage.workspace.deployments import Deployment
from ...lineage.workspace.facts import Facts
from ...lineage.workspace.workspace import ImageSource, Workspace
from ...rules.base import Message, Related, Rule, Undecided


@dataclass
class Assumption:
    """The parent of an image that is only assumed, and what the rules say without it."""

    parent: str
    told: Related
    facts: Facts
    heard: dict[str, "ToldOfImage"] = field(default_factory=lambda: dict[str, "ToldOfImage"]())

    @classmethod
    def of(cls, workspace: Workspace, source: ImageSource, image: EffectiveImage) -> "Assumption | None":
        link = next((link for link in image.chain[1:] if link.assumed is not None), None)
        if link is None or link.place is None:
            return None
        parent = link.reference or link.name
        told = Related(link.place, f"it rests on {parent}, which is only assumed: {link.assumed}")
        return cls(parent, told, Facts(workspace.sure_only(), source))

    def bears(self, rule: Rule, message: Message) -> bool:
        """Whether the rule would not say this if the parent were not known."""
        if rule.code not in self.heard:
            self.heard[rule.code] = ToldOfImage()
            with suppress(Exception):
                hear(rule, self.facts, self.heard[rule.code])
        return all(
            (one.place, one.subject) != (message.place, message.subject) for one in self.heard[rule.code].messages
        )


class ToldOfImage:
    """What a rule said of an image; `broken_off` is why it could not go on. Most say nothing."""

    __slots__ = ("broken_off", "messages", "undecided")

    def __init__(self) -> None:
        self.messages: Sequence[Message] = ()
        self.undecided: Sequence[Undecided] = ()
        self.broken_off: Unknown | None = None

    def speaks_of(self, subjects: Collection[str]) -> bool | Unknown:
        """Whether it said anything of one of `subjects`; Unknown where it could not tell."""
        if any(not set(subjects).isdisjoint(message.about) for message in self.messages):
            return True
        for undecided in self.undecided:
            if not set(subjects).isdisjoint(undecided.about):
                return undecided.unknown
        return self.broken_off if self.broken_off is not None else False


def bears(rule: Rule, message: Message, deployment: Deployment) -> bool:
    """Whether a rule would not say this of a consumer if nothing were known of the image that it runs."""
    unknown = replace(deployment, source=None, profile=None, assumed=None)
    with suppress(Exception):
        for said in rule.check(**{name: unknown for name, _ in rule.needs}):
            if isinstance(said, Message) and (said.place, said.subject) == (message.place, message.subject):
                return False
    return True


def hear(rule: Rule, facts: Facts, told: ToldOfImage) -> None:
    """Note what a rule says of an image, up to where it cannot go on."""
    messages: list[Message] = []
    undecided: list[Undecided] = []
    get = facts.get
    try:
        for said in rule.check(**{name: get(kind) for name, kind in rule.needs}):
            if isinstance(said, Undecided):
                undecided.append(said)
            else:
                messages.append(said)
    except Unknown as unknown:
        told.broken_off = unknown
    finally:
        if messages or undecided:
            told.messages, told.undecided = messages, undecided
