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
PORTS = "services:\n  {0}:\n    image: acme/one:1\n    ports: ['8080:80']\n  {1}:\n    image: acme/two:1\n    ports: ['8080:80']\n"
PUBLISHES = """on: push
jobs:
  image:
    runs-on: ubuntu-24.04
    steps:
      - uses: docker/build-push-action@v6
        with: {context: ., tags: "acme/site:latest"}
"""


@pytest.mark.parametrize(
    ("files", "rule", "severity"),
    [
        ({"Dockerfile": UNKNOWN + START, "start": "#!/bin/sh\nreadlnk /srv\n"}, "CT217", "warning"),
        ({"Dockerfile": "FROM scratch\n" + START, "start": "#!/bin/sh\nreadlnk /srv\n"}, "CT217", "error"),
        (SLIP, "CT107", "warning"),
        (MOVED, "CT123", "warning"),
        ({"Dockerfile": "FROM alpine3.20\n"}, "CT503", "warning"),
        ({"Dockerfile": "FROM acme/site:latest\n", ".github/workflows/i.yml": PUBLISHES}, "CT505", "warning"),
        ({"Dockerfile": "FROM alpine:3.20\nENTRYPOINT sleep 60\n"}, "CT602", "warning"),
        ({"Dockerfile": "FROM debian:12.8-slim\nENTRYPOINT sleep 60\n"}, "CT602", "error"),
        ({"compose.yaml": PORTS.format("site-cpu", "site-gpu")}, "CT706", "warning"),
        ({"compose.yaml": PORTS.format("site", "queue")}, "CT706", "error"),
    ],
)
def test_an_error_rests_on_proof(files: dict[str, str], rule: str, severity: str) -> None:
    snapshot = Snapshot.from_mapping("site", {path: FileSpec(text.encode()) for path, text in files.items()})
    workspace = Workspace([(snapshot, dockerfiles(snapshot))])
    found = [one.severity.label for one in run_rules(workspace, all_rules()).findings() if one.rule == rule]
    assert found == [severity]
