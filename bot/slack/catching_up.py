"""What was said while nobody listened: history of desks and direct messages, replies of open threads; it keeps nothing.

Slack brings an event a few times within five minutes and never again. What is looked at twice is taken once: keys are
those that events have.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine

from bot.platform import AwayError, RefusedError
from bot.slack import events
from bot.slack.accounts import Account, Accounts, channel_of
from bot.slack.calls import pages
from bot.slack.events import Said
from bot.slack.hearing import Hearing
from bot.slack.wire import RightError, TokenError
from commands.arrival import message_key
from storage import agencies, arrivals, threads
from storage.session import transaction
from storage.words import Place

log = logging.getLogger(__name__)

MOST_PAGES = 500
"""Of 200 messages: a channel whose last 100,000 nobody has heard is not one that we were away from."""


@dataclass(frozen=True)
class _Seen:
    at: float
    said: Said


class CatchingUp:
    """One app's."""

    def __init__(self, account: Account, accounts: Accounts, engine: Engine, hearing: Hearing) -> None:
        self._account = account
        self._accounts = accounts
        self._engine = engine
        self._hearing = hearing

    async def since(self, moment: float, *, everywhere: bool) -> None:
        """Take what was said after this moment (seconds since 1970), in order, once; or only where we fell behind.

        A place that we cannot look into is passed over: a letter to it says so. Raises UnreachableError, BusyError,
        TokenError, RightError.
        """
        roots = await asyncio.to_thread(self._open_roots)
        if everywhere:
            self._account.sits.clear()  # who came and went meanwhile, nobody told
            self._hearing.turns.fall_behind(await self._channels(roots))
        channels = self._hearing.turns.behind
        for channel in channels:
            async with self._hearing.turns.catching_up(channel):
                try:
                    await self._channel(channel, moment, roots.get(channel, ()))
                except (TokenError, RightError):
                    raise
                except (AwayError, RefusedError) as error:
                    log.warning("%s: what was said in a channel cannot be looked at: %s", self._account.name, error)

    async def _channels(self, roots: Mapping[str, Sequence[str]]) -> list[str]:
        """Those where this app hears, and its direct messages."""
        found = [channel for channel in roots if await self._accounts.speaker(channel) is self._account]
        listing = pages(self._account, "conversations.list", MOST_PAGES, what="channels", types="im")
        return [*found, *[str(one["id"]) async for one in listing]]

    def _open_roots(self) -> dict[str, list[str]]:
        """By channel, the roots of what is open; desks without any too."""
        with transaction(self._engine, reading=True) as session:
            desks = [Place(desk.place) for desk in agencies.all_desks(session)]
            found: dict[str, list[str]] = {channel_of(place): [] for place in desks if place.startswith("slack:")}
            for place, root in threads.open_roots(session, "slack:"):
                found.setdefault(channel_of(place), []).append(root)
        return found

    async def _channel(self, channel: str, oldest: float, roots: Sequence[str]) -> None:
        after = f"{oldest:.6f}"
        found = [one async for one in self._messages("conversations.history", channel=channel, oldest=after)]
        begun = {str(one["ts"]) for one in found if float(one.get("latest_reply") or 0) > oldest}
        heard = list(found)
        for root in dict.fromkeys((*roots, *sorted(begun))):
            try:
                replies = [one async for one in self._messages("conversations.replies", channel=channel, ts=root)]
            except RefusedError as error:  # the root was deleted
                log.info("%s: a thread cannot be looked at: %s", self._account.name, error)
                continue
            heard += [one for one in replies if float(one["ts"]) > oldest or _edited_at(one) > oldest]
            found += replies[:1]
        await self._take(channel, heard, oldest)
        await self._reactions(
            channel, {str(one["ts"]): one for one in found if self._accounts.is_ours(one.get("user"))}
        )

    async def _messages(self, method: str, **arguments: Any) -> AsyncIterator[Mapping[str, Any]]:
        async for message in pages(self._account, method, MOST_PAGES, **arguments):
            yield message

    async def _take(self, channel: str, messages: Sequence[Mapping[str, Any]], oldest: float) -> None:
        """What was said, oldest first; of what was known before, the edits."""
        by_number = {str(message["ts"]): message for message in messages}
        place = self._accounts.place(self._account, channel)
        known = await asyncio.to_thread(self._known, [message_key(place, number) for number in by_number])
        found: list[_Seen] = []
        for number, message in by_number.items():
            original = events.said({**message, "channel": channel})
            if original is None:
                continue
            if message_key(place, number) not in known and float(number) > oldest:
                found.append(_Seen(float(number), original))
            elif _edited_at(message) > oldest:
                found.append(_Seen(_edited_at(message), events.edited(message, channel)))
        for seen in sorted(found, key=lambda one: one.at):
            await self._hearing.say(seen.said)

    def _known(self, keys: Sequence[str]) -> frozenset[str]:
        with transaction(self._engine, reading=True) as session:
            return frozenset(arrivals.known(session, keys))

    async def _reactions(self, channel: str, ours: Mapping[str, Mapping[str, Any]]) -> None:
        for number, message in ours.items():
            for reaction in message.get("reactions", ()):
                for user in reaction.get("users", ()):
                    if not self._accounts.is_ours(user):
                        await self._hearing.reacted(channel, number, str(user), str(reaction["name"]))


def _edited_at(message: Mapping[str, Any]) -> float:
    return float((message.get("edited") or {}).get("ts") or 0)
