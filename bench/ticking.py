"""The clock: a look at which nothing is due, and 10,000 reminders that are due at one moment."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

import psycopg
from sqlalchemy import Engine, text
from sqlmodel import func, select

from bench import postgresql
from bench.turns import Round, Series, in_turns
from bench.world import World
from bot.clock import PORTION, Clock
from bot.intake import Intake
from bot.local.script import START
from commands.desk import Desk
from storage import moments
from storage.session import connect, transaction
from storage.tables import Letter, Moment

HOUR = timedelta(hours=1)
IDLE, FLOOR = "nothing is due", "the same SQL by hand"
BUNDLED, URGENT = "a message for each desk", "urgent, a message each"

# Each request has a moment for each of its readers, none of them near.
_PLANNED = """
INSERT INTO moment (job, at, since, bundle)
SELECT reader.name || ':' || r.id, :later, :now, reader.bundle || ':' || r.asked_id FROM request r, (
    SELECT 'desk' AS name, 'desk' AS bundle UNION ALL SELECT 'coordinators', 'coordinators'
    UNION ALL SELECT 'asking', 'desk') AS reader"""

_EVENTS = """
INSERT INTO event (case_id, request_id, number, tag, step, state, agency_id, officer_id, at)
SELECT case_id, id, number + 1, 'request:acknowledged', 'ack', 'acknowledged', asked_id, asked_id, sent_at
FROM request"""
_OPEN = """
UPDATE request SET state = 'acknowledged', number = number + 1, closed_at = NULL, answered_at = NULL,
    kept_until = NULL, marking = 'AMBER', urgent = :urgent, due_at = :now"""
_AT_WORK = "UPDATE agency SET zone = 'Europe/London'"
_DUE = """
INSERT INTO moment (job, at, since, bundle)
SELECT 'desk:' || id, :now, :before, CASE WHEN :urgent THEN NULL ELSE 'desk:' || asked_id END FROM request"""


@dataclass(frozen=True)
class Idle:
    """`stored` requests, all of them open, with a moment for each of their three readers."""

    stored: int
    series: dict[str, Series]


@dataclass(frozen=True)
class Due:
    """How long the messages of so many reminders took to be written, and the floor: one row, one commit, by hand."""

    reminders: int
    messages: int
    seconds: float
    floor: float


@dataclass(frozen=True)
class Ticked:
    idle: Idle
    due: dict[str, Due]


def on_sqlite(stored: int, due: int, turns: int) -> Ticked:
    with TemporaryDirectory(prefix="comity-bench-") as folder:
        names = iter(("idle", BUNDLED, URGENT))

        def create() -> tuple[str, Callable[[], Any]]:
            database = Path(folder) / f"{next(names)}.db"
            return f"sqlite:///{database}", lambda: _tuned(sqlite3.connect(database, isolation_level=None))

        return _ticked(create, stored, due, turns)


def _tuned(connection: sqlite3.Connection) -> sqlite3.Connection:
    connection.execute("PRAGMA synchronous = FULL")
    return connection


def on_postgresql(server: postgresql.Server, stored: int, due: int, turns: int) -> Ticked:
    names = iter(("ticking_idle", "ticking_bundled", "ticking_urgent"))

    def create() -> tuple[str, Callable[[], Any]]:
        url = server.create(next(names))
        return url, lambda: psycopg.connect(url, autocommit=True)

    return _ticked(create, stored, due, turns)


def _ticked(create: Callable[[], tuple[str, Callable[[], Any]]], stored: int, due: int, turns: int) -> Ticked:
    url, by_hand = create()
    idle = _idle(url, by_hand, stored, turns)
    return Ticked(idle, {name: _due(*create(), due, urgent=name == URGENT) for name in (BUNDLED, URGENT)})


@contextmanager
def _opened(url: str) -> Iterator[Engine]:
    engine = connect(url)
    try:
        yield engine
    finally:
        engine.dispose()


def _moment(engine: Engine, at: datetime) -> Any:
    return at.strftime("%Y-%m-%d %H:%M:%S.%f") if engine.dialect.name == "sqlite" else at


def _idle(url: str, by_hand: Callable[[], Any], stored: int, turns: int) -> Idle:
    with _opened(url) as engine:
        World(engine, START).grow(stored)
        later = _moment(engine, START + 1000 * HOUR)
        with transaction(engine, rebuilding=True) as session:
            connection = session.connection()
            connection.execute(text(_PLANNED), {"later": later, "now": _moment(engine, START)})
            connection.execute(text("ANALYZE"))
        mark = "?" if engine.dialect.name == "sqlite" else "%s"
        question = f"SELECT job, at, since, bundle FROM moment WHERE at <= {mark} ORDER BY at, job LIMIT {PORTION}"
        now = _moment(engine, START)

        def look() -> Round:
            return _round(lambda: _look(engine))

        with closing(by_hand()) as connection:
            cursor = connection.cursor()

            def floor() -> Round:
                return _round(lambda: cursor.execute(question, (now,)).fetchall())

            return Idle(stored, in_turns({IDLE: look, FLOOR: floor}, turns))


def _look(engine: Engine) -> None:
    """As the clock does."""
    with transaction(engine, reading=True) as session:
        if moments.due(session, START, PORTION):
            raise RuntimeError("nothing should be due")


def _round(work: Callable[[], object]) -> Round:
    pieces = []
    for _ in range(100):
        began = perf_counter()
        work()
        pieces.append(perf_counter() - began)
    return Round(sum(pieces), pieces)


def _due(url: str, by_hand: Callable[[], Any], number: int, *, urgent: bool) -> Due:
    now = START + HOUR
    with _opened(url) as engine:
        World(engine, START).grow(number)
        values = {"now": _moment(engine, now), "before": _moment(engine, START), "urgent": urgent}
        with transaction(engine, rebuilding=True) as session:
            connection = session.connection()
            for statement in (_EVENTS, _OPEN, _AT_WORK, _DUE, "ANALYZE"):
                wanted = {name: value for name, value in values.items() if f":{name}" in statement}
                connection.execute(text(statement), wanted)
        took = _tick(engine, now)
        with transaction(engine, reading=True) as session:
            messages = session.exec(select(func.count()).select_from(Letter)).one()
            left = session.exec(select(func.count()).where(Moment.at <= now)).one()
        if left or messages != (number if urgent else len({*_desks(engine)})):
            raise RuntimeError(f"{messages} messages, {left} left")
        with closing(by_hand()) as connection:
            floor = written(connection, messages)
    return Due(number, messages, took, floor)


def _desks(engine: Engine) -> Iterator[int]:
    with engine.connect() as connection:
        for row in connection.execute(text("SELECT asked_id FROM request")):
            yield row[0]


def _tick(engine: Engine, now: datetime) -> float:
    async def tick() -> float:
        with Intake(engine, Desk(lambda: bytes(16))) as intake:
            clock = Clock(engine, intake, lambda: now, lambda: None, rehearsal=False)
            began = perf_counter()
            await clock.tick()
            return perf_counter() - began

    return asyncio.run(tick())


def written(connection: Any, number: int) -> float:
    """The seconds of so many rows, a commit each."""
    cursor = connection.cursor()
    cursor.execute("CREATE TABLE floor (id integer PRIMARY KEY, words text)")
    mark = "?" if isinstance(connection, sqlite3.Connection) else "%s"
    statement = f"INSERT INTO floor (id, words) VALUES ({mark}, {mark})"  # our own words
    began = perf_counter()
    for one in range(number):
        cursor.execute(statement, (one, "R-1 is due now." * 20))
    return perf_counter() - began
