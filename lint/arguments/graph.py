"""The arguments of `ctlint graph`."""

import argparse
from pathlib import Path
from typing import Any

from .shared import DONE_CODES, add_parents, add_targets, command, output_file, request_of


def add_graph(commands: Any) -> None:
    def start(options: argparse.Namespace) -> int:
        from ..commands.graph import graph

        options.format = options.format or _format_of(options.output)
        return graph(options, request_of(options))

    parser = command(
        commands,
        "graph",
        "draw which image descends from which",
        start,
        _GRAPH_EXAMPLES,
        detail=_GRAPH_DETAIL,
        exits=DONE_CODES.replace("  2", "  1  --cycles or --drift found some\n  2", 1),
    )
    add_targets(parser)
    add_parents(parser, platform=False)
    formats = ("tree", "dot", "mermaid", "svg", "html", "json", "graphml")
    parser.add_argument("--format", choices=formats, help="output format (by the name of -o FILE, else tree)")
    parser.add_argument("-o", "--output", type=output_file, metavar="FILE", help="write to a file")
    parser.add_argument("--select", action="append", metavar="SELECTOR", help=_SELECTOR)
    parser.add_argument("--focus", action="append", metavar="IMAGE", help="an image and what two hops reach from it")
    parser.add_argument("--invert", action="store_true", help="each image with its parents below")
    parser.add_argument("--depth", type=int, metavar="N", help="so many levels of the tree")
    parser.add_argument("--stages", action="store_true", help="the stages of multi-stage builds too")
    parser.add_argument(
        "--consumers", action="store_true", help="compose files, Kubernetes and app specs that use images"
    )
    parser.add_argument("--lint", action="store_true", help="count the findings of each image (and consumer)")
    parser.add_argument(
        "--registry", action="store_true", help="ask registries which images are built on their parents' current images"
    )
    parser.add_argument(
        "--platform",
        default="linux/amd64",
        metavar="OS/ARCH",
        help="the platform of images in registries (linux/amd64)",
    )
    asked = parser.add_argument_group("questions").add_mutually_exclusive_group()
    asked.add_argument("--why", nargs=2, metavar=("A", "B"), help="the lines by which one descends from the other")
    asked.add_argument("--impact", action="append", metavar="IMAGE", help="what to rebuild after it, in build order")
    asked.add_argument(
        "--since",
        metavar="REV",
        help="what to rebuild, in build order, for the images that the change since REV (its merge base with HEAD, up to "
        "the working tree) touches",
    )
    asked.add_argument("--cycles", action="store_true", help="images that descend from themselves")
    asked.add_argument("--drift", action="store_true", help="where images that belong together have parted")


def _format_of(output: Path | None) -> str:
    """The format that a file's name asks for; the tree by any other."""
    return _OF_SUFFIX.get(output.suffix.lower(), "tree") if output is not None else "tree"


_OF_SUFFIX = {
    **{f".{name}": name for name in ("dot", "svg", "html", "json", "graphml")},
    ".gv": "dot",
    ".mmd": "mermaid",
    ".mermaid": "mermaid",
    ".htm": "html",
}
_SELECTOR = (
    'an image ("name"), with all it is built on ("+name"), with all built on it ("name+"), '
    'or so many steps of both ("2+name+1")'
)
_GRAPH_DETAIL = """An image is called by its name, by any alias of it, or by the path of its Dockerfile. Arrows run from the
parent to what is built on it. With one of the questions, the answer is printed instead of the picture."""

_GRAPH_EXAMPLES = """  ctlint graph                              the tree of this folder's images
  ctlint graph --select "cloudtop+"         an image and all that descends from it
  ctlint graph --why cloudtop-ohif tomcat   the FROM lines between two images
  ctlint graph --impact cloudtop            what to rebuild after a change, in build order
  ctlint graph --since origin/main          what to rebuild for this branch
  ctlint graph -o page.html                 a page to look around in"""
