"""One defect, one finding: what is the image's own fault is told of the image alone, whoever runs it, and a fault of two
settings of a consumer by the one that comes first."""

from collections.abc import Mapping
from typing import NamedTuple

import pytest

from ctlint.lineage.repository.dockerfiles import dockerfiles
from ctlint.lineage.repository.snapshot import FileSpec, Snapshot
from ctlint.lineage.workspace.workspace import Workspace
from ctlint.lint.judging.engine import run_rules
from ctlint.rules.discover import all_rules

_URL = "https://github.com/just-containers/s6-overlay/releases/download/v3.2.1.0/s6-overlay-"
_S6 = (
    "FROM alpine:3.18\n"
    + "".join(f"ADD {_URL}{part}.tar.xz /tmp/\n" for part in ("noarch", "x86_64"))
    + "RUN tar -C / -Jxpf /tmp/s6-overlay-noarch.tar.xz && tar -C / -Jxpf /tmp/s6-overlay-x86_64.tar.xz\n"
    "COPY --chmod=0755 root/ /\nCOPY --chmod=0755 start /start\n"
)
_PLAIN = "FROM alpine:3.18\nCOPY --chmod=0755 start /start\n"
_SERVICE = {"root/etc/services.d/beat/run": "#!/command/with-contenv sh\nexec sleep 30\n"}
_ACCOUNT = {"root/etc/cont-init.d/20-a": "#!/command/with-contenv sh\nid app || adduser -D -u 4242 app\n"}
_DROPS = {"root/etc/services.d/beat/run": "#!/command/with-contenv sh\nexec s6-setuidgid nobody sleep 30\n"}


class Pair(NamedTuple):
    """An image with a fault, a consumer that has to do with it, and the one rule that tells it."""

    image: str
    files: Mapping[str, str]
    consumer: str
    told: str


PAIRS = {
    "601 before 704": Pair(_S6 + 'ENTRYPOINT ["/start"]\n', _SERVICE, "entrypoint: [/start]", "CT601"),
    "704 alone": Pair(_S6 + 'ENTRYPOINT ["/init"]\n', _SERVICE, "entrypoint: [/start]", "CT704"),
    "704 of a distribution's program": Pair(
        _S6 + 'ENTRYPOINT ["/init"]\n', _SERVICE, "entrypoint: [/bin/date]", "CT704"
    ),
    "607 before 702": Pair(
        _S6 + 'ENTRYPOINT ["/start"]\n', {**_SERVICE, "start": "#!/bin/sh\n/init\n"}, "init: true", "CT607"
    ),
    "702 alone": Pair(_S6 + 'ENTRYPOINT ["/init"]\n', _SERVICE, "init: true", "CT702"),
    "704 before 702": Pair(_S6 + 'ENTRYPOINT ["/init"]\n', _SERVICE, "init: true\n    entrypoint: [/start]", "CT704"),
    "306 before 701": Pair(_S6 + 'USER nobody\nENTRYPOINT ["/init"]\n', _ACCOUNT, "user: nobody", "CT306"),
    "306 before 701, of a service that drops privileges": Pair(
        _S6 + 'USER nobody\nENTRYPOINT ["/init"]\n', _DROPS, "user: nobody", "CT306"
    ),
    "701 where 306 says nothing": Pair(_S6 + 'ENTRYPOINT ["/init"]\n', _DROPS, "user: nobody", "CT701"),
    "611 before 704": Pair(_PLAIN + 'ENTRYPOINT ["/srv/serve"]\n', {}, "entrypoint: [/srv/serve, now]", "CT611"),
    "704 of a missing program": Pair(_PLAIN + 'ENTRYPOINT ["/start"]\n', {}, "entrypoint: [/srv/serve]", "CT704"),
    "605 before 706": Pair(_S6 + 'EXPOSE 8080\nENTRYPOINT ["/init"]\n', _SERVICE, "ports: ['80:8080']", "CT605"),
    "706 alone": Pair(
        'FROM scratch\nCOPY --chmod=0755 start /start\nEXPOSE 8080\nCMD ["/start"]\n',
        {"start": "\x7fELF"},
        "ports: ['80:80']",
        "CT706",
    ),
    "610 before 707": Pair(
        _PLAIN + 'HEALTHCHECK CMD ["/srv/check"]\nENTRYPOINT ["/start"]\n', {}, "restart: always", "CT610"
    ),
    "707 in the place of 610": Pair(
        _PLAIN + 'HEALTHCHECK CMD ["/start"]\nENTRYPOINT ["/start"]\n',
        {},
        "healthcheck: {test: [CMD, /srv/check]}",
        "CT707",
    ),
    "701 before 709": Pair(_S6 + 'ENTRYPOINT ["/init"]\n', _DROPS, "user: '1000'\n    cap_drop: [ALL]", "CT701"),
    "709 alone": Pair(_S6 + 'ENTRYPOINT ["/init"]\n', _DROPS, "cap_drop: [ALL]", "CT709"),
    "714 before 305": Pair(
        "FROM ubuntu:24.04\nRUN useradd -u 1000 app\nUSER app\n" + 'CMD ["sleep", "9"]\n',
        {},
        "restart: always",
        "CT714",
    ),
}


@pytest.mark.parametrize("case", PAIRS)
def test_a_fault_of_image_and_consumer_is_told_once(case: str) -> None:
    image, files, consumer, told = PAIRS[case]
    texts = {
        "Dockerfile": image,
        "start": "#!/bin/sh\nexec sleep 30\n",
        "root/etc/motd": "hello\n",
        **files,
        "compose.yaml": f"services:\n  app:\n    build: .\n    image: acme/app:1\n    {consumer}\n",
    }
    specs = {path: FileSpec(text.encode(), 0o755 if path == "start" else 0o644) for path, text in texts.items()}
    snapshot = Snapshot.from_mapping("app", specs)
    run = run_rules(Workspace([(snapshot, dockerfiles(snapshot))]), all_rules(), keep=False)
    habits = ("CT116", "CT102")
    assert [finding.rule for finding in run.findings() if finding.rule not in habits] == [told]
