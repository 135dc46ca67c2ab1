"""A bare matrix-nio bot as people write one, a process of its own: the floor of Comity's figures in Matrix rooms.

It answers each message with one message in the room, handles what comes at once at the same time, and keeps nothing.
"""

from __future__ import annotations

import asyncio
import signal
import sys
from contextlib import suppress
from pathlib import Path

import nio

FILTER = {"room": {"timeline": {"limit": 100}}}


async def echo(url: str, user: str, token: str, since: str | None) -> str:
    """Until SIGTERM; takes and gives the cursor that leads from one start to the next."""
    client = nio.AsyncClient(url, user, config=nio.AsyncClientConfig(encryption_enabled=False))
    client.user_id, client.access_token = user, token
    answering: set[asyncio.Task[None]] = set()

    async def answer(room: str, text: str) -> None:
        await client.room_send(room, "m.room.message", {"msgtype": "m.text", "body": text})

    async def heard(room: nio.MatrixRoom, event: nio.RoomMessageText) -> None:
        if event.sender != user:
            task = asyncio.create_task(answer(room.room_id, event.body))
            answering.add(task)
            task.add_done_callback(answering.discard)

    client.add_event_callback(heard, nio.RoomMessageText)
    looking = asyncio.ensure_future(client.sync_forever(30_000, sync_filter=FILTER, since=since))
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, looking.cancel)
    with suppress(asyncio.CancelledError):
        await looking
    await client.close()
    return str(client.next_batch)


if __name__ == "__main__":
    kept = Path(sys.argv[4])
    since = kept.read_text() if kept.exists() else None
    kept.write_text(asyncio.run(echo(sys.argv[1], sys.argv[2], sys.argv[3], since)))
