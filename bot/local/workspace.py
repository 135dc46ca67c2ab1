"""The embedded workspace with the house behind it: what people do there is taken, what Comity says is shown there."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Engine
from sqlmodel import Session

from bot.errands import Errands
from bot.intake import Intake, unwritten
from bot.local.posted import address_of, is_direct
from bot.local.rooms import Rooms
from bot.platform import Delivery
from bot.relay import Relay
from commands.arrival import Arrival, due_arrival
from commands.call import Web
from commands.complete import complete, known_to
from commands.desk import Desk
from commands.message import Message
from storage import agencies, moments
from storage.moments import Planned
from storage.session import UNWRITABLE, transaction
from storage.vault import Vault
from storage.words import Address, Place

SAMPLE = Path(__file__).parents[2] / "samples" / "workspace.txt"
"""The operator's commands that make the sample workspace, and its channels."""


class Kept(NamedTuple):
    """Where exhibits lie, and the largest that is taken, in bytes."""

    vault: Vault
    most: int


class Workspace:
    """The House of the local platform: rooms, intake and relay, joined."""

    def __init__(self, engine: Engine, rooms: Rooms, desk: Desk, intake: Intake, kept: Kept | None) -> None:
        self._engine = engine
        self._rooms = rooms
        self._desk = desk
        self._intake = intake
        self._relay = Relay(engine, desk, {"local": rooms})
        self._errands = Errands(engine, intake, {"local": rooms}, kept.vault, kept.most) if kept else None

    @property
    def rooms(self) -> Rooms:
        return self._rooms

    async def complete(self, line: str, person: Address, place: Place) -> list[str]:  # noqa: ARG002  # see Completer
        """The whole lines that this one may become."""

        def look_up() -> list[str]:
            with transaction(self._engine, reading=True) as session:
                return complete(line, known_to(session, person))

        return await asyncio.to_thread(look_up)

    async def take(self, arrival: Arrival, now: datetime) -> None:
        self._rooms.move(now)
        busy = await self._intake.take(arrival, now)
        self._rooms.ack(arrival.key)
        if busy is not None:
            # Where it was typed: whoever looks at a thread sees nothing else.
            place = None if is_direct(arrival.place) else arrival.place
            await self._rooms.deliver(Delivery(None, place, arrival.person, arrival.thread, None, None, busy))
            return
        await self._settle(now)

    async def _settle(self, now: datetime) -> None:
        """Deliver what may go, and run what is to be fetched or looked at, until nothing is left."""
        await self._relay.drain(now)
        while self._errands is not None and await self._errands.drain(now):
            await self._relay.drain(now)

    async def operate(self, line: str, now: datetime) -> Message:
        message, _done = operate(self._engine, self._desk, line, now)
        self._rooms.move(now)
        await self._relay.drain(now)
        return message

    async def tick(self, now: datetime) -> None:
        """The clock moves to `now`: each due moment on the way is performed at its time."""
        last = None
        while (moment := await asyncio.to_thread(self._next, now)) is not None and moment != last:
            last = moment
            at = max(moment.at, self._rooms.now)
            self._rooms.move(at)
            if await self._intake.take(due_arrival(moment.job, moment.at), at) is not None:
                return  # the records are locked: the next tick finds it again
            await self._settle(at)
        self._rooms.move(now)
        await self._settle(now)

    def _next(self, now: datetime) -> Planned | None:
        with transaction(self._engine, reading=True) as session:
            return next(iter(moments.due(session, now, 1)), None)

    async def catch_up(self, now: datetime) -> None:
        """Take what people wrote while nobody listened, and deliver what was left."""
        self._rooms.move(now)  # what became due meanwhile is late
        for arrival in self._rooms.since():
            await self.take(arrival, now)
        await self._settle(now)


def operate(engine: Engine, desk: Desk, line: str, now: datetime) -> tuple[Message, bool]:
    """One command of the operator's, in a transaction of its own: the answer, and whether it was done."""
    try:
        with transaction(engine) as session:
            return desk.operate(session, line, now)
    except UNWRITABLE as error:
        return unwritten(error), False


def furnish(engine: Engine, rooms: Rooms, desk: Desk, now: datetime) -> None:
    """Give an empty workspace the sample agencies, their people and their channels; what is there already stays.

    The agencies come in one transaction, and a channel may come twice: after an interruption it is done again.
    """
    lines = [line.split() for line in SAMPLE.read_text(encoding="utf-8").splitlines() if line and line[0] != "#"]
    with transaction(engine) as session:
        if not agencies.everyone(session):
            for words in lines:
                if words[0] != "channel":
                    _furnish_with(session, desk, " ".join(words), now)
    for _, name, *members in (words for words in lines if words[0] == "channel"):
        rooms.open_channel(name.removeprefix("#"), map(address_of, members))


def _furnish_with(session: Session, desk: Desk, line: str, now: datetime) -> None:
    message, done = desk.operate(session, line, now)
    if not done:
        raise ValueError(f"{SAMPLE.name}: {line}: {message}")


@contextmanager
def opened(
    engine: Engine, rooms: Rooms, salt: Callable[[], bytes], kept: Kept | None = None, web: Web | None = None
) -> Iterator[Workspace]:
    """`kept` None: what is attached waits to be fetched."""
    desk = Desk(salt, web=web)
    with Intake(engine, desk) as intake:
        yield Workspace(engine, rooms, desk, intake, kept)
