"""Secret addresses of calendars, of which only sums are kept, and the requests that stand in a calendar."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import and_, func, or_, update
from sqlmodel import Session, col, select

from storage.rows import add, literally, table_of
from storage.tables import Agency, Event, Feed, Request
from storage.words import RUNNING_STATES

MOST = 5000
"""Requests in a calendar, at most: more are more than a calendar program bears."""


def make(session: Session, hand: tuple[int, int], sha256: str, now: datetime) -> None:
    """`hand` is agency and officer."""
    add(session, Feed, agency_id=hand[0], officer_id=hand[1], sha256=sha256, made_at=now)


def number(session: Session, agency_id: int) -> int:
    """How many addresses of the agency's are good."""
    query = select(func.count()).select_from(Feed).where(Feed.agency_id == agency_id, col(Feed.revoked_at).is_(None))
    return session.exec(query).one()


def revoke(session: Session, agency_id: int, now: datetime) -> int:
    """End all of the agency's; how many were good until now."""
    ended = number(session, agency_id)
    row = table_of(Feed)
    session.execute(update(row).where(row.c.agency_id == agency_id, row.c.revoked_at.is_(None)).values(revoked_at=now))
    return ended


def agency_of(session: Session, sha256: str) -> Agency | None:
    """Whose calendar stands under the secret with that sum; None: there is none, or it was ended."""
    query = select(Agency).join(Feed, col(Feed.agency_id) == Agency.id)
    return session.exec(query.where(Feed.sha256 == sha256, col(Feed.revoked_at).is_(None))).one_or_none()


def requests_of(session: Session, agency_id: int) -> Sequence[tuple[Request, datetime]]:
    """The agency's requests that run, or whose data are kept for it; each with the time of its last step."""
    row = col(Request.state).in_(literally(*RUNNING_STATES))
    kept = and_(col(Request.asking_id) == agency_id, col(Request.kept_until).is_not(None))
    party = or_(col(Request.asking_id) == agency_id, col(Request.asked_id) == agency_id)
    query = (
        select(Request, Event.at)
        .join(Event, and_(col(Event.request_id) == Request.id, col(Event.number) == Request.number))
        .where(or_(and_(party, row), kept))
        .order_by(col(Request.due_at), col(Request.id))
        .limit(MOST)
    )
    return session.exec(query).all()
