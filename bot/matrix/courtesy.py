"""What a polite client shows besides words: that it is at work, and how far it has read; nothing depends on it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Iterable, Sequence
from contextlib import asynccontextmanager
from urllib.parse import quote

import nio

from bot.matrix import wire
from bot.matrix.accounts import Account, room_of
from bot.matrix.answers import ask, understood
from bot.platform import AwayError, RefusedError, UnreachableError
from commands.arrival import Arrival, ArrivalKind
from commands.grammar import is_command

log = logging.getLogger(__name__)

SLOW = 0.5
"""Seconds after which a command counts as slow."""

READ_EVERY = 1.0
"""Seconds between two read receipts in a room, at least."""

PAUSES = 5
"""While more is said, so many times READ_EVERY pass before one: each costs the homeserver a look at every client."""


class Courtesy:
    """One account's; its requests go beside the work, and none of them is tried twice."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._read: dict[str, str] = {}
        """The newest event by room that is read and not yet told."""
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def read(self, said: Sequence[Arrival]) -> None:
        """These were read."""
        for arrival in said:
            if arrival.kind is not ArrivalKind.MESSAGE:
                continue
            room = room_of(arrival.place)
            self._read[room] = arrival.message
            if room not in self._tasks:
                self._tasks[room] = asyncio.ensure_future(self._tell(room))

    async def _tell(self, room: str) -> None:
        client = self._account.client
        try:
            while room in self._read:
                await self._pause(room)
                await _quietly(wire.ask(client, "POST", _receipt(room, self._read.pop(room)), {}))
        finally:
            del self._tasks[room]

    async def _pause(self, room: str) -> None:
        """Until nothing newer comes, and the answer to what was read has gone."""
        for _ in range(PAUSES):
            event = self._read[room]
            await asyncio.sleep(READ_EVERY)
            if self._read[room] == event:
                return

    @asynccontextmanager
    async def typing(self, said: Iterable[Arrival]) -> AsyncIterator[None]:
        """While the block lasts, if it lasts long, the rooms in which a command stands see that we are at work."""
        rooms = {room_of(one.place) for one in said if one.kind is ArrivalKind.MESSAGE and is_command(one.text)}
        showing = asyncio.ensure_future(self._show_slow(rooms)) if rooms else None
        try:
            yield
        finally:
            if showing is not None and not showing.cancel():
                await self._show(rooms, typing=False)

    async def _show_slow(self, rooms: Iterable[str]) -> None:
        await asyncio.sleep(SLOW)
        await self._show(rooms, typing=True)

    async def _show(self, rooms: Iterable[str], *, typing: bool) -> None:
        client = self._account.client
        for room in rooms:
            await _quietly(ask(client, client.room_typing(room, typing), nio.RoomTypingResponse))

    async def close(self) -> None:
        tasks = tuple(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _receipt(room: str, event: str) -> str:
    """For all that is above it too, in threads and outside of them: it names no thread, as nio's always do.

    https://spec.matrix.org/latest/client-server-api/#post_matrixclientv3roomsroomidreceiptreceipttypeeventid
    """
    return f"/_matrix/client/v3/rooms/{quote(room, safe='')}/receipt/m.read/{quote(event, safe='')}"


async def _quietly(asking: Awaitable[object]) -> None:
    try:
        with understood():
            await asking
    except (AwayError, RefusedError, UnreachableError) as error:
        log.info("a courtesy was not taken: %s", error)
