"""The proxy does to an exchange what is asked of it, and nothing else."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp import web
from yarl import URL

from tests import proxy
from tests.proxy import Proxy, Seen, once_only


class Counter:
    """A server that says what it heard, and counts."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    async def answer(self, request: web.Request) -> web.Response:
        body = await request.text()
        self.heard.append(f"{request.method} {request.raw_path} {body}")
        headers = {"X-Asked": request.headers.get("Authorization", "nobody")}
        return web.Response(status=201, text=f"heard {body}", headers=headers)


@pytest.fixture
async def counter() -> AsyncIterator[tuple[Counter, str]]:
    server = Counter()
    app = web.Application(client_max_size=10_000_000)
    app.router.add_route("*", "/{path:.*}", server.answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0]
    yield server, f"http://{host}:{port}"
    await runner.cleanup()


@pytest.fixture
def server(counter: tuple[Counter, str]) -> Counter:
    return counter[0]


@pytest.fixture
async def between(counter: tuple[Counter, str]) -> AsyncIterator[Proxy]:
    async with Proxy(counter[1]) as running:
        yield running


@pytest.fixture
async def client(between: Proxy) -> AsyncIterator[aiohttp.ClientSession]:
    async with once_only(aiohttp.ClientSession(between.url)) as session:
        yield session


async def test_without_a_fault_all_comes_through(
    server: Counter, between: Proxy, client: aiohttp.ClientSession
) -> None:
    path = "/_matrix/client/v3/rooms/%21a%3Ab/send/m.room.message/1?x=%2F"
    url = URL(between.url + path, encoded=True)
    async with client.put(url, data="é", headers={"Authorization": "Bearer ana"}) as answer:
        assert (answer.status, await answer.text(), answer.headers["X-Asked"]) == (201, "heard é", "Bearer ana")
    assert server.heard == [f"PUT {path} é"]
    assert [one[2:] for one in between.seen] == [(201, 201)]


async def test_what_is_large_comes_through(between: Proxy, client: aiohttp.ClientSession) -> None:
    async with client.post("/_matrix/media/v3/upload", data=io.BytesIO(b"x" * 5_000_000)) as answer:
        assert len(await answer.text()) == 5_000_006
    assert between.seen == [Seen("POST", "/_matrix/media/v3/upload", 201, 201)]


async def test_limited_says_when_to_come_back(server: Counter, between: Proxy, client: aiohttp.ClientSession) -> None:
    between.limit(2, retry_after=1.5)
    for _ in range(2):
        async with client.get("/") as answer:
            assert answer.status == 429
            assert answer.headers["Retry-After"] == "2"
            assert (await answer.json())["retry_after_ms"] == 1500
    async with client.get("/") as answer:
        assert answer.status == 201
    assert server.heard == ["GET / "]


@pytest.mark.parametrize(("header", "body"), [(True, False), (False, True)])
async def test_limited_says_it_in_one_of_two_ways(
    between: Proxy, client: aiohttp.ClientSession, header: bool, body: bool
) -> None:
    between.limit(1, in_header=header, in_body=body)
    async with client.get("/") as answer:
        assert ("Retry-After" in answer.headers) is header
        assert ("retry_after_ms" in await answer.json()) is body


async def test_an_error_comes_in_the_servers_place(
    server: Counter, between: Proxy, client: aiohttp.ClientSession
) -> None:
    between.fail(1)
    between.fail(1, status=503, body="<html>", content_type="text/html")
    async with client.get("/") as first, client.get("/") as second:
        assert (first.status, second.status) == (500, 503)
        assert await second.text() == "<html>"
    assert server.heard == []
    assert [one.told for one in between.seen] == [500, 503]


async def test_cut_before_the_server_hears_nothing(
    server: Counter, between: Proxy, client: aiohttp.ClientSession
) -> None:
    between.cut_before()
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await client.put("/1")
    assert server.heard == []
    assert between.seen == [Seen("PUT", "/1", None, None)]


async def test_cut_after_the_server_has_heard(server: Counter, between: Proxy, client: aiohttp.ClientSession) -> None:
    between.cut_after()
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await client.put("/1")
    assert server.heard == ["PUT /1 "]
    assert between.seen == [Seen("PUT", "/1", 201, None)]


async def test_cut_within_the_client_hears_half(server: Counter, between: Proxy, client: aiohttp.ClientSession) -> None:
    between.cut_within()
    async with client.put("/1", data="x" * 1000) as answer:
        assert answer.status == 201
        with pytest.raises(aiohttp.ClientPayloadError):
            await answer.read()
    assert len(server.heard) == 1


async def test_a_fault_is_for_some_and_for_so_many(
    server: Counter, between: Proxy, client: aiohttp.ClientSession
) -> None:
    fault = between.fail(2, proxy.syncs)
    paths = ["/_matrix/client/v3/sync?since=1", "/_matrix/client/v3/rooms/a/messages"] * 3
    told = []
    for path in paths:
        async with client.get(path) as answer:
            told.append(answer.status)
    assert told == [500, 201, 500, 201, 201, 201]
    assert fault.hits == 2
    assert len(server.heard) == 4


async def test_one_that_is_held_goes_on_when_let(
    server: Counter, between: Proxy, client: aiohttp.ClientSession
) -> None:
    held = between.hold()
    asking = asyncio.ensure_future(client.get("/"))
    await held.happened()
    assert server.heard == []
    held.end()
    async with await asking as answer:
        assert answer.status == 201


async def test_what_waits_may_fail_too(server: Counter, between: Proxy, client: aiohttp.ClientSession) -> None:
    slow = between.delay(0.01)
    between.cut_after()
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await client.get("/")
    assert slow.hits == 1
    between.clear()
    async with client.get("/") as answer:
        assert answer.status == 201
    assert slow.hits == 1
    assert len(server.heard) == 2


async def test_who_hangs_up_takes_the_call_along(
    server: Counter, between: Proxy, client: aiohttp.ClientSession
) -> None:
    held = between.hold(times=1)
    asking = asyncio.ensure_future(client.get("/"))
    await held.happened()
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    async with client.get("/2"):
        held.end()
    async with client.get("/3"):
        assert server.heard == ["GET /2 ", "GET /3 "]


async def test_a_client_that_sends_again_by_itself_shows(server: Counter, between: Proxy) -> None:
    between.cut_after()
    async with aiohttp.ClientSession(between.url) as client, client.put("/1") as answer:
        assert answer.status == 201
    assert server.heard == ["PUT /1 ", "PUT /1 "]
    assert between.seen == [Seen("PUT", "/1", 201, None), Seen("PUT", "/1", 201, 201)]


async def test_no_server_is_a_bad_gateway() -> None:
    async with (
        Proxy("http://127.0.0.1:1") as between,
        aiohttp.ClientSession(between.url) as client,
        client.get("/") as answer,
    ):
        assert answer.status == 502


@pytest.mark.parametrize(
    ("where", "method", "path"),
    [
        (proxy.sends, "PUT", "/_matrix/client/v3/rooms/%21a/send/m.room.message/1"),
        (proxy.sends, "PUT", "/_matrix/client/v3/rooms/%21a/redact/%24b/1"),
        (proxy.syncs, "GET", "/_matrix/client/v3/sync?timeout=0"),
        (proxy.pages, "GET", "/_matrix/client/v3/rooms/%21a/messages?dir=b"),
        (proxy.uploads, "POST", "/_matrix/media/v3/upload?filename=a"),
        (proxy.downloads, "GET", "/_matrix/client/v1/media/download/localhost/abc"),
    ],
)
def test_what_is_what(where: proxy.Where, method: str, path: str) -> None:
    every = (proxy.sends, proxy.syncs, proxy.pages, proxy.uploads, proxy.downloads)
    assert [one for one in every if one(method, path)] == [where]
