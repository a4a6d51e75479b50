"""What the effects of build commands make of an image's file tree and accounts."""

from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from posixpath import basename, dirname

from ..effects.model import (
    ChangeAccount,
    ChangeAccountFiles,
    ChangeMode,
    ChangeOwner,
    Copy,
    Effect,
    InstallPackages,
    Link,
    MakeAccount,
    MakeDirectory,
    MakeGroup,
    NeedAccount,
    Opens,
    Remove,
    RemoveAccount,
    RenameAccount,
    Unpack,
    Write,
)
from ..effects.packages import PACKAGE_COMMANDS, package_name
from ..effects.places import IMAGE_PLACES, S6_PLACES
from ..image.accounts import UNKNOWN_PACKAGE, Accounts
from ..image.s6_overlay_files import further_commands, opened_by, package_members, unpacked
from ..image.tree import UNKNOWN_BLOB, Blob, Cloud, Node, Tree, only_packages
from ..late.dataclasses import replace
from ..late.patterns import pattern
from ..text.errors import Unknown
from ..text.paths import normal
from ..text.symbolic import Text
from .apply_accounts import (
    change_account,
    forget_account_files,
    forget_content,
    make_account,
    remove_account,
    rename_account,
)
from .apply_copy import copy
from .apply_files import change_mode, change_owner, link, make_directory, remove, write
from .apply_groups import change_groups, make_group
from .apply_paths import at
from .archive_members import members_of, zip_members_of
from .brought_accounts import bring_accounts
from .build_state import BuildState, owner_of, umask_of

_ALTERNATIVES: Mapping[str, Mapping[str, str]] = {
    "less": {"pager": "/usr/bin/less"},
    "gawk": {"awk": "/usr/bin/gawk", "nawk": "/usr/bin/gawk"},
}
"""Names of Debian's base that a package takes over by a higher priority (update-alternatives in their postinst)."""
_MADE_BY_PACKAGES = ("/root/.ssh",)
"""What scripts of packages make in a home: systemd's, by its tmpfiles.d/provision.conf."""
_KEPT_BY_PACKAGES = ("/etc/ld.so.cache", "/etc/shells", "/etc/mailcap", "/etc/ca-certificates.conf", "/etc/inetd.conf")
"""Files of the system that the scripts of packages add to, beside those of the accounts."""
_OF_DISTRIBUTIONS = frozenset(("apt-get", "apt", "aptitude", "nala", "dnf", "yum", "microdnf", "zypper", "apk"))
_INSTALLS = pattern(r" (?:install|add)\b")
_PACKAGE_FILES = (".deb", ".rpm", ".apk", "*")
_OF_REPOSITORIES = pattern(r"(?i)release|repo|keyring|[\w-]\*\Z")
_NOT_NAMES = pattern(r"\$\{[^}]*\}|\.(?:tar|[tx]?gz|txz|xz|bz2|tbz2?|zst|zip)\b|[\W\d_]")
"""What of an archive's name does not say what it holds: variables, extensions, numbers."""


def apply(state: BuildState, effect: Effect) -> None:
    """Take in what a command does; effects that change neither files nor accounts pass by."""
    if effect.command is not None and not isinstance(effect, Opens) and state.lacks(owner_of(effect)):
        return  # no program runs as nobody
    if (
        isinstance(effect, Write | MakeDirectory | Link | Copy | Remove)
        and effect.sure
        and (_may_be_refused(state, effect) or _may_lack_its_folder(state, effect))
    ):
        state.refuses(True)
        effect = replace(effect, sure=False)
    if isinstance(effect, _OF_ROOT) and effect.sure and _is_let_fail_for_its_user(state, effect):
        state.refuses(True)
        effect = replace(effect, sure=False)
    if effect.groups and effect.command is not None:
        lacking = [state.lacks_group(one.literal) for one in effect.groups if one.literal is not None]
        if effect.command.ignores_failure and True in lacking:
            return
        if effect.command.ignores_failure and None in lacking and state.groups is not None:
            effect = replace(effect, sure=False)
    bring_accounts(state, effect)
    match effect:
        case Write():
            write(state, effect)
        case MakeDirectory():
            make_directory(state, effect)
        case Copy():
            copy(state, effect)
        case Link():
            link(state, effect)
        case Remove():
            remove(state, effect)
        case ChangeMode():
            change_mode(state, effect)
        case ChangeOwner():
            change_owner(state, effect)
        case Unpack():
            _unpack(state, effect)
        case InstallPackages():
            _install(state, effect)
        case Opens():
            _opens(state, effect)
        case MakeGroup():
            make_group(state, effect)
        case ChangeAccountFiles():
            change_groups(state, effect)
        case MakeAccount():
            make_account(state, effect)
        case RemoveAccount():
            remove_account(state, effect)
        case ChangeAccount():
            change_account(state, effect)
        case RenameAccount():
            rename_account(state, effect)
        case NeedAccount():
            state.lacks(effect.name.literal or "")
        case _:
            pass


_OF_ROOT = (ChangeOwner, ChangeMode, MakeAccount, RemoveAccount, ChangeAccount, RenameAccount)


def _is_let_fail_for_its_user(state: BuildState, effect: Effect) -> bool:
    """Whether a command that is root's alone, or the owner's, is somebody else's, and nobody would notice that it fails."""
    user = owner_of(effect)
    if user == "root" or effect.command is None or not effect.command.ignores_failure:
        return False
    if not isinstance(effect, ChangeMode):
        return True
    path = at(effect.path)
    node = state.tree.get(path) if path is not None and not effect.recursive else None
    return node is None or node.owner != user


def _may_be_refused(state: BuildState, effect: Write | MakeDirectory | Link | Copy | Remove) -> bool:
    """Whether the user may lack the permission to write there, and nobody would go on noticing."""
    user = owner_of(effect)
    if user == "root" or effect.command is None or not effect.command.ignores_failure:
        return False
    path = at(effect.target if isinstance(effect, Copy) else effect.path)
    if path is None:
        return False
    if isinstance(effect, Copy) and any(_is_not_for(state, user, source) for source in effect.sources):
        return True
    folder = dirname(state.tree.resolve(path))
    while folder != "/" and state.tree.get(folder) is None:
        folder = dirname(folder)
    node = state.tree.get(folder)
    if node is None or node.owner == "":
        return True
    return node.owner != user and not (node.mode is not None and node.mode & 0o002)


def _is_not_for(state: BuildState, user: str, source: Text) -> bool:
    """Whether a user may lack the permission to read a file."""
    path = at(source)
    node = state.tree.get(path) if path is not None else None
    return node is not None and node.owner != user and not (node.mode is not None and node.mode & 0o004)


def _may_lack_its_folder(state: BuildState, effect: Write | MakeDirectory | Link | Copy | Remove) -> bool:
    """Whether it goes into a folder that only the distribution itself may have, no package being installed, and nobody would
    notice that it fails."""
    if effect.command is None or not effect.command.ignores_failure or state.packages:
        return False
    if isinstance(effect, Remove) or (isinstance(effect, MakeDirectory | Copy) and effect.parents):
        return False
    path = at(effect.target if isinstance(effect, Copy) else effect.path)
    if path is None:
        return False
    folder = state.tree.resolve(path)
    folder = folder if isinstance(effect, Copy | Link) and effect.into else dirname(folder)
    if folder == "/" or state.exists(folder) is not None:
        return False
    return all(only_packages(cloud) for cloud in state.tree.clouds if cloud.covers(folder))


def _unpack(state: BuildState, effect: Unpack) -> None:
    into = at(effect.into)
    archive = effect.url or _fetched_from(state, effect.archive) or effect.archive.canonical
    if into is None:
        reason = f"{effect.place} unpacks an archive to a place that cannot be read off it"
        state.open(effect.into, reason)
        if carries_an_image(archive) and not effect.into.prefix:
            state.tree.open(Cloud(reason, S6_PLACES))
        return
    members = unpacked(archive, into, effect.members, effect.excludes)
    if members is None and _unpack_known(state, effect, into):
        return
    if members is None:
        spares = spared_by(archive, into)
        whole = into == "/" or carries_an_image(archive) or is_of_a_distribution(archive)
        if into in ("/", "/etc") and (not effect.members or any("etc" in member for member in effect.members)):
            state.doubt_accounts(f"{effect.place} may bring accounts")
        by = None if whole else "archive"
        state.tree.open(Cloud(f"{effect.place} unpacks {basename(archive)} there", (into,), spares, by=by))
        return
    _put_release(state, effect, members(effect.place, state.image))
    for cloud in open_by_release(f"{effect.place} unpacks {basename(archive)} there", archive, into, effect.members):
        state.tree.open(cloud)


def open_by_release(reason: str, archive: str, into: str, members: tuple[str, ...] = ()) -> Iterator[Cloud]:
    """Where an archive of s6-overlay puts what is not listed of it."""
    opened = opened_by(archive, into, members)
    if opened:
        yield Cloud(reason, opened)
    further = further_commands(archive, into)
    if further is not None:
        yield Cloud(reason, (further[0],), test=further[1])


def _put_release(state: BuildState, effect: Unpack, members: Iterable[tuple[str, Node]]) -> None:
    """Put the members of a release's archive. tar replaces a link by the folder of the archive unless it is told to follow
    it, and where it follows, two members may come to one place: which is left, their order in the archive decides."""
    seen: dict[str, str] = {}
    replaced: set[str] = set()
    for path, node in members:
        folder = dirname(path)
        above = state.tree.nodes.get(folder)
        if above is not None and above.kind == "link" and not effect.follows_links and not effect.members:
            replaced.add(folder)
        real = state.tree.resolve(path, last=node.kind == "directory")
        sure = effect.sure and folder not in replaced and seen.get(real, node.kind) == node.kind
        seen[real] = node.kind
        state.settle(path, node, sure=sure)


def _unpack_known(state: BuildState, effect: Unpack, into: str) -> bool:
    """Unpack an archive whose bytes are at hand; False where they are not, or not all of it is understood."""
    path = at(effect.archive)
    node = state.tree.get(path) if path is not None else None
    data = node.blob.data if node is not None and node.sure else None
    if data is None or not effect.sure or effect.members or effect.excludes:
        return False
    zipped = effect.command is not None and effect.command.name == "unzip"
    members = zip_members_of(data) if zipped else members_of(data)
    if members is None or isinstance(members, Unknown):
        return False
    as_root = owner_of(effect) == "root"
    keeps_mode = not zipped and (as_root if effect.keeps_mode is None else effect.keeps_mode)
    keeps_owner = not zipped and as_root and effect.keeps_owner is not False
    umask = umask_of(effect)
    for member in members:
        parts = [part for part in member.path.split("/") if part not in ("", ".")][effect.strip :]
        if not parts:
            continue
        place = normal(f"{into}/{'/'.join(parts)}")
        state.make_parents(place, effect)
        mode: int | None = member.mode
        if not keeps_mode:
            mode = None if umask is None else member.mode & ~umask
        owner = owner_of(effect)
        if keeps_owner:
            owner = "root" if member.uid == 0 else str(member.uid)
        blob = Blob.of(member.data) if member.data is not None else Blob()
        made = Node(member.kind, effect.place, state.image, mode=mode, owner=owner, target=member.target, blob=blob)
        old = state.tree.nodes.get(state.tree.resolve(place, last=False))
        if old is not None and old.kind != "directory":
            state.tree.remove(place)
        state.tree.put(place, made)
        if member.kind == "directory":
            state.change(place, partial(_with_attributes_of, made))
    return True


def _with_attributes_of(made: Node, old: Node) -> Node:
    return replace(old, mode=made.mode, owner=made.owner)


def _fetched_from(state: BuildState, archive: Text) -> str | None:
    """The address that an earlier instruction fetched the archive from."""
    path = at(archive)
    node = state.tree.get(path) if path is not None else None
    return node.provides if node is not None and node.provides and "://" in node.provides else None


_OF_A_DISTRIBUTION = pattern(
    r"(?i)minirootfs|-(?:core-)?cloudimg-[\w-]{0,80}root|ubuntu-base-\d|archlinux-bootstrap|container-(?:base|minimal)"
)
"""The names under which Alpine, Ubuntu, Arch and Fedora publish their root file systems."""


def spared_by(archive: str, into: str) -> tuple[str, ...]:
    """What an archive of unknown content leaves alone when it is unpacked at `into`, as its name has it."""
    if is_of_a_distribution(archive):
        return tuple(f"{into.rstrip('/')}{place}" for place in IMAGE_PLACES)
    return IMAGE_PLACES if into == "/" and not carries_an_image(archive) else ()


def is_of_a_distribution(archive: str) -> bool:
    """Whether it is the root file system that a distribution publishes: it holds nothing of s6-overlay, nor anybody's home."""
    return _OF_A_DISTRIBUTION.search(basename(archive)) is not None


def carries_an_image(archive: str) -> bool:
    """Whether an archive of that name may hold a root file system that is more than a distribution's, or the start of one: one
    whose name nobody knows may."""
    named = _NOT_NAMES.sub("", basename(archive))
    return not named or (
        not is_of_a_distribution(archive) and any(word in archive for word in ("s6", "rootfs", "overlay"))
    )


def _install(state: BuildState, effect: InstallPackages) -> None:
    names = [package_name(package) for package in effect.packages]
    if effect.removes:
        return
    for name in names:
        state.packages.add(UNKNOWN_PACKAGE if name is None or _may_be_any(name) else name.split("=")[0].split(":")[0])
    if not names and effect.manager in _OF_DISTRIBUTIONS and _INSTALLS.search(str(effect.command)):
        state.packages.add(UNKNOWN_PACKAGE)  # a variable that is empty here names them
    if names and effect.manager in _OF_DISTRIBUTIONS:
        _doubt_alternatives(state)
        for name in names:
            _take_alternatives(state, effect, _ALTERNATIVES.get((name or "").split("=")[0].split(":")[0], {}))
    if effect.manager == "apk" and "s6-overlay" in state.packages:
        for path, node in package_members(effect.place, state.image):
            state.tree.put(path, node)


def _may_be_any(name: str) -> bool:
    """Whether a package is given as a file or an address that tells little of it; not those that only name a repository."""
    return name.endswith(_PACKAGE_FILES) and _OF_REPOSITORIES.search(name) is None


def _doubt_alternatives(state: BuildState) -> None:
    """A package that another one needs may have taken the names over."""
    for path in (f"/etc/alternatives/{name}" for targets in _ALTERNATIVES.values() for name in targets):
        node = state.tree.nodes.get(path)
        if node is not None:
            state.tree.nodes[path] = replace(node, sure=False)


def _take_alternatives(state: BuildState, effect: InstallPackages, targets: Mapping[str, str]) -> None:
    """Lead the names that a package takes for itself to its programs, where the image has them from another."""
    sure = effect.sure and owner_of(effect) == "root" and not (effect.command and effect.command.ignores_failure)
    for name, target in targets.items():
        path = f"/etc/alternatives/{name}"
        node = state.tree.nodes.get(path)
        if node is not None and node.kind == "link":
            state.tree.nodes[path] = replace(node, target=target, sure=True) if sure else replace(node, sure=False)


def _opens(state: BuildState, effect: Opens) -> None:
    for path in effect.below:
        forget_content(state, path)
    if effect.by == "packages":
        if "/etc" in effect.below:
            state.tree.open(Cloud(effect.reason, _MADE_BY_PACKAGES, by=effect.by))
        forget_account_files(state)
        for path in _KEPT_BY_PACKAGES:
            forget_content(state, path)
    for path in effect.handles:
        _handled(state, path)
    accounts = not effect.spares or effect.accounts or _may_be_any_command(effect)
    elsewhere = accounts or effect.command is None or effect.command.name not in PACKAGE_COMMANDS
    state.tree.open(Cloud(effect.reason, effect.below, effect.spares, by=effect.by, accounts=elsewhere))
    if "/" in effect.below and accounts:
        state.doubt_accounts(effect.reason)


def _handled(state: BuildState, path: str) -> None:
    """What a program was given may have another mode and text now: which cannot be known."""
    real = state.tree.resolve(path)
    node = state.tree.nodes.get(real)
    for one, each in [*([(real, node)] if node is not None else []), *state.tree.below(real)]:
        if each.kind == "file":
            state.tree.nodes[one] = replace(each, mode=None, blob=UNKNOWN_BLOB, text=None)


def _may_be_any_command(effect: Opens) -> bool:
    """Whether not even the name of the program is known (`"${make_account[@]}"`)."""
    return effect.command is not None and bool(effect.command.argv) and effect.command.argv[0].literal is None


def accounts_along(accounts: Accounts, effects: Iterable[Effect]) -> Iterator[tuple[Effect, Accounts]]:
    """Each effect of a RUN with the accounts that are there when it comes, from those before the RUN."""
    state = BuildState.of(Tree({}).edit(), accounts, "")
    state.tree.open(Cloud("the files of the image are not looked at here"))
    for effect in effects:
        yield effect, state.frozen_accounts()
        apply(state, effect)
