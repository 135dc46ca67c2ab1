"""A calendar of 2,000 requests, from a client's question to its last byte, beside the same page from memory."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import aiohttp
from aiohttp import web
from sqlalchemy import Engine, text

from bench import postgresql
from bench.turns import Round, Series
from bench.world import OWN, STEADY, World
from bot.calendar import routes
from bot.local.script import START
from storage import feeds
from storage.session import connect, transaction

SECRET = "of-a-database-that-is-gone-in-a-minute"  # noqa: S105
LOOPBACK = "127.0.0.1"

WHOLE, SAME, FLOOR = "all of it", "unchanged", "from memory"

# What World leaves out: the event that led to each state; then all of one agency's requests are open.
_EVENTS = """
INSERT INTO event (case_id, request_id, number, tag, step, state, agency_id, officer_id, at)
SELECT case_id, id, number + 1, 'request:acknowledged', 'ack', 'acknowledged', asked_id, asked_id, sent_at
FROM request WHERE asking_id = :viewer OR asked_id = :viewer"""
_OPENED = """
UPDATE request SET state = 'acknowledged', number = number + 1 WHERE asking_id = :viewer OR asked_id = :viewer"""


@dataclass(frozen=True)
class Read:
    stored: int
    events: int
    size: int
    """Bytes."""
    series: dict[str, Series]


def on_sqlite(stored: int, turns: int) -> Read:
    with TemporaryDirectory(prefix="comity-bench-") as folder:
        return _read(f"sqlite:///{Path(folder) / 'comity.db'}", stored, turns)


def on_postgresql(server: postgresql.Server, stored: int, turns: int) -> Read:
    return _read(server.create("calendar"), stored, turns)


def _read(url: str, stored: int, turns: int) -> Read:
    engine = connect(url)
    try:
        World(engine, START).grow(stored)
        with transaction(engine) as session:
            for statement in (_EVENTS, _OPENED):
                session.connection().execute(text(statement), {"viewer": STEADY})
            feeds.make(session, (STEADY, STEADY), hashlib.sha256(SECRET.encode()).hexdigest(), START)
        with asyncio.Runner() as runner:
            return runner.run(_measured(engine, stored, turns))
    finally:
        engine.dispose()


async def _measured(engine: Engine, stored: int, turns: int) -> Read:
    address = f"/calendar/{SECRET}.ics"
    kept: list[bytes] = []

    async def floor(_request: web.Request) -> web.Response:
        return web.Response(body=kept[0], content_type="text/calendar")

    async with _client([*routes(engine, lambda: START), web.get("/floor", floor)]) as client:
        async with client.get(address) as answer:
            kept.append(await answer.read())
            tag = answer.headers["ETag"]
        events = kept[0].count(b"BEGIN:VEVENT")
        if answer.status != 200 or events != 2 * OWN:
            raise RuntimeError(f"{answer.status}, {events} events")
        series: dict[str, Series] = {name: Series() for name in (WHOLE, SAME, FLOOR)}
        for number in range(turns + 1):
            for name, path, headers in (
                (WHOLE, address, {}),
                (SAME, address, {"If-None-Match": tag}),
                (FLOOR, "/floor", {}),
            ):
                took = await _took(client, path, headers)
                if number:
                    series[name].rounds.append(Round(took, [took]))
    return Read(stored, events, len(kept[0]), series)


async def _took(client: aiohttp.ClientSession, path: str, headers: dict[str, str]) -> float:
    began = perf_counter()
    async with client.get(path, headers=headers) as answer:
        await answer.read()
    return perf_counter() - began


@asynccontextmanager
async def _client(served: list[web.RouteDef]) -> AsyncIterator[aiohttp.ClientSession]:
    app = web.Application()
    app.add_routes(served)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        site = web.TCPSite(runner, LOOPBACK, 0)
        await site.start()
        async with aiohttp.ClientSession(f"http://{LOOPBACK}:{runner.addresses[0][1]}") as client:
            yield client
    finally:
        await runner.cleanup()
