"""`/request send` through the intake, by one asker and by many, beside the same statements made by the bare driver."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

import psycopg
from sqlalchemy import func, select

from bench import house, postgresql
from bench.replay import Replay, perform, recorded
from bench.turns import Round, Series, in_turns
from storage.session import transaction
from storage.tables import Request

OPEN = "/case open Pump-and-dump mailing"
SEND = "/request send ACMA --case C-1 Please give us the subscriber records of the mailbox from 1 May to 3 May."

ONE, MANY, FLOOR = "one asker", "askers at once", "the driver alone"


@dataclass(frozen=True)
class Sizes:
    turns: int
    sends: int
    """In each round."""
    askers: int


@dataclass(frozen=True)
class Sent:
    statements: int
    """How many one command makes, with BEGIN and without COMMIT."""
    series: dict[str, Series]


Floor = Callable[[int], Round]
"""So many commands, each committed."""


def on_sqlite(sizes: Sizes) -> Sent:
    with TemporaryDirectory(prefix="comity-bench-") as folder, house.opened(f"sqlite:///{folder}/comity.db") as comity:
        replay = _record(comity)
        with _sqlite_floor(Path(folder), replay) as floor:
            return _in_turns(comity, replay, floor, sizes)


def on_postgresql(server: postgresql.Server, sizes: Sizes) -> Sent:
    with house.opened(server.create("comity")) as comity:
        replay = _record(comity)
        comity.engine.dispose()  # a database can be copied only while nobody is connected
        with closing(psycopg.connect(server.create("floor", template="comity"))) as connection:
            cursor = connection.cursor()
            cursor.execute("SET timezone = 'UTC'")
            connection.commit()
            return _in_turns(comity, replay, lambda times: _replayed(replay, times, cursor, connection.commit), sizes)


def _record(comity: house.House) -> Replay:
    async def record() -> Replay:
        await comity.take(OPEN)
        for _ in range(3):  # what happens once only (imports, caches) is no part of a command
            await comity.take(SEND)
        with recorded(comity.engine) as first:
            await comity.take(SEND)
        with recorded(comity.engine) as second:
            await comity.take(SEND)
        return Replay(first, second)

    return asyncio.run(record())


@contextmanager
def _sqlite_floor(folder: Path, replay: Replay) -> Iterator[Floor]:
    """On a copy of the database as the recordings left it, as durable as the house's own."""
    with (
        closing(sqlite3.connect(folder / "comity.db")) as original,
        closing(sqlite3.connect(folder / "floor.db", isolation_level=None)) as copy,
    ):
        original.backup(copy)
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            copy.execute(f"PRAGMA {pragma}")
        cursor = copy.cursor()
        yield lambda times: _replayed(replay, times, cursor, lambda: cursor.execute("COMMIT"))


def _replayed(replay: Replay, times: int, cursor: Any, commit: Callable[[], object]) -> Round:
    prepared = replay.prepare(times)
    pieces = []
    began = before = perf_counter()
    for statements in prepared:
        perform(cursor, statements)
        commit()
        after = perf_counter()
        pieces.append(after - before)
        before = after
    return Round(before - began, pieces)


def _in_turns(comity: house.House, replay: Replay, floor: Floor, sizes: Sizes) -> Sent:
    before = _stored(comity)
    with asyncio.Runner() as runner:
        series = in_turns(
            {
                ONE: lambda: runner.run(_ask(comity, 1, sizes.sends)),
                MANY: lambda: runner.run(_ask(comity, sizes.askers, sizes.sends // sizes.askers)),
                FLOOR: lambda: floor(sizes.sends),
            },
            sizes.turns,
        )
    each = sizes.sends + sizes.sends // sizes.askers * sizes.askers
    if _stored(comity) - before != each * (sizes.turns + 1):
        raise RuntimeError("a request was not entered: what was timed is not what was meant")
    return Sent(len(replay), series)


async def _ask(comity: house.House, askers: int, sends: int) -> Round:
    """All of them at once, each waiting for its own before it sends the next."""
    pieces: list[float] = []

    async def asker() -> None:
        for _ in range(sends):
            before = perf_counter()
            await comity.take(SEND)
            pieces.append(perf_counter() - before)

    began = perf_counter()
    await asyncio.gather(*(asker() for _ in range(askers)))
    return Round(perf_counter() - began, pieces)


def _stored(comity: house.House) -> int:
    with transaction(comity.engine, reading=True) as session:
        return int(session.execute(select(func.count()).select_from(Request)).scalar_one())
