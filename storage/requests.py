"""Requests and their events: queries; every read of a request names its viewer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam
from sqlmodel import Session, col, select

from storage.rows import add, literally
from storage.statement import Statement, object_of
from storage.tables import Event, Request
from storage.visibility import request_sight, request_visible
from storage.words import OPEN_STATES, OWED_STATES, Reason, RequestKind, Sight, State, Step


def visible(session: Session, viewer: int, request_id: int) -> tuple[Request, Sight] | None:
    """The request, and how much of it the viewer may see."""
    query = select(Request, request_sight(viewer)).where(Request.id == request_id, request_visible(viewer))
    found = session.exec(query).one_or_none()
    return (found[0], Sight(found[1])) if found else None


_BY_ID = Statement(select(Request).where(Request.id == bindparam("request")))


def by_id(session: Session, request_id: int) -> Request:
    """For the house's own use (threads, the door), where the reader is asked of the rules; raises LookupError."""
    found = _BY_ID.one(session, request=request_id)
    if found is None:
        raise LookupError(request_id)
    return object_of(session, Request, found)


def of_case(session: Session, viewer: int, case_id: int) -> Sequence[tuple[Request, Sight]]:
    query = (
        select(Request, request_sight(viewer))
        .where(Request.case_id == case_id, request_visible(viewer))
        .order_by(col(Request.id))
    )
    return [(request, Sight(sight)) for request, sight in session.exec(query)]


def open_of(session: Session, agency_id: int) -> Sequence[Request]:
    """All open requests to which the agency is a party."""
    query = (
        select(Request)
        .where(
            (col(Request.asking_id) == agency_id) | (col(Request.asked_id) == agency_id),
            col(Request.state).in_(OPEN_STATES),
        )
        .order_by(col(Request.id))
    )
    return session.exec(query).all()


def owed_by(session: Session, agency_id: int) -> Sequence[Request]:
    """All that the agency is asked and has not answered yet."""
    query = select(Request).where(Request.asked_id == agency_id, col(Request.state).in_(literally(*OWED_STATES)))
    return session.exec(query.order_by(col(Request.id))).all()


def owed_to(session: Session, agency_id: int) -> Sequence[Request]:
    """All that the agency asks and that was not answered yet."""
    query = select(Request).where(Request.asking_id == agency_id, col(Request.state).in_(literally(*OWED_STATES)))
    return session.exec(query.order_by(col(Request.id))).all()


def kept_for(session: Session, agency_id: int, now: datetime) -> Sequence[Request]:
    """All that the agency asks and whose data are kept for a while."""
    query = select(Request).where(Request.asking_id == agency_id, col(Request.kept_until) > now)
    return session.exec(query.order_by(col(Request.id))).all()


def follow_ups(session: Session, request: Request) -> Sequence[int]:
    """The numbers of what its asking agency asked the same agency afterwards in the same case, but to keep data."""
    query = select(Request.id).where(
        Request.case_id == request.case_id,
        Request.asking_id == request.asking_id,
        Request.asked_id == request.asked_id,
        col(Request.id) > request.id,
        Request.kind != RequestKind.PRESERVE,
        Request.state != State.WITHDRAWN,
    )
    return [number or 0 for number in session.exec(query.order_by(col(Request.id)))]


def send(session: Session, now: datetime, **values: object) -> int:
    """A new request with its first event."""
    request_id = add(session, Request, state=State.SENT, number=1, sent_at=now, **values)
    add(
        session,
        Event,
        request_id=request_id,
        number=1,
        case_id=values["case_id"],
        tag="request:sent",
        step=Step.SEND,
        state=State.SENT,
        agency_id=values["asking_id"],
        officer_id=values["officer_id"],
        at=now,
        due_at=values["due_at"],
    )
    return request_id


def take_step(
    session: Session,
    request: Request,
    step: Step,
    tag: str,
    state: State,
    actor: tuple[int, int],
    now: datetime,
    *,
    text: str | None = None,
    reason: Reason | None = None,
    due_at: datetime | None = None,
) -> None:
    """Write the event and move the request on; `actor` is agency and officer."""
    request.number += 1
    request.state = state
    if step is Step.ANSWER and state is State.ANSWERED:
        request.answered_at = now
    elif step is Step.CLOSE:
        request.closed_at = now
    elif step is Step.REOPEN:
        request.answered_at = request.closed_at = None
    add(
        session,
        Event,
        request_id=request.id,
        case_id=request.case_id,
        number=request.number,
        tag=tag,
        step=step,
        state=state,
        agency_id=actor[0],
        officer_id=actor[1],
        at=now,
        text=text,
        reason=reason,
        due_at=due_at,
    )
    session.flush()


def stood_since(session: Session, request: Request) -> datetime:
    """Since when the clock has stood for its present due time, if it is being clarified: that may be newer."""
    moved = col(Event.step).in_((Step.EXTEND, Step.AGREE)) & (col(Event.agency_id) == request.asking_id)
    query = select(Event.at).where(Event.request_id == request.id, (col(Event.step) == Step.CLARIFY) | moved)
    return session.exec(query.order_by(col(Event.number).desc()).limit(1)).one()


def events(session: Session, request_id: int) -> Sequence[Event]:
    query = select(Event).where(Event.request_id == request_id).order_by(col(Event.number))
    return session.exec(query).all()
