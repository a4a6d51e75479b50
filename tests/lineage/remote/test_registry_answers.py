"""What registries may answer: tokens, refusals, redirects, limits, failures, and what is not to be believed."""

import gzip
import io
import json
import re
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import requests
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from ctlint.lineage.remote.cache import Cache
from ctlint.lineage.remote.registry import Registries
from ctlint.lineage.remote.registry_auth import Challenge, challenges, is_loopback
from ctlint.lineage.remote.registry_image import Platform, RegistryImage, chosen, parse_configuration, parse_platform
from ctlint.lineage.remote.transport import LimitedError, UnreachableError
from ctlint.lineage.text.errors import Unknown, UsageError
from ctlint.lineage.text.reference import Reference, parse
from ctlint.lineage.workspace.registry_state import ask
from ctlint.lineage.workspace.workspace import Settings
from lineage_graphs import repositories
from linting import workspace_of
from registry_server import TYPES, digest_of, forget_proxies, image_of, index_of

IMAGE = image_of(["a", "b"])
DEEP = b'{"a":' * 100_000 + b"1" + b"}" * 100_000
MANIFEST = TYPES["oci"]["manifest"]
Answer = Callable[[Request], Response | None]


@dataclass
class Stub:
    """A registry that answers as a test has it: `contents` by what an address ends with, after `first` had its say."""

    host: str
    contents: dict[str, bytes] = field(default_factory=dict)
    first: Answer = lambda _: None
    asked: list[Request] = field(default_factory=list)

    def answer(self, request: Request) -> Response:
        self.asked.append(request)
        said = self.first(request)
        if said is not None:
            return said
        data = self.contents.get(request.path.rpartition("/")[2])
        if data is None:
            return Response("{}", 404)
        headers = {"Docker-Content-Digest": digest_of(data)} if "/manifests/" in request.path else {}
        return Response(data, 200, headers, content_type=MANIFEST)

    @property
    def rows(self) -> list[str]:
        return [f"{request.method} {request.path.rpartition('/')[2][:20]}" for request in self.asked]

    def put(self, tag: str, manifest: bytes, config: bytes = IMAGE.config) -> None:
        self.contents |= {tag: manifest, digest_of(manifest): manifest, digest_of(config): config}

    @property
    def reference(self) -> Reference:
        found = parse(f"{self.host}/acme/app:1")
        assert isinstance(found, Reference)
        return found


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    forget_proxies(monkeypatch)


@contextmanager
def serving() -> Iterator[HTTPServer]:
    with HTTPServer(host="127.0.0.1", port=0) as server:
        yield server


@pytest.fixture(scope="module")
def servers() -> Iterator[tuple[HTTPServer, HTTPServer]]:
    with serving() as one, serving() as other:
        yield one, other


def stub_on(server: HTTPServer) -> Stub:
    stub = Stub(f"127.0.0.1:{server.port}")
    stub.put("1", IMAGE.manifest)
    server.clear()
    server.expect_request(re.compile(".*")).respond_with_handler(stub.answer)
    return stub


@pytest.fixture
def stub(servers: tuple[HTTPServer, HTTPServer]) -> Stub:
    return stub_on(servers[0])


@pytest.fixture
def other(servers: tuple[HTTPServer, HTTPServer]) -> Stub:
    return stub_on(servers[1])


@pytest.fixture
def naps() -> list[float]:
    return []


@pytest.fixture
def registries(tmp_path: Path, naps: list[float]) -> Iterator[Registries]:
    with closing(Registries(Cache(tmp_path / "cache"), agent="ctlint/0", sleep=naps.append)) as registries:
        yield registries


def asked(registries: Registries, stub: Stub) -> RegistryImage:
    return registries.image(stub.reference, Platform())


def refused(registries: Registries, stub: Stub) -> str:
    with pytest.raises(Unknown) as caught:
        asked(registries, stub)
    return caught.value.reason.removeprefix(f"{stub.reference}: ")


# Tokens


def wants_token(stub: Stub, realm: str | None = None, token: str = "t0ken", scheme: str = "Bearer") -> Answer:
    """Lets in who has the token, and gives it to everybody who asks as the specification has it."""

    def answer(request: Request) -> Response | None:
        if request.path == "/token":
            return Response(json.dumps({"token": token, "expires_in": 300}))
        if request.headers.get("Authorization") == "Bearer t0ken":
            return None
        told = f'{scheme} realm="{realm or f"http://{stub.host}/token"}",service="reg, istry",scope="repository:acme/app:pull"'
        return Response("{}", 401, {"WWW-Authenticate": told})

    return answer


def test_a_token_is_asked_for_anonymously_once(
    registries: Registries, stub: Stub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".netrc").write_text(f"machine {stub.host.partition(':')[0]} login me password secret\n")
    (tmp_path / ".docker").mkdir()
    (tmp_path / ".docker" / "config.json").write_text(json.dumps({"auths": {stub.host: {"auth": "bWU6c2VjcmV0"}}}))
    monkeypatch.setenv("HOME", str(tmp_path))
    stub.first = wants_token(stub)
    assert asked(registries, stub).digest == IMAGE.digest
    assert stub.rows == [
        "HEAD 1",
        "GET token",
        "HEAD 1",
        f"GET {IMAGE.digest[:20]}",
        f"GET {digest_of(IMAGE.config)[:20]}",
    ]
    assert stub.asked[1].args.to_dict() == {"service": "reg, istry", "scope": "repository:acme/app:pull"}
    sent = [request.headers.get("Authorization") for request in stub.asked]
    assert sent == [None, None, "Bearer t0ken", "Bearer t0ken", "Bearer t0ken"]
    assert {request.headers["User-Agent"] for request in stub.asked} == {"ctlint/0"}


def test_a_token_that_is_no_longer_accepted_is_renewed(registries: Registries, stub: Stub) -> None:
    current = ["one"]

    def answer(request: Request) -> Response | None:
        if request.path == "/token":
            return Response(json.dumps({"access_token": current[0]}))
        if "/blobs/" in request.path and current[0] == "one":
            current[0] = "two"
        if request.headers.get("Authorization") == f"Bearer {current[0]}":
            return None
        return Response("{}", 401, {"WWW-Authenticate": f'Bearer realm="http://{stub.host}/token"'})

    stub.first = answer
    assert asked(registries, stub).digest == IMAGE.digest
    assert stub.rows.count("GET token") == 2


def test_a_token_never_goes_to_where_a_registry_redirects(registries: Registries, stub: Stub, other: Stub) -> None:
    wanted = wants_token(stub)

    def answer(request: Request) -> Response | None:
        said = wanted(request)
        if said is None and "/blobs/" in request.path:
            return Response("", 307, {"Location": f"http://{other.host}{request.path}?signature=1"})
        return said

    stub.first = answer
    assert asked(registries, stub).digest == IMAGE.digest
    assert stub.asked[-1].headers["Authorization"] == "Bearer t0ken"
    assert [request.headers.get("Authorization") for request in other.asked] == [None]


@pytest.mark.parametrize(
    "realm",
    [
        "http://registry.example/token",
        "http://10.0.0.1/token",
        "ftp://127.0.0.1/token",
        "https://me:secret@127.0.0.1/token",
        "file:///etc/passwd",
        "//127.0.0.1/token",
        "http://[::1/token",
        "x",
    ],
)
def test_tokens_come_from_safe_addresses_only(registries: Registries, stub: Stub, realm: str) -> None:
    stub.first = wants_token(stub, realm)
    assert "names no safe address for tokens" in refused(registries, stub)
    assert stub.rows == ["HEAD 1"]


def test_a_registry_far_away_gets_no_token_without_encryption() -> None:
    def seen(realm: str) -> list[str]:
        class Session(requests.Session):
            def request(self, method: str, url: str, *_: Any, **__: Any) -> requests.Response:  # type: ignore[override]
                addresses.append(url)
                answer = requests.Response()
                answer.status_code = 401
                answer.raw = io.BytesIO()
                answer.headers["WWW-Authenticate"] = f'Bearer realm="{realm}"'
                return answer

        addresses: list[str] = []
        found = parse("registry.example/acme/app:1")
        assert isinstance(found, Reference)
        with closing(Registries(Cache(Path("unused")), session=Session)) as registries, pytest.raises(Unknown):
            registries.image(found, Platform())
        return addresses

    assert seen("http://127.0.0.1:1/token") == ["https://registry.example/v2/acme/app/manifests/1"]
    assert seen("https://auth.example/token?a=1")[1] == (
        "https://auth.example/token?a=1&scope=repository%3Aacme%2Fapp%3Apull"
    )


@pytest.mark.parametrize("token", ["", "a\nb", "ü", "x" * (1 << 17)])
def test_what_is_no_token_is_not_sent(registries: Registries, stub: Stub, token: str) -> None:
    stub.first = wants_token(stub, token=token)
    assert refused(registries, stub)
    assert all("Authorization" not in request.headers for request in stub.asked)


@pytest.mark.parametrize("body", [b"", b"no JSON", b"[]", b"{}", b'{"token": 1}', DEEP])
def test_a_token_service_that_gives_none_is_unknown(registries: Registries, stub: Stub, body: bytes) -> None:
    wanted = wants_token(stub)
    stub.first = lambda request: Response(body) if request.path == "/token" else wanted(request)
    assert refused(registries, stub)


def test_refusals_are_unknown(registries: Registries, stub: Stub) -> None:
    stub.first = wants_token(stub, scheme="Basic")
    assert refused(registries, stub) == f"{stub.host} wants a user name and password"


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (404, "has no such image"),
        (401, "wants a user name and password"),
        (403, "or shows it to its users only"),
        (400, "answered 400"),
        (418, "answered 418"),
    ],
)
def test_a_status_that_refuses_is_unknown(registries: Registries, stub: Stub, status: int, reason: str) -> None:
    stub.first = lambda _: Response("{}", status)
    assert reason in refused(registries, stub)


def test_a_token_service_that_refuses_is_unknown(registries: Registries, stub: Stub) -> None:
    wanted = wants_token(stub)
    stub.first = lambda request: Response("{}", 403) if request.path == "/token" else wanted(request)
    assert "shows it to its users only" in refused(registries, stub)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("", []),
        ("Basic", [Challenge("basic", {})]),
        ('Basic realm="a b"', [Challenge("basic", {"realm": "a b"})]),
        (
            'Basic realm="x", BEARER Realm="https://a/t",service=s , scope="repository:a/b:pull,push"',
            [
                Challenge("basic", {"realm": "x"}),
                Challenge("bearer", {"realm": "https://a/t", "service": "s", "scope": "repository:a/b:pull,push"}),
            ],
        ),
        (r'Bearer realm="a\"b",realm="c"', [Challenge("bearer", {"realm": 'a"b'})]),
        ('Bearer realm="unended', [Challenge("bearer", {}), Challenge("realm", {}), Challenge("unended", {})]),
    ],
)
def test_challenges_are_read_as_rfc_9110_has_them(header: str, expected: list[Challenge]) -> None:
    assert list(challenges(header)) == expected


# Limits and failures


def test_a_limit_is_waited_for_as_long_as_it_says(registries: Registries, stub: Stub, naps: list[float]) -> None:
    stub.first = lambda _: Response("{}", 429, {"Retry-After": "7"}) if len(stub.asked) == 2 else None
    assert asked(registries, stub).digest == IMAGE.digest
    assert naps[:1] == [7.0]


@pytest.mark.parametrize("headers", [{"Retry-After": "3600"}, {}])
def test_a_long_limit_is_not_waited_for_and_the_registry_left_alone(
    registries: Registries, stub: Stub, naps: list[float], headers: dict[str, str]
) -> None:
    stub.first = lambda _: Response("{}", 429, headers)
    with pytest.raises(LimitedError, match=f"{stub.host}'s rate limit is used up"):
        asked(registries, stub)
    with pytest.raises(LimitedError):
        registries.image(Reference(stub.host, "acme/other", "1"), Platform())
    assert (len(stub.asked), naps) == (1, [])


def test_a_server_that_fails_is_tried_again_within_bounds(
    registries: Registries, stub: Stub, naps: list[float]
) -> None:
    stub.first = lambda _: Response("", 503) if len(stub.asked) < 3 else None
    assert asked(registries, stub).digest == IMAGE.digest
    assert len(naps) == 2
    stub.asked.clear()
    stub.first = lambda _: Response("", 502)
    with pytest.raises(UnreachableError, match="answered 502"):
        registries.image(Reference(stub.host, "acme/other", "1"), Platform())
    assert len(stub.asked) == 4


@pytest.mark.parametrize("status", [501, 505, 520])
def test_other_failures_of_a_server_are_no_refusals(registries: Registries, stub: Stub, status: int) -> None:
    stub.first = lambda _: Response("", status)
    with pytest.raises(UnreachableError, match=f"answered {status}"):
        asked(registries, stub)


def test_one_registry_that_fails_does_not_keep_the_others_from_being_asked(
    stub: Stub, other: Stub, tmp_path: Path
) -> None:
    other.first = lambda _: Response("", 500)
    stub.put("base", image_of(["a"]).manifest, image_of(["a"]).config)
    names = {"one": f"{stub.host}/acme/app:1", "two": f"{other.host}/acme/two:1", "three": f"{other.host}/acme/x:1"}
    repositories(tmp_path, {f"{n}/Dockerfile": f"FROM {stub.host}/acme/app:base\nRUN true\n" for n in names})
    workspace, _ = workspace_of(tmp_path, Settings(names={f"{name}/Dockerfile": [to] for name, to in names.items()}))
    registries = Registries(Cache(tmp_path / "cache"), sleep=lambda _: None)
    answers = ask(workspace.images, registries, Platform(), jobs=1)
    told = {name.partition("/")[0]: one.verdict for name, one in answers.freshness.items()}
    assert told == {"one": "fresh", "two": "unreachable", "three": "unreachable"}
    assert [str(problem) for problem in answers.problems] == [f"{other.host} answered 500."]


# What is not to be believed


@pytest.mark.parametrize("what", ["manifest", "config", "tag"])
def test_contents_that_are_not_what_their_digest_says_are_not_used(
    registries: Registries, stub: Stub, tmp_path: Path, what: str
) -> None:
    other = image_of(["a", "evil"])
    if what == "manifest":
        stub.contents[IMAGE.digest] = other.manifest
    elif what == "config":
        stub.contents[digest_of(IMAGE.config)] = other.config
    else:
        lie = {"Docker-Content-Digest": IMAGE.digest}
        stub.first = lambda request: (
            Response("", 405) if request.method == "HEAD" else Response(other.manifest, 200, lie)
        )
    assert refused(registries, stub) == "what came is not what its digest says"
    kept = [path for path in (tmp_path / "cache").rglob("registries/contents/**/*") if path.is_file()]
    assert all(digest_of(path.read_bytes()) == f"sha256:{path.name}" for path in kept)


@pytest.mark.parametrize("what", ["manifest", "config", "unpacked"])
def test_answers_that_are_too_large_are_not_read(registries: Registries, stub: Stub, what: str) -> None:
    size = (8 if what == "config" else 4) << 20
    kind = "/blobs/" if what == "config" else "/manifests/"
    sent: list[int] = []

    def endless() -> Iterator[bytes]:
        for _ in range(4096):
            sent.append(1 << 16)
            yield b" " * (1 << 16)

    def answer(request: Request) -> Response | None:
        if request.method == "HEAD" or kind not in request.path:
            return None
        if what == "unpacked":
            return Response(gzip.compress(b" " * (64 << 20)), 200, {"Content-Encoding": "gzip"})
        return Response(endless(), 200)

    stub.first = answer
    assert refused(registries, stub) == f"the answer is larger than {size:,} bytes"
    assert sum(sent) < 64 << 20


TWO_WAYS = {"schemaVersion": 2, "manifests": [], "layers": [], "config": {"digest": digest_of(IMAGE.config)}}


@pytest.mark.parametrize(
    ("manifest", "reason"),
    [
        (b"", "its manifest is no JSON object"),
        (b"[]", "its manifest is no JSON object"),
        (b"<html>", "its manifest is no JSON object"),
        (DEEP, "its manifest is no JSON object"),
        (b"\xff\xfe", "its manifest is no JSON object"),
        (b'{"schemaVersion": 1, "fsLayers": []}', "Docker's first manifest format"),
        (json.dumps(TWO_WAYS).encode(), "its manifest is not that of an image"),
        (b'{"config": {"digest": "sha256:../../../x"}}', "its manifest is not that of an image"),
        (b'{"config": 1}', "its manifest is not that of an image"),
        (b'{"manifests": [1, {}, {"platform": 3}, {"platform": {"os": "linux"}}]}', "it is not there for linux/amd64"),
    ],
)
def test_manifests_that_are_none_are_unknown(registries: Registries, stub: Stub, manifest: bytes, reason: str) -> None:
    stub.put("1", manifest)
    assert reason in refused(registries, stub)


def test_dockers_first_format_is_told_by_its_media_type(registries: Registries, stub: Stub) -> None:
    media_type = "application/vnd.docker.distribution.manifest.v1+prettyjws"
    stub.first = lambda _: Response(b"{}", 200, {"Docker-Content-Digest": IMAGE.digest}, content_type=media_type)
    assert "Docker's first manifest format" in refused(registries, stub)


@pytest.mark.parametrize(
    ("config", "reason"),
    [
        (b"{}", "names no layers"),
        (b'{"rootfs": {"diff_ids": ["sha256:x"]}}', "names no layers"),
        (b'{"rootfs": {"diff_ids": {}}}', "names no layers"),
        (b'{"os": "linux", "architecture": "amd64", "rootfs": {"diff_ids": []}}', "it has no layers"),
        (b'{"rootfs": {"diff_ids": []}}', "it is not there for linux/amd64"),
        (b"null", "its configuration is no JSON object"),
    ],
)
def test_configurations_that_are_none_are_unknown(
    registries: Registries, stub: Stub, config: bytes, reason: str
) -> None:
    manifest = json.dumps({"schemaVersion": 2, "config": {"digest": digest_of(config)}, "layers": []}).encode()
    stub.put("1", manifest, config)
    assert reason in refused(registries, stub)


def test_indexes_that_name_indexes_are_followed_for_a_few_steps(registries: Registries, stub: Stub) -> None:
    data = IMAGE.manifest
    for depth in range(4):
        inner = {"digest": digest_of(data), "platform": {"os": "linux", "architecture": "amd64"}}
        data = json.dumps({"schemaVersion": 2, "manifests": [inner]}).encode()
        stub.contents |= {f"depth{depth}": data, digest_of(data): data}
    assert registries.image(Reference(stub.host, "acme/app", "depth1"), Platform()).digest
    with pytest.raises(Unknown, match="names indexes without end"):
        registries.image(Reference(stub.host, "acme/app", "depth3"), Platform())


def test_a_registry_that_does_not_know_head_is_asked_by_get(registries: Registries, stub: Stub) -> None:
    def answer(request: Request) -> Response | None:
        if request.method == "HEAD":
            return Response("", 405)
        return Response(IMAGE.manifest, 200) if request.path.endswith("/1") else None

    stub.first = answer
    assert asked(registries, stub).digest == IMAGE.digest
    assert stub.rows == ["HEAD 1", "GET 1", f"GET {digest_of(IMAGE.config)[:20]}"]


@pytest.mark.parametrize("digest", ["nonsense", "sha256:../../etc/passwd", "md5:0123"])
def test_a_told_digest_that_is_none_is_made_from_the_content(
    registries: Registries, stub: Stub, tmp_path: Path, digest: str
) -> None:
    told = {"Docker-Content-Digest": digest}
    stub.first = lambda r: Response(IMAGE.manifest, 200, told) if r.path.endswith("/1") else None
    assert asked(registries, stub).digest == IMAGE.digest


def test_a_digest_of_another_kind_is_unknown(registries: Registries, stub: Stub) -> None:
    with pytest.raises(Unknown, match="of a kind that is not verified here"):
        registries.image(Reference(stub.host, "acme/app", None, "sha384:" + "0" * 96), Platform())
    assert stub.asked == []


# Details


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("tomcat:9-jre8", "https://registry-1.docker.io/v2/library/tomcat/manifests/9-jre8"),
        ("ghcr.io/acme/app", "https://ghcr.io/v2/acme/app/manifests/latest"),
        ("registry.example:5000/app", "https://registry.example:5000/v2/app/manifests/latest"),
        ("10.0.0.1:5000/app", "https://10.0.0.1:5000/v2/app/manifests/latest"),
        ("localhost.example/app", "https://localhost.example/v2/app/manifests/latest"),
        ("localhost:5000/app", "http://localhost:5000/v2/app/manifests/latest"),
        ("127.1.2.3:5000/app", "http://127.1.2.3:5000/v2/app/manifests/latest"),
        ("[::1]:5000/app", "http://[::1]:5000/v2/app/manifests/latest"),
        ("[2001:db8::1]:5000/app", "https://[2001:db8::1]:5000/v2/app/manifests/latest"),
    ],
)
def test_only_this_machine_is_asked_without_encryption(tmp_path: Path, name: str, address: str) -> None:
    seen: list[str] = []

    class Session(requests.Session):
        def request(self, method: str, url: str, *_: Any, **__: Any) -> requests.Response:  # type: ignore[override]
            seen.append(url)
            raise requests.ConnectionError

    found = parse(name)
    assert isinstance(found, Reference)
    registries = Registries(Cache(tmp_path), session=Session, sleep=lambda _: None)
    with closing(registries), pytest.raises(UnreachableError):
        registries.image(found, Platform())
    assert set(seen) == {address}


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (requests.exceptions.SSLError(), "SSL"),
        (requests.exceptions.InvalidURL(), "invalid URL"),
        (requests.exceptions.ReadTimeout(), "read timeout"),
        (ConnectionResetError(), "connection reset"),
    ],
)
def test_why_a_registry_cannot_be_reached_is_told_in_words(tmp_path: Path, error: OSError, words: str) -> None:
    class Session(requests.Session):
        def request(self, method: str, url: str, *_: Any, **__: Any) -> requests.Response:  # type: ignore[override]
            raise error

    registries = Registries(Cache(tmp_path), session=Session, sleep=lambda _: None)
    with closing(registries), pytest.raises(UnreachableError) as caught:
        registries.image(Reference("registry.example", "acme/app", "1"), Platform())
    assert str(caught.value) == f"registry.example cannot be reached ({words})"


def test_loopback_hosts_are_told_from_others() -> None:
    assert all(is_loopback(host) for host in ("localhost", "LOCALHOST", "127.0.0.1", "127.255.0.9", "::1", "[::1]"))
    assert not any(is_loopback(host) for host in ("", "128.0.0.1", "127.0.0.1.example", "localhost.example", "0.0.0.0"))


def test_the_manifest_of_the_plain_variant_is_preferred() -> None:
    def entry(digit: str, variant: str | None, architecture: str = "amd64") -> dict[str, Any]:
        platform = {"os": "linux", "architecture": architecture} | ({"variant": variant} if variant else {})
        return {"digest": f"sha256:{digit * 64}", "platform": platform}

    listed = [entry("1", "v3"), entry("2", None), entry("3", "v2"), entry("4", "v8", "arm64"), entry("5", "v7", "arm")]
    assert chosen(listed, parse_platform("linux/amd64")) == f"sha256:{'2' * 64}"
    assert chosen(listed, parse_platform("linux/amd64/v2")) == f"sha256:{'3' * 64}"
    assert chosen(listed, parse_platform("linux/amd64/v4")) == f"sha256:{'2' * 64}"
    assert chosen(listed, parse_platform("linux/arm64")) == f"sha256:{'4' * 64}"
    assert chosen(listed, parse_platform("linux/arm/v7")) == f"sha256:{'5' * 64}"
    with pytest.raises(Unknown):
        chosen(listed, parse_platform("linux/arm/v6"))


@pytest.mark.parametrize("text", ["", "linux", "linux/", "linux/amd64/v1/x", "Linux/amd64", "linux/amd64\n"])
def test_what_is_no_platform_is_wrong_use(text: str) -> None:
    with pytest.raises(UsageError):
        parse_platform(text)


@pytest.mark.parametrize(
    ("created", "expected"),
    [
        ("2026-01-02T03:04:05.123456789Z", "2026-01-02T03:04:05Z"),
        ("2026-01-02T03:04:05+02:00", "2026-01-02T01:04:05Z"),
        ("1970-01-01T00:00:00Z", "1970-01-01T00:00:00Z"),
        ("0001-01-01T00:00:00+01:00", None),
        ("yesterday", None),
        ("2" * 100, None),
        (12, None),
        (None, None),
    ],
)
def test_dates_are_in_utc_or_not_told(created: Any, expected: str | None) -> None:
    value = {"created": created, "rootfs": {"diff_ids": []}}
    assert parse_configuration(json.dumps(value).encode()).created == expected


def test_an_index_is_read_like_a_list_of_dockers() -> None:
    assert chosen(json.loads(index_of([IMAGE], "docker"))["manifests"], Platform()) == IMAGE.digest


def test_a_limit_is_told_in_words_that_stay_the_same(stub: Stub, tmp_path: Path) -> None:
    stub.first = lambda _: Response("{}", 429)
    repositories(tmp_path, {"app/Dockerfile": f"FROM {stub.host}/acme/base:1\nRUN true\n"})
    workspace, _ = workspace_of(tmp_path, Settings(names={"app/Dockerfile": [f"{stub.host}/acme/app:1"]}))
    answers = ask(workspace.images, Registries(Cache(tmp_path / "cache")), Platform())
    said = answers.freshness["app/Dockerfile"]
    assert (said.verdict, said.reason) == ("unreachable", f"{stub.host} limits how often it is asked; try again later.")
