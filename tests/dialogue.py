"""Plays script lines in a workspace on a given database, and gives what was said: tests read as transcripts."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import Engine, Table, Text, cast, event, func, insert, select
from sqlmodel import SQLModel

from bot.app import scripted_salt
from bot.local import workspace
from bot.local.posted import channel_place
from bot.local.rooms import Rooms
from bot.local.script import START, play
from bot.local.workspace import Kept
from bot.settings import EXHIBIT_MAX
from bot.text import render
from commands.arrival import Arrival
from commands.call import Web
from commands.desk import Desk
from commands.message import Message
from storage import ledger
from storage.rows import table_of
from storage.session import transaction
from storage.tables import LedgerEntry
from storage.vault import Vault

_USUAL = {
    "Tue 1 Dec 2026, 20:00 AEDT (Sydney) / 04:00 EST (New York)": "NOW",
    "Tue 1 Dec 2026, 18:00 KST (Seoul) / 04:00 EST (New York)": "NOW",
    "Tue 15 Dec 2026, 17:00 AEDT (Sydney) / 01:00 EST (New York)": "DUE",
    "Tue 15 Dec 2026, 17:00 KST (Seoul) / 03:00 EST (New York)": "DUE",
    "Tue 15 Dec 2026, 17:00 GMT (London) / 12:00 EST (New York)": "DUE",
    " (10 working days)": "",
}
"""What almost every request says of itself."""


class Dialogue:
    """One workspace with the sample agencies; each call goes on where the last one stopped."""

    def __init__(self, house: workspace.Workspace, engine: Engine, runner: asyncio.Runner, folder: Path) -> None:
        """`folder` has the vault, `vault`, and the files that people got, `files`."""
        self.house = house
        self.folder = folder
        self.engine = engine
        self._runner = runner

    def __call__(self, script: str) -> list[str]:
        """Play the lines and give the blocks of the transcript, what people wrote included."""
        blocks: list[str] = []
        lines = [line.strip() for line in script.strip().splitlines()]
        self._runner.run(play(lines, self.house, blocks.append, folder=Path(__file__).parent))
        return blocks

    def take(self, arrival: Arrival) -> None:
        """What somebody did by other means than a script."""
        self._runner.run(self.house.take(arrival, self.house.rooms.now))

    def late(self, now: str) -> list[str]:
        """As `said` at that moment, when nobody was there for what became due on the way."""
        self.house.rooms.move(datetime.fromisoformat(now))
        return self.said(f"clock {now}")

    def said(self, script: str) -> list[str]:
        """What Comity said to all of the lines, a line each: ` / ` for a line break, AMBER taken for granted."""
        return [_flat(block) for block in self(script) if re.match(r"\S+( \[\S+\])?( \(to \w+\))? Comity", block)]

    def news(self, script: str) -> list[str]:
        """The same without what was edited in place."""
        return [line for line in self.said(script) if " Comity: " in line]

    def told(self, line: str) -> str:
        """What Comity said last, and to the writer alone."""
        said = self.said(line)[-1]
        assert " (to " in said.split(" Comity", 1)[0], said
        return said.split(" Comity: ", 1)[1]

    def answer(self, script: str) -> str:
        """The last block: what Comity said to the last line."""
        return self(script)[-1]

    def private(self, script: str) -> str:
        """The last private answer."""
        return [block for block in self(script) if " (to " in block.split(" Comity", 1)[0]][-1]

    def root(self, place: str, ref: str) -> str:
        """How the newest root of this reference reads now, as `said` has it."""
        posted = next(
            message
            for message in self.house.rooms.backwards(channel_place(place.removeprefix("#")))
            if message.label == ref and message.root is None
        )
        assert isinstance(posted.body, Message)
        return _flat(render(posted.body))

    def last(self, place: str) -> str:
        """What Comity said last to all in a place, as `said` has it."""
        posted = next(
            message
            for message in self.house.rooms.backwards(channel_place(place.removeprefix("#")))
            if message.ours and message.to is None
        )
        assert isinstance(posted.body, Message)
        return _flat(render(posted.body))

    def ledger(self, tag: str = "") -> list[dict[str, Any]]:
        """The entries with tags that begin like this."""
        with transaction(self.engine, reading=True) as session:
            entries = [json.loads(entry.content) for entry in ledger.entries(session)]
        return [entry for entry in entries if entry["tag"].startswith(tag)]

    def holding(self, words: str) -> list[str]:
        """The columns of the database, `table.column`, in which these words stand."""
        with transaction(self.engine, reading=True) as session:
            return [
                str(column)
                for table in SQLModel.metadata.sorted_tables
                for column in table.columns
                if session.execute(select(column).where(cast(column, Text).contains(words)).limit(1)).first()
            ]


def _flat(block: str) -> str:
    line = re.sub(r"( /)? TLP:AMBER$|TLP:AMBER (/ )?", "", re.sub(r"\n\s*", " / ", block))
    for long, short in _USUAL.items():
        line = line.replace(long, short)
    return line


@contextmanager
def opened(engine: Engine, web: Web | None = None, key: bytes | None = None) -> Iterator[Dialogue]:
    """The sample workspace in this empty, migrated database; its vault is sealed with the key, if there is one."""
    if engine.dialect.name == "sqlite":
        # a test's rows need not outlive the machine
        event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous=OFF"))
    with TemporaryDirectory(prefix="comity-") as folder, asyncio.Runner() as runner:
        vault = Vault(Path(folder) / "vault", key)
        with closing(Rooms(":memory:", Path(folder) / "files", vault)) as rooms:
            salt = _furnished(engine, rooms)
            with workspace.opened(engine, rooms, salt, Kept(vault, EXHIBIT_MAX), web) as house:
                yield Dialogue(house, engine, runner, Path(folder))


_SAMPLE: dict[Table, Sequence[Mapping[str, Any]]] = {}
"""The rows of the sample agencies, once they were made: making them takes ten times as long as copying."""


def _furnished(engine: Engine, rooms: Rooms) -> Callable[[], bytes]:
    """Furnish the workspace; returns where its salts come from, those that were used left out."""
    salt = scripted_salt()
    if _SAMPLE:
        with transaction(engine) as session:
            for table, rows in _SAMPLE.items():
                session.execute(insert(table), list(rows))
                if engine.dialect.name == "postgresql" and "id" in table.c:
                    session.execute(select(func.setval(f"{table.name}_id_seq", max(row["id"] for row in rows))))
        for _ in _SAMPLE[table_of(LedgerEntry)]:
            salt()
    workspace.furnish(engine, rooms, Desk(salt), START)
    if not _SAMPLE:
        with transaction(engine, reading=True) as session:
            for table in SQLModel.metadata.sorted_tables:
                if kept := [dict(row) for row in session.execute(select(table)).mappings()]:
                    _SAMPLE[table] = kept
    return salt
