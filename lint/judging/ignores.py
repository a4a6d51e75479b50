"""`# ctlint: ignore[CT205] reason` and `# ctlint: ignore-file[CT408] reason`: reading, applying and adding them.

A comment stands on a line of its own above the instruction, command or key that it is for, and covers that whole; on
the lines right below a shebang it covers the shebang too. Behind a command or value it covers what it stands behind, where
the language has comments there: a Dockerfile's instructions and the values of launchers have none. hadolint's and
BuildKit's own comments mean nothing here.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Literal

from ...lineage.late.dataclasses import dataclass, field, replace
from ...lineage.late.patterns import pattern
from ...lineage.text.places import Place, Span
from ...rules.base import Edit, Finding, Fix, Message
from ...rules.renamed import current, word_about
from ..config.selection import NEVER_IGNORED, SelectionLayer, is_shellcheck, nearest, select_shellcheck
from .comments import Kind, Rows, Unit

_WORDS = r"#+[ \t]*ctlint[ \t]*:[ \t]*(?P<what>[a-z-]+)[ \t]*(?:\[(?P<codes>[^\]]*)\])?(?P<rest>.*)"
COMMENT = pattern(rf"[ \t]*{_WORDS}", re.IGNORECASE)
"""A line that holds an ignore comment, or what may be meant as one."""
_BEHIND = pattern(rf"(?P<code>.*\S)[ \t]+{_WORDS}", re.IGNORECASE)
"""A line that holds one behind something else."""
_MEANT = ("ignor", "disable", "noqa", "skip", "suppress")


@dataclass(frozen=True, slots=True)
class Ignore:
    """An ignore comment. `covers` are the first and last line that it is for, (0, 0) where it is misplaced.

    `words` are the rules as written, each with the code that it means, None for an unknown one.
    """

    line: int
    scope: Literal["line", "file"]
    words: tuple[tuple[str, str | None], ...]
    reason: str
    covers: tuple[int, int]
    behind: int | None = None
    """Where in the line it begins, the blanks before it counted (from 0), if it stands behind something."""

    @property
    def codes(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(code for _, code in self.words if code))

    def applies(self, rule: str, line: int) -> bool:
        return rule in self.codes and self.covers[0] <= line <= self.covers[1]


@dataclass(frozen=True, slots=True)
class Ignored:
    """What the comments of one file do to its findings, and what is wrong with the comments themselves."""

    kept: tuple[Finding, ...]
    suppressed: tuple[Finding, ...] = ()
    unused: tuple[Message, ...] = ()
    missing_reason: tuple[Message, ...] = ()
    unknown: tuple[Message, ...] = ()
    renamed: tuple[str, ...] = ()
    """The former codes and names in the comments."""

    @property
    def messages(self) -> tuple[Message, ...]:
        """All that is to be reported of the comments, in order of lines."""
        return tuple(sorted((*self.unused, *self.missing_reason, *self.unknown), key=lambda message: message.place))


@dataclass(frozen=True, slots=True)
class Comments:
    """The ignore comments of one file. `broken` are messages about those that cannot be understood."""

    path: str
    rows: Rows
    ignores: tuple[Ignore, ...]
    broken: tuple[Message, ...] = field(default=())


def read_ignores(
    text: str, path: str, rules: Mapping[str, str], *, kind: Kind | None = None, unit: Unit | None = None
) -> Comments:
    """The ignore comments of a file. `rules` maps all codes to names; `kind` and `unit` as in `Rows.of`."""
    rows = Rows.of(text, path, kind, unit)
    if rows.kind == "none":
        return Comments(path, rows, ())
    ignores: list[Ignore] = []
    broken: list[Message] = []
    header = rows.header
    for line in range(1, len(rows.rows) + 1):
        match = COMMENT.fullmatch(rows.text(line)) if rows.is_comment(line) else None
        if not match:
            behind = _behind(rows, path, line, rules)
            ignores += [behind] if isinstance(behind, Ignore) else []
            broken += [behind] if isinstance(behind, Message) else []
            continue
        ignore = _read(match, line, rows, rules, header)
        if isinstance(ignore, Ignore):
            ignores.append(ignore)
        elif ignore:
            broken.append(_message(path, rows, line, ignore, "Write `# ctlint: ignore[CTnnn] reason`.", "malformed"))
        if isinstance(ignore, Ignore) and _hides_directive(rows, line):
            broken.append(_hidden_directive(path, rows, line))
    return Comments(path, rows, tuple(ignores), tuple(broken))


def apply_ignores(
    text: str,
    path: str,
    findings: Sequence[Finding],
    rules: Mapping[str, str],
    *,
    decided: Collection[str] | None = None,
    require_reason: bool = False,
    kind: Kind | None = None,
    unit: Unit | None = None,
) -> Ignored:
    """What of the findings in one file remains, and messages about comments that do nothing.

    `rules` maps all codes to names. `decided` are the codes of the rules that ran to an answer on all images that take
    the file in: only their comments can be called unused (None: all rules).
    """
    if "ctlint" not in text:
        return Ignored(tuple(findings))
    comments = read_ignores(text, path, rules, kind=kind, unit=unit)
    used: set[tuple[int, str]] = set()
    kept: list[Finding] = []
    suppressed: list[Finding] = []
    for finding in findings:
        hits = [each for each in comments.ignores if each.applies(finding.rule, finding.place.line)]
        if hits and finding.rule not in NEVER_IGNORED:
            suppressed.append(finding)
            used.update((each.line, finding.rule) for each in hits)
        else:
            kept.append(finding)
    ran = frozenset(rules if decided is None else decided)
    reasons = [_no_reason(comments, each) for each in comments.ignores if require_reason and not each.reason]
    return Ignored(
        kept=tuple(kept),
        suppressed=tuple(suppressed),
        unused=tuple(_unused(comments, used, ran)),
        missing_reason=tuple(reasons),
        unknown=(*comments.broken, *_unknown(comments, rules)),
        renamed=tuple(dict.fromkeys(word for each in comments.ignores for word, _ in each.words if word_about(word))),
    )


def _read(match: re.Match[str], line: int, rows: Rows, rules: Mapping[str, str], header: int) -> Ignore | str | None:
    """The comment, or the sentence that says why it is none; None for prose that begins like one."""
    what = match["what"].lower()
    if what not in ("ignore", "ignore-file"):
        return f"`ctlint: {match['what']}` means nothing, so nothing is ignored." if what.startswith(_MEANT) else None
    written = (word.strip() for word in (match["codes"] or "").split(","))
    words = tuple((word, code_of(word, rules)) for word in written if word)
    if not words:
        return f"`ctlint: {what}` names no rule, so nothing is ignored."
    reason = match["rest"].strip().lstrip("-–—:").strip()
    if what == "ignore-file":
        covers = (1, len(rows.rows)) if line <= header else (0, 0)
        return Ignore(line, "file", words, reason, covers)
    return Ignore(line, "line", words, reason, _covers(rows, line))


def _behind(rows: Rows, path: str, line: int, rules: Mapping[str, str]) -> Ignore | Message | None:
    """The comment behind what stands on a line, or what is wrong with it; None where there is none."""
    match = (
        _BEHIND.fullmatch(rows.text(line)) if "ctlint" in rows.rows[line - 1] and not rows.is_comment(line) else None
    )
    if match is None or match["what"].lower() != "ignore" or not rows.may_follow(line, match.end("code")):
        return None
    if rows.kind in ("dockerfile", "desktop"):
        what = "an instruction" if rows.kind == "dockerfile" else "a launcher's value"
        return _message(
            path,
            rows,
            line,
            f"What stands behind {what} is part of it and no comment, so nothing is ignored.",
            f"Put it on a line of its own above line {rows.start(line)}.",
            "behind",
        )
    found = _read(match, line, rows, rules, 0)
    if not isinstance(found, Ignore):
        return None
    first = rows.start(line)
    return replace(found, covers=(first, max(rows.reach(first, 0), line)), behind=match.end("code"))


def _covers(rows: Rows, line: int) -> tuple[int, int]:
    first = line
    above = range(2, line)
    if rows.is_shebang(1) and all(COMMENT.fullmatch(rows.text(each)) for each in above):
        first = 1
    code = rows.next_code(line + 1)
    return first, line if code is None else rows.reach(code, line)


def code_of(word: str, rules: Mapping[str, str]) -> str | None:
    """The code that a code or name of a rule means, today's or a former one, None for what is neither."""
    word = current(word)
    code = word.upper()
    if code in rules or is_shellcheck(code):
        return code
    return next((code for code, name in rules.items() if name == word.lower()), None)


def foreign_codes(text: str, layers: Sequence[SelectionLayer]) -> frozenset[str]:
    """ShellCheck's codes that a text speaks of and that `layers` leave switched on."""
    return select_shellcheck(set(re.findall(r"\bSC\d{4}\b", text.upper())), layers)


def _unused(comments: Comments, used: Collection[tuple[int, str]], decided: frozenset[str]) -> Iterator[Message]:
    for ignore in comments.ignores:
        if ignore.covers == (0, 0):
            yield _message(
                comments.path,
                comments.rows,
                ignore.line,
                "This `ctlint: ignore-file` stands below the file's leading comments, so nothing is ignored.",
                "Move it to the top of the file, above the first line that is no comment.",
                "misplaced",
            )
            continue
        idle = [code for code in ignore.codes if (ignore.line, code) not in used and code in decided]
        if idle:
            yield _idle(comments, ignore, idle)


def _idle(comments: Comments, ignore: Ignore, idle: Sequence[str]) -> Message:
    what = "in this file" if ignore.scope == "file" else "here"
    listed = ", ".join(idle)
    return _message(
        comments.path,
        comments.rows,
        ignore.line,
        f"This comment ignores {listed}, but there is no such finding {what}.",
        "Remove it, so that it does not hide a later defect.",
        f"unused {listed}",
        Fix(f"Remove the unused ignore of {listed}", (_without(comments, ignore, idle),)),
    )


def _without(comments: Comments, ignore: Ignore, idle: Collection[str]) -> Edit:
    """The edit that takes codes out of a comment; the whole line where none remains."""
    rows, path, line = comments.rows, comments.path, ignore.line
    remaining = [word for word, code in ignore.words if code not in idle]
    raw = rows.rows[line - 1]
    begin = ignore.behind or 0
    if remaining:
        opening, closing = raw.index("[", begin) + 1, raw.index("]", begin)
        return Edit("text", Place(path, Span(line, opening + 1, line, closing + 1)), ", ".join(remaining))
    if ignore.behind is not None:
        return Edit("text", Place(path, Span(line, begin + 1, line, len(raw.removesuffix("\r")) + 1)))
    if line < len(rows.rows):
        return Edit("text", Place(path, Span(line, 1, line + 1, 1)))
    return Edit("text", Place(path, Span(line, 1, line, len(raw) + 1)))


def _unknown(comments: Comments, rules: Mapping[str, str]) -> Iterator[Message]:
    for ignore in comments.ignores:
        for word, code in ignore.words:
            if code in NEVER_IGNORED:
                text, cure = f"{code} cannot be ignored.", "Leave the file out with `exclude` in the configuration."
            elif code is None and word_about(word) is None:
                near = nearest(word, [*rules, *rules.values()])
                text = f"`{word}` is no rule of ctlint" + (f"; did you mean `{near}`?" if near else ".")
                cure = "`ctlint rule` lists the codes and names."
            else:
                continue
            yield _message(comments.path, comments.rows, ignore.line, text, cure, f"unknown {word}")


def _no_reason(comments: Comments, ignore: Ignore) -> Message:
    return _message(
        comments.path,
        comments.rows,
        ignore.line,
        "This comment gives no reason, and the configuration requires one.",
        "Write the reason behind the bracket: `# ctlint: ignore[CTnnn] reason`.",
        "reason " + ", ".join(word for word, _ in ignore.words),
    )


def _hides_directive(rows: Rows, line: int) -> bool:
    """Whether a parser directive below is a mere comment by this one: BuildKit reads them at the very top only."""
    if rows.kind != "dockerfile" or line != rows.directives + 1:
        return False
    below = line + 1
    while rows.is_comment(below) and not rows.is_directive(below):
        below += 1
    return rows.is_directive(below) and rows.is_comment(below)


def _hidden_directive(path: str, rows: Rows, line: int) -> Message:
    return _message(
        path,
        rows,
        line,
        "A parser directive stands below this comment, and BuildKit reads it as a mere comment now.",
        "Move the comment below the directives.",
        "directive",
    )


def _message(path: str, rows: Rows, line: int, text: str, cure: str, subject: str, fix: Fix | None = None) -> Message:
    raw = rows.text(line)
    column = len(raw) - len(raw.lstrip(" \t")) + 1
    place = Place(path, Span(line, column, line, len(raw.rstrip()) + 1))
    return Message(place, text, cure, fix=fix, subject=subject)
