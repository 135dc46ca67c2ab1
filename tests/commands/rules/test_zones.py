"""Zones by name and by city."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commands.rules.zones import city, known_zone, near_zones


@pytest.mark.parametrize(
    ("text", "zone"),
    [
        ("Asia/Seoul", "Asia/Seoul"),
        ("asia/seoul", "Asia/Seoul"),
        ("Seoul", "Asia/Seoul"),
        ("new york", "America/New_York"),
        ("America/New_York", "America/New_York"),
        ("America/New York", "America/New_York"),
        ("PORT OF SPAIN", "America/Port_of_Spain"),
        ("utc", "UTC"),
        ("Buenos Aires", "America/Argentina/Buenos_Aires"),
        ("Louisville", "America/Kentucky/Louisville"),
        ("Istanbul", "Europe/Istanbul"),
        ("US/Eastern", "US/Eastern"),
    ],
)
def test_zones_and_cities(text: str, zone: str) -> None:
    assert known_zone(text) == zone


@pytest.mark.parametrize(
    "text", ["EST", "CET", "localtime", "Factory", "west", "act", "Atlantis", "", "America", "Eastern"]
)
def test_what_is_no_zone(text: str) -> None:
    assert known_zone(text) is None


@given(st.text(max_size=30))
def test_whatever_is_found_can_be_used(text: str) -> None:
    zone = known_zone(text)
    assert zone is None or ZoneInfo(zone).key == zone


@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Seoul", "US/Eastern", "UTC", "America/Louisville"])
def test_a_city_can_be_typed_again(zone: str) -> None:
    assert known_zone(city(zone)) == zone


def test_a_city_is_shown_with_spaces() -> None:
    assert city("America/New_York") == "New York"


def test_a_misspelling_is_met_with_the_nearest() -> None:
    assert near_zones("Sidney")[0] == "Australia/Sydney"
    assert near_zones("America/Newyork")[0] == "America/New_York"
    assert near_zones("%%%") == ()
