"""A letter to be, as a value: where it goes, what it says, and what it shows of which case or request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from commands.message import Message, to_json
from storage.tables import Letter, LetterKind
from storage.words import Lane, Manner, Sight

_CHANGING = frozenset({LetterKind.ROOT, LetterKind.REROOT, LetterKind.EDIT})


@dataclass(frozen=True)
class Draft:
    """`case_id` or `request_id` with `sight`: what the door asks about; `agency_id`: whom a private letter is for.

    Raises ValueError for a picture or a file in what is edited in place, a root too: no platform changes those.
    """

    kind: LetterKind
    message: Message
    place: str | None = None
    addressee: str | None = None
    under: str | None = None
    thread_id: int | None = None
    edits_id: int | None = None
    lane: Lane = Lane.NEWS
    case_id: int | None = None
    request_id: int | None = None
    sight: Sight = Sight.NONE
    agency_id: int | None = None
    reply_id: int | None = None
    manner: Manner | None = None
    follows: bool = False
    """It stands below the nearest letter before it that does not."""

    def __post_init__(self) -> None:
        if self.kind in _CHANGING and (self.message.pictures or self.message.files):
            raise ValueError(f"no picture and no file in a letter of the kind {self.kind}")

    def row(self) -> Mapping[str, Any]:
        values = dict(vars(self))
        values["body"] = to_json(values.pop("message"))
        return values


def edit_of(letter: Letter, message: Message) -> Draft:
    """An edit of an earlier letter, for the same eyes."""
    return Draft(
        LetterKind.EDIT,
        message,
        place=letter.place,
        thread_id=letter.thread_id,
        edits_id=letter.id,
        request_id=letter.request_id,
        sight=Sight(letter.sight),
        reply_id=letter.reply_id,
    )
