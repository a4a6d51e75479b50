"""The JSON Schemas in the distribution: of the configuration, and of what the commands print as JSON."""

from importlib.resources import files

from ..installed_from import site

SCHEMAS = ("config", "lint", "graph", "inspect", "parse", "rule", "verify")
"""The JSON Schemas in the distribution."""


def schema(name: str = "config") -> str:
    """The text of a JSON Schema: `config`, or the output of `lint`, `graph`, `inspect`, `parse`, `rule` or
    `verify`; with its address once ctlint is published.

    Raises KeyError for another name.
    """
    if name not in SCHEMAS:
        raise KeyError(name)
    text = files(__package__ or "ctlint.lint.output").joinpath("schemas", f"{name}.json").read_text("utf-8")
    pages = site()
    return text if pages is None else text.replace("{\n", f'{{\n  "$id": "{pages}schemas/{name}.json",\n', 1)
