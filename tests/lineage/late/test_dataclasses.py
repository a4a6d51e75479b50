"""A late data class does what the standard library's does: both are made of the same body and asked the same."""

import copy
import dataclasses as standard
import pickle
from collections.abc import Callable
from typing import Any, ClassVar, Generic, TypeVar

import pytest

from ctlint.lineage.late import dataclasses as late
from ctlint.lineage.text.places import Place, Span

T = TypeVar("T")
OPTIONS: list[dict[str, bool]] = [
    {},
    {"frozen": True},
    {"slots": True},
    {"frozen": True, "slots": True},
    {"frozen": True, "slots": True, "order": True},
    {"frozen": True, "slots": True, "kw_only": True},
    {"eq": False},
    {"repr": False, "frozen": True, "eq": False},
]


@pytest.fixture(autouse=True, params=[0, 40], ids=["written", "by hand"])
def often(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test is run with methods that are written at once, and with those that are done by hand."""
    monkeypatch.setattr(late, "_OFTEN", request.param)


def made(kit: Any, options: dict[str, bool]) -> type[Any]:
    @kit.dataclass(**options)
    class Image:
        TAGS: ClassVar[int] = 3
        name: str
        level: int = 1
        layers: tuple[str, ...] = kit.field(default_factory=tuple, repr=False)
        cost: int = kit.field(default=0, compare=False)

        @property
        def shown(self) -> str:
            return f"{self.name}:{self.level}"

    return Image


def both(options: dict[str, bool]) -> tuple[type[Any], type[Any]]:
    return made(late, options), made(standard, options)


def same(ask: Callable[[type[Any]], object], options: dict[str, bool]) -> object:
    """What both classes answer; what is raised is an answer, too."""
    answers: list[object] = []
    for kind in both(options):
        try:
            answers.append(ask(kind))
        except Exception as error:
            answers.append(type(error))
    assert answers[0] == answers[1]
    return answers[0]


def state(one: Any) -> tuple[object, ...]:
    return one.name, one.level, one.layers, one.cost


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_arguments_and_defaults_are_the_same(options: dict[str, bool]) -> None:
    assert same(lambda kind: state(kind(name="a")), options) == ("a", 1, (), 0)
    same(lambda kind: state(kind("a", 2, ("x",), 3)), options)
    same(lambda kind: state(kind(name="a", cost=5, level=2)), options)
    assert same(lambda kind: kind(), options) is TypeError
    assert same(lambda kind: kind(name="a", other=1), options) is TypeError
    assert same(lambda kind: kind.TAGS, options) == 3
    assert same(lambda kind: kind(name="a").shown, options) == "a:1"


def hashes_alike(one: object, other: object) -> bool:
    """Both live at once: a hash may be an address."""
    return hash(one) == hash(other)


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_equality_order_hash_and_repr_are_the_same(options: dict[str, bool]) -> None:
    same(lambda kind: kind(name="a") == kind(name="a"), options)
    same(lambda kind: kind(name="a") == kind(name="a", cost=9), options)
    same(lambda kind: kind(name="a") == kind(name="b"), options)
    same(lambda kind: kind(name="a") == "a", options)
    same(lambda kind: (kind(name="a") < kind(name="b"), kind(name="b") >= kind(name="b")), options)
    same(lambda kind: hashes_alike(kind(name="a"), kind(name="a", cost=9)), options)
    same(lambda kind: len({kind(name="a"), kind(name="a"), kind(name="b")}), options)
    if options.get("repr", True):
        same(lambda kind: repr(kind(name="a")), options)
    same(lambda kind: kind.__match_args__, options)


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_what_may_be_set_is_the_same(options: dict[str, bool]) -> None:
    def set_one(kind: type[Any]) -> object:
        one = kind(name="a")
        one.name = "b"
        return one.name

    def set_another(kind: type[Any]) -> None:
        kind(name="a").other = 1

    def delete(kind: type[Any]) -> None:
        del kind(name="a").name

    same(set_one, options)
    same(delete, options)
    if not (options.get("frozen") and options.get("slots")):  # there the standard one stumbles over its own super()
        same(set_another, options)
    assert ("__slots__" in vars(both(options)[0])) == options.get("slots", False)


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_both_kinds_of_functions_copy_and_list(options: dict[str, bool]) -> None:
    kind = both(options)[0]
    one = kind(name="a", level=4, cost=7)
    for kit in (standard, late):
        assert state(kit.replace(one, name="b")) == ("b", 4, (), 7)
        assert [each.name for each in kit.fields(one)] == ["name", "level", "layers", "cost"]
    assert standard.is_dataclass(kind)
    assert standard.asdict(one) == {"name": "a", "level": 4, "layers": (), "cost": 7}
    assert state(copy.copy(one)) == state(one)
    with pytest.raises(TypeError):
        late.replace(one, other=1)


def test_an_instance_comes_back_from_pickle() -> None:
    place = Place("Dockerfile", Span(3, 4))
    assert pickle.loads(pickle.dumps(place)) == place


@late.dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    a: int
    b: int = 2


@late.dataclass(frozen=True, slots=True, kw_only=True)
class Derived(Base):
    c: int
    b: int = 3


@late.dataclass(frozen=True, eq=False)
class ByIdentity(Base):
    pass


def test_fields_are_inherited_in_order_and_overridden_in_place() -> None:
    one = Derived(a=1, c=5)
    assert [each.name for each in late.fields(one)] == ["a", "b", "c"]
    assert (one.a, one.b, one.c) == (1, 3, 5)
    assert one != Base(a=1, b=3)
    assert not hasattr(one, "__dict__")
    assert repr(one) == "Derived(a=1, b=3, c=5)"


def test_a_class_that_writes_no_equality_has_its_parents() -> None:
    assert ByIdentity(a=1) == ByIdentity(a=1)
    assert hash(ByIdentity(a=1)) == hash((1, 2))


def test_what_a_class_writes_itself_stays() -> None:
    @late.dataclass(frozen=True, slots=True)
    class Own(Generic[T]):
        value: T

        def __eq__(self, other: object) -> bool:
            return True

        def __hash__(self) -> int:
            return 7

        def __repr__(self) -> str:
            return "own"

    assert Own(1) == Own(2)
    assert hash(Own[int](1)) == 7
    assert repr(Own(1)) == "own"


def test_a_field_that_is_no_argument_and_a_step_after_the_arguments() -> None:
    @late.dataclass
    class Counted:
        name: str
        seen: list[str] = late.field(default_factory=list, init=False)
        length: int = late.field(init=False)

        def __post_init__(self) -> None:
            self.length = len(self.name)

    one, other = Counted("abc"), Counted("d")
    one.seen.append("x")
    assert (one.length, one.seen, other.seen) == (3, ["x"], [])
    with pytest.raises(TypeError):
        Counted("a", ["b"])  # type: ignore[call-arg]


def test_a_default_that_can_change_is_refused() -> None:
    with pytest.raises(ValueError, match="default_factory"):

        @late.dataclass
        class Wrong:
            names: list[str] = []  # noqa: RUF012


def test_a_method_is_compiled_where_it_is_called_often(monkeypatch: pytest.MonkeyPatch) -> None:
    compiled: list[str] = []

    def recorded(cls: type, name: str, *rest: Any) -> Callable[..., Any]:
        compiled.append(f"{cls.__name__}{name}")
        return compile_it(cls, name, *rest)

    compile_it = late._compiled
    monkeypatch.setattr(late, "_compiled", recorded)
    monkeypatch.setattr(late, "_OFTEN", 40)
    kind = made(late, {"frozen": True, "slots": True})
    ones = [kind(f"a{number}") for number in range(40)]
    assert [one == ones[0] for one in ones] == [True] + [False] * 39
    assert compiled == []
    assert kind("a0") == ones[0]
    assert compiled == ["Image__init__", "Image__eq__"]
    assert hash(kind("a0")) == hash(ones[0])
    assert state(kind("b", level=3)) == ("b", 3, (), 0)
    assert compiled == ["Image__init__", "Image__eq__"]
