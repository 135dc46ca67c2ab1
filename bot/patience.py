"""How long to wait before something is tried again, and waiting that ends when the program does."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator
from contextlib import suppress


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
