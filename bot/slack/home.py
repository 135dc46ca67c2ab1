"""The home that one app shows each person: published when it is opened and while that is not long ago; words nothing.

Nothing is said of which view it replaces (views.publish's `hash`): it may replace any, for it is newer, and where two
processes show one person's home, the next look mends what they did to each other.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Engine

from bot.patience import unless
from bot.platform import AwayError, RefusedError, UnreachableError
from bot.slack.accounts import Account
from bot.slack.blocks import render_view
from bot.slack.wire import RateLimitedError, ask
from commands import home
from storage.session import UNWRITABLE, transaction
from storage.words import Address

log = logging.getLogger(__name__)

Json = dict[str, Any]

INTERVAL = 60.0
"""Seconds between two looks at what one person's home should show."""
REMEMBERED = 3_600.0
"""Seconds for which a home that was opened is looked after."""


@dataclass(eq=False)
class _Reader:
    """Who opened it; the times are of the monotonic clock."""

    user: str
    opened: float = 0.0
    due: float = 0.0
    """When their home is looked at next."""
    shown: list[Json] | None = None
    """None: what stands there is not known."""
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)


class Home:
    """One app's."""

    def __init__(
        self,
        account: Account,
        engine: Engine,
        clock: Callable[[], datetime],
        *,
        rehearsal: bool,
        interval: float = INTERVAL,
        remembered: float = REMEMBERED,
        ticks: Callable[[], float] = time.monotonic,
    ) -> None:
        """`clock` says what is overdue (aware, UTC), `ticks` how long ago something was (seconds)."""
        self._account = account
        self._engine = engine
        self._clock = clock
        self._rehearsal = rehearsal
        self._interval = interval
        self._remembered = remembered
        self._ticks = ticks
        self._readers: dict[Address, _Reader] = {}
        self._quiet = 0.0
        """Until when Slack wants to hear nothing."""

    async def opened(self, person: Address, user: str) -> None:
        """Somebody (Slack's id: `user`) looks at it: show what there is now."""
        reader = self._readers.setdefault(person, _Reader(user))
        reader.opened = self._ticks()
        reader.due = reader.opened + self._interval
        async with reader.turn:
            reader.shown = None
            if self._quiet > self._ticks():
                reader.due = self._quiet
            else:
                await self._show(person, reader)

    async def refresh(self, stop: asyncio.Event) -> None:
        """Look again and again until told to stop; what is on its way to Slack then is left."""
        looking = asyncio.ensure_future(self._keep_looking(stop))
        stopping = asyncio.ensure_future(stop.wait())
        try:
            await asyncio.wait({looking, stopping}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            looking.cancel()
            stopping.cancel()
            await asyncio.gather(looking, stopping, return_exceptions=True)
        if not looking.cancelled():
            looking.result()

    async def look_again(self) -> None:
        """Show their home to all who opened it not long ago and would see something else, those who are due."""
        now = self._ticks()
        self._readers = {
            person: reader for person, reader in self._readers.items() if now - reader.opened < self._remembered
        }
        for person, reader in tuple(self._readers.items()):
            async with reader.turn:
                if max(reader.due, self._quiet) <= self._ticks():
                    await self._show(person, reader)

    async def _keep_looking(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            await self.look_again()
            now = self._ticks()
            # who opens it in the meantime is not due before this time has passed
            due = min((reader.due for reader in self._readers.values()), default=now + self._interval)
            await unless(stop, min(max(due, self._quiet) - now, self._interval))

    async def _show(self, person: Address, reader: _Reader) -> None:
        """If they would see something else; what fails is tried at the next look."""
        reader.due = self._ticks() + self._interval
        try:
            await self._publish(person, reader)
        except RateLimitedError as limited:
            reader.due = self._quiet = self._ticks() + limited.seconds
            log.warning("%s: a home waits: %s", self._account.name, limited)
        except (UnreachableError, AwayError, RefusedError) as error:
            log.warning("%s: a home was not shown: %s", self._account.name, error)
        except UNWRITABLE as error:
            log.warning("%s: a home waits for the records: %s", self._account.name, type(error.orig).__name__)
        except Exception:
            log.exception("%s: a home was not shown", self._account.name)

    async def _publish(self, person: Address, reader: _Reader) -> None:
        blocks = await asyncio.to_thread(self._blocks, person)
        if blocks == reader.shown:
            return
        reader.shown = None
        view = {"type": "home", "blocks": blocks}
        await ask(self._account.client, "views.publish", user_id=reader.user, view=view)
        reader.shown = blocks

    def _blocks(self, person: Address) -> list[Json]:
        with transaction(self._engine, reading=True) as session:
            page = home.page(session, person, self._clock())
        return render_view(page, home.REST, rehearsal=self._rehearsal)
