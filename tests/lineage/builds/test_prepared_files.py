"""What is run before a build brings files: those that it may bring, and no others."""

import pytest

from ctlint.lineage.builds.prepared_files import brought
from ctlint.lineage.repository.snapshot import Snapshot

BUILD = "\n\tdocker build -t acme/site .\n"


def brings(line: str, path: str, file: str = "Makefile") -> bool:
    text = f"image:\n\t{line}{BUILD}" if file == "Makefile" else line
    files = {file: text, "Dockerfile": "FROM debian:12\n", "conf/site.conf": "", "app/main.c": ""}
    return (
        brought(Snapshot.from_mapping("acme", {name: text.encode() for name, text in files.items()}), path) is not None
    )


@pytest.mark.parametrize(
    ("line", "path"),
    [
        ("cp -r ../shared/* .", "shared.conf"),
        ("cp ../shared/*.conf conf", "conf/extra.conf"),
        ("rsync -a ../shared/ conf/", "conf/extra.conf"),
        ("cp $(FILES) conf/", "conf/extra.conf"),
        ('cp "$$SRC"/* "$$OUT"/conf/', "conf/extra.conf"),
        ("cp ../shared/* $(OUT)", "conf/extra.conf"),
        ("tar xzf site.tgz", "conf/extra.conf"),
        ("tar -C app -xf site.tar", "app/extra.c"),
        ("curl -sSL https://acme.example/site.tgz | tar xz -C app", "app/extra.c"),
        ("cd app && unzip -q site.zip", "app/extra.c"),
        ("curl -sSLO https://acme.example/site-$(VERSION).tgz", "site-1.4.tgz"),
        ("wget -q -P app https://acme.example/$(FILE)", "app/extra.c"),
        ("git clone $(URL)", "site/start.sh"),
        ("git clone $(URL) app/vendor", "app/vendor/start.sh"),
        ("cp -a ../shared/. .", "conf/extra.conf"),
        ("rsync -P ../shared/ .", "conf/extra.conf"),
        ("cp -P ../shared/* .", "shared.conf"),
        ("cp -t . ../shared/*", "shared.conf"),
        ("cp --target-directory=conf ../shared/*", "conf/extra.conf"),
        ("git clone --depth 1 -b main $(URL) .", "conf/extra.conf"),
        ("tar --file site.tar --verbose --gzip --extract", "conf/extra.conf"),
        ("curl -LOJ https://acme.example/$(FILE)", "extra.conf"),
    ],
)
def test_what_a_line_may_bring(line: str, path: str) -> None:
    assert brings(line, path)


@pytest.mark.parametrize(
    ("line", "path"),
    [
        ("cp ../LICENSE .", "conf/extra.conf"),
        ("cp -r ../shared/* app/", "conf/extra.conf"),
        ("cp conf/* /etc/site", "conf/extra.conf"),
        ("cp app/main.c app/copy.c", "app/extra.c"),
        ("tar czf site.tgz conf", "conf/extra.conf"),
        ("tar xzf site.tgz -C /opt", "conf/extra.conf"),
        ("tar xzf site.tgz -C app", "conf/extra.conf"),
        ("unzip -d app site.zip", "conf/extra.conf"),
        ("curl -sSLO https://acme.example/site-$(VERSION).tgz", "conf/extra.conf"),
        ("curl -sSL https://acme.example/$(FILE) -o app/extra.c", "conf/extra.conf"),
        ("wget -qO- https://acme.example/$(FILE)", "conf/extra.conf"),
        ("git clone $(URL)", "conf/extra.conf"),
        ("git clone $(URL) app/vendor", "conf/extra.conf"),
    ],
)
def test_what_a_line_does_not_bring(line: str, path: str) -> None:
    assert not brings(line, path)


@pytest.mark.parametrize(("then", "expected"), [("docker build .", True), ("pytest", False)])
def test_a_workflow_counts_where_it_builds_images(then: str, expected: bool) -> None:
    text = f"on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      - run: tar xzf a.tgz\n      - run: {then}\n"
    assert brings(text, "conf/extra.conf", ".github/workflows/a.yml") is expected
