"""The stopped clock: what a due time gains while its request is being clarified; it decides nothing else.

Working days that began meanwhile are those whose hours began: a question asked at noon and answered before the next
morning costs nobody a working day.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from commands.rules import account, hours
from commands.rules.deadline import on_a_working_day
from commands.rules.when import Length, Unit, read_when
from commands.rules.workdays import Calendar, add_working_days, first_uncovered, is_working_day

_ONE = timedelta(days=1)


@dataclass(frozen=True)
class Resumed:
    """The due time once the clock runs again (aware, UTC).

    `gained` in words (`3 working days`), or else why it `stays`. The others are as of a Due.
    """

    at: datetime
    steps: tuple[str, ...]
    gained: str | None = None
    stays: str | None = None
    moved_from: date | None = None
    uncovered: int | None = None


def resume(due_at: datetime, spec: str | None, stopped_at: datetime, now: datetime, asked: Calendar) -> Resumed:
    """`spec` is the length that the request was given (`10 working days`), None if it is due on a date."""
    stood = f"The clock stood from {account.moment(stopped_at, asked.zone)} to {account.moment(now, asked.zone)}"
    length, passed = read_when(spec) if spec is not None else None, now - stopped_at
    if not isinstance(length, Length):
        return _stays(due_at, stood, "a date that was fixed does not move")
    due = hours.local(asked, due_at)
    if length.unit is Unit.WORKING_DAYS:
        began = begun(asked, stopped_at, now)
        if not began:
            return _stays(due_at, stood, "no working day began meanwhile")
        gained = f"{began} working day{'s' if began > 1 else ''}"
        last = add_working_days(asked, due.date(), began)
        at = hours.instant(asked, last, asked.closes)
        uncovered = first_uncovered(asked, due.date(), last)
        steps = (
            f"{stood}: {gained} began meanwhile.",
            *account.days_left_out(asked, due.date(), last),
            *account.not_known(asked, uncovered),
            _now_due(at, asked),
        )
        return Resumed(at, steps, gained, uncovered=uncovered)
    if not passed:
        return _stays(due_at, stood, "no time passed meanwhile")
    gained, ended = _spoken(passed), due_at + passed
    stood += f": {gained} more."
    if length.unit is Unit.HOURS:
        return Resumed(ended, (stood, _now_due(ended, asked)), gained)
    return _on_a_working_day(ended, gained, stood, asked)


def _stays(due_at: datetime, stood: str, why: str) -> Resumed:
    return Resumed(due_at, (f"{stood}: {why}.",), stays=why)


def _on_a_working_day(ended: datetime, gained: str, stood: str, asked: Calendar) -> Resumed:
    there = hours.local(asked, ended)
    first = there.date()
    if is_working_day(asked, first):  # as it is: of a doubled hour it may be the second
        uncovered = first_uncovered(asked, first, first)
        steps = (stood, *account.not_known(asked, uncovered), _now_due(ended, asked))
        return Resumed(ended, steps, gained, uncovered=uncovered)
    at, wall = on_a_working_day(there.replace(tzinfo=None), ZoneInfo(asked.zone), asked)
    uncovered = first_uncovered(asked, first, wall.date())
    steps = (
        stood,
        *account.moved(asked, first, wall.date()),
        *account.clocks(wall, at, asked.zone),
        *account.not_known(asked, uncovered),
        _now_due(at, asked),
    )
    return Resumed(at, steps, gained, moved_from=first, uncovered=uncovered)


def begun(asked: Calendar, after: datetime, until: datetime) -> int:
    """How many of the agency's working days began after one moment and up to another."""
    # from the day before: an opening that a clock change skips may come after midnight
    day, last = hours.local(asked, after).date() - _ONE, hours.local(asked, until).date()
    number = 0
    while day <= last:
        number += is_working_day(asked, day) and after < hours.instant(asked, day, asked.opens) <= until
        day += _ONE
    return number


def _now_due(at: datetime, asked: Calendar) -> str:
    return f"Due now: {account.moment(at, asked.zone)}."


def _spoken(passed: timedelta) -> str:
    """`2 days, 3 hours and 5 minutes`; less than a minute counts as one."""
    minutes = max(1, round(passed / timedelta(minutes=1)))
    numbers = ((minutes // 1440, "day"), (minutes // 60 % 24, "hour"), (minutes % 60, "minute"))
    words = [f"{number} {unit}{'' if number == 1 else 's'}" for number, unit in numbers if number]
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
