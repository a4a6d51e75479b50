"""A mapping that grows, and views of it as it was: they share what they hold, so that a thousand of them stay small."""

from collections.abc import Iterator, Mapping, MutableMapping
from typing import TypeVar

V = TypeVar("V")
_MOST_CHANGES = 96
_GONE = object()


class _View(Mapping[str, V]):
    """What a mapping held once: a base that others share, and what was changed since it was made."""

    __slots__ = ("_base", "_changes")

    def __init__(self, base: Mapping[str, V], changes: Mapping[str, object]) -> None:
        self._base = base
        self._changes = changes

    def __getitem__(self, name: str) -> V:
        if name not in self._changes:
            return self._base[name]
        if (value := self._changes[name]) is _GONE:
            raise KeyError(name)
        return value  # type: ignore[return-value]

    def __iter__(self) -> Iterator[str]:
        yield from (name for name in self._base if name not in self._changes)
        yield from (name for name, value in self._changes.items() if value is not _GONE)

    def __len__(self) -> int:
        return sum(1 for _ in self)


class Growing(MutableMapping[str, V]):
    """A mapping by names that gives cheap views of itself."""

    __slots__ = ("_base", "_changes", "_pending", "_view")

    def __init__(self, given: Mapping[str, V]) -> None:
        self._base = dict(given)
        self._changes: dict[str, object] = {}
        self._pending: dict[str, object] = {}
        self._view: Mapping[str, V] = self._base

    def __getitem__(self, name: str) -> V:
        if name not in self._pending:
            return self._view[name]
        if (value := self._pending[name]) is _GONE:
            raise KeyError(name)
        return value  # type: ignore[return-value]

    def __setitem__(self, name: str, value: V) -> None:
        self._pending[name] = value

    def __delitem__(self, name: str) -> None:
        if name not in self:
            raise KeyError(name)
        self._pending[name] = _GONE

    def __iter__(self) -> Iterator[str]:
        return iter(self.view())

    def __len__(self) -> int:
        return len(self.view())

    def view(self) -> Mapping[str, V]:
        """The mapping as it is now; later changes do not show in it."""
        if self._pending:
            self._changes = {**self._changes, **self._pending}
            self._pending = {}
            self._view = _View(self._base, self._changes)
            if len(self._changes) > max(_MOST_CHANGES, len(self._base)):
                self._base = dict(self._view)
                self._changes = {}
                self._view = self._base
        return self._view
