"""People at their Matrix clients, for tests: they log in, meet, say and read; what is no success fails the test."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TypeVar

import nio

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


async def say(client: nio.AsyncClient, room: str, text: str, transaction: str | None = None) -> str:
    """Returns the id of the event."""
    content = {"msgtype": "m.text", "body": text}
    answer = await client.room_send(room, "m.room.message", content, tx_id=transaction)
    return str(must(answer, nio.RoomSendResponse).event_id)


async def read(client: nio.AsyncClient, room: str) -> list[str]:
    """All that was said in a room, oldest first."""
    answer = await client.room_messages(room, direction=nio.MessageDirection.front, limit=1000)
    chunk = must(answer, nio.RoomMessagesResponse).chunk
    return [event.body for event in chunk if isinstance(event, nio.RoomMessageText)]
