"""Two sockets to Slack for one app, and who watches over them: a dead or deaf one is built anew; it reads nothing.

One socket lost 2 of 600 commands while Slack refreshed connections, two lost none. The client reconnects by itself, but
for ever to an address that is dead after an outage, and a socket can stand for hours while nothing comes through it.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp

from bot.patience import unless

log = logging.getLogger(__name__)

SOCKETS = 2
PING = 5.0
"""Seconds between two pings of ours."""
DEAD = 15.0
"""Seconds that the client has to connect again by itself."""
DEAF = 600.0
"""Seconds without a hello or an event after which a socket is not trusted: a new one costs a call."""
WATCH = 1.0


class Socket:
    """One connection, whichever the client has now."""

    def __init__(self, app: AsyncApp, token: str, heard: Callable[[], None]) -> None:
        self._heard = heard
        self.heard_at = self._connected_at = time.monotonic()
        handler: Any = AsyncSocketModeHandler(app, token, ping_interval=PING)
        self._handler = handler
        self._handler.client.message_listeners.append(self._listen)
        self._connecting: asyncio.Future[None] = asyncio.ensure_future(self._handler.connect_async())

    async def _listen(self, _client: object, message: dict[str, Any], _raw: str | None) -> None:
        if message.get("type") != "disconnect":
            self.heard_at = time.monotonic()
            self._heard()

    async def stands(self) -> object | None:
        """The connection that stands; None: none does."""
        client = self._handler.client
        if not await client.is_connected():
            return None
        self._connected_at = time.monotonic()
        found: object = client.current_session
        return found

    @property
    def is_dead(self) -> bool:
        return time.monotonic() - self._connected_at > DEAD

    def is_deaf(self, after: float) -> bool:
        return time.monotonic() - self.heard_at > after

    async def close(self) -> None:
        self._connecting.cancel()
        with suppress(Exception):  # whatever it says, it is not used any more
            await self._handler.close_async()
        await asyncio.gather(self._connecting, return_exceptions=True)


class Sockets:
    """All of one app."""

    def __init__(
        self,
        app: AsyncApp,
        token: str,
        name: str,
        *,
        heard: Callable[[], None],
        broken: Callable[[], None],
        whole: Callable[[], None],
        deaf_after: float = DEAF,
    ) -> None:
        """`heard` is told of each hello and event.

        `broken` is told that events may be lost from now on, `whole` that none are any more: what was said meanwhile
        is to be looked for.
        """
        self._app = app
        self._token = token
        self._name = name
        self._told_heard = heard
        self._broken = broken
        self._whole = whole
        self._deaf_after = deaf_after
        self._sockets: list[Socket] = []

    def silent_for(self) -> float:
        """Seconds since the one of them that brought something least lately did."""
        return time.monotonic() - min((socket.heard_at for socket in self._sockets), default=0.0)

    async def run(self, stop: asyncio.Event) -> None:
        """Until told to stop."""
        sockets = self._sockets = [self._open() for _ in range(SOCKETS)]
        stood: set[object] = set()
        try:
            while not stop.is_set():
                stand = {found for socket in sockets if (found := await socket.stands()) is not None}
                if not stand & stood:  # those of now may all be newer than the gap
                    if stood:
                        self._broken()
                    if stand:
                        self._whole()
                stood = stand
                for number, socket in enumerate(sockets):
                    if socket.is_dead or socket.is_deaf(self._deaf_after):
                        log.warning("%s: a socket is %s", self._name, "dead" if socket.is_dead else "deaf")
                        deaf = not socket.is_dead
                        await socket.close()
                        sockets[number] = self._open()
                        if deaf:
                            # what was said to it, nobody heard; and none is open for longer than its turn comes
                            self._broken()
                            stood = set()
                        break
                await unless(stop, WATCH)
        finally:
            closing = asyncio.gather(*(socket.close() for socket in sockets))
            try:
                await asyncio.shield(closing)
            except asyncio.CancelledError:
                await closing  # what is left open, its client keeps open for ever
                raise

    def _open(self) -> Socket:
        return Socket(self._app, self._token, self._told_heard)
