"""Several images that a reference may mean: what all of them have is known, the rest is not."""

from ctlint.lineage.image.image import EffectiveImage
from ctlint.lineage.repository.snapshot import FileSpec, Snapshot
from ctlint.lineage.text.errors import Unknown
from ctlint.lineage.workspace.workspace import Workspace
from ctlint.lint.judging.engine import run_rules
from ctlint.lint.judging.run import Run
from ctlint.rules.discover import all_rules

S6 = "https://github.com/just-containers/s6-overlay/releases/download"
THREE = (
    f"ADD {S6}/v3.1.6.2/s6-overlay-noarch.tar.xz {S6}/v3.1.6.2/s6-overlay-x86_64.tar.xz /tmp/\n"
    "RUN apt-get update && apt-get install -y xz-utils\n"
    "RUN tar -C / -Jxpf /tmp/s6-overlay-noarch.tar.xz && tar -C / -Jxpf /tmp/s6-overlay-x86_64.tar.xz\n"
    'ENTRYPOINT ["/init"]\n'
)
TWO = f'ADD {S6}/v2.2.0.3/s6-overlay-amd64.tar.gz /tmp/\nRUN tar xzhf /tmp/s6-overlay-amd64.tar.gz -C /\nENTRYPOINT ["/init"]\n'
MAKE = "build:\n\tdocker build -t acme/base:1 one\n\tdocker build -t acme/base:1 two\n"


def workspace(one: str, two: str, child: str = "") -> Workspace:
    base = {
        "one/Dockerfile": f"FROM debian:12.8\n{one}",
        "two/Dockerfile": f"FROM debian:12.8\n{two}",
        "Makefile": MAKE,
    }
    app: dict[str, str | FileSpec] = {
        "Dockerfile": f"FROM acme/base:1\nCOPY root/ /\n{child}",
        "root/etc/cont-init.d/50-work.sh": FileSpec(b"#!/bin/sh\ntrue\n", 0o644),
    }
    return Workspace(
        [
            (Snapshot.from_mapping("base", base), ["one/Dockerfile", "two/Dockerfile"]),
            (Snapshot.from_mapping("app", app), ["Dockerfile"]),
        ]
    )


def image(one: str, two: str, child: str = "") -> EffectiveImage:
    made = workspace(one, two, child)
    return made.effective(made.image_by("app/Dockerfile")[0])


def linted(one: str, two: str, child: str = "") -> Run:
    return run_rules(workspace(one, two, child), all_rules())


def codes(run: Run) -> set[str]:
    return {finding.rule for finding in run.findings() if finding.place.path.startswith("app/")}


def test_what_all_have_is_used_and_the_finding_says_on_what_it_rests() -> None:
    run = linted(THREE, f"ENV OTHER=x\n{THREE}")
    (found,) = [finding for finding in run.findings() if finding.rule == "CT104"]
    assert found.rests_on == "acme/base:1"
    assert "2 Dockerfiles may be what" in found.related[-1].message


def test_what_they_differ_in_is_not_known() -> None:
    run = linted(THREE, TWO)
    assert "CT104" not in codes(run)
    assert "CT104" in {skip.rule for skip in run.skipped if skip.image == "app"}


def test_values() -> None:
    made = image("ENV SAME=1 OTHER=1\nUSER a\nWORKDIR /w\n", "ENV SAME=1 OTHER=2 MORE=3\nUSER b\nWORKDIR /w\n")
    assert {name for name in made.env if name in ("SAME", "OTHER", "MORE")} == {"SAME"}
    assert isinstance(made.env_open, Unknown)
    assert made.workdir is not None
    assert (made.workdir.value, made.user, isinstance(made.config_open, Unknown)) == ("/w", None, True)


def test_what_none_has_is_absent() -> None:
    """A variable that neither defines is undefined; one that only the other defines may be defined."""
    child = "ENV PLACE=$MISSING/x\n"
    assert "CT304" in codes(linted("ENV A=1\n", "ENV A=1\n", child))
    assert "CT304" not in codes(linted("ENV A=1\n", "ENV A=1 MISSING=2\n", child))


def test_files() -> None:
    made = image("RUN mkdir /both && touch /both/x /one\n", "RUN mkdir /both && touch /both/x /two\n")
    assert made.tree.find("/both") is not None
    assert isinstance(made.tree.get("/one"), Unknown)
    assert isinstance(made.tree.get("/two"), Unknown)
    assert made.tree.get("/neither") is None


def test_another_onbuild_leaves_nothing_known() -> None:
    made = image("ONBUILD RUN touch /x\n", "ENV A=1\n")
    assert made.known == "partial"
