"""An error is what is proved; what an unknown parent, a local image or another start may put right is a warning."""

import pytest

from ctlint.lineage.repository.dockerfiles import dockerfiles
from ctlint.lineage.repository.snapshot import FileSpec, Snapshot
from ctlint.lineage.workspace.workspace import Workspace
from ctlint.lint.judging.engine import run_rules
from ctlint.rules.discover import all_rules

UNKNOWN = "FROM registry.acme.example/base:1.4\n"
RC = "root/etc/s6-overlay/s6-rc.d"
START = 'COPY --chmod=0755 start /start\nENTRYPOINT ["/start"]\n'
ONESHOT = {f"{RC}/init-site/type": "oneshot\n", f"{RC}/user/contents.d/init-site": ""}
SLIP = {
    "Dockerfile": "FROM ghcr.io/linuxserver/baseimage-ubuntu:jammy\nCOPY --chmod=0755 root/ /\n",
    f"{RC}/site-set-owner/type": "oneshot\n",
    f"{RC}/site-set-owner/up": "true\n",
    f"{RC}/user/contents.d/site-set-owner": "",
    f"{RC}/svc-site/type": "longrun\n",
    f"{RC}/svc-site/run": "#!/bin/sh\nexec sleep infinity\n",
    f"{RC}/svc-site/dependencies.d/set-site-owner": "",
    f"{RC}/user/contents.d/svc-site": "",
}
MOVED = {
    "Dockerfile": UNKNOWN + 'COPY --chmod=0755 root/ /\nENTRYPOINT ["/init"]\n',
    f"{RC}/init-site/up": "/etc/s6-overlay/script/site-work\n",
    "root/etc/s6-overlay/scripts/site-work": "#!/bin/sh\nmkdir -p /run/site\n",
    **ONESHOT,
}
PLAIN = {"root/etc/cont-init.d/20-site": "#!/bin/sh\nmkdir -p /run/site\n", **ONESHOT}
COPIES = "FROM debian:12.8-slim\nCOPY sites.key /srv/\n"
INSTALLS = "RUN apt-get update && apt-get install -y curl\n"
GOES = "#!/bin/sh\nset -e\ncd /srv/site\nexec sleep infinity\n"
LOGS = "#!/bin/sh\nset -e\ndate > /var/log/site/all\nexec sleep infinity\n"
PORTS = "services:\n  {0}:\n    image: acme/one:1\n    ports: ['8080:80']\n  {1}:\n    image: acme/two:1\n    ports: ['8080:80']\n"
PUBLISHES = """on: push
jobs:
  image:
    runs-on: ubuntu-24.04
    steps:
      - uses: docker/build-push-action@v6
        with: {context: ., tags: "acme/site:latest"}
"""


KNOWN = {"Dockerfile": "FROM ghcr.io/linuxserver/baseimage-alpine:3.21\nCOPY root/ /\n", **PLAIN}


@pytest.mark.parametrize(
    ("files", "rule", "severity"),
    [
        ({"Dockerfile": UNKNOWN + START, "start": "#!/bin/sh\nreadlnk /srv\n"}, "CT217", "warning"),
        ({"Dockerfile": "FROM scratch\n" + START, "start": "#!/bin/sh\nreadlnk /srv\n"}, "CT217", "error"),
        (SLIP, "CT107", "warning"),
        (MOVED, "CT123", "warning"),
        ({"Dockerfile": UNKNOWN + "COPY root/ /\n", **PLAIN}, "CT104", "warning"),
        (KNOWN, "CT104", "error"),
        (KNOWN | {"README.md": "Once: `chmod -R 755 root/etc`\n"}, "CT104", "info"),
        (KNOWN | {"README.md": "$ chmod +x ./root/etc/cont-init.d/* && docker build .\n"}, "CT104", "info"),
        (KNOWN | {"README.md": "$ chmod +x build.sh\n$ chmod 644 root/etc/cont-init.d/*\n"}, "CT104", "error"),
        (KNOWN | {"README.md": "$ chmod +x root/etc\n"}, "CT104", "error"),
        (KNOWN | {"docs/README.md": "$ chmod -R +x root\n"}, "CT104", "error"),
        ({"Dockerfile": COPIES, "compose.yaml": "services: {site: {build: .}}\n"}, "CT511", "warning"),
        ({"Dockerfile": COPIES, "site.key": "x\n", "compose.yaml": "services: {site: {build: .}}\n"}, "CT511", "error"),
        ({"Dockerfile": COPIES, ".github/workflows/i.yml": PUBLISHES}, "CT511", "error"),
        ({"Dockerfile": "FROM alpine3.20\n"}, "CT503", "warning"),
        ({"Dockerfile": "FROM acme/site:latest\n", ".github/workflows/i.yml": PUBLISHES}, "CT505", "warning"),
        ({"Dockerfile": "FROM alpine:3.20\nENTRYPOINT sleep 60\n"}, "CT602", "warning"),
        ({"Dockerfile": "FROM debian:12.8-slim\nENTRYPOINT sleep 60\n"}, "CT602", "error"),
        ({"Dockerfile": 'FROM debian:12.8-slim\nENTRYPOINT ["sh", "-c", "sleep $N"]\n'}, "CT602", "warning"),
        ({"Dockerfile": "FROM debian:12.8-slim\n" + START, "start": GOES}, "CT219", "error"),
        ({"Dockerfile": "FROM debian:12.8-slim\n" + INSTALLS + START, "start": GOES}, "CT219", "warning"),
        ({"Dockerfile": "FROM debian:12.8-slim\n" + START, "start": LOGS}, "CT219", "warning"),
        ({"compose.yaml": PORTS.format("site-cpu", "site-gpu")}, "CT706", "warning"),
        ({"compose.yaml": PORTS.format("site", "queue")}, "CT706", "error"),
    ],
)
def test_an_error_rests_on_proof(files: dict[str, str], rule: str, severity: str) -> None:
    snapshot = Snapshot.from_mapping("site", {path: FileSpec(text.encode()) for path, text in files.items()})
    workspace = Workspace([(snapshot, dockerfiles(snapshot))])
    found = [one.severity.label for one in run_rules(workspace, all_rules()).findings() if one.rule == rule]
    assert found == [severity]


@pytest.mark.parametrize(
    ("script", "told"),
    [
        ("if [ -e /srv/a ]; then\\\n    mkdir -p /srv/b\nfi\n", []),
        ("for a in b; do\\\n    mkdir -p /srv/$a\ndone\n", []),
        ("command -v true && exec true\nif [ -e /srv/a ]\n", []),
        ("if [ -e /srv/a ]\nexec true\n", ["CT211"]),
        ('echo "$(sed s/./x/g <<< "$ADMIN_PASSWORD")"\n', []),
        ('echo "$ADMIN_PASSWORD"\n', ["CT316"]),
    ],
)
def test_a_script_is_read_as_its_shell_reads_it(script: str, told: list[str]) -> None:
    files = {
        "Dockerfile": FileSpec(("FROM debian:12.8-slim\nENV ADMIN_PASSWORD=\n" + START).encode()),
        "start": FileSpec(("#!/bin/bash\n" + script).encode(), 0o755),
    }
    snapshot = Snapshot.from_mapping("site", files)
    found = run_rules(Workspace([(snapshot, dockerfiles(snapshot))]), all_rules()).findings()
    assert [one.rule for one in found if one.rule in ("CT211", "CT316")] == told


def test_a_command_below_an_unknown_entrypoint_is_its_argument() -> None:
    files = {
        "Dockerfile": UNKNOWN + 'COPY --chmod=0755 root/ /\nCOPY --chmod=0755 start /start\nCMD ["/start"]\n',
        "start": "#!/bin/sh\nexec sleep infinity\n",
        f"{RC}/site/type": "longrun\n",
        f"{RC}/site/run": "#!/bin/sh\nexec sleep infinity\n",
        f"{RC}/user/contents.d/site": "",
    }
    snapshot = Snapshot.from_mapping("site", {path: FileSpec(text.encode()) for path, text in files.items()})
    found = run_rules(Workspace([(snapshot, dockerfiles(snapshot))]), all_rules()).findings()
    assert "CT601" not in {one.rule for one in found}


@pytest.mark.parametrize(
    ("words", "told"), [("notes /etc/s6-overlay/scripts/work 2>&1", []), ("/opt/notes work 2>&1", ["CT108"])]
)
def test_a_program_that_runs_a_start_script_may_take_what_looks_like_shell(words: str, told: list[str]) -> None:
    files = {
        "Dockerfile": "FROM ghcr.io/linuxserver/baseimage-ubuntu:jammy\nCOPY --chmod=0755 root/ /\n",
        "root/etc/s6-overlay/scripts/work": "#!/bin/sh\ntrue\n",
        f"{RC}/init-site/up": words + "\n",
        **ONESHOT,
    }
    snapshot = Snapshot.from_mapping("site", {path: FileSpec(text.encode()) for path, text in files.items()})
    found = run_rules(Workspace([(snapshot, dockerfiles(snapshot))]), all_rules()).findings()
    assert [one.rule for one in found if one.rule == "CT108"] == told


def test_a_dockerfile_by_itself_is_built_elsewhere() -> None:
    dockerfile = 'FROM python:3.12-slim\nWORKDIR /app\nCOPY . .\nCMD ["python", "manage.py"]\n'
    alone = {"python/python.Dockerfile": dockerfile, "README.md": "Dockerfiles to copy.\n"}
    project = {"Dockerfile": dockerfile, "app.py": "print(1)\n"}
    for files, told in ((alone, False), (project, True)):
        snapshot = Snapshot.from_mapping("site", {path: FileSpec(text.encode()) for path, text in files.items()})
        found = run_rules(Workspace([(snapshot, dockerfiles(snapshot))]), all_rules()).findings()
        assert ("CT611" in {one.rule for one in found}) is told
