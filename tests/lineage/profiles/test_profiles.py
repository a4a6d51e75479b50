"""Bundled profiles: what an image is as data gives the same answers as what it is from source."""

import json
from pathlib import Path
from typing import Any

import pytest
from tools.profile_differences import fingerprint

from ctlint.lineage.boot.plan import BootPlan
from ctlint.lineage.effects.as_json import effect_from_json, effect_to_json, text_from_json, text_to_json
from ctlint.lineage.effects.model import (
    ChangeOwner,
    Copy,
    Effect,
    Execute,
    Link,
    MakeAccount,
    Opens,
    Remove,
    Unpack,
    Write,
)
from ctlint.lineage.folding.apply import apply
from ctlint.lineage.folding.build_state import BuildState
from ctlint.lineage.image.accounts import Account
from ctlint.lineage.image.image import EffectiveImage
from ctlint.lineage.image.s6_overlay_files import labelled_nodes
from ctlint.lineage.image.tree import Node, Tree
from ctlint.lineage.profiles.find import find_profile, load_profile
from ctlint.lineage.profiles.read import image_from_json, image_to_json
from ctlint.lineage.profiles.write import script_facts
from ctlint.lineage.repository.disk import read_folder
from ctlint.lineage.repository.snapshot import FileSpec, Snapshot
from ctlint.lineage.s6.release import S6Release, release_of
from ctlint.lineage.text.errors import InputError, Unknown
from ctlint.lineage.text.places import Place, Span
from ctlint.lineage.text.reference import Reference, identity
from ctlint.lineage.text.symbolic import Text, Var
from ctlint.lineage.workspace.workspace import ImageSource, Parent, Settings, Workspace

PROFILES = Path(__file__).parents[3] / "lineage" / "profiles"
FLEET = Path(__file__).parents[3] / "fixtures" / "fleet"
INDEX: dict[str, list[list[Any]]] = {
    name: rows
    for path in PROFILES.glob("index*.json")
    for name, rows in json.loads(path.read_text("utf-8"))["images"].items()
}
FILES = sorted(path.name for path in PROFILES.glob("*.json") if not path.name.startswith("index"))
LISTED = sorted({tuple(row[1]) for rows in INDEX.values() for row in rows if row[1]})
PLACE = Place("acme/station@0123456789ab/root/etc/cont-init.d/40-account.sh", Span(7))
ROOT = Text.of("root")

DESKTOP = {
    "Dockerfile": """FROM debian:12.8-slim
ADD https://github.com/just-containers/s6-overlay/releases/download/v3.1.6.2/s6-overlay-noarch.tar.xz /tmp/
ADD https://github.com/just-containers/s6-overlay/releases/download/v3.1.6.2/s6-overlay-x86_64.tar.xz /tmp/
RUN apt-get update && apt-get install -y xz-utils \\
    && tar -C / -Jxf /tmp/s6-overlay-noarch.tar.xz && tar -C / -Jxf /tmp/s6-overlay-x86_64.tar.xz
ENV DESK_USER="" HOME=/headless
RUN mkdir -p /headless/Desktop && useradd -u 911 -d /config service
WORKDIR /headless
COPY root/ /
EXPOSE 5901
ENTRYPOINT ["/init"]
CMD ["sleep", "infinity"]
""",
    "root/etc/s6-overlay/s6-rc.d/init-account/type": "oneshot\n",
    "root/etc/s6-overlay/s6-rc.d/init-account/up": "# makes the account\n/etc/s6-overlay/s6-rc.d/init-account/run\n",
    "root/etc/s6-overlay/s6-rc.d/init-account/run": FileSpec(
        b"#!/command/with-contenv bash\n"
        b'useradd -m -d "/home/$DESK_USER" -u 1000 "$DESK_USER"\n'
        b'chown -R "$DESK_USER" "/home/$DESK_USER"\n',
        0o755,
    ),
    "root/etc/s6-overlay/s6-rc.d/init-account/dependencies.d/base": "",
    "root/etc/s6-overlay/s6-rc.d/user/contents.d/init-account": "",
    "root/etc/cont-init.d/60-launchers.sh": FileSpec(
        b"#!/command/with-contenv sh\nfor file in /headless/Desktop/*.desktop; do\n"
        b'    cp "$file" "/home/$DESK_USER/Desktop/"\ndone\n',
        0o755,
    ),
    "root/etc/services.d/heart/run": FileSpec(b"#!/bin/sh\nexec heartbeat\n", 0o755),
    "root/defaults/session.sh": FileSpec(b"#!/bin/sh\nfor one in /helx/*.sh; do $one; done\nwindow-manager\n", 0o755),
}


class OnProfile(Workspace):
    """A workspace in which every parent is the image that was given."""

    image_below: EffectiveImage

    def parent(self, reference: Reference, child: ImageSource | None = None) -> Parent:
        return Parent(None, self.image_below)


def workspace(files: dict[str, Any], name: str = "station") -> Workspace:
    return Workspace([(Snapshot.from_mapping(name, files), ["Dockerfile"])])


def folded(files: dict[str, Any], below: EffectiveImage | None = None) -> tuple[EffectiveImage, BootPlan]:
    if below is None:
        made = workspace(files)
    else:
        on_profile = OnProfile([(Snapshot.from_mapping("child", files), ["Dockerfile"])])
        on_profile.image_below = below
        made = on_profile
    return made.effective(made.images[0]), made.boot(made.images[0])


def exported(image: EffectiveImage, plan: BootPlan, sessions: tuple[str, ...] = ()) -> dict[str, Any]:
    data = image_to_json(image, script_facts(image, plan), "acme/station@0123456789ab", ["1.0"])
    data["sessions"] = list(sessions)
    return json.loads(json.dumps(data))


def steps(plan: BootPlan) -> list[tuple[object, ...]]:
    return [(step.kind, step.name, step.user.canonical, kinds(step.effects)) for step in plan.steps]


def kinds(effects: tuple[Effect, ...]) -> list[tuple[str, object]]:
    return [(type(effect).__name__, canonical(effect)) for effect in effects]


def canonical(effect: Effect) -> object:
    named = ("path", "target", "name", "owner", "uid", "sources", "recursive", "globs", "mode", "sure")
    values = ((field, getattr(effect, field, None)) for field in named)
    return [(field, str(value)) for field, value in values if value is not None]


def settings(image: EffectiveImage) -> dict[str, object]:
    return {
        "env": {name: value.value for name, value in image.env.items()},
        "user": image.user and image.user.value,
        "workdir": image.workdir and image.workdir.value,
        "entrypoint": image.entrypoint and image.entrypoint.value,
        "cmd": image.cmd and image.cmd.value,
        "exposed": [port.value for port in image.exposed],
        "sh": image.sh,
        "accounts": {name: (account.uid, account.home, account.sure) for name, account in image.accounts.known.items()},
        "packages": image.accounts.packages,
    }


def files_of(tree: Tree) -> dict[str, tuple[object, ...]]:
    return {path: (node.kind, node.mode, node.target, node.owner, node.sure) for path, node in tree.nodes.items()}


def test_an_exported_image_gives_the_answers_of_its_source() -> None:
    image, plan = folded(DESKTOP)
    loaded = image_from_json(exported(image, plan))

    assert settings(loaded) == settings(image)
    assert files_of(loaded.tree) == files_of(image.tree)
    for path in ("/etc/cont-init.d", "/headless/Desktop", "/usr/share", "/home", "/etc/s6-overlay/s6-rc.d"):
        assert (loaded.tree.closed(path) is True) is (image.tree.closed(path) is True), path
    release = release_of(loaded)
    assert isinstance(release, S6Release)
    assert release.version == "3.1.6.2"


def test_a_child_boots_alike_on_the_profile_and_on_the_source() -> None:
    parent, plan = folded(DESKTOP)
    profile = image_from_json(exported(parent, plan))
    child = {
        "Dockerfile": "FROM acme/station:1.0\nCOPY viewer.desktop /headless/Desktop/\nCOPY 70-late.sh /etc/cont-init.d/\n",
        "viewer.desktop": "[Desktop Entry]\n",
        "70-late.sh": FileSpec(b'#!/command/with-contenv sh\ntouch "/home/$DESK_USER/late"\n', 0o755),
    }
    on_source, source_plan = folded(child, parent)
    on_profile, profile_plan = folded(child, profile)

    assert [row[:3] for row in steps(profile_plan)] == [row[:3] for row in steps(source_plan)]
    assert [a.name.canonical for a in profile_plan.accounts] == ["${DESK_USER}"]
    assert [a.home.canonical for a in profile_plan.accounts] == [a.home.canonical for a in source_plan.accounts]
    account = next(step for step in profile_plan.steps if step.name == "init-account")
    assert kinds(account.effects) == kinds(next(s for s in source_plan.steps if s.name == "init-account").effects)
    late = next(step for step in profile_plan.steps if step.name == "70-late.sh")
    assert profile_plan.precedes(late, account) is True, "the oneshot depends on base, of which cont-init.d is part"
    assert profile_plan.precedes(account, late) is False
    assert files_of(on_profile.tree) == files_of(on_source.tree)


def test_places_of_a_profile_name_repository_and_commit() -> None:
    image, plan = folded(DESKTOP)
    loaded = image_from_json(exported(image, plan))
    assert str(loaded.env["HOME"].place) == "acme/station@0123456789ab/Dockerfile:6"
    script = loaded.tree.find("/etc/cont-init.d/60-launchers.sh")
    assert script is not None
    assert str(script.home) == "acme/station@0123456789ab/root/etc/cont-init.d/60-launchers.sh:1"


def test_login_scripts_are_those_of_the_image_that_is_linted() -> None:
    parent, plan = folded(DESKTOP)
    profile = image_from_json(exported(parent, plan, ("/defaults/session.sh",)))
    child = {
        "Dockerfile": "FROM acme/station:1.0\nRUN sed -i '1a /prepare.sh' /defaults/session.sh\nCOPY root/ /\n",
        "root/prepare.sh": FileSpec(b"#!/bin/sh\ntouch /tmp/prepared\n", 0o755),
        "root/helx/10-link.sh": FileSpec(b'#!/bin/sh\nln -s /usr/share/x.desktop "$HOME/Desktop/x.desktop"\n', 0o755),
        "root/helx/20-more.sh": FileSpec(b"#!/bin/sh\ntrue\n", 0o755),
    }
    _, boot = folded(child, profile)
    session = [step for step in boot.steps if step.kind == "session"]
    assert [step.path for step in session] == [
        "/defaults/session.sh",
        "/prepare.sh",
        "/helx/10-link.sh",
        "/helx/20-more.sh",
    ]
    assert {step.user.canonical for step in session} == {"${DESK_USER}"}
    assert [type(effect).__name__ for effect in session[2].effects] == ["Link"]
    assert [effect for effect in session[0].effects if isinstance(effect, Link)] == []


def test_only_lines_that_sed_inserts_are_taken_for_commands() -> None:
    parent, plan = folded(DESKTOP)
    profile = image_from_json(exported(parent, plan, ("/defaults/session.sh",)))
    for script in ("s/window-manager/other/", "1d", "/x/c /prepare.sh"):
        child = {"Dockerfile": f"FROM acme/station:1.0\nRUN sed -i '{script}' /defaults/session.sh\n"}
        image, boot = folded(child, profile)
        node = image.tree.find("/defaults/session.sh")
        assert node is not None
        assert node.inserted == ()
        assert [step.path for step in boot.steps if step.kind == "session"] == ["/defaults/session.sh"]


def test_an_exported_profile_holds_no_text_of_scripts() -> None:
    image, plan = folded(DESKTOP)
    text = json.dumps(exported(image, plan))
    assert "heartbeat\\n" not in text
    assert "makes the account" not in text
    assert 'cp \\"$file' not in text


def test_an_image_with_onbuild_cannot_be_exported() -> None:
    image, plan = folded({"Dockerfile": "FROM debian:12.8-slim\nONBUILD COPY . /app\n"})
    with pytest.raises(InputError, match="ONBUILD"):
        exported(image, plan)


def test_every_profile_loads() -> None:
    for layers in LISTED:
        image = load_profile(*layers)
        assert image.chain[0].origin == "profile", layers
        assert image.known == "full", layers
        assert isinstance(image.accounts.get("root"), Account), f"{layers}: every image has root"
        closed = image.tree.closed("/usr/lib")
        assert isinstance(closed, Unknown), f"{layers}: a profile does not list the files of a distribution"


def test_profiles_hold_facts_and_where_they_are_from() -> None:
    for file in FILES:
        data = json.loads((PROFILES / file).read_text("utf-8"))
        assert "@" in data["source"], file
        for path, node in data.get("nodes", {}).items():
            assert "data" not in node or path.startswith("/etc/s6-overlay/"), file
        for script in data.get("scripts", {}).values():
            assert "\n" not in script.get("shebang", ""), file
            for effect in script.get("effects", ()):
                assert len(effect.get("content", "")) <= 80, file


def test_what_is_kept_over_a_base_is_read_back_as_the_whole_export_was() -> None:
    """`whole` was made of the export of the image with all that it inherits, when the profile was."""
    for file in FILES:
        data = json.loads((PROFILES / file).read_text("utf-8"))
        if "from" in data:
            assert fingerprint(load_profile(file, name=data["image"])) == data["whole"], f"{file}: make it anew"


def test_an_application_is_told_from_its_base() -> None:
    found = find_profile("linuxserver/radarr", "latest")
    assert found is not None
    image, assumed = found
    assert "2026" in str(assumed), "the snapshot's branch and month are told"
    assert [link.name for link in image.chain] == ["linuxserver/radarr", "linuxserver/baseimage-alpine"]
    assert image.env["TMPDIR"].image == "linuxserver/radarr"
    assert image.env["HOME"].image == "linuxserver/baseimage-alpine"
    assert [port.value for port in image.exposed] == ["7878"]
    assert [path.value for path in image.volumes] == ["/config"]
    assert image.entrypoint is not None
    assert image.entrypoint.value.words == ("/init",)


@pytest.mark.parametrize(
    ("tag", "known"),
    [
        ("latest", True),
        ("5.21.1", True),
        ("version-5.21.1.9799", True),
        ("3.0.2", False),
        ("version-3.0.2.4552", False),
        ("80", False),
    ],
)
def test_a_tag_of_a_time_with_another_init_is_not_taken_for_an_application_of_today(tag: str, known: bool) -> None:
    assert (find_profile("linuxserver/radarr", tag) is not None) is known


def test_every_file_is_used() -> None:
    used = {file for layers in LISTED for file in layers}
    pending = list(used)
    while pending:
        data = json.loads((PROFILES / pending.pop()).read_text("utf-8"))
        extends = [*data.get("extends", ()), *([data["from"]] if "from" in data else ())]
        pending += [file for file in extends if file not in used]
        used.update(extends)
    assert used == set(FILES)


@pytest.mark.parametrize(
    ("name", "tag", "sh"),
    [
        ("debian", "12.8-slim", "dash"),
        ("debian", "bullseye-20240812", "dash"),
        ("ubuntu", "22.04", "dash"),
        ("ubuntu", "noble-20240605", "dash"),
        ("alpine", "3.20", "busybox"),
        ("amd64/alpine", "3.20.1", "busybox"),
        ("almalinux", "9-minimal", "bash"),
        ("node", "10.16.3-slim", "dash"),
        ("node", "22-alpine3.20", "busybox"),
        ("python", "3.11-slim", "dash"),
        ("tomcat", "9-jre8", "dash"),
        ("tomcat", "9.0.85-jre8-temurin-jammy", "dash"),
        ("nginx", "1.26", "dash"),
        ("linuxserver/baseimage-ubuntu", "jammy", "dash"),
        ("linuxserver/baseimage-alpine", "3.20", "busybox"),
        ("helxplatform/cloudtop", "develop-latest", "dash"),
        ("helxplatform/webtop/base", "v0.0.2", "dash"),
        ("quay.io/jupyter/base-notebook", "latest", "dash"),
        ("accetto/ubuntu-vnc-xfce-g3", "22.04", "dash"),
    ],
)
def test_which_shell_sh_is(name: str, tag: str, sh: str) -> None:
    found = find_profile(name, tag)
    assert found is not None
    assert found[0].sh == sh
    assert found[0].name == name
    assert found[0].tree.closed("/etc/cont-init.d") is True


@pytest.mark.parametrize(
    ("name", "tag"),
    [
        ("debian", "potato"),
        ("debian", None),
        ("ubuntu", "12.04"),
        ("linuxserver/webtop", "latest"),
        ("linuxserver/baseimage-ubuntu", "arch"),
        ("tomcat", "9-jdk11-corretto"),
        ("python", "3.11-windowsservercore"),
        ("node", "8-onbuild"),
        ("acme/station", "1.0"),
    ],
)
def test_what_is_not_known_is_not_guessed(name: str, tag: str | None) -> None:
    assert find_profile(name, tag) is None


def test_accounts_of_distributions_and_families() -> None:
    def account(name: str, tag: str, user: str) -> object:
        found = find_profile(name, tag)
        assert found is not None
        known = found[0].accounts.get(user)
        return known.uid if known is not None and not isinstance(known, Unknown) else known

    assert account("ubuntu", "24.04", "ubuntu") == 1000
    assert account("ubuntu", "22.04", "ubuntu") is None
    assert isinstance(account("tomcat", "9-jre8", "ubuntu"), Unknown)
    assert account("debian", "12", "gnats") is None
    assert account("debian", "11", "gnats") == 41
    assert account("node", "20-bookworm", "node") == 1000
    assert account("nginx", "1.26", "nginx") == 101
    assert account("linuxserver/baseimage-ubuntu", "jammy", "abc") == 911
    assert account("helxplatform/webtop/base", "v0.0.2", "abc") is None
    assert account("jupyter/base-notebook", "python-3.11.6", "jovyan") == 1000
    assert account("accetto/ubuntu-vnc-xfce-g3", "22.04", "headless") == 1001
    assert account("rocker/rstudio", "4.5.3", "rstudio") == 1000


@pytest.mark.parametrize(
    ("name", "tag", "version"),
    [
        ("helxplatform/cloudtop", "develop-latest", "1.20.0.0"),
        ("helxplatform/webtop/base", "v0.0.2", "3.1.2.1"),
        ("linuxserver/baseimage-alpine", "3.20", "3.1.6.2"),
        ("linuxserver/baseimage-alpine", "3.21", "3.2.0.2"),
        ("rocker/rstudio", "4.5.3", "2.1.0.2"),
    ],
)
def test_release_of_s6_overlay(name: str, tag: str, version: str) -> None:
    found = find_profile(name, tag)
    assert found is not None
    release = release_of(found[0])
    assert isinstance(release, S6Release)
    assert release.version == version


@pytest.mark.parametrize(
    ("name", "tag"), [("debian", "12"), ("node", "20"), ("jlesage/baseimage-gui", "alpine-3.19-v4")]
)
def test_images_without_s6_overlay_have_none(name: str, tag: str) -> None:
    found = find_profile(name, tag)
    assert found is not None
    assert release_of(found[0]) is None


def test_merged_usr() -> None:
    for name, tag, merged in (("debian", "12", True), ("debian", "11", False), ("ubuntu", "20.04", True)):
        found = find_profile(name, tag)
        assert found is not None
        assert (found[0].tree.resolve("/bin/bash") == "/usr/bin/bash") is merged
        assert found[0].tree.find("/bin/sh") is not None
    moving = find_profile("tomcat", "9-jre8")
    assert moving is not None
    assert isinstance(moving[0].tree.get("/bin", follow=False), Unknown)


def test_interpreters_are_there_surely_not_or_unknown() -> None:
    def at(name: str, tag: str, path: str) -> str:
        found = find_profile(name, tag)
        assert found is not None
        node = found[0].tree.get(path)
        return "there" if isinstance(node, Node) else "absent" if node is None else "unknown"

    assert at("debian", "12", "/bin/bash") == "there"
    assert at("debian", "12", "/usr/bin/python3") == "absent"
    assert at("debian", "12", "/usr/bin/with-contenv") == "absent"
    assert at("debian", "12", "/usr/bin/vim") == "unknown"
    assert at("alpine", "3.20", "/bin/bash") == "absent"
    assert at("rabbitmq", "4-alpine", "/bin/bash") == "unknown"
    assert at("python", "3.11-slim", "/usr/local/bin/python3") == "there"
    assert at("linuxserver/baseimage-ubuntu", "jammy", "/usr/bin/with-contenv") == "there"


def test_cloudtop_makes_its_account_at_start() -> None:
    found = find_profile("helxplatform/cloudtop", "develop-latest")
    assert found is not None
    files = {"Dockerfile": "FROM helxplatform/cloudtop:develop-latest\n"}
    image, plan = folded(files, found[0])
    (account,) = plan.accounts
    assert account.name.canonical == "${USER_NAME}"
    assert account.step.name == "40-tigervnc.sh"
    assert plan.open is None
    assert image.tree.closed("/headless/Desktop") is True


def test_webtop_runs_what_a_child_adds_to_the_login() -> None:
    found = find_profile("helxplatform/webtop/base", "v0.0.2")
    assert found is not None
    files = {
        "Dockerfile": "FROM containers.renci.org/helxplatform/webtop/base:v0.0.2\nCOPY link.sh /helx/\n",
        "link.sh": FileSpec(b'#!/bin/bash\nln -s /opt/x.desktop "$HOME/Desktop/x.desktop"\n', 0o755),
    }
    _, plan = folded(files, found[0])
    session = [step.path for step in plan.steps if step.kind == "session"]
    assert session[:2] == ["/defaults/startwm.sh", "/helx-init.sh"]
    assert session.index("/helx/disable-screen-lock.sh") < session.index("/helx/link.sh")
    order = [step.name for step in plan.steps]
    assert order.index("init-adduser") < order.index("init-rdesktop") < order.index("svc-web")
    assert plan.open is None


@pytest.mark.parametrize("child", ["cloudtop-imagej-napari", "cloudtop-ohif", "webtop-octave", "webtop-image-apps"])
def test_a_lone_child_of_the_fleet_boots_like_beside_its_parent(child: str) -> None:
    """By a profile made from the fleet's own parent, what is known of the child is the same."""
    parent = "webtop-base" if child.startswith("webtop") else "cloudtop"
    settled = Settings(parents={"heliumdatastage/cloudtop": "cloudtop"})  # not the bundled profile of its tag
    together = Workspace([snapshot(parent), snapshot(child)], settled)
    base, own = together.images
    data = image_to_json(
        together.effective(base), script_facts(together.effective(base), together.boot(base)), f"acme/{parent}@0", ["*"]
    )
    lone = OnProfile([snapshot(child)])
    lone.image_below = image_from_json(json.loads(json.dumps(data)))
    assert [s[:3] for s in steps(lone.boot(lone.images[0]))] == [s[:3] for s in steps(together.boot(own))]
    assert files_of(lone.effective(lone.images[0]).tree) == files_of(together.effective(own).tree)
    assert settings(lone.effective(lone.images[0])) == settings(together.effective(own))


def snapshot(name: str) -> tuple[Snapshot, list[str]]:
    return read_folder(FLEET / name, f"{name}/"), ["Dockerfile"]


EFFECTS: list[Effect] = [
    MakeAccount(
        place=PLACE, user=ROOT, name=Text.of(Var("USER_NAME")), uid=Text.of(Var("USER_ID", "1000")), makes_home=True
    ),
    Write(place=PLACE, user=ROOT, path=Text.of("/etc/motd"), content=Text.of("hello\n"), append=True, sure=False),
    Write(place=PLACE, user=ROOT, path=Text.of("/x"), keeps=True, inserts=("/a.sh", "/b.sh")),
    Copy(
        place=PLACE, user=ROOT, sources=(Text.of("/a/*"), Text.of("/b")), target=Text.of("/home/", Var("U")), globs=True
    ),
    Link(place=PLACE, user=Text.of(Var("U")), target=Text.of("/a"), path=Text.of("/b"), force=True),
    Remove(place=PLACE, user=ROOT, path=Text.of("/tmp"), recursive=True, names="*.log", types="f"),
    ChangeOwner(place=PLACE, user=ROOT, path=Text.of("/home"), owner=None, group=Text.of("staff"), recursive=True),
    Unpack(place=PLACE, user=ROOT, archive=Text.of("/a.tgz"), into=Text.of("/"), members=("bin",), strip=1),
    Execute(
        place=PLACE, user=ROOT, path=Text.of("/custom/*"), arguments=(Text.of("-x"),), interpreter="bash", globs=True
    ),
    Opens(place=PLACE, user=ROOT, reason="runs a program", below=("/opt",), spares=("/opt/x",), may_remove=True),
]


@pytest.mark.parametrize("effect", EFFECTS, ids=lambda effect: type(effect).__name__)
def test_effects_come_back_as_they_were(effect: Effect) -> None:
    data = json.loads(json.dumps(effect_to_json(effect, str(effect.place))))
    assert effect_from_json(data, effect.place) == effect


def test_long_contents_and_contents_with_braces_are_dropped() -> None:
    for content in ("x" * 100, "two\nlines\n", "literal ${HOME}"):
        effect = Write(place=PLACE, user=ROOT, path=Text.of("/x"), content=Text.of(content))
        assert "content" not in effect_to_json(effect, "x:1")


def test_texts_come_back_with_their_defaults() -> None:
    text = Text.of("/home/", Var("USER", "helx"), "/Desktop/", Var("X"))
    back = text_from_json(text_to_json(text))
    assert back == text
    assert [piece.default for piece in back.pieces if isinstance(piece, Var)] == ["helx", None]
    assert text_from_json("a${?}b").opaque


def test_a_profile_of_another_schema_is_refused() -> None:
    with pytest.raises(InputError, match="schema 99"):
        image_from_json({"schema": 99, "image": "x"})


def test_an_unknown_effect_is_refused() -> None:
    data = {"do": "Teleport", "at": "x:1"}
    with pytest.raises(InputError, match="Teleport"):
        effect_from_json(data, PLACE)


def test_written_by_hand() -> None:
    base = image_from_json(
        {
            "schema": 1,
            "image": "base",
            "source": "acme/base@0",
            "env": {"PATH": "/bin"},
            "cmd": ["sh"],
            "links": {"/bin": "usr/bin"},
            "programs": ["/bin/sh"],
            "directories": ["/srv"],
            "accounts": {"known": {"root": {"uid": 0}, "guest": {"uid": 405}}},
            "clouds": [{"reason": "not all is listed", "below": ["/usr"]}],
            "closed": ["/bin/bash"],
        }
    )
    child = image_from_json(
        {
            "schema": 1,
            "image": "child",
            "source": "acme/child@0",
            "entrypoint": ["run"],
            "accounts": {"removed": ["guest"]},
        },
        base,
    )
    assert base.cmd is not None
    assert base.cmd.value.words == ("sh",)
    assert child.cmd is None, "a new ENTRYPOINT drops the CMD that was inherited"
    assert child.tree.resolve("/bin/sh") == "/usr/bin/sh"
    assert child.tree.get("/bin/bash") is None
    assert isinstance(child.tree.get("/bin/zsh"), Unknown)
    assert child.tree.get("/opt") is None
    assert set(child.accounts.known) == {"root"}
    assert [link.name for link in child.chain] == ["child"]


@pytest.mark.parametrize(
    ("label", "there", "absent"),
    [
        ("s6-overlay 1.22.1.0 amd64", "/bin/s6-setuidgid", "/command/s6-setuidgid"),
        ("s6-overlay 3.1.6.2 noarch", "/command/with-contenv", "/usr/bin/with-contenv"),
        ("s6-overlay 3.1.6.2 x86_64", "/command/s6-setuidgid", "/init"),
        ("s6-overlay 3.x symlinks-noarch", "/usr/bin/with-contenv", "/init"),
        ("s6-overlay 3.x package", "/usr/bin/s6-setuidgid", "/bin/s6-setuidgid"),
    ],
)
def test_what_the_archives_of_s6_overlay_hold(label: str, there: str, absent: str) -> None:
    nodes = dict(labelled_nodes(label, PLACE, "x"))
    assert there in nodes
    assert absent not in nodes
    assert all((node.provides or "").startswith("s6-overlay") for node in nodes.values())


def test_aliases_lead_to_one_profile() -> None:
    from ctlint.lineage.text.reference import parse

    names = (
        "lscr.io/linuxserver/webtop",
        "ghcr.io/linuxserver/webtop",
        "linuxserver/webtop",
        "docker.io/linuxserver/webtop",
    )
    parsed = [parse(name) for name in names]
    assert {identity(one) for one in parsed if isinstance(one, Reference)} == {"linuxserver/webtop"}


def test_a_write_that_keeps_a_stated_script_forgets_what_it_does_unless_it_only_inserts() -> None:
    found = find_profile("linuxserver/webtop", "ubuntu-mate-version-8d2fdc51")
    assert found is not None
    for inserts, kept in ((("/x.sh",), True), ((), False)):
        state = BuildState.of(found[0].tree.edit(), found[0].accounts, "child")
        apply(state, Write(place=PLACE, user=ROOT, path=Text.of("/defaults/startwm.sh"), keeps=True, inserts=inserts))
        node = state.tree.get("/defaults/startwm.sh")
        assert node is not None
        assert (node.facts is not None) is kept


@pytest.mark.parametrize(
    ("base", "pushed"),
    [
        ("alpine", "alpine"),
        ("alpine-nginx", "nginx"),
        ("ubuntu", "ubuntu"),
        ("debian", "debian"),
        ("kasmvnc", "kasmvnc"),
        ("rdesktop", "rdesktop"),
        ("selkies", "selkies"),
    ],
)
def test_each_tag_of_a_linuxserver_base_is_known_by_the_name_it_is_pushed_to_as_well(base: str, pushed: str) -> None:
    own = {json.dumps(row[:2]) for row in INDEX[f"linuxserver/baseimage-{base}"] if len(row) < 3}
    assert own <= {json.dumps(row[:2]) for row in INDEX[f"lsiobase/{pushed}"]}
