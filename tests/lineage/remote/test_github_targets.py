"""What targets, environments and image references mean."""

import pytest

from ctlint.lineage.remote.address import ApiServer, Target, parse_target
from ctlint.lineage.remote.publishing_repository import repository_of
from ctlint.lineage.text.errors import UsageError


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("github:helxplatform", Target("helxplatform")),
        ("github:helxplatform/", Target("helxplatform")),
        ("github:helxplatform/cloudtop", Target("helxplatform", "cloudtop")),
        ("github:helxplatform/.github", Target("helxplatform", ".github")),
        ("github:user_company/x.y-z_1", Target("user_company", "x.y-z_1")),
        ("github:a/b@develop", Target("a", "b", "develop")),
        ("github:a/b@feature/x@2", Target("a", "b", "feature/x@2")),
        ("https://github.com/helxplatform", Target("helxplatform")),
        ("https://github.com/orgs/helxplatform/repositories", Target("helxplatform")),
        ("https://www.github.com/a/b/", Target("a", "b")),
        ("https://github.com/a/b.git", Target("a", "b")),
        ("https://github.com/a/b?tab=readme#x", Target("a", "b")),
        ("https://github.com/a/b/tree/feature/x", Target("a", "b", "feature/x")),
        ("https://github.com/a/b/tree/with%20blank".replace("%20blank", ""), Target("a", "b", "with")),
        ("https://github.com/a/b/commit/" + "c" * 40, Target("a", "b", "c" * 40)),
        ("https://github.com/a/b/releases/tag/v1", Target("a", "b", "v1")),
    ],
)
def test_targets(text: str, target: Target) -> None:
    assert parse_target(text) == target


@pytest.mark.parametrize("text", [".", "cloudtop", "/github:x", "git@github.com:a/b", "./github:a", "-"])
def test_what_is_no_github_target(text: str) -> None:
    assert parse_target(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "github:", "github:-a", "github:a/..", "github:a/.", "github:a/b/c", "github:a@x", "github:a/b@",
        "github:a/b@-x", "github:a/b@x y", "github:a/b@../../x", "github:a/b@x.lock", "github:a/b@x~1",
        "github:a/b@x\x1b[2J", "github:a/b?x", "github:a/b@x@{1}",
        "https://github.com/", "https://github.com/a/b/issues/3", "https://github.com/a/b/tree",
        "https://gitlab.com/a/b", "https://github.com.evil.example/a/b", "https://github.com@evil.example/a/b",
    ],
)  # fmt: skip
def test_malformed_targets_are_refused_with_a_printable_message(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_target(text)
    assert str(caught.value).isprintable()


def test_an_address_on_an_enterprise_server() -> None:
    server = ApiServer.from_environment({"GITHUB_SERVER_URL": "https://ghe.example"})
    assert parse_target("https://ghe.example/a/b", server) == Target("a", "b")
    with pytest.raises(UsageError, match=r"is not on ghe\.example"):
        parse_target("https://github.com/a/b", server)


@pytest.mark.parametrize(
    ("environment", "api", "web"),
    [
        ({}, "https://api.github.com", "https://github.com"),
        ({"GITHUB_API_URL": "", "GITHUB_SERVER_URL": " "}, "https://api.github.com", "https://github.com"),
        ({"GITHUB_SERVER_URL": "https://github.com"}, "https://api.github.com", "https://github.com"),
        ({"GITHUB_API_URL": "https://ghe.example/api/v3/"}, "https://ghe.example/api/v3", "https://ghe.example"),
        ({"GITHUB_SERVER_URL": "https://ghe.example"}, "https://ghe.example/api/v3", "https://ghe.example"),
        ({"GITHUB_API_URL": "https://api.x.ghe.com"}, "https://api.x.ghe.com", "https://x.ghe.com"),
        ({"GITHUB_API_URL": "http://127.0.0.1:8080"}, "http://127.0.0.1:8080", "http://127.0.0.1:8080"),
    ],
)
def test_servers(environment: dict[str, str], api: str, web: str) -> None:
    server = ApiServer.from_environment(environment)
    assert (server.api, server.web) == (api, web)


@pytest.mark.parametrize("value", ["ghe.example", "ftp://x", "https://", "https://u:p@x", "https://x?y"])
def test_addresses_that_are_none(value: str) -> None:
    with pytest.raises(UsageError, match="GITHUB_API_URL"):
        ApiServer.from_environment({"GITHUB_API_URL": value})


def test_tokens() -> None:
    assert ApiServer.from_environment({"GITHUB_TOKEN": " t\n", "GH_TOKEN": ""}).token == "t"
    assert ApiServer.from_environment({"GITHUB_TOKEN": "a", "GH_TOKEN": "b"}).token == "b"
    with pytest.raises(UsageError) as caught:
        ApiServer.from_environment({"GITHUB_TOKEN": "secret\nX-Evil: 1"})
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("api", "url", "may"),
    [
        ("https://api.github.com", "https://api.github.com/orgs/x", True),
        ("https://api.github.com", "https://api.github.com:443/orgs/x", True),
        ("https://api.github.com", "https://github.com/x", False),
        ("https://api.github.com", "https://api.github.com.evil.example/", False),
        ("https://api.github.com", "https://api.github.com@evil.example/", False),
        ("https://api.github.com", "https://api.github.com:444/", False),
        ("https://api.github.com", "https://api.github.com:99999/", False),
        ("https://api.github.com", "http://api.github.com/", False),
        ("http://ghe.example/api/v3", "http://ghe.example/api/v3/x", False),
        ("http://127.0.0.1:80", "http://127.0.0.1:80/x", True),
    ],
)
def test_who_may_have_the_token(api: str, url: str, may: bool) -> None:
    server = ApiServer.from_environment({"GITHUB_API_URL": api, "GITHUB_TOKEN": "t"})
    assert server.may_have_token(url) is may


@pytest.mark.parametrize(
    ("reference", "repository"),
    [
        ("helxplatform/cloudtop", "helxplatform/cloudtop"),
        ("heliumdatastage/cloudtop:latest", "helxplatform/cloudtop"),
        ("docker.io/helxplatform/cloudtop:v1.2.3", "helxplatform/cloudtop"),
        ("helxplatform/cloudtop:develop-latest", "helxplatform/cloudtop@develop"),
        ("containers.renci.org/helxplatform/webtop/base:v0.0.2", "helxplatform/webtop-base"),
        ("lscr.io/linuxserver/webtop:amd64-ubuntu-mate-version-8d2fdc51", "linuxserver/docker-webtop@ubuntu-mate"),
        ("lscr.io/linuxserver/webtop:ubuntu-mate", "linuxserver/docker-webtop@ubuntu-mate"),
        ("ghcr.io/linuxserver/webtop", "linuxserver/docker-webtop"),
        ("linuxserver/webtop:arm64v8-latest", "linuxserver/docker-webtop"),
        ("linuxserver/webtop:version-4.16-r0", "linuxserver/docker-webtop"),
        ("linuxserver/webtop:4.16-r0-ls46", "linuxserver/docker-webtop@4.16-r0-ls46"),
        ("linuxserver/webtop:ubuntu-mate-8d2fdc51-ls21", "linuxserver/docker-webtop@ubuntu-mate-8d2fdc51-ls21"),
        ("docker.io/linuxserver/baseimage-alpine:3.20", "linuxserver/docker-baseimage-alpine@3.20"),
        ("lscr.io/linuxserver/baseimage-ubuntu:jammy", "linuxserver/docker-baseimage-ubuntu@jammy"),
        ("linuxserver/code-server:4.9.1", None),
        ("linuxserver/webtop@sha256:" + "a" * 64, None),
        ("tomcat:9-jre8", None),
        ("quay.io/linuxserver/webtop", None),
        ("not a reference", None),
    ],
)
def test_who_publishes_an_image(reference: str, repository: str | None) -> None:
    assert repository_of(reference) == repository


def test_the_configuration_comes_first() -> None:
    parents = {
        "helxplatform/cloudtop:v1": "github:me/fork@v1",
        "docker.io/helxplatform/cloudtop": "https://github.com/me/fork",
        "quay.io/acme/*": "github:acme/images",
        "tomcat": "../tomcat",
        "debian": "github:",
    }
    assert repository_of("helxplatform/cloudtop:v1", parents) == "me/fork@v1"
    assert repository_of("heliumdatastage/cloudtop:v2", parents) == "me/fork"
    assert repository_of("quay.io/acme/anything:3", parents) == "acme/images"
    assert repository_of("tomcat:9", parents) is None
    assert repository_of("debian", parents) is None
    assert repository_of("helxplatform/other", parents) == "helxplatform/other"
