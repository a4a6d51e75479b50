"""What the readers of consumers make of files: the values, where they stand, and what is left unknown."""

import pytest

from ctlint.lineage.consumers.files import consumers, documented
from ctlint.lineage.consumers.model import Consumer
from ctlint.lineage.repository.snapshot import Snapshot
from ctlint.lineage.text.errors import Unknown


def read(files: dict[str, str]) -> dict[str, Consumer]:
    return {consumer.title: consumer for consumer in consumers(Snapshot.from_mapping("repo", files, label=""))}


def one(files: dict[str, str]) -> Consumer:
    found = consumers(Snapshot.from_mapping("repo", files, label=""))
    assert len(found) == 1
    return found[0]


# Compose


def test_an_override_file_is_laid_over_the_file_it_belongs_to() -> None:
    files = {
        "compose.yaml": "services:\n  a:\n    image: acme/a:1\n    user: '0'\n    environment: {X: 1, Y: 2}\n    ports: ['80:80']\n",
        "compose.override.yaml": "services:\n  a:\n    user: '1000'\n    environment: {Y: 3}\n    read_only: true\n",
    }
    found = one(files)
    assert found.user is not None
    assert (found.user.known, str(found.user.place)) == ("1000", "compose.override.yaml:3")
    assert {name: s.known for name, s in found.environment.items()} == {"X": "1", "Y": "3"}
    assert [port.host for port in found.ports] == [80]
    assert found.read_only is not None
    assert str(found.place) == "compose.yaml:3"


def test_extends_takes_from_the_other_file_and_keeps_where_each_value_stands() -> None:
    files = {
        "compose.yaml": "services:\n  a:\n    extends: {file: common/base.yaml, service: base}\n    image: acme/a:1\n",
        "common/base.yaml": "services:\n  base:\n    image: acme/base:1\n    init: true\n    volumes: ['./x:/data']\n",
    }
    found = read(files)["a"]
    assert found.init is not None
    assert str(found.init.place) == "common/base.yaml:4"
    assert [mount.target for mount in found.mounts] == ["/data"]
    assert found.name == "acme/a"


def test_what_extends_a_file_that_is_not_at_hand_is_open() -> None:
    found = one({"compose.yaml": "services:\n  a:\n    image: acme/a\n    extends: {file: ../x.yaml, service: a}\n"})
    assert isinstance(found.open, Unknown)


def test_configs_and_secrets_are_files_at_the_places_that_the_specification_gives_them() -> None:
    text = """services:
  a:
    image: acme/a:1
    configs:
      - plain
      - source: other
        target: /etc/other.conf
    secrets:
      - token
      - source: key
        target: tls.key
      - source: key
        target: /etc/key
"""
    found = one({"compose.yaml": text})
    assert [(mount.target, mount.kind, mount.single_file) for mount in found.mounts] == [
        (target, "file", True)
        for target in ("/plain", "/etc/other.conf", "/run/secrets/token", "/run/secrets/tls.key", "/etc/key")
    ]


def test_the_parts_of_a_compose_project_merge_as_the_specification_says() -> None:
    """Specification, "Merge": mappings by key, sequences appended, `command` and `entrypoint` replaced, mounts by target."""
    files = {
        "compose.yaml": """x-common: &common
  user: "1000"
  environment: &env {A: "1", B: "1"}
services:
  a:
    <<: *common
    image: acme/a:1
    environment:
      <<: *env
      B: "2"
    command: [one, two]
    cap_add: [NET_ADMIN]
    volumes: ["old:/data", "./logs:/logs"]
    ports: ["80:80"]
    profiles: [full]
volumes: {old: , new: }
""",
        "compose.override.yaml": """services:
  a:
    environment: ["C=3"]
    command: three
    cap_add: [SYS_ADMIN]
    volumes: ["new:/data"]
    ports: ["81:81"]
""",
    }
    found = one(files)
    assert found.user is not None
    assert found.user.known == "1000"
    assert {name: setting.known for name, setting in found.environment.items()} == {"A": "1", "B": "2", "C": "3"}
    assert found.command is not None
    assert found.command.known == ("three",)
    assert [one.known for one in found.cap_add] == ["NET_ADMIN", "SYS_ADMIN"]
    assert {mount.target: mount.source for mount in found.mounts} == {"/data": "new", "/logs": "./logs"}
    assert [port.host for port in found.ports] == [80, 81]
    assert found.profiles == ("full",)


def test_reset_and_override_take_away_what_was_said_before() -> None:
    """Specification, "Merge": `!reset` and `!override`."""
    files = {
        "compose.yaml": "services:\n  a:\n    image: acme/a:1\n    user: '1'\n    init: true\n    ports: ['80:80']\n",
        "compose.override.yaml": "services:\n  a:\n    init: !reset null\n    ports: !override ['81:81']\n",
    }
    found = one(files)
    assert found.init is None
    assert [port.host for port in found.ports] == [81]


def test_included_files_are_read_whatever_they_are_called() -> None:
    files = {
        "compose.yaml": "include:\n  - parts/db.yaml\nservices:\n  a:\n    image: acme/a:1\n",
        "parts/db.yaml": "services:\n  db:\n    image: postgres:16\n    build: .\n",
    }
    assert set(read(files)) == {"a", "db"}


def test_anchors_merges_and_defaults_of_variables_are_followed() -> None:
    text = (
        "x-common: &common\n  user: ${UID:-1000}:${GID:-100}\n  cap_drop: [ALL]\n"
        "services:\n  a:\n    <<: *common\n    image: ${REGISTRY}/acme/a:${TAG}\n"
    )
    found = one({"compose.yaml": text, ".env": "TAG=7\n"})
    assert found.user is not None
    assert found.user.known == "1000:100"
    assert [said.known for said in found.cap_drop] == ["ALL"]
    assert (found.name, found.tag, found.registry_open) == ("acme/a", "7", True)


def test_a_variable_without_default_leaves_a_value_unknown() -> None:
    found = one(
        {"compose.yaml": "services:\n  a:\n    image: acme/a\n    user: ${WHO}\n    volumes: ['${DATA}:/data']\n"}
    )
    assert found.user is not None
    assert isinstance(found.user.value, Unknown)
    assert [(mount.kind, mount.target) for mount in found.mounts] == [("unknown", "/data")]


@pytest.mark.parametrize(
    ("volume", "expected"),
    [
        ("./x:/data", ("bind", "/data", False, False)),
        ("x:/data", ("volume", "/data", True, False)),
        ("x:/data:nocopy", ("volume", "/data", False, False)),
        ("/srv:/data:ro", ("bind", "/data", False, True)),
        ("/data", ("volume", "/data", True, False)),
        ("C:\\x:/data", ("bind", "/data", False, False)),
    ],
)
def test_short_volumes(volume: str, expected: tuple[str, str, bool, bool]) -> None:
    text = f"services:\n  a:\n    image: acme/a\n    volumes:\n      - '{volume}'\n"
    found = one({"compose.yaml": text})
    assert [(m.kind, m.target, m.fresh, m.read_only) for m in found.mounts] == [expected]


def test_profiles_and_ports_in_all_their_forms() -> None:
    text = (
        "services:\n  a:\n    image: acme/a\n    profiles: [debug]\n    ports:\n"
        "      - '80'\n      - '127.0.0.1:81:82/udp'\n      - 3000-3005:3000-3005\n      - {target: 9, published: '10'}\n"
    )
    found = one({"compose.yaml": text})
    assert found.profiles == ("debug",)
    assert [(p.container, p.host, p.protocol, p.address) for p in found.ports] == [
        (80, None, "tcp", ""),
        (82, 81, "udp", "127.0.0.1"),
        (None, None, "tcp", ""),
        (9, 10, "tcp", ""),
    ]


# Tycho


def test_an_app_registry_says_the_user_of_its_specs_and_tycho_gives_variables() -> None:
    files = {
        "app-registry.yaml": "api: Tycho\nrepositories:\n  r: {url: app-specs}\ncontexts:\n  lab:\n"
        "    desk:\n      securityContext: {runAsUser: 30000, runAsGroup: 7}\n    apps:\n      desk:\n        services: {desk: '8080'}\n",
        "app-specs/desk/docker-compose.yaml": "services:\n  desk:\n    image: '{{ helx_registry }}/acme/desk:1'\n    entrypoint: /init\n",
    }
    found = consumers(Snapshot.from_mapping("repo", files, label=""))
    assert {consumer.kind for consumer in found} == {"Tycho"}
    spec, run = found
    assert spec.platform_user is not None
    assert run.user is not None
    assert (run.user.known, str(run.user.place)) == ("30000:7", "app-registry.yaml:7")
    assert "USER_NAME" in run.environment
    assert spec.written == "{{ helx_registry }}/acme/desk:1"


@pytest.mark.parametrize(
    ("url", "spec", "kind"),
    [
        ("https://github.com/acme/apps/raw/main/app-specs", "", "Tycho"),
        ("https://raw.githubusercontent.com/acme/Apps/feature/x/app-specs", "", "Tycho"),
        ("https://gitlab.com/acme/apps/-/raw/main/app-specs", "", "Tycho"),
        ("https://github.com/acme/apps/raw/main", "${r}/app-specs/desk/docker-compose.yaml", "Tycho"),
        ("https://github.com/acme/other-apps/raw/main/app-specs", "", "compose"),
        ("https://github.com/acme/apps/raw/main", "$other/app-specs/desk/docker-compose.yaml", "compose"),
    ],
)
def test_an_app_registry_finds_specs_by_the_address_of_its_own_repository(url: str, spec: str, kind: str) -> None:
    said = f", spec: '{spec}'" if spec else ""
    files = {
        "app-registry.yaml": f"repositories: {{r: {{url: '{url}'}}}}\ncontexts:\n  lab:\n    apps:\n      desk: {{name: d{said}}}\n",
        "app-specs/desk/docker-compose.yaml": "services:\n  desk:\n    image: acme/desk:1\n",
    }
    found = consumers(Snapshot.from_mapping("acme/apps", files, label=""))
    assert {consumer.kind for consumer in found} == {kind}


@pytest.mark.parametrize(
    ("services", "unmet"),
    [("{dekk: '80'}", ["dekk"]), ("{desk: '80'}", []), ("{desk: '80', other: '81'}", []), ("{}", [])],
)
def test_a_registry_may_name_a_service_that_the_spec_does_not_have(services: str, unmet: list[str]) -> None:
    files = {
        "app-registry.yaml": "repositories: {r: {url: specs}}\ncontexts:\n  lab:\n    apps:\n      desk:\n"
        f"        services: {services}\n",
        "specs/desk/docker-compose.yaml": "services:\n  desk:\n    image: acme/desk:1\n",
    }
    found = [one for one in consumers(Snapshot.from_mapping("repo", files, label="")) if one.base is not None]
    assert [service.known for one in found for service in one.unmet] == unmet


def test_a_context_says_the_user_of_an_app_that_it_extends_another_for() -> None:
    """As Tycho puts a context together: its own word takes the place of the app's, and who says nothing is named."""
    files = {
        "app-registry.yaml": "repositories: {r: {url: specs}}\ncontexts:\n"
        "  all:\n    mixin: [checks]\n    apps:\n      desk: {services: {desk: '8080'}, securityContext: {runAsUser: 5}}\n"
        "      plain: {name: p}\n"
        "  lab:\n    extends: [all]\n    desk:\n      securityContext: {runAsUser: 7}\n"
        "  team:\n    extends: [lab]\n"
        "  office:\n    extends: [all]\n    plain: {securityContext: {runAsUser: 0}}\n"
        "  checks:\n    apps:\n      plain: {ext: {}}\n",
        "specs/desk/docker-compose.yaml": "services:\n  desk:\n    image: acme/desk:1\n",
        "specs/plain/docker-compose.yaml": "services:\n  plain:\n    image: acme/plain:1\n",
    }
    found = [one for one in consumers(Snapshot.from_mapping("repo", files, label="")) if one.base is not None]
    users = [(one.title, one.user.known if one.user else None, one.platform_user) for one in found]
    silent = Unknown(
        "all, lab, team of the app registry give plain no runAsUser: TYCHO_APP_RUN_AS_USER, among Tycho's settings, "
        "says which user"
    )
    assert users == [("desk", "5", None), ("plain", None, silent), ("desk", "7", None), ("plain", "0", None)]
    assert [port.container for port in found[2].ports] == [8080]


# Kubernetes and Helm

DEPLOYMENT = """apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      shareProcessNamespace: true
      securityContext: {runAsUser: 1000, runAsNonRoot: true}
      initContainers:
        - {name: first, image: busybox:1.36}
      containers:
        - name: web
          image: acme/web:1
          command: [/bin/web]
          securityContext: {runAsUser: 7, readOnlyRootFilesystem: true, capabilities: {drop: [ALL]}}
          livenessProbe: {exec: {command: [check]}}
          env:
            - {name: A, value: b}
            - {name: S, valueFrom: {secretKeyRef: {name: s, key: k}}}
          volumeMounts:
            - {name: run, mountPath: /run/}
            - {name: conf, mountPath: /etc/web.conf, subPath: web.conf}
      volumes:
        - {name: run, emptyDir: {}}
        - {name: conf, configMap: {name: c}}
"""


def test_a_container_outweighs_its_pod() -> None:
    found = read({"web.yaml": DEPLOYMENT})
    web = found["web"]
    assert web.user is not None
    assert web.user.known == "7"
    assert web.pid is not None
    assert web.pid.known == "pod"
    assert web.entrypoint is not None
    assert web.entrypoint.known == ("/bin/web",)
    assert [(m.kind, m.target, m.fresh, m.single_file) for m in web.mounts] == [
        ("volume", "/run", False, False),
        ("file", "/etc/web.conf", False, True),
    ]
    assert isinstance(web.environment["S"].value, Unknown)
    assert [check.words for check in web.checks] == [("check",)]
    assert found["first"].passing


def test_kustomize_runs_the_resources_with_another_image() -> None:
    files = {
        "base/web.yaml": DEPLOYMENT,
        "base/kustomization.yaml": "resources: [web.yaml]\n",
        "live/kustomization.yaml": "resources: [../base]\nimages:\n  - name: acme/web\n    newTag: '9'\n",
    }
    found = [one for one in consumers(Snapshot.from_mapping("repo", files, label="")) if one.kind == "kustomize"]
    assert [(c.name, c.tag, str(c.place), c.user.known if c.user else None) for c in found] == [
        ("acme/web", "9", "live/kustomization.yaml:4", "7")
    ]


CHART = {
    "chart/Chart.yaml": "name: web\nappVersion: '1.2'\n",
    "chart/values.yaml": "image:\n  repository: acme/web\n  tag: ''\nsecurity:\n  runAsUser: 1000\nenv: {A: b}\nextra: {}\n",
    "chart/templates/_helpers.tpl": '{{- define "web.image" -}}\n{{ .Values.image.repository }}:'
    "{{ .Values.image.tag | default .Chart.AppVersion }}\n{{- end }}\n",
    "chart/templates/pod.yaml": """apiVersion: v1
kind: Pod
metadata:
  name: {{ .Release.Name }}
spec:
  containers:
    - name: web
      image: "{{ include "web.image" . }}"
      securityContext:
        {{- toYaml .Values.security | nindent 8 }}
      env:
        {{- range $name, $value := .Values.env }}
        - name: {{ $name }}
          value: {{ $value | quote }}
        {{- end }}
      {{- with .Values.extra }}
      command: {{ . }}
      {{- end }}
      {{- if .Capabilities.APIVersions.Has "x" }}
      workingDir: /y
      {{- end }}
""",
}


def test_a_chart_is_rendered_with_its_defaults_and_values_keep_their_line() -> None:
    found = one(CHART)
    assert (found.kind, found.name, found.tag) == ("Helm", "acme/web", "1.2")
    assert found.user is not None
    assert (found.user.known, str(found.user.place)) == ("1000", "chart/values.yaml:5")
    assert {name: s.known for name, s in found.environment.items()} == {"A": "b"}
    assert found.entrypoint is None


def test_what_a_template_computes_otherwise_leaves_the_container_open() -> None:
    assert isinstance(one(CHART).open, Unknown)


def test_a_template_that_cannot_be_read_says_nothing() -> None:
    files = {**CHART, "chart/templates/pod.yaml": "{{ if }\napiVersion: v1\nkind: Pod\n{{ end }}{{ end }}\n"}
    assert [consumer.kind for consumer in consumers(Snapshot.from_mapping("repo", files))] == ["Helm values"]


def test_the_app_template_says_all_of_a_container_by_its_values() -> None:
    text = """apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: web}
spec:
  values:
    defaultPodOptions: {securityContext: {runAsUser: 1000}}
    controllers:
      web:
        containers:
          app:
            image: {repository: acme/web, tag: 1.0.0}
            env: {TZ: UTC, FROM: {valueFrom: {}}}
            securityContext: {readOnlyRootFilesystem: true}
    persistence:
      run: {type: emptyDir, globalMounts: [{path: /run}]}
      data: {existingClaim: data, advancedMounts: {web: {app: [{path: /data}]}}}
      off: {enabled: false, globalMounts: [{path: /off}]}
"""
    found = one({"release.yaml": text})
    assert (found.name, found.tag, found.title) == ("acme/web", "1.0.0", "app")
    assert found.user is not None
    assert found.user.known == "1000"
    assert [mount.target for mount in found.mounts] == ["/run", "/data"]
    assert isinstance(found.environment["FROM"].value, Unknown)


# Others


def test_an_add_on_has_an_init_of_home_assistant_unless_it_says_no() -> None:
    text = "name: A\nversion: '1'\nslug: a\narch: [amd64]\nports: {80/tcp: 8080}\nmap: [config:rw]\n"
    found = one({"a/config.yaml": text, "a/Dockerfile": "FROM debian:12\n"})
    assert found.init is not None
    assert (found.init.known, str(found.init.place)) == (True, "a/config.yaml:3")
    assert found.dockerfile == "a/Dockerfile"
    assert [mount.target for mount in found.mounts] == ["/data", "/config"]
    without = one({"a/config.yaml": text + "init: false\n"})
    assert without.init is not None
    assert without.init.known is False


def test_a_devcontainer_replaces_the_entrypoint_and_takes_arguments() -> None:
    text = '{\n  // which image\n  "image": "acme/dev:1",\n  "runArgs": ["--init", "-u", "1000"],\n}\n'
    found = one({".devcontainer/devcontainer.json": text})
    assert found.entrypoint is not None
    assert found.init is not None
    assert found.user is not None
    assert (found.name, found.init.known, found.user.known, found.place.line) == ("acme/dev", True, "1000", 3)
    kept = one(
        {".devcontainer/devcontainer.json": text.replace('"acme/dev:1"', '"acme/dev:1", "overrideCommand": false')}
    )
    assert kept.entrypoint is None


@pytest.mark.parametrize(
    ("said", "files", "open_services"),
    [
        ('"service": "editor", "features": {"x": {}}', '"compose.yaml"', {"editor"}),
        ('"service": "editor", "features": {"x": {}}', '["compose.yaml"]', {"editor"}),
        ('"service": "editor"', '"compose.yaml"', set[str]()),
        ('"service": "other", "features": {"x": {}}', '"compose.yaml"', set[str]()),
        ('"service": "editor", "features": {"x": {}}', '"../compose.yaml"', set[str]()),
    ],
)
def test_features_of_an_editor_change_the_image_of_its_compose_service(
    said: str, files: str, open_services: set[str]
) -> None:
    tree = {
        ".devcontainer/devcontainer.json": f'{{"dockerComposeFile": {files}, {said}}}',
        ".devcontainer/compose.yaml": "services:\n  editor: {image: 'acme/a:1'}\n  db: {image: 'acme/b:1'}\n",
    }
    found = consumers(Snapshot.from_mapping("repo", tree))
    assert len(found) == 2
    assert {one.title for one in found if one.open is not None} == open_services


def test_a_run_command_over_several_lines_keeps_the_lines_of_its_words() -> None:
    text = (
        '#!/bin/sh\nTAG=2\nsudo docker run -d --name=web \\\n  -p8080:80 -e A=b -e C \\\n  -v "$PWD/x":/data:ro \\\n'
        "  --tmpfs /run:exec acme/web:$TAG serve --all\n"
    )
    found = one({"run.sh": text})
    assert (found.name, found.tag, found.title) == ("acme/web", "2", "web")
    assert found.command is not None
    assert found.command.known == ("serve", "--all")
    assert [(p.host, p.container) for p in found.ports] == [(8080, 80)]
    assert found.environment["A"].known == "b"
    assert isinstance(found.environment["C"].value, Unknown)
    assert [(m.kind, m.target, m.options, m.place.line) for m in found.mounts] == [
        ("bind", "/data", ("ro",), 5),
        ("tmpfs", "/run", ("exec",), 6),
    ]


def test_make_recipes_and_documents_run_containers_too() -> None:
    snapshot = Snapshot.from_mapping(
        "repo",
        {
            "Makefile": "IMAGE := acme/web\nrun:\n\t@podman run --rm -it $(IMAGE):1 bash\n",
            "README.md": "Run it:\n\n    $ docker run -d `#optional` \\\n      -v <path to data>:/data \\\n      acme/web:1\n",
        },
        label="",
    )
    (made,) = consumers(snapshot)
    assert (made.name, made.passing, made.engine) == ("acme/web", True, "podman")
    (shown,) = documented(snapshot)
    assert (shown.kind, shown.name, [mount.target for mount in shown.mounts]) == (
        "documentation",
        "acme/web",
        ["/data"],
    )


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("The docker run parameters are below. docker run options are many.\n", []),
        ("Use docker run and/or docker compose.\n", []),
        ("See `docker run parameters` and podman run too.\n", ["parameters"]),
        ("docker run -d acme/web:1\n", ["acme/web"]),
        ("Then docker run acme/web, and wait.\n", []),
        ("Start it: `docker run web`\n", ["web"]),
        ("```sh\ndocker run web\n```\nThen docker run starts it.\n", ["web"]),
        ("```sh\ndocker run ... -p 80:80 ...\ndocker run … -p 80:80 web\n```\n", []),
        ("```\ndocker run a1\n```\n\n~~~\n```\ndocker run b1\n~~~\nwith docker run ready\n", ["a1", "b1"]),
        ("    docker run web\n", ["web"]),
        ("$ docker run web\n", ["web"]),
        ("docker run --rm acme/web:<TAG>\n", ["acme/web"]),
        ("1. ```\n   docker run web\n   ```\n", ["web"]),
        ("----\ndocker run web\n----\nIt is docker run there\n", ["web"]),
    ],
)
def test_a_sentence_that_speaks_of_runs_runs_nothing(text: str, names: list[str]) -> None:
    snapshot = Snapshot.from_mapping("repo", {"README.md": text}, label="")
    assert [found.name for found in documented(snapshot)] == names


def test_a_quadlet_unit_is_the_podman_command_that_it_stands_for() -> None:
    text = (
        "[Unit]\nDescription=x\n[Container]\nImage=docker.io/acme/web:1\nUser=1000\nReadOnly=true\nRunInit=no\n"
        "Environment=A=b C=d\nVolume=data.volume:/data\nPublishPort=8080:80\nExec=serve --all\n"
    )
    found = one({"web.container": text})
    assert (found.kind, found.name, found.engine) == ("Quadlet", "acme/web", "podman")
    assert found.user is not None
    assert found.read_only is not None
    assert (found.user.known, found.user.place.line, found.read_only.place.line) == ("1000", 5, 6)
    assert found.init is None
    assert sorted(found.environment) == ["A", "C"]
    assert found.command is not None
    assert found.command.known == ("serve", "--all")


def test_the_drop_ins_of_a_quadlet_unit_are_laid_over_it_by_their_names() -> None:
    files = {
        "web@one.container": "[Container]\nImage=acme/web:1\nVolume=a:/a\nUser=7\nEnvironment=A=1\n",
        "web@one.container.d/10-more.conf": "[Container]\nVolume=b:/b\nUser=8\n",
        "web@.container.d/20-last.conf": "[Container]\nEnvironment=\nEnvironment=B=2\n",
        "container.d/05-all.conf": "[Container]\nReadOnly=yes\n",
        "other.container.d/10-more.conf": "[Container]\nUser=9\n",
        "web@one.container.d/10-more.txt": "[Container]\nUser=9\n",
    }
    found = one(files)
    assert [mount.target for mount in found.mounts] == ["/a", "/b"]
    assert found.user is not None
    assert found.read_only is not None
    assert (found.user.known, str(found.user.place)) == ("8", "web@one.container.d/10-more.conf:3")
    assert (found.read_only.known, str(found.read_only.place)) == (True, "container.d/05-all.conf:2")
    assert list(found.environment) == ["B"]


def test_a_pod_gives_its_containers_volumes_a_network_and_what_they_share() -> None:
    files = {
        "web.container": "[Container]\nImage=acme/web:1\nPod=shop.pod\nVolume=own:/own\n",
        "till.container": "[Container]\nImage=acme/till:1\nUser=5\nPod=shop.pod\n",
        "shop.pod": "[Pod]\nPublishPort=80:80\nVolume=data:/data\nPodmanArgs=--share=net,pid --volume more:/more\n",
        "shop.pod.d/10-user.conf": "[Pod]\nUserNS=keep-id\n",
        "lost.container": "[Container]\nImage=acme/lost:1\nPod=gone.pod\n",
        "alone.container": "[Container]\nImage=acme/alone:1\n",
    }
    found = {item.place.path: item for item in consumers(Snapshot.from_mapping("repo", files, label=""))}
    web, till = found["web.container"], found["till.container"]
    assert [(mount.target, str(mount.place)) for mount in web.mounts] == [
        ("/own", "web.container:4"),
        ("/data", "shop.pod:3"),
        ("/more", "shop.pod:4"),
    ]
    assert (web.network, web.project, till.project) == ("pod", "shop.pod", "shop.pod")
    assert web.pid is not None
    assert web.user is not None
    assert till.user is not None
    assert web.pid.known == "pod"
    assert (web.user.known, till.user.known, str(web.user.place)) == (None, None, "shop.pod.d/10-user.conf:2")
    assert found["lost.container"].open is not None
    assert (found["alone.container"].network, found["alone.container"].open) == ("", None)


def test_a_quadlet_unit_runs_what_the_unit_that_it_names_pulls_or_builds() -> None:
    files = {
        "a.container": "[Container]\nImage=web.image\n",
        "web.image": "[Image]\nImage=docker.io/acme/web:1\n",
        "b.container": "[Container]\nImage=own.build\n",
        "own.build": "[Build]\nImageTag=localhost/own:1\nSetWorkingDirectory=unit\n",
        "Containerfile": "FROM scratch\n",
        "c.container": "[Container]\nImage=deep.build\n",
        "deep.build": "[Build]\nImageTag=localhost/deep\nFile=deep/Dockerfile\nSetWorkingDirectory=file\n",
        "deep/Dockerfile": "FROM scratch\n",
        "d.container": "[Container]\nImage=far.build\n",
        "far.build": "[Build]\nImageTag=localhost/far\nSetWorkingDirectory=%h/far\n",
    }
    found = {item.place.path: item for item in consumers(Snapshot.from_mapping("repo", files, label=""))}
    assert {path: (item.name, item.tag, item.dockerfile) for path, item in found.items()} == {
        "a.container": ("acme/web", "1", None),
        "b.container": ("localhost/own", "1", "Containerfile"),
        "c.container": ("localhost/deep", None, "deep/Dockerfile"),
        "d.container": ("localhost/far", None, None),
    }


@pytest.mark.parametrize(
    ("namespace", "user"),
    [
        ("keep-id", "?"),
        ("keep-id:uid=1000,gid=1000", "1000"),
        ("keep-id:gid=5,uid=0", "0"),
        ("auto", None),
        ("host", None),
    ],
)
def test_a_user_namespace_that_keeps_the_caller_runs_the_container_as_nobody_else(
    namespace: str, user: str | None
) -> None:
    """The user is who starts it, or the number that is said, where no user is."""
    for files in (
        {"a.container": f"[Container]\nImage=acme/web:1\nUserNS={namespace}\n"},
        {"compose.yaml": f"services:\n  a:\n    image: acme/web:1\n    userns_mode: {namespace}\n"},
        {"a.sh": f"podman run --userns={namespace} acme/web:1\n"},
    ):
        said = one(files).user
        assert (said if said is None else said.known or "?") == user
    both = one({"a.container": f"[Container]\nImage=acme/web:1\nUserNS={namespace}\nUser=7\n"}).user
    assert both is not None
    assert both.known == "7"


def test_files_that_make_no_sense_say_nothing() -> None:
    files = {
        "compose.yaml": "services: 7\n",
        "config.yaml": "slug: x\n",
        "kustomization.yaml": "images: [1]\n",
        "values.yaml": "image: {repository: [1]}\n",
        "run.sh": "docker run --name\n",
        "x.container": "[Container]\nExec=x\n",
        ".devcontainer/devcontainer.json": "{",
        "app-registry.yaml": "contexts:\n  a: {apps: {b: 1}}\n",
    }
    assert consumers(Snapshot.from_mapping("repo", files)) == ()


def test_what_a_kustomization_patches_may_say_more_and_a_patch_is_no_pod_of_its_own() -> None:
    pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers: [{name: a, image: 'acme/a:1'}]\n"
    files = {
        "base/pod.yaml": pod,
        "base/kustomization.yaml": "resources: [pod.yaml]\n",
        "alone/pod.yaml": pod,
        "alone/kustomization.yaml": "resources: [pod.yaml]\n",
        "home/kustomization.yaml": "resources: [../base]\npatches:\n  - path: part.yaml\n",
        "home/part.yaml": pod,
        "json/kustomization.yaml": "resources: [pod.yaml]\npatchesJson6902:\n  - {target: {kind: Pod, name: a}, path: p.json}\n",
        "json/pod.yaml": pod,
    }
    found = consumers(Snapshot.from_mapping("repo", files, label=""))
    assert {one.place.path for one in found if one.open is not None} == {
        "base/pod.yaml",
        "home/part.yaml",
        "json/pod.yaml",
    }
    assert {one.place.path for one in found if one.open is None} == {"alone/pod.yaml"}
