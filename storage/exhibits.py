"""Exhibits and their chains of custody: queries; every read of an exhibit by a person names its viewer."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import or_
from sqlmodel import Session, col, select

from storage.rows import add
from storage.tables import Custody, Exhibit, LedgerEntry, Request
from storage.visibility import exhibit_visible
from storage.words import Act, Marking, Trouble

TRIED_FOR = timedelta(hours=24)
"""How long a file is asked for that cannot be fetched; what was said to be gone for good is not asked for again."""

BEGINNING = hashlib.sha256(b"comity custody").hexdigest()
"""What the first link of each chain is chained to."""


def attach(session: Session, at: datetime, **values: Any) -> int:
    """A file that is still to be fetched."""
    return add(session, Exhibit, at=at, **values)


def visible(session: Session, viewer: int, exhibit_id: int) -> tuple[Exhibit, Request] | None:
    """The exhibit with its request, if the viewer may see it."""
    query = select(Exhibit, Request).join(Request, col(Request.id) == Exhibit.request_id)
    return session.exec(query.where(Exhibit.id == exhibit_id, exhibit_visible(viewer))).one_or_none()


def by_id(session: Session, exhibit_id: int) -> Exhibit:
    """For the house's own use, where the reader is asked of the rules; raises NoResultFound."""
    return session.get_one(Exhibit, exhibit_id)


def of_reply(session: Session, reply_id: int) -> Sequence[Exhibit]:
    return session.exec(select(Exhibit).where(Exhibit.reply_id == reply_id).order_by(col(Exhibit.id))).all()


def of_request(session: Session, request_id: int) -> Sequence[Exhibit]:
    return session.exec(select(Exhibit).where(Exhibit.request_id == request_id).order_by(col(Exhibit.id))).all()


def of_case(session: Session, viewer: int, case_id: int, limit: int | None) -> Sequence[Exhibit]:
    """Those that the viewer may see, the first ones; None: all."""
    query = select(Exhibit).join(Request, col(Request.id) == Exhibit.request_id)
    query = query.where(Request.case_id == case_id, exhibit_visible(viewer)).order_by(col(Exhibit.id)).limit(limit)
    return session.exec(query).all()


def latest(session: Session, viewer: int, limit: int) -> Sequence[Exhibit]:
    """Those that the viewer may see, the newest first."""
    query = select(Exhibit).join(Request, col(Request.id) == Exhibit.request_id)
    return session.exec(query.where(exhibit_visible(viewer)).order_by(col(Exhibit.id).desc()).limit(limit)).all()


def sums(session: Session) -> dict[str, int]:
    """What the vault must hold: sizes in bytes by sha256."""
    query = select(Exhibit.sha256, Exhibit.size).where(
        col(Exhibit.sha256).is_not(None), col(Exhibit.destroyed_at).is_(None)
    )
    return {str(sha256): int(size or 0) for sha256, size in session.exec(query)}


def names(session: Session) -> dict[str, list[int]]:
    """The exhibits that have the bytes of each sum."""
    query = select(Exhibit.sha256, Exhibit.id).where(
        col(Exhibit.sha256).is_not(None), col(Exhibit.destroyed_at).is_(None)
    )
    found: dict[str, list[int]] = {}
    for sha256, number in session.exec(query.order_by(col(Exhibit.id))):
        found.setdefault(str(sha256), []).append(number or 0)
    return found


class Unfetched(NamedTuple):
    """A file that is not kept; `trouble` None: it is still asked for."""

    number: int
    name: str
    request_id: int
    marking: Marking
    trouble: Trouble | None


def unfetched(session: Session, viewer: int, since: datetime, late: datetime) -> list[Unfetched]:
    """Of requests that the viewer is a party to: given up after `since`, or asked for since before `late`."""
    query = (
        select(Exhibit, Request.marking)
        .join(Request, col(Request.id) == Exhibit.request_id)
        .where(col(Exhibit.sha256).is_(None), Exhibit.at >= since - TRIED_FOR)
        .where(or_(col(Exhibit.trouble).is_not(None), col(Exhibit.at) < late))
        .where(or_(col(Request.asking_id) == viewer, col(Request.asked_id) == viewer))
        .order_by(col(Exhibit.id))
    )
    return [
        Unfetched(one.id or 0, one.name, one.request_id, Marking(marking), one.trouble)
        for one, marking in session.exec(query)
    ]


def chain(session: Session, exhibit_id: int) -> Sequence[Custody]:
    return session.exec(select(Custody).where(Custody.exhibit_id == exhibit_id).order_by(col(Custody.number))).all()


def link(session: Session, exhibit_id: int, act: Act, at: datetime, **values: Any) -> tuple[int, str]:
    """Add a link to the chain; its number, and the hash that is to stand in the ledger."""
    query = select(Custody.number, Custody.hash).where(Custody.exhibit_id == exhibit_id)
    last = session.exec(query.order_by(col(Custody.number).desc()).limit(1)).one_or_none()
    number, before = (last[0] + 1, last[1]) if last else (1, BEGINNING)
    hashed = chained(before, exhibit_id=exhibit_id, number=number, act=act, at=at, **values)
    add(session, Custody, exhibit_id=exhibit_id, number=number, act=act, at=at, hash=hashed, **values)
    return number, hashed


def chained(before: str, **values: Any) -> str:
    """sha256 of the hash before, a line feed, and the link's values as JSON: sorted, in ASCII, times in ISO 8601."""
    said = json.dumps(values, sort_keys=True, separators=(",", ":"), default=datetime.isoformat)
    return hashlib.sha256(f"{before}\n{said}".encode()).hexdigest()


def broken(session: Session, exhibit_id: int) -> int | None:
    """The number of the first link that does not hold; None: the chain holds."""
    before = BEGINNING
    for expected, one in enumerate(chain(session, exhibit_id), start=1):
        values = one.model_dump(exclude={"hash"})
        before = chained(before, **values)
        if one.number != expected or one.hash != before:
            return expected
    return None


class Soundness(StrEnum):
    """What was found when an exhibit was read again."""

    WHOLE = "whole"
    MISSING = "missing"
    CHANGED = "changed"
    SEALED = "sealed"
    """With a key that is not there."""
    CUSTODY = "custody"
    """Its chain of custody does not hold, or is not what the ledger says."""


def unrecorded(session: Session, exhibit_id: int) -> bool:
    """Some link of the chain does not stand in the ledger; it reads all of that."""
    said = set(session.exec(select(LedgerEntry.content).where(col(LedgerEntry.content).contains('"custody":'))))
    recorded = {found["custody"] for found in map(json.loads, said) if "custody" in found}
    return any(one.hash not in recorded for one in chain(session, exhibit_id))
