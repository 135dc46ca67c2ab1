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
from slack_sdk.web.async_client import AsyncWebClient
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
from bot.slack.sending import Slack
from bot.slack.sockets import Sockets
from bot.slack.wire import TIMEOUT, client
from commands import hosting
from commands.message import Message
from storage import accounts as account_rows
from storage import agencies, outbox, rooms
from storage.session import UNWRITABLE, transaction
from storage.words import Address, Place

log = logging.getLogger(__name__)

Json = dict[str, Any]

_QUIET = logging.getLogger("bot.slack.bolt")
_QUIET.setLevel(logging.CRITICAL + 1)  # bolt's words quote what it was brought; ours say what became of it

NOTE = 10.0
"""Seconds after which it is noted that nothing was missed so far."""
LATE = 30.0
"""Seconds that an event may be on its way to us."""
LOOK_AGAIN = 300.0
"""Seconds between two looks at what was said, where no socket tells whether events were lost: HTTP mode."""


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
        self._gap = asyncio.Event()
        self._lossless = False

    @property
    def name(self) -> str:
        return f"slack:{self.settings.name}"

    async def keep(self, stop: asyncio.Event) -> None:
        """Begin anew after whatever breaks it, until told to stop and nothing is on its way any more."""
        delays = backing_off()
        while not stop.is_set():
            try:
                await self._open(stop)
            except (UnreachableError, AwayError, RefusedError) as error:
                log.warning("%s: %s", self.name, error)
            except UNWRITABLE as error:
                log.warning("%s: the records do not answer: %s", self.name, type(error.orig).__name__)
            except Exception:
                log.exception("%s begins anew", self.name)
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
            self.bolt = bolt
            try:
                async with asyncio.TaskGroup() as group:
                    group.create_task(self._home.refresh(stop))
                    group.create_task(self._work(bolt, account, hearing, stop))
                await house.idle.wait()
            finally:
                self.bolt = self._home = None
                house.accounts.closed(account)
                await listeners.close()

    def _bolt(self, web: AsyncWebClient) -> AsyncApp:
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
        catching_up = CatchingUp(account, self._house.accounts, self._house.engine, hearing)
        await hearing.fall_behind(None)
        async with asyncio.TaskGroup() as group:
            group.create_task(self._never_miss(hearing, catching_up, stop))
            if self.settings.app_token is not None:
                sockets = Sockets(
                    bolt, self.settings.app_token, self.name,
                    heard=lambda: self._house.metrics.heard(self.name), broken=self._lose, whole=self._gap.set,
                )  # fmt: skip
                group.create_task(sockets.run(stop))
            else:
                self._gap.set()

    # What was missed

    def _lose(self) -> None:
        log.warning("%s: no socket stands", self.name)
        self._lossless = False
        self._house.metrics.reconnected(self.name)

    async def _never_miss(self, hearing: Hearing, catching_up: CatchingUp, stop: asyncio.Event) -> None:
        """Catch up whenever the sockets stand again, and note while they do that nothing was missed.

        In HTTP mode nothing tells whether events were lost: then it is looked for now and again.
        """
        self._lossless, looked = False, 0.0
        while not stop.is_set():
            if self._gap.is_set():
                self._gap.clear()
                self._lossless, looked, began = True, time.monotonic(), time.time()
                if await self._catch_up(hearing, catching_up, stop):
                    await asyncio.to_thread(self._note, began - LATE)
            elif self.settings.app_token is None:
                if time.monotonic() - looked > LOOK_AGAIN:
                    self._gap.set()
                    continue
            elif self._lossless:
                await asyncio.to_thread(self._note, time.time() - LATE)
            with suppress(TimeoutError):
                async with asyncio.timeout(NOTE):
                    await either(self._gap, stop)

    async def _catch_up(self, hearing: Hearing, catching_up: CatchingUp, stop: asyncio.Event) -> bool:
        """True once all is known that was said; who has never listened has missed nothing."""
        moment = await asyncio.to_thread(self._heard_until)
        delays = backing_off()
        while not stop.is_set():
            try:
                if moment is not None:
                    await catching_up.since(moment)
            except (UnreachableError, AwayError, *UNWRITABLE) as error:
                log.warning("%s cannot catch up yet: %s", self.name, type(error).__name__)
                await unless(stop, next(delays))
            else:
                await hearing.fall_behind(())
                await self._house.relay.speak()
                return True
        return False

    def _heard_until(self) -> float | None:
        with transaction(self._house.engine, reading=True) as session:
            noted = account_rows.cursor(session, self.name)
        return float(noted) if noted else None

    def _note(self, moment: float) -> None:
        """All before this moment was brought to us, by the clock on the wall: Slack's messages are numbered by it."""
        with suppress(*UNWRITABLE), transaction(self._house.engine) as session:
            account_rows.move(session, self.name, f"{moment:.6f}")

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
        if account is None or kind in {"app_uninstalled", "tokens_revoked"}:
            log.error("%s: Slack says %s", self.name, kind)
            return
        ours = event.get("user") == account.identity.user
        if kind.startswith("member_") and not ours:
            return
        account.sits.pop(number, None)
        if kind == "member_joined_channel":
            await asyncio.to_thread(self._arrived, self._house.accounts.place(account, number), greet=True)
        elif kind.endswith("_unarchive"):
            await asyncio.to_thread(self._arrived, self._house.accounts.place(account, number), greet=False)
        await self._house.relay.speak()

    def _arrived(self, place: Place, *, greet: bool) -> None:
        """We may write there again, or for the first time: what waited goes out."""
        now = self._house.clock()
        with transaction(self._house.engine) as session:
            if greet and rooms.joined(session, place, self.name, now):
                hosting.arrived(session, place, direct=False, former=None, now=now)
            outbox.resume(session, place)

    def _remember_places(self) -> None:
        """What channels are called: as they were when a desk was set there."""
        with transaction(self._house.engine, reading=True) as session:
            desks = (Place(desk.place) for desk in agencies.all_desks(session))
            self._house.accounts.remember(place for place in desks if place.startswith("slack:"))
