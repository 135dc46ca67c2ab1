"""One of our apps at work: it is met, it listens, its sockets are watched, and what was missed is made good."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import aiohttp
from slack_bolt.async_app import AsyncApp
from sqlalchemy import Engine

from bot.intake import Intake
from bot.lease import Lease
from bot.metrics import Metrics
from bot.patience import backing_off, either, unless
from bot.platform import AwayError, Delivery, RefusedError, UnreachableError
from bot.relay import Relay
from bot.settings import SlackAccount
from bot.slack.accounts import Account, Accounts, meet
from bot.slack.apps import Listeners
from bot.slack.catching_up import CatchingUp
from bot.slack.dialogs import Dialogs
from bot.slack.hearing import Hearing
from bot.slack.home import Home
from bot.slack.hooks import Hooks
from bot.slack.missed import Missed
from bot.slack.sending import Slack
from bot.slack.sockets import Sockets
from bot.slack.wire import TIMEOUT, Client, RightError, TokenError, client, read
from commands import hosting
from commands.message import Message
from storage import agencies, outbox, rooms
from storage.accounts import LEASE
from storage.session import UNWRITABLE, transaction
from storage.words import Address, Place

log = logging.getLogger(__name__)

Json = dict[str, Any]

_QUIET = logging.getLogger("bot.slack.bolt")
_QUIET.setLevel(logging.CRITICAL + 1)  # bolt's words quote what it was brought; ours say what became of it

PROBE = 60.0
"""Seconds between two looks whether Slack takes the token: nothing else need say so.

Less than what is looked back at after a gap (missed.LATE): what was said before anybody noticed is found then.
"""

STOOD = 60.0
"""Seconds after which an app that breaks had been at work: it begins anew at once."""


@dataclass(frozen=True)
class House:
    """What every station works with."""

    engine: Engine
    intake: Intake
    relay: Relay
    clock: Callable[[], datetime]
    accounts: Accounts
    hooks: Hooks
    sender: Slack
    metrics: Metrics
    lease: Lease
    idle: asyncio.Event
    """Nothing is on its way any more."""
    rehearsal: bool


class Station:
    """One app; `bolt` is there once Slack has said who it is."""

    def __init__(self, settings: SlackAccount, house: House) -> None:
        self.settings = settings
        self._house = house
        self.bolt: AsyncApp | None = None
        self._account: Account | None = None
        self._home: Home | None = None
        self._moving = asyncio.Lock()
        self._came: dict[str, float] = {}
        self._went: dict[str, float] = {}
        """When we came into a channel, and out of it, last: by Slack's clock."""

    @property
    def name(self) -> str:
        return f"slack:{self.settings.name}"

    async def keep(self, stop: asyncio.Event) -> None:
        """Begin anew after whatever breaks it, until told to stop and nothing is on its way any more."""
        delays = backing_off()
        while not stop.is_set():
            began = time.monotonic()
            try:
                await self._open(stop)
            except* TokenError as several:
                log.warning("%s: %s", self.name, _first(several))
                self._house.accounts.refused(self.settings.name, f"{self.name}: {_first(several)}")
                await self._house.relay.speak()
            except* (UnreachableError, AwayError, RefusedError) as several:
                log.warning("%s: %s", self.name, _first(several))
            except* UNWRITABLE as several:
                log.warning("%s: the records do not answer: %s", self.name, type(_first(several)).__name__)
            except* Exception:
                log.exception("%s begins anew", self.name)
            if time.monotonic() - began > STOOD:
                delays = backing_off()
            await unless(stop, next(delays))

    async def _open(self, stop: asyncio.Event) -> None:
        house = self._house
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=TIMEOUT)) as session:
            web = client(self.settings.bot_token, self.settings.api_url, session)
            account = self._account = await meet(self.settings, web)
            await asyncio.to_thread(self._remember_places)
            hearing = Hearing(account, house.accounts, house.engine, house.intake, house.hooks, house.clock)
            listeners = Listeners(hearing, Dialogs(account, house.accounts, house.engine), self)
            bolt = self._bolt(web)
            listeners.on(bolt)
            self._home = Home(account, house.engine, house.clock, rehearsal=house.rehearsal)
            house.hooks.use(session)
            house.accounts.opened(account)
            house.metrics.connected(self.name)
            if self.settings.app_token is None:
                # our address is open before the lease is ours: what is brought now may follow on what we missed
                hearing.turns.fall_behind(None)
            self.bolt = bolt
            try:
                async with asyncio.TaskGroup() as group:
                    group.create_task(_until_refused(web, stop))
                    group.create_task(self._home.refresh(stop))
                    group.create_task(self._work(bolt, account, hearing, stop))
                await house.idle.wait()
            finally:
                self.bolt = self._home = None
                house.accounts.closed(account)
                await listeners.close()

    def _bolt(self, web: Client) -> AsyncApp:
        secret = self.settings.signing_secret
        return AsyncApp(
            client=web,
            logger=_QUIET,
            signing_secret=secret or "",
            request_verification_enabled=secret is not None,
            process_before_response=True,
            # what nobody needs, and each request would pass through
            ssl_check_enabled=False,
            ignoring_self_assistant_message_events_enabled=False,
            attaching_function_token_enabled=False,
            attaching_conversation_kwargs_enabled=False,
        )

    async def _work(self, bolt: AsyncApp, account: Account, hearing: Hearing, stop: asyncio.Event) -> None:
        """Listen through sockets, and look for what was missed, while the lease is ours."""
        lease = self._house.lease
        try:
            async with asyncio.timeout(LEASE.total_seconds()):
                await either(lease.ours, stop)
        except TimeoutError:
            hearing.turns.let_pass()  # another process lives, and catches up
        while not stop.is_set():
            await either(lease.ours, stop)
            if stop.is_set():
                return
            working = asyncio.ensure_future(self._listen(bolt, account, hearing, stop))
            try:
                await either(working, lease.theirs)
                if working.done():
                    working.result()
            finally:
                working.cancel()
                await asyncio.gather(working, return_exceptions=True)

    async def _listen(self, bolt: AsyncApp, account: Account, hearing: Hearing, stop: asyncio.Event) -> None:
        house, token = self._house, self.settings.app_token
        catching_up = CatchingUp(account, house.accounts, house.engine, hearing)
        missed = Missed(self.name, house.engine, hearing.turns, catching_up, sockets=token is not None)
        async with missed.watched(), asyncio.TaskGroup() as group:
            silent_for: Callable[[], float] = float
            if token is not None:
                sockets = Sockets(
                    bolt, token, self.name, heard=lambda: house.metrics.heard(self.name),
                    broken=lambda: self._lose(missed), whole=missed.whole,
                )  # fmt: skip
                silent_for = sockets.silent_for
                group.create_task(sockets.run(stop))
            group.create_task(missed.run(stop, silent_for, house.relay.speak))

    def _lose(self, missed: Missed) -> None:
        missed.broken()
        self._house.metrics.reconnected(self.name)

    # What the listeners tell besides

    def heard(self, kind: str) -> None:  # noqa: ARG002  # whatever it was, the app was reached
        self._house.metrics.heard(self.name)

    async def spoken(self) -> None:
        await self._house.relay.speak()

    async def home(self, person: Address, user: str) -> None:
        if self._home is not None:
            await self._home.opened(person, user)

    async def tell(self, person: Address, place: Place | None, message: Message) -> None:
        """By the door, past the outbox: the records do not answer."""
        with suppress(UnreachableError, AwayError, RefusedError):
            await self._house.sender.deliver(Delivery(None, place, person, None, None, None, message))

    async def membership(self, kind: str, event: Json) -> None:
        account, channel = self._account, event.get("channel")
        number = str(channel.get("id") if isinstance(channel, dict) else channel)
        if account is None:
            return
        if kind in {"app_uninstalled", "tokens_revoked"}:
            log.error("%s: Slack says %s", self.name, kind)
            with suppress(UnreachableError, AwayError, RefusedError):
                await read(account.client, "auth.test")  # it may be another token
            return
        ours = event.get("user") == account.identity.user
        if kind.startswith("member_") and not ours:
            return
        account.sits.pop(number, None)
        place, said = self._house.accounts.place(account, number), float(event.get("event_ts") or 0)
        async with self._moving:
            if kind == "member_joined_channel":
                await asyncio.to_thread(self._arrived, place, greet=True)
                self._came[number] = said
            elif kind.endswith("_unarchive"):
                await asyncio.to_thread(self._arrived, place, greet=False)
            elif kind.endswith("_left") or kind == "member_left_channel":
                # two events tell of it, and the sockets may have brought first that we are back
                back, known = said < self._came.get(number, 0.0), said <= self._went.get(number, 0.0)
                if not (back and known):
                    await asyncio.to_thread(self._left, place)
                    self._went[number] = said
                    if back:
                        await asyncio.to_thread(self._arrived, place, greet=True)
        await self._house.relay.speak()

    def _arrived(self, place: Place, *, greet: bool) -> None:
        """We may write there again, or for the first time: what waited goes out."""
        now = self._house.clock()
        with transaction(self._house.engine) as session:
            room = rooms.get(session, place)
            away = room.left_at if room is not None else None
            if greet and rooms.joined(session, place, self.name, now):
                hosting.arrived(session, place, direct=False, former=None, now=now, away=away)
            outbox.resume(session, place)

    def _left(self, place: Place) -> None:
        now = self._house.clock()
        with transaction(self._house.engine) as session:
            rooms.joined(session, place, self.name, now)  # where we sat before we were told, nobody kept
            rooms.left(session, place, now)

    def _remember_places(self) -> None:
        """What channels are called: as they were when a desk was set there."""
        with transaction(self._house.engine, reading=True) as session:
            desks = (Place(desk.place) for desk in agencies.all_desks(session))
            self._house.accounts.remember(place for place in desks if place.startswith("slack:"))


async def _until_refused(web: Client, stop: asyncio.Event) -> None:
    """Raises TokenError once Slack takes the token no more: all begins anew when it does again."""
    while not stop.is_set():
        with suppress(TimeoutError):
            async with asyncio.timeout(PROBE):
                await either(web.refused, stop)
        web.refused.clear()
        if not stop.is_set():
            with suppress(UnreachableError, RightError, RefusedError):
                await read(web, "auth.test")


def _first(several: BaseExceptionGroup[Any]) -> BaseException:
    """The first error of a group of groups."""
    error: BaseException = several
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
