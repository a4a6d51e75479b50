"""Finding the rule modules: every `ctNNN_*.py` of this folder is one."""

from functools import cache
from importlib import import_module

from ..lineage.late.package_files import names_in
from .base import Rule


@cache
def all_rules() -> tuple[Rule, ...]:
    """Every rule, by code. Raises TypeError where a module is not a rule, or two have one code."""
    stems = [
        name.removesuffix(".py")
        for name in names_in(__name__.rpartition(".")[0])
        if name.startswith("ct") and name.endswith(".py") and name[2:5].isdigit()
    ]
    rules = tuple(Rule.from_module(import_module(f".{stem}", __package__)) for stem in stems)
    codes = [rule.code for rule in rules]
    twice = {code for code in codes if codes.count(code) > 1}
    if twice:
        raise TypeError(f"two rule modules have one code: {', '.join(sorted(twice))}")
    return rules
