"""Comity's HTTP, as clients and processes of its own see it."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web
from sqlalchemy import Engine

from bot.health import Health, watched
from bot.local.script import START
from bot.metrics import Metrics
from bot.settings import Settings, read
from bot.web import bind, serve
from storage import accounts, outbox
from storage.session import transaction
from storage.tables import LetterKind
from storage.words import Place
from tests.bot.figures import Clock, Page
from tests.synapse import LOOPBACK, ROOT, free_port

SECOND = timedelta(seconds=1)
HOME = Place("matrix:HOME/!room:ftc.example")

PATIENCE = 20
"""Seconds after which what never comes is missed: many more than it takes."""


def environment(engine: Engine, port: int) -> dict[str, str]:
    url = engine.url.set(drivername=engine.url.get_backend_name()).render_as_string(hide_password=False)
    return {"COMITY_DATABASE_URL": url, "COMITY_WEB_HOST": LOOPBACK, "COMITY_WEB_PORT": str(port)}


async def healthz(client: aiohttp.ClientSession) -> tuple[int, Any]:
    async with client.get("/healthz") as answer:
        assert answer.content_type == "application/json"
        return answer.status, await answer.json()


async def metrics(client: aiohttp.ClientSession, accept: str = "") -> Page:
    async with client.get("/metrics", headers={"Accept": accept} if accept else {}) as answer:
        assert answer.status == 200
        return Page(await answer.text(), answer.headers["Content-Type"])


def connection(report: Any, account: str) -> Any:
    return next(each for each in report["connections"] if each["account"] == account)


@contextmanager
def process(program: str, environment: dict[str, str], folder: Path) -> Iterator[subprocess.Popen[str]]:
    """Killed at the end of the block, if it has not ended."""
    begun = _begun(program, environment, folder)
    try:
        yield begun
    finally:
        begun.kill()
        begun.communicate()


def _begun(program: str, environment: dict[str, str], folder: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "bot", program],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **environment},
        stderr=subprocess.PIPE,
        text=True,
    )


async def answers(port: int, process: subprocess.Popen[str]) -> tuple[int, Any]:
    """Once it does."""
    async with asyncio.timeout(PATIENCE), aiohttp.ClientSession(f"http://{LOOPBACK}:{port}") as client:
        while process.poll() is None:
            with suppress(aiohttp.ClientError):
                return await healthz(client)
            await asyncio.sleep(0.05)
    raise AssertionError("it has ended")


class Site:
    """What is served in the block; the clock of machines and that of letters stand still."""

    def __init__(self, engine: Engine, settings: Settings) -> None:
        self.engine, self.settings = engine, settings
        self.real, self.clock = Clock(START), Clock(START)
        self.metrics = Metrics(watched(settings), self.real)
        self.health = Health(engine, self.metrics, watched(settings), self.clock)
        self.stop = asyncio.Event()

    @asynccontextmanager
    async def open(self, *routes: web.RouteDef) -> AsyncIterator[aiohttp.ClientSession]:
        serving = asyncio.ensure_future(serve(await bind(self.settings, self.health, routes), self.stop))
        async with aiohttp.ClientSession(f"http://{LOOPBACK}:{self.settings.web_port}") as client:
            yield client
            self.stop.set()
            await asyncio.wait_for(serving, PATIENCE)

    def note(self, account: str, seconds_ago: float = 0) -> None:
        """Another process heard it."""
        with transaction(self.engine) as session:
            accounts.heard(session, account, self.real() - seconds_ago * SECOND)

    def post(self, place: Place = HOME) -> None:
        with transaction(self.engine) as session:
            outbox.post(session, [{"kind": LetterKind.POST, "place": place, "body": "{}"}], self.clock())


def settings_for(engine: Engine, folder: Path, more: dict[str, str] | None = None) -> Settings:
    return read(environment(engine, free_port()) | (more or {}), folder)
