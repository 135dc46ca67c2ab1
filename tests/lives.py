"""What befalls requests among two hundred agencies in a year, by chance; and which reminders the rules give of them."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from commands.rules import hours
from commands.rules.deadline import DueRefused, default_due, resolve
from commands.rules.reminders import Audience, Facts, Reminder, between, following
from commands.rules.stopped import resume
from commands.rules.when import read_when
from commands.rules.workdays import Calendar
from storage.words import ClosedDays, State
from tests.countries import COUNTRIES

BEGIN = datetime(2026, 12, 1, 9, tzinfo=UTC)
YEAR = timedelta(days=365)
END = BEGIN + YEAR
HOUR, DAY = timedelta(hours=1), timedelta(days=1)

HOURS = ((9, 0, 17, 0), (8, 0, 16, 0), (8, 30, 16, 45), (10, 0, 18, 30), (7, 0, 15, 0))
WEEKENDS = (None, None, None, frozenset({4, 5}), frozenset({6}), frozenset({5, 6}))
LENGTHS = (
    "10wd", "3wd", "1wd", "25 working days", "8 hours", "36 hours", "3d", "in 10 days", "2w", "1 month", "friday",
    "tomorrow 9am", "tomorrow", "end of month",
)  # fmt: skip


def agencies(chance: random.Random, number: int) -> list[Calendar]:
    """Each with its own weekend, hours and closing days."""
    places = list(COUNTRIES)
    return [_agency(chance, places[one % len(places)]) for one in range(number)]


def _agency(chance: random.Random, place: str) -> Calendar:
    country, _, subdivision = place.partition("-")
    opens_hour, opens_minute, closes_hour, closes_minute = chance.choice(HOURS)
    return Calendar(
        country,
        subdivision or None,
        COUNTRIES[place],
        chance.choice(WEEKENDS),
        tuple(_closing(chance) for _ in range(chance.randrange(4))),
        time(opens_hour, opens_minute),
        time(closes_hour, closes_minute),
    )


def _closing(chance: random.Random) -> ClosedDays:
    first = BEGIN.date() + chance.randrange(365) * DAY
    return ClosedDays(first, first + chance.randrange(12) * DAY)


@dataclass(frozen=True)
class Turn:
    """From then on a request is like this; `afresh`: its due time is another one."""

    at: datetime
    facts: Facts
    afresh: bool = True


def life(chance: random.Random, parties: Sequence[Calendar]) -> list[Turn]:
    """One request from its sending to the end of the year, or until nothing is owed any more."""
    asking, asked = chance.sample(parties, 2)
    sent, urgent = BEGIN + YEAR * chance.random(), chance.random() < 0.15
    spec, due = _due(chance, sent, asking, asked, urgent=urgent)
    turns = [Turn(sent, Facts(State.SENT, urgent, sent, due, None, asked, asking))]
    stopped = sent
    while chance.random() < 0.95:
        now, facts = turns[-1].at + timedelta(seconds=chance.expovariate(1 / 400_000)), turns[-1].facts
        if now >= END:
            break
        match chance.choice(_ACTS[facts.state]):
            case "ack":
                facts = replace(facts, state=State.ACKNOWLEDGED)
            case "clarify":
                facts, stopped = replace(facts, state=State.CLARIFYING), now
            case "explain":
                due = resume(facts.due_at, spec, stopped, now, asked).at
                facts = replace(facts, state=State.ACKNOWLEDGED, due_at=due)
            case "extend":
                spec, due = _due(chance, now, asking, asked, urgent=urgent)
                if due > facts.due_at:
                    facts = replace(facts, due_at=due)
                    stopped = now
            case "snooze":
                facts = replace(facts, snoozed_until=_snooze(chance, now, asked))
            case _:
                facts = replace(facts, state=State.ANSWERED)
        turns.append(Turn(now, facts, afresh=facts.due_at != turns[-1].facts.due_at))
        if facts.state is State.ANSWERED:
            break
    return turns


_ACTS = {
    State.SENT: ("ack", "ack", "ack", "clarify", "extend", "snooze", "answer"),
    State.ACKNOWLEDGED: ("clarify", "extend", "snooze", "answer", "answer"),
    State.CLARIFYING: ("explain", "explain", "explain", "extend", "answer"),
}


def _due(
    chance: random.Random, now: datetime, asking: Calendar, asked: Calendar, *, urgent: bool
) -> tuple[str | None, datetime]:
    """The length that was asked for (None: a date), and when it ends."""
    spec = written(chance, now)
    if spec is None:
        due = default_due(now, urgent, asked)
    else:
        when = read_when(spec)
        assert when is not None
        try:
            due = resolve(when, now, asking.zone, asked)
        except DueRefused:  # the end of this month is past
            due = default_due(now, urgent, asked)
    return None if due.fixed else due.spec, due.at


def written(chance: random.Random, now: datetime) -> str | None:
    """How someone may write when an answer is needed; None: they leave it out."""
    day = now.date() + chance.randrange(2, 60) * DAY
    return chance.choice((None, None, *LENGTHS, f"{day}", f"{day} {chance.randrange(24):02}:{chance.randrange(60):02}"))


def _snooze(chance: random.Random, now: datetime, asked: Calendar) -> datetime:
    """To the beginning of a later day, or for so many hours."""
    if chance.random() < 0.5:
        return now + chance.randrange(1, 200) * HOUR
    day: date = now.astimezone(ZoneInfo(asked.zone)).date() + chance.randrange(1, 30) * DAY
    return hours.opening(asked, day)


@dataclass(frozen=True)
class Given:
    """`turn` is the number of the one in which it was given."""

    turn: int
    at: datetime
    reminder: Reminder


def play(turns: Sequence[Turn], audience: Audience) -> Iterator[Given]:
    """As the house plays them: always the next one alone, and with it what comes within the hour."""
    since, coming = turns[0].at, None
    for number, turn in enumerate(turns):
        if turn.afresh or coming is None:
            since = turn.at
        end = turns[number + 1].at if number + 1 < len(turns) else END
        while (coming := following(turn.facts, audience, since)) is not None and coming.at < end:
            reach = coming.at + timedelta(hours=not turn.facts.urgent)
            yield Given(number, coming.at, between(turn.facts, audience, since, reach)[-1])
            since = reach
