"""Our accounts on homeservers, as this process holds them: which rooms each sits in, and who speaks in a room."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import nio

from bot.matrix.client import Client
from bot.matrix.events import Seat
from bot.settings import MatrixAccount
from storage.words import Address, Place

PREFIX = "matrix:"


@dataclass(eq=False)
class Account:
    """One account with its open client. `client.rooms` is what the last sync knew."""

    settings: MatrixAccount
    client: Client
    looked: bool = False
    """A sync has told which rooms it sits in."""

    @property
    def name(self) -> str:
        """`matrix:NAME`."""
        return f"{PREFIX}{self.settings.name}"

    @property
    def user(self) -> str:
        return self.settings.user_id

    def sits_in(self, room: str) -> bool:
        return room in self.client.rooms


class Directs:
    """With whom our rooms are direct, as the tables have it ("": with nobody): asked once, not for each message."""

    def __init__(self) -> None:
        self.known: dict[Place, str] = {}
        self.version = 0

    def learn(self, place: Place, direct_with: str, version: int) -> None:
        """What was read when that was the version; if something has changed since, it is not believed."""
        if version == self.version:
            self.known[place] = direct_with

    def forget(self, place: Place) -> None:
        """It has changed in the tables."""
        self.version += 1
        self.known.pop(place, None)


class Accounts:
    """All accounts of the settings, in their order; those that this process holds are open."""

    def __init__(self, settings: Sequence[MatrixAccount]) -> None:
        self.users = frozenset(one.user_id for one in settings)
        self._order = [one.name for one in settings]
        self._open: dict[str, Account] = {}
        self._places: dict[str, Place] = {}
        self.directs = Directs()

    def opened(self, account: Account) -> None:
        self._open[account.settings.name] = account

    def closed(self, account: Account) -> None:
        self._open.pop(account.settings.name, None)

    @property
    def open(self) -> list[Account]:
        return [self._open[name] for name in self._order if name in self._open]

    def remember(self, places: Iterable[Place]) -> None:
        """What rooms are called; the first name that a room was given stays."""
        for place in places:
            self._places.setdefault(room_of(place), place)

    def place(self, account: Account, room: str) -> Place:
        """What the room is called: several of our accounts in it are in one place."""
        return self._places.setdefault(room, Place(f"{account.name}/{room}"))

    def speaker(self, room: str) -> Account | None:
        """The first account that sits in the room: it hears and speaks there."""
        return next((account for account in self.open if account.sits_in(room)), None)

    def for_person(self, person: Address, place: Place | None) -> Account | None:
        """Who writes to a person first: who speaks where they are, else the account of their own homeserver."""
        near = self.speaker(room_of(place)) if place else None
        server = person.rpartition(":")[2]
        own = next((account for account in self.open if account.user.partition(":")[2] == server), None)
        return near or own or next(iter(self.open), None)

    def seat(self, account: Account, room: nio.MatrixRoom, direct_with: str, roots: Mapping[str, str]) -> Seat:
        """What is known of the room now; `direct_with` is a user id, "" if it is no direct room."""
        others = tuple(sorted(user for user in room.users if user not in self.users))
        return Seat(
            place=self.place(account, room.room_id),
            ours=self.users,
            names=(account.user, account.user.partition(":")[0], room.user_name(account.user) or ""),
            direct=bool(direct_with) and set(others) <= {direct_with},
            muted=not may_write(room, account.user),
            public=is_public(room),
            members=tuple(user for user in others if user in room.users and not room.users[user].invited),
            roots=roots,
        )


def room_of(place: Place) -> str:
    """The room's own id."""
    return place.partition("/")[2]


def is_public(room: nio.MatrixRoom) -> bool:
    """Whether others than its members read it."""
    return bool(room.join_rule == "public" or room.history_visibility == "world_readable")


def may_write(room: nio.MatrixRoom, user: str) -> bool:
    """Whether the room's power levels let this user send messages; a room's creators may always (room version 12)."""
    return bool(room.power_levels.can_user_send_message(user))
