"""GitHub as a source, against an imitation that is checked against GitHub's own description of its API."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from ctlint.lineage.remote.address import ApiServer
from ctlint.lineage.remote.cache import Cache
from ctlint.lineage.remote.github import GitHub, GitHubOptions, link
from ctlint.lineage.repository.snapshot import Snapshot
from ctlint.lineage.text.errors import InputError, Unknown, UsageError
from github_server import GitHubServer, Link, Program, Repo, Submodule, blob_id

API, ARCHIVE = "^api/", "^codeload/"


@dataclass
class Told:
    """A Progress that remembers."""

    outcomes: dict[str, str] = field(default_factory=dict)
    waits: list[tuple[float, str]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    total: int = 0

    def begin(self, total: int) -> None:
        self.total = total

    def done(self, repository: str, outcome: str) -> None:
        self.outcomes[repository] = outcome

    def waiting(self, seconds: float, reason: str) -> None:
        self.waits.append((seconds, reason))

    def warn(self, message: str) -> None:
        self.warnings.append(message)

    def end(self) -> None: ...


@dataclass
class Run:
    snapshots: dict[str, Snapshot]
    errors: list[InputError]
    told: Told


@dataclass
class World:
    server: GitHubServer
    cache: Path
    token: str | None = None

    def run(self, *targets: str, **options: object) -> Run:
        self.server.forget()
        environment = {**self.server.environment, **({"GITHUB_TOKEN": self.token} if self.token else {})}
        told = Told()
        github = GitHub(
            ApiServer.from_environment(environment), Cache(self.cache), progress=told, sleep=lambda seconds: None
        )
        found = list(github.open(targets, GitHubOptions(**options)))  # type: ignore[arg-type]
        snapshots = {one.label: one for one in found if isinstance(one, Snapshot)}
        return Run(snapshots, [one for one in found if isinstance(one, InputError)], told)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    server = GitHubServer()
    yield World(server, tmp_path / "cache")
    server.close()
    assert server.problems == []


def fleet(count: int, owner: str = "acme") -> list[Repo]:
    return [Repo(owner, f"app-{number:03}", {"Dockerfile": b"FROM x:%d\n" % number}) for number in range(count)]


@pytest.mark.parametrize(("count", "pages"), [(1, 1), (85, 1), (100, 1), (101, 2), (230, 3)])
def test_a_first_fetch_costs_a_request_for_every_hundred_repositories(world: World, count: int, pages: int) -> None:
    world.server.add(*fleet(count))
    run = world.run("github:acme")
    assert list(run.snapshots) == [f"acme/app-{number:03}/" for number in range(count)]
    assert run.errors == []
    assert world.server.asked(API) == pages
    assert world.server.asked(ARCHIVE) == count
    assert run.snapshots[f"acme/app-{count - 1:03}/"].text("Dockerfile") == f"FROM x:{count - 1}\n"


@pytest.mark.parametrize("etags", [True, False])
def test_a_second_fetch_brings_no_archive_of_what_is_unchanged(world: World, etags: bool) -> None:
    world.server.etags = etags
    world.server.add(*fleet(101))
    first = world.run("github:acme")
    second = world.run("github:acme")
    assert world.server.asked(API) == 2
    assert world.server.asked("^(web|codeload)/") == 0
    assert list(second.snapshots) == list(first.snapshots)
    assert set(second.told.outcomes.values()) == {"unchanged"}
    assert second.snapshots["acme/app-007/"].text("Dockerfile") == "FROM x:7\n"
    assert second.snapshots["acme/app-007/"].commit == first.snapshots["acme/app-007/"].commit


def test_only_the_repository_that_was_pushed_to_is_brought_again(world: World) -> None:
    world.server.add(*fleet(5))
    world.run("github:acme")
    world.server.repositories[3].push({"Dockerfile": b"FROM y\n"}, "2026-02-02T00:00:00Z")
    run = world.run("github:acme")
    assert run.told.outcomes["acme/app-003"] == "fetched"
    assert list(run.told.outcomes.values()).count("unchanged") == 4
    assert world.server.asked(ARCHIVE) == 1
    assert run.snapshots["acme/app-003/"].text("Dockerfile") == "FROM y\n"
    assert run.snapshots["acme/app-003/"].commit == world.server.repositories[3].commit("main")


def test_a_push_that_changes_nothing_of_the_default_branch_sends_no_archive(world: World) -> None:
    world.server.add(*fleet(1))
    world.run("github:acme")
    world.server.repositories[0].pushed_at = "2026-02-02T00:00:00Z"
    run = world.run("github:acme")
    assert (world.server.asked(ARCHIVE), run.told.outcomes) == (1, {"acme/app-000": "fetched"})
    world.run("github:acme")
    assert world.server.asked(ARCHIVE) == 0


def test_a_repository_that_left_the_owner_is_gone(world: World) -> None:
    world.server.add(*fleet(3))
    world.run("github:acme")
    del world.server.repositories[1]
    assert list(world.run("github:acme").snapshots) == ["acme/app-000/", "acme/app-002/"]


def test_a_user_costs_one_request_more_and_that_only_once(world: World) -> None:
    world.server.add(*fleet(101, "someone"), organisation=False)
    assert len(world.run("github:someone").snapshots) == 101
    assert world.server.asked(API) == 3
    assert len(world.run("github:someone").snapshots) == 101
    assert world.server.asked(API) == 2


def test_one_repository_costs_two_requests_at_most_and_one_later(world: World) -> None:
    world.server.add(*fleet(1))
    assert list(world.run("github:acme/app-000").snapshots) == ["acme/app-000/"]
    assert (world.server.asked(API), world.server.asked(ARCHIVE)) == (2, 1)
    run = world.run("github:acme/app-000")
    assert (world.server.asked(API), world.server.asked(ARCHIVE)) == (1, 0)
    assert run.told.outcomes == {"acme/app-000": "unchanged"}
    world.server.repositories[0].push({"Dockerfile": b"FROM y\n"}, "2026-02-02T00:00:00Z")
    assert world.run("github:acme/app-000").snapshots["acme/app-000/"].text("Dockerfile") == "FROM y\n"


def test_several_repositories_need_no_api_request(world: World) -> None:
    world.server.add(*fleet(4))
    targets = [f"github:acme/app-00{number}" for number in range(4)]
    assert len(world.run(*targets).snapshots) == 4
    assert (world.server.asked(API), world.server.asked(ARCHIVE)) == (0, 4)
    assert set(world.run(*targets).told.outcomes.values()) == {"unchanged"}
    assert world.server.asked(API) == 0


def test_a_repository_named_twice_is_brought_once(world: World) -> None:
    world.server.add(*fleet(2))
    run = world.run("github:acme", "github:acme/app-000", "github:Acme/App-001")
    assert list(run.snapshots) == ["acme/app-000/", "acme/app-001/"]
    assert world.server.asked(ARCHIVE) == 2


def test_a_snapshot_has_names_modes_links_and_blob_ids(world: World) -> None:
    files = {
        "Dockerfile": b"FROM scratch\n",
        "root/etc/cont-init.d/40-x": Program(b"#!/bin/sh\n"),
        "current": Link("root/etc"),
        "vendor/lib": Submodule(),
        "logo.png": b"\x89PNG\0" + b"x" * 20_000,
        "a/" + "long-" * 40 + "/name": b"x",
    }
    repo = world.server.add(Repo("acme", "app", files))
    for _ in range(2):
        snapshot = world.run("github:acme").snapshots["acme/app/"]
        assert (snapshot.name, snapshot.commit) == ("acme/app", repo.commit("main"))
        assert snapshot.entries["root/etc/cont-init.d/40-x"].mode == 0o755
        assert snapshot.entries["Dockerfile"].mode == 0o644
        assert snapshot.locate("current/cont-init.d/40-x") == "root/etc/cont-init.d/40-x"
        assert isinstance(snapshot.holds("vendor/lib/file"), Unknown)
        assert snapshot.entries["logo.png"].size == 20_005
        assert snapshot.read("logo.png") == files["logo.png"][:8000]  # type: ignore[index]
        assert snapshot.digest("logo.png") == blob_id(files["logo.png"])  # type: ignore[arg-type]
        assert snapshot.digest("Dockerfile") == blob_id(b"FROM scratch\n")
        assert snapshot.holds("a/" + "long-" * 40 + "/name") is True
        assert snapshot.holds("nothing") is False
        assert snapshot.show("Dockerfile") == "acme/app/Dockerfile"


def test_equal_files_are_stored_once(world: World) -> None:
    text = b"echo the same\n" * 100
    world.server.add(*(Repo("acme", f"app-{number}", {"Dockerfile": text, "copy": text}) for number in range(10)))
    world.run("github:acme")
    stored = [path for path in world.cache.rglob("*") if path.is_file() and path.read_bytes() == text]
    assert [path.name for path in stored] == [blob_id(text)]


def test_what_lfs_keeps_is_unknown_and_there(world: World) -> None:
    pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:%b\nsize 5\n" % (b"1" * 64)
    world.server.add(Repo("acme", "app", {"Dockerfile": b"FROM x", "model.bin": pointer}))
    snapshot = world.run("github:acme").snapshots["acme/app/"]
    assert snapshot.holds("model.bin") is True
    assert isinstance(snapshot.content("model.bin"), Unknown)


def test_what_the_archive_leaves_out_is_unknown(world: World) -> None:
    files = {
        "Dockerfile": b"FROM x",
        ".gitattributes": b"/docs export-ignore\n*.bak -text export-ignore\n/kept text\n",
        ".gitignore": b"made\n",
        "docs/guide": b"",
        "sub/old.bak": b"",
    }
    world.server.add(Repo("acme", "app", dict(files), not_in_archive=("docs/guide", "sub/old.bak")), *fleet(1))
    for _ in range(2):
        snapshot = world.run("github:acme").snapshots["acme/app/"]
        for path in ("docs/guide", "docs", "any/where.bak", "made"):
            assert isinstance(snapshot.holds(path), Unknown), path
        assert snapshot.holds("kept") is False
        assert snapshot.holds("Makefile") is False


def test_one_repository_is_completed_by_its_tree_even_where_the_attributes_are_left_out(world: World) -> None:
    files = {
        "Dockerfile": b"FROM x",
        ".gitattributes": b".gitattributes export-ignore\n/docs export-ignore\n",
        "docs/deep/guide": b"",
        "module": Submodule(),
    }
    hidden = (".gitattributes", "docs/deep/guide", "module")
    world.server.add(Repo("acme", "app", dict(files), not_in_archive=hidden))
    snapshot = world.run("github:acme/app").snapshots["acme/app/"]
    for path in hidden:
        assert isinstance(snapshot.holds(path), Unknown), path
    assert snapshot.holds("docs/deep/other") is False
    assert snapshot.holds("Makefile") is False


def test_a_truncated_tree_is_completed_by_walking(world: World) -> None:
    files = {f"d{number}/e/f{number}": b"x" for number in range(6)}
    hidden = tuple(files)[3:]
    repo = Repo("acme", "app", {"Dockerfile": b"FROM x", **files}, not_in_archive=hidden)
    world.server.add(repo)
    world.server.tree_limit = 4
    snapshot = world.run("github:acme/app").snapshots["acme/app/"]
    assert world.server.asked("git/trees") > 2
    assert [isinstance(snapshot.holds(path), Unknown) for path in files] == [False] * 3 + [True] * 3
    assert snapshot.holds("d3/e/other") is False


def test_a_tree_that_cannot_be_had_leaves_the_archive_as_it_is(world: World) -> None:
    world.server.add(*fleet(1))
    world.server.fail("git/trees", status=404, body={"message": "Not Found"}, times=-1)
    run = world.run("github:acme/app-000")
    assert run.errors == []
    assert run.snapshots["acme/app-000/"].holds("Makefile") is False


def test_refs_are_branches_tags_and_commits(world: World) -> None:
    repo = Repo(
        "acme",
        "app",
        {"Dockerfile": b"main"},
        refs={"feature/x": {"Dockerfile": b"feature"}, "v1": {"Dockerfile": b"v1"}},
    )
    world.server.add(repo)
    for ref, text in (("feature/x", "feature"), ("v1", "v1"), (repo.commit("v1"), "v1"), (repo.commit("main"), "main")):
        run = world.run(f"github:acme/app@{ref}")
        assert run.snapshots["acme/app/"].text("Dockerfile") == text
        assert run.snapshots["acme/app/"].commit == repo.commit({"feature": "feature/x", "v1": "v1"}.get(text, "main"))
    run = world.run("github:acme/app@v1", "github:acme/app")
    assert {label: one.text("Dockerfile") for label, one in run.snapshots.items()} == {
        "acme/app/": "main",
        "acme/app@v1/": "v1",
    }


def test_a_commit_is_asked_for_once(world: World) -> None:
    repo = world.server.add(*fleet(1))
    target = f"github:acme/app-000@{repo.commit('main')}"
    world.run(target)
    run = world.run(target)
    assert world.server.requests == []
    assert run.told.outcomes == {"acme/app-000": "unchanged"}


def test_a_branch_that_is_also_a_tag_is_the_branch(world: World) -> None:
    world.server.add(Repo("acme", "app", refs={"v1": {"Dockerfile": b"branch"}}, ambiguous=("v1",)))
    assert world.run("github:acme/app@v1").snapshots["acme/app/"].text("Dockerfile") == "branch"


def test_a_ref_that_is_not_there_is_told(world: World) -> None:
    world.server.add(*fleet(2))
    run = world.run("github:acme/app-000@nope", "github:acme/app-001")
    assert [(error.path, str(error)) for error in run.errors] == [
        ("acme/app-000", "the repository has no branch, tag or commit nope")
    ]
    assert list(run.snapshots) == ["acme/app-001/"]


def test_a_renamed_default_branch_is_followed(world: World) -> None:
    repo = world.server.add(Repo("acme", "app", {"Dockerfile": b"old"}, branch="master"))
    world.run("github:acme")
    repo.refs["master"], repo.files, repo.branch = {"Dockerfile": b"old"}, {"Dockerfile": b"new"}, "main"
    run = world.run("github:acme")
    assert run.snapshots["acme/app/"].text("Dockerfile") == "new"


def test_a_listing_older_than_the_renaming_still_finds_the_branch(world: World) -> None:
    repo = world.server.add(Repo("acme", "app", {"Dockerfile": b"x"}, branch="master"))
    described = world.server._described(repo)
    repo.branch = "main"
    world.server.fail("/orgs/acme/repos", status=200, body=[described])
    run = world.run("github:acme")
    assert run.snapshots["acme/app/"].text("Dockerfile") == "x"


def test_an_empty_repository_is_a_snapshot_without_files(world: World) -> None:
    world.server.add(Repo("acme", "empty", None), *fleet(1))
    run = world.run("github:acme")
    assert run.errors == []
    assert run.snapshots["acme/empty/"].entries == {}
    run = world.run("github:acme")
    assert (world.server.asked("^(web|codeload)"), run.errors) == (0, [])
    world.server.repositories[0].push({"Dockerfile": b"FROM x"}, "2026-03-03T00:00:00Z")
    assert world.run("github:acme").snapshots["acme/empty/"].holds("Dockerfile") is True


@pytest.mark.parametrize("targets", [["github:acme/empty"], ["github:acme/empty", "github:acme/app-000"]])
def test_an_empty_repository_asked_for_by_name(world: World, targets: list[str]) -> None:
    world.server.add(Repo("acme", "empty", None), *fleet(1))
    run = world.run(*targets)
    assert run.errors == []
    assert run.snapshots["acme/empty/"].entries == {}


def test_a_repository_without_dockerfile_is_there(world: World) -> None:
    world.server.add(Repo("acme", "docs", {"README.md": b"# Hello\n"}))
    assert list(world.run("github:acme").snapshots["acme/docs/"].entries) == ["README.md"]


def test_a_private_repository_is_not_there_without_a_token(world: World) -> None:
    world.server.add(Repo("acme", "secret", private=True), *fleet(1))
    assert list(world.run("github:acme").snapshots) == ["acme/app-000/"]
    for targets in (["github:acme/secret"], ["github:acme/secret", "github:acme/app-000"]):
        run = world.run(*targets)
        assert [error.path for error in run.errors] == ["acme/secret"]
        assert "private" in str(run.errors[0])


def test_a_private_repository_comes_through_the_api_with_a_token(world: World) -> None:
    world.server.tokens, world.token = {"s3cret"}, "s3cret"
    world.server.add(Repo("acme", "hidden", {"Dockerfile": b"FROM private"}, private=True), *fleet(1))
    for targets in (["github:acme"], ["github:acme/hidden"], ["github:acme/hidden", "github:acme/app-000"]):
        run = world.run(*targets)
        assert run.errors == []
        assert run.snapshots["acme/hidden/"].text("Dockerfile") == "FROM private"
    assert world.run("github:acme").told.outcomes == {"acme/app-000": "unchanged", "acme/hidden": "unchanged"}
    assert world.server.asked("tarball") == 0


def test_globs_forks_and_archived_repositories_are_chosen_from(world: World) -> None:
    world.server.add(
        Repo("acme", "CloudTop"),
        Repo("acme", "cloudtop-old", archived=True),
        Repo("acme", "cloudtop-fork", fork=True),
        Repo("acme", "docs"),
    )

    def names(**options: object) -> list[str]:
        return [label.split("/")[1] for label in world.run("github:acme", **options).snapshots]

    assert names() == ["CloudTop", "cloudtop-fork", "cloudtop-old", "docs"]
    assert names(archived=False, forks=False) == ["CloudTop", "docs"]
    assert names(include=("cloudtop*",)) == ["CloudTop", "cloudtop-fork", "cloudtop-old"]
    assert names(include=("acme/c*",), exclude=("*-old", "*-FORK")) == ["CloudTop"]


def test_an_owner_that_is_not_there_is_told(world: World) -> None:
    world.server.add(*fleet(1))
    run = world.run("github:nobody", "github:acme")
    assert [(error.path, str(error)) for error in run.errors] == [("nobody", "there is no such user or organisation")]
    assert list(run.snapshots) == ["acme/app-000/"]


def test_targets_that_are_none_are_refused_before_anything_is_done(world: World) -> None:
    github = GitHub(ApiServer.from_environment(world.server.environment), Cache(world.cache))
    for target in (
        "somewhere",
        "github:",
        "github:a/b/c",
        "https://example.org/a/b",
        "github:a@ref",
        "github:a/b@x..y",
    ):
        with pytest.raises(UsageError):
            github.open([target])
    assert world.server.requests == []


def test_an_api_below_a_path_is_used_and_found(tmp_path: Path) -> None:
    server = GitHubServer("/api/v3")
    server.add(*fleet(2))
    world = World(server, tmp_path)
    assert len(world.run("github:acme").snapshots) == 2
    assert world.server.asked("^api/api/v3/orgs") == 1
    plain = ApiServer.from_environment({**server.environment, "GITHUB_API_URL": server.url("api")})
    found = list(GitHub(plain, Cache(tmp_path / "other")).open(["github:acme", "github:acme/app-000"]))
    assert [type(one) for one in found] == [Snapshot, Snapshot]
    server.close()
    assert server.problems == []


def test_a_link_leads_to_the_line_at_the_commit(world: World) -> None:
    repo = world.server.add(Repo("acme", "app", {"my dir/Dockerfile": b"FROM x"}))
    snapshot = world.run("github:acme").snapshots["acme/app/"]
    server = ApiServer.from_environment(world.server.environment)
    expected = f"{world.server.url('web')}/acme/app/blob/{repo.commit('main')}/my%20dir/Dockerfile#L3"
    assert link(snapshot, "acme/app/my dir/Dockerfile", 3, server) == expected
    assert link(snapshot, "my dir/Dockerfile", 3, server) == expected
    assert link(Snapshot.from_mapping("x", {}), "Dockerfile", 1, server) is None


def test_the_sender_is_named(world: World) -> None:
    world.server.add(*fleet(1))
    world.run("github:acme")
    assert {request.headers["User-Agent"] for request in world.server.requests} == {"ctlint"}


def test_a_branch_fetched_without_asking_the_api_is_confirmed_by_the_time_of_the_last_push(world: World) -> None:
    world.server.etags = False
    repo = world.server.add(Repo("acme", "app", refs={"v1": {"Dockerfile": b"v1"}}), *fleet(1))
    world.run("github:acme/app@v1", "github:acme/app-000")
    assert world.server.asked(API) == 0
    run = world.run("github:acme/app@v1")
    assert (run.told.outcomes, world.server.asked(API), world.server.asked(ARCHIVE)) == (
        {"acme/app": "unchanged"},
        1,
        0,
    )
    repo.push({}, "2099-01-01T00:00:00Z")
    assert world.run("github:acme/app@v1").told.outcomes == {"acme/app": "fetched"}


def test_a_private_repository_may_be_empty_and_lack_a_ref(world: World) -> None:
    world.server.tokens, world.token = {"s3cret"}, "s3cret"
    world.server.add(Repo("acme", "empty", None, private=True), Repo("acme", "hidden", private=True))
    run = world.run("github:acme")
    assert (run.errors, run.snapshots["acme/empty/"].entries) == ([], {})
    run = world.run("github:acme/hidden@nope")
    assert [str(error) for error in run.errors] == ["the repository has no branch, tag or commit nope"]


def test_a_web_host_that_wants_a_login_is_made_up_for_by_the_api(world: World) -> None:
    world.server.tokens, world.token = {"s3cret"}, "s3cret"
    world.server.add(*fleet(2))
    world.server.fail("^web/", status=200, body="log in", headers={"Content-Type": "text/html"}, times=-1)
    for targets in (["github:acme"], ["github:acme/app-000"], ["github:acme/app-000@main", "github:acme/app-001@main"]):
        run = world.run(*targets)
        assert (run.errors, run.snapshots["acme/app-000/"].text("Dockerfile")) == ([], "FROM x:0\n")
