"""What a homeserver answers: matrix-nio returns errors as values, and here they become exceptions."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Iterator
from typing import TypeVar

import aiohttp
import nio

from bot.platform import AwayError, RefusedError, UnreachableError

Expected = TypeVar("Expected", bound=nio.Response)

AWAY = frozenset({"M_FORBIDDEN", "M_NOT_FOUND", "M_UNKNOWN_TOKEN", "M_MISSING_TOKEN", "M_USER_DEACTIVATED"})
"""Somebody must let us in again."""

REFUSED = frozenset({"M_TOO_LARGE", "M_BAD_JSON", "M_NOT_JSON", "M_INVALID_PARAM"})
"""The same would be answered tomorrow."""


def backing_off(most: float = 60.0) -> Iterator[float]:
    """Seconds to wait before the next try: twice as long each time, and never two processes at the same moment."""
    wait = 0.5
    while True:
        yield wait * random.uniform(0.5, 1.0)  # noqa: S311  # nothing secret hangs on it
        wait = min(wait * 2, most)


async def ask(asking: Awaitable[object], kind: type[Expected]) -> Expected:
    """Wait for the answer; raises as `expect` does, and UnreachableError if there is none."""
    try:
        answer = await asking
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise UnreachableError(f"no answer: {type(error).__name__}") from error
    return expect(answer, kind)


def expect(answer: object, kind: type[Expected]) -> Expected:
    """The answer; raises AwayError, RefusedError or UnreachableError, with the homeserver's code, never its words."""
    if isinstance(answer, kind):
        return answer
    code = str(getattr(answer, "status_code", None) or type(answer).__name__)
    if code in AWAY:
        raise AwayError(f"the homeserver says {code}")
    if code in REFUSED:
        raise RefusedError(f"the homeserver says {code}")
    raise UnreachableError(f"the homeserver says {code}")
