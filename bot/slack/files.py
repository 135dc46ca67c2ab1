"""Brings our own pictures and documents to Slack; to which message they belong is the sender's business.

The three steps: https://docs.slack.dev/messaging/working-with-files. What was brought and never shared is our app's
alone, so that any of it may be done again.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Mapping
from typing import Any

from bot import text
from bot.contents import Contents
from bot.picture import drawn, file_name
from bot.platform import UnreachableError
from bot.slack.accounts import Account
from bot.slack.calls import Calls
from bot.slack.wire import RateLimitedError, SlackRefusedError, TimedOutError, UnclearError, form, read, send
from commands.message import Document, Enclosure, Message, Picture
from commands.plain import inert

LOOKED_AT_WITHIN = 15.0
"""Seconds that Slack has for looking through a picture; it takes one in a message only then."""

_FIRST_LOOK, _LAST_LOOK = 0.1, 2.0
"""Seconds between two looks whether it has; each is twice the one before."""


class Files:
    def __init__(self, calls: Calls, contents: Contents, *, rehearsal: bool) -> None:
        self._calls = calls
        self._contents = contents
        self._rehearsal = rehearsal

    async def pictures(self, account: Account, message: Message) -> Mapping[Picture, str]:
        """The files of the message's pictures, ready to be shown; none of those that Slack does not take.

        A message says in words what is not shown. Raises UnreachableError, AwayError.
        """
        badge = text.badge_text(message, rehearsal=self._rehearsal)
        found: dict[Picture, str] = {}
        for picture in dict.fromkeys(message.pictures):
            drawing, name = await drawn(picture, badge), file_name(picture)
            try:
                number = await self._bring(account, name, len(drawing.png), drawing.png, alt_txt=inert(picture.title))
                await self._finish(account, {"id": number, "title": inert(picture.title), "highlight_type": "png"})
                await _looked_at(account, number)
            except SlackRefusedError:
                continue
            found[picture] = number
        return found

    async def document(self, account: Account, document: Document | Enclosure) -> str:
        """The number of the file, which nobody sees yet; raises UnreachableError, AwayError, RefusedError."""
        return await self._bring(account, document.name, document.size, self._contents.stream(document))

    async def share(
        self,
        account: Account,
        number: str,
        document: Document | Enclosure,
        channel: str,
        thread: str | None,
        blocks: list[Any],
    ) -> None:
        """Let the file stand in the channel, or the thread, under these blocks. It comes a little later.

        Raises as `document`; after a TimedOutError it may come all the same.
        """
        where = {"channel_id": channel} | ({"thread_ts": thread} if thread else {})
        try:
            await self._finish(account, {"id": number, "title": document.name}, **where, blocks=json.dumps(blocks))
        except UnclearError as unclear:
            raise TimedOutError(str(unclear)) from None

    async def _bring(
        self, account: Account, name: str, size: int, content: bytes | AsyncIterator[bytes], **more: str
    ) -> str:
        made = await self._calls.obeying(
            account, "files.getUploadURLExternal", by=form, filename=name, length=size, **more
        )
        await send(account.client, str(made["upload_url"]), size, content)
        return str(made["file_id"])

    async def _finish(self, account: Account, file: Mapping[str, str], **where: str) -> None:
        await self._calls.obeying(account, "files.completeUploadExternal", by=form, files=json.dumps([file]), **where)


async def _looked_at(account: Account, number: str) -> None:
    """Wait until Slack knows what kind of file it is; not for ever, for the message then says it in words."""
    until, pause = time.monotonic() + LOOKED_AT_WITHIN, _FIRST_LOOK
    while True:
        try:
            if (await read(account.client, "files.info", file=number))["file"].get("mimetype"):
                return
        except RateLimitedError as limited:
            pause = float(limited.seconds)
        except UnreachableError:
            pass
        except SlackRefusedError as refused:
            if refused.code != "file_not_found":
                raise
        if time.monotonic() > until:
            return
        await asyncio.sleep(pause)
        pause = min(2 * pause, _LAST_LOOK)
