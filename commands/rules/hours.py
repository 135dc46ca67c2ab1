"""An agency's hours: whether it is there at a moment, and when it is there next; knows nothing of what is due."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from commands.rules.workdays import Calendar, add_working_days, is_working_day, next_working_day


def local(cal: Calendar, at: datetime) -> datetime:
    """By the agency's clocks; `at` is aware."""
    return at.astimezone(ZoneInfo(cal.zone))


def instant(cal: Calendar, day: date, clock: time) -> datetime:
    """A wall time there, as UTC: one that a clock change skips moves forward, a doubled one is the first."""
    return datetime.combine(day, clock, ZoneInfo(cal.zone)).astimezone(UTC)


def opening(cal: Calendar, day: date) -> datetime:
    """When its hours begin on that day, or on the next working day after it (UTC)."""
    return instant(cal, next_working_day(cal, day), cal.opens)


def nth_opening(cal: Calendar, after: datetime, n: int) -> datetime:
    """When its hours begin on the n-th working day after the day of that moment (UTC)."""
    return opening(cal, add_working_days(cal, local(cal, after).date(), n))


def within(cal: Calendar, at: datetime) -> datetime:
    """That moment, if it lies within its hours (the last minute included), else when they begin next (UTC)."""
    there = local(cal, at)
    day = there.date()
    if is_working_day(cal, day):
        if there < local(cal, instant(cal, day, cal.opens)):
            return instant(cal, day, cal.opens)
        if at <= instant(cal, day, cal.closes):
            return at.astimezone(UTC)
    return opening(cal, day + timedelta(days=1))
