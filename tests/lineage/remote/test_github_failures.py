"""What may go wrong between here and GitHub, and who may be told the token."""

import time
from collections.abc import Iterator
from email.utils import formatdate
from pathlib import Path

import pytest

from ctlint.lineage.remote.address import ApiServer
from ctlint.lineage.remote.cache import Cache
from ctlint.lineage.remote.github import GitHub, GitHubOptions
from ctlint.lineage.remote.rate_limit import limit_pause
from ctlint.lineage.repository.snapshot import Snapshot
from github_server import GitHubServer, Repo

from .test_github import World, fleet

SECRET = "ghp_notToBeSeenAnywhere"
LIMITED = {"message": "API rate limit exceeded for 192.0.2.1.", "documentation_url": "https://x"}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    server = GitHubServer()
    yield World(server, tmp_path / "cache")
    server.close()
    assert server.problems == []


@pytest.mark.parametrize("pattern", ["^api/orgs", "^web/acme/app-001", "^codeload/acme/app-001"])
@pytest.mark.parametrize("fault", [{"status": 500}, {"status": 502}, {"status": 503}, {"drop": True}, {"cut": 60}])
def test_a_failing_server_is_tried_again(world: World, pattern: str, fault: dict[str, object]) -> None:
    world.server.add(*fleet(3))
    if "cut" in fault and "web" in pattern:
        fault = {"status": 504}
    world.server.fail(pattern, times=2, **fault)
    run = world.run("github:acme")
    assert (len(run.snapshots), run.errors, run.told.warnings) == (3, [], [])
    assert [0.5 < seconds < 4 for seconds, _ in run.told.waits] == [True, True]
    assert run.told.waits[0][0] < run.told.waits[1][0]


@pytest.mark.parametrize("fault", [{"status": 500}, {"drop": True}, {"cut": 60}, {"status": 451}, {"status": 403}])
def test_one_repository_that_cannot_be_read_spoils_no_other(world: World, fault: dict[str, object]) -> None:
    world.server.add(*fleet(12))
    world.server.fail("^codeload/acme/app-003", times=-1, **fault)
    run = world.run("github:acme", jobs=2)
    if fault == {"status": 403}:
        assert run.snapshots.pop("acme/app-003/").entries == {}
    else:
        assert [error.path for error in run.errors] == ["acme/app-003"]
        assert run.told.outcomes["acme/app-003"] == "failed"
    assert len(run.snapshots) == 11
    world.server.faults.clear()
    run = world.run("github:acme")
    assert world.server.asked("^codeload") <= 1


def test_what_was_fetched_before_stands_in_for_what_cannot_be_fetched_now(world: World) -> None:
    world.server.add(*fleet(3))
    world.run("github:acme")
    world.server.repositories[1].push({"Dockerfile": b"FROM new"}, "2026-05-05T00:00:00Z")
    world.server.fail("^codeload/", times=-1, status=500)
    run = world.run("github:acme")
    assert (run.errors, run.told.outcomes["acme/app-001"]) == ([], "cached")
    assert run.snapshots["acme/app-001/"].text("Dockerfile") == "FROM x:1\n"
    assert len(run.told.warnings) == 1
    assert "acme/app-001" in run.told.warnings[0]
    assert "less than a minute ago" in run.told.warnings[0]


@pytest.mark.parametrize(
    "targets", [["github:acme"], ["github:acme/app-000"], ["github:acme/app-000", "github:acme/app-001"]]
)
def test_an_unreachable_network_falls_back_to_the_cache(world: World, targets: list[str]) -> None:
    world.server.add(*fleet(2))
    first = world.run(*targets)
    world.server.fail("", times=-1, drop=True)
    run = world.run(*targets)
    assert list(run.snapshots) == list(first.snapshots)
    assert (run.errors, set(run.told.outcomes.values())) == ([], {"cached"})
    assert run.told.warnings
    assert all("ago" in warning for warning in run.told.warnings)


def test_an_unreachable_network_and_an_empty_cache_is_one_failure_each(world: World) -> None:
    world.server.close()
    started = time.monotonic()
    run = world.run("github:acme", *(f"github:acme/app-{number}" for number in range(40)))
    assert time.monotonic() - started < 5
    assert [error.path for error in run.errors] == ["acme", *sorted(f"acme/app-{number}" for number in range(40))]
    assert all("cannot be reached" in str(error) for error in run.errors)
    assert len(run.told.waits) <= 4 * (1 + 8)
    world.server = GitHubServer()


def test_offline_uses_the_cache_alone_and_says_how_old_it_is(world: World) -> None:
    world.server.add(*fleet(3))
    world.run("github:acme")
    world.server.forget()
    later = GitHub(
        ApiServer.from_environment(world.server.environment),
        Cache(world.cache),
        clock=lambda: time.time() + 3 * 86_400 + 60,
    )
    found = list(later.open(["github:acme", "github:acme/app-001"], GitHubOptions(offline=True)))
    assert [one.name for one in found if isinstance(one, Snapshot)] == ["acme/app-000", "acme/app-001", "acme/app-002"]
    run = world.run("github:acme", "github:other", "github:other/x", "github:acme/app-001@v1", offline=True)
    assert sorted(error.path or "" for error in run.errors) == ["acme/app-001", "other", "other/x"]
    assert all("not in the cache" in str(error) for error in run.errors)
    assert run.told.warnings == ["acme: offline; using its repositories as they were less than a minute ago"]
    assert world.server.requests == []


@pytest.mark.parametrize("status", [403, 429])
@pytest.mark.parametrize("how", ["retry-after", "date", "reset", "untold"])
def test_a_short_limit_is_waited_for_and_shown(world: World, status: int, how: str) -> None:
    world.server.add(*fleet(2))
    now = time.time()
    headers = {
        "retry-after": {"Retry-After": "17"},
        "date": {"Retry-After": formatdate(now + 17, usegmt=True)},
        "reset": {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(int(now) + 17)},
        "untold": {},
    }[how]
    world.server.fail("^api/orgs", status=status, headers=headers, body=LIMITED)
    run = world.run("github:acme")
    assert (len(run.snapshots), run.errors) == (2, [])
    seconds, reason = run.told.waits[0]
    assert seconds == 60 if how == "untold" else 15 <= seconds <= 18
    assert "rate limit" in reason


@pytest.mark.parametrize(
    "headers", [{"Retry-After": "3000"}, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "99999999999"}]
)
def test_a_long_limit_stops_with_a_clear_message(world: World, headers: dict[str, str]) -> None:
    world.server.add(*fleet(2))
    world.server.fail("^api/", status=403, headers=headers, body=LIMITED, times=-1)
    run = world.run("github:acme", "github:other/x@main")
    assert run.told.waits == []
    assert run.errors[0].path == "acme"
    assert "rate limit is used up until" in str(run.errors[0])
    assert "GITHUB_TOKEN" in str(run.errors[0])


def test_what_is_in_the_cache_is_still_there_when_the_limit_is_used_up(world: World) -> None:
    world.server.add(*fleet(2))
    world.run("github:acme")
    world.server.fail("^api/", status=429, headers={"Retry-After": "3000"}, times=-1)
    run = world.run("github:acme")
    assert [error.path for error in run.errors] == ["acme"]
    assert list(run.snapshots) == ["acme/app-000/", "acme/app-001/"]
    assert run.snapshots["acme/app-001/"].text("Dockerfile") == "FROM x:1\n"


def test_one_repository_needs_no_api_when_its_limit_is_used_up(world: World) -> None:
    world.server.add(*fleet(1))
    world.server.fail("^api/", status=403, headers={"Retry-After": "3000"}, body=LIMITED, times=-1)
    for outcome in ("fetched", "unchanged"):
        run = world.run("github:acme/app-000")
        assert (run.errors, run.told.outcomes) == ([], {"acme/app-000": outcome})


def test_a_limit_that_never_ends_is_given_up(world: World) -> None:
    world.server.add(*fleet(1))
    world.server.fail("^api/", status=429, headers={"Retry-After": "1"}, times=-1)
    run = world.run("github:acme")
    assert [error.path for error in run.errors] == ["acme"]
    assert world.server.asked("^api") == 4


def test_a_forbidden_owner_is_told_with_githubs_words_made_harmless(world: World) -> None:
    world.server.fail("^api/", status=403, body={"message": "SSO \x1b[2J needed", "documentation_url": ""})
    run = world.run("github:acme")
    assert str(run.errors[0]) == "GitHub answered 403: SSO \\x1b[2J needed"


def test_the_token_goes_to_the_api_alone(world: World) -> None:
    world.server.tokens, world.token = {SECRET}, SECRET
    world.server.add(Repo("acme", "hidden", private=True), *fleet(2))
    run = world.run("github:acme")
    assert len(run.snapshots) == 3
    carried = {request.origin for request in world.server.requests if "Authorization" in request.headers}
    assert carried == {"api"}
    assert {request.origin for request in world.server.requests} == {"api", "web", "codeload"}


@pytest.mark.parametrize("pattern", ["^api/orgs", "^api/repos/acme/hidden/tarball"])
def test_the_token_does_not_follow_a_redirect_to_another_host(world: World, pattern: str) -> None:
    world.server.tokens, world.token = {SECRET}, SECRET
    world.server.add(Repo("acme", "hidden", private=True))
    world.server.fail(pattern, status=302, headers={"Location": world.server.url("elsewhere") + "/orgs/acme/repos"})
    world.run("github:acme")
    elsewhere = [request for request in world.server.requests if request.origin == "elsewhere"]
    assert len(elsewhere) == 1
    assert SECRET not in str([request.headers for request in elsewhere])


def test_the_token_of_a_netrc_file_is_not_used(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text(f"default login me password {SECRET}\n")
    monkeypatch.setenv("NETRC", str(netrc))
    world.server.add(*fleet(1))
    world.run("github:acme")
    assert all("Authorization" not in request.headers for request in world.server.requests)


def test_the_token_is_in_no_file_message_or_description(world: World) -> None:
    world.server.tokens, world.token = {SECRET}, SECRET
    world.server.add(Repo("acme", "hidden", private=True), *fleet(1))
    world.server.fail("^codeload/acme/app-000", times=-1, drop=True)
    run = world.run("github:acme")
    stored = [path.read_bytes() for path in world.cache.rglob("*") if path.is_file()]
    assert stored
    assert not any(SECRET.encode() in data or b"CODELOAD" in data for data in stored)
    server = ApiServer.from_environment({**world.server.environment, "GITHUB_TOKEN": SECRET})
    assert SECRET not in f"{server!r} {run.errors} {run.told} {[error.__cause__ for error in run.errors]}"


def test_an_invalid_token_is_given_up_with_a_warning(world: World) -> None:
    world.token = SECRET
    world.server.add(*fleet(2))
    run = world.run("github:acme")
    assert len(run.snapshots) == 2
    assert run.told.warnings == ["GitHub does not accept the token in GITHUB_TOKEN; going on without it"]


@pytest.mark.parametrize(
    "location", ["", "ftp://127.0.0.1/x", "http://[", "file:///etc/passwd", "http://u:p@127.0.0.1/"]
)
def test_a_redirect_to_no_address_is_a_failure_of_that_repository(world: World, location: str) -> None:
    world.server.add(*fleet(2))
    world.server.fail("^web/acme/app-000", status=302, headers={"Location": location}, times=-1)
    run = world.run("github:acme")
    assert [error.path for error in run.errors] == ["acme/app-000"]
    assert "redirects to no address" in str(run.errors[0])
    assert list(run.snapshots) == ["acme/app-001/"]


def test_redirects_without_end_are_given_up(world: World) -> None:
    world.server.add(*fleet(1))
    address = world.server.url("web") + "/acme/app-000/archive/main.tar.gz"
    world.server.fail("^web/acme/app-000", status=302, headers={"Location": address}, times=-1)
    run = world.run("github:acme")
    assert "redirects without end" in str(run.errors[0])
    assert world.server.asked("^web") == 6


def test_a_renamed_repository_is_followed_through_the_redirect(world: World) -> None:
    world.server.add(*fleet(1))
    address = f"{world.server.url('api')}/repos/acme/app-000"
    world.server.fail("^api/repos/acme/old-name", status=301, headers={"Location": address}, times=-1)
    run = world.run("github:acme/old-name")
    assert [one.name for one in run.snapshots.values()] == ["acme/app-000"]


def test_answers_that_are_not_what_was_asked_for_are_failures(world: World) -> None:
    world.server.add(*fleet(1))
    for body in ({"no": "list"}, "text", None):
        world.server.fail("^api/orgs", status=200, body=body, headers={"Content-Type": "application/json"}, times=4)
        run = world.run("github:acme")
        assert [error.path for error in run.errors] == ["acme"]
        world.server.faults.clear()
    world.server.fail("^api/orgs", status=200, body=[{"full_name": "../../etc"}, 3, {}, {"full_name": "acme/.."}])
    run = world.run("github:acme")
    assert (run.errors, run.snapshots) == ([], {})


def test_a_web_page_instead_of_an_archive_is_a_failure(world: World) -> None:
    world.server.add(*fleet(2))
    page = {"status": 200, "body": "Please log in", "headers": {"Content-Type": "text/plain"}, "times": -1}
    world.server.fail("^web/acme/app-000", **page)
    run = world.run("github:acme")
    assert [(error.path, str(error)) for error in run.errors] == [("acme/app-000", "what came is no gzip archive")]
    assert len(run.snapshots) == 1


def test_a_download_is_not_sent_over_an_unencrypted_redirect() -> None:
    from ctlint.lineage.remote.transport import RefusedError, _redirected

    assert _redirected("https://a.example/x", "/y") == "https://a.example/y"
    with pytest.raises(RefusedError, match="without encryption"):
        _redirected("https://a.example/x?token=secret", "http://a.example/y")


def test_pauses_are_read_off_hostile_headers_within_reason() -> None:
    assert limit_pause(200, {}, "", 0) is None
    assert limit_pause(403, {}, "Resource not accessible", 0) is None
    assert limit_pause(403, {}, "You have exceeded a secondary rate limit", 0) == 60
    assert limit_pause(429, {"Retry-After": "-5"}, "", 0) == 60
    assert limit_pause(429, {"Retry-After": "nan"}, "", 0) == 60
    assert limit_pause(429, {"Retry-After": "9" * 400}, "", 0) == 60
    assert limit_pause(429, {"Retry-After": "0"}, "", 0) == 1
    assert limit_pause(403, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "50"}, "", 100) == 1
    assert limit_pause(403, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "soon"}, "", 100) == 60
    skewed = {
        "X-RateLimit-Remaining": "0",
        "X-RateLimit-Reset": "1000000030",
        "Date": formatdate(1_000_000_000, usegmt=True),
    }
    assert limit_pause(403, skewed, "", 5.0) == 30


def test_the_same_errors_come_in_the_same_order(world: World) -> None:
    world.server.add(*fleet(20))
    for number in (3, 7, 11, 15):
        world.server.fail(f"^codeload/acme/app-{number:03}", status=451, times=-1)
    runs = [world.run("github:acme", jobs=jobs) for jobs in (1, 8)]
    world.cache = world.cache / "other"
    runs.append(world.run("github:acme", jobs=5))
    told = [([error.path for error in run.errors], list(run.snapshots)) for run in runs]
    assert told[0] == told[1] == told[2]
    assert len(told[0][0]) == 4


def test_a_description_of_no_repository_is_a_failure(world: World) -> None:
    world.server.fail("^api/repos", status=200, body={"full_name": "a/b/c"})
    assert [str(error) for error in world.run("github:a/b").errors] == ["GitHub's answer describes no repository"]


def test_a_server_that_is_busy_for_long_is_not_waited_for(world: World) -> None:
    world.server.fail("^api/", status=503, headers={"Retry-After": "3600"}, times=-1)
    run = world.run("github:acme")
    assert run.told.waits == []
    assert "asks to wait 60 minutes" in str(run.errors[0])


def test_an_answer_nested_without_end_is_a_failure(world: World) -> None:
    nested: list[object] = []
    for _ in range(400):
        nested = [nested]
    world.server.fail("^api/orgs", status=200, body=nested)
    run = world.run("github:acme")
    assert (run.snapshots, run.errors) == ({}, [])
