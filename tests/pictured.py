"""A letter that carries a picture and documents, for tests of each platform: nothing in it is anybody's case."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlmodel import Session

from commands.draft import Draft
from commands.message import Block, Document, Heading, Message, Picture, say, spans
from storage import outbox
from storage.tables import LetterKind
from storage.words import Address, Marking, Place

AGES = ("under a week", "1 to 2 weeks", "2 to 4 weeks", "older")
PICTURE = Picture(
    "Open requests by partner and age", AGES, (("ACMA", (3, 2, 1, 4)), ("ICO", (0, 0, 0, 0)), ("KISA", (0, 12, 0, 1)))
)
WORDS = """\
Open requests by partner and age
- ACMA: 10 (under a week: 3, 1 to 2 weeks: 2, 2 to 4 weeks: 1, older: 4)
- ICO: 0
- KISA: 13 (1 to 2 weeks: 12, older: 1)"""
PAGE = Document("digest.html", "text/html", "<!DOCTYPE html><title>Digest</title><p>Déjà vu: 1 < 2</p>\n")
TABLE = Document("digest.csv", "text/csv", "partner,open\r\nACMA,10\r\nICO,0\r\nKISA,13\r\n")
PAGE_WORDS, TABLE_WORDS = "[file: digest.html, 60 bytes]", "[file: digest.csv, 39 bytes]"


def digest(title: str, *blocks: Block) -> Message:
    return Message(Marking.AMBER, (Heading(spans(title)), *blocks, say("That is all.")))


def many(partners: int) -> Picture:
    return Picture(PICTURE.title, AGES, tuple((f"PARTNER-{n}", (n, n + 1, 2 * n, 3)) for n in range(partners)))


def letters(session: Session, *drafts: Draft) -> None:
    """Put them in the outbox."""
    outbox.post(session, [draft.row() for draft in drafts], datetime.now(UTC))


def to_place(message: Message, place: str | Place) -> Draft:
    return Draft(LetterKind.POST, message, place=place)


def to_person(message: Message, person: str | Address, place: str | None = None) -> Draft:
    return Draft(LetterKind.PRIVATE, message, place=place, addressee=person)


def below(first: Message, others: Sequence[Message], place: str) -> list[Draft]:
    """The first in a place, the others below it."""
    return [
        to_place(first, place),
        *(Draft(LetterKind.POST, other, place=place, follows=True) for other in others),
    ]
