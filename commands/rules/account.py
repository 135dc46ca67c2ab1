"""How a due time came about, one line a step, for whoever asks a year later; it computes no due time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from commands.rules.names import show_date
from commands.rules.workdays import CLOSED, WEEKEND, Calendar, is_made_up_for, why_off
from commands.rules.zones import city

_ONE = timedelta(days=1)


def moment(at: datetime, zone: str) -> str:
    """`Tue 15 Dec 2026, 17:00 (Sydney)`."""
    there = at.astimezone(ZoneInfo(zone))
    return f"{show_date(there.date())}, {there:%H:%M} ({city(zone)})"


def days_left_out(asked: Calendar, after: date, last: date) -> Iterator[str]:
    """Which days up to `last` were no working days, and why; those of a weekend in one number."""
    weekends, named, made_up, day = 0, [], [], after
    while day < last:
        day += _ONE
        why = why_off(asked, day)
        if why == WEEKEND:
            weekends += 1
        elif why is not None:
            named.append(f"{show_date(day)} ({'closed' if why == CLOSED else why})")
        elif is_made_up_for(asked, day):
            made_up.append(show_date(day))
    if weekends:
        named.insert(0, f"{weekends} day{'' if weekends == 1 else 's'} of weekends")
    if named:
        yield f"Not counted: {'; '.join(named)}."
    if made_up:
        yield f"Counted, though on a weekend, because it is worked there: {', '.join(made_up)}."


def moved(asked: Calendar, first: date, last: date) -> Iterator[str]:
    """From a day off to the next working day."""
    if first != last:
        why = why_off(asked, first)
        reason = "a weekend" if why == WEEKEND else "a closing day" if why == CLOSED else why
        yield f"{show_date(first)} is no working day there ({reason}): moved to {show_date(last)}."


def clocks(wall: datetime, at: datetime, zone: str) -> Iterator[str]:
    """Where a clock change made the wall time (naive) another one, or one of two."""
    there = at.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    if there != wall:
        yield f"The clocks go forward that day: {wall:%H:%M} is skipped, {there:%H:%M} stands."
    elif wall.replace(tzinfo=ZoneInfo(zone), fold=1).utcoffset() != at.astimezone(ZoneInfo(zone)).utcoffset():
        yield f"The clocks go back that day: of the two {wall:%H:%M} the first counts."


def not_known(asked: Calendar, year: int | None) -> Iterator[str]:
    if year is not None:
        yield f"The public holidays of {asked.country} in {year} are not known yet: only weekends were left out."
