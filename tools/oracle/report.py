"""The figures of a run, as a sentence and as the table of docs/trust.md."""

import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from .claims import Verdict

BEGIN = "<!-- figures of `make oracle`: begin -->"
END = "<!-- figures of `make oracle`: end -->"
_FIELDS = ("exists", "kind", "mode", "owner", "link", "content", "absent", "settings", "accounts", "tree", "boot")
_TITLES = {
    "generated": "generated Dockerfiles",
    "cases": "Dockerfiles written for one form each",
    "public": "public Dockerfiles whose package steps do nothing",
    "fixtures": "fixtures",
    "boots": "boots of fixtures by the real /init",
    "packages": "images with packages really installed, held by `ctlint verify`",
}


_TABLE = re.compile(r"<!-- (\w+) -->\n(.*?)(?=<!-- |\Z)", re.DOTALL)


@dataclass
class Figures:
    """What one kind of build showed. `late` were not begun for want of time; `left_out` counts instructions that fail."""

    what: str
    builder: str
    seed: int | None
    images: int = 0
    unbuilt: int = 0
    late: int = 0
    left_out: int = 0
    at: set[str] = field(default_factory=set[str])
    """When, and by which commits it was judged."""
    claims: Counter[str] = field(default_factory=Counter[str])
    wrong_by: Counter[str] = field(default_factory=Counter[str])
    unknown: Counter[str] = field(default_factory=Counter[str])
    base: int = 0
    base_wrong: int = 0
    known: int = 0
    built: int = 0

    def take(self, verdict: Verdict) -> None:
        self.images += 1
        self.claims += verdict.claims
        self.wrong_by.update(name for name, _ in verdict.wrong)
        self.unknown += verdict.unknown
        self.base += verdict.base.total()
        self.base_wrong += len(verdict.base_wrong)
        self.known += verdict.known
        self.built += verdict.built

    @property
    def wrong(self) -> int:
        return self.wrong_by.total()

    @property
    def coverage(self) -> float:
        return 100 * self.known / max(self.built, 1)

    def sentence(self) -> str:
        parts = (
            f"{self.what}: {self.wrong} wrong of {self.claims.total()} claims on {self.images} images",
            f"coverage {self.coverage:.1f} % of {self.built} paths",
            f"{self.unbuilt} do not build here, {self.late} left out for want of time",
            f"{self.base_wrong} wrong of {self.base} claims that are the base's ({self.builder})",
        )
        return "; ".join(parts)

    def table(self) -> str:
        title = _TITLES[self.what]
        if self.unbuilt and self.what == "public":
            title += (
                f" (of {self.images + self.unbuilt} tried; {self.unbuilt} do not build so; "
                f"{self.left_out} instructions that fail without the packages are left out)"
            )
        elif self.unbuilt:
            title += f" ({self.unbuilt} more do not build here)"
        if self.late:
            title += f" ({self.late} more left out for want of time)"
        seed = f", seed {self.seed}" if self.seed is not None else ""
        rows = [
            f"{self.images} {title}{seed}, by {self.builder}:",
            "",
            "| claims about | made | wrong | not known |",
            "|---|---:|---:|---:|",
        ]
        for name in _FIELDS:
            if self.claims[name] or self.unknown[name]:
                rows.append(f"| {name} | {self.claims[name]:,} | {self.wrong_by[name]} | {self.unknown[name]:,} |")
        rows.append(f"| all | {self.claims.total():,} | {self.wrong} | {self.unknown.total():,} |")
        if self.at:
            rows += ["", f"Judged on {'; '.join(sorted(self.at))}."]
        if not self.built:
            return "\n".join(rows)
        rows += [
            "",
            f"Of the {self.built:,} paths that these builds add or change, ctlint knew {self.coverage:.1f} %.",
        ]
        if self.base:
            rows.append(f"Of {self.base:,} claims that state the base's own facts, {self.base_wrong} are wrong.")
        return "\n".join(rows)


def write_figures(document: Path, figures: list[Figures]) -> None:
    """Replace the figures between the marks of a document; those of kinds that were not run stay. ValueError without marks."""
    text = document.read_text()
    start, end = text.index(BEGIN) + len(BEGIN), text.index(END)
    tables = {kind: table.strip() for kind, table in _TABLE.findall(text[start:end])}
    tables.update({one.what: one.table() for one in figures})
    written = [f"<!-- {kind} -->\n{tables[kind]}\n" for kind in _TITLES if kind in tables]
    document.write_text(text[:start] + "\n" + "\n".join(written) + text[end:])
