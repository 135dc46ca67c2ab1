"""Both directions of every clock change on earth in 5 years, against the minutes as they passed there.

The offsets come from the zone database; which moment a wall time names is found here by looking through the minutes.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest

from commands.rules import hours
from commands.rules.deadline import resolve
from commands.rules.stopped import begun, resume
from commands.rules.when import Length, OnDate, Unit
from commands.rules.workdays import Calendar, is_working_day

FIRST, LAST = datetime(2024, 1, 1, tzinfo=UTC), datetime(2029, 1, 1, tzinfo=UTC)
MINUTE, DAY, WEEK = timedelta(minutes=1), timedelta(days=1), timedelta(weeks=1)


@dataclass(frozen=True)
class Change:
    """A moment (UTC) at which the clocks of a zone go forward by so much, or back if it is negative."""

    zone: str
    at: datetime
    by: timedelta

    def walls(self) -> Iterator[datetime]:
        """Wall times on and around what is skipped or doubled."""
        edge = _local(self.zone, self.at - MINUTE) + MINUTE
        begin, end = min(edge, edge + self.by), max(edge, edge + self.by)
        yield from (begin - MINUTE, begin, begin + MINUTE, begin + abs(self.by) / 2, end - MINUTE, end, end + MINUTE)

    def first(self, wall: datetime) -> datetime:
        """The first moment at which the clocks there showed it; if none did, as late as they would have without."""
        around = [self.at + n * MINUTE for n in range(-200, 200)]
        shown = next((at for at in around if _local(self.zone, at) == wall), None)
        return shown or next(at for at in around if _local(self.zone, at) == wall + self.by)

    def working(self, day: date, opens: time = time(9), closes: time = time(17)) -> Calendar:
        """An agency in the zone that works on that day and on all days of the week."""
        if opens >= closes:
            opens = time(0)
        agencies = (Calendar(one, None, self.zone, frozenset(), (), opens, closes) for one in ("US", "IL", "JP"))
        return next(one for one in agencies if is_working_day(one, day) and is_working_day(one, day - WEEK))


def _local(zone: str, at: datetime) -> datetime:
    return at.astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def _offsets(zone: str, moments: Sequence[datetime]) -> list[timedelta]:
    return [at.astimezone(ZoneInfo(zone)).utcoffset() or timedelta() for at in moments]


@cache
def _changes() -> tuple[Change, ...]:
    """Of each zone; those that several zones share once."""
    weeks = [FIRST + n * WEEK for n in range((LAST - FIRST) // WEEK + 1)]
    found: dict[tuple[datetime, timedelta, timedelta], Change] = {}
    for zone in sorted(name for name in available_timezones() if "/" in name and not name.startswith("Etc/")):
        offsets = _offsets(zone, weeks)
        for (week, before), (_, after) in pairwise(zip(weeks, offsets, strict=True)):
            if before == after:
                continue
            at = _moment(zone, week, before)
            found.setdefault((at, before, after), Change(zone, at, after - before))
    return tuple(found.values())


def _moment(zone: str, week: datetime, before: timedelta) -> datetime:
    """The first minute of the week that has another offset."""
    changed = bisect_left(range(WEEK // MINUTE), 1, key=lambda n: _offsets(zone, [week + n * MINUTE]) != [before])
    return week + changed * MINUTE


def test_there_are_changes_of_all_kinds() -> None:
    zones = {change.zone.split("/")[0] for change in _changes()}
    assert zones >= {"Africa", "America", "Antarctica", "Asia", "Atlantic", "Australia", "Europe", "Pacific"}
    forward = [change for change in _changes() if change.by > timedelta()]
    assert len(forward) > 100
    assert len(_changes()) - len(forward) > 100
    assert {abs(change.by) for change in _changes()} >= {timedelta(minutes=30), timedelta(hours=1), timedelta(hours=2)}
    months = {change.at.month for change in forward}
    assert months >= {3, 9, 10}  # both hemispheres


@pytest.mark.parametrize("forward", [True, False])
def test_a_wall_time_is_the_first_such_moment_or_moves_on_by_what_is_skipped(forward: bool) -> None:
    for change in _changes():
        if (change.by > timedelta()) is not forward:
            continue
        for wall in change.walls():
            expected, said = change.first(wall), "forward" if forward else "back"
            cal = change.working(wall.date())
            sent = change.at - timedelta(days=10)
            exact = resolve(OnDate(wall.month, wall.day, wall.year, at=wall.time()), sent, change.zone, cal)
            assert exact.at == expected, (change, wall)
            odd = _local(change.zone, expected) != wall or _doubled(change, wall)
            assert any(f"clocks go {said} that day" in step for step in exact.steps) == odd, (change, wall)


def _doubled(change: Change, wall: datetime) -> bool:
    around = (change.at + n * MINUTE for n in range(-200, 200))
    return sum(_local(change.zone, at) == wall for at in around) > 1


def test_a_week_later_at_the_same_time_of_day() -> None:
    for change in _changes():
        for wall in change.walls():
            cal, sent = change.working(wall.date()), (wall - WEEK).replace(tzinfo=ZoneInfo(change.zone))
            if _local(change.zone, sent.astimezone(UTC)) != wall - WEEK:
                continue  # the clocks had changed a week before as well
            due = resolve(Length(1, Unit.WEEKS), sent, change.zone, cal)
            assert due.at == change.first(wall), (change, wall)


def test_hours_that_begin_or_end_at_a_skipped_or_doubled_time() -> None:
    for change in _changes():
        for wall in change.walls():
            day = wall.date()
            if wall.time() > time(0):
                cal = change.working(day, closes=wall.time())
                bare = resolve(OnDate(day.month, day.day, day.year), change.at - timedelta(days=10), change.zone, cal)
                assert bare.at == change.first(wall), (change, wall)
            if wall.time() < time(23, 59):
                cal, opening = change.working(day, wall.time(), time(23, 59)), change.first(wall)
                assert hours.opening(cal, day) == opening
                assert begun(cal, opening - MINUTE, opening) == 1, (change, wall)
                assert begun(cal, opening, opening + MINUTE) == 0, (change, wall)


def test_a_clock_that_stood_over_a_change() -> None:
    for change in _changes():
        cal = change.working(_local(change.zone, change.at + 3 * DAY).date())
        stopped, again, due = change.at - 5 * MINUTE, change.at + 55 * MINUTE, change.at + 3 * DAY
        assert resume(due, "8 hours", stopped, again, cal).at == due + 60 * MINUTE, change
        assert resume(due, "3 days", stopped, again, cal).at == due + 60 * MINUTE, change
