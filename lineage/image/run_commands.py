"""The commands of a RUN as a shell would run them, for rules that need more than what they do to files."""

from ..commands.model import Reading
from ..text.symbolic import Text
from .image import BuildStep, EffectiveImage
from .run import read_run, run_environment
from .script_files import ScriptFiles

_SHELL = ("/bin/sh", "-c")


def reading_of(image: EffectiveImage, step: BuildStep) -> Reading | None:
    """The commands of the RUN; None where no shell reads it. Scripts that it runs are not followed into."""
    user = step.user.split(":")[0] or "root"
    reading = read_run(
        step.instruction,
        step.place.path,
        run_environment(step.env, user, step.accounts, open=step.env_open is not None),
        ScriptFiles(image.tree, image.sh),
        image.shell.value if image.shell is not None else _SHELL,
        Text.of(user),
        step.workdir,
    )
    return reading if isinstance(reading, Reading) else None
