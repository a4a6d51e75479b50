"""Data classes as the standard library's `dataclasses` makes them, but each method is made when it is first called.

The standard decorator writes and compiles an `__init__`, `__eq__`, `__hash__` and more for every class as its module is
loaded. Most classes are never used in a run, and of those that are most are never compared: with some hundred classes this
was a third of a cold start. Here a class gets stand-ins. One does by hand what is asked of it, until it was called so often
that the method pays for being written and compiled, and takes its place.

What the standard decorator does is done here for the arguments below: same fields, order, defaults, equality, hash,
`repr`, `__match_args__`, pickling and `FrozenInstanceError`. `dataclasses.replace`, `fields` and `asdict` know the classes.
"""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, cast, dataclass_transform, overload

if TYPE_CHECKING:
    from dataclasses import Field

T = TypeVar("T")


class NoDefault:
    """No default."""


MISSING = NoDefault()


class FieldOf:
    """One field of a data class."""

    __slots__ = ("annotation", "compare", "default", "default_factory", "init", "kw_only", "name", "repr")

    def __init__(
        self,
        default: object = MISSING,
        default_factory: Callable[[], object] | None = None,
        init: bool = True,
        repr: bool = True,
        compare: bool = True,
    ) -> None:
        self.name = ""
        self.annotation: object = None
        self.kw_only = False
        self.default = default
        self.default_factory = default_factory
        self.init = init
        self.repr = repr
        self.compare = compare

    @property
    def required(self) -> bool:
        """Whether there is no default."""
        return self.default is MISSING and self.default_factory is None


@overload
def field(*, default: T, init: bool = True, repr: bool = True, compare: bool = True) -> T: ...
@overload
def field(*, default_factory: Callable[[], T], init: bool = True, repr: bool = True, compare: bool = True) -> T: ...
@overload
def field(*, init: bool = True, repr: bool = True, compare: bool = True) -> Any: ...
def field(**given: Any) -> Any:
    """A field with more to it than a default; the arguments are those of `dataclasses.field`."""
    return FieldOf(**given)


@overload
def dataclass(cls: type[T], /) -> type[T]: ...
@overload
def dataclass(
    *,
    frozen: bool = False,
    slots: bool = False,
    order: bool = False,
    eq: bool = True,
    repr: bool = True,
    kw_only: bool = False,
) -> Callable[[type[T]], type[T]]: ...
@dataclass_transform(field_specifiers=(field,))
def dataclass(
    cls: type[T] | None = None,
    /,
    *,
    frozen: bool = False,
    slots: bool = False,
    order: bool = False,
    eq: bool = True,
    repr: bool = True,
    kw_only: bool = False,
) -> type[T] | Callable[[type[T]], type[T]]:
    """Make a data class of the fields that a class annotates; the arguments are those of `dataclasses.dataclass`."""

    def made(plain: type[T]) -> type[T]:
        own = _own_fields(plain, kw_only)
        inherited = [one for base in plain.__mro__[-1:0:-1] for one in base.__dict__.get(_FIELDS, ())]
        every = {one.name: one for one in (*inherited, *own)}
        methods: dict[str, Any] = {"__init__": _write_init}
        if repr:
            methods["__repr__"] = _write_repr
        if eq:
            methods["__eq__"] = _write_eq
        if order:
            methods |= dict.fromkeys(_ORDERS, _write_order)
        there: dict[str, Any] = dict(plain.__dict__)
        added: dict[str, Any] = {
            _FIELDS: tuple(every.values()),
            _FROZEN: frozen,
            "__dataclass_fields__": _StandardFields(),
            "__match_args__": tuple(one.name for one in every.values() if one.init and not one.kw_only),
        }
        hashed = there.get("__hash__", MISSING)
        if eq and (hashed is MISSING or (hashed is None and "__eq__" in there)):
            added["__hash__"] = None
            if frozen:
                methods["__hash__"] = _write_hash
        if frozen:
            added |= {"__setattr__": _refuse_to_set, "__delattr__": _refuse_to_delete}
            if slots:
                added |= {"__getstate__": _get_state, "__setstate__": _set_state}
        whole = _with_slots(plain, own, inherited) if slots else _without_fields(plain, own)
        for name, value in added.items():
            if name not in there or name in (_FIELDS, _FROZEN, "__hash__"):
                setattr(whole, name, value)
        for name, write in methods.items():
            if name not in there or name == "__hash__":
                setattr(whole, name, _stand_in(whole, name, write))
        return whole

    return made if cls is None else made(cls)


def fields(of: object) -> tuple[FieldOf, ...]:
    """The fields of a data class or of an instance of one, in order. Raises AttributeError for anything else."""
    return cast(tuple[FieldOf, ...], getattr(of, _FIELDS))


def replace(one: T, /, **changes: Any) -> T:
    """A copy of an instance with some fields changed. Raises TypeError for a name that is no field."""
    for each in fields(one):
        if each.init and each.name not in changes:
            changes[each.name] = getattr(one, each.name)
    return one.__class__(**changes)


_FIELDS = "__late_fields__"
_FROZEN = "__late_frozen__"
_ORDERS = {"__lt__": "<", "__le__": "<=", "__gt__": ">", "__ge__": ">="}


def _own_fields(cls: type, kw_only: bool) -> list[FieldOf]:
    found: list[FieldOf] = []
    for name, annotation in cls.__annotations__.items():
        if _of_class(annotation):
            continue
        given: Any = cls.__dict__.get(name, MISSING)
        one = given if isinstance(given, FieldOf) else FieldOf(given)
        if type(one.default).__hash__ is None:
            raise ValueError(f"{cls.__name__}.{name} is given a default that can change: use default_factory")
        one.name, one.annotation, one.kw_only = name, annotation, kw_only
        found.append(one)
    return found


def _of_class(annotation: object) -> bool:
    if isinstance(annotation, str):
        return annotation.startswith(("ClassVar", "typing.ClassVar"))
    return annotation is ClassVar or getattr(annotation, "__origin__", None) is ClassVar


def _with_slots(plain: type[T], own: list[FieldOf], inherited: list[FieldOf]) -> type[T]:
    """The class anew, with a slot for each of its own fields."""
    above = {one.name for one in inherited}
    body = dict(plain.__dict__)
    for name in ("__dict__", "__weakref__", *(one.name for one in own)):
        body.pop(name, None)
    body["__slots__"] = tuple(one.name for one in own if one.name not in above)
    meta = cast(Any, type(plain))
    whole: type[T] = meta(plain.__name__, plain.__bases__, body)
    whole.__qualname__ = plain.__qualname__
    return whole


def _without_fields(plain: type[T], own: list[FieldOf]) -> type[T]:
    """The class itself, with each field's default as its attribute."""
    for one in own:
        if one.default is not MISSING:
            setattr(plain, one.name, one.default)
        elif one.name in plain.__dict__:
            delattr(plain, one.name)
    return plain


def _stand_in(cls: type, name: str, write: Callable[[type, str], Callable[..., Any]]) -> Callable[..., Any]:
    """A method that does by hand what the real one would; where it is called often, or cannot, it makes the real one,
    puts it in its own place and calls it."""
    by_hand = _BY_HAND.get(name)
    left = _OFTEN if by_hand is not None else 0

    def first(self: object, *args: Any, **given: Any) -> Any:
        nonlocal left
        left -= 1
        if left >= 0 and by_hand is not None:
            done = by_hand(cls, self, args, given)
            if done is not _CANNOT:
                return done
        real = write(cls, name)
        setattr(cls, name, real)
        return real(self, *args, **given)

    first.__name__ = name
    first.__qualname__ = f"{cls.__qualname__}.{name}"
    return first


_OFTEN = 40
"""Calls after which a method is written: to compile one takes as long as to do some fifty times by hand what it does."""
_CANNOT = object()


def _init_by_hand(cls: type, self: object, args: tuple[Any, ...], given: dict[str, Any]) -> Any:
    """Set the fields; arguments that do not fit are left to the real method, which raises what Python would."""
    values: list[tuple[str, Any]] = []
    placed = named = 0
    for one in fields(cls):
        if one.init and not one.kw_only and placed < len(args):
            value = args[placed]
            placed += 1
        elif one.init and one.name in given:
            value = given[one.name]
            named += 1
        elif one.default is not MISSING:
            value = one.default
        elif one.default_factory is not None:
            value = one.default_factory()
        elif one.init:
            return _CANNOT
        else:
            continue
        values.append((one.name, value))
    if placed != len(args) or named != len(given):
        return _CANNOT
    put = object.__setattr__ if getattr(cls, _FROZEN) else setattr
    for name, value in values:
        put(self, name, value)
    if hasattr(cls, "__post_init__"):
        cast("Any", self).__post_init__()
    return None


def _eq_by_hand(cls: type, self: object, args: tuple[Any, ...], given: dict[str, Any]) -> Any:
    if len(args) != 1 or given:
        return _CANNOT
    other = args[0]
    return _values(cls, self) == _values(cls, other) if other.__class__ is self.__class__ else NotImplemented


def _hash_by_hand(cls: type, self: object, args: tuple[Any, ...], given: dict[str, Any]) -> Any:
    return hash(_values(cls, self)) if not args and not given else _CANNOT


def _values(cls: type, of: object) -> tuple[object, ...]:
    return tuple([getattr(of, one.name) for one in fields(cls) if one.compare])


_BY_HAND: dict[str, Callable[[type, object, tuple[Any, ...], dict[str, Any]], Any]] = {
    "__init__": _init_by_hand,
    "__eq__": _eq_by_hand,
    "__hash__": _hash_by_hand,
}


def _compiled(cls: type, name: str, parameters: str, body: list[str], known: dict[str, object]) -> Callable[..., Any]:
    """The method of that name with these parameters after `self`, and these lines."""
    lines = "\n ".join(body or ["pass"])
    exec(f"def {name}(self{parameters}):\n {lines}", known)
    made = cast("Callable[..., Any]", known[name])
    made.__qualname__ = f"{cls.__qualname__}.{name}"
    made.__module__ = cls.__module__
    return made


def _write_init(cls: type, name: str) -> Callable[..., Any]:
    every = fields(cls)
    known: dict[str, object] = {"MISSING": MISSING}
    frozen: bool = getattr(cls, _FROZEN)
    body: list[str] = []
    for one in every:
        if not one.init and one.required:
            continue
        given = one.name
        if one.default is not MISSING:
            known[f"default_{one.name}"] = one.default
            given = one.name if one.init else f"default_{one.name}"
        elif one.default_factory is not None:
            known[f"make_{one.name}"] = one.default_factory
            made = f"make_{one.name}()"
            given = f"{made} if {one.name} is MISSING else {one.name}" if one.init else made
        if not frozen:
            body.append(f"self.{one.name} = {given}")
            continue
        slot = getattr(cls, one.name, None)
        if hasattr(slot, "__set__") and hasattr(slot, "__objclass__"):
            known[f"set_{one.name}"] = slot.__set__  # type: ignore[union-attr]
            body.append(f"set_{one.name}(self, {given})")
        else:
            known["set_of"] = object.__setattr__
            body.append(f"set_of(self, {one.name!r}, {given})")
    if hasattr(cls, "__post_init__"):
        body.append("self.__post_init__()")
    return _compiled(cls, name, "".join(_parameters(every)), body, known)


def _parameters(every: tuple[FieldOf, ...]) -> Iterator[str]:
    taken = [one for one in every if one.init]
    named = [one for one in taken if one.kw_only]
    for one in [one for one in taken if not one.kw_only]:
        yield f", {_parameter(one)}"
    if named:
        yield ", *"
    for one in named:
        yield f", {_parameter(one)}"


def _parameter(one: FieldOf) -> str:
    if one.required:
        return one.name
    return f"{one.name}=" + ("MISSING" if one.default is MISSING else f"default_{one.name}")


def _compared(cls: type, of: str) -> str:
    return "(" + "".join(f"{of}.{one.name}, " for one in fields(cls) if one.compare) + ")"


def _write_eq(cls: type, name: str) -> Callable[..., Any]:
    mine, other = _compared(cls, "self"), _compared(cls, "other")
    body = ["if other.__class__ is self.__class__:", f" return {mine} == {other}", "return NotImplemented"]
    return _compiled(cls, name, ", other", body, {})


def _write_order(cls: type, name: str) -> Callable[..., Any]:
    mine, other = _compared(cls, "self"), _compared(cls, "other")
    body = ["if other.__class__ is self.__class__:", f" return {mine} {_ORDERS[name]} {other}", "return NotImplemented"]
    return _compiled(cls, name, ", other", body, {})


def _write_hash(cls: type, name: str) -> Callable[..., Any]:
    return _compiled(cls, name, "", [f"return hash({_compared(cls, 'self')})"], {})


def _write_repr(cls: type, name: str) -> Callable[..., Any]:
    from reprlib import recursive_repr

    shown = ", ".join(f"{one.name}={{self.{one.name}!r}}" for one in fields(cls) if one.repr)
    body = [f"return self.__class__.__qualname__ + f{f'({shown})'!r}"]
    return recursive_repr()(_compiled(cls, name, "", body, {}))


def _refuse_to_set(self: object, name: str, value: object) -> None:
    from dataclasses import FrozenInstanceError

    raise FrozenInstanceError(f"cannot assign to field {name!r}")


def _refuse_to_delete(self: object, name: str) -> None:
    from dataclasses import FrozenInstanceError

    raise FrozenInstanceError(f"cannot delete field {name!r}")


def _get_state(self: object) -> list[object]:
    return [getattr(self, one.name) for one in fields(self)]


def _set_state(self: object, state: list[object]) -> None:
    for one, value in zip(fields(self), state, strict=True):
        object.__setattr__(self, one.name, value)


class _StandardFields:
    """What the standard library's functions ask a data class for, made when they ask."""

    def __get__(self, instance: object, cls: type) -> "dict[str, Field[Any]]":
        import dataclasses

        found: dict[str, Field[Any]] = {}
        for one in fields(cls):
            given: dict[str, Any] = {"init": one.init, "repr": one.repr, "compare": one.compare}
            if one.default is not MISSING:
                given["default"] = one.default
            if one.default_factory is not None:
                given["default_factory"] = one.default_factory
            made: Any = dataclasses.field(**given, kw_only=one.kw_only)
            made.name, made.type, made._field_type = one.name, one.annotation, dataclasses._FIELD  # type: ignore[attr-defined]
            found[one.name] = made
        return found
