"""Hears what is said in an account's rooms: what a look at the homeserver brought is committed with its token.

matrix-nio's own loop and callbacks are not used: they move the token on before anything is kept.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime

import nio
from sqlalchemy import Engine

from bot.intake import Intake
from bot.matrix import crypto, events, history
from bot.matrix.accounts import Account, Accounts
from bot.matrix.answers import ask
from bot.matrix.events import Event
from bot.matrix.locked import Locked, late
from bot.matrix.membership import Membership
from bot.matrix.trouble import AnswerError
from bot.patience import backing_off
from bot.platform import UnreachableError
from commands.arrival import Arrival, message_key, read_arrival
from storage import accounts as account_rows
from storage import arrivals, rooms, threads
from storage.session import transaction
from storage.words import Place

log = logging.getLogger(__name__)

WAIT_MS = 30_000
"""How long the homeserver may think about an answer while nothing happens, in milliseconds."""

BEGAN_MS = (time.time() - 5) * 1000
"""When this process began, as homeservers tell the time; their clocks may be a little late."""

FIRST_WITHIN = 300.0
"""Seconds that the homeserver may take to tell all about all rooms."""

SHORT_MS = 2_000
"""The same while a message waits for its key."""

FILTER = {
    "presence": {"types": []},
    "account_data": {"types": []},
    "room": {"timeline": {"limit": history.PAGE}, "ephemeral": {"types": []}, "account_data": {"types": []}},
}


class Listener:
    """One account's ear."""

    def __init__(
        self,
        account: Account,
        accounts: Accounts,
        engine: Engine,
        intake: Intake,
        membership: Membership,
        clock: Callable[[], datetime],
        working: Callable[[Sequence[Arrival]], AbstractAsyncContextManager[None]],
        taken: Callable[[Sequence[Arrival]], Awaitable[None]],
    ) -> None:
        """`working` surrounds what is done with arrivals; `taken` is told what was committed, before the next look."""
        self._account = account
        self._accounts = accounts
        self._engine = engine
        self._intake = intake
        self._membership = membership
        self._clock = clock
        self._working = working
        self._taken = taken
        self._cursor: str | None = None
        self._locked = Locked(account.client)

    async def begin(self) -> None:
        """Learn what the rooms are, and finish what an earlier process had accepted; raises UnreachableError."""
        self._cursor = await asyncio.to_thread(self._read_cursor)
        looking = self._account.client.sync(sync_filter=FILTER, since=self._cursor, full_state=True)
        looking = asyncio.wait_for(looking, FIRST_WITHIN)  # nio sets no limit to a look at the full state
        response = await ask(self._account.client, looking, nio.SyncResponse)
        if self._cursor is None:
            # Nothing was ever heard: what was said before this process began is not for us.
            await asyncio.to_thread(self._begin_after, response)
        for arrival in await asyncio.to_thread(self._unperformed):
            await self._intake.take(arrival, self._clock())
        await self._take(response)

    async def step(self) -> None:
        """One look; raises UnreachableError if the homeserver does not answer, and then nothing has changed."""
        # After a failure the same is asked again, and nio decrypts nothing of an answer that it takes for known.
        self._account.client.next_batch = self._cursor
        wait = SHORT_MS if self._locked else WAIT_MS
        looking = self._account.client.sync(wait, sync_filter=FILTER, since=self._cursor)
        await self._take(await ask(self._account.client, looking, nio.SyncResponse))

    async def _take(self, response: nio.SyncResponse) -> None:
        for event in response.to_device_events:
            if (refused := crypto.withheld(event)) is not None:
                log.error(
                    "%s: a key is withheld from us in %s: %s", self._account.name, refused.room_id, refused.reason
                )
        news = await self._membership.mind(response) or not self._account.looked
        found: list[Arrival] = []
        for room_id, info in response.rooms.join.items():
            room = self._account.client.rooms.get(room_id)
            if room is None or self._accounts.speaker(room_id) is not self._account:
                continue  # another account of ours hears there
            place = self._accounts.place(self._account, room_id)
            said = await history.since_known(
                self._account, room_id, info.timeline, self._known_of, place, self._accounts.users
            )
            others = (event for event in said if event.get("sender") not in self._accounts.users)
            heard = [event for event in others if events.is_taken(event)]
            if heard:
                came = await self._arrivals(room, heard)
                self._locked.keep(room_id, came, heard)
                found += came
        # last, since what is asked of the homeserver may fail, and then the same is looked at again
        found = await self._unlock() + found
        if found or news:
            await self._commit(found, response.next_batch)
        # Else it brought our own words: to hear them once more after a restart is cheaper than a commit for each.
        self._cursor = response.next_batch
        self._account.looked = True
        if found or news:
            await self._taken(found)
        try:
            await crypto.maintain(self._account.client)
        except (UnreachableError, AnswerError) as error:
            log.warning("%s: keys wait: %s", self._account.name, error)

    async def _unlock(self) -> list[Arrival]:
        """What can be read only now, and what can be made of the rest."""
        opened = self._locked.opened()
        settled = self._locked.settled(opened)
        for room_id, said in opened.items():
            if (room := self._account.client.rooms.get(room_id)) is not None:
                settled += await self._arrivals(room, said)
        return settled

    async def _commit(self, found: Sequence[Arrival], cursor: str) -> None:
        async with self._working(found):
            if not await self._intake.take_batch(found, self._account.name, cursor, self._clock()):
                # matrix-nio does not look twice at the same answer: it must be kept before another is asked for.
                await self._insist(found, cursor)

    async def _insist(self, found: Sequence[Arrival], cursor: str) -> None:
        """Wait for the records: the homeserver keeps it all, so nothing is lost and nobody is told to type again."""
        for delay in backing_off():
            await asyncio.sleep(delay)
            if await self._intake.take_batch(found, self._account.name, cursor, self._clock()):
                return

    async def _known_of(self, keys: Sequence[str]) -> Mapping[str, str | None]:
        return await asyncio.to_thread(self._known, keys)

    def _read_cursor(self) -> str | None:
        with transaction(self._engine, reading=True) as session:
            return account_rows.cursor(session, self._account.name)

    def _known(self, keys: Sequence[str]) -> dict[str, str | None]:
        with transaction(self._engine, reading=True) as session:
            return arrivals.known(session, keys)

    def _unperformed(self) -> list[Arrival]:
        with transaction(self._engine, reading=True) as session:
            return [late(read_arrival(payload)) for payload in arrivals.unperformed(session, f"{self._account.name}/")]

    def _begin_after(self, response: nio.SyncResponse) -> None:
        now = self._clock()
        with transaction(self._engine) as session:
            for room_id, info in response.rooms.join.items():
                place = self._accounts.place(self._account, room_id)
                # Where we came by an invitation that we kept, our joining is the beginning: an earlier first look may
                # have failed after it.
                if rooms.invitation_to(session, place) is not None:
                    continue
                before = [event for event in info.timeline.events if event.server_timestamp < BEGAN_MS]
                if before:
                    number = str(before[-1].source["event_id"])
                    arrivals.begin_after(session, message_key(place, number), place, number, now)
                del info.timeline.events[: len(before)]
                info.timeline.limited = False

    async def _arrivals(self, room: nio.MatrixRoom, said: Sequence[Event]) -> list[Arrival]:
        place = self._accounts.place(self._account, room.room_id)
        answered = {target for event in said if (target := events.answered(event)) is not None}
        roots: dict[str, str] = {}
        directs = self._accounts.directs
        direct_with, version = directs.known.get(place, ""), directs.version
        if answered or place not in directs.known:
            direct_with, roots = await asyncio.to_thread(self._look_up, place, answered)
            directs.learn(place, direct_with, version)
        seat = self._accounts.seat(self._account, room, direct_with.removeprefix("matrix:"), roots)
        return [arrival for event in said if (arrival := events.read(event, seat)) is not None]

    def _look_up(self, place: Place, answered: Collection[str]) -> tuple[str, dict[str, str]]:
        """Whom the room is direct with, and the roots above those of our messages that someone answered."""
        with transaction(self._engine, reading=True) as session:
            known = rooms.get(session, place)
            roots = {target: root for target in answered if (root := threads.root_of(session, place, target))}
            return (known.direct_with or "") if known is not None else "", roots
