"""Working days of an agency: its weekend and its country's public holidays; knows nothing of deadlines or of now."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, time, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from commands.rules.names import WEEKDAYS, read_weekday, show_date
from storage.words import ClosedDays

if TYPE_CHECKING:
    from holidays import HolidayBase

_WEEK = frozenset(range(7))
WEEKEND = "weekend"

# The package gives Hong Kong's statutory day of rest, Sunday; government offices close on Saturday as well.
_OFFICE_WEEKENDS = {"HK": frozenset({5, 6})}

# These governments move working days to weekends and back by a yearly decree: a year without one is not known yet,
# although the package fills it with the holidays that the law fixes.
_DECREED = frozenset({"AZ", "BY", "CN", "HU", "KG", "KZ", "LV", "MM", "RU", "UZ", "VN"})
_TABLES_END = {"IN": 2035}  # the package's dates of Hindu holidays
_SHIFT_FIELDS = 4  # to month, to day, from month, from day: what the package records of a moved working day

# Most of their public holidays belong to a state or province.
_BY_SUBDIVISION = frozenset({"AU", "CA", "CH", "DE", "ES", "GB", "MY", "NZ"})

_SEATS = {"EU": "BE"}
_COUNTRY = re.compile(r"([A-Za-z]{2})(?:-(.{1,30}))?")
_MONTH_FIRST = re.compile(r"\b(\d{2})/(\d{2})/(\d{4})\b", re.ASCII)
_DAY_SEPARATORS = re.compile(r"[\s,;+&/]+|\band\b")


class CalendarRefused(ValueError):  # noqa: N818 - a refusal is an outcome; its text says what to type instead
    """What was typed names no calendar that we know."""


@dataclass(frozen=True)
class Calendar:
    """What decides an agency's working days.

    `country` is ISO 3166-1 alpha-2, `subdivision` the part after the hyphen in ISO 3166-2, `zone` an IANA name;
    `weekend` holds `date.weekday()` numbers, None is the country's own. `opens` and `closes`
    are its hours, by the clocks of its zone.
    """

    country: str
    subdivision: str | None
    zone: str
    weekend: frozenset[int] | None = None
    closings: tuple[ClosedDays, ...] = ()
    opens: time = time(9)
    closes: time = time(17)

    def __post_init__(self) -> None:
        if self.weekend is not None and self.weekend >= _WEEK:
            raise ValueError("a week without a working day has no next one")


def is_working_day(cal: Calendar, day: date) -> bool:
    if day.toordinal() in _days_off(cal.country, cal.subdivision, cal.weekend, day.year):
        return False
    return _closing(cal, day) is None


def why_off(cal: Calendar, day: date) -> str | ClosedDays | None:
    """The public holiday by its name, `weekend`, or the closing days it is one of; None: it is a working day."""
    if day.toordinal() in _days_off(cal.country, cal.subdivision, cal.weekend, day.year):
        return _names(cal.country, cal.subdivision, day.year).get(day.toordinal(), WEEKEND)
    return _closing(cal, day)


def _closing(cal: Calendar, day: date) -> ClosedDays | None:
    return next((closed for closed in cal.closings if closed.first <= day <= closed.last), None)


def is_made_up_for(cal: Calendar, day: date) -> bool:
    """Whether it lies on a weekend and is worked all the same, by a decree of its country."""
    rested = cal.weekend is None or day.weekday() in cal.weekend
    return rested and day.toordinal() in _worked(cal.country, cal.subdivision, day.year)


def next_working_day(cal: Calendar, day: date) -> date:
    """That day, if it is a working day, else the first one after it."""
    while not is_working_day(cal, day):
        day += timedelta(days=1)
    return day


def last_working_day(cal: Calendar, day: date) -> date:
    """That day, if it is a working day, else the last one before it."""
    while not is_working_day(cal, day):
        day -= timedelta(days=1)
    return day


def add_working_days(cal: Calendar, start: date, n: int) -> date:
    """The n-th working day after the start, which is itself never counted, working day or not."""
    day = start
    for _ in range(n):
        day = next_working_day(cal, day + timedelta(days=1))
    return day


def last_working_day_of_month(cal: Calendar, day: date) -> date:
    """The last working day of the month in which the day lies."""
    return last_working_day(cal, day.replace(day=monthrange(day.year, day.month)[1]))


def covered(cal: Calendar, year: int) -> bool:
    """Whether the public holidays of that year are known; where they are not, only weekends count as days off."""
    known = _constants(cal.country)
    last = _last_decree(cal.country) if cal.country in _DECREED else _TABLES_END.get(cal.country, known.end_year)
    return known.start_year <= year <= last


def first_uncovered(cal: Calendar, first: date, last: date) -> int | None:
    """The first year between two dates whose public holidays are not known."""
    return next((year for year in range(first.year, last.year + 1) if not covered(cal, year)), None)


def lacks_subdivision(country: str, subdivision: str | None) -> bool:
    """Whether only the national minimum is counted, although most of the holidays are a state's or province's."""
    return subdivision is None and country in _BY_SUBDIVISION


def read_country(text: str) -> tuple[str, str | None]:
    """`AU-ACT`, `kr` -> country and subdivision as ISO 3166 writes them; raises CalendarRefused."""
    found = _COUNTRY.fullmatch(text.strip())
    if not found:
        raise CalendarRefused(f"“{text}” is no country code: write two letters, as in KR, or AU-ACT with a subdivision")
    country, subdivision = found[1].upper(), found[2]
    if subdivision:
        fold = {name.lower(): name for name in _subdivisions(country)}
        subdivision = fold.get(subdivision.lower(), subdivision)
    if complaint := country_complaint(country, subdivision):
        raise CalendarRefused(complaint)
    return country, subdivision


def country_complaint(country: str, subdivision: str | None) -> str | None:
    """Why there is no calendar for it and what to write instead; None if there is one."""
    try:
        known = _constants(country)
    except NotImplementedError:
        instead = f"write that of its seat, {_SEATS[country]}" if country in _SEATS else "write its ISO 3166 code"
        return f"{country} has no calendar of public holidays: {instead}"
    if known.country != country:  # the package also answers to UK
        return f"{country} is no ISO 3166 code: write {known.country}"
    if subdivision is None or subdivision in known.subdivisions:
        return None
    if not known.subdivisions:
        return f"{country} has no subdivisions: write {country}"
    return f"{country} has no subdivision {subdivision}: write {country}- and one of {', '.join(known.subdivisions)}"


def read_weekend(text: str) -> frozenset[int]:
    """`fri,sat`, `friday and saturday`, `fri-sun` -> `date.weekday()` numbers; raises CalendarRefused."""
    days: set[int] = set()
    for part in filter(None, _DAY_SEPARATORS.split(text.lower())):
        first, _, last = part.partition("-")
        begin, end = read_weekday(first), read_weekday(last or first)
        if begin is None or end is None:
            raise CalendarRefused(f"“{part}” is no weekday: write the days off as in fri,sat")
        days |= {(begin + step) % 7 for step in range((end - begin) % 7 + 1)}
    if not days:
        raise CalendarRefused("No day is named: write the days off as in sat,sun")
    if days >= _WEEK:
        raise CalendarRefused(f"A week needs a working day: leave one of {', '.join(WEEKDAYS)} out")
    return frozenset(days)


def _subdivisions(country: str) -> tuple[str, ...]:
    try:
        return tuple(_constants(country).subdivisions)
    except NotImplementedError:
        return ()


def _holidays(
    country: str, subdivision: str | None, years: tuple[int, ...], language: str | None = None
) -> HolidayBase:
    """Raises NotImplementedError for a country or subdivision that the package does not know."""
    import holidays  # noqa: PLC0415 - half a second and 40 MB, only once somebody asks for a calendar

    return holidays.country_holidays(country, subdiv=subdivision, years=years, language=language)


@lru_cache(maxsize=256)
def _constants(country: str) -> HolidayBase:
    """To be asked what is so in every year, never for a day: asking would fill it (see _days_off)."""
    return _holidays(country, None, ())


@lru_cache(maxsize=2048)
def _days_off(country: str, subdivision: str | None, weekend: frozenset[int] | None, year: int) -> frozenset[int]:
    """The ordinals of a year's days off.

    A value and not the package's object, which fills itself while it is asked: two threads must not see that.
    """
    known = _holidays(country, subdivision, (year,))
    if weekend is None:
        weekend = _OFFICE_WEEKENDS.get(country)
    first, last = date(year, 1, 1).toordinal(), date(year, 12, 31).toordinal()
    return frozenset(number for number in range(first, last + 1) if _is_off(known, weekend, date.fromordinal(number)))


def _is_off(known: HolidayBase, weekend: frozenset[int] | None, day: date) -> bool:
    resting = known.is_weekend(day) if weekend is None else day.weekday() in weekend
    return day not in known.weekend_workdays if resting else day in known


@lru_cache(maxsize=2048)
def _names(country: str, subdivision: str | None, year: int) -> dict[int, str]:
    """The public holidays of a year in English, by their ordinals."""
    english = next((one for one in _constants(country).supported_languages if one.startswith("en")), None)
    known = _holidays(country, subdivision, (year,), english)
    return {day.toordinal(): _name(name) for day, name in known.items() if day.year == year}


def _name(packaged: str) -> str:
    """`Day off (substituted from Sun 20 Sep 2026)`: the package writes 09/20/2026, which half of us would misread."""
    # it also parts several of one day with a semicolon, which parts days where we name them
    name = packaged.replace("; ", ", ")
    return _MONTH_FIRST.sub(lambda found: show_date(date(int(found[3]), int(found[1]), int(found[2]))), name)


@lru_cache(maxsize=2048)
def _worked(country: str, subdivision: str | None, year: int) -> frozenset[int]:
    known = _holidays(country, subdivision, (year,))
    return frozenset(day.toordinal() for day in known.weekend_workdays if day.year == year)


@lru_cache(maxsize=len(_DECREED))
def _last_decree(country: str) -> int:
    """The last year whose moved working days are known."""
    decrees: dict[int, tuple[object, ...]] = getattr(_constants(country), "special_public_holidays", {})
    return max((year for year, entries in decrees.items() if _moves_working_days(entries)), default=0)


def _moves_working_days(entries: tuple[object, ...]) -> bool:
    # a year holds one entry or a tuple of them
    several = entries if entries and isinstance(entries[0], tuple) else (entries,)
    return any(isinstance(entry, tuple) and len(entry) >= _SHIFT_FIELDS for entry in several)
