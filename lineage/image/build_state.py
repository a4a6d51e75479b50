"""The image while a stage is built: its tree and accounts, as the effects so far have made them."""

from dataclasses import dataclass, field
from posixpath import dirname
from typing import Literal

from ..effects.model import Effect
from ..effects.places import IMAGE_PLACES
from ..text.errors import Unknown
from ..text.symbolic import Text
from .accounts import Account, Accounts
from .tree import Cloud, Node, TreeBuilder, normal


@dataclass(slots=True)
class BuildState:
    """The image while the instructions of a stage are applied."""

    tree: TreeBuilder
    accounts: dict[str, Account]
    packages: set[str] = field(default_factory=lambda: set[str]())
    accounts_open: Unknown | None = None
    image: str = ""
    removed: set[str] = field(default_factory=lambda: set[str]())

    @classmethod
    def of(cls, tree: TreeBuilder, accounts: Accounts, image: str) -> "BuildState":
        return cls(tree, dict(accounts.known), set(accounts.packages), accounts.open, image, set(accounts.removed))

    def frozen_accounts(self) -> Accounts:
        return Accounts(
            dict(self.accounts),
            frozenset(self.packages),
            self.accounts_open,
            frozenset(self.removed - self.accounts.keys()),
        )

    def doubt_accounts(self, reason: str) -> None:
        if self.accounts_open is None:
            self.accounts_open = Unknown(reason)

    def node(self, kind: Literal["file", "directory"], effect: Effect, mode: int | None = None) -> Node:
        return Node(kind, effect.place, self.image, mode=mode, sure=effect.sure)

    def open(self, path: Text | str, reason: str) -> None:
        """A writer at a path that is only partly known: anything below its known part may have changed."""
        text = path if isinstance(path, Text) else Text.of(path)
        literal = text.literal
        if literal is not None:
            self.tree.open(Cloud(reason, (normal(literal),)))
            return
        prefix = text.prefix
        if not prefix.startswith("/"):
            # A path that is wholly a variable is, in builds, a download or work folder; it is not one of the places
            # that only an image's own files live in.
            self.tree.open(Cloud(reason, ("/",), IMAGE_PLACES))
            return
        self.tree.open(Cloud(reason, (normal(dirname(prefix) if not prefix.endswith("/") else prefix),)))
