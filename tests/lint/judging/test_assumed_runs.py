"""Who runs an image that is only assumed is told what surely goes wrong if it is that image, as a warning that says so."""

import pytest

from ctlint.lineage.repository.snapshot import Snapshot
from ctlint.lineage.workspace.workspace import Workspace
from ctlint.lint.judging.engine import run_rules
from ctlint.lint.judging.run import Run
from ctlint.lint.output.report_formats import render
from ctlint.rules.base import Severity
from ctlint.rules.discover import all_rules

S6 = "https://github.com/just-containers/s6-overlay/releases/download/v3.1.6.2/s6-overlay"
IMAGE = {
    "Dockerfile": "FROM debian:12.8\n"
    "RUN apt-get update && apt-get install -y xz-utils\n"
    f"ADD {S6}-noarch.tar.xz {S6}-x86_64.tar.xz /tmp/\n"
    "RUN tar -C / -Jxpf /tmp/s6-overlay-noarch.tar.xz && tar -C / -Jxpf /tmp/s6-overlay-x86_64.tar.xz\n"
    'ENTRYPOINT ["/init"]\n',
}


def compose(image: str, *settings: str) -> dict[str, str]:
    return {
        "compose.yaml": "".join(("services:\n  app:\n", f"    image: {image}\n", *(f"    {one}\n" for one in settings)))
    }


def linted(files: dict[str, str], *beside: tuple[Snapshot, list[str]]) -> Run:
    workspace = Workspace([(Snapshot.from_mapping("stack", files), []), *beside])
    return run_rules(workspace, all_rules())


def codes(run: Run) -> set[str]:
    return {finding.rule for finding in run.findings() if finding.rule.startswith("CT7")}


@pytest.mark.parametrize(
    "image",
    [
        "lscr.io/linuxserver/radarr:5.21.1",
        "linuxserver/sonarr",
        "quay.io/linuxserver.io/plex:latest",
        "linuxserver/swag",
    ],
)
def test_an_init_before_that_of_an_application_is_told_with_what_it_rests_on(image: str) -> None:
    run = linted(compose(image, "init: true", "read_only: true"))
    assert codes(run) == {"CT702", "CT703"}
    for finding in run.findings():
        assert finding.severity is Severity.WARNING, "the release behind a tag may be another"
        assert "only assumed: its facts are those of the branch" in finding.related[-1].message
        assert finding.rests_on == image.partition(":")[0]
    (told,) = (one for one in run.report(run.findings()).runs)
    assert (told.grade, told.undecided) == ("assumed", True)
    name = image.partition(":")[0]
    assert f"(the image {name} is only assumed)" in render(run.report(run.findings()), "concise")


@pytest.mark.parametrize(
    ("image", "settings"),
    [
        ("lscr.io/linuxserver/radarr:5.21.1", ()),
        ("lscr.io/linuxserver/radarr:5.21.1", ("read_only: true", "tmpfs: ['/run:exec']")),
        ("lscr.io/linuxserver/radarr:5.21.1", ("user: '1000:1000'",)),
        ("linuxserver/radarr:3.0.2.4552-ls99", ("init: true",)),
        ("linuxserver/radarr:80", ("init: true", "read_only: true")),
        ("linuxserver/overseerr", ("volumes: ['./config:/config']",)),
        ("linuxserver/no-such-application", ("init: true", "read_only: true")),
    ],
    ids=[
        "plain",
        "read-only as documented",
        "as a user",
        "a tag of generation 2",
        "a number of a build",
        "an empty file that marks",
        "not known",
    ],
)
def test_what_works_or_may_work_is_left_alone(image: str, settings: tuple[str, ...]) -> None:
    assert codes(linted(compose(image, *settings))) == set()


def image(*tags: str) -> tuple[Snapshot, list[str]]:
    pushes = "".join(f"      - run: docker build -t acme/desk:{tag} . && docker push acme/desk:{tag}\n" for tag in tags)
    workflow = f"on: push\njobs:\n  build:\n    runs-on: ubuntu-latest\n    steps:\n{pushes}"
    return Snapshot.from_mapping("desk", {**IMAGE, ".github/workflows/ci.yml": workflow}), ["Dockerfile"]


@pytest.mark.parametrize(
    ("given", "run_as", "assumed"),
    [
        ("${{ github.ref_name }}", "1.4", True),
        ("${{ github.ref_name }}", "latest", False),
        ("1.4", "1.4", False),
        ("1.${{ github.run_number }}", "1.4", False),
        ("1.4", "1.3", True),
    ],
)
def test_a_repository_whose_tags_are_not_known_is_only_assumed_to_be_what_a_version_names(
    given: str, run_as: str, assumed: bool
) -> None:
    run = linted(compose(f"acme/desk:{run_as}", "init: true"), image(given))
    (finding,) = (one for one in run.findings() if one.rule == "CT702")
    assert (finding.severity is Severity.WARNING) is assumed
    assert [one.grade for one in run.report(()).runs] == (["assumed"] if assumed else [])


def test_what_does_not_rest_on_the_image_stays_as_it_is() -> None:
    two = compose("linuxserver/radarr", "ports: ['80:7878']")
    two["compose.yaml"] += "  other:\n    image: linuxserver/sonarr\n    ports: ['80:8989']\n"
    (finding,) = (one for one in linted(two).findings() if one.rule == "CT706")
    assert finding.rests_on is None
    assert finding.severity is Severity.ERROR
