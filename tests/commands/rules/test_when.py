"""The grammar of WHEN: what is read, what is not, and what is meant as a time but must be written otherwise."""

from __future__ import annotations

from datetime import date, time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from commands.rules.names import MONTHS, WEEKDAYS
from commands.rules.when import (
    EXAMPLES,
    Length,
    MonthEnd,
    OnDate,
    OnDay,
    OnWeekday,
    Unit,
    Unreadable,
    When,
    read_when,
)

FIVE = time(17)
NINE = time(9)


@pytest.mark.parametrize(
    ("text", "when"),
    [
        ("10d", Length(10, Unit.DAYS)),
        ("in 10 days", Length(10, Unit.DAYS)),
        ("1 day", Length(1, Unit.DAYS)),
        ("3 calendar days", Length(3, Unit.DAYS)),
        ("10wd", Length(10, Unit.WORKING_DAYS)),
        ("10 working days", Length(10, Unit.WORKING_DAYS)),
        ("In 10 Business Days", Length(10, Unit.WORKING_DAYS)),
        ("2w", Length(2, Unit.WEEKS)),
        ("2 weeks", Length(2, Unit.WEEKS)),
        ("1 month", Length(1, Unit.MONTHS)),
        ("8h", Length(8, Unit.HOURS)),
        ("8 hours", Length(8, Unit.HOURS)),
        ("10d UTC", Length(10, Unit.DAYS, "UTC")),
        ("999999999d", Length(999_999_999, Unit.DAYS)),
        ("2026-12-10", OnDate(12, 10, 2026)),
        ("2026-12-10 17:00", OnDate(12, 10, 2026, at=FIVE)),
        ("2026-12-10T17:00", OnDate(12, 10, 2026, at=FIVE)),
        ("2026-12-10T17:00Z", OnDate(12, 10, 2026, at=FIVE, zone="UTC")),
        ("2026-12-10 17:00 Seoul", OnDate(12, 10, 2026, at=FIVE, zone="Asia/Seoul")),
        ("2026-12-10 Asia/Seoul", OnDate(12, 10, 2026, zone="Asia/Seoul")),
        ("10 December", OnDate(12, 10)),
        ("10th december", OnDate(12, 10)),
        ("10 Dec 2026", OnDate(12, 10, 2026)),
        ("Dec 10", OnDate(12, 10)),
        ("Dec 10, 2026 9 am", OnDate(12, 10, 2026, at=NINE)),
        ("29 Feb", OnDate(2, 29)),
        ("29 Feb 2028", OnDate(2, 29, 2028)),
        ("Thu 10 Dec 2026, 17:00", OnDate(12, 10, 2026, weekday=3, at=FIVE)),
        ("31 Dec 9999", OnDate(12, 31, 9999)),
        ("friday", OnWeekday(4)),
        ("next friday", OnWeekday(4)),
        ("Fri", OnWeekday(4)),
        ("friday 17:00", OnWeekday(4, FIVE)),
        ("friday, 17:00", OnWeekday(4, FIVE)),
        ("next friday at 5pm port of spain", OnWeekday(4, FIVE, "America/Port_of_Spain")),
        ("today", OnDay(0)),
        ("tomorrow 9am", OnDay(1, NINE)),
        ("tomorrow 9:30pm New York", OnDay(1, time(21, 30), "America/New_York")),
        ("17:00 Seoul", OnDay(0, FIVE, "Asia/Seoul")),
        ("at 9am", OnDay(0, NINE)),
        ("12am", OnDay(0, time(0))),
        ("12pm", OnDay(0, time(12))),
        ("end of month", MonthEnd()),
        ("End of the month Sydney", MonthEnd("Australia/Sydney")),
    ],
)
def test_what_is_read(text: str, when: When) -> None:
    assert read_when(text) == when


@pytest.mark.parametrize(
    "text",
    [
        "", "10", "9", "2026", "soon", "working days", "december", "Seoul", "friday bring the logs", "in friday",
        "dec 17:00", "10 dec 17", "2026-12-10 17", "17:00:00", "ten days", "-3d", "3 d 4 h", "1.5 days",
        "9999999999 days", "friday 9am est", "tomorrow Atlantis", "in 10 days 17:00", "\u0661\u0660 days", "8h " * 40,
    ],
)  # fmt: skip
def test_what_is_no_time(text: str) -> None:
    assert read_when(text) is None


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("31 February", "There is no 31 february: write"),
        ("29 Feb 2027 17:00", "There is no 29 feb 2027: write"),
        ("2026-13-01", "There is no 2026-13-01: write"),
        ("2026-02-30 Seoul", "There is no 2026-02-30: write"),
        ("0000-01-01", "There is no 0000-01-01: write"),
        ("0 December", "There is no 0 december: write"),
        ("99/99/2026", "There is no 99/99/2026: write"),
        ("10/12/2026", "write 2026-12-10 or 2026-10-12"),
        ("10.12.26 17:00", "write 2026-12-10 or 2026-10-12"),
        ("10/12", "write YYYY-12-10 or YYYY-10-12"),
        ("25/12/2026", "countries: write 2026-12-25"),
        ("11/11/2026", "write 2026-11-11"),
        ("2026/12/10", "write 2026-12-10"),
        ("2026.12.10", "write 2026-12-10"),
        ("friday 25:00", "There is no 25:00: write the time as in 17:00"),
        ("tomorrow 17:60", "There is no 17:60: write"),
        ("13pm", "There is no 13 pm: write 17:00 or 5pm"),
        ("0am", "There is no 0 am: write"),
        ("friday 17:00 EST", "EST is not the same everywhere or all year: write a city"),
        ("0 days", "0 leaves no time: write a length"),
    ],
)
def test_what_must_be_written_otherwise(text: str, why: str) -> None:
    read = read_when(text)
    assert isinstance(read, Unreadable)
    assert why in read.why


def test_the_examples_are_read() -> None:
    read = [read_when(item.strip('" ')) for item in EXAMPLES.split(",")]
    assert read
    assert not any(when is None or isinstance(when, Unreadable) for when in read)


WORDS = st.sampled_from(
    [
        "in", "at", "next", "end", "of", "month", "today", "tomorrow", "friday", "10", "0", "31", "february", "dec",
        "2026", "17:00", "25:00", "9am", "13", "pm", "d", "wd", "working", "days", "h", "2026-12-10", "10/12/2026",
        "Seoul", "EST", "New", "York", "UTC", ",", "th", "9999", "0001-01-01", "\u0663", "\u0130", "\u212a",
    ]
)  # fmt: skip


@settings(max_examples=500)
@given(st.text(max_size=120) | st.lists(WORDS, max_size=7).map(" ".join) | st.lists(WORDS, max_size=5).map("".join))
@example("9" * 5000 + " days")
@example("9999-12-31 23:59")
@example("\x00")
def test_no_text_breaks_the_grammar(text: str) -> None:
    read = read_when(text)
    assert not isinstance(read, Unreadable) or ": write " in read.why


@given(st.dates(), st.times().map(lambda at: at.replace(second=0, microsecond=0)))
def test_every_date_reads_in_every_spelling(day: date, at: time) -> None:
    month = MONTHS[day.month - 1]
    dated = OnDate(day.month, day.day, day.year, at=at)
    half = f"{at.hour % 12 or 12}:{at.minute:02}{'am' if at.hour < 12 else 'pm'}"
    assert read_when(f"{day} {at:%H:%M}") == dated
    assert read_when(f"{day} at {half}") == dated
    assert read_when(f"{day.day} {month} {day.year:04} {at:%H:%M}") == dated
    assert read_when(f"{month[:3].title()} {day.day}, {day.year:04}, {at:%H:%M}") == dated


@given(st.dates(), st.booleans())
def test_slashes_are_never_guessed_at(day: date, day_first: bool) -> None:
    one, other = (day.day, day.month) if day_first else (day.month, day.day)
    read = read_when(f"{one:02}/{other:02}/{day.year:04}")
    assert isinstance(read, Unreadable)
    assert day.isoformat() in read.why


@given(st.integers(1, 999_999_999), st.sampled_from(Unit), st.sampled_from(["", "in "]))
def test_every_length_reads(count: int, unit: Unit, before: str) -> None:
    assert read_when(f"{before}{count} {unit}") == Length(count, unit)
    assert read_when(f"{before}{count} {unit.removesuffix('s')}") == Length(count, unit)


@given(st.sampled_from(WEEKDAYS), st.integers(3, 9), st.booleans())
def test_every_weekday_reads(name: str, letters: int, upper: bool) -> None:
    word = name[:letters]
    assert read_when(word.upper() if upper else word) == OnWeekday(WEEKDAYS.index(name))
