"""Due times in 40 countries over 5 years, at every change of their clocks, against a count day by day.

The days come from the holidays package; the arithmetic here is the test's own.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import holidays
import pytest

from commands.rules import hours
from commands.rules.deadline import resolve
from commands.rules.when import Length, Unit
from commands.rules.workdays import Calendar, covered

COUNTRIES = {
    "AR": "America/Argentina/Buenos_Aires", "AT": "Europe/Vienna", "AU": "Australia/Sydney", "BE": "Europe/Brussels",
    "BR": "America/Sao_Paulo", "CA": "America/Toronto", "CH": "Europe/Zurich", "CL": "America/Santiago",
    "CO": "America/Bogota", "CZ": "Europe/Prague", "DE": "Europe/Berlin", "DK": "Europe/Copenhagen",
    "EE": "Europe/Tallinn", "ES": "Europe/Madrid", "FI": "Europe/Helsinki", "FR": "Europe/Paris",
    "GB": "Europe/London", "GR": "Europe/Athens", "IE": "Europe/Dublin", "IL": "Asia/Jerusalem",
    "IN": "Asia/Kolkata", "IS": "Atlantic/Reykjavik", "IT": "Europe/Rome", "JP": "Asia/Tokyo", "KE": "Africa/Nairobi",
    "KR": "Asia/Seoul", "MX": "America/Mexico_City", "MY": "Asia/Kuala_Lumpur", "NG": "Africa/Lagos",
    "NL": "Europe/Amsterdam", "NO": "Europe/Oslo", "NZ": "Pacific/Auckland", "PL": "Europe/Warsaw",
    "PT": "Europe/Lisbon", "SE": "Europe/Stockholm", "SG": "Asia/Singapore", "TR": "Europe/Istanbul",
    "TW": "Asia/Taipei", "US": "America/New_York", "ZA": "Africa/Johannesburg",
}  # fmt: skip
YEARS = range(2024, 2029)
CLOSED = (date(2026, 12, 21), date(2026, 12, 31))
CALENDARS = [Calendar(country, None, zone, closings=(CLOSED,)) for country, zone in COUNTRIES.items()]
each_country = pytest.mark.parametrize("cal", CALENDARS, ids=list(COUNTRIES))


@cache
def _known(country: str) -> holidays.HolidayBase:
    return holidays.country_holidays(country, years=range(YEARS[0] - 1, YEARS[-1] + 2))


def _works(cal: Calendar, day: date) -> bool:
    return _known(cal.country).is_working_day(day) and not CLOSED[0] <= day <= CLOSED[1]


def _sendings(cal: Calendar) -> Iterator[datetime]:
    """Every third day at changing times, so that month ends and 29 February are among them."""
    zone, day = ZoneInfo(cal.zone), date(YEARS[0], 1, 1)
    while day.year <= YEARS[-1] - 1:
        yield datetime.combine(day, time(day.toordinal() % 24, 7), zone)
        day += timedelta(days=3)
    yield datetime(2024, 2, 29, 12, tzinfo=zone)


def test_there_are_forty() -> None:
    assert len(COUNTRIES) == 40


@each_country
def test_ten_working_days(cal: Calendar) -> None:
    for now in _sendings(cal):
        due = resolve(Length(10, Unit.WORKING_DAYS), now, "UTC", cal)
        day, left = now.date(), 10
        while left:
            day += timedelta(days=1)
            left -= _works(cal, day)
        assert due.at == datetime.combine(day, time(17), ZoneInfo(cal.zone)).astimezone(UTC), now
        unknown = [year for year in range(now.year, day.year + 1) if not covered(cal, year)]
        assert due.uncovered == (unknown[0] if unknown else None)
        assert any("not known yet" in step for step in due.steps) == bool(unknown)
        off = [
            one for n in range((day - now.date()).days) if not _works(cal, one := now.date() + timedelta(days=n + 1))
        ]
        assert _left_out(due.steps) == len(off), due.steps


def _left_out(steps: tuple[str, ...]) -> int:
    """How many days the explanation says were not counted."""
    said = next((step.removeprefix("Not counted: ") for step in steps if step.startswith("Not counted: ")), "")
    return sum(int(one.split(" ")[0]) if " of weekends" in one else 1 for one in said.split("; ") if one)


@each_country
def test_a_month_and_three_days_keep_the_wall_time_and_leave_days_off(cal: Calendar) -> None:
    for now in _sendings(cal):
        for length, end in (
            (Length(3, Unit.DAYS), now.date() + timedelta(days=3)),
            (Length(1, Unit.MONTHS), _month_later(now.date())),
        ):
            due = resolve(length, now, cal.zone, cal)
            day = next(one for n in range(60) if _works(cal, one := end + timedelta(days=n)))
            assert due.at == datetime.combine(day, now.timetz()).astimezone(UTC), (now, length)


def _month_later(day: date) -> date:
    """The same day of the next month, or its last."""
    first = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
    last = (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)
    return first.replace(day=min(day.day, last.day))


@each_country
def test_both_directions_of_every_clock_change(cal: Calendar) -> None:
    for change, by in _changes(cal.zone):
        zone = ZoneInfo(cal.zone)
        # what is sent a day before, at a wall time that the change skips or doubles, is due on the day of the change
        wall = (change + min(by, timedelta())).astimezone(zone).replace(tzinfo=None) + abs(by) / 2
        if by > timedelta():
            wall = (change - timedelta(minutes=1)).astimezone(zone).replace(tzinfo=None) + timedelta(minutes=31)
        sent = (wall - timedelta(days=7)).replace(tzinfo=zone)
        always = Calendar(cal.country, None, cal.zone, frozenset())
        due = resolve(Length(7, Unit.DAYS), sent, cal.zone, always)
        if hours.local(always, due.at).date() != wall.date():
            continue  # a public holiday moved it on
        first = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
        assert due.at == first
        if by > timedelta():
            assert hours.local(cal, due.at).replace(tzinfo=None) == wall + by
            assert any("go forward" in step for step in due.steps)
        else:
            assert due.at < change <= wall.replace(tzinfo=zone, fold=1).astimezone(UTC)
            assert any("go back" in step for step in due.steps)


def _changes(zone: str) -> Iterator[tuple[datetime, timedelta]]:
    """Each moment at which the clocks of these years change, and by how much they go forward."""
    moment, step = datetime(YEARS[0], 1, 1, tzinfo=UTC), timedelta(minutes=30)
    while moment.year <= YEARS[-1]:
        jump = _offset(zone, moment + timedelta(days=1)) - _offset(zone, moment)
        if jump:
            while _offset(zone, moment + step) == _offset(zone, moment):
                moment += step
            yield moment + step, jump
        moment += timedelta(days=1)


def _offset(zone: str, at: datetime) -> timedelta:
    return at.astimezone(ZoneInfo(zone)).utcoffset() or timedelta()
