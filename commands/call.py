"""One command on its way: who asks, where and when; and what comes of it, as values that desk puts into the tables."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session

from commands.arrival import File, Room
from commands.draft import Draft
from commands.message import Message
from commands.refusals import RedTyped
from commands.rules.marking import may_be_typed
from storage.ledger import Record, sha256
from storage.tables import Agency, Officer, Thread
from storage.words import Address, Manner, Marking, Place


@dataclass(frozen=True)
class Actor:
    """A person: an officer with their agency, a stranger (neither), or the operator."""

    address: Address
    officer: Officer | None = None
    agency: Agency | None = None
    operator: bool = False


@dataclass(frozen=True)
class Web:
    """Where we are reached by HTTP (no slash at the end), and words that nobody guesses, new at each call."""

    address: str
    secret: Callable[[], str]


@dataclass(frozen=True)
class Origin:
    """The message that a command was typed in, and what was attached to it."""

    place: Place
    message: str
    files: tuple[File, ...] = ()


@dataclass(frozen=True)
class Call:
    """Everything a handler may know of the moment; `now` is aware UTC.

    `place` is None in a direct message; `below` is the platform's id of the root that it was written under.
    `event` is the request's event number that a pressed button was shown at.
    """

    session: Session
    now: datetime
    actor: Actor
    place: Place | None = None
    thread: Thread | None = None
    below: str | None = None
    event: int | None = None
    room: Room | None = None
    pressed: bool = False
    unseen: bool = False
    """Nobody else reads what was typed, wherever it was."""
    web: Web | None = None
    origin: Origin | None = None

    @property
    def agency(self) -> Agency:
        """The asker's agency; only for commands that strangers and the operator may not give."""
        if self.actor.agency is None:
            raise TypeError("a command for officers reached its handler without one")
        return self.actor.agency

    @property
    def agency_id(self) -> int:
        return key(self.agency.id)

    @property
    def hand(self) -> tuple[int, int]:
        """Agency and officer, as events remember them."""
        if self.actor.officer is None:
            raise TypeError("a command for officers reached its handler without one")
        return self.agency_id, key(self.actor.officer.id)

    @property
    def who(self) -> str:
        """How the others read them: `ana (FTC)`."""
        if self.actor.officer is None:
            return "the operator" if self.actor.operator else str(self.actor.address)
        return named(self.actor.officer, self.agency)

    @property
    def secluded(self) -> bool:
        """Nobody reads along."""
        return self.place is None or self.unseen

    def mind_red(self, marking: Marking, *words: str | None) -> None:
        """Refuse RED words that were typed where others read along.

        The words of a button that a request showed are ours; a button to choose a case repeats what was typed.
        """
        ours = self.pressed and self.event is not None
        if any(words) and not ours and not may_be_typed(marking, secluded=self.secluded):
            raise RedTyped


def key(value: int | None) -> int:
    """The key of a stored row."""
    if value is None:
        raise TypeError("a row that was never stored has no key")
    return value


def named(officer: Officer, agency: Agency) -> str:
    return f"{officer.name} ({agency.code})"


@dataclass(frozen=True)
class Outcome:
    """What a handler leaves to be done: ledger records, letters, and what to say.

    `reply` is for the asker alone, `said` for the room; in a direct message, and to the operator, both are the same.
    `manner` is how the reply goes where a room knows no private messages.
    """

    records: tuple[Record, ...] = ()
    drafts: tuple[Draft, ...] = ()
    reply: Message | None = None
    said: Message | None = None
    manner: Manner = Manner.APART


def record(tag: str, subject: str, text: str | None = None, **details: Any) -> Record:
    """A ledger record; a text goes in as its sum only."""
    if text is not None:
        details["text_sha256"] = sha256(text)
    return Record(tag, subject, {name: value for name, value in details.items() if value is not None})
