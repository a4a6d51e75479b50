"""An image's history as instructions: which step of its build brought a layer or set a value.

The history (OCI Image Specification, config.md) is a text for people that each builder writes in its own way: BuildKit
`RUN /bin/sh -c … # buildkit`, Docker's former builder and buildah `/bin/sh -c #(nop) CMD […]` and `/bin/sh -c …`.
"""

from collections.abc import Iterator, Sequence

from ..late.dataclasses import dataclass
from ..late.patterns import pattern
from ..oci.manifest import History
from ..text.numbers import natural
from ..text.places import Place, Span

_NOP = "#(nop)"
_ARGUMENTS = pattern(r"^\|(\d+) ")
_INSTRUCTION = pattern(
    r"^(?:ADD|ARG|CMD|COPY|ENTRYPOINT|ENV|EXPOSE|FROM|HEALTHCHECK|LABEL|MAINTAINER|ONBUILD|RUN|SHELL|STOPSIGNAL|USER|VOLUME"
    r"|WORKDIR)\b"
)
_SHELLS = ("/bin/sh -c ", "/bin/bash -o pipefail -c ", "/bin/bash -c ", "/bin/ash -eo pipefail -c ")
_SHORT_DIGEST = len("sha256:") + 12


@dataclass(frozen=True, slots=True)
class Step:
    """A step of an image's build: `text` is its instruction as far as the history tells it; `layer` None where none came."""

    number: int
    text: str
    layer: int | None
    place: Place

    @property
    def keyword(self) -> str:
        return self.text.partition(" ")[0]

    def __str__(self) -> str:
        return f"step {self.number}: {self.text}" if self.text else f"layer {(self.layer or 0) + 1}"


def steps_of(history: Sequence[History], image: str) -> tuple[Step, ...]:
    """The steps of a build. `image` is how the image is shown, with its digest: its steps are that file's lines."""
    return tuple(
        Step(number, instruction_text(entry.created_by), entry.layer, Place(image, Span(number)))
        for number, entry in enumerate(history, 1)
    )


def shown_with_digest(name: str, digest: str) -> str:
    """`acme/base@sha256:0123456789ab`: an image as places name it."""
    return f"{name}@{digest[:_SHORT_DIGEST]}"


def instruction_text(created_by: str) -> str:
    """The instruction that a `created_by` tells, on one line; the text itself where it tells none."""
    text = " ".join(created_by.removesuffix("# buildkit").split())
    _, nop, rest = text.partition(_NOP)
    if nop:
        return rest.strip()
    run = text.removeprefix("RUN ")
    arguments = _ARGUMENTS.match(run)
    if arguments is not None:
        run = _without_arguments(run[arguments.end() :], natural(arguments[1]) or 0)
    for shell in _SHELLS:
        if run.startswith(shell):
            return f"RUN {run[len(shell) :]}"
    if text.startswith("RUN ") or arguments is not None:
        return f"RUN {run}"
    return text


def _without_arguments(text: str, count: int) -> str:
    """What follows the build arguments; these are not quoted, so the shell is looked for behind so many signs of equality."""
    found = [at for shell in _SHELLS if (at := text.find(shell)) >= 0 and text[:at].count("=") >= min(count, 1)]
    return text[min(found) :] if found else text


def setting_steps(steps: Sequence[Step], keyword: str) -> Iterator[Step]:
    """The steps that set something by that instruction, the last one first."""
    return (step for step in reversed(steps) if step.keyword == keyword)
