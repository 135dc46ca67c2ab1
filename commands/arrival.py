"""What comes in, as a value: one message, edit, deletion, press or reaction, whatever platform it came from."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from storage.words import Address, Place


class ArrivalKind(StrEnum):
    MESSAGE = "message"
    EDIT = "edit"
    DELETION = "deletion"
    PRESS = "press"
    REACTION = "reaction"
    DUE = "due"
    """Nobody did it: a moment has come; see due_arrival."""
    ERRAND = "errand"
    """What was to be done outside is done: see errand_arrival."""
    UNREADABLE = "unreadable"
    """A message that we were not given the key of: its revision is 0 while it may come, 1 when it is too late, and -1
    when it has come, and the message with it."""


@dataclass(frozen=True)
class Room:
    """What the platform knows of a place, where it matters (a desk is set there)."""

    public: bool
    members: tuple[Address, ...]


@dataclass(frozen=True)
class File:
    """One thing that was attached, as its platform tells of it; nothing of it is believed before it is fetched.

    `at` is how it is fetched, written and read by the platform's own part; it may hold the key of an encrypted file.
    `id` is the platform's own.
    """

    id: str
    name: str
    at: str
    media_type: str | None = None


@dataclass(frozen=True)
class Arrival:
    """One thing that a person did.

    `key` makes a second coming harmless: the same key is performed once, for ever.
    `message` is the platform's id of the message written, edited, deleted, pressed or reacted to; `thread` the
    platform's id of the root that it stands under (for a press or a reaction on a root: that root), None outside one.
    `revision` orders the edits of one message. `direct`: nobody else reads the place. `muted`: we may not write there.
    `unseen`: nobody else reads what was typed, though others read the place: a form, a slash command.
    """

    key: str
    kind: ArrivalKind
    person: Address
    place: Place
    message: str
    text: str
    thread: str | None = None
    direct: bool = False
    event: int | None = None
    files: tuple[File, ...] = ()
    revision: int = 0
    room: Room | None = None
    muted: bool = False
    unseen: bool = False


def message_key(place: Place, message: str, revision: int = 0) -> str:
    """The key of a message (revision 0), of its edits (1, 2, ...) and of its deletion (-1)."""
    return f"{place} {message} {revision}"


CLOCK = Address("clock")


def due_arrival(job: str, at: datetime) -> Arrival:
    """The moment at which a job is to be done: once for ever, whoever notices it."""
    moment = at.isoformat()
    return Arrival(f"due {job} {moment}", ArrivalKind.DUE, CLOCK, Place(CLOCK), job, moment)


def errand_arrival(job: str, person: Address, place: Place, result: str, **where: Any) -> Arrival:
    """What came of an errand (`fetch:5`), for whom: once for ever, whoever did it."""
    return Arrival(f"errand {job}", ArrivalKind.ERRAND, person, place, job, result, **where)


def write_arrival(arrival: Arrival) -> str:
    """As JSON, in ASCII: whatever a client sent, every database takes it."""
    return json.dumps(asdict(arrival))


def read_arrival(text: str) -> Arrival:
    """Raises KeyError or TypeError on what write_arrival did not write.

    What an earlier version wrote has the number of its files only: that one told their writer that it took none.
    """
    fields = json.loads(text)
    files = fields.pop("files", ())
    fields["files"] = () if isinstance(files, int) else tuple(File(**one) for one in files)
    room = fields.pop("room")
    kind = ArrivalKind(fields.pop("kind"))
    return Arrival(**fields, kind=kind, room=Room(room["public"], tuple(room["members"])) if room else None)
