"""Wherever the process ends, the next one goes on as if nothing had happened: nothing is lost, nothing doubled."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from functools import partial
from itertools import count

from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

from bot.local.rooms import Rooms
from bot.local.script import START, play
from bot.local.workspace import furnish, opened
from bot.platform import Delivery
from commands.arrival import Arrival
from commands.desk import Desk
from commands.message import Message
from storage import ledger
from storage.session import transaction
from tests import state
from tests.faults import at_the_wire
from tests.tap import tapped

SALT = partial(bytes, 16)
"""Always the same, so that two runs write the same ledger."""


class Crash(BaseException):
    """The process ends here: no handler of an Exception hears of it."""


class Wire:
    """Counts what happens between the process and its two servers, and ends the process at one of these moments."""

    def __init__(self) -> None:
        self._left = 0
        """So many moments pass before the last one; 0: it lives."""
        self._ended = False

    def end_at(self, moment: int) -> bool:
        """True if it has ended at the moment that was set before."""
        ended, self._ended, self._left = self._ended, False, moment
        return ended

    def moment(self) -> None:
        if self._ended:
            raise Crash  # nothing of a process that has ended goes on, whatever task it was
        if self._left:
            self._left -= 1
            if not self._left:
                self._ended = True
                raise Crash

    def statement(self, statement: str, _values: object, _many: bool) -> None:
        """A process that ends while it reads has done no more than one that ends before it writes next."""
        if statement.startswith(("INSERT", "UPDATE", "DELETE")):
            self.moment()

    def commit(self, connection: Connection) -> None:
        """Once before the database has committed and once after; what it was told already it does not do again."""
        self.moment()
        connection.connection.commit()
        self.moment()

    @contextmanager
    def under(self, engine: Engine) -> Iterator[None]:
        with tapped(engine, self.statement), at_the_wire(engine, "commit", self.commit):
            yield


class WiredRooms(Rooms):
    """The server of the embedded workspace at the other end of the wire."""

    def __init__(self, wire: Wire) -> None:
        super().__init__(":memory:")
        self._wire = wire

    async def deliver(self, delivery: Delivery) -> str:
        self._wire.moment()
        message = await super().deliver(delivery)
        self._wire.moment()
        return message

    def ack(self, cursor: str) -> None:
        self._wire.moment()
        super().ack(cursor)
        self._wire.moment()


class NobodyListens:
    """A house whose people write while Comity is not there."""

    def __init__(self, rooms: Rooms) -> None:
        self.rooms = rooms

    async def take(self, arrival: Arrival, now: object) -> None:
        """It waits in the rooms."""

    async def operate(self, line: str, now: object) -> Message:
        raise NotImplementedError

    async def tick(self, now: object) -> None:
        raise NotImplementedError


SCENARIO = """
ana in #ftc: /case open Pump-and-dump mailing
ana in #ftc thread C-1: !request send ACMA Who holds the mailbox?
bo in #acma thread R-1: The mailbox was opened on 3 May.
ana in #ftc thread R-1: !close
bo in #acma press "This is our answer"
bo in #acma edits "on 3 May": The mailbox was opened on 4 May.
bo in #acma deletes "on 4 May"
ana in #ftc: /case note --case C-1 The mailbox is the only lead.
"""


def test_a_crash_at_any_moment_loses_and_doubles_nothing(engine: Engine) -> None:
    event.listen(engine, "connect", _hurry)
    engine.dispose()
    wire = Wire()
    rooms = WiredRooms(wire)
    furnish(engine, rooms, Desk(SALT), START)
    moments = 0
    with wire.under(engine):
        for line in SCENARIO.strip().splitlines():
            _write(line, rooms)
            moments += _crash_at_each_moment(engine, rooms, wire)
    assert moments > 150
    with transaction(engine, reading=True) as session:
        assert ledger.verify(session).count == len(state.kept(engine)["ledger"])


def _hurry(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    """The process ends here a thousand times, the machine never: a disk need not be waited for."""
    if isinstance(connection, sqlite3.Connection):
        connection.execute("PRAGMA synchronous=OFF")


def _write(line: str, rooms: Rooms) -> None:
    asyncio.run(play([line], NobodyListens(rooms), lambda _: None))


def _catch_up(engine: Engine, rooms: Rooms) -> None:
    """What a process does that has just begun."""
    with opened(engine, rooms, SALT) as workspace:
        asyncio.run(workspace.catch_up(START))


def _crash_at_each_moment(engine: Engine, rooms: WiredRooms, wire: Wire) -> int:
    """End at the first moment, at the second and so on, and go on each time; how many there were.

    What waits in the rooms is taken at last, so that the next line finds it done.
    """
    rows = state.kept(engine)
    with closing(WiredRooms(wire)) as before:
        state.copy(rooms, before)
        _catch_up(engine, rooms)
        undisturbed = (state.kept(engine), state.said(rooms))
        for moment in count(1):
            state.put_back(engine, rows, undisturbed[0])
            with closing(WiredRooms(wire)) as disturbed:
                state.copy(before, disturbed)
                wire.end_at(moment)
                with suppress(Crash):
                    _catch_up(engine, disturbed)
                ended = wire.end_at(0)
                state.take_numbers_back(engine)
                _catch_up(engine, disturbed)
                assert (state.kept(engine), state.said(disturbed)) == undisturbed, f"after {moment} moments"
                assert disturbed.since() == []
            if not ended:
                return moment - 1
    raise AssertionError("unreachable: a run has an end")
