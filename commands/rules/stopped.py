"""The stopped clock: what a due time gains while its request is being clarified; it decides nothing else.

Working days that began meanwhile are those whose hours began: a question asked at noon and answered before the next
morning costs nobody a working day.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from commands.rules import account, hours
from commands.rules.deadline import on_a_working_day
from commands.rules.when import Length, Unit, read_when
from commands.rules.workdays import Calendar, add_working_days, is_working_day

_ONE = timedelta(days=1)


@dataclass(frozen=True)
class Resumed:
    """The due time once the clock runs again (aware, UTC); `gained` in words, None if a fixed date does not move."""

    at: datetime
    gained: str | None
    steps: tuple[str, ...]


def resume(due_at: datetime, spec: str | None, stopped_at: datetime, now: datetime, asked: Calendar) -> Resumed:
    """`spec` is the length that the request was given (`10 working days`), None if it is due on a date."""
    stood = f"The clock stood from {account.moment(stopped_at, asked.zone)} to {account.moment(now, asked.zone)}"
    length = read_when(spec) if spec is not None else None
    if not isinstance(length, Length):
        return Resumed(due_at, None, (f"{stood}: a date that was fixed does not move.",))
    due = hours.local(asked, due_at)
    if length.unit is Unit.WORKING_DAYS:
        began = begun(asked, stopped_at, now)
        gained = f"{began} working day{'' if began == 1 else 's'}"
        if not began:
            return Resumed(due_at, gained, (f"{stood}: no working day began meanwhile.",))
        last = add_working_days(asked, due.date(), began)
        at = hours.instant(asked, last, asked.closes)
        left_out = account.days_left_out(asked, due.date(), last)
        return Resumed(at, gained, (f"{stood}: {gained} began meanwhile.", *left_out, _now_due(at, asked)))
    passed = now - stopped_at
    gained = _spoken(passed)
    at = due_at + passed
    steps = [f"{stood}: {gained} are added."]
    if length.unit is not Unit.HOURS:
        first = hours.local(asked, at)
        at, _wall = on_a_working_day(first.replace(tzinfo=None), ZoneInfo(asked.zone), asked)
        steps += account.moved(asked, first.date(), hours.local(asked, at).date())
    return Resumed(at, gained, (*steps, _now_due(at, asked)))


def begun(asked: Calendar, after: datetime, until: datetime) -> int:
    """How many of the agency's working days began after one moment and up to another."""
    day, last = hours.local(asked, after).date(), hours.local(asked, until).date()
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
