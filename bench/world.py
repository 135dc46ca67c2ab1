"""A network of agencies with many requests, written in bulk: rows that no command made, but that one could have.

Of a request's events there is the last one. Replies, threads and letters are left out: a digest looks for the first and
the last of these, and in life there are as few of them behind one request.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, text

from storage import schema
from storage.session import transaction

AGENCIES = 200
STEADY, GROWING = 1, 2
"""Two agencies to look from: one whose own requests stay as many, one that grows with all the others."""

OWN = 1000
"""How many requests the steady agency is asked, and how many it asks."""

CASE_SIZE = 10

_PEOPLE = (
    """INSERT INTO agency (id, code, name, country, zone, added_at)
    SELECT i, 'A' || i, 'Agency ' || i, 'NL', CASE i % 3 WHEN 0 THEN 'Asia/Seoul' WHEN 1 THEN 'Europe/London'
    ELSE 'America/New_York' END, :now FROM ({numbers}) AS n""",
    """INSERT INTO officer (id, agency_id, name, role, added_at)
    SELECT i, i, 'officer ' || i, 'coordinator', :now FROM ({numbers}) AS n""",
    "INSERT INTO officer_address (address, officer_id) SELECT 'local:o' || i, i FROM ({numbers}) AS n",
    """INSERT INTO desk (agency_id, place, shared, set_at)
    SELECT i, 'local:desk' || i, {false}, :now FROM ({numbers}) AS n""",
)

# Knuth's multiplicative hash: the same rows on every run and on both databases, and no pattern in them.
_MIXED = "(i * 2654435761) % 4294967296"

_CASES = """
INSERT INTO "case" (id, title, priority, marking, agency_id, officer_id, opened_at)
SELECT i, 'A mailing that nobody wanted, number ' || i, 'normal', 'AMBER', 1 + i % {agencies}, 1 + i % {agencies}, :now
FROM ({numbers}) AS n"""

# 8 in 100 are open. The open ones are due from three weeks ago to five weeks ahead, and were sent within six weeks; the
# others were due within three years and sent two weeks before that; of those that were answered some data are kept.
_REQUESTS = """
INSERT INTO request (
    id, case_id, asking_id, asked_id, officer_id, kind, what, marking, shared, urgent, state, number, sent_at,
    due_at, due_spec, first_due_at, answered_at, closed_at, kept_until
)
SELECT
    i, 1 + (i - 1) / {case_size}, asking, asked, asking, 'evidence',
    'Please give us the subscriber records of mailbox ' || i || ' at mail.example, and the sign-in times since 1 May.',
    CASE WHEN mixed / 1000 % 100 < 3 THEN 'RED' WHEN mixed / 1000 % 100 < 10 THEN 'AMBER+STRICT'
        WHEN mixed / 1000 % 100 < 20 THEN 'GREEN' ELSE 'AMBER' END,
    {false}, {false}, state, 3, sent, due, '10 working days', due,
    CASE WHEN state IN ('answered', 'closed') THEN answered END, CASE WHEN state = 'closed' THEN closed END,
    CASE WHEN state IN ('answered', 'closed') AND mixed / 1000 % 100 >= 98 THEN kept END
FROM (SELECT one.*, {due} AS due, {sent} AS sent, {answered} AS answered, {closed} AS closed, {kept} AS kept FROM (
    SELECT i, asking, asked, mixed, CASE
        WHEN mixed % 1000 < 20 THEN 'sent' WHEN mixed % 1000 < 55 THEN 'acknowledged'
        WHEN mixed % 1000 < 60 THEN 'clarifying' WHEN mixed % 1000 < 80 THEN 'answered'
        WHEN mixed % 1000 < 130 THEN 'withdrawn' WHEN mixed % 1000 < 180 THEN 'declined' ELSE 'closed' END AS state
    FROM (SELECT i, {mixed} AS mixed, {asking} AS asking, {asked} AS asked FROM ({numbers}) AS n) AS pair
) AS one) AS dated"""

_EVENTS = """
INSERT INTO event (case_id, request_id, number, tag, step, state, agency_id, officer_id, at, reason)
SELECT case_id, id, number, 'request:' || state, step, state, agency, agency,
    COALESCE(closed_at, answered_at, sent_at), CASE step WHEN 'decline' THEN 'not-held' END
FROM (
    SELECT request.*, CASE WHEN state IN ('sent', 'withdrawn', 'closed') THEN asking_id ELSE asked_id END AS agency,
        CASE state WHEN 'sent' THEN 'send' WHEN 'acknowledged' THEN 'ack' WHEN 'clarifying' THEN 'clarify'
        WHEN 'answered' THEN 'answer' WHEN 'declined' THEN 'decline' WHEN 'withdrawn' THEN 'withdraw' ELSE 'close' END
        AS step
    FROM request WHERE id BETWEEN :first AND :last
) AS done"""

_OPEN = "mixed % 1000 < 80"
_PAST = "-(mixed / 7 % 1576800)"
_MINUTES = {
    "due": f"CASE WHEN {_OPEN} THEN mixed / 7 % 80640 - 30240 ELSE {_PAST} END",
    "sent": f"CASE WHEN {_OPEN} THEN -(mixed / 11 % 60480) ELSE {_PAST} - 20160 END",
    "answered": f"CASE WHEN {_OPEN} THEN 0 ELSE {_PAST} - mixed / 13 % 20160 END",
    "closed": f"{_PAST}",
    "kept": f"CASE WHEN {_OPEN} THEN 43200 ELSE {_PAST} + 129600 END",
}
"""When things happened, in minutes from now."""


@dataclass(frozen=True)
class _Sql:
    """Where the two databases write the same thing differently."""

    numbers: str
    false: str
    moment: str
    """`minutes` after :now."""
    trusting: tuple[str, ...]
    """Most of the time would go into checking what is known to hold."""


_SQLITE = _Sql(
    "WITH RECURSIVE n(i) AS (SELECT :first UNION ALL SELECT i + 1 FROM n WHERE i < :last) SELECT i FROM n",
    "0",
    "strftime('%Y-%m-%d %H:%M:%S.000000', :now, ({minutes}) || ' minutes')",
    ("PRAGMA ignore_check_constraints = ON", "PRAGMA cache_size = -400000"),
)
_POSTGRESQL = _Sql(
    "SELECT i FROM generate_series(CAST(:first AS bigint), CAST(:last AS bigint)) AS i",
    "false",
    "CAST(:now AS timestamptz) + ({minutes}) * interval '1 minute'",
    ("SET LOCAL session_replication_role = replica",),
)


class World:
    """Grows, and never shrinks."""

    def __init__(self, engine: Engine, now: datetime) -> None:
        self._engine = engine
        self._sqlite = engine.dialect.name == "sqlite"
        self._sql = _SQLITE if self._sqlite else _POSTGRESQL
        self._now: Any = now.strftime("%Y-%m-%d %H:%M:%S.000000") if self._sqlite else now
        self._stored = 0
        schema.create(engine)
        with self._writing() as connection:
            for statement in _PEOPLE:
                self._write(connection, statement, 1, AGENCIES)

    def grow(self, stored: int) -> None:
        """Until so many requests are stored, and the database knows how they are spread."""
        with self._writing() as connection:
            if not self._stored:
                self._requests(connection, OWN, str(STEADY), f"2 + i % {AGENCIES - 1}")
                self._requests(connection, OWN, f"2 + i % {AGENCIES - 1}", str(STEADY))
            asked = f"2 + i % {AGENCIES - 1}"
            asking = f"2 + (i + 1 + i / {AGENCIES - 1} % {AGENCIES - 2}) % {AGENCIES - 1}"
            self._requests(connection, stored - self._stored, asking, asked)
            connection.execute(text("ANALYZE"))

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with transaction(self._engine, rebuilding=True) as session:
            connection = session.connection()
            for switch in self._sql.trusting:
                connection.exec_driver_sql(switch)
            yield connection
        self._engine.dispose()  # what was switched goes with the connection: nobody else is to write so trustingly

    def _requests(self, connection: Connection, count: int, asking: str, asked: str) -> None:
        first, last = self._stored + 1, self._stored + count
        self._write(connection, _CASES, (first - 1) // CASE_SIZE + 1, (last - 1) // CASE_SIZE + 1)
        times = {name: self._sql.moment.format(minutes=minutes) for name, minutes in _MINUTES.items()}
        self._write(connection, _REQUESTS, first, last, asking=asking, asked=asked, **times)
        self._write(connection, _EVENTS, first, last)
        self._stored = last

    def _write(self, connection: Connection, statement: str, first: int, last: int, **parts: str) -> None:
        """The parts are this module's own SQL."""
        if first > last:
            return
        whole = statement.format(
            numbers=self._sql.numbers,
            false=self._sql.false,
            agencies=AGENCIES,
            case_size=CASE_SIZE,
            mixed=_MIXED,
            **parts,
        )
        values = {"first": first, "last": last, "now": self._now}
        connection.execute(text(whole), values)
