"""Sees to it that nothing is missed for good: when to catch up, and since which moment; it reads nothing."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

from sqlalchemy import Engine

from bot.patience import backing_off, either, unless
from bot.platform import AwayError, UnreachableError
from bot.slack.catching_up import CatchingUp
from bot.slack.turns import BusyError, Turns
from storage import accounts
from storage.session import UNWRITABLE, transaction

log = logging.getLogger(__name__)

NOTE = 10.0
"""Seconds after which it is noted that nothing was missed so far."""
LATE = 90.0
"""Seconds that an event may be on its way to us, and that clocks may differ."""
LOOK_AGAIN = 300.0
"""Seconds between two looks at what was said, where no socket tells whether events were lost: HTTP mode."""


class Missed:
    """Of one app. What is noted is the moment, by the clock on the wall, from which on something may have been missed.

    Slack's messages are numbered by that clock. The moment never moves back: what was said before we first came is
    never taken.
    """

    def __init__(self, name: str, engine: Engine, turns: Turns, catching_up: CatchingUp, *, sockets: bool) -> None:
        self._name = name
        self._engine = engine
        self._turns = turns
        self._catching_up = catching_up
        self._sockets = sockets
        self._gap = asyncio.Event()
        self._everywhere = True
        self._lossless = False

    # What the sockets tell

    def broken(self) -> None:
        """Events may be lost from now on."""
        log.warning("%s: no socket stands", self._name)
        self._lossless = False

    def whole(self) -> None:
        """None are lost any more; what was said meanwhile is to be looked for, before what is said from now on."""
        if self._sockets:
            self._turns.fall_behind(None)
        self._everywhere = True
        self._gap.set()

    # What is done about it

    @asynccontextmanager
    async def watched(self) -> AsyncIterator[None]:
        """Begin before anything is heard: the first time ever, all that was said so far is history.

        Nobody who hears waits for us afterwards. Raises UNWRITABLE.
        """
        self._turns.fall_behind(None)
        self._turns.missed = self._gap.set
        try:
            await asyncio.to_thread(self._begin)
            yield
        finally:
            self._turns.let_pass()

    async def run(
        self, stop: asyncio.Event, silent_for: Callable[[], float], speak: Callable[[], Awaitable[None]]
    ) -> None:
        """Catch up whenever it is needed, and let the answers go; `silent_for` is what the sockets say."""
        if not self._sockets:
            self.whole()
        while not stop.is_set():
            if self._gap.is_set():
                await self._catch_up(stop)
                await speak()
            elif self._lossless and self._sockets:
                # a socket that is deaf still stands: what was heard counts, not how long it stood
                await asyncio.to_thread(self._note, time.time() - silent_for())
            with suppress(TimeoutError):
                async with asyncio.timeout(NOTE if self._sockets else LOOK_AGAIN):
                    await either(self._gap, stop)
            if not self._sockets and not self._gap.is_set():
                self.whole()

    async def _catch_up(self, stop: asyncio.Event) -> None:
        """Everywhere after a gap; where something could not be entered, there."""
        self._gap.clear()
        everywhere, self._everywhere = self._everywhere, False
        self._lossless = self._lossless or everywhere
        delays = backing_off()
        while not stop.is_set():
            began = time.time()
            try:
                await self._catching_up.since(await asyncio.to_thread(self._moment), everywhere=everywhere)
            except (UnreachableError, AwayError, BusyError, *UNWRITABLE) as error:
                log.warning("%s cannot catch up yet: %s", self._name, type(error).__name__)
                await unless(stop, next(delays))
            else:
                if everywhere:
                    await asyncio.to_thread(self._note, began)
                return

    def _begin(self) -> None:
        with transaction(self._engine) as session:
            if accounts.cursor(session, self._name) is None:
                accounts.move(session, self._name, f"{time.time():.6f}")

    def _moment(self) -> float:
        with transaction(self._engine, reading=True) as session:
            return float(accounts.cursor(session, self._name) or 0)

    def _note(self, until: float) -> None:
        """All that was said until then was brought to us, or is on its way."""
        with suppress(*UNWRITABLE), transaction(self._engine) as session:
            if until - LATE > float(accounts.cursor(session, self._name) or 0):
                accounts.move(session, self._name, f"{until - LATE:.6f}")
