"""How command lines name the carriage return that they take away."""

from ..late.patterns import pattern

CONVERTERS = frozenset(("dos2unix", "fromdos", "d2u"))
"""Programs that do nothing but mend line ends."""

CARRIAGE_RETURN = pattern(r"\\(?:r|[xX]0?[dD]|o?0?15\b|cM)|\^M|\x0d")
"""A carriage return as sed, tr, perl, awk and shells write it."""
