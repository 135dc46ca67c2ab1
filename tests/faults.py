"""What befalls a database, at the wire: it is locked, read-only or full, or something happens at one statement."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from threading import Event, get_ident

from sqlalchemy import Engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

from storage.session import connect, reader, transaction


@contextmanager
def at_the_wire(target: Engine | type, name: str, listener: Callable[..., object]) -> Iterator[None]:
    """The listener is called whenever SQLAlchemy does what the event is named for."""
    event.listen(target, name, listener)
    try:
        yield
    finally:
        event.remove(target, name, listener)


@contextmanager
def locked(engine: Engine) -> Iterator[None]:
    """Another holds what every writer needs."""
    with transaction(engine) as session:
        session.connection()  # on SQLite it begins here
        yield


@contextmanager
def away(engine: Engine) -> Iterator[None]:
    """Every connection has broken off, and nobody answers a new one."""

    def refuse(*_: object) -> None:
        raise engine.dialect.loaded_dbapi.OperationalError("no route")

    with ExitStack() as stack:
        for each in {engine, reader(engine)}:
            each.dispose()
            stack.enter_context(at_the_wire(each, "do_connect", refuse))
        yield


@contextmanager
def silent(engine: Engine) -> Iterator[list[int]]:
    """Whoever reads waits until the block ends; the list says which threads do."""
    waiting: list[int] = []
    over = Event()

    def wait(*_: object) -> None:
        waiting.append(get_ident())
        over.wait()

    event.listen(reader(engine), "begin", wait)  # it stays: whoever waits goes through it when the block ends
    try:
        yield waiting
    finally:
        over.set()


@contextmanager
def read_only(engine: Engine) -> Iterator[Engine]:
    """The same database for one who may not write; a file's mode would not keep root from it."""
    if engine.dialect.name == "sqlite":
        only = connect(f"sqlite:///file:{engine.url.database}?mode=ro&uri=true")
    else:
        url = engine.url.update_query_dict({"options": "-c default_transaction_read_only=on"})
        only = connect(url.render_as_string(hide_password=False))
    try:
        yield only
    finally:
        only.dispose()


@contextmanager
def full(engine: Engine) -> Iterator[None]:
    """The disk has no room for another page; of SQLite only."""
    engine.dispose()
    with at_the_wire(engine, "connect", _fill):
        yield
        engine.dispose()


def _fill(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA max_page_count = 1")  # it is never fewer than there are
    cursor.close()
