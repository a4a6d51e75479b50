"""What the launcher, lineage and entrypoint rules say beyond the fixtures: look-alikes, templates, several images."""

import shutil
from pathlib import Path

import pytest

from ctlint.lineage.consumers.files import consumers
from ctlint.lineage.consumers.names import read_image
from ctlint.lineage.repository.snapshot import Snapshot
from ctlint.lineage.text.errors import listening
from ctlint.lineage.workspace.workspace import Settings, Workspace
from ctlint.lint.judging.engine import run_rules
from ctlint.rules import ct608_state_lost_after_run
from ctlint.rules.ct510_consumer_unknown_image import two_registries
from ctlint.rules.discover import all_rules
from linting import run_on, workspace_of

Files = dict[str, str]

ROOT = Path(__file__).parents[2]

S6_V2 = (
    "FROM debian:12.8-slim\n"
    "ADD https://github.com/just-containers/s6-overlay/releases/download/v2.2.0.3/s6-overlay-amd64.tar.gz /tmp/\n"
    "RUN tar --exclude=./bin -xzf /tmp/s6-overlay-amd64.tar.gz -C / && tar -xzf /tmp/s6-overlay-amd64.tar.gz -C /usr ./bin\n"
)
S6_V3 = (
    "FROM debian:12.8-slim\n"
    "RUN apt-get update && apt-get install -y xz-utils\n"
    "ADD https://github.com/just-containers/s6-overlay/releases/download/v3.1.6.2/s6-overlay-noarch.tar.xz /tmp/\n"
    "ADD https://github.com/just-containers/s6-overlay/releases/download/v3.1.6.2/s6-overlay-x86_64.tar.xz /tmp/\n"
    "RUN tar -C / -Jxpf /tmp/s6-overlay-noarch.tar.xz && tar -C / -Jxpf /tmp/s6-overlay-x86_64.tar.xz\n"
)
ACCOUNT = '#!/usr/bin/with-contenv sh\nuseradd -m -d "/home/$USER_NAME" -u 1000 "$USER_NAME"\n'
LAUNCHER = "[Desktop Entry]\nType=Application\nName=Viewer\nExec=xterm\n"


def written(folder: Path, files: Files) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(0o755)
    return folder


def found(folder: Path, files: Files, code: str) -> list[tuple[str, int]]:
    rules = [rule for rule in all_rules() if rule.code == code]
    run = run_on(written(folder, files), rules)
    return [(finding.place.path, finding.place.line) for finding in run.findings()]


def desktop(script: str) -> Files:
    return {
        "Dockerfile": S6_V2 + 'ENV USER_NAME=""\nCOPY root/ /\nCOPY viewer.desktop /srv/\nENTRYPOINT ["/init"]\n',
        "root/etc/cont-init.d/40-account": ACCOUNT,
        "root/etc/cont-init.d/50-launchers": "#!/usr/bin/with-contenv sh\n" + script,
        "viewer.desktop": LAUNCHER,
    }


HERE = "root/etc/cont-init.d/50-launchers"


@pytest.mark.parametrize(
    "script",
    [
        'mkdir -p "/home/$USER_NAME/Desktop"\ncp -n /srv/viewer.desktop "/home/$USER_NAME/Desktop/"\n',
        'mkdir -p "/home/$USER_NAME/Desktop"\ncp -u /srv/viewer.desktop "/home/$USER_NAME/Desktop/"\n',
        'test -e "/home/$USER_NAME/.done" || cp /srv/viewer.desktop "/home/$USER_NAME/Desktop/"\n',
        'cmp -s /srv/viewer.desktop "$X" || cp /srv/viewer.desktop "/home/$USER_NAME/Desktop/"\n',
    ],
)
def test_a_launcher_that_the_user_keeps_is_no_overwritten_one(tmp_path: Path, script: str) -> None:
    assert found(tmp_path, desktop(script), "CT406") == []


@pytest.mark.parametrize(
    "script",
    [
        '[ -f /srv/viewer.desktop ] && cp /srv/viewer.desktop "/home/$USER_NAME/Desktop/"\n',
        'if [ ! -d "/home/$USER_NAME/viewer.desktop" ]; then cp /srv/viewer.desktop "/home/$USER_NAME/viewer.desktop"; fi\n',
        '[ -n "$USER_NAME" ] && cp /srv/viewer.desktop "/home/$USER_NAME/Desktop/"\n',
    ],
)
def test_a_test_that_is_always_met_keeps_nothing(tmp_path: Path, script: str) -> None:
    assert found(tmp_path, desktop(script), "CT406") == [(HERE, 2)]


def test_a_new_home_has_no_desktop_unless_something_makes_it(tmp_path: Path) -> None:
    copy = 'cp /srv/viewer.desktop "/home/$USER_NAME/Desktop/"\n'
    assert found(tmp_path / "a", desktop(copy), "CT404") == [(HERE, 2)]
    assert found(tmp_path / "b", desktop('install -d "/home/$USER_NAME/Desktop"\n' + copy), "CT404") == []
    with_skeleton = desktop(copy) | {"root/etc/skel/Desktop/readme": "hello\n"}
    assert found(tmp_path / "c", with_skeleton, "CT404") == []


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ('ln -s /srv/viewer.desktop "/home/$USER_NAME/Desktop/viewer.desktop"\n', True),
        (
            '[ -f "/home/$USER_NAME/Desktop/viewer.desktop" ] || ln -s /srv/viewer.desktop "/home/$USER_NAME/Desktop/viewer.desktop"\n',
            True,
        ),
        (
            '[ -L "/home/$USER_NAME/Desktop/viewer.desktop" ] || ln -s /srv/viewer.desktop "/home/$USER_NAME/Desktop/viewer.desktop"\n',
            False,
        ),
        ('set -e\nln -s /srv/viewer.desktop "/home/$USER_NAME/Desktop/viewer.desktop" || true\n', False),
        (
            'rm -rf "/home/$USER_NAME/Desktop"; mkdir "/home/$USER_NAME/Desktop"\nln -s /srv/viewer.desktop "/home/$USER_NAME/Desktop/"\n',
            False,
        ),
        ("ln -s /srv/viewer.desktop /usr/share/applications/viewer.desktop\n", False),
    ],
)
def test_only_links_that_meet_themselves_are_reported(tmp_path: Path, script: str, expected: bool) -> None:
    assert bool(found(tmp_path, desktop(script), "CT407")) is expected


def test_moving_tags_are_those_of_the_configuration(tmp_path: Path) -> None:
    written(tmp_path, {"Dockerfile": "FROM debian:bookworm\n"})
    rules = [rule for rule in all_rules() if rule.code == "CT501"]
    for tags, count in ((None, 0), (("bookworm*",), 1), ((), 0)):
        workspace, _ = workspace_of(tmp_path, Settings(moving_tags=tags))
        assert len(run_rules(workspace, rules).findings()) == count


def test_a_stage_that_is_built_on_another_has_its_arguments(tmp_path: Path) -> None:
    base = "FROM debian:12.8-slim AS base\nARG SITE=north\nFROM base\nRUN echo $SITE > /site\n"
    assert found(tmp_path / "a", {"Dockerfile": base}, "CT506") == []
    other = "FROM debian:12.8-slim AS base\nARG SITE=north\nRUN date > /x\nFROM debian:12.8-slim\nCOPY --from=base /x /x\nRUN echo $SITE\n"
    assert found(tmp_path / "b", {"Dockerfile": other}, "CT506") == [("Dockerfile", 6)]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("RUN echo $TARGETARCH > /arch", True),
        ("ARG TARGETARCH\nRUN echo $TARGETARCH > /arch", False),
        ("RUN echo ${TARGETARCH:-amd64} > /arch", False),
        ('RUN TARGETARCH="$(dpkg --print-architecture)"; echo $TARGETARCH > /arch', False),
    ],
)
def test_the_platform_arguments_need_a_declaration(tmp_path: Path, line: str, expected: bool) -> None:
    assert bool(found(tmp_path, {"Dockerfile": f"FROM debian:12.8-slim\n{line}\n"}, "CT506")) is expected


@pytest.mark.parametrize(
    ("origin", "expected"),
    [
        ("busybox", False),
        ("Assets", False),
        ("asets", True),
        ("later", True),
        ("1", True),
        ("7", True),
        ("example.org/asset", False),
        ("shared", False),
    ],
)
def test_what_copy_takes_from(tmp_path: Path, origin: str, expected: bool) -> None:
    text = f"FROM debian:12 AS assets\nFROM debian:12 AS main\nCOPY --from={origin} /x /x\nFROM main AS later\nCOPY --from=assets /y /y\n"
    assert bool(found(tmp_path, {"Dockerfile": text}, "CT507")) is expected


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ('CMD ["echo", "up"]', True),
        ("CMD service cron start", True),
        ('CMD ["tail", "-f", "/dev/null"]', False),
        ('CMD ["bash"]', False),
        ('CMD ["my-server"]', False),
        ("CMD echo up && exec my-server", False),
        ("CMD while true; do date; sleep 5; done", False),
    ],
)
def test_a_command_that_surely_returns(tmp_path: Path, command: str, expected: bool) -> None:
    assert bool(found(tmp_path, {"Dockerfile": S6_V2 + f'ENTRYPOINT ["/init"]\n{command}\n'}, "CT604")) is expected


@pytest.mark.parametrize(
    ("env", "command", "expected"),
    [
        ("ENV PORT=1", "CMD exec server -p $PORT", True),
        ("ENV PORT=1 S6_KEEP_ENV=1", "CMD exec server -p $PORT", False),
        ("ENV PORT=1", "CMD exec server -p ${PORT:-8080}", False),
        ("ENV PORT=1", "CMD with-contenv sh -c 'exec server -p $PORT'", False),
        ("ENV OTHER=1", "CMD exec server -p $PORT", False),
    ],
)
def test_variables_that_cmd_does_not_have(tmp_path: Path, env: str, command: str, expected: bool) -> None:
    text = S6_V3 + f'{env}\nENTRYPOINT ["/init"]\n{command}\n'
    assert bool(found(tmp_path, {"Dockerfile": text}, "CT606")) is expected


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ('/init "$@"', True),
        ('exec /init "$@"', False),
        ('exec tini -- /init "$@"', True),
        ('if [ "$$" != 1 ]; then /init; fi; exec /init "$@"', False),
        ('if [ $# -gt 0 ]; then exec "$@"; fi; /init', True),
    ],
)
def test_init_as_a_child_of_a_script(tmp_path: Path, script: str, expected: bool) -> None:
    files = {"Dockerfile": S6_V3 + 'COPY start /start\nENTRYPOINT ["/start"]\n', "start": f"#!/bin/sh\n{script}\n"}
    assert bool(found(tmp_path, files, "CT607")) is expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("RUN cd /srv", True),
        ("RUN set -x; export A=1", True),
        ("RUN date > /x && alias ll='ls -l'", True),
        ("RUN <<EOF\ncd /srv\nEOF", True),
        ("RUN cd /srv && make", False),
        ("RUN (cd /srv)", True),
        ("RUN echo 'export A=1' >> /root/.profile", False),
        ("RUN service cron start && sleep 1 && my-check", False),
    ],
)
def test_what_a_run_leaves_behind(tmp_path: Path, line: str, expected: bool) -> None:
    assert bool(found(tmp_path, {"Dockerfile": f"FROM debian:12.8-slim\n{line}\n"}, "CT608")) is expected


PARTS = ("cd /srv", "make all", "export A=1", "sudo service x start", "sudo make", ". /quit.sh", "ls *.c", "$DO it",
         "true || make", "alias a=b", "cp a 'b c'", "set -e", "echo x > y", "time cd /x", "exit 0", "env A=1 cd /x")  # fmt: skip


@pytest.mark.parametrize("base", ["debian:12.8-slim", "example.org/unknown:1"])
def test_a_run_that_is_not_read_would_have_told_nothing(tmp_path: Path, base: str) -> None:
    """Neither a finding nor that something is undecided."""
    lines = [f"RUN {one} && {two}; {three}" for one in PARTS for two in PARTS for three in ("make", "export B=2")]
    script = "COPY quit.sh /quit.sh"
    written(tmp_path, {"Dockerfile": "\n".join([f"FROM {base}", script, *lines, ""]), "quit.sh": "exec true\n"})
    workspace, _ = workspace_of(tmp_path)
    image = workspace.effective(workspace.images[0])
    steps = [step for step in image.steps if step.instruction.keyword == "RUN"]
    spared = [step for step in steps if ct608_state_lost_after_run._plainly_does_more(image, step)]
    assert 20 < len(spared) < len(steps)
    for step in spared:
        with listening() as heard:
            assert (step.place, [*ct608_state_lost_after_run._run(image, step)], heard) == (step.place, [], [])


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("RUN pip install requests>=2.31", True),
        ("RUN pip install -U requests<3", True),
        ("RUN conda install -y numpy>=1.2 scipy", True),
        ("RUN pip install 'requests>=2.31'", False),
        ("RUN sort <3", False),
        ("RUN date >3", False),
        ("RUN pip freeze >2024", False),
        ('RUN ["pip", "install", "requests>=2.31"]', False),
        ("RUN [ 1 -gt 0 ] && pip list > installed", False),
    ],
)
def test_specifiers_and_redirections(tmp_path: Path, line: str, expected: bool) -> None:
    assert bool(found(tmp_path, {"Dockerfile": f"FROM python:3.12\n{line}\n"}, "CT609")) is expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("HEALTHCHECK CMD curl -f http://localhost/ || exit 1", True),
        ("RUN apt-get update && apt-get install -y curl\nHEALTHCHECK CMD curl -f http://localhost/", False),
        ('HEALTHCHECK CMD ["sh", "/srv/missing"]', True),
        ("HEALTHCHECK CMD /run/check", False),
        ("VOLUME /data\nHEALTHCHECK CMD /data/check", False),
        ("HEALTHCHECK CMD test -e /srv/up && true", False),
        ("HEALTHCHECK CMD command -v curl && curl -f http://localhost/", False),
    ],
)
def test_health_checks_that_cannot_work(tmp_path: Path, line: str, expected: bool) -> None:
    assert bool(found(tmp_path, {"Dockerfile": f"FROM debian:12.8-slim\n{line}\n"}, "CT610")) is expected


def test_variants_and_architectures_are_no_drift(tmp_path: Path) -> None:
    names = {"a": "2.1.0", "b": "arm64v8-2.1.0", "c": "2.1.0-slim", "d": "2.1.0"}
    files = {f"{name}/Dockerfile": f"FROM acme/station:{tag}\n" for name, tag in names.items()}
    files["Makefile"] = "build:\n" + "".join(f"\tdocker build -t acme/{name}:1 {name}\n" for name in names)
    assert found(tmp_path, files, "CT504") == []


def test_versions_of_a_parent_from_elsewhere_are_no_drift(tmp_path: Path) -> None:
    files = {f"{version}/Dockerfile": f"FROM alpine:{version}\n" for version in ("3.18", "3.19", "3.20")}
    files["Makefile"] = "build:\n" + "".join(f"\tdocker build -t acme/app:{v} {v}\n" for v in ("3.18", "3.19", "3.20"))
    assert found(tmp_path, files, "CT504") == []


def test_two_dockerfiles_of_one_folder_may_have_one_name(tmp_path: Path) -> None:
    files = {
        "Dockerfile": "FROM debian:12\n",
        "Dockerfile.dev": "FROM debian:12\nRUN date\n",
        "Makefile": "all:\n\tdocker build -t acme/app:1 .\ndev:\n\tdocker build -t acme/app:1 -f Dockerfile.dev .\n",
    }
    assert found(tmp_path, files, "CT509") == []


@pytest.mark.parametrize(
    ("written_name", "expected"),
    [
        ("acme/app:1", ("acme/app", "1", False)),
        ("{{ registry }}/acme/app:{{ tag }}", ("acme/app", None, True)),
        ("${REGISTRY:-docker.io}/acme/app:${TAG:-2}", ("acme/app", "2", False)),
        ("$(REGISTRY)/acme/app", ("acme/app", None, True)),
        ("{{ image }}", (None, None, False)),
        ("acme/{{ app }}:1", (None, "1", False)),
    ],
)
def test_references_with_placeholders(written_name: str, expected: tuple[str | None, str | None, bool]) -> None:
    name, tag, is_open = read_image(written_name)
    assert (name, tag) == expected[:2]
    if name is not None:
        assert is_open is expected[2]


@pytest.mark.parametrize(
    ("name", "is_open", "expected"),
    [
        ("docker.io/quay.io/a/b", False, True),
        ("quay.io/a/b", True, True),
        ("acme/app", True, False),
        ("harbor.example.net/docker.io/library/nginx", False, False),
        ("ghcr.io/a/b", False, False),
        ("quay.io/acme.io/app", False, False),
        ("quay.io/docker.io/acme/app", False, True),
        ("ghcr.io/acme.io/app", False, True),
    ],
)
def test_two_registries_in_one_name(name: str, is_open: bool, expected: bool) -> None:
    assert (two_registries(name, is_open) is not None) is expected


def test_consumers_of_templates_and_manifests() -> None:
    snapshot = Snapshot.from_mapping(
        "apps",
        {
            "docker-compose.yaml": "services:\n  a:\n    image: acme/a:1\n    init: true\n  b:\n    build: .\n",
            "app/docker-compose.yml": "services:\n{% if x %}\n  a:\n    image: {{ registry }}/acme/b:1\n{% endif %}\n",
            "k8s/pod.yaml": "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - name: c\n    image: acme/c:1\n",
            "chart/values.yaml": "image:\n  repository: acme/d\n  tag: '2'\n",
            "other.yaml": "image: acme/e\n",
            "broken-compose.yaml": "services: [\nimage: acme/f:1\n",
        },
    )
    named = {(consumer.name, consumer.tag, consumer.place.line) for consumer in consumers(snapshot)}
    assert named == {
        ("acme/a", "1", 3),
        (None, None, 6),
        ("acme/b", "1", 4),
        ("acme/c", "1", 6),
        ("acme/d", "2", 2),
        ("acme/f", "1", 2),
    }
    assert [consumer.init.place.line for consumer in consumers(snapshot) if consumer.init is not None] == [4]


def test_hostile_yaml_is_read_in_bounded_time() -> None:
    bomb = "a: &a [x, x]\n" + "".join(
        f"b{n}: &b{n} [*{'a' if not n else f'b{n - 1}'}, *{'a' if not n else f'b{n - 1}'}]\n" for n in range(60)
    )
    text = f"apiVersion: v1\nkind: List\nimage: acme/a:1\n{bomb}"
    snapshot = Snapshot.from_mapping(
        "apps", {"k8s.yaml": text, "deep.yaml": "apiVersion: v1\nkind: X\nimage: " + "[" * 100_000}
    )
    assert [consumer.name for consumer in consumers(snapshot)] == ["acme/a"]


def test_init_true_counts_only_for_the_image_that_the_service_runs(tmp_path: Path) -> None:
    files = {
        "Dockerfile": S6_V3 + 'ENTRYPOINT ["/init"]\n',
        "compose.yaml": "services:\n  a:\n    build: .\n    init: true\n  b:\n    image: postgres:16\n    init: true\n",
    }
    assert found(tmp_path, files, "CT702") == [("compose.yaml", 4)]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ('ENTRYPOINT ["tini", "--"]\nCMD ["/init"]', [("Dockerfile", 7)]),
        ('ENTRYPOINT ["/bin/sh", "-c", "/init"]', [("Dockerfile", 6)]),
        ('ENTRYPOINT ["/bin/bash", "-c", "/init"]', []),
        ('ENTRYPOINT ["/bin/sh", "-c", "exec /init"]', []),
    ],
)
def test_init_as_a_child_of_a_command_line(tmp_path: Path, lines: str, expected: list[tuple[str, int]]) -> None:
    assert found(tmp_path, {"Dockerfile": S6_V3 + lines + "\n"}, "CT607") == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ('HEALTHCHECK --interval=5s CMD ["/check"] x', True),
        ('HEALTHCHECK CMD ["/check"]', False),
        ("HEALTHCHECK CMD [ -e /srv ]", False),
        ('RUN [ "$A" ] && date', False),
    ],
)
def test_what_stands_behind_an_array(tmp_path: Path, line: str, expected: bool) -> None:
    assert bool(found(tmp_path, {"Dockerfile": f"FROM debian:12.8-slim\n{line}\n"}, "CT603")) is expected


@pytest.mark.parametrize("base", ["acme/station@sha256:" + "a" * 64, "acme/station:2.0.0@sha256:" + "a" * 64])
def test_a_parent_by_digest_is_no_sibling_on_another_tag(tmp_path: Path, base: str) -> None:
    """Two stand on 2.1.0, one is pinned to a digest: nobody can say that it lags behind."""
    files = {f"{name}/Dockerfile": f"FROM {ref}\n" for name, ref in (("a", "acme/station:2.1.0"), ("b", base))}
    files["c/Dockerfile"] = "FROM acme/station:2.1.0\n"
    files["Makefile"] = "build:\n" + "".join(f"\tdocker build -t acme/{name}:1 {name}\n" for name in "abc")
    assert found(tmp_path, files, "CT504") == []
    files["b/Dockerfile"] = "FROM acme/station:2.0.0\n"
    assert len(found(tmp_path / "tags", files, "CT504")) == 1


@pytest.mark.parametrize(("before", "after", "told"), [("", " tar", 0), (" tar", "", 1)])
def test_gnu_tar_counts_from_the_moment_when_it_is_installed(
    tmp_path: Path, before: str, after: str, told: int
) -> None:
    address = "https://github.com/just-containers/s6-overlay/releases/download/v2.2.0.3/s6-overlay-amd64.tar.gz"
    text = (
        f"FROM alpine\nRUN apk add curl{before}\nRUN curl -L {address} | tar xz -C /\n"
        f'RUN apk add bash{after}\nENTRYPOINT ["/init"]\n'
    )
    assert len(found(tmp_path, {"Dockerfile": text}, "CT115")) == told


@pytest.mark.parametrize(
    ("base", "told", "undecided"),
    [("acme/station:2", 0, 1), ("debian:12.8-slim", 1, 0), ("scratch", 0, 0), ("scratch\nADD s6 /bin/", 0, 0)],
)
def test_what_an_archive_of_the_context_takes_the_place_of_is_known_or_asked_of_the_parent(
    tmp_path: Path, base: str, told: int, undecided: int
) -> None:
    """The archive brings a folder `bin`; a `/bin` that the image itself made as a folder is no link."""
    shutil.copytree(ROOT / "fixtures/ct115/bad-add", tmp_path, dirs_exist_ok=True)
    (tmp_path / "s6").touch()
    text = f'FROM {base}\nADD s6-overlay-amd64.tar.gz /\nENTRYPOINT ["/init"]\n'
    (tmp_path / "Dockerfile").write_text(text, "utf-8")
    run = run_on(tmp_path, [rule for rule in all_rules() if rule.code == "CT115"])
    assert (len(run.findings()), len(run.skipped)) == (told, undecided)


def test_an_image_that_was_brought_in_says_nothing_of_the_other_names_of_its_owner() -> None:
    """Of an owner whose repositories were all asked for, a name one letter off is a slip; of another, it may be an image."""
    consumer = Snapshot.from_mapping(
        "home", {"compose.yaml": "services:\n  a:\n    image: acme/stadion:1\n", "Dockerfile": "FROM debian:12.8\n"}
    )
    maker = Snapshot.from_mapping(
        "station", {"Dockerfile": "FROM debian:12.8\n", "Makefile": "all:\n\tdocker build -t acme/station:1 .\n"}
    )
    rules = [rule for rule in all_rules() if rule.code == "CT510"]
    brought = Workspace([(consumer, ("Dockerfile",))])
    brought.add([(maker, ("Dockerfile",))])
    asked = Workspace([(consumer, ("Dockerfile",)), (maker, ("Dockerfile",))])
    assert [len(run_rules(each, rules, keep=False).findings()) for each in (brought, asked)] == [0, 1]
