"""Where the roots of cases and requests stand: queries."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam, or_
from sqlmodel import Session, col, select

from storage.rows import add, literally
from storage.statement import Statement, object_of
from storage.tables import Case, Letter, LetterKind, Receipt, Request, Thread
from storage.words import OPEN_STATES, Place

_STANDING = select(Thread).where(col(Thread.moved_at).is_(None)).order_by(col(Thread.id))
_OF_CASE = Statement(_STANDING.where(Thread.case_id == bindparam("case")))
_BY_REQUEST = _STANDING.where(Thread.request_id == bindparam("request"))
_OF_REQUEST = Statement(_BY_REQUEST)


def of_case(session: Session, case_id: int) -> Sequence[Thread]:
    """The case's threads that were not moved elsewhere."""
    return [object_of(session, Thread, row) for row in _OF_CASE.all(session, case=case_id)]


def of_request(session: Session, request_id: int) -> Sequence[Thread]:
    return [object_of(session, Thread, row) for row in _OF_REQUEST.all(session, request=request_id)]


_BY_ID = Statement(select(Thread).where(Thread.id == bindparam("thread")))


def by_id(session: Session, thread_id: int) -> Thread | None:
    found = _BY_ID.one(session, thread=thread_id)
    return object_of(session, Thread, found) if found else None


_PLACES = Statement(_BY_REQUEST.with_only_columns(col(Thread.place)))


def places_of_request(session: Session, request_id: int) -> list[Place]:
    """Where the request's threads stand that were not moved elsewhere."""
    return [Place(place) for (place,) in _PLACES.all(session, request=request_id)]


def at_place(session: Session, place: Place) -> Sequence[Thread]:
    query = select(Thread).where(Thread.place == place, col(Thread.moved_at).is_(None)).order_by(col(Thread.id))
    return session.exec(query).all()


def begin(session: Session, place: Place, *, case_id: int | None = None, request_id: int | None = None) -> int:
    return add(session, Thread, place=place, case_id=case_id, request_id=request_id)


def move_away(session: Session, thread: Thread, now: datetime) -> None:
    thread.moved_at = now
    session.flush()


_BELOW = Statement(
    select(Thread)
    .join(Letter, col(Letter.thread_id) == Thread.id)
    .join(Receipt, col(Receipt.letter_id) == Letter.id)
    .where(Receipt.place == bindparam("place"), Receipt.message == bindparam("message"), Letter.kind == LetterKind.ROOT)
)


def root_of(session: Session, place: Place, message: str) -> str | None:
    """The platform's id of the root above a message of ours."""
    query = (
        select(Letter.thread_id)
        .join(Receipt, col(Receipt.letter_id) == Letter.id)
        .where(Receipt.place == place, Receipt.message == message)
    )
    thread = session.exec(query).one_or_none()
    root = (
        select(Receipt.message)
        .join(Letter, col(Letter.id) == Receipt.letter_id)
        .where(Letter.thread_id == thread, Letter.kind == LetterKind.ROOT)
    )
    return session.exec(root).one_or_none() if thread is not None else None


def below(session: Session, place: Place, message: str) -> Thread | None:
    """The thread whose root the platform knows by this id."""
    found = _BELOW.one(session, place=place, message=message)
    return object_of(session, Thread, found) if found else None


def open_roots(session: Session, platform: str) -> list[tuple[Place, str]]:
    """Where the roots of open cases and requests stand on a platform (`slack:`), with its ids of them."""
    query = (
        select(Thread.place, Receipt.message)
        .join(Letter, col(Letter.thread_id) == Thread.id)
        .join(Receipt, col(Receipt.letter_id) == Letter.id)
        .join(Request, col(Request.id) == Thread.request_id, isouter=True)
        .join(Case, col(Case.id) == Thread.case_id, isouter=True)
        .where(
            Letter.kind == literally(LetterKind.ROOT),
            col(Thread.moved_at).is_(None),
            col(Thread.place).startswith(platform, autoescape=True),
            or_(col(Request.state).in_(OPEN_STATES), (col(Case.id).is_not(None)) & (col(Case.closed_at).is_(None))),
        )
        .order_by(col(Thread.id))
    )
    return [(Place(place), message) for place, message in session.exec(query)]
