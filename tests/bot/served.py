"""Comity's HTTP, as clients and processes of its own see it."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import aiohttp
from sqlalchemy import Engine

from tests.bot.figures import Page
from tests.synapse import LOOPBACK, ROOT

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
