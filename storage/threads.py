"""Where the roots of cases and requests stand: queries."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam
from sqlmodel import Session, col, select

from storage.rows import add
from storage.tables import Letter, LetterKind, Receipt, Thread
from storage.words import Place

_STANDING = select(Thread).where(col(Thread.moved_at).is_(None)).order_by(col(Thread.id))
_OF_CASE = _STANDING.where(Thread.case_id == bindparam("case"))
_OF_REQUEST = _STANDING.where(Thread.request_id == bindparam("request"))


def of_case(session: Session, case_id: int) -> Sequence[Thread]:
    """The case's threads that were not moved elsewhere."""
    return session.exec(_OF_CASE, params={"case": case_id}).all()


def of_request(session: Session, request_id: int) -> Sequence[Thread]:
    return session.exec(_OF_REQUEST, params={"request": request_id}).all()


_PLACES = _OF_REQUEST.with_only_columns(col(Thread.place))


def places_of_request(session: Session, request_id: int) -> list[Place]:
    """Where the request's threads stand that were not moved elsewhere."""
    return [Place(place) for (place,) in session.connection().execute(_PLACES, {"request": request_id})]


def at_place(session: Session, place: Place) -> Sequence[Thread]:
    query = select(Thread).where(Thread.place == place, col(Thread.moved_at).is_(None)).order_by(col(Thread.id))
    return session.exec(query).all()


def begin(session: Session, place: Place, *, case_id: int | None = None, request_id: int | None = None) -> int:
    return add(session, Thread, place=place, case_id=case_id, request_id=request_id)


def move_away(session: Session, thread: Thread, now: datetime) -> None:
    thread.moved_at = now
    session.flush()


def below(session: Session, place: Place, message: str) -> Thread | None:
    """The thread whose root the platform knows by this id."""
    query = (
        select(Thread)
        .join(Letter, col(Letter.thread_id) == Thread.id)
        .join(Receipt, col(Receipt.letter_id) == Letter.id)
        .where(Receipt.place == place, Receipt.message == message, Letter.kind == LetterKind.ROOT)
    )
    return session.exec(query).one_or_none()
