"""Workers on one database, with a clock that stands where it is put; one may end at its next commit."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from datetime import datetime
from typing import Any, Self

from sqlalchemy import Connection, Engine, event

from bot.app import fresh_salt
from bot.clock import Clock
from bot.intake import Intake
from bot.local.rooms import Rooms
from bot.relay import Relay
from commands.arrival import Arrival
from commands.desk import Desk
from storage.session import connect
from storage.words import Place

OPERATORS = Place("local:operators")


_COMPILED: dict[Any, Any] = {}


class Crash(BaseException):
    """The process ends here: no handler of an Exception hears of it."""


class Told:
    """A clock that stands where it is put."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


def again(engine: Engine) -> Engine:
    """Another engine for the same database, as another process has it; what SQLAlchemy compiled is shared."""
    other = connect(engine.url.set(drivername=engine.url.get_backend_name()).render_as_string(hide_password=False))
    other.update_execution_options(compiled_cache=_COMPILED)
    return other


class Worker:
    """What one process has of its own: an engine, an intake, a clock and a relay; it has begun."""

    def __init__(self, engine: Engine, rooms: Rooms, now: Told) -> None:
        self._engine = again(engine)
        self._now = now
        self._rooms = rooms
        desk = Desk(fresh_salt, OPERATORS)
        self._intake = Intake(self._engine, desk)
        self._clock = Clock(self._engine, self._intake, now, lambda: None, rehearsal=False)
        self._relay = Relay(self._engine, desk, {"local": rooms})
        self._running = ExitStack()
        self._running.callback(self._engine.dispose)
        self._running.enter_context(self._intake)

    def stop(self) -> None:
        self._running.close()

    def crash_at_commit(self, *, after: bool) -> None:
        """Its next commit is its last, and has happened or not."""

        def end(connection: Connection) -> None:
            if after:
                connection.connection.commit()
            raise Crash

        event.listen(self._engine, "commit", end)

    async def tick(self) -> None:
        await self._clock.tick()

    async def take(self, arrival: Arrival) -> None:
        assert await self._intake.take(arrival, self._now.now) is None
        self._rooms.ack(arrival.key)

    async def drain(self) -> None:
        await self._relay.drain(self._now.now)


class Crew:
    """Two workers, each replaced by a new one when it has crashed; start it with `with`."""

    def __init__(self, engine: Engine, rooms: Rooms, now: Told, chance: random.Random) -> None:
        self._about = (engine, rooms, now)
        self._chance = chance
        self._workers: list[Worker] = []
        self.crashes = 0

    def __enter__(self) -> Self:
        self._workers = [Worker(*self._about) for _ in range(2)]
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self._workers:
            worker.stop()

    def replace(self) -> None:
        """Everybody goes, and others begin."""
        for number, worker in enumerate(self._workers):
            worker.stop()
            self._workers[number] = Worker(*self._about)

    async def do(self, what: Callable[[Worker], Awaitable[None]], *, both: bool = False, crash: bool = False) -> None:
        """Let one of them do it, or both at once; one that crashes over it is replaced, and it is done again."""
        workers = self._chance.sample(self._workers, 2 if both else 1)
        if crash:
            workers[0].crash_at_commit(after=self._chance.random() < 0.5)
        results = await asyncio.gather(*(what(worker) for worker in workers), return_exceptions=True)
        for worker, result in zip(workers, results, strict=True):
            if isinstance(result, Crash):
                self.crashes += 1
                worker.stop()
                self._workers[self._workers.index(worker)] = Worker(*self._about)
            elif result is not None:
                raise result
        if any(isinstance(result, Crash) for result in results):
            await self.do(what)
