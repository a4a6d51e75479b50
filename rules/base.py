"""What rules are made of: a rule yields messages at places, the engine stamps them into findings."""

from collections.abc import Callable, Iterable
from enum import IntEnum
from typing import Any, Literal, cast

from ..lineage.late.dataclasses import dataclass, field
from ..lineage.text.errors import Unknown
from ..lineage.text.places import Place


class Severity(IntEnum):
    """How much a finding matters; comparable, `ERROR` is the highest."""

    INFO = 1
    WARNING = 2
    ERROR = 3

    @property
    def label(self) -> str:
        return self.name.lower()

    @classmethod
    def parse(cls, label: str) -> "Severity":
        """The severity called `label`; raises ValueError."""
        try:
            return cls[label.upper()]
        except KeyError:
            raise ValueError(f"{label!r} is not a severity; use error, warning or info") from None


@dataclass(frozen=True, slots=True)
class Related:
    """A second place that explains a finding: where the account is made, what replaces the file."""

    place: Place
    message: str


@dataclass(frozen=True, slots=True)
class Edit:
    """One step of a fix. `text` replaces the span of `place`; `chmod` sets `mode` (octal digits); `rename` moves to `to`."""

    kind: Literal["text", "chmod", "rename"]
    place: Place
    text: str = ""
    mode: str = ""
    to: str = ""


@dataclass(frozen=True, slots=True)
class Fix:
    """A proposed change. `safe` keeps the image's meaning otherwise; `unsafe` needs a look."""

    title: str
    edits: tuple[Edit, ...]
    applicability: Literal["safe", "unsafe"] = "safe"


@dataclass(frozen=True, slots=True)
class Message:
    """What a rule says: what is wrong at `place`, what happens at run time, and in `help` the cure.

    `severity` is given only where it differs from the rule's. `subject` makes the fingerprint of findings that stand on
    one line distinct and independent of the line's text. `owner` is the id of the image whose defect it is, where that
    cannot be told from the file that `place` is in. `about` names what it speaks of (`launcher x.desktop`, `start of
    /etc/cont-init.d/50-x`), in words that other rules use too: a rule that yields to this one's is silent about the same.
    """

    place: Place
    message: str
    help: str
    related: tuple[Related, ...] = ()
    severity: Severity | None = None
    fix: Fix | None = None
    subject: str = ""
    owner: str | None = None
    about: tuple[str, ...] = ()
    image: str | None = None
    """The name of the image that it is about, where that is not the one that was looked at."""


@dataclass(frozen=True, slots=True)
class Undecided:
    """What a rule yields where it cannot tell at one place: no finding, but a check that was not decided.

    `about` names what it would have spoken of, as in `Message.about`: a rule that yields to this one is silent about
    it, too, as the finding that it yields to may be there. A rule that raises Unknown cannot tell of anything any more.
    `path` is the file of the image that it is about, where `about` does not say so.
    """

    unknown: Unknown
    about: tuple[str, ...] = ()
    path: str = ""


Check = Callable[..., Iterable[Message | Undecided]]


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule as the engine sees it. `needs` maps the parameters of `check` to the fact types they ask for.

    `yields_to` are the codes of rules that tell the cause where this one would tell a consequence: what one of them says
    about the same thing (`Message.about`) silences it, and so does what one of them cannot tell about it.
    """

    code: str
    name: str
    severity: Severity
    manual: str
    check: Check = field(repr=False)
    needs: tuple[tuple[str, type[Any]], ...] = ()
    preview: bool = False
    yields_to: tuple[str, ...] = ()

    @property
    def of_deployments(self) -> bool:
        """Whether it judges a consumer and the image that it runs, not an image alone."""
        from ..lineage.workspace.deployments import Deployment  # here, as many commands load rules and judge nothing

        return any(kind is Deployment for _, kind in self.needs)

    @property
    def summary(self) -> str:
        """The manual's first line."""
        return self.manual.strip().splitlines()[0]

    @classmethod
    def from_module(cls, module: Any) -> "Rule":
        """Make a rule of a module `ctNNN_what_is_wrong` with a docstring, `SEVERITY` and `check`, and maybe `YIELDS_TO`.

        Raises TypeError, with the module's name, where one of them is missing or a parameter has no annotation.
        """
        import typing

        stem = module.__name__.rpartition(".")[2]
        code, _, words = stem.partition("_")
        check = getattr(module, "check", None)
        severity = getattr(module, "SEVERITY", None)
        if not callable(check) or not isinstance(severity, Severity) or not module.__doc__:
            raise TypeError(f"the rule module {stem} needs a docstring, SEVERITY and check()")
        hints = typing.get_type_hints(check)
        hints.pop("return", None)
        names = check.__code__.co_varnames[: check.__code__.co_argcount]
        missing = [name for name in names if name not in hints]
        if missing:
            raise TypeError(f"the rule module {stem}: check({', '.join(missing)}) has no annotation")
        return cls(
            code=code.upper(),
            name=words.replace("_", "-"),
            severity=severity,
            manual=module.__doc__,
            check=cast(Check, check),
            needs=tuple((name, hints[name]) for name in names),
            preview=bool(getattr(module, "PREVIEW", False)),
            yields_to=tuple(getattr(module, "YIELDS_TO", ())),
        )


@dataclass(frozen=True, slots=True)
class Finding:
    """A message with all that the engine knows of it. `path` is as shown to the user."""

    rule: str
    name: str
    severity: Severity
    message: str
    help: str
    place: Place
    image: str
    fingerprint: str
    inherited_from: str | None = None
    related: tuple[Related, ...] = ()
    fix: Fix | None = None
    rests_on: str | None = None
    """The parent without which it would not be said and which is only assumed; `related` says why."""

    @property
    def sort_key(self) -> tuple[object, ...]:
        span = self.place.span
        return (self.place.path, span.line, span.column, self.rule, self.message, self.image)
