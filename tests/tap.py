"""A listener at the driver, below SQLAlchemy: it hears every statement that goes to the database, whoever sends it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from sqlalchemy import Engine, event

from storage.session import reader

Listener = Callable[[str, Any, bool], object]
"""Hears the SQL, the values, and whether they are a list of them; what it raises, the statement raises."""


def _heard(base: Any, listener: Listener) -> Any:
    """A cursor of the driver's that tells the listener first."""

    class Heard(base):  # type: ignore[misc]  # either driver's
        def execute(self, sql: str, values: Any = None, *more: Any, **how: Any) -> Any:
            listener(sql, values, False)
            return super().execute(sql, *(() if values is None else (values,)), *more, **how)

        def executemany(self, sql: str, values: Any, **how: Any) -> Any:
            listener(sql, values, True)
            return super().executemany(sql, values, **how)

    return Heard


@contextmanager
def tapped(engine: Engine, listener: Listener) -> Iterator[None]:
    """Connections that are made meanwhile are heard; those that were idle are closed, before and after."""

    def connect(_dialect: Any, _record: Any, _arguments: Any, parameters: dict[str, Any]) -> None:
        if engine.dialect.name == "sqlite":
            parameters["factory"] = _connection(listener)
        else:
            parameters["cursor_factory"] = _heard(psycopg.Cursor, listener)

    engine.dispose()
    for each in {engine, reader(engine)}:
        event.listen(each, "do_connect", connect)
    try:
        yield
    finally:
        for each in {engine, reader(engine)}:
            event.remove(each, "do_connect", connect)
        engine.dispose()


def _connection(listener: Listener) -> type[sqlite3.Connection]:
    heard = _heard(sqlite3.Cursor, listener)

    class Connection(sqlite3.Connection):
        def cursor(self, _factory: Any = None) -> Any:
            return super().cursor(heard)

    return Connection
