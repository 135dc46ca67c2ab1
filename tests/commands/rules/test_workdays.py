"""Working days, against what governments announced and against the package counted day by day."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, datetime, timedelta
from functools import cache

import holidays
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commands.rules.names import MONTHS, WEEKDAYS, read_month, read_weekday, show_date
from commands.rules.workdays import (
    Calendar,
    CalendarRefused,
    add_working_days,
    country_complaint,
    covered,
    is_working_day,
    lacks_subdivision,
    last_working_day_of_month,
    next_working_day,
    read_country,
    read_weekend,
)

ACT = Calendar("AU", "ACT", "Australia/Sydney")
NSW = Calendar("AU", "NSW", "Australia/Sydney")
ENGLAND = Calendar("GB", "ENG", "Europe/London")
US = Calendar("US", None, "America/New_York")
KOREA = Calendar("KR", None, "Asia/Seoul")
JAPAN = Calendar("JP", None, "Asia/Tokyo")
ISRAEL = Calendar("IL", None, "Asia/Jerusalem")
SYRIA = Calendar("SY", None, "Asia/Damascus")
CHINA = Calendar("CN", None, "Asia/Shanghai")
HONG_KONG = Calendar("HK", None, "Asia/Hong_Kong")

# Hong Kong is left out: there the package and the offices differ.
AS_PACKAGED = [ACT, NSW, ENGLAND, US, KOREA, JAPAN, ISRAEL, SYRIA, CHINA]
DAYS = st.dates(date(2024, 1, 1), date(2029, 12, 31))


@cache
def packaged(cal: Calendar) -> holidays.HolidayBase:
    return holidays.country_holidays(cal.country, subdiv=cal.subdivision, years=range(2023, 2036))


@pytest.mark.parametrize(
    ("cal", "day", "working"),
    [
        (ACT, date(2026, 12, 25), False),
        (ACT, date(2026, 12, 28), False),  # Boxing Day, from Saturday
        (ACT, date(2026, 12, 29), True),
        (ACT, date(2026, 3, 9), False),  # Canberra Day
        (NSW, date(2026, 3, 9), True),
        (ENGLAND, date(2026, 12, 28), False),
        (US, date(2027, 12, 31), False),  # New Year's Day of the year after, from Saturday
        (KOREA, date(2026, 3, 2), False),  # Independence Day, from Sunday
        (JAPAN, date(2026, 5, 6), False),  # Constitution Day, from Sunday over two holidays
        (ISRAEL, date(2026, 12, 4), False),  # a Friday
        (ISRAEL, date(2026, 12, 6), True),  # a Sunday
        (SYRIA, date(2026, 12, 4), False),
        (SYRIA, date(2026, 12, 6), True),
        (HONG_KONG, date(2026, 12, 5), False),  # a Saturday
        (HONG_KONG, date(2026, 12, 6), False),
        (HONG_KONG, date(2026, 12, 7), True),
        (CHINA, date(2026, 10, 6), False),
        (CHINA, date(2026, 10, 10), True),  # a Saturday worked for 6 October
        (CHINA, date(2011, 12, 31), True),  # a Saturday worked for 3 January 2012
    ],
)
def test_announced_days(cal: Calendar, day: date, working: bool) -> None:
    assert is_working_day(cal, day) is working


def test_the_time_of_day_does_not_matter() -> None:
    assert not is_working_day(US, datetime(2026, 12, 25, 12))  # noqa: DTZ001 - a wall time


def test_a_weekend_of_ones_own_replaces_the_countrys() -> None:
    cal = Calendar("GB", "ENG", "Europe/London", read_weekend("fri,sat"))
    assert not is_working_day(cal, date(2026, 12, 4))
    assert is_working_day(cal, date(2026, 12, 6))
    assert not is_working_day(cal, date(2026, 12, 28))


def test_a_make_up_day_is_worked_under_a_stated_weekend_too() -> None:
    stated = Calendar("CN", None, "Asia/Shanghai", read_weekend("sat,sun"))
    assert is_working_day(stated, date(2026, 10, 10))


def test_no_calendar_is_without_a_working_day() -> None:
    with pytest.raises(ValueError, match="working day"):
        Calendar("US", None, "America/New_York", frozenset(range(7)))


@settings(deadline=None)
@given(st.sampled_from(AS_PACKAGED), DAYS)
def test_days_are_the_packages(cal: Calendar, day: date) -> None:
    assert is_working_day(cal, day) == packaged(cal).is_working_day(day)


@settings(deadline=None)
@given(st.sampled_from(AS_PACKAGED), DAYS, st.integers(1, 60))
def test_adding_counts_every_working_day_after_the_start(cal: Calendar, start: date, n: int) -> None:
    end = add_working_days(cal, start, n)
    passed = [start + timedelta(days=step) for step in range(1, (end - start).days + 1)]
    assert sum(packaged(cal).is_working_day(day) for day in passed) == n
    assert packaged(cal).is_working_day(end)


@settings(deadline=None)
@given(st.sampled_from(AS_PACKAGED), DAYS)
def test_the_next_working_day_is_the_first(cal: Calendar, day: date) -> None:
    found = next_working_day(cal, day)
    off = [day + timedelta(days=step) for step in range((found - day).days)]
    assert packaged(cal).is_working_day(found)
    assert not any(packaged(cal).is_working_day(passed) for passed in off)


@settings(deadline=None)
@given(st.sampled_from(AS_PACKAGED), DAYS)
def test_the_months_last_working_day_has_none_after_it(cal: Calendar, day: date) -> None:
    last = last_working_day_of_month(cal, day)
    assert (last.year, last.month) == (day.year, day.month)
    assert packaged(cal).is_working_day(last)
    later = last + timedelta(days=1)
    while later.month == day.month:
        assert not packaged(cal).is_working_day(later)
        later += timedelta(days=1)


def test_over_christmas_in_canberra() -> None:
    assert add_working_days(ACT, date(2026, 12, 18), 4) == date(2026, 12, 24)
    assert add_working_days(ACT, date(2026, 12, 18), 5) == date(2026, 12, 29)


@pytest.mark.parametrize(
    ("country", "year", "known"),
    [
        ("LK", 2026, True),
        ("LK", 2027, False),
        ("CN", 2025, True),
        ("CN", 2035, False),  # decreed each November for the next year
        ("KR", 2035, True),
        ("US", 1700, False),
        ("JP", 2100, False),
        ("IN", 2035, True),
        ("IN", 2036, False),
    ],
)
def test_covered_years(country: str, year: int, known: bool) -> None:
    assert covered(Calendar(country, None, "UTC"), year) is known


def test_china_is_covered_as_far_as_its_working_weekends_are_known() -> None:
    working = {day.year for day in packaged(CHINA).weekend_workdays}
    assert [covered(CHINA, year) for year in range(2023, 2036)] == [year in working for year in range(2023, 2036)]


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("AU-ACT", ("AU", "ACT")),
        ("au-act", ("AU", "ACT")),
        (" kr ", ("KR", None)),
        ("CA", ("CA", None)),
        ("NL-noord", ("NL", "Noord")),
        ("AU-NSW Western", ("AU", "NSW Western")),
        ("AT-9", ("AT", "9")),
    ],
)
def test_countries(text: str, read: tuple[str, str | None]) -> None:
    assert read_country(text) == read


@pytest.mark.parametrize(
    ("text", "instead"),
    [
        ("Australia", "write two letters, as in KR"),
        ("AUS", "write two letters"),
        ("", "write two letters"),
        ("XX", "write its ISO 3166 code"),
        ("EU", "write that of its seat, BE"),
        ("UK", "write GB"),
        ("UK-ENG", "write GB"),
        ("KR-11", "write KR$"),
        ("AU-XX", "write AU- and one of ACT, NSW, NT"),
    ],
)
def test_a_refused_country_says_what_to_write(text: str, instead: str) -> None:
    with pytest.raises(CalendarRefused, match=instead):
        read_country(text)


@pytest.mark.parametrize("country", [cal.country for cal in AS_PACKAGED])
def test_a_known_country_gives_no_complaint(country: str) -> None:
    assert country_complaint(country, None) is None


def test_every_listed_subdivision_can_be_typed() -> None:
    for country in ("AU", "CA", "CH", "DE", "ES", "GB", "IT", "MY", "NZ", "US"):
        known = holidays.country_holidays(country).subdivisions
        assert [read_country(f"{country}-{name}") for name in known] == [(country, name) for name in known]


def test_countries_whose_holidays_are_mostly_regional() -> None:
    assert lacks_subdivision("CA", None)
    assert not lacks_subdivision("CA", "ON")
    assert not lacks_subdivision("KR", None)


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("fri,sat", {4, 5}),
        ("Friday, Saturday", {4, 5}),
        ("friday and saturday", {4, 5}),
        ("friday-saturday", {4, 5}),
        ("fri-sun", {4, 5, 6}),
        ("sun-mon", {6, 0}),
        ("sunday", {6}),
        ("thurs fri", {3, 4}),
    ],
)
def test_weekends(text: str, days: set[int]) -> None:
    assert read_weekend(text) == days


@pytest.mark.parametrize(
    ("text", "instead"),
    [
        ("mon-sun", "leave one of monday"),
        ("mon,tue,wed,thu,fri,sat,sun", "leave one of"),
        ("", "as in sat,sun"),
        (" , ", "as in sat,sun"),
        ("fri,holiday", "“holiday” is no weekday"),
        ("fr", "“fr” is no weekday"),
        ("5,6", "“5” is no weekday"),
    ],
)
def test_a_refused_weekend_says_what_to_write(text: str, instead: str) -> None:
    with pytest.raises(CalendarRefused, match=instead):
        read_weekend(text)


@given(st.sets(st.integers(0, 6), min_size=1, max_size=6), st.sampled_from([",", " ", ", ", " and ", "/"]))
def test_every_set_of_days_reads_back(days: set[int], between: str) -> None:
    assert read_weekend(between.join(WEEKDAYS[day][:3] for day in days)) == days


@settings(deadline=None)
@given(st.text(max_size=40) | st.from_regex(r"[A-Z]{2}(-[A-Z0-9]{1,3})?", fullmatch=True))
def test_nonsense_is_refused_and_nothing_else(text: str) -> None:
    for read in (read_country, read_weekend):
        with suppress(CalendarRefused):
            assert read(text)


def test_names() -> None:
    assert [read_weekday(name[:3]) for name in WEEKDAYS] == list(range(7))
    assert [read_month(name[:3]) for name in MONTHS] == list(range(1, 13))
    assert read_month("Sept.") == 9
    assert read_month("ma") is None
    assert read_weekday("fridays") is None
    assert show_date(date(2026, 12, 10)) == "Thu 10 Dec 2026"
