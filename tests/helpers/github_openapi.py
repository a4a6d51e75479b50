"""GitHub's own description of its API (npm package @octokit/openapi), to check an imitation against.

It is expected in build/tools/github-openapi.json, where the test command puts it.
"""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

PLACE = Path(__file__).resolve().parents[2] / "build" / "tools" / "github-openapi.json"


class Description:
    """The operations that can be got, with what they take and answer."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._document = document
        self._paths = [
            (re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(path))), path)
            for path, operations in document["paths"].items()
            if "get" in operations
        ]
        self._validators: dict[tuple[str, int], Draft202012Validator | None] = {}

    def problems(self, path: str, query: dict[str, str], status: int, body: Any) -> list[str]:
        """What is wrong with a request for a path and its answer (None: one without a body)."""
        template = self._template(path)
        if template is None:
            return [f"GitHub has no {path}"]
        found = [f"{template} takes no parameter {name}" for name in query if name not in self._queries(template)]
        validator = self._validator(template, status)
        if validator is not None and body is not None:
            found += [
                f"{template} {status}: {error.json_path}: {error.message}" for error in validator.iter_errors(body)
            ]
        return found

    def _template(self, path: str) -> str | None:
        matches = [template for pattern, template in self._paths if pattern.fullmatch(path)]
        return min(matches, key=lambda template: template.count("{"), default=None)

    def _queries(self, template: str) -> set[str]:
        parameters = [self._resolved(parameter) for parameter in self._document["paths"][template]["get"]["parameters"]]
        return {parameter["name"] for parameter in parameters if parameter["in"] == "query"}

    def _validator(self, template: str, status: int) -> Draft202012Validator | None:
        if (template, status) not in self._validators:
            responses = self._document["paths"][template]["get"]["responses"]
            response = self._resolved(responses.get(str(status), {}))
            schema = response.get("content", {}).get("application/json", {}).get("schema")
            if schema is None and status >= 400:
                schema = {"$ref": "#/components/schemas/basic-error"}
            self._validators[template, status] = None if schema is None else Draft202012Validator(self._inlined(schema))
        return self._validators[template, status]

    def _resolved(self, node: dict[str, Any]) -> dict[str, Any]:
        if "$ref" not in node:
            return node
        found: Any = self._document
        for step in node["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        return self._resolved(found)

    def _inlined(self, schema: Any) -> Any:
        """OpenAPI 3.0's dialect in that of JSON Schema: references replaced, `nullable` spelled out."""
        if isinstance(schema, list):
            return [self._inlined(item) for item in schema]
        if not isinstance(schema, dict):
            return schema
        schema = self._resolved(schema)
        dropped = ("nullable", "example", "examples", "discriminator", "xml", "externalDocs", "deprecated")
        plain = {key: self._inlined(value) for key, value in schema.items() if key not in dropped}
        return {"anyOf": [{"type": "null"}, plain]} if schema.get("nullable") is True else plain


@cache
def description() -> Description:
    assert PLACE.is_file(), (
        f"{PLACE} is missing: `npm pack @octokit/openapi`, and take package/generated/api.github.com.json out of it"
    )
    return Description(json.loads(PLACE.read_bytes()))
