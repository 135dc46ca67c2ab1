"""Plays script lines in a workspace on a given database, and gives what was said: tests read as transcripts."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine

from bot.app import scripted_salt
from bot.local import workspace
from bot.local.rooms import Rooms
from bot.local.script import START, play
from commands.desk import Desk


class Dialogue:
    """One workspace with the sample agencies; each call goes on where the last one stopped."""

    def __init__(self, house: workspace.Workspace, engine: Engine) -> None:
        self.house = house
        self.engine = engine

    def __call__(self, script: str) -> list[str]:
        """Play the lines and give the blocks of the transcript, what people wrote included."""
        blocks: list[str] = []
        lines = [line.strip() for line in script.strip().splitlines()]
        asyncio.run(play(lines, self.house, blocks.append, folder=Path(__file__).parent))
        return blocks

    def answer(self, script: str) -> str:
        """The last block: what Comity said to the last line."""
        return self(script)[-1]

    def private(self, script: str) -> str:
        """The last private answer."""
        return [block for block in self(script) if " (to " in block.split(" Comity", 1)[0]][-1]


@contextmanager
def opened(engine: Engine) -> Iterator[Dialogue]:
    """The sample workspace in this empty, migrated database."""
    rooms = Rooms(":memory:")
    salt = scripted_salt()
    try:
        workspace.furnish(engine, rooms, Desk(salt), START)
        with workspace.opened(engine, rooms, salt) as house:
            yield Dialogue(house, engine)
    finally:
        rooms.close()
