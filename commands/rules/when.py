"""The grammar of WHEN: text to a value, the same on every day; says nothing of what moment it comes to."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date, time
from enum import StrEnum

from commands.rules.names import read_month, read_weekday
from commands.rules.zones import known_zone

EXAMPLES = '10d, 10wd, 2w, 8h, friday, "tomorrow 9am", 2026-12-10, "2026-12-10 17:00 Seoul", "end of month"'
"""What to type, for whoever must answer text that `read_when` does not know."""


class Unit(StrEnum):
    """What a length is counted in; the value is its plural in words."""

    HOURS = "hours"
    DAYS = "days"
    WORKING_DAYS = "working days"
    WEEKS = "weeks"
    MONTHS = "months"


@dataclass(frozen=True)
class Length:
    """From now on; `count` is 1 or more."""

    count: int
    unit: Unit
    zone: str | None = None


@dataclass(frozen=True)
class OnDate:
    """A date; without a year the next one. `weekday` is what the writer believes it to be (Monday is 0)."""

    month: int
    day: int
    year: int | None = None
    weekday: int | None = None
    at: time | None = None
    zone: str | None = None


@dataclass(frozen=True)
class OnWeekday:
    """The next one after today (Monday is 0)."""

    weekday: int
    at: time | None = None
    zone: str | None = None


@dataclass(frozen=True)
class OnDay:
    """`ahead` days after today: 0 is today."""

    ahead: int
    at: time | None = None
    zone: str | None = None


@dataclass(frozen=True)
class MonthEnd:
    """The last working day of this month."""

    zone: str | None = None


@dataclass(frozen=True)
class Unreadable:
    """Meant as a time, but not to be guessed at; `why` says what to write instead."""

    why: str


_Dated = OnDate | OnWeekday | OnDay
When = Length | _Dated | MonthEnd | Unreadable


def is_day(when: When | None) -> bool:
    """Whether it names a day and no time of it."""
    match when:
        case Length(unit=unit):
            return unit is Unit.WORKING_DAYS
        case MonthEnd():
            return True
        case OnDate(at=at) | OnWeekday(at=at) | OnDay(at=at):
            return at is None
        case _:
            return False


_LONGEST_CITY = 3  # words, as in Port of Spain
_LEAP_YEAR = 2028  # has every day that a date without a year may name
_CENTURY = 2000

_UNITS = {
    Unit.HOURS: r"h|hrs?|hours?",
    Unit.DAYS: r"d|days?|calendar days?",
    Unit.WORKING_DAYS: r"wd|workdays?|working days?|business days?",
    Unit.WEEKS: r"w|wks?|weeks?",
    Unit.MONTHS: r"months?",
}
_LENGTHS = {unit: re.compile(rf"(?:in )?([0-9]{{1,9}}) ?(?:{words})") for unit, words in _UNITS.items()}
_MONTH_END = re.compile(r"(?:at )?(?:the )?end of (?:the |this )?month|eom")
_DAYS_AHEAD = {"today": 0, "tomorrow": 1}
_ISO_INSTANT = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})t([0-9]{2}:[0-9]{2})(z?)")
_CLOCK = re.compile(r"(.*?)(?:(?:^| )at)?(?:^| )([0-9]{1,2})(?::([0-9]{2}))? ?(am|pm)?")
_YEAR_FIRST = re.compile(r"([0-9]{4})([-/.])([0-9]{1,2})\2([0-9]{1,2})")
_YEAR_LAST = re.compile(r"([0-9]{1,2})([-/.])([0-9]{1,2})(?:\2([0-9]{2}|[0-9]{4}))?")
_DAY_NUMBER = re.compile(r"([0-9]{1,2})(?:st|nd|rd|th)?")
_YEAR = re.compile(r"[0-9]{4}")
_ABBREVIATION = re.compile(r"[A-Z]{1,4}T")


def read_when(text: str) -> When | None:
    """What the text says; None if it is no time at all, Unreadable if it is one that must be written otherwise."""
    words = text.replace(", ", " ").split()
    body = _ISO_INSTANT.sub(_spaced, " ".join(words).lower()).split()
    for tail in range(min(_LONGEST_CITY, len(body) - 1) + 1):
        zone = known_zone(" ".join(body[-tail:])) if tail else None
        if tail and zone is None:
            continue
        if when := _read(" ".join(body[: len(body) - tail])):
            return when if isinstance(when, Unreadable) else replace(when, zone=zone)
    if len(words) > 1 and _ABBREVIATION.fullmatch(words[-1]) and _read(" ".join(body[:-1])):
        return Unreadable(f"{words[-1]} is not the same everywhere or all year: write a city, as in 17:00 New York")
    return None


def _spaced(instant: re.Match[str]) -> str:
    return f"{instant[1]} {instant[2]}{' utc' if instant[3] else ''}"


def _read(text: str) -> When | None:
    for unit, pattern in _LENGTHS.items():
        if found := pattern.fullmatch(text):
            count = int(found[1])
            return Length(count, unit) if count else Unreadable("0 leaves no time: write a length such as 3d or 10wd")
    if _MONTH_END.fullmatch(text):
        return MonthEnd()
    return _read_dated(text)


def _read_dated(text: str) -> _Dated | Unreadable | None:
    clock = _CLOCK.fullmatch(text)
    if not clock or not (clock[3] or clock[4]):  # a lone number is a day or a year
        return _read_day(text)
    when = _read_day(clock[1]) if clock[1] else OnDay(0)
    if when is None or isinstance(when, Unreadable):
        return when
    at = _read_clock(int(clock[2]), int(clock[3] or 0), clock[4])
    return at if isinstance(at, Unreadable) else replace(when, at=at)


def _read_clock(hour: int, minute: int, half: str | None) -> time | Unreadable:
    if half and 1 <= hour <= 12:  # noqa: PLR2004 - the hours of half a day
        hour = hour % 12 + (12 if half == "pm" else 0)
    elif half:
        return Unreadable(f"There is no {hour} {half}: write 17:00 or 5pm")
    try:
        return time(hour, minute)
    except ValueError:
        return Unreadable(f"There is no {hour}:{minute:02}: write the time as in 17:00")


def _read_day(text: str) -> _Dated | Unreadable | None:
    if text in _DAYS_AHEAD:
        return OnDay(_DAYS_AHEAD[text])
    weekday = read_weekday(text.removeprefix("next "))
    if weekday is not None:
        return OnWeekday(weekday)
    return _read_numbers(text) or _read_named(text.split())


def _read_numbers(text: str) -> OnDate | Unreadable | None:
    if found := _YEAR_FIRST.fullmatch(text):
        year, month, day = int(found[1]), int(found[3]), int(found[4])
        when = _date(text, year, month, day)
        if found[2] == "-" or isinstance(when, Unreadable):
            return when
        return Unreadable(f"{text} is not how we write dates: write {year}-{month:02}-{day:02}")
    if found := _YEAR_LAST.fullmatch(text):
        return _ambiguous(text, int(found[1]), int(found[3]), found[4])
    return None


def _ambiguous(text: str, one: int, other: int, year: str | None) -> Unreadable:
    whole = int(year) + (_CENTURY if len(year) == len("26") else 0) if year else None
    days = dict.fromkeys([(other, one), (one, other)])
    possible = [(month, day) for month, day in days if not _impossible(whole, month, day)]
    if not possible:
        return _no_such_day(text)
    readings = [f"{f'{whole:04}' if whole else 'YYYY'}-{month:02}-{day:02}" for month, day in possible]
    return Unreadable(f"{text} reads differently in different countries: write {' or '.join(readings)}")


def _read_named(words: list[str]) -> OnDate | Unreadable | None:
    """`10 december`, `dec 10 2026`, and as we echo it, `thu 10 dec 2026`."""
    weekday = read_weekday(words[0]) if words else None
    if weekday is not None:
        words = words[1:]
    if len(words) not in (2, 3) or (len(words) == 3 and not _YEAR.fullmatch(words[2])):  # noqa: PLR2004 - a date's parts
        return None
    month, number = read_month(words[1]), _DAY_NUMBER.fullmatch(words[0])
    if month is None:
        month, number = read_month(words[0]), _DAY_NUMBER.fullmatch(words[1])
    if month is None or number is None:
        return None
    year = int(words[2]) if words[2:] else None
    return _date(" ".join(words), year, month, int(number[1]), weekday)


def _date(text: str, year: int | None, month: int, day: int, weekday: int | None = None) -> OnDate | Unreadable:
    return _no_such_day(text) if _impossible(year, month, day) else OnDate(month, day, year, weekday)


def _no_such_day(text: str) -> Unreadable:
    return Unreadable(f"There is no {text}: write a day of the calendar, as in 2026-12-10")


def _impossible(year: int | None, month: int, day: int) -> bool:
    try:
        date(_LEAP_YEAR if year is None else year, month, day)
    except ValueError:
        return True
    return False
