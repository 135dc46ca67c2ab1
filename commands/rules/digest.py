"""When a digest is given next, and the numbers in it; values in, values out, no wording."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from commands.rules import hours
from commands.rules.deadline import instant
from commands.rules.workdays import Calendar, is_working_day, last_working_day
from storage.words import Every

QUARTER = timedelta(days=91)
SILENT_AFTER = 3
"""Working days of a partner without an acknowledgement."""
LAPSING = timedelta(days=30)
ASIDE = timedelta(days=30)
"""How far back a digest names letters that were given up."""
AGES = (7, 14, 28)
"""Days since a request was sent that part its ages: up to a week, up to two, up to four, and older."""

_HALF, _NINE_TENTHS = 0.5, 0.9
_CHANGE = 0.1
"""By less than a tenth nothing has changed."""


@dataclass(frozen=True)
class Rhythm:
    """`weekday` is Monday 0: of a week, or the first one of a month; `zone` an IANA name."""

    every: Every
    weekday: int
    at: time
    zone: str


def following(rhythm: Rhythm, after: datetime, working: Calendar | None) -> datetime:
    """The first moment after `after` (UTC); a daily one on working days only, where a calendar is given."""
    zone = ZoneInfo(rhythm.zone)
    # a day earlier: where midnight itself is skipped (Nuuk), the moment of one day comes on the next
    day = after.astimezone(zone).date() - timedelta(days=1)
    while True:
        at = instant(datetime.combine(day, rhythm.at), zone)
        if at > after and _falls_on(rhythm, day, working):
            return at
        day += timedelta(days=1)


def _falls_on(rhythm: Rhythm, day: date, working: Calendar | None) -> bool:
    match rhythm.every:
        case Every.DAY:
            return working is None or is_working_day(working, day)
        case Every.WEEK:
            return day.weekday() == rhythm.weekday
        case Every.MONTH:
            return day.weekday() == rhythm.weekday and day.day <= 7  # noqa: PLR2004  # the first one of seven


def silent_before(asked: Calendar, now: datetime) -> datetime:
    """What was sent before then (UTC) and not acknowledged yet is a partner's silence.

    The day of sending is not counted; silence begins with the hours of the working day after so many.
    """
    day = now.astimezone(ZoneInfo(asked.zone)).date()
    if hours.instant(asked, day, asked.opens) > now:
        day -= timedelta(days=1)
    day = last_working_day(asked, day)
    for _ in range(SILENT_AFTER):
        day = last_working_day(asked, day - timedelta(days=1))
    return hours.instant(asked, day, time())


@dataclass(frozen=True)
class AnswerTimes:
    """How long a partner took in a quarter; `before` is the median of the quarter before it, if there was one."""

    partner: str
    answers: int
    median: timedelta
    ninetieth: timedelta
    before: timedelta | None

    @property
    def trend(self) -> str | None:
        """`slower`, `faster` or `as before`; None: there is nothing to compare with."""
        if self.before is None:
            return None
        change = self.median / self.before - 1 if self.before else 0.0
        return "slower" if change > _CHANGE else "faster" if change < -_CHANGE else "as before"


def answer_times(partner: str, took: Sequence[timedelta], before: Sequence[timedelta]) -> AnswerTimes | None:
    """None: nothing was answered in the quarter."""
    if not took:
        return None
    return AnswerTimes(
        partner,
        len(took),
        percentile(took, 0.5),
        percentile(took, _NINE_TENTHS),
        percentile(before, 0.5) if before else None,
    )


def percentile(values: Sequence[timedelta], share: float) -> timedelta:
    """Between the two nearest ones in proportion: Hyndman and Fan's method 7, PostgreSQL's percentile_cont."""
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def age_band(sent_at: datetime, now: datetime) -> int:
    """Which of the ages a request is in: 0 for the youngest to len(AGES) for the oldest."""
    days = (now - sent_at) / timedelta(days=1)
    return sum(days > end for end in AGES)
