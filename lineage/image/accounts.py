"""The accounts that an image holds once it is built, and which of them a package may have brought."""

from collections.abc import Mapping

from ..late.dataclasses import dataclass, field
from ..text.errors import Unknown, met
from ..text.numbers import natural
from ..text.places import Place
from .distributions import distributions

# Groups that distribution packages are known to create without an account of that name.
PACKAGE_GROUPS = frozenset(
    """adm audio bluetooth cdrom clock crontab dialout docker floppy fuse gpio i2c input kvm lpadmin lxd messagebus mlocate
    netdev nvpd plocate plugdev postdrop power pulse-access rdma render sambashare sasl scanner sgx shadow spi ssh ssl-cert
    staff storage sudo systemd-journal systemd-network tape users utempter utmp vboxsf vboxusers video wheel winbindd_priv
    wireshark""".split()
)


@dataclass(frozen=True, slots=True)
class Account:
    """An entry of /etc/passwd. `uid` and `home` are None where they cannot be known. `place` is None for a profile's."""

    name: str
    uid: int | None = None
    home: str | None = None
    place: Place | None = None
    image: str = ""
    sure: bool = True


@dataclass(frozen=True, slots=True)
class Group:
    """An entry of /etc/group. `gid` is None where it cannot be known; `sure` is false where it may not be there."""

    gid: int | None = None
    sure: bool = True


_FIRST_USER = 1000
"""Packages take numbers below (Debian Policy 9.2.2; Fedora and Alpine alike)."""
UNKNOWN_PACKAGE = "${?}"
"""Stands in `packages` for one whose name cannot be known."""


@dataclass(frozen=True, slots=True)
class Accounts:
    """The accounts of an image.

    `open` says why other accounts may exist (an unknown parent, an unread script); None where only `packages` can have
    brought more. `removed` are names that were taken out again.
    """

    known: Mapping[str, Account] = field(default_factory=lambda: dict[str, Account]())
    packages: frozenset[str] = frozenset()
    open: Unknown | None = None
    removed: frozenset[str] = frozenset()
    groups: Mapping[str, Group] | None = None
    """The groups, beside those that packages bring; None where they are not known."""

    def lacks_group(self, name: str) -> bool | None:
        """Whether there is no group of that name or number; None where that cannot be known, or it may have been made."""
        if self.groups is None or self.open is not None or not name:
            return None
        number = natural(name)
        found = [self.groups[name]] if name in self.groups else []
        if number is not None and not found:
            found = [one for one in self.groups.values() if one.gid is None or one.gid == number]
        if any(one.sure and (number is None or one.gid == number) for one in found):
            return False
        if found or (self.packages and (number is not None or name in PACKAGE_GROUPS)):
            return None
        return None if self.packages and isinstance(self.get(name), Unknown) else True

    @property
    def others(self) -> str | None:
        """Why accounts may be there that are not known by name; None where there surely are none."""
        if self.open is not None:
            return self.open.reason
        return "installed packages may bring accounts" if self.packages else None

    def get(self, name: str) -> Account | Unknown | None:
        """The account of that name; None if there surely is none."""
        account = self.known.get(name)
        if account is not None:
            return account if account.sure else Unknown(f"the account {name} is made only under a condition")
        if self.open is not None:
            return met(self.open)
        if name == "root" and name not in self.removed:
            return Account(name, 0, "/root")  # the runtime knows it where no /etc/passwd does
        if self.packages and name in distributions().package_accounts:
            return Unknown(f"an installed package may bring the account {name}")
        bare = name.removeprefix("Debian-").lstrip("_")  # packages of Debian bring `Debian-exim`, `_chrony`
        bringing = [package for package in self.packages if bare and self._may_bring(package, name, bare)]
        if not bringing:
            return None
        likeliest = min(bringing, key=lambda package: (package == UNKNOWN_PACKAGE, package != bare, package))
        what = "a package whose name is not known" if likeliest == UNKNOWN_PACKAGE else f"the package {likeliest}"
        return Unknown(f"{what} may bring the account {name}")

    def _may_bring(self, package: str, name: str, bare: str) -> bool:
        return bare in package or package in bare or (package == UNKNOWN_PACKAGE and name not in self.removed)

    def by_uid(self, uid: int) -> Account | Unknown | None:
        """The account with that number; None if there surely is none."""
        for account in self.known.values():
            if account.uid == uid:
                return account
        if self.open is not None:
            return met(self.open)
        return (
            Unknown(f"an installed package may bring the account {uid}")
            if self.packages and uid < _FIRST_USER
            else None
        )
