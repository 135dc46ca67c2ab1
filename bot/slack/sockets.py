"""Two sockets to Slack for one app, and who watches over them: a dead or deaf one is built anew; it reads nothing.

One socket lost 2 of 600 commands while Slack refreshed connections, two lost none. The client reconnects by itself, but
for ever to an address that is dead after an outage, and a socket can stand for hours while nothing comes through it.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from slack_bolt.adapter.socket_mode.async_internals import run_async_bolt_app, send_async_response
from slack_bolt.async_app import AsyncApp
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest

from bot.patience import either

log = logging.getLogger(__name__)

SOCKETS = 2
PING = 5.0
"""Seconds between two pings of ours."""
DEAD = 15.0
"""Seconds that the client has to connect again by itself."""
DEAF = 600.0
"""Seconds without a hello or an event after which a socket is not trusted: a new one costs a call."""
WATCH = 1.0
YOUNG = 0.5
"""Seconds that a socket is kept though Slack wants it replaced: it ends an old one within a second or so."""
ENDING = 1.0
"""Seconds that what is being answered has when a socket is closed."""
LEAVING = 5.0
"""Seconds after which a socket that was replaced is closed: Slack lets it stand for about ten."""


class _Client(SocketModeClient):
    """That does not close a connection which Slack wants replaced: what came through it is still being answered."""

    def __init__(self, app: AsyncApp, token: str, leave: Callable[[], None]) -> None:
        super().__init__(app_token=token, logger=app.logger, web_client=app.client, ping_interval=PING)
        self._leave = leave
        self.leaving = False

    async def connect_to_new_endpoint(self, force: bool = False) -> None:  # noqa: FBT001, FBT002  # as it is called
        """`force`: Slack has asked for it."""
        if force:
            self._leave()
        elif not self.leaving:
            await super().connect_to_new_endpoint()


class Socket:
    """One connection, whichever the client has now."""

    def __init__(
        self,
        app: AsyncApp,
        token: str,
        heard: Callable[[], None],
        leave: Callable[[], None],
        begun: Callable[[], Awaitable[None]],
    ) -> None:
        self._app = app
        self._begun = begun
        self._heard = heard
        self.heard_at = self._connected_at = self._opened_at = time.monotonic()
        self.is_asked = False
        """By Slack, to leave."""
        self._left_at = 0.0
        self._answers: set[Any] = set()

        def asked() -> None:
            self.is_asked = True
            leave()

        self._client = _Client(app, token, asked)
        self._client.message_listeners.append(self._listen)
        self._client.socket_mode_request_listeners.append(self._answer)
        self._connecting: asyncio.Future[None] = asyncio.ensure_future(self._client.connect())  # type: ignore[no-untyped-call]

    async def _listen(self, _client: object, message: dict[str, Any], _raw: str | None) -> None:
        self.heard_at = time.monotonic()
        if message.get("type") == "hello":
            await self._begun()
        self._heard()

    async def _answer(self, client: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
        task = asyncio.current_task()
        self._answers.add(task)
        try:
            await send_async_response(client, request, await run_async_bolt_app(self._app, request), time.time())
        finally:
            self._answers.discard(task)

    async def stands(self) -> object | None:
        """The connection that stands; None: none does."""
        if not await self._client.is_connected():
            return None
        self._connected_at = time.monotonic()
        return self._client.current_session

    @property
    def is_dead(self) -> bool:
        return time.monotonic() - self._connected_at > DEAD

    def is_deaf(self, after: float) -> bool:
        return time.monotonic() - self.heard_at > after

    @property
    def is_asked_to_leave(self) -> bool:
        """Not at once, where there are too many or none is wanted."""
        return self.is_asked and time.monotonic() - self._opened_at > YOUNG

    def leave(self) -> None:
        """Another stands in its place: it answers what it has begun, and connects no more."""
        self._client.leaving = True
        self._left_at = time.monotonic()

    @property
    def has_left(self) -> bool:
        """Whether nobody waits any more for what it has begun."""
        return time.monotonic() - self._left_at > LEAVING

    async def close(self) -> None:
        self._connecting.cancel()
        if self._answers:
            await asyncio.wait(self._answers, timeout=ENDING)
        with suppress(Exception):  # whatever it says, it is not used any more
            await self._client.close()  # type: ignore[no-untyped-call]
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
        self._stood: set[object] = set()
        """The connections that stood at the last look."""
        self._sockets: list[Socket] = []
        self._leaving: list[Socket] = []
        self._asked = asyncio.Event()

    def silent_for(self) -> float:
        """Seconds since the one of them that brought something least lately did."""
        return time.monotonic() - min((socket.heard_at for socket in self._sockets), default=0.0)

    async def run(self, stop: asyncio.Event) -> None:
        """Until told to stop."""
        self._sockets = [self._open() for _ in range(SOCKETS)]
        try:
            while not stop.is_set():
                await self._look()
                if await self._replace():
                    # what was said to it, nobody heard
                    self._broken()
                    self._stood = set()
                await self._watch(stop)
        finally:
            closing = asyncio.gather(*(socket.close() for socket in (*self._sockets, *self._leaving)))
            try:
                await asyncio.shield(closing)
            except asyncio.CancelledError:
                await closing  # what is left open, its client keeps open for ever
                raise

    async def _begun(self) -> None:
        """A connection begins: that it is newer than a gap is seen before anything that comes through it is entered."""
        there = {await socket.stands() for socket in (*self._sockets, *self._leaving)} - {None}
        if self._stood.isdisjoint(there):
            await self._look()
        else:
            self._stood |= there

    async def _look(self) -> None:
        stand, stood = await self._standing(), self._stood
        self._stood = stand
        if not stand & stood:  # those of now may all be newer than the gap
            if stood:
                self._broken()
            if stand:
                self._whole()

    async def _standing(self) -> set[object]:
        """The connections through which Slack reaches us, as far as anybody can know."""
        hearing = [one for one in self._sockets if not one.is_deaf(self._deaf_after)]
        leaving = [one for one in self._leaving if one.is_asked_to_leave]
        return {found for socket in (*hearing, *leaving) if (found := await socket.stands()) is not None}

    async def _replace(self) -> bool:
        """The new one is opened before the old one closes; True if something may have been said to a deaf one."""
        deaf = False
        for number, socket in enumerate(self._sockets):
            if socket.is_dead or socket.is_deaf(self._deaf_after):
                log.warning("%s: a socket is %s", self._name, "dead" if socket.is_dead else "deaf")
                deaf = deaf or not socket.is_dead
            elif not socket.is_asked_to_leave:
                continue
            socket.leave()
            self._leaving.append(socket)
            self._sockets[number] = self._open()
        for socket in [one for one in self._leaving if one.has_left]:
            self._leaving.remove(socket)
            await socket.close()
        return deaf

    async def _watch(self, stop: asyncio.Event) -> None:
        """Until the next look; what Slack asks for is done at once."""
        self._asked.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(YOUNG if any(socket.is_asked for socket in self._sockets) else WATCH):
                await either(self._asked, stop)

    def _open(self) -> Socket:
        return Socket(self._app, self._token, self._told_heard, self._asked.set, self._begun)
