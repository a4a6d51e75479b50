"""Images that are built of branches, one for each tag: which clone stands for which tag, and what a profile may stand for."""

from ctlint.lineage.image.image import EffectiveImage
from ctlint.lineage.repository.snapshot import Snapshot
from ctlint.lineage.s6.release import S6Release, release_of
from ctlint.lineage.text.errors import Unknown
from ctlint.lineage.workspace.workspace import Workspace

BASE = "linuxserver/docker-baseimage-alpine"


def clone(tag: str, account: str) -> Snapshot:
    """A clone of the base image at the branch that makes the tag."""
    files = {
        "Dockerfile": f"FROM alpine:3.20\nRUN adduser -D {account}\n",
        "jenkins-vars.yml": f'project_name: docker-baseimage-alpine\nrelease_tag: "{tag}"\nls_branch: "{tag}"\n',
    }
    return Snapshot.from_mapping(BASE, files, label=f"{tag}/")


def app(reference: str) -> Snapshot:
    return Snapshot.from_mapping("acme/app", {"Dockerfile": f"FROM {reference}\n"})


def built(reference: str, *clones: Snapshot) -> EffectiveImage:
    snapshots = [*clones, app(reference)]
    workspace = Workspace([(snapshot, ["Dockerfile"]) for snapshot in snapshots])
    return workspace.effective(workspace.images[-1])


def test_the_branch_that_makes_the_tag_is_the_parent() -> None:
    clones = (clone("3.98", "older"), clone("3.99", "newer"))
    image = built("ghcr.io/linuxserver/baseimage-alpine:3.99", *clones)
    assert image.known == "full"
    assert {"newer", "root"} <= image.accounts.known.keys()
    assert "older" not in image.accounts.known
    assert "older" in built("lscr.io/linuxserver/baseimage-alpine:amd64-3.98", *clones).accounts.known


def test_another_branch_is_another_image() -> None:
    image = built("ghcr.io/linuxserver/baseimage-alpine:3.97", clone("3.98", "older"))
    assert image.known == "partial"
    assert "older" not in image.accounts.known


def test_the_profile_of_the_tag_is_taken_before_a_clone_of_another_branch() -> None:
    image = built("ghcr.io/linuxserver/baseimage-alpine:3.22", clone("3.98", "older"))
    assert image.known == "full"
    assert "abc" in image.accounts.known


def test_what_a_profile_of_a_near_tag_does_not_list_may_be_there() -> None:
    near = built("ghcr.io/linuxserver/baseimage-alpine:3.24")
    exact = built("ghcr.io/linuxserver/baseimage-alpine:3.22")
    assert near.known == "assumed"
    assert near.chain[1].assumed == "its facts are those of the branch 3.22"
    assert isinstance(release_of(near), S6Release)
    services = "/etc/s6-overlay/s6-rc.d"
    assert exact.tree.closed(services) is True
    assert isinstance(near.tree.closed(services), Unknown)
    assert exact.accounts.get("nosuch") is None
    assert isinstance(near.accounts.get("nosuch"), Unknown)
    assert isinstance(near.variable("NO_SUCH"), Unknown)
