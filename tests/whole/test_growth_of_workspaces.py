"""The work of a run grows with images, builds, consumers and findings, not with their square: steps at n, 2n and 4n."""

from collections.abc import Callable, Mapping

import pytest

from ctlint.lineage.repository.dockerfiles import dockerfiles
from ctlint.lineage.repository.snapshot import FileSpec, Snapshot
from ctlint.lineage.workspace.workspace import Workspace
from ctlint.lint.judging.engine import run_rules
from ctlint.rules.discover import all_rules
from operations import growth

Files = Mapping[str, "str | FileSpec"]
S6 = "FROM lscr.io/linuxserver/baseimage-alpine:3.20\n"
LINEAR = 2.5
"""Two is linear, and sorting adds a little; four is quadratic."""


def images(count: int) -> Files:
    """Dockerfiles in folders of one repository."""
    return {f"app{number}/Dockerfile": f"FROM debian:12.8\nRUN echo {number}\n" for number in range(count)}


def versions(count: int) -> Files:
    """Images on different tags of a parent of their own organisation."""
    files = {f"app{number}/Dockerfile": f"FROM acme/base:{number}\n" for number in range(count)}
    rows = "".join(f"\tdocker build -t acme/app{number}:1 app{number}\n" for number in range(count))
    return {**files, "Makefile": f"all:\n{rows}"}


def namesakes(count: int) -> Files:
    """Images in folders that are called like the parent of all of them."""
    return {f"of{number}/debian/Dockerfile": "FROM debian:unheard\n" for number in range(count)}


def builds(count: int) -> Files:
    """Builds of a bake file, of a compose file and of a workflow's matrix, one of each for every Dockerfile."""
    bake = "".join(
        f'target "t{number}" {{\n  context = "app{number}"\n  tags = ["acme/app{number}:1"]\n}}\n'
        for number in range(count)
    )
    services = "".join(
        f"  s{number}:\n    build: app{number}\n    image: acme/app{number}:2\n" for number in range(count)
    )
    names = ", ".join(f"app{number}" for number in range(count))
    matrix = (
        f"jobs:\n  a:\n    strategy: {{matrix: {{name: [{names}]}}}}\n    steps:\n"
        "    - uses: docker/build-push-action@v6\n      with: {context: '${{ matrix.name }}', tags: 'acme/${{ matrix.name }}:3'}\n"
    )
    return {
        **images(count),
        "docker-bake.hcl": bake,
        "compose.yaml": f"services:\n{services}",
        ".github/workflows/build.yml": matrix,
    }


def consumers(count: int) -> Files:
    """Services that run one image."""
    services = "".join(
        f"  s{number}:\n    image: acme/app:1\n    ports: ['{number + 1000}:80']\n    volumes: ['v{number}:/srv']\n"
        for number in range(count)
    )
    return {
        "Dockerfile": S6 + "EXPOSE 80\n",
        "Makefile": "all:\n\tdocker build -t acme/app:1 .\n",
        "compose.yaml": f"services:\n{services}",
    }


_APP = {"Dockerfile": S6 + "EXPOSE 80\n", "Makefile": "all:\n\tdocker build -t acme/app:1 .\n"}
_POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: p%d}\nspec:\n  containers:\n  - {name: c, image: 'acme/app:1'}\n"


def pods(count: int) -> Files:
    """Pods, each in a file of its own, beside as many services."""
    services = "".join(
        f"  s{number}:\n    image: acme/app:1\n    ports: ['{number + 1000}:81']\n" for number in range(count)
    )
    return {
        **_APP,
        **{f"pods/p{number}.yaml": _POD % number for number in range(count)},
        "compose.yaml": f"services:\n{services}",
    }


def kept_places(count: int) -> Files:
    """Services of one image that each keep a folder of their own."""
    services = "".join(
        f"  s{number}:\n    image: acme/app:1\n    volumes: ['v{number}:/srv/d{number}']\n" for number in range(count)
    )
    return {**_APP, "compose.yaml": f"services:\n{services}"}


def extending(count: int) -> Files:
    """Services that all extend those of one file, which is not called compose."""
    services = "".join(f"  s{n}:\n    extends: {{file: parts.yaml, service: p{n}}}\n" for n in range(count))
    parts = "".join(f"  p{n}:\n    build: .\n    ports: ['{n + 1000}:80']\n" for n in range(count))
    return {**_APP, "compose.yaml": f"services:\n{services}", "parts.yaml": f"services:\n{parts}"}


def kustomized(count: int) -> Files:
    """Images that a kustomization replaces, each of a resource of its own."""
    files = {f"p{number}.yaml": _POD.replace("acme/app", f"acme/app{number}") % number for number in range(count)}
    listed = "".join(f"- p{number}.yaml\n" for number in range(count))
    replaced = "".join(f"- {{name: acme/app{number}, newTag: '2'}}\n" for number in range(count))
    return {**_APP, **files, "kustomization.yaml": f"resources:\n{listed}images:\n{replaced}"}


def charts(count: int) -> Files:
    """Charts with templates that their values fill."""
    files: dict[str, str] = {}
    for number in range(count):
        files[f"charts/c{number}/Chart.yaml"] = f"name: c{number}\nversion: 1.0.0\n"
        files[f"charts/c{number}/values.yaml"] = "image: acme/app:1\n"
        files[f"charts/c{number}/templates/pod.yaml"] = _POD.replace("'acme/app:1'", "{{ .Values.image }}") % number
    return {**_APP, **files}


def run_commands(count: int) -> Files:
    """Containers that one script runs, each over several lines."""
    rows = "".join(f"docker run -d --name c{number} \\\n  -e A{number}=1 \\\n  acme/app:1\n" for number in range(count))
    return {**_APP, "run.sh": f"#!/bin/sh\n{rows}"}


def mounts(count: int) -> Files:
    """Mounts, variables and ports of one service."""
    rows = "".join(f"    - ./d{number}:/srv/d{number}\n" for number in range(count))
    names = "".join(f"      VARIABLE_{number}_X: '1'\n" for number in range(count))
    ports = "".join(f"    - '{number + 1000}:{number + 1000}'\n" for number in range(count))
    service = f"    volumes:\n{rows}    environment:\n{names}    ports:\n{ports}"
    return {**_APP, "compose.yaml": f"services:\n  a:\n    image: acme/app:1\n{service}"}


def add_ons(count: int) -> Files:
    """Add-ons, each with its Dockerfile."""
    files: dict[str, str] = {}
    for number in range(count):
        files[f"a{number}/Dockerfile"] = S6
        files[f"a{number}/config.yaml"] = f"name: A\nslug: a{number}\nversion: '1'\narch: [amd64]\n"
    return files


def apps_of_a_registry(count: int) -> Files:
    """Apps of a registry, each with its spec."""
    apps = "".join(
        f"      a{number}:\n        name: A\n        services: {{a{number}: 80}}\n" for number in range(count)
    )
    specs = {
        f"specs/a{number}/docker-compose.yaml": f"services:\n  a{number}:\n    image: acme/app:1\n"
        for number in range(count)
    }
    registry = f"api: Tycho\nrepositories: {{here: {{url: specs}}}}\ncontexts:\n  common:\n    apps:\n{apps}"
    return {**_APP, **specs, "app-registry.yaml": registry}


def documents(count: int) -> Files:
    """Documents that mention names which are nearly those of images."""
    rows = "".join(f"docker run acme/desktopp{number:05}x:1\n\n" for number in range(count))
    files = {f"desktop{number:05}x/Dockerfile": "FROM acme/base:1\n" for number in range(count)}
    return {**files, "README.md": f"# Images\n\n```\n{rows}```\n"}


def lines_of_a_run(count: int) -> Files:
    return {
        "Dockerfile": "FROM debian:12.8\nRUN true"
        + "".join(f" \\\n && touch /srv/file{number}" for number in range(count))
        + "\n"
    }


def findings(count: int) -> Files:
    """Findings in one file."""
    rows = "".join(f"COPY missing{number} /srv/\n" for number in range(count))
    return {"Dockerfile": f"FROM debian:12.8\n{rows}"}


def secrets(count: int) -> Files:
    """Commands of a start script that print, and that print to files."""
    rows = "".join(f'echo "$PASSWORD{number}"\n{{ echo; }} > /srv/{number}\n' for number in range(count))
    return {
        "Dockerfile": S6 + "COPY run /etc/cont-init.d/10-x\n",
        "run": FileSpec(f"#!/bin/sh\n{rows}".encode(), 0o755),
    }


def instructions(row: str) -> Callable[[int], Files]:
    return lambda count: {"Dockerfile": S6 + "".join(row.replace("<n>", str(number)) for number in range(count))}


def start_script(row: str) -> Callable[[int], Files]:
    def files(count: int) -> Files:
        rows = "".join(row.replace("<n>", str(number)) for number in range(count))
        script = FileSpec(f"#!/bin/bash\n{rows}".encode(), 0o755)
        return {"Dockerfile": S6 + "COPY run /etc/cont-init.d/10-x\n", "run": script}

    return files


def start_scripts(count: int) -> Files:
    scripts = {
        f"root/etc/cont-init.d/{number}-x": FileSpec(f"#!/bin/bash\ntouch /x{number}\n".encode(), 0o755)
        for number in range(count)
    }
    return {"Dockerfile": S6 + "COPY root/ /\n", **scripts}


def starts_of_daemons(count: int) -> Files:
    """Init scripts that start what asks for its pid file to be gone, behind as many that remove a file."""
    scripts = {
        f"root/etc/cont-init.d/{number}-x": FileSpec(
            f"#!/bin/bash\nrm -f /tmp/.X{number}-lock\ndbus-daemon --system\nxrdp\n".encode(), 0o755
        )
        for number in range(count)
    }
    return {"Dockerfile": S6 + "COPY root/ /\n", **scripts}


def missed_tags(count: int) -> Files:
    """Consumers of tags that nothing builds, beside as many that are built."""
    steps = "".join(f"      - run: docker build -t acme/x:v{number}0 .\n" for number in range(count))
    services = "".join(f"  s{number}:\n    image: acme/x:v{number}0x\n" for number in range(count))
    return {
        "Dockerfile": "FROM debian:12.8\n",
        ".github/workflows/x.yml": "on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n" + steps,
        "compose.yaml": "services:\n" + services,
    }


ROWS: dict[str, tuple[Callable[[int], Files], int]] = {
    "RUN instructions": (instructions("RUN touch /x<n>\n"), 40),
    "RUN instructions that remove": (instructions("RUN touch /x<n> && rm /x<n>\n"), 40),
    "variables made of undefined ones": (instructions("ENV A<n>=$A<n>b\n"), 200),
    "accounts made at start": (start_script("useradd u<n>\n"), 40),
    "one-line ifs at start": (start_script('if [ "$A" = <n> ]; then B=<n>; fi\n'), 40),
    "scripts at start": (start_scripts, 40),
    "locks removed behind a stop": (start_script("vncserver -kill :1 && rm -f /tmp/.X<n>-lock\n"), 16),
    "daemons with a pid file": (start_script("rm -f /tmp/x<n>.pid\ndbus-daemon --system\n"), 16),
    "starts of daemons": (starts_of_daemons, 18),
}

SHAPES: tuple[tuple[Callable[[int], Files], int], ...] = (
    (images, 6),
    (versions, 12),
    (namesakes, 12),
    (builds, 6),
    (consumers, 16),
    (pods, 8),
    (kept_places, 12),
    (extending, 12),
    (kustomized, 8),
    (charts, 6),
    (run_commands, 10),
    (mounts, 12),
    (add_ons, 4),
    (apps_of_a_registry, 8),
    (documents, 20),
    (lines_of_a_run, 60),
    (findings, 40),
    (secrets, 30),
    (missed_tags, 12),
)


@pytest.mark.parametrize(("shape", "size"), SHAPES, ids=[shape.__name__ for shape, _ in SHAPES])
def test_work_grows_with_the_number(shape: Callable[[int], Files], size: int) -> None:
    def work(count: int) -> Callable[[], object]:
        snapshot = Snapshot.from_mapping("acme", shape(count))
        return lambda: run_rules(Workspace([(snapshot, dockerfiles(snapshot))]), all_rules(), keep=False).findings()

    found = growth(work, size)
    assert found.rate < LINEAR, found


@pytest.mark.parametrize("kind", ROWS)
def test_work_grows_with_the_rows_of_a_file(kind: str) -> None:
    shape, size = ROWS[kind]
    test_work_grows_with_the_number(shape, size)


def test_work_grows_with_the_repositories() -> None:
    def work(count: int) -> Callable[[], object]:
        snapshots = [
            Snapshot.from_mapping(f"app{number}", {"Dockerfile": "FROM debian:12.8\n"}) for number in range(count)
        ]
        return lambda: run_rules(
            Workspace((one, dockerfiles(one)) for one in snapshots), all_rules(), keep=False
        ).findings()

    found = growth(work, 15)
    assert found.rate < LINEAR, found
