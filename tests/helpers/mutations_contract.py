"""Seeded defects of who runs the images, and of what an image promises those: CT701 to CT715."""

from seeding import Create, InsertLine, Mutation, Replace, seed

COMPOSE = "deployments/compose.yaml"
NOTEBOOK = "deployments/notebook.yaml"
REGISTRY = "app-specs/registry.yaml"
VIEWER_SPEC = "app-specs/viewer/docker-compose.yaml"
AGENT = "cloudtop-agent/Dockerfile"
BEACON = "station-beacon/Dockerfile"
LAB = "station-lab/Dockerfile"
JOB = "station-job/Dockerfile"
DESKTOP = "cloudtop/Dockerfile"

_BEACON_POD = """apiVersion: v1
kind: Pod
metadata:
  name: beacon
spec:
  {pod}
  containers:
    - name: beacon
      image: helxplatform/station-beacon:2.1.0
      {container}
"""


def _pod(container: str, pod: str = "restartPolicy: Always") -> Create:
    return Create("deployments/beacon.yaml", _BEACON_POD.format(pod=pod, container=container))


def _station(lines: str) -> Replace:
    return Replace(
        COMPOSE, "    environment:\n      USER_NAME: ada\n", f"    environment:\n      USER_NAME: ada\n{lines}"
    )


_SEALED = "    read_only: true\n    tmpfs: ['/run:exec']\n    environment: {S6_READ_ONLY_ROOT: 1}\n"

MUTATIONS: tuple[Mutation, ...] = (
    # CT701 consumer-not-root
    seed(
        "CT701",
        _station('    user: "1000:1000"\n'),
        COMPOSE,
        "user:",
        ("station/root/etc/cont-init.d/20-account", "groupadd"),
    ),
    seed(
        "CT701",
        Replace(
            REGISTRY,
            "        name: Viewer\n",
            "        name: Viewer\n        securityContext:\n          runAsUser: 30000\n",
        ),
        REGISTRY,
        "runAsUser",
    ),
    seed("CT701", Replace(COMPOSE, "    ports:", '    user: "1000"\n    ports:'), COMPOSE, "user:"),
    # CT702 consumer-init-not-pid-1
    seed("CT702", _station("    init: true\n"), COMPOSE, "init: true"),
    seed(
        "CT702",
        _pod("workingDir: /", "shareProcessNamespace: true"),
        "deployments/beacon.yaml",
        "shareProcessNamespace",
    ),
    seed(
        "CT702",
        Create(
            "station-beacon/config.yaml",
            "name: Beacon\nversion: 2.1.0\nslug: beacon\ndescription: Says the time\narch: [amd64]\n",
        ),
        "station-beacon/config.yaml",
        "slug",
    ),
    seed(
        "CT702",
        (
            Create(
                "station-beacon/built/config.yaml",
                "name: Built\nversion: 2.1.0\nslug: built\ndescription: Says the time\narch: [amd64]\n",
            ),
            Create("station-beacon/built/run.sh", "#!/bin/sh\nwhile :; do date; sleep 60; done\n", 0o755),
            Create(
                "station-beacon/built/Dockerfile",
                'ARG BUILD_FROM\nFROM $BUILD_FROM\nCOPY run.sh /\nCMD ["/run.sh"]\n',
            ),
        ),
        "station-beacon/built/config.yaml",
        "slug",
    ),
    # CT703 consumer-read-only-root
    seed(
        "CT703",
        Create(
            "cloudtop-agent/run.sh",
            "#!/bin/sh\ndocker run -d --name agent \\\n    --read-only \\\n    helxplatform/cloudtop-agent:1.2.0\n",
            0o755,
        ),
        "cloudtop-agent/run.sh",
        "--read-only",
    ),
    seed(
        "CT703",
        _pod("securityContext: {readOnlyRootFilesystem: true}"),
        "deployments/beacon.yaml",
        "readOnlyRootFilesystem",
    ),
    seed(
        "CT703",
        Create(
            "deployments/beacon.container",
            "[Container]\nImage=helxplatform/station-beacon:2.1.0\nTmpfs=/run:rw,noexec\n",
        ),
        "deployments/beacon.container",
        "noexec",
    ),
    # CT704 consumer-replaces-init
    seed("CT704", _station('    entrypoint: ["/usr/local/bin/processes"]\n'), COMPOSE, "entrypoint"),
    seed("CT704", _pod("command: [/usr/local/bin/beacon]"), "deployments/beacon.yaml", "command"),
    seed("CT704", _station("    command: /usr/local/bin/statoin-work\n"), COMPOSE, "command"),
    # CT705 mount-hides-content
    seed("CT705", _station("    volumes:\n      - /srv/scripts:/etc/cont-init.d\n"), COMPOSE, "/srv/scripts"),
    seed(
        "CT705",
        Create(
            "cloudtop-agent/run.sh",
            "#!/bin/sh\ndocker run -d --name agent \\\n    -v /srv/local/bin:/usr/local/bin \\\n    helxplatform/cloudtop-agent:1.2.0\n",
            0o755,
        ),
        "cloudtop-agent/run.sh",
        "-v /srv",
    ),
    # CT706 port-conflict
    seed("CT706", _station('    ports:\n      - "127.0.0.1:3000:3001"\n'), COMPOSE, "127.0.0.1"),
    seed(
        "CT706",
        Create(
            "deployments/two.compose.yaml",
            "services:\n  one:\n    image: nginx:1.27\n    ports:\n      - 80:80\n"
            "  two:\n    image: nginx:1.27\n    ports:\n      - {target: 80, published: 80}\n",
        ),
        "deployments/two.compose.yaml",
        "target",
    ),
    # CT707 consumer-check-broken
    seed("CT707", _station("    healthcheck:\n      test: /usr/local/bin/station-well\n"), COMPOSE, "test:"),
    seed(
        "CT707",
        _pod("livenessProbe: {exec: {command: [/usr/local/bin/beacon-alive]}}"),
        "deployments/beacon.yaml",
        "livenessProbe",
    ),
    # CT708 consumer-variables
    seed("CT708", Replace(COMPOSE, "      USER_NAME: ada", "      USERNAME: ada"), COMPOSE, "USERNAME"),
    seed("CT708", Replace(COMPOSE, "      USER_NAME: ada", "      TZ: Europe/Paris"), COMPOSE, "station-lab"),
    seed(
        "CT708",
        Replace(VIEWER_SPEC, "      - VNC_PW={{ vnc_password }}", "      - VNC_PAW={{ vnc_password }}"),
        VIEWER_SPEC,
        "VNC_PAW",
    ),
    # CT709 consumer-capabilities
    seed("CT709", _station("    cap_drop: [CHOWN]\n"), COMPOSE, "cap_drop"),
    seed("CT709", _pod("securityContext: {privileged: true}"), "deployments/beacon.yaml", "privileged"),
    # CT710 state-not-kept
    seed(
        "CT710",
        Create(
            "app-specs/agents/docker-compose.yaml",
            "services:\n  here:\n    image: helxplatform/cloudtop-agent:1.2.0\n    volumes:\n      - /srv/agent:/srv/state\n"
            "  there:\n    image: helxplatform/cloudtop-agent:1.2.0 # not kept\n",
        ),
        "app-specs/agents/docker-compose.yaml",
        "# not kept",
    ),
    seed(
        "CT710",
        (
            Create(
                "deployments/lab.compose.yaml",
                "services:\n  lab:\n    image: helxplatform/station-lab:2.1.0\n"
                "    environment:\n      USER_NAME: grace\n    volumes:\n      - state:/srv/state\nvolumes:\n  state:\n",
            ),
        ),
        COMPOSE,
        "station-lab",
    ),
    # CT711 tag-not-built
    seed(
        "CT711",
        (
            Replace("station-beacon/README.md", ":2.1.0 .", ":develop ."),
            Create(
                "deployments/beacon.compose.yaml",
                "services:\n  beacon:\n    image: helxplatform/station-beacon:devlop\n",
            ),
        ),
        "deployments/beacon.compose.yaml",
        "image:",
    ),
    seed(
        "CT711",
        (
            Replace("cloudtop-agent/README.md", ":1.2.0 .", ":stable ."),
            Create(
                "app-specs/agent/docker-compose.yaml",
                "services:\n  agent:\n    image: helxplatform/cloudtop-agent:sta_ble\n",
            ),
        ),
        "app-specs/agent/docker-compose.yaml",
        "image:",
    ),
    # CT712 consumers-differ
    seed(
        "CT712",
        Create(
            "deployments/beacons.compose.yaml",
            "services:\n"
            + "".join(f"  {n}:\n    image: helxplatform/station-beacon:2.1.0\n{_SEALED}" for n in ("one", "two"))
            + "  three:\n    image: helxplatform/station-beacon:2.1.0 # writable\n",
        ),
        "deployments/beacons.compose.yaml",
        "# writable",
    ),
    seed(
        "CT712",
        Create(
            "deployments/agents.compose.yaml",
            "services:\n"
            + "".join(f"  {n}:\n    image: helxplatform/station-beacon:2.1.0\n" for n in ("one", "two"))
            + "  three:\n    image: helxplatform/station-beacon:2.1.0\n    read_only: true # alone\n"
            + "    tmpfs: ['/run:exec']\n    environment: {S6_READ_ONLY_ROOT: 1}\n",
        ),
        "deployments/agents.compose.yaml",
        "# alone",
    ),
    # CT713 volume-hides-later-writes
    seed(
        "CT713",
        InsertLine(AGENT, "RUN mkdir -p /srv/state && date > /srv/state/built", "VOLUME"),
        AGENT,
        "RUN mkdir -p /srv/state",
    ),
    seed(
        "CT713",
        (
            Create("station-beacon/first.job", "now\n"),
            Replace(BEACON, "COPY root/ /\n", "COPY root/ /\nVOLUME /srv/jobs\nCOPY first.job /srv/jobs/\n"),
        ),
        BEACON,
        "COPY first.job",
    ),
    # CT714 uid-taken-in-base
    seed(
        "CT714",
        Replace(BEACON, "FROM debian:12.8-slim", "FROM ubuntu:24.04\nRUN useradd -u 1000 beacon"),
        BEACON,
        "useradd",
    ),
    seed(
        "CT714",
        Replace(
            JOB,
            "COPY root/ /",
            "RUN useradd -u 1200 job && useradd -u 1201 work\nRUN usermod -u 1200 work\nCOPY root/ /",
        ),
        JOB,
        "usermod",
    ),
    # CT715 s6-path-lost
    seed(
        "CT715",
        (
            Replace(JOB, "S6_OVERLAY_VERSION=3.2.1.0", "S6_OVERLAY_VERSION=3.0.0.2"),
            Replace("station-job/root/etc/services.d/heartbeat/run", "/usr/local/bin/heartbeat", "heartbeat"),
        ),
        "station-job/root/etc/services.d/heartbeat/run",
        " heartbeat",
    ),
    seed(
        "CT715",
        (
            Replace(JOB, "S6_OVERLAY_VERSION=3.2.1.0", "S6_OVERLAY_VERSION=3.0.0.2"),
            Create(
                "station-job/root/etc/cont-init.d/50-group",
                "#!/command/with-contenv sh\ngetent group jobs || groupadd jobs\n",
                0o755,
            ),
        ),
        "station-job/root/etc/cont-init.d/50-group",
        "groupadd",
    ),
)
