"""The year that the tests play, timed: the rules alone, and all of Comity with restarts and two workers."""

from __future__ import annotations

import asyncio
import random
from contextlib import closing
from dataclasses import dataclass
from time import perf_counter

import psycopg
from sqlmodel import func, select

from bench import postgresql
from bench.ticking import written
from bot.local.rooms import Rooms
from commands.rules.reminders import Audience
from storage import schema
from storage.session import connect, transaction
from storage.tables import LedgerEntry
from tests import lives
from tests.house_year import Year

AGENCIES = 200
SEED = 20261201


@dataclass(frozen=True)
class Played:
    """The seconds of each, and what was done in them; `floor`: a row and a commit for each entry of the ledger."""

    requests: int
    reminders: int
    rules: float
    through: int
    entries: int
    house: float
    floor: float


def play(requests: int, through: int) -> Played:
    """So many requests by the rules alone, and so many `through` the whole house."""
    reminders, rules = _rules(requests)
    with postgresql.running() as server:
        url = server.create("year")
        entries, house = _house(url, through)
        with closing(psycopg.connect(url, autocommit=True)) as connection:
            floor = written(connection, entries)
    return Played(requests, reminders, rules, through, entries, house, floor)


def _rules(requests: int) -> tuple[int, float]:
    chance = random.Random(SEED)  # noqa: S311  # nothing is kept secret by it
    began, reminders = perf_counter(), 0
    parties = lives.agencies(chance, AGENCIES)
    for _ in range(requests):
        turns = lives.life(chance, parties)
        reminders += sum(1 for audience in Audience for _ in lives.play(turns, audience))
    return reminders, perf_counter() - began


def _house(url: str, requests: int) -> tuple[int, float]:
    engine = connect(url)
    try:
        schema.create(engine)
        with closing(Rooms(":memory:")) as rooms:
            year = Year(engine, rooms, requests, random.Random(SEED))  # noqa: S311  # nothing is kept secret by it
            began = perf_counter()
            asyncio.run(year.play())
            took = perf_counter() - began
        with transaction(engine, reading=True) as session:
            return session.exec(select(func.count()).select_from(LedgerEntry)).one(), took
    finally:
        engine.dispose()
