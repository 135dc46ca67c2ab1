"""Invitations into rooms and the first word there: who may bring us where, and what to do next; it joins nothing."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlmodel import Session

from commands.call import record
from commands.desk import Desk
from commands.draft import Draft
from commands.message import Block, Code, Instant, Message, say
from storage import agencies, ledger, outbox, rooms
from storage.tables import Agency, LetterKind
from storage.words import Address, Place

HOURLY = 10
"""So often may one person invite us within an hour."""


def invited(
    session: Session,
    desk: Desk,
    account: str,
    place: Place,
    inviter: Address,
    now: datetime,
    *,
    direct: bool,
    allowed: bool,
    replaces: bool = False,
) -> None:
    """Decide on an invitation and remember it until it is done.

    An officer brings us anywhere, someone of an allowed homeserver into a direct room; a room that `replaces` one of
    ours is joined whoever invites.
    """
    often = rooms.invited_lately(session, inviter, now) >= HOURLY
    welcome = agencies.officer_at(session, inviter) is not None or (direct and allowed) or replaces
    accepted = welcome and not often
    rooms.invite(session, account, place, inviter, now, direct=direct, accepted=accepted)
    why = None if accepted else "too often" if welcome else "neither an officer nor a direct room of an allowed server"
    noted = record("room:invited" if accepted else "refused:invitation", "", place=place, why=why)
    ledger.append(session, [noted], now, {"by": inviter, "in": place}, desk.salt)


def arrived(
    session: Session, place: Place, *, direct: bool, former: Place | None, now: datetime, away: datetime | None = None
) -> None:
    """Say what to do next, where that is not plain.

    `former` is the room that this one replaces; `away`: since when we were put out, and heard nothing.
    """
    if readers := agencies.readers(session, place):
        if away is not None:
            _say_back(session, place, readers, away, now)
        return
    moved = [code for code, desk in _desks(session, former) if desk] if former else []
    blocks = _upgraded(moved) if moved else _direct() if direct else _room()
    outbox.post(session, [Draft(LetterKind.POST, Message(None, tuple(blocks)), place=place).row()], now)


def _say_back(session: Session, place: Place, readers: Collection[int], away: datetime, now: datetime) -> None:
    """Who puts us out may have done so to speak without us, so what was said then is not read: they know of it."""
    zones = tuple(dict.fromkeys(session.get_one(Agency, number).zone for number in readers))
    words = say(
        "I was not here from ", Instant(away, zones), " on, and have not read what was said. Say again what matters."
    )
    outbox.post(session, [Draft(LetterKind.POST, Message(None, (words,)), place=place).row()], now)


def _desks(session: Session, place: Place) -> Sequence[tuple[str, bool]]:
    readers = agencies.readers(session, place)
    return [(session.get_one(Agency, number).code, desk) for number, desk in readers.items()]


def _upgraded(codes: Sequence[str]) -> list[Block]:
    words = f"This room replaces one that is the desk of {' and '.join(codes)}."
    return [
        say(words),
        *(say(f"A coordinator of {code} moves it here: ", Code(f"/agency desk {code}"), ".") for code in codes),
    ]


def _direct() -> list[Block]:
    return [
        say("I am Comity: officers open cases with me, and ask partner agencies for evidence."),
        say("What I say here only you read. ", Code("/comity help"), " says what can be typed."),
    ]


def _room() -> list[Block]:
    return [
        say("I am Comity: officers open cases with me, and ask partner agencies for evidence."),
        say("To be reached here, a coordinator types ", Code("/agency desk CODE"), " with the agency's code."),
        say(Code("/comity help"), " says what else can be typed."),
    ]
