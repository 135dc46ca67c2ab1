"""One process at a time has our accounts on a platform; the lease is in the database, and nothing else is decided."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Engine

from bot.holder import HOLDER, has_ended
from bot.patience import unless
from storage import accounts
from storage.session import UNWRITABLE, transaction

log = logging.getLogger(__name__)

RENEW = 10.0
"""Seconds after which a lease is renewed; it runs out after three times as long."""


class Lease:
    """That of one platform: a letter to a person may go through any of our accounts there."""

    def __init__(self, engine: Engine, name: str) -> None:
        self._engine = engine
        self._name = name
        self.ours, self.theirs = asyncio.Event(), asyncio.Event()
        """One of them is set, while `work` runs."""

    async def hold(self) -> bool:
        """Take or renew it; False while another process has it, or the records do not answer."""
        try:
            return await asyncio.to_thread(self._hold)
        except UNWRITABLE as error:
            log.warning("the lease of %s cannot be taken: %s", self._name, type(error.orig).__name__)
            return False

    def _hold(self) -> bool:
        # a lease is about processes, not about cases: no rehearsal's clock holds it
        with transaction(self._engine) as session:
            return accounts.hold(session, self._name, HOLDER, datetime.now(UTC), has_ended)

    async def lost(self) -> None:
        """Renew it; ends once it could not be renewed for so long that another process may have it."""
        failed = 0
        while failed < accounts.LEASE.total_seconds() / RENEW - 1:
            await asyncio.sleep(RENEW)
            failed = 0 if await self.hold() else failed + 1
        log.warning("the lease of %s is lost", self._name)

    async def let_go(self) -> None:
        """The next process need not wait for it to run out."""
        try:
            await asyncio.to_thread(self._let_go)
        except UNWRITABLE as error:
            log.warning("the lease of %s runs out by itself: %s", self._name, type(error.orig).__name__)

    def _let_go(self) -> None:
        with transaction(self._engine) as session:
            accounts.let_go(session, self._name, HOLDER)

    async def work(
        self, keeping: Callable[[], Sequence[Coroutine[Any, Any, None]]], stop: asyncio.Event, idle: asyncio.Event
    ) -> None:
        """Do all of it at once while the lease is ours, until told to stop and `idle`; raises what one of them raises.

        While another process has the lease, this one waits for it.
        """
        self.theirs.set()
        while not stop.is_set():
            if await self.hold():
                try:
                    await self._work([asyncio.ensure_future(one) for one in keeping()], stop, idle)
                finally:
                    self.theirs.set()
                    self.ours.clear()
                    await self.let_go()
            await unless(stop, RENEW / 5)

    async def _work(self, keeping: list[asyncio.Future[None]], stop: asyncio.Event, idle: asyncio.Event) -> None:
        ending = [asyncio.ensure_future(_ended(stop, idle)), asyncio.ensure_future(self.lost())]
        self.ours.set()
        self.theirs.clear()
        try:
            done, _ = await asyncio.wait({*ending, *keeping}, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in (*ending, *keeping):
                task.cancel()
            await asyncio.gather(*ending, *keeping, return_exceptions=True)


async def _ended(stop: asyncio.Event, idle: asyncio.Event) -> None:
    """Told to stop, and what was on its way has arrived or is left for later."""
    await stop.wait()
    await idle.wait()
