"""`/request list --owing` and `/digest now` for one agency among many, beside the best SQL for the same by hand."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

import psycopg
from sqlalchemy import Engine

from bench import postgresql
from bench.turns import Round, Series, in_turns
from bench.world import GROWING, STEADY, World
from bot.local.script import START
from commands.call import Actor, Call, Outcome
from commands.digest import DigestNow
from commands.message import Items, Ref
from commands.outlook import SOON
from commands.request_reading import SHOWN as LIST_SHOWN
from commands.request_reading import ListRequests
from storage import agencies, digests, ledger, lines
from storage.prospects import SHOWN as DIGEST_SHOWN
from storage.session import connect, transaction
from storage.words import Address, Place

LIST, DIGEST = "/request list --owing", "/digest now"
VIEWERS = {"its own as many": STEADY, "its own growing too": GROWING}

_OWED = "r.state IN ('sent', 'acknowledged', 'clarifying')"
_RUNNING = f"{_OWED} AND r.state IN ('sent', 'acknowledged')"


_NAMED = "asking.code, asking.zone, asked.code, asked.zone"
_AGENCIES = "JOIN agency asking ON asking.id = r.asking_id JOIN agency asked ON asked.id = r.asked_id"

_LIST = (
    f"""SELECT r.id, r.state, r.due_at, r.marking, r.what, {_NAMED} FROM request r {_AGENCIES}
    WHERE r.asked_id = :viewer AND {_OWED} ORDER BY r.due_at, r.id LIMIT {LIST_SHOWN + 1}""",
)

_SECTIONS = (
    f"r.asked_id = :viewer AND {_RUNNING} AND r.due_at < :now",
    f"r.asked_id = :viewer AND {_RUNNING} AND r.due_at >= :now AND r.due_at < :soon",
    f"r.asking_id = :viewer AND {_RUNNING} AND r.due_at < :now",
    f"r.asking_id = :viewer AND {_OWED} AND r.state = 'clarifying'",
    "r.asking_id = :viewer AND r.state = 'answered'",
    f"r.asked_id = :viewer AND {_RUNNING} AND r.due_at >= :soon",
    f"r.asking_id = :viewer AND {_RUNNING} AND r.due_at >= :now",
)

# Counts with one walk a side, the first lines of each part, the ledger's head, and that the digest was given.
_DIGEST = (
    f"""SELECT count(*) FILTER (WHERE r.state <> 'clarifying' AND r.due_at < :now),
    count(*) FILTER (WHERE r.state <> 'clarifying' AND r.due_at >= :now AND r.due_at < :soon),
    count(*) FILTER (WHERE r.state <> 'clarifying' AND r.due_at >= :soon)
    FROM request r WHERE r.asked_id = :viewer AND {_OWED}""",
    f"""SELECT count(*) FILTER (WHERE r.state <> 'clarifying' AND r.due_at < :now),
    count(*) FILTER (WHERE r.state = 'clarifying'),
    count(*) FILTER (WHERE r.state <> 'clarifying' AND r.due_at >= :now)
    FROM request r WHERE r.asking_id = :viewer AND {_OWED}""",
    "SELECT count(*) FROM request r WHERE r.asking_id = :viewer AND r.state = 'answered'",
    f"SELECT r.*, {_NAMED} FROM ("
    + " UNION ALL ".join(
        f"""SELECT * FROM (SELECT r.id, r.state, r.due_at, r.marking, r.what, r.asking_id, r.asked_id
        FROM request r WHERE {wanted} ORDER BY r.due_at, r.id LIMIT {DIGEST_SHOWN}) AS part{number}"""
        for number, wanted in enumerate(_SECTIONS)
    )
    + f") AS r {_AGENCIES}",
    "SELECT seq, hash FROM ledger ORDER BY seq DESC LIMIT 1",
    """INSERT INTO digest (agency_id, officer_id, place, at, ledger_count, ledger_head)
    VALUES (:viewer, :viewer, 'elsewhere', :now, 0, '')""",
)


@dataclass(frozen=True)
class Read:
    """One question of one agency, at one size."""

    what: str
    stored: int
    viewer: str
    lines: int
    reading: Series
    """The database's part of the command: what storage/ gives."""
    whole: Series
    """The handler, with the message that it makes."""
    floor: Series


@dataclass(frozen=True)
class _Floor:
    connection: Any
    questions: Mapping[str, tuple[str, ...]]
    values: Callable[[int], Mapping[str, Any]]

    def ask(self, what: str, viewer: int) -> tuple[float, list[int]]:
        """The seconds, and which requests were listed."""
        cursor, values, rows = self.connection.cursor(), self.values(viewer), []
        began = perf_counter()
        for sql in self.questions[what]:
            cursor.execute(sql, values)
            if cursor.description is not None:
                rows.append(cursor.fetchall())
        took = perf_counter() - began
        self.connection.rollback()
        longest = max(rows, key=len)
        return took, [row[0] for row in longest]


def on_sqlite(sizes: Iterable[int], turns: int, times: int) -> Iterator[Read]:
    with TemporaryDirectory(prefix="comity-bench-") as folder:
        database = Path(folder) / "comity.db"

        @contextmanager
        def floor() -> Iterator[_Floor]:
            with closing(sqlite3.connect(database)) as connection:
                questions = {LIST: _LIST, DIGEST: _DIGEST}
                yield _Floor(connection, questions, lambda viewer: _values(viewer, _as_text))

        yield from _read(f"sqlite:///{database}", floor, sizes, turns, times)


def on_postgresql(server: postgresql.Server, sizes: Iterable[int], turns: int, times: int) -> Iterator[Read]:
    url = server.create("reading")

    @contextmanager
    def floor() -> Iterator[_Floor]:
        with closing(psycopg.connect(url)) as connection:
            questions = {
                what: tuple(re.sub(r":(\w+)", r"%(\1)s", sql) for sql in sqls)
                for what, sqls in ((LIST, _LIST), (DIGEST, _DIGEST))
            }
            yield _Floor(connection, questions, lambda viewer: _values(viewer, lambda at: at))

    yield from _read(url, floor, sizes, turns, times)


def _as_text(at: datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%M:%S.%f")


def _values(viewer: int, shown: Callable[[datetime], Any]) -> Mapping[str, Any]:
    return {"viewer": viewer, "now": shown(START), "soon": shown(START + SOON)}


def _read(url: str, floor: Any, sizes: Iterable[int], turns: int, times: int) -> Iterator[Read]:
    engine = connect(url)
    try:
        world = World(engine, START)
        for stored in sizes:
            world.grow(stored)
            with floor() as by_hand:
                for what in (LIST, DIGEST):
                    for name, viewer in VIEWERS.items():
                        yield _compare(engine, by_hand, what, stored, name, viewer, turns, times)
    finally:
        engine.dispose()


def _compare(
    engine: Engine, by_hand: _Floor, what: str, stored: int, name: str, viewer: int, turns: int, times: int
) -> Read:
    found = _refs(_ask(engine, what, viewer)[1])
    listed = [f"R-{number}" for number in by_hand.ask(what, viewer)[1]]
    if sorted(found) != sorted(listed[:LIST_SHOWN] if what == LIST else listed):
        raise RuntimeError(f"{what}: the floor does not read the same requests")

    def reading() -> Round:
        return _round([_only_read(engine, what, viewer) for _ in range(times)])

    def whole() -> Round:
        return _round([_ask(engine, what, viewer)[0] for _ in range(times)])

    def floor() -> Round:
        return _round([by_hand.ask(what, viewer)[0] for _ in range(times)])

    series = in_turns({"reading": reading, "whole": whole, "floor": floor}, turns)
    return Read(what, stored, name, len(found), series["reading"], series["whole"], series["floor"])


def _round(pieces: list[float]) -> Round:
    return Round(sum(pieces), pieces)


def _ask(engine: Engine, what: str, viewer: int) -> tuple[float, Outcome]:
    """The handler alone, with what it makes of it; who asks was found before, as the desk does."""
    command = ListRequests(owing=True) if what == LIST else DigestNow()
    with transaction(engine) as session:
        found = agencies.officer_at(session, Address(f"local:o{viewer}"))
        if found is None:
            raise RuntimeError("nobody asks")
        call = Call(session, START, Actor(Address(f"local:o{viewer}"), *found), place=Place(f"local:desk{viewer}"))
        began = perf_counter()
        outcome = command.perform(call)
        took = perf_counter() - began
        session.rollback()
    return took, outcome


def _only_read(engine: Engine, what: str, viewer: int) -> float:
    """The seconds of what the handler asks of storage/; of the digest with the head that it names and its row."""
    with transaction(engine) as session:
        session.connection()
        began = perf_counter()
        if what == LIST:
            lines.listing(session, viewer, asked=True, asking=False, limit=LIST_SHOWN + 1)
        else:
            head = ledger.head(session)
            digests.outstanding(session, viewer, START, START + SOON, DIGEST_SHOWN)
            digests.given(session, viewer, viewer, "elsewhere", START, (head.count, head.hash))
        took = perf_counter() - began
        session.rollback()
    return took


def _refs(outcome: Outcome) -> list[str]:
    message = outcome.reply or outcome.drafts[0].message
    lines = [line for block in message.blocks if isinstance(block, Items) for line in block.items]
    return [span.ref for line in lines for span in line if isinstance(span, Ref)]
