"""Releases of exhibits to agencies, asked for, agreed, refused or lapsed: queries."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from storage.rows import add
from storage.tables import Release


def ask(session: Session, now: datetime, **values: Any) -> int:
    return add(session, Release, asked_at=now, **values)


def by_id(session: Session, release_id: int) -> Release:
    """Raises NoResultFound."""
    return session.get_one(Release, release_id)


def open_for(session: Session, exhibit_id: int, to_id: int) -> Release | None:
    """What still waits for a word of the originator."""
    query = select(Release).where(Release.exhibit_id == exhibit_id, Release.to_id == to_id)
    return session.exec(query.where(col(Release.agreed).is_(None), col(Release.lapsed_at).is_(None))).one_or_none()


def agreed(session: Session, exhibit_id: int, to_id: int) -> bool:
    query = select(Release.id).where(Release.exhibit_id == exhibit_id, Release.to_id == to_id)
    query = query.where(col(Release.agreed).is_(True))
    return session.exec(query.limit(1)).first() is not None
