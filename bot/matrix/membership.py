"""Where our account sits: invitations, joining, leaving, upgrades; who may bring us where is commands' business."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime, timedelta

import nio
from sqlalchemy import Engine
from sqlmodel import Session

from bot.matrix.accounts import Account, Accounts, room_of
from bot.matrix.answers import ask
from bot.matrix.events import Event, address
from bot.platform import AwayError, RefusedError
from commands import hosting
from commands.desk import Desk
from storage import outbox, rooms
from storage.session import transaction
from storage.words import Address, Place

log = logging.getLogger(__name__)

LEAVE_EVERY = timedelta(hours=1)


class Membership:
    """One account's."""

    def __init__(
        self, account: Account, accounts: Accounts, engine: Engine, desk: Desk, clock: Callable[[], datetime]
    ) -> None:
        self._account = account
        self._accounts = accounts
        self._engine = engine
        self._desk = desk
        self._clock = clock
        self._swept: datetime | None = None
        self._sure: frozenset[str] = frozenset()
        """Rooms that the tables had as ours when they were last read."""

    async def mind(self, response: nio.SyncResponse) -> bool:
        """Keep what a sync says of our rooms, and act on it; before anything that was said there is taken.

        False if it says nothing new of them.
        """
        for room_id in response.rooms.leave:
            self._account.client.rooms.pop(room_id, None)
        changed = bool(response.rooms.leave or response.rooms.invite or set(response.rooms.join) - self._sure)
        if changed:
            await asyncio.to_thread(self._keep, response)
        for replacement in self._replacements(response):
            await self._join(replacement)
        if response.rooms.invite or self._swept is None:
            await self._answer_invitations()
        await self._leave_unused()
        return changed

    def _keep(self, response: nio.SyncResponse) -> None:
        changed = {*response.rooms.leave, *response.rooms.invite}
        self._sure = frozenset(room_of(Place(place)) for place in self._sitting()) - changed
        unknown = set(response.rooms.join) - self._sure
        if not changed and not unknown:
            return
        with transaction(self._engine) as session:
            now = self._clock()
            for room_id in response.rooms.leave:
                if self._accounts.speaker(room_id) is None:
                    rooms.left(session, self._accounts.place(self._account, room_id), now)
            undone = {one.place for one in rooms.open_invitations(session, self._account.name)}
            for room_id, info in response.rooms.invite.items():
                invitation = _invitation(info.invite_state, self._account.user)
                place = self._accounts.place(self._account, room_id)
                if invitation is not None and place not in undone:  # else the look before could not finish
                    inviter, direct = invitation
                    allowed = inviter.partition(":")[2] in self._account.settings.allow
                    hosting.invited(
                        session, self._desk, self._account.name, place, address(inviter), now,
                        direct=direct, allowed=allowed, replaces=room_id in self._known_replacements(),
                    )  # fmt: skip
            for room_id in sorted(unknown):
                place = self._accounts.place(self._account, room_id)
                made = _creation(response.rooms.join[room_id])
                ours = made.get("sender") == self._account.user  # then it is a direct room
                direct_with = self._direct_with(session, room_id, ours=ours)
                new = rooms.joined(session, place, self._account.name, now, direct_with)
                if new and not ours:
                    former = self._former(made)
                    hosting.arrived(session, place, direct=direct_with is not None, former=former, now=now)
                outbox.resume(session, place)
        for room_id in unknown:
            self._accounts.directs.forget(self._accounts.place(self._account, room_id))

    def _sitting(self) -> list[str]:
        with transaction(self._engine, reading=True) as session:
            return [room.place for room in rooms.of_account(session, self._account.name)]

    def _known_replacements(self) -> set[str]:
        return {room.replacement_room for room in self._account.client.rooms.values() if room.replacement_room}

    def _replacements(self, response: nio.SyncResponse) -> set[str]:
        """Rooms that took the place of ours and that we do not sit in."""
        seen = (
            event.replacement_room
            for info in response.rooms.join.values()
            for event in (*info.state, *info.timeline.events)
            if isinstance(event, nio.RoomUpgradeEvent)
        )
        return {room for room in seen if not self._account.sits_in(room)}

    def _former(self, made: Event) -> Place | None:
        """The room that this one replaces."""
        former = made.get("content", {}).get("predecessor", {}).get("room_id")
        return self._accounts.place(self._account, former) if former else None

    def _direct_with(self, session: Session, room_id: str, *, ours: bool) -> Address | None:
        """The only other person in a room that they invited us into to talk alone, or that we opened for them."""
        others = [user for user in self._account.client.rooms[room_id].users if user not in self._accounts.users]
        if len(others) != 1:
            return None
        if ours:
            return address(others[0])
        invitation = rooms.invitation_to(session, self._accounts.place(self._account, room_id))
        alone = invitation is not None and invitation.direct and invitation.address == address(others[0])
        return address(others[0]) if alone else None

    async def _answer_invitations(self) -> None:
        for number, room, accepted in await asyncio.to_thread(self._open_invitations):
            if accepted:
                done = await self._join(room)
            else:
                done = await self._leave(room)
            if done:
                await asyncio.to_thread(self._done, number)

    def _open_invitations(self) -> list[tuple[int, str, bool]]:
        with transaction(self._engine, reading=True) as session:
            found = rooms.open_invitations(session, self._account.name)
            return [(one.id or 0, room_of(Place(one.place)), one.accepted) for one in found]

    def _done(self, number: int) -> None:
        with transaction(self._engine) as session:
            rooms.invitation_done(session, number, self._clock())

    async def _join(self, room: str) -> bool:
        """True if it is settled: joined, or never to be."""
        try:
            await ask(self._account.client, self._account.client.join(room), nio.JoinResponse)
        except (AwayError, RefusedError) as error:
            log.warning("an invitation came to nothing: %s", error)
        return True

    async def _leave(self, room: str) -> bool:
        try:
            await ask(self._account.client, self._account.client.room_leave(room), nio.RoomLeaveResponse)
        except (AwayError, RefusedError) as error:
            log.warning("a room could not be left: %s", error)
        return True

    async def _leave_unused(self) -> None:
        now = self._clock()
        if self._swept is not None and now - self._swept < LEAVE_EVERY:
            return
        self._swept = now
        for place in await asyncio.to_thread(self._unused, now):
            await self._leave(room_of(place))

    def _unused(self, now: datetime) -> list[Place]:
        with transaction(self._engine, reading=True) as session:
            return rooms.unused(session, self._account.name, now)


def _creation(info: nio.RoomInfo) -> Event:
    """The event that made the room, which comes with the first sync of it."""
    found = (event.source for event in (*info.state, *info.timeline.events))
    return next((source for source in found if source.get("type") == "m.room.create"), {})


def _invitation(state: list[object], user: str) -> tuple[str, bool] | None:
    """Who invites us, and whether to talk with them alone."""
    for event in state:
        if isinstance(event, nio.InviteMemberEvent) and event.state_key == user and event.membership == "invite":
            return str(event.sender), bool(event.content.get("is_direct"))
    return None
