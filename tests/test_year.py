"""A year of simulated time: every reminder is accounted for, none missed, none doubled, none at night."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import timedelta

import pytest
from sqlalchemy import Engine
from sqlmodel import select

from bot.local.rooms import Rooms
from commands.rules.reminders import Audience
from storage import arrivals, ledger
from storage.session import transaction
from storage.tables import Letter, LetterState
from tests import lives, reckoning
from tests.house_year import Year
from tests.lives import END, Turn
from tests.reckoning import Accounted, Change, Heard, Word, office
from tests.yearbook import Book

AGENCIES, REQUESTS, WHOLE = 200, 20_000, 1_000
FAR = END + timedelta(days=60)


def test_the_rules_alone() -> None:
    chance = random.Random(20261201)  # noqa: S311  # nothing is kept secret by it
    parties = lives.agencies(chance, AGENCIES)
    given: Counter[str] = Counter()
    for _ in range(REQUESTS):
        turns = lives.life(chance, parties)
        for audience in Audience:
            for one in _accounted(turns, audience):
                assert one.own
                given[f"{audience} {one.heard.word.stage}"] += 1
    assert given.total() > 2 * REQUESTS
    assert len(given) == 8


def _accounted(turns: Sequence[Turn], audience: Audience) -> Iterator[Accounted]:
    urgent = turns[0].facts.urgent
    return reckoning.account(_happened(turns, audience), END, urgent=urgent)


def _happened(turns: Sequence[Turn], audience: Audience) -> Iterator[Change | Heard]:
    played = list(lives.play(turns, audience))
    for number, turn in enumerate(turns):
        reader = office(turn.facts.asking if audience is Audience.ASKING else turn.facts.asked)
        yield Change(turn.at, reckoning.wanted(turn.facts, audience, FAR), reader, turn.afresh)
        for one in played:
            if one.turn == number:
                word = Word(one.reminder.at, one.reminder.stage, one.reminder.days)
                yield Heard(one.at, word, late=False)


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
def test_the_whole_house(engine: Engine) -> None:
    with closing(Rooms(":memory:")) as rooms:
        year = Year(engine, rooms, WHOLE, random.Random(20261201))  # noqa: S311  # nothing is kept secret by it
        asyncio.run(year.play())
        with transaction(engine, reading=True) as session:
            book = Book(session, rooms, year.members, year.away)
            book.read()
            accounted = book.reminders()
            letters = book.letters()
            assert Counter(line for lines in letters for line in lines) == book.said()
            book.together(letters)
            book.hourly(accounted)
            digests = book.digests()
            assert ledger.verify(session).count == len(book.entries)
            unfinished = select(Letter.id).where(Letter.state != LetterState.DELIVERED)
            assert session.exec(unfinished).all() == []
            assert arrivals.set_aside(session) == []
    assert len(book.requests) == WHOLE
    assert year.crashes > 40
    assert sum(one.heard.late for one in accounted.values()) > 40
    assert len(accounted) > 3 * WHOLE
    assert digests > 400
