"""All that is kept and all that stands in the rooms, as values that can be compared and put back."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Engine, Table, delete, insert, select, text
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
        return {table.name: _rows(session, table) for table in SQLModel.metadata.sorted_tables}


def _rows(session: Session, table: Table) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in session.execute(select(table).order_by(*table.primary_key))]


def put_back(engine: Engine, rows: Rows) -> None:
    """Make the database what it was, and let it count keys from there: PostgreSQL takes no number back by itself."""
    with transaction(engine) as session:
        for table in reversed(SQLModel.metadata.sorted_tables):
            session.execute(delete(table))
        for table in SQLModel.metadata.sorted_tables:
            columns = [column.key for column in table.columns]
            if rows[table.name]:
                session.execute(insert(table), [dict(zip(columns, row, strict=True)) for row in rows[table.name]])
            if "id" in columns and engine.dialect.name == "postgresql":
                sequence = f"pg_get_serial_sequence('\"{table.name}\"', 'id')"
                following = max((row[columns.index("id")] for row in rows[table.name]), default=0) + 1
                session.execute(text(f"SELECT setval({sequence}, :following, false)"), {"following": following})


def said(rooms: Rooms) -> Said:
    """Every message with all its wordings, place by place."""
    places = [*rooms.channels(), *map(direct_place, rooms.people())]
    return [(posted, rooms.versions(posted.id)) for place in places for posted in rooms.messages(place)]


def copied(rooms: Rooms) -> Rooms:
    """The same workspace once more; what happens in one is unknown to the other."""
    copy = Rooms(":memory:")
    rooms._db.backup(copy._db)
    return copy
