"""Which image a FROM means, and whose defect a finding is."""

import json
from pathlib import Path

import pytest

from ctlint.lineage.repository.snapshot import FileSpec
from ctlint.lineage.text.errors import Unknown
from ctlint.lineage.workspace.workspace import ConfiguredBuild, Settings, Workspace
from ctlint.lint import cli
from ctlint.lint.judging.engine import run_rules
from ctlint.lint.judging.run import Run
from ctlint.rules.discover import all_rules
from folding import Files, program, source_of, workspace

BASE: Files = {"Dockerfile": "FROM scratch\nCOPY a /a\n", "a": "x"}


def parent_of(
    child: str, repositories: dict[str, Files], settings: Settings | None = None
) -> tuple[str, str, str | None]:
    """(name, origin, why it is only assumed) of the parent of a one-line Dockerfile."""
    work = workspace({**repositories, "child": {"Dockerfile": f"{child}\n"}}, settings)
    parent = work.effective(source_of(work, "child/Dockerfile")).parent
    assert parent is not None
    return parent.id or "", parent.origin, parent.assumed


def published(name: str, tag: str = "") -> Files:
    return {**BASE, "Makefile": f"build:\n\tdocker build -t {name}{':' + tag if tag else ''} .\n"}


class TestParents:
    @pytest.mark.parametrize(
        "reference",
        [
            "helxplatform/thing",
            "docker.io/helxplatform/thing:latest",
            "index.docker.io/helxplatform/thing",
            "heliumdatastage/thing:latest",
            "containers.renci.org/helxplatform/thing",
        ],
    )
    def test_all_names_of_one_image(self, reference: str) -> None:
        found = parent_of(f"FROM {reference}", {"thing": published("helxplatform/thing", "latest")})
        assert found == ("thing/Dockerfile", "target", None)

    def test_a_configured_alias(self) -> None:
        settings = Settings(aliases=(("registry.example.org/mirror/", "acme/"),))
        found = parent_of("FROM registry.example.org/mirror/base", {"base": published("acme/base")}, settings)
        assert found[:2] == ("base/Dockerfile", "target")

    def test_the_publisher_whose_tag_matches_is_taken(self) -> None:
        repositories = {"one": published("acme/base", "1"), "two": published("acme/base", "2")}
        assert parent_of("FROM acme/base:2", repositories) == ("two/Dockerfile", "target", None)
        assert parent_of("FROM acme/base:1", repositories) == ("one/Dockerfile", "target", None)

    def test_another_tag_is_only_assumed(self) -> None:
        name, origin, assumed = parent_of("FROM acme/base:1", {"base": published("acme/base", "2")})
        assert (name, origin) == ("base/Dockerfile", "target")
        assert assumed is not None
        assert "2, not 1" in assumed

    def test_an_assumed_parent_makes_the_image_assumed(self) -> None:
        work = workspace({"base": published("acme/base", "2"), "child": {"Dockerfile": "FROM acme/base:1\n"}})
        assert work.effective(source_of(work, "child/Dockerfile")).known == "assumed"

    def test_a_bundled_profile_stands_for_what_is_not_at_hand(self) -> None:
        assert parent_of("FROM docker.io/library/debian:12", {})[:2] == ("debian", "profile")

    def test_a_repository_at_hand_comes_before_a_profile(self) -> None:
        settings = Settings(names={"mine/Dockerfile": ("docker.io/library/debian:12",)})
        assert parent_of("FROM debian:12", {"mine": BASE}, settings) == ("mine/Dockerfile", "target", None)

    def test_configuration_comes_first(self) -> None:
        settings = Settings(parents={"debian:12": "mine", "x/*": "mine"})
        assert parent_of("FROM debian:12", {"mine": BASE}, settings)[:2] == ("mine/Dockerfile", "target")
        assert parent_of("FROM x/y:3", {"mine": BASE}, settings)[:2] == ("mine/Dockerfile", "target")

    def test_nothing_is_known_of_others(self) -> None:
        assert parent_of("FROM private.example.org/x:1", {}) == ("private.example.org/x", "unknown", None)

    @pytest.mark.parametrize("reference", ["${BASE}", "Not Valid", "UPPER/case"])
    def test_a_reference_that_is_none(self, reference: str) -> None:
        work = workspace({"child": {"Dockerfile": f"FROM {reference}\n"}})
        source = work.images[0]
        assert not source.readable or work.effective(source).known == "partial"

    def test_an_older_tag_of_the_image_itself_is_not_the_image_itself(self) -> None:
        work = workspace({"desk": {**published("acme/desk", "2"), "Dockerfile": "FROM acme/desk:1\nENV A=1\n"}})
        image = work.effective(work.images[0])
        assert [link.origin for link in image.chain] == ["target", "unknown"]

    def test_images_that_descend_from_each_other_end(self) -> None:
        work = workspace(
            {"a": {"Dockerfile": "FROM acme/b\n"}, "b": {"Dockerfile": "FROM acme/a\n"}},
            Settings(names={"a/Dockerfile": ("acme/a",), "b/Dockerfile": ("acme/b",)}),
        )
        assert all(work.effective(source).known == "partial" for source in work.images)

    def test_a_chain_of_hundreds_is_folded(self) -> None:
        repositories: dict[str, Files] = {
            f"r{n}": {"Dockerfile": f"FROM acme/r{n - 1}\nENV N=${{N}}x\n" if n else "FROM scratch\n"}
            for n in range(400)
        }
        work = workspace(repositories, Settings(names={f"r{n}/Dockerfile": (f"acme/r{n}",) for n in range(400)}))
        image = work.effective(source_of(work, "r399"))
        assert (len(image.chain), image.env["N"].value) == (400, "x" * 399)

    def test_parents_in_the_same_repository(self) -> None:
        files: Files = {
            "base/Dockerfile": "FROM scratch\nENV A=1\n",
            "app/Dockerfile": "FROM acme/base\nENV B=$A\n",
            "Makefile": "all:\n\tdocker build -t acme/base base\n\tdocker build -t acme/app app\n",
        }
        work = workspace({"mono": files})
        image = work.effective(source_of(work, "acme/app"))
        assert (image.parent.id if image.parent else "", image.env["B"].value) == ("mono/base/Dockerfile", "1")


IMAGES: Files = {
    "cuda/Dockerfile": "FROM scratch\nENV A=1\n",
    "alpine/Dockerfile": "FROM scratch\n",
    "base/4.6.0.Dockerfile": "FROM scratch\nENV V=4.6.0\n",
    "base/4.7.0.Dockerfile": "FROM scratch\nENV V=4.7.0\n",
}


class TestGuesses:
    """A folder's or a file's name answers only for the owner's namespace, and never as the first of several."""

    @pytest.mark.parametrize(
        "reference",
        ["nvidia/cuda:12", "mcr.microsoft.com/windows/cuda:1", "cuda.azurecr.io/cuda:1", "arm64v8/alpine:3"],
    )
    def test_a_folder_does_not_answer_for_somebody_else(self, reference: str) -> None:
        found = parent_of(f"FROM {reference}", {"acme/images": IMAGES})
        assert found[1] != "target"

    @pytest.mark.parametrize(
        "reference", ["acme/cuda:12", "ghcr.io/acme/cuda", "registry.gitlab.com/acme/images/cuda:2"]
    )
    def test_a_folder_answers_for_its_owner_and_is_only_assumed(self, reference: str) -> None:
        name, origin, assumed = parent_of(f"FROM {reference}", {"acme/images": IMAGES})
        assert (name, origin) == ("acme/images/cuda/Dockerfile", "target")
        assert assumed is not None

    def test_an_alias_of_the_owner_is_the_owner(self) -> None:
        settings = Settings(aliases=(("registry.example.org/x/", "acme/"),))
        assert parent_of("FROM registry.example.org/x/cuda:1", {"acme/images": IMAGES}, settings)[1] == "target"

    def test_the_tag_chooses_among_several(self) -> None:
        repositories = {"acme/images": IMAGES}
        assert parent_of("FROM acme/base:4.7.0", repositories)[0] == "acme/images/base/4.7.0.Dockerfile"
        assert parent_of("FROM acme/base:4.6.0-slim", repositories)[0] == "acme/images/base/4.6.0.Dockerfile"

    def test_else_they_are_named_and_the_parent_is_unknown(self) -> None:
        work = workspace({"acme/images": IMAGES, "child": {"Dockerfile": "FROM acme/base:5\n"}})
        image = work.effective(source_of(work, "child/Dockerfile"))
        assert (image.chain[1].origin, image.chain[1].assumed) == ("unknown", str(image.env_open))
        reason = str(image.env_open)
        assert "base/4.6.0.Dockerfile" in reason
        assert "base/4.7.0.Dockerfile" in reason

    def test_the_file_of_the_tag_s_platform_is_taken(self) -> None:
        files: Files = {
            "base/Dockerfile": "FROM scratch\n",
            "base/Dockerfile.aarch64": "FROM scratch\n",
            "Makefile": "a:\n\tdocker build -t acme/base:$(V) base\n"
            "b:\n\tdocker build -t acme/base:$(V) -f base/Dockerfile.aarch64 base\n",
        }
        assert parent_of("FROM acme/base:arm64v8-3", {"images": files})[0] == "images/base/Dockerfile.aarch64"
        assert parent_of("FROM acme/base:3", {"images": files})[0] == "images/base/Dockerfile"

    @pytest.mark.parametrize("folder", ["samples/cuda", "examples/cuda", "tests/cuda", "docs/templates/cuda"])
    def test_a_sample_publishes_nothing(self, folder: str) -> None:
        files: Files = {f"{folder}/Dockerfile": "FROM scratch\n", "other/Dockerfile": "FROM scratch\n"}
        assert parent_of("FROM acme/cuda:1", {"acme/images": files})[1] == "unknown"
        files = {**files, "Makefile": f"all:\n\tdocker build -t acme/cuda:1 {folder}\n"}
        assert parent_of("FROM acme/cuda:1", {"acme/images": files}) == (
            f"acme/images/{folder}/Dockerfile",
            "target",
            None,
        )


class TestGrades:
    """What an assumed parent has may be used; what it lacks may not be told."""

    def test_an_assumed_parent_has_what_it_has_and_lacks_nothing_surely(self) -> None:
        base: Files = {
            **published("acme/base", "2"),
            "Dockerfile": "FROM scratch\nENV A=1\nCOPY a /a\nRUN useradd me\n",
        }
        work = workspace({"base": base, "child": {"Dockerfile": "FROM acme/base:1\n"}})
        image = work.effective(source_of(work, "child/Dockerfile"))
        assert image.variable("A") == "1"
        assert isinstance(image.variable("B"), Unknown)
        assert image.tree.find("/a") is not None
        assert isinstance(image.tree.get("/b"), Unknown)
        assert isinstance(image.tree.closed("/etc/cont-init.d"), Unknown)
        assert isinstance(image.accounts.get("you"), Unknown)
        assert image.config_open is not None
        assert "2, not 1" in str(image.config_open)

    def test_what_the_child_itself_removes_is_surely_gone(self) -> None:
        dockerfile = "FROM acme/base:1\nRUN rm -rf /opt/x\n"
        work = workspace({"base": published("acme/base", "2"), "child": {"Dockerfile": dockerfile}})
        assert work.effective(source_of(work, "child/Dockerfile")).tree.get("/opt/x/y") is None

    def test_a_profile_of_the_very_tag_goes_before_a_guess(self) -> None:
        files: Files = {"baseimage-alpine/Dockerfile": "FROM scratch\n", "other/Dockerfile": "FROM scratch\n"}
        found = parent_of("FROM linuxserver/baseimage-alpine:3.20", {"linuxserver/stuff": files})
        assert found == ("linuxserver/baseimage-alpine", "profile", None)

    def test_a_profile_of_the_very_tag_goes_before_a_repository_that_leaves_its_tag_open(self) -> None:
        name = "linuxserver/baseimage-ubuntu"
        base: Files = {"Dockerfile": "FROM ubuntu:24.04\n", "Makefile": f"build:\n\tdocker build -t {name}:$(TAG) .\n"}
        found = parent_of(f"FROM {name}:bionic", {"acme/mine": base})
        assert found == (name, "profile", None)
        assert parent_of(f"FROM {name}:of-ours", {"acme/mine": base}) == ("acme/mine/Dockerfile", "target", None)
        written = base | {"Makefile": f"build:\n\tdocker build -t {name}:bionic .\n"}
        assert parent_of(f"FROM {name}:bionic", {"acme/mine": written}) == ("acme/mine/Dockerfile", "target", None)

    def test_a_repository_goes_before_the_one_profile_that_was_made_of_it_for_all_tags(self) -> None:
        name = "helxplatform/webtop/base"
        base: Files = {"Dockerfile": "FROM ubuntu:24.04\n", "Makefile": f"build:\n\tdocker build -t {name}:$(TAG) .\n"}
        assert parent_of(f"FROM {name}:v0.0.2", {"acme/mine": base}) == ("acme/mine/Dockerfile", "target", None)

    def test_what_is_built_for_any_tag_beside_its_child_or_is_configured_goes_before_a_profile(self) -> None:
        name = "linuxserver/baseimage-ubuntu"
        files: Files = {
            "base/Dockerfile": "FROM ubuntu:24.04\n",
            "Dockerfile": f"FROM {name}:bionic\n",
            "Makefile": f"build:\n\tdocker build -t {name}:$(TAG) base\n",
        }
        work = workspace({"mine": files})
        assert work.effective(source_of(work, "mine/Dockerfile")).chain[1].id == "mine/base/Dockerfile"
        settings = Settings(names={"mine/Dockerfile": (name,)})
        assert parent_of(f"FROM {name}:bionic", {"mine": BASE}, settings)[:2] == ("mine/Dockerfile", "target")

    def test_what_the_image_at_hand_and_the_profile_of_the_very_tag_both_lack_is_surely_lacking(self) -> None:
        settings = Settings(names={"mine/Dockerfile": ("docker.io/library/debian:9",)})
        work = workspace({"mine": BASE, "child": {"Dockerfile": "FROM debian:12\n"}}, settings)
        image = work.effective(source_of(work, "child/Dockerfile"))
        assert (image.known, image.chain[1].id) == ("assumed", "mine/Dockerfile")
        assert image.tree.closed("/etc/cont-init.d") is True
        assert image.variable("NOWHERE") is None
        assert isinstance(image.tree.get("/usr/bin/env"), Unknown), "the profile has it, the image at hand has not"
        assert image.tree.find("/a") is not None


class TestArgumentsThatAreNotEvaluated:
    """What a build gives and ctlint cannot read is not known: the Dockerfile's default is not what is built."""

    @staticmethod
    def chain(files: Files) -> tuple[str, str | None]:
        work = workspace({"images": files})
        link = work.effective(work.images[0]).chain[1]
        return link.origin, link.assumed

    def test_an_expression_that_gives_the_name(self) -> None:
        bake = 'target "default" {\n  args = { BASE = format("debian:%s", V) }\n}\n'
        files: Files = {"Dockerfile": "ARG BASE=alpine:3.20\nFROM $BASE\n", "docker-bake.hcl": bake}
        assert self.chain(files) == ("unknown", None)

    def test_one_that_gives_the_tag_leaves_the_name(self) -> None:
        bake = 'target "default" {\n  args = { V = trimsuffix(ALL, "-x") }\n}\n'
        files: Files = {"Dockerfile": "ARG V=3.20\nFROM alpine:${V}\n", "docker-bake.hcl": bake}
        origin, assumed = self.chain(files)
        assert origin == "profile"
        assert assumed is not None
        assert "V" in assumed

    def test_one_that_is_evaluated_is_proved(self) -> None:
        bake = 'target "default" {\n  args = { V = "3.20" }\n}\n'
        files: Files = {"Dockerfile": "ARG V=3.19\nFROM alpine:${V}\n", "docker-bake.hcl": bake}
        assert self.chain(files) == ("profile", None)


class TestBuilds:
    def test_a_configured_build(self) -> None:
        settings = Settings(contexts={"desk/Dockerfile": ConfiguredBuild(target="one", args={"V": "9"})})
        work = workspace({"desk": {"Dockerfile": "FROM scratch AS one\nARG V=1\nENV A=$V\nFROM scratch\n"}}, settings)
        image = work.effective(work.images[0])
        assert (image.env["A"].value, image.target, image.id) == ("9", "one", "desk/Dockerfile#one")

    def test_a_stage_that_is_not_there_is_told(self) -> None:
        work = workspace({"desk": {"Dockerfile": "FROM scratch\n"}}, Settings(target="none"))
        problem = work.images[0].problem
        assert problem is not None
        assert "no stage 'none'" in str(problem)

    def test_adding_a_repository_makes_a_parent_known(self) -> None:
        work = workspace(
            {"child": {"Dockerfile": "FROM acme/base\nENV B=$A\n"}}, Settings(names={"base/Dockerfile": ("acme/base",)})
        )
        assert work.missing_parents() == ["acme/base"]
        assert work.effective(work.images[0]).known == "partial"
        more = workspace({"base": {"Dockerfile": "FROM scratch\nENV A=1\n"}})
        work.add([(more.snapshots[0], ["Dockerfile"])])
        assert work.effective(work.images[0]).env["B"].value == "1"
        assert (work.missing_parents(), len(work.selected)) == ([], 1)


OVERLAY = (
    "ADD https://github.com/just-containers/s6-overlay/releases/download/v2.2.0.3/s6-overlay-amd64.tar.gz /tmp/\n"
    "RUN tar xzf /tmp/s6-overlay-amd64.tar.gz -C /\n"
)
BAD_SERVICE: Files = {"root/etc/services.d/web/run": program("#!/bin/sh\nnginx -g 'daemon off;'\n")}
PARENT: Files = {"Dockerfile": f'FROM scratch\n{OVERLAY}COPY root/ /\nENTRYPOINT ["/init"]\n', **BAD_SERVICE}
CHILD: Files = {
    "Dockerfile": "FROM acme/base:1\nCOPY root/ /\n",
    "root/etc/services.d/own/run": program("#!/bin/sh\nguacd -f -b 0.0.0.0\n"),
}
NAMES = Settings(names={"base/Dockerfile": ("acme/base:1",), "child/Dockerfile": ("acme/child:1",)})
RULES = tuple(rule for rule in all_rules() if rule.code == "CT111")


def told(run: Run) -> list[tuple[str, str, str | None]]:
    """(path, image, whose defect it is where not the image's own)."""
    return [(finding.place.path, finding.image, finding.inherited_from) for finding in run.findings()]


def family(*, selected: str | None = None) -> Workspace:
    work = workspace({"base": PARENT, "child": CHILD}, NAMES)
    if selected is not None:
        work.selected = [source_of(work, selected)]
    return work


class TestOwners:
    def test_a_parents_defect_is_told_of_the_parent_alone(self) -> None:
        assert told(run_rules(family(), RULES)) == [
            ("base/root/etc/services.d/web/run", "acme/base", None),
            ("child/root/etc/services.d/own/run", "acme/child", None),
        ]

    def test_a_child_alone_is_silent_of_its_parents_defects(self) -> None:
        assert told(run_rules(family(selected="child"), RULES)) == [
            ("child/root/etc/services.d/own/run", "acme/child", None)
        ]

    def test_with_inherited_they_are_told_with_their_owner_and_fail_no_gate(self) -> None:
        run = run_rules(family(selected="child"), RULES, inherited=True)
        assert told(run)[0] == ("base/root/etc/services.d/web/run", "acme/child", "acme/base")
        report = run.report([finding for finding in run.findings() if finding.inherited_from])
        assert report.findings
        assert report.exit_code(report.findings[0].severity) == 0

    def test_in_one_repository_the_image_that_takes_the_file_in_owns_it(self) -> None:
        files: dict[str, bytes | str | FileSpec] = {f"base/{path}": data for path, data in PARENT.items()}
        files |= {f"child/{path}": data for path, data in CHILD.items()}
        settings = Settings(
            names={"mono/base/Dockerfile": ("acme/base:1",), "mono/child/Dockerfile": ("acme/child:1",)}
        )
        work = workspace({"mono": files}, settings)
        work.selected = [source_of(work, "acme/child")]
        assert told(run_rules(work, RULES)) == [("mono/child/root/etc/services.d/own/run", "acme/child", None)]

    def test_a_lone_child_of_a_bundled_profile_is_silent_of_the_profiles_defects(self) -> None:
        dockerfile = "FROM heliumdatastage/cloudtop:latest\nCOPY root/ /\n"
        work = workspace({"child": {"Dockerfile": dockerfile, "root/etc/motd": "hello"}})
        run = run_rules(work, all_rules())
        assert {finding.place.path for finding in run.findings()} <= {"child/Dockerfile", "child/root/etc/motd"}
        assert [finding.rule for finding in run.findings() if finding.rule[2] in "1234"] == []

    def test_a_file_that_a_child_replaces_is_the_childs(self) -> None:
        child: Files = {"Dockerfile": "FROM acme/base:1\nCOPY root/ /\n", **BAD_SERVICE}
        work = workspace({"base": PARENT, "child": child}, NAMES)
        work.selected = [source_of(work, "child")]
        assert told(run_rules(work, RULES)) == [("child/root/etc/services.d/web/run", "acme/child", None)]

    def test_the_command_line_says_so_too(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        for repository, files in {"base": PARENT, "child": CHILD}.items():
            for path, data in files.items():
                target = tmp_path / repository / path
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(
                    data.data if isinstance(data, FileSpec) and isinstance(data.data, bytes) else str(data).encode()
                )
        (tmp_path / "ctlint.toml").write_text(
            '[names]\n"base/Dockerfile" = ["acme/base:1"]\n"child/Dockerfile" = ["acme/child:1"]\n'
        )
        monkeypatch.chdir(tmp_path)
        assert cli.main(["lint", ".", "--select", "CT111", "--format", "json"]) == 1
        found = json.loads(capsys.readouterr().out)["findings"]
        assert [item["path"] for item in found] == [
            "base/root/etc/services.d/web/run",
            "child/root/etc/services.d/own/run",
        ]
