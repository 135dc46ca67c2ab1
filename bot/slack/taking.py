"""Fetches what people attached in Slack; a page to sign in, which Slack gives in a file's place, is never taken for it.

Slack answers 200 with such a page where the token may not read the file. A file of another workspace (Slack Connect)
is known by its id alone, until it is asked for: https://docs.slack.dev/reference/objects/file-object.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx

from bot.fetching import fetched
from bot.platform import FetchError
from bot.slack.accounts import Account
from bot.slack.wire import SlackRefusedError, read
from commands.arrival import File
from storage.words import Trouble

_PAGE = "text/html"


async def fetch(account: Account, file: File, most: int) -> AsyncIterator[bytes]:
    """See bot.platform.Platform. The address is asked for anew each time, as it may be another one by now."""
    try:
        about = (await read(account.client, "files.info", file=file.id))["file"]
    except SlackRefusedError:
        raise FetchError(Trouble.GONE) from None
    if about.get("mode") in {"tombstone", "hidden_by_limit"}:
        raise FetchError(Trouble.GONE)
    url, size = str(about.get("url_private_download") or about.get("url_private") or ""), int(about.get("size") or 0)
    if about.get("is_external") or about.get("mode") == "external" or not url:
        raise FetchError(Trouble.ELSEWHERE)
    if size > most:
        raise FetchError(Trouble.TOO_LARGE)

    def mind(answer: httpx.Response) -> None:
        if answer.headers.get("content-type", "").startswith(_PAGE) and about.get("mimetype") != _PAGE:
            raise FetchError(Trouble.NO_FILE)

    came = 0
    async for portion in fetched(url, {"Authorization": f"Bearer {account.client.token}"}, most, mind):
        came += len(portion)
        yield portion
    if came != size:
        raise FetchError(Trouble.CUT_OFF)
