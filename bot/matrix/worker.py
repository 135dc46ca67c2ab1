"""Keeps our Matrix accounts at work: lease, sessions, looking and looking again; nothing is understood here."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Engine

from bot.intake import Intake
from bot.lease import Lease
from bot.matrix.accounts import PREFIX, Account, Accounts
from bot.matrix.client import Client
from bot.matrix.courtesy import Courtesy
from bot.matrix.cross_signing import sign_self
from bot.matrix.membership import Membership
from bot.matrix.session import session
from bot.matrix.sync import Listener
from bot.matrix.trouble import AccountError, ForeignIdentityError, LoggedOutError
from bot.metrics import Metrics
from bot.patience import backing_off, unless
from bot.platform import AwayError, RefusedError, UnreachableError
from bot.relay import Relay
from bot.settings import MatrixAccount
from commands.arrival import Arrival
from commands.desk import Desk
from storage import agencies, rooms
from storage.session import UNWRITABLE, transaction
from storage.words import Place

log = logging.getLogger(__name__)


class Worker:
    """All our Matrix accounts."""

    def __init__(
        self,
        settings: Sequence[MatrixAccount],
        accounts: Accounts,
        engine: Engine,
        intake: Intake,
        desk: Desk,
        relay: Relay,
        clock: Callable[[], datetime],
        metrics: Metrics,
    ) -> None:
        self._metrics = metrics
        self._settings = settings
        self._accounts = accounts
        self._engine = engine
        self._intake = intake
        self._desk = desk
        self._relay = relay
        self._clock = clock
        self._lease = Lease(engine, "matrix")

    async def run(self, stop: asyncio.Event) -> None:
        """Until told to stop and the relay has stopped; raises AccountError if an account cannot be used as it is set.

        While another process has the accounts, this one waits for them.
        """
        await self._lease.work(lambda: [self._keep(one, stop) for one in self._settings], stop, self._relay.stopped)

    async def _keep(self, settings: MatrixAccount, stop: asyncio.Event) -> None:
        """Begin anew after whatever breaks a session."""
        delays = backing_off()
        while not stop.is_set():
            try:
                await self._open(settings, stop)
            except (UnreachableError, AwayError, RefusedError) as error:
                log.warning("%s%s: %s", PREFIX, settings.name, error)
            except UNWRITABLE as error:
                log.warning("%s%s: the records do not answer: %s", PREFIX, settings.name, type(error.orig).__name__)
            except AccountError:
                raise
            except Exception:
                log.exception("%s%s begins anew", PREFIX, settings.name)
            await unless(stop, next(delays))
        await asyncio.Event().wait()  # the others may still have letters on their way

    async def _open(self, settings: MatrixAccount, stop: asyncio.Event) -> None:
        async with session(settings) as client:
            await self._sign(client, settings)
            account = Account(settings, client)
            await asyncio.to_thread(self._remember_places, account)
            courtesy = Courtesy(account)

            async def taken(said: Sequence[Arrival]) -> None:
                courtesy.read(said)
                await self._relay.speak()  # a homeserver that thinks about our next look answers slower

            membership = Membership(account, self._accounts, self._engine, self._desk, self._clock)
            listener = Listener(
                account, self._accounts, self._engine, self._intake, membership, self._clock, courtesy.typing, taken
            )
            self._accounts.opened(account)
            self._metrics.connected(account.name)
            try:
                await self._look(listener, account, stop)
                await self._relay.stopped.wait()
            finally:
                self._accounts.closed(account)
                await courtesy.close()

    async def _sign(self, client: Client, settings: MatrixAccount) -> None:
        """Clients leave out a device that its own user has not signed; an identity of somebody else's is not reset."""
        try:
            await sign_self(client, settings)
        except ForeignIdentityError as error:
            log.error("%s", error)  # noqa: TRY400  # where it was raised tells the operator nothing

    async def _look(self, listener: Listener, account: Account, stop: asyncio.Event) -> None:
        """A homeserver that fails for a while keeps its session: only the next look waits."""
        delays = backing_off()
        began = False
        while not stop.is_set():
            looking = asyncio.ensure_future(listener.step() if began else listener.begin())
            try:
                await _first(looking, stop)
            except LoggedOutError:
                raise
            except UnreachableError as error:
                log.warning("%s: %s", account.name, error)
                await unless(stop, next(delays))
            else:
                began, delays = True, backing_off()
                self._metrics.heard(account.name)

    def _remember_places(self, account: Account) -> None:
        """What rooms are called: as they were when a desk was set there, or when we came."""
        with transaction(self._engine, reading=True) as session:
            desks = [Place(desk.place) for desk in agencies.all_desks(session) if desk.place.startswith(PREFIX)]
            self._accounts.remember([*desks, *(Place(one.place) for one in rooms.of_account(session, account.name))])


async def _first(task: asyncio.Future[None], stop: asyncio.Event) -> None:
    """Wait for the task; told to stop, leave it."""
    stopping = asyncio.ensure_future(stop.wait())
    awaited: set[asyncio.Future[Any]] = {task, stopping}
    try:
        await asyncio.wait(awaited, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            task.result()
    finally:
        for left in (task, stopping):
            left.cancel()
        await asyncio.gather(task, stopping, return_exceptions=True)
