"""What whoever runs an image mounts over it: rules about what is missing there are silent, and say so where they cannot know."""

import pytest

from ctlint.lineage.repository.dockerfiles import dockerfiles
from ctlint.lineage.repository.snapshot import FileSpec, Snapshot
from ctlint.lineage.text.errors import InputError
from ctlint.lineage.workspace.workspace import Workspace
from ctlint.lint.judging.engine import run_rules
from ctlint.rules.discover import all_rules

ACCOUNT = "RUN useradd --create-home beacon\n"
MISSING = {
    "CT216": ("", "#!/bin/sh\n/opt/beacon/start\n", "/opt/beacon"),
    "CT320": (ACCOUNT, "#!/bin/sh\nset -e\nchown -R becon /srv\nexec sleep infinity\n", "/etc/passwd"),
    "CT321": (
        ACCOUNT + "WORKDIR /srv/notes\nUSER beacon\n",
        "#!/bin/sh\nset -e\nmkdir -p /srv/notes/pages\nexec sleep infinity\n",
        "/srv/notes/",
    ),
}
"""Of each rule: lines of a Dockerfile, the start script, and the place of which it speaks."""
DECIDED = {"CT216": True, "CT320": False, "CT321": True}
"""Whether the mount itself is the answer: what accounts a mounted list has is not known."""


def told(code: str, *volumes: str, readable: bool = True) -> tuple[bool, bool]:
    """Whether the rule tells its finding where the volumes are mounted, and whether it says that it was not decided."""
    lines, script, _ = MISSING[code]
    text = f'FROM debian:12.8-slim\n{lines}COPY start /usr/local/bin/start\nENTRYPOINT ["/usr/local/bin/start"]\n'
    files: dict[str, str | FileSpec] = {"Dockerfile": text, "start": FileSpec(script.encode(), 0o755)}
    mounts = "".join(f"      - {volume}\n" for volume in volumes)
    files["compose.yaml"] = "services:\n  beacon:\n    build: .\n" + (f"    volumes:\n{mounts}" if mounts else "")
    snapshot = Snapshot.from_mapping("acme", files)
    if not readable:
        snapshot = snapshot.overlaid({"compose.yaml": InputError("cannot be read: Permission denied")})
    run = run_rules(Workspace([(snapshot, dockerfiles(snapshot))]), [rule for rule in all_rules() if rule.code == code])
    return any(one.rule == code for one in run.findings()), any(one.rule == code for one in run.skipped)


@pytest.mark.parametrize("code", MISSING)
def test_what_is_missing_is_told_where_nothing_is_mounted_over_it(code: str) -> None:
    assert told(code) == (True, False)
    assert told(code, "./other:/media/other", f"./beside:{MISSING[code][2].rstrip('/')}-beside") == (True, False)


@pytest.mark.parametrize("code", MISSING)
def test_a_mount_over_it_silences(code: str) -> None:
    assert told(code, "./other:/media/other", f"./own:{MISSING[code][2]}") == (False, not DECIDED[code])


@pytest.mark.parametrize("code", MISSING)
def test_a_compose_file_that_cannot_be_read_leaves_it_undecided(code: str) -> None:
    assert told(code, readable=False) == (False, True)


@pytest.mark.parametrize("code", MISSING)
def test_a_mount_that_may_lie_anywhere_leaves_it_undecided(code: str) -> None:
    assert told(code, "./own:${WHERE}") == (False, True)


@pytest.mark.parametrize(
    ("line", "known"),
    [
        ("RUN apt-get update && apt-get install -y --no-install-recommends curl", True),
        ("RUN apt-get update && apt-get install -y --no-install-recommends redis-server", False),
        ("ENV NSS_WRAPPER_PASSWD=/tmp/passwd", False),
        ('ARG WHO=beacon\nRUN useradd "$WHO"x', False),
        ("ADD accounts.tar /", False),
        ("COPY --from=acme/accounts:1 /srv /srv", True),
        ("COPY passwd.d /srv/passwd.d", True),
    ],
)
def test_what_may_bring_accounts_leaves_a_name_undecided_that_is_near_to_none(
    monkeypatch: pytest.MonkeyPatch, line: str, known: bool
) -> None:
    script = "#!/bin/sh\nset -e\nchown -R beacon /srv\nexec sleep infinity\n"
    monkeypatch.setitem(MISSING, "CT320", (f"{line}\n", script, ""))
    assert told("CT320") == (known, not known)
