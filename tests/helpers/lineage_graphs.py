"""Graphs for tests: workspaces written to disk, hostile names, and a browser that says what a page does."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

from selenium import webdriver
from selenium.webdriver.chrome.service import Service

from ctlint.lineage.graph.graph import Edge, GraphNode, Lineage
from ctlint.lineage.text.places import Place, Span

HOSTILE = (
    '"];evil [label="',
    "<script>alert(1)</script>",
    "</script><img src=x onerror=alert(1)>",
    "a\\nb\\N\\",
    "`**bold**`",
    "a]b[c{d}e|f|",
    "&lt;b&gt;&amp;#35;#quot;",
    "end\nsubgraph x",
    "]]><!--",
    "*x* \\*y\\* _z_ ~~w~~",
    "1. first",
    "> quoted",
    "# head",
    "__a__b_c",
    "click n0 href javascript:alert(1)",
    "\x00\x1b[31m\u202e",
    "日本語 é",
)
"""Names that would be syntax, markup or control codes somewhere."""

CHROMIUM = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--window-size=1400,900",
)


def repositories(folder: Path, files: Mapping[str, str]) -> Path:
    """A workspace with these files; the first part of each path is a repository."""
    (folder / "ctlint.toml").write_text("workspace = true\n")
    for path, text in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
    return folder


def image(name: str, **given: Any) -> GraphNode:
    return GraphNode(
        name,
        "image",
        name,
        (name,),
        repo=f"repo of {name}",
        dockerfile="Dockerfile",
        path=f"{name}/Dockerfile",
        **given,
    )


def built_on(parent: str, child: str, tag: str = "latest", kind: Any = "from") -> Edge:
    return Edge(parent, child, kind, f"{parent}:{tag}", tag, None, "stage-0", Place(f"{child}/Dockerfile", Span(1)))


def hostile() -> Lineage:
    """A chain of images with hostile names and tags, in hostile repositories."""
    nodes = [image(name, s6=name) for name in HOSTILE]
    edges = [built_on(a, b, tag=a) for a, b in pairwise(HOSTILE)]
    return Lineage.made(nodes, edges)


def fleet_of(count: int) -> Lineage:
    """So many images in four families, a tenth of them parents of others."""
    roots = [GraphNode(f"base{n}", "external", f"base{n}", (f"base{n}",)) for n in range(4)]
    nodes = [image(f"acme/app{n}", s6="3.2.1.0" if n % 4 else None) for n in range(count)]
    parents = [f"base{n % 4}" if n < 8 else f"acme/app{n % max(n // 10, 4)}" for n in range(count)]
    return Lineage.made([*roots, *nodes], [built_on(p, f"acme/app{n}", f"{n % 3}.0") for n, p in enumerate(parents)])


@contextmanager
def browser(profile: Path) -> Iterator[webdriver.Chrome]:
    """Chromium, headless, that logs its console and its requests."""
    options = webdriver.ChromeOptions()
    options.binary_location = "/usr/bin/chromium"
    for flag in (*CHROMIUM, f"--user-data-dir={profile}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service("/usr/bin/chromedriver"))
    try:
        yield driver
    finally:
        driver.quit()


def requests_of(driver: webdriver.Chrome) -> list[str]:
    """The addresses that pages have asked for since the last call, the browser's own page for a new tab apart."""
    messages = [json.loads(entry["message"])["message"] for entry in driver.get_log("performance")]
    urls = [m["params"]["request"]["url"] for m in messages if m["method"] == "Network.requestWillBeSent"]
    return [url for url in urls if not url.startswith("chrome://")]
