"""Configuration files that a server's own file takes in, and that the image may get only when it starts."""

import re
from collections.abc import Iterator

from ....lineage.image.image import EffectiveImage
from ....lineage.late.patterns import pattern
from ....lineage.text.errors import Unknown

_TAKES_IN = {
    "nginx": pattern(rb"^[ \t]*include\s+[\"']?(/[^\s;\"'*?\[$]+)[\"']?\s*;", re.M),
    "dnsmasq": pattern(rb"^[ \t]*conf-file[ \t]*=[ \t]*(/[^\s,*?]+)", re.M),
}
_BLOCK = pattern(rb"\{[^{}]*\}")
_COMMENT = pattern(rb"#[^\n]*")
_MOST = 64
"""Files that are followed; where there are more, what is said in them is not known."""
_NESTING = 32
"""Blocks in blocks that are looked through; what stands deeper counts as the top level, which only makes silent."""


def taken_in(name: str, data: bytes, image: EffectiveImage) -> Iterator[bytes | Unknown]:
    """The files that a configuration of the program `name` takes in at its top level, and those that these take in, each once.

    Unknown stands for one that the image does not hold: it is made when the container starts.
    """
    named = _TAKES_IN.get(name)
    if named is None:
        return
    seen = set[str]()
    left = [data]
    while left:
        taking = left.pop()
        for match in named.finditer(_top_level(taking) if name == "nginx" else taking):
            path = match[1].decode("utf-8", "replace")
            if path in seen:
                continue
            seen.add(path)
            node = image.tree.find(path)
            if node is None or node.kind != "file":
                yield Unknown(f"{path}, which {name} reads, is made when the container starts")
            elif node.blob.data is None or len(seen) > _MOST:
                yield Unknown(f"the content of {path}, which {name} reads, is not known")
            else:
                yield node.blob.data
                left.append(node.blob.data)


def _top_level(data: bytes) -> bytes:
    """What stands outside all blocks: only there may it be said whether the server goes into the background."""
    text = _COMMENT.sub(b"", data)
    for _ in range(_NESTING):
        inner = _BLOCK.sub(b";", text)
        if inner == text:
            break
        text = inner
    return text
