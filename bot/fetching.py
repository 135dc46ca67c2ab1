"""Fetches what was attached, over HTTP and in a stream; whose it is and where it lies is the platforms' business."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from http import HTTPStatus

import httpx

from bot.platform import FetchError, UnreachableError
from storage.words import Trouble

TIMEOUT = httpx.Timeout(30.0)
"""For the connection, and between two portions; a large file may take as long as it does."""

_PORTION = 1 << 16


async def fetched(
    url: str, headers: Mapping[str, str], most: int, mind: Callable[[httpx.Response], None] | None = None
) -> AsyncIterator[bytes]:
    """The body of a GET, unless it says that it has more than `most` bytes; `mind` looks at the answer's head first.

    No redirect is followed, for a page to sign in comes by one.

    Raises:
        UnreachableError: no answer, too many requests, an error of the server's own.
        FetchError: it is gone, too large, cut off, or no file.
    """
    try:
        async with (
            httpx.AsyncClient(timeout=TIMEOUT, follow_redirects=False, trust_env=False) as client,
            client.stream("GET", url, headers={"Accept-Encoding": "identity", **headers}) as answer,
        ):
            _mind(answer)
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


def _mind(answer: httpx.Response) -> None:
    status = answer.status_code
    if status in (HTTPStatus.NOT_FOUND, HTTPStatus.GONE):
        raise FetchError(Trouble.GONE)
    if answer.is_redirect or status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        raise FetchError(Trouble.NO_FILE)
    if status != HTTPStatus.OK:
        raise UnreachableError(f"a file is not given: HTTP {status}")
