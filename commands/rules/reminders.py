"""Which reminders a request gives rise to, when, and whom they are for; values in, values out, no wording.

The rules are the issue's: with a third of the time left, one working day before, at it, then 1, 3, 7 and every 7
working days after; unacknowledged also after 1 working day; the coordinators hear when it is 2 working days over, the
asking side when 5. An urgent one counts halved, by the clock: 12 hours stand for a working day.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from heapq import merge
from itertools import count, takewhile

from commands.rules import hours
from commands.rules.workdays import Calendar, add_working_days, is_working_day
from storage.words import RUNNING_STATES, State

HALF_DAY = timedelta(hours=12)
WEEK = 7
"""Working days between two reminders, once the first ones were of no use."""

EARLY = (1, 3)
COORDINATORS_AFTER, ASKING_AFTER = 2, 5
LAPSES = (30, 10, 3)
"""Days before the data that an answer names are kept no more."""


class Stage(StrEnum):
    """What a reminder is about."""

    UNACKNOWLEDGED = "unacknowledged"
    THIRD_LEFT = "a third is left"
    DAY_LEFT = "a working day is left"
    DUE = "due"
    OVERDUE = "overdue"
    SNOOZED = "snoozed"
    ASKED = "asked"
    """The asking agency's own people want to know."""
    LAPSING = "lapsing"
    """Data that an answer names will be kept no more."""


class Audience(StrEnum):
    """Who is reminded."""

    DESK = "desk"
    """The asked agency, at its desk."""
    COORDINATORS = "coordinators"
    """The asked agency's, directly."""
    ASKING = "asking"
    """The asking agency, at its desk."""


@dataclass(frozen=True)
class Reminder:
    """`at` is UTC. `days` are the working days (of an urgent one, the half days) that have passed since it was due.

    Of data that lapse, they are the days that are left.
    """

    at: datetime
    stage: Stage
    days: int = 0


@dataclass(frozen=True)
class Facts:
    """What the reminders of a request follow from; all moments are aware."""

    state: State
    urgent: bool
    sent_at: datetime
    due_at: datetime
    snoozed_until: datetime | None
    asked: Calendar
    asking: Calendar


def between(facts: Facts, audience: Audience, since: datetime, until: datetime) -> tuple[Reminder, ...]:
    """Those that come after `since`, up to `until` included, in their order."""
    return tuple(takewhile(lambda reminder: reminder.at <= until, _following(facts, audience, since)))


def following(facts: Facts, audience: Audience, since: datetime) -> Reminder | None:
    """The first that comes after `since`; None: none ever does, as things are."""
    return next(_following(facts, audience, since), None)


def carried(before: Facts, after: Facts, audience: Audience, since: datetime) -> datetime:
    """Up to when all is said that was said up to `since`, now that a calendar has changed.

    What was said is not said again at another moment, and what was not is said even if its moment is past by now.
    """
    if before.urgent:
        return since
    if audience is not Audience.DESK:
        return _escalation(after, audience).at - timedelta.resolution
    left = {(one.stage, one.days) for one in _once(before) if one.at > since}
    weeks = next(one.days for one in _again(before, since) if one.at > since)
    moved = [one.at for one in _once(after) if (one.stage, one.days) in left]
    moved.append(next(one.at for one in _again(after, since) if one.days == weeks))
    return min(moved) - timedelta.resolution


def _following(facts: Facts, audience: Audience, since: datetime) -> Iterator[Reminder]:
    """All after `since`, in their order, of those at one moment the gravest last; those for the desk have no end."""
    if facts.state not in RUNNING_STATES:
        return
    if audience is not Audience.DESK:
        yield from (reminder for reminder in (_escalation(facts, audience),) if reminder.at > since)
        return
    until = facts.snoozed_until
    once = [one for one in _once(facts) if until is None or one.at >= until or one.stage is Stage.SNOOZED]
    again = (one for one in _again(facts, since) if until is None or one.at >= until)
    for reminder in merge(once, again, key=_at):
        if reminder.at > since:
            yield reminder


def _at(reminder: Reminder) -> datetime:
    return reminder.at


def _escalation(facts: Facts, audience: Audience) -> Reminder:
    """A snooze silences the desk's own reminders, and not these."""
    if audience is Audience.COORDINATORS:
        return Reminder(_over(facts, COORDINATORS_AFTER), Stage.OVERDUE, COORDINATORS_AFTER)
    told = _over(facts, ASKING_AFTER)
    return Reminder(told if facts.urgent else hours.within(facts.asking, told), Stage.OVERDUE, ASKING_AFTER)


@lru_cache(maxsize=256)  # whoever gives a reminder asks at once for the next one
def _once(facts: Facts) -> tuple[Reminder, ...]:
    return tuple(sorted(_each_once(facts), key=_at))


def _each_once(facts: Facts) -> Iterator[Reminder]:
    """The gravest last."""
    if facts.state is State.SENT:
        waited = facts.sent_at + HALF_DAY if facts.urgent else _next_day(facts.asked, facts.sent_at)
        yield Reminder(waited, Stage.UNACKNOWLEDGED)
    if facts.snoozed_until is not None:
        yield Reminder(_there(facts, facts.snoozed_until), Stage.SNOOZED)
    third = facts.due_at - (facts.due_at - facts.sent_at) / (6 if facts.urgent else 3)
    yield Reminder(_there(facts, third), Stage.THIRD_LEFT)
    yield Reminder(_there(facts, _day_before(facts)), Stage.DAY_LEFT)
    yield Reminder(_there(facts, facts.due_at), Stage.DUE)
    for days in EARLY:
        yield Reminder(_over(facts, days), Stage.OVERDUE, days)


def _again(facts: Facts, since: datetime) -> Iterator[Reminder]:
    """Every 7 working days, without end."""
    if facts.urgent:
        passed = max(0, (since - facts.due_at) // (HALF_DAY * WEEK))
        for days in count((passed + 1) * WEEK, WEEK):
            yield Reminder(facts.due_at + HALF_DAY * days, Stage.OVERDUE, days)
    day = hours.local(facts.asked, facts.due_at).date()
    for days in count(WEEK, WEEK):
        day = _week_later(facts.asked, day)
        yield Reminder(hours.opening(facts.asked, day), Stage.OVERDUE, days)


@lru_cache(maxsize=4096)  # what is long overdue is counted from its due time each time
def _week_later(asked: Calendar, day: date) -> date:
    return add_working_days(asked, day, WEEK)


def _there(facts: Facts, at: datetime) -> datetime:
    return at if facts.urgent else hours.within(facts.asked, at)


def _over(facts: Facts, days: int) -> datetime:
    return facts.due_at + HALF_DAY * days if facts.urgent else hours.nth_opening(facts.asked, facts.due_at, days)


def _day_before(facts: Facts) -> datetime:
    """The same wall time on the working day before."""
    if facts.urgent:
        return facts.due_at - HALF_DAY
    due = hours.local(facts.asked, facts.due_at)
    day = due.date() - timedelta(days=1)
    while not is_working_day(facts.asked, day):
        day -= timedelta(days=1)
    return hours.instant(facts.asked, day, due.time())


def _next_day(asked: Calendar, sent_at: datetime) -> datetime:
    """The same wall time on the next working day."""
    sent = hours.local(asked, sent_at)
    return hours.within(asked, hours.instant(asked, add_working_days(asked, sent.date(), 1), sent.time()))


def late(planned: datetime, now: datetime) -> bool:
    """Whether it comes so late that one should say so: nobody was there to give it."""
    return now - planned > timedelta(minutes=15)


def lapsing(kept_until: datetime, asking: Calendar) -> tuple[Reminder, ...]:
    """When the asking agency is reminded that data will be kept no more, in their order."""
    ends = hours.local(asking, kept_until)
    found = []
    for days in LAPSES:
        day: date = ends.date() - timedelta(days=days)
        at = hours.within(asking, hours.instant(asking, day, ends.time()))
        found.append(Reminder(at, Stage.LAPSING, days))
    return tuple(found)
