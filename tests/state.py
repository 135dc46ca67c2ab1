"""All that is kept and all that stands in the rooms, as values that can be compared and put back."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Engine, delete, insert, select, text
from sqlmodel import Session, SQLModel

from bot.local.posted import Posted, direct_place
from bot.local.rooms import Rooms
from commands.message import Message
from storage.session import transaction

Rows = dict[str, list[tuple[Any, ...]]]
Said = list[tuple[Posted, list[str | Message]]]


def kept(engine: Engine) -> Rows:
    """Every row of every table, by its key."""
    with transaction(engine, reading=True) as session:
        connection = session.connection()
        return {
            table.name: [tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key))]
            for table in SQLModel.metadata.sorted_tables
        }


def put_back(engine: Engine, rows: Rows, instead_of: Rows) -> None:
    """Make the database what it was; `instead_of` is what it holds now, and only what differs is written."""
    changed = [table for table in SQLModel.metadata.sorted_tables if rows[table.name] != instead_of[table.name]]
    with transaction(engine, rebuilding=True) as session:  # what others refer to goes and comes back
        if engine.dialect.name == "postgresql":
            session.execute(text("SET LOCAL session_replication_role = replica"))
        for table in changed:
            session.execute(delete(table))
            if rows[table.name]:
                names = [column.key for column in table.columns]
                session.execute(insert(table), [dict(zip(names, row, strict=True)) for row in rows[table.name]])
        _take_numbers_back(session)


_TAKE_BACK = """
DO $$
DECLARE
    one record;
    next_key bigint;
BEGIN
    FOR one IN SELECT table_name AS name FROM information_schema.columns
        WHERE table_schema = 'public' AND column_name = 'id'
    LOOP
        EXECUTE format('SELECT coalesce(max(id), 0) + 1 FROM %I', one.name) INTO next_key;
        PERFORM setval(pg_get_serial_sequence(quote_ident(one.name), 'id'), next_key, false);
    END LOOP;
END $$
"""


def take_numbers_back(engine: Engine) -> None:
    """Let PostgreSQL give again the keys that a rollback left unused, as SQLite does by itself."""
    with transaction(engine) as session:
        _take_numbers_back(session)


def _take_numbers_back(session: Session) -> None:
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text(_TAKE_BACK))


def said(rooms: Rooms) -> Said:
    """Every message with all its wordings, place by place."""
    places = [*rooms.channels(), *map(direct_place, rooms.people())]
    return [(posted, rooms.versions(posted.id)) for place in places for posted in rooms.messages(place)]


def copy(rooms: Rooms, into: Rooms) -> None:
    """The same workspace once more; what happens in one from now on is unknown to the other."""
    rooms._db.backup(into._db)
