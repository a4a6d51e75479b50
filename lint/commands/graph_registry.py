"""What registries say of the images of a graph: `ctlint graph --registry`."""

import argparse
import sys
from typing import TYPE_CHECKING

from ...lineage.text.errors import InputError
from ..opening.open import Opening
from ..opening.request import DOWNLOADS
from ..output.console import progress_on

if TYPE_CHECKING:
    from ...lineage.graph.graph import Lineage
    from ...lineage.remote.freshness import Freshness


def asked(
    options: argparse.Namespace, opening: Opening, lineage: "Lineage"
) -> tuple[dict[str, "Freshness"], tuple[InputError, ...]]:
    """By the ids of the graph's images, what registries say of them; and the registries that could not be asked.

    Raises UsageError for what is no platform.
    """
    from ...lineage.remote.cache import Cache
    from ...lineage.remote.registry import Registries
    from ...lineage.remote.registry_image import parse_platform
    from ...lineage.workspace.registry_state import ask
    from ..version import VERSION

    platform = parse_platform(options.platform)
    registries = Registries(
        Cache(options.cache_dir),
        progress=progress_on(sys.stderr, not options.no_progress),
        agent=f"ctlint/{VERSION}",
        offline=options.offline,
    )
    shown = [source for source in opening.workspace.images if source.id in lineage.nodes]
    answers = ask(shown, registries, platform, options.jobs or DOWNLOADS)
    return answers.freshness, answers.problems
