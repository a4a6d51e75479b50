"""Where a shell word ends: quotes, expansions, substitutions and here-documents in it (POSIX XCU 2.2, 2.6)."""

import re

from ..late.patterns import pattern

PLAIN = pattern(r"[^ \t\n;&|<>()'\"\\$`]+")


_DOUBLE = pattern(r'[^"\\$`]+')


SHORT_NAME = pattern(r"[A-Za-z_][A-Za-z0-9_]*|[0-9@*#?$!-]")


_ARRAY = pattern(r"[A-Za-z_][A-Za-z0-9_]*\+?=\Z")


class Unclosed(Exception):  # noqa: N818 - what it says of a quote
    """A quote or bracket that is not closed; `offset` is where it opens."""

    def __init__(self, offset: int) -> None:
        super().__init__(offset)
        self.offset = offset


def word_end(text: str, at: int, end: int) -> int:
    """Where the word that begins at `at` ends. Raises Unclosed."""
    start = at
    while at < end:
        match = PLAIN.match(text, at, end)
        if match:
            at = match.end()
            continue
        character = text[at]
        if character == "\\":
            at += 2
        elif character in "'\"`$":
            at = skip_quoted(text, at, end)
        elif character in "<>" and at + 1 < end and text[at + 1] == "(" and at == start:
            at = substitution_end(text, at + 2, end)
        elif character == "(" and (at > start and (_ARRAY.match(text, start, at) or text[at - 1] in "@+?!*")):
            at = substitution_end(text, at + 1, end)
        else:
            break
    return min(at, end)


def skip_quoted(text: str, at: int, end: int) -> int:
    """The offset behind the quotation, expansion or substitution that begins at `at`."""
    character = text[at]
    if character == "'":
        return _find(text, "'", at + 1, end, at)
    if character == '"':
        return _double_end(text, at + 1, end, at)
    if character == "`":
        return _backquote_end(text, at, end)
    following = text[at + 1] if at + 1 < end else ""
    if following == "(":
        if text.startswith("((", at + 1):
            closed = arithmetic_end(text, at + 3, end)
            if closed:
                return closed
        return substitution_end(text, at + 2, end)
    if following == "{":
        return _brace_end(text, at + 2, end, at)
    if following == "'":
        return _ansi_end(text, at + 2, end, at)
    if following == '"':
        return _double_end(text, at + 2, end, at)
    match = SHORT_NAME.match(text, at + 1, end)
    return match.end() if match else at + 1


def substitution_end(text: str, at: int, end: int) -> int:
    """The offset behind the `)` that closes a command substitution, subshell or array whose inside begins at `at`."""
    opened, fresh, cases, depth = at, True, 0, 0
    while at < end:
        character = text[at]
        if character == "#" and fresh:
            at = _line_end(text, at, end)
        elif character in " \t\n;&|":
            fresh, at = True, at + 1
        elif fresh and text.startswith("\\\n", at):
            at += 2
        elif character == "(":
            depth, at, fresh = depth + 1, at + 1, True
        elif character == ")":
            at += 1
            if depth:
                depth -= 1
            elif not cases:
                return at
            fresh = True
        elif text.startswith("<<", at) and not text.startswith("<<<", at):
            at = _skip_heredoc(text, at, end)
            fresh = True
        elif character in "<>":
            at += 1
        else:
            stop = max(word_end(text, at, end), at + 1)
            word = text[at:stop]
            cases += (word == "case") - (word == "esac" and cases > 0)
            at, fresh = stop, False
    raise Unclosed(opened - 1)


def _skip_heredoc(text: str, at: int, end: int) -> int:
    at += 3 if text.startswith("<<-", at) else 2
    while at < end and text[at] in " \t":
        at += 1
    stop = word_end(text, at, end)
    delimiter = unquote(text[at:stop])
    line = text.find("\n", stop, end)
    while 0 <= line < end:
        following = _line_end(text, line + 1, end)
        if text[line + 1 : following].strip("\t") == delimiter:
            break
        line = following if following < end else -1
    else:
        return stop
    # The rest of the first line is still to be read; only a body that the line ends before can be passed over.
    rest = text[stop : text.find("\n", stop, end)]
    return stop if ")" in rest or "<<" in rest else following


def _find(text: str, mark: str, at: int, end: int, opened: int) -> int:
    found = text.find(mark, at, end)
    if found < 0:
        raise Unclosed(opened)
    return found + 1


def _line_end(text: str, at: int, end: int) -> int:
    found = text.find("\n", at, end)
    return end if found < 0 else found


def _double_end(text: str, at: int, end: int, opened: int) -> int:
    while at < end:
        match = _DOUBLE.match(text, at, end)
        if match:
            at = match.end()
            if at >= end:
                break
        character = text[at]
        if character == '"':
            return at + 1
        if character == "\\":
            at += 2
        elif character == "`":
            at = _backquote_end(text, at, end)
        else:
            following = text[at + 1 : at + 2]
            at = skip_quoted(text, at, end) if following in ("(", "{") else at + 1
    raise Unclosed(opened)


def _backquote_end(text: str, at: int, end: int) -> int:
    opened, at = at, at + 1
    while at < end:
        if text[at] == "`":
            return at + 1
        at += 2 if text[at] == "\\" else 1
    raise Unclosed(opened)


def _ansi_end(text: str, at: int, end: int, opened: int) -> int:
    while at < end:
        if text[at] == "'":
            return at + 1
        at += 2 if text[at] == "\\" else 1
    raise Unclosed(opened)


def _brace_end(text: str, at: int, end: int, opened: int) -> int:
    while at < end:
        character = text[at]
        if character == "}":
            return at + 1
        if character == "\\":
            at += 2
        elif character in "'\"`" or (character == "$" and text[at + 1 : at + 2] in ("(", "{", "'")):
            at = skip_quoted(text, at, end)
        else:
            at += 1
    raise Unclosed(opened)


def arithmetic_end(text: str, at: int, end: int) -> int | None:
    """The offset behind `))`, None where the two brackets are no arithmetic but subshells."""
    depth = 0
    while at < end:
        character = text[at]
        if character == "(":
            depth += 1
        elif character == ")":
            if not depth:
                return at + 2 if text.startswith("))", at) else None
            depth -= 1
        elif character in "'\"":
            at = text.find(character, at + 1, end)
            if at < 0:
                return None
        elif character == "\\":
            at += 1
        at += 1
    return None


def unquote(raw: str) -> str:
    """A here-document's delimiter without its quotes; nothing in it is expanded."""
    if not any(character in raw for character in "'\"\\$"):
        return raw
    text = re.sub(r"\\\n", "", raw)
    return re.sub(r"'([^']*)'|\"((?:[^\"\\]|\\.)*)\"|\\(.)", lambda match: match[1] or match[2] or match[3] or "", text)
