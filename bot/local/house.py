"""What scripts and the terminal need of Comity itself; they are given it, and nothing here builds it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from datetime import datetime

    from bot.local.rooms import Rooms
    from commands.arrival import Arrival
    from commands.message import Message
    from storage.words import Address, Place


class House(Protocol):
    @property
    def rooms(self) -> Rooms: ...

    async def take(self, arrival: Arrival, now: datetime) -> None:
        """Perform it, acknowledge it to the rooms once it is committed, and deliver all letters that are due."""
        ...

    async def operate(self, line: str, now: datetime) -> Message:
        """Perform one command as the operator and deliver all letters that are due; the reply, refusals too."""
        ...

    async def tick(self, now: datetime) -> None:
        """Perform each due moment up to now, in order, and tell the rooms of each before its letters go out."""
        ...


class Completer(Protocol):
    async def complete(self, line: str, person: Address, place: Place) -> list[str]:
        """The whole lines that this one may become, best first; none where nothing is known."""
        ...
