"""Commands whose writer was asked for a missing value: one question a person, place and thread."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import bindparam, delete
from sqlmodel import Session, col, select

from storage.rows import add
from storage.statement import Statement
from storage.tables import Question
from storage.words import Address


def asked(session: Session, address: Address, place: str, thread: str) -> Question | None:
    return session.get(Question, (address, place, thread))


def newest(session: Session, address: Address, field: str) -> Question | None:
    """The last question to this person for this value, wherever it stands."""
    theirs = select(Question).where(Question.address == address, Question.field == field)
    order = (col(Question.asked_at).desc(), col(Question.place), col(Question.thread))
    return session.exec(theirs.order_by(*order).limit(1)).one_or_none()


_DROP = Statement(
    delete(Question).where(
        col(Question.address) == bindparam("writer"),
        col(Question.place) == bindparam("where"),
        col(Question.thread) == bindparam("below"),
    )
)


def drop(session: Session, address: Address, place: str, thread: str) -> None:
    """Forget the question that stands there, if one does."""
    _DROP.run(session, {"writer": address, "where": place, "below": thread})


def ask(
    session: Session, address: Address, place: str, thread: str, now: datetime, *, command: str, given: str, field: str
) -> None:
    """Remember the question in place of the one that stood there."""
    drop(session, address, place, thread)
    add(
        session, Question, address=address, place=place, thread=thread, asked_at=now,
        command=command, given=given, field=field,
    )  # fmt: skip
