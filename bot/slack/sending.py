"""Takes letters to Slack: threads, edits, words for one reader, direct messages; what they say was decided before.

The letter's number stands in each message's metadata, so that after an unclear failure the thread can be asked whether
it arrived (https://docs.slack.dev/messaging/message-metadata).
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import AsyncIterator
from typing import Any

from bot.platform import AwayError, Delivery, RefusedError, UnreachableError
from bot.slack.accounts import Account, Accounts, channel_of, is_direct, team_of, user_of
from bot.slack.blocks import Posting, render
from bot.slack.hooks import Hooks
from bot.slack.wire import NotInPlaceError, RateLimitedError, SlackRefusedError, TimedOutError, UnclearError, ask, read
from storage.words import Address, Place

EVENT = "comity_letter"
"""The event_type of our metadata."""

PLAIN = {"parse": "none", "link_names": False, "mrkdwn": False, "unfurl_links": False, "unfurl_media": False}
"""Nothing that people typed becomes a mention, a link, a format or a preview."""

PACE = 1.0
"""Seconds between two messages in a channel: https://docs.slack.dev/apis/web-api/rate-limits."""

PATIENCE = 60
"""Seconds that Slack may ask for, and be obeyed on the spot: the letters behind this one wait too."""

LATE = 5.0
"""Seconds that a call which nobody answered in time may still take, before anybody looks what became of it."""

LOOK_BACK = 5
"""Pages of a thread or channel, of 200 messages each, on which a letter is looked for."""


class Slack:
    """The Platform of all our apps."""

    def __init__(self, accounts: Accounts, hooks: Hooks, identity: str, *, rehearsal: bool) -> None:
        """`identity` tells this database from another that the same app served: their letters' numbers are alike."""
        self._accounts = accounts
        self._hooks = hooks
        self._identity = identity
        self._rehearsal = rehearsal
        self._pace: dict[str, float] = {}
        """When the next message may go to a channel, by the monotonic clock."""
        self._doubted = 0
        self._unclear: dict[int, float] = {}
        """Letters of which nobody knows whether they arrived; and when one may look, by the monotonic clock."""
        self._rests: dict[tuple[str, str, str], float] = {}
        """Until when Slack wants no call: of which account, what, and about which channel."""
        self.may_send = False
        """We hold the lease."""

    def doubt(self, letters: int) -> None:
        """Up to this number another process may have sent them and not lived to say so."""
        self._doubted = max(self._doubted, letters)

    @property
    def ready(self) -> bool:
        return self.may_send and bool(self._accounts.open)

    async def deliver(self, delivery: Delivery) -> str:
        try:
            return await self._deliver(delivery)
        except UnclearError as unclear:
            if delivery.letter is not None:
                late = LATE if isinstance(unclear, TimedOutError) else 0.0
                self._unclear[delivery.letter] = time.monotonic() + late
            raise

    async def _deliver(self, delivery: Delivery) -> str:
        postings = render(delivery.message, rehearsal=self._rehearsal)
        if delivery.to is not None:
            return await self._privately(delivery, delivery.to, postings)
        account, channel = await self._there(delivery.place or Place(""))
        thread = delivery.thread if delivery.root_of is None else None
        if delivery.edits is not None:
            return await self._edit(delivery, account, channel, delivery.edits, thread, postings)
        return await self._post(delivery, account, channel, thread, postings)

    async def _there(self, place: Place) -> tuple[Account, str]:
        channel = channel_of(place)
        account = await self._accounts.speaker(channel)
        if account is None:
            if not self._accounts.complete:
                raise UnreachableError("an app of ours is not ready yet")
            raise AwayError(f"none of our apps is in {place}")
        return account, channel

    # To one reader

    async def _privately(self, delivery: Delivery, to: Address, postings: list[Posting]) -> str:
        """Where they asked, if we are there; else by the address that came with the question; else directly."""
        place = delivery.place
        if place is not None and not is_direct(channel_of(place)):
            account = await self._accounts.speaker(channel_of(place))
            if account is not None:
                sent = await self._whisper(delivery, account, channel_of(place), to, postings)
                if sent is not None:
                    return sent
            if (hook := self._hooks.of(place, to)) is not None and await self._hooks.answer(hook, postings):
                return "response_url"
        account = self._accounts.for_person(to)
        if account is None:
            raise UnreachableError("no app of ours is ready yet")
        return await self._post(delivery, account, await self._direct(account, to), None, postings)

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

    async def _post(
        self, delivery: Delivery, account: Account, channel: str, thread: str | None, postings: list[Posting]
    ) -> str:
        """Returns the first message's number: what is too long for one goes on below it."""
        first = None
        doubt = delivery.letter is not None and (delivery.letter <= self._doubted or delivery.letter in self._unclear)
        await asyncio.sleep(self._unclear.get(delivery.letter or 0, 0.0) - time.monotonic())
        arrived = await self._arrived(account, channel, thread, delivery) if doubt else {}
        for number, posting in enumerate(postings):
            key = f"{self._identity}.{delivery.letter}.{number}"
            below = thread or (first if not is_direct(channel) else None)
            sent = arrived.get(key) or await self._say(account, channel, below, posting, key)
            first = first or sent
            if number == 0 and thread is None and first in arrived.values():
                arrived |= await self._arrived(account, channel, first, delivery)
        self._unclear.pop(delivery.letter or 0, None)
        return first or ""

    async def _say(self, account: Account, channel: str, thread: str | None, posting: Posting, key: str) -> str:
        await self._in_turn(channel)
        where = {"channel": channel} | ({"thread_ts": thread} if thread else {})
        metadata = {"event_type": EVENT, "event_payload": {"letter": key}}
        try:
            sent = await self._obeying(
                account, "chat.postMessage", **where, **PLAIN, text=posting.text, blocks=posting.blocks,
                metadata=metadata,
            )  # fmt: skip
        except NotInPlaceError:
            account.sits.pop(channel, None)
            raise
        return str(sent["ts"])

    async def _edit(
        self,
        delivery: Delivery,
        account: Account,
        channel: str,
        edits: str,
        thread: str | None,
        postings: list[Posting],
    ) -> str:
        """The words in place, however often; what is too long for one message stands in the thread."""
        words, *more = postings
        try:  # without metadata: what it has stays
            sent = await self._obeying(
                account, "chat.update", channel=channel, ts=edits, parse="none", link_names=False, text=words.text,
                blocks=words.blocks,
            )  # fmt: skip
        except NotInPlaceError:
            account.sits.pop(channel, None)
            raise
        if more:
            await self._post(delivery, account, channel, thread or edits, more)
        return str(sent["ts"])

    async def _in_turn(self, channel: str) -> None:
        wait = self._pace.get(channel, 0.0) - time.monotonic()
        if wait > 0:
            await asyncio.sleep(wait)
        self._pace[channel] = time.monotonic() + PACE

    async def _obeying(self, account: Account, method: str, **arguments: Any) -> dict[str, Any]:
        """Where Slack asks to wait, nothing was done: wait, and ask the same again; or, if it is long, later."""
        key = (account.name, method, str(arguments["channel"]))
        while True:
            rest = self._rests.get(key, 0.0) - time.monotonic()
            if rest > PATIENCE:
                raise RateLimitedError(method, math.ceil(rest))
            await asyncio.sleep(rest)
            try:
                return await ask(account.client, method, **arguments)
            except RateLimitedError as limited:
                self._rests[key] = time.monotonic() + limited.seconds

    async def _arrived(self, account: Account, channel: str, thread: str | None, delivery: Delivery) -> dict[str, str]:
        """Which parts of a letter stand in the channel or the thread already, by their keys."""
        begins = f"{self._identity}.{delivery.letter}."
        method = "conversations.history" if thread is None else "conversations.replies"
        where = {"channel": channel} | ({} if thread is None else {"ts": thread})
        found: dict[str, str] = {}
        async for message in pages(account, method, LOOK_BACK, **where, include_all_metadata=True):
            key = ((message.get("metadata") or {}).get("event_payload") or {}).get("letter")
            if isinstance(key, str) and key.startswith(begins):
                found[key] = str(message["ts"])
        return found


async def pages(
    account: Account, method: str, most: int, *, what: str = "messages", **arguments: Any
) -> AsyncIterator[dict[str, Any]]:
    """What a listing holds, page by page; raises UnreachableError, AwayError, RefusedError."""
    cursor = ""
    for _ in range(most):
        page = await _patiently(account, method, arguments | {"limit": 200} | ({"cursor": cursor} if cursor else {}))
        for one in page.get(what, ()):
            yield one
        cursor = (page.get("response_metadata") or {}).get("next_cursor") or ""
        if not cursor:
            return


async def _patiently(account: Account, method: str, arguments: dict[str, Any]) -> dict[str, Any]:
    while True:
        try:
            return await read(account.client, method, **arguments)
        except RateLimitedError as limited:
            if limited.seconds > PATIENCE:
                raise
            await asyncio.sleep(limited.seconds)
