"""A homeserver's answers, and sessions that begin anew, are seen by those who watch."""

from __future__ import annotations

import asyncio
import signal
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import nio
import pytest
from sqlalchemy import Engine

from storage.figures import figures
from storage.session import transaction
from tests.bot.figures import Page
from tests.bot.matrix.people import PASSWORD, logged_in, must
from tests.bot.served import answers, connection, environment, healthz, metrics, process
from tests.synapse import LOOPBACK, Synapse, free_port

WITHIN = 60.0
"""Seconds that a homeserver may take, on a machine that others use too."""


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
async def test_hearing_and_beginning_anew_are_seen(homeserver: Synapse, engine: Engine, tmp_path: Path) -> None:
    port, user = free_port(), homeserver.register("watched", PASSWORD)
    account = {"HOMESERVER": homeserver.url, "USER_ID": user, "PASSWORD": PASSWORD}
    matrix = {f"COMITY_MATRIX__HOME__{key}": text for key, text in account.items()}
    with process("run", environment(engine, port) | matrix, tmp_path) as comity:
        await answers(port, comity)
        async with asyncio.timeout(WITHIN), aiohttp.ClientSession(f"http://{LOOPBACK}:{port}") as client:
            status, report = await _once_heard(client)
            assert (status, connection(report, "HOME")["ok"]) == (200, True)
            assert connection(report, "HOME")["heard_seconds_ago"] < WITHIN
            await _once_noted(engine)
            assert (await metrics(client))("reconnects_total", "matrix", "HOME") == 0
            await _log_out(homeserver, user)
            page = await _once_begun_anew(client)
            assert page("reconnects_total", "matrix", "HOME") == 1
            assert (await healthz(client))[0] == 200
        comity.send_signal(signal.SIGTERM)
        assert comity.wait(timeout=5) == 0


async def _once_heard(client: aiohttp.ClientSession) -> tuple[int, Any]:
    while True:
        status, report = await healthz(client)
        if connection(report, "HOME")["heard_seconds_ago"] is not None:
            return status, report
        await asyncio.sleep(0.05)


async def _once_noted(engine: Engine) -> None:
    """In the database, for other processes."""
    while True:
        with transaction(engine, reading=True) as session:
            heard = figures(session).heard
        if heard:
            assert heard.keys() == {"matrix:HOME"}
            assert datetime.now(UTC) - heard["matrix:HOME"] < timedelta(seconds=WITHIN)
            return
        await asyncio.sleep(0.05)


async def _once_begun_anew(client: aiohttp.ClientSession) -> Page:
    while True:
        page = await metrics(client)
        if page("reconnects_total", "matrix", "HOME"):
            return page
        await asyncio.sleep(0.05)


async def _log_out(homeserver: Synapse, user: str) -> None:
    """All of the bot's devices, as its owner may from elsewhere."""
    async with logged_in(homeserver.url, user) as other:
        devices = [device.id for device in must(await other.devices(), nio.DevicesResponse).devices]
        others = [device for device in devices if device != other.device_id]
        word = {"type": "m.login.password", "user": user, "password": PASSWORD}
        waiting = must(await other.delete_devices(others), nio.DeleteDevicesAuthResponse)
        must(await other.delete_devices(others, word | {"session": waiting.session}), nio.DeleteDevicesResponse)
