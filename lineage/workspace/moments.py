"""An image at a moment of its build, and how something in it came to be what it is, through its parents."""

from collections.abc import Iterator

from ..builds.image_source import ImageSource
from ..dockerfile.instruction import Instruction
from ..folding.build_state import BuildState
from ..folding.fold import StageFold
from ..image.image import EffectiveImage, setting_text
from ..image.tree import Node
from ..late.dataclasses import dataclass
from ..text.errors import Unknown, UsageError
from ..text.numbers import is_digits
from ..text.places import Place, Sourced
from .workspace import Workspace

_SETTINGS = ("user", "workdir", "shell", "entrypoint", "cmd", "healthcheck", "stopsignal")
_LONGEST = 120
_PERHAPS = "perhaps there: "


@dataclass(frozen=True, slots=True)
class Moment:
    """After so many instructions of a stage (by its index)."""

    stage: int
    count: int


@dataclass(frozen=True, slots=True)
class Event:
    """What an instruction made of something. `image` is the name of the image whose build it was."""

    image: str
    place: Place
    instruction: str
    change: str


def moment_of(source: ImageSource, text: str) -> Moment:
    """The moment that `LINE` or `STAGE:N` means. Raises UsageError where there is none."""
    stages = source.stages.stages
    if is_digits(text):
        line = int(text)
        found = [stage for stage in stages if stage.origin.start_line <= line]
        if not found:
            raise UsageError(f"{source.shown} has no FROM at or above line {line}.")
        stage = found[-1]
        return Moment(stage.index, sum(one.start_line <= line for one in stage.instructions))
    name, colon, number = text.rpartition(":")
    named = [s for s in stages if name and name.lower() in (s.name, str(s.index))]
    if not colon or not is_digits(number) or not named:
        known = ", ".join(s.name or str(s.index) for s in stages)
        raise UsageError(f"{text} is no moment: it must be a line, or STAGE:N with one of the stages {known}.")
    stage = named[-1]
    if int(number) > len(stage.instructions):
        raise UsageError(f"The stage {name} has {len(stage.instructions)} instructions behind its FROM, not {number}.")
    return Moment(stage.index, int(number))


def image_at(workspace: Workspace, source: ImageSource, moment: Moment) -> EffectiveImage:
    """The image after that instruction."""
    return workspace.moment(source, moment.stage, moment.count)


def history_of(workspace: Workspace, source: ImageSource, subject: str) -> list[Event]:
    """What made a path, a variable, a setting or an account what it is, the first cause first; empty for what never was."""
    stage = source.stage
    if stage is None:
        raise Unknown(f"{source.shown} has no stage to build")
    events: list[Event] = []
    for number, (owner, one) in enumerate(reversed(list(workspace.line(source, stage)))):
        folder, _ = workspace.folder(owner, one)
        before = _states(folder, subject)
        if number == 0:
            events += _inherited(folder, subject, before)
        events += _followed(folder, owner, subject, before)
    return events


def _inherited(folder: StageFold, subject: str, states: dict[str, str | None]) -> Iterator[Event]:
    """What the first image that is known has from a parent without a Dockerfile at hand."""
    parent = folder.parent
    for what, state in states.items():
        if state is not None and parent.chain:
            yield Event(parent.chain[0].name, _place(parent, what, subject), "", f"{what}{state}")


def _followed(folder: StageFold, owner: ImageSource, subject: str, before: dict[str, str | None]) -> list[Event]:
    events: list[Event] = []
    last = dict(before)

    def after(instruction: Instruction, place: Place) -> None:
        for what, state in _states(folder, subject).items():
            was = last.get(what)
            if state != was:
                text = _short(instruction.original)
                events.append(Event(owner.name, place, text, f"{what}{_change(was, state)}"))
            last[what] = state

    folder.after = after
    folder.fold(owner.name, owner.shown, owner.build.target, ())
    return events


def _states(folder: StageFold, subject: str) -> dict[str, str | None]:
    """What the subject is by now, by the kind of thing that it names; None for what is not there."""
    if subject.startswith("/"):
        return {"": _path_state(folder.state, subject)}
    config = folder.config
    found: dict[str, str | None] = {}
    variable = config.env.get(subject)
    found["ENV "] = variable.value if variable is not None else None
    label = config.labels.get(subject)
    found["LABEL "] = label.value if label is not None else None
    name = subject.lower()
    if name in _SETTINGS:
        found[f"{name.upper()} "] = setting_text(getattr(config, name))
    account = folder.state.frozen_accounts().known.get(subject)
    if account is not None:
        found["account "] = f"uid {account.uid if account.uid is not None else '?'}, home {account.home or '?'}"
    else:
        found["account "] = None
    return found


def _path_state(state: BuildState, path: str) -> str | None:
    tree = state.tree
    real = tree.resolve(path, last=False)
    node = tree.nodes.get(real)
    if node is not None:
        return described(node)
    nearest = [cloud for cloud in tree.clouds if cloud.covers(real)][-1:]
    return next((f"{_PERHAPS}{cloud.reason}" for cloud in nearest), None)


def described(node: Node) -> str:
    """A path's node in a few words."""
    mode = f"{node.mode:04o}" if node.mode is not None else "mode unknown"
    doubt = "" if node.sure else ", under a condition"
    if node.kind == "link":
        return f"link → {node.target}{doubt}"
    content = ""
    if node.kind == "file":
        digest = node.blob.digest
        content = f", content {digest[:10]}" if digest is not None else ", content unknown"
        if node.inserted:
            content += f" with {len(node.inserted)} lines put in"
    return f"{node.kind} {mode} {node.owner}{content}{doubt}"


def _change(before: str | None, after: str | None) -> str:
    if before is None or (after is not None and before.startswith(_PERHAPS)):
        return str(after)
    return f"gone (was {before})" if after is None else f"{after} (was {before})"


def _place(image: EffectiveImage, what: str, subject: str) -> Place:
    """What set it in an image, as far as that is known."""
    name = what.strip()
    if not name:
        node = image.tree.find(subject, follow=False)
        return node.place if node is not None else image.first_line
    if name == "account":
        account = image.accounts.known.get(subject)
        return account.place if account is not None and account.place is not None else image.first_line
    sourced: Sourced[object] | None
    if name == "ENV":
        sourced = image.env.get(subject)
    else:
        sourced = image.labels.get(subject) if name == "LABEL" else getattr(image, name.lower())
    return sourced.place if sourced is not None else image.first_line


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"
