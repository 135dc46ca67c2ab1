"""How a due time came about, one line a step, for whoever asks a year later; it computes no due time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from commands.rules.names import show_date
from commands.rules.workdays import WEEKEND, Calendar, is_made_up_for, lacks_subdivision, why_off
from commands.rules.zones import city
from storage.words import ClosedDays

MOST = 20
"""How many holidays and closings are named in one line; a length of years passes more."""
_ONE = timedelta(days=1)


def moment(at: datetime, zone: str) -> str:
    """`Tue 15 Dec 2026, 17:00 (Sydney)`."""
    there = at.astimezone(ZoneInfo(zone))
    return f"{show_date(there.date())}, {there:%H:%M} ({city(zone)})"


def days_left_out(asked: Calendar, after: date, last: date) -> Iterator[str]:
    """Which days after one date, up to another, were no working days, and why; and which weekends were worked."""
    passed = _passed(asked, after, last)
    if left_out := str(passed):
        yield f"Not counted: {left_out}."
    if passed.made_up:
        yield f"Counted, though on a weekend, because it is worked there: {', '.join(map(show_date, passed.made_up))}."


def moved(asked: Calendar, first: date, last: date) -> Iterator[str]:
    """From a day off to the next working day."""
    why = why_off(asked, first)
    if first == last or why is None:
        return
    passed = _passed(asked, first, last - _ONE)
    past = f", past {passed}" if passed.runs or (passed.weekends and why != WEEKEND) else ""
    reason = "a weekend" if why == WEEKEND else _reason(why)
    yield f"{show_date(first)} is no working day there ({reason}): moved to {show_date(last)}{past}."


def clocks(wall: datetime, at: datetime, zone: str) -> Iterator[str]:
    """Where a clock change made the wall time (naive) another one, or one of two."""
    there = at.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    if there != wall:
        yield f"The clocks go forward that day: {wall:%H:%M} is skipped, {there:%H:%M} stands."
    elif wall.replace(tzinfo=ZoneInfo(zone), fold=1).utcoffset() != at.astimezone(ZoneInfo(zone)).utcoffset():
        yield f"The clocks go back that day: of the two {wall:%H:%M} the first counts."


def not_known(asked: Calendar, year: int | None) -> Iterator[str]:
    """What the calendar lacks; `year` is the first whose public holidays are not known."""
    if lacks_subdivision(asked.country, asked.subdivision):
        yield f"Only public holidays of the whole of {asked.country} are known here, none of a state or province."
    if year is not None:
        yield f"The public holidays of {asked.country} in {year} are not known yet: only weekends were left out."


@dataclass
class _Run:
    """Days off for one reason, with no working day between them."""

    why: str | ClosedDays
    first: date
    last: date
    days: int = 1

    def __str__(self) -> str:
        if self.days == 1:
            return f"{show_date(self.first)} ({_reason(self.why)})"
        return f"{self.days} days from {show_date(self.first)} to {show_date(self.last)} ({_reason(self.why)})"


@dataclass
class _Passed:
    """The days between two dates that were not counted, and the weekends that were."""

    weekends: int = 0
    runs: list[_Run] = field(default_factory=list)
    made_up: list[date] = field(default_factory=list)

    def __str__(self) -> str:
        more = sum(run.days for run in self.runs[MOST:])
        parts = [f"{self.weekends} day{'' if self.weekends == 1 else 's'} of weekends"] if self.weekends else []
        parts += map(str, self.runs[:MOST])
        parts += [f"{more} more public holidays and closing days"] if more else []
        return "; ".join(parts)


def _passed(asked: Calendar, after: date, last: date) -> _Passed:
    """What lies after one date, up to another."""
    passed, day, going_on = _Passed(), after, False
    while day < last:
        day += _ONE
        why = why_off(asked, day)
        if why is None:
            going_on = False
            if is_made_up_for(asked, day):
                passed.made_up.append(day)
        elif why == WEEKEND:
            passed.weekends += 1
        elif going_on and passed.runs[-1].why == why:
            passed.runs[-1].last = day
            passed.runs[-1].days += 1
        else:
            passed.runs.append(_Run(why, day, day))
            going_on = True
    return passed


def _reason(why: str | ClosedDays) -> str:
    if isinstance(why, str):
        return why
    # on one line, whatever was typed: a line is a step
    return f"closed: {' '.join(why.why.split())}" if why.why else "closed"
