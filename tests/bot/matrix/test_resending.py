"""What a resend does to a real homeserver, when the answer to the first was lost on its way."""

from __future__ import annotations

from collections.abc import AsyncIterator

import nio
import pytest

from tests import proxy
from tests.bot.matrix.people import PASSWORD, found, logged_in, must, read, say
from tests.proxy import Proxy
from tests.synapse import Synapse


@pytest.fixture
async def between(homeserver: Synapse) -> AsyncIterator[Proxy]:
    async with Proxy(homeserver.url) as running:
        yield running


@pytest.fixture
async def client(homeserver: Synapse, between: Proxy, request: pytest.FixtureRequest) -> AsyncIterator[nio.AsyncClient]:
    name = request.node.name.removeprefix("test_").replace("_", "-")
    async with logged_in(between.url, homeserver.register(name, PASSWORD)) as client:
        yield client


async def test_nio_itself_sends_again_and_nothing_doubles(between: Proxy, client: nio.AsyncClient) -> None:
    room = await found(client)
    between.cut_after(2, proxy.sends)
    event = await say(client, room, "Once", "t1")
    assert event
    assert await read(client, room) == ["Once"]
    assert [one.told for one in between.seen if proxy.sends(one.method, one.path)] == [None, None, 200]


async def test_one_transaction_is_one_event(between: Proxy, client: nio.AsyncClient) -> None:
    room = await found(client)
    first = await say(client, room, "Once", "t1")
    assert await say(client, room, "Once", "t1") == first
    assert await read(client, room) == ["Once"]
    assert await say(client, room, "Once", "t2") != first
    assert await read(client, room) == ["Once", "Once"]
    assert all(one.told == one.answered for one in between.seen)


async def test_limited_is_told_to_the_caller(between: Proxy, client: nio.AsyncClient) -> None:
    room = await found(client)
    between.limit(1, proxy.sends, retry_after=0.5)
    answer = await client.room_send(room, "m.room.message", {"msgtype": "m.text", "body": "Soon"}, tx_id="t1")
    assert must(answer, nio.RoomSendError).retry_after_ms == 500
    await say(client, room, "Soon", "t1")
    assert await read(client, room) == ["Soon"]
