"""A password or token is part of the image.

## What it does
Reports ENV and ARG whose name says password, token, secret or key and which have a value, and settings of that kind in the
configuration files that the Dockerfile copies (`.properties`, `.conf`, `.ini`, `.env`, YAML, TOML).

## Why it matters at run time
Everybody who can pull the image can read it, also where a later layer removes it, and every container that is started
without another value has the same password.

## When to ignore it
When the value opens nothing. Paths, addresses, numbers, switches, placeholders (`changeme`) and templates are not reported,
nor what stands in files for other containers (compose, Helm values), in examples and `.default` files, and in
what a supervisord that listens on a Unix socket alone is spoken to with.

## References
- BuildKit, "SecretsUsedInArgOrEnv"
- Docker documentation, "Build secrets"
"""

from collections.abc import Iterator

from ..lineage.dockerfile.expand import expand
from ..lineage.image.image import BuildStep, EffectiveImage
from ..lineage.text.places import Place
from .base import Message, Severity
from .shared.secrets import is_secret_name, is_secret_value, secrets_in_files

SEVERITY = Severity.ERROR


def check(image: EffectiveImage) -> Iterator[Message]:
    for step in image.steps:
        if step.from_parent is None:
            yield from _step(step)
    for secret in secrets_in_files(image):
        yield Message(
            secret.place,
            f"`{secret.name}` has a value here, and the file is copied into the image ({secret.path}): everybody who can pull it "
            "can read it.",
            "Write the file at start from a variable or a secret that the container is given.",
            subject=secret.name,
            owner=secret.image,
        )


def _step(step: BuildStep) -> Iterator[Message]:
    instruction = step.instruction
    for index, name, value in _settings(step):
        if is_secret_name(name) and is_secret_value(value):
            yield Message(
                Place(step.place.path, instruction.argument_span(index)),
                f"{instruction.keyword} gives `{name}` a value that is part of the image: everybody who can pull it can read it.",
                "Leave it empty and let the container be given one, or use `RUN --mount=type=secret` during the build.",
                subject=name,
            )


def _settings(step: BuildStep) -> Iterator[tuple[int, str, str]]:
    """(index of the argument, name, value) of each variable that an ENV or ARG gives a value."""
    arguments = step.instruction.arguments
    if step.instruction.keyword == "ENV":
        for index in range(0, len(arguments) - 1, 3):
            yield index, arguments[index], expand(arguments[index + 1], step.env).text
    elif step.instruction.keyword == "ARG":
        for index, argument in enumerate(arguments):
            name, _, value = argument.partition("=")
            yield index, name, expand(value, step.env).text
