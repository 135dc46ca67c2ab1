"""Notices which due moments have come and brings each to the intake; what is done then is not known here."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from datetime import datetime

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from sqlalchemy import Engine

from bot.intake import Intake
from commands.arrival import due_arrival
from storage import moments
from storage.moments import Planned
from storage.session import UNWRITABLE, transaction

log = logging.getLogger(__name__)

TICK = 1.0
"""Seconds between two looks."""

PORTION = 256
"""How many moments are looked at at once."""


class Clock:
    """`speak` is called when something was done, and there may be letters."""

    def __init__(
        self,
        engine: Engine,
        intake: Intake,
        clock: Callable[[], datetime],
        speak: Callable[[], object],
        *,
        rehearsal: bool,
    ) -> None:
        self._engine = engine
        self._intake = intake
        self._clock = clock
        self._speak = speak
        self._rehearsal = rehearsal
        self._looked_at = clock()

    async def run(self, stop: asyncio.Event) -> None:
        """Look every second until told to stop."""
        scheduler = AsyncIOScheduler(timezone="UTC")
        # a look that is late is as good as one in time, and two at once are one too many
        scheduler.add_job(self.tick, "interval", seconds=TICK, max_instances=1, coalesce=True, misfire_grace_time=None)
        scheduler.start()
        try:
            await stop.wait()
        finally:
            scheduler.shutdown(wait=False)

    async def tick(self) -> None:
        """Do what is due now, the earliest first."""
        now, before = self._clock(), self._looked_at
        try:
            last: Sequence[Planned] = ()
            # what stays as it is was not done, and asking again at once would not do it
            while (found := await asyncio.to_thread(self._due, now)) and found != last:
                last = found
                timed = [(due_arrival(one.job, one.at), self._time_of(one, now, before)) for one in found]
                done = [self._intake.submit(arrival, then) for arrival, then in timed]
                busy = [await asyncio.wrap_future(one) for one in done]
                self._speak()
                if any(one is not None for one in busy):
                    return
            self._looked_at = now
        except UNWRITABLE as error:
            log.warning("due moments wait for the records: %s", type(error.orig).__name__)

    def _time_of(self, moment: Planned, now: datetime, before: datetime) -> datetime:
        """A rehearsal's clock jumps, and what it jumps over happens on the way; what nobody was there for is late."""
        return moment.at if self._rehearsal and moment.at > before else now

    def _due(self, now: datetime) -> Sequence[Planned]:
        # on the way of a jump each may plan another one that comes before the next
        most = 1 if self._rehearsal else PORTION
        with transaction(self._engine, reading=True) as session:
            return moments.due(session, now, most)
