"""Calls that wait as long as Slack asks, where that is not long; what is called, and why, is decided elsewhere."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from bot.slack.accounts import Account
from bot.slack.wire import RateLimitedError, ask, read

PATIENCE = 60
"""Seconds that Slack may ask for, and be obeyed on the spot: the letters behind this one wait too."""

Call = Callable[..., Awaitable[dict[str, Any]]]


class Calls:
    """Of all our apps: what one was asked to leave for a while, the next call leaves too."""

    def __init__(self) -> None:
        self._rests: dict[tuple[str, str, str], float] = {}
        """Until when Slack wants no call: of which account, what, and about which channel ("": whatever channel)."""

    async def obeying(
        self, account: Account, method: str, /, about: str = "", *, by: Call = ask, **arguments: Any
    ) -> dict[str, Any]:
        """Where Slack asks to wait, nothing was done: wait, and ask the same again; or, if it is long, later.

        `about` is the channel that Slack counts the calls of; `by` is `wire.ask` or another of that form, and what
        this raises is what that raises.
        """
        key = (account.name, method, about)
        while True:
            rest = self._rests.get(key, 0.0) - time.monotonic()
            if rest > PATIENCE:
                raise RateLimitedError(method, math.ceil(rest))
            await asyncio.sleep(rest)
            try:
                return await by(account.client, method, **arguments)
            except RateLimitedError as limited:
                self._rests[key] = time.monotonic() + limited.seconds


async def pages(
    account: Account, method: str, most: int, *, what: str = "messages", **arguments: Any
) -> AsyncIterator[dict[str, Any]]:
    """What a listing holds, page by page; raises UnreachableError, AwayError, RefusedError."""
    cursor = ""
    for _ in range(most):
        page = await _patiently(account, method, arguments | {"limit": 200} | ({"cursor": cursor} if cursor else {}))
        for one in page.get(what, ()):
            yield one
        cursor = (page.get("response_metadata") or {}).get("next_cursor") or ""
        if not cursor:
            return


async def _patiently(account: Account, method: str, arguments: dict[str, Any]) -> dict[str, Any]:
    while True:
        try:
            return await read(account.client, method, **arguments)
        except RateLimitedError as limited:
            if limited.seconds > PATIENCE:
                raise
            await asyncio.sleep(limited.seconds)
