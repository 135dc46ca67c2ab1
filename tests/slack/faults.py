"""What goes wrong on purpose between Slack and an app; by itself nothing does."""

from __future__ import annotations

import asyncio
import math
import random
from collections.abc import Callable
from dataclasses import dataclass

from aiohttp import web

from tests.slack.apps import App, Json
from tests.slack.world import World

Which = Callable[[Json], bool]
"""Whether a fault is meant for an event's payload."""


def every(_payload: Json) -> bool:
    return True


@dataclass(eq=False)
class Fault:
    """One that was asked for, until its times are used up or it is ended."""

    world: World
    method: str
    left: float
    answer: Callable[[], web.Response] | None = None
    cut_before: bool = False
    delay: float | None = None
    hits: int = 0

    def end(self) -> None:
        self.left = 0

    def happened(self, times: int = 1, *, within: float = 20.0) -> None:
        """Wait until it has befallen so many calls; fails after so many seconds."""
        with self.world.lock:
            assert self.world.until(lambda: self.hits >= times, within), f"{self.method}: {self.hits} hits"


@dataclass(eq=False)
class EventFault:
    """What befalls events on their way; `held` are kept back until they are let go."""

    which: Which
    left: float
    does: str
    held: list[tuple[App, Json]]


class Faults:
    """`slack.faults.cut_after("chat.postMessage")`; a method of "*" is every method."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._calls: list[Fault] = []
        self._events: list[EventFault] = []
        self.refusing = False

    def cut_before(self, method: str, times: float = 1) -> Fault:
        """The connection is reset before anything was done."""
        return self._add(Fault(self._world, method, times, cut_before=True))

    def cut_after(self, method: str, times: float = 1) -> Fault:
        """It is done; the app sees a reset connection."""
        return self._add(Fault(self._world, method, times))

    def fail(
        self,
        method: str,
        times: float = 1,
        *,
        status: int = 500,
        body: str = '{"ok":false,"error":"internal_error"}',
        content_type: str = "application/json",
        retry_after: int | None = None,
    ) -> Fault:
        """An answer in Slack's place, and nothing is done."""
        headers = {} if retry_after is None else {"Retry-After": str(retry_after)}

        def answer() -> web.Response:
            return web.Response(status=status, text=body, content_type=content_type, headers=headers)

        return self._add(Fault(self._world, method, times, answer=answer))

    def unavailable(self, method: str, times: float = 1) -> Fault:
        """503 with a page of HTML."""
        page = "<!DOCTYPE html><html><body>Slack is having a moment</body></html>"
        return self.fail(method, times, status=503, body=page, content_type="text/html")

    def ratelimit(self, method: str, times: float = 1, *, retry_after: int = 1) -> Fault:
        """429, asking for so many seconds."""
        body = '{"ok":false,"error":"ratelimited"}'
        return self.fail(method, times, status=429, body=body, retry_after=retry_after)

    def delay(self, method: str, seconds: float, times: float = math.inf) -> Fault:
        """Each call waits so long before it is done."""
        return self._add(Fault(self._world, method, times, delay=seconds))

    def lose(self, times: float = 1, which: Which = every) -> EventFault:
        """Events never come, and are not tried again."""
        return self._add_event("lose", times, which)

    def duplicate(self, times: float = 1, which: Which = every) -> EventFault:
        """Events come twice, with one id and no sign of a retry."""
        return self._add_event("duplicate", times, which)

    def hold(self, times: float = math.inf, which: Which = every) -> EventFault:
        """Events are kept back until `let_go`."""
        return self._add_event("hold", times, which)

    def let_go(self, fault: EventFault, *, order: Callable[[list[Json]], list[Json]] | None = None) -> None:
        """Send what was held, backwards unless an order is given; later ones pass."""
        with self._world.lock:
            fault.left = 0
            held, fault.held = fault.held, []
            by_id = {payload["event_id"]: (app, payload) for app, payload in held}
            payloads = [payload for _app, payload in held]
            for payload in order(payloads) if order else payloads[::-1]:
                self._world.deliver(*by_id[payload["event_id"]])

    def shuffled(self, seed: int) -> Callable[[list[Json]], list[Json]]:
        """An order for `let_go` that is the same for one seed."""
        return lambda payloads: random.Random(seed).sample(payloads, len(payloads))  # noqa: S311

    def clear(self) -> None:
        """End all faults; what was held is lost."""
        with self._world.lock:
            for fault in self._calls:
                fault.end()
            self._calls.clear()
            self._events.clear()
            self.refusing = False

    async def meet(self, method: str) -> Fault | None:
        """The fault that a call meets, after all delays that are meant for it."""
        met: Fault | None = None
        for fault in list(self._calls):
            if fault.left <= 0 or fault.method not in {method, "*"} or (met and fault.delay is None):
                continue
            with self._world.lock:
                fault.left -= 1
                fault.hits += 1
                self._world.changed()
            if fault.delay is None:
                met = fault
            else:
                await asyncio.sleep(fault.delay)
        return met

    def befall(self, app: App, payload: Json) -> int:
        """How often an event is to be sent now: 0, 1 or 2 times."""
        for fault in self._events:
            if fault.left <= 0 or not fault.which(payload):
                continue
            fault.left -= 1
            if fault.does == "hold":
                fault.held.append((app, payload))
            return 2 if fault.does == "duplicate" else 0
        return 1

    def hang_up(self, request: web.Request) -> web.StreamResponse:
        """End the connection under the client."""
        if request.transport:
            request.transport.abort()
        raise asyncio.CancelledError  # nothing more is written

    def _add(self, fault: Fault) -> Fault:
        with self._world.lock:
            self._calls.append(fault)
        return fault

    def _add_event(self, does: str, times: float, which: Which) -> EventFault:
        fault = EventFault(which, times, does, [])
        with self._world.lock:
            self._events.append(fault)
        return fault
