"""Image references: the distribution grammar, familiar names, and names of one image."""

import pytest

from ctlint.lineage.text.reference import ALIASES, InvalidReference, Reference, identity, identity_of_name, parse

SHA = "sha256:" + "0123456789abcdef" * 4


def read(text: str) -> Reference:
    found = parse(text)
    assert isinstance(found, Reference), found
    return found


@pytest.mark.parametrize(
    ("text", "name", "familiar", "tag", "digest"),
    [
        ("tomcat", "docker.io/library/tomcat", "tomcat", None, None),
        ("tomcat:9-jre8", "docker.io/library/tomcat", "tomcat", "9-jre8", None),
        ("library/tomcat", "docker.io/library/tomcat", "tomcat", None, None),
        ("docker.io/tomcat", "docker.io/library/tomcat", "tomcat", None, None),
        ("docker.io/library/tomcat", "docker.io/library/tomcat", "tomcat", None, None),
        ("index.docker.io/library/tomcat:9", "docker.io/library/tomcat", "tomcat", "9", None),
        ("index.docker.io/tomcat", "docker.io/library/tomcat", "tomcat", None, None),
        ("acme/desktop", "docker.io/acme/desktop", "acme/desktop", None, None),
        ("docker.io/library/a/b", "docker.io/library/a/b", "library/a/b", None, None),
        (
            "ghcr.io/acme/desk.top_x--y:V1.0_a-b",
            "ghcr.io/acme/desk.top_x--y",
            "ghcr.io/acme/desk.top_x--y",
            "V1.0_a-b",
            None,
        ),
        ("localhost/x", "localhost/x", "localhost/x", None, None),
        ("localhost:5000/x:1", "localhost:5000/x", "localhost:5000/x", "1", None),
        ("registry:5000/x", "registry:5000/x", "registry:5000/x", None, None),
        ("[2001:db8::1]:5000/x", "[2001:db8::1]:5000/x", "[2001:db8::1]:5000/x", None, None),
        ("UPPER/x", "UPPER/x", "UPPER/x", None, None),
        (f"tomcat@{SHA}", "docker.io/library/tomcat", "tomcat", None, SHA),
        (f"acme/a:1@{SHA}", "docker.io/acme/a", "acme/a", "1", SHA),
        ("x:5000", "docker.io/library/x", "x", "5000", None),
        ("a__b/c", "docker.io/a__b/c", "a__b/c", None, None),
        ("scratch", "docker.io/library/scratch", "scratch", None, None),
        ("a" * 247, "docker.io/library/" + "a" * 247, "a" * 247, None, None),
    ],
)
def test_references(text: str, name: str, familiar: str, tag: str | None, digest: str | None) -> None:
    found = read(text)
    assert (found.name, found.familiar, found.tag, found.digest) == (name, familiar, tag, digest)
    assert read(str(found)) == found


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "empty"),
        ("Tomcat", "lower-case"),
        ("acme/Desktop:1", "lower-case"),
        ("acme/desktop:", "form"),
        ("acme//desktop", "form"),
        ("/desktop", "form"),
        ("desktop/", "form"),
        (":1", "form"),
        ("a___b", "form"),
        ("a..b", "form"),
        ("-a", "form"),
        ("a-", "form"),
        ("a b", "form"),
        ("desktop:" + "x" * 129, "form"),
        ("desktop:-x", "form"),
        ("desktop:é", "form"),
        ("a:1\n", "form"),
        ("https://ghcr.io/a", "form"),
        ("$BASE:1", "lower-case"),
        ("f" * 64, "hexadecimal"),
        ("a/" + "b" * 254, "255"),
        ("desktop@sha256:00", "form"),
        ("desktop@sha256:" + "A" * 64, "digest"),
        ("desktop@sha256:" + "0" * 63, "digest"),
        ("desktop@md5:" + "0" * 32, "digest"),
    ],
)
def test_what_is_no_reference(text: str, reason: str) -> None:
    found = parse(text)
    assert isinstance(found, InvalidReference), found
    assert reason in found.reason


def test_the_tag_that_is_pulled() -> None:
    assert read("a").effective_tag == "latest"
    assert read("a:1").effective_tag == "1"
    assert read(f"a@{SHA}").effective_tag is None


@pytest.mark.parametrize(
    "names",
    [
        ("heliumdatastage/cloudtop", "helxplatform/cloudtop", "docker.io/helxplatform/cloudtop:develop-latest",
         "containers.renci.org/helxplatform/cloudtop", "index.docker.io/heliumdatastage/cloudtop"),
        ("helxplatform/webtop/base", "containers.renci.org/helxplatform/webtop/base:v1"),
        ("linuxserver/webtop", "lscr.io/linuxserver/webtop", "ghcr.io/linuxserver/webtop:ubuntu-mate"),
        ("tomcat", "library/tomcat", "public.ecr.aws/docker/library/tomcat", "mirror.gcr.io/library/tomcat"),
        ("tomcat", "docker.m.daocloud.io/library/tomcat", "docker.1ms.run/tomcat"),
        ("ghcr.io/acme/base", "ghcr.nju.edu.cn/acme/base"),
        ("acme/a", "registry-1.docker.io/acme/a", "registry.hub.docker.com/acme/a"),
    ],
)  # fmt: skip
def test_names_of_one_image(names: tuple[str, ...]) -> None:
    assert {read(name).identity for name in names} == {names[0] if "heliumdatastage" not in names[0] else names[1]}


@pytest.mark.parametrize(
    "other", ["ghcr.io/helxplatform/cloudtop", "helxplatform2/cloudtop", "quay.io/linuxserver/webtop"]
)
def test_names_of_other_images(other: str) -> None:
    assert read(other).identity == other


def test_configured_aliases_come_first_and_may_form_chains() -> None:
    aliases = (
        ("old/", "older/"),
        ("older/app", "acme/app"),
        ("registry.example.org/x/", "old/"),
        ("a/b", "b/a"),
        ("b/a", "a/b"),
    )
    assert identity(read("old/app:1"), aliases) == "acme/app"
    assert identity(read("registry.example.org/x/app"), aliases) == "acme/app"
    assert identity(read("old/other"), aliases) == "older/other"
    assert identity(read("a/b"), aliases) in ("a/b", "b/a")
    assert identity_of_name("old/app", aliases) == "acme/app"
    assert identity_of_name("NOT OK") is None


def test_an_alias_that_leads_into_itself_is_followed_once() -> None:
    assert identity(read("acme/app"), (("acme/", "acme/x/"),)) == "acme/x/app"
    assert identity(read("acme/app"), (("acme/", "b/x/"), ("b/", "acme/"))) == "acme/x/app"


def test_the_built_in_aliases_are_canonical() -> None:
    for name, target in ALIASES:
        assert name.endswith("/") == target.endswith("/")
        assert read(f"{target}a/x").name == f"{target}a/x"
