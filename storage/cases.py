"""Cases, the agencies on them and what happened: queries; every read of a case names its viewer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam
from sqlmodel import Session, col, select

from storage.once import once
from storage.rows import add, add_all
from storage.statement import Statement, object_of
from storage.tables import Case, CaseAgency, Event, Request
from storage.visibility import case_visible
from storage.words import OPEN_STATES, Marking

_VISIBLE = Statement(select(Case).where(Case.id == bindparam("case"), case_visible(bindparam("viewer"), col(Case.id))))


def visible(session: Session, viewer: int, case_id: int) -> Case | None:
    found = _VISIBLE.one(session, case=case_id, viewer=viewer)
    return object_of(session, Case, found) if found else None


_BY_ID = Statement(select(Case).where(Case.id == bindparam("case")))


def by_id(session: Session, case_id: int) -> Case:
    """For the house's own use (the door), where the reader is asked of the rules; raises LookupError."""
    found = _BY_ID.one(session, case=case_id)
    if found is None:
        raise LookupError(case_id)
    return object_of(session, Case, found)


def of_request(session: Session, request: Request) -> Case:
    """The case of a request that the viewer was already found entitled to."""
    return by_id(session, request.case_id)


_ON_CASE = (
    select(CaseAgency)
    .where(CaseAgency.case_id == bindparam("case"), col(CaseAgency.removed_at).is_(None))
    .order_by(col(CaseAgency.added_at), col(CaseAgency.agency_id))
)


def on_case(session: Session, case_id: int) -> dict[int, CaseAgency]:
    """The agencies on the case now, in the order in which they came."""
    return {row.agency_id: row for row in session.exec(_ON_CASE, params={"case": case_id})}


_AGENCIES_ON = Statement(_ON_CASE.with_only_columns(col(CaseAgency.agency_id)))


def agencies_on(session: Session, case_id: int) -> Sequence[int]:
    """The keys of the agencies on the case now, in the order in which they came."""

    def read() -> Sequence[int]:
        return [agency for (agency,) in _AGENCIES_ON.all(session, case=case_id)]

    return once(session, CaseAgency, case_id, read)


_THEIR_REFS = Statement(_ON_CASE.with_only_columns(col(CaseAgency.agency_id), col(CaseAgency.their_ref)))


def their_refs(session: Session, case_id: int) -> dict[int, str | None]:
    """Each agency's own file number of the case, in the order in which the agencies came."""
    return dict(_THEIR_REFS.all(session, case=case_id))


def listing(
    session: Session,
    viewer: int,
    *,
    open_only: bool | None,
    agency_id: int | None = None,
    officer_id: int | None = None,
    words: str | None = None,
    limit: int,
) -> Sequence[Case]:
    """The newest first; `open_only` None: open and closed; `words`: in the title, and in any order."""
    query = select(Case).where(case_visible(viewer, col(Case.id))).order_by(col(Case.id).desc()).limit(limit)
    if open_only is not None:
        query = query.where(col(Case.closed_at).is_(None) if open_only else col(Case.closed_at).is_not(None))
    if agency_id is not None:
        query = query.where(case_visible(agency_id, col(Case.id)))
    if officer_id is not None:
        query = query.where(Case.officer_id == officer_id)
    for word in (words or "").split():
        query = query.where(col(Case.title).icontains(word, autoescape=True))
    return session.exec(query).all()


def open_here(session: Session, viewer: int, place: str, limit: int) -> Sequence[Case]:
    """The viewer's open cases, those that were opened in this place first."""
    query = (
        select(Case)
        .where(case_visible(viewer, col(Case.id)), col(Case.closed_at).is_(None))
        .order_by((col(Case.place) == place).desc(), col(Case.id).desc())
        .limit(limit)
    )
    return session.exec(query).all()


def open_requests(session: Session, case_id: int) -> Sequence[Request]:
    """All of a case's open requests; who may see how much of each is the caller's to ask."""
    query = (
        select(Request).where(Request.case_id == case_id, col(Request.state).in_(OPEN_STATES)).order_by(col(Request.id))
    )
    return session.exec(query).all()


def all_requests(session: Session, case_id: int) -> Sequence[Request]:
    return session.exec(select(Request).where(Request.case_id == case_id).order_by(col(Request.id))).all()


def open_cases_of(session: Session, agency_id: int) -> Sequence[Case]:
    query = (
        select(Case).where(case_visible(agency_id, col(Case.id)), col(Case.closed_at).is_(None)).order_by(col(Case.id))
    )
    return session.exec(query).all()


def start(session: Session, agencies: Sequence[int], now: datetime, *, marking: Marking, **values: object) -> int:
    """A new case with these agencies on it, the opener first."""
    case_id = add(session, Case, marking=marking, opened_at=now, agency_id=agencies[0], **values)
    add_all(session, CaseAgency, [{"case_id": case_id, "agency_id": agency, "added_at": now} for agency in agencies])
    return case_id


def join(session: Session, case_id: int, agency_id: int, now: datetime) -> None:
    """Put an agency on the case; one that was on it before comes back with its own reference."""
    former = session.get(CaseAgency, (case_id, agency_id))
    if former is None:
        add(session, CaseAgency, case_id=case_id, agency_id=agency_id, added_at=now)
    else:
        former.removed_at, former.added_at = None, now
        session.flush()


def note_event(
    session: Session, case_id: int, tag: str, actor: tuple[int, int], now: datetime, text: str | None
) -> None:
    """Remember what happened; `actor` is agency and officer."""
    add(session, Event, case_id=case_id, tag=tag, agency_id=actor[0], officer_id=actor[1], at=now, text=text)


def events(session: Session, viewer: int, case_id: int) -> Sequence[Event]:
    """What happened to the case and to all of its requests; how much of a request is shown is the caller's to ask."""
    query = (
        select(Event).where(Event.case_id == case_id, case_visible(viewer, col(Event.case_id))).order_by(col(Event.id))
    )
    return session.exec(query).all()
