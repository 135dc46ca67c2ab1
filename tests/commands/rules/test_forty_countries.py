"""Due times in 40 countries over 5 years against a count day by day.

The days come from the holidays package; the arithmetic here is the test's own.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import holidays
import pytest

from commands.rules import deadline
from commands.rules.deadline import DueRefused, resolve
from commands.rules.names import show_date
from commands.rules.stopped import resume
from commands.rules.when import Length, MonthEnd, OnDate, Unit
from commands.rules.workdays import Calendar
from storage.words import ClosedDays
from tests.countries import COUNTRIES

YEARS = range(2024, 2029)
CLOSED = (
    ClosedDays(date(2025, 7, 7), date(2025, 7, 7)),
    ClosedDays(date(2026, 12, 14), date(2026, 12, 31), "Moving house"),
)
HOURS = time(8, 30), time(16, 45)


def _calendar(place: str) -> Calendar:
    country, _, subdivision = place.partition("-")
    return Calendar(country, subdivision or None, COUNTRIES[place], None, CLOSED, *HOURS)


each_country = pytest.mark.parametrize("cal", [*map(_calendar, COUNTRIES)], ids=list(COUNTRIES))


@cache
def _package(cal: Calendar) -> holidays.HolidayBase:
    years = range(YEARS[0] - 1, YEARS[-1] + 2)
    return holidays.country_holidays(cal.country, subdiv=cal.subdivision, years=years)


@cache
def _worked(cal: Calendar) -> frozenset[date]:
    """Each day on which people are at work there."""
    first, last = date(YEARS[0], 1, 1).toordinal(), date(YEARS[-1] + 1, 12, 31).toordinal()
    days = map(date.fromordinal, range(first, last + 1))
    return frozenset(
        day
        for day in days
        if _package(cal).is_working_day(day) and not any(one.first <= day <= one.last for one in CLOSED)
    )


def _next(cal: Calendar, day: date) -> date:
    return next(one for n in range(60) if (one := day + timedelta(days=n)) in _worked(cal))


def _at(cal: Calendar, day: date, clock: time) -> datetime:
    """RFC 5545, 3.3.5: with the offset before the change, be the hour skipped or doubled."""
    wall = datetime.combine(day, clock)
    before = (wall - timedelta(hours=12)).replace(tzinfo=ZoneInfo(cal.zone)).utcoffset() or timedelta()
    there = wall.replace(tzinfo=UTC) - before
    if there.astimezone(ZoneInfo(cal.zone)).replace(tzinfo=None) == wall:
        return there
    after = (wall + timedelta(hours=12)).replace(tzinfo=ZoneInfo(cal.zone)).utcoffset() or timedelta()
    later = wall.replace(tzinfo=UTC) - after
    return later if later.astimezone(ZoneInfo(cal.zone)).replace(tzinfo=None) == wall else there


def _sendings(cal: Calendar, every: int = 3) -> Iterator[datetime]:
    """At changing times of day, so that month ends and both days of a change of the clocks are among them."""
    zone, day = ZoneInfo(cal.zone), date(YEARS[0], 1, 1)
    while day.year <= YEARS[-1]:
        yield datetime.combine(day, time(day.toordinal() % 24, 7), zone).astimezone(UTC)
        day += timedelta(days=every)
    yield datetime(2024, 2, 29, 12, tzinfo=zone).astimezone(UTC)
    yield datetime(2028, 2, 29, 12, tzinfo=zone).astimezone(UTC)


def _there(cal: Calendar, at: datetime) -> datetime:
    return at.astimezone(ZoneInfo(cal.zone))


def test_there_are_forty() -> None:
    assert len(COUNTRIES) == 40
    assert {name for name in COUNTRIES if _calendar(name).country != name} == {
        "AU-ACT", "BR-SP", "CA-ON", "CH-ZH", "DE-BY", "ES-MD", "GB-ENG"
    }  # fmt: skip


@each_country
def test_ten_working_days_and_why(cal: Calendar) -> None:
    for now in _sendings(cal):
        due = resolve(Length(10, Unit.WORKING_DAYS), now, "UTC", cal)
        sent = day = _there(cal, now).date()
        left, off, made_up = 10, [], []
        while left:
            day += timedelta(days=1)
            if day not in _worked(cal):
                off.append(day)
            else:
                left -= 1
                made_up += [day] if _package(cal).is_weekend(day) else []
        assert due.at == _at(cal, day, cal.closes), now
        assert (due.spec, due.moved_from, due.fixed) == ("10 working days", None, False)
        _explains(cal, due.steps, sent, off, made_up)
        assert due.steps.count(f"It ends with the hours there: {show_date(day)}, 16:45 ({_city(cal)}).") == 1
        assert due.uncovered == next((year for year in (sent.year, day.year) if year in _unknown(cal)), None), now
        said = [step for step in due.steps if "not known yet" in step]
        assert bool(said) == (due.uncovered is not None)
        assert all(f" in {due.uncovered} are not known yet" in step for step in said)


def _city(cal: Calendar) -> str:
    return cal.zone.rsplit("/", 1)[-1].replace("_", " ")


def _explains(cal: Calendar, steps: tuple[str, ...], sent: date, off: list[date], made_up: list[date]) -> None:
    """Every day off is in the account once: holidays and closings by their dates, the rest as weekends."""
    assert f"Counted there, working days only, from the day after {show_date(sent)}." in steps
    line = next((step.removeprefix("Not counted: ")[:-1] for step in steps if step.startswith("Not counted: ")), "")
    told = _SAID.sub("", line)
    assert not told.strip("; "), told
    named = [found for found in _SAID.finditer(line) if not found["weekends"]]
    weekends = sum(int(found["weekends"]) for found in _SAID.finditer(line) if found["weekends"])
    assert weekends + sum(int(found["days"] or 1) for found in named) == len(off), line
    resting = [day for day in off if _package(cal).is_weekend(day) and day not in _package(cal)]
    assert weekends == len(resting), line
    others = sorted(set(off) - set(resting))
    for found in named:
        run = others[: int(found["days"] or 1)]
        del others[: len(run)]
        assert (found["first"], found["last"] or found["first"]) == (show_date(run[0]), show_date(run[-1])), line
        closed = not any(day in _package(cal) for day in run)
        assert closed == found["why"].startswith("closed"), line
        assert not closed or found["why"] in {"closed", "closed: Moving house"}
    assert not others
    worked = [step for step in steps if step.startswith("Counted, though on a weekend")]
    assert worked == (
        [f"Counted, though on a weekend, because it is worked there: {', '.join(map(show_date, made_up))}."]
        if made_up
        else []
    )


_DATE = r"[A-Z][a-z]{2} \d{1,2} [A-Z][a-z]{2} \d{4}"
_SAID = re.compile(
    rf"(?P<weekends>\d+) days? of weekends(?:; |$)"
    rf"|(?:(?P<days>\d+) days from )?(?P<first>{_DATE})(?: to (?P<last>{_DATE}))? \((?P<why>.+?)\)(?:; |$)"
)


def _unknown(cal: Calendar) -> set[int]:
    """The years for which there is no decree yet on the weekends that are worked, or no calendar at all."""
    years = {*YEARS, YEARS[-1] + 1}
    if cal.country in {"CN", "HU"}:
        return years - {day.year for day in _package(cal).weekend_workdays}
    return {year for year in years if year > _package(cal).end_year}


def test_there_are_working_weekends_and_years_that_nobody_knows_yet() -> None:
    china, sri_lanka = _calendar("CN"), _calendar("LK")
    assert sum(day.weekday() > 4 for day in _worked(china)) > 15
    assert YEARS[-1] in _unknown(china)
    assert YEARS[-1] in _unknown(sri_lanka)
    assert [name for name in COUNTRIES if _unknown(_calendar(name))] == ["CN", "HU", "LK"]


@each_country
def test_days_and_months_keep_the_wall_time_and_leave_days_off(cal: Calendar) -> None:
    for now in _sendings(cal):
        sent = _there(cal, now)
        for length, end in (
            (Length(3, Unit.DAYS), sent.date() + timedelta(days=3)),
            (Length(2, Unit.WEEKS), sent.date() + timedelta(days=14)),
            (Length(1, Unit.MONTHS), _month_later(sent.date())),
        ):
            due, day = resolve(length, now, cal.zone, cal), _next(cal, end)
            assert due.at == _at(cal, day, sent.time()), (now, length)
            assert due.moved_from == (None if day == end else end)
            moved = f"{show_date(end)} is no working day there ("
            assert sum(step.startswith(moved) and f"): moved to {show_date(day)}" in step for step in due.steps) == (
                day != end
            )


def _month_later(day: date) -> date:
    """The same day of the next month, or its last."""
    year, month = day.year + day.month // 12, day.month % 12 + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


@each_country
def test_a_bare_date_ends_with_the_hours_of_a_working_day(cal: Calendar) -> None:
    now = _at(cal, date(2026, 1, 1), time(3))
    for n in range(1, 1000):
        end = date(2026, 1, 1) + timedelta(days=n)
        due, day = resolve(OnDate(end.month, end.day, end.year), now, cal.zone, cal), _next(cal, end)
        assert due.at == _at(cal, day, cal.closes), end
        assert (due.moved_from, due.fixed) == (None if day == end else end, True)


@each_country
def test_the_end_of_a_month_is_its_last_working_day(cal: Calendar) -> None:
    for now in _sendings(cal, 5):
        today = _there(cal, now).date()
        last = max(day for day in _worked(cal) if (day.year, day.month) == (today.year, today.month))
        end = _at(cal, last, cal.closes)
        if end <= now:
            with pytest.raises(DueRefused):
                resolve(MonthEnd(), now, cal.zone, cal)
        else:
            assert resolve(MonthEnd(), now, cal.zone, cal).at == end


@each_country
def test_a_clock_that_stood_gives_back_what_it_took(cal: Calendar) -> None:
    for number, now in enumerate(_sendings(cal, 4)):
        stopped, stood = now + timedelta(days=number % 40, hours=number % 31), timedelta(hours=number * 7 % 600)
        again = stopped + stood
        # working days whose hours began meanwhile, added one by one
        due = resolve(Length(10, Unit.WORKING_DAYS), now, cal.zone, cal).at
        openings = [
            _at(cal, day, cal.opens)
            for n in range(stood.days + 3)
            if (day := _there(cal, stopped).date() + timedelta(days=n)) in _worked(cal)
        ]
        day = _there(cal, due).date()
        began = sum(stopped < opening <= again for opening in openings)
        for _ in range(began):
            day = _next(cal, day + timedelta(days=1))
        found = resume(due, "10 working days", stopped, again, cal)
        assert found.at == (_at(cal, day, cal.closes) if began else due), (now, stopped, again)
        # the time that passed, to the second, and on from a day off
        due = resolve(deadline.URGENT, now, cal.zone, cal).at
        found, ended = resume(due, "3 days", stopped, again, cal), _there(cal, due + stood)
        day = _next(cal, ended.date())
        moved = day != ended.date()
        assert found.at == (_at(cal, day, ended.time()) if moved else due + stood), (now, stopped, again)
        assert found.moved_from == (ended.date() if moved else None)
        # by the clock, whatever day it is; and a date stays
        assert resume(due, "8 hours", stopped, again, cal).at == due + stood
        assert resume(due, None, stopped, again, cal).at == due
