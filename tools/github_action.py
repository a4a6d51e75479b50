"""The work of action.yml: run ctlint as the inputs say, and tell GitHub what it found.

Reads the inputs from the environment (TARGETS, FAIL_ON, FORMAT, BASELINE, WITH_PARENT, ARGS), so that none of them is ever
part of a script. Prints the findings in FORMAT, writes them as SARIF to $RUNNER_TEMP, the table of findings and the lineage to
$GITHUB_STEP_SUMMARY, and `exit-code` and `sarif-file` to $GITHUB_OUTPUT. Ends with 0 whatever was found: a later step fails.
"""

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

MOST_ROWS = 200
MOST_PARENTS = 20
LONGEST_DIAGRAM = 50_000
"""Characters of a diagram that GitHub still draws: Mermaid's maxTextSize."""
ICONS = {"error": "🔴", "warning": "🟡", "info": "🔵"}
MARKUP = re.compile(r"[^\w\s,.;/=-]|_", re.ASCII)


def main() -> int:
    given = os.environ
    targets = words("TARGETS") or ["."]
    options = words("ARGS")
    for option, name in (("--fail-on", "FAIL_ON"), ("--baseline", "BASELINE")):
        if given.get(name):
            options += [option, given[name]]
    for moved in words("WITH_PARENT"):
        options += ["--with-parent", moved]
    if given.get("WITH_PARENT", "").strip():
        options.append("--compare")
    folder = Path(given["RUNNER_TEMP"]) / "ctlint"
    folder.mkdir(parents=True, exist_ok=True)
    code = ctlint("lint", *options, "--format", given.get("FORMAT") or "github", "--", *targets).returncode
    sarif, report = folder / "ctlint.sarif", folder / "ctlint.json"
    for path, name in ((sarif, "sarif"), (report, "json")):
        path.unlink(missing_ok=True)
        if code != 2:
            ctlint("lint", *options, "--format", name, "-o", str(path), "--", *targets, quiet=True)
    with open(given["GITHUB_OUTPUT"], "a", encoding="utf-8") as output:
        output.write(f"exit-code={code}\nsarif-file={sarif if sarif.exists() else ''}\n")
    if report.exists():
        drawn = ctlint("graph", "--format", "mermaid", "--lint", "--", *targets, quiet=True).stdout.decode("utf-8")
        text = "\n".join(summary(json.loads(report.read_text("utf-8")), drawn)) + "\n"
        with open(given["GITHUB_STEP_SUMMARY"], "a", encoding="utf-8") as page:
            page.write(text)
    return 0


def words(name: str) -> list[str]:
    """The words of an input, by the shell's rules of quoting and without any expansion."""
    try:
        return shlex.split(os.environ.get(name, ""))
    except ValueError as error:
        sys.exit(f"error: the input `{name.lower()}` is not quoted right: {error}.")


def ctlint(*arguments: str, quiet: bool = False) -> "subprocess.CompletedProcess[bytes]":
    """Run ctlint, the first on PATH; `quiet` keeps what it says out of the log."""
    sys.stdout.flush()
    return subprocess.run(["ctlint", *arguments], capture_output=quiet, check=False)


def summary(report: dict[str, Any], diagram: str) -> Iterator[str]:
    """The job summary, in Markdown: how many findings of each severity, a table of them, and the lineage."""
    findings, counts = report["findings"], report["summary"]
    new = " new" if "bump" in report else ""
    told = [f"{counts[each]} {each}{'s' if counts[each] != 1 else ''}" for each in ("error", "warning") if counts[each]]
    told += [f"{counts['info']} info"] * bool(counts["info"])
    images = f"{counts['images']} image{'s' if counts['images'] != 1 else ''}"
    nothing = "Nothing among what could be decided" if report["skipped"] or counts["failed"] else "No findings"
    yield f"## ctlint\n\n{', '.join(told) or nothing}{new if told else ''} in {images}."
    yield from undecided(report)
    yield from silences(report)
    if "bump" in report:
        yield from moved(report["bump"])
    if findings:
        yield "\n| | rule | where | what |\n|---|---|---|---|"
        yield from (row(finding) for finding in findings[:MOST_ROWS])
    if len(findings) > MOST_ROWS:
        yield f"\n{len(findings) - MOST_ROWS} more are in the log."
    if report["images"] and diagram:
        yield from lineage(diagram)


def undecided(report: dict[str, Any]) -> Iterator[str]:
    """The parents that are not known or only assumed, and how many checks were not decided."""
    for grade, what in (("unknown", "not known to ctlint"), ("assumed", "only assumed")):
        parents = [p for image in report["images"] for p in image["doubtful_parents"] if p["grade"] == grade]
        told = dict.fromkeys(
            f"<code>{escaped(p['reference'])}</code>" + (f" ({place(p)})" if p["path"] else "") for p in parents
        )
        if told:
            yield f"\nParents that are {what}: {', '.join(list(told)[:MOST_PARENTS])}."
    if report["skipped"]:
        count = len(report["skipped"])
        yield f"\n{count} check{'s were' if count != 1 else ' was'} not decided."


def silences(report: dict[str, Any]) -> Iterator[str]:
    """What the change itself takes out of the report, by configuration, a baseline or a comment."""
    found = report.get("silenced", [])
    if found:
        yield f"\n### This change silences {len(found)} finding{'s' if len(found) != 1 else ''}"
        yield "\n| | rule | where | what |\n|---|---|---|---|"
        yield from (row(finding) for finding in found[:MOST_ROWS])
    if len(found) > MOST_ROWS:
        yield f"\n{len(found) - MOST_ROWS} more are in the log."


def moved(bump: dict[str, Any]) -> Iterator[str]:
    """How the parents differ, a table each, and what is gone with them."""
    for parent in bump["parents"]:
        before = f"<code>{escaped(parent['before'])}</code>" if parent["before"] else "what is not known"
        yield f"\n### {escaped(parent['name'])}\n\n{before} becomes <code>{escaped(parent['after'])}</code>"
        children = ", ".join(f"<code>{escaped(child)}</code>" for child in parent["children"])
        yield f"for {children or 'no image here'}."
        found = parent["differences"]
        if found:
            yield "\n| | | before | after |\n|---|---|---|---|"
            yield from (difference(one) for one in found[:MOST_ROWS])
        if len(found) > MOST_ROWS:
            yield f"\n{len(found) - MOST_ROWS} more differences are not shown."
    if bump["gone"]:
        yield f"\n{len(bump['gone'])} finding{'s' if len(bump['gone']) != 1 else ''} gone."


def difference(one: dict[str, Any]) -> str:
    before, after = (escaped(one[key]) if one[key] is not None else "" for key in ("before", "after"))
    return f"| {one['kind']} | <code>{escaped(one['name'])}</code> | {before} | {after} |"


def row(finding: dict[str, Any]) -> str:
    icon = ICONS[finding["severity"]]
    return f"| {icon} | {finding['rule']} {finding['name']} | {place(finding)} | {marked(finding['message'])} |"


def place(finding: dict[str, Any]) -> str:
    """Where a finding is, with a link where that is a file of the repository that is checked out."""
    path, line = finding["path"], finding["line"]
    shown = f"<code>{escaped(path)}:{line}</code>"
    given = os.environ
    if path.startswith(("/", "../")) or not Path(path).exists() or "GITHUB_SHA" not in given:
        return shown
    address = f"{given['GITHUB_SERVER_URL']}/{given['GITHUB_REPOSITORY']}/blob/{given['GITHUB_SHA']}/{quote(path)}"
    return f"[{shown}]({address}#L{line})"


def lineage(diagram: str) -> Iterable[str]:
    if len(diagram) > LONGEST_DIAGRAM:
        return ["\nThe lineage is too large to be drawn here; `ctlint graph --format html` draws it."]
    longest = max((len(run) for run in re.findall("`+", diagram)), default=0)
    fence = "`" * max(3, longest + 1)
    return ["\n### Lineage\n", f"{fence}mermaid\n{diagram.rstrip()}\n{fence}"]


def marked(text: str) -> str:
    """A message in a cell of a table: its `code` set as such, and nothing else in it taken for markup."""
    parts = " ".join(text.split()).split("`")
    if len(parts) % 2 == 0:
        return escaped("`".join(parts))
    return "".join(
        f"<code>{escaped(part)}</code>" if number % 2 else escaped(part) for number, part in enumerate(parts)
    )


def escaped(text: str) -> str:
    return MARKUP.sub(lambda found: f"&#{ord(found[0])};" if found[0].isascii() else found[0], text)


if __name__ == "__main__":
    sys.exit(main())
