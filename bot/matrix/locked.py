"""Messages whose key has not come yet: tried again after each look, and told to their writer when it is too late."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import nio

from bot.matrix import crypto
from bot.matrix.client import Client
from bot.matrix.events import Event
from commands.arrival import Arrival, ArrivalKind

PATIENCE = 20.0
"""Seconds: a key may come after its message, from another server or behind a hundred other keys."""

COME, LATE = -1, 1
"""Revisions of an unreadable message: its key has come; it has not come in time."""


@dataclass(frozen=True)
class _Locked:
    room: str
    arrival: Arrival
    event: Any
    until: float


@dataclass
class Locked:
    """One account's. What is here waits in the tables too: a restart tells its writer at once."""

    client: Client
    _kept: dict[str, _Locked] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self._kept)

    def keep(self, room: str, arrivals: Iterable[Arrival], said: Iterable[Event]) -> None:
        """Remember those of the arrivals that nobody can read yet, with their events."""
        sources = {str(event["event_id"]): event for event in said}
        for arrival in arrivals:
            if arrival.kind is ArrivalKind.UNREADABLE and arrival.key not in self._kept:
                event = _sealed(sources[arrival.message], room)
                self._kept[arrival.key] = _Locked(room, arrival, event, time.monotonic() + PATIENCE)

    def opened(self) -> dict[str, list[Event]]:
        """The events that can be read by now, by room, oldest first; each is given once."""
        found: dict[str, list[Event]] = {}
        for locked in tuple(self._kept.values()):
            event = crypto.unlocked(self.client, locked.event) if locked.event is not None else None
            if event is not None:
                found.setdefault(locked.room, []).append(event.source)
        return found

    def settled(self, opened: Mapping[str, list[Event]]) -> list[Arrival]:
        """What is to be made of those that wait no longer: of the opened ones nothing, of the others a word."""
        read = {str(event["event_id"]) for events in opened.values() for event in events}
        done = []
        for key, locked in tuple(self._kept.items()):
            come = locked.arrival.message in read
            if come or time.monotonic() > locked.until:
                done.append(replace(locked.arrival, revision=COME if come else LATE))
                del self._kept[key]
        return done


def late(arrival: Arrival) -> Arrival:
    """Of an earlier process: its keys are known, and this one was not among them."""
    return replace(arrival, revision=LATE) if arrival.kind is ArrivalKind.UNREADABLE else arrival


def _sealed(source: Event, room: str) -> Any:
    """As nio knows it; None if it is none that nio could ever open."""
    event = nio.Event.parse_encrypted_event(dict(source))
    if not isinstance(event, nio.MegolmEvent):
        return None
    event.room_id = room
    return event
