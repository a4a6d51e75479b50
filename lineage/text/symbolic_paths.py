"""Paths whose text is only partly known: joining, normalising, last component."""

import posixpath

from .symbolic import Opaque, Piece, Text


def join(directory: Text, path: Text) -> Text:
    """`path` seen from `directory`, absolute and normalised as far as its text is known.

    A path that begins with a variable is taken to be absolute, as `$HOME/x` is, and so is one that begins with an
    unknown piece.
    """
    if not path.pieces:
        return directory
    first = path.pieces[0]
    if isinstance(first, str) and not first.startswith("/"):
        return normalise(Text.of(directory, "/", path))
    return normalise(path)


def normalise(path: Text) -> Text:
    """Without `.`, `//`, trailing `/`, and without `..` where the component before it is literal."""
    literal = path.literal
    if literal is not None:
        if not literal:
            return path
        plain = posixpath.normpath(literal)
        return Text.of("/" + plain.lstrip("/") if literal.startswith("/") else plain)
    components = components_of(path)
    kept: list[list[Piece]] = []
    for index, component in enumerate(components):
        if not component or component == ["."]:
            if index == 0:
                kept.append([])
            continue
        parent = kept[-1] if len(kept) > 1 and component == [".."] else None
        if parent is not None and parent != [".."] and all(isinstance(piece, str) for piece in parent):
            kept.pop()
            continue
        kept.append(component)
    pieces: list[Piece] = []
    for index, component in enumerate(kept):
        if index:
            pieces.append("/")
        pieces.extend(component)
    return Text.of(*pieces)


def components_of(path: Text) -> list[list[Piece]]:
    """The pieces between the literal slashes; an absolute path begins with an empty component."""
    components: list[list[Piece]] = [[]]
    for piece in path.pieces:
        if not isinstance(piece, str):
            components[-1].append(piece)
            continue
        first, *rest = piece.split("/")
        if first:
            components[-1].append(first)
        components.extend([part] if part else [] for part in rest)
    return components


def base_name(path: Text) -> Text:
    """The last component; what cannot be known where that ends in the middle of a piece."""
    components = components_of(path)
    while len(components) > 1 and not components[-1]:
        components.pop()
    last = components[-1]
    if len(components) == 1 and last and not isinstance(last[0], str):
        return Text.of(Opaque("the last component of a path that is not known"))
    return Text.of(*last)


def directory_name(path: Text) -> Text:
    """The path without its last component, as dirname(1) gives it."""
    components = components_of(path)
    while len(components) > 1 and not components[-1]:
        components.pop()
    if len(components) == 1:
        if components[0] and not isinstance(components[0][0], str):
            return Text.of(Opaque("the directory of a path that is not known"))
        return Text.of(".")
    pieces: list[Piece] = []
    for index, component in enumerate(components[:-1]):
        if index:
            pieces.append("/")
        pieces.extend(component)
    return Text.of(*pieces) if pieces else Text.of("/")
