"""A real slack-bolt app in a thread of its own, reached by sockets or by HTTP, for the tests of this server."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from typing import Any

from aiohttp import web
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_sdk.web.async_client import AsyncWebClient

from tests.slack.apps import Install
from tests.slack.doors import Door
from tests.slack.loops import Loop
from tests.slack.server import Slack

logging.getLogger("tests.slack.bots").setLevel(logging.CRITICAL)
SILENT = logging.getLogger("tests.slack.bots")
"""Bolt reports each failing listener; here they fail on purpose."""

Build = Callable[[AsyncApp], None]


def client(slack: Slack, install: Install) -> AsyncWebClient:
    """That repeats nothing by itself."""
    return AsyncWebClient(token=install.token, base_url=slack.url, retry_handlers=[], logger=SILENT)


def bolt(slack: Slack, install: Install, build: Build) -> AsyncApp:
    """An app that acknowledges when its listener is done."""
    app = AsyncApp(
        client=client(slack, install),
        signing_secret=install.app.signing_secret,
        process_before_response=True,
        logger=SILENT,
    )
    build(app)
    return app


@asynccontextmanager
async def _sockets(app: AsyncApp, install: Install, count: int) -> AsyncIterator[None]:
    handlers: list[Any] = [AsyncSocketModeHandler(app, install.app.app_token, ping_interval=0.2) for _ in range(count)]
    try:
        for handler in handlers:
            await handler.connect_async()
        yield
    finally:
        for handler in handlers:
            await handler.close_async()


@asynccontextmanager
async def _http(app: AsyncApp, install: Install, _count: int) -> AsyncIterator[None]:
    async def answer(request: web.Request) -> web.Response:
        headers: dict[str, Any] = dict(request.headers)
        done = await app.async_dispatch(AsyncBoltRequest(body=await request.text(), headers=headers))
        told = {name: value for name, values in done.headers.items() for value in values}
        return web.Response(status=done.status, text=done.body, headers=told)

    web_app = web.Application()
    web_app.router.add_post("/slack/events", answer)
    door = Door()
    install.app.request_url = f"{await door.open(web_app)}/slack/events"
    try:
        yield
    finally:
        await door.close()


@contextmanager
def bot(slack: Slack, install: Install, build: Build, *, sockets: int = 1, http: bool = False) -> Iterator[AsyncApp]:
    """Runs until the end of the block."""
    with Loop() as loop:

        async def begin() -> tuple[AsyncApp, AbstractAsyncContextManager[None]]:
            app = bolt(slack, install, build)
            way = (_http if http else _sockets)(app, install, sockets)
            await way.__aenter__()
            return app, way

        async def end(way: AbstractAsyncContextManager[None]) -> None:
            with contextlib.suppress(ConnectionError):
                await way.__aexit__(None, None, None)

        app, way = loop.run(begin())
        if not http:
            slack.connected(install, sockets)  # the app believes so a little before
        try:
            yield app
        finally:
            loop.run(end(way))
