"""What a person reads in the terminal. The only user of rich, which is loaded only to paint on a terminal."""

import os
import sys
import time
from collections.abc import Iterable, Sequence
from typing import Literal, TextIO

from ...lineage.late.patterns import pattern
from ...lineage.remote.progress import Progress
from ...lineage.text.sent import masked
from ...rules.base import Finding, Severity
from ..installed_from import page_of
from .report import Report
from .terminal import is_command, printable, row, say
from .terminal_width import terminal_columns
from .undecided import left_open, parent_sentences, undecided_sentence

__all__ = ["Color", "Console", "Line", "plural", "printable", "progress_on", "report_lines"]

Color = Literal["auto", "always", "never"]
Line = Sequence[tuple[str, str]]
"""A line of the terminal: pieces of text, each with a rich style ("" for none)."""

_STYLES = {Severity.ERROR: "bold red", Severity.WARNING: "bold yellow", Severity.INFO: "bold cyan"}
_FRAME = "blue"
_NARROWEST, _WIDEST = 40, 120
_WORDS = pattern(r" +|[^ ]+")


class Console:
    """Writes lines to a stream, painted where it is a terminal (or `color` is `always`)."""

    def __init__(self, stream: TextIO | None = None, color: Color = "auto", width: int | None = None) -> None:
        self.stream = stream or sys.stdout
        self.terminal = self.stream.isatty()
        self.painted = color == "always" or (color == "auto" and _wants_color(self.terminal))
        self.bounded = width is not None or self.terminal or "COLUMNS" in os.environ
        """Whether something has so many columns; else lines are as long as they are."""
        columns = width or (terminal_columns() if self.bounded else 100)
        self.width = min(max(columns, _NARROWEST), _WIDEST)

    def write(self, lines: Iterable[Line], *, hanging: bool = False) -> None:
        """Write lines; those of one piece are broken between words where they are too long, with `hanging` all, under the
        text of their first piece.
        """
        if self.bounded:
            lines = (
                row for line in lines for row in (_hung(line, self.width) if hanging else _folded(line, self.width))
            )
        text = "".join(self._paint(_quiet(line)) + "\n" for line in lines)
        try:
            self.stream.write(text)
        except UnicodeEncodeError:
            encoding = self.stream.encoding or "ascii"
            self.stream.write(text.encode(encoding, "backslashreplace").decode(encoding))

    def tell(self, text: str) -> None:
        """Write a sentence."""
        self.write([((text, ""),)])

    def _paint(self, line: Line) -> str:
        if not self.painted:
            return "".join(text for text, _ in line).rstrip()
        from rich.style import Style

        return "".join(Style.parse(style).render(text) if style else text for text, style in line)


def _wants_color(terminal: bool) -> bool:
    """What the environment says (no-color.org, force-color.org; the former wins), else whether it is a terminal."""
    if os.environ.get("NO_COLOR"):
        return False
    return bool(os.environ.get("FORCE_COLOR")) or (terminal and os.environ.get("TERM") != "dumb")


def _folded(line: Line, width: int) -> list[Line]:
    """A sentence of one style as rows of at most `width` columns; what is made of several pieces stays as it is."""
    if len(line) != 1 or len(line[0][0]) <= width:
        return [line]
    text, style = line[0]
    return [((row, style),) for row in _rows(text, width, "", "  ")]


def _hung(line: Line, width: int) -> list[Line]:
    """The rows of a line that is broken between words, each but the first below the text that follows its label."""
    if sum(len(text) for text, _ in line) <= width:
        return [line]
    first, *rest = line
    rows: list[list[tuple[str, str]]] = [[first]]
    indent = len(first[0]) + 2 if first[0].endswith(" ") else 4
    used, begun, blank = len(first[0]), not first[0].endswith(" "), ""
    for text, style in rest:
        for word in _WORDS.findall(text):
            if not word.strip(" "):
                blank = word
                continue
            for piece in _pieces(word, width - indent):
                if begun and used + len(blank) + len(piece) > width:
                    rows.append([(" " * indent, "")])
                    used, blank = indent, ""
                rows[-1].append((blank + piece, style))
                used, blank, begun = used + len(blank) + len(piece), "", True
    return list(rows)


def _pieces(word: str, room: int) -> list[str]:
    """A word that is longer than there is room, as the pieces of a list of paths; else the word alone."""
    pieces: list[str] = []
    while len(word) > room and (at := word.rfind(":/", 1, room)) > 0:
        pieces.append(word[: at + 1])
        word = word[at + 1 :]
    return [*pieces, word]


def _quiet(line: Line) -> Line:
    """The line with every piece printable, as one piece where CI would take it for an order."""
    whole = "".join(text for text, _ in line)
    if is_command(whole):
        return ((row(whole), ""),)
    return (
        line if whole.isprintable() and masked(whole) == whole else [(printable(text), style) for text, style in line]
    )


def report_lines(report: Report, width: int, *, verbose: bool = False) -> list[Line]:
    """The whole report: findings with code frames, what was skipped (if `verbose`), and a summary."""
    lines = [line for finding in report.findings for line in (*finding_lines(finding, report, width), ())]
    if verbose and report.skipped:
        lines.append((("Not decided:", "bold"),))
        for left in left_open(report, whole=True):
            for text in left.reasons.values():
                lines += _wrapped(text, width, "  ", "    ")
            lines += [*_labelled("help: ", left.cure, width), ()]
    return lines + summary_lines(report, verbose=verbose)


def finding_lines(finding: Finding, report: Report, width: int) -> list[Line]:
    """A finding as a compiler shows it: what, where, the line with a caret, related places, and the cure."""
    style = _STYLES[finding.severity]
    page = page_of(finding.rule, finding.name)
    head = (f"[{finding.rule} {finding.name}]", "bold" if page is None else f"bold link {page}")
    lines: list[Line] = [((finding.severity.label, style), head)]
    lines += _wrapped(finding.message, width, "  ", "  ")
    span = finding.place.span
    where = f"{printable(finding.place.path)}:{span.line}:{span.column}"
    lines.append((("  --> ", _FRAME), (where, "")))
    lines += _frame(finding, report, width)
    address = report.link(finding.place.path, span.line)
    if address is not None:
        lines.append((("  = ", _FRAME), ("see: ", "bold"), (printable(address), "underline")))
    if _tells_image(finding, report):
        lines += _labelled("note: ", f"in {printable(finding.image)}", width)
    for related in finding.related:
        lines += _labelled(f"note: {printable(str(related.place))}: ", related.message, width)
    if finding.help:
        lines += _labelled("help: ", finding.help, width)
    if finding.fix is not None:
        hint = "--fix" if finding.fix.applicability == "safe" else "--fix --unsafe-fixes"
        lines += _labelled("fix: ", f"{finding.fix.title} ({hint})", width)
    if finding.inherited_from:
        lines += _labelled("note: ", f"inherited from {finding.inherited_from}", width)
    return lines


def _tells_image(finding: Finding, report: Report) -> bool:
    """Whether it is to be said which image of several a finding is about: its file does not lie beside the Dockerfile."""
    made = [image.dockerfile.rpartition("/")[0] for image in report.images if image.image == finding.image]
    if not made or len(report.images) == 1 or finding.inherited_from:
        return False
    return not any(finding.place.path.startswith(f"{folder}/" if folder else "") for folder in made)


def _frame(finding: Finding, report: Report, width: int) -> list[Line]:
    text = report.lines(finding.place.path)
    span = finding.place.span
    rows = text.split("\n") if text is not None else []
    if not 1 <= span.line <= len(rows):
        return []
    row = rows[span.line - 1].rstrip("\r")
    if not row.strip():
        return []  # an empty file, whose name says it all, has nothing to show
    number = str(span.line)
    margin = " " * (len(number) + 1)
    room = width - len(margin) - 4
    before = printable(row[: span.column - 1])
    end = span.end_column - 1 if span.end_line == span.line else len(row)
    end = max(end, span.column)
    marked = printable(row[span.column - 1 : end]) or " "
    after = printable(row[end:])
    cut = max(0, len(before) + min(len(marked), room // 2) - room)
    shown = ("…" + before[cut + 1 :] if cut else before) + marked + after
    if len(shown) > room:
        shown = shown[: room - 1] + "…"
    caret = max(1, min(len(marked), room - (len(before) - cut)))
    return [
        ((f"{margin}|", _FRAME),),
        ((f"{number} | ", _FRAME), (shown, "")),
        ((f"{margin}| ", _FRAME), (" " * (len(before) - cut), ""), ("^" * caret, _STYLES[finding.severity])),
    ]


def _labelled(label: str, text: str, width: int) -> list[Line]:
    begin = f"  = {label}"
    if len(begin) + len(text.partition(" ")[0]) > width:  # nothing of the text has room behind the label
        return [(("  = ", _FRAME), (label.rstrip(), "bold")), *_wrapped(text, width, "    ", "    ")]
    first, *rest = _rows(text, width, begin, "    ")
    return [(("  = ", _FRAME), (label, "bold"), (first[len(label) + 4 :], "")), *(((row, ""),) for row in rest)]


def _wrapped(text: str, width: int, first: str, rest: str) -> list[Line]:
    return [((row, ""),) for row in _rows(text, width, first, rest)]


def _rows(text: str, width: int, first: str, rest: str) -> list[str]:
    import textwrap

    return textwrap.wrap(
        printable(text),
        width,
        initial_indent=first,
        subsequent_indent=rest,
        break_long_words=False,
        break_on_hyphens=False,
    ) or [first]


def summary_lines(report: Report, *, verbose: bool = False) -> list[Line]:
    """One line that says how many findings of which severity, in how many images; more where some can be fixed, were hidden
    or not decided.
    """
    files = plural(report.files, "file")
    place = f"{plural(len(report.images), 'image')} ({files})" if report.images else files
    counts = [
        (
            plural(report.count(severity), severity.label)
            if severity is not Severity.INFO
            else f"{report.count(severity)} info",
            severity,
        )
        for severity in (Severity.ERROR, Severity.WARNING, Severity.INFO)
        if report.count(severity)
    ]
    lines: list[Line] = []
    if counts:
        pieces: list[tuple[str, str]] = [("Found ", "")]
        for index, (text, severity) in enumerate(counts):
            pieces += [(", " if index else "", ""), (text, _STYLES[severity])]
        lines.append((*pieces, (f" in {place}.", "")))
    elif report.images and report.decided:
        lines.append((("No findings", "bold green"), (f" in {place}.", "")))
    elif report.images:
        where = f" among what could be decided, in {place}."
        lines.append((("Nothing was found", "bold yellow"), (where, "")))
    elif report.files:
        said = "No findings" if report.decided else "Nothing was found among what could be decided,"
        lines.append(((said, "bold green" if report.decided else "bold yellow"), (f" in {place}.", "")))
    else:
        lines.append((("No Dockerfile was found.", "bold"),))
    fixable = _fixable(report)
    if fixable:
        lines.append(((f"{fixable}.", ""),))
    if report.suppressed:
        verb = "was" if report.suppressed == 1 else "were"
        lines.append(
            ((f"{plural(report.suppressed, 'finding')} {verb} hidden by an ignore comment or the baseline.", ""),)
        )
    lines += [((text, "bold yellow"),) for text in parent_sentences(report, whole=verbose)]
    if report.skipped:
        lines.append(((undecided_sentence(report) + ("" if verbose else " --verbose says why."), "dim"),))
    return lines


def _fixable(report: Report) -> str:
    """How many findings --fix cures, and how many more --unsafe-fixes; empty where there are none."""
    fixes = [finding.fix for finding in report.findings if finding.fix is not None and not finding.inherited_from]
    safe = sum(1 for fix in fixes if fix.applicability == "safe")
    told = [f"{safe} fixable with --fix"] if safe else []
    if len(fixes) > safe:
        more = " more" if safe else " fixable"
        told.append(f"{len(fixes) - safe}{more} with --fix --unsafe-fixes")
    return ", ".join(told)


def plural(count: int, noun: str) -> str:
    """`1 image`, `2 images`."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


class Meter:
    """How many of `total` images are done, on a line that goes away: on a terminal, from the first second on."""

    def __init__(self, stream: TextIO, total: int, wanted: bool = True) -> None:
        self.stream: TextIO = getattr(stream, "unheard", stream)  # a line that goes away is no part of a result
        self.total = total
        self.shown = self.done = 0
        self.wanted = wanted and stream.isatty()
        self.next = time.monotonic() + 1

    def step(self, _: object = None) -> None:
        """One more is begun."""
        self.done += 1
        if self.wanted and time.monotonic() >= self.next:
            text = f"{self.done} of {plural(self.total, 'image')}"
            self.stream.write(f"\r{text:<{self.shown}}")
            self.stream.flush()
            self.shown, self.next = len(text), time.monotonic() + 0.1

    def end(self) -> None:
        if self.shown:
            self.stream.write(f"\r{' ' * self.shown}\r")
            self.stream.flush()


def progress_on(stream: TextIO, wanted: bool = True) -> Progress:
    """A progress bar where `stream` is a terminal (and it is `wanted`), else only warnings and waits, a line each."""
    return _Bar(stream) if wanted and stream.isatty() else _LinePainter(stream)


class _LinePainter:
    """Progress as lines of text: what the user must know."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream

    def begin(self, total: int) -> None: ...

    def done(self, repository: str, outcome: str) -> None: ...

    def waiting(self, seconds: float, reason: str) -> None:
        say(f"ctlint: waiting {seconds:.0f} s: {reason}", self.stream)

    def warn(self, message: str) -> None:
        say(f"ctlint: warning: {message}", self.stream)

    def end(self) -> None: ...


class _Bar(_LinePainter):
    """Progress as a bar that goes away when it is done."""

    def __init__(self, stream: TextIO) -> None:
        super().__init__(stream)
        from rich.console import Console as RichConsole
        from rich.progress import Progress as RichProgress

        self.bar = RichProgress(console=RichConsole(file=stream), transient=True)
        self.task = self.bar.add_task("repositories", total=None)

    def begin(self, total: int) -> None:
        self.bar.update(self.task, total=total)
        self.bar.start()

    def done(self, repository: str, outcome: str) -> None:
        self.bar.update(self.task, advance=1, description=printable(repository)[:40])

    def waiting(self, seconds: float, reason: str) -> None:
        self.bar.update(self.task, description=f"waiting {seconds:.0f} s: {printable(reason)}"[:60])

    def warn(self, message: str) -> None:
        self.bar.console.print(row(f"ctlint: warning: {message}"), markup=False, highlight=False)

    def end(self) -> None:
        self.bar.stop()
