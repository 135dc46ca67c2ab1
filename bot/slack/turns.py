"""Whose turn it is in a channel: what people say is entered in its order, also while we catch up; nothing is read."""

from __future__ import annotations

import asyncio
import heapq
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count

from bot.platform import UnreachableError

PATIENCE = 2.0
"""Seconds that a message waits for its turn, before Slack is left to bring it again."""


class BusyError(Exception):
    """It was not entered; Slack is to bring it again."""


@dataclass(order=True)
class _Turn:
    """A place in the line of a channel: what was said first goes first, by whichever socket it came."""

    said: str
    number: int
    live: bool = field(compare=False)
    granted: asyncio.Future[None] = field(compare=False)


class Turns:
    """Of one app's channels."""

    def __init__(self) -> None:
        self._lines: defaultdict[str, list[_Turn]] = defaultdict(list)
        self._taken: set[str] = set()
        """Channels where somebody has the turn."""
        self._behind: dict[str, None] | None = {}
        """Channels, in the order in which they are caught up with; None: nobody knows yet which."""
        self._refused: set[str] = set()
        """Of those, where something was not entered since we last began to catch up there."""
        self._numbers = count()
        self.missed: Callable[[], object] | None = None
        """Told when something could not be entered in time; None: nobody here catches up."""

    @asynccontextmanager
    async def live(self, channel: str, said: str) -> AsyncIterator[None]:
        """For what was just said, at that moment; raises BusyError where it cannot be entered, or not in time."""
        try:
            async with asyncio.timeout(PATIENCE), self._turn(channel, said, live=True):
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
        """What is said in the channel is entered after the block, unless something before it is refused meanwhile."""
        async with self._turn(channel, "", live=False):
            self._refused.discard(channel)
            yield
            if self._behind is not None and channel not in self._refused:
                self._behind.pop(channel, None)

    @asynccontextmanager
    async def _turn(self, channel: str, said: str, *, live: bool) -> AsyncIterator[None]:
        turn = _Turn(said, next(self._numbers), live, asyncio.get_running_loop().create_future())
        heapq.heappush(self._lines[channel], turn)
        self._next(channel)
        try:
            await turn.granted
            yield
        finally:
            if not turn.granted.cancelled():
                self._taken.discard(channel)
                self._next(channel)

    def _next(self, channel: str) -> None:
        line = self._lines.get(channel, [])
        while line and line[0].granted.done():
            heapq.heappop(line)
        if channel not in self._taken and line and not (line[0].live and self._is_behind(channel)):
            self._taken.add(channel)
            heapq.heappop(line).granted.set_result(None)
        if not line:
            self._lines.pop(channel, None)

    def _is_behind(self, channel: str) -> bool:
        return self._behind is None or channel in self._behind

    @property
    def behind(self) -> list[str]:
        """The channels that are to be caught up with."""
        return list(self._behind or ())

    def fall_behind(self, channels: Collection[str] | None) -> None:
        """What is said in these channels (None: nobody knows yet which) waits until each is caught up with."""
        self._behind = None if channels is None else dict.fromkeys((*channels, *sorted(self._refused)))
        for channel in tuple(self._lines):
            self._next(channel)

    def let_pass(self) -> None:
        """Nobody here catches up any more: what is said waits for nobody."""
        self.missed = None
        self._refused.clear()
        self.fall_behind(())
