"""Scripts that a parent at hand fetches when it is built: what a bundled profile of the same image knows of them."""

import pytest

from ctlint.lineage.image.tree import Node
from ctlint.lineage.workspace.workspace import Settings
from folding import Files, program, source_of, workspace

HOOK = "/docker-mods"
OVERLAY = "https://github.com/just-containers/s6-overlay/releases/download/v3.1.6.2/s6-overlay-noarch.tar.xz"
V3 = f"FROM debian:12-slim\nADD {OVERLAY} /tmp/\nRUN tar -C / -Jxpf /tmp/s6-overlay-noarch.tar.xz\n"
FETCHED = f"{V3}ADD --chmod=744 https://mods.example.org/mods {HOOK}\nENV S6_STAGE2_HOOK={HOOK}\n"
COPIED = FETCHED.replace("ADD --chmod=744 https://mods.example.org/mods", "COPY mods")
NAME = "linuxserver/baseimage-ubuntu"


def hook(dockerfile: str, tag: str, *, sure: bool = False, files: Files | None = None) -> Node:
    """The hook in an image that is built on the parent at hand."""
    parent = {"Dockerfile": dockerfile, **(files or {})}
    settings = Settings(parents={NAME: "base"})
    work = workspace({"base": parent, "mine": {"Dockerfile": f"FROM lscr.io/{NAME}:{tag}\n"}}, settings)
    image = (work.sure_only() if sure else work).effective(source_of(work, "mine"))
    assert image.chain[1].id == source_of(work, "base").id
    node = image.tree.get(HOOK)
    assert isinstance(node, Node)
    return node


@pytest.mark.parametrize("tag", ["jammy", "focal"])
def test_a_profile_of_the_image_tells_what_a_fetched_script_does(tag: str) -> None:
    node = hook(FETCHED, tag)
    assert node.facts is not None
    assert node.facts.sees_environment


def test_a_tag_without_a_profile_tells_nothing() -> None:
    assert hook(FETCHED, "of-no-release").facts is None


def test_a_script_that_is_at_hand_speaks_for_itself() -> None:
    node = hook(COPIED, "jammy", files={"mods": program("#!/bin/sh\ntrue\n")})
    assert node.facts is None
    assert node.blob.data == b"#!/bin/sh\ntrue\n"


def test_an_assumed_profile_proves_nothing() -> None:
    assert hook(FETCHED, "jammy", sure=True).facts is None
    assert hook(FETCHED, "focal", sure=True).facts is not None


def test_a_parent_that_is_only_assumed_is_told_nothing() -> None:
    """It may be of another release than the profile's."""
    base = {"Dockerfile": FETCHED, "Makefile": f"all:\n\tdocker build -t {NAME}:noble .\n"}
    work = workspace({NAME: base, "mine": {"Dockerfile": f"FROM {NAME}:focal\n"}})
    image = work.effective(source_of(work, "mine"))
    assert image.chain[1].id == work.images[0].id
    assert image.chain[1].assumed
    node = image.tree.get(HOOK)
    assert isinstance(node, Node)
    assert node.facts is None


def test_a_parent_of_another_s6_overlay_is_told_nothing() -> None:
    assert hook(FETCHED.replace(V3, "FROM debian:12-slim\n"), "focal").facts is None
