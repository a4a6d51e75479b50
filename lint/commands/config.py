"""`ctlint config`: the effective configuration."""

import json
from pathlib import Path
from typing import TextIO

from ...lineage.text.errors import UsageError
from ..config.effective import load_config
from ..output.json_schema import SCHEMAS, schema
from ..output.terminal import printable, say


def config(schema_name: str | None, file: Path | None, out: TextIO) -> int:
    """Print the configuration in force for the working directory, or a JSON Schema. Raises UsageError."""
    if schema_name is not None:
        if schema_name not in SCHEMAS:
            raise UsageError(f"There is no schema {schema_name!r}; known are {', '.join(SCHEMAS)}.")
        out.write(schema(schema_name))
        return 0
    for entry in load_config(Path.cwd(), file).entries():
        key = ".".join(part if part.replace("-", "").isalnum() else json.dumps(part) for part in entry.key)
        say(printable(f"{key} = {json.dumps(entry.value)}  # {entry.origin}"), out)
    return 0
