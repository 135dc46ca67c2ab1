"""Statements that are made once and run at the driver, past what SQLAlchemy does around each; they know no table.

What a value is on its way in and out stays SQLAlchemy's business: its types convert it (but for words and moments that
come out, which would take most of the time), its errors are raised. Only the work of finding that out again at every
call is left away, which was two thirds of a command's time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import Connection, Delete, Dialect, Enum, Insert, SelectBase, Update, inspect
from sqlalchemy.engine.interfaces import DBAPICursor
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import make_transient_to_detached
from sqlalchemy.orm.util import identity_key
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import TypeEngine
from sqlmodel import Session, SQLModel
from sqlmodel.sql.sqltypes import UTCDateTime

from storage.once import forget

Row = tuple[Any, ...]
_Entity = TypeVar("_Entity", bound=SQLModel)
_Convert = Callable[[Any], Any] | None


class Statement:
    """One statement, whatever the values: SQLAlchemy's, with named `bindparam`s."""

    def __init__(self, clause: SelectBase | Insert | Update | Delete) -> None:
        self._clause = clause
        self._made: dict[str, _Made] = {}

    def all(self, session: Session, **values: Any) -> list[Row]:
        """Every row; raises KeyError on a value that is missing, or that it does not take."""
        connection = _connection(session)
        made = self._for(connection.dialect)
        with _cursor(connection) as cursor:
            cursor.execute(made.sql, made.bound(values))
            return made.read(list(cursor.fetchall()))

    def one(self, session: Session, **values: Any) -> Row | None:
        """The only row there can be, or None."""
        rows = self.all(session, **values)
        return rows[0] if rows else None

    def scalar(self, session: Session, **values: Any) -> Any:
        """The first value of the only row there can be, or None."""
        row = self.one(session, **values)
        return row[0] if row else None

    def run(self, session: Session, values: Mapping[str, Any]) -> int | None:
        """Write; the key that an inserted row was given, where its table gives keys."""
        connection = _connection(session)
        made = self._for(connection.dialect)
        with _cursor(connection) as cursor:
            cursor.execute(made.sql, made.bound(values))
            if made.returns_key:
                return int(cursor.fetchall()[0][0])
            return cursor.lastrowid if connection.dialect.name == "sqlite" else None

    def run_each(self, session: Session, many: Sequence[Mapping[str, Any]]) -> None:
        """Write once for each, in this order."""
        connection = _connection(session)
        made = self._for(connection.dialect)
        with _cursor(connection) as cursor:
            cursor.executemany(made.sql, [made.bound(values) for values in many])

    def _for(self, dialect: Dialect) -> _Made:
        made = self._made.get(dialect.name)
        if made is None:
            made = self._made[dialect.name] = _Made(self._clause, dialect)
        return made


class _Made:
    """The statement in one database's own words, and how each value is converted there."""

    def __init__(self, clause: SelectBase | Insert | Update | Delete, dialect: Dialect) -> None:
        self.returns_key = isinstance(clause, Insert) and dialect.name != "sqlite" and "id" in clause.table.c
        if isinstance(clause, Insert) and self.returns_key:
            clause = clause.returning(clause.table.c.id)
        compiled = _compiled(clause, dialect)
        wanted = {name: each for each, name in compiled.bind_names.items() if not each.literal_execute}
        if isinstance(clause, SelectBase):  # values that stand in the statement itself need all others to be there
            unknown = {name: None for name, each in wanted.items() if each.required}
            compiled = _compiled(clause.params(unknown), dialect, render_postcompile=True)
        self.sql = str(compiled)
        self.positional = compiled.positional
        self.order: list[tuple[str, _Convert]] = [
            (name, _into(wanted[name].type, dialect)) for name in (compiled.positiontup or wanted)
        ]
        self.names = frozenset(wanted)
        self.fixed = {name: each.value for name, each in wanted.items() if not each.required}
        columns = clause.selected_columns if isinstance(clause, SelectBase) else ()
        self.results = [(at, out) for at, column in enumerate(columns) if (out := _out_of(column.type, dialect))]

    def bound(self, values: Mapping[str, Any]) -> Any:
        """The values as the driver takes them."""
        if not values.keys() <= self.names:
            raise KeyError(*(values.keys() - self.names))
        whole = {**self.fixed, **values} if self.fixed else values
        if self.positional:
            return [whole[name] if convert is None else convert(whole[name]) for name, convert in self.order]
        return {name: whole[name] if convert is None else convert(whole[name]) for name, convert in self.order}

    def read(self, rows: list[Row]) -> list[Row]:
        """The rows as the rest of the house takes them."""
        if not self.results:
            return rows
        read = []
        for row in rows:
            values = list(row)
            for at, convert in self.results:
                values[at] = convert(values[at])
            read.append(tuple(values))
        return read


def _compiled(clause: SelectBase | Insert | Update | Delete, dialect: Dialect, **how: bool) -> SQLCompiler:
    keys = [column.key for column in clause.table.c if column.key != "id"] if isinstance(clause, Insert) else None
    compiled = clause.compile(dialect=dialect, column_keys=keys, compile_kwargs=how)
    if not isinstance(compiled, SQLCompiler):
        raise TypeError("not a statement")
    return compiled


def _into(kind: TypeEngine[Any], dialect: Dialect) -> _Convert:
    return kind.dialect_impl(dialect).bind_processor(dialect)


def _out_of(kind: TypeEngine[Any], dialect: Dialect) -> _Convert:
    if isinstance(kind, Enum) and kind.enum_class is not None:
        return {None: None, **{member.value: member for member in kind.enum_class}}.__getitem__
    if isinstance(kind, UTCDateTime) and dialect.name == "sqlite":
        return _moment  # SQLAlchemy's way takes five times as long, and a digest has hundreds of them
    return kind.dialect_impl(dialect).result_processor(dialect, None)


def _moment(text: str | None) -> datetime | None:
    """As SQLAlchemy keeps one in SQLite: UTC, without saying so."""
    return None if text is None else datetime.fromisoformat(f"{text}+00:00")


def _connection(session: Session) -> Connection:
    """The session's; one that is in its transaction already has nothing to begin."""
    bound = session.bind
    if isinstance(bound, Connection) and bound.in_transaction() and not session.in_nested_transaction():
        return bound
    return session.connection()


class _cursor:  # noqa: N801  # a context manager, which as a generator would take twice as long
    """Raises what SQLAlchemy would raise, without the values: they may be somebody's words."""

    __slots__ = ("_connection", "_cursor")

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def __enter__(self) -> DBAPICursor:
        self._cursor: DBAPICursor = self._connection.connection.cursor()
        return self._cursor

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        self._cursor.close()
        dialect = self._connection.dialect
        if error is not None and isinstance(error, dialect.loaded_dbapi.Error):
            kind = dialect.loaded_dbapi.Error
            raise DBAPIError.instance(None, None, error, kind, hide_parameters=True, dialect=dialect) from error


@cache
def columns_of(entity: type[SQLModel]) -> tuple[str, ...]:
    """The names of a table's columns, in the order in which a `select` of the whole table gives them."""
    return tuple(attribute.key for attribute in inspect(entity).column_attrs)


def known_of(session: Session, entity: type[_Entity], key: int) -> _Entity | None:
    """The session's own object of a row that it has read already."""
    known: _Entity | None = session.identity_map.get(identity_key(entity, key))
    return known


def object_of(session: Session, entity: type[_Entity], row: Row) -> _Entity:
    """A whole row of a table with an `id` as the session's own object; one that it has already is given as it is."""
    known = known_of(session, entity, row[0])
    if known is not None:
        return known
    new: _Entity = inspect(entity).class_manager.new_instance()
    vars(new).update(zip(columns_of(entity), row, strict=True))
    make_transient_to_detached(new)
    session.add(new)
    return new


@contextmanager
def savepoint(session: Session) -> Iterator[None]:
    """What the block writes is taken back if it raises, and what was read in it is read anew."""
    session.flush()
    connection = _connection(session)
    with _cursor(connection) as cursor:
        cursor.execute("SAVEPOINT comity")
    try:
        yield
        session.flush()
    except BaseException:
        session.expire_all()
        forget(session)
        if not connection.invalidated:  # else all of it is gone
            with _cursor(connection) as cursor:
                cursor.execute("ROLLBACK TO SAVEPOINT comity")
                cursor.execute("RELEASE SAVEPOINT comity")
        raise
    with _cursor(connection) as cursor:
        cursor.execute("RELEASE SAVEPOINT comity")
