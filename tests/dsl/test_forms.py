"""Forms of the tree: parts in order, frozen, made by position or by name."""

from __future__ import annotations

import pytest

from dsl import nodes
from dsl.forms import Form
from dsl.forms import Record
from dsl.forms import evolve
from dsl.forms import part


class Point(metaclass=Form):
    """A form with every kind of part."""

    x: int
    y: int = 0
    tags: list[str] = part(factory=list)
    name: str = part(default="", kw_only=True)


class Place(Point):
    """A form below another one."""

    z: int = 9


class Span(Record):
    """A record, and one below it with a part more."""

    start: int
    end: int = 0


class Named(Span):
    name: str = ""


def test_a_record_is_the_same_as_any_with_the_same_parts():
    assert Span(1, 2) == Span(start=1, end=2)
    assert hash(Span(1, 2)) == hash(Span(1, 2))
    assert len({Span(1), Span(1), Span(2)}) == 2
    assert Span(1, 2) != Span(1, 3)
    assert Named(1, 2, "a") != Named(1, 2, "b")
    assert Named(1, 2) != Span(1, 2)
    assert Span(1, 2) != (1, 2)
    assert repr(Named(1)) == "Named(start=1, end=0, name='')"


def test_a_record_is_made_anew_and_never_changed():
    first = Named(1, 2, "a")
    assert evolve(first, name="b") == Named(1, 2, "b")
    assert first == Named(1, 2, "a")
    with pytest.raises(AttributeError, match="cannot be changed"):
        first.name = "b"  # type: ignore[misc]
    with pytest.raises(AttributeError, match="cannot be taken away"):
        del first.name


def test_parts_are_given_by_position_and_by_name():
    point = Point(1, 2, name="a")
    assert (point.x, point.y, point.tags, point.name) == (1, 2, [], "a")
    assert [one.name for one in Place.__parts__] == ["x", "y", "tags", "name", "z"]
    place = Place(1, z=3)
    assert (place.x, place.y, place.z) == (1, 0, 3)


def test_what_a_factory_makes_is_made_anew():
    assert Point(1).tags is not Point(1).tags


@pytest.mark.parametrize(("given", "named"), [((), {}), ((1, 2, [], "by position"), {}), ((1,), {"other": 2})])
def test_parts_that_do_not_fit_are_refused(given, named):
    with pytest.raises(TypeError, match="__init__"):
        Point(*given, **named)


def test_parts_are_matched_in_their_order():
    match Place(1, 2, z=3):
        case Point(x, y):
            assert (x, y) == (1, 2)
        case _:
            pytest.fail("a place is a point")


def test_a_node_cannot_be_changed_and_has_no_room_for_more():
    name = nodes.Name("vip")
    for word in ("text", "span", "other"):
        with pytest.raises(AttributeError):
            setattr(name, word, "x")
    with pytest.raises(AttributeError):
        del name.text
    assert not hasattr(name, "__dict__")


def test_a_changed_node_is_another_one():
    name = nodes.Name("vip")
    assert nodes.changed(name, text="gold") == nodes.Name("gold") != name
