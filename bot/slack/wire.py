"""Asks Slack and turns what is no success into exceptions; it tries nothing twice, and decides nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from bot.platform import AwayError, RefusedError, UnreachableError

TIMEOUT = 10
"""Seconds for one call."""
RETRY_AFTER = 30
"""Seconds to wait where Slack does not say how long."""
TOO_MANY, FAILING = 429, 500

TOKENS = frozenset({
    "account_inactive", "invalid_auth", "not_authed", "org_login_required", "team_access_not_granted", "token_expired",
    "token_revoked",
})  # fmt: skip
"""The workspace must let us in again: https://docs.slack.dev/reference/methods/chat.postMessage#errors."""

RIGHTS = frozenset({"missing_scope", "no_permission", "not_allowed_token_type"})
"""The app must be given more rights."""

PLACES = frozenset({
    "channel_not_found", "ekm_access_denied", "is_archived", "is_inactive", "not_in_channel", "restricted_action",
    "restricted_action_non_threadable_channel", "restricted_action_read_only_channel",
    "restricted_action_thread_locked",
})  # fmt: skip
"""Somebody must let us write there again."""

AGAIN = frozenset({"fatal_error", "internal_error", "ratelimited", "request_timeout", "service_unavailable"})


class UnclearError(UnreachableError):
    """Nobody answered: it may have been done all the same."""


class TimedOutError(UnclearError):
    """Nobody answered yet: it may still be done."""


class RateLimitedError(UnreachableError):
    """Nothing was done; the same may be asked again after so many seconds."""

    def __init__(self, method: str, seconds: int) -> None:
        super().__init__(f"Slack wants fewer calls of {method}")
        self.seconds = seconds


class TokenError(AwayError):
    """The app's token is taken no more."""


class RightError(AwayError):
    """The app may not do that anywhere."""


class NotInPlaceError(AwayError):
    """We are not in that channel, it is archived, or we may not write there."""


class SlackRefusedError(RefusedError):
    """`code` is Slack's."""

    def __init__(self, method: str, code: str) -> None:
        super().__init__(f"Slack answers {code} to {method}")
        self.code = code


class Client(AsyncWebClient):
    """Slack's, with a memory of whether its token was refused since it was made."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.refused = asyncio.Event()


def client(token: str, url: str, session: aiohttp.ClientSession) -> Client:
    """It repeats nothing by itself: a reset after the server had done it would do it twice."""
    return Client(token=token, base_url=url, session=session, retry_handlers=[], timeout=TIMEOUT)


async def ask(asking: Client, method: str, /, **arguments: Any) -> dict[str, Any]:
    """One call of a method that takes JSON; the answer.

    Raises:
        UnclearError: no answer, or one that is not Slack's; RateLimitedError.
        TokenError, RightError, NotInPlaceError: somebody must let us in first.
        SlackRefusedError: never. All of them with Slack's code, and none of what was sent.
    """
    return await _call(asking, method, json=arguments)


async def read(asking: Client, method: str, /, **arguments: Any) -> dict[str, Any]:
    """As `ask`, of a method that reads: many of those take no JSON."""
    return await _call(asking, method, http_verb="GET", params=arguments)


async def form(asking: Client, method: str, /, **arguments: Any) -> dict[str, Any]:
    """As `ask`, of a method that does something and takes no JSON."""
    return await _call(asking, method, params=arguments)


async def send(asking: Client, url: str, size: int, content: bytes | AsyncIterator[bytes]) -> None:
    """The bytes of a file, `size` of them, to the address that Slack gave for them; without our token.

    Raises:
        UnreachableError: they did not arrive, or the address is not taken any more: begin anew with another one.
    """
    session = asking.session
    if session is None:
        raise UnreachableError("the connection to Slack is closed")
    try:
        about = {"Content-Type": "application/octet-stream", "Content-Length": str(size)}
        async with session.post(url, data=content, headers=about) as answer:
            if not answer.ok:
                raise UnreachableError(f"Slack does not take a file: HTTP {answer.status}")
    except (TimeoutError, aiohttp.ClientError, OSError) as error:
        raise UnreachableError(f"Slack does not take a file: {type(error).__name__}") from None


async def granted(asking: Client) -> frozenset[str]:
    """The scopes of the client's token; raises as `ask`."""
    found: list[str] = []

    async def call() -> Any:
        response = await asking.api_call("auth.test")
        found.append(str((response.headers or {}).get("x-oauth-scopes", "")))
        return response

    await _answer("auth.test", call())
    return frozenset(scope.strip() for scope in found[0].split(",") if scope.strip())


async def _call(asking: Client, method: str, **how: Any) -> dict[str, Any]:
    try:
        return await _answer(method, asking.api_call(method, **how))
    except TokenError:
        asking.refused.set()
        raise


async def _answer(method: str, calling: Awaitable[Any]) -> dict[str, Any]:
    try:
        response = await calling
    except SlackApiError as error:
        raise _error(method, error) from None
    except TimeoutError:
        raise TimedOutError(f"Slack does not answer {method} in time") from None
    except (aiohttp.ClientError, OSError, SlackClientError, ValueError) as error:
        raise UnclearError(f"Slack does not answer {method}: {type(error).__name__}") from None
    return dict(response.data) if isinstance(response.data, dict) else {}


def _error(method: str, error: SlackApiError) -> Exception:
    response = error.response
    status, answer = int(getattr(response, "status_code", 0) or 0), getattr(response, "data", None)
    code = str(answer.get("error", "")) if isinstance(answer, dict) else ""
    if status == TOO_MANY or code == "ratelimited":
        after = str((getattr(response, "headers", None) or {}).get("Retry-After", ""))
        return RateLimitedError(method, int(after) if after.isdecimal() else RETRY_AFTER)
    if status >= FAILING or code in AGAIN or not code:
        return UnclearError(f"Slack fails at {method}: HTTP {status} {code}".rstrip())
    if code in TOKENS:
        return TokenError(f"Slack answers {code} to {method}")
    if code in RIGHTS:
        needed = f", it needs {answer['needed']}" if isinstance(answer, dict) and answer.get("needed") else ""
        return RightError(f"Slack answers {code} to {method}{needed}")
    if code in PLACES:
        return NotInPlaceError(f"Slack answers {code} to {method}")
    return SlackRefusedError(method, code)
