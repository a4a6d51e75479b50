"""A CMD under s6-overlay 3 uses variables of the container, which are not set in it.

## What it does
Reports a CMD of an image with s6-overlay 3 that expands variables of the image's ENV, in `sh -c` or in a script of the image,
and is started without `with-contenv`: neither in front of it nor as the script's `#!`. A shell library that itself asks with such
a variable (bashio) counts as a use. `S6_KEEP_ENV` counts.

## Why it matters at run time
s6-overlay 3 clears the environment: CMD has PATH and PWD only, and the variables are empty in it. Under older releases CMD has
the container's environment.

## When to ignore it
When empty is meant: `${NAME:-}` says so.

## References
- s6-overlay README, "Container environment": `with-contenv`
"""

from collections.abc import Iterator

from ..lineage.boot.main_command import leads_to_init
from ..lineage.boot.script_reader import ScriptReader
from ..lineage.boot.slash_init import MainProgram, main_program, reading_of_main, sees_environment
from ..lineage.image.image import EffectiveImage
from ..lineage.s6.release import S6Release, release_of
from .base import Message, Related, Severity
from .shared.scripts.library_needs import library_needs

SEVERITY = Severity.WARNING

_GIVEN = frozenset(("PATH", "PWD", "OLDPWD", "SHLVL", "_"))


def check(image: EffectiveImage) -> Iterator[Message]:
    release = release_of(image)
    main = main_program(image)
    if main is None or not isinstance(release, S6Release) or release.generation < 3 or not image.owns(main.line.image):
        return
    keep = image.env.get("S6_KEEP_ENV")
    if (keep is not None and keep.value not in ("", "0")) or leads_to_init(image) is not True:
        return
    if sees_environment(image, main):
        return
    reading = reading_of_main(image, main)
    mentions = [
        mention
        for mention in (reading.mentions if reading is not None else ())
        if mention.name in image.env and mention.name not in _GIVEN and not mention.defaulted
    ]
    if not mentions:
        yield from _of_library(image, release, main)
        return
    names = ", ".join(f"`{name}`" for name in dict.fromkeys(mention.name for mention in mentions))
    outside = [mention for mention in mentions if mention.place.path != main.line.place.path]
    yield Message(
        main.line.place,
        f"{names} is not set in CMD: s6-overlay {release.label} clears the environment before it runs it."
        if names.count("`") == 2
        else f"{names} are not set in CMD: s6-overlay {release.label} clears the environment before it runs it.",
        'Put `with-contenv` in front of it: `CMD ["with-contenv", …]`, or write `#!/command/with-contenv sh` in the script.',
        (Related(outside[0].place, "it is used here"),) if outside else (),
        subject=names,
    )


def _of_library(image: EffectiveImage, release: S6Release, main: MainProgram) -> Iterator[Message]:
    """A script whose interpreter's library asks with a variable that is not there."""
    script = ScriptReader(image).read(main.words[0]) if main.words[0].startswith("/") else None
    asks = library_needs(script.shebang, script.commands) if script is not None else None
    if script is None or asks is None:
        return
    yield Message(
        script.place,
        f"`{asks[0]}` is not set in CMD, and `{asks[1].name}` asks with it: s6-overlay {release.label} clears the environment "
        f"before it runs {script.place.path}.",
        "Begin the script with `#!/command/with-contenv`, or put `with-contenv` in front of it in CMD.",
        (Related(asks[1].place, "it is used here"), Related(main.line.place, "it is started here")),
        subject=asks[0],
        owner=script.node.image,
    )
