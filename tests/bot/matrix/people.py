"""People at their Matrix clients, for tests: they log in, meet, say and read; what is no success fails the test."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TypeVar

import nio
import pytest

PASSWORD = "secret"  # noqa: S105

Expected = TypeVar("Expected")


def must(answer: object, kind: type[Expected]) -> Expected:
    """The answer of nio, which returns its errors."""
    assert isinstance(answer, kind), answer
    return answer


@asynccontextmanager
async def logged_in(url: str, user: str, password: str = PASSWORD) -> AsyncIterator[nio.AsyncClient]:
    """A client that gives up rather than try for ever."""
    client = nio.AsyncClient(url, user, config=nio.AsyncClientConfig(max_timeouts=1, max_limit_exceeded=0))
    try:
        must(await client.login(password), nio.LoginResponse)
        yield client
    finally:
        await client.close()


async def found(client: nio.AsyncClient, *guests: nio.AsyncClient) -> str:
    """A private room of the client's, where the guests have come in."""
    room = must(await client.room_create(invite=[guest.user_id for guest in guests]), nio.RoomCreateResponse)
    for guest in guests:
        must(await guest.join(room.room_id), nio.JoinResponse)
    return str(room.room_id)


async def invited(guest: nio.AsyncClient, room: str) -> None:
    """Wait for an invitation to come, perhaps from another homeserver; fails after a minute."""
    since: str | None = None
    async with asyncio.timeout(60):
        while True:
            news = must(await guest.sync(timeout=1000, since=since), nio.SyncResponse)
            if room in news.rooms.invite:
                return
            since = news.next_batch


async def say(client: nio.AsyncClient, room: str, text: str, transaction: str | None = None) -> str:
    """Returns the id of the event."""
    content = {"msgtype": "m.text", "body": text}
    answer = await client.room_send(room, "m.room.message", content, tx_id=transaction)
    return str(must(answer, nio.RoomSendResponse).event_id)


async def read(client: nio.AsyncClient, room: str) -> list[str]:
    """All that was said in a room, oldest first.

    Read backwards: only so does a homeserver fetch from another what it does not have yet.
    """
    said: list[str] = []
    end = ""
    while True:
        answer = await client.room_messages(room, start=end, direction=nio.MessageDirection.back, limit=100)
        page = must(answer, nio.RoomMessagesResponse)
        said += [event.body for event in page.chunk if isinstance(event, nio.RoomMessageText | nio.RoomMessageNotice)]
        if not page.end:
            return said[::-1]
        end = page.end


async def until_read(client: nio.AsyncClient, room: str, expected: list[str], *, within: float = 60) -> None:
    """Wait until exactly that is to be read, at each news of the homeserver; fails after so many seconds."""
    since: str | None = None
    try:
        async with asyncio.timeout(within):
            while (there := await read(client, room)) != expected:
                since = must(await client.sync(timeout=1000, since=since), nio.SyncResponse).next_batch
    except TimeoutError:
        pytest.fail(f"after {within:g} s there is {there}")
