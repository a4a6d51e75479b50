"""Names that nobody gives by mistake: bytes that are no UTF-8, paths that grow when they are filled in, one name too many."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from ctlint.lineage.text.spelling import near_name, sure_slips
from ctlint.lint.cli import main
from operations import growth

S6 = "FROM lscr.io/linuxserver/baseimage-alpine:3.20\n"
IN_IMAGE = {
    b"etc/services.d/x\xff/finish": b"#!/bin/sh\n",
    b"etc/cont-init.d/10-\xff": b"#!/bin/sh\n. /opt/lib\xff/a.sh\n/opt/\xff\nuseradd \xff\nchown \xff /x\n",
    b"etc/\xffont-init.d/10-x": b"#!/bin/sh\n",
    b"opt/\xff": b"echo hi\n",
    b"opt/lib\xff/a.sh": b"x=1\n",
    b"opt/un\xff.sh": b"#!/bin/sh\necho\n",
    b"usr/local/bin/\xff": b"#!/bin/sh\r\n",
    b"usr/share/applications/\xff.desktop": b"[Desktop Entry]\nType=Application\nName=x\nExec=/opt/\xff %f\nTryExec=/n\xff\n",
    b"etc/s6-overlay/s6-rc.d/\xff/type": b"longrun\n",
    b"etc/s6-overlay/s6-rc.d/\xff/run": b"#!/bin/sh\nexec /opt/\xff\n",
    b"etc/s6-overlay/s6-rc.d/\xff/dependencies.d/\xff2": b"",
    b"etc/s6-overlay/s6-rc.d/user/contents.d/\xff": b"",
    b"etc/cron.d/\xff": b"* * * * * root /opt/\xff\n",
    b"root/.ssh/id_rsa\xff": b"-----BEGIN OPENSSH PRIVATE KEY-----\n",
}


def write(folder: Path, files: dict[bytes, bytes]) -> None:
    for path, content in files.items():
        file = os.path.join(os.fsencode(folder), path)
        os.makedirs(os.path.dirname(file), exist_ok=True)
        with open(file, "wb") as stream:
            stream.write(content)


@pytest.fixture
def odd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository whose every name has such a byte."""
    write(tmp_path, {b"root/" + path: content for path, content in IN_IMAGE.items()})
    write(
        tmp_path,
        {
            b"Dockerfile": f'{S6}COPY root /\nENTRYPOINT ["/init"]\n'.encode(),
            b"Dockerfile.\xff": b"FROM debian:12\nCOPY root/opt /opt\nRUN chmod +x /opt/\xff && /opt/\xff\n",
            b"a\xff/Dockerfile": b"FROM debian:12\nCOPY x\xff /\n",
            b"a\xff/compose.yaml": b"services: {a: {build: ., image: x}}\n",
            b"c\xff/Chart.yaml": b"name: x\nversion: 1.0.0\n",
            b"c\xff/templates/\xff.yaml": b"kind: Pod\nspec: {containers: [{image: a/b, name: x}]}\n",
            b"build\xff.sh": b"docker build -f Dockerfile.\xff -t x/y .\nchmod +x root/opt/\xff\n",
        },
    )
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_no_rule_falls_over_a_name_that_is_no_utf_8(odd: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lint", "--inherited", "--no-cache", "--format", "json"]) == 1
    findings = json.loads(capsys.readouterr().out)["findings"]
    assert "CT002" not in {one["rule"] for one in findings}
    assert "CT104" in {one["rule"] for one in findings}  # they were judged


def test_a_profile_is_written_with_a_name_that_is_no_utf_8(odd: Path) -> None:
    assert main(["inspect", ".", "Dockerfile", "--export-profile", "p.json"]) == 0
    assert "/opt/\udcff" in json.dumps(json.loads((odd / "p.json").read_text("utf-8")), ensure_ascii=False)


def registry(spec: str, url: str = "u") -> str:
    return f"repositories: {{a: {{url: '{url}'}}}}\ncontexts: {{c: {{apps: {{x: {{spec: '{spec}'}}}}}}}}\n"


@pytest.mark.parametrize(
    "text",
    [
        registry("https://raw.githubusercontent.com/o/x/" + "a/" * 50_000),
        registry("$a/" * 1_300, "b" * 3_000),
        registry("x", "b" * 5_000),
        "repositories:\n"
        + "".join(f"  p{n}: {{url: u{n}}}\n" for n in range(900))
        + "contexts: {c: {apps: {"
        + ", ".join(f"a{n}: {{}}" for n in range(900))
        + "}}}\n",
    ],
    ids=["parts of an address", "placeholders", "address", "apps and repositories"],
)
def test_a_registry_that_asks_for_too_much_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path, {b"Dockerfile": b"FROM debian:12\n", b"registry.yaml": text.encode()})
    assert main(["lint", "--no-cache", "--format", "concise"]) == 3
    assert "registry.yaml:1:1: error: CT001" in capsys.readouterr().out


def test_a_spec_below_a_branch_with_slashes_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What the bound must not lose."""
    folder = tmp_path / "specs"
    write(
        folder,
        {
            b"Dockerfile": b"FROM debian:12\n",
            b"registry.yaml": registry("https://raw.githubusercontent.com/o/specs/feature/a/b/x/s.yaml").encode(),
            b"x/s.yaml": b"services: {a: {image: mine/thing:1, ports: ['80']}}\n",
        },
    )
    monkeypatch.chdir(folder)
    assert main(["graph", "--consumers", "--format", "json"]) == 0
    assert "mine/thing" in capsys.readouterr().out


def test_a_kustomization_nested_too_deeply_ends_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    deep = "patches:\n" + "[" * 600 + "]" * 600 + "\n"
    write(
        tmp_path,
        {b"Dockerfile": b"FROM debian:12\nUSER nobody-here\nRUN true\n", b"k/kustomization.yaml": deep.encode()},
    )
    assert main(["lint", "--no-cache", "--format", "concise"]) == 3
    out, err = capsys.readouterr()
    assert "k/kustomization.yaml:1:1: error: CT001" in out
    assert "CT301" in out
    assert err == ""


# What grows


def test_names_that_are_held_against_many_cost_as_many() -> None:
    def work(size: int) -> Callable[[], object]:
        known = [f"ABCDEF{number}" for number in range(size)]
        return lambda: [near_name(f"ABCDXEF{number}", known) for number in range(size)]

    assert growth(work, 100).rate < 2.4


def test_many_names_are_searched_as_few_are() -> None:
    names = [f"DATA_DIR_{number}" for number in range(200)]
    for word in ("DATA_DRI_7", "DATADIR_7", "DATA_DIRX_7", "DATA_DIR_7", "DATE_DIR_7", "XDATA_DIR_7", "OTHER"):
        assert sure_slips(word, names) == [one for one in names if sure_slips(word, [one])], word
    assert sure_slips("DATA_DRI_7", names) == ["DATA_DIR_7"]
    assert sure_slips("DATADIR_7", names) == ["DATA_DIR_7"]


def linted(tmp_path: Path, files: Callable[[int], dict[bytes, bytes]]) -> Callable[[int], Callable[[], object]]:
    def work(size: int) -> Callable[[], object]:
        folder = tmp_path / str(size)
        write(folder, files(size))
        return lambda: main(["lint", str(folder), "--jobs", "1", "--no-cache", "-o", str(tmp_path / "out.txt")])

    return work


def services(size: int) -> dict[bytes, bytes]:
    """Each waits for one that there is not, of nearly the name of one that there is."""
    place = "root/etc/s6-overlay/s6-rc.d"
    made = {b"Dockerfile": f"{S6}COPY root /\n".encode()}
    for number in range(size):
        made[f"{place}/serv{number}x/type".encode()] = b"oneshot\n"
        made[f"{place}/serv{number}x/up".encode()] = b"true\n"
        made[f"{place}/serv{number}x/dependencies.d/srev{number}x".encode()] = b""
    return made


def values(size: int) -> dict[bytes, bytes]:
    """A chart of as many templates as files of values."""
    made = {b"Dockerfile": b"FROM debian:12\n", b"c/Chart.yaml": b"name: c\nversion: 1.0.0\n"}
    for number in range(size):
        made[f"c/values-{number}.yaml".encode()] = b"image: {repository: a/b, tag: c}\n"
        made[f"c/templates/t{number}.yaml".encode()] = b"kind: Pod\nspec: {containers: [{name: x, image: a/q}]}\n"
    return made


@pytest.mark.parametrize("files", [services, values])
def test_no_function_looks_at_each_pair(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], files: Callable[[int], dict[bytes, bytes]]
) -> None:
    found = growth(linted(tmp_path, files), 30)
    assert found.rate < 2.6, found
