"""What configuration and command line say about resolving, for the workspace."""

import os

from ...lineage.builds.image_source import ConfiguredBuild, Settings
from ..config.effective import Config
from .request import Request


def settings_of(config: Config, request: Request | None = None) -> Settings:
    """What the configuration and, where there is a request, the command line say about resolving."""

    def shown(key: str, path: str) -> str:
        return os.path.relpath(config.file_of(key, path)).replace(os.sep, "/")

    contexts = {
        shown("contexts", path): ConfiguredBuild(build.context, build.target, build.build_args)
        for path, build in config.contexts.items()
    }
    parents = {
        pattern: f"github:{parent.value.removeprefix('github:')}" if parent.kind == "github" else parent.value
        for pattern, parent in config.parents.items()
        if parent.kind != "real"
    }
    return Settings(
        aliases=tuple(config.aliases.items()),
        names={shown("names", path): names for path, names in config.names.items()},
        contexts=contexts,
        parents=parents,
        build_args={**config.build_args, **dict(request.build_args if request else ())},
        target=request.target if request else None,
        moving_tags=config.moving_tags,
    )
