"""A transaction is whole, alone among writers, and the only thing that commits."""

from __future__ import annotations

import ast
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from time import monotonic

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlmodel import Session, select

from storage import ledger
from storage.rows import add
from storage.session import BUSY_MS, connect, transaction
from storage.tables import Agency, Setting
from tests.common import NOW, chain, in_undone, undone

ROOT = Path(__file__).parents[2]

WRITERS, EACH = 4, 15


def _count(session: Session) -> int:
    return len(session.exec(select(Setting)).all())


def test_a_block_that_ends_is_kept(engine: Engine) -> None:
    with transaction(engine) as session:
        add(session, Setting, name="a", value="1")
    with transaction(engine, reading=True) as session:
        assert _count(session) == 1


def test_a_block_that_raises_leaves_nothing(engine: Engine) -> None:
    def fail() -> None:
        with transaction(engine) as session:
            add(session, Setting, name="a", value="1")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with transaction(engine, reading=True) as session:
        assert _count(session) == 0


def test_no_connection_is_left_behind(engine: Engine) -> None:
    for _ in range(30):
        with pytest.raises(RuntimeError), transaction(engine):
            raise RuntimeError
        with transaction(engine, reading=True) as session:
            session.connection()
    assert "Connections in pool: 1" in engine.pool.status()


def test_writers_come_one_after_the_other_and_none_is_sent_away(engine: Engine) -> None:
    """Each reads and then writes: with a deferred BEGIN half of them would fail at once."""
    start = threading.Barrier(WRITERS)

    def write(writer: int) -> None:
        start.wait()
        for number in range(EACH):
            with transaction(engine) as session:
                chain(session, 1)
                add(session, Setting, name=f"{writer} {number}", value=str(_count(session)))

    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(write, range(WRITERS)))
    with transaction(engine, reading=True) as session:
        seen = [int(row.value) for row in session.exec(select(Setting))]
        assert sorted(seen) == list(range(WRITERS * EACH)), "each saw all that came before it"
        assert ledger.verify(session).count == WRITERS * EACH


@contextmanager
def _held(engine: Engine) -> Iterator[None]:
    """Another writer, who does not finish."""
    with transaction(engine) as session:
        session.connection()
        yield


def test_who_waits_too_long_for_another_is_told(engine: Engine) -> None:
    with _held(engine):
        begun = monotonic()
        with pytest.raises(OperationalError, match=r"locked|lock timeout"), transaction(engine) as session:
            add(session, Setting, name="a", value="1")
        waited = monotonic() - begun
    assert BUSY_MS / 1000 * 0.9 < waited < BUSY_MS / 1000 + 2
    with transaction(engine) as session:
        assert _count(session) == 0
        add(session, Setting, name="a", value="1")


def test_a_reader_waits_for_nobody_and_sees_what_was_committed(engine: Engine) -> None:
    with transaction(engine) as session:
        add(session, Setting, name="a", value="1")
    with transaction(engine) as writer:
        add(writer, Setting, name="b", value="1")
        begun = monotonic()
        with transaction(engine, reading=True) as reader:
            assert _count(reader) == 1
        assert monotonic() - begun < BUSY_MS / 1000


def test_a_reader_sees_one_moment_throughout(engine: Engine) -> None:
    with transaction(engine, reading=True) as reader:
        assert _count(reader) == 0
        with transaction(engine) as writer:
            add(writer, Setting, name="a", value="1")
        reader.expire_all()
        assert _count(reader) == 0


def test_a_reader_cannot_write_and_who_comes_next_can(engine: Engine) -> None:
    with pytest.raises(DBAPIError, match=r"read-?only"), transaction(engine, reading=True) as session:
        add(session, Setting, name="a", value="1")
    with transaction(engine) as session:
        add(session, Setting, name="a", value="1")
        assert _count(session) == 1


def test_references_are_asked_for_again_after_a_migration(engine: Engine) -> None:
    with transaction(engine, rebuilding=True) as session:
        session.connection()
    with pytest.raises(DBAPIError, match=r"(?i)foreign key"), transaction(engine) as session:
        session.execute(text("INSERT INTO officer_address VALUES ('local:nobody', 77)"))


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_a_read_only_sqlite_says_so_at_once(engine: Engine) -> None:
    only = connect(f"sqlite:///file:{engine.url.database}?mode=ro&uri=true")
    try:
        with transaction(only, reading=True) as session:
            assert _count(session) == 0
        with pytest.raises(OperationalError, match="readonly database"), transaction(only) as session:
            add(session, Setting, name="a", value="1")
    finally:
        only.dispose()


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_a_full_disk_says_so_and_is_survived(engine: Engine) -> None:
    def write(size: int) -> None:
        with transaction(engine) as session:
            add(session, Setting, name="a", value="x" * size)

    with transaction(engine) as session:
        pages = session.connection().exec_driver_sql("PRAGMA page_count").scalar()
        session.connection().exec_driver_sql(f"PRAGMA max_page_count={pages}")
    with pytest.raises(OperationalError, match="full"):
        write(1_000_000)
    write(10)
    with transaction(engine, reading=True) as session:
        assert _count(session) == 1


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_sqlite_survives_a_power_cut(engine: Engine) -> None:
    with transaction(engine) as session:
        asked = ("journal_mode", "synchronous", "busy_timeout", "foreign_keys")
        said = [session.connection().exec_driver_sql(f"PRAGMA {name}").scalar() for name in asked]
    assert said == ["wal", 2, BUSY_MS, 1]


def test_the_folder_of_a_new_database_is_made(tmp_path: Path) -> None:
    engine = connect(f"sqlite:///{tmp_path}/var/deep/comity.db")
    with transaction(engine, reading=True) as session:
        session.connection()
    engine.dispose()
    assert (tmp_path / "var/deep/comity.db").exists()


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg", "postgresql+psycopg2"])
def test_every_way_to_write_postgresql_means_the_one_driver(scheme: str) -> None:
    assert connect(f"{scheme}://comity:geheim@db.example:5433/network").url.drivername == "postgresql+psycopg"


@in_undone
@given(at=st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1)), zone=st.integers(-12, 14))  # noqa: DTZ001  # drawn
def test_times_go_in_and_come_out_aware_and_in_utc(engine: Engine, at: datetime, zone: int) -> None:
    at = at.replace(tzinfo=timezone(timedelta(hours=zone)))
    with undone(engine) as session:
        row = {"code": "FTC", "name": "FTC", "country": "US", "zone": "UTC"}
        number = add(session, Agency, added_at=at, **row)
        found = session.get_one(Agency, number).added_at
        assert found == at
        assert found.tzinfo is UTC
        assert session.exec(select(Agency.id).where(Agency.added_at == at)).all() == [number]
        assert session.exec(select(Agency.id).where(Agency.added_at > at - timedelta(seconds=1))).all() == [number]


def test_a_time_without_a_zone_is_refused(engine: Engine) -> None:
    with undone(engine) as session, pytest.raises(ValueError, match="timezone"):
        add(session, Agency, added_at=NOW.replace(tzinfo=None), code="FTC", name="FTC", country="US", zone="UTC")


def _commits(source: str) -> list[int]:
    """The lines on which something is committed."""
    nodes = ast.walk(ast.parse(source))
    return sorted(node.lineno for node in nodes if isinstance(node, ast.Attribute) and node.attr == "commit")


def test_the_lint_finds_a_commit() -> None:
    assert _commits("def keep(s):\n    s.flush()\n    s.commit()\n    later = s.commit") == [3, 4]
    assert _commits("# .commit()\nwords = 'session.commit()'") == []


@pytest.mark.parametrize("room", ["bot", "commands", "storage"])
def test_only_transaction_commits(room: str) -> None:
    files = [file for file in (ROOT / room).rglob("*.py") if file != ROOT / "storage" / "session.py"]
    assert len(files) > 5
    found = {str(file.relative_to(ROOT)): lines for file in files if (lines := _commits(file.read_text("utf-8")))}
    assert found == {}, "commit in storage.session.transaction only"
