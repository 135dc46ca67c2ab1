"""When an answer is due: a WHEN or the default, made a moment by the asked agency's calendar; never reads the clock.

The rules are the contract's paragraph "Due".
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta

from commands.rules import account
from commands.rules.names import WEEKDAYS, show_date
from commands.rules.when import Length, MonthEnd, OnDate, OnDay, OnWeekday, Unit, Unreadable, When
from commands.rules.workdays import (
    Calendar,
    add_working_days,
    first_uncovered,
    is_working_day,
    last_working_day_of_month,
    next_working_day,
)
from commands.rules.zones import city

DEFAULT = Length(10, Unit.WORKING_DAYS)
URGENT = Length(3, Unit.DAYS)

_FURTHEST = relativedelta(years=3)
# Counts above these are over three years whatever the calendar: refused before a date overflows.
_MOST = {
    Unit.HOURS: 3 * 366 * 24,
    Unit.DAYS: 3 * 366,
    Unit.WORKING_DAYS: 3 * 366,
    Unit.WEEKS: 3 * 53,
    Unit.MONTHS: 3 * 12,
}
_LEAP_GAP = 8  # years between two 29 Februaries, at most


class Why(StrEnum):
    """Why a WHEN was refused."""

    PAST = "past"
    TOO_FAR = "more than 3 years"
    UNREADABLE = "unreadable"


class DueRefused(ValueError):  # noqa: N818 - a refusal is an outcome; its text says what to write instead
    def __init__(self, why: Why, text: str) -> None:
        super().__init__(text)
        self.why = why


class Origin(StrEnum):
    """Who chose the time."""

    WRITER = "writer"
    DEFAULT = "default"


@dataclass(frozen=True)
class Due:
    """A moment, and how it came about.

    `at` is aware and UTC. `spec` is what was read (`10 working days`, `Thu 10 Dec 2026, 17:00`) and reads back as
    itself. `moved_from` is the asked agency's day off on which a bare date or a calendar length ended. `uncovered` is
    the first year on the way whose public holidays are not known. `fixed`: a date and not a length. `steps` say how
    it came about, one line each.
    """

    at: datetime
    spec: str
    origin: Origin
    moved_from: date | None
    uncovered: int | None
    fixed: bool
    steps: tuple[str, ...] = ()


def resolve(when: When, now: datetime, writer_zone: str, asked: Calendar) -> Due:
    """The moment that a WHEN comes to; raises DueRefused.

    `now` is aware; `writer_zone` is the IANA zone of the writer's agency, in which the words are read unless they
    name one themselves.
    """
    if isinstance(when, Unreadable):
        raise DueRefused(Why.UNREADABLE, when.why)
    frame = _Frame(now, ZoneInfo(when.zone or writer_zone), asked)
    if isinstance(when, Length):
        return frame.after(when, Origin.WRITER)
    if isinstance(when, MonthEnd):
        return frame.end_of(last_working_day_of_month(asked, frame.today))
    day = _day_of(when, frame.today)
    return frame.end_of(day) if when.at is None else frame.exactly(day, when.at, when.zone)


def default_due(now: datetime, urgent: bool, asked: Calendar) -> Due:  # noqa: FBT001 - a fact of the request
    """What holds where nobody wrote a WHEN: 10 working days, or 3 days by the asked agency's clock."""
    frame = _Frame(now, ZoneInfo(asked.zone), asked)
    return frame.after(URGENT if urgent else DEFAULT, Origin.DEFAULT)


@dataclass(frozen=True)
class _Frame:
    """What every reading of one WHEN has in common; `zone` is the one in which its words are read."""

    now: datetime
    zone: ZoneInfo
    asked: Calendar

    @property
    def today(self) -> date:
        return self.now.astimezone(self.zone).date()

    @property
    def asked_zone(self) -> ZoneInfo:
        return ZoneInfo(self.asked.zone)

    def after(self, length: Length, origin: Origin) -> Due:
        spec = _show_length(length)
        if length.count > _MOST[length.unit]:
            raise _too_far(spec)
        match length.unit:
            case Unit.HOURS:
                end = self.now.astimezone(UTC) + timedelta(hours=length.count)
                self._near(end.date(), spec)
                by_clock = (self._begins(origin, spec), f"By the clock: {account.moment(end, self.asked.zone)}.")
                return Due(end, spec, origin, moved_from=None, uncovered=None, fixed=False, steps=by_clock)
            case Unit.WORKING_DAYS:
                sent = self.now.astimezone(self.asked_zone).date()
                last = add_working_days(self.asked, sent, length.count)
                self._near(last, spec)
                at, uncovered = self._closing(last), first_uncovered(self.asked, sent, last)
                steps = (
                    self._begins(origin, spec),
                    f"Counted there, working days only, from the day after {show_date(sent)}.",
                    *account.days_left_out(self.asked, sent, last),
                    *self._with_the_hours(last),
                    *account.not_known(self.asked, uncovered),
                )
                return Due(at, spec, origin, None, uncovered, fixed=False, steps=steps)
            case Unit.DAYS:
                return self._same_wall_time(timedelta(days=length.count), spec, origin)
            case Unit.WEEKS:
                return self._same_wall_time(timedelta(weeks=length.count), spec, origin)
            case Unit.MONTHS:
                return self._same_wall_time(relativedelta(months=length.count), spec, origin)

    def end_of(self, day: date) -> Due:
        """A bare date: it ends with the asked agency's hours, on that day or the next working day."""
        spec = show_date(day)
        self._near(day, spec)
        if self._closing(day) <= self.now:
            # said with time and city: where it was read the day may only have begun
            raise _past(f"{spec}, {self.asked.closes:%H:%M} {city(self.asked.zone)},")
        moved = next_working_day(self.asked, day)
        moved_from, uncovered = day if moved != day else None, first_uncovered(self.asked, day, moved)
        steps = (
            f"A date that the writer fixed: {spec}.",
            *account.moved(self.asked, day, moved),
            *self._with_the_hours(moved),
            *account.not_known(self.asked, uncovered),
        )
        return Due(self._closing(moved), spec, Origin.WRITER, moved_from, uncovered, fixed=True, steps=steps)

    def exactly(self, day: date, clock: time, named: str | None) -> Due:
        """A date with a time stands as it is, on whatever day it falls."""
        spec = f"{show_date(day)}, {clock:%H:%M}{f' {city(named)}' if named else ''}"
        self._near(day, spec)
        wall = datetime.combine(day, clock)
        at = instant(wall, self.zone)
        if at <= self.now:
            raise _past(spec)
        read = f"A date and a time that the writer fixed: {show_date(day)}, {clock:%H:%M} ({city(self.zone.key)})."
        steps = (read, *account.clocks(wall, at, self.zone.key))
        return Due(at, spec, Origin.WRITER, moved_from=None, uncovered=None, fixed=True, steps=steps)

    def _same_wall_time(self, length: timedelta | relativedelta, spec: str, origin: Origin) -> Due:
        wall = self.now.astimezone(self.zone).replace(tzinfo=None) + length
        self._near(wall.date(), spec)
        ended = instant(wall, self.zone)
        at, wall = on_a_working_day(wall, self.zone, self.asked)
        first, last = self._asked_date(ended), self._asked_date(at)
        moved_from, uncovered = first if first != last else None, first_uncovered(self.asked, first, last)
        steps = (
            self._begins(origin, spec),
            f"By the calendar, at the same time of day: {account.moment(ended, self.zone.key)}.",
            *account.moved(self.asked, first, last),
            *account.clocks(wall, at, self.zone.key),
            *account.not_known(self.asked, uncovered),
        )
        return Due(at, spec, origin, moved_from, uncovered, fixed=False, steps=steps)

    def _begins(self, origin: Origin, spec: str) -> str:
        by = "as the writer wanted" if origin is Origin.WRITER else "by default"
        if origin is Origin.DEFAULT and spec == _show_length(URGENT):
            by += " because it is urgent"
        return f"{spec}, {by}, from {account.moment(self.now, self.zone.key)}."

    def _with_the_hours(self, day: date) -> Iterator[str]:
        yield f"It ends with the hours there: {show_date(day)}, {self.asked.closes:%H:%M} ({city(self.asked.zone)})."
        wall = datetime.combine(day, self.asked.closes)
        yield from account.clocks(wall, self._closing(day), self.asked.zone)

    def _near(self, day: date, spec: str) -> None:
        # two days' slack: from one end of the zones to the other, yesterday may not be over
        if day < self.today - timedelta(days=2):
            raise _past(spec)
        if day > self.today + _FURTHEST:
            raise _too_far(spec)

    def _closing(self, day: date) -> datetime:
        return instant(datetime.combine(day, self.asked.closes), self.asked_zone)

    def _asked_date(self, at: datetime) -> date:
        return at.astimezone(self.asked_zone).date()


def instant(wall: datetime, zone: ZoneInfo) -> datetime:
    """RFC 5545, 3.3.5: a wall time that a clock change skips moves forward by the gap, a doubled one is the first."""
    return wall.replace(tzinfo=zone, fold=0).astimezone(UTC)


def on_a_working_day(wall: datetime, zone: ZoneInfo, asked: Calendar) -> tuple[datetime, datetime]:
    """The moment of a wall time, a day later for as long as it falls on no working day; and its wall time (naive)."""
    at = instant(wall, zone)
    while not is_working_day(asked, at.astimezone(ZoneInfo(asked.zone)).date()):
        wall += timedelta(days=1)
        at = instant(wall, zone)
    return at, wall


def _day_of(when: OnDate | OnWeekday | OnDay, today: date) -> date:
    match when:
        case OnDay(ahead):
            return today + timedelta(days=ahead)
        case OnWeekday(weekday):
            return today + timedelta(days=(weekday - today.weekday() - 1) % 7 + 1)
        case OnDate(month, day, year):
            found = _next_such_day(month, day, today) if year is None else date(year, month, day)
    if when.weekday not in (None, found.weekday()):
        name = WEEKDAYS[found.weekday()].title()
        raise DueRefused(Why.UNREADABLE, f"{show_date(found)[4:]} is a {name}: write the weekday or the date anew")
    return found


def _next_such_day(month: int, day: int, today: date) -> date:
    for year in range(today.year, today.year + _LEAP_GAP + 1):
        try:
            found = date(year, month, day)
        except ValueError:  # 29 February
            continue
        if found >= today:
            return found
    raise ValueError(f"no year has a day {day} in month {month}")


def _show_length(length: Length) -> str:
    return f"{length.count} {length.unit if length.count > 1 else length.unit.removesuffix('s')}"


def _past(spec: str) -> DueRefused:
    return DueRefused(Why.PAST, f"{spec} is past: write a later time, or a length such as 3d")


def _too_far(spec: str) -> DueRefused:
    return DueRefused(Why.TOO_FAR, f"{spec} is more than 3 years away: write an earlier time")
