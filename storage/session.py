"""The engine and `transaction()`: the only place that commits; it knows no table."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import InternalError, OperationalError
from sqlalchemy.pool import ConnectionPoolEntry
from sqlmodel import Session

BUSY_MS = 2000
"""How long a writer waits for another before it says "busy", in milliseconds."""


UNWRITABLE = (OperationalError, InternalError)
"""What transaction() raises if the records cannot be written: PostgreSQL counts it as internal to be read-only."""

_WRITER = 0x636F6D697479
"""`comity`: the advisory lock of the one writer on PostgreSQL."""

_READERS: WeakKeyDictionary[Engine, Engine] = WeakKeyDictionary()
_REBUILDING, _REFERRING = "comity_rebuilding", "comity_referring"


def connect(url: str) -> Engine:
    """The engine for `sqlite:///path` or `postgresql://...`; nothing is opened yet.

    SQLite runs in WAL with synchronous=FULL: a commit that was acknowledged survives a power cut
    (https://www.sqlite.org/pragma.html#pragma_synchronous).
    """
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        if parsed.database and not parsed.database.startswith("file:"):
            Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
        engine, apart = (create_engine(parsed, hide_parameters=True, insertmanyvalues_page_size=500) for _ in range(2))
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        event.listen(apart, "connect", _prepare_sqlite_reader)
        event.listen(apart, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
        event.listen(engine, "engine_disposed", lambda _: apart.dispose())
        _READERS[engine] = apart
        return engine
    engine = create_engine(parsed.set(drivername="postgresql+psycopg"), hide_parameters=True, pool_pre_ping=True)
    event.listen(engine, "connect", _prepare_postgresql)
    return engine


def reader(engine: Engine) -> Engine:
    """The engine of transactions that only read. On SQLite it has connections of its own, which cannot write.

    One that did either by turns would have to be switched over, and at each switch SQLite forgets every statement that
    it has prepared: half of a command's time.
    """
    return _READERS.get(engine, engine)


def _prepare_sqlite(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    # The driver's own BEGIN is deferred: reading and then writing in it fails at once when another writes.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout={BUSY_MS}")
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.close()


def _prepare_sqlite_reader(connection: DBAPIConnection, entry: ConnectionPoolEntry) -> None:
    _prepare_sqlite(connection, entry)
    cursor = connection.cursor()
    cursor.execute("PRAGMA query_only=1")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    wanted = not connection.get_execution_options().get(_REBUILDING, False)
    # It is the connection's, which the pool hands on: each transaction sees to it, so that none inherits it.
    if connection.info.get(_REFERRING) != wanted:
        connection.exec_driver_sql(f"PRAGMA foreign_keys={wanted:d}")
        connection.info[_REFERRING] = wanted
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _prepare_postgresql(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()
    cursor.execute(f"SET lock_timeout = {BUSY_MS}")
    cursor.execute("SET timezone = 'UTC'")
    cursor.close()
    connection.commit()  # settings of the connection, no rows: outside any transaction() of ours


@contextmanager
def transaction(engine: Engine, *, reading: bool = False, rebuilding: bool = False) -> Iterator[Session]:
    """One transaction: committed when the block ends, rolled back when it raises.

    One writer at a time, on PostgreSQL as on SQLite: what a rule was asked stays true until the commit, and the ledger
    has one head. `reading` waits for nobody, sees one moment throughout, and cannot write. `rebuilding` lets a
    migration replace tables that others refer to; its caller looks after the references.

    Raises one of UNWRITABLE if the database is locked for longer than BUSY_MS, read-only or full.
    """
    options: dict[str, Any] = {_REBUILDING: rebuilding}
    source = reader(engine) if reading else engine
    with source.connect().execution_options(**options) as connection, Session(connection, autoflush=False) as session:
        if connection.dialect.name == "postgresql":
            _begin_postgresql(session, reading=reading)
        yield session
        try:
            session.commit()
        except BaseException:
            # SQLite may still be in the transaction, which SQLAlchemy takes for ended: the pool would hand on its lock.
            connection.invalidate()
            raise


def _begin_postgresql(session: Session, *, reading: bool) -> None:
    if reading:
        session.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))
    else:
        session.execute(text("SELECT pg_advisory_xact_lock(:writer)"), {"writer": _WRITER})
