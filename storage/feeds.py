"""Secret addresses of calendars, of which only sums are kept, and what stands in a calendar: no text is even read."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, bindparam, func, literal_column, select, union_all, update
from sqlmodel import Session, col
from sqlmodel import select as choose

from storage.rows import add, literally, table_of
from storage.statement import Statement
from storage.tables import Agency, Event, Feed, Request
from storage.words import OWED_STATES, Marking, RequestKind, State

MOST = 5000
"""Requests in a calendar that are owed, and owing, and kept; of each the earliest: a calendar program bears no more."""


def make(session: Session, hand: tuple[int, int], sha256: str, now: datetime) -> None:
    """`hand` is agency and officer."""
    add(session, Feed, agency_id=hand[0], officer_id=hand[1], sha256=sha256, made_at=now)


def number(session: Session, agency_id: int | None = None) -> int:
    """How many addresses are good: the agency's, or all."""
    query = choose(func.count()).select_from(Feed).where(col(Feed.revoked_at).is_(None))
    return session.exec(query if agency_id is None else query.where(Feed.agency_id == agency_id)).one()


def revoke(session: Session, agency_id: int, now: datetime) -> int:
    """End all of the agency's; how many were good until now."""
    ended = number(session, agency_id)
    row = table_of(Feed)
    session.execute(update(row).where(row.c.agency_id == agency_id, row.c.revoked_at.is_(None)).values(revoked_at=now))
    return ended


def agency_of(session: Session, sha256: str) -> Agency | None:
    """Whose calendar stands under the secret with that sum; None: there is none, or it was ended."""
    query = choose(Agency).join(Feed, col(Feed.agency_id) == Agency.id)
    return session.exec(query.where(Feed.sha256 == sha256, col(Feed.revoked_at).is_(None))).one_or_none()


class Dated(NamedTuple):
    """A request as a calendar shows it, from one agency's side; `partner` is the other's code."""

    id: int
    number: int
    changed_at: datetime
    """When its last event was."""
    state: State
    kind: RequestKind
    marking: Marking
    at: datetime
    partner: str
    owed: bool
    """The partner owes the answer, not the agency."""


_R, _E, _A = table_of(Request).c, table_of(Event).c, table_of(Agency).c


def _walk(own: ColumnElement[Any], partner: ColumnElement[Any], at: ColumnElement[Any], *wanted: Any) -> Select[Any]:
    """One walk of one index."""
    columns = (_R.id, _R.number, _R.state, _R.kind, _R.marking, at.label("at"), partner.label("partner"))
    owed: ColumnElement[int] = literal_column("1" if own is _R.asking_id else "0")
    ours = select(*columns, owed.label("owed")).where(own == bindparam("viewer"), *wanted)
    return select(ours.order_by(at, _R.id).limit(MOST).subquery(f"{own.name}_{at.name}"))


def _dated(*walks: Select[Any]) -> Statement:
    found = union_all(*walks).subquery("found").c
    columns = (found.id, found.number, _E.at, found.state, found.kind, found.marking, found.at, _A.code, found.owed)
    query = (
        select(*columns)
        .join(table_of(Event), (_E.request_id == found.id) & (_E.number == found.number))
        .join(table_of(Agency), _A.id == found.partner)
    )
    return Statement(query.order_by(found.at, found.id))


_OPEN = _R.state.in_(literally(*OWED_STATES))
_DUE = _dated(
    _walk(_R.asked_id, _R.asking_id, _R.due_at, _OPEN), _walk(_R.asking_id, _R.asked_id, _R.due_at, _OPEN)
)  # fmt: skip
_KEPT = _dated(_walk(_R.asking_id, _R.asked_id, _R.kept_until, _R.kept_until > bindparam("now")))


def due(session: Session, agency_id: int) -> list[Dated]:
    """What the agency owes and is owed, also while it is being clarified; by due time."""
    return [_made(row) for row in _DUE.all(session, viewer=agency_id)]


def kept(session: Session, agency_id: int, now: datetime) -> list[Dated]:
    """The agency's own requests whose data are still kept, by when that ends."""
    return [_made(row) for row in _KEPT.all(session, viewer=agency_id, now=now)]


def _made(row: tuple[Any, ...]) -> Dated:
    *rest, owed = row
    return Dated._make([*rest, bool(owed)])
