"""What a sync left out: pages of history, read backwards until everything on them is known; it keeps nothing."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from typing import Any

import nio

from bot.matrix import events
from bot.matrix.accounts import Account
from bot.matrix.answers import ask
from bot.matrix.events import Event
from commands.arrival import message_key
from storage.arrivals import BEFORE
from storage.words import Place

PAGE = 100
"""Events a look or a page."""

MOST_PAGES = 500
"""A room whose last 50,000 events nobody has heard is not one that we were away from."""

Known = Callable[[Sequence[str]], Awaitable[Mapping[str, str | None]]]
"""Which of these keys were taken already, and what became of them."""


async def since_known(
    account: Account, room: str, timeline: Any, known: Known, place: Place, ours: Collection[str]
) -> list[Event]:
    """What was said in the room since we last heard, oldest first; nothing from before we came.

    No `end` is given to the homeserver: what a partner's server was late with stands further back than that. Raises
    UnreachableError.
    """
    said, entire = _since_joined([event.source for event in timeline.events], account.user)
    token = timeline.prev_batch
    if entire or not timeline.limited:
        return said
    for _ in range(MOST_PAGES):
        if token is None:
            break
        page = await ask(
            account.client, account.client.room_messages(room, token, limit=PAGE), nio.RoomMessagesResponse
        )
        older, entire = _since_joined([event.source for event in reversed(page.chunk)], account.user)
        new, met = await _unknown(older, known, place, ours)
        said = new + said
        if entire or met or not page.chunk:
            break
        token = page.end
    return said


def _since_joined(found: list[Event], user: str) -> tuple[list[Event], bool]:
    """What came after our own joining, if that is among it; and whether it is."""
    for at in range(len(found) - 1, -1, -1):
        if _is_joining(found[at], user):
            return found[at + 1 :], True
    return found, False


def _is_joining(event: Event, user: str) -> bool:
    """A membership that changed to joined: a new display name is the same membership again."""
    if event.get("type") != "m.room.member" or event.get("state_key") != user:
        return False
    before = event.get("unsigned", {}).get("prev_content", {}).get("membership")
    return bool(event.get("content", {}).get("membership") == "join" and before != "join")


async def _unknown(older: list[Event], known: Known, place: Place, ours: Collection[str]) -> tuple[list[Event], bool]:
    """What of a page is new; and whether the page shows that all before it is known."""
    heard = {number for number, event in enumerate(older) if events.is_taken(event) and event.get("sender") not in ours}
    keys = {events.key_of(older[number], place): number for number in sorted(heard)}
    marks = {message_key(place, str(event["event_id"])): at for at, event in enumerate(older)}
    became = await known([*keys, *marks])
    history = [marks[key] for key, what in became.items() if what == BEFORE and key in marks]
    begins = max(history, default=-1) + 1
    new = [older[number] for key, number in keys.items() if number >= begins and key not in became]
    return new, bool(history) or (bool(keys) and not new)
