"""Hours of an agency, against a walk minute by minute."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commands.rules import hours
from commands.rules.workdays import Calendar, is_working_day

CALENDARS = [
    Calendar("AU", "ACT", "Australia/Sydney"),
    Calendar("US", None, "America/New_York", opens=time(8, 30), closes=time(16, 15)),
    Calendar("GB", "ENG", "Europe/London", opens=time(1), closes=time(2)),  # what a clock change skips or doubles
    Calendar("IL", None, "Asia/Jerusalem"),
    Calendar("LK", None, "Asia/Colombo", opens=time(0), closes=time(23, 59)),
]
_STEP = timedelta(minutes=15)


def _is_there(cal: Calendar, at: datetime) -> bool:
    there = at.astimezone(ZoneInfo(cal.zone))
    return is_working_day(cal, there.date()) and cal.opens <= there.time() <= cal.closes


@given(
    st.sampled_from(CALENDARS),
    st.integers(0, 4 * 24 * 365).map(lambda quarters: datetime(2026, 1, 1, tzinfo=UTC) + quarters * _STEP),
)
@settings(max_examples=300, deadline=None)
def test_within_is_now_or_the_next_opening(cal: Calendar, at: datetime) -> None:
    found = hours.within(cal, at)
    if _is_there(cal, at) and not _doubled(cal, at):
        assert found == at
        return
    if _doubled(cal, at) or _skipped(cal, at):
        assert found >= at
        return
    assert found > at
    assert not any(_is_there(cal, at + n * _STEP) for n in range((found - at) // _STEP))
    local = found.astimezone(ZoneInfo(cal.zone))
    assert is_working_day(cal, local.date())
    assert local.time() == cal.opens or _skipped(cal, found)


def _doubled(cal: Calendar, at: datetime) -> bool:
    """Within a day of the clocks going back, hours may come twice."""
    return _change(cal, at) < timedelta()


def _skipped(cal: Calendar, at: datetime) -> bool:
    return _change(cal, at) > timedelta()


def _change(cal: Calendar, at: datetime) -> timedelta:
    zone = ZoneInfo(cal.zone)
    before, after = (moment.astimezone(zone).utcoffset() for moment in (at - timedelta(days=1), at + timedelta(days=4)))
    assert before is not None
    assert after is not None
    return after - before


@pytest.mark.parametrize(
    ("at", "then"),
    [
        ("2026-12-01T08:59+11:00", "2026-12-01T09:00+11:00"),
        ("2026-12-01T09:00+11:00", "2026-12-01T09:00+11:00"),
        ("2026-12-01T17:00+11:00", "2026-12-01T17:00+11:00"),
        ("2026-12-01T17:01+11:00", "2026-12-02T09:00+11:00"),
        ("2026-12-04T17:01+11:00", "2026-12-07T09:00+11:00"),
        ("2026-12-24T20:00+11:00", "2026-12-29T09:00+11:00"),  # Christmas, Boxing Day and its substitute
    ],
)
def test_the_hours_of_acma(at: str, then: str) -> None:
    assert hours.within(CALENDARS[0], datetime.fromisoformat(at)) == datetime.fromisoformat(then)


def test_the_nth_opening_counts_working_days() -> None:
    friday_night = datetime.fromisoformat("2026-12-04T22:00+11:00")
    monday, tuesday = (hours.nth_opening(CALENDARS[0], friday_night, n) for n in (1, 2))
    assert monday == datetime.fromisoformat("2026-12-07T09:00+11:00")
    assert tuesday == datetime.fromisoformat("2026-12-08T09:00+11:00")
