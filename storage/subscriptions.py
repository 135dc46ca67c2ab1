"""Digests that are given again and again: queries; when each is given next stands among the due moments."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam
from sqlmodel import Session, col, select

from storage.statement import Statement
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


def keep(
    session: Session, hand: tuple[int, int], place: str, now: datetime, *, network: bool, **values: Any
) -> Subscription:
    """A new one, or the agency's for that place as it is to be from now on; `hand` is agency and officer."""
    found = at(session, hand[0], place, network=network)
    if found is None:
        found = Subscription(agency_id=hand[0], place=place, network=network, officer_id=hand[1], made_at=now, **values)
        session.add(found)
    for name, value in {"officer_id": hand[1], "made_at": now, **values}.items():
        setattr(found, name, value)
    session.flush()
    return found


_LAST_GIVEN = Statement(
    select(Digest.at)
    .where(Digest.agency_id == bindparam("agency"), col(Digest.network).is_(False))
    .order_by(col(Digest.id).desc())
    .limit(1)
)


def last_given(session: Session, agency_id: int) -> datetime | None:
    """When the agency was last given a digest of its own."""
    found: datetime | None = _LAST_GIVEN.scalar(session, agency=agency_id)
    return found
