"""When a digest comes, and the numbers in it, against calculations of the test's own."""

from __future__ import annotations

import statistics
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commands.rules.digest import Rhythm, age_band, answer_times, following, percentile, silent_before
from commands.rules.workdays import Calendar, is_working_day
from storage.words import ClosedDays, Every

ACMA = Calendar("AU", "ACT", "Australia/Sydney")
DAYS = st.lists(st.timedeltas(timedelta(), timedelta(days=200)), min_size=2, max_size=40)


def _following(rhythm: Rhythm, after: str, working: Calendar | None = None) -> str:
    found = following(rhythm, datetime.fromisoformat(after), working)
    return f"{found.astimezone(ZoneInfo(rhythm.zone)):%a %d %b %Y %H:%M}"


@pytest.mark.parametrize(
    ("every", "after", "then"),
    [
        (Every.WEEK, "2026-12-01T09:00+11:00", "Mon 07 Dec 2026 09:00"),
        (Every.WEEK, "2026-12-07T08:59+11:00", "Mon 07 Dec 2026 09:00"),
        (Every.WEEK, "2026-12-07T09:00+11:00", "Mon 14 Dec 2026 09:00"),
        (Every.MONTH, "2026-12-01T09:00+11:00", "Mon 07 Dec 2026 09:00"),
        (Every.MONTH, "2026-12-07T09:00+11:00", "Mon 04 Jan 2027 09:00"),
        (Every.DAY, "2026-12-24T09:00+11:00", "Tue 29 Dec 2026 09:00"),  # Christmas, a weekend, Boxing Day's substitute
    ],
)
def test_the_next_one(every: Every, after: str, then: str) -> None:
    rhythm = Rhythm(every, 0, time(9), "Australia/Sydney")
    assert _following(rhythm, after, ACMA if every is Every.DAY else None) == then


def test_clock_changes() -> None:
    """London's clocks go forward on 28 March 2027 at 1:00 and back on 31 October 2027 at 2:00."""
    sundays = Rhythm(Every.WEEK, 6, time(1, 30), "Europe/London")
    assert following(sundays, datetime(2027, 3, 22, tzinfo=UTC), None) == datetime(2027, 3, 28, 1, 30, tzinfo=UTC)
    assert following(sundays, datetime(2027, 10, 25, tzinfo=UTC), None) == datetime(2027, 10, 31, 0, 30, tzinfo=UTC)
    # the second 1:30 of that night is none of its moments
    assert following(sundays, datetime(2027, 10, 31, 0, 30, tzinfo=UTC), None) == datetime(
        2027, 11, 7, 1, 30, tzinfo=UTC
    )


def test_a_moment_that_a_clock_change_moves_into_the_next_day_is_not_left_out() -> None:
    """In Nuuk the hour before midnight is skipped on Saturday 27 March 2027: 23:30 is 0:30 on Sunday."""
    saturdays = Rhythm(Every.WEEK, 5, time(23, 30), "America/Nuuk")
    moved = datetime(2027, 3, 28, 1, 30, tzinfo=UTC)
    assert moved.astimezone(ZoneInfo("America/Nuuk")).strftime("%a %H:%M") == "Sun 00:30"
    for before in (timedelta(minutes=20), timedelta(hours=2), timedelta(days=6)):
        assert following(saturdays, moved - before, None) == moved
    assert following(saturdays, moved, None) == datetime(2027, 4, 4, 0, 30, tzinfo=UTC)


@given(
    st.sampled_from([ACMA, Calendar("KR", None, "Asia/Seoul"), Calendar("US", None, "America/New_York")]),
    st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1)).map(lambda at: at.replace(tzinfo=UTC)),  # noqa: DTZ001
    st.timedeltas(timedelta(), timedelta(days=12)),
    st.lists(st.integers(0, 20), max_size=3),
)
@settings(max_examples=200, deadline=None)
def test_silence_is_a_working_day_more_than_three_without_a_word(
    asked: Calendar, now: datetime, ago: timedelta, closed: list[int]
) -> None:
    """By hand: the working days of the partner whose hours have begun since the day of sending."""
    today, sent = now.astimezone(ZoneInfo(asked.zone)).date(), now - ago
    days = tuple(ClosedDays(today - timedelta(days=gone), today - timedelta(days=gone)) for gone in closed)
    asked = replace(asked, closings=days)
    begun, day = 0, sent.astimezone(ZoneInfo(asked.zone)).date()
    while day < today:
        day += timedelta(days=1)
        begun += is_working_day(asked, day) and datetime.combine(day, asked.opens, ZoneInfo(asked.zone)) <= now
    assert (sent < silent_before(asked, now)) == (begun > 3)


@given(
    st.sampled_from(Every),
    st.integers(0, 6),
    st.times().map(lambda at: at.replace(second=0, microsecond=0)),
    st.sampled_from(["Australia/Sydney", "America/New_York", "Asia/Kolkata", "Pacific/Chatham"]),
    st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1)).map(lambda at: at.replace(tzinfo=UTC)),  # noqa: DTZ001
)
@settings(max_examples=200, deadline=None)
def test_none_is_left_out(every: Every, weekday: int, at: time, zone: str, after: datetime) -> None:
    rhythm, working = Rhythm(every, weekday, at, zone), ACMA if every is Every.DAY else None
    found = following(rhythm, after, working)
    assert found > after
    day, last = after.astimezone(ZoneInfo(zone)).date(), found.astimezone(ZoneInfo(zone)).date()
    assert last.weekday() == weekday or every is Every.DAY
    passed = []
    while day <= last:
        moment = datetime.combine(day, at, ZoneInfo(zone)).astimezone(UTC)
        fits = {
            Every.DAY: is_working_day(ACMA, day),
            Every.WEEK: day.weekday() == weekday,
            Every.MONTH: day.weekday() == weekday and (day - timedelta(days=7)).month != day.month,
        }[every]
        if fits and moment > after:
            passed.append(moment)
        day += timedelta(days=1)
    assert passed == [found]


@given(DAYS)
def test_percentiles_are_those_of_the_standard_library(took: list[timedelta]) -> None:
    seconds = [one.total_seconds() for one in took]
    assert percentile(took, 0.5).total_seconds() == pytest.approx(statistics.median(seconds), abs=1e-5)
    ninetieth = statistics.quantiles(seconds, n=10, method="inclusive")[8]
    assert percentile(took, 0.9).total_seconds() == pytest.approx(ninetieth, abs=1e-5)


@pytest.mark.parametrize(
    ("before", "trend"),
    [([], None), ([10], "as before"), ([9.5], "as before"), ([5, 6], "slower"), ([20], "faster"), ([0], "as before")],
)
def test_the_trend(before: list[float], trend: str | None) -> None:
    found = answer_times("ACMA", [timedelta(days=10)], [timedelta(days=days) for days in before])
    assert found is not None
    assert found.trend == trend


def test_no_answers_no_times() -> None:
    assert answer_times("ACMA", [], [timedelta(days=1)]) is None


@pytest.mark.parametrize(("days", "band"), [(0, 0), (7, 0), (7.1, 1), (14, 1), (28, 2), (29, 3), (900, 3)])
def test_ages(days: float, band: int) -> None:
    now = datetime(2026, 12, 1, tzinfo=UTC)
    assert age_band(now - timedelta(days=days), now) == band
