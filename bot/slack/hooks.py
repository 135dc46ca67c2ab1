"""The addresses at which Slack takes an answer to a question for a while; kept in memory, for they are secrets.

Needed where an app is not in the channel: https://docs.slack.dev/interactivity/handling-user-interaction#message_responses.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field

import aiohttp

from bot.slack.blocks import Posting
from storage.words import Address, Place

LASTS = 28 * 60.0
"""Seconds; Slack's are 30 minutes."""
USES = 5


@dataclass(eq=False)
class Hook:
    url: str = field(repr=False)
    until: float
    """By the monotonic clock."""
    left: int = USES


class Hooks:
    """The newest of each person in each place."""

    def __init__(self) -> None:
        self._kept: dict[tuple[Place, Address], Hook] = {}
        self._sessions: list[aiohttp.ClientSession] = []

    def use(self, session: aiohttp.ClientSession) -> None:
        """Answer through this session, while it is open."""
        self._sessions.append(session)

    def keep(self, place: Place, person: Address, url: str | None) -> None:
        if url:
            now = time.monotonic()
            for old in [key for key, hook in self._kept.items() if hook.until < now]:
                del self._kept[old]
            self._kept[(place, person)] = Hook(url, now + LASTS)

    def of(self, place: Place, person: Address) -> Hook | None:
        hook = self._kept.get((place, person))
        return hook if hook is not None and hook.left > 0 and hook.until > time.monotonic() else None

    async def answer(self, hook: Hook, postings: list[Posting]) -> bool:
        """False: it was not taken, and must go another way."""
        session = next((one for one in reversed(self._sessions) if not one.closed), None)
        if session is None or hook.left < len(postings):
            return False
        for posting in postings:
            hook.left -= 1
            body = {"response_type": "ephemeral", "replace_original": False, "text": posting.text,
                    "blocks": posting.blocks, "parse": "none"}  # fmt: skip
            try:
                async with session.post(hook.url, json=body) as response:
                    if not response.ok:
                        return False
            except (TimeoutError, aiohttp.ClientError, OSError):
                return False
        return True
