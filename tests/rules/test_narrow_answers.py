"""What a narrowed rule still tells: look-alikes of the defects that its exceptions are for."""

from collections.abc import Mapping

import pytest

from ctlint.lineage.repository.dockerfiles import dockerfiles
from ctlint.lineage.repository.snapshot import FileSpec, Snapshot
from ctlint.lineage.workspace.workspace import Workspace
from ctlint.lint.judging.engine import run_rules
from ctlint.rules.discover import all_rules

Files = Mapping[str, "str | FileSpec"]
V2 = (
    "FROM debian:12.8-slim\n"
    "ADD https://github.com/just-containers/s6-overlay/releases/download/v2.2.0.3/s6-overlay-amd64.tar.gz /tmp/\n"
    "RUN tar xzf /tmp/s6-overlay-amd64.tar.gz -C / --exclude='./bin' && tar xzf /tmp/s6-overlay-amd64.tar.gz -C /usr ./bin\n"
    'ENV S6_BEHAVIOUR_IF_STAGE2_FAILS=2\nCOPY root/ /\nENTRYPOINT ["/init"]\n'
)


def told(files: Files) -> set[str]:
    return told_of(Snapshot.from_mapping("acme", files))


def told_of(snapshot: Snapshot) -> set[str]:
    run = run_rules(Workspace([(snapshot, dockerfiles(snapshot))]), all_rules(), keep=False)
    return {finding.rule for finding in run.findings()}


def program(text: str) -> FileSpec:
    return FileSpec(text.encode(), 0o755)


@pytest.mark.parametrize(
    ("lines", "tells"),
    [
        ("mkdir -p /etc/app\n[ -d /etc/app ] && echo yes\n", False),
        ("mkdir -p /etc/app\nmv /etc/app /etc/app2\n[ -d /etc/app ] && echo yes\n", True),
        ("mkdir -p /etc/app\ntouch /etc/app/a.conf\n[ -f /etc/app/a.conf ] && echo yes\n", False),
        ("mkdir -p /etc/app\ntouch /etc/app/a.conf\nrm -f /etc/app/*.conf\n[ -f /etc/app/a.conf ] && echo yes\n", True),
        ("echo foobar > /etc/list\ngrep -q foo /etc/list && echo yes\n", False),
        ("echo foobar > /etc/list\ngrep -qx foo /etc/list && echo yes\n", True),
    ],
)
def test_a_test_that_may_be_false_ends_the_script(lines: str, tells: bool) -> None:
    files = {"Dockerfile": V2, "root/etc/cont-init.d/10-a": program(f"#!/bin/bash\nset -e\n{lines}")}
    assert ("CT214" in told(files)) is tells


@pytest.mark.parametrize(("policy", "tells"), [("2", True), ("1", False), ("0", False)])
def test_the_status_of_an_init_script_counts_where_the_policy_asks_for_it(policy: str, tells: bool) -> None:
    script = program('#!/usr/bin/with-contenv bash\n[ "$DEMO" = yes ] && echo demo\n')
    files = {"Dockerfile": V2.replace("FAILS=2", f"FAILS={policy}"), "root/etc/cont-init.d/10-a": script}
    assert ("CT214" in told(files)) is tells


@pytest.mark.parametrize(
    ("line", "tells"),
    [
        ("if gosu nobody true; then exec gosu nobody sleep 9; fi", False),
        ("gosu nobody true || exit", True),
        ("until gosu nobody true; do sleep 1; done", True),
    ],
)
def test_a_way_out_is_no_other_way_to_go_on(line: str, tells: bool) -> None:
    files = {
        "Dockerfile": "FROM debian:12.8-slim\nRUN apt-get update && apt-get install -y gosu && useradd -r app\n"
        'COPY start.sh /start.sh\nENTRYPOINT ["/start.sh"]\n',
        "start.sh": program(f"#!/bin/sh\n{line}\nexec sleep 9\n"),
        "compose.yaml": 'services:\n  a:\n    build: .\n    image: acme/a\n    user: "1000"\n',
    }
    assert ("CT701" in told(files)) is tells


@pytest.mark.parametrize(
    ("edit", "tells"),
    [
        ('sed -i "s/^DB_PASSWORD=.*/DB_PASSWORD=$given/" /app/.env', False),
        ('cp /app/.env /etc/app.env\nsed -i "s/^DB_PASSWORD=.*/DB_PASSWORD=$given/" /etc/app.env', False),
        ('sed "s/^DB_PASSWORD=.*/DB_PASSWORD=$given/" /app/.env > "$TARGET"', False),
        ('cp "$FROM/.env" "$TARGET"\nsed -i "/^DB_PASSWORD/d" "$TARGET"', False),
        ('sed -i "s/@DB_PASSWORD@/$DB_PASSWORD/" /etc/other.conf', True),
        ("# cp /app/.env /etc/.env; sed -i s/^DB_PASSWORD=.*// /etc/.env", True),
    ],
)
def test_a_script_that_uses_a_secret_does_not_replace_it(edit: str, tells: bool) -> None:
    files = {
        "Dockerfile": 'FROM debian:12.8-slim\nCOPY app.env /app/.env\nCOPY start.sh /start.sh\nCMD ["/start.sh"]\n',
        "app.env": "DB_PASSWORD=kT93hsQx71LmzPq4\n",
        "start.sh": program(f"#!/bin/sh\n. /app/.env\n{edit}\nexec sleep 9\n"),
    }
    assert ("CT313" in told(files)) is tells


def test_the_script_that_busyboxs_shell_is_given_is_asked_for() -> None:
    assert "CT611" in told({"Dockerfile": 'FROM alpine:3.19\nCMD ["busybox", "sh", "/app/start.sh"]\n'})


def test_a_start_script_of_an_unknown_mode_is_listed() -> None:
    """What packages put into /etc/skel, and so into a new home, is not known, and `>` keeps the mode of what is there."""
    made_anew = "RUN useradd -m kim && echo '#!/bin/sh' > /home/kim/start"
    head, cmd = "FROM debian:12.8-slim\nRUN apt-get update && apt-get install -y tmux\n", 'CMD ["/home/kim/start"]\n'
    for made, undecided in (("", True), (" && chmod 755 /home/kim/start", False)):
        snapshot = Snapshot.from_mapping("acme", {"Dockerfile": f"{head}{made_anew}{made}\n{cmd}"})
        run = run_rules(Workspace([(snapshot, ("Dockerfile",))]), all_rules())
        assert ("CT611" in {one.rule for one in run.skipped}) is undecided
        assert "CT611" not in {one.rule for one in run.findings()}


def test_a_wrapper_is_not_the_program_that_it_starts() -> None:
    files = {
        "Dockerfile": "FROM debian:12.8-slim\nADD https://example.org/lab-5.tar.gz /tmp/lab.tgz\n"
        "RUN mkdir -p /opt/lab && tar xzf /tmp/lab.tgz -C /opt/lab\nCOPY root/ /\n"
        'CMD ["sleep", "9"]\n',
        "root/usr/share/applications/lab.desktop": "[Desktop Entry]\nType=Application\nName=Lab\nExec=/opt/lab/Lab\n",
        "root/opt/lab/lab": program('#!/bin/sh\nexec /opt/lab/Lab --no-sandbox "$@"\n'),
    }
    assert "CT410" not in told(files)


@pytest.mark.parametrize(
    ("lines", "rules"),
    [
        ("TITLE=north\necho $TITEL", {"CT215"}),
        ("SITE_NAME=north\nexport OTHER=$SITE-NAME", {"CT215"}),
        ("SITE_NAME=north\nexport OTHER=$SITE_NAM\necho $OTHER", {"CT215"}),
        ("SITE_PASSWORD=north\necho $SITE_PASSWOR", {"CT215"}),
        ("SITE_ENABLED=north\necho $SITE_ENABLE", set()),
        ("SITE_OPTIONS=north\necho $SITE_OPTION", set()),
        ("SITE_SERVER=north\necho $SITE_SERVE", set()),
        ("SITE_MODEL=north\nMODE=south\necho $SITE_MODE $MODE", set()),
        ("SITE_NAME=north\necho $SITE_NAM ${OTHER:-$SITE_NAM}", set()),
        ('set -u\nif [ -n "$SITE" ]; then echo "$SITE"; fi', {"CT215"}),
        ('set -u\nif [ "${SITE+x}" ] && [ -n "$SITE" ]; then echo "$SITE"; fi', set()),
        ("app --port=${PORT:-80} --quiet\napp --port=$PORT", {"CT215"}),
        ("hosts=(a b)\necho $hosts", {"CT207"}),
    ],
)
def test_the_lines_of_a_script_that_the_dockerfile_holds_are_its_own(lines: str, rules: set[str]) -> None:
    """A script from a here-document has its places in the Dockerfile, whose lines are others and more."""
    files = {
        "Dockerfile": "FROM debian:12.8-slim\n" + "# One of many lines.\n" * 20 + 'COPY --chmod=755 <<"END" /start.sh\n'
        f'#!/bin/sh\n{lines}\nexec sleep 9\nEND\nCMD ["/start.sh"]\n'
    }
    assert told(files) & {"CT002", "CT207", "CT215"} == rules


@pytest.mark.parametrize(
    ("brings", "tells"),
    [
        ("COPY start.sh /start.sh", True),
        ("COPY start.sh /tmp/start.sh\nRUN cp /tmp/start.sh /start.sh", True),
        ("COPY start.sh /tmp/start.sh\nRUN install -m 755 /tmp/start.sh /start.sh", False),
        ("COPY start.sh /tmp/start.sh\nRUN install /tmp/start.sh /start.sh", False),
        ("COPY start.sh /start.sh\nRUN chmod 755 /start.sh", False),
        ("COPY --chmod=755 start.sh /start.sh", False),
    ],
)
def test_what_gives_a_mode_makes_up_for_an_x_bit_lost_on_this_disk(brings: str, tells: bool) -> None:
    dockerfile = f'FROM debian:12.8-slim\n{brings}\nENTRYPOINT ["/start.sh"]\n'
    snapshot = Snapshot.from_mapping(
        "acme", {"Dockerfile": dockerfile, "start.sh": program("#!/bin/sh\nexec sleep 9\n")}
    )
    lost = snapshot.entries["start.sh"]._replace(without_x="disk")
    assert ("CT611" in told_of(snapshot.as_of("", {"start.sh": lost}, snapshot.read))) is tells


@pytest.mark.parametrize(
    ("ignored", "copied", "command", "said"),
    [
        ("*.sh\n", "COPY . /srv", "/srv/entry.sh", [".dockerignore"]),
        ("root/srv\n", "COPY root/ /", "/srv/serve", [".dockerignore"]),
        ("tests\n", "COPY . /srv", "/srv/none.sh", []),
    ],
)
def test_what_a_dockerignore_keeps_from_being_started_is_named(
    ignored: str, copied: str, command: str, said: list[str]
) -> None:
    files: Files = {
        "Dockerfile": f'FROM debian:12.8-slim\n{copied}\nENTRYPOINT ["{command}"]\n',
        ".dockerignore": ignored,
        "entry.sh": program("#!/bin/sh\ntrue\n"),
        "tests/none.sh": program("#!/bin/sh\ntrue\n"),
        "root/srv/serve": program("#!/bin/sh\ntrue\n"),
        "root/etc/app.conf": "a=1\n",
    }
    snapshot = Snapshot.from_mapping("acme", files, label="")
    run = run_rules(Workspace([(snapshot, dockerfiles(snapshot))]), all_rules(), keep=False)
    (found,) = [finding for finding in run.findings() if finding.rule == "CT611"]
    assert [related.place.path for related in found.related] == said


@pytest.mark.parametrize(
    ("made", "tells", "listed"),
    [
        ("true", True, False),
        ("useradd app", False, False),
        ('sed -i "s/x/y/" /etc/passwd', False, True),
        ('useradd "$WHO"', False, True),
        ("apt-get install -y thing", False, True),
    ],
)
def test_an_account_that_a_start_step_may_make_is_listed(made: str, tells: bool, listed: bool) -> None:
    files = {
        "Dockerfile": V2,
        "root/etc/cont-init.d/10-a": program(f"#!/usr/bin/with-contenv sh\n{made}\n"),
        "root/etc/cont-init.d/20-b": program("#!/bin/sh\nset -e\nchown -R app /srv\n"),
    }
    snapshot = Snapshot.from_mapping("acme", files)
    run = run_rules(Workspace([(snapshot, dockerfiles(snapshot))]), all_rules(), keep=False)
    assert ("CT320" in {finding.rule for finding in run.findings()}) is tells
    assert ("CT320" in {skipped.rule for skipped in run.skipped}) is listed


@pytest.mark.parametrize(("line", "tells"), [("exec uv run --no-sync serve", False), ("uv pip install serve", True)])
def test_what_runs_a_program_installs_nothing_of_its_own_accord(line: str, tells: bool) -> None:
    text = 'FROM debian:12.8-slim\nCOPY start.sh /start.sh\nCMD ["/start.sh"]\n'
    assert ("CT209" in told({"Dockerfile": text, "start.sh": program(f"#!/bin/sh\n{line}\n")})) is tells
