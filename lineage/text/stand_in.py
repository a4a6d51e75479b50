"""Texts that stand for a value which somebody is to put in: `<base>`, `REPLACE-ME`, `unknown`, `{{ base }}`."""

import re

from ..late.patterns import pattern

_STANDS_IN = pattern(
    r"""
      .*[<>{}\s].* | @@?[A-Za-z_]\w*@@? | %%?[A-Za-z_]\w*%%? | __\w+__ | \#\#\w+\#\# | .*\[\[.*\]\].* | \?+ | x{3,} | \.{3} | -+
    | (?:.*[-_./])? (?:
          (?:replace|change|override|fill|insert|set|put|define|specify|pass|give|provide) [-_.]?
              (?:me|this|it|here|in|by[-_].*|at[-_].*|via[-_].*)
        | (?:to[-_]?do|to[-_]be[-_].*|tbd|placeholder|undefined|unset|unspecified|not[-_](?:set|specified|defined|given)
            |dummy|invalid|missing|must[-_].*|your[-_].*|no[-_]?default|no[-_]such[-_].*|required|unknown|none|null|nil|n/a)
      ) (?:[-_:@].*)?
    """,
    re.IGNORECASE | re.VERBOSE,
)


def stands_in(text: str) -> bool:
    """Whether a text is no value itself, but holds the place of one that is put in before it is used."""
    return _STANDS_IN.fullmatch(text.strip("\"'")) is not None


def path_stands_in(path: str) -> bool:
    """Whether a part of a path is to be put in before it is used."""
    return any(stands_in(part) for part in path.split("/") if not any(letter.isspace() for letter in part))
