"""What a homeserver answers, as listener and relay need it: done, to be tried again, or for somebody to mend."""

from __future__ import annotations

from collections.abc import Awaitable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import nio

from bot.matrix.trouble import AnswerError
from bot.matrix.wire import checked, reaching
from bot.platform import AwayError, RefusedError, UnreachableError

Expected = TypeVar("Expected", bound=nio.Response)

AWAY = frozenset({"M_FORBIDDEN", "M_NOT_FOUND", "M_USER_DEACTIVATED"})
"""Somebody must let us in again."""

REFUSED = frozenset({"M_TOO_LARGE", "M_BAD_JSON", "M_NOT_JSON", "M_INVALID_PARAM"})
"""The same would be answered tomorrow."""


async def ask(client: nio.AsyncClient, asking: Awaitable[Any], kind: type[Expected]) -> Expected:
    """The answer of one of the client's methods.

    Raises:
        UnreachableError: there is none, or another may come later (LoggedOutError: after a new login).
        AwayError: we must be let in first. RefusedError: never. Both with the homeserver's code and none of its words.
    """
    with understood():
        with reaching(client):
            answer = await asking
        return checked(client, answer, kind)


@contextmanager
def understood() -> Iterator[None]:
    """What the homeserver answers within, as `ask` raises it."""
    try:
        yield
    except AnswerError as error:
        if error.code in AWAY:
            raise AwayError(f"the homeserver says {error.code}") from None
        if error.code in REFUSED:
            raise RefusedError(f"the homeserver says {error.code}") from None
        raise UnreachableError(f"the homeserver says {error.code or error.status}") from None
