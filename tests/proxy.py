"""What befalls HTTP on its way to a homeserver and back; it decides nothing but whether an exchange comes through."""

from __future__ import annotations

import asyncio
import io
import json
import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from enum import Enum
from types import TracebackType
from typing import NamedTuple, Self

import aiohttp
from aiohttp import web
from yarl import URL

Where = Callable[[str, str], bool]
"""Whether a fault is meant for a method and a path, with its query."""

_BODY_MAX = 200_000_000  # bytes; above what a homeserver takes
_HOP_BY_HOP = frozenset({
    "connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade", "host",
    "content-length",
})  # fmt: skip
"""RFC 9110, section 7.6.1; and what is counted anew."""


def everything(_method: str, _path: str) -> bool:
    return True


def sends(method: str, path: str) -> bool:
    """A message, an edit or a redaction."""
    return method == "PUT" and ("/send/" in path or "/redact/" in path)


def syncs(_method: str, path: str) -> bool:
    return "/_matrix/client/" in path and "/sync" in path


def pages(_method: str, path: str) -> bool:
    """Reading back."""
    return "/rooms/" in path and "/messages" in path


def uploads(method: str, path: str) -> bool:
    return method == "POST" and "/_matrix/media/" in path and "/upload" in path


def downloads(method: str, path: str) -> bool:
    return method == "GET" and "/media/" in path and "/download/" in path


class Seen(NamedTuple):
    """One exchange, in the order in which they ended: what the homeserver answered, and what the client was told.

    None: it was never asked; it heard nothing, or only half.
    """

    method: str
    path: str
    answered: int | None
    told: int | None


class _Cut(Enum):
    BEFORE = "before"
    WITHIN = "within"
    AFTER = "after"


@dataclass(eq=False)
class Fault:
    """One that was asked for, from then until its times are used up or it is ended."""

    where: Where
    left: float
    answer: Callable[[], web.Response] | None = None
    cut: _Cut | None = None
    wait: Callable[[], Awaitable[object]] | None = None
    hits: int = 0
    _over: asyncio.Event = field(default_factory=asyncio.Event)
    _hit: asyncio.Condition = field(default_factory=asyncio.Condition)

    def end(self) -> None:
        """No further exchange meets it; one that it holds goes on."""
        self.left = 0
        self._over.set()

    async def happened(self, times: int = 1) -> None:
        """Wait until it has befallen so many exchanges."""
        async with self._hit:
            await self._hit.wait_for(lambda: self.hits >= times)

    async def over(self) -> None:
        """Wait until it is ended."""
        await self._over.wait()

    async def strike(self) -> None:
        """Count one exchange, and let it wait as long as it must."""
        self.left -= 1
        async with self._hit:
            self.hits += 1
            self._hit.notify_all()
        if self.wait:
            await self.wait()


def once_only(session: aiohttp.ClientSession) -> aiohttp.ClientSession:
    """The session, which by itself would send everything but a POST again when a connection ends.

    aiohttp has no public switch for it; its own test client sets this one.
    """
    session._retry_connection = False
    return session


class Proxy:
    """`async with Proxy(homeserver.url) as proxy:`; clients are given `proxy.url`.

    Of several faults that are meant for an exchange, it meets all that make it wait and the first of the others.
    """

    def __init__(self, target: str) -> None:
        self.target = target.rstrip("/")
        self.url = ""
        self.seen: list[Seen] = []
        self._faults: list[Fault] = []

    async def __aenter__(self) -> Self:
        self._out = once_only(
            aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(force_close=True),  # one that was kept may have ended meanwhile
                timeout=aiohttp.ClientTimeout(total=None),
                auto_decompress=False,
                skip_auto_headers=("Accept", "Accept-Encoding", "Content-Type", "User-Agent"),
            )
        )
        app = web.Application(client_max_size=_BODY_MAX)
        app.router.add_route("*", "/{path:.*}", self._handle)
        # Who hangs up while a sync waits takes the sync away with him.
        self._runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        host, port = self._runner.addresses[0]
        self.url = f"http://{host}:{port}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.clear()
        await self._runner.cleanup()
        await self._out.close()

    def delay(self, seconds: float, where: Where = everything, times: float = math.inf) -> Fault:
        """Each waits so long before it goes to the homeserver."""
        return self._add(Fault(where, times, wait=lambda: asyncio.sleep(seconds)))

    def hold(self, where: Where = everything, times: float = math.inf) -> Fault:
        """Each waits until the fault is ended, and then goes to the homeserver."""
        fault = Fault(where, times)
        fault.wait = fault.over
        return self._add(fault)

    def limit(
        self,
        times: float,
        where: Where = everything,
        *,
        retry_after: float = 1.0,
        in_header: bool = True,
        in_body: bool = True,
    ) -> Fault:
        """429, asking for so many seconds: in whole ones in Retry-After, in thousandths in retry_after_ms."""
        body: dict[str, object] = {"errcode": "M_LIMIT_EXCEEDED", "error": "Too Many Requests"}
        if in_body:
            body["retry_after_ms"] = round(retry_after * 1000)
        headers = {"Retry-After": str(math.ceil(retry_after))} if in_header else {}
        return self.fail(times, where, status=429, body=json.dumps(body), headers=headers)

    def fail(
        self,
        times: float,
        where: Where = everything,
        *,
        status: int = 500,
        body: str = '{"errcode": "M_UNKNOWN", "error": "Internal server error"}',
        content_type: str = "application/json",
        headers: dict[str, str] | None = None,
    ) -> Fault:
        """An error in the homeserver's place, which is not asked."""

        def answer() -> web.Response:
            return web.Response(status=status, text=body, content_type=content_type, headers=headers)

        return self._add(Fault(where, times, answer=answer))

    def cut_before(self, times: float = 1, where: Where = everything) -> Fault:
        """The connection ends before the homeserver hears of it."""
        return self._add(Fault(where, times, cut=_Cut.BEFORE))

    def cut_within(self, times: float = 1, where: Where = everything) -> Fault:
        """The homeserver has done it; the client hears half of its answer."""
        return self._add(Fault(where, times, cut=_Cut.WITHIN))

    def cut_after(self, times: float = 1, where: Where = everything) -> Fault:
        """The homeserver has done it; the client hears nothing."""
        return self._add(Fault(where, times, cut=_Cut.AFTER))

    def clear(self) -> None:
        """End all faults."""
        for fault in self._faults:
            fault.end()
        self._faults.clear()

    def _add(self, fault: Fault) -> Fault:
        self._faults.append(fault)
        return fault

    async def _meet(self, request: web.Request) -> Fault | None:
        decisive = None
        for fault in list(self._faults):
            if fault.left <= 0 or (decisive and not fault.wait):
                continue
            if fault.where(request.method, request.path_qs):
                await fault.strike()
                decisive = decisive if fault.wait else fault
        return decisive

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        fault = await self._meet(request)
        if fault and fault.answer:
            answer = fault.answer()
            self._note(request, None, answer.status)
            return answer
        if fault and fault.cut is _Cut.BEFORE:
            self._note(request, None, None)
            return await _hang_up(request)
        answer = await self._forward(request, body)
        if fault and fault.cut:
            self._note(request, answer.status, None)
            return await _hang_up(request, answer if fault.cut is _Cut.WITHIN else None)
        self._note(request, answer.status, answer.status)
        return answer

    def _note(self, request: web.Request, answered: int | None, told: int | None) -> None:
        self.seen.append(Seen(request.method, request.path_qs, answered, told))

    async def _forward(self, request: web.Request, body: bytes) -> web.Response:
        # as it was written: a room's id comes with its %21 and %3A
        url = URL(self.target + request.raw_path, encoded=True)
        headers = [(name, value) for name, value in request.headers.items() if name.lower() not in _HOP_BY_HOP]
        try:
            async with self._out.request(
                request.method, url, headers=headers, data=io.BytesIO(body) if body else None, allow_redirects=False
            ) as answer:
                kept = [(name, value) for name, value in answer.headers.items() if name.lower() not in _HOP_BY_HOP]
                response = web.Response(status=answer.status, body=await answer.read())
        except aiohttp.ClientError:
            return web.Response(status=502, text="<html>Bad Gateway</html>", content_type="text/html")
        response.headers.clear()
        for name, value in kept:
            response.headers.add(name, value)
        return response


async def _hang_up(request: web.Request, half: web.Response | None = None) -> web.StreamResponse:
    """End the connection under the client, after half of an answer if there is one."""
    transport = request.transport
    if half is not None and isinstance(half.body, bytes):
        started = web.StreamResponse(status=half.status, headers=half.headers)
        started.content_length = len(half.body)
        await started.prepare(request)
        await started.write(half.body[: len(half.body) // 2])
    if transport:
        transport.abort()
    raise asyncio.CancelledError  # nothing more is written
