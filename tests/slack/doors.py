"""A web application on loopback that can be closed at any moment, and opened again on its port; it answers nothing."""

from __future__ import annotations

import asyncio
import socket

from aiohttp import web


class Door:
    """Opened and closed in one loop. `port` stays the same."""

    def __init__(self) -> None:
        self.port = 0
        self._runner: web.AppRunner | None = None
        self._socket: socket.socket | None = None

    async def open(self, app: web.Application) -> str:
        """Listen; returns the address."""
        self._socket = socket.create_server(("127.0.0.1", self.port))
        self.port = self._socket.getsockname()[1]
        self._runner = web.AppRunner(app, shutdown_timeout=0.05, access_log=None)  # 0 would be for ever
        await self._runner.setup()
        await web.SockSite(self._runner, self._socket).start()
        return f"http://127.0.0.1:{self.port}"

    async def close(self) -> None:
        """Python 3.11 forgets a connection that is accepted while its server closes: so it stops accepting before."""
        if self._runner is None or self._socket is None:
            return
        asyncio.get_running_loop().remove_reader(self._socket)
        await asyncio.sleep(0)  # what was accepted becomes a connection at the loop's next turn
        await self._runner.cleanup()
        self._runner = self._socket = None
