"""Keeps our Slack apps at work under one lease; what each does is its station's business."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from bot.lease import Lease
from bot.slack.station import House, Station
from storage import outbox
from storage.session import transaction


class Worker:
    """All our apps in this process."""

    def __init__(self, stations: Sequence[Station], house: House) -> None:
        self._stations = stations
        self._house = house
        self._lease = Lease(house.engine, "slack")

    async def run(self, stop: asyncio.Event) -> None:
        """Listen and deliver until told to stop and the relay has stopped; while another process does, wait."""
        await self._lease.work(
            lambda: [self._send(), *(one.keep(stop, working=True) for one in self._stations)],
            stop,
            self._house.relay.stopped,
        )

    async def _send(self) -> None:
        """Letters are ours to send for as long as this lasts; of those before it, nobody knows which went out."""
        self._house.sender.doubt(await asyncio.to_thread(self._last_letter))
        self._house.sender.may_send = True
        try:
            await asyncio.Event().wait()
        finally:
            self._house.sender.may_send = False

    def _last_letter(self) -> int:
        with transaction(self._house.engine, reading=True) as session:
            return outbox.last(session)
