"""Whether a stage is one of Windows, whose RUN is read by cmd or PowerShell and by no shell of Unix."""

from ...lineage.dockerfile.stages import Stages
from ...lineage.image.image import EffectiveImage
from ...lineage.late.patterns import pattern

_NAMED = pattern(r"(?i)(?:^|[/:_-])windows(?:[/:_-]|$)|nanoserver|servercore|/dotnet/framework/")
_SAID = pattern(
    r"(?i)\bpowershell(?:\.exe)?\s+-|\bcmd(?:\.exe)?\s+/[SC]\b|\bsetx\s+/M\b|%\w+%;|[;=\s\"'][a-z]:(?:\\|/(?!/))\w|"
    r"\b(?:if\s+(?:not\s+)?exist|Write-Host|Remove-Item|New-Item|Invoke-WebRequest|ContainerAdministrator)\b"
)
"""What an instruction says only where Windows carries it out."""


def is_of_windows(image: EffectiveImage, stages: Stages) -> bool:
    """Whether the names that an image is built on, a platform that the Dockerfile asks for, the escape character, or, where the
    base is not known, a word of its own instructions tell that it is of Windows."""
    if stages.escape == "`" or any(_NAMED.search(link.reference or link.name) for link in image.chain[1:]):
        return True
    if any(stage.platform is not None and stage.platform.text.startswith("windows") for stage in stages.stages):
        return True
    return image.known == "partial" and any(_SAID.search(step.instruction.body.text) for step in image.steps)
