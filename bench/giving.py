"""An export of a case with many replies and exhibits, beside zipping the same files; nothing else is timed."""

from __future__ import annotations

import asyncio
import random
import time
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZIP_STORED, ZipFile

from sqlalchemy import Engine

from bot.app import fresh_salt
from bot.exporting import export
from bot.local import find
from bot.local.rooms import Rooms
from bot.local.script import START, play
from bot.local.workspace import Kept, Workspace, furnish, opened
from bot.settings import EXHIBIT_MAX
from commands.desk import Desk
from storage import schema
from storage.session import connect
from storage.vault import Vault
from storage.words import Address, Place

BO, ACMA = Address("local:bo"), Place("local:acma")
LARGEST = 500_000
BEFORE = """
ana in #ftc: /case open Pump-and-dump mailing
ana in #ftc: /request send ACMA --case C-1 Who rented mailbox 1200?
"""


@dataclass(frozen=True)
class Given:
    """Seconds to export, and to zip the same files; bytes of the exhibits."""

    replies: int
    exhibits: int
    size: int
    took: float
    floor: float


def measure(replies: int, exhibits: int) -> Given:
    with TemporaryDirectory(prefix="comity-") as temporary:
        folder = Path(temporary)
        engine, vault = connect(f"sqlite:///{folder}/comity.db"), Vault(folder / "vault")
        schema.create(engine)
        with closing(Rooms(":memory:", vault=vault)) as rooms:
            furnish(engine, rooms, Desk(fresh_salt), START)
            with opened(engine, rooms, fresh_salt, Kept(vault, EXHIBIT_MAX)) as workspace:
                given = asyncio.run(_fill(workspace, folder, replies, exhibits))
        floor = _floor(given, folder)
        took = _export(engine, vault, folder, START)
        engine.dispose()
        return Given(replies, exhibits, sum(path.stat().st_size for path in given), took, floor)


async def _fill(workspace: Workspace, folder: Path, replies: int, exhibits: int) -> list[Path]:
    """Every so often a reply comes with a file; the files."""
    await play(BEFORE.strip().splitlines(), workspace, lambda _: None)
    root, chance, given = find.root_of(workspace.rooms, ACMA, "R-1"), random.Random(1), []  # noqa: S311  # no secret
    assert root is not None
    for number in range(replies):
        files = []
        if number * exhibits // replies != (number + 1) * exhibits // replies:
            files.append(folder / f"{number}.bin")
            files[0].write_bytes(chance.randbytes(chance.randint(1, LARGEST)))
        words = f"What we found, part {number}."
        await workspace.take(workspace.rooms.post(BO, ACMA, words, START, root=root.id, files=files), START)
        given += files
    return given


def _floor(given: list[Path], folder: Path) -> float:
    began = time.perf_counter()
    with ZipFile(folder / "floor.zip", "w", ZIP_STORED) as archive:
        for path in given:
            archive.write(path, path.name)
    return time.perf_counter() - began


def _export(engine: Engine, vault: Vault, folder: Path, now: datetime) -> float:
    began = time.perf_counter()
    export(engine, vault, fresh_salt, now, case="C-1", code="FTC", folder=folder / "out", head=None)
    return time.perf_counter() - began
