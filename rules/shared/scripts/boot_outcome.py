"""What becomes of a boot in which a start script cannot be started (settled by booting s6-overlay 1.20.0.0 to 3.2.3.2)."""

from ....lineage.boot.startable import Spawned
from ....lineage.s6.release import S6Release


def retry_seconds(release: S6Release) -> int:
    """After how many seconds s6 tries again to start a service whose `run` cannot be started."""
    return 60 if release.generation >= 3 and release.version != "3.0.0.2" else 10


def outcome(release: S6Release, one: Spawned) -> str:
    """What else is lost, as a clause."""
    if one.kind == "cont-init":
        if release.generation == 1:
            return "all later scripts of cont-init.d and all of services.d are skipped"
        return "it ends with 127, and the boot goes on without its work"
    if one.kind == "cont-finish":
        return "its work is not done when the container stops"
    if one.path.endswith("/finish"):
        return "its work is not done when the service ends"
    if one.kind == "services.d":
        return f"{one.name} is tried again every {retry_seconds(release)} seconds for ever"
    if one.kind == "longrun":
        if release.at_least(3, 2) is True:
            return "the boot waits for ever, and neither services.d nor CMD starts"
        return "the service fails, and services.d does not start"
    if one.kind == "oneshot":
        return f"the oneshot {one.name} fails, and neither what depends on it nor services.d starts"
    return f"{one.name} runs it by its path, and gets `not found`"
