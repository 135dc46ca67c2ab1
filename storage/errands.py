"""What is to be done outside of a transaction, for whom and when next: queries; what is done is not known here."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, or_
from sqlmodel import Session, col, select

from storage.rows import add
from storage.tables import Errand
from storage.words import Address, Place

FIRST, LONGEST = timedelta(seconds=2), timedelta(hours=1)
"""How long an errand that failed waits for its next try: each time twice as long as before, up to the longest."""


def order(session: Session, job: str, person: Address, place: Place, payload: str, now: datetime) -> None:
    add(session, Errand, job=job, person=person, place=place, payload=payload, at=now, not_before=now)


def due(
    session: Session, now: datetime, limit: int, platforms: Collection[str], busy: Collection[str] = ()
) -> Sequence[Errand]:
    """Those that may be done now, on these platforms only, the longest waiting first."""
    there = or_(*(col(Errand.place).startswith(f"{one}:", autoescape=True) for one in platforms))
    query = select(Errand).where(col(Errand.not_before) <= now, col(Errand.job).not_in(busy), there)
    return session.exec(query.order_by(col(Errand.not_before), col(Errand.job)).limit(limit)).all()


def by_job(session: Session, job: str) -> Errand | None:
    """None: its result was entered."""
    return session.get(Errand, job)


def are_left(session: Session, kind: str) -> bool:
    """Whether any errand of this kind (the word before the colon) is still to be done."""
    return session.exec(select(Errand.job).where(col(Errand.job).startswith(f"{kind}:")).limit(1)).first() is not None


def try_later(session: Session, job: str, now: datetime) -> None:
    errand = session.get(Errand, job)
    if errand is not None:
        errand.not_before = now + min(FIRST * 2**errand.attempts, LONGEST)
        errand.attempts += 1
        session.flush()


def done(session: Session, job: str) -> None:
    """Its words, and keys, are gone."""
    session.execute(delete(Errand).where(col(Errand.job) == job))
