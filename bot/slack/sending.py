"""Takes letters to Slack: threads, edits, words for one reader, direct messages; what they say was decided before.

Each message has the letter's number as a key, so that after an unclear failure the thread can be asked whether it
arrived. A picture stands in the message that speaks of it, a document below it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from typing import Any

from bot.contents import Contents
from bot.platform import AwayError, Delivery, RefusedError, UnreachableError
from bot.slack.accounts import Account, Accounts, channel_of, is_direct, team_of, user_of
from bot.slack.arrived import arrived, metadata
from bot.slack.blocks import Posting, caption, render
from bot.slack.calls import Calls
from bot.slack.files import Files
from bot.slack.hooks import Hooks
from bot.slack.wire import NotInPlaceError, SlackRefusedError, TimedOutError, UnclearError, ask
from commands.arrival import File
from commands.message import Picture
from storage.words import Address, Place

PLAIN = {"parse": "none", "link_names": False, "mrkdwn": False, "unfurl_links": False, "unfurl_media": False}
"""Nothing that people typed becomes a mention, a link, a format or a preview."""

PACE = 1.0
"""Seconds between two messages in a channel: https://docs.slack.dev/apis/web-api/rate-limits."""

LATE = 5.0
"""Seconds that a call which nobody answered in time, or a shared file, may still take before anybody looks for it."""


class Slack:
    """The Platform of all our apps."""

    def __init__(self, accounts: Accounts, hooks: Hooks, identity: str, contents: Contents, *, rehearsal: bool) -> None:
        """`identity` tells this database from another that the same app served: their letters' numbers are alike."""
        self._accounts = accounts
        self._hooks = hooks
        self._identity = identity
        self._rehearsal = rehearsal
        self._pace: dict[str, float] = {}
        """When the next message may go to a channel, by the monotonic clock."""
        self._doubted = 0
        self._unclear: dict[int, float] = {}
        """Letters that may have arrived, or a part of them; and when one may look, by the monotonic clock."""
        self._calls = Calls()
        self._files = Files(self._calls, contents, rehearsal=rehearsal)
        self.may_send = False
        """We hold the lease."""

    def doubt(self, letters: int) -> None:
        """Up to this number another process may have sent them and not lived to say so."""
        self._doubted = max(self._doubted, letters)

    @property
    def ready(self) -> bool:
        return self.may_send and self._accounts.met

    async def deliver(self, delivery: Delivery) -> str:
        try:
            return await self._deliver(delivery)
        except UnclearError as unclear:
            if delivery.letter is not None:
                late = LATE if isinstance(unclear, TimedOutError) else 0.0
                self._unclear[delivery.letter] = time.monotonic() + late
            raise

    async def fetch(self, place: Place, file: File, most: int) -> AsyncIterator[bytes]:
        account = await self._accounts.speaker(channel_of(place))
        if account is None:
            raise UnreachableError(f"none of our apps is in {place}")
        from bot.slack import taking  # noqa: PLC0415  # its HTTP client costs every start 60 ms

        async for portion in taking.fetch(account, file, most):
            yield portion

    async def _deliver(self, delivery: Delivery) -> str:
        if delivery.to is not None:
            return await self._privately(delivery, delivery.to)
        account, channel = await self._there(delivery.place or Place(""))
        thread = delivery.thread if delivery.root_of is None else None
        if delivery.edits is not None:
            return await self._edit(delivery, account, channel, delivery.edits, thread)
        return await self._post(delivery, account, channel, thread)

    def _postings(self, delivery: Delivery, shown: Mapping[Picture, str] | None = None) -> list[Posting]:
        return render(delivery.message, rehearsal=self._rehearsal, shown=shown or {})

    async def _there(self, place: Place) -> tuple[Account, str]:
        channel = channel_of(place)
        account = await self._accounts.speaker(channel)
        if account is None:
            raise self._accounts.absence() or AwayError(f"none of our apps is in {place}")
        return account, channel

    # To one reader

    async def _privately(self, delivery: Delivery, to: Address) -> str:
        """Where they asked, if we are there; else by the address that came with the question; else directly.

        The first two have the words alone: what one reader sees in a channel belongs to no message that a file could
        be shared with. A document goes directly.
        """
        place, postings = delivery.place, self._postings(delivery)
        if place is not None and not is_direct(channel_of(place)) and not delivery.message.files:
            account = await self._accounts.speaker(channel_of(place))
            if account is not None:
                sent = await self._whisper(delivery, account, channel_of(place), to, postings)
                if sent is not None:
                    return sent
            if (hook := self._hooks.of(place, to)) is not None and await self._hooks.answer(hook, postings):
                return "response_url"
        account = self._accounts.for_person(to)
        if account is None:
            raise self._accounts.absence() or UnreachableError("no app of ours is ready yet")
        return await self._post(delivery, account, await self._direct(account, to), None)

    async def _whisper(
        self, delivery: Delivery, account: Account, channel: str, to: Address, postings: list[Posting]
    ) -> str | None:
        """None: not there, where the person or we are no more."""
        first = None
        where = {"channel": channel, "user": user_of(to)}
        try:
            # in a thread that nobody has answered in, such a message is shown to nobody
            if delivery.thread is not None and await account.is_answered(channel, delivery.thread):
                where["thread_ts"] = delivery.thread
        except NotInPlaceError:
            account.sits.pop(channel, None)
            return None
        for posting in postings:
            try:
                sent = await self._obeying(
                    account, "chat.postEphemeral", **where, **PLAIN, text=posting.text, blocks=posting.blocks
                )
            except NotInPlaceError:
                account.sits.pop(channel, None)
                return None
            except SlackRefusedError as refused:
                if refused.code in {"user_not_in_channel", "user_not_found", "no_text"}:
                    return None
                raise
            first = first or str(sent.get("message_ts", ""))
        return first or ""

    async def _direct(self, account: Account, to: Address) -> str:
        if to not in account.directs:
            try:
                opened = await ask(account.client, "conversations.open", users=user_of(to))
            except RefusedError:
                raise AwayError(f"{to} cannot be written to from {team_of(to)}") from None
            account.directs[to] = str(opened["channel"]["id"])
        return account.directs[to]

    # To all who read a place

    async def _post(self, delivery: Delivery, account: Account, channel: str, thread: str | None) -> str:
        """Returns the first message's number: what is too long for one, and each document, goes on below it."""
        there = await self._standing(delivery, account, channel, thread)
        letter, message = self._key(delivery), delivery.message
        keys = [f"{letter}.file.{number}" for number in range(len(message.files))]
        # before a word is said, as it may be refused
        brought = [
            (key, document, await self._files.document(account, document))
            for key, document in zip(keys, message.files, strict=True)
            if key not in there
        ]
        shown = await self._shown(delivery, account, there)
        try:
            first = await self._parts(delivery, account, channel, thread, self._postings(delivery, shown), there)
        except SlackRefusedError as refused:
            if not shown or refused.code != "invalid_blocks":
                raise
            first = await self._parts(delivery, account, channel, thread, self._postings(delivery), there)
        below = thread or (first if not is_direct(channel) else None)
        for key, document, file in brought:
            await self._in_turn(channel)
            blocks = caption(document, message.marking, key, rehearsal=self._rehearsal)
            await self._files.share(account, file, document, channel, below, blocks)
        self._unclear.pop(delivery.letter or 0, None)
        return first

    def _key(self, delivery: Delivery) -> str:
        """What the keys of all its parts begin with."""
        return f"{self._identity}.{delivery.letter}"

    async def _standing(self, delivery: Delivery, account: Account, channel: str, thread: str | None) -> dict[str, str]:
        """Which parts of the letter may have arrived before, by their keys; nobody is asked if none can have."""
        unclear = self._unclear.get(delivery.letter or 0)
        if delivery.letter is None or (delivery.letter > self._doubted and unclear is None):
            return {}
        await asyncio.sleep((unclear or 0.0) - time.monotonic())
        there = await self._look(delivery, account, channel, thread)
        shared = [key for key in there if ".file." in key]
        if there and unclear is None and len(shared) < len(delivery.message.files):
            await asyncio.sleep(LATE)  # whoever was killed may have shared one just then
            there = await self._look(delivery, account, channel, thread)
        return there

    async def _look(self, delivery: Delivery, account: Account, channel: str, thread: str | None) -> dict[str, str]:
        letter = self._key(delivery)
        there = await arrived(account, channel, thread, letter)
        first = there.get(f"{letter}.0")
        if thread is None and first is not None:
            there |= await arrived(account, channel, first, letter)
        return there

    async def _shown(self, delivery: Delivery, account: Account, there: Mapping[str, str]) -> Mapping[Picture, str]:
        """The files of the pictures, brought to Slack unless all parts of the letter stand there."""
        pictures = delivery.message.pictures
        parts = len(self._postings(delivery, dict.fromkeys(pictures, ""))) if pictures else 0
        if all(f"{self._key(delivery)}.{number}" in there for number in range(parts)):
            return dict.fromkeys(pictures, "")
        return await self._files.pictures(account, delivery.message)

    async def _parts(
        self,
        delivery: Delivery,
        account: Account,
        channel: str,
        thread: str | None,
        postings: list[Posting],
        there: dict[str, str],
    ) -> str:
        """Send those that are not there yet, and note them; the number of the first."""
        first = None
        for number, posting in enumerate(postings):
            key = f"{self._key(delivery)}.{number}"
            if key not in there:
                below = thread or (first if not is_direct(channel) else None)
                there[key] = await self._say(account, channel, below, posting, key)
                if delivery.letter is not None:  # whatever keeps the rest from going
                    self._unclear.setdefault(delivery.letter, 0.0)
            first = first or there[key]
        return first or ""

    async def _say(self, account: Account, channel: str, thread: str | None, posting: Posting, key: str) -> str:
        await self._in_turn(channel)
        where = {"channel": channel} | ({"thread_ts": thread} if thread else {})
        try:
            sent = await self._obeying(
                account, "chat.postMessage", **where, **PLAIN, text=posting.text, blocks=posting.blocks,
                metadata=metadata(key),
            )  # fmt: skip
        except NotInPlaceError:
            account.sits.pop(channel, None)
            raise
        return str(sent["ts"])

    async def _edit(self, delivery: Delivery, account: Account, channel: str, edits: str, thread: str | None) -> str:
        """The words in place, however often; what is too long for one message stands in the thread."""
        words, *more = self._postings(delivery)
        try:  # without metadata: what it has stays
            sent = await self._obeying(
                account, "chat.update", channel=channel, ts=edits, parse="none", link_names=False, text=words.text,
                blocks=words.blocks,
            )  # fmt: skip
        except NotInPlaceError:
            account.sits.pop(channel, None)
            raise
        if more:
            below = thread or edits
            there = await self._standing(delivery, account, channel, below)
            await self._parts(delivery, account, channel, below, more, there)
            self._unclear.pop(delivery.letter or 0, None)
        return str(sent["ts"])

    async def _in_turn(self, channel: str) -> None:
        wait = self._pace.get(channel, 0.0) - time.monotonic()
        if wait > 0:
            await asyncio.sleep(wait)
        self._pace[channel] = time.monotonic() + PACE

    async def _obeying(self, account: Account, method: str, **arguments: Any) -> dict[str, Any]:
        return await self._calls.obeying(account, method, str(arguments["channel"]), **arguments)
