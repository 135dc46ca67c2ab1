"""Sends our letters in Slack while the lease is ours; what each app does then is its station's business."""

from __future__ import annotations

import asyncio

from bot.slack.station import House
from storage import outbox
from storage.session import transaction


async def work(house: House, stop: asyncio.Event) -> None:
    """Until told to stop and nothing is on its way any more; while another process works, wait for it."""
    await house.lease.work(lambda: [_send(house)], stop, house.idle)


async def _send(house: House) -> None:
    """Letters are ours to send for as long as this lasts; of those before it, nobody knows which went out."""
    house.sender.doubt(await asyncio.to_thread(_last_letter, house))
    house.sender.may_send = True
    try:
        await asyncio.Event().wait()
    finally:
        house.sender.may_send = False


def _last_letter(house: House) -> int:
    with transaction(house.engine, reading=True) as session:
        return outbox.last(session)
