"""Whether all is well, for those who watch machines: it mends nothing, and says nothing of places, people or texts."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from bot.metrics import Metrics, seconds
from bot.settings import Settings
from storage import accounts
from storage.figures import Figures, figures
from storage.session import UNWRITABLE, transaction
from storage.words import platform_of

log = logging.getLogger(__name__)

WITHIN = 2.0
"""Seconds that the database may take to answer."""

SILENT = {"matrix": 300.0, "slack": 720.0}
"""Seconds after which a connection that says nothing is lost: so long may a homeserver take over its first answer; a
socket through which nothing came for 10 minutes is built anew, and then Slack says hello."""

LATE = 900.0
"""Seconds that a letter may wait."""

GIVEN_UP = 300.0
"""Seconds after which a question to the database is asked anew: the network may have lost the first."""

FORGOTTEN = 86_400.0
"""Seconds after which an account that our settings do not name is taken for one that was given up."""

REPORT = timedelta(seconds=10)
"""When an account was heard is noted in the database again after so long."""

LOOK_AGAIN = 1.0
"""Seconds after which it is looked whether there is something to note."""


def watched(settings: Settings) -> dict[str, float | None]:
    """The accounts of the settings, and how long each may be silent; None: HTTP mode hears only what somebody says."""
    matrix: dict[str, float | None] = {f"matrix:{one.name}": SILENT["matrix"] for one in settings.matrix}
    return matrix | {f"slack:{one.name}": SILENT["slack"] if one.app_token else None for one in settings.slack}


@dataclass(frozen=True)
class Look:
    """What the database said, and how fast; or why it said nothing."""

    figures: Figures | None = None
    milliseconds: int | None = None
    trouble: str | None = None


class Health:
    """`watched` are the accounts of the settings, see watched(); `clock` is the letters' time."""

    def __init__(
        self, engine: Engine, metrics: Metrics, watched: Mapping[str, float | None], clock: Callable[[], datetime]
    ) -> None:
        self._engine = engine
        self._metrics = metrics
        self._watched = watched
        self._clock = clock
        self._began = metrics.clock()
        self._looking: asyncio.Future[Look] | None = None
        self._asked = 0.0

    async def page(self, accept: str) -> tuple[bytes, str]:
        """The figures, and their content type."""
        return self._metrics.page(accept, (await self._look()).figures, self._clock())

    async def report(self) -> dict[str, Any]:
        """As JSON; `ok` is whether all of it is well."""
        look = await self._look()
        known, connections = look.figures, self._connections(look.figures)
        now = self._clock()
        oldest = max((seconds(queue.oldest, now) for queue in known.waiting.values()), default=0.0) if known else None
        return {
            "ok": known is not None and all(each["ok"] for each in connections) and (oldest or 0) <= LATE,
            "database": {"ok": known is not None, "milliseconds": look.milliseconds, "trouble": look.trouble},
            "connections": connections,
            "letters_waiting": sum(queue.letters for queue in known.waiting.values()) if known else None,
            "oldest_letter_seconds": _rounded(oldest),
            "arrivals_set_aside": known.arrivals_set_aside if known else None,
        }

    def _connections(self, known: Figures | None) -> list[dict[str, Any]]:
        """A process that has just begun has not had the time to hear anything, or to hear of it."""
        now, heard = self._metrics.clock(), self._metrics.last_heard(known)
        others = [account for account, at in heard.items() if seconds(at, now) < FORGOTTEN]
        found = []
        for account in dict.fromkeys([*self._watched, *sorted(others)]):
            at = heard.get(account)
            limit = self._watched.get(account, max(SILENT.values()))
            silent = seconds(max(at or self._began, self._began), now)
            found.append(
                {
                    "account": account.partition(":")[2],
                    "platform": platform_of(account),
                    "heard_seconds_ago": _rounded(seconds(at, now)) if at is not None else None,
                    "ok": limit is None or silent <= limit,
                }
            )
        return found

    async def _look(self) -> Look:
        """Ask once at a time: a database that hangs must not take all of the process's threads."""
        now = asyncio.get_running_loop().time()
        if self._looking is None or self._looking.done() or now - self._asked > GIVEN_UP:
            self._looking, self._asked = asyncio.wrap_future(self._begin_to_look()), now
        try:
            return await asyncio.wait_for(asyncio.shield(self._looking), WITHIN)
        except TimeoutError:
            return Look(trouble=f"no answer within {WITHIN:.0f} s")

    def _begin_to_look(self) -> Future[Look]:
        """In a thread that nobody waits for at the end."""
        look: Future[Look] = Future()
        threading.Thread(target=lambda: look.set_result(self._read()), name="health", daemon=True).start()
        return look

    def _read(self) -> Look:
        began = time.monotonic()
        try:
            with transaction(self._engine, reading=True) as session:
                found = figures(session)
        except Exception as error:
            # the database's own words may name hosts and people
            name = type(error.orig).__name__ if isinstance(error, DBAPIError) else type(error).__name__
            if not isinstance(error, DBAPIError):
                log.exception("the figures cannot be read")
            return Look(trouble=name)
        return Look(found, round((time.monotonic() - began) * 1000))


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 1)


async def note_heard(engine: Engine, metrics: Metrics, stop: asyncio.Event, look_again: float = LOOK_AGAIN) -> None:
    """Let the other processes know what this one heard, until told to stop."""
    noted: dict[str, datetime] = {}

    def note(news: Mapping[str, datetime]) -> None:
        with transaction(engine) as session:
            for account, at in news.items():
                accounts.heard(session, account, at)

    while not stop.is_set():
        heard = metrics.heard_at.items()
        news = {account: at for account, at in heard if account not in noted or at - noted[account] >= REPORT}
        if news:
            try:
                await asyncio.to_thread(note, news)
                noted |= news
            except UNWRITABLE as error:
                log.warning("when accounts were heard is not noted: %s", type(error.orig).__name__)
        with suppress(TimeoutError):
            async with asyncio.timeout(look_again):
                await stop.wait()
