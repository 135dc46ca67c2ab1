"""HTTP: /healthz, /metrics, and the routes that are mounted beside them; it knows no platform."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Sequence

from aiohttp import web

from bot.health import Health
from bot.settings import Settings, SettingsError

ENDING = 1.25
"""Half of the seconds that what is being answered has when the process is told to stop: aiohttp waits so long twice."""


async def bind(settings: Settings, health: Health, routes: Sequence[web.RouteDef] = ()) -> web.AppRunner:
    """Listens already, so that a port that another has is known before anything begins: raises SettingsError."""
    app = web.Application()
    app.add_routes([*_routes(health), *routes])
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=ENDING)
    await runner.setup()
    try:
        await web.TCPSite(runner, settings.web_host, settings.web_port).start()
    except OSError as error:
        await runner.cleanup()
        # asyncio's own words are long, and say it twice
        why = error.strerror if isinstance(error, socket.gaierror) else os.strerror(error.errno or 0)
        where = f"{settings.web_host} port {settings.web_port}"
        raise SettingsError([f"COMITY_WEB_HOST, COMITY_WEB_PORT: cannot listen at {where}: {why}"]) from None
    return runner


async def serve(runner: web.AppRunner, stop: asyncio.Event) -> None:
    """Until told to stop; then nobody new is let in, and within 3 s it is closed."""
    try:
        await stop.wait()
    finally:
        await runner.cleanup()


def _routes(health: Health) -> list[web.RouteDef]:
    async def healthz(_request: web.Request) -> web.Response:
        report = await health.report()
        return web.json_response(report, status=200 if report["ok"] else 503, headers=_FRESH)

    async def metrics(request: web.Request) -> web.Response:
        page, content_type = await health.page(request.headers.get("Accept", ""))
        return web.Response(body=page, headers={"Content-Type": content_type, **_FRESH})

    return [web.get("/healthz", healthz), web.get("/metrics", metrics)]


_FRESH = {"Cache-Control": "no-store"}
