"""How often Slack lets an app call; what is too often is the caller's to refuse."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

_TIERS = {1: 30.0, 2: 20.0, 3: 50.0, 4: 100.0}
"""Calls a minute. Slack promises 1 of the first tier, and lets an app that starts do more."""

TIER_OF: Mapping[str, int] = {
    "apps.connections.open": 1,
    "bots.info": 3,
    "chat.delete": 3,
    "chat.postEphemeral": 4,
    "chat.update": 3,
    "conversations.history": 3,
    "conversations.info": 3,
    "conversations.join": 3,
    "conversations.list": 2,
    "conversations.members": 4,
    "conversations.open": 3,
    "conversations.replies": 3,
    "files.completeUploadExternal": 4,
    "files.getUploadURLExternal": 4,
    "files.info": 4,
    "reactions.add": 3,
    "team.info": 3,
    "users.info": 4,
    "users.list": 2,
    "views.open": 4,
    "views.publish": 4,
    "views.push": 4,
    "views.update": 4,
}


@dataclass(frozen=True)
class Limits:
    """Strict as Slack is. `posts` are chat.postMessage a second and channel, `burst` as many at once."""

    posts: float = 1.0
    burst: float = 2.0
    per_minute: Mapping[str, float] = field(default_factory=lambda: {name: _TIERS[t] for name, t in TIER_OF.items()})


NONE = Limits(math.inf, math.inf, {})
"""No limits, for tests that are about something else."""


class Meter:
    """Counts, in buckets that fill again with time."""

    def __init__(self, limits: Limits, now: Callable[[], float]) -> None:
        self.limits = limits
        self._now = now
        self._buckets: dict[tuple[str, ...], tuple[float, float]] = {}

    def wait(self, method: str, token: str, channel: str) -> int | None:
        """Count a call, or return the whole seconds after which it may come again."""
        if method == "chat.postMessage":
            return self._take((method, token, channel), self.limits.posts, self.limits.burst)
        minute = self.limits.per_minute.get(method)
        return None if minute is None else self._take((method, token), minute / 60, minute)

    def _take(self, key: tuple[str, ...], rate: float, most: float) -> int | None:
        if math.isinf(rate):
            return None
        now = self._now()
        left, at = self._buckets.get(key, (most, now))
        left = min(most, left + (now - at) * rate)
        if left >= 1:
            self._buckets[key] = (left - 1, now)
            return None
        self._buckets[key] = (left, now)
        return max(1, math.ceil((1 - left) / rate))
