"""What the terminal asks of the house, one thing after another; no failure of the house ends the terminal."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.local.clock import RunningClock
    from bot.local.house import Completer, House
    from bot.local.trouble import Trouble
    from commands.arrival import Arrival
    from storage.words import Address, Place

_NOT_TAKEN = "Comity could not take that. It is kept, and taken at the next start"
_NOT_DUE = "What is due could not be done. It is tried again within a minute"
_NOT_COMPLETED = "Nothing can be completed now: write it in full"


class Turns:
    def __init__(self, house: House, completer: Completer, clock: RunningClock, trouble: Trouble) -> None:
        self._house = house
        self._completer = completer
        self._clock = clock
        self._trouble = trouble
        self._turn = asyncio.Lock()

    async def take(self, arrival: Arrival) -> None:
        """In the order in which these are called, as a lock keeps it."""
        async with self._turn:
            with self._trouble.instead_of_ending(_NOT_TAKEN):
                await self._house.take(arrival, self._clock.now())

    async def perform_due(self) -> None:
        async with self._turn:
            with self._trouble.instead_of_ending(_NOT_DUE):
                now = self._clock.now()
                await self._house.tick(now)
                self._house.rooms.move(now)

    async def complete(self, line: str, person: Address, place: Place) -> list[str]:
        """Out of turn: it changes nothing, and nobody who types waits for what the house is doing."""
        with self._trouble.instead_of_ending(_NOT_COMPLETED):
            return await self._completer.complete(line, person, place)
        return []
