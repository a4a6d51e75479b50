"""Which missing files another build step makes, and which are simply missing."""

from collections.abc import Callable

import pytest

from ctlint.lineage.builds.build_products import generated
from ctlint.lineage.repository.snapshot import Snapshot
from ctlint.lineage.text.errors import Unknown
from operations import growth


def repository(files: dict[str, str]) -> Snapshot:
    return Snapshot.from_mapping("r", dict(files))


@pytest.mark.parametrize(
    ("files", "path"),
    [
        ({".gitignore": "/license.key\n"}, "license.key"),
        ({"Makefile": "web.tar.gz: src\n\ttar -cf $@ src\n"}, "web.tar.gz"),
        ({"builder.py": "open(out / '50-desktop-init.sh', 'w')\n"}, "apps/x/generated/50-desktop-init.sh"),
        ({".github/workflows/ci.yml": "run: npm run bundle -- -o public/bundle\n"}, "public/bundle/index.html"),
        ({"README.md": "Put your `keyfile.pem` beside the Dockerfile.\n"}, "keyfile.pem"),
        ({"pom.xml": ""}, "target/app.jar"),
        ({"web/package.json": "{}"}, "web/dist"),
    ],
)
def test_what_another_step_makes_is_not_missing(files: dict[str, str], path: str) -> None:
    assert isinstance(generated(repository(files), path), Unknown)


@pytest.mark.parametrize(
    ("files", "path"),
    [
        ({"Makefile": "run:\n\tdocker run x\n"}, "run"),
        ({"Makefile": "x:\n\tcp startup.sh x\n"}, "start.sh"),
        ({"root/etc/cont-init.d/50.sh": "cp /headless/Desktop/tool.desktop ~\n"}, "src/tool.desktop"),
        ({"src/a": ""}, "src/b.txt"),
        ({"dist/a": "", "package.json": "{}"}, "dist/b"),
        ({}, "target/app.jar"),
    ],
)
def test_what_nothing_speaks_for_is(files: dict[str, str], path: str) -> None:
    assert generated(repository(files), path) is None


def test_what_many_folders_lack_is_told_at_the_cost_of_each() -> None:
    def work(count: int) -> Callable[[], object]:
        snapshot = repository({f"app{number}/Dockerfile": "" for number in range(count)})
        return lambda: [generated(snapshot, f"app{number}/gone.conf") for number in range(count)]

    found = growth(work, 100)
    assert found.rate < 2.2, found


def test_a_hook_that_appears_in_another_state_of_the_repository_is_seen() -> None:
    before = repository({"Dockerfile": ""})
    assert generated(before, "gone.conf") is None
    after = before.overlaid({"hooks/pre_build": b"cp a gone.conf\n"})
    assert isinstance(generated(after, "gone.conf"), Unknown)
    assert generated(before, "gone.conf") is None
