"""Fetches what was attached, over HTTP and in a stream; whose it is and where it lies is the platforms' business."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from http import HTTPStatus

import httpx

from bot.platform import FetchError, UnreachableError
from storage.words import Trouble

TIMEOUT = httpx.Timeout(30.0)
"""For the connection, and between two portions; a large file may take as long as it does."""

_PORTION = 1 << 16

_ELSEWHERE = (HTTPStatus.TEMPORARY_REDIRECT, HTTPStatus.PERMANENT_REDIRECT)

_REDIRECTS = 3
"""At most so many, one after the other."""


async def fetched(
    url: str,
    headers: Mapping[str, str],
    most: int,
    mind: Callable[[httpx.Response], None] | None = None,
    *,
    elsewhere: bool = False,
) -> AsyncIterator[bytes]:
    """The body of a GET, unless it says that it has more than `most` bytes; `mind` looks at the answer's head first.

    No redirect is followed, for a page to sign in comes by one; but 307 and 308 are where the platform gives files
    from `elsewhere`. What authorizes us is told to nobody there.

    Raises:
        UnreachableError: no answer, too many requests, an error of the server's own.
        FetchError: it is gone, too large, cut off, or no file.
    """
    try:
        async with (
            httpx.AsyncClient(timeout=TIMEOUT, follow_redirects=False, trust_env=False) as client,
            _answer(client, url, headers, _REDIRECTS if elsewhere else 0) as answer,
        ):
            _mind(answer, elsewhere=answer.url != url)
            if mind is not None:
                mind(answer)
            if int(answer.headers.get("content-length", 0)) > most:
                raise FetchError(Trouble.TOO_LARGE)
            async for portion in answer.aiter_bytes(_PORTION):
                yield portion
    except httpx.RemoteProtocolError:
        raise FetchError(Trouble.CUT_OFF) from None
    except (httpx.HTTPError, OSError) as error:  # its words may quote the address
        raise UnreachableError(f"a file is not given: {type(error).__name__}") from None


@asynccontextmanager
async def _answer(
    client: httpx.AsyncClient, url: str, headers: Mapping[str, str], redirects: int
) -> AsyncIterator[httpx.Response]:
    """What comes in the end, after so many redirects at most."""
    request = client.build_request("GET", url, headers={"Accept-Encoding": "identity", **headers})
    for left in range(redirects, -1, -1):
        answer = await client.send(request, stream=True)
        try:
            following = answer.next_request if answer.status_code in _ELSEWHERE and left else None
            if following is None or (request.url.scheme == "https" and following.url.scheme != "https"):
                yield answer
                return
            request = following  # httpx leaves out what authorizes, unless it is the same origin
        finally:
            await answer.aclose()


def _mind(answer: httpx.Response, *, elsewhere: bool) -> None:
    status = answer.status_code
    if not elsewhere and status in (HTTPStatus.NOT_FOUND, HTTPStatus.GONE):  # there it may be but the link that is old
        raise FetchError(Trouble.GONE)
    if answer.is_redirect or status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        raise FetchError(Trouble.NO_FILE)
    if status != HTTPStatus.OK:
        raise UnreachableError(f"a file is not given: HTTP {status}")
