"""Which names a Dockerfile is published under, and by what evidence."""

from collections.abc import Mapping

import pytest

from ctlint.lineage.builds.published_names import PublishedName, published
from ctlint.lineage.repository.dockerfiles import dockerfiles
from ctlint.lineage.repository.snapshot import Snapshot
from ctlint.lineage.text.reference import Reference, parse

FROM = "FROM scratch\n"


def repository(files: Mapping[str, str], name: str = "desk", remote: str = "") -> Snapshot:
    remotes = {"origin": remote} if remote else None
    return Snapshot.from_mapping(name, dict(files), label="", remotes=remotes)


def names(
    snapshot: Snapshot, dockerfile: str = "Dockerfile", *configured: str
) -> list[tuple[str, tuple[str, ...], str]]:
    """(name, tags, evidence with its place) of each name; a local one in brackets, an assumed one with a question mark."""
    found = published(snapshot, dockerfile, dockerfiles(snapshot), configured=configured)
    return [(_mark(name), name.tags, f"{name.how} {name.place or ''}".strip()) for name in found]


def _mark(name: PublishedName) -> str:
    marked = name.name + (f"#{name.target}" if name.target else "")
    return f"({marked})" if name.local else f"{marked}?" if name.assumed else marked


def one(files: Mapping[str, str], **given: str) -> tuple[str, tuple[str, ...], str]:
    (found,) = names(repository({"Dockerfile": FROM, **files}, **given))
    return found


def reference(text: str) -> Reference:
    found = parse(text)
    assert isinstance(found, Reference)
    return found


class TestEvidence:
    def test_config_env_and_the_makefile_that_includes_it(self) -> None:
        config = "APP_NAME=image-apps\nIMAGE_REPO=containers.renci.org/helxplatform/webtop\nTAG=develop\n"
        assert one({"config.env": config}) == (
            "helxplatform/webtop/image-apps",
            ("develop",),
            "config.env config.env:1",
        )
        makefile = (
            "include config.env\nbuild:\n\tdocker build -t ${APP_NAME} .\n"
            "tag:\n\tdocker tag $(APP_NAME) $(IMAGE_REPO)/$(APP_NAME):$(TAG)\n"
        )
        assert names(repository({"Dockerfile": FROM, "config.env": config, "Makefile": makefile})) == [
            ("(image-apps)", ("latest",), "Makefile Makefile:3"),
            ("helxplatform/webtop/image-apps", ("develop",), "Makefile Makefile:3"),
        ]

    def test_docker_config_and_the_script_that_sources_it(self) -> None:
        config = "# settings\nexport IMAGE_NAME=helxplatform/webtop/base\nexport REGISTRY=containers.renci.org\n"
        assert one({"docker-config.sh": config}) == (
            "helxplatform/webtop/base", ("*",), "docker-config.sh docker-config.sh:2",
        )  # fmt: skip
        script = ". ./docker-config.sh\ndocker build -t $IMAGE_NAME:$TAG -t $REGISTRY/$IMAGE_NAME:latest .\n"
        assert one({"docker-config.sh": config, "ops.sh": script}) == (
            "helxplatform/webtop/base", ("*", "latest"), "script ops.sh:2",
        )  # fmt: skip

    def test_each_of_several_dockerfiles_has_its_own_config(self) -> None:
        files = {
            f"{name}/{file}": text
            for name in ("a", "b")
            for file, text in {
                "Dockerfile": FROM,
                "config.env": f"APP_NAME={name}\nIMAGE_REPO=registry.example.org/acme\nVERSION=v1\n",
            }.items()
        }
        snapshot = repository(files)
        for name in ("a", "b"):
            expected = (f"registry.example.org/acme/{name}", ("v1",), f"config.env {name}/config.env:1")
            assert names(snapshot, f"{name}/Dockerfile") == [expected]

    def test_the_repository_that_a_workflow_runs_in(self) -> None:
        text = (
            "jobs:\n  push:\n    steps:\n      - id: meta\n        uses: docker/metadata-action@v5\n        with:\n"
            "          images: |\n            containers.renci.org/${{ github.repository }}\n"
            "            ghcr.io/${{ github.repository_owner }}/extra\n"
            "      - uses: docker/build-push-action@v6\n        with:\n"
            "          tags: ${{ steps.meta.outputs.tags }}\n"
            "      - uses: docker/build-push-action@v6\n        with:\n"
            "          tags: ${{ github.repository }}:develop,${{ github.repository }}:${{ github.sha }}\n"
        )
        files = {"Dockerfile": FROM, ".github/workflows/push.yml": text}
        known = repository(files, remote="git@github.com:helxplatform/cloudtop.git")
        assert names(known) == [
            ("helxplatform/cloudtop", ("*", "develop"), "GitHub workflow .github/workflows/push.yml:10"),
            ("ghcr.io/helxplatform/extra", ("*",), "GitHub workflow .github/workflows/push.yml:10"),
        ]
        assert names(repository(files, name="helxplatform/cloudtop"))[0][0] == "helxplatform/cloudtop"
        assert names(repository(files)) == [
            ("extra?", ("*",), "GitHub workflow .github/workflows/push.yml:10"),
            ("desk?", ("*",), "the repository's name"),
        ]

    def test_compose_names_what_it_builds_and_no_other_image(self) -> None:
        text = (
            "services:\n  db:\n    image: mariadb:10\n  app:\n    build: {context: ., target: dev, tags: ['acme/desk:t']}\n"
            "    image: acme/desk:${TAG:-dev}\n"
        )
        assert one({"compose.yml": text}) == ("acme/desk#dev", ("dev", "t"), "compose compose.yml:5")

    def test_jenkins(self) -> None:
        text = (
            'environment {\n  REGISTRY = "${env.REGISTRY}"\n  OWNER=\'acme\'\n  IMAGE_NAME="${REGISTRY}/${OWNER}/desk"\n}\n'
            'sh "docker build -t ${IMAGE_NAME}:${TAG} ."\n'
        )
        assert one({"Jenkinsfile": text}) == ("acme/desk", ("*",), "Jenkinsfile Jenkinsfile:6")
        assert one({"ci/Jenkinsfile": text.partition("sh ")[0]}) == (
            "acme/desk",
            ("*",),
            "Jenkinsfile ci/Jenkinsfile:4",
        )

    def test_readme(self) -> None:
        text = "Build:\n\n    docker build -t acme/desk:1.0 .\n"
        assert one({"README.md": text}) == ("acme/desk", ("1.0",), "README README.md:3")
        text = "Run `docker run -p 80:80 -e A=b acme/desk:latest` beside `docker run acme/other`.\n"
        found = names(repository({"Dockerfile": FROM, "README.md": text}))
        assert ("acme/desk", ("*",), "README README.md:1") in found
        assert all("other" not in name for name, _, _ in found)

    def test_a_loop_names_each_folder(self) -> None:
        files = {
            "a/Dockerfile": FROM,
            "b/Dockerfile": FROM,
            "all.sh": 'for d in a b; do docker build -t acme/$d:1 "$d/"; done\n',
        }
        snapshot = repository(files)
        assert names(snapshot, "a/Dockerfile") == [("acme/a", ("1",), "script all.sh:1")]
        assert names(snapshot, "b/Dockerfile") == [("acme/b", ("1",), "script all.sh:1")]

    def test_configuration_comes_first(self) -> None:
        snapshot = repository({"Dockerfile": FROM, "Makefile": "x:\n\tdocker build -t acme/other:1 .\n"})
        assert names(snapshot, "Dockerfile", "heliumdatastage/desk:2", "acme/other", "NOT OK") == [
            ("helxplatform/desk", ("2",), "configuration"),
            ("acme/other", ("*", "1"), "configuration"),
        ]


class TestLastResorts:
    @pytest.mark.parametrize(
        ("remote", "name"),
        [
            ("https://github.com/HelxPlatform/CloudTop", "helxplatform/cloudtop"),
            ("https://github.com/linuxserver/docker-webtop.git", "linuxserver/webtop"),
        ],
    )
    def test_the_name_on_github(self, remote: str, name: str) -> None:
        found = names(repository({"Dockerfile": FROM}, remote=remote))
        assert found[0] == (name, ("*",), "the repository's name")
        assert found[1][0] == "desk?"

    def test_the_folder_alone_names_no_organisation(self) -> None:
        assert one({}) == ("desk?", ("*",), "the repository's name")
        assert one({}, remote="https://git.example.org/acme/desk") == ("desk?", ("*",), "the repository's name")

    def test_other_dockerfiles_are_guessed_from_their_folder_or_name(self) -> None:
        files = [
            "Dockerfile",
            "Dockerfile.arm",
            "apps/Docker.octave",
            "web/Dockerfile",
            "php/8.1/Dockerfile",
            "Ü/Dockerfile",
        ]
        snapshot = repository(dict.fromkeys(files, FROM), remote="https://github.com/acme/desk")
        assert names(snapshot, "Dockerfile.arm") == [
            ("desk?", ("arm", "*-arm", "arm-*"), "the Dockerfile's name"),
            ("arm?", ("*",), "the Dockerfile's name"),
        ]
        assert [name for name, _, _ in names(snapshot, "apps/Docker.octave")] == ["apps?", "octave?"]
        assert names(snapshot, "web/Dockerfile") == [("web?", ("*",), "the folder's name")]
        assert names(snapshot, "php/8.1/Dockerfile") == [("php?", ("8.1", "8.1-*"), "the folder's name")]
        assert names(snapshot, "Ü/Dockerfile") == []

    def test_what_a_reference_cannot_be_is_no_name(self) -> None:
        makefile = "x:\n\tdocker build -t Acme/Desk -t $(X) -t '' -t acme/$(X) -t a/b/ .\n"
        assert one({"Makefile": makefile})[0] == "desk?"


class TestAnswers:
    def answer(self, files: Mapping[str, str], wanted: str, *, same_repository: bool = False) -> list[str | None]:
        snapshot = repository({"Dockerfile": FROM, **files})
        found = published(snapshot, "Dockerfile", dockerfiles(snapshot))
        return [name.answers(reference(wanted), same_repository=same_repository) for name in found]

    def test_a_tag_that_is_given_is_known_and_another_is_assumed(self) -> None:
        files = {"x.sh": "docker build -t helxplatform/desk:1 -t helxplatform/desk:$V .\n"}
        assert self.answer(files, "heliumdatastage/desk:1") == ["known"]
        assert self.answer(files, "helxplatform/desk:2") == ["assumed"]
        assert self.answer(files, "helxplatform/desk@sha256:" + "0" * 64) == ["assumed"]
        assert self.answer(files, "acme/desk:1") == [None]
        assert self.answer(files, "desk:1") == [None]

    def test_a_local_name_counts_in_its_own_repository(self) -> None:
        files = {"x.sh": "docker build -t nginx .\n"}
        assert self.answer(files, "nginx", same_repository=True) == ["known", None]
        assert self.answer(files, "nginx:1.27", same_repository=True) == [None, None]
        assert self.answer(files, "nginx") == [None, None]

    def test_a_guess_compares_the_last_component_and_never_means_an_official_image(self) -> None:
        assert self.answer({}, "helxplatform/desk:9") == ["assumed"]
        assert self.answer({}, "registry.example.org/a/b/desk") == ["assumed"]
        assert self.answer({}, "desk", same_repository=True) == [None]
        assert self.answer({}, "helxplatform/desktop") == [None]

    def test_tags_with_unknown_parts(self) -> None:
        name = PublishedName("acme/desk", ("amd64-*", "v1"), None, "x")
        assert [name.fits(tag) for tag in ("amd64-1", "arm-1", "v1")] == [True, False, True]
