"""A start script that asks for a launcher under a name that is not there, and the staged launcher that it means."""

from ....lineage.desktop.launchers import SUFFIX, Delivery, Launcher, Launchers
from ....lineage.folding.missing_sources import BuildSources, Missing
from ....lineage.image.image import EffectiveImage
from ....lineage.image.tree import only_packages
from ....lineage.text.errors import WITHHELD, Unknown
from ....lineage.text.globs import path_matches
from ....lineage.text.spelling import is_slip

_PICTURES = (".png", ".svg", ".xpm", ".jpg", ".jpeg", ".ico", ".gif")


def no_picture(sources: BuildSources) -> Missing | None:
    """The first missing source of the build that may be a script or launcher or hold one: any that is no picture."""
    return next((one for one in sources.missing if not one.path.lower().endswith(_PICTURES)), None)


def only_bounded_writers(image: EffectiveImage, path: str) -> bool:
    """Whether only archives, packages and builds may have put something at the path: none of them knows this image."""
    return all(
        cloud.by in ("archive", "packages")
        or (cloud.cause not in WITHHELD and "/" in cloud.below and only_packages(cloud))
        for cloud in image.tree.clouds
        if cloud.covers(path)
    )


def missing(launchers: Launchers, delivery: Delivery, wanted: str) -> bool | Unknown:
    """Whether nothing is at the path or pattern that the delivery takes.

    An archive of unknown content, a package or a build may bring a launcher of its own. Where the image has one of that name
    elsewhere, of its own repository, which nothing else brings to the user, that is the one meant, and not one of theirs.
    """
    tree = launchers.image.tree
    globs = delivery.globs and any(character in wanted for character in "*?[")
    if globs and tree.glob(wanted):
        return False
    held = tree.closed(wanted.rpartition("/")[0] or "/") if globs else tree.get(wanted)
    if not isinstance(held, Unknown):
        return globs or held is None
    real = tree.resolve(wanted)
    if not globs and real in tree.nodes:
        return held
    probe = tree.resolve(wanted.rpartition("/")[0]) + "/\0" if globs else real
    if not only_bounded_writers(launchers.image, probe):
        return held
    meant = any(_left_over(launchers, one) and asks_for(delivery, wanted, one) for one in launchers.staged)
    return True if meant else held


def asks_for(delivery: Delivery, wanted: str, launcher: Launcher) -> bool:
    """Whether the delivery seems to mean the launcher: by its name, by its folder and nearly its name, or by a pattern."""
    from difflib import get_close_matches

    folder, _, base = launcher.path.rpartition("/")
    asked_folder, _, asked = wanted.rpartition("/")
    if asked.lower() == base.lower():
        return True
    if delivery.globs and any(character in asked for character in "*?["):
        return path_matches(f"/{base}", f"/{asked}")
    stems = (asked.removesuffix(SUFFIX), (base.removesuffix(SUFFIX),))
    return asked_folder == folder and bool(get_close_matches(*stems, 1, 0.6))


def slips_in_one_name(path: str, meant: str) -> bool:
    """Whether two paths are the same but for one name, which is a slip for the other's."""
    pairs = [pair for pair in zip(path.split("/"), meant.split("/"), strict=False) if pair[0] != pair[1]]
    return path.count("/") == meant.count("/") and len(pairs) == 1 and is_slip(*pairs[0])


def nearest_launcher(launchers: Launchers, delivery: Delivery, wanted: str) -> Launcher | None:
    """The staged launcher that a name that is not there is a slip for: in letter case or folder, by a slip in a name."""
    name, lower = wanted.rpartition("/")[2], wanted.lower()
    for one in launchers.staged:
        if one.name.lower() == name.lower() or one.path.lower() == lower or slips_in_one_name(wanted, one.path):
            return one
    folder = wanted.rpartition("/")[0]
    for one in launchers.staged if delivery.globs else ():
        other = one.path.rpartition("/")[0]
        if slips_in_one_name(folder, other) and path_matches(f"/{one.name}", f"/{name}"):
            return one
    return None


def _left_over(launchers: Launchers, launcher: Launcher) -> bool:
    """Whether it is the image's own, in a place that no desktop reads, and no start step takes it."""
    if not launchers.image.owns(launcher.node.image) or launcher.node.source is None or launcher.shown_by_itself:
        return False
    return not any(delivery.takes(launcher) for delivery in launchers.deliveries)
