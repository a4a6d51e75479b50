"""A predicted image held against a real one, claim by claim: right, wrong, or not known.

A claim is what the prediction says for certain: a path is there (then its kind, mode, owner, link target and content count,
each where it is said), or surely is not; a setting, a variable, an account. What it says it cannot know is no claim. Coverage is
how much of what the build itself added or changed the prediction knew.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Literal, cast

from ..image.image import CommandLine, EffectiveImage
from ..image.tree import Node
from ..late.dataclasses import dataclass, field
from ..late.patterns import pattern
from ..oci.entry import LayerEntry
from ..oci.read import RealImage
from ..text.errors import Unknown
from ..text.numbers import natural
from ..text.places import Place, Sourced
from .effective import effective_image, passwd_rows
from .steps import Step

Verdict = Literal["right", "wrong", "unknown"]
FIELDS = (
    "there",
    "absent",
    "kind",
    "mode",
    "owner",
    "target",
    "content",
    "env",
    "user",
    "workdir",
    "shell",
    "entrypoint",
    "cmd",
    "stopsignal",
    "healthcheck",
    "label",
    "port",
    "volume",
    "onbuild",
    "account",
    "uid",
    "home",
)
_MADE_BY_RUNTIME = pattern(
    r"/(?:etc/(?:resolv\.conf|hosts|hostname|mtab)|\.dockerenv|(?:proc|sys|dev|run/secrets)(?:/.*)?)"
)
_BOOKKEEPING = pattern(
    r"/etc/(?:passwd|group|shadow|gshadow|subuid|subgid)-?|/etc/\.pwd\.lock|/etc/ld\.so\.cache"
    r"|/var/(?:cache|log|lib/(?:dpkg|apt|pam|systemd|ucf))(?:/.*)?"
)
"""What package managers and account tools write for themselves: no part of what a build means to add."""
_HEREDOC = "<<"


@dataclass(frozen=True, slots=True)
class Claim:
    """One claim and what came of it. `said` and `found` are for people; `place` is what the prediction says put it
    there, `step` the real image's step that did. `of` names the image whose facts the claim rests on where that is not
    the Dockerfile's own (a profile, a lock)."""

    field: str
    subject: str
    verdict: Verdict
    said: str = ""
    found: str = ""
    place: Place | None = None
    step: Step | None = None
    of: str | None = None


@dataclass(frozen=True, slots=True)
class Verification:
    """All claims; `covered` of `changed` paths that the build added or changed were known. `mismatch` says where the
    image's history is not that of this source, None where they agree as far as can be told."""

    claims: tuple[Claim, ...]
    covered: int
    changed: int
    missed: tuple[str, ...]
    mismatch: str | None
    aligned: bool

    @property
    def wrong(self) -> tuple[Claim, ...]:
        return tuple(claim for claim in self.claims if claim.verdict == "wrong")

    def counts(self) -> dict[str, Counter[Verdict]]:
        """By field, how many claims came to what."""
        found: dict[str, Counter[Verdict]] = {}
        for claim in self.claims:
            found.setdefault(claim.field, Counter())[claim.verdict] += 1
        return {name: found[name] for name in FIELDS if name in found}


def verify(
    predicted: EffectiveImage, real: RealImage, steps: Sequence[Step], instructions: Sequence[tuple[str, str]]
) -> Verification:
    """The prediction held against the real image.

    `steps` is the real image's history; `instructions` (keyword, text) are those that the prediction was folded of, from
    the lowest Dockerfile at hand on.
    """
    holding = _Holding(predicted, real, steps)
    claims = [*holding.paths(), *holding.absences(), *holding.settings(), *holding.accounts()]
    own, mismatch = own_steps(steps, instructions)
    changed = holding.changed(own)
    missed = tuple(path for path in changed if not holding.knows(path))
    return Verification(tuple(claims), len(changed) - len(missed), len(changed), missed, mismatch, own is not None)


def own_steps(
    steps: Sequence[Step], instructions: Sequence[tuple[str, str]]
) -> tuple[tuple[Step, ...] | None, str | None]:
    """The steps of the history that the instructions made, and where the two part; None where they cannot be matched."""
    if not steps or not any(step.text for step in steps):
        return None, "the image tells no history"
    told = [pair for pair in instructions if pair[0] != "FROM"]
    if len(told) > len(steps):
        return None, f"its history has {len(steps)} steps, and the Dockerfile {len(told)} instructions"
    tail = tuple(steps[len(steps) - len(told) :]) if told else ()
    for step, (keyword, text) in zip(reversed(tail), reversed(told), strict=True):
        if step.keyword != keyword or not _same(step.text, text):
            return None, f"{step.place} says `{_short(step.text)}`, the Dockerfile `{_short(text)}`"
    return tail, None


def _same(step: str, text: str) -> bool:
    """Whether a step may be that instruction: for a RUN, whether it begins alike; the others are expanded in a history."""
    if not text.startswith("RUN ") or _HEREDOC in text or "--mount" in text:
        return True
    one, other = (re.sub(r"[\s\\]+", "", part.removeprefix("RUN "))[:40] for part in (step, text))
    return one.startswith(other) or other.startswith(one) or text.removeprefix("RUN ").lstrip().startswith(("[", "--"))


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 60 else line[:59] + "…"


@dataclass
class _Holding:
    """Holds one prediction against one real image."""

    said: EffectiveImage
    real: RealImage
    steps: Sequence[Step]
    truth: EffectiveImage = field(init=False)

    def __post_init__(self) -> None:
        self.truth = effective_image(self.real, self.said.name)
        self.by_layer = {step.layer: step for step in self.steps if step.layer is not None}
        self.uids = {name: uid for name, uid, _ in reversed(passwd_rows(self.real.files))}
        targets = {link.id for link in self.said.chain if link.origin == "target"} | {self.said.id}
        self.others = {link.id: link.name for link in self.said.chain if link.id not in targets}

    def step(self, entry: LayerEntry | None) -> Step | None:
        return self.by_layer.get(entry.layer) if entry is not None else None

    def of(self, image: str) -> str | None:
        return self.others.get(image)

    # Paths

    def paths(self) -> Iterator[Claim]:
        for path, node in sorted(self.said.tree.nodes.items()):
            if path == "/" or _MADE_BY_RUNTIME.fullmatch(path):
                continue
            entry = self.entry(path)
            if not node.sure:
                yield Claim("there", path, "unknown", place=node.place, of=self.of(node.image))
                continue
            yield self.claim("there", path, node, entry, "there", "not there", right=entry is not None)
            if entry is not None:
                yield from self.node(path, node, entry)

    def entry(self, path: str) -> LayerEntry | None:
        found = self.real.files.get(path)
        return found if found is not None else self.real.files.get(self.truth.tree.resolve(path, last=False))

    def claim(
        self, name: str, path: str, node: Node, entry: LayerEntry | None, said: str, found: str, *, right: bool
    ) -> Claim:
        verdict: Verdict = "right" if right else "wrong"
        return Claim(name, path, verdict, said, found, node.place, self.step(entry), self.of(node.image))

    def node(self, path: str, node: Node, entry: LayerEntry) -> Iterator[Claim]:
        same = entry.kind == node.kind or (node.kind == "file" and entry.kind not in ("directory", "link"))
        yield self.claim("kind", path, node, entry, node.kind, entry.kind, right=same)
        if not same:
            return
        if node.kind == "link":
            yield self.claim("target", path, node, entry, node.target, entry.target, right=node.target == entry.target)
        elif node.mode is None:
            yield Claim("mode", path, "unknown", place=node.place, of=self.of(node.image))
        else:
            said, found = f"{node.mode:04o}", f"{entry.mode:04o}"
            yield self.claim("mode", path, node, entry, said, found, right=node.mode == entry.mode)
        yield from self.owner(path, node, entry)
        if entry.kind == "file":
            yield from self.content(path, node, entry)

    def owner(self, path: str, node: Node, entry: LayerEntry) -> Iterator[Claim]:
        name = node.owner.partition(":")[0]
        uid = self.uids.get(name, 0 if name == "root" else None) if (number := natural(name)) is None else number
        if uid is None or "$" in name:
            yield Claim("owner", path, "unknown", place=node.place, of=self.of(node.image))
            return
        found = next((own for own, number in self.uids.items() if number == entry.uid), str(entry.uid))
        yield self.claim("owner", path, node, entry, node.owner, found, right=uid == entry.uid)

    def content(self, path: str, node: Node, entry: LayerEntry) -> Iterator[Claim]:
        digest = node.blob.digest
        if digest is None or entry.digest is None:
            yield Claim("content", path, "unknown", place=node.place, of=self.of(node.image))
            return
        said, found = f"content {digest[:10]}", f"content {entry.digest[:10]}"
        yield self.claim("content", path, node, entry, said, found, right=digest == entry.digest)

    def absences(self) -> Iterator[Claim]:
        """Every path that is there: the prediction must know it, or admit that it may be there."""
        tree = self.said.tree
        for path, entry in self.real.files.items():
            if path == "/" or _MADE_BY_RUNTIME.fullmatch(path):
                continue
            if tree.get(path, follow=False) is None and tree.find(path, follow=False) is None:
                yield Claim("absent", path, "wrong", "surely not there", entry.kind, None, self.step(entry))

    def knows(self, path: str) -> bool:
        node = self.said.tree.get(path, follow=False)
        return isinstance(node, Node)

    def changed(self, own: Sequence[Step] | None) -> list[str]:
        """What the build's own layers brought; what all layers brought where these cannot be told."""
        layers = {step.layer for step in own if step.layer is not None} if own is not None else None
        return [
            path
            for path, entry in self.real.files.items()
            if path != "/"
            and (layers is None or entry.layer in layers)
            and not _MADE_BY_RUNTIME.fullmatch(path)
            and not _BOOKKEEPING.fullmatch(path)
        ]

    # Settings

    def settings(self) -> Iterator[Claim]:
        yield from self.variables()
        opened = self.said.config_open is not None
        for name in ("user", "workdir", "shell", "entrypoint", "cmd", "stopsignal"):
            one, other = _plain(name, getattr(self.said, name)), _plain(name, getattr(self.truth, name))
            yield from self.setting(name, one, other, getattr(self.said, name), opened=opened)
        yield from self.health(opened=opened)
        yield from self.mapped("label", self.said.labels, self.truth.labels, opened=opened)
        said = {_port(port.value) for port in self.said.exposed}
        yield from self.listed("port", said, {_port(port.value) for port in self.truth.exposed}, opened=opened)
        said = {volume.value for volume in self.said.volumes}
        yield from self.listed("volume", said, {volume.value for volume in self.truth.volumes}, opened=opened)
        triggers = [_onbuild(one.value.original) for one in self.said.onbuild]
        found = [_onbuild(one.value.original) for one in self.truth.onbuild]
        yield from self.setting("onbuild", "; ".join(triggers), "; ".join(found), None, opened=opened)

    def setting(
        self, name: str, said: str, found: str, sourced: Sourced[object] | None, *, opened: bool
    ) -> Iterator[Claim]:
        place = sourced.place if sourced is not None else None
        of = self.of(sourced.image) if sourced is not None else None
        if not said and opened:
            if found:
                yield Claim(name, name.upper(), "unknown", of=of)
        elif said or found:
            yield Claim(
                name, name.upper(), "right" if said == found else "wrong", said or "none", found or "none", place, of=of
            )

    def health(self, *, opened: bool) -> Iterator[Claim]:
        said, found = self.said.healthcheck, self.truth.healthcheck
        one = _test(said.value) if said is not None else ""
        yield from self.setting("healthcheck", one, _test(found.value) if found else "", said, opened=opened)

    def variables(self) -> Iterator[Claim]:
        yield from self.mapped("env", self.said.env, self.truth.env, opened=self.said.env_open is not None)

    def mapped(
        self, name: str, said: Mapping[str, Sourced[str]], found: Mapping[str, Sourced[str]], *, opened: bool
    ) -> Iterator[Claim]:
        for key in sorted({*said, *found}):
            one, other = said.get(key), found.get(key)
            if one is None and opened:
                yield Claim(name, key, "unknown")
                continue
            right = one is not None and other is not None and one.value == other.value
            yield Claim(
                name,
                key,
                "right" if right else "wrong",
                repr(one.value) if one is not None else "not set",
                repr(other.value) if other is not None else "not set",
                one.place if one is not None else None,
                of=self.of(one.image) if one is not None else None,
            )

    def listed(self, name: str, said: set[str], found: set[str], *, opened: bool) -> Iterator[Claim]:
        for value in sorted(said | found):
            if value not in said and opened:
                yield Claim(name, value, "unknown")
            else:
                right = value in said and value in found
                one, other = ("there" if value in group else "not there" for group in (said, found))
                yield Claim(name, value, "right" if right else "wrong", one, other)

    # Accounts

    def accounts(self) -> Iterator[Claim]:
        rows = {name: (uid, home) for name, uid, home in passwd_rows(self.real.files)}
        step = self.step(self.real.files.get("/etc/passwd"))
        for name in sorted({*self.said.accounts.known, *rows}):
            said = self.said.accounts.get(name)
            if name == "root" and not rows:
                continue  # without a table of accounts the kernel's own is all there is
            if isinstance(said, Unknown):
                yield Claim("account", name, "unknown")
                continue
            if said is None:
                yield Claim("account", name, "wrong", "surely not there", "there", None, step)
                continue
            of = self.of(said.image)
            there = name in rows
            found = "there" if there else "not there"
            yield Claim("account", name, "right" if there else "wrong", "there", found, said.place, step, of)
            if not there:
                continue
            uid, home = rows[name]
            for field_, one, other in (("uid", said.uid, uid), ("home", said.home, home)):
                if one is None or "$" in str(one):
                    yield Claim(field_, name, "unknown", of=of)
                else:
                    verdict: Verdict = "right" if one == other else "wrong"
                    yield Claim(field_, name, verdict, str(one), str(other), said.place, step, of)


def _plain(name: str, value: Sourced[object] | None) -> str:
    """A setting as a text; the value that counts as none for it is none."""
    if value is None:
        return ""
    if isinstance(value.value, CommandLine):
        return repr(list(value.value.argv))
    held = cast("tuple[str, ...] | str | int", value.value)
    if isinstance(held, tuple):
        return repr(list(held))
    text = str(held)
    return "" if name == "workdir" and text == "/" else text.rstrip("/") if name == "workdir" else text


def _port(port: str) -> str:
    return port.lower() if "/" in port else f"{port}/tcp"


def _onbuild(text: str) -> str:
    return " ".join(text.removeprefix("ONBUILD ").replace("\\\n", " ").split())


def _test(text: str) -> str:
    """The command of a health check, without how its words are parted."""
    return " ".join(re.sub(r"^CMD\s+", "", text).split())
