"""What commands do to files, modes and accounts, as far as can be read off their words.

The same reading serves a RUN at build time and a start script at run time; who applies the effects decides what they
mean. A path that ends in an unknown piece stands for something below its known part. Paths are absolute and normalised
(no `..`, no `//`, no trailing `/`) wherever the working directory is known.
"""

from typing import Literal

from ..commands.model import Command
from ..late.dataclasses import dataclass, field
from ..text.places import Place
from ..text.symbolic import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """Something a command does. `sure` is false where it stands under a condition, in a loop of unknown turns, or may
    fail.
    """

    place: Place
    user: Text
    sure: bool = True
    command: Command | None = field(default=None, compare=False, repr=False)
    """The command it was read off; None for effects that a bundled profile states."""
    groups: tuple[Text, ...] = field(default=(), compare=False, repr=False)
    """Groups, by name or number, without any of which the command does nothing but fail."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MakeAccount(Effect):
    """useradd, adduser, or a line appended to /etc/passwd."""

    name: Text
    uid: Text | None = None
    gid: Text | None = None
    home: Text | None = None
    """None where the command leaves it to its default, /home/NAME."""
    makes_home: bool = False
    base: Text | None = None
    """The directory that the default home lies in (`useradd -b`); None for /home."""
    skeleton: Text | None = None
    """The directory whose files a new home gets; None for /etc/skel."""
    home_mode: int | None = None
    """The mode of the home that is made, where the command has its own idea of it."""
    home_umask: int | None = None
    """What the command takes from the home's mode, unless the image has a mode for homes (`useradd -K UMASK=027`)."""
    allows_same_uid: bool = False
    system: bool = False
    new_group: bool = False
    """It makes a group of the account's name, and fails where there is one (useradd)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveAccount(Effect):
    """userdel, deluser. `removes_home`: with the home directory."""

    name: Text
    removes_home: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeAccount(Effect):
    """usermod: what it sets, None for what stays."""

    name: Text
    uid: Text | None = None
    gid: Text | None = None
    home: Text | None = None
    moves_home: bool = False
    allows_same_uid: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RenameAccount(Effect):
    """usermod -l NEW OLD."""

    name: Text
    new_name: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class MakeGroup(Effect):
    name: Text
    gid: Text | None = None
    fails_if_there: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeAccountFiles(Effect):
    """groupmod, groupdel, passwd, chsh, usermod -aG…: lines of the files that hold accounts and groups are others, or gone."""

    old_group: Text | None = None
    """The group that is no longer there by its name (groupdel, groupmod -n)."""
    new_group: Text | None = None
    """The name that it has instead."""
    new_gid: Text | None = None
    """The number that it has instead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedAccount(Effect):
    """The command fails unless the account exists. `by` is the command: chown, su, sudo, gosu, s6-setuidgid, usermod,
    passwd, install…
    """

    name: Text
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Write(Effect):
    """A file written (`>`, `tee`, `touch`, `sed -i`, `curl -o`). `content` is None where it cannot be known."""

    path: Text
    content: Text | None = None
    append: bool = False
    keeps: bool = False
    """The file's old content and mode stay in part (touch, sed -i)."""
    replaces: bool = False
    """A new file takes the name, also where that is a link (sed -i, sort -o keep mode and owner of what was there)."""
    inserts: tuple[str, ...] = ()
    """Lines that are added to what is kept (the commands `a` and `i` of sed -i)."""
    reads: tuple[Text, ...] = ()
    """Files for whose lines it is written (awk): a folder among them has none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MakeDirectory(Effect):
    path: Text
    mode: int | None = None
    parents: bool = False
    parents_mode: int | None = None
    """The mode of the directories above that are missing; None: what the umask leaves of 0777."""
    owner: str | None = None
    """Whom `install -o` gives it to, without whom it makes nothing; that it does so is an effect of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy(Effect):
    """cp, install, mv (`moves`), rsync. `target` is as it stands in the command; `into` says that it is surely a
    directory.
    """

    sources: tuple[Text, ...]
    """May hold glob characters, which are marked by `globs`."""
    target: Text
    globs: bool = False
    into: bool = False
    onto_file: bool = False
    """`-T`: the target is a file or directory name, never a directory to copy into."""
    recursive: bool = False
    moves: bool = False
    no_clobber: bool = False
    keeps_owner: bool = False
    keeps_mode: bool = False
    usual_mode: bool = False
    """What comes into being gets the mode of any new file (`--no-preserve=mode`)."""
    mode: int | None = None
    owner: Text | None = None
    follows: Literal["none", "operands", "all"] = "all"
    """Which symbolic links are replaced by what they lead to: none (`-P`, `-d`, `-a`), the operands (`-H`), all (`-L`)."""
    fresh: bool = False
    """What is at the target is removed first (install, `--remove-destination`)."""
    makes: Literal["copy", "hard", "symbolic"] = "copy"
    """What stands for a file: a copy, or a link to it (`-l`, `-s`)."""
    parents: bool = False
    """The source's whole path is made below the target (`--parents`)."""
    backup: str = ""
    """What is appended to the name of a file that would be replaced (`-b`, `-S`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link(Effect):
    """ln. `target` is what the link points to, as written."""

    target: Text
    path: Text
    symbolic: bool = True
    force: bool = False
    into: bool = False
    """`path` is surely a directory, the link is made in it under the target's name."""
    onto_file: bool = False
    """`-T`: what is at `path` is replaced or in the way, never a directory to make the link in."""
    onto_link: bool = False
    """`-n`: a link to a directory at `path` is itself replaced; a directory gets the link."""
    relative: bool = False
    """`-r`: `target` is where it points to; the link is written relative to its own directory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Remove(Effect):
    """rm, rmdir, unlink, find -delete. With `names` or `types` only entries below `path` whose base name matches the
    glob, and which are of that type (`f`, `d`, `l`).
    """

    path: Text
    recursive: bool = False
    globs: bool = False
    force: bool = False
    names: str | None = None
    types: str | None = None
    empty: bool = False
    """Only directories that hold nothing (rmdir, rm -d, find -empty)."""
    parents: bool = False
    """The directories above, too, as far as they are empty then (rmdir -p)."""
    least: int = 0
    """How deep below `path` it begins (find -mindepth)."""
    most: int | None = None
    """How deep below `path` it ends (find -maxdepth); None for no end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeMode(Effect):
    """chmod. `names` and `types` as of Remove (find -exec chmod)."""

    path: Text
    mode: str
    """As written: `755`, `+x`, `a+rX`; empty where it is that of `reference`."""
    recursive: bool = False
    globs: bool = False
    names: str | None = None
    types: str | None = None
    least: int = 0
    most: int | None = None
    reference: Text | None = None
    """The file whose mode it gets (`--reference`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeOwner(Effect):
    """chown, chgrp. `names` and `types` as of Remove."""

    path: Text
    owner: Text | None
    group: Text | None = None
    recursive: bool = False
    globs: bool = False
    names: str | None = None
    types: str | None = None
    least: int = 0
    most: int | None = None
    reference: Text | None = None
    """The file whose owner it gets (`--reference`)."""
    itself: bool = False
    """A link is changed, not what it leads to (`-h`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unpack(Effect):
    """An archive unpacked below `into`. `members` are the member patterns asked for (none: all), `excludes` those left
    out.
    """

    archive: Text
    into: Text
    members: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()
    url: str | None = None
    """Where the archive came from, where the same RUN or ADD fetched it."""
    follows_links: bool = False
    """-h / --keep-directory-symlink."""
    strip: int = 0
    """--strip-components."""
    keeps_mode: bool | None = None
    """Whether members get the modes that the archive has, whatever the umask; None: where root unpacks it."""
    keeps_owner: bool | None = None
    """Whether members get the owners that the archive has; None: where root unpacks it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InstallPackages(Effect):
    """apt-get, apk, dnf, yum, zypper, pip, npm, conda, gem… `manager` is the command. Removal has `removes`."""

    manager: str
    packages: tuple[Text, ...]
    removes: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Execute(Effect):
    """A program or script run by path. `interpreter` is given where one was named before it (`bash x.sh`)."""

    path: Text
    arguments: tuple[Text, ...] = ()
    interpreter: str | None = None
    globs: bool = False
    read: bool = False
    """What it does has been read: its effects follow."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opens(Effect):
    """The command may write, change or remove files at places that cannot be read off it.

    `below` are the directories it may touch (`/` for anywhere), `spares` those below them that it surely leaves alone.
    """

    reason: str
    below: tuple[str, ...] = ("/",)
    spares: tuple[str, ...] = ()
    may_remove: bool = False
    """False for what only adds (package installs); then a file known to be there stays known."""
    limit: bool = False
    """Whether it stands for a script that asks for more than is followed."""
    by: str | None = None
    """`packages`: it is what a distribution's packages, or their scripts, do, or others that go to the same places."""
    fetched: str | None = None
    """The address of the program that is fetched and run."""
    handles: tuple[str, ...] = ()
    """Files and folders that the program is given or names: it may change modes and contents of what is there."""
    accounts: bool = False
    """Whether it may make accounts, though there are places that it leaves alone."""
