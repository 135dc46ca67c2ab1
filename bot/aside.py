"""Work in threads that nobody waits for at the end, so many at once; what the work is, is not known here.

Asyncio's own threads are waited for: a database that hangs would keep a process that is told to stop.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Generic, TypeVar

T = TypeVar("T")

WITHIN = 10.0
"""Seconds that somebody waits, for the turn and for the work."""

GIVEN_UP = 300.0
"""Seconds after which work that never ended leaves its turn to another: the network may have lost it."""


class Aside(Generic[T]):
    def __init__(self, at_once: int, within: float = WITHIN, given_up: float = GIVEN_UP) -> None:
        self._free = asyncio.Semaphore(at_once)
        self._within = within
        self._given_up = given_up

    async def do(self, work: Callable[[], T]) -> T:
        """What the work gives or raises; raises TimeoutError if it has not come to an end `within` so many seconds."""
        async with asyncio.timeout(self._within):
            await self._free.acquire()
            working = asyncio.wrap_future(_begun(work))
            over = asyncio.Event()
            giving_up = asyncio.get_running_loop().call_later(self._given_up, self._leave, over)

            def ended(_: asyncio.Future[T]) -> None:
                giving_up.cancel()
                self._leave(over)

            working.add_done_callback(ended)
            return await asyncio.shield(working)  # which also hears an error for whom has gone

    def _leave(self, over: asyncio.Event) -> None:
        """Once, however it ends."""
        if not over.is_set():
            over.set()
            self._free.release()


def _begun(work: Callable[[], T]) -> Future[T]:
    begun: Future[T] = Future()

    def do() -> None:
        try:
            begun.set_result(work())
        except BaseException as error:  # noqa: BLE001  # it is raised where somebody waits for it
            begun.set_exception(error)

    threading.Thread(target=do, name="aside", daemon=True).start()
    return begun
