"""Which release of s6-overlay a real image holds, by its own files.

Release 3 installs itself below `/package/admin/s6-overlay-VERSION` (s6-overlay, layout/rootfs-overlay). Releases 1 and 2 do not
say their version: generation 2 brought `/usr/bin/with-contenv-legacy` (builder/overlay-rootfs at v2.0.0.0), and the address of
the archive often stands in the history.
"""

from collections.abc import Iterable, Mapping

from ..late.patterns import pattern
from ..oci.entry import LayerEntry
from .steps import Step

_PACKAGE = pattern(r"/package/admin/s6-overlay-(\d+(?:\.\d+)+)")
_ADDRESS = pattern(r"s6-overlay/releases/download/v?(\d+(?:\.\d+)+)/")
_VARIABLES = ("S6_OVERLAY_VERSION", "S6_VERSION", "OVERLAY_VERSION", "S6OVERLAY_VERSION")
_VERSION = pattern(r"v?(\d+(?:\.\d+){2,})(?:-\d+)?")


def s6_label(files: Mapping[str, LayerEntry], steps: Iterable[Step], environment: Mapping[str, str]) -> str | None:
    """`s6-overlay VERSION PART` as the archives of a release are labelled; None where `/init` is not an s6-overlay's."""
    if "/init" not in files:
        return None
    packages = sorted(match[1] for path in _admin(files) if (match := _PACKAGE.fullmatch(path)))
    if packages:
        return f"s6-overlay {packages[-1]} noarch"
    if "/package/admin/s6-overlay" in files or "/command/s6-svscan" in files:
        return "s6-overlay 3.x noarch"
    if "/etc/s6/init/init-stage1" not in files and "/etc/s6/init" not in files:
        return None
    generation = 2 if "/usr/bin/with-contenv-legacy" in files else 1
    version = _told(steps, environment)
    if version is not None and version.startswith(f"{generation}."):
        return f"s6-overlay {version} amd64"
    return f"s6-overlay {generation}.x amd64"


def _admin(files: Mapping[str, LayerEntry]) -> Iterable[str]:
    return (path for path, entry in files.items() if entry.kind == "directory" and path.startswith("/package/admin/"))


def _told(steps: Iterable[Step], environment: Mapping[str, str]) -> str | None:
    for step in steps:
        found = _ADDRESS.search(step.text)
        if found is not None:
            return found[1]
    for name in _VARIABLES:
        match = _VERSION.fullmatch(environment.get(name, ""))
        if match is not None:
            return match[1]
    return None
