"""Events and interactions on their way to apps: by which carrier, how often, and what became of each."""

from __future__ import annotations

import asyncio

from tests.slack.acks import Ack, Carrier, Retry
from tests.slack.apps import App, Json
from tests.slack.faults import Faults
from tests.slack.http_events import Http
from tests.slack.journal import Journal, Outcome, Sent
from tests.slack.sockets import Sockets
from tests.slack.world import World

RETRIES = (0.0, 0.2, 1.0)
"""Seconds between tries; Slack's are at once, 1 minute and 5 minutes."""
_REASONS = {"timeout": "http_timeout", "http_error": "http_error", "connection_failed": "connection_failed"}
_SOCKET_REASONS = {"timeout": "timeout"}


class Delivery:
    """`event` may be called from any thread, all else belongs to the server's loop."""

    def __init__(
        self, world: World, sockets: Sockets, http: Http, faults: Faults, journal: Journal, retries: tuple[float, ...]
    ) -> None:
        self._world = world
        self._sockets = sockets
        self._http = http
        self._faults = faults
        self._journal = journal
        self._retries = retries
        self._tasks: set[asyncio.Task[None]] = set()
        self.pending = 0
        self.loop: asyncio.AbstractEventLoop | None = None
        world.deliver = self.event

    def event(self, app: App, payload: Json) -> None:
        """Bring an event, in the order in which this was called."""
        with self._world.lock:
            times = self._faults.befall(app, payload)
            if times == 0 or self.loop is None:
                self._note(app, "events_api", payload, 0, "dropped" if times == 0 else "lost")
                return
            for _ in range(times):
                self.pending += 1
                self.loop.call_soon_threadsafe(self._begin, app, payload)

    async def ask(self, app: App, kind: str, payload: Json) -> Ack:
        """Bring an interaction or a slash command, once, and return what the app answers in time."""
        sent = self._note(app, kind, payload, 0)
        ack = await self._carrier(app).carry(app, kind, payload, None)
        self._settle(app, sent, ack)
        return ack

    def stop(self) -> None:
        """What has not been brought by now is lost."""
        for task in self._tasks:
            task.cancel()
        self.loop = None

    def _carrier(self, app: App) -> Carrier:
        return self._http if app.request_url else self._sockets

    def _begin(self, app: App, payload: Json) -> None:
        task = asyncio.create_task(self._bring(app, payload))
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        with self._world.lock:
            self.pending -= 1
            self._world.changed()

    async def _bring(self, app: App, payload: Json) -> None:
        retry: Retry | None = None
        for number, wait in enumerate((None, *self._retries)):
            if wait is not None:
                await asyncio.sleep(wait)
            sent = self._note(app, "events_api", payload, number)
            ack = await self._carrier(app).carry(app, "events_api", payload, retry)
            self._settle(app, sent, ack)
            if ack.failure in {None, "no_socket"} or not ack.again:
                return
            reasons = _REASONS if app.request_url else _SOCKET_REASONS
            retry = Retry(number + 1, reasons.get(str(ack.failure), str(ack.failure)))

    def _note(self, app: App, kind: str, payload: Json, retry: int, outcome: Outcome = "sent") -> Sent:
        with self._world.lock:
            sent = Sent(app.id, kind, payload, retry, self._world.clock.now(), outcome)
            self._journal.sent.append(sent)
            self._world.changed()
            return sent

    def _settle(self, app: App, sent: Sent, ack: Ack) -> None:
        with self._world.lock:
            if ack.failure == "timeout" and app.request_url:
                self._world.breach(f"{app.name} did not answer {sent.kind} in time")
            if ack.failure is None:
                sent.outcome = "acknowledged"
            elif ack.failure == "no_socket":
                sent.outcome = "lost"
            else:
                sent.outcome = "timeout" if ack.failure == "timeout" else "failed"
            self._world.changed()
