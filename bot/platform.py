"""What is asked of a platform: deliver this, give me what was attached; nothing here knows a platform by name."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Protocol

from commands.arrival import File
from commands.message import Message
from storage.words import Address, LetterId, Manner, Place, Trouble


class UnreachableError(Exception):
    """Try again later: the place, the server or the network does not answer; the place's queue is kept."""


class AwayError(Exception):
    """We are not in that room, or may not write there: the letter waits, and the operator must mend it."""


class RefusedError(Exception):
    """The platform refuses this letter for good; its text says why, for the operator."""


class FetchError(Exception):
    """What was attached cannot be fetched."""

    def __init__(self, trouble: Trouble) -> None:
        super().__init__(trouble)
        self.trouble = trouble


@dataclass(frozen=True)
class Delivery:
    """One letter, ready to go.

    `letter` is the idempotency key: delivering it twice must show once and return the same id; None for a word that
    could not be put in the outbox ("busy"). `place` is None for a
    direct message to `to`; with both, the message is private to `to` within the place. `thread` and `edits` are the
    platform's own ids of a root and of an earlier message of ours. `root_of` is the reference (C-1, R-1) whose
    thread this message begins. `manner` is how a private message goes where a room knows none.
    """

    letter: LetterId | None
    place: Place | None
    to: Address | None
    thread: str | None
    edits: str | None
    root_of: str | None
    message: Message
    manner: Manner | None = None


class Platform(Protocol):
    @property
    def ready(self) -> bool:
        """False while this process cannot deliver: its letters are not looked at, another may have them."""
        ...

    async def deliver(self, delivery: Delivery) -> str:
        """The platform's id of the message; raises UnreachableError, AwayError or RefusedError."""
        ...


class Source(Protocol):
    """What errands ask of a platform: give me what was attached there."""

    @property
    def ready(self) -> bool:
        """False while this process cannot fetch: another may."""
        ...

    def fetch(self, place: Place, file: File, most: int) -> AsyncIterator[bytes]:
        """What was attached there, in portions, or as much of it as shows that it has more than `most` bytes.

        Raises UnreachableError or FetchError.
        """
        ...
