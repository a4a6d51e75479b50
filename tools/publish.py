"""Names the address that ctlint is published at, wherever one is named; or says what is missing for a release.

Usage:
  tools/publish.py ADDRESS              name this https address of the repository everywhere
  tools/publish.py --check ADDRESS TAG  exit 1 unless ADDRESS is named everywhere, and TAG is this version and in CHANGELOG.md
  tools/publish.py --notes              print what CHANGELOG.md says about this version

The address is kept in one place, PUBLISHED in lint/version.py. Until it is set, documents name one under `.example`, a
domain that nobody can register (RFC 2606). Naming one also takes out what stands between `<!-- until published -->` and
`<!-- /until published -->`, and puts in what a comment that begins with `published` holds.
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NOWHERE = "https://ctlint.example/ctlint"
VARIABLE = re.compile(r'^PUBLISHED = "(?P<address>[^"\n]*)"$', re.MULTILINE)
UNTIL_THEN = re.compile(r"<!-- until published -->\n.*?<!-- /until published -->\n+", re.DOTALL)
FROM_THEN = re.compile(r"<!-- published\n(.*?)-->\n", re.DOTALL)
PLACES = (
    *("*.md", "docs/*.md", "*.cff", "*.yml", "pyproject.toml", ".github/**/*.md", ".github/**/*.yml"),
    *("editors/*/package.json", "editors/*/*.md"),
)


def variable(root: Path) -> Path:
    """The file that holds the address."""
    return root / "lint" / "version.py"


def published(root: Path) -> str:
    """The address that is set, or the one that stands for none."""
    found = VARIABLE.search(variable(root).read_text("utf-8"))
    return (found["address"] if found else "") or NOWHERE


def version(root: Path) -> str:
    found = re.search(r'^VERSION = "(.+)"$', variable(root).read_text("utf-8"), re.MULTILINE)
    return found[1] if found else ""


def documents(root: Path) -> Iterator[Path]:
    """The files that may name the address."""
    yield from sorted({path for place in PLACES for path in root.glob(place) if "node_modules" not in path.parts})


def slug(address: str) -> str:
    """What a workflow calls the repository: OWNER/NAME on GitHub; elsewhere the address without its scheme."""
    return address.removeprefix("https://github.com/").removeprefix("https://")


def publish(root: Path, address: str) -> list[Path]:
    """Name the address everywhere, and return the files that changed."""
    before = published(root)
    changed: list[Path] = []
    for path in documents(root):
        old = path.read_bytes().decode("utf-8")
        new = re.sub(re.escape(before) + r"(?![\w-])", address, old)
        new = FROM_THEN.sub(r"\1", UNTIL_THEN.sub("", new)) if path.suffix == ".md" else new
        new = re.sub(rf"(uses:\s+){re.escape(slug(before))}@", rf"\g<1>{slug(address)}@", new)
        if new != old:
            path.write_bytes(new.encode("utf-8"))
            changed.append(path)
    holder = variable(root)
    text = VARIABLE.sub(f'PUBLISHED = "{address}"', holder.read_text("utf-8"))
    holder.write_text(text, "utf-8")
    return [*changed, holder]


def missing(root: Path, address: str, tag: str) -> Iterator[str]:
    """What keeps this tree from being released from that address under that tag."""
    held = published(root)
    if held != address:
        shown = "not set" if held == NOWHERE else held
        yield f"{variable(root).relative_to(root)}: PUBLISHED is {shown}; run tools/publish.py {address}"
    if tag.removeprefix("v") != version(root) or not tag.startswith("v"):
        yield f"the tag is {tag}, the version {version(root)}: they must be v{version(root)} and {version(root)}"
    if not notes(root):
        yield f"CHANGELOG.md: nothing stands below `## {version(root)}`"


def notes(root: Path) -> str:
    """What the changelog says about this version; empty where it says nothing."""
    text = (root / "CHANGELOG.md").read_text("utf-8")
    found = re.search(rf"^## {re.escape(version(root))}(?: [^\n]*)?\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    return found[1].strip() if found else ""


def main(argv: list[str], root: Path = ROOT) -> int:
    match argv:
        case ["--notes"]:
            print(notes(root))
        case ["--check", address, tag]:
            lacking = list(missing(root, address, tag))
            print("\n".join(lacking) or f"{tag} can be released from {address}.")
            return 1 if lacking else 0
        case [address] if re.fullmatch(r"https://[\w.-]+(?::\d+)?/[\w./-]*[\w-]", address):
            for path in publish(root, address):
                print(path.relative_to(root))
        case _:
            print(__doc__, file=sys.stderr)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
