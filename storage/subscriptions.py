"""Digests that are given again and again: queries; when each is given next stands among the due moments."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func
from sqlmodel import Session, col, select

from storage.tables import Digest, Subscription


def by_id(session: Session, number: int) -> Subscription | None:
    return session.get(Subscription, number)


def of_agency(session: Session, agency_id: int) -> Sequence[Subscription]:
    query = select(Subscription).where(Subscription.agency_id == agency_id)
    return session.exec(query.order_by(col(Subscription.network), Subscription.place)).all()


def at(session: Session, agency_id: int, place: str, *, network: bool) -> Subscription | None:
    """The agency's for that place."""
    query = select(Subscription).where(
        Subscription.agency_id == agency_id, Subscription.place == place, Subscription.network == network
    )
    return session.exec(query).one_or_none()


def last_given(session: Session, agency_id: int) -> datetime | None:
    """When the agency was last given a digest of its own."""
    return session.exec(select(func.max(Digest.at)).where(Digest.agency_id == agency_id)).one()
