"""The image's files while a RUN runs: each command finds what those before it have left."""

from collections.abc import Sequence
from typing import Literal

from ..commands.model import Command, Reading
from ..commands.redirections import unopened
from ..effects.model import Effect
from ..effects.places import PROGRAM_FOLDERS
from ..effects.read import EffectReader, effects_of_unread
from ..image.accounts import UNKNOWN_PACKAGE
from ..image.script_files import text_of
from ..text.errors import Unknown
from ..text.numbers import natural
from ..text.symbolic import Text
from .apply import apply
from .build_state import BuildState, account_name

_MOST_BELOW = 2000


class RunFiles:
    """Applies what the commands of a RUN do as soon as the next one asks (`Files` of the commands' reading)."""

    def __init__(self, state: BuildState) -> None:
        self.state = state
        self.reader = EffectReader(self)
        self.effects: list[tuple[Effect, ...]] = []

    def catch_up(self, commands: Sequence[Command]) -> bool:
        behind = len(self.effects) < len(commands)
        while len(self.effects) < len(commands):
            command = commands[len(self.effects)]
            found = self.reader.read(command)
            self.effects.append(found)
            self.state.refused = unopened(command, self)
            for effect in found:
                apply(self.state, effect)
        return behind

    def revise(self, index: int, command: Command) -> None:
        if index < len(self.effects):
            found = EffectReader(self).read(command)
            self.effects[index] = found
            for effect in found:
                apply(self.state, effect)

    def finish(self, reading: Reading, user: Text) -> tuple[Effect, ...]:
        """All effects, in order, once the last command has been read."""
        self.catch_up(reading.commands)
        last = reading.commands[-1].user if reading.commands else user
        unread = effects_of_unread(reading.unread, last)
        for effect in unread:
            apply(self.state, effect)
        return (*(effect for found in self.effects for effect in found), *unread)

    # What is known of the files (`Sight`)

    def text(self, path: str) -> str | None:
        node = self.state.tree.get(path)
        if node is None or node.kind != "file" or not node.sure or node.inserted:
            return None
        data = node.blob.data
        if data is None or b"\0" in data[:4096]:
            mapped = text_of(node) if data is None else None
            return mapped.text if mapped is not None else None
        return data.decode("utf-8", "surrogateescape")

    def kind(self, path: str, *, follow: bool = True) -> Literal["file", "directory", "link", "nothing"] | None:
        real = self.state.tree.resolve(path, last=follow)
        node = self.state.tree.nodes.get(real)
        if node is not None:
            return node.kind if node.sure else None
        there = self.state.exists(path, follow=follow)
        if there is True:
            return "directory" if real in ("/", "/dev", "/proc", "/sys") else "file"
        return "nothing" if there is False else None

    def mode(self, path: str) -> int | None:
        node = self.state.tree.get(path)
        return node.mode if node is not None else None

    def below(self, path: str) -> Sequence[tuple[str, str]] | None:
        tree = self.state.tree
        real = tree.resolve(path)
        found = tree.below(real)
        if len(found) > _MOST_BELOW or any(not node.sure for _, node in found):
            return None
        inside = [real, *(one for one, node in found if node.kind == "directory")]
        if any(isinstance(tree.closed(one), Unknown) for one in inside):
            return None
        return [(one, node.kind) for one, node in found]

    def account(self, name: str) -> bool | None:
        accounts = self.state.frozen_accounts()
        number = natural(name)
        if number is not None and name not in accounts.known:  # `id 1000` looks the number up where no name is like it
            if any(account.uid == number for account in accounts.known.values() if account.sure) or number == 0:
                return True
            may = accounts.open is not None or accounts.packages or any(not one.sure for one in accounts.known.values())
            return None if may else False
        found = accounts.get(name)
        return None if isinstance(found, Unknown) else found is not None

    def home(self, name: str) -> str | None:
        account = self.state.accounts.get(name)
        return account.home if account is not None and account.sure else None

    def refused(self) -> bool:
        return self.state.refused

    def may_deny(self, path: str, user: Text, permission: int) -> bool:
        name = account_name(user)
        node = self.state.tree.get(path)
        if name == "root" or node is None:
            return False
        return node.mode is None or not node.mode >> (6 if node.owner == name else 0) & permission

    def has_program(self, name: str) -> bool:
        if any(self.state.exists(f"{folder}/{name}") is True for folder in PROGRAM_FOLDERS):
            return True
        return any(name in package or package in (name, UNKNOWN_PACKAGE) for package in self.state.packages)
