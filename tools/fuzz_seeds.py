"""What the fuzzer begins with: the fixtures that a reader takes, and small documents with what the fixtures lack."""

import io
import tarfile
from collections.abc import Mapping
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any

FIXTURES = Path(__file__).parent.parent / "fixtures"


@cache
def _fixtures() -> tuple[Path, ...]:
    return tuple(path for path in FIXTURES.rglob("*") if path.is_file())


def seeds(*patterns: str) -> list[bytes]:
    """The contents of the fixtures that the patterns name, without those of one content twice."""
    found = {path.read_bytes() for path in _fixtures() if any(fnmatchcase(path.name, pattern) for pattern in patterns)}
    chosen = sorted(data for data in found if len(data) < 1 << 15)
    if not chosen:
        raise LookupError(f"no fixture is called like {', '.join(patterns)}")
    return chosen


_HEAD = b"\x1eNEXT "


def packed(files: Mapping[str, bytes]) -> bytes:
    """A small repository as one input: each file behind a line with its path."""
    return b"".join(_HEAD + path.encode() + b"\n" + data for path, data in files.items())


def unpacked(data: bytes) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    for part in data.split(_HEAD)[1:]:
        name, _, content = part.partition(b"\n")
        path = "/".join(x for x in name.decode("utf-8", "surrogateescape").split("/") if x not in ("", ".", ".."))
        files[path or "Dockerfile"] = content
    return {
        path: content for path, content in files.items() if not any(other.startswith(f"{path}/") for other in files)
    }


def repositories() -> list[bytes]:
    found: list[bytes] = []
    for folder in sorted(FIXTURES.glob("ct*/*")):
        paths = [path for path in sorted(folder.rglob("*")) if path.is_file() and not path.is_symlink()]
        files = {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}
        if sum(map(len, files.values())) < 6000:
            found.append(packed(files))
    return found


def charts() -> list[bytes]:
    """Small charts: what templates do with values, helpers, ranges, defaults, text put in and indented."""
    values = b"image: {repository: a/b, tag: c}\nenv: [{name: A, value: b}, {name: C}]\nports: {http: 80}\nuser:\n"
    helpers = b'{{- define "x.name" -}}{{ .Chart.Name | trunc 63 | trimSuffix "-" }}{{- end }}\n{{ define "y" }}a: b{{ end }}\n'
    template = (
        b'kind: Deployment\nspec:\n  template:\n    spec:\n      containers:\n      - name: {{ include "x.name" . }}\n'
        b'        image: "{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}"\n'
        b"        env:\n{{- range $i, $e := .Values.env }}\n        - name: {{ $e.name | quote }}\n"
        b"          value: {{ $e.value }}\n{{- end }}\n"
        b"{{- with .Values.user }}\n        securityContext:\n          {{- toYaml . | nindent 10 }}\n"
        b"{{- else if eq 1 1 }}\n{{- end }}\n"
        b'        x: {{ printf "%s-%d" .Release.Name 3 | upper | repeat 2 | replace "A" "B" }}\n'
        b'        y: {{ tpl "{{ .Values.image.tag }}" . }}\n'
    )
    files = {"values.yaml": values, "templates/_h.tpl": helpers, "templates/d.yaml": template}
    return [
        packed(files),
        *(packed({"values.yaml": values, "templates/d.yaml": x}) for x in seeds("*.tpl", "*.y*ml")[:40]),
    ]


def archives() -> list[bytes]:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT, pax_headers={"comment": "a" * 40}) as tar:
        for name, kind in (
            ("t/Dockerfile", tarfile.REGTYPE),
            ("t/d", tarfile.DIRTYPE),
            ("t/" + "x" * 120, tarfile.SYMTYPE),
        ):
            entry = tarfile.TarInfo(name)
            entry.type, entry.linkname, entry.size = (
                kind,
                "y" if kind == tarfile.SYMTYPE else "",
                6 * (kind == tarfile.REGTYPE),
            )
            tar.addfile(entry, io.BytesIO(b"FROM x"))
    return [out.getvalue()]


def indexes() -> list[bytes]:
    entry = bytes(40) + bytes(20) + b"\0\4a/bc" + bytes(10)
    return [
        b"DIRC" + (version).to_bytes(4, "big") + b"\0\0\0\1" + entry + b"TREE\0\0\0\0" + bytes(20)
        for version in (2, 3, 4)
    ]


RECORD = {
    **dict.fromkeys(("ref", "commit", "branch", "pushed", "served", "tag", "facts_tag", "left_out"), None),
    "name": "a/b",
    "fetched": 1.0,
    "patterns": [["", "x"]],
    "problems": [],
    "notes": [],
    "files": [
        ["Dockerfile", "file", 0, 6, "d" * 40, "whole", ""],
        ["a/b", "link", 0, 0, "", "", "../Dockerfile"],
        ["a/.gitignore", "file", 1, 9000, "e" * 40, "head", ""],
        ["sub", "submodule", 0, 0, "", "", ""],
    ],
}
OWNER_RECORD: dict[str, Any] = {
    "kind": "orgs",
    "fetched": 1,
    "pages": [
        {
            "tag": 'W/"x"',
            "more": True,
            "repositories": [["a/b", "main", "2024-01-01T00:00:00Z", False, True, False, 9]],
        },
        {"tag": None, "more": False, "repositories": []},
    ],
}


_DIGEST = "sha256:" + "a" * 64


MANIFEST = {
    "schemaVersion": 2,
    "mediaType": "application/vnd.oci.image.manifest.v1+json",
    "config": {"digest": _DIGEST, "mediaType": "application/vnd.oci.image.config.v1+json", "size": 2},
    "layers": [{"digest": _DIGEST, "mediaType": "application/vnd.oci.image.layer.v1.tar+gzip", "size": 2}],
    "manifests": [{"digest": _DIGEST, "platform": {"os": "linux", "architecture": "amd64"}}],
}


CONFIGURATION = {
    "architecture": "amd64",
    "os": "linux",
    "created": "2024-01-01T00:00:00Z",
    "config": {
        "Env": ["A=b"],
        "Entrypoint": ["/init"],
        "User": "1",
        "Healthcheck": {"Test": ["CMD", "x"], "Interval": 1},
    },
    "rootfs": {"type": "layers", "diff_ids": [_DIGEST]},
    "history": [{"created_by": "/bin/sh -c #(nop) CMD", "empty_layer": True}, {"created_by": "RUN x", "created": "y"}],
}


LOCK = {
    "schema": 1,
    "parents": [{"name": "a/b", "tag": "c", "digest": _DIGEST, "platform": "linux/amd64", "date": "2024-01-01",
                 "address": "registry:a/b:c", "checksum": _DIGEST}],
}  # fmt: skip


FACTS = {
    "schema": 1,
    "platform": "linux/amd64",
    "address": "oci:x",
    "digest": _DIGEST,
    "config": {"Env": ["A=b"]},
    "created": "2024-01-01T00:00:00Z",
    "history": [{"by": "RUN x", "layer": 0}],
    "folders": {"/": {"f 644 0:0 0": "a/b", "d 755 0:0 0": "etc", "l 777 0:0 0": {"x": "a"}}},
    "texts": {"/a": "x"},
}


JENKINSFILE = b"""pipeline {
  environment {
    REGISTRY = 'registry.acme.test'
    NAME = "${REGISTRY}/app"
    BASE = env.UPSTREAM
  }
  stages {
    stage('Build') {
      steps {
        script {
          env.TAG = "1.2"
          image = docker.build("${NAME}:${env.TAG}", "--build-arg A=b -f images/Dockerfile images")
          docker.build 'acme/plain'
        }
        sh "docker build -t ${NAME}:\\$TAG ."
        sh '''
          cd images
          docker buildx build --target x \\
            -t $NAME:latest .
          docker tag $NAME:latest acme/later:1 && docker push acme/later:1
        '''
        sh(script: "/kaniko/executor --context dir://images --destination ${NAME}:2", returnStdout: true)
      }
    }
  }
}
"""
PIPELINE = b"""variables:
  NAME: $CI_REGISTRY_IMAGE/app
  TAG: ${CI_COMMIT_TAG:-1.2}
.build: &build
  stage: build
  before_script: &before
  - cd images && export A=b
  script:
  - docker build --build-arg A=$A -f images/Dockerfile -t "$NAME:$TAG" images
  - |
    docker buildx build --target x --tag $NAME:latest \\
      --build-context base=docker-image://a/b:c .
app:
  extends: .build
  variables: {TAG: "2"}
  <<: *build
  after_script: [*before, buildah bud -t x ., "/kaniko/executor --context $CI_PROJECT_DIR --destination $NAME"]
"""


WORKFLOW = b"""on: push
env:
  REGISTRY: ghcr.io
  NAME: ${{ github.repository }}
jobs:
  a:
    strategy:
      matrix:
        image: [a, b]
        include: [{image: a, tag: x}, {image: c}]
        exclude: [{image: b}]
    env: {TAG: "${{ matrix.tag || 'y' }}"}
    steps:
    - id: meta
      uses: docker/metadata-action@v5
      with: {images: "${{ env.REGISTRY }}/${{ env.NAME }}", tags: "type=raw,value=${{ matrix.image }}"}
    - uses: docker/build-push-action@v6
      with:
        context: ${{ matrix.image }}
        file: ${{ format('{0}/Dockerfile', matrix.image) }}
        tags: ${{ steps.meta.outputs.tags }}
        build-args: |
          A=${{ env.TAG }}
          B=c
        build-contexts: base=docker-image://a/b
    - run: |
        docker build -t $REGISTRY/x:${TAG} --build-arg A=1 .
      working-directory: ./x
    - {uses: redhat-actions/buildah-build@v2, with: {image: x, tags: y z, containerfiles: ./Dockerfile}}
runs:
  using: composite
  steps: [{run: docker build ., shell: bash}]
"""


COMPOSE = b"""x-a: &a {build: {context: ., args: [A=b, C]}}
services:
  a:
    <<: *a
    image: ${NAME:-acme}/a:${TAG?no}
  b:
    build:
      context: ./b
      dockerfile: ../Dockerfile
      target: x
      args: {A: $A, B:, C: 1}
      tags: [a/b:c, "a/$$b"]
      additional_contexts: {base: docker-image://a/b, c: service:a}
    depends_on: [a]
  c: {build: ., extends: {service: a}}
---
services: {a: {read_only: true}}
"""


HOOKS = b"""repos:
  - repo: https://example.org/a
    rev: v1
    hooks: [{id: a}, {id: b, args: [--x]}]
  - repo: local
    hooks:
      - id: ctlint
        name: ctlint
  # the last
  - repo: https://example.org/b
    hooks:
      - id: c
"""

SYSTEM = "FROM debian:12.8-slim\nRUN apt-get update && apt-get install -y nginx supervisor dnsmasq cron\n"
NGINX = SYSTEM + 'COPY x /etc/nginx/nginx.conf\nCMD ["nginx"]\n'
SUPERVISORD = SYSTEM + 'COPY x /etc/supervisor/supervisord.conf\nCMD ["supervisord"]\n'
DNSMASQ = SYSTEM + 'COPY x /etc/dnsmasq.conf\nCMD ["dnsmasq"]\n'
CRON = SYSTEM + 'COPY x /etc/cron.d/x\nCOPY x /var/spool/cron/crontabs/root\nCOPY bin/ /usr/bin/\nCMD ["cron", "-f"]\n'
ENTRY = (
    SYSTEM
    + 'COPY bin/ /usr/local/bin/\nCOPY x /x.sh\nUSER www-data\nENTRYPOINT ["/bin/bash", "/x.sh"]\nCMD ["nginx"]\n'
)
CONFIGURATIONS = [
    b"user x;\ndaemon off;\ninclude /etc/nginx/conf.d/*.conf;\ninclude /etc/nginx/nginx.conf;\nevents { a 1; }\n# c\n",
    b"[supervisord]\nnodaemon=true\n[program:x]\ncommand=/bin/x %(ENV_A)s\n[include]\nfiles = /etc/supervisor/conf.d/*.conf\n",
    b"keep-in-foreground\nconf-file=/etc/dnsmasq.conf\nconf-dir=/etc/dnsmasq.d,*.conf\n",
]
TABLES = [
    b"SHELL=/bin/sh\n*/5 * * * * root cd /x && y >/dev/null 2>&1\n@daily www-data /bin/x\n# 1 2 3\n0 0 * * 1-5 php x",
    b"* * * * * root crontab /etc/cron.d/x; cp /etc/cron.d/x /y\n@reboot run-parts /etc/cron.hourly\n",
]
PREPARATIONS = [
    b"on: push\njobs:\n a:\n  steps:\n  - uses: actions/checkout@v4\n    with: {path: a, repository: x/y}\n"
    b"  - run: |\n      chmod +x a/*\n      find . -name '*.sh' -exec chmod 755 {} +\n      docker build .\n",
    b'x:\n\tsed -i "s/\\r$$//" a/b && dos2unix run\n\tcp -rt a ../*.conf\n\ttar -C a -xf x.tgz\n'
    b"\tcurl -LO https://x/$(F) | tar xz\n\tgit clone --depth 1 $(U) a\n\tdocker build .\n",
]
ADD_ON = b"""name: x
slug: x
version: 1.0
arch: [amd64]
image: a/{arch}-x
init: false
ports: {80/tcp: 8080}
map: [config:rw, {type: share, path: /x}]
environment: {A: b}
options: {a: b, c: [d]}
schema: {a: "str?", c: ["match(^x$)"]}
"""
HELM_VALUES = b"""controllers:
  main:
    type: cronjob
    pod: {securityContext: {runAsUser: 1000, runAsGroup: 1000, runAsNonRoot: true}}
    initContainers: {first: {image: {repository: a/b, tag: c@sha256:d}}}
    containers:
      app:
        image: {repository: a/b, tag: 1.2, pullPolicy: Always}
        env: {A: b, C: {valueFrom: {secretKeyRef: {name: x, key: y}}}, D: "{{ .Release.Name }}"}
        args: [--x]
        probes: {liveness: {enabled: true, custom: true, spec: {exec: {command: [curl, x]}}}}
        securityContext: {readOnlyRootFilesystem: true, capabilities: {drop: [ALL]}}
      side: {image: {repository: a/e, tag: f}, env: [{name: A, value: b}, {name: C}]}
defaultPodOptions: {securityContext: {runAsUser: 1}, shareProcessNamespace: true}
persistence:
  config: {existingClaim: x, advancedMounts: {main: {app: [{path: /config, readOnly: true, subPath: y}]}}}
  tmp: {type: emptyDir, globalMounts: [{path: /tmp}]}
  off: {enabled: false}
  file: {type: configMap, name: z, globalMounts: [{path: /etc/x, subPath: x}]}
"""
KUSTOMIZATION = b"""apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources: [values.yaml, pod.yaml, ../x]
images:
- {name: a/b, newName: registry.acme.test/b, newTag: "2"}
- {name: acme/pod, digest: "sha256:e"}
- {name: c}
patches:
- {path: p.yaml, target: {kind: Pod, name: x}}
- patch: |
    - {op: replace, path: /spec/containers/0/image, value: x}
patchesStrategicMerge: [p.yaml]
components: [y]
"""
POD = b"""apiVersion: v1
kind: Pod
metadata: {name: x}
spec: {containers: [{name: a, image: acme/pod, command: [/init]}]}
"""
QUADLET = b"""[Unit]
Description=x
[Container]
Image=a.build
ContainerName=%p-x
Environment=A=b "C=d e" F
EnvironmentFile=%h/x.env
Volume=x.volume:/srv:ro,Z
Volume=./y:/config
Mount=type=tmpfs,destination=/run,tmpfs-mode=1777
Tmpfs=/tmp:rw,exec
PublishPort=127.0.0.1:8080:80/tcp
User=1000
Group=1000
UserNS=keep-id:uid=1000
ReadOnly=true
RunInit=yes
Entrypoint=/init
Exec=sh -c "x \\
  y"
AddCapability=CAP_CHOWN
DropCapability=all
NoNewPrivileges=true
HealthCmd=curl -f http://localhost/
PodmanArgs=--pid host --init=false
Pod=x.pod
[Install]
WantedBy=default.target
"""
FILTERED = b"services: {a: {image: x, security_opt: ['seccomp:./p.json']}}\n"
CALL_FILTER = b"""{"defaultAction": "SCMP_ACT_ERRNO", "architectures": ["SCMP_ARCH_X86_64"], "syscalls": [
 {"names": ["read", "ptrace"], "action": "SCMP_ACT_ALLOW", "args": [], "includes": {"caps": ["CAP_SYS_PTRACE"]}},
 {"name": "clone", "action": "SCMP_ACT_ERRNO", "errnoRet": 1}]}
"""
REGISTRY = b"""api: Tycho
repositories: {a: {url: https://github.com/x/fuzz/raw/main/x}, b: {url: a}}
contexts:
  one:
    apps:
      x: &x {name: X, services: {a: 8080}, env: {A: b}, securityContext: {runAsUser: 1, runAsGroup: 2}}
      y: {spec: "${a}/a/y.yml", services: {b: "1"}}
      z: {spec: $b/y.yml}
  two: {apps: {x: *x}, extends: [one]}
"""
BASELINE = {"schema": 1, "findings": [{"path": "a", "rule": "CT101", "fingerprint": "x", "message": "y"}]}
TREE = {
    "truncated": False,
    "tree": [
        {"path": "a/b", "mode": "100755", "type": "blob", "size": 1, "sha": "a" * 40},
        {"path": "c", "mode": "040000", "type": "tree", "sha": "b" * 40},
        {"path": "d", "mode": "160000", "type": "commit", "sha": "c" * 40},
    ],
}
