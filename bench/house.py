"""The house on a database of its own, furnished with the sample workspace, ready to take what an officer types."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count

from sqlalchemy import Engine

from bot.app import fresh_salt
from bot.intake import Intake
from bot.local.rooms import Rooms
from bot.local.script import START
from bot.local.workspace import furnish
from commands.arrival import Arrival, ArrivalKind, message_key
from commands.desk import Desk
from storage import schema
from storage.session import connect
from storage.words import Address, Place

PERSON, PLACE = Address("local:ana"), Place("local:ftc")


@dataclass
class House:
    engine: Engine
    intake: Intake
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def typed(self, line: str) -> Arrival:
        """What ana types in FTC's channel."""
        message = str(next(self._numbers))
        return Arrival(message_key(PLACE, message), ArrivalKind.MESSAGE, PERSON, PLACE, message, line)

    async def take(self, line: str) -> None:
        """Raises RuntimeError if it could not be entered."""
        if await self.intake.take(self.typed(line), START) is not None:
            raise RuntimeError(f"busy: {line}")


@contextmanager
def opened(url: str) -> Iterator[House]:
    engine = connect(url)
    schema.create(engine)
    desk = Desk(fresh_salt)
    rooms = Rooms(":memory:")
    try:
        furnish(engine, rooms, desk, START)
        with Intake(engine, desk) as intake:
            yield House(engine, intake)
    finally:
        rooms.close()
        engine.dispose()
