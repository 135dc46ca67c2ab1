"""Replies with their revisions, and what is held: queries."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, func
from sqlmodel import Session, col, select

from storage.rows import add
from storage.tables import Held, Letter, LetterKind, Reply, ReplyRevision
from storage.words import Address, Place

HELD_EACH = 10
"""How many messages of one person are held at once."""

HELD_FOR = timedelta(days=30)


def keep(session: Session, text: str, at: datetime, **values: object) -> int:
    """A new reply with its first wording."""
    reply = add(session, Reply, at=at, **values)
    add(session, ReplyRevision, reply_id=reply, number=1, text=text, at=at)
    return reply


def by_message(session: Session, place: Place, message: str) -> Reply | None:
    return session.exec(select(Reply).where(Reply.place == place, Reply.message == message)).one_or_none()


def wording(session: Session, reply_id: int) -> Sequence[ReplyRevision]:
    """All wordings, the first one first."""
    query = select(ReplyRevision).where(ReplyRevision.reply_id == reply_id).order_by(col(ReplyRevision.number))
    return session.exec(query).all()


def reword(session: Session, reply_id: int, text: str, at: datetime) -> None:
    number = session.exec(select(func.count()).where(ReplyRevision.reply_id == reply_id)).one() + 1
    add(session, ReplyRevision, reply_id=reply_id, number=number, text=text, at=at)


def part_from_message(session: Session, reply: Reply) -> None:
    """The message became an internal note: if it is edited back, that is another reply."""
    reply.message = f"{reply.message} ({reply.id})"
    session.flush()


def of_request(session: Session, request_id: int) -> Sequence[Reply]:
    """In the order in which they were written, which is not that in which held ones were let go."""
    query = select(Reply).where(Reply.request_id == request_id).order_by(col(Reply.at), col(Reply.id))
    return session.exec(query).all()


def copies(session: Session, reply_id: int) -> Sequence[Letter]:
    """The letters in which a reply went to its other threads."""
    query = select(Letter).where(Letter.reply_id == reply_id, Letter.kind == LetterKind.POST).order_by(col(Letter.id))
    return session.exec(query).all()


def hold(session: Session, address: Address, at: datetime, **values: object) -> bool:
    """Keep what a person wrote who may not say it yet; False if too much of theirs is held already."""
    _forget(session, at)
    if session.exec(select(func.count()).where(Held.address == address)).one() >= HELD_EACH:
        return False
    add(session, Held, address=address, at=at, **values)
    return True


def held_of(session: Session, address: Address, now: datetime) -> Sequence[Held]:
    """What is held of this person, in the order in which they wrote it."""
    _forget(session, now)
    return session.exec(select(Held).where(Held.address == address).order_by(col(Held.id))).all()


def _forget(session: Session, now: datetime) -> None:
    """What nobody's enrolment let go in time is kept no longer."""
    session.execute(delete(Held).where(col(Held.at) < now - HELD_FOR))


def held_message(session: Session, place: Place, message: str) -> Held | None:
    return session.exec(select(Held).where(Held.place == place, Held.message == message)).one_or_none()


def drop_held(session: Session, held: Held) -> None:
    """It is let go, or its writer took it back."""
    session.execute(delete(Held).where(col(Held.id) == held.id))
    session.expunge(held)
