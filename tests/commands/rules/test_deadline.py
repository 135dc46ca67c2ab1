"""When an answer is due: worked examples, and properties against a count of our own."""

from __future__ import annotations

import subprocess
import sys
from calendar import monthrange
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo

import holidays
import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st

from commands.rules.deadline import Due, DueRefused, Origin, Why, default_due, resolve
from commands.rules.when import Length, MonthEnd, OnDate, OnDay, OnWeekday, Unit, When, read_when
from commands.rules.workdays import Calendar, read_weekend
from storage.words import ClosedDays

NEW_YORK, SYDNEY, SEOUL, LONDON = "America/New_York", "Australia/Sydney", "Asia/Seoul", "Europe/London"
ACMA = Calendar("AU", "ACT", SYDNEY)
KISA = Calendar("KR", None, SEOUL)
ICO = Calendar("GB", "ENG", LONDON)
FTC = Calendar("US", None, NEW_YORK)
ISRAEL = Calendar("IL", None, "Asia/Jerusalem")
CHINA = Calendar("CN", None, "Asia/Shanghai")
SRI_LANKA = Calendar("LK", None, "Asia/Colombo")

TUESDAY = datetime(2026, 12, 1, 9, tzinfo=UTC)  # 04:00 in New York, 20:00 in Sydney, 18:00 in Seoul


def due_at(text: str, now: datetime, zone: str, asked: Calendar) -> str:
    when = read_when(text)
    assert when is not None
    return resolve(when, now, zone, asked).at.astimezone(ZoneInfo(asked.zone)).strftime("%a %Y-%m-%d %H:%M")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("10wd", "Tue 2026-12-15 17:00"),
        ("1 working day", "Wed 2026-12-02 17:00"),
        ("18 working days", "Tue 2026-12-29 17:00"),  # over Christmas and the day for Boxing Day
        ("3d", "Fri 2026-12-04 20:00"),
        ("1 week", "Tue 2026-12-08 20:00"),
        ("4 days", "Mon 2026-12-07 20:00"),  # from Saturday
        ("1 month", "Mon 2027-01-04 20:00"),  # from New Year's Day
        ("8 hours", "Wed 2026-12-02 04:00"),
        ("95 hours", "Sat 2026-12-05 19:00"),  # hours run over a weekend
        ("today 17:00", "Wed 2026-12-02 09:00"),
        ("tomorrow", "Wed 2026-12-02 17:00"),
        ("tomorrow 9am", "Thu 2026-12-03 01:00"),
        ("friday", "Fri 2026-12-04 17:00"),
        ("tuesday", "Tue 2026-12-08 17:00"),  # the next after today
        ("saturday", "Mon 2026-12-07 17:00"),
        ("saturday 17:00", "Sun 2026-12-06 09:00"),  # with a time it stands
        ("2026-12-10", "Thu 2026-12-10 17:00"),
        ("2026-12-10 17:00", "Fri 2026-12-11 09:00"),
        ("2026-12-10 17:00 Sydney", "Thu 2026-12-10 17:00"),
        ("17:00 Seoul", "refused"),
        ("10 December", "Thu 2026-12-10 17:00"),
        ("Thu 10 Dec 2026", "Thu 2026-12-10 17:00"),
        ("2 Dec 04:30", "Wed 2026-12-02 20:30"),
        ("1 Dec 04:30", "Tue 2026-12-01 20:30"),  # today is not yet next year's
        ("30 Nov", "Tue 2027-11-30 17:00"),
        ("25 dec", "Tue 2026-12-29 17:00"),
        ("29 feb", "Tue 2028-02-29 17:00"),
        ("end of month", "Thu 2026-12-31 17:00"),
        ("36 months", "Mon 2029-12-03 20:00"),
        ("2029-12-01", "Mon 2029-12-03 17:00"),
    ],
)
def test_new_york_asks_sydney(text: str, expected: str) -> None:
    if expected == "refused":
        with pytest.raises(DueRefused):
            due_at(text, TUESDAY, NEW_YORK, ACMA)
    else:
        assert due_at(text, TUESDAY, NEW_YORK, ACMA) == expected


@pytest.mark.parametrize(
    ("text", "now", "zone", "asked", "expected"),
    [
        # the day of sending is the asked agency's: Friday evening in New York is Saturday in Sydney
        ("1wd", datetime(2026, 12, 5, 1, tzinfo=UTC), NEW_YORK, ACMA, "Mon 2026-12-07 17:00"),
        ("1wd", datetime(2026, 12, 4, 1, tzinfo=UTC), NEW_YORK, ACMA, "Mon 2026-12-07 17:00"),
        # `friday` is the writer's: on Thursday evening in New York that is tomorrow, in Sydney today
        ("friday", datetime(2026, 12, 4, 1, tzinfo=UTC), NEW_YORK, ACMA, "Fri 2026-12-04 17:00"),
        ("friday Sydney", datetime(2026, 12, 4, 1, tzinfo=UTC), NEW_YORK, ACMA, "Fri 2026-12-11 17:00"),
        # Sunday is worked in Israel, Friday is not
        ("friday", TUESDAY, LONDON, ISRAEL, "Sun 2026-12-06 17:00"),
        ("5wd", TUESDAY, LONDON, ISRAEL, "Tue 2026-12-08 17:00"),
        # a Saturday that China works for 6 October
        ("sat 10 oct 2026", datetime(2026, 10, 1, 1, tzinfo=UTC), LONDON, CHINA, "Sat 2026-10-10 17:00"),
        ("1 month", datetime(2027, 1, 31, 12, tzinfo=UTC), LONDON, ICO, "Mon 2027-03-01 12:00"),  # 28 Feb is a Sunday
        ("1 month", datetime(2028, 1, 31, 12, tzinfo=UTC), LONDON, ICO, "Tue 2028-02-29 12:00"),
        ("end of month", datetime(2026, 1, 10, 12, tzinfo=UTC), NEW_YORK, ICO, "Fri 2026-01-30 17:00"),
        ("end of month", datetime(2026, 11, 30, 20, tzinfo=UTC), SYDNEY, ICO, "Thu 2026-12-31 17:00"),  # December there
        # the same wall time over the end of summer time, an hour more by the clock
        ("3d", datetime(2026, 10, 24, 11, tzinfo=UTC), LONDON, ICO, "Tue 2026-10-27 12:00"),
        ("72h", datetime(2026, 10, 24, 11, tzinfo=UTC), LONDON, ICO, "Tue 2026-10-27 11:00"),
        # skipped: 01:30 does not exist in London, 02:30 does; doubled: 01:30 is the one in summer time
        ("2027-03-28 01:30", TUESDAY, LONDON, ICO, "Sun 2027-03-28 02:30"),
        ("2026-10-25 01:30", datetime(2026, 10, 1, tzinfo=UTC), LONDON, ICO, "Sun 2026-10-25 01:30"),
    ],
)
def test_other_desks(text: str, now: datetime, zone: str, asked: Calendar, expected: str) -> None:
    assert due_at(text, now, zone, asked) == expected


def test_the_doubled_hour_is_the_first() -> None:
    when = OnDate(10, 25, 2026, at=time(1, 30))
    due = resolve(when, datetime(2026, 10, 1, tzinfo=UTC), LONDON, ICO)
    assert due.at == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "why", "words"),
    [
        ("2026-11-30", Why.PAST, "Mon 30 Nov 2026, 17:00 Sydney, is past: write a later time"),
        ("today", Why.PAST, "Tue 1 Dec 2026, 17:00 Sydney, is past"),
        ("3am", Why.PAST, "Tue 1 Dec 2026, 03:00 is past"),
        ("17:00 Seoul", Why.PAST, "Tue 1 Dec 2026, 17:00 Seoul is past"),
        ("0001-01-01 00:00", Why.PAST, "is past"),
        ("2029-12-02", Why.TOO_FAR, "Sun 2 Dec 2029 is more than 3 years away: write an earlier time"),
        ("9999-12-31 23:59", Why.TOO_FAR, "more than 3 years"),
        ("37 months", Why.TOO_FAR, "37 months is more than 3 years away"),
        ("800 working days", Why.TOO_FAR, "more than 3 years"),
        ("999999999 hours", Why.TOO_FAR, "more than 3 years"),
        ("31 February", Why.UNREADABLE, "There is no 31 february: write"),
        ("Fri 10 Dec 2026", Why.UNREADABLE, "10 Dec 2026 is a Thursday: write"),
        ("10/12/2026", Why.UNREADABLE, "write 2026-12-10 or 2026-10-12"),
    ],
)
def test_a_refusal_says_what_to_write(text: str, why: Why, words: str) -> None:
    when = read_when(text)
    assert when is not None
    with pytest.raises(DueRefused) as refused:
        resolve(when, TUESDAY, NEW_YORK, ACMA)
    assert refused.value.why is why
    assert words in str(refused.value)
    assert "write" in str(refused.value)


def test_yesterday_here_may_still_be_today_there() -> None:
    now = datetime(2026, 12, 10, 19, tzinfo=UTC)  # Friday in Auckland, Thursday 14:00 in New York
    assert due_at("2026-12-10", now, "Pacific/Auckland", FTC) == "Thu 2026-12-10 17:00"


@pytest.mark.parametrize("text", ["today", "2026-12-05"])
def test_a_day_off_that_is_over_does_not_come_back_as_monday(text: str) -> None:
    with pytest.raises(DueRefused, match="is past"):
        due_at(text, datetime(2026, 12, 6, 18, tzinfo=UTC), LONDON, ICO)


def test_what_is_said_of_a_due_time() -> None:
    moved = resolve(OnWeekday(5), TUESDAY, NEW_YORK, ACMA)
    assert (moved.spec, moved.moved_from, moved.fixed, moved.origin) == (
        "Sat 5 Dec 2026",
        date(2026, 12, 5),
        True,
        Origin.WRITER,
    )
    exact = resolve(OnWeekday(5, time(9), SEOUL), TUESDAY, NEW_YORK, ACMA)
    assert (exact.spec, exact.moved_from) == ("Sat 5 Dec 2026, 09:00 Seoul", None)
    length = resolve(Length(1, Unit.WORKING_DAYS), TUESDAY, NEW_YORK, ACMA)
    assert (length.spec, length.fixed, length.uncovered) == ("1 working day", False, None)


def test_the_day_that_was_moved_from_is_the_asked_agencys() -> None:
    # a day after Thursday 20:00 in New York it is Saturday in Seoul; not until Sunday 20:00 is it Monday there
    thursday_evening = datetime(2026, 12, 4, 1, tzinfo=UTC)
    due = resolve(Length(1, Unit.DAYS), thursday_evening, NEW_YORK, KISA)
    assert due.moved_from == date(2026, 12, 5)
    assert due.at == datetime(2026, 12, 7, 1, tzinfo=UTC)


def test_without_a_when() -> None:
    due = default_due(TUESDAY, False, ACMA)
    assert due.at == datetime(2026, 12, 15, 6, tzinfo=UTC)
    assert (due.spec, due.origin, due.fixed) == ("10 working days", Origin.DEFAULT, False)
    urgent = default_due(TUESDAY, True, ACMA)
    assert urgent.at == datetime(2026, 12, 4, 9, tzinfo=UTC)
    assert (urgent.spec, urgent.origin) == ("3 days", Origin.DEFAULT)


def test_the_hours_may_end_earlier() -> None:
    due = resolve(OnDate(12, 10, 2026), TUESDAY, NEW_YORK, replace(ACMA, closes=time(12, 30)))
    assert due.at == datetime(2026, 12, 10, 1, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "uncovered"),
    [
        ("10 working days", None),
        ("30 working days", 2027),
        ("2027-01-04", 2027),
        ("2 months", 2027),
        ("2027-01-04 17:00", None),  # no calendar was asked
        ("2000 hours", None),
    ],
)
def test_an_uncovered_year_is_told(text: str, uncovered: int | None) -> None:
    when = read_when(text)
    assert when is not None
    assert resolve(when, TUESDAY, NEW_YORK, SRI_LANKA).uncovered == uncovered


# Properties. What is expected is counted here anew, from the package's own days.

CALENDARS = st.sampled_from([ACMA, KISA, ICO, FTC, ISRAEL, CHINA])
ZONES = st.sampled_from(
    [NEW_YORK, LONDON, SYDNEY, SEOUL, "Pacific/Kiritimati", "Pacific/Pago_Pago", "Australia/Lord_Howe", "Asia/Kolkata"]
)
NOWS = st.datetimes(datetime(2025, 1, 1), datetime(2029, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 - bounds are naive
CLOCKS = st.none() | st.times().map(lambda at: at.replace(second=0, microsecond=0))
OWN_ZONE = st.none() | ZONES
WHENS: st.SearchStrategy[When] = st.one_of(
    st.builds(Length, st.integers(1, 900), st.sampled_from(Unit), OWN_ZONE),
    st.builds(
        lambda day, at, zone: OnDate(day.month, day.day, day.year, None, at, zone),
        st.dates(date(2025, 1, 1), date(2032, 12, 31)),
        CLOCKS,
        OWN_ZONE,
    ),
    st.builds(lambda day, at: OnDate(day.month, day.day, None, None, at), st.dates(), CLOCKS),
    st.builds(OnWeekday, st.integers(0, 6), CLOCKS, OWN_ZONE),
    st.builds(OnDay, st.integers(0, 1), CLOCKS, OWN_ZONE),
    st.builds(MonthEnd, OWN_ZONE),
)
unhurried = settings(deadline=None, max_examples=150)


@cache
def packaged(asked: Calendar) -> holidays.HolidayBase:
    return holidays.country_holidays(asked.country, subdiv=asked.subdivision, years=range(2024, 2036))


def works(asked: Calendar, day: date) -> bool:
    return packaged(asked).is_working_day(day)


def local(at: datetime, zone: str) -> datetime:
    return at.astimezone(ZoneInfo(zone))


def resolved(when: When, now: datetime, zone: str, asked: Calendar) -> Due:
    try:
        return resolve(when, now, zone, asked)
    except DueRefused:
        reject()


@unhurried
@given(WHENS, NOWS, ZONES, CALENDARS)
def test_every_due_time_is_to_come_and_within_reach(when: When, now: datetime, zone: str, asked: Calendar) -> None:
    due = resolved(when, now, zone, asked)
    assert due.at > now
    assert due.at.tzinfo is UTC
    assert due.at - now < timedelta(days=3 * 366 + 31)
    timed = isinstance(when, OnDate | OnWeekday | OnDay) and when.at is not None
    if not timed and not (isinstance(when, Length) and when.unit is Unit.HOURS):
        assert works(asked, local(due.at, asked.zone).date())
    if due.moved_from:
        assert not works(asked, due.moved_from)


@unhurried
@given(
    st.builds(Length, st.integers(1, 999_999_999), st.sampled_from(Unit))
    | st.builds(lambda day, at: OnDate(day.month, day.day, day.year, None, at), st.dates(), CLOCKS),
    NOWS,
    ZONES,
)
def test_nothing_that_can_be_written_overflows(when: When, now: datetime, zone: str) -> None:
    with suppress(DueRefused):
        assert resolve(when, now, zone, FTC).at > now


@unhurried
@given(WHENS, NOWS, ZONES, CALENDARS)
def test_what_was_read_reads_back(when: When, now: datetime, zone: str, asked: Calendar) -> None:
    due = resolved(when, now, zone, asked)
    again = read_when(due.spec)
    assert again is not None
    if isinstance(when, Length):
        assert again == replace(when, zone=None)
    else:
        assert resolve(again, now, zone, asked).at == due.at


@unhurried
@given(st.integers(1, 120), NOWS, ZONES, CALENDARS)
def test_working_days_are_counted_at_the_asked_desk(n: int, now: datetime, zone: str, asked: Calendar) -> None:
    end = local(resolve(Length(n, Unit.WORKING_DAYS), now, zone, asked).at, asked.zone)
    sent = local(now, asked.zone).date()
    counted = [sent + timedelta(days=step) for step in range(1, (end.date() - sent).days + 1)]
    assert sum(works(asked, day) for day in counted) == n
    assert end.time() == time(17)


@unhurried
@given(st.integers(1, 400), st.booleans(), NOWS, ZONES, CALENDARS)
def test_calendar_days_keep_the_wall_time(n: int, named: bool, now: datetime, zone: str, asked: Calendar) -> None:
    when = Length(n, Unit.DAYS, zone if named else None)
    due = resolve(when, now, SEOUL if named else zone, asked)
    sent, end = local(now, zone).replace(tzinfo=None), local(due.at, zone).replace(tzinfo=None)
    late = end - sent - timedelta(days=n)
    skipped = late % timedelta(days=1)
    assert skipped <= timedelta(hours=1)  # more than nothing only where the wall time does not exist that day
    assert not skipped or local(due.at - timedelta(hours=1), zone).utcoffset() != local(due.at, zone).utcoffset()
    walls = [(end - skipped - timedelta(days=step)).replace(tzinfo=ZoneInfo(zone)) for step in range(1, late.days + 1)]
    passed = [local(wall, asked.zone).date() for wall in walls]
    assert not any(works(asked, day) for day in passed)
    assert bool(passed) == (due.moved_from is not None)


@unhurried
@given(st.integers(1, 50), NOWS, ZONES, CALENDARS)
def test_a_week_is_seven_days(n: int, now: datetime, zone: str, asked: Calendar) -> None:
    weeks, days = Length(n, Unit.WEEKS), Length(7 * n, Unit.DAYS)
    assert resolve(weeks, now, zone, asked).at == resolve(days, now, zone, asked).at


@unhurried
@given(st.integers(1, 35), NOWS, ZONES, CALENDARS)
def test_months_end_on_the_same_day_or_the_months_last(n: int, now: datetime, zone: str, asked: Calendar) -> None:
    sent = local(now, zone)
    years, month = divmod(sent.month - 1 + n, 12)
    year, month = sent.year + years, month + 1
    target = date(year, month, min(sent.day, monthrange(year, month)[1]))
    days = Length((target - sent.date()).days, Unit.DAYS)
    assert resolve(Length(n, Unit.MONTHS), now, zone, asked).at == resolve(days, now, zone, asked).at


@unhurried
@given(st.integers(1, 20_000), NOWS, ZONES, CALENDARS)
def test_hours_run_by_the_clock(n: int, now: datetime, zone: str, asked: Calendar) -> None:
    assert resolve(Length(n, Unit.HOURS), now, zone, asked).at - now == timedelta(seconds=3600 * n)


@unhurried
@given(st.integers(0, 6), CLOCKS, NOWS, ZONES, CALENDARS)
def test_a_weekday_is_the_next_after_today(
    weekday: int, at: time | None, now: datetime, zone: str, asked: Calendar
) -> None:
    due = resolved(OnWeekday(weekday, at), now, zone, asked)
    day = due.moved_from or local(due.at, asked.zone if at is None else zone).date()
    assert day.weekday() == weekday
    assert 1 <= (day - local(now, zone).date()).days <= 7


def clock_changes(zone: str) -> list[tuple[datetime, datetime]]:
    """The hours of 2027 in UTC between which the zone's offset changes."""
    hours = [datetime(2027, 1, 1, tzinfo=UTC) + timedelta(hours=n) for n in range(365 * 24)]
    return [(a, b) for a, b in pairwise(hours) if local(a, zone).utcoffset() != local(b, zone).utcoffset()]


@pytest.mark.parametrize(
    "zone",
    [NEW_YORK, LONDON, SYDNEY, "Pacific/Auckland", "Australia/Lord_Howe", "Antarctica/Troll", "America/Santiago"],
)
def test_both_changes_of_the_clock(zone: str) -> None:
    changes = clock_changes(zone)
    assert len(changes) == 2
    for before, after in changes:
        gap = (local(after, zone).utcoffset() or timedelta()) - (local(before, zone).utcoffset() or timedelta())
        around = [before + timedelta(minutes=n) for n in range(-300, 301)]
        walls = [local(at, zone).replace(tzinfo=None) for at in around]
        wall = local(before, zone).replace(tzinfo=None, minute=0) - timedelta(hours=1)
        for _ in range(18):  # every ten minutes of three hours
            wall += timedelta(minutes=10)
            exists = wall in walls
            first = around[walls.index(wall if exists else wall + gap)]
            when = OnDate(wall.month, wall.day, wall.year, at=wall.time())
            assert resolve(when, TUESDAY, zone, ACMA).at == first
        assert any(walls.count(one) > 1 for one in walls) == (gap < timedelta())


@pytest.mark.parametrize("weekend", ["fri,sat", "tue-sun"])
def test_an_odd_weekend_is_kept_to(weekend: str) -> None:
    asked = replace(ICO, weekend=read_weekend(weekend))
    due = resolve(Length(40, Unit.WORKING_DAYS), TUESDAY, LONDON, asked)
    assert local(due.at, LONDON).weekday() not in read_weekend(weekend)
    assert local(due.at, LONDON).date() not in packaged(ICO)


def test_the_package_is_loaded_only_when_asked() -> None:
    script = (
        "import sys, commands.rules.deadline as rules; assert 'holidays' not in sys.modules;"
        "from commands.rules.workdays import read_country; read_country('KR'); assert 'holidays' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", script], check=True)


# How it came about


def steps(text: str, now: datetime, zone: str, asked: Calendar) -> tuple[str, ...]:
    when = read_when(text)
    assert when is not None
    return resolve(when, now, zone, asked).steps


def test_the_day_that_is_not_counted_is_the_asked_agencys() -> None:
    friday_evening = datetime(2026, 12, 5, 1, tzinfo=UTC)
    assert steps("1wd", friday_evening, NEW_YORK, ACMA) == (
        "1 working day, as the writer wanted, from Fri 4 Dec 2026, 20:00 (New York).",
        "Counted there, working days only, from the day after Sat 5 Dec 2026.",
        "Not counted: 1 day of weekends.",
        "It ends with the hours there: Mon 7 Dec 2026, 17:00 (Sydney).",
    )


def test_weekends_that_china_works_are_counted_and_said() -> None:
    left_out = (
        "Not counted: 4 days of weekends; Fri 25 Sep 2026 (Mid-Autumn Festival); 3 days from Thu 1 Oct 2026 to "
        "Sat 3 Oct 2026 (National Day); Mon 5 Oct 2026 (National Day (observed)); "
        "Tue 6 Oct 2026 (Day off (substituted from Sun 20 Sep 2026)); "
        "Wed 7 Oct 2026 (Day off (substituted from Sat 10 Oct 2026))."
    )
    assert steps("10wd", datetime(2026, 9, 18, 3, tzinfo=UTC), LONDON, CHINA)[2:] == (
        left_out,
        "Counted, though on a weekend, because it is worked there: Sun 20 Sep 2026.",
        "It ends with the hours there: Fri 9 Oct 2026, 17:00 (Shanghai).",
    )


def test_a_stated_weekend_is_worked_too() -> None:
    stated = replace(CHINA, weekend=read_weekend("sat,sun"))
    made_up = "Counted, though on a weekend, because it is worked there: Sat 10 Oct 2026."
    assert made_up in steps("3wd", datetime(2026, 10, 8, 3, tzinfo=UTC), LONDON, stated)
    fridays = replace(CHINA, weekend=read_weekend("fri"))  # a Saturday is a day like others there
    assert made_up not in steps("3wd", datetime(2026, 10, 8, 3, tzinfo=UTC), LONDON, fridays)


def test_hours_and_closings() -> None:
    closed = (
        ClosedDays(date(2026, 12, 2), date(2026, 12, 2)),
        ClosedDays(date(2026, 12, 4), date(2026, 12, 9), "Moving\nhouse"),
    )
    asked = replace(KISA, closings=closed, opens=time(8), closes=time(12, 30))
    left_out, ends = steps("2wd", TUESDAY, NEW_YORK, asked)[2:]
    assert left_out == (
        "Not counted: 2 days of weekends; Wed 2 Dec 2026 (closed); 4 days from Fri 4 Dec 2026 to Wed 9 Dec 2026 "
        "(closed: Moving house)."
    )
    assert ends == "It ends with the hours there: Thu 10 Dec 2026, 12:30 (Seoul)."
    assert steps("2026-12-04", TUESDAY, NEW_YORK, asked)[1] == (
        "Fri 4 Dec 2026 is no working day there (closed: Moving house): moved to Thu 10 Dec 2026, past 2 days of "
        "weekends; 3 days from Mon 7 Dec 2026 to Wed 9 Dec 2026 (closed: Moving house)."
    )


def test_a_clock_change_that_moves_the_end_of_the_hours() -> None:
    early = replace(ISRAEL, opens=time(0), closes=time(2, 30))  # works on Sundays; the clocks change on Fridays there
    assert steps("2027-03-26", TUESDAY, LONDON, replace(early, weekend=read_weekend("sat")))[1:] == (
        "It ends with the hours there: Fri 26 Mar 2027, 02:30 (Jerusalem).",
        "The clocks go forward that day: 02:30 is skipped, 03:30 stands.",
    )


def test_three_years_are_told_in_a_few_lines() -> None:
    told = steps("700wd", TUESDAY, NEW_YORK, ACMA)
    assert max(map(len, told)) < 1200
    assert "more public holidays and closing days." in told[2]


def test_a_step_is_short_for_all_who_are_asked_often() -> None:
    for asked in (ACMA, KISA, ICO, FTC, ISRAEL):
        assert max(map(len, steps("10wd", TUESDAY, NEW_YORK, asked))) < 200
