"""What stands in the rooms of the embedded workspace, and what happens there, as values; nothing is kept here."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from commands.message import Actions, Button, Message
from storage.words import Address, Place

COMITY = "comity"
"""The author of what the bot says; no person's address has this form."""


class NotThereError(LookupError):
    """What is named does not exist, or not for this person; the text names it."""


_PREFIX = "local:"
_DIRECT = "local:@"


def channel_place(name: str) -> Place:
    return Place(_PREFIX + name)


def direct_place(person: Address) -> Place:
    """Where a person and Comity are alone."""
    return Place(_DIRECT + name_of(person))


def is_direct(place: Place) -> bool:
    return place.startswith(_DIRECT)


def address_of(name: str) -> Address:
    return Address(_PREFIX + name)


def name_of(address: Address | Place | str) -> str:
    """`local:ana` -> ana, `local:ftc` -> ftc, `local:@ana` -> @ana."""
    return address.removeprefix(_PREFIX)


def is_name(text: str) -> bool:
    """Whether a person or a channel could be called so."""
    return re.fullmatch(r"[\w.-]+", text) is not None


@dataclass(frozen=True)
class Posted:
    """A message as it stands now.

    `to`: nobody else sees it. `root` is the id of the message it stands under; `label` the reference whose thread that
    is, or which this message begins. `revision` counts its edits; a deleted message has lost its words.
    """

    id: str
    place: Place
    root: str | None
    label: str | None
    author: str
    to: Address | None
    body: str | Message
    at: datetime
    revision: int
    deleted: bool
    files: tuple[str, ...]
    reactions: tuple[str, ...]

    @property
    def ours(self) -> bool:
        return self.author == COMITY


class Happening(StrEnum):
    POSTED = "posted"
    EDITED = "edited"
    DELETED = "deleted"
    PRESSED = "pressed"
    REACTED = "reacted"


@dataclass(frozen=True)
class Event:
    """One change in the rooms.

    `detail` is what `message` no longer or never says: the words that were deleted, the label that was pressed, the
    reaction.
    """

    what: Happening
    by: str
    message: Posted
    detail: str = ""


def buttons_of(body: str | Message) -> tuple[Button, ...]:
    if isinstance(body, str):
        return ()
    return tuple(button for block in body.blocks if isinstance(block, Actions) for button in block.buttons)
