"""Takes letters to Matrix rooms: threads, edits, mentions, direct rooms; what they say was decided before.

The letter's number is the transaction id, so that a resend after an unclear failure shows once
(https://spec.matrix.org/latest/client-server-api/#transaction-identifiers).
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import nio

from bot.contents import Contents
from bot.matrix import html
from bot.matrix.accounts import Account, Accounts, room_of
from bot.matrix.answers import ask
from bot.matrix.direct import DirectRooms
from bot.matrix.files import Uploaded, attached, files_of, uploaded
from bot.matrix.html import Words
from bot.platform import AwayError, Delivery, RefusedError, UnreachableError
from commands import answers
from commands.arrival import File
from commands.message import Message
from storage.words import Manner, Place

HTML = "org.matrix.custom.html"


class Matrix:
    """The Platform of all our accounts."""

    def __init__(
        self, accounts: Accounts, direct: DirectRooms, identity: str, contents: Contents, *, rehearsal: bool
    ) -> None:
        """`identity` tells this database from another that the same device served: their letters' numbers are alike."""
        self._accounts = accounts
        self._direct = direct
        self._identity = identity
        self._contents = contents
        self._rehearsal = rehearsal

    @property
    def ready(self) -> bool:
        return any(account.looked for account in self._accounts.open)

    async def fetch(self, place: Place, file: File, most: int) -> AsyncIterator[bytes]:
        account = self._accounts.speaker(room_of(place))
        if account is None:
            raise UnreachableError(f"none of our accounts is in {place}")
        from bot.matrix import taking  # noqa: PLC0415  # its HTTP client costs every start 60 ms

        async for portion in taking.fetch(account.client, file, most):
            yield portion

    async def deliver(self, delivery: Delivery) -> str:
        if delivery.to is None:
            return await self._in_place(delivery, delivery.message)
        apart = delivery.manner is Manner.APART or bool(delivery.message.files)
        if delivery.place is not None and not apart and delivery.manner is Manner.ALOUD:
            return await self._in_place(delivery, delivery.message, to=delivery.to.removeprefix("matrix:"))
        account, room = await self._direct.room(delivery.to, delivery.place)
        number = await self._say(account, room, delivery.message, f"{delivery.letter}", {})
        if delivery.place is not None and apart and room != room_of(delivery.place):
            await self._in_place(delivery, answers.elsewhere(), suffix=".place")
        return number

    async def _in_place(self, delivery: Delivery, message: Message, *, to: str | None = None, suffix: str = "") -> str:
        place = delivery.place or Place("")
        account = self._accounts.speaker(room_of(place))
        if account is None:
            raise self._absent(place)
        thread = delivery.thread if delivery.root_of is None else None
        key = f"{delivery.letter}{suffix}"
        if delivery.edits is not None:
            return await self._edit(account, delivery.edits, thread, message, key, room_of(place))
        return await self._say(account, room_of(place), message, key, _threaded(thread), to=to)

    def _absent(self, place: Place) -> Exception:
        """None of our accounts is in the room; or the one that was has not looked around yet."""
        if not self._accounts.open or any(not account.looked for account in self._accounts.open):
            return UnreachableError("no account of ours is ready yet")
        return AwayError(f"none of our accounts is in {place}")

    async def _say(
        self, account: Account, room: str, message: Message, key: str, relation: dict[str, Any], to: str | None = None
    ) -> str:
        """Returns the first event's id: what is too long for one goes on below it; pictures and files stand beside it.

        Beside, for who reads a room is not to open a thread to see a picture.
        """
        files = await self._files(account, room, message)  # before a word is said, as one may be refused
        first = None
        for number, words in enumerate(html.render(message, rehearsal=self._rehearsal)):
            related = relation or (_threaded(first) if first else {})
            content = _content(words, to) | related
            sent = await self._send(account, room, content, f"{key}.{number}")
            first = first or sent
        for number, file in enumerate(files):
            content = await attached(account.client, room, file) | relation
            await self._send(account, room, content, f"{key}.file.{number}")
        return first or ""

    async def _files(self, account: Account, room: str, message: Message) -> list[Uploaded]:
        """A picture that the homeserver does not take is left away: the words say the same."""
        found = []
        for file in await files_of(message, self._contents, rehearsal=self._rehearsal):
            try:
                found.append(await uploaded(account.client, room, file))
            except RefusedError:
                if not file.in_words:
                    raise
        return found

    async def _edit(
        self, account: Account, edits: str, thread: str | None, message: Message, key: str, room: str
    ) -> str:
        """The words in place; what is too long for one event stands in the thread."""
        words, *more = html.render(message, rehearsal=self._rehearsal)
        content = _content(words, None)
        edit = content | {
            "body": f"* {words.plain}",
            "m.new_content": content,
            "m.relates_to": {"rel_type": "m.replace", "event_id": edits},
        }
        sent = await self._send(account, room, edit, f"{key}.0")
        for number, further in enumerate(more, start=1):
            await self._send(account, room, _content(further, None) | _threaded(thread or edits), f"{key}.{number}")
        return sent

    async def _send(self, account: Account, room: str, content: dict[str, Any], key: str) -> str:
        sending = account.client.room_send(room, "m.room.message", content, f"{self._identity}.{key}")
        try:
            return str((await ask(account.client, sending, nio.RoomSendResponse)).event_id)
        except (nio.LocalProtocolError, nio.EncryptionError) as error:
            raise UnreachableError(f"not sent: {type(error).__name__}") from error


def _content(words: Words, to: str | None) -> dict[str, Any]:
    people = dict.fromkeys([*words.mentions, *([to] if to else [])])
    return {
        "msgtype": "m.text",
        "body": words.plain,
        "format": HTML,
        "formatted_body": words.html,
        "m.mentions": {"user_ids": list(people)} if people else {},
    }


def _threaded(root: str | None) -> dict[str, Any]:
    """In the thread, and below its root for clients that know no threads."""
    if root is None:
        return {}
    fallback = {"is_falling_back": True, "m.in_reply_to": {"event_id": root}}
    return {"m.relates_to": {"rel_type": "m.thread", "event_id": root} | fallback}
