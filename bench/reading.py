"""`/request list --owing` and `/digest now` for one agency among many, beside the best SQL for the same by hand."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
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
from commands import outlook
from commands.call import Actor, Call
from commands.digest import DigestNow
from commands.outlook import SINCE, SOON, Part
from commands.request_reading import SHOWN as LIST_SHOWN
from commands.request_reading import ListRequests
from commands.rules.digest import AGES, ASIDE, LAPSING, QUARTER, SILENT_AFTER
from storage import agencies, digests, lines
from storage.prospects import SHOWN as DIGEST_SHOWN
from storage.session import connect, transaction
from storage.tables import Agency
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

_ASKED, _ASKING = "r.asked_id = :viewer", "r.asking_id = :viewer"
_PARTS = (
    (f"{_ASKED} AND {_RUNNING} AND r.due_at < :now", "r.due_at"),
    (f"{_ASKED} AND {_RUNNING} AND r.due_at >= :now AND r.due_at < :soon", "r.due_at"),
    (f"{_ASKING} AND {_RUNNING} AND r.due_at < :now", "r.due_at"),
    (f"{_ASKING} AND {_OWED} AND r.state = 'clarifying'", "r.due_at"),
    (f"{_ASKING} AND r.state = 'answered'", "r.due_at"),
    (f"{_ASKING} AND r.kept_until BETWEEN :now AND :lapsing", "r.kept_until"),
    (f"{_ASKING} AND r.closed_at > :since", "r.closed_at DESC"),
    (f"{_ASKED} AND r.closed_at > :since", "r.closed_at DESC"),
    (f"{_ASKING} AND {_OWED} AND r.state = 'sent' AND r.sent_at < :silent", "r.sent_at"),
)
_OPEN = " UNION ALL ".join(
    f"SELECT {partner} AS partner, r.sent_at FROM request r WHERE {side} AND {states}"
    for side, partner in ((_ASKED, "r.asking_id"), (_ASKING, "r.asked_id"))
    for states in (_OWED, "r.state = 'answered'")
)

# What a digest reads, one index a question: the numbers with one walk a side; the first lines of each part with the
# last step and the last reply; answers of two quarters; open requests by partner and age; letters that were given up;
# which partners work when; the ledger's head; and that the digest was given.
_DIGEST = (
    f"""SELECT count(*) FILTER (WHERE r.state <> 'clarifying' AND r.due_at < :now),
    count(*) FILTER (WHERE r.state <> 'clarifying' AND r.due_at >= :now AND r.due_at < :soon),
    count(*) FILTER (WHERE r.state <> 'clarifying' AND r.due_at >= :soon)
    FROM request r WHERE {_ASKED} AND {_OWED}""",
    f"""SELECT count(*) FILTER (WHERE r.state <> 'clarifying' AND r.due_at < :now),
    count(*) FILTER (WHERE r.state = 'clarifying'),
    count(*) FILTER (WHERE r.state <> 'clarifying' AND r.due_at >= :now),
    count(*) FILTER (WHERE r.state = 'sent' AND r.sent_at < :silent)
    FROM request r WHERE {_ASKING} AND {_OWED}""",
    f"SELECT count(*) FROM request r WHERE {_ASKING} AND r.state = 'answered'",
    f"SELECT count(*) FROM request r WHERE {_ASKING} AND r.kept_until BETWEEN :now AND :lapsing",
    f"SELECT count(*) FROM request r WHERE {_ASKING} AND r.closed_at > :since",
    f"SELECT count(*) FROM request r WHERE {_ASKED} AND r.closed_at > :since",
    f"""SELECT r.*, {_NAMED}, e.agency_id, e.at, e.step, p.agency_id, p.at FROM ("""
    + " UNION ALL ".join(
        f"""SELECT * FROM (SELECT r.id, r.state, r.due_at, r.marking, r.what, r.asking_id, r.asked_id, r.number,
        {number} AS part FROM request r WHERE {wanted} ORDER BY {order}, r.id LIMIT {DIGEST_SHOWN}) AS part{number}"""
        for number, (wanted, order) in enumerate(_PARTS)
    )
    + f""") AS r {_AGENCIES} JOIN event e ON e.request_id = r.id AND e.number = r.number LEFT JOIN reply p
    ON p.id = (SELECT max(q.id) FROM reply q WHERE q.request_id = r.id AND q.deleted_at IS NULL)""",
    f"""SELECT r.asked_id, r.sent_at, r.answered_at FROM request r
    WHERE {_ASKING} AND r.answered_at >= :half AND r.answered_at < :now""",
    f"""SELECT r.partner, count(*) FILTER (WHERE r.sent_at >= :week),
    count(*) FILTER (WHERE r.sent_at < :week AND r.sent_at >= :fortnight),
    count(*) FILTER (WHERE r.sent_at < :fortnight AND r.sent_at >= :month),
    count(*) FILTER (WHERE r.sent_at < :month) FROM ({_OPEN}) AS r GROUP BY r.partner""",
    """SELECT l.id, l.request_id, l.place, l.error FROM outbox l WHERE l.state = 'set aside' AND l.at > :aside
    ORDER BY l.id DESC LIMIT 20""",
    f"""SELECT a.id, a.country, a.zone, a.weekend, a.opens, c.first, c.last FROM agency a
    LEFT JOIN closing c ON c.agency_id = a.id WHERE a.id IN (
        SELECT r.asked_id FROM request r WHERE {_ASKING} AND {_OWED} AND r.state = 'sent' AND r.sent_at < :silent)""",
    "SELECT id, code FROM agency",
    "SELECT seq, hash FROM ledger ORDER BY seq DESC LIMIT 1",
    """INSERT INTO digest (agency_id, officer_id, place, at, ledger_count, ledger_head)
    VALUES (:viewer, :viewer, 'elsewhere', :now, 0, '')""",
)
_PART = 8
"""Where a line says which part it is of."""
_ALIKE = (Part.OVERDUE_BY_US, Part.DUE_SOON, Part.OVERDUE_TO_US, Part.TO_EXPLAIN, Part.TO_CLOSE, Part.LAPSING)
"""Of what was closed the floor gives each side's first lines, and no SQL counts a partner's working days."""
_LINES_AT = next(number for number, sql in enumerate(_DIGEST) if "AS part" in sql)


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
            rows.append(cursor.fetchall() if cursor.description is not None else [])
        took = perf_counter() - began
        self.connection.rollback()
        listed = rows[0] if what == LIST else [row for row in rows[_LINES_AT] if row[_PART] < len(_ALIKE)]
        return took, [row[0] for row in listed]


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
    days = {
        "soon": SOON.days, "lapsing": LAPSING.days, "since": -SINCE.days, "silent": -SILENT_AFTER,
        "half": -2 * QUARTER.days, "aside": -ASIDE.days,
        **dict(zip(("week", "fortnight", "month"), (-age for age in AGES), strict=True)),
    }  # fmt: skip
    moments = {name: START + timedelta(days=number) for name, number in days.items()} | {"now": START}
    return {"viewer": viewer} | {name: shown(moment) for name, moment in moments.items()}


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
    found, listed = _listed(engine, what, viewer), by_hand.ask(what, viewer)[1]
    if sorted(found) != sorted(listed):
        raise RuntimeError(f"{what}: the floor does not read the same requests")

    def reading() -> Round:
        return _round([_only_read(engine, what, viewer) for _ in range(times)])

    def whole() -> Round:
        return _round([_ask(engine, what, viewer) for _ in range(times)])

    def floor() -> Round:
        return _round([by_hand.ask(what, viewer)[0] for _ in range(times)])

    series = in_turns({"reading": reading, "whole": whole, "floor": floor}, turns)
    return Read(what, stored, name, len(found), series["reading"], series["whole"], series["floor"])


def _round(pieces: list[float]) -> Round:
    return Round(sum(pieces), pieces)


def _ask(engine: Engine, what: str, viewer: int) -> float:
    """The handler alone, with what it makes of it; who asks was found before, as the desk does."""
    command = ListRequests(owing=True) if what == LIST else DigestNow()
    with transaction(engine) as session:
        found = agencies.officer_at(session, Address(f"local:o{viewer}"))
        if found is None:
            raise RuntimeError("nobody asks")
        call = Call(session, START, Actor(Address(f"local:o{viewer}"), *found), place=Place(f"local:desk{viewer}"))
        began = perf_counter()
        command.perform(call)
        took = perf_counter() - began
        session.rollback()
    return took


def _only_read(engine: Engine, what: str, viewer: int) -> float:
    """The seconds until the handler knows what it says; of the digest with the row that remembers it."""
    with transaction(engine) as session:
        agency = session.get_one(Agency, viewer)
        began = perf_counter()
        if what == LIST:
            lines.listing(session, viewer, asked=True, asking=False, limit=LIST_SHOWN + 1)
        else:
            head = outlook.own(session, agency, START, None).head
            digests.given(session, viewer, viewer, "elsewhere", START, (head.count, head.hash))
        took = perf_counter() - began
        session.rollback()
    return took


def _listed(engine: Engine, what: str, viewer: int) -> list[int]:
    with transaction(engine, reading=True) as session:
        if what == LIST:
            found = lines.listing(session, viewer, asked=True, asking=False, limit=LIST_SHOWN + 1)
            return [line.number for line in found]
        parts = outlook.own(session, session.get_one(Agency, viewer), START, None).parts
        return [line.number for part in _ALIKE for line in parts[part].first]
