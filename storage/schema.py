"""Whether a database has the tables that this version needs, and giving it them; it knows no row."""

from __future__ import annotations

import re
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlmodel import SQLModel

import storage.tables  # noqa: F401  # create_all makes what is known by then
from storage.session import transaction

if TYPE_CHECKING:
    from alembic.config import Config

MIGRATIONS = Path(__file__).parent / "migrations"

_VERSION = sa.Table(
    "comity_version",
    sa.MetaData(),
    sa.Column("version_num", sa.String(32), nullable=False),
    sa.PrimaryKeyConstraint("version_num", name="comity_version_pkc"),
)
"""What Alembic keeps for us; under a name of ours, so that another program's stamp is never taken for it."""

VERSION_TABLE = _VERSION.name


class State(StrEnum):
    EMPTY = "empty"
    CURRENT = "current"
    BEHIND = "behind"
    AHEAD = "ahead"
    FOREIGN = "foreign"


_WANTED = {
    State.EMPTY: "the database is empty: run `python -m bot migrate`",
    State.BEHIND: "the database was made by an earlier version: run `python -m bot migrate`",
    State.AHEAD: "the database was made by a later version of Comity: run that version",
    State.FOREIGN: "the database holds tables that are not Comity's: name an empty one",
}


class SchemaError(Exception):
    """The database cannot be used as it is; its text says what to do."""


def revisions() -> tuple[str, ...]:
    """All that this version knows, the first one first; by their file names, because importing Alembic takes 0.2 s."""
    names = sorted(file.name for file in (MIGRATIONS / "versions").glob("v*.py"))
    return tuple(found[1] for name in names if (found := re.match(r"v(\d{4})_", name)))


def state(engine: sa.Engine) -> State:
    with transaction(engine, reading=True) as session:
        return _state(session.connection())


def _state(connection: sa.Connection) -> State:
    tables = set(sa.inspect(connection).get_table_names())
    stamped = VERSION_TABLE in tables and connection.scalar(sa.select(_VERSION.c.version_num))
    if not stamped:
        return State.FOREIGN if tables - {VERSION_TABLE} else State.EMPTY
    if stamped not in revisions():
        return State.AHEAD
    return State.CURRENT if stamped == revisions()[-1] else State.BEHIND


def check(engine: sa.Engine, *, empty: bool = False) -> None:
    """Raises SchemaError if the database is not up to date; with `empty`, if anything is in it."""
    found = state(engine)
    if empty and found is not State.EMPTY:
        raise SchemaError("the database is not empty: name an empty one")
    if not empty and found is not State.CURRENT:
        raise SchemaError(_WANTED[found])


def migrate(engine: sa.Engine) -> None:
    """Bring the database up to date, in one transaction: what fails leaves it as it was.

    Two programs that migrate at once do it one after the other. Raises SchemaError for tables that are not ours.
    """
    with transaction(engine, rebuilding=True) as session:
        connection = session.connection()
        found = _state(connection)
        if found in (State.AHEAD, State.FOREIGN):
            raise SchemaError(_WANTED[found])
        if found is State.CURRENT:
            return
        from alembic import command  # noqa: PLC0415  # 0.2 s that no other start has to pay

        command.upgrade(alembic_config(connection), "head")
        _mind_references(connection)


def _mind_references(connection: sa.Connection) -> None:
    """SQLite replaces a table with its references off (https://www.sqlite.org/lang_altertable.html#otheralter)."""
    if connection.dialect.name != "sqlite":
        return
    broken = {row[0] for row in connection.exec_driver_sql("PRAGMA foreign_key_check")}
    if broken:
        raise SchemaError(f"a migration left rows that refer to nothing, in {', '.join(sorted(broken))}: undone")


def create(engine: sa.Engine) -> None:
    """Make an empty database what `migrate` would make of it, in a fifth of the time: for temporary ones.

    Raises sqlalchemy.exc.DBAPIError if a table is there already.
    """
    with transaction(engine) as session:
        connection = session.connection()
        SQLModel.metadata.create_all(connection, checkfirst=False)
        _VERSION.create(connection, checkfirst=False)
        connection.execute(sa.insert(_VERSION).values(version_num=revisions()[-1]))


def alembic_config(connection: sa.Connection) -> Config:
    """For Alembic's commands, in the transaction that the connection is in."""
    from alembic.config import Config  # noqa: PLC0415  # as in migrate

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.set_main_option("file_template", "v%%(rev)s_%%(slug)s")
    return config
