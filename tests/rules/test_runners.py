"""The rules of the runtime contract say what the real programs did: fixtures/s6/runners.json has the boots."""

import json
from pathlib import Path
from typing import Any

import pytest

from ctlint.rules.base import Severity
from expectations import FIXTURES
from linting import run_on

CASES: list[dict[str, Any]] = json.loads((FIXTURES / "s6" / "runners.json").read_text("utf-8"))["cases"]

_RUN = "      - name: run\n        mountPath: /run\n"
_EMPTY = "  volumes:\n  - name: run\n    emptyDir: {}\n"
_NO_GAIN = "      runAsUser: 1000\n      allowPrivilegeEscalation: false\n"
_TOLD = "    env:\n    - {name: S6_READ_ONLY_ROOT, value: '1'}\n"

PODS: dict[str, tuple[str, str, str]] = {
    "root": ("", "", ""),
    "other uid": ("      runAsUser: 1000\n", "", ""),
    "other uid, no new privileges": (_NO_GAIN, "", ""),
    "other uid, no new privileges, /run an emptyDir of root": (_NO_GAIN, _RUN, ""),
    "other uid, /run an emptyDir of root": ("      runAsUser: 1000\n", _RUN, ""),
    "read-only root, no /run": ("      readOnlyRootFilesystem: true\n", "", ""),
    "read-only root, no /run, told": ("      readOnlyRootFilesystem: true\n", "", _TOLD),
    "read-only root, /run exec": ("      readOnlyRootFilesystem: true\n", _RUN, ""),
    "read-only root, /run exec, told": ("      readOnlyRootFilesystem: true\n", _RUN, _TOLD),
    "no capabilities": ("      capabilities: {drop: [ALL]}\n", "", ""),
    "other uid, no capabilities": ("      runAsUser: 1000\n      capabilities: {drop: [ALL]}\n", "", ""),
    "other uid, SETUID and SETGID alone": (
        "      runAsUser: 1000\n      capabilities: {drop: [ALL], add: [SETUID, SETGID]}\n",
        "",
        "",
    ),
    "other uid, SETUID, SETGID and CHOWN alone": (
        "      runAsUser: 1000\n      capabilities: {drop: [ALL], add: [SETUID, SETGID, CHOWN]}\n",
        "",
        "",
    ),
    "SETUID and SETGID alone": ("      capabilities: {drop: [ALL], add: [SETUID, SETGID]}\n", "", ""),
}
"""Security context, mounts and variables of the pod that stands for a case."""
COMPOSE = {
    "read-only root, /run noexec": "    read_only: true\n    tmpfs: [/run]\n    environment: {S6_READ_ONLY_ROOT: 1}\n",
    "/run noexec": "    tmpfs: [/run]\n",
    "not pid 1": "    init: true\n",
}

DOCKERFILE = """FROM debian:12.8-slim
ADD https://github.com/just-containers/s6-overlay/releases/download/v{0}/s6-overlay-noarch.tar.xz /tmp/
ADD https://github.com/just-containers/s6-overlay/releases/download/v{0}/s6-overlay-x86_64.tar.xz /tmp/
RUN tar -C / -Jxpf /tmp/s6-overlay-noarch.tar.xz && tar -C / -Jxpf /tmp/s6-overlay-x86_64.tar.xz
COPY --chmod=0755 root/ /
ENTRYPOINT ["/init"]
"""


def image(folder: Path, release: str) -> None:
    files = {
        "Dockerfile": DOCKERFILE.format(release),
        "Makefile": "build:\n\tdocker build -t acme/app:1 .\n",
        "root/etc/cont-init.d/10-a": "#!/command/with-contenv sh\ndate\n",
        "root/etc/services.d/beat/run": "#!/command/with-contenv sh\nexec sleep 30\n",
        "root/etc/services.d/drop/run": "#!/command/with-contenv sh\nexec s6-setuidgid nobody sleep 30\n",
    }
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)


def runner(folder: Path, case: str) -> None:
    if case in COMPOSE:
        (folder / "compose.yaml").write_text(f"services:\n  app:\n    image: acme/app:1\n{COMPOSE[case]}")
        return
    security, mounts, variables = PODS[case]
    security = f"    securityContext:\n{security}" if security else ""
    text = (
        "apiVersion: v1\nkind: Pod\nmetadata: {name: app}\nspec:\n  containers:\n  - name: app\n    image: acme/app:1\n"
    )
    text += security + variables + (f"    volumeMounts:\n{mounts}{_EMPTY}" if mounts else "")
    (folder / "pod.yaml").write_text(text)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["case"])
@pytest.mark.parametrize("release", ["3.0.0.2", "3.1.6.2", "3.2.1.0", "3.2.3.2"])
def test_an_error_is_told_where_something_did_not_start_and_nowhere_else(
    case: dict[str, Any], release: str, tmp_path: Path
) -> None:
    image(tmp_path, release)
    runner(tmp_path, case["case"])
    booted = case["releases"][release]
    works = booted["command"] and booted["root_service"] and booted["other_user_service"]
    told = {f.rule for f in run_on(tmp_path).findings() if f.rule.startswith("CT7") and f.severity is Severity.ERROR}
    assert bool(told) is not works


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["case"])
def test_an_exit_code_that_is_told_is_the_one_that_was_seen(case: dict[str, Any], tmp_path: Path) -> None:
    for release, booted in case["releases"].items():
        folder = tmp_path / release
        folder.mkdir()
        image(folder, release)
        runner(folder, case["case"])
        messages = [f.message for f in run_on(folder).findings() if f.rule in ("CT701", "CT702")]
        told = [
            message.rpartition("exit code ")[2].split()[0].rstrip(".") for message in messages if "exit code" in message
        ]
        assert all(code == str(booted["exit"]) for code in told)
