"""What Linux distributions and their packages bring by custom, where no profile of an image says it: a data file and its reader.

All of it is experience, not proof: it may keep a finding back, and what rests on it alone is no error.

- `package-accounts`: accounts that packages are known to create, beside those that are named like the package itself.
- `packages-without-accounts`: packages that bring none.
- `log-folders`: what distributions themselves have in /var/log.
- `server-folders`: what packages of servers have in /srv, which is the user's otherwise (FHS 3.0, 3.17).
"""

import json
from functools import cache

from ..late.dataclasses import dataclass
from ..late.package_files import text_in


@dataclass(frozen=True, slots=True)
class Distributions:
    """The customs of distributions, as the data file says them."""

    package_accounts: frozenset[str]
    packages_without_accounts: frozenset[str]
    log_folders: frozenset[str]
    server_folders: frozenset[str]


@cache
def distributions() -> Distributions:
    """The customs of distributions."""
    said = json.loads(text_in(__package__ or "", "distributions.json"))
    return Distributions(
        frozenset(said["package-accounts"]),
        frozenset(said["packages-without-accounts"]),
        frozenset(said["log-folders"]),
        frozenset(said["server-folders"]),
    )
