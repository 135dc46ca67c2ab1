"""A narrower marking never shows more, and RED words stand nowhere."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commands.rules.marking import is_wider, may_be_typed, narrower, standing
from storage.words import Marking, Sight

MARKING, SIGHT = st.sampled_from(Marking), st.sampled_from(Sight)

WIDEST_FIRST = ("CLEAR", "GREEN", "AMBER", "AMBER+STRICT", "RED")


def test_they_are_those_of_tlp_2_narrowest_last() -> None:
    assert tuple(Marking) == WIDEST_FIRST
    assert [marking.narrowness for marking in Marking] == [0, 1, 2, 3, 4]
    assert all(is_wider(wide, narrow) for wide, narrow in pairwise(Marking))


@given(MARKING, MARKING, MARKING)
def test_the_narrower_of_several_is_the_same_in_any_order(one: Marking, other: Marking, third: Marking) -> None:
    assert narrower(one, other) is narrower(other, one)
    assert narrower(one, narrower(other, third)) is narrower(narrower(one, other), third)
    assert narrower(one, one) is one
    assert narrower(one, other) in {one, other}
    assert not is_wider(narrower(one, other), one)


@given(MARKING, MARKING)
def test_of_two_markings_one_is_wider_unless_they_are_the_same(one: Marking, other: Marking) -> None:
    assert is_wider(one, other) + is_wider(other, one) + (one is other) == 1


@given(MARKING, SIGHT, st.booleans())
def test_nothing_shows_more_than_its_readers_may_see(marking: Marking, readers: Sight, desk: bool) -> None:
    assert standing(marking, readers, desk=desk) <= readers


@given(MARKING, MARKING, SIGHT, st.booleans())
def test_narrowing_never_shows_more(one: Marking, other: Marking, readers: Sight, desk: bool) -> None:
    assert standing(narrower(one, other), readers, desk=desk) <= standing(one, readers, desk=desk)


@given(MARKING, SIGHT)
def test_a_desk_never_shows_less_than_a_seat(marking: Marking, readers: Sight) -> None:
    assert standing(marking, readers, desk=False) <= standing(marking, readers, desk=True)


@pytest.mark.parametrize(
    ("marking", "at_desks", "elsewhere"),
    [
        (Marking.CLEAR, Sight.FULL, Sight.FULL),
        (Marking.GREEN, Sight.FULL, Sight.FULL),
        (Marking.AMBER, Sight.FULL, Sight.FULL),
        (Marking.STRICT, Sight.FULL, Sight.NONE),
        (Marking.RED, Sight.OUTLINE, Sight.NONE),
    ],
)
def test_what_stands_where_for_readers_who_may_see_all(marking: Marking, at_desks: Sight, elsewhere: Sight) -> None:
    assert standing(marking, Sight.FULL, desk=True) is at_desks
    assert standing(marking, Sight.FULL, desk=False) is elsewhere


@given(MARKING, st.booleans())
def test_only_red_is_not_typed_where_others_read_along(marking: Marking, secluded: bool) -> None:
    assert may_be_typed(marking, secluded=secluded) == (secluded or marking is not Marking.RED)
