"""How long to wait before something is tried again, and waiting that ends when the program does."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator
from contextlib import suppress
from typing import Any


def backing_off(most: float = 60.0) -> Iterator[float]:
    """Seconds to wait before the next try: twice as long each time, and never two processes at the same moment."""
    wait = 0.5
    while True:
        yield wait * random.uniform(0.5, 1.0)  # noqa: S311  # nothing secret hangs on it
        wait = min(wait * 2, most)


async def unless(stop: asyncio.Event, seconds: float) -> None:
    """Wait so long, or until told to stop."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await stop.wait()


async def either(*awaited: asyncio.Event | asyncio.Future[Any]) -> None:
    """Wait until one of them is set or done."""
    events = [asyncio.ensure_future(one.wait()) for one in awaited if isinstance(one, asyncio.Event)]
    futures = [one for one in awaited if not isinstance(one, asyncio.Event)]
    try:
        await asyncio.wait([*events, *futures], return_when=asyncio.FIRST_COMPLETED)
    finally:
        for event in events:
            event.cancel()
