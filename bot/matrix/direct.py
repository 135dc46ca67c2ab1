"""Direct rooms with people: found where there is one, opened where there is none; nobody else reads them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime

import nio
from sqlalchemy import Engine

from bot.matrix.accounts import Account, Accounts, room_of
from bot.matrix.answers import ask
from bot.platform import AwayError, RefusedError, UnreachableError
from storage import rooms
from storage.session import transaction
from storage.words import Address, Place


class DirectRooms:
    def __init__(self, accounts: Accounts, engine: Engine, clock: Callable[[], datetime]) -> None:
        self._accounts = accounts
        self._engine = engine
        self._clock = clock

    async def room(self, person: Address, place: Place | None) -> tuple[Account, str]:
        """The account that speaks to this person, and the room; raises UnreachableError or AwayError."""
        user = person.removeprefix("matrix:")
        for room in await asyncio.to_thread(self._known, person):
            account = self._accounts.speaker(room)
            if account is not None and await self._alone_with(account, room, user):
                return account, room
        account = self._accounts.for_person(person, place)
        if account is None:
            raise UnreachableError("no account of ours is ready yet")
        return account, await self._open(account, user)

    def _known(self, person: Address) -> list[str]:
        with transaction(self._engine, reading=True) as session:
            return [room_of(Place(room.place)) for room in rooms.direct(session, person)]

    async def _alone_with(self, account: Account, room: str, user: str) -> bool:
        """Nobody else is in it, or asked into it; who has left is asked back."""
        people = account.client.rooms[room].users.keys() - self._accounts.users
        if people == {user}:
            return True
        if people:
            return False
        try:
            await ask(account.client, account.client.room_invite(room, user), nio.RoomInviteResponse)
        except (AwayError, RefusedError):
            return False
        return True

    async def _open(self, account: Account, user: str) -> str:
        preset = nio.RoomPreset.private_chat
        asking = account.client.room_create(is_direct=True, invite=[user], preset=preset)
        room = str((await ask(account.client, asking, nio.RoomCreateResponse)).room_id)
        await asyncio.to_thread(self._keep, account, room, Address(f"matrix:{user}"))
        return room

    def _keep(self, account: Account, room: str, person: Address) -> None:
        place = self._accounts.place(account, room)
        with transaction(self._engine) as session:
            rooms.joined(session, place, account.name, self._clock(), person)
        self._accounts.directs.forget(place)
