"""What find(1) finds, where the files below its starting points are all known (GNU findutils)."""

from collections.abc import Callable, Sequence
from posixpath import basename

from ..late.dataclasses import dataclass
from ..text.globs import glob_matches
from ..text.numbers import natural
from ..text.symbolic import Opaque, Text
from ..text.symbolic_paths import join
from .model import Sight, Word, Wrapper

_KINDS = {"f": "file", "d": "directory", "l": "link"}
_Test = Callable[[str, str], bool]
MOST_FOUND = 300
FOUND = "what find finds"
"""Why a path is not known that stands for what a find finds."""


@dataclass(frozen=True, slots=True)
class FindRequest:
    """A find whose tests are all understood. `roots` are (as written, absolute)."""

    roots: tuple[tuple[str, str], ...]
    tests: tuple[_Test, ...]
    least: int = 0
    most: int = 1 << 30
    separator: str = "\n"
    deletes: bool = False
    executes: bool = False
    each: bool = False
    """`-exec … ;`: one run for each path."""


def find_request(words: Sequence[Word], directory: Text) -> FindRequest | None:
    """The arguments of find, what `-exec` runs left out; None where a test or action is not understood."""
    literals = [word.literal for word in words]
    at = 0
    roots: list[tuple[str, str]] = []
    while at < len(words):
        literal = literals[at]
        if literal is None:
            return None
        if literal in ("-P", "-H"):
            at += 1
            continue
        if literal.startswith(("-", "(", "!")):
            break
        path = join(directory, words[at].text).literal
        if path is None or not path.startswith("/") or words[at].globs:
            return None
        roots.append((literal, path))
        at += 1
    if not roots:
        here = directory.literal
        if here is None:
            return None
        roots = [(".", here)]
    return _expression(roots, literals[at:])


def _expression(roots: list[tuple[str, str]], literals: Sequence[str | None]) -> FindRequest | None:
    tests: list[_Test] = []
    least, most, separator = 0, 1 << 30, "\n"
    deletes = executes = each = negated = False
    at = 0
    while at < len(literals):
        word = literals[at]
        value = literals[at + 1] if at + 1 < len(literals) else None
        at += 1
        if word in ("!", "-not"):
            negated = True
            continue
        if word in ("-print", "-print0", "-delete", "-depth", "-mount", "-xdev"):
            separator = "\0" if word == "-print0" else separator
            deletes = deletes or word == "-delete"
            continue
        if word in ("-exec", "-execdir", "-ok"):
            end = next((index for index in range(at, len(literals)) if literals[index] in (";", "+")), None)
            if end is None or executes:
                return None
            executes, each = True, literals[end] == ";"
            at = end + 1
            continue
        if value is None:
            return None
        at += 1
        test: _Test | None = None
        depth = natural(value)
        if word == "-maxdepth" and depth is not None:
            most = depth
        elif word == "-mindepth" and depth is not None:
            least = depth
        elif word == "-type" and value in _KINDS:
            test = _of_kind(_KINDS[value])
        elif word == "-name":
            test = _named(value)
        elif word == "-iname":
            test = _named_in_any_case(value)
        elif word in ("-path", "-wholename"):
            test = _below(value)
        else:
            return None
        if test is not None:
            tests.append(_inverted(test) if negated else test)
        elif negated:
            return None
        negated = False
    return FindRequest(tuple(roots), tuple(tests), least, most, separator, deletes, executes, each)


def _of_kind(kind: str) -> _Test:
    return lambda path, found: found == kind


def _named(pattern: str) -> _Test:
    return lambda path, found: glob_matches(basename(path), pattern)


def _named_in_any_case(pattern: str) -> _Test:
    return lambda path, found: glob_matches(basename(path).lower(), pattern.lower())


def _below(pattern: str) -> _Test:
    return lambda path, found: glob_matches(path, pattern)


def _inverted(test: _Test) -> _Test:
    return lambda path, found: not test(path, found)


def find_results(request: FindRequest, sight: Sight) -> list[str] | None:
    """The paths found, as find prints them, sorted; None where not all of them are known."""
    found: list[str] = []
    for written, root in request.roots:
        kind = sight.kind(root, follow=False)
        if kind is None:
            return None
        if kind == "nothing":
            continue
        entries: list[tuple[str, str]] = [("", kind)]
        if kind == "directory" and request.most > 0:
            below = sight.below(root)
            if below is None:
                return None
            cut = len(root.rstrip("/"))
            entries += [(path[cut:], inner) for path, inner in below]
        for suffix, inner in sorted(entries):
            depth = suffix.count("/")
            shown = written.rstrip("/") + suffix if suffix else written
            if request.least <= depth <= request.most and all(test(shown, inner) for test in request.tests):
                found.append(shown)
    return found if len(found) <= MOST_FOUND else None


def find_roots(wrapper: Wrapper) -> list[Word]:
    """The places where a find begins."""
    roots: list[Word] = []
    for word in wrapper.argv[1:]:
        prefix = word.text.prefix
        if prefix in ("-L", "-H", "-P"):
            continue
        if prefix.startswith(("-", "(", "!")):
            break
        roots.append(word)
    return roots


def with_found(words: Sequence[Word], wrapper: Wrapper) -> tuple[Word, ...]:
    """Words with something below where the find begins in the place of each `{}`."""
    roots = find_roots(wrapper)
    path = Text.of(roots[0].text if roots else ".", "/", Opaque(FOUND))
    return tuple(Word(path, word.raw, word.place) if word.literal == "{}" else word for word in words)
