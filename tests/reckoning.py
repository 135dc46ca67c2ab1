"""Which reminders are wanted, reckoned day by day from the issue's sentences; and whether just these were given.

The days come from the holidays package. Nothing is asked of the house's own rules; its values are only read.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import holidays

from commands.rules.reminders import Audience, Facts
from commands.rules.workdays import Calendar
from storage.words import State

HOUR, DAY, HALF_DAY = timedelta(hours=1), timedelta(days=1), timedelta(hours=12)
YEARS = range(2025, 2030)

Away = Sequence[tuple[datetime, datetime]]
"""From when to when nobody ran."""


@cache
def _country(country: str, subdivision: str | None) -> holidays.HolidayBase:
    return holidays.country_holidays(country, subdiv=subdivision, years=YEARS)


class Office:
    """When people are at work by this calendar."""

    def __init__(self, cal: Calendar) -> None:
        known = _country(cal.country, cal.subdivision)
        first, last = date(YEARS[0], 1, 1).toordinal(), date(YEARS[-1], 12, 31).toordinal()
        self._zone = ZoneInfo(cal.zone)
        self._opens, self._closes = cal.opens, cal.closes
        self._days = [day for day in map(date.fromordinal, range(first, last + 1)) if _is_worked(cal, known, day)]

    def there(self, at: datetime) -> datetime:
        return at.astimezone(self._zone)

    def at(self, day: date, clock: time) -> datetime:
        return datetime.combine(day, clock, self._zone).astimezone(UTC)

    def opening(self, day: date, number: int = 0) -> datetime:
        """When the hours begin on that day, or on the next one that is worked; or so many of these after that day."""
        place = bisect_right(self._days, day) + number - 1 if number else bisect_left(self._days, day)
        return self.at(self._days[place], self._opens)

    def before(self, day: date) -> date:
        """The last day before it that is worked."""
        return self._days[bisect_left(self._days, day) - 1]

    def following(self, day: date) -> date:
        """The first day after it that is worked."""
        return self._days[bisect_right(self._days, day)]

    def is_open(self, at: datetime) -> bool:
        there = self.there(at)
        place = bisect_left(self._days, there.date())
        return self._days[place] == there.date() and self._opens <= there.time() <= self._closes

    def within(self, at: datetime) -> datetime:
        """That moment, or when somebody is there next."""
        if self.is_open(at):
            return at.astimezone(UTC)
        there = self.there(at)
        return self.opening(there.date(), int(there.time() > self._closes))


def _is_worked(cal: Calendar, known: holidays.HolidayBase, day: date) -> bool:
    if any(closed.first <= day <= closed.last for closed in cal.closings):
        return False
    if cal.weekend is None:
        return known.is_working_day(day)
    return day in known.weekend_workdays if day.weekday() in cal.weekend else day not in known


@cache
def office(cal: Calendar) -> Office:
    return Office(cal)


@dataclass(frozen=True)
class Word:
    """One reminder that is wanted: when, and what it says."""

    at: datetime
    stage: str
    days: int = 0
    about: datetime | None = field(default=None, compare=False)
    """Of a snooze, its end: a second one is told of again."""

    @property
    def name(self) -> tuple[str, int, datetime | None]:
        """The same, whenever a calendar moves it to."""
        return self.stage, self.days, self.about


def wanted(facts: Facts, audience: Audience, until: datetime) -> tuple[Word, ...]:
    """All of a request as it is now, in their order; of those at one moment the gravest is last."""
    if facts.state not in {State.SENT, State.ACKNOWLEDGED}:
        return ()
    asked = office(facts.asked)
    if audience is Audience.COORDINATORS:
        found = [Word(_over(facts, asked, 2), "overdue", 2)]
    elif audience is Audience.ASKING:
        over = _over(facts, asked, 5)
        found = [Word(over if facts.urgent else office(facts.asking).within(over), "overdue", 5)]
    else:
        found = [*_to_the_desk(facts, asked, until)]
    return tuple(sorted(found, key=lambda word: word.at))


def _over(facts: Facts, asked: Office, days: int) -> datetime:
    return facts.due_at + days * HALF_DAY if facts.urgent else asked.opening(asked.there(facts.due_at).date(), days)


def _to_the_desk(facts: Facts, asked: Office, until: datetime) -> Iterator[Word]:
    quiet = facts.snoozed_until or facts.sent_at
    for word in _if_not_snoozed(facts, asked, until):
        if word.at >= quiet or word.stage == "snoozed":
            yield word


def _if_not_snoozed(facts: Facts, asked: Office, until: datetime) -> Iterator[Word]:
    def there(at: datetime) -> datetime:
        return at if facts.urgent else asked.within(at)

    sent, due = asked.there(facts.sent_at), asked.there(facts.due_at)
    if facts.state is State.SENT:
        next_day = asked.at(asked.following(sent.date()), sent.time())
        yield Word(facts.sent_at + HALF_DAY if facts.urgent else there(next_day), "unacknowledged")
    if facts.snoozed_until is not None:
        yield Word(there(facts.snoozed_until), "snoozed", about=facts.snoozed_until)
    yield Word(there(facts.due_at - (facts.due_at - facts.sent_at) / (6 if facts.urgent else 3)), "a third is left")
    day_before = facts.due_at - HALF_DAY if facts.urgent else asked.at(asked.before(due.date()), due.time())
    yield Word(there(day_before), "a working day is left")
    yield Word(there(facts.due_at), "due")
    days = 1
    while (over := _over(facts, asked, days)) <= until:
        yield Word(over, "overdue", days)
        days = {1: 3, 3: 7}.get(days, days + 7)


def lapsing(kept_until: datetime, asking: Calendar) -> tuple[Word, ...]:
    """Of data that are kept until then."""
    there = office(asking).there(kept_until)
    return tuple(
        Word(office(asking).within(office(asking).at(there.date() - days * DAY, there.time())), "lapsing", days)
        for days in (30, 10, 3)
    )


# Whether what was given is what was wanted


@dataclass(frozen=True)
class Change:
    """From then on other reminders are wanted; `afresh`: whatever was said before.

    `moved`: only because of an agency's calendar; what was all said by then is not said again.
    """

    at: datetime
    words: tuple[Word, ...]
    reader: Office
    afresh: bool = True
    moved: bool = False


@dataclass(frozen=True)
class Heard:
    """A reminder that was given."""

    at: datetime
    word: Word
    late: bool
    number: int = 0
    """Which entry of the ledger says so."""


@dataclass(frozen=True)
class Accounted:
    """One that was rightly given, and whether it was its own moment, not that of another in the same message."""

    heard: Heard
    known_since: datetime
    own: bool


def account(
    happened: Iterable[Change | Heard], until: datetime, away: Away = (), *, urgent: bool = False
) -> Iterator[Accounted]:
    """Each that was given, to one reader of one request; raises AssertionError if one is missing or one too many.

    `happened` is in its order. Within an hour (of an urgent request, at one moment) only the newest is said.
    """
    now: Change | None = None
    said: set[object] = set()
    for each in happened:
        left = [word for word in now.words if word.name not in said] if now is not None else []
        if isinstance(each, Change):
            if now is not None:
                _none_missing(now, left, each.at, away, urgent)
            if now is None or each.afresh or not left:
                said = {word.name for word in each.words if word.at <= each.at}
            now = replace(each, words=()) if each.moved and not left else each
            continue
        assert now is not None, f"given before anything was wanted: {each}"
        words = [word for word in left if word.at <= each.at + (timedelta() if urgent else HOUR)]
        assert words, f"not wanted: {each}, left {left}"
        assert words[-1] == each.word, f"{each}, but wanted {words}"
        assert each.late == (each.at - each.word.at > timedelta(minutes=15)), each
        assert urgent or now.reader.is_open(each.at), f"in nobody's hours: {each}"
        moment = _soonest(now, words[0], away, urgent)
        assert each.at <= moment, f"{each}, but it could have been given at {moment}"
        yield Accounted(each, now.at, own=each.at == moment)
        said |= {word.name for word in words}
    if now is not None:
        _none_missing(now, [word for word in now.words if word.name not in said], until, away, urgent)


def _none_missing(now: Change, left: Sequence[Word], until: datetime, away: Away, urgent: bool) -> None:
    for word in left:
        if word.at <= until:
            moment = _soonest(now, word, away, urgent)
            assert moment >= until, f"never given: {word}, before {until}"


def _soonest(now: Change, word: Word, away: Away, urgent: bool) -> datetime:
    """Of what a calendar has moved into the past: once it has."""
    return when(max(word.at, now.at) if now.moved else word.at, now.reader, away, urgent=urgent)


def when(at: datetime, reader: Office, away: Away, *, urgent: bool = False) -> datetime:
    """At that moment, or as soon after it as somebody gives it and somebody is there to hear it."""
    while True:
        back = next((end for begin, end in away if begin <= at < end), at)
        later = back if urgent else reader.within(back)
        if later == at:
            return at
        at = later
