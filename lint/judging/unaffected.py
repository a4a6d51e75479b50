"""The quick way out of a pre-commit hook: a commit that changes nothing an image is made of needs no linting.

No image is folded and no rule is loaded. Whatever is not certain counts as affected.
"""

import argparse
import os
from collections.abc import Iterable
from pathlib import Path

from ...lineage.builds.named_dockerfiles import all_dockerfiles
from ...lineage.repository.change import change_since, checkout_of
from ...lineage.repository.discover import Opened, open_targets, remote_target
from ...lineage.repository.dockerfiles import is_dockerfile_name
from ...lineage.repository.git_commands import Git
from ...lineage.repository.git_files import Checkout
from ...lineage.repository.snapshot import Snapshot
from ...lineage.text.errors import CtlintError

_READ_BY_NAME = (".dockerignore", ".gitignore", ".toml", ".yml", ".yaml", ".desktop", ".sh", ".bash")
"""How files end that are read wherever they stand: what git or docker leaves out, configuration, consumers, launchers,
scripts that may build."""
_S6_FOLDERS = ("cont-init.d", "cont-finish.d", "fix-attrs.d", "services.d", "s6-overlay", "s6-rc.d")


def nothing_affected(options: argparse.Namespace) -> bool:
    """Whether the commit that is being made, or that is being pushed, surely changes no input of any image.

    The commit is what the index holds other than HEAD; where pre-commit says that it checks a range
    (PRE_COMMIT_FROM_REF, PRE_COMMIT_TO_REF), it is the range and the index. Changes of the working tree and untracked
    files count, too. False where there is neither a range nor a difference: then everything is meant, as with
    `pre-commit run --all-files`.
    """
    if options.write_baseline is not None or options.output is not None or options.fetch_parents:
        return False
    if options.build_arg or options.target is not None:
        return False
    if options.format not in (None, "text", "concise", "github"):
        return False
    try:
        return _unaffected(options)
    except (CtlintError, OSError, ValueError, RecursionError):
        return False


def _unaffected(options: argparse.Namespace) -> bool:
    targets = tuple(options.targets) or (".",)
    cwd = Path.cwd()
    if any(target == "-" or remote_target(target) is not None or not (cwd / target).is_dir() for target in targets):
        return False
    opened = [item for item in open_targets(targets, cwd) if isinstance(item, Opened)]
    checkouts = {checkout_of(item.snapshot) for item in opened}
    checkout = checkouts.pop() if len(checkouts) == 1 else None
    if checkout is None:
        return False
    base, staged = _committed(checkout)
    if base is None:
        return False
    return all(_is_apart(item.snapshot, checkout, base, staged, options, targets) for item in opened)


def _committed(checkout: Checkout) -> tuple[str | None, frozenset[str]]:
    """The commit to compare with, None where nothing is committed; and the paths in which the index differs from it."""
    git = Git(checkout)
    head = checkout.commit() or git.commit("HEAD")
    if head is None:
        return None, frozenset()
    staged = git.staged(head)
    start, end = os.environ.get("PRE_COMMIT_FROM_REF"), os.environ.get("PRE_COMMIT_TO_REF")
    if not start and not end:
        return (head if staged else None), staged
    first, last = git.commit(start or ""), git.commit(end or "")
    if first is None or last != head:
        return None, staged
    base = git.merge_base(first, head)
    if base is None or base == head:
        return (base if staged else None), staged
    return base, staged | git.staged(base)


def _is_apart(
    snapshot: Snapshot,
    checkout: Checkout,
    base: str,
    staged: Iterable[str],
    options: argparse.Namespace,
    targets: tuple[str, ...],
) -> bool:
    """Whether no image of a repository takes in what differs from a commit, and none takes it in any more."""
    change = change_since(snapshot, checkout, base)
    root = snapshot.root
    if root is None:
        return False
    folder = "" if root == checkout.root else root.relative_to(checkout.root).as_posix() + "/"
    paths = change.paths | {path[len(folder) :] for path in staged if path.startswith(folder)}
    if any(_is_read_by_name(path) for path in paths):
        return False
    from ..config.effective import load_config
    from ..config.files import NAMES

    config = load_config(Path.cwd() / targets[0] if len(targets) == 1 else Path.cwd(), options.config)
    known = {os.path.realpath(file.path) for file in config.files}
    known |= {os.path.realpath(file) for file in (config.baseline, options.baseline) if file is not None}
    everywhere = {*(folder + path for path in paths), *staged}
    if any(path.rpartition("/")[2] in NAMES or os.path.join(checkout.root, path) in known for path in everywhere):
        return False
    from ...lineage.builds.image_source import sources_of
    from ...lineage.repository.since import Changes
    from ...lineage.workspace.inputs import Inputs, all_triggers, touched
    from ..opening.settings import settings_of

    settings = settings_of(config)
    versions: list[list[Inputs]] = []
    for version in (snapshot, change.before):
        found = all_dockerfiles(version, config.excluded_in(root))
        sources = list(sources_of(version, found, settings))
        if any(source.problem is not None for source in sources):
            return False
        triggers = all_triggers(sources)
        versions.append([Inputs(source, triggers) for source in sources])
    if {inputs.source.id for inputs in versions[0]} != {inputs.source.id for inputs in versions[1]}:
        return False
    if any(inputs.take(path) for inputs in (*versions[0], *versions[1]) for path in paths):
        return False
    return not touched(versions[0], versions[1], Changes((change,)))


def _is_read_by_name(path: str) -> bool:
    """Whether a file may be read by ctlint for its name alone, whatever COPY takes."""
    from ...lineage.builds.build_files import build_file_kind

    folder, _, name = path.rpartition("/")
    if is_dockerfile_name(name) or name.endswith(_READ_BY_NAME) or name in (".env", "config.env", "build.json"):
        return True
    return build_file_kind(path) not in (None, "readme") or not set(folder.split("/")).isdisjoint(_S6_FOLDERS)
