"""A strict local Slack for tests, in a thread of its own: real clients talk to it by `url`; it knows nothing of Comity.

`with running() as slack:` gives one. Whatever concerns its people is asked from the outside and waited for; an app in
the same process must run in another thread (`tests.slack.loops`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from aiohttp import web

from tests.slack import files, methods_chat, methods_conversations, methods_people, methods_views, webapi
from tests.slack.acks import Ack
from tests.slack.apps import App, Install, Json
from tests.slack.delivery import RETRIES, Delivery
from tests.slack.doors import Door
from tests.slack.errors import SlackError
from tests.slack.faults import Faults
from tests.slack.hooks import TRIGGER_LIVES, Hooks
from tests.slack.http_events import Http
from tests.slack.journal import Journal
from tests.slack.limits import Limits, Meter
from tests.slack.loops import Loop
from tests.slack.payloads import Payloads
from tests.slack.people import Person
from tests.slack.sockets import Sockets
from tests.slack.stacks import Views
from tests.slack.surfaces import Answer
from tests.slack.world import Channel, Team, World

ACK_WITHIN = 3.0
METHODS = (methods_chat, methods_conversations, methods_people, methods_views, files)
"""Where the methods are; they register themselves."""
_BODY_MAX = 200_000_000


class Slack:
    """All of it. The world stays when it is stopped, and it comes back on the same port."""

    def __init__(
        self,
        *,
        limits: Limits | None = None,
        retries: tuple[float, ...] = RETRIES,
        ack_within: float = ACK_WITHIN,
        trigger_lives: float = TRIGGER_LIVES,
        looking: float = 0.0,
    ) -> None:
        """Nothing runs yet.

        Args:
            limits: on calls of the Web API; Slack's own if not given.
            retries: seconds before each further try to bring an event.
            ack_within: seconds that it waits for an app; Slack's are 3.
            trigger_lives: seconds for which a trigger id opens a view, by the world's clock.
            looking: seconds that it takes to look through an uploaded file, and to share it.
        """
        self.world = World()
        self.world.looking = looking
        self.clock = self.world.clock
        self.journal = Journal()
        self.faults = Faults(self.world)
        self.hooks = Hooks(self.world, trigger_lives)
        self.views = Views(self.world)
        self.payloads = Payloads(self.world, self.hooks, self.views)
        self.sockets = Sockets(self.world, ack_within)
        self.http = Http(ack_within)
        self.delivery = Delivery(self.world, self.sockets, self.http, self.faults, self.journal, retries)
        meter = Meter(limits or Limits(), self.clock.now)
        self._api = webapi.WebApi(
            webapi.Desk(self.world, self.hooks, self.views, self.sockets, meter, self.faults, self.journal)
        )
        self.url = ""
        self._loop = Loop()
        self._door = Door()

    # Who is there.

    def team(self, domain: str) -> Team:
        return self.world.team(domain)

    def person(self, team: Team, name: str, real_name: str | None = None) -> Person:
        return Person(self, self.world.user(team, name, real_name))

    def channel(self, name: str, creator: Person, *members: Person | Install, private: bool = False) -> Channel:
        """Open a channel with these in it; members of other workspaces make it a Slack Connect channel."""
        with self.world.lock:
            users = [
                self.world.users[one.bot_user] if isinstance(one, Install) else one.user for one in (creator, *members)
            ]
            outside = dict.fromkeys(user.team for user in users if user.team != creator.user.team)
            shared_with = tuple(self.world.teams[team] for team in outside)
            channel = self.world.channel(name, creator.user, private=private, shared_with=shared_with)
            channel.members[:] = dict.fromkeys(user.id for user in users)
            return channel

    def app(
        self,
        name: str,
        team: Team,
        *,
        manifest: Json | None = None,
        request_url: str | None = None,
        scopes: set[str] | None = None,
    ) -> Install:
        """Create an app and install it; one with a request URL is reached by HTTP."""
        return self.world.install(self.world.app(name, manifest=manifest, request_url=request_url), team, scopes)

    # What goes out.

    def ask(self, app: App, kind: str, payload: Json) -> Ack:
        """Bring an interaction to an app and wait for its answer."""
        return self._loop.run(self.delivery.ask(app, kind, payload))

    def act(self, install: Install, payload: Json) -> Answer:
        """Bring what somebody did; what the app says in its acknowledgement is of no consequence."""
        ack = self.ask(install.app, "interactive", payload)
        if ack.failure is not None:
            return Answer(error="operation_timeout" if ack.failure == "timeout" else "dispatch_failed")
        return Answer(payload=ack.payload)

    def verifies(self, install: Install) -> bool:
        """Send the challenge to the app's request URL."""
        return self._loop.run(self.http.verify(install.app))

    # The sockets of an app.

    def connected(self, install: Install, count: int = 1, *, within: float = 20.0) -> None:
        """Wait until the app has so many sockets; fails after so many seconds."""
        with self.world.lock:
            there = self.world.until(lambda: len(self.sockets.of(install.app)) == count, within)
            assert there, f"{install.app.name} has {len(self.sockets.of(install.app))} sockets"

    def refresh(self, install: Install, reason: str = "refresh_requested", *, count: int = 1) -> None:
        """Ask the app to replace its oldest socket, as Slack does every few hours, and end it a second later.

        Another reason is `warning`, which comes a little before, or `link_disabled`.
        """
        self._loop.run(self.sockets.disconnect(install.app, reason, count))

    def drop_sockets(self) -> None:
        """End all sockets without a word."""
        self._loop.run(self.sockets.drop())

    def deafen(self, install: Install, *, pongs: bool = True) -> None:
        """The app's sockets stand, and nothing comes any more."""
        self.sockets.deafen(install.app, pongs=pongs)

    def settle(self, *, within: float = 20.0) -> None:
        """Wait until every event has been acknowledged or given up; fails after so many seconds."""
        with self.world.lock:
            there = self.world.until(lambda: self.delivery.pending == 0, within)
            assert there, f"{self.delivery.pending} events are still on their way"

    def until(self, condition: Any, *, within: float = 20.0) -> None:
        """Wait until a condition on anything in the world or the journal holds; fails after so many seconds."""
        with self.world.lock:
            assert self.world.until(condition, within), f"not within {within:g} s"

    # Its running.

    def start(self) -> None:
        self._loop.run(self._start())

    def stop(self) -> None:
        """As an outage: connections end, new ones are refused, nothing is forgotten but what was on its way."""
        self._loop.run(self._stop())

    async def _start(self) -> None:
        app = web.Application(client_max_size=_BODY_MAX, middlewares=[self._refusing])
        door = files.FileDoor(self.world, self.faults)
        app.router.add_route("*", "/api/{method}", self._api.handle)
        app.router.add_get("/link/", self.sockets.handle)
        app.router.add_post("/actions/{team}/{hook}", self._respond)
        app.router.add_post("/upload/v1/{file}", door.upload)
        app.router.add_get("/files-pri/{ref}/download/{name}", door.download)
        app.router.add_get("/files-pri/{ref}/{name}", door.download)
        base = await self._door.open(app)
        self.url = f"{base}/api/"
        self.hooks.base = self.world.file_base = base
        self.sockets.base = f"ws://127.0.0.1:{self._door.port}"
        await self.http.start()
        self.delivery.loop = self._loop.loop

    async def _stop(self) -> None:
        self.delivery.stop()
        await self.sockets.drop()
        await self._door.close()
        await self.http.stop()

    @web.middleware
    async def _refusing(self, request: web.Request, handler: Any) -> web.StreamResponse:
        if self.faults.refusing:
            return self.faults.hang_up(request)
        answer: web.StreamResponse = await handler(request)
        return answer

    async def _respond(self, request: web.Request) -> web.Response:
        """https://docs.slack.dev/interactivity/handling-user-interaction#message_responses"""
        name, refusal = request.match_info["hook"], None
        fault = await self.faults.meet("response_url")
        if fault is not None and fault.answer is not None:
            return fault.answer()
        if fault is not None and fault.cut_before:
            self.faults.hang_up(request)
        try:
            payload = json.loads(await request.text())
            self.hooks.respond(name, payload)
        except ValueError:
            payload, refusal = {}, "invalid_payload"
        except SlackError as error:
            refusal = error.code
        with self.world.lock:
            self.journal.responses.append((name, payload, refusal or "ok"))
            self.world.changed()
        if fault is not None:
            self.faults.hang_up(request)
        if refusal in {"used_url", "expired_url"}:
            return web.json_response({"ok": False, "error": refusal}, status=404)
        return web.Response(text=refusal or "ok", status=400 if refusal else 200)


@contextmanager
def running(**settings: Any) -> Iterator[Slack]:
    """A Slack that answers, and is gone afterwards; the settings are those of `Slack`."""
    slack = Slack(**settings)
    with slack._loop:
        slack.start()
        try:
            yield slack
        finally:
            slack.stop()
