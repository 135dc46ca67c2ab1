"""Socket Mode: tickets, sockets, envelopes and their acknowledgements; what is in an envelope is not its business."""

from __future__ import annotations

import asyncio
import json
import secrets
from dataclasses import dataclass, field

from aiohttp import WSMsgType, web

from tests.slack.acks import Ack, Retry
from tests.slack.apps import App, Json
from tests.slack.world import World

MOST_SOCKETS = 10
PING_EVERY = 10.0
"""Seconds; Slack's own pings, as a client sees them."""
GRACE = 1.0
"""Seconds between a disconnect message and the end of the socket; Slack gives about 10."""


@dataclass(eq=False)
class Socket:
    """One connection. A leaving one gets nothing more; a deaf one seems to stand, and nothing comes through."""

    app: App
    number: int
    ws: web.WebSocketResponse
    request: web.Request
    waiting: dict[str, asyncio.Future[Ack]] = field(default_factory=dict)
    carried: int = 0
    leaving: bool = False
    deaf: bool = False
    pongs: bool = True
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    ended: asyncio.Event = field(default_factory=asyncio.Event)


class Sockets:
    """All sockets of all apps."""

    def __init__(self, world: World, ack_within: float) -> None:
        self.base = ""
        self.ack_within = ack_within
        self.open: list[Socket] = []
        self._world = world
        self._tickets: dict[str, App] = {}
        self._known: set[str] = set()
        self._late: set[str] = set()
        self._numbers = 0
        self._next = 0

    def ticket(self, app: App) -> str:
        """A URL for one connection."""
        ticket = secrets.token_urlsafe(16)
        self._tickets[ticket] = app
        return f"{self.base}/link/?ticket={ticket}&app_id={app.id}"

    def of(self, app: App) -> list[Socket]:
        """Those that get envelopes: one that is leaving only where there is no other."""
        all_of_them = [one for one in self.open if one.app is app]
        return [one for one in all_of_them if not one.leaving] or all_of_them

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """`/link/`: a ticket is good for one connection."""
        app = self._tickets.pop(request.query.get("ticket", ""), None)
        if app is None or request.query.get("app_id") != app.id or app.app_token_refusal is not None:
            return web.Response(status=403, text="invalid ticket")
        ws = web.WebSocketResponse(autoping=False)
        await ws.prepare(request)
        self._numbers += 1
        socket = Socket(app, self._numbers, ws, request)
        if len(self.of(app)) >= MOST_SOCKETS:
            await ws.send_json({"type": "disconnect", "reason": "too_many_websockets", "debug_info": _host(socket)})
            await ws.close()
            return ws
        with self._world.lock:
            self.open.append(socket)
            self._world.changed()
        pings = asyncio.create_task(self._ping(socket))
        try:
            await ws.send_json(self._hello(socket))
            await self._read(socket)
        finally:
            pings.cancel()
            self._gone(socket)
        return ws

    async def carry(self, app: App, kind: str, payload: Json, retry: Retry | None) -> Ack:
        """Put something into an envelope for one of the app's sockets."""
        sockets = self.of(app)
        if not sockets:
            return Ack(failure="no_socket")
        self._next += 1
        socket = sockets[self._next % len(sockets)]
        envelope_id = secrets.token_hex(16)
        envelope: Json = {"envelope_id": envelope_id, "payload": payload, "type": kind}
        envelope["accepts_response_payload"] = kind != "events_api"
        if kind == "events_api":
            envelope |= {"retry_attempt": retry.number if retry else 0, "retry_reason": retry.reason if retry else ""}
        answer: asyncio.Future[Ack] = asyncio.get_running_loop().create_future()
        socket.waiting[envelope_id] = answer
        self._known.add(envelope_id)
        socket.carried += 1
        try:
            async with asyncio.timeout(self.ack_within):
                if not socket.deaf:
                    async with socket.turn:
                        await socket.ws.send_json(envelope)
                return await answer
        except TimeoutError:
            if not socket.deaf:
                self._world.breach(f"{app.name} did not acknowledge {kind} within {self.ack_within:g} s")
                self._late.add(envelope_id)
            return Ack(failure="timeout")
        except ConnectionError:
            return Ack(failure="timeout")
        finally:
            socket.waiting.pop(envelope_id, None)

    async def disconnect(self, app: App, reason: str, count: int) -> None:
        """Ask the app's oldest sockets to be replaced, and end them a little later."""
        leaving = [one for one in self.open if one.app is app][:count]
        for socket in leaving:
            socket.leaving = True
            await socket.ws.send_json({"type": "disconnect", "reason": reason, "debug_info": _host(socket)})
        if leaving:
            await asyncio.wait([asyncio.create_task(one.ended.wait()) for one in leaving], timeout=GRACE)
        await self.drop(leaving)

    async def drop(self, sockets: list[Socket] | None = None) -> None:
        """End sockets as a broken line does, without a farewell."""
        for socket in list(self.open if sockets is None else sockets):
            if socket.request.transport is not None:
                socket.request.transport.abort()
            self._gone(socket)

    def deafen(self, app: App, *, pongs: bool = True) -> None:
        """From now on nothing comes through the sockets that stand; with pongs they even look alive."""
        for socket in self.of(app):
            socket.deaf, socket.pongs = True, pongs

    def _gone(self, socket: Socket) -> None:
        with self._world.lock:
            if socket in self.open:
                self.open.remove(socket)
            self._world.changed()
        socket.ended.set()
        for answer in socket.waiting.values():
            if not answer.done():
                answer.set_result(Ack(failure="timeout"))

    def _hello(self, socket: Socket) -> Json:
        debug = _host(socket) | {"build_number": 1, "approximate_connection_time": 18060}
        return {
            "type": "hello", "num_connections": len(self.of(socket.app)), "debug_info": debug,
            "connection_info": {"app_id": socket.app.id},
        }  # fmt: skip

    async def _ping(self, socket: Socket) -> None:
        while not socket.ws.closed:
            await asyncio.sleep(PING_EVERY)
            if socket.pongs:
                await socket.ws.ping(b"Ping from applink")

    async def _read(self, socket: Socket) -> None:
        async for message in socket.ws:
            if message.type is WSMsgType.PING and socket.pongs:
                await socket.ws.pong(message.data)
            elif message.type is WSMsgType.TEXT and not (socket.deaf and not socket.pongs):
                self._acknowledged(socket, message.data)

    def _acknowledged(self, socket: Socket, text: str) -> None:
        name = socket.app.name
        try:
            ack = json.loads(text)
            envelope_id = ack["envelope_id"]
        except (ValueError, KeyError, TypeError):
            self._world.breach(f"{name} sent no acknowledgement: {text[:200]}")
            return
        answer = socket.waiting.pop(envelope_id, None)
        if answer is not None and not answer.done():
            answer.set_result(Ack(ack.get("payload")))
        elif envelope_id in self._late:
            self._late.discard(envelope_id)
            self._world.breach(f"{name} acknowledged {self.ack_within:g} s or more after it was asked")
        elif envelope_id not in self._known:
            self._world.breach(f"{name} acknowledged what was never sent: {envelope_id}")


def _host(socket: Socket) -> Json:
    return {"host": f"applink-{socket.number}"}
