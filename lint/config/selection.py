"""Which rules run: selectors (`ALL`, `CT`, `CT2`, `CT205`, `init-before-account`, `SC2086`), in layers.

Selectors work as in ruff: within one layer the more specific one wins, and a layer that has `select` starts afresh.
ShellCheck's findings are selected by their codes too (`SC`, `SC2`, `SC2086`); which codes there are, ShellCheck knows.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import ClassVar, Generic, Protocol, TypeVar

from ...lineage.late.dataclasses import dataclass
from ...lineage.late.patterns import pattern
from ...lineage.text.errors import UsageError
from ...rules.renamed import current, why_removed, word_about


class Selectable(Protocol):
    """What selection needs to know of a rule."""

    @property
    def code(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def preview(self) -> bool: ...


R = TypeVar("R", bound=Selectable)

NEVER_IGNORED = frozenset({"CT001", "CT002"})
"""Failures of the run itself; no comment and no baseline hides them."""


@dataclass(frozen=True, slots=True)
class SelectionLayer:
    """The selection that one file, or the command line, asks for. `select` is None where it says nothing of it.

    `source` names the layer in messages.
    """

    source: str
    select: tuple[str, ...] | None = None
    ignore: tuple[str, ...] = ()
    extend_select: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Selection(Generic[R]):
    """The rules that run, by code, and sentences to tell the user: a renamed code, a preview rule that stays off."""

    rules: tuple[R, ...]
    notes: tuple[str, ...] = ()

    @property
    def codes(self) -> frozenset[str]:
        return frozenset(rule.code for rule in self.rules)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The rules that can be meant. `renamed` maps former codes and names to those of today (None: ctlint's own)."""

    WHOLE: ClassVar[int] = 9
    """The specificity of a whole code or name."""

    codes: Mapping[str, str]
    preview: frozenset[str] = frozenset()
    renamed: Mapping[str, str] | None = None

    @classmethod
    def of(cls, rules: Iterable[Selectable], renamed: Mapping[str, str] | None = None) -> "Catalogue":
        """The catalogue of `rules`; `codes` maps each code to the rule's name."""
        known = sorted((rule.code, rule.name, rule.preview) for rule in rules)
        preview = frozenset(code for code, _, is_preview in known if is_preview)
        return cls({code: name for code, name, _ in known}, preview, renamed)

    def meant(self, selector: str) -> tuple[int, tuple[str, ...]] | None:
        """How specific a selector is, and the codes it stands for; None for what names no rule.

        `ALL` has the specificity 0, a prefix its length, a whole code or a name 9.
        """
        selector = self.current(selector)
        if selector.upper() == "ALL":
            return 0, tuple(self.codes)
        code = selector.upper()
        if code in self.codes or is_shellcheck(code):
            return self.WHOLE, (code,)
        if why_removed(selector) is not None:
            return self.WHOLE, ()
        if code.startswith("CT") or _SHELLCHECKS.fullmatch(code):
            codes = tuple(each for each in self.codes if each.startswith(code))
            return (len(code), codes) if codes or code.startswith("SC") else None
        codes = tuple(each for each, name in self.codes.items() if name == selector.lower())
        return (self.WHOLE, codes) if codes else None

    def current(self, selector: str) -> str:
        """The code or name that a selector has today."""
        return current(selector, self.renamed)

    def word_about(self, selector: str) -> str | None:
        """What the user is told of a selector of an earlier release; None for one of today."""
        today = self.current(selector)
        return f"`{selector}` is called `{today}` now." if today != selector else word_about(selector)

    def expand(self, selector: str, where: object) -> tuple[int, tuple[str, ...]]:
        """Like `meant`. Raises UsageError, beginning with `where` as text, for what names no rule."""
        found = self.meant(selector)
        if found is None:
            raise UsageError(f"{where}: no rule is called `{selector}`{self.proposal(selector)}")
        return found

    def proposal(self, selector: str) -> str:
        """The end of the sentence: `; did you mean …?`, or a full stop where no code or name is near."""
        near = nearest(selector, [*self.codes, *self.codes.values()])
        return f"; did you mean `{near}`?" if near else "."


_SHELLCHECKS = pattern(r"SC\d{0,4}")


def is_shellcheck(code: str) -> bool:
    """Whether a code is one of ShellCheck's."""
    return len(code) == 6 and _SHELLCHECKS.fullmatch(code) is not None


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that is most like `word` (case aside), None where none is near, or `word` is a code."""
    from difflib import get_close_matches

    if re.fullmatch(r"[A-Za-z]{2}\d+", word):
        return None  # a number is near every other: a code is right or wrong
    folded = {each.lower(): each for each in known}
    found = get_close_matches(word.lower().replace("_", "-"), sorted(folded), n=1, cutoff=0.6)
    return folded[found[0]] if found else None


def select_rules(
    rules: Iterable[R],
    layers: Sequence[SelectionLayer],
    *,
    preview: bool = False,
    renamed: Mapping[str, str] | None = None,
) -> Selection[R]:
    """The rules that `layers` (the weakest first) leave switched on; without any `select`, all that are not in preview.

    Raises UsageError for a selector that names no rule.
    """
    rules = tuple(rules)
    catalogue = Catalogue.of(rules, renamed)
    chosen = set(catalogue.codes)
    notes: list[str] = []
    for layer in layers:
        updates = _updates(layer, catalogue, preview, notes)
        if layer.select is not None:
            chosen.clear()
        chosen = {code for code in chosen if updates.get(code, True)} | {code for code, on in updates.items() if on}
    if not preview:
        chosen -= catalogue.preview
    by_code = sorted((rule for rule in rules if rule.code in chosen), key=lambda rule: rule.code)
    return Selection(tuple(by_code), tuple(dict.fromkeys(notes)))


def select_shellcheck(codes: Iterable[str], layers: Sequence[SelectionLayer]) -> frozenset[str]:
    """Those of ShellCheck's codes that `layers` leave switched on.

    Asking for ShellCheck selects all of it: a `select` counts only where it speaks of ShellCheck's codes (or of ALL).
    """
    catalogue = Catalogue(dict.fromkeys(codes, ""))
    chosen = set(catalogue.codes)
    for layer in layers:
        select = tuple(each for each in layer.select or () if _speaks_of_shellcheck(each)) or None
        speaking = SelectionLayer(
            layer.source,
            select,
            tuple(each for each in layer.ignore if _speaks_of_shellcheck(each)),
            tuple(each for each in layer.extend_select if _speaks_of_shellcheck(each)),
        )
        updates = _updates(speaking, catalogue, True, [])
        if select is not None:
            chosen.clear()
        chosen = {code for code in chosen if updates.get(code, True)} | {code for code, on in updates.items() if on}
    return frozenset(chosen & set(catalogue.codes))


def _speaks_of_shellcheck(selector: str) -> bool:
    return selector.upper() == "ALL" or _SHELLCHECKS.fullmatch(selector.upper()) is not None


def _updates(layer: SelectionLayer, catalogue: Catalogue, preview: bool, notes: list[str]) -> dict[str, bool]:
    wanted: list[tuple[int, bool, tuple[str, ...]]] = []
    for key, selectors, on in (
        ("select", layer.select or (), True),
        ("extend-select", layer.extend_select, True),
        ("ignore", layer.ignore, False),
    ):
        for selector in selectors:
            specificity, codes = catalogue.expand(selector, f"{layer.source}: {key}")
            wanted.append((specificity, on, codes))
            notes.extend(_notes(selector, specificity, codes, on, catalogue, preview, layer.source))
    wanted.sort(key=lambda each: (each[0], not each[1]))
    return {code: on for _, on, codes in wanted for code in codes}


def _notes(
    selector: str, specificity: int, codes: tuple[str, ...], on: bool, catalogue: Catalogue, preview: bool, source: str
) -> Iterable[str]:
    word = catalogue.word_about(selector)
    if word is not None:
        yield f"{source}: {word}"
    if codes and on and not preview and specificity == catalogue.WHOLE and codes[0] in catalogue.preview:
        yield f"{source}: {codes[0]} is a preview rule and stays off without --preview."
