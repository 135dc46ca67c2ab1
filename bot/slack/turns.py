"""Whose turn it is in a channel: what people say is entered in its order, also while we catch up; nothing is read."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager

from bot.platform import UnreachableError

PATIENCE = 2.0
"""Seconds that a message waits for its turn, before Slack is left to bring it again."""


class BusyError(Exception):
    """It was not entered; Slack is to bring it again."""


class Turns:
    """Of one app's channels."""

    def __init__(self) -> None:
        self._lines: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        """By channel: what people say there is entered in the order in which it came."""
        self._behind: dict[str, None] | None = {}
        """Channels, in the order in which they are caught up with."""
        self._refused: set[str] = set()
        """Of those, where something was not entered since we last began to catch up there."""
        self._moved = asyncio.Condition()
        self.missed: Callable[[], object] | None = None
        """Told when something could not be entered in time; None: nobody here catches up."""

    @asynccontextmanager
    async def live(self, channel: str) -> AsyncIterator[None]:
        """For what was just said; raises BusyError where its turn does not come, or it cannot be entered, in time."""
        try:
            async with asyncio.timeout(PATIENCE):
                async with self._moved:
                    await self._moved.wait_for(lambda: self._behind is not None and channel not in self._behind)
                async with self._lines[channel]:
                    yield
        except (TimeoutError, BusyError, UnreachableError):
            self.refuse(channel)
            raise BusyError from None

    def refuse(self, channel: str) -> None:
        """Slack brings it again some time, and what is said after it must not be entered first: we look for it."""
        if self.missed is not None:
            self._refused.add(channel)
            if self._behind is not None:
                self._behind[channel] = None
            self.missed()

    @asynccontextmanager
    async def catching_up(self, channel: str) -> AsyncIterator[None]:
        """What is said in the channel is entered after the block."""
        async with self._lines[channel]:
            self._refused.discard(channel)
            yield
        async with self._moved:
            if self._behind is not None and channel not in self._refused:
                self._behind.pop(channel, None)
            self._moved.notify_all()

    @property
    def behind(self) -> list[str]:
        """The channels that are to be caught up with."""
        return list(self._behind or ())

    async def fall_behind(self, channels: Collection[str] | None) -> None:
        """What is said in these channels (None: nobody knows yet which) waits until each is caught up with."""
        async with self._moved:
            self._behind = None if channels is None else dict.fromkeys((*channels, *sorted(self._refused)))
            self._moved.notify_all()

    async def let_pass(self) -> None:
        """Nobody here catches up any more: what is said waits for nobody."""
        self.missed = None
        self._refused.clear()
        await self.fall_behind(())
