"""The examples of a rule's page: a pair of its fixtures, one that fails and one that is right, cut to what matters.

Where a finding stands is written in the fixtures themselves (fixtures/README.md); nothing is linted to show a page.
"""

from collections.abc import Iterable, Iterator, Mapping
from difflib import SequenceMatcher
from pathlib import Path

from ...lineage.late.dataclasses import dataclass, replace
from ...lineage.late.patterns import pattern

_INLINE = pattern(r"(?<![ \t])[ \t]*# expect: (?P<codes>CT\d{3}(?:, CT\d{3})*)$")
_NEXT = pattern(r"[ \t]*# expect-next: (?P<codes>CT\d{3}(?:, CT\d{3})*)$")
_LISTED = pattern(r"(?P<path>[^#].*):(?P<line>\d+) (?P<code>CT\d{3})(?:  # .*)?")
_UNSHOWN = ("expect.txt", "ctlint.toml", "README.md")
_WHOLE, _AROUND = 14, 3
"""Lines up to which a file is shown whole, and around what matters in a longer one."""
_WIDEST = 120
_ALONE = 2
_ALIKE = 0.5


@dataclass(frozen=True, slots=True)
class ExampleFile:
    """A file of an example. `marked` are the lines (from 1) with a finding; `mode` is given where it matters."""

    path: str
    lines: tuple[str, ...]
    marked: tuple[int, ...] = ()
    mode: str | None = None
    shown: tuple[int, ...] = ()
    """The lines (from 1) that are shown; the rest is cut."""

    def excerpt(self) -> Iterator[tuple[int, str] | None]:
        """The shown lines with their numbers, long ones shortened; None for a gap between two of them."""
        last = 0
        for number in self.shown:
            if number > last + 1:
                yield None
            yield number, shortened(self.lines[number - 1])
            last = number
        if last < len(self.lines):
            yield None


@dataclass(frozen=True, slots=True)
class Example:
    """A repository that shows a rule's defect, and one that is right, as far as they matter and differ."""

    bad: tuple[ExampleFile, ...]
    good: tuple[ExampleFile, ...]
    fixtures: tuple[str, str] = ("bad", "good")
    """The names of the two fixtures."""

    @property
    def size(self) -> tuple[bool, int]:
        """Pairs in which the file with the finding is there on both sides come first, then the shorter ones."""
        right = {file.path for file in self.good}
        apart = not any(file.marked and file.path in right for file in self.bad)
        return apart, sum(len(file.shown) + 3 for file in (*self.bad, *self.good))


@dataclass(frozen=True, slots=True)
class _File:
    lines: tuple[str, ...]
    marked: tuple[int, ...]
    mode: str


def example_of(code: str) -> Example | None:
    """The smallest example of a rule, None for a rule without fixtures."""
    folder = _fixtures() / code.lower()
    if not folder.is_dir():
        return None
    examples = (
        replace(_example(_read(bad, code), _read(good, code)), fixtures=(bad.name, good.name))
        for bad, good in _pairs(folder)
    )
    return min(examples, key=lambda example: example.size, default=None)


def shortened(line: str) -> str:
    """A line as it can be shown: carriage returns and byte-order marks visible, no longer than a page is wide."""
    text = line.replace("\r", "\u240d").replace("\ufeff", "<U+FEFF>")
    return text if len(text) <= _WIDEST else text[: _WIDEST - 1] + "…"


def _fixtures() -> Path:
    """The folder of the fixtures: within the package where it is installed, beside `rules` in a checkout."""
    from ... import rules

    (package,) = rules.__path__
    installed = Path(package) / "examples"
    return installed if installed.is_dir() else Path(package).resolve().parent / "fixtures"


def _pairs(folder: Path) -> Iterator[tuple[Path, Path]]:
    """The fixtures that can be held against each other: those of one name; `good-example` is made for the page."""
    made = folder / "good-example"
    if made.is_dir():
        yield folder / "bad", made
        return
    for bad in sorted(path for path in folder.iterdir() if path.name.startswith("bad")):
        twin = folder / bad.name.replace("bad", "good", 1)
        yield bad, twin if twin.is_dir() else folder / "good"


def _read(fixture: Path, code: str) -> Mapping[str, _File]:
    listed: dict[str, set[int]] = {}
    expectations = fixture / "expect.txt"
    if expectations.exists():
        for match in map(_LISTED.fullmatch, expectations.read_text("utf-8").splitlines()):
            if match is not None and match["code"] == code:
                listed.setdefault(match["path"], set()).add(int(match["line"]))
    found: dict[str, _File] = {}
    for path in sorted(path for path in fixture.rglob("*") if path.is_file() and path.name not in _UNSHOWN):
        name = path.relative_to(fixture).as_posix()
        mode = "755" if path.stat().st_mode & 0o100 else "644"
        text = path.read_bytes().decode("utf-8", "replace")
        found[name] = _File(*_unmarked(text.removesuffix("\n").split("\n"), code, listed.get(name, set())), mode)
    return found


def _unmarked(rows: Iterable[str], code: str, listed: set[int]) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """The lines without the marks of expectations, and the numbers of those that have one of `code`."""
    lines: list[str] = []
    marked: list[int] = []
    announced = False
    for number, row in enumerate(rows, 1):
        above = _NEXT.fullmatch(row)
        if above is not None:
            announced = code in above["codes"]
            continue
        inline = _INLINE.search(row)
        lines.append(row if inline is None else row[: inline.start()])
        if announced or number in listed or (inline is not None and code in inline["codes"]):
            marked.append(len(lines))
        announced = False
    return tuple(lines), tuple(marked)


def _example(bad: Mapping[str, _File], good: Mapping[str, _File]) -> Example:
    differing = {path for path in bad if path in good and _differ(bad[path], good[path])}
    moved = {path: _moved(path, bad[path], good, bad) for path in bad if bad[path].marked and path not in good}
    alone = [path for path in bad if path not in good and not bad[path].marked]
    new = [path for path in good if path not in bad and path not in moved.values()]
    wrong = differing | {path for path in bad if bad[path].marked} | set(_few(alone))
    right = differing | {path for path in moved.values() if path is not None}
    right |= set(_few(new) if right else new)
    return Example(
        tuple(_shown(path, bad[path], good.get(moved.get(path) or path)) for path in bad if path in wrong),
        tuple(_shown(path, good[path], bad.get(path)) for path in good if path in right),
    )


def _few(paths: list[str]) -> list[str]:
    """Files of one side alone: a few belong to the example, many are other cases."""
    return paths if len(paths) <= _ALONE else []


def _moved(path: str, file: _File, good: Mapping[str, _File], bad: Mapping[str, _File]) -> str | None:
    """What a file of the bad side is called on the good one."""
    candidates = [name for name in good if name not in bad]
    name = path.rpartition("/")[2]
    same = [other for other in candidates if other.rpartition("/")[2] == name]
    alike = [(SequenceMatcher(None, file.lines, good[each].lines).ratio(), each) for each in same or candidates]
    likeness, best = max(alike, default=(0.0, None))
    return best if same or likeness >= _ALIKE else None


def _differ(one: _File, other: _File) -> bool:
    return (one.lines, one.mode) != (other.lines, other.mode)


def _shown(path: str, file: _File, other: _File | None) -> ExampleFile:
    count = len(file.lines)
    matters = set(file.marked)
    if other is not None:
        matcher = SequenceMatcher(None, file.lines, other.lines, autojunk=False)
        for tag, start, end, _, _ in matcher.get_opcodes():
            if tag != "equal":
                matters.update(range(start + 1, max(end, start + 1) + 1))
    if count <= _WHOLE or not matters:
        shown = range(1, min(count, _WHOLE) + 1)
        return ExampleFile(path, file.lines, file.marked, _mode(file, other), tuple(shown))
    near = {line for each in matters for line in range(each - _AROUND, each + _AROUND + 1)}
    base = {number for number, line in enumerate(file.lines, 1) if line.startswith(("FROM ", "#!"))}
    lines = sorted(number for number in near | base if 1 <= number <= count)
    return ExampleFile(path, file.lines, file.marked, _mode(file, other), tuple(lines))


def _mode(file: _File, other: _File | None) -> str | None:
    return file.mode if other is not None and file.mode != other.mode else None
