"""Every setting of a consumer, by each kind of file that can say it: its value and line, that nothing is said, that it is computed."""

from collections.abc import Callable, Mapping

import pytest

from ctlint.lineage.consumers.files import consumers, documented
from ctlint.lineage.consumers.model import Check, Consumer, ConsumerSetting, Mount, Port
from ctlint.lineage.repository.snapshot import Snapshot
from ctlint.lineage.text.errors import Unknown

Read = Callable[[Consumer], "tuple[object, str] | None"]
"""(value, `line`) of a setting; None where nothing is said."""


def setting(name: str) -> Read:
    def read(consumer: Consumer) -> tuple[object, str] | None:
        found: ConsumerSetting[object] | None = getattr(consumer, name)
        return None if found is None else (found.value, str(found.place.line))

    return read


def mount(target: str | None, *, kind: str = "", read_only: bool = False) -> Read:
    """What is mounted at a place; None for the place: the first whose place is computed."""

    def fits(one: Mount) -> bool:
        if target is None:
            return isinstance(one.target, Unknown) and one.kind in (kind, "unknown")
        return one.target == target

    def read(consumer: Consumer) -> tuple[object, str] | None:
        found = next((one for one in consumer.mounts if fits(one)), None)
        if found is None:
            return None
        if target is None:
            return found.target, str(found.place.line)
        return (found.kind, found.read_only) == (kind, read_only), str(found.place.line)

    return read


def check(consumer: Consumer) -> tuple[object, str] | None:
    found: Check | None = next((one for one in consumer.checks if one.words != ()), None)
    return None if found is None else (found.words, str(found.place.line))


def port(consumer: Consumer) -> tuple[object, str] | None:
    found: Port | None = next(iter(consumer.ports), None)
    return None if found is None else (found.container, str(found.place.line))


def variable(consumer: Consumer) -> tuple[object, str] | None:
    found = consumer.environment.get("A")
    return None if found is None else (found.value, str(found.place.line))


def capability(name: str) -> Read:
    def read(consumer: Consumer) -> tuple[object, str] | None:
        found: tuple[ConsumerSetting[str], ...] = getattr(consumer, name)
        return None if not found else (found[0].value, str(found[0].place.line))

    return read


def network(consumer: Consumer) -> tuple[object, str] | None:
    return (consumer.network, "") if consumer.network not in ("", "pod") else None


READ: Mapping[str, Read] = {
    "user": setting("user"),
    "entrypoint": setting("entrypoint"),
    "command": setting("command"),
    "environment": variable,
    "bind": mount("/data", kind="bind", read_only=True),
    "tmpfs": mount("/run", kind="tmpfs"),
    "volume": mount("/srv", kind="volume"),
    "port": port,
    "read-only": setting("read_only"),
    "pid": setting("pid"),
    "init": setting("init"),
    "cap add": capability("cap_add"),
    "cap drop": capability("cap_drop"),
    "privileged": setting("privileged"),
    "no new privileges": setting("no_new_privileges"),
    "seccomp": setting("seccomp"),
    "workdir": setting("workdir"),
    "check": check,
    "network": network,
}
COMPUTED: Mapping[str, Read] = {**READ, "tmpfs": mount(None, kind="tmpfs"), "bind": mount(None, kind="bind")}

COMPOSE = """services:
  a:
    image: acme/a:1
    user: "1000:1000"
    entrypoint: [/start]
    command: [serve]
    environment: {A: b}
    volumes: ["./data:/data:ro", "state:/srv"]
    tmpfs: ["/run:exec"]
    ports: ["8080:80"]
    read_only: true
    pid: host
    init: true
    cap_add: [SYS_NICE]
    cap_drop: [ALL]
    privileged: true
    security_opt: ["no-new-privileges:true", "seccomp:./calls.json"]
    working_dir: /srv
    healthcheck: {test: [CMD, probe, -q]}
    network_mode: host
volumes: {state: }
"""
COMPOSE_COMPUTED = """services:
  a:
    image: acme/a:1
    user: ${UID}
    entrypoint: ["${START}"]
    command: ["${SERVE}"]
    environment: {A: "${A}"}
    volumes: ["./data:${DATA}:ro"]
    tmpfs: ["${RUN}"]
    ports: ["${PORT}:${PORT}"]
    read_only: ${RO}
    pid: ${PID}
    init: ${INIT}
    cap_add: ["${ADD}"]
    cap_drop: ["${DROP}"]
    privileged: ${ALL}
    security_opt: ["${OPTION}"]
    working_dir: ${WORK}
    healthcheck: {test: [CMD, "${PROBE}"]}
    network_mode: ${NET}
"""
POD = """apiVersion: v1
kind: Pod
metadata: {name: a}
spec:
  hostPID: true
  hostNetwork: true
  containers:
  - name: a
    image: acme/a:1
    command: [/start]
    args: [serve]
    env: [{name: A, value: b}]
    workingDir: /srv
    ports: [{containerPort: 80}]
    livenessProbe: {exec: {command: [probe, -q]}}
    volumeMounts:
    - {name: data, mountPath: /data, readOnly: true}
    - {name: state, mountPath: /srv}
    securityContext:
      runAsUser: 1000
      readOnlyRootFilesystem: true
      privileged: true
      allowPrivilegeEscalation: false
      seccompProfile: {type: RuntimeDefault}
      capabilities:
        add: [SYS_NICE]
        drop: [ALL]
  volumes:
  - {name: data, hostPath: {path: /x}}
  - {name: state, emptyDir: {}}
"""
POD_COMPUTED = """apiVersion: v1
kind: Pod
metadata: {name: a}
spec:
  hostPID: ${PID}
  containers:
  - name: a
    image: acme/a:1
    command: ["${START}"]
    args: ["${SERVE}"]
    env: [{name: A, value: "${A}"}]
    workingDir: ${WORK}
    ports: [{containerPort: "${PORT}"}]
    livenessProbe: {exec: {command: ["${PROBE}"]}}
    volumeMounts:
    - {name: data, mountPath: "${DATA}"}
    securityContext:
      runAsUser: ${UID}
      readOnlyRootFilesystem: ${RO}
      privileged: ${ALL}
      allowPrivilegeEscalation: ${GAIN}
      seccompProfile: {type: "${CALLS}"}
      capabilities:
        add: ["${ADD}"]
        drop: ["${DROP}"]
"""
RUN = """#!/bin/sh
docker run -d --name a \\
  --user 1000:1000 \\
  --entrypoint /start \\
  -e A=b \\
  -v /x:/data:ro \\
  -v state:/srv \\
  --tmpfs /run:exec \\
  -p 8080:80 \\
  --read-only \\
  --pid host \\
  --init \\
  --cap-add SYS_NICE \\
  --cap-drop ALL \\
  --privileged \\
  --security-opt no-new-privileges \\
  --security-opt seccomp=calls.json \\
  --workdir /work \\
  --health-cmd "probe -q" \\
  --network host \\
  acme/a:1 serve
"""
RUN_COMPUTED = """#!/bin/sh
docker run -d --name a \\
  --user $UID \\
  --entrypoint "$START" \\
  -e A=$A \\
  -v /x:$DATA \\
  --tmpfs $RUN \\
  --pid $PID \\
  --cap-add $ADD \\
  --cap-drop $DROP \\
  --security-opt $OPTION \\
  --workdir $WORK \\
  --health-cmd "$PROBE" \\
  --network $NET \\
  acme/a:1 $SERVE
"""
QUADLET = """[Container]
Image=acme/a:1
ContainerName=a
User=1000
Group=1000
Entrypoint=/start
Exec=serve
Environment=A=b
Volume=%h/x:/data:ro
Volume=state.volume:/srv
Tmpfs=/run
PublishPort=8080:80
ReadOnly=true
RunInit=true
AddCapability=SYS_NICE
DropCapability=ALL
NoNewPrivileges=true
SeccompProfile=/etc/calls.json
WorkingDir=/work
HealthCmd=probe -q
Network=host
PodmanArgs=--pid host --privileged
"""
QUADLET_COMPUTED = """[Container]
Image=acme/a:1
ContainerName=a
User=%U
Volume=%h/x:%h
Tmpfs=%t
Environment=A=%i
WorkingDir=%h
HealthCmd=probe %i
Network=%i
"""
EDITOR = """{
  "name": "a",
  "image": "acme/a:1",
  "containerUser": "1000:1000",
  "containerEnv": {"A": "b"},
  "mounts": [
    "source=/x,target=/data,type=bind",
    {"type": "volume", "source": "state", "target": "/srv"},
    "target=/run,type=tmpfs"
  ],
  "appPort": ["8080:80"],
  "init": true,
  "capAdd": ["SYS_NICE"],
  "privileged": true,
  "securityOpt": ["no-new-privileges", "seccomp=calls.json"],
  "runArgs": [
    "--cap-drop=ALL",
    "--read-only",
    "--pid=host",
    "--workdir=/work",
    "--health-cmd=probe -q",
    "--network=host"
  ]
}
"""
ADD_ON = """name: A
slug: a
version: "1"
arch: [amd64]
image: acme/a
environment: {A: b}
ports: {80/tcp: 8080}
init: false
privileged: [SYS_NICE]
full_access: true
host_pid: true
host_network: true
tmpfs: true
map: ["share:ro"]
watchdog: http://[HOST]:[PORT:80]/health
"""
REGISTRY = """api: Tycho
repositories: {here: {url: specs}}
contexts:
  common:
    apps:
      a:
        name: A
        services: {a: 80}
        securityContext: {runAsUser: 1000, runAsGroup: 1000}
        env: {A: b}
"""
CHART = {
    "Chart.yaml": "name: a\nversion: 1.0.0\n",
    "values.yaml": "image: acme/a:1\nuser: 1000\nro: true\nprobe: [probe, -q]\n",
    "templates/pod.yaml": """apiVersion: v1
kind: Pod
metadata: {name: a}
spec:
  containers:
  - name: a
    image: {{ .Values.image }}
    workingDir: {{ .Values.work | default "/srv" }}
    securityContext:
      runAsUser: {{ .Values.user }}
      readOnlyRootFilesystem: {{ .Values.ro }}
      privileged: {{ .Release.IsInstall }}
    livenessProbe:
      exec:
        command: {{ toYaml .Values.probe | nindent 10 }}
""",
}

KINDS: Mapping[str, tuple[dict[str, str], Mapping[str, tuple[object, str]]]] = {
    "compose": (
        {"compose.yaml": COMPOSE},
        {
            "user": ("1000:1000", "4"),
            "entrypoint": (("/start",), "5"),
            "command": (("serve",), "6"),
            "environment": ("b", "7"),
            "bind": (True, "8"),
            "volume": (True, "8"),
            "tmpfs": (True, "9"),
            "port": (80, "10"),
            "read-only": (True, "11"),
            "pid": ("host", "12"),
            "init": (True, "13"),
            "cap add": ("SYS_NICE", "14"),
            "cap drop": ("ALL", "15"),
            "privileged": (True, "16"),
            "no new privileges": (True, "17"),
            "seccomp": ("./calls.json", "17"),
            "workdir": ("/srv", "18"),
            "check": (("probe", "-q"), "19"),
            "network": ("host", ""),
        },
    ),
    "Kubernetes": (
        {"pod.yaml": POD},
        {
            "pid": ("host", "5"),
            "network": ("host", ""),
            "entrypoint": (("/start",), "10"),
            "command": (("serve",), "11"),
            "environment": ("b", "12"),
            "workdir": ("/srv", "13"),
            "port": (80, "14"),
            "check": (("probe", "-q"), "15"),
            "bind": (True, "17"),
            "volume": (True, "18"),
            "user": ("1000", "20"),
            "read-only": (True, "21"),
            "privileged": (True, "22"),
            "no new privileges": (True, "23"),
            "seccomp": ("RuntimeDefault", "24"),
            "cap add": ("SYS_NICE", "26"),
            "cap drop": ("ALL", "27"),
        },
    ),
    "docker run": (
        {"run.sh": RUN},
        {
            "user": ("1000:1000", "3"),
            "entrypoint": (("/start",), "4"),
            "environment": ("b", "5"),
            "bind": (True, "6"),
            "volume": (True, "7"),
            "tmpfs": (True, "8"),
            "port": (80, "9"),
            "read-only": (True, "10"),
            "pid": ("host", "11"),
            "init": (True, "12"),
            "cap add": ("SYS_NICE", "13"),
            "cap drop": ("ALL", "14"),
            "privileged": (True, "15"),
            "no new privileges": (True, "16"),
            "seccomp": ("calls.json", "17"),
            "workdir": ("/work", "18"),
            "check": (("probe -q",), "19"),
            "network": ("host", ""),
            "command": (("serve",), "21"),
        },
    ),
    "Quadlet": (
        {"a.container": QUADLET},
        {
            "user": ("1000:1000", "4"),
            "entrypoint": (("/start",), "6"),
            "command": (("serve",), "7"),
            "environment": ("b", "8"),
            "bind": (True, "9"),
            "volume": (True, "10"),
            "tmpfs": (True, "11"),
            "port": (80, "12"),
            "read-only": (True, "13"),
            "init": (True, "14"),
            "cap add": ("SYS_NICE", "15"),
            "cap drop": ("ALL", "16"),
            "no new privileges": (True, "17"),
            "seccomp": ("/etc/calls.json", "18"),
            "workdir": ("/work", "19"),
            "check": (("probe -q",), "20"),
            "network": ("host", ""),
            "pid": ("host", "22"),
            "privileged": (True, "22"),
        },
    ),
    "devcontainer": (
        {".devcontainer/devcontainer.json": EDITOR},
        {
            "user": ("1000:1000", "4"),
            "environment": ("b", "5"),
            "volume": (True, "8"),
            "tmpfs": (True, "9"),
            "port": (80, "11"),
            "init": (True, "12"),
            "cap add": ("SYS_NICE", "13"),
            "privileged": (True, "14"),
            "no new privileges": (True, "15"),
            "seccomp": ("calls.json", "15"),
            "cap drop": ("ALL", "17"),
            "read-only": (True, "18"),
            "pid": ("host", "19"),
            "workdir": ("/work", "20"),
            "check": (("probe -q",), "21"),
            "network": ("host", ""),
        },
    ),
    "Home Assistant add-on": (
        {"a/config.yaml": ADD_ON},
        {
            "environment": ("b", "6"),
            "port": (80, "7"),
            "init": (False, "8"),
            "cap add": ("SYS_NICE", "9"),
            "privileged": (True, "10"),
            "pid": ("host", "11"),
            "network": ("host", ""),
        },
    ),
    "Tycho": (
        {"app-registry.yaml": REGISTRY, "specs/a/docker-compose.yaml": COMPOSE},
        {
            "user": ("1000:1000", "9"),
            "environment": ("b", "10"),
            "entrypoint": (("/start",), "5"),
            "bind": (True, "8"),
            "port": (80, "10"),
            "seccomp": ("./calls.json", "17"),
            "workdir": ("/srv", "18"),
            "check": (("probe", "-q"), "19"),
        },
    ),
    "Helm": (
        CHART,
        {
            "user": ("1000", "10"),
            "read-only": (True, "11"),
            "workdir": ("/srv", "8"),
            "check": (("probe", "-q"), "4"),
        },
    ),
    "kustomize": (
        {
            "pod.yaml": POD,
            "over/kustomization.yaml": "resources: [../pod.yaml]\nimages: [{name: acme/a, newTag: '2'}]\n",
        },
        {"user": ("1000", "20"), "workdir": ("/srv", "13"), "check": (("probe", "-q"), "15")},
    ),
    "documentation": (
        {"README.md": f"```\n{RUN}```\n"},
        {"user": ("1000:1000", "4"), "workdir": ("/work", "19"), "check": (("probe -q",), "20"), "tmpfs": (True, "9")},
    ),
}
UNSAID: Mapping[str, dict[str, str]] = {
    "compose": {"compose.yaml": "services:\n  a:\n    image: acme/a:1\n"},
    "Kubernetes": {
        "pod.yaml": "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers:\n  - {name: a, image: acme/a:1}\n"
    },
    "docker run": {"run.sh": "#!/bin/sh\ndocker run -d acme/a:1\n"},
    "Quadlet": {"a.container": "[Container]\nImage=acme/a:1\n"},
}
UNKNOWN: Mapping[str, tuple[dict[str, str], frozenset[str]]] = {
    "compose": ({"compose.yaml": COMPOSE_COMPUTED}, frozenset({"volume"})),
    "Kubernetes": ({"pod.yaml": POD_COMPUTED}, frozenset({"tmpfs", "volume", "init", "network"})),
    "docker run": (
        {"run.sh": RUN_COMPUTED},
        frozenset({"volume", "port", "read-only", "init", "privileged"}),
    ),
    "Quadlet": (
        {"a.container": QUADLET_COMPUTED},
        frozenset(
            "entrypoint,command,volume,port,read-only,pid,init,cap add,cap drop,privileged,no new privileges,seccomp".split(
                ","
            )
        ),
    ),
}


def of_kind(files: dict[str, str], kind: str) -> Consumer:
    snapshot = Snapshot.from_mapping("repo", files, label="")
    return next(one for one in (*reversed(consumers(snapshot)), *documented(snapshot)) if one.kind == kind)


@pytest.mark.parametrize("kind", KINDS)
def test_a_setting_has_its_value_and_the_line_that_says_it(kind: str) -> None:
    files, expected = KINDS[kind]
    consumer = of_kind(files, kind)
    assert {name: READ[name](consumer) for name in expected} == dict(expected)


@pytest.mark.parametrize("kind", UNSAID)
def test_what_no_file_says_is_nothing(kind: str) -> None:
    consumer = of_kind(UNSAID[kind], kind)
    assert {name: said for name, read in READ.items() if (said := read(consumer)) is not None} == {}


@pytest.mark.parametrize("kind", UNKNOWN)
def test_what_a_variable_computes_cannot_be_known(kind: str) -> None:
    files, unsaid = UNKNOWN[kind]
    consumer = of_kind(files, kind)
    said = {name: read(consumer) for name, read in COMPUTED.items() if name not in unsaid}
    known = {name: value for name, value in said.items() if value is None or not _is_open(value[0])}
    assert known == {}


def _is_open(value: object) -> bool:
    """Whether a value says that it cannot be known; a port of which nothing is known has no number."""
    return isinstance(value, Unknown) or value is None or value == "?"


def test_the_watchdog_of_an_add_on_asks_a_port() -> None:
    consumer = of_kind({"a/config.yaml": ADD_ON}, "Home Assistant add-on")
    assert [(one.port, one.place.line) for one in consumer.checks] == [(80, 15)]


def test_a_health_check_of_none_is_no_check() -> None:
    for text in ("healthcheck: {test: [NONE]}", "healthcheck: {disable: true}"):
        consumer = of_kind({"compose.yaml": f"services:\n  a:\n    image: acme/a:1\n    {text}\n"}, "compose")
        assert consumer.checks_disabled
        assert consumer.checks == ()


POD_MOUNT = """apiVersion: v1
kind: Pod
metadata: {name: a}
spec:
  containers:
  - name: a
    image: acme/a:1
    volumeMounts: [{name: d, mountPath: /d%s}]
  volumes: [{name: d, emptyDir: {}}]
"""
COMPOSE_MOUNT = "services:\n  a:\n    image: acme/a:1\n    volumes: [{type: volume, source: d, target: /d%s}]\n"
RUN_MOUNT = "#!/bin/sh\ndocker run --mount type=volume,source=d,target=/d%s acme/a:1\n"
MOUNTS: Mapping[str, tuple[str, str, str, str]] = {
    "compose": ("compose.yaml", COMPOSE_MOUNT, ", read_only: %s", "'${RO}'"),
    "Kubernetes": ("pod.yaml", POD_MOUNT, ", readOnly: %s", "'${RO}'"),
    "docker run": ("run.sh", RUN_MOUNT, ",readonly=%s", "$RO"),
}


@pytest.mark.parametrize("kind", MOUNTS)
def test_whether_a_mount_can_be_written_has_three_answers(kind: str) -> None:
    path, text, key, computed = MOUNTS[kind]

    def said(value: str | None) -> object:
        consumer = of_kind({path: text % (key % value if value is not None else "")}, kind)
        return next(one.read_only for one in consumer.mounts if one.target == "/d")

    assert [said(None), said("false"), said("true")] == [False, False, True]
    assert isinstance(said(computed), Unknown)
