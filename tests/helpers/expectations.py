"""What the fixtures expect: `# expect: CTnnn` on the offending line, `# expect-next:` above it, or expect.txt."""

import re
from collections.abc import Iterator
from pathlib import Path

FIXTURES = Path(__file__).parents[2] / "fixtures"
PAIRS = sorted(path for folder in FIXTURES.glob("ct[0-9]*") for path in folder.iterdir())
INCIDENTS = sorted((FIXTURES / "incidents").glob("*/*"))
FLEET = FIXTURES / "fleet"
ORGANISATIONS = sorted(path for path in (FIXTURES / "organisations").iterdir() if path.is_dir())
"""Correct organisations of several repositories, in which tests seed defects."""
FIXED = frozenset("CT104 CT105 CT106 CT111 CT119 CT203 CT205 CT409 CT502 CT602 CT603 CT612".split())
"""The rules that may offer a fix: no other does on any fixture."""
CODE = r"CT\d{3}"
INLINE = re.compile(rf"# expect: ({CODE}(?:, {CODE})*)$")
NEXT = re.compile(rf"\s*# expect-next: ({CODE}(?:, {CODE})*)$")
LISTED = re.compile(rf"(?P<path>.+):(?P<line>\d+) (?P<code>{CODE})(?:  # \S.*)?")

Expectation = tuple[str, int, str]


def lines_of(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8-sig").splitlines()


def files_of(fixture: Path) -> list[Path]:
    return sorted(path for path in fixture.rglob("*") if path.is_file())


def listed_in(path: Path) -> Iterator[Expectation]:
    for number, line in enumerate(lines_of(path), 1):
        if not line.startswith("#"):
            match = LISTED.fullmatch(line)
            assert match, f"{path}:{number} is neither a comment nor an expectation"
            yield match["path"], int(match["line"]), match["code"]


def expected_in(fixture: Path) -> Iterator[Expectation]:
    for path in files_of(fixture):
        name = path.relative_to(fixture).as_posix()
        if name == "expect.txt":
            yield from listed_in(path)
            continue
        for number, line in enumerate(lines_of(path), 1):
            if match := NEXT.fullmatch(line):
                yield from ((name, number + 1, code) for code in match[1].split(", "))
            elif match := INLINE.search(line):
                yield from ((name, number, code) for code in match[1].split(", "))
            else:
                assert "# expect" not in line, f"{path}:{number} has an expectation that nobody reads"


def named(path: Path) -> str:
    return path.relative_to(FIXTURES).as_posix()
