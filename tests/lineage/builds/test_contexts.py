"""Build context, target and arguments of a Dockerfile, as the files beside it tell them."""

import time

import pytest

from ctlint.lineage.builds.build_commands import commands
from ctlint.lineage.builds.build_files import builds
from ctlint.lineage.builds.contexts import FoundContext, bound_builds, contexts, source_held
from ctlint.lineage.builds.published_names import published
from ctlint.lineage.builds.yaml_nodes import documents
from ctlint.lineage.repository.dockerfiles import dockerfiles
from ctlint.lineage.repository.snapshot import Snapshot
from ctlint.lineage.text.budget import LimitError
from ctlint.lineage.text.errors import Unknown

FROM = "FROM scratch\n"


def repository(files: dict[str, str], name: str = "acme/desk") -> Snapshot:
    return Snapshot.from_mapping(name, {"Dockerfile": FROM, **files}, label="")


def ways(snapshot: Snapshot, dockerfile: str = "Dockerfile", *sources: str) -> tuple[FoundContext, ...]:
    return contexts(snapshot, dockerfile, dockerfiles(snapshot), sources)


def only(snapshot: Snapshot, dockerfile: str = "Dockerfile", *sources: str) -> FoundContext:
    (found,) = ways(snapshot, dockerfile, *sources)
    return found


def told(files: dict[str, str], dockerfile: str = "app/Dockerfile") -> tuple[str, str | None, dict[str, str], str, str]:
    """(context, target, arguments, evidence, place) of the one way in which app/Dockerfile is built."""
    found = only(repository({"app/Dockerfile": FROM, **files}), dockerfile)
    assert found.sure
    return found.root, found.target, dict(found.args), found.evidence, str(found.place)


class TestCompose:
    def test_short_form(self) -> None:
        text = "services:\n  app:\n    build: ./app\n    image: acme/app:1\n"
        assert told({"compose.yaml": text}) == ("app", None, {}, "compose", "compose.yaml:3")

    def test_long_form_with_variables_from_dotenv(self) -> None:
        text = (
            "services:\n  app:\n    build:\n      context: ..\n      dockerfile: ${FOLDER}/Dockerfile\n      target: final\n"
            "      args:\n        BASE: ${BASE:-debian}:$TAG\n        COST: $$5\n        OPEN: ${NOWHERE}\n        NONE:\n"
        )
        files = {"deploy/docker-compose.dev.yml": text, "deploy/.env": "FOLDER=app\nexport TAG='12' # x\n"}
        root, target, args, evidence, place = told(files)
        assert (root, target, evidence, place) == ("", "final", "compose", "deploy/docker-compose.dev.yml:4")
        assert args == {"BASE": "debian:12", "COST": "$5"}
        assert only(repository({"app/Dockerfile": FROM, **files}), "app/Dockerfile").open_args == {"NONE", "OPEN"}

    def test_arguments_as_a_list_and_a_merged_mapping(self) -> None:
        text = (
            "x-common: &common\n  build:\n    context: app\n    args: [A=1, B]\n"
            "services:\n  one:\n    <<: *common\n  two:\n    <<: [*common]\n"
        )
        assert told({"docker-compose.yml": text})[2] == {"A": "1"}

    def test_inline_and_remote_builds_say_nothing(self) -> None:
        text = (
            "services:\n  a:\n    build:\n      context: app\n      dockerfile_inline: FROM scratch\n"
            "  b:\n    build: https://github.com/x/y.git\n"
        )
        found = only(repository({"app/Dockerfile": FROM, "compose.yml": text}), "app/Dockerfile")
        assert found.evidence == "guess"

    def test_several_targets_are_several_ways(self) -> None:
        text = (
            "services:\n  dev:\n    build: {context: ., target: dev}\n  prod:\n    build: .\n"
            "  test:\n    build: {context: ., target: test}\n"
        )
        assert [way.target for way in ways(repository({"compose.yml": text}))] == [None, "dev", "test"]


class TestBake:
    def test_hcl(self) -> None:
        text = """
            variable "TAG" { default = "1" }
            function "f" { params = [x]
              result = "${x}" }
            group "default" { targets = ["app"] }
            target "_common" {
              args = { BASE = "debian:${TAG}", SHARED = "1" }  // comment
            }
            /* a block
               comment */
            target "app" {
              inherits = ["_common"]
              context = "."
              dockerfile = "app/Dockerfile"
              target = TAG == "1" ? "a" : "b"
              args = {
                SHARED = "2"
                OPEN = chosen(f("x"))
                MADE = f("x")
              }
              tags = ["acme/app:${TAG}", "acme/app:latest"]
            }
        """
        found = only(repository({"app/Dockerfile": FROM, "docker-bake.hcl": text}), "app/Dockerfile")
        assert (found.root, dict(found.args), found.open_args) == (
            "",
            {"BASE": "debian:1", "SHARED": "2", "MADE": "x"},
            {"OPEN"},
        )
        assert str(found.place) == "docker-bake.hcl:11"

    def test_a_matrix_makes_a_build_for_each_value(self) -> None:
        text = """
            target "all" {
              matrix = { item = ["one", "two"] }
              name = "build-${item}"
              context = "images/${item}"
              args = { NAME = item }
            }
        """
        snapshot = repository({"images/one/Dockerfile": FROM, "images/two/Dockerfile": FROM, "docker-bake.hcl": text})
        assert dict(only(snapshot, "images/two/Dockerfile").args) == {"NAME": "two"}
        assert only(snapshot, "images/two/Dockerfile").root == "images/two"

    def test_json(self) -> None:
        text = (
            '{"variable": {"V": {"default": "7"}}, "target": {"base": {"args": {"V": "${V}"}},'
            ' "app": {"inherits": ["base"], "context": "app", "target": "x"}}}'
        )
        assert told({"docker-bake.json": text}) == ("app", "x", {"V": "7"}, "docker-bake", "docker-bake.json:1")

    @pytest.mark.parametrize(
        "text", ["target", 'target "a" {', 'target "a" { context = [', "{{{{", '{"target": [1]}', "[[", ""]
    )
    def test_what_makes_no_sense_says_nothing(self, text: str) -> None:
        for name in ("docker-bake.hcl", "docker-bake.json"):
            assert only(repository({name: text})).root == ""


class TestWorkflows:
    def test_the_build_action(self) -> None:
        text = (
            "env:\n  BASE: debian\njobs:\n  build:\n    env: {VERSION: '12'}\n    steps:\n"
            "      - uses: actions/checkout@v4\n      - uses: docker/build-push-action@v6\n        with:\n"
            "          context: .\n          file: ./app/Dockerfile\n"
            "          target: final\n          build-args: |\n            BASE=${{ env.BASE }}:${{ env.VERSION }}\n"
            "            SECRET=${{ secrets.X }}\n"
        )
        assert told({".github/workflows/ci.yml": text}) == (
            "", "final", {"BASE": "debian:12"}, "GitHub workflow", ".github/workflows/ci.yml:8",
        )  # fmt: skip

    def test_a_command_in_the_folder_it_runs_in(self) -> None:
        text = (
            "jobs:\n  build:\n    defaults: {run: {working-directory: app}}\n    steps:\n      - run: |\n          set -e\n"
            '          docker build --build-arg "A=${{ github.repository }}" \\\n            -t x .\n'
        )
        assert told({".github/workflows/ci.yaml": text}) == (
            "app", None, {"A": "acme/desk"}, "GitHub workflow", ".github/workflows/ci.yaml:7",
        )  # fmt: skip

    def test_a_matrix(self) -> None:
        text = (
            "jobs:\n  build:\n    strategy:\n      matrix:\n        image: [app, other]\n        include:\n"
            "          - {image: app, base: alpine}\n          - {image: third, base: debian}\n    steps:\n"
            "      - uses: docker/build-push-action@v6\n        with:\n"
            "          context: '{{defaultContext}}:${{ matrix.image }}'\n"
            "          build-args: BASE=${{ matrix.base }}\n"
        )
        snapshot = repository(
            {f"{name}/Dockerfile": FROM for name in ("app", "other", "third")} | {".github/workflows/x.yml": text}
        )
        assert dict(only(snapshot, "app/Dockerfile").args) == {"BASE": "alpine"}
        assert dict(only(snapshot, "third/Dockerfile").args) == {"BASE": "debian"}
        assert only(snapshot, "other/Dockerfile").open_args == {"BASE"}

    def test_an_input_stands_for_every_folder_that_fits(self) -> None:
        text = (
            "on: {workflow_call: {inputs: {image: {type: string}}}}\njobs:\n  build:\n    steps:\n"
            "      - run: docker build images/${{ inputs.image }}/\n"
        )
        snapshot = repository(
            {"images/a/Dockerfile": FROM, "images/b/c/Dockerfile": FROM, ".github/workflows/x.yml": text}
        )
        assert only(snapshot, "images/a/Dockerfile").root == "images/a"
        assert only(snapshot, "images/b/c/Dockerfile").evidence == "guess"

    def test_gitlab(self) -> None:
        text = (
            "variables: {DIR: app}\nbuild:\n  script:\n    - cd $DIR\n    - docker build -f Dockerfile --target x ..\n"
        )
        snapshot = repository({"app/Dockerfile": FROM, ".gitlab-ci.yml": text})
        assert {build.kind for build in builds(snapshot)} == {"GitLab CI"}
        single = "build:\n  script: docker build --target x app\n"
        assert told({".gitlab-ci.yml": single})[:2] == ("app", "x")

    @pytest.mark.parametrize(
        ("job", "root"),
        [
            ("script: [cd app, docker build .]", "app"),
            ("before_script: [cd app]\n  script: [docker build .]", "app"),
            ("script:\n    - [[cd app]]\n    - docker build .", "app"),
            ("script: [(cd app), docker build .]", ""),
            ("script: [cd app]\n  after_script: [docker build .]", ""),
            ("script: [cd app, 'cd $CI_PROJECT_DIR/other && docker build .']", "other"),
            ("script: [export DIR=app, docker build $DIR]", "app"),
            ("script: [export DIR=app]\n  after_script: [docker build $DIR]", "other"),
            ("script: [docker build .]\ndefault:\n  before_script: [cd app]", "app"),
            ("script: [docker build .]\nbefore_script: [cd app]", "app"),
            ("before_script: []\n  script: [docker build .]\ndefault:\n  before_script: [cd app]", ""),
            ("script: [cd app]\nother:\n  script: [docker build .]", ""),
        ],
    )
    def test_the_entries_of_a_gitlab_job_are_one_shell(self, job: str, root: str) -> None:
        text = f"variables: {{DIR: other}}\nb:\n  {job}\n"
        files = {"app/Dockerfile": FROM, "other/Dockerfile": FROM, "Dockerfile": FROM, ".gitlab-ci.yml": text}
        snapshot = repository(files)
        assert [bound.context for found in bound_builds(snapshot, tuple(files)).values() for bound in found] == [root]

    @pytest.mark.parametrize(
        ("path", "text"),
        [
            (
                ".gitlab-ci.yml",
                "b:\n  script:\n    - docker build -t local/x .\n    - docker tag local/x quay.io/me/desk:1\n",
            ),
            (
                ".github/workflows/b.yml",
                "jobs:\n  b:\n    steps:\n    - run: docker build -t local/x .\n    - run: docker tag local/x quay.io/me/desk:1\n",
            ),
        ],
    )
    def test_a_later_step_of_the_job_gives_the_image_another_name(self, path: str, text: str) -> None:
        (build,) = builds(repository({"Dockerfile": FROM, path: text}))
        assert build.tags == ("local/x", "quay.io/me/desk:1")

    def test_home_assistant(self) -> None:
        text = "build_from:\n  aarch64: acme/base-arm:1\n  amd64: acme/base:1\nargs:\n  X: '1'\n"
        root, _, args, evidence, _ = told({"app/build.yaml": text})
        assert (root, evidence) == ("app", "Home Assistant build file")
        assert args == {"BUILD_FROM": "acme/base:1", "BUILD_ARCH": "amd64", "X": "1"}

    @pytest.mark.parametrize(
        ("dockerfile", "config", "given"),
        [
            ("ARG BUILD_FROM\nFROM $BUILD_FROM\n", "", "ghcr.io/home-assistant/amd64-base:latest"),
            ("ARG BUILD_FROM=debian:12\nFROM $BUILD_FROM\n", "", None),
            ("ARG BUILD_FROM\nFROM $BUILD_FROM\n", "image: acme/{arch}-app\n", None),
            ("ARG BUILD_FROM_OF\nFROM $BUILD_FROM_OF\n", "", None),
        ],
    )
    def test_an_add_on_that_names_no_image_is_built_where_it_runs(
        self, dockerfile: str, config: str, given: str | None
    ) -> None:
        text = "name: X\nslug: x\nversion: '1'\narch: [amd64]\n" + config
        found = builds(repository({"app/Dockerfile": dockerfile, "app/config.yaml": text}))
        assert [build.args.get("BUILD_FROM") for build in found] == ([given] if given else [])

    def test_the_build_file_of_an_add_on_goes_before_what_the_supervisor_gives(self) -> None:
        text = "name: X\nslug: x\nversion: '1'\narch: [amd64]\n"
        dockerfile = "ARG BUILD_FROM\nFROM $BUILD_FROM\n"
        files = {
            "app/Dockerfile": dockerfile,
            "app/config.yaml": text,
            "app/build.yaml": "build_from: {amd64: 'acme/base:1'}\n",
        }
        assert [build.args["BUILD_FROM"] for build in builds(repository(files))] == ["acme/base:1"]


class TestMake:
    def test_variables_includes_and_several_lines(self) -> None:
        makefile = (
            "cnf ?= config.env\ninclude $(cnf)\nDOCKER ?= docker\nFLAGS := --pull $(EXTRA)\nTAG = $(shell date)\n\n"
            "build: ## builds\n\t@$(DOCKER) build $(FLAGS) \\\n\t  --build-arg BASE=${BASE}:$(VERSION) \\\n"
            "\t  --build-arg TAG=$(TAG) -t x:$(TAG) -f app/Dockerfile $(CURDIR)\n"
        )
        files = {"Makefile": makefile, "config.env": "BASE=debian\nVERSION=12\n"}
        assert told(files) == ("", None, {"BASE": "debian:12"}, "Makefile", "Makefile:8")
        assert only(repository({"app/Dockerfile": FROM, **files}), "app/Dockerfile").open_args == {"TAG"}

    def test_a_makefile_in_a_folder_and_changes_of_folder(self) -> None:
        assert told({"app/Makefile": "x:\n\tcd .. && docker build -f app/Dockerfile .\n"})[0] == ""
        assert told({"app/Makefile": "x:\n\tdocker build .\n"})[0] == "app"
        assert told({"Makefile": "x:\n\t(cd other; docker build .); docker build app\n"})[0] == "app"

    def test_a_pattern_rule_stands_for_every_folder(self) -> None:
        makefile = "OWNER ?= acme\nbuild/%:\n\tdocker build -t $(OWNER)/$(notdir $@) ./images/$(notdir $@)\n"
        snapshot = repository({"images/a/Dockerfile": FROM, "images/b/Dockerfile": FROM, "Makefile": makefile})
        assert only(snapshot, "images/b/Dockerfile").root == "images/b"

    def test_the_last_value_that_is_known_of_a_conditional_variable(self) -> None:
        makefile = (
            "ifdef DIR\nDIR := $(DIR)\nelse\nDIR := app\nendif\nVALUE := 1\nVALUE += 2\n"
            "x: ; docker build --build-arg 'V=$(VALUE)' $(DIR)\n"
        )
        assert told({"Makefile": makefile})[::2] == ("app", {"V": "1 2"}, "Makefile:8")

    def test_a_makefile_that_includes_itself(self) -> None:
        assert (
            told({"Makefile": "include Makefile\nA = $(B)\nB = $(A)\nx:\n\tdocker build --build-arg A=$(A) app\n"})[0]
            == "app"
        )


class TestScripts:
    def test_a_script_finds_its_own_folder_and_what_it_sources(self) -> None:
        script = (
            '#!/bin/bash\nHERE="$( cd "$( dirname "${BASH_SOURCE[0]}" )" && pwd )"\nsource "$HERE/settings.sh"\n'
            "cat <<EOF\ndocker build --target never .\nEOF\nif true; then\n"
            '  docker build --build-arg BASE="$BASE" -f "$HERE/../app/Dockerfile" "$HERE/.." 2>&1 | tee log\nfi\n'
        )
        files = {"tools/build.sh": script, "tools/settings.sh": "export BASE=debian\n"}
        assert told(files) == ("", None, {"BASE": "debian"}, "script", "tools/build.sh:8")

    def test_a_script_beside_its_dockerfile_or_started_from_the_top(self) -> None:
        assert told({"app/build.sh": "docker build .\n"})[0] == "app"
        assert told({"scripts/build.sh": "docker build -f app/Dockerfile .\n"})[0] == ""

    def test_a_loop_stands_for_every_folder(self) -> None:
        assert told({"all.sh": 'for d in */; do docker build -t "acme/${d%/}" "$d"; done\n'})[0] == "app"

    @pytest.mark.parametrize(
        ("command", "expected"),
        [
            ("docker buildx build --platform linux/amd64 --push app", ("app", None)),
            ("DOCKER_BUILDKIT=1 sudo docker image build --target=x app", ("app", "x")),
            ("podman build --format docker --layers -t x -f app/Dockerfile", ("", None)),
            ("buildah bud -f app/Dockerfile --target x .", ("", "x")),
            ("docker --context remote build -tx:1 --label 'a b=c d' app", ("app", None)),
            ("/kaniko/executor --dockerfile app/Dockerfile --context dir:///workspace --destination x/y:1", ("", None)),
            ("docker run -v x:y gcr.io/kaniko-project/executor:v1 --dockerfile=app/Dockerfile --context=.", ("", None)),
            ("$BUILDER build -f app/Dockerfile .", ("", None)),
            ("docker build -f app/Dockerfile $GITHUB_WORKSPACE", ("", None)),
            ("cd app; docker build $(git rev-parse --show-toplevel)/app", ("app", None)),
        ],
    )
    def test_forms_of_the_command(self, command: str, expected: tuple[str, str | None]) -> None:
        assert told({"build.sh": command + "\n"})[:2] == expected

    @pytest.mark.parametrize(
        "command",
        [
            "echo docker build --target x app",
            "# docker build --target x app",
            "docker compose build app",
            "docker build --target x https://github.com/acme/app.git",
            "docker build --target x -",
            "docker build --target x ../app",
            "make build app",
        ],
    )
    def test_what_is_no_build_of_it(self, command: str) -> None:
        snapshot = repository({"app/Dockerfile": FROM, "build.sh": f"x() {{ {command}\n}}\n"})
        assert only(snapshot, "app/Dockerfile") == FoundContext("app")

    def test_jenkins(self) -> None:
        text = (
            "pipeline {\n environment {\n  NAME = 'acme/app'\n }\n stages {\n  script {\n"
            '   docker.build("${NAME}:1", "--build-arg A=1 -f app/Dockerfile .")\n  }\n }\n}\n'
        )
        assert told({"Jenkinsfile": text}) == ("", None, {"A": "1"}, "Jenkinsfile", "Jenkinsfile:7")
        quoted = 'sh "docker build \\\n  --label \\"a=b c\\" --target x \\\n  app"\n'
        assert told({"Jenkinsfile": quoted})[:2] == ("app", "x")

    def test_readme(self) -> None:
        text = (
            "# App\n\n```\n$ cd app\n$ docker build --target x \\\n    -t acme/app .\n```\nUse `docker build --help`.\n"
        )
        assert told({"app/README.md": text})[:2] == ("app", "x")


class TestChoice:
    def test_configuration_decides_alone(self) -> None:
        given = FoundContext("else", evidence="configuration", sure=True)
        snapshot = repository({"compose.yml": "services: {a: {build: .}}"})
        assert contexts(snapshot, "Dockerfile", ["Dockerfile"], ["x"], configured=[given]) == (given,)

    def test_compose_before_workflow_before_makefile(self) -> None:
        files = {
            "compose.yml": "services:\n  a:\n    build: {context: ., dockerfile: app/Dockerfile}\n",
            ".github/workflows/x.yml": "jobs: {a: {steps: [{run: docker build app}]}}\n",
            "Makefile": "x:\n\tdocker build app\n",
        }
        assert told(files)[0] == ""
        del files["compose.yml"]
        assert told(files)[3] == "GitHub workflow"

    def test_the_evidence_that_holds_the_sources_wins(self) -> None:
        files = {
            "app/Dockerfile": FROM,
            "root/etc/run": "",
            "compose.yml": "services: {a: {build: app}}\n",
            "Makefile": "x:\n\tdocker build -f app/Dockerfile .\n",
        }
        assert only(repository(files), "app/Dockerfile", "root/").evidence == "Makefile"
        assert only(repository(files), "app/Dockerfile", "none").evidence == "compose"

    def test_evidence_that_holds_less_than_a_guess_is_not_believed(self) -> None:
        files = {
            "app/Dockerfile": FROM,
            "root/x": "",
            "compose.yml": "services: {a: {build: {context: app, args: {A: '1'}}}}\n",
        }
        found = only(repository(files), "app/Dockerfile", "root/x")
        assert (found.root, found.evidence, found.sure, dict(found.args)) == ("", "guess", False, {"A": "1"})

    def test_guesses(self) -> None:
        snapshot = repository(
            {"a/b/Dockerfile": FROM, "a/b/own": "", "a/middle": "", "top": "", ".gitignore": "made\n"}
        )
        assert only(snapshot) == FoundContext("", sure=True)
        assert only(snapshot, "a/b/Dockerfile", "own").root == "a/b"
        assert only(snapshot, "a/b/Dockerfile", "top", "https://x/y", "$Z", "<<EOF").root == ""
        assert only(snapshot, "a/b/Dockerfile", "middl?").root == "a"
        assert only(snapshot, "a/b/Dockerfile", "none").root == "a/b"
        assert only(snapshot, "a/b/Dockerfile", "made", "top").root == ""

    def test_arguments_on_which_builds_differ_are_open(self) -> None:
        makefile = "a:\n\tdocker build --build-arg A=1 --build-arg B=1 .\nb:\n\tdocker build --build-arg A=2 .\n"
        found = only(repository({"Makefile": makefile}))
        assert (dict(found.args), found.open_args) == ({"B": "1"}, {"A"})

    def test_build_files_of_other_people_are_not_read(self) -> None:
        snapshot = repository({"app/Dockerfile": FROM, "vendor/x/build.sh": "docker build -f app/Dockerfile .\n"})
        assert only(snapshot, "app/Dockerfile").evidence == "guess"


class TestSources:
    def test_paths_and_patterns(self) -> None:
        snapshot = repository({"app/a/x.sh": "", "app/b/y.py": "", ".gitignore": "*.whl\ndist/\n"})
        for source in ("a", "/a/x.sh", "a/*.sh", "*/y.p[xy]", ".", "./", "../../a", "[^b]/x.sh", "*"):
            assert source_held(snapshot, "app", source) is True, source
        for source in ("x.sh", "a/*.py", "c*/x", "*.sh"):
            assert source_held(snapshot, "app", source) is False, source
        for source in ("b/*.whl", "dist/app", "x.whl", "dist/*"):
            assert isinstance(source_held(snapshot, "app", source), Unknown), source


class TestHostileFiles:
    BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"{name}: &{name} [{', '.join([f'*{last}'] * 9)}]\n"
        for last, name in zip("abcdefghijk", "bcdefghijkl", strict=True)
    )

    @pytest.mark.parametrize(
        "text",
        [
            BOMB + "services: *l\n",
            "services: &s {a: {build: *s}}\n",
            "services: &s\n  <<: *s\n  a: {<<: *s, build: {<<: *s}}\n",
            "services: " + "[" * 100_000,
            "services: " + "{a: " * 100_000,
            "build: services\n" + "- " * 100_000,
            "build:\n" + "? " * 100_000,
            "build: services: a: b\n",
            "services: [build:, 1]\n",
            "services: {a: {build: {context: [x], args: {A: [1]}}}}\n",
            "build: !!python/object/apply:os.system [false]\nservices: {a: {build: !x app}}\n",
            "services: {a: {build: {context: ${A:-${A:-${A}}}, dockerfile: ${, args: ['=', 'A=${']}}}\n",
        ],
    )
    def test_hostile_yaml_is_read_in_no_time(self, text: str) -> None:
        started = time.process_time()
        for name in ("compose.yml", ".github/workflows/x.yml", ".gitlab-ci.yml", "build.yaml"):
            snapshot = repository({name: text + "# docker build build_from build:\n"})
            assert len(ways(snapshot)) >= 1
        assert time.process_time() - started < 2

    @pytest.mark.parametrize(
        "text",
        [
            "docker build " + "$(" * 20_000,
            "docker build " + "${A:-" * 5_000,
            "docker build '" + "x" * 10_000,
            'docker build "`$(`"',
            "docker build \\",
            "A = $(B)\nB = $(A) $(A) $(A) $(A) $(A) $(A) $(A) $(A)\nx:\n\tdocker build $(A)\n",
            "A=$A$A; A=$A$A; " * 60 + "docker build $A",
            "docker.build(\"\nsh '''docker build",
            "cat <<EOF\ndocker build",
            "docker run " * 5_000 + " build ",
            "${{ docker build " * 3_000,
            "/* docker build target " * 3_000,
            "<<A\n docker build target" * 3_000,
            'target "a" { args = "' + "${" * 10_000 + " docker build ",
            'sh """ docker build \' ' * 3_000,
        ],
    )
    def test_hostile_scripts_are_read_in_no_time(self, text: str) -> None:
        started = time.process_time()
        for name in ("build.sh", "Makefile", "Jenkinsfile", "README.md", "docker-bake.hcl", ".github/workflows/x.yml"):
            assert len(ways(repository({name: text}))) >= 1
            assert len(ways(repository({name: "x:\n\t" + text}))) >= 1
            assert published(repository({name: text}), "Dockerfile", ["Dockerfile"])
        assert time.process_time() - started < 3

    def test_a_document_before_an_error_is_kept(self) -> None:
        assert len(documents("a: 1\n---\nb: [\n")) == 1
        for text in ("x" * (5 << 20), "a: " + "[" * 600):
            with pytest.raises(LimitError, match="was not read"):
                documents(text)


class TestShellText:
    """Commands as a shell would part them: every such text was read as the shell reads it, or is settled by it here."""

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("case $1 in -x) shift;; *) exit 2;; esac\ndocker build -t a .", ["docker build -t a ."]),
            (
                "(cd sub; case $1 in -x) docker build a;; esac; docker build b)\ndocker build c",
                ["sub a", "sub b", " c"],
            ),
            ("cat <<EOF\ndocker build no\nEOF\ndocker build -t a .", ["docker build -t a ."]),
            ("cat <<-EOF\n\tdocker build no\n\tEOF\ndocker build -t a .", ["docker build -t a ."]),
            ("args=(--pull -t b)\ndocker build -t a .", ["docker build -t a ."]),
            ("run=(docker build\n  -t a .)\n${run[@]}", ["docker build -t a ."]),
            ('docker build -t "a:${TAG:-"1.0"}" .', ["docker build -t a:1.0 ."]),
            ('docker build --label "x=\\"y\\"" -t a .', ['docker build --label x="y" -t a .']),
            ("docker build -t a:$(echo ')') .", ["docker build -t a:·echo· ."]),
            ("echo it's\ndocker build -t a .", ["docker build -t a ."]),
            ("docker build -t ${{ env.NAME }} .", ["docker build -t ·env.NAME· ."]),
        ],
    )
    def test_commands(self, text: str, expected: list[str]) -> None:
        found = [each for each in commands(text, {}) if "build" in each.words]
        if any(each.startswith((" ", "sub")) for each in expected):
            assert [f"{each.folder} {each.words[-1]}" for each in found] == expected
        else:
            shown = [" ".join(each.words).replace("\ue000", "·").replace("\ue001", "·") for each in found]
            assert [each.replace("··", "·") for each in shown] == [each.replace("··", "·") for each in expected]
