"""Fixtures for every room; what they are made of is in tests.databases."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from storage import schema
from storage.session import connect
from tests import databases
from tests.dialogue import Dialogue, opened


def _migrated(url: str) -> None:
    engine = connect(url)
    schema.migrate(engine)
    engine.dispose()


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    with databases.server() as url:
        yield url


@pytest.fixture(scope="session")
def migrated_postgresql(server: str) -> Iterator[str]:
    """This worker's own database; `engine` empties it for each test."""
    with databases.database(server, "migrated") as url:
        _migrated(url)
        yield url


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file that `engine` copies for each test."""
    file = tmp_path_factory.mktemp("migrated") / "comity.db"
    _migrated(f"sqlite:///{file}")
    return file


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """An empty, migrated database; a test that is about one of the two asks for it with `indirect`."""
    if request.param == "sqlite":
        file = tmp_path / "comity.db"
        shutil.copyfile(request.getfixturevalue("migrated_sqlite"), file)
        engine = connect(f"sqlite:///{file}")
    else:
        engine = connect(request.getfixturevalue("migrated_postgresql"))
        databases.empty(engine)
    yield engine
    engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def blank(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """A database without tables."""
    if request.param == "sqlite":
        engine = connect(f"sqlite:///{tmp_path}/blank.db")
        yield engine
        engine.dispose()
        return
    with databases.database(request.getfixturevalue("server"), "blank") as url:
        engine = connect(url)
        yield engine
        engine.dispose()


@pytest.fixture
def talk(engine: Engine) -> Iterator[Dialogue]:
    """The sample workspace, on each database."""
    with opened(engine) as dialogue:
        yield dialogue
