"""The runtime contract cell by cell: what each kind of runner says × each release and kind of image, with the one beside it that works."""

from collections.abc import Mapping

import pytest

from ctlint.lineage.repository.dockerfiles import dockerfiles
from ctlint.lineage.repository.snapshot import FileSpec, Snapshot
from ctlint.lineage.workspace.workspace import Workspace
from ctlint.lint.judging.engine import run_rules
from ctlint.rules.discover import all_rules

Files = Mapping[str, str]
RULES = tuple(rule for rule in all_rules() if rule.code.startswith("CT7"))
_URL = "https://github.com/just-containers/s6-overlay/releases/download/v"


def s6(release: str, base: str = "alpine:3.18") -> str:
    """A Dockerfile that installs a release as its own documentation says."""
    if release < "3":
        return f"FROM {base}\nADD {_URL}{release}/s6-overlay-amd64.tar.gz /tmp/\nRUN tar xzf /tmp/s6-overlay-amd64.tar.gz -C /\n"
    adds = "".join(f"ADD {_URL}{release}/s6-overlay-{part}.tar.xz /tmp/\n" for part in ("noarch", "x86_64"))
    tars = " && ".join(f"tar -C / -Jxpf /tmp/s6-overlay-{part}.tar.xz" for part in ("noarch", "x86_64"))
    return f"FROM {base}\n{adds}RUN {tars}\n"


def of_init(release: str, *parts: str) -> dict[str, str]:
    """An image that starts `/init`, with some of: `drop` (a service of another user), `account`, `own` (owners)."""
    with_env = "#!/usr/bin/with-contenv sh\n" if release < "3" else "#!/command/with-contenv sh\n"
    files = {
        "Dockerfile": s6(release) + 'COPY --chmod=0755 root/ /\nENTRYPOINT ["/init"]\n',
        "root/etc/services.d/beat/run": f"{with_env}exec sleep 30\n",
        "root/etc/cont-init.d/10-hello": f"{with_env}date\n",
    }
    if "drop" in parts:
        files["root/etc/services.d/drop/run"] = f"{with_env}exec s6-setuidgid nobody sleep 30\n"
    if "account" in parts:
        files["root/etc/cont-init.d/20-account"] = f"{with_env}/usr/sbin/adduser -D -u 4242 app\n"
    if "own" in parts:
        files["root/etc/cont-init.d/30-own"] = f"{with_env}chown -R nobody /srv\n"
    return files


def of_entry(*lines: str, base: str = "alpine:3.18") -> dict[str, str]:
    """An image of an entry script without s6-overlay."""
    script = "#!/bin/sh\nset -e\n" + "".join(f"{line}\n" for line in lines)
    return {
        "Dockerfile": f"FROM {base}\nRUN apk add --no-cache su-exec=0.2-r3\n"
        'COPY --chmod=0755 start /start\nENTRYPOINT ["/start"]\nCMD ["sleep", "30"]\n',
        "start": script,
    }


V1, V2, V30, V31, V32 = "1.22.1.0", "2.2.0.3", "3.0.0.2", "3.1.6.2", "3.2.1.0"
RELEASES = (V1, V2, V30, V31, V32)
MAKE = {"Makefile": "all:\n\tdocker build -t acme/app:1 .\n"}


def compose(text: str) -> Files:
    return {"compose.yaml": f"services:\n  app:\n    image: acme/app:1\n{text}"}


def pod(container: str = "", spec: str = "") -> Files:
    text = f"apiVersion: v1\nkind: Pod\nmetadata: {{name: app}}\nspec:\n{spec}  containers:\n  - name: app\n    image: acme/app:1\n"
    return {"pod.yaml": text + container}


def run(options: str) -> Files:
    return {"run.sh": f"#!/bin/sh\ndocker run -d {options} acme/app:1\n"}


def unit(text: str) -> Files:
    return {"app.container": f"[Container]\nImage=acme/app:1\n{text}"}


def add_on(text: str) -> Files:
    return {"config.yaml": f'name: A\nslug: app\nversion: "1"\narch: [amd64]\n{text}'}


def told(image: Files, runner: Files) -> set[tuple[str, str]]:
    """(rule, severity) of all that the contract's rules say."""
    files = {
        path: FileSpec(text.encode(), 0o755 if path == "start" else 0o644)
        for path, text in {**image, **MAKE, **runner}.items()
    }
    snapshot = Snapshot.from_mapping("app", files)
    run_of = run_rules(Workspace([(snapshot, dockerfiles(snapshot))]), RULES, keep=False)
    return {(finding.rule, finding.severity.name.lower()) for finding in run_of.findings()}


def one(rule: str, severity: str = "error") -> set[tuple[str, str]]:
    return {(rule, severity)}


USERS: Mapping[str, Files] = {
    "compose": compose("    user: '1000'\n"),
    "Kubernetes": pod("    securityContext: {runAsUser: 1000}\n"),
    "docker run": run("--user 1000:1000"),
    "Quadlet": unit("User=1000\n"),
}


@pytest.mark.parametrize("runner", USERS)
@pytest.mark.parametrize("release", RELEASES)
def test_another_user_for_an_image_that_drops_privileges(release: str, runner: str) -> None:
    assert told(of_init(release, "drop"), USERS[runner]) == one("CT701")


@pytest.mark.parametrize("release", RELEASES)
def test_another_user_for_an_image_that_makes_an_account(release: str) -> None:
    assert told(of_init(release, "account"), USERS["compose"]) == one("CT701")


@pytest.mark.parametrize("release", RELEASES)
def test_another_user_for_an_image_that_only_gives_files_away(release: str) -> None:
    """The files keep their owner, and all else starts; the first generation starts as root or not at all."""
    assert told(of_init(release, "own"), USERS["compose"]) == one("CT701", "error" if release == V1 else "warning")


@pytest.mark.parametrize("release", RELEASES)
def test_another_user_for_an_image_whose_start_needs_nothing_of_root(release: str) -> None:
    assert told(of_init(release), USERS["compose"]) == (one("CT701") if release == V1 else set())


def test_another_user_for_an_entry_script() -> None:
    assert told(of_entry('exec su-exec nobody "$@"'), USERS["compose"]) == one("CT701")
    assert told(of_entry('exec "$@"'), USERS["compose"]) == set()
    asks = of_entry('if [ "$(id -u)" = 0 ]; then', '  exec su-exec nobody "$@"', "fi", 'exec "$@"')
    assert told(asks, USERS["compose"]) == set()


@pytest.mark.parametrize("release", RELEASES)
def test_root_by_any_name_is_what_the_image_expects(release: str) -> None:
    for user in ("root", "'0'", "'0:0'", "root:root"):
        assert told(of_init(release, "drop", "account"), compose(f"    user: {user}\n")) == set()


FIRST: Mapping[str, Files] = {
    "compose": compose("    init: true\n"),
    "compose pid": compose("    pid: host\n"),
    "docker run": run("--init"),
    "docker run pid": run("--pid=host"),
    "Quadlet": unit("RunInit=true\n"),
    "Kubernetes": pod(spec="  shareProcessNamespace: true\n"),
    "Kubernetes host": pod(spec="  hostPID: true\n"),
    "add-on": add_on(""),
}
NOT_FIRST: Mapping[str, Files] = {
    "compose": compose("    init: false\n"),
    "docker run": run("--pid=private"),
    "Quadlet": unit("RunInit=false\n"),
    "Kubernetes": pod(spec="  shareProcessNamespace: false\n"),
    "add-on": add_on("init: false\n"),
}


@pytest.mark.parametrize("runner", FIRST)
@pytest.mark.parametrize("release", RELEASES)
def test_a_process_before_init(release: str, runner: str) -> None:
    """Generations 1 and 2 do not mind: their first process is told to stop whatever its number is."""
    assert told(of_init(release), FIRST[runner]) == (set() if release < "3" else one("CT702"))


@pytest.mark.parametrize("runner", NOT_FIRST)
@pytest.mark.parametrize("release", [V2, V32])
def test_no_process_before_init(release: str, runner: str) -> None:
    assert told(of_init(release), NOT_FIRST[runner]) == set()


@pytest.mark.parametrize(
    ("base", "published"),
    [
        ("amd64-base:latest", "warning"),
        ("amd64-base:3.20", "error"),
        ("amd64-base:3.15", "warning"),
        ("base:3.14", "warning"),
        ("amd64-base-debian:bullseye", "warning"),
        ("amd64-base-debian:bookworm", "error"),
        ("aarch64-base-python:3.9-alpine3.14", "warning"),
        ("amd64-base-ubuntu:20.04", "warning"),
        ("amd64-base-ubuntu:24.04", "error"),
    ],
)
def test_an_add_on_that_was_published_on_a_base_that_had_another_init_is_a_warning(base: str, published: str) -> None:
    image = {
        "root/etc/services.d/beat/run": "#!/command/with-contenv sh\nexec sleep 30\n",
        "Dockerfile": f"FROM ghcr.io/home-assistant/{base}\nCOPY --chmod=0755 root/ /\n",
    }
    assert told(image, add_on("image: acme/app\n")) == one("CT702", published)
    assert told(image, add_on("")) == one("CT702")


def test_a_process_before_an_entry_script() -> None:
    assert told(of_entry('exec "$@"'), compose("    init: true\n    pid: host\n")) == set()


_EMPTY = "    volumeMounts: [{name: run, mountPath: /run}]\n  volumes: [{name: run, emptyDir: {}}]\n"
_WRITABLE = "    read_only: true\n    tmpfs: ['/run:exec']\n"


@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize(
    "runner",
    [
        compose("    read_only: true\n"),
        run("--read-only"),
        pod("    securityContext: {readOnlyRootFilesystem: true}\n"),
        compose("    read_only: true\n    environment: {S6_READ_ONLY_ROOT: '1'}\n"),
    ],
    ids=["compose", "docker run", "Kubernetes", "told"],
)
def test_a_read_only_root_without_a_writable_run(release: str, runner: Files) -> None:
    assert told(of_init(release), runner) == one("CT703")


@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize(
    "runner",
    [
        compose("    tmpfs: [/run]\n"),
        compose("    tmpfs: ['/run:noexec']\n"),
        run("--tmpfs /run"),
        compose("    read_only: true\n    tmpfs: ['/run:rw']\n    environment: {S6_READ_ONLY_ROOT: '1'}\n"),
    ],
    ids=["compose", "noexec", "docker run", "read-only"],
)
def test_a_run_that_cannot_be_executed(release: str, runner: Files) -> None:
    assert told(of_init(release), runner) == one("CT703")


@pytest.mark.parametrize("release", RELEASES)
def test_a_read_only_root_with_all_that_the_release_needs(release: str) -> None:
    given = "    environment: {S6_READ_ONLY_ROOT: '1'}\n"
    assert told(of_init(release), compose(_WRITABLE + given)) == set()
    env = "    env: [{name: S6_READ_ONLY_ROOT, value: '1'}]\n"
    read_only = "    securityContext: {readOnlyRootFilesystem: true}\n"
    assert told(of_init(release), pod(read_only + env + _EMPTY)) == set()
    assert (
        told(of_init(release), unit("ReadOnly=true\nEnvironment=S6_READ_ONLY_ROOT=1\n")) == set()
    )  # Podman mounts /run


def plain_modes(files: Files) -> Files:
    """The image with the modes that the repository has, 0644."""
    return {**files, "Dockerfile": files["Dockerfile"].replace("--chmod=0755 ", "")}


@pytest.mark.parametrize("release", RELEASES)
def test_a_read_only_root_that_s6_is_not_told_of(release: str) -> None:
    """The older generations change modes in /etc then, which matters to scripts without x bit alone."""
    assert told(of_init(release), compose(_WRITABLE)) == one("CT703", "info")
    if release < "3":
        assert told(plain_modes(of_init(release)), compose(_WRITABLE)) == one("CT703", "warning")


def test_a_release_that_cannot_be_told_of_a_read_only_root() -> None:
    given = "    environment: {S6_READ_ONLY_ROOT: '1'}\n"
    for release, expected in (("1.20.0.0", one("CT703", "warning")), ("1.21.4.0", set())):
        assert told(plain_modes(of_init(release)), compose(_WRITABLE + given)) == expected
    assert told(of_init("1.20.0.0"), compose(_WRITABLE)) == set()


@pytest.mark.parametrize("release", RELEASES)
def test_accounts_cannot_be_made_on_a_read_only_root(release: str) -> None:
    given = "    environment: {S6_READ_ONLY_ROOT: '1'}\n"
    assert told(of_init(release, "account"), compose(_WRITABLE + given)) == one("CT703")
    writable = _WRITABLE + "    volumes: ['etc:/etc']\n" + given
    assert told(of_init(release, "account"), compose(writable)) == set()


@pytest.mark.parametrize("release", [V1, V2, V31, V32])
@pytest.mark.parametrize(
    "runner",
    [
        compose("    entrypoint: [sleep, '30']\n"),
        pod("    command: [sleep, '30']\n"),
        run("--entrypoint sleep"),
        unit("Entrypoint=sleep\n"),
    ],
    ids=["compose", "Kubernetes", "docker run", "Quadlet"],
)
def test_another_program_in_the_place_of_init(release: str, runner: Files) -> None:
    assert told(of_init(release), runner) == one("CT704", "warning")


@pytest.mark.parametrize("release", [V1, V2, V31, V32])
def test_the_shell_of_an_editor_in_the_place_of_init_is_a_habit(release: str) -> None:
    assert told(of_init(release), {".devcontainer.json": '{"image": "acme/app:1"}'}) == one("CT704", "info")


@pytest.mark.parametrize("release", [V1, V2, V31, V32])
@pytest.mark.parametrize(
    "runner",
    [
        compose("    command: [sleep, '30']\n"),
        compose("    entrypoint: [/init]\n"),
        pod("    args: [sleep, '30']\n"),
        run("--rm --entrypoint sleep"),
        {".devcontainer.json": '{"image": "acme/app:1", "overrideCommand": false}'},
    ],
    ids=["compose", "init itself", "Kubernetes", "docker run", "devcontainer"],
)
def test_init_stays_the_first(release: str, runner: Files) -> None:
    assert told(of_init(release), runner) == set()


def test_a_program_that_is_not_in_the_image() -> None:
    for runner in (compose("    command: [/srv/serve]\n"), pod("    command: [/srv/serve]\n")):
        assert told({"Dockerfile": "FROM scratch\nCOPY start /start\n", "start": ""}, runner) == one("CT704")
        assert told({"Dockerfile": "FROM scratch\nCOPY start /srv/serve\n", "start": ""}, runner) == set()


_CHOOSES = ('case "$1" in', "  serve) exec sleep 30 ;;", "  *) echo unknown >&2; exit 2 ;;", "esac")


def test_arguments_that_an_entry_script_does_not_take() -> None:
    image = of_entry(*_CHOOSES)
    image["Dockerfile"] = image["Dockerfile"].replace('"sleep", "30"', '"serve"')
    assert told(image, compose("    command: [start]\n")) == one("CT704")
    assert told(image, pod("    args: [start]\n")) == one("CT704")
    for works in (compose("    command: [serve]\n"), compose("    command: ['${WHAT}']\n"), compose("")):
        assert told(image, works) == set()
    assert told(image, {"run.sh": "#!/bin/sh\ndocker run --rm acme/app:1 start\n"}) == set()  # meant to be gone soon


HIDDEN = {
    "init scripts": ("/etc/cont-init.d", "root/etc/cont-init.d/10-hello"),
    "services": ("/etc/services.d", ""),
    "one service": ("/etc/services.d/beat", ""),
    "all of /etc": ("/etc", ""),
    "init": ("/init", ""),
}


@pytest.mark.parametrize("release", [V1, V2, V31, V32])
@pytest.mark.parametrize("place", HIDDEN)
def test_a_mount_hides_what_is_started(release: str, place: str) -> None:
    target = HIDDEN[place][0]
    assert told(of_init(release), compose(f"    volumes: ['./data:{target}']\n")) == one("CT705")
    if place != "init":
        claim = f"    volumeMounts: [{{name: v, mountPath: {target}}}]\n  volumes: [{{name: v, persistentVolumeClaim: {{claimName: v}}}}]\n"
        assert told(of_init(release), pod(claim)) == one("CT705")
        assert told(of_init(release), compose(f"    volumes: ['data:{target}']\nvolumes: {{data: }}\n")) == set()


def test_a_mount_of_the_same_files_or_beside_them_hides_nothing() -> None:
    image = of_init(V32)
    assert told(image, compose("    volumes: ['./root/etc/cont-init.d:/etc/cont-init.d']\n")) == set()
    assert told(image, compose("    volumes: ['./data:/etc/app']\n")) == set()
    assert told(image, compose("    volumes: ['./10-more:/etc/cont-init.d/10-more']\n")) == set()


def test_a_mount_hides_what_the_start_copies_from() -> None:
    image = {
        **of_entry("cp /defaults/app.conf /data/app.conf", 'exec "$@"'),
        "app.conf": "a\n",
    }
    image["Dockerfile"] += "COPY app.conf /defaults/app.conf\nRUN mkdir /data\n"
    assert told(image, compose("    volumes: ['./x:/defaults', './y:/data']\n")) == one("CT705")
    assert told(image, compose("    volumes: ['./y:/data']\n")) == set()


def test_a_port_that_nothing_of_the_image_serves() -> None:
    image = {"Dockerfile": 'FROM scratch\nCOPY start /start\nEXPOSE 8080\nCMD ["/start"]\n', "start": "\x7fELF"}
    assert told(image, compose("    ports: ['80:80']\n")) == one("CT706", "warning")
    assert told(image, compose("    ports: ['80:8080']\n")) == set()
    assert told(image, compose("    ports: ['80:80']\n    network_mode: host\n")) == set()
    assert told(image, compose("    ports: ['80:80']\n    environment: {PORT: 80}\n")) == set()
    probe = "    livenessProbe: {tcpSocket: {port: %s}}\n"
    assert told(image, pod(probe % 80)) == one("CT706", "warning")
    assert told(image, pod(probe % 8080)) == set()


def test_two_services_with_one_port() -> None:
    two = "    ports: ['80:80']\n  other:\n    image: acme/other:1\n    ports: ['%s:90']\n"
    image = {"Dockerfile": "FROM scratch\nCOPY start /start\n", "start": ""}
    assert told(image, compose(two % 80)) == one("CT706")
    assert told(image, compose(two % 81)) == set()
    assert told(image, compose(two.replace("'%s", "'127.0.0.1:%s").replace("'80:", "'127.0.0.2:80:") % 80)) == set()


def test_a_health_check_whose_program_is_not_there() -> None:
    image = {"Dockerfile": "FROM scratch\nCOPY start /bin/start\n", "start": "\x7fELF"}
    for runner in (
        compose("    healthcheck: {test: [CMD, curl, localhost]}\n"),
        pod("    readinessProbe: {exec: {command: [curl, localhost]}}\n"),
    ):
        assert told(image, runner) == one("CT707")
        with_it = {**image, "Dockerfile": image["Dockerfile"] + "COPY start /bin/curl\n"}
        assert told(with_it, runner) == set()


@pytest.mark.parametrize("release", [V2, V32])
def test_a_variable_that_is_one_slip_away_and_one_that_nobody_gives(release: str) -> None:
    shell = "#!/usr/bin/with-contenv sh\n" if release < "3" else "#!/command/with-contenv sh\n"
    named = {**of_init(release), "root/etc/cont-init.d/20-account": f'{shell}adduser -D -u 4242 "$USER_NAME"\n'}
    assert told(named, compose("    environment: {USERNAME: ann}\n")) == one("CT708", "warning")
    assert told(named, compose("    environment: {USER_NAME: ann}\n")) == set()
    assert told(named, compose("    environment: {OTHER: ann}\n")) == one("CT708")
    assert told(named, compose("    env_file: not-here.env\n")) == set()
    insists = {**of_init(release), "root/etc/cont-init.d/20-key": f'{shell}: "${{API_KEY:?}}"\n'}
    assert ("CT708", "error") in told(of_entry(': "${API_KEY:?is missing}"', 'exec "$@"'), compose(""))
    assert told(insists, compose("    environment: {API_KEY: x}\n")) == set()


@pytest.mark.parametrize("release", RELEASES)
def test_capabilities_that_the_start_needs(release: str) -> None:
    dropped = "    cap_drop: [ALL]\n"
    assert told(of_init(release, "drop"), compose(dropped)) == one("CT709")
    assert told(of_init(release, "drop"), compose(dropped + "    cap_add: [SETUID, SETGID]\n")) == set()
    assert told(of_init(release), compose(dropped)) == set()
    security = "    securityContext: {capabilities: {drop: [ALL]%s}}\n"
    assert told(of_init(release, "drop"), pod(security % "")) == one("CT709")
    assert told(of_init(release, "drop"), pod(security % ", add: [SETUID, SETGID]")) == set()
    assert told(of_init(release, "drop"), unit("DropCapability=all\n")) == one("CT709")


def test_capabilities_and_a_filter_of_system_calls_for_an_entry_script() -> None:
    profile = {
        "calls.json": '{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["%s"], "action": "SCMP_ACT_ERRNO"}]}'
    }
    refuses = {"calls.json": profile["calls.json"] % 'setgroups", "chown", "fchownat", "lchown", "fchown'}
    passes = {"calls.json": profile["calls.json"] % "reboot"}
    asked = compose("    security_opt: ['seccomp:calls.json']\n")
    drops, owns = of_entry('exec su-exec nobody "$@"'), of_entry("chown nobody /srv", 'exec "$@"')
    assert told(drops, {**asked, **refuses}) == one("CT709")
    assert told(owns, {**asked, **refuses}) == one("CT709")
    assert told(drops, {**asked, **passes}) == set()
    assert told(of_entry('exec "$@"'), {**asked, **refuses}) == set()
    assert told(drops, {**run("--security-opt seccomp=calls.json"), **refuses}) == one("CT709")
    assert told(drops, {**run("--security-opt seccomp=unconfined"), **refuses}) == set()


def test_no_new_privileges_and_sudo() -> None:
    image = of_entry("sudo chown app /srv", 'exec "$@"')
    image["Dockerfile"] = image["Dockerfile"].replace("COPY", "RUN adduser -D -u 4242 app\nUSER app\nCOPY", 1)
    assert told(image, compose("    security_opt: ['no-new-privileges:true']\n")) == one("CT709")
    assert told(image, compose("    security_opt: ['no-new-privileges:false']\n")) == set()
    assert told(of_init(V32, "drop"), compose("    security_opt: ['no-new-privileges:true']\n")) == set()


@pytest.mark.parametrize(
    ("mount", "expected"),
    [
        ("", one("CT701")),
        ("    tmpfs: ['/run:exec,uid=4242,gid=4242']\n", set[tuple[str, str]]()),
        ("    tmpfs: ['/run:exec,uid=4243']\n", one("CT701")),
        ("    tmpfs: ['/run:exec']\n", one("CT701")),
        ("    volumes: ['./run:/run']\n", set[tuple[str, str]]()),
    ],
    ids=["none", "the user's", "another's", "root's", "a folder of the host"],
)
def test_a_run_of_the_user_needs_no_setuid_helper(mount: str, expected: set[tuple[str, str]]) -> None:
    settings = "    user: '4242:4242'\n    security_opt: ['no-new-privileges:true']\n"
    assert told(of_init(V32), compose(settings + mount)) == expected


def test_a_tag_that_is_not_built() -> None:
    image = {"Dockerfile": "FROM scratch\nCOPY start /start\n", "start": ""}
    tags = {"Makefile": "all:\n\tdocker build -t acme/app:stable -t acme/app:nightly .\n"}
    assert told(image, {**tags, **_tagged("stabel")}) == one("CT711", "warning")
    assert told(image, {**tags, **_tagged("stable")}) == set()
    assert told(image, {**tags, **_tagged("2019")}) == set()


def _tagged(tag: str) -> Files:
    return {"compose.yaml": f"services:\n  app:\n    image: acme/app:{tag}\n"}


def test_data_that_another_consumer_keeps() -> None:
    image = {**of_entry("date > /srv/state/since", 'exec "$@"')}
    image["Dockerfile"] += "RUN mkdir /srv/state\n"
    both = "    volumes: ['state:/srv/state']\n  other:\n    image: acme/app:1\n%svolumes: {state: }\n"
    assert told(image, compose(both % "")) == one("CT710", "info")
    assert told(image, compose(both % "    volumes: ['./state:/srv/state']\n")) == set()


def test_data_of_a_public_image_that_another_service_of_the_project_keeps() -> None:
    """Of an image that is made elsewhere each project is judged by itself, whichever of them comes first."""
    keeps = "services:\n  first:\n    image: postgres:16\n    volumes: ['data:/var/lib/postgresql/data']\n%svolumes: {data: }\n"
    second = "  second:\n    image: postgres:16\n"
    alone = "services:\n  first:\n    image: postgres:16\n"
    assert told({}, {"a/compose.yaml": keeps % "", "a/stack.yaml": alone}) == one("CT710", "info")
    assert told({}, {"a/compose.yaml": keeps % "", "b/compose.yaml": alone}) == set()
    assert told({}, {"a/compose.yaml": keeps % second}) == set(), "another service may be there for something else"


def test_data_that_lies_elsewhere_here_and_what_is_run_for_a_test() -> None:
    image = of_entry("date > /srv/state/since", 'exec "$@"')
    image["Dockerfile"] += "RUN mkdir /srv/state\n"
    keeps = compose("    volumes: ['./state:/srv/state']\n  other:\n    image: acme/app:1\n%s")
    there = "    environment: {STATE: /kept}\n    volumes: ['./kept:/kept']\n"
    assert told(image, {"compose.yaml": keeps["compose.yaml"] % there}) == set()
    assert told(image, {"compose.yaml": keeps["compose.yaml"] % there.replace("STATE: /kept", "STATE: x")}) == one(
        "CT710", "info"
    )
    only = compose("    volumes: ['./state:/srv/state']\n")
    script = run("")["run.sh"]
    assert told(image, {**only, "run.sh": script}) == one("CT710", "info")
    for path in ("tests/smoke.sh", "compose.test.sh", "run-test.sh", "test_run.sh"):
        assert told(image, {**only, path: script}) == set()
    assert told(image, {**only, "latest.sh": script}) == one("CT710", "info")


@pytest.mark.parametrize(
    ("starts", "loses"),
    [
        ("command: [sleep, '60']", True),
        ("command: ['--quiet']", True),
        ("command: [wait-for, app]", False),
        ("command: sh -c 'until ping $NAME; do sleep 2; done'", False),
        ("command: sh -c 'until ping ${NAME}; do sleep 2; done'", False),
        ("entrypoint: [/bin/wait-for]", False),
        ("entrypoint: [/start]", True),
    ],
)
def test_another_program_of_the_image_has_nothing_to_keep(starts: str, loses: bool) -> None:
    image = of_entry("date > /srv/state/since", 'exec "$@"')
    image["Dockerfile"] += "RUN mkdir /srv/state\n"
    keeps = f"    volumes: ['state:/srv/state']\n  other:\n    image: acme/app:1\n    {starts}\nvolumes: {{state: }}\n"
    assert told(image, compose(keeps)) == (one("CT710", "info") if loses else set())


def test_a_consumer_that_differs_from_all_others() -> None:
    image = {"Dockerfile": "FROM scratch\nCOPY start /start\n", "start": ""}
    rows = "".join(f"  s{number}:\n    image: acme/app:1\n    user: '7'\n" for number in range(2))
    assert told(image, compose(f"    user: '8'\n{rows}")) == one("CT712", "info")
    assert told(image, compose(f"    user: '7'\n{rows}")) == set()


def test_a_new_volume_is_root_s_where_the_image_has_no_folder() -> None:
    image = of_entry("mkdir -p /srv/state/cache", 'exec "$@"')
    user, top = "    user: '1000:1000'\n", "volumes: {state: %s}\n"
    named = user + "    volumes: ['state:/srv/state']\n" + top
    assert told(image, compose(named % "")) == one("CT701")
    assert told(image, compose(named % "{external: true}")) == set()
    assert told(image, compose(user + "    volumes: ['./state:/srv/state']\n")) == set()
    assert told(image, compose(named.replace("1000:1000", "0:0") % "")) == set()
    owned = {**image, "Dockerfile": image["Dockerfile"] + "RUN mkdir -p /srv/state && chown 1000 /srv/state\n"}
    assert told(owned, compose(named % "")) == set()
    tolerates = of_entry("mkdir -p /srv/state/cache || true", 'exec "$@"')
    assert told(tolerates, compose(named % "")) == set()
    assert told(image, run("--user 1000 -v state:/srv/state")) == one("CT701")


def test_what_a_deployment_owns_is_the_deployment_itself() -> None:
    """An export of a cluster holds a deployment, its replica sets and its pods, all with the same volumes."""
    image = of_entry("[ -e /srv/state/id ] || date > /srv/state/id", 'exec "$@"')
    inner = (
        "containers: [{name: app, image: 'acme/app:%s', volumeMounts: [{name: s, mountPath: /srv/state}]}],"
        " volumes: [{name: s, persistentVolumeClaim: {claimName: s}}]"
    )
    row = "- {apiVersion: apps/v1, kind: %s, metadata: {name: %s%s}, spec: {template: {spec: {%s}}}}\n"
    both = {"Makefile": "all:\n\tdocker build -t acme/app:1 -t acme/app:2 .\n"}
    owned = ", ownerReferences: [{kind: Deployment, name: app}]"

    def export(owner: str) -> Files:
        rows = row % ("Deployment", "app", "", inner % 2) + row % ("ReplicaSet", "app-1", owner, inner % 1)
        return {**both, "export.yaml": f"apiVersion: v1\nkind: List\nitems:\n{rows}"}

    assert told(image, export(owned)) == set()
    assert told(image, export("")) == one("CT705", "warning")


def test_modules_below_a_folder_of_the_repository_that_is_mounted() -> None:
    image = {
        "Dockerfile": "FROM node:22-alpine\nWORKDIR /app\nCOPY web/ ./\nRUN npm ci\n",
        "web/main.js": "",
    }
    assert told(image, compose("    volumes: ['./web:/app']\n")) == one("CT705", "info")
    assert told(image, compose("    volumes: ['./web:/app', '/app/node_modules']\n")) == set()
    assert told(image, compose("    volumes: ['./data:/app/data']\n")) == set()


def undecided(image: Files, runner: Files) -> set[str]:
    files = {
        path: FileSpec(text.encode(), 0o755 if path == "start" else 0o644)
        for path, text in {**image, **MAKE, **runner}.items()
    }
    snapshot = Snapshot.from_mapping("app", files)
    run_of = run_rules(Workspace([(snapshot, dockerfiles(snapshot))]), RULES, keep=False)
    assert {finding.rule for finding in run_of.findings()} == set()
    return {skipped.rule for skipped in run_of.skipped}


def test_a_mount_of_which_nobody_knows_whether_it_can_be_written() -> None:
    """A read-only root is safe where it can: neither a finding nor silence."""
    mount = "    read_only: true\n    volumes: [{type: volume, source: d, target: %s%s}]\nvolumes: {d: }\n"
    entry = of_entry("date > /srv/state", 'exec "$@"')
    for image, target in ((of_init(V31), "/run"), (entry, "/srv")):
        assert undecided(image, compose(mount % (target, ", read_only: '${RO}'"))) == {"CT703"}
        assert told(image, compose(mount % (target, ", read_only: true"))) == one("CT703")
    assert undecided(entry, compose(mount % ("'${WHERE}'", ""))) == {"CT703"}
    assert undecided(of_entry('exec "$@"'), compose(mount % ("'${WHERE}'", ""))) == set()
