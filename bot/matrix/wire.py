"""Asks the homeserver and turns what is no success into exceptions, since nio returns its errors; decides nothing."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

import aiohttp
import nio

from bot.matrix.trouble import AnswerError, LoggedOutError
from bot.platform import UnreachableError

Answer = TypeVar("Answer")

TOO_MANY = 429
TOO_LARGE = 413
FAILING = 500


@contextmanager
def reaching(client: nio.AsyncClient) -> Iterator[None]:
    """What the network does, as an UnreachableError; its cause is cut off, for it may quote an address with a token."""
    try:
        yield
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise UnreachableError(f"{client.homeserver} does not answer: {type(error).__name__}") from None


async def ask(client: nio.AsyncClient, method: str, path: str, body: object = None) -> dict[str, Any]:
    """One request that nio has no method for, or whose HTTP status matters.

    Raises:
        UnreachableError: no answer, none of a homeserver, too many requests, or an error of the server's own.
        LoggedOutError: the access token is not taken.
        AnswerError: any other error.
    """
    data = None if body is None else json.dumps(body).encode()
    return await _request(client, method, path, data, "application/json")


async def upload(client: nio.AsyncClient, content: AsyncIterator[bytes], size: int, media_type: str) -> str:
    """Bring a file of `size` bytes to the media repository: its mxc:// address; raises as `ask`.

    nio has a method for it, which repeats what was cut off within, and tells the server the file's name.
    """
    # without its length, aiohttp would send it in chunks, which homeservers do not take
    length = {"Content-Length": str(size)}
    answer = await _request(client, "POST", "/_matrix/media/v3/upload", content, media_type, length)
    return str(answer["content_uri"])


async def _request(
    client: nio.AsyncClient,
    method: str,
    path: str,
    data: bytes | AsyncIterator[bytes] | None,
    media_type: str,
    more: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    headers = {"Content-Type": media_type, **(more or {})}
    if client.access_token:
        headers["Authorization"] = f"Bearer {client.access_token}"
    with reaching(client):
        response = await client.send(method, path, data, headers)
        try:
            answer = await response.json(content_type=None)
        except ValueError:
            answer = None
    if response.status == TOO_LARGE:  # what stands before a homeserver says so in its own words
        raise AnswerError("M_TOO_LARGE", response.status)
    if not isinstance(answer, dict):
        raise UnreachableError(f"{client.homeserver} does not answer as a homeserver does (HTTP {response.status})")
    if not response.ok:
        raise _error(client, str(answer.get("errcode", "")), response.status, answer, str(answer.get("error", "")))
    return answer


def checked(client: nio.AsyncClient, answer: Any, wanted: type[Answer]) -> Answer:
    """What nio returned, if it is what was wanted; raises as `ask` does. The request itself belongs in `reaching`."""
    if isinstance(answer, wanted):
        return answer
    status = getattr(getattr(answer, "transport_response", None), "status", 0)
    code, text = getattr(answer, "status_code", None) or "", getattr(answer, "message", "")
    raise _error(client, str(code), status, None, text)


def _error(client: nio.AsyncClient, code: str, status: int, body: dict[str, object] | None, text: str) -> Exception:
    if code in {"M_UNKNOWN_TOKEN", "M_MISSING_TOKEN"}:
        return LoggedOutError(f"{client.homeserver} does not take our access token: {code}")
    if status == TOO_MANY or code == "M_LIMIT_EXCEEDED":
        return UnreachableError(f"{client.homeserver} wants fewer requests")
    if status >= FAILING or not (code or body):
        return UnreachableError(f"{client.homeserver} fails: HTTP {status} {code}".rstrip())
    return AnswerError(code, status, body, text)
