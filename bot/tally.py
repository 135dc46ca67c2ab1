"""What happens in a transaction, counted once it is committed; it decides nothing and reads no text."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from commands.arrival import Arrival
from storage.outbox import destination
from storage.tables import Letter
from storage.words import Address, platform_of

if TYPE_CHECKING:
    from bot.metrics import Metrics  # the embedded workspace has nobody who reads it, and starts faster without


class Tally:
    """Of one who writes, in one thread at a time; without metrics it counts nothing.

    A commit that succeeded although the database said otherwise is not counted: nobody knows then.
    """

    def __init__(self, metrics: Metrics | None = None) -> None:
        self._metrics = metrics
        self._noted: list[Callable[[], None]] = []
        self._depth = 0

    @contextmanager
    def part(self) -> Iterator[None]:
        """What is noted in the block counts at the end of the outermost one, unless this block raises."""
        mark = len(self._noted)
        self._depth += 1
        try:
            yield
        except BaseException:
            del self._noted[mark:]
            raise
        finally:
            self._depth -= 1
        if not self._depth:
            noted, self._noted = self._noted, []
            for count in noted:
                count()

    # what the desk says

    def taken(self, arrival: Arrival) -> None:
        if self._metrics is not None:
            self._noted.append(self._metrics.arrivals.labels(platform_of(arrival.place), arrival.kind.value).inc)

    def performed(self, person: Address) -> None:
        if self._metrics is not None:
            self._noted.append(self._metrics.commands.labels(platform_of(person)).inc)

    def refused(self, person: Address) -> None:
        if self._metrics is not None:
            self._noted.append(self._metrics.refusals.labels(platform_of(person)).inc)

    # what the relay says

    def sent(self, letter: Letter, now: datetime) -> None:
        if self._metrics is not None:
            platform = platform_of(destination(letter))
            delay = max(0.0, (now - letter.at).total_seconds())
            self._noted.append(self._metrics.sent.labels(platform).inc)
            self._noted.append(partial(self._metrics.delay.labels(platform).observe, delay))

    def set_aside(self, letter: Letter) -> None:
        if self._metrics is not None:
            platform = platform_of(destination(letter))
            self._noted.append(self._metrics.set_aside.labels(platform).inc)
