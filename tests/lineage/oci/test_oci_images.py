"""Real images: layouts, archives and a registry give what umoci unpacks; hostile layers are refused with a sentence."""

import base64
import gzip
import json
import os
import re
import subprocess
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
import zstandard
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from ctlint.lineage.image.image import EffectiveImage
from ctlint.lineage.image.tree import Node
from ctlint.lineage.oci.address import parse_address
from ctlint.lineage.oci.credentials import Credentials
from ctlint.lineage.oci.limits import ImageError, ImageLimits
from ctlint.lineage.oci.read import ReadOptions, RealImage, read_image, storage_of
from ctlint.lineage.oci.registry_storage import RegistryStorage
from ctlint.lineage.real_images.effective import effective_image
from ctlint.lineage.remote import transport
from ctlint.lineage.remote.cache import Cache
from ctlint.lineage.remote.registry import Registries
from ctlint.lineage.remote.registry_image import Platform
from ctlint.lineage.text.errors import UsageError
from oci_images import (
    Item,
    Made,
    digest_of,
    docker_archive,
    estargz_image,
    file,
    folder,
    gone,
    hard_link,
    image,
    layout,
    link,
    opaque,
    tar_of,
)
from oci_stacks import facts_of_image, stack, unpacked_by_umoci
from registry_server import RegistryServer, forget_proxies, registry

STACKS = int(os.environ.get("CTLINT_STACKS", "40"))
"""How many generated stacks are held against umoci."""


def read(address: str, registries: Registries | None = None, **options: object) -> RealImage:
    place = parse_address(address)
    wanted = ReadOptions(**options)  # type: ignore[arg-type]
    store = storage_of(place, wanted.platform, lambda: registries or Registries(), wanted.limits)
    return read_image(store, address, wanted)


def effective(address: str) -> EffectiveImage:
    return effective_image(read(address), "acme/base")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RegistryServer]:
    with registry(tmp_path_factory.mktemp("registry")) as server:
        yield server


@pytest.fixture(autouse=True)
def no_delays(monkeypatch: pytest.MonkeyPatch) -> None:
    forget_proxies(monkeypatch)
    monkeypatch.setattr(transport, "_FIRST_DELAY", 0.0)


def pushed(layout_: Path, name: str, server: RegistryServer, repository: str) -> str:
    """An image of a layout, copied to the registry by skopeo; its reference."""
    reference = f"{server.host}/{repository}:{name}"
    subprocess.run(
        ["skopeo", "copy", "--all", "--dest-tls-verify=false", f"oci:{layout_}:{name}", f"docker://{reference}"],
        check=True,
        capture_output=True,
    )
    return reference


# Layers


def test_generated_stacks_are_what_umoci_unpacks(tmp_path: Path, server: RegistryServer) -> None:
    stacks = {f"s{seed}": stack(seed) for seed in range(STACKS)}
    names = {f"{name}-{how}": Made(made.tars, how=how) for name, made in stacks.items() for how in ("gzip", "none")}  # type: ignore[arg-type]
    layout(tmp_path / "plain", names)
    layout(tmp_path / "zstd", {name: Made(made.tars, how="zstd") for name, made in stacks.items()})
    refused = 0
    for number, name in enumerate(stacks):
        stored = f"{name}-{('gzip', 'none')[number % 2]}"
        try:
            wanted = unpacked_by_umoci(tmp_path / "plain", stored, tmp_path / name)
        except subprocess.CalledProcessError:
            with pytest.raises(ImageError):
                read(f"oci:{tmp_path}/plain:{stored}")
            refused += 1
            continue
        assert facts_of_image(read(f"oci:{tmp_path}/plain:{stored}").files) == wanted
        assert facts_of_image(read(f"oci:{tmp_path}/zstd:{name}").files) == wanted
        if number % 3:
            docker_archive(tmp_path / f"{name}.tar", {"a:1": stacks[name]}, as_layout=number % 3 == 1)
            elsewhere = f"docker-archive:{tmp_path}/{name}.tar"
        else:
            elsewhere = "registry:" + pushed(tmp_path / "plain", stored, server, "stacks")
        found = read(elsewhere, Registries(Cache(tmp_path / "cache")))
        assert facts_of_image(found.files) == wanted, elsewhere
    assert refused < STACKS / 10


_NET_RAW = "\1\0\0\2\0\x20\0\0" + "\0" * 12
SAMPLE: tuple[list[Item], ...] = (
    [
        folder("etc"),
        file("etc/passwd", "root:x:0:0:root:/root:/bin/bash\nkim:x:1000:1000::/home/kim:/bin/sh\n"),
        folder("usr"),
        folder("usr/bin"),
        link("bin", "usr/bin"),
        file("usr/bin/dash", "\x7fELF", 0o755),
        link("usr/bin/sh", "dash"),
        file("usr/bin/mount", "\x7fELF mount", 0o4755),
        file("usr/lib/large", bytes(range(256)) * 2000),
        file("usr/bin/ping", "\x7fELF ping", 0o755, pax_headers={"SCHILY.xattr.security.capability": _NET_RAW}),
        file("home/kim/" + "n" * 120, "long", uid=1000, gid=1000),
        file("home/kim/é", "named"),
    ],
    [
        file("init", "#!/bin/execlineb -S0\n", 0o755),
        file("bin/tool", "#!/bin/sh\necho tool\n", 0o755),
        hard_link("usr/bin/tool2", "usr/bin/tool", 0o755),
        gone("usr/lib/large"),
    ],
)


def places(tmp_path: Path, server: RegistryServer) -> Mapping[str, str]:
    """One image in every form."""
    made = image(*SAMPLE)
    plain = layout(
        tmp_path / "layout",
        {
            "gzip": made,
            "zstd": image(*SAMPLE, how="zstd"),
            "none": image(*SAMPLE, how="none"),
            "both": [image([file("arm")], platform="linux/arm64"), made],
            "toc": estargz_image(*SAMPLE),
        },
    )
    subprocess.run(
        ["skopeo", "copy", "--dest-compress-format", "zstd:chunked", f"oci:{plain}:gzip", f"oci:{tmp_path}/chunked:x"],
        check=True,
        capture_output=True,
    )
    subprocess.run(
        ["skopeo", "copy", f"oci:{plain}:gzip", f"docker-archive:{tmp_path}/skopeo.tar:acme/base:1"],
        check=True,
        capture_output=True,
    )
    kept = {how: image(*SAMPLE, how=how) for how in ("gzip", "zstd", "none")}
    docker_archive(
        tmp_path / "new.tar", {"acme/base:1": kept["none"], "acme/other:1": image([file("x")])}, as_layout=True
    )
    docker_archive(tmp_path / "gzip.tar", {"acme/base:1": kept["gzip"]}, as_layout=True)
    docker_archive(tmp_path / "zstd.tar", {"acme/base:1": kept["zstd"]}, as_layout=True, packed=True)
    docker_archive(tmp_path / "old.tar", {"acme/base:1": made}, as_layout=False)
    docker_archive(tmp_path / "old.tar.gz", {"acme/base:1": made}, as_layout=False, packed=True)
    return {
        **{f"layout, {name}": f"oci:{plain}:{name}" for name in ("gzip", "zstd", "none", "both", "toc")},
        "zstd:chunked": f"oci:{tmp_path}/chunked",
        "archive of skopeo": f"docker-archive:{tmp_path}/skopeo.tar",
        "archive of today": f"docker-archive:{tmp_path}/new.tar:acme/base:1",
        "archive of containerd's store": f"docker-archive:{tmp_path}/gzip.tar",
        "archive of containerd's store, zstd, packed": f"docker-archive:{tmp_path}/zstd.tar",
        "archive of before": f"docker-archive:{tmp_path}/old.tar",
        "archive, packed": f"docker-archive:{tmp_path}/old.tar.gz",
        **{f"registry, {name}": "registry:" + pushed(plain, name, server, "forms") for name in ("gzip", "both", "toc")},
    }


def test_every_form_of_an_image_gives_the_same_files(tmp_path: Path, server: RegistryServer) -> None:
    forms = places(tmp_path, server)
    wanted = unpacked_by_umoci(tmp_path / "layout", "gzip", tmp_path / "unpacked")
    for form, address in forms.items():
        found = read(address, Registries(Cache(tmp_path / "cache")))
        assert facts_of_image(found.files) == wanted, form
        assert found.files["/usr/bin/tool"].data == b"#!/bin/sh\necho tool\n" or "toc" in form or "chunked" in form, (
            form
        )
        assert found.files["/init"].data == b"#!/bin/execlineb -S0\n", form
        assert found.files["/usr/bin/mount"].data is None, form
        assert [path for path, entry in found.files.items() if entry.capability] == ["/usr/bin/ping"], form


def test_a_real_image_is_an_effective_image(tmp_path: Path) -> None:
    history = [
        {"created_by": "ADD rootfs.tar / # buildkit"},
        {"created_by": "ENV PATH=/usr/bin HOME=/headless", "empty_layer": True},
        {"created_by": "RUN |1 A=b c /bin/sh -c make install # buildkit"},
        {"created_by": '/bin/sh -c #(nop)  ENTRYPOINT ["/init"]', "empty_layer": True},
        {"created_by": "USER kim", "empty_layer": True},
    ]
    settings = {
        "Env": ["PATH=/usr/bin", "HOME=/headless"],
        "Entrypoint": ["/init"],
        "Cmd": ["/bin/sh", "-c", "run it"],
        "User": "kim",
        "WorkingDir": "/work",
        "ExposedPorts": {"8080/tcp": {}},
        "Volumes": {"/data": {}},
        "Labels": {"a": "b"},
        "OnBuild": ["COPY . /app"],
        "Healthcheck": {"Test": ["CMD-SHELL", "curl -f localhost"]},
    }
    layout(tmp_path, {"x": image(*SAMPLE, history=history, settings=settings)})
    found = effective(f"oci:{tmp_path}")
    shown = found.id
    assert shown.startswith("acme/base@sha256:")
    assert (found.known, found.sh, found.chain[0].origin) == ("full", "dash", "image")
    assert (found.env["HOME"].value, found.env["HOME"].place.line) == ("/headless", 2)
    assert found.entrypoint is not None
    assert (found.entrypoint.value.words, found.entrypoint.place.line) == (("/init",), 4)
    assert found.cmd is not None
    assert (found.cmd.value.form, found.cmd.value.words) == ("shell", ("run it",))
    assert found.user is not None
    assert str(found.user.place) == f"{shown}:5"
    assert [one.value.keyword for one in found.onbuild] == ["COPY"]
    assert found.healthcheck is not None
    assert found.healthcheck.value == "CMD curl -f localhost"
    tool = found.tree.get("/bin/tool2")
    assert isinstance(tool, Node)
    assert (tool.mode, tool.place.line, tool.blob.data) == (0o755, 3, b"#!/bin/sh\necho tool\n")
    assert found.tree.get("/usr/lib/large") is None
    kim = found.tree.get("/home/kim/é")
    assert isinstance(kim, Node)
    assert (kim.owner, kim.place.line) == ("root", 1)
    account = found.accounts.get("kim")
    assert getattr(account, "uid", None) == 1000
    assert found.accounts.get("lee") is None


@pytest.mark.parametrize(
    ("files", "history", "label"),
    [
        ([file("init"), folder("package/admin/s6-overlay-3.1.6.2")], "", "3.1.6.2"),
        (
            [file("init"), folder("etc/s6/init")],
            "ADD https://x/s6-overlay/releases/download/v1.20.0.0/a.tar.gz /",
            "1.20.0.0",
        ),
        ([file("init"), folder("etc/s6/init"), file("usr/bin/with-contenv-legacy")], "", "2"),
        ([file("init")], "", None),
        ([folder("etc/cont-init.d")], "", None),
    ],
)
def test_the_release_of_s6_overlay_is_told_by_its_files(
    tmp_path: Path, files: list[Item], history: str, label: str | None
) -> None:
    layout(tmp_path, {"x": image(files, history=[{"created_by": history}])})
    assert effective(f"oci:{tmp_path}").s6_version == label


# What is refused


def _spoilt(layer: bytes) -> bytes:
    """A gzip file whose checksum is not that of its content."""
    return layer[:-8] + bytes(8)


def refused(tmp_path: Path, layer: bytes, **limits: int) -> str:
    layout(tmp_path, {"x": Made((layer,), how="none", blobs=(layer,))})
    with pytest.raises(ImageError) as error:
        read(f"oci:{tmp_path}", limits=ImageLimits(**limits))
    return str(error.value)


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        (file("../../etc/passwd"), "leads out of the image (../../etc/passwd)"),
        (file("a/../../b"), "leads out of the image"),
        (file("n/" * 300), "lies too deep"),
        (file("n" * 5000), "an entry with too long a name"),
        (hard_link("a", "../../etc/shadow"), "a hard link from /a to ../../etc/shadow, which is not there"),
        (hard_link("a", "gone"), "a hard link from /a to gone, which is not there"),
        (gone(""), "whiteout of no name"),
    ],
)
def test_entries_that_no_image_can_have_are_refused(tmp_path: Path, entry: Item, reason: str) -> None:
    assert reason in refused(tmp_path, tar_of([entry]))


def test_links_that_lead_round_in_a_circle_are_refused(tmp_path: Path) -> None:
    layer = tar_of([link("a", "b"), link("b", "a"), file("a/x")])
    assert "round in a circle" in refused(tmp_path, layer)


def test_links_out_of_the_image_stay_within_it(tmp_path: Path) -> None:
    layout(tmp_path, {"x": image([link("out", "../../../../tmp"), file("out/x", "inside")])})
    assert "/tmp/x" in read(f"oci:{tmp_path}").files


@pytest.mark.parametrize(
    ("layer", "limits", "reason"),
    [
        (gzip.compress(bytes(1 << 24)), {"unpacked": 1 << 20}, "unpacks to more than 1,048,576 bytes"),
        (zstandard.compress(bytes(1 << 24)), {"unpacked": 1 << 20}, "unpacks to more than 1,048,576 bytes"),
        (tar_of([file(f"f{n}") for n in range(50)]), {"entries": 40}, "more than 40 entries"),
        (tar_of([file("a", bytes(4000))]), {"compressed": 1000}, "larger than 1,000 bytes"),
        (b"no tar at all" * 100, {}, "is no tar"),
        (b"BZh91AY&SY" + bytes(600), {}, "compressed with bzip2"),
        (gzip.compress(tar_of([file("a", os.urandom(9000))]))[:-4000], {}, "cut off"),
        (_spoilt(gzip.compress(tar_of([file("a", os.urandom(90000))]))), {}, "is damaged"),
        (zstandard.compress(tar_of([file("a", os.urandom(9000))]))[:-4000], {}, "cut off"),
        (tar_of([file("a", bytes(3000))])[:2000], {}, "ends in the middle of a file"),
        (tar_of([file("x" * 90, pax_headers={"comment": "y" * 4000})]), {"header": 2000}, "extended header of"),
    ],
)
def test_layers_beyond_the_limits_or_damaged_are_refused(
    tmp_path: Path, layer: bytes, limits: dict[str, int], reason: str
) -> None:
    assert reason in refused(tmp_path, layer, **limits)


def test_a_frame_that_asks_for_too_much_memory_is_refused(tmp_path: Path) -> None:
    of_a_gibibyte = b"\x28\xb5\x2f\xfd" + bytes([0x00, (30 - 10) << 3]) + b"\x01\0\0" + bytes(16)
    assert "no zstd file" in refused(tmp_path, of_a_gibibyte)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda tar: tar[:148] + b"0000000\0" + tar[156:],
        lambda tar: tar[:100] + b"99999999" + tar[108:],
        lambda tar: tar[:124] + b"zzzzzzzzzzzz" + tar[136:],
    ],
)
def test_malformed_headers_are_refused(tmp_path: Path, spoil: Callable[[bytes], bytes]) -> None:
    assert "a layer" in refused(tmp_path, spoil(tar_of([file("a", b"x")])))


def test_a_layer_that_is_not_what_its_digest_says_is_refused(tmp_path: Path) -> None:
    made = image([file("a", "x")])
    layout(tmp_path, {"x": made})
    blob = max((tmp_path / "blobs" / "sha256").iterdir(), key=lambda path: path.read_bytes()[:2] == b"\x1f\x8b")
    blob.write_bytes(gzip.compress(tar_of([file("a", "y")])))
    with pytest.raises(ImageError, match="is not what its digest says"):
        read(f"oci:{tmp_path}")


def test_a_table_of_contents_is_believed_only_by_its_digest(tmp_path: Path) -> None:
    made = estargz_image([file("etc/passwd", "root:x:0:0::/root:/bin/sh\n")])
    lying = Made(made.tars, blobs=made.blobs, annotations=(dict.fromkeys(made.annotations[0], "sha256:" + "0" * 64),))
    layout(tmp_path, {"x": lying})
    with pytest.raises(ImageError, match="table of contents is not what its digest says"):
        read(f"oci:{tmp_path}")


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("oci:nowhere", "there is no such folder"),
        ("oci:images:other", "holds no image called other; there are: one, two"),
        ("oci:images", "holds 2 images (one, two)"),
        ("docker-archive:nothing.tar", "there is no such file"),
        ("docker-archive:odd.tar", "no archive of docker save"),
    ],
)
def test_what_is_not_there_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, address: str, reason: str) -> None:
    monkeypatch.chdir(tmp_path)
    layout(tmp_path / "images", {"one": image([file("a")]), "two": image([file("b")])})
    (tmp_path / "odd.tar").write_bytes(tar_of([file("a")]))
    with pytest.raises(ImageError) as error:
        read(address)
    assert reason in str(error.value)


def test_an_image_that_is_not_there_for_the_platform_is_refused(tmp_path: Path) -> None:
    layout(tmp_path, {"x": [image([file("a")]), image([file("b")], platform="linux/arm64")]})
    assert "/b" in read(f"oci:{tmp_path}", platform=Platform("linux", "arm64")).files
    with pytest.raises(ImageError, match="not there for linux/s390x"):
        read(f"oci:{tmp_path}", platform=Platform("linux", "s390x"))


def test_an_address_needs_a_transport() -> None:
    with pytest.raises(UsageError, match=r"must be oci:DIR"):
        parse_address("nothing")


def test_sparse_files_have_their_real_size(tmp_path: Path) -> None:
    hole = tmp_path / "f" / "hole"
    hole.parent.mkdir()
    with hole.open("wb") as out:
        out.truncate(5_000_000)
        out.seek(3_000_000)
        out.write(b"x" * 5000)
    for form in ("gnu", "pax"):
        for version in ("0.1", "1.0"):
            tar = tmp_path / "sparse.tar"
            options = [f"--format={form}", *([f"--sparse-version={version}"] if form == "pax" else [])]
            subprocess.run(["tar", "-C", str(hole.parent), "-S", *options, "-cf", str(tar), "hole"], check=True)
            layout(tmp_path / f"{form}{version}", {"x": Made((tar.read_bytes(),))})
            found = read(f"oci:{tmp_path}/{form}{version}").files
            assert set(found) == {"/", "/hole"}
            assert (found["/hole"].size, found["/hole"].sparse) == (5_000_000, True)


def test_what_a_layer_whites_out_is_gone_and_what_it_brings_stays(tmp_path: Path) -> None:
    lower = [file("d/old"), file("d/sub/deep"), file("keep/x"), folder("e")]
    upper = [file("d/new"), opaque("d"), gone("keep"), file("keep/y"), gone("e"), file("e", "a file now")]
    layout(tmp_path, {"x": image(lower, upper)})
    found = read(f"oci:{tmp_path}").files
    assert sorted(path for path in found if path != "/") == ["/d", "/d/new", "/e", "/keep", "/keep/y"]
    assert found["/e"].kind == "file"


# Registries


def test_only_a_little_of_a_layer_with_a_table_of_contents_is_fetched(tmp_path: Path, server: RegistryServer) -> None:
    bulk = [file(f"usr/lib/part{n}", os.urandom(1 << 20)) for n in range(12)]
    start = [
        file("etc/cont-init.d/10-x", "#!/bin/sh\necho started\n", 0o755),
        file("etc/passwd", "root:x:0:0::/root:\n"),
    ]
    plain = layout(tmp_path / "l", {"toc": estargz_image([*bulk[:6], *start, *bulk[6:]])})
    reference = parse_address("registry:" + pushed(plain, "toc", server, "toc"))
    assert reference.reference is not None
    store = RegistryStorage(Registries(Cache(tmp_path / "c")), reference.reference, Platform(), ImageLimits())
    found = read_image(store, "x")
    assert found.files["/etc/cont-init.d/10-x"].data == b"#!/bin/sh\necho started\n"
    assert store.fetched < sum(layer.size for layer in store.layers) / 50


class Guarded:
    """A registry that wants to know its user: by a password at once, or by a token made elsewhere for the password."""

    def __init__(self, server: HTTPServer, tokens: HTTPServer, made: Made, *, bearer: bool) -> None:
        self.realm = tokens.url_for("/token")
        self.bearer = bearer
        self.seen: list[tuple[str, str]] = []
        contents = {digest_of(data): data for data in (made.manifest(), made.config, *made.stored)}
        self.contents = {**contents, "1": made.manifest()}
        server.expect_request(re.compile("/v2/.*")).respond_with_handler(self.answer)
        tokens.expect_request("/token").respond_with_handler(self.token)

    def answer(self, request: Request) -> Response:
        given = request.headers.get("Authorization", "")
        self.seen.append(("registry", given))
        wanted = "Bearer made-for-kim" if self.bearer else _KIM
        if given != wanted:
            way = f'Bearer realm="{self.realm}",service="x"' if self.bearer else 'Basic realm="x"'
            return Response("", 401, {"WWW-Authenticate": way})
        data = self.contents[request.path.rpartition("/")[2]]
        return Response(data, 200, {"Docker-Content-Digest": digest_of(data)})

    def token(self, request: Request) -> Response:
        given = request.headers.get("Authorization", "")
        self.seen.append(("tokens", given))
        return Response(json.dumps({"token": "made-for-kim" if given == _KIM else "for-anybody"}), 200)


_KIM = "Basic " + base64.b64encode(b"kim:secret").decode()


@pytest.mark.parametrize("bearer", [False, True])
def test_a_registry_is_read_with_the_users_credentials(tmp_path: Path, bearer: bool) -> None:
    with HTTPServer() as server, HTTPServer() as tokens:
        guarded = Guarded(server, tokens, image([file("a", "inside")]), bearer=bearer)
        (tmp_path / "config.json").write_text(
            json.dumps({"auths": {f"localhost:{server.port}": {"auth": _KIM.removeprefix("Basic ")}}})
        )
        known = Credentials({"DOCKER_CONFIG": str(tmp_path)})
        address = f"registry:localhost:{server.port}/acme/base:1"
        cache = Cache(tmp_path / "cache")
        assert "/a" in read(address, Registries(cache, login=known.login)).files
        secrets = {place for place, given in guarded.seen if given == _KIM}
        assert secrets == ({"tokens"} if bearer else {"registry"})
        with pytest.raises(ImageError, match=r"wants a user name|shows it to its users only"):
            read(address, Registries(Cache(tmp_path / "other")))


def test_the_users_credentials_are_found_where_docker_and_podman_keep_them(tmp_path: Path) -> None:
    secret = base64.b64encode(b"kim:secret").decode()
    docker = tmp_path / ".docker"
    docker.mkdir()
    (docker / "config.json").write_text(
        json.dumps(
            {
                "auths": {"https://index.docker.io/v1/": {"auth": secret}, "ghcr.io": {"auth": secret}, "x.org": {}},
                "credHelpers": {"helped.example": "test"},
            }
        )
    )
    helper = tmp_path / "docker-credential-test"
    helper.write_text('#!/bin/sh\nread server\necho "{\\"Username\\": \\"lee\\", \\"Secret\\": \\"for $server\\"}"\n')
    helper.chmod(0o755)
    known = Credentials({"HOME": str(tmp_path), "PATH": f"{tmp_path}:/usr/bin:/bin"})
    found = {
        host: known.login(host) for host in ("registry-1.docker.io", "ghcr.io", "helped.example", "x.org", "quay.io")
    }
    assert {host: (login.user, login.secret) for host, login in found.items() if login is not None} == {
        "registry-1.docker.io": ("kim", "secret"),
        "ghcr.io": ("kim", "secret"),
    } | {"helped.example": ("lee", "for helped.example")}
